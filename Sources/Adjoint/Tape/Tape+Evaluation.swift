extension Tape {
  /// The elements of a tensor on this tape, computed now unless they are known.
  func storage(of tensor: Tensor) -> Storage {
    let (tape, known) = withRecord { record, tape in
      (tape, record.known[tensor.number(on: tape)!])
    }
    tape.activity.requireNone(on: tape)
    if case .elements(let storage) = known { return storage }
    return storages(of: [tensor])[0]
  }

  /// The elements of a tensor on this tape, if they are known, and may be looked at.
  func knownStorage(of tensor: Tensor) -> Storage? {
    let (tape, known) = withRecord { record, tape in
      (tape, record.known[tensor.number(on: tape)!])
    }
    return known.isNothing || tape.activity.isPullback ? nil : known.storage(tensor.type)
  }

  /// The elements of tensors on this tape; what they need and is not known is computed.
  ///
  /// The tape is not kept from others meanwhile: kernels run on what it holds now.
  ///
  /// - Parameter limit: values from this number on are forgotten as soon as no entry that runs here
  ///   still reads them. Nothing is lost: they are computed again when asked for.
  /// - Returns: the elements, which the tape knows from now on, as all that was computed below the
  ///   limit.
  func storages(of tensors: [Tensor], forgettingFrom limit: Int = .max) -> [Storage] {
    let evaluated = evaluated(tensors, forgettingFrom: limit)
    evaluated.tape.keep(evaluated.computed, below: limit)
    evaluated.tape.withRecord { record, tape in
      for (tensor, storage) in zip(tensors, evaluated.storages) {
        record.known[tensor.number(on: tape)!] = .elements(storage)
      }
    }
    return evaluated.storages
  }

  /// The same, and all that was computed for it and is not forgotten, by numbers of the tape that they
  /// were on.
  func evaluated(
    _ tensors: [Tensor], forgettingFrom limit: Int
  ) -> (storages: [Storage], computed: ComputedValues, tape: Tape) {
    let (tape, graph, known) = withRecord { record, tape in (tape, record.graph, record.known) }
    let numbers = tensors.map { $0.number(on: tape)! }
    var evaluation = Evaluation(of: numbers, in: graph, known: known, forgettingFrom: limit)
    let computed = tape.activity.run(asWalk: false) {
      StopPlace.at(.evaluation, "", of: tape, Tape.entryThatRuns) {
        evaluation.run(on: tape)
      }
    }
    let storages = numbers.map { number in
      computed[number] ?? known[number].storage(graph.types[number])
    }
    return (storages, computed, tape)
  }

  /// Keeps what was computed of the values below a number, unless they have moved meanwhile.
  func keep(_ computed: ComputedValues, below limit: Int) {
    withRecord { record, tape in
      guard tape === self else { return }
      for number in computed.numbers.clamped(to: 0..<Swift.min(limit, record.known.count)) {
        if let storage = computed[number] { record.known[number] = .elements(storage) }
      }
    }
  }
}

extension Tape.Known {
  /// The elements of a value of this type.
  func storage(_ type: TensorType) -> Storage {
    switch self {
    case .elements(let storage): storage
    case .number(let value): .filled(type, with: value)
    case .nothing: stop("tape: a value that is needed was not computed")
    }
  }

  var isNothing: Bool {
    if case .nothing = self { return true }
    return false
  }
}

/// Values that an evaluation has computed, by their numbers.
struct ComputedValues {
  /// The numbers that they are among.
  let numbers: Range<Int>
  private var storages: [Storage?]

  init(_ numbers: Range<Int>) {
    self.numbers = numbers
    storages = Array(repeating: nil, count: numbers.count)
  }

  subscript(number: Int) -> Storage? {
    get { numbers.contains(number) ? storages[number - numbers.lowerBound] : nil }
    set { storages[number - numbers.lowerBound] = newValue }
  }
}
