import Adjoint
import AdjointFixtures
import Foundation
import Testing

@testable import AdjointData

@Suite("Files of NumPy")
struct NumPyTests {
  /// A file of version 1.0 with a header as it stands.
  static func file(_ header: String, _ bytes: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
    let length = UInt32(header.utf8.count).lowByteFirst.prefix(version == 1 ? 2 : 4)
    return NPY.magic + [version, 0] + length + Array(header.utf8) + bytes
  }

  private func message(_ bytes: [UInt8]) -> String {
    do throws(FileError) {
      _ = try NPY.decode(bytes, name: "f")
      return ""
    } catch { return error.description }
  }

  private func message(_ header: String, _ bytes: [UInt8] = []) -> String {
    message(Self.file(header, bytes))
  }

  @Test(arguments: ["arrays.npz", "arrays-deflated.npz"])
  func everyTypeIsRead(_ archive: String) throws {
    let arrays = try NPZ.read(Fixture.file(archive))
    #expect(arrays.count == 46)
    for (name, array) in arrays where name.first!.isLetter && name.dropFirst().first!.isNumber {
      let numbers = (0..<6).map(Double.init)
      let (values, dtype): ([Double], DType) =
        switch name.first {
        case "f": (numbers.map { $0 / 4 - 0.5 }, name.hasPrefix("f8") ? .float64 : .float32)
        case "i": (numbers.map { $0 - 3 }, .int32)
        case "u": (numbers, .int32)
        default: (numbers.map { $0.truncatingRemainder(dividingBy: 2) }, .bool)
        }
      #expect(array == Tensor(values, shape: [2, 3], dtype: dtype), "\(name)")
    }
    #expect(
      arrays["rank 3 fortran"]
        == Tensor.range(0..<24, dtype: .float32).reshaped(to: [2, 3, 4]))
    #expect(arrays["scalar"] == Tensor(2.5 as Double))
    #expect(arrays["empty"]?.type == TensorType(.float32, [0, 3]))
    let long = [Float](try #require(arrays["long"]))
    #expect(long.count == 15_800)
    #expect(Array(long[..<12_800]) == (0..<12_800).map { Float($0 % 64) })
  }

  @Test func packedAndStoredAreTheSame() throws {
    let stored = try NPZ.read(Fixture.file("arrays.npz"))
    #expect(try NPZ.read(Fixture.file("arrays-deflated.npz")) == stored)
  }

  @Test func everyVersionIsRead() throws {
    for version in 1...3 {
      #expect(try NPY.read(Fixture.file("version-\(version).npy")) == .range(0..<3))
    }
    #expect(message(Self.file("", version: 4)).contains("is of version 4.0; save it in one of"))
  }

  @Test func whatIsWrittenIsWhatNumPyWrites() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.npy")
      try NPY.write(.range(0..<3), to: file)
      #expect(try Data(contentsOf: file) == Data(contentsOf: Fixture.file("version-1.npy")))
      let tensors: [String: Tensor] = [
        "a": Tensor([[.nan, -0.0, 1]]), "b/c": .zeros([]), "é": .zeros([2, 0], dtype: .float64),
        "d": Tensor([true, false]), "e": Tensor([.min, .max] as [Int32]),
      ]
      for tensor in tensors.values {
        try NPY.write(tensor, to: file)
        let read = try NPY.read(file)
        #expect(read.type == tensor.type && [Double](read).count == tensor.count)
      }
      let archive = folder.appendingPathComponent("a.npz")
      try NPZ.write(tensors, to: archive)
      let read = try NPZ.read(archive)
      #expect(Set(read.keys) == Set(tensors.keys))
      for (name, tensor) in tensors {
        #expect(read[name]?.type == tensor.type)
        #expect(
          read[name].map { [Double]($0).map(\.bitPattern) } == [Double](tensor).map(\.bitPattern))
      }
      try NPZ.write([:], to: archive)
      #expect(try NPZ.read(archive).isEmpty)
    }
  }

  @Test func whatTensorsHereDoNotHaveIsRefusedByName() throws {
    let words = [
      "complex": "complex numbers", "text": "texts", "bytes": "texts", "object": "Python's objects",
      "structured": "records", "datetime": "times",
      "longdouble": "floating-point numbers of another size",
    ]
    for (name, word) in words {
      let error = #expect(throws: FileError.self) {
        try NPY.read(Fixture.file("refused-\(name).npy"))
      }
      #expect("\(error!)".contains("\(word), which tensors here do not have; "), "\(error!)")
    }
    let complex = #expect(throws: FileError.self) {
      try NPY.read(Fixture.file("refused-complex.npy"))
    }
    #expect(
      "\(complex!)"
        == "refused-complex.npy: it is of the type \"<c8\", complex numbers, which tensors "
        + "here do not have; convert it with astype('float32') where it was made")
  }

  @Test func rowsAreReadWhenTheyAreAskedFor() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.npy")
      let all = Tensor.range(0..<12, dtype: .float32).reshaped(to: [4, 3])
      try NPY.write(all, to: file)
      let rows = try NPY.rows(file)
      #expect(rows.shape == [4, 3])
      #expect(try rows.rows([3, 1]) == all.gather(Tensor([3, 1] as [Int32]), along: 0))
    }
  }

  @Test func aHeaderIsNotBelieved() {
    let right = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"
    #expect(message(right, [0, 0, 0, 0]) == "")
    #expect(message("{\"shape\":(1),'fortran_order':True,'descr':'|u1'}\n", [7]) == "")
    #expect(message(right, [0, 0, 0]) == "f: ends after 70 bytes of 71; get it again, whole")
    #expect(
      message(right, [0, 0, 0, 0, 0])
        == "f: has 72 bytes where its header says 71; get it again")
    #expect(message([UInt8]()) == "f: ends after 0 bytes of 10; get it again, whole")
    #expect(message([0x50, 0x4B]) == "f: is no npy file: it starts with [80, 75]")
    for (header, part) in [
      ("{}", "lacks descr, fortran_order or shape"), ("", "has no {"),
      ("{'descr': '<f4', 'descr': '<f4'}", "has a member \"descr\" that it should not have"),
      ("{'x': 1}", "has a member \"x\""), ("{'descr': <f4}", "has no text"),
      ("{'descr': '<f4", "ends within a text"), ("{'fortran_order': 1}", "has no True or False"),
      ("{'shape': (-1,)}", "has an extent that is no number"), ("{'shape': [1]}", "has no ("),
      ("{'shape': (1 2)}", "has no )"), ("{'shape': (99999999999999999999,)}", "has an extent"),
      ("\(right) x", "goes on after its end"), ("{'descr': [('x', '<f4')]}", "records"),
    ] {
      #expect(message(header).contains(part), "\(header): \(message(header))")
    }
    let huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}"
    #expect(message(huge).contains("more than can be counted"))
    let large = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"
    #expect(message(large).contains("ends after"))
    #expect(message(NPY.magic + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF]).contains("ends after"))
  }

  /// Every prefix, and every bit turned: an error or the same arrays, never anything else.
  @Test(arguments: ["arrays.npz", "arrays-deflated.npz"])
  func damagedArchivesAreToldOrTheSame(_ archive: String) throws {
    let whole = try [UInt8](Data(contentsOf: Fixture.file(archive)))
    let right = try NPZ.decode(whole, name: "f")
    for length in stride(from: 0, to: whole.count, by: 997) {
      #expect(throws: FileError.self) { try NPZ.decode(Array(whole[..<length]), name: "f") }
    }
    var generator = Philox(seed: 3)
    var (same, different) = (0, 0)
    for _ in 0..<60 {
      var changed = whole
      let place = Int.random(in: 0..<whole.count, using: &generator)
      changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      guard let read = try? NPZ.decode(changed, name: "f") else { continue }
      // A name, a date or what is in no one's field may differ; elements may not.
      if Set(read.keys) == Set(right.keys) {
        if read == right { same += 1 } else { different += 1 }
      }
    }
    #expect(different == 0 && same < 60)
  }

  @Test func archivesThatContradictThemselvesAreRefused() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.npz")
      try NPZ.write(["a": Tensor([1, 2]), "b": Tensor([3, 4])], to: file)
      let whole = try [UInt8](Data(contentsOf: file))
      func message(_ change: (inout [UInt8]) -> Void) -> String {
        var changed = whole
        change(&changed)
        do throws(FileError) {
          _ = try NPZ.decode(changed, name: "f")
          return ""
        } catch { return error.description }
      }
      let directory = Int(UInt32(littleEndian: whole[(whole.count - 6)..<(whole.count - 2)]))
      let second = directory + 46 + 5
      #expect(message { _ in } == "")
      // Two members at one place, which would be unpacked twice.
      #expect(
        message {
          $0[second + 42] = 0
          $0[second + 43] = 0
        }.contains("overlaps another member"))
      #expect(message { $0[second + 46] = UInt8(ascii: "a") }.contains("it has two arrays \"a\""))
      #expect(
        message { $0[directory + 8] |= 1 }.contains("\"a.npy\" is encrypted; decrypt it first"))
      #expect(message { $0[directory + 10] = 12 }.contains("is packed by method 12"))
      #expect(message { $0[directory + 16] ^= 1 }.contains("is not what its checksum says"))
      #expect(message { $0[directory + 24] += 1 }.contains("is not where its directory says"))
      #expect(message { $0[directory + 10] = 8 } != "")
      #expect(message { $0[$0.count - 12] += 1 } != "")
      #expect(message { $0 += [0] }.contains("has no directory of its members"))
      #expect(message { $0 = [1, 2, 3] } == "f: is no zip file: it starts with [1, 2, 3]")
    }
  }

  @Test func codesThatDoNotFitAreNone() {
    // Kraft's sum has to be 1.
    #expect(HuffmanCode(lengths: [1, 1, 1]) == nil)
    #expect(HuffmanCode(lengths: [1, 2]) == nil)
    #expect(HuffmanCode(lengths: [2, 1, 3, 3]) != nil)
    #expect(HuffmanCode(lengths: [0, 1, 0]) != nil)
    // The code of RFC 1951, §3.2.2: A to H with lengths 3, 3, 3, 3, 3, 2, 4, 4 are 010, 011, 100, 101, 110, 00,
    // 1110 and 1111.
    let code = HuffmanCode(lengths: [3, 3, 3, 3, 3, 2, 4, 4])
    for (symbol, bits) in ["010", "011", "100", "101", "110", "00", "1110", "1111"].enumerated() {
      let stream = UInt64(String(bits.reversed()), radix: 2)!
      #expect(code!.symbol(stream) == (symbol, bits.count))
    }
  }

  @Test func checksumsAreRight() {
    // The check value of the catalogue of CRC algorithms, and that of nothing.
    #expect(CRC32.of(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.of([]) == 0)
  }
}
