extension GraphSection {
  /// The walk: from the cotangents of some values to those of all that they depend on.
  ///
  /// Entries are looked at in reverse. Where one of an entry's outputs has a cotangent, `pullback` makes
  /// cotangents of its inputs of them, and adds them to what the inputs have already: a value that is
  /// used several times has the sum.
  func walk(_ cotangents: inout Cotangents, _ pullback: (Graph.Entry, inout Cotangents) -> Void) {
    for entry in entries.reversed() where cotangents.reach(entry.outputs) {
      pullback(entry, &cotangents)
    }
  }
}

/// The cotangents of the values of a graph, as far as a walk has come.
struct Cotangents {
  /// The first value whose cotangent is asked for: nothing before it matters.
  private let first: Int
  /// Whether a value depends on one whose cotangent is asked for, from the first of these on.
  private var depends: [Bool]
  private var tensors: [Tensor?]
  /// Further terms of cotangents, by the numbers of their values, which are to be added up together.
  private var terms: [Int: [Tensor]] = [:]

  /// No cotangents yet, in a walk that asks for those of some values.
  init(of values: [Int], in section: GraphSection) {
    first = section.first
    depends = Array(repeating: false, count: section.end - first)
    tensors = Array(repeating: nil, count: depends.count)
    for value in values { depends[value - first] = true }
    for entry in section.entries where entry.inputs.contains(where: isWanted) {
      for output in entry.outputs where section.type(of: output).dtype.isFloatingPoint {
        depends[output - first] = true
      }
    }
  }

  /// None, in a walk that asks for none.
  init() { (first, depends, tensors) = (0, [], []) }

  /// Whether the cotangent of a value is asked for, or needed for one that is.
  func isWanted(_ number: Int) -> Bool { number >= first && depends[number - first] }

  /// Whether an entry with such outputs passes something on: one has a cotangent, and depends on an
  /// input that wants one.
  func reach(_ outputs: Range<Int>) -> Bool {
    outputs.contains { isWanted($0) && tensors[$0 - first] != nil }
  }

  /// The cotangent of a value so far; nil if there is none.
  subscript(number: Int) -> Tensor? { number >= first ? tensors[number - first] : nil }

  /// Adds to the cotangent of a value, if it is wanted: at once, or with other terms when it is settled.
  mutating func add(_ cotangent: Tensor, to number: Int, later: @autoclosure () -> Bool = false) {
    guard isWanted(number) else { return }
    guard let sum = tensors[number - first] else {
      tensors[number - first] = cotangent
      return
    }
    if later() {
      terms[number, default: []].append(cotangent)
    } else {
      tensors[number - first] = sum + cotangent
    }
  }

  /// Adds up what was to be added to the cotangents of some values later.
  mutating func settle(_ numbers: some Sequence<Int>, _ sum: ([Tensor]) -> Tensor) {
    guard !terms.isEmpty else { return }
    for number in numbers {
      guard let rest = terms.removeValue(forKey: number), let cotangent = self[number] else {
        continue
      }
      tensors[number - first] = sum([cotangent] + rest)
    }
  }
}
