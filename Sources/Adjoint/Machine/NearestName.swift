/// Names as people mistype them.
package enum NearestName {
  /// Longer names are not compared: they are not typed.
  private static let longest = 200
  /// Of more names only so many are looked at.
  private static let most = 10_000

  /// The name nearest to another; nil if a third of it or more would have to change.
  package static func of(_ name: String, in names: some Sequence<String>) -> String? {
    var best: (name: String, distance: Int)?
    let wanted = Array(name.utf8)
    guard wanted.count <= longest else { return nil }
    for candidate in names.prefix(most) {
      let bytes = Array(candidate.utf8.prefix(longest + 1))
      let allowed = min(best?.distance ?? .max, max(2, max(wanted.count, bytes.count) / 3) + 1)
      guard bytes.count <= longest, abs(bytes.count - wanted.count) < allowed else { continue }
      let distance = distance(wanted, bytes)
      if distance < allowed { best = (candidate, distance) }
    }
    return best?.name
  }

  /// How many bytes have to be put in, left out or changed to make one of the other.
  ///
  /// Source: Wagner & Fischer, "The string-to-string correction problem" (1974).
  package static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (i, byte) in first.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in second.enumerated() {
        let changed = diagonal + (byte == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[second.count]
  }
}
