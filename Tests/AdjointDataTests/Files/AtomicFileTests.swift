import AdjointFixtures
import Foundation
import Synchronization
import Testing

@testable import AdjointData

@Suite("Files are written whole or not at all")
struct AtomicFileTests {
  private func write(_ text: String, to file: URL) throws(FileError) {
    try AtomicFile.write(to: file) { writer throws(FileError) in try writer.write(text) }
  }

  private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  private func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func permissions(_ file: URL) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
  }

  @Test func aFileIsReplacedAndKeepsItsPermissions() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      try write("old", to: file)
      for mode in [0o600, 0o640, 0o444, 0o755] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        try write("new \(mode)", to: file)
        #expect(try text(file) == "new \(mode)")
        #expect(try permissions(file) == mode)
      }
      #expect(try names(folder) == ["a"])
    }
  }

  /// The path of an address of the net is one of this system, too.
  @Test func anAddressOfTheNetIsNoFile() throws {
    try withTemporaryFolder { folder in
      let path = folder.appendingPathComponent("a.npy").path
      let address = try #require(URL(string: "https://example.org\(path)"))
      let error = FileError(
        file: "a.npy",
        problem: .unsupported(
          "stands at \(address.absoluteString.quoted), which is no file of this system",
          remedy: "give URL(filePath:) of a file"))
      #expect(throws: error) { try write("x", to: address) }
      #expect(try names(folder) == [])
      try write("x", to: URL(filePath: path))
      #expect(throws: error) { try NPY.read(address) }
      // A path without a scheme is one of a file.
      try write("y", to: try #require(URL(string: path)))
      #expect(try text(URL(filePath: path)) == "y")
    }
  }

  @Test func muchIsWrittenAsItIs() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      // Pieces that fill the buffer, exceed it and lie across its end.
      let pieces = [1, 65_535, 1, 65_536, 7, 65_537, 200_000, 0, 3].enumerated().map {
        number, size in
        [UInt8](repeating: UInt8(number), count: size)
      }
      try AtomicFile.write(to: file) { writer throws(FileError) in
        for piece in pieces { try writer.write(piece) }
      }
      #expect(try [UInt8](Data(contentsOf: file)) == pieces.flatMap { $0 })
    }
  }

  @Test func everyStepThatFailsLeavesTheOldFile() throws {
    for step in FileStep.allCases {
      for hasOld in [true, false] {
        try withTemporaryFolder { folder in
          let file = folder.appendingPathComponent("a")
          if hasOld { try write("old", to: file) }
          // Each call of the step in turn: a file of five buffers has several writes.
          for call in 0... {
            let count = Mutex(0)
            var failure: FileError?
            FileStep.$fault.withValue({ asked in
              guard asked == step else { return nil }
              return count.withLock { number in
                defer { number += 1 }
                return number == call ? ENOSPC : nil
              }
            }) {
              do throws(FileError) {
                try AtomicFile.write(to: file) { writer throws(FileError) in
                  for _ in 0..<5 {
                    try writer.write([UInt8](repeating: UInt8(ascii: "n"), count: 60_000))
                  }
                }
              } catch { failure = error }
            }
            guard let failure else {
              // All calls have failed once, and this one went well.
              #expect(call >= 1 || step == .permissions && !hasOld)
              break
            }
            #expect(failure.file == "a")
            #expect(failure.problem == .unwritable("no space left on device"))
            // The last step fails when the new file is in place, whole.
            if step == .syncFolder {
              #expect(try text(file).count == 300_000)
            } else {
              #expect(try names(folder) == (hasOld ? ["a"] : []))
              if hasOld { #expect(try text(file) == "old") }
            }
          }
        }
      }
    }
  }

  @Test func whatTheWriterThrowsLeavesTheOldFile() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      try write("old", to: file)
      let wrong = FileError(file: "b", problem: .invalid("wrong"))
      #expect(throws: wrong) {
        try AtomicFile.write(to: file) { writer throws(FileError) in
          try writer.write("new")
          throw wrong
        }
      }
      #expect(try text(file) == "old")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func linksAreFollowed() throws {
    try withTemporaryFolder { folder in
      let inner = folder.appendingPathComponent("inner")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
      let (file, link) = (inner.appendingPathComponent("a"), folder.appendingPathComponent("link"))
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "inner/a")
      // To no file yet, and then to one.
      for content in ["first", "second"] {
        try write(content, to: link)
        #expect(try text(file) == content)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "inner/a")
      }
      let circle = folder.appendingPathComponent("circle")
      try FileManager.default.createSymbolicLink(atPath: circle.path, withDestinationPath: "circle")
      let error = #expect(throws: FileError.self) { try write("x", to: circle) }
      #expect(error?.problem == .unwritable("too many levels of symbolic links"))
    }
  }

  @Test func placesThatCannotBeWrittenAreNamed() throws {
    try withTemporaryFolder { folder in
      let missing = #expect(throws: FileError.self) {
        try write("x", to: folder.appendingPathComponent("no/a"))
      }
      #expect("\(missing!)" == "a: cannot be written: no such file or directory")
      let directory = #expect(throws: FileError.self) { try write("x", to: folder) }
      #expect(directory?.problem == .unwritable("is a directory"))
      // A name as long as there can be leaves room for a temporary one.
      let long = folder.appendingPathComponent(String(repeating: "n", count: 255))
      try write("x", to: long)
      #expect(try text(long) == "x")
      let longer = #expect(throws: FileError.self) {
        try write("x", to: folder.appendingPathComponent(String(repeating: "n", count: 256)))
      }
      #expect(longer?.problem == .unwritable("file name too long"))
      #expect(try names(folder).count == 1)
    }
  }

  #if os(Linux)
    @Test func aFullDeviceIsReported() throws {
      for size in [1, 1_000_000] {
        let error = #expect(throws: FileError.self) {
          try write(String(repeating: "x", count: size), to: URL(filePath: "/dev/full"))
        }
        #expect("\(error!)" == "full: cannot be written: no space left on device")
      }
      // What is no file is written to, and not replaced by one.
      try write("x", to: URL(filePath: "/dev/null"))
      #expect(
        try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
          == .typeCharacterSpecial)
    }
  #endif

  @Test func theCurrentFolderNeedsNoName() throws {
    let name = "adjoint-test-\(UUID().uuidString)"
    let file = URL(filePath: name)
    defer { try? FileManager.default.removeItem(at: file) }
    try write("x", to: file)
    #expect(FileManager.default.fileExists(atPath: name))
  }

  @Test func whatAKilledWriterLeavesIsRemovedAndNothingElse() throws {
    try withTemporaryFolder { folder in
      for name in [".adjoint-1.partial", ".adjoint-xyz.partial", "a", ".adjoint-1", "1.partial"] {
        try Data("x".utf8).write(to: folder.appendingPathComponent(name))
      }
      let file = folder.appendingPathComponent("b")
      var removed: [String] = []
      try AtomicFile.write(to: file) { writer throws(FileError) in
        try writer.write("y")
        // The one that is being written is no one's leftover.
        removed = AtomicFile.removeAbandoned(in: folder)
      }
      #expect(removed == [".adjoint-1.partial", ".adjoint-xyz.partial"])
      #expect(try names(folder) == [".adjoint-1", "1.partial", "a", "b"])
      #expect(try text(file) == "y")
    }
  }

  /// Between making a file and locking it another process may take it for abandoned.
  @Test func aFileThatIsRemovedBeforeItIsLockedIsMadeAgain() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a")
      let removed = Mutex(0)
      try FileStep.$fault.withValue({ step in
        guard step == .lock else { return nil }
        return removed.withLock { count in
          if count < 3 { count += AtomicFile.removeAbandoned(in: folder).count }
          return nil
        }
      }) {
        try write("x", to: file)
      }
      #expect(removed.withLock { $0 } == 3)
      #expect(try text(file) == "x")
      #expect(try names(folder) == ["a"])
    }
  }

  @Test func aKilledProcessLeavesTheOldFile() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("adjoint-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (path, file) = (folder.path, folder.appendingPathComponent("a"))
    try write("old", to: file)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      try AtomicFile.write(to: URL(filePath: path + "/a")) { writer throws(FileError) in
        try writer.write([UInt8](repeating: 1, count: 200_000))
        kill(getpid(), SIGKILL)
      }
    }
    #expect(try text(file) == "old")
    #expect(try names(folder).count == 2)
    #expect(AtomicFile.removeAbandoned(in: folder).count == 1)
    #expect(try names(folder) == ["a"])
  }
}
