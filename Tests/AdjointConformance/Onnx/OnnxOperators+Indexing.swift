import Adjoint

extension OnnxOperators {
  /// Elements at places that are data themselves.
  static let indexing: [String: OnnxOperator] = [
    "Gather": { [try $0.x.gather(try $0.input(1), along: $0.integer("axis") ?? 0)] },
    "GatherElements": {
      [try $0.x.gatherElements(try $0.input(1), along: $0.integer("axis") ?? 0)]
    },
    "GatherND": {
      [try $0.x.gatherTuples(try $0.input(1), batchAxes: $0.integer("batch_dims") ?? 0)]
    },
    "ScatterElements": { call in
      let combining: Scattering =
        switch call.text("reduction") {
        case "add": .add
        case "mul": .multiply
        case "max": .maximum
        case "min": .minimum
        default: .set
        }
      return [
        try call.x.scatteringElements(
          of: try call.input(2), at: try call.input(1), along: call.integer("axis") ?? 0,
          combining: combining)
      ]
    },
    "OneHot": { call in
      let count = Int(try call.number(input: 1) ?? 0)
      let labels = try call.x.cast(to: .int32)
      let values = try call.input(2)
      // Negative labels count from the end.
      let wrapped = (labels + count).select(where: labels .< 0, otherwise: labels)
      let isHot = wrapped.oneHot(count, at: call.integer("axis") ?? -1, dtype: .bool)
      return [values[1].select(where: isHot, otherwise: values[0])]
    },
    "TopK": { call in
      let k = try call.integers(1)?[0] ?? call.integer("k") ?? 0
      let top = try call.x.topK(
        k, along: call.integer("axis") ?? -1, smallest: call.number("largest") == 0)
      return [top.values, top.places]
    },
  ]
}
