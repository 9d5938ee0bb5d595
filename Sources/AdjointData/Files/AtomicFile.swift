import Foundation

/// Writes files whole or not at all.
///
/// What is written goes to a temporary file beside the old one, is put on the disk, and only then takes its name.
/// Whatever fails before, a full disk or the power, the old file is as it was. (Foundation's atomic writing takes
/// one block of memory, does not wait for the disk, and is not told apart from other files when it was cut short.)
///
/// The permissions of an old file are kept, and its owner where the system allows. Through a symbolic link the file
/// is written that it leads to. What is no file, such as a pipe or a device, is written straight to.
package enum AtomicFile {
  /// Writes a file by what `body` writes.
  package static func write(
    to url: URL, _ body: (inout FileWriter) throws(FileError) -> Void
  ) throws(FileError) {
    try FileError.requireFile(url)
    let name = url.lastPathComponent
    let path = try destination(of: url.path, name)
    guard let old = status(path) else {
      return try replace(path, name, permissions: nil, body)
    }
    switch old.st_mode & S_IFMT {
    case S_IFREG: try replace(path, name, permissions: old, body)
    case S_IFDIR: throw .unwritable(name, EISDIR)
    default:
      let descriptor = try FileStep.create.run(name) { unsafe open(path, O_WRONLY | O_CLOEXEC) }
      var writer = FileWriter(descriptor: descriptor, file: name)
      do throws(FileError) {
        try body(&writer)
        try writer.flush()
      } catch {
        close(descriptor)
        throw error
      }
      try FileStep.close.run(name) { close(descriptor) }
    }
  }

  /// Writes a temporary file, and gives it the name of the old one.
  private static func replace(
    _ path: String, _ name: String, permissions old: stat?,
    _ body: (inout FileWriter) throws(FileError) -> Void
  ) throws(FileError) {
    let folder = folder(of: path)
    // Not readable by more than the old file, not even for a moment.
    let (temporary, descriptor) = try makeTemporary(
      in: folder, name, permissions: old == nil ? 0o666 : 0o600)
    var isOpen = true
    do throws(FileError) {
      var writer = FileWriter(descriptor: descriptor, file: name)
      try body(&writer)
      try writer.flush()
      if let old {
        // Another's file stays this process's own where it may not be given away.
        _ = fchown(descriptor, old.st_uid, old.st_gid)
        try FileStep.permissions.run(name) { fchmod(descriptor, old.st_mode & 0o7777) }
      }
      try FileStep.sync.run(name) { sync(descriptor) }
      isOpen = false
      try FileStep.close.run(name) { close(descriptor) }
      try FileStep.rename.run(name) { unsafe rename(temporary, path) }
    } catch {
      if isOpen { close(descriptor) }
      unsafe unlink(temporary)
      throw error
    }
    try syncFolder(folder, name)
  }

  /// Makes a temporary file that is locked as long as this process lives and writes: see removeAbandoned.
  private static func makeTemporary(
    in folder: String, _ name: String, permissions: mode_t
  ) throws(FileError) -> (path: String, descriptor: CInt) {
    while true {
      let path = folder + "/" + temporaryName()
      let descriptor = try FileStep.create.run(name) {
        unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
      }
      do throws(FileError) {
        try FileStep.lock.run(name) { lock(descriptor) }
      } catch {
        close(descriptor)
        unsafe unlink(path)
        throw error
      }
      // Before it was locked it was no one's, and another process may have removed it as such.
      var found = stat()
      if unsafe fstat(descriptor, &found) != 0 || found.st_nlink > 0 { return (path, descriptor) }
      close(descriptor)
    }
  }

  /// Locks a file, once no one else holds it; where the file system has no locks, as some of networks, does nothing.
  private static func lock(_ descriptor: CInt) -> CInt {
    let result = flock(descriptor, LOCK_EX)
    return result == -1 && [ENOLCK, ENOTSUP, EOPNOTSUPP, ENOSYS, EINVAL].contains(errno)
      ? 0 : result
  }

  /// Puts a file on the disk: on Apple's systems `fsync` leaves it in the memory of the disk.
  private static func sync(_ descriptor: CInt) -> CInt {
    #if canImport(Darwin)
      if fcntl(descriptor, F_FULLFSYNC) != -1 { return 0 }
    #endif
    return fsync(descriptor)
  }

  /// Puts the new name on the disk, as far as the file system can.
  private static func syncFolder(_ folder: String, _ name: String) throws(FileError) {
    let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
    // A folder may be writable and not readable.
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    try FileStep.syncFolder.run(name) {
      let result = fsync(descriptor)
      return result == -1 && (errno == EINVAL || errno == ENOTSUP) ? 0 : result
    }
  }

  /// Where symbolic links lead, whether there is a file yet or not.
  private static func destination(of path: String, _ name: String) throws(FileError) -> String {
    var path = path
    for _ in 0..<40 {
      guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else {
        return path
      }
      path = target.hasPrefix("/") ? target : folder(of: path) + "/" + target
    }
    throw .unwritable(name, ELOOP)
  }

  /// The folder of a path; a name alone stands in the current one.
  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func status(_ path: String) -> stat? {
    var found = stat()
    return unsafe stat(path, &found) == 0 ? found : nil
  }
}
