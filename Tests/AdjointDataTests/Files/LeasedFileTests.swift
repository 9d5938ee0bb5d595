import AdjointFixtures
import Foundation
import Synchronization
import Testing

@testable import Adjoint
@testable import AdjointData

/// Tensors that lie in their file, where the system has leases; elsewhere they are read, and all but that holds too.
@Suite("Large tensors of files, and those who change the files")
struct LeasedFileTests {
  /// 1 MiB of floats, the least that stays in a file, all different.
  private static let numbers = (0..<(1 << 18)).map { Float($0) - 0.5 }
  private static let large = Tensor(numbers)

  /// Calls `body` with a file of the large tensor among others.
  private func withFile<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("large.safetensors")
      let others: [String: Tensor] = [
        "doubles": Tensor((0..<(1 << 17)).map { Double($0) / 3 }), "small": Tensor([1, 2]),
        "integers": Tensor((0..<(1 << 18)).map { Int32($0) * -7 }),
        "bools": Tensor((0..<(1 << 20)).map { $0 % 3 == 0 }),
      ]
      try Safetensors.write(others.merging(["large": Self.large]) { $1 }, to: file)
      return try body(file)
    }
  }

  /// Whether tensors can lie in a file here.
  private func hasLeases(_ file: URL) throws -> Bool { try ByteSource(file).leasedFile != nil }

  @Test func largeNumbersStayInTheFile() throws {
    try withFile { file in
      let (hasLeases, tensors) = try (hasLeases(file), Safetensors.read(file).tensors())
      #expect([Float](tensors["large"]!) == Self.numbers)
      #expect([Double](tensors["doubles"]!) == (0..<(1 << 17)).map { Double($0) / 3 })
      #expect([Int32](tensors["integers"]!) == (0..<(1 << 18)).map { $0 * -7 })
      #expect([Bool](tensors["bools"]!) == (0..<(1 << 20)).map { $0 % 3 == 0 })
      for name in ["large", "doubles", "integers"] {
        #expect(tensors[name]!.storage.isInFile == hasLeases, "\(name)")
      }
      for name in ["small", "bools"] { #expect(!tensors[name]!.storage.isInFile, "\(name)") }
    }
  }

  /// A way to change a file.
  enum Change: CaseIterable { case overwritten, emptied, cut, removed, replaced }

  private func change(_ file: URL, _ way: Change) throws {
    switch way {
    case .overwritten:
      let handle = try FileHandle(forUpdating: file)
      try handle.write(contentsOf: Data(repeating: 7, count: 5 << 20))
      try handle.close()
    case .emptied: try Data("short".utf8).write(to: file)
    case .cut: #expect(truncate(file.path, 4096) == 0)
    case .removed: try FileManager.default.removeItem(at: file)
    case .replaced: try Safetensors.write(["large": Tensor(3)], to: file)
    }
  }

  @Test(arguments: Change.allCases)
  func whatIsLoadedStaysWhateverBecomesOfTheFile(_ way: Change) throws {
    try withFile { file in
      let loaded = try Safetensors.read(file).tensor("large")
      // Others read meanwhile, as a server does.
      let isDone = Atomic(false)
      let wrong = Atomic(0)
      let readers = DispatchGroup()
      for _ in 0..<2 {
        DispatchQueue.global().async(group: readers) {
          repeat {
            if loaded != Self.large { wrong.add(1, ordering: .relaxed) }
          } while !isDone.load(ordering: .relaxed)
        }
      }
      try change(file, way)
      isDone.store(true, ordering: .relaxed)
      readers.wait()
      #expect(wrong.load(ordering: .relaxed) == 0)
      #expect([Float](loaded) == Self.numbers)
    }
  }

  @Test func afterAChangeTensorsAreReadAsTheyAreThen() throws {
    try withFile { file in
      let source = try Safetensors.read(file)
      let before = try source.tensor("large")
      let handle = try FileHandle(forUpdating: file)
      try handle.seek(toOffset: UInt64(source.entry("large")!.range.lowerBound))
      try handle.write(contentsOf: Data(repeating: 0, count: 4))
      let after = try source.tensor("large")
      try handle.close()
      #expect(!after.storage.isInFile)
      #expect([Float](after) == [0] + Self.numbers.dropFirst())
      #expect([Float](before) == Self.numbers)
    }
  }

  @Test func whatSomeoneWritesAlreadyIsRead() throws {
    try withFile { file in
      let handle = try FileHandle(forUpdating: file)
      let loaded = try Safetensors.read(file).tensor("large")
      #expect(!loaded.storage.isInFile)
      try handle.truncate(atOffset: 0)
      try handle.close()
      #expect([Float](loaded) == Self.numbers)
    }
  }

  @Test func writingToATensorLeavesTheFileAlone() throws {
    try withFile { file in
      var loaded = try Safetensors.read(file).tensor("large")
      loaded.withMutableSpan(of: Float.self) { $0[0] = 9 }
      #expect([Float](loaded) == [9] + Self.numbers.dropFirst())
      #expect(try Safetensors.read(file).tensor("large") == Self.large)
      // A result takes over the memory of what it is filled from, but not that of a file.
      let room = Tensor.room(for: Self.large.type)
      room.fill(from: try Safetensors.read(file).tensor("large"))
      #expect(!room.storage.isInFile && room == Self.large)
    }
  }

  /// Cut at its first byte, within its last page, and at its last byte.
  @Test(arguments: [1 << 20, 2, 1])
  func aFileCutBeforeItsTensorIsReadIsRefused(_ missing: Int) throws {
    try withFile { file in
      let source = try Safetensors.read(file)
      let end = source.entry("large")!.range.upperBound
      #expect(truncate(file.path, end - missing) == 0)
      let error = #expect(throws: FileError.self) { try source.tensor("large") }
      #expect(error?.problem == .truncated(expected: end, actual: end - missing))
    }
  }

  /// After so many bools, floats are aligned to a byte, to an element, and to a cache line; the header has 160 bytes.
  @Test(arguments: [3, 4, 24])
  func elementsLieAnywhere(_ bools: Int) throws {
    let count = Self.numbers.count
    let header = """
      {"b":{"dtype":"BOOL","shape":[\(bools)],"data_offsets":[0,\(bools)]},\
      "a":{"dtype":"F32","shape":[512,512],"data_offsets":[\(bools),\(bools + 4 * count)]}}
      """.padding(toLength: 160, withPad: " ", startingAt: 0)
    let bytes = SafetensorsTests.file(header, [UInt8](repeating: 1, count: bools))
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.safetensors")
      try (Data(bytes) + Self.numbers.withUnsafeBytes { Data($0) }).write(to: file)
      let (got, want) = try (
        Safetensors.read(file).tensor("a"), Self.large.reshaped(to: [512, 512])
      )
      #expect(got.storage.isInFile == (try bools % 4 == 0 && hasLeases(file)))
      #expect(got == want)
      // The loops take elements at any place.
      #expect(got.exp() == want.exp())
      #expect(got.sum(over: 0) == want.sum(over: 0) && got.sum(over: 1) == want.sum(over: 1))
      let (row, column) = (want[0..<2], want[0..<3].transposed())
      #expect(row.matMul(got.transposed()) == row.matMul(want.transposed()))
      #expect(got.matMul(column) == want.matMul(column))
    }
  }

  @Test func partsOfSeveralFilesStayInThem() throws {
    try withTemporaryFolder { folder in
      let doubled = Self.large * 2
      for (name, tensor) in ["a": Self.large, "b": doubled] {
        try Safetensors.write([name: tensor], to: folder.appendingPathComponent(name))
      }
      let index = folder.appendingPathComponent("index.json")
      try Data(#"{"weight_map":{"a":"a","b":"b"}}"#.utf8).write(to: index)
      let loaded = try Safetensors.read(index).tensors()
      try change(folder.appendingPathComponent("a"), .emptied)
      #expect(loaded == ["a": Self.large, "b": doubled])
    }
  }

  @Test func arraysOfNumPyStayInTheirFiles() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.npy")
      try NPY.write(Self.large, to: file)
      let loaded = try NPY.read(file)
      #expect(loaded.storage.isInFile == (try hasLeases(file)))
      try change(file, .emptied)
      #expect(loaded == Self.large)
    }
  }
}
