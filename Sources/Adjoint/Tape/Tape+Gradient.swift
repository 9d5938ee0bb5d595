extension Tape {
  /// Returns the gradients of a tensor on this tape with respect to others.
  ///
  /// The tape is walked backwards from `output`. Each operation's pullback turns the cotangents of
  /// its outputs into those of its inputs; where a value is used several times, they add up.
  ///
  /// - Parameters:
  ///   - output: what to differentiate.
  ///   - seed: its cotangent v, of its type; the result is vᵀ·∂output/∂input. 1 for a scalar unless
  ///     given.
  ///   - inputs: tensors on this tape. One that `output` does not depend on has the gradient 0.
  ///   - recording: whether the walk is recorded on this tape, so that the gradients can themselves
  ///     be
  ///     differentiated. If not, the gradients are computed now and the tape is left as it was.
  /// - Precondition: `output` is on this tape, and is a scalar unless a seed is given.
  public func gradients(
    of output: Tensor, seed: Tensor? = nil, with inputs: [Tensor], recording: Bool = false
  ) -> [Tensor] {
    require(
      seed != nil || output.count == 1,
      "gradients: \(output.type) is not a scalar; reduce it with sum() or mean(), "
        + "or give a seed of its type")
    return gradients(
      of: [output], seeds: [seed ?? .ones(like: output)], with: inputs, recording: recording)
  }

  /// Returns the gradients of several tensors, each with its seed, added up: Σₖ
  /// vₖᵀ·∂outputₖ/∂input.
  ///
  /// A seed that is missing counts as zero.
  /// - Precondition: each seed has the type of its output, and each output is on this tape.
  public func gradients(
    of outputs: [Tensor], seeds: [Tensor?], with inputs: [Tensor], recording: Bool = false
  ) -> [Tensor] {
    require(
      seeds.count == outputs.count,
      "gradients: \(outputs.count) tensors have \(seeds.count) seeds; give one for each, or nil")
    for (output, seed) in zip(outputs, seeds) {
      requireOnThisTape(output, "differentiate")
      require(
        output.dtype.isFloatingPoint,
        "gradients: \(output.type) has no derivative; differentiate a float32 or float64 tensor")
      if let seed {
        require(
          seed.type == output.type,
          "gradients: the seed is \(seed.type), the tensor \(output.type); give a seed of its type")
      }
    }
    for input in inputs { requireOnThisTape(input, "differentiate with respect to") }
    let target = recording ? self : Tape(continuing: self)
    let gradients = target.cotangents(of: inputs, from: outputs, seeds: seeds, on: target)
    return recording ? gradients : target.detached(gradients, releasing: true)
  }

  private func requireOnThisTape(_ tensor: Tensor, _ role: String) {
    guard case .recorded(let tape, let number) = tensor.content, includes(tape, number: number)
    else {
      stop(
        "gradients: the tensor to \(role), \(tensor.type), is not on this tape; "
          + "compute it from tensors that the tape watches")
    }
  }

  /// The values of recorded tensors, on no tape, computed together.
  package func detached(_ tensors: [Tensor], releasing: Bool) -> [Tensor] {
    let numbers = tensors.compactMap(\.number)
    var storages = storages(of: numbers, releasing: releasing)[...]
    return tensors.map { $0.number == nil ? $0 : Tensor($0.type, storages.removeFirst()) }
  }

  /// The same value under a new number of this tape.
  package func alias(of tensor: Tensor) -> Tensor { Identity()(constant(tensor)) }

  /// The walk itself: the cotangents of `inputs`, recorded on `target`, which is this tape or
  /// continues it.
  ///
  /// A cotangent of a wrong type is a `problem`, which stops the program unless said otherwise.
  package func cotangents(
    of inputs: [Tensor], from outputs: [Tensor], seeds: [Tensor?], on target: Tape,
    onProblem: @escaping (String) -> Void = { stop($0) }
  ) -> [Tensor] {
    let inputNumbers = inputs.map { $0.number! }
    var walk = Walk(on: target, towards: inputNumbers, onProblem: onProblem)
    for (output, seed) in zip(outputs, seeds) {
      if let seed, let number = output.number { walk.add(target.constant(seed), to: number) }
    }
    walk.run()
    return zip(inputs, inputNumbers).map { input, number in
      walk.cotangent(of: number) ?? .zeros(like: input)
    }
  }
}

extension Tensor {
  /// The number on its tape; nil for a plain value.
  var number: Int? {
    if case .recorded(_, let number) = content { return number }
    return nil
  }

  /// Whether two tensors are one value: one number of one tape, or the same elements in memory.
  package func isSameValue(as other: Tensor) -> Bool {
    switch (content, other.content) {
    case (.recorded(let tape, let number), .recorded(let otherTape, let otherNumber)):
      tape === otherTape && number == otherNumber
    case (.stored(let storage), .stored(let otherStorage)): storage === otherStorage
    default: false
    }
  }

  /// The same value recorded as a constant on the tape of another tensor, if that is on one.
  package func recorded(alongside other: Tensor) -> Tensor { other.tape?.constant(self) ?? self }
}

/// A walk backwards over the entries between some inputs and what is differentiated.
private struct Walk {
  private let tape: Tape
  /// The least input; nothing before it matters.
  private let first: Int
  private let onProblem: (String) -> Void
  /// What is known of the values from `first` on.
  private var values: [Value]

  private struct Value {
    /// Whether it is one of the inputs, or depends on one.
    var isInput = false
    var depends = false
    /// The cotangent so far.
    var cotangent: Tensor?
  }

  init(on tape: Tape, towards inputs: [Int], onProblem: @escaping (String) -> Void) {
    self.tape = tape
    self.onProblem = onProblem
    let end = tape.count
    first = inputs.min() ?? end
    values = Array(repeating: Value(), count: end - first)
    for input in inputs {
      values[input - first].isInput = true
      values[input - first].depends = true
    }
  }

  /// Adds to the cotangent of a value, unless it lies before every input.
  mutating func add(_ cotangent: Tensor, to number: Int) {
    guard number >= first else { return }
    let sum = values[number - first].cotangent.map { $0 + cotangent }
    values[number - first].cotangent = sum ?? cotangent
  }

  func cotangent(of number: Int) -> Tensor? {
    number >= first ? values[number - first].cotangent : nil
  }

  private func dependsOnInput(_ number: Int) -> Bool {
    number >= first && values[number - first].depends
  }

  mutating func run() {
    let segments = tape.segments(from: first, count: values.count)
    for (tape, entries) in segments { markOutputs(of: tape, entries) }
    for (tape, entries) in segments.reversed() {
      for index in entries.reversed() { pullBack(tape.entry(index)) }
    }
  }

  /// Marks what entries make, if they read something that depends on an input.
  private mutating func markOutputs(of tape: Tape, _ entries: Range<Int>) {
    tape.withRecord { record in
      for index in entries {
        guard record.entries[index].inputs.contains(where: { dependsOnInput($0) }) else { continue }
        for output in record.entries[index].outputs where output >= first {
          values[output - first].depends =
            record.values[output - tape.base].type.dtype.isFloatingPoint
        }
      }
    }
  }

  /// Sends the cotangents of an entry's outputs to its inputs.
  private mutating func pullBack(_ entry: Tape.Entry) {
    let isReached = entry.outputs.contains {
      dependsOnInput($0) && values[$0 - first].cotangent != nil
    }
    guard isReached else { return }
    let cotangents = Few(count: entry.outputs.count) {
      takeCotangent(of: entry.outputs.lowerBound + $0)
    }
    let wanted = Few(count: entry.inputs.count) { dependsOnInput(entry.inputs[$0]) }
    var rule = Pullback(on: tape, of: entry, cotangents: cotangents, wanted: wanted)
    entry.operation.pullback(&rule)
    if let problem = rule.problem { onProblem(problem) }
    for place in entry.inputs.indices {
      if let cotangent = rule.results[place] { add(cotangent, to: entry.inputs[place]) }
    }
  }

  /// The cotangent of a value that an entry has made. It is not needed any longer, unless it is that
  /// of an input.
  private mutating func takeCotangent(of number: Int) -> Tensor? {
    guard number >= first else { return nil }
    if values[number - first].isInput { return values[number - first].cotangent }
    return values[number - first].cotangent.take()
  }
}

extension Tape {
  /// The entries that make the values from `first` on, in order, with the tape that holds them.
  fileprivate func segments(from first: Int, count: Int) -> [(tape: Tape, entries: Range<Int>)] {
    let end = first + count
    let earlier = first < base ? continued?.segments(from: first, count: base - first) ?? [] : []
    return earlier + [(self, entries(making: max(first, base)..<max(end, base)))]
  }

  /// The entries of this tape itself that make values with the given numbers.
  private func entries(making numbers: Range<Int>) -> Range<Int> {
    withRecord { record in
      let first = numbers.first { record.values[$0 - base].producer != nil }
      let last = numbers.last { record.values[$0 - base].producer != nil }
      guard let first, let last, let start = record.values[first - base].producer,
        let end = record.values[last - base].producer
      else { return 0..<0 }
      return start..<end + 1
    }
  }
}
