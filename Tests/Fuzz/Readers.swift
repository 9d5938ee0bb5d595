// Gives each reader of files whatever libFuzzer makes up: it may throw, and nothing else.

import Adjoint
import Foundation

/// The readers, by the names that `run` knows.
private let readers: [String: @Sendable ([UInt8]) throws(FileError) -> Void] = [
  "idx": { bytes throws(FileError) in
    let tensor = try IDX.decode(bytes, name: "fuzz")
    guard bytes[0] == 0 else { return }
    // What is read has the shape that the header says, and the file as many bytes as that needs.
    let extents = (0..<Int(bytes[3])).map { axis in
      Int(UInt32(bigEndian: bytes[(4 + 4 * axis)..<(8 + 4 * axis)]))
    }
    let size = [8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8][bytes[2]] ?? 0
    require(
      tensor.shape == extents && bytes.count == 4 + 4 * extents.count + size * tensor.count,
      "fuzz: \(tensor.type) is not what was read")
  },
  "safetensors": { bytes throws(FileError) in
    let file = try Safetensors.decode(bytes, name: "fuzz")
    // All bytes behind the header are those of one tensor each.
    let sizes = file.entries.map(\.range.count).reduce(0, +)
    let header = Int(UInt64(littleEndian: bytes[..<8]))
    require(8 + header + sizes == bytes.count, "fuzz: \(sizes) bytes are not all")
    for entry in file.entries where entry.dtype != nil {
      do throws(FileError) {
        let tensor = try file.tensor(entry.name)
        require(tensor.shape == entry.shape, "fuzz: \(tensor.type) is not \(entry.shape)")
      } catch { require(!error.description.isEmpty, "fuzz: an error without words") }
    }
  },
  "index": { bytes throws(FileError) in
    // In a folder of no files: only names may come out of it.
    _ = try Safetensors(
      index: ByteSource(bytes, name: "fuzz"), in: URL(filePath: "/nowhere/at/all"))
  },
  "npy": { bytes throws(FileError) in
    let tensor = try NPY.decode(bytes, name: "fuzz")
    require(tensor.count <= bytes.count, "fuzz: \(tensor.type) of \(bytes.count) bytes")
  },
  "npz": { bytes throws(FileError) in _ = try NPZ.decode(bytes, name: "fuzz") },
  "inflate": { bytes throws(FileError) in
    var inflater = Inflater(
      ByteSource(bytes, name: "fuzz"), 0..<bytes.count, limit: 1 << 20)
    _ = try inflater.run()
    require(
      inflater.output.count <= min(1 << 20, 1032 * bytes.count),
      "fuzz: \(inflater.output.count) of \(bytes.count) bytes")
  },
  "csv": { bytes throws(FileError) in
    let table = try CSVTable.decode(bytes, name: "fuzz", missing: [])
    // Written and read again it is the same.
    var reader = try CSVReader(decoding: bytes, name: "fuzz")
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append(row.fields) }
    require(rows.count == table.count, "fuzz: \(rows.count) rows are not \(table.count)")
    var text = CSVTable.line(reader.header)
    for row in rows { text += CSVTable.line(row) }
    var again = try CSVReader(decoding: Array(text.utf8), name: "fuzz")
    require(again.header == reader.header, "fuzz: another header")
    for row in rows {
      let next = try again.next()
      require(next?.fields == row, "fuzz: \(row) is \(next?.fields ?? []) when it is written")
    }
  },
  "checkpoint": { bytes throws(FileError) in try readCheckpoint(bytes) },
  "image": { bytes throws(FileError) in
    let image = try Netpbm.decode(bytes, name: "fuzz")
    require(image.count <= bytes.count, "fuzz: \(image.type) of \(bytes.count) bytes")
  },
]

private let reader: @Sendable ([UInt8]) throws(FileError) -> Void = {
  if let folder = ProcessInfo.processInfo.environment["ADJOINT_FUZZ_SEEDS"] {
    do { try writeCheckpoints(to: URL(filePath: folder)) } catch { stop("fuzz: \(error)") }
    // Not exit(), which libFuzzer takes for a fault.
    _exit(0)
  }
  let name = ProcessInfo.processInfo.environment["ADJOINT_FUZZ"] ?? ""
  guard let reader = readers[name] else {
    stop("fuzz: there is no reader \(name); give one of \(readers.keys.sorted())")
  }
  return reader
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do throws(FileError) {
    try reader(bytes)
  } catch {
    require(!error.description.isEmpty, "fuzz: an error without words")
  }
  return 0
}
