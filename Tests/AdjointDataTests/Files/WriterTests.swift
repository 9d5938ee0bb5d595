import Adjoint
import AdjointFixtures
import Foundation
import Synchronization
import Testing

@testable import AdjointData

@Suite("What every reader and writer promises")
struct WriterTests {
  /// A writer, with what it writes, so much that there are several writes.
  struct Writer: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let write: @Sendable (URL) throws(FileError) -> Void
  }

  private static let large = Tensor.range(0..<120_000, dtype: .float32)

  static let writers: [Writer] = [
    Writer(testDescription: "safetensors") { file throws(FileError) in
      try Safetensors.write(["a": large, "b": Tensor([true])], to: file)
    },
    Writer(testDescription: "npy") { file throws(FileError) in try NPY.write(large, to: file) },
    Writer(testDescription: "npz") { file throws(FileError) in
      try NPZ.write(["a": large, "b": Tensor([true])], to: file)
    },
    Writer(testDescription: "csv") { file throws(FileError) in
      try CSVTable.write(
        header: ["a"], rows: (0..<40_000).map { ["\($0)"] }, to: file)
    },
    Writer(testDescription: "ppm") { file throws(FileError) in
      try Netpbm.write(.zeros([3, 200, 200]), to: file)
    },
  ]

  @Test(arguments: writers)
  func whateverFailsTheOldFileStays(_ writer: Writer) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      let old = Data("old".utf8)
      for step in FileStep.allCases where step != .syncFolder {
        for call in 0... {
          try old.write(to: file)
          let count = Mutex(0)
          var failure: FileError?
          FileStep.$fault.withValue({ asked in
            guard asked == step else { return nil }
            return count.withLock { number in
              defer { number += 1 }
              return number == call ? EIO : nil
            }
          }) {
            do throws(FileError) { try writer.write(file) } catch { failure = error }
          }
          guard let failure else {
            // Of the writes there are several.
            #expect(call >= (step == .write ? 2 : 1))
            break
          }
          #expect(failure.problem == .unwritable("input/output error"))
          #expect(try Data(contentsOf: file) == old)
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a"])
        }
      }
    }
  }

  #if os(Linux)
    @Test(arguments: writers)
    func aFullDeviceIsReported(_ writer: Writer) {
      let error = #expect(throws: FileError.self) { try writer.write(URL(filePath: "/dev/full")) }
      #expect(error?.problem == .unwritable("no space left on device"))
    }
  #endif

  @Test func whatIsNoFileIsToldByEveryReader() throws {
    let readers: [(URL) throws -> Any] = [
      { try Safetensors.read($0) }, { try NPY.read($0) }, { try NPZ.read($0) },
      { try IDX.read($0) }, { try CSVTable.read($0) }, { try Netpbm.read($0) },
    ]
    try withTemporaryFolder { folder in
      let empty = folder.appendingPathComponent("empty")
      try Data().write(to: empty)
      for read in readers {
        let directory = #expect(throws: FileError.self) { _ = try read(folder) }
        #expect(directory?.problem == .unreadable("is a directory"))
        let missing = #expect(throws: FileError.self) {
          _ = try read(folder.appendingPathComponent("no"))
        }
        #expect(missing?.problem == .unreadable("no such file or directory"))
        #expect(throws: FileError.self) { _ = try read(empty) }
      }
    }
  }

  #if os(Linux)
    /// A pipe has no size, and is read to its end.
    @Test func aPipeIsRead() throws {
      try withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("a.npy")
        try NPY.write(Self.large, to: file)
        let cat = Process()
        let pipe = Pipe()
        cat.executableURL = URL(filePath: "/bin/cat")
        cat.arguments = [file.path]
        cat.standardOutput = pipe
        try cat.run()
        let name = "/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        try pipe.fileHandleForWriting.close()
        #expect(try NPY.read(URL(filePath: name)) == Self.large)
        cat.waitUntilExit()
      }
    }
  #endif

  /// Larger than what one thread reads at once.
  @Test func largeArraysAreReadInPieces() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.npy")
      let tensor = Tensor.range(0..<6_000_001, dtype: .float32)
      try NPY.write(tensor, to: file)
      // A file that someone writes to is not left to be the tensor's memory.
      let handle = try FileHandle(forWritingTo: file)
      let read = try NPY.read(file)
      let isSame = read.withBytes { read in
        unsafe tensor.withBytes { unsafe memcmp(read.baseAddress!, $0.baseAddress!, $0.count) == 0 }
      }
      #expect(read.type == tensor.type && isSame)
      let opened = try NPY.rows(file)
      try handle.truncate(atOffset: 20_000_000)
      try handle.close()
      #expect(throws: FileError.self) { try opened.all() }
    }
  }
}
