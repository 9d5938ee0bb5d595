import Adjoint

extension Subject {
  /// A value on the way to the outputs, or one of them, with its cotangent.
  struct Inside {
    let values: [Double]
    let weights: [Double]
  }

  /// What Φ may hide of values on the way that are the same in all of some evaluations: their rounding. So may an
  /// error function that is 1 already, in 1 − erf x.
  func roundingOfUnmoved(_ others: [Evaluation]) -> Double {
    let others = others.map { Subject.inside($0.tape, outputs(of: $0.outputs)) }
    guard others.allSatisfy({ $0.map(\.count) == inside.map(\.values.count) }) else { return 0 }
    let numbers = others.map { $0.map { [Double]($0) } }
    var sum = 0.0
    for (number, here) in inside.enumerated() {
      for (place, value) in here.values.enumerated()
      where value.isFinite
        && numbers.allSatisfy({ $0[number][place].bitPattern == value.bitPattern })
      {
        let rounding = abs(here.weights[place]) * value.ulp / 2
        if rounding.isFinite { sum += rounding }
      }
    }
    return sum
  }

  /// The values on the way to some outputs, and these.
  private static func inside(_ tape: Tape, _ outputs: [Tensor]) -> [Tensor] {
    tape.values(between: tape.watchedTensors, and: outputs) + outputs
  }

  /// The outputs that have a cotangent.
  private func outputs(of made: [Tensor]) -> [Tensor] {
    zip(made, cotangents).filter { $0.0.tape != nil && $0.1 != nil }.map(\.0)
  }

  /// What is on the way at the point, with cotangents.
  func insideOfPoint() -> [Inside] {
    countEvaluation()
    let (tape, made) = Subject.record(
      function, inputs, on: .recording(in: .float64, holding: held))
    let outputs = outputs(of: made)
    let seeds = zip(made, cotangents).compactMap { output, cotangent in
      output.tape == nil ? nil : cotangent?.cast(to: output.dtype)
    }
    let values = Subject.inside(tape, outputs)
    let weights = tape.cotangents(of: values, from: outputs, seeds: seeds) { _ in }
    return zip(values, weights).map { Inside(values: [Double]($0), weights: [Double]($1)) }
  }
}
