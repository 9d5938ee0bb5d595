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
  ///     be differentiated. If not, the gradients are computed now and the tape is left as it was.
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
    // Seeds of an enclosing tape are joined before anything has a number for good.
    for case let seed? in seeds { _ = Tape.common(to: self, seed, "gradients") }
    if recording { return cotangents(of: inputs, from: outputs, seeds: seeds) }
    return withFork { twin, fork in
      fork.cotangents(
        of: inputs.map(twin), from: outputs.map(twin), seeds: seeds.map { $0.map(twin) })
    }
  }

  private func requireOnThisTape(_ tensor: Tensor, _ role: String) {
    require(
      tensor.tape === home,
      "gradients: the tensor to \(role), \(tensor.type), is not on this tape; "
        + "compute it from tensors that the tape watches")
  }

  /// The cotangents of `inputs`, recorded on this tape: the walk with its rules.
  ///
  /// A cotangent of a wrong type is a `problem`, which stops the program unless said otherwise.
  package func cotangents(
    of inputs: [Tensor], from outputs: [Tensor], seeds: [Tensor?],
    onProblem: (String) -> Void = { stop($0) }
  ) -> [Tensor] {
    let (tape, numbers, section) = withRecord { record, tape in
      let numbers = inputs.map { $0.number(on: tape)! }
      let first = numbers.min() ?? record.graph.types.count
      return (tape, numbers, GraphSection(of: record.graph, from: first))
    }
    var cotangents = Cotangents(of: numbers, in: section)
    for (output, seed) in zip(outputs, seeds) {
      if let seed { cotangents.add(tape.constant(seed), to: output.number(on: tape)!) }
    }
    var groups = GroupReopening(on: tape)
    tape.activity.run(asWalk: true) {
      section.walk(&cotangents) { entry, cotangents in
        tape.activity.begin(entry.outputs)
        groups?.open(for: entry)
        cotangents.settle(entry.outputs, tape.sum(of:))
        var rule = Pullback(of: entry, on: tape, section, cotangents)
        // The rule has the only reference now, and adds to the arrays in place.
        cotangents = Cotangents()
        entry.operation.pullback(&rule)
        if let problem = rule.problem { onProblem(problem) }
        rule.finish()
        cotangents = rule.cotangents
      }
    }
    groups?.finish()
    cotangents.settle(numbers, tape.sum(of:))
    return zip(inputs, numbers).map { input, number in
      // A rule may give a plain value, such as zeros.
      let cotangent = cotangents[number] ?? .zeros(like: input)
      return cotangent.tape == nil ? constant(cotangent) : cotangent
    }
  }

  /// The values of tensors, on no tape, computed together; what else was computed is forgotten.
  package func detached(_ tensors: [Tensor]) -> [Tensor] {
    var storages = storages(of: tensors.filter { $0.tape != nil }, forgettingFrom: 0)[...]
    return tensors.map { $0.tape == nil ? $0 : Tensor($0.type, storages.removeFirst()) }
  }
}

extension Tensor {
  /// Whether this tensor was computed from one of others on its tape.
  package func depends(onAnyOf others: [Tensor]) -> Bool {
    guard let tape else { return false }
    return tape.withRecord { record, tape in
      let numbers = others.compactMap { $0.number(on: tape) }
      let first = numbers.min() ?? record.graph.types.count
      let section = GraphSection(of: record.graph, from: first)
      return number(on: tape).map { Cotangents(of: numbers, in: section).isWanted($0) } ?? false
    }
  }
}

// MARK: Forks

extension Tape {
  /// Calls `body` with a copy of the tape, which it may record on, and what finds the same value there;
  /// a plain one stays as it is. Returns the values of the results. What they needed of this tape is
  /// known here afterwards.
  private func withFork(_ body: ((Tensor) -> Tensor, Tape) -> [Tensor]) -> [Tensor] {
    // What is only for listings, and for finding slots again, a fork does without.
    let (tape, record) = withRecord { record, tape in
      (tape, Record(graph: record.graph, known: record.known))
    }
    let count = record.graph.types.count
    let fork = Tape(record, Ownership())
    func twin(of tensor: Tensor) -> Tensor {
      tensor.number(on: tape).map { Tensor(tensor.type, .recorded(fork, number: $0)) } ?? tensor
    }
    let results = body(twin, fork)
    let evaluated = fork.evaluated(results, forgettingFrom: count)
    if evaluated.tape === fork { tape.keep(evaluated.computed, below: count) }
    return zip(results, evaluated.storages).map { Tensor($0.type, $1) }
  }
}
