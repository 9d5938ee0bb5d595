// Gives the reader of IDX files whatever libFuzzer makes up: it may throw, and nothing else.

import Adjoint

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIDX(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do throws(IDXError) {
    let tensor = try IDX.decode(bytes, name: "fuzz")
    // What is read has the shape that the header says, and the file as many bytes as that needs.
    let extents = (0..<Int(bytes[3])).map { axis in
      bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
    let size = [8: 1, 9: 1, 11: 2, 12: 4, 13: 4, 14: 8][bytes[2]] ?? 0
    require(
      tensor.shape == extents && bytes.count == 4 + 4 * extents.count + size * tensor.count,
      "fuzz: \(tensor.type) is not what was read")
  } catch {
    require(!error.description.isEmpty, "fuzz: an error without words")
  }
  return 0
}
