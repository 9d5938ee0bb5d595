extension Graph {
  /// What is wrong with the graph; nil if every value is made once, before it is read, and has the type
  /// that the shape rules give it. For tests of what makes or rewrites graphs.
  func check() -> String? {
    var isMade = Array(repeating: false, count: types.count)
    func make(_ number: Int) -> Bool {
      guard types.indices.contains(number), !isMade[number] else { return false }
      isMade[number] = true
      return true
    }
    for leaf in leaves where !make(leaf.number) {
      return "leaf %\(leaf.number) is made twice, or is no value"
    }
    for (index, entry) in entries.enumerated() {
      let call = "entry \(index), \(entry.operation.name),"
      for input in entry.inputs where !isMade.indices.contains(input) || !isMade[input] {
        return "\(call) reads %\(input), which is not made before"
      }
      for output in entry.outputs where !make(output) {
        return "\(call) makes %\(output) again, or it is no value"
      }
      let outputs = entry.operation.types(for: entry.inputs.map { types[$0] })
      guard outputs == Array(types[entry.outputs]) else {
        return "\(call) makes \(outputs), and its values have the types \(types[entry.outputs])"
      }
    }
    return isMade.firstIndex(of: false).map { "%\($0) is made by nothing" }
  }
}
