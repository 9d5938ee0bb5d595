import Foundation

extension Safetensors {
  /// Reads what lies in several files: an index says in which file each tensor is.
  init(index source: ByteSource, in folder: URL) throws(FileError) {
    guard source.count <= Header.longest else {
      throw source.error(.invalid("it has \(source.count) bytes, which is too long for an index"))
    }
    let names = try Safetensors.shards(source)
    var entries: [Entry] = []
    for file in Set(names.values).sorted() {
      let shard = try Header(ByteSource(folder.appendingPathComponent(file))).entries
      for entry in shard {
        guard names[entry.name] == file else {
          throw source.error(
            .invalid("\(file.quoted) holds \(entry.name.quoted), which the index has elsewhere"))
        }
      }
      entries += shard
    }
    guard entries.count == names.count else {
      let found = Set(entries.map(\.name))
      let lost = names.keys.filter { !found.contains($0) }.min() ?? ""
      throw source.error(
        .missing("tensor \(lost.quoted) in \((names[lost] ?? "").quoted)", nearest: nil))
    }
    self.init(entries, [:], source.name)
  }

  /// The file of each tensor.
  private static func shards(_ source: ByteSource) throws(FileError) -> [String: String] {
    var scanner = JSONScanner(
      try source.bytes(0..<source.count), file: source.name, what: "the index")
    var files: [String: String]?
    try scanner.object { scanner, key throws(FileError) in
      guard key == "weight_map" else { return try scanner.skip() }
      var map: [String: String] = [:]
      try scanner.object { scanner, name throws(FileError) in
        let file = try scanner.string()
        // Beside the index, and nowhere else.
        guard !file.isEmpty, file != ".", file != "..",
          !file.utf8.contains(where: { $0 == 0x2F || $0 == 0x5C || $0 < 0x20 || $0 == 0x7F })
        else {
          throw source.error(
            .invalid("the index sends \(name.quoted) to \(file.quoted), not to a file beside it"))
        }
        map[name] = file
      }
      files = map
    }
    try scanner.end()
    guard let files else { throw source.error(.missing("weight_map", nearest: nil)) }
    return files
  }
}
