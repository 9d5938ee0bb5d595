import Adjoint
import AdjointFixtures
import Foundation
import Testing

@testable import AdjointData

@Suite("Files of the safetensors format")
struct SafetensorsTests {
  /// A file of a header and bytes.
  static func file(_ header: String, _ bytes: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + bytes
  }

  private func problem(_ bytes: [UInt8]) -> FileError.Problem? {
    do throws(FileError) {
      _ = try Safetensors.decode(bytes, name: "f").tensors()
      return nil
    } catch { return error.problem }
  }

  private func message(_ header: String, _ bytes: [UInt8] = []) -> String {
    problem(Self.file(header, bytes)).map { "\(FileError(file: "f", problem: $0))" } ?? ""
  }

  @Test func everyTypeOfElementIsRead() throws {
    let file = try Safetensors.read(Fixture.file("types.safetensors"))
    #expect(file.metadata == ["é \"\n": "\\ \u{1} 😀"])
    #expect(file.entry("F16")?.storedType == "F16" && file.entry("F16")?.dtype == .float32)
    #expect(file.entry("F8_E4M3")?.dtype == nil)
    #expect(try file.tensor("F64") == Tensor([0.1, -2.5e300] as [Double]))
    #expect(try file.tensor("F32") == Tensor([0.1, -3e38]))
    // The half nearest to 0.1 is 1638.0·2⁻¹⁴, and that nearest to 6·10⁻⁸ is the least one, 2⁻²⁴.
    #expect(try file.tensor("F16") == Tensor([1638 * 0x1p-14, -65504, 0x1p-24, .infinity]))
    // The first 16 bits of the floats, rounded to nearest: 0x3DCD and 0xFF62.
    #expect(
      try file.tensor("BF16")
        == Tensor([Float(bitPattern: 0x3DCD_0000), Float(bitPattern: 0xFF62_0000), .infinity]))
    let integers: [(String, [Int32])] = [
      ("I64", [1, .max, .min]), ("U64", [1, .max]), ("I32", [1, .max, .min]), ("U32", [1, .max]),
      ("I16", [1, 32767, -32768]), ("U16", [1, 65535]), ("I8", [1, 127, -128]), ("U8", [1, 255]),
    ]
    for (name, values) in integers { #expect(try file.tensor(name) == Tensor(values), "\(name)") }
    #expect(try file.tensor("BOOL") == Tensor([true, false, true]))
    #expect(try file.tensor("scalar") == Tensor(7))
    #expect(try file.tensor("empty") == .zeros([0, 3]))
  }

  @Test func allHalvesAreRight() {
    // Against the definition: (−1)^s · 2^(e−15) · (1 + f/1024), and 2⁻¹⁴ · f/1024 for e = 0.
    for bits in UInt16.min...UInt16.max {
      let (e, f) = (Int(bits >> 10 & 31), Double(bits & 1023))
      let size =
        switch e {
        case 0: f / 1024 * 0x1p-14
        case 31: f == 0 ? Double.infinity : .nan
        default: (1 + f / 1024) * Double(sign: .plus, exponent: e - 15, significand: 1)
        }
      let (got, want) = (float(half: bits), Float(bits >> 15 == 1 ? -size : size))
      let isRight = want.isNaN ? got.isNaN : got.bitPattern == want.bitPattern
      if !isRight { Issue.record("\(bits) is \(got), not \(want)") }
    }
  }

  @Test func whatTensorsHereDoNotHaveIsRefusedByName() throws {
    let file = try Safetensors.read(Fixture.file("types.safetensors"))
    let eight = #expect(throws: FileError.self) { try file.tensor("F8_E4M3") }
    #expect(
      "\(eight!)"
        == "types.safetensors: \"F8_E4M3\" is of the type \"F8_E4M3\", which tensors here do not "
        + "have; convert it to F32 where it was made")
    #expect(throws: FileError.self) { try file.tensor("F8_E5M2") }
    let large = #expect(throws: FileError.self) { try file.tensor("I64 that is large") }
    #expect(
      "\(large!)"
        == "types.safetensors: element 1 of \"I64 that is large\" is 2147483648, which fits no "
        + "int32; save it as a floating-point type")
    let missing = #expect(throws: FileError.self) { try file.tensor("scalr") }
    #expect(
      "\(missing!)" == "types.safetensors: has no tensor \"scalr\"; the nearest name is \"scalar\"")
    let new = message(#"{"a":{"dtype":"F3","shape":[3],"data_offsets":[0,1]}}"#, [1])
    #expect(new.hasPrefix("f: \"a\" is of the type \"F3\", which"))
  }

  @Test func whatIsWrittenIsWhatTheLibraryWrites() throws {
    let tensors: [String: Tensor] = [
      "b": Tensor([true, false]), "a": Tensor([[1, 2], [3, 4]]), "é": Tensor([5] as [Int32]),
      "z": Tensor([6, 7] as [Double]), "Z": Tensor(8),
    ]
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("order.safetensors")
      try Safetensors.write(tensors, metadata: ["made by": "a test"], to: file)
      let (got, want) = try (
        Data(contentsOf: file), Data(contentsOf: Fixture.file("order.safetensors"))
      )
      #expect(got == want)
      #expect(try Safetensors.read(file).tensors() == tensors)
    }
  }

  @Test func everyValueComesBack() throws {
    let tensors: [String: Tensor] = [
      "": .zeros([]), "long \"name\"\n\u{7}": .full([70_000], 3), "none": .zeros([2, 0, 3]),
      "numbers": Tensor([.nan, -0.0, .infinity, .leastNonzeroMagnitude]),
      "integers": Tensor([.min, .max] as [Int32]), "😀": Tensor([[true], [false]]),
      "broadcast": Tensor([1, 2]).broadcast(to: [3, 2]),
    ]
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      try Safetensors.write(tensors, metadata: ["\u{1F}\\": "\t/"], to: file)
      let read = try Safetensors.read(file)
      #expect(read.metadata == ["\u{1F}\\": "\t/"])
      #expect(Set(read.names) == Set(tensors.keys))
      for (name, tensor) in tensors {
        let got = try read.tensor(name)
        #expect(got.type == tensor.type)
        let isSame = got.withBytes { got in unsafe tensor.withBytes { unsafe got.elementsEqual($0) }
        }
        #expect(isSame, "\(name)")
      }
      // Where the elements start, 8 divides.
      let bytes = try [UInt8](Data(contentsOf: file))
      #expect(bytes[0] % 8 == 0)
      try Safetensors.write([:], to: file)
      #expect(try Safetensors.read(file).names.isEmpty)
    }
  }

  @Test func severalPartsAreRead() throws {
    let whole = try Safetensors.read(Fixture.file("torch-net.safetensors"))
    let parts = try Safetensors.read(Fixture.file("net.safetensors.index.json"))
    #expect(Set(parts.names) == Set(whole.names) && parts.names.count > 8)
    for name in whole.names { #expect(try parts.tensor(name) == whole.tensor(name)) }
  }

  @Test func indexesThatLeadAstrayAreRefused() throws {
    func message(_ index: String) throws -> String {
      try withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("m.safetensors.index.json")
        try Data(index.utf8).write(to: file)
        try Safetensors.write(
          ["a": Tensor(1), "b": Tensor(2)], to: folder.appendingPathComponent("1"))
        let error = #expect(throws: FileError.self) { try Safetensors.read(file) }
        return "\(error!)"
      }
    }
    for name in ["../1", "/etc/passwd", "..", ".", "", "x\\\\1", "1\\u0000"] {
      let text = try message("{\"weight_map\":{\"a\":\"\(name)\"}}")
      #expect(text.contains("the index sends \"a\" to"), "\(name): \(text)")
    }
    #expect(
      try message(#"{"weight_map":{"a":"1"}}"#)
        == "m.safetensors.index.json: \"1\" holds \"b\", which the index has elsewhere")
    #expect(
      try message(#"{"weight_map":{"a":"1","b":"1","c":"1"}}"#)
        == "m.safetensors.index.json: has no tensor \"c\" in \"1\"")
    #expect(try message("{}") == "m.safetensors.index.json: has no weight_map")
    #expect(
      try message(#"{"weight_map":{"a":"2"}}"#) == "2: cannot be read: no such file or directory")
    #expect(try message(#"{"weight_map":{"a":"1","a":"1"}}"#).contains("has two members \"a\""))
  }

  @Test func aHeaderIsNotBelieved() {
    let file = Self.file
    #expect(problem([]) == .truncated(expected: 8, actual: 0))
    #expect(
      problem(file("", [], nil)) == .invalid("its header has no { where one has to be, at byte 0"))
    #expect(problem(file("{}", [], 3)) == .truncated(expected: 11, actual: 10))
    #expect(
      problem(file("{}", [], 1 << 63))
        == .invalid(
          "it claims a header of 9223372036854775808 bytes, and the format allows 100000000"))
    #expect(problem(file("{}", [], .max)) != nil)
    #expect(
      problem(file("PK", [], 1 << 40))
        == .foreign(format: "safetensors", start: [0, 0, 0, 0, 0, 1, 0, 0, 0x50]))
    #expect(problem(file("{}", [1], nil)) == .trailingBytes(expected: 10, actual: 11))
    #expect(problem(file("{}  ", [], nil)) == nil)
  }

  @Test func offsetsAreNotBelieved() {
    func entry(_ name: String, _ start: Int, _ end: Int, _ shape: String = "[1]") -> String {
      "\"\(name)\":{\"dtype\":\"U8\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }
    #expect(message("{\(entry("a", 0, 1)),\(entry("b", 1, 2))}", [1, 2]) == "")
    #expect(
      message("{\(entry("a", 0, 1)),\(entry("b", 0, 1))}", [1])
        .contains("overlaps the tensor before"))
    #expect(
      message("{\(entry("a", 0, 1)),\(entry("b", 2, 3))}", [1, 2, 3])
        .hasPrefix("f: \"b\" leaves a gap behind the tensor before"))
    #expect(message("{\(entry("a", 1, 2))}", [1, 2]).contains("leaves a gap"))
    #expect(
      message("{\(entry("a", 0, 2))}", [1, 2]) == "f: \"a\", U8[1], has 2 bytes, and needs 1")
    #expect(
      message("{\(entry("a", 0, 2, "[2]"))}", [1])
        == "f: the data_offsets [0, 2] of \"a\" are not within the file")
    #expect(message("{\(entry("a", 1, 0, "[0]"))}", [1]).contains("are not within the file"))
    #expect(message("{\(entry("a", 0, 0, "[0]")),\(entry("b", 0, 0, "[0]"))}", []) == "")
    let most = Int.max
    #expect(message("{\(entry("a", most, most))}").contains("are not within the file"))
    #expect(
      message("{\(entry("a", 0, 1, "[4294967296,4294967296]"))}", [1])
        == "f: claims the shape [4294967296, 4294967296], more than can be counted")
    #expect(
      message("{\(entry("a", 0, 1, "[9223372036854775808]"))}", [1]).contains("cannot be counted"))
    #expect(message("{\(entry("a", 0, 1, "[-1]"))}", [1]).contains("no whole number"))
    #expect(message("{\(entry("a", 0, 1, "[1.0]"))}", [1]).contains("has no ] where one has to be"))
  }

  @Test func hostileHeadersAreRefused() {
    func member(_ name: String) -> String {
      "\"\(name)\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    }
    #expect(message("{\(member("a")),\(member("a"))}").contains("has two members \"a\""))
    #expect(message("{\(member("a\\u0000b"))}") == "f: the name \"a\\0b\" has a zero byte")
    #expect(message("{\(member("../../etc/passwd"))}") == "")
    for text in ["\\ud800", "\\ud800\\u0041", "\\udc00", "\\u12", "\\u12G4", "\\x", "\u{1}"] {
      #expect(message("{\(member(text))}").contains("in a text"), "\(text)")
    }
    #expect(problem(Self.file("{\"", [0xFF, 0x22], length: 4)) != nil)
    let deep = String(repeating: "[", count: 100_000)
    #expect(
      message("{\"a\":{\"x\":\(deep)").contains("is nested deeper than 32 levels"))
    let objects = String(repeating: "{\"a\":", count: 100_000)
    #expect(message("{\"a\":{\"x\":\(objects)").contains("is nested deeper than 32 levels"))
    #expect(message("{\"__metadata__\":{\"a\":1}}").contains("has no text where one has to be"))
    #expect(message("{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}").contains("lacks its dtype"))
    #expect(message("{\"a\":{\"x\":tru}}").contains("is no JSON"))
    #expect(message("{} {}").contains("goes on after its end"))
    for number in ["01", "-", "1.", ".5", "1e", "+1", "0x1", "1e+", "nul", "NaN"] {
      #expect(message("{\"a\":{\"x\":\(number)}}") != "", "\(number)")
    }
    // Other members, as a later version may have, are left.
    #expect(
      message(
        "{\"a\":{\"x\":[1e5,-0.5,0,10E-2,{\"y\":null},true],\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"
      )
        == "")
    // Bools are 0 or 1.
    #expect(
      message("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", [1, 2])
        == "f: \"a\" is of bool, and holds 2; bools are 0 or 1")
  }

  /// A message is printed on terminals: what a name says there it may not do there.
  @Test func namesInMessagesDoNothingToATerminal() {
    for evil in ["\u{1B}", "\u{9B}", "\u{7F}", "\u{202E}", "\u{2066}", "\u{2028}", "\n"] {
      let shown = "a\(evil)b".quoted
      #expect(!shown.contains(evil) && shown.unicodeScalars.count > 5, "\(shown)")
    }
    #expect("é 日本 \u{1F600}".quoted == "\"é 日本 \u{1F600}\"")
    let index = Array(#"{"weight_map": {"a": "\u001b[2J"}}"#.utf8)
    #expect(throws: FileError.self) {
      try Safetensors(index: ByteSource(index, name: "f"), in: URL(filePath: "/nowhere"))
    }
  }

  @Test func longNamesAndManyTensorsAreRead() throws {
    let name = String(repeating: "n", count: 10_000_000)
    let wrong = message("{\"\(name)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,0]}}")
    #expect(wrong.count < 200 && wrong.contains("has 0 bytes, and needs 1"))
    let count = 20_000
    let members = (0..<count).map {
      "\"\($0)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\($0),\($0 + 1)]}"
    }
    let bytes = Self.file(
      "{\(members.joined(separator: ","))}", (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    let file = try Safetensors.decode(bytes, name: "f")
    #expect(file.names.count == count)
    #expect(try file.tensor("19999") == Tensor([19999 % 256] as [Int32]))
  }

  @Test func aFileCutShortIsTold() throws {
    let whole = try [UInt8](Data(contentsOf: Fixture.file("order.safetensors")))
    for length in 0..<whole.count {
      #expect(problem(Array(whole[..<length])) != nil, "\(length)")
    }
    // Cut while it is open, it ends where it ends, and not the process.
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      try Data(whole).write(to: file)
      let opened = try Safetensors.read(file)
      let handle = try FileHandle(forWritingTo: file)
      try handle.truncate(atOffset: UInt64(whole.count - 2))
      try handle.close()
      #expect(try opened.tensor("z") == Tensor([6, 7] as [Double]))
      let error = #expect(throws: FileError.self) { try opened.tensor("b") }
      #expect(error?.problem == .truncated(expected: whole.count, actual: whole.count - 2))
    }
  }

  @Test func namesAreCountedByTheirBytes() throws {
    // é as one character and as e with an accent are one text to Swift: a file may have one of them.
    let two =
      "{\"\u{E9}\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
      + "\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"
    #expect(message(two).contains("has two members"))
  }
}
