/// Opens the groups again that entries are in while a walk passes over them in reverse: what a rule records
/// belongs where its entry does.
struct GroupReopening {
  private let tape: Tape
  /// The group that was open before the walk.
  private let outer: Int?
  private var place: Notes.Place

  /// At the end of a tape; nil if it has no groups.
  init?(on tape: Tape) {
    let start = tape.withRecord { record, _ in (record.notes.end, record.notes.openGroup) }
    guard let place = start.0 else { return nil }
    (self.tape, self.place, outer) = (tape, place, start.1)
  }

  /// Opens the group of an entry, which comes before the one whose group was opened last.
  mutating func open(for entry: Graph.Entry) {
    let value = entry.outputs.lowerBound
    // Within one group there is nothing to do.
    guard value < place.firstValue else { return }
    place = tape.withRecord { [place] record, home in
      var place = place
      if home === tape {
        record.notes.reopen(groupOf: value, at: record.graph.types.count, &place)
      }
      return place
    }
  }

  /// Opens the group again that was open before.
  func finish() {
    tape.withRecord { record, home in
      guard home === tape, record.notes.openGroup != outer else { return }
      record.notes.change(to: outer, at: record.graph.types.count)
    }
  }
}
