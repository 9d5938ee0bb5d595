/// How much results change from one recording of a function to another.
///
/// Subtracting results loses the digits that they have in common: in x + y with a large x, those of y.
/// So a change is pushed through what is linear on the way to the results, and values are subtracted
/// only where something is not: Δ(a + b) = Δa + Δb, Δ(a·b) = Δa·b̄ + ā·Δb with the means ā and b̄ of
/// both recordings, which holds exactly; and through functions that have a formula for it, such as
/// Δeᵃ = eᵃ·(e^Δa − 1). What did not move adds nothing, and no rounding error.
package struct Changes {
  private let (from, to): (Tape, Tape)
  private let (graph, other): (Graph, Graph)
  /// Whether both have recorded the same program.
  private let isSameProgram: Bool
  /// The changes found so far, by the numbers of values; nil of those that have not changed.
  private var found: [Int: Tensor?] = [:]
  /// Which rounding errors to draw, if they are what is asked for.
  private var rounding: Rounding?
  /// Draws a relative error of each change and of each term of one, if that is asked for.
  private var blurring: Philox?
  /// Whether there are infinities, which have not changed where they stay what they are.
  private let areInfinite: Bool

  /// Random rounding errors, in place of changes.
  package struct Rounding {
    var generator: Philox
    /// The relative error, as that of the precision which values are computed in.
    let epsilon: Double
    /// Whether they are those of the first recording's values only, however large the others are.
    let isOfFirst: Bool

    package init(using generator: Philox, epsilon: Double, isOfFirst: Bool = false) {
      self.generator = generator
      self.epsilon = epsilon
      self.isOfFirst = isOfFirst
    }
  }

  /// Changes between values on two tapes, on each of which the same function was recorded.
  ///
  /// - Parameters:
  ///   - from: the tape with the values before.
  ///   - to: the tape with those after.
  ///   - rounding: if given, instead of the changes those rounding errors that they may have: of each value
  ///     that is subtracted and moved, random ones of half a unit in the last place.
  ///   - blurring: if given, each change is off by a random rounding error of its own: changes may cancel on the way, as
  ///     values do.
  ///   - areInfinite: whether some values are infinite.
  package init(
    from: Tape, to: Tape, rounding: Rounding? = nil, blurring: Philox? = nil,
    areInfinite: Bool = false
  ) {
    (self.from, self.to, self.rounding) = (from.home, to.home, rounding)
    self.blurring = blurring
    self.areInfinite = areInfinite
    let (graph, other) = (self.from.graph, self.to.graph)
    (self.graph, self.other) = (graph, other)
    isSameProgram =
      graph.entries.count == other.entries.count && graph.types == other.types
      && graph.entries.indices.allSatisfy {
        graph.entries[$0].inputs.elementsEqual(other.entries[$0].inputs)
      }
  }

  /// The change from a value to the one that the other recording has for it; nil if there is none.
  package mutating func change(from a: Tensor, to b: Tensor) -> Tensor? {
    guard isSameProgram, let number = a.number(on: from), b.number(on: to) == number else {
      return a.isSameValue(as: b) ? nil : b.detached - a.detached
    }
    return change(of: number)
  }

  /// The change of a function of some inputs, whose own changes are known.
  static func change(
    of function: ([Tensor]) -> Tensor, from before: [Tensor], to after: [Tensor],
    by changes: [Tensor]
  ) -> Tensor? {
    let (from, to) = (Tape(), Tape())
    let (first, second) = (before.map { from.watch($0) }, after.map { to.watch($0) })
    let (a, b) = (function(first), function(second))
    var all = Changes(from: from, to: to)
    for (input, change) in zip(first, changes) {
      if let number = input.number(on: from) { all.found[number] = .some(change) }
    }
    return all.change(from: a, to: b)
  }

  private mutating func change(of number: Int) -> Tensor? {
    if let change = found[number] { return change }
    var change: Tensor??
    if let entry = graph.entry(making: number) {
      change = linearChange(of: number, by: entry) ?? exactChange(of: number, by: entry)
    }
    let known = blurred(change ?? difference(of: number))
    found[number] = .some(known)
    return known
  }

  /// A change with a rounding error, if errors are asked for.
  private mutating func blurred(_ change: Tensor?) -> Tensor? {
    guard let change, change.dtype.isFloatingPoint, var generator = blurring else { return change }
    let normal = Tensor.normal(
      change.shape, deviation: .ulpOfOne / 2, dtype: change.dtype, using: &generator)
    blurring = generator
    return change * (1 + normal)
  }

  /// The change of an output of a linear operation; nil if it is none, or something else than its inputs has
  /// changed.
  private mutating func linearChange(of number: Int, by entry: Graph.Entry) -> Tensor?? {
    guard let linearity = (entry.operation as? any LinearOperation)?.linearity else { return nil }
    let inputs = Array(entry.inputs)
    let isReal = inputs.map { graph.types[$0].dtype.isFloatingPoint }
    // Indices are the same, or nothing can be said.
    for (input, isReal) in zip(inputs, isReal) where !isReal {
      guard isUnchanged(input) else { return nil }
    }
    let changes = zip(inputs, isReal).map { $1 ? change(of: $0) : nil }
    if changes.allSatisfy({ $0 == nil }) { return .some(nil) }
    switch linearity {
    case .joint:
      let operands = inputs.indices.map { place in
        isReal[place]
          ? changes[place] ?? Tensor.zeros(like: value(inputs[place])) : value(inputs[place])
      }
      return entry.operation.outputs(of: operands)[number - entry.outputs.lowerBound]
    case .each:
      return .some(changeOfProduct(entry.operation, inputs, changes))
    }
  }

  /// Δ(a·b) = Δa·b̄ + ā·Δb.
  private mutating func changeOfProduct(
    _ product: any Operation, _ inputs: [Int], _ changes: [Tensor?]
  ) -> Tensor? {
    let means = zip(inputs, changes).map { input, change in
      change.map { value(input) + $0 * 0.5 } ?? value(input)
    }
    var sum: Tensor?
    for (place, change) in changes.enumerated() {
      guard let change else { continue }
      var operands = means
      operands[place] = change
      guard let term = blurred(product.outputs(of: operands)[0]) else { continue }
      sum = sum.map { $0 + term } ?? term
    }
    return sum
  }

  /// The change of the output of an operation that has a formula for it, with the difference where that does
  /// not hold; nil if it has none.
  private mutating func exactChange(of number: Int, by entry: Graph.Entry) -> Tensor?? {
    guard let operation = entry.operation as? any ExactlyChangingOperation,
      operation.changesExactly
    else { return nil }
    let inputs = Array(entry.inputs)
    let changes = inputs.map { change(of: $0) }
    if changes.allSatisfy({ $0 == nil }) { return .some(nil) }
    let exact = operation.change(
      from: inputs.map { value($0) }, to: inputs.map { value($0, after: true) },
      by: zip(inputs, changes).map { $1 ?? .zeros(like: value($0)) })
    guard let exact else { return nil }
    if [Double](exact).allSatisfy(\.isFinite) { return exact }
    return exact.select(
      where: exact.isFinite, otherwise: difference(of: number) ?? .zeros(like: exact))
  }

  private func isUnchanged(_ number: Int) -> Bool {
    let (a, b) = (value(number), value(number, after: true))
    if a.isSameValue(as: b) || a.storage === b.storage { return true }
    return a.dtype == .int32 ? [Int32](a) == [Int32](b) : [Bool](a) == [Bool](b)
  }

  private mutating func difference(of number: Int) -> Tensor? {
    let (a, b) = (value(number), value(number, after: true))
    guard a.storage !== b.storage else { return nil }
    guard var errors = rounding else {
      return areInfinite ? (b - a).select(where: b .!= a, otherwise: 0) : b - a
    }
    // A leaf is what it is.
    guard graph.entry(making: number) != nil, a.dtype.isFloatingPoint else { return nil }
    let normal = Tensor.normal(
      a.shape, deviation: errors.epsilon / 2, dtype: a.dtype, using: &errors.generator)
    rounding = errors
    let size = errors.isOfFirst ? a.magnitude() : a.magnitude() + b.magnitude()
    var error = size * normal
    if let moved = differenceByOperands(of: number, isAfter: !errors.isOfFirst) {
      error = error + moved
    }
    return error.select(where: b .!= a, otherwise: 0)
  }

  /// What a result is off by as its operands are rounded themselves: a sine of 10⁶·x by the rounding of that. Nil if they
  /// are all what they are, or the error is not finite.
  private mutating func differenceByOperands(of number: Int, isAfter: Bool) -> Tensor? {
    guard let entry = graph.entry(making: number), var errors = rounding else { return nil }
    var isRounded = false
    let operands = entry.inputs.map { input -> (exact: Tensor, rounded: Tensor) in
      let exact = value(input, after: isAfter)
      guard graph.entry(making: input) != nil, exact.dtype.isFloatingPoint else {
        return (exact, exact)
      }
      isRounded = true
      let normal = Tensor.normal(
        exact.shape, deviation: errors.epsilon / 2, dtype: exact.dtype,
        using: &errors.generator)
      return (exact, exact * (1 + normal))
    }
    rounding = errors
    guard isRounded else { return nil }
    let place = number - entry.outputs.lowerBound
    let error =
      entry.operation.outputs(of: operands.map(\.rounded))[place]
      - entry.operation.outputs(of: operands.map(\.exact))[place]
    return error.select(where: error.magnitude() .< .infinity, otherwise: 0)
  }

  private func value(_ number: Int, after: Bool = false) -> Tensor {
    let tape = after ? to : from
    return Tensor(graph.types[number], .recorded(tape, number: number)).detached
  }
}

extension ExactlyChangingOperation where Self: FusedOperation {
  /// The change of what the operation is composed of.
  package func change(
    from before: [Tensor], to after: [Tensor], by changes: [Tensor]
  ) -> Tensor? {
    Changes.change(of: { composed($0)[0] }, from: before, to: after, by: changes)
  }
}
