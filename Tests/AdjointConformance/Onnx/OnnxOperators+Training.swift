import Adjoint
import AdjointNN

extension OnnxOperators {
  /// Dropout, and the optimizers of the training domain.
  static let training: [String: OnnxOperator] = [
    "Dropout": dropout,
    "Momentum": { call in
      let isFirst = try call.number(input: 1) == 0
      let lists = try call.lists(3)
      var (parameters, velocities) = (lists[0], lists[2])
      takeGradientDescentStep(
        &parameters, along: lists[1], velocities: &velocities,
        learningRate: try call.number(input: 0) ?? 0, momentum: call.number("alpha") ?? 0,
        dampening: isFirst ? 0 : 1 - (call.number("beta") ?? 1),
        weightDecay: call.number("norm_coefficient") ?? 0,
        nesterov: call.text("mode") == "nesterov")
      return parameters + velocities
    },
    "Adam": { call in
      let (step, lists) = (try call.number(input: 1) ?? 0, try call.lists(4))
      let betas = (call.number("alpha") ?? 0.9, call.number("beta") ?? 0.999)
      func bias(_ beta: Double) -> Double {
        step > 0 ? 1 - (0..<Int(step)).reduce(1) { product, _ in product * beta } : 1
      }
      let biases = (bias(betas.0), bias(betas.1))
      // Theirs is added to the root before it is divided.
      let epsilon = (call.number("epsilon") ?? 1e-6) / biases.1.squareRoot()
      var (parameters, means, squares) = (lists[0], lists[2], lists[3])
      takeAdamStep(
        &parameters, along: lists[1], means: &means, squares: &squares,
        learningRate: try call.number(input: 0) ?? 0, betas: betas, biases: biases,
        epsilon: epsilon, weightDecay: call.number("norm_coefficient") ?? 0, decoupled: false)
      let kept = 1 - (call.number("norm_coefficient_post") ?? 0)
      return parameters.map { $0 * kept } + means + squares
    },
    "Adagrad": { call in
      let (step, lists) = (try call.number(input: 1) ?? 0, try call.lists(3))
      var optimizer = Adagrad(
        learningRate: try call.number(input: 0) ?? 0,
        rateDecay: call.number("decay_factor") ?? 0,
        weightDecay: call.number("norm_coefficient") ?? 0,
        epsilon: call.number("epsilon") ?? 1e-6)
      var (parameters, state) = (lists[0], optimizer.state)
      state.numbers["stepCount"] = step
      state.perParameter["sums"] = lists[2]
      try optimizer.load(state, for: Parameters(tensors: parameters))
      optimizer.update(&parameters, along: lists[1])
      return parameters + optimizer.sums
    },
  ]

  /// Parameters of no layer.
  private struct Parameters: Module {
    var tensors: [Tensor]
    mutating func visit(_ visitor: inout Visitor) {
      for index in tensors.indices { visitor.parameter("\(index)", &tensors[index]) }
    }
  }

  /// In training what is dropped follows from random numbers, of which each system has its own.
  private static let dropout: OnnxOperator = { call in
    let x = try call.x
    let rate = try call.number(input: 1) ?? call.number("ratio") ?? 0.5
    let isTraining = try call.number(input: 2) ?? 0 != 0
    var generator = Philox(seed: UInt64(call.integer("seed") ?? 0))
    var layer = Dropout(rate: rate, using: &generator)
    let y = layer(x, isTraining ? .training : .inference)
    return [y, isTraining && rate > 0 ? (y .!= 0) .| (x .== 0) : .ones(x.shape, dtype: .bool)]
  }
}

extension OnnxCall {
  /// The inputs behind the learning rate and the number of the step, as lists of one tensor for each parameter.
  fileprivate func lists(_ count: Int) throws -> [[Tensor]] {
    let length = (values.count - 2) / count
    return try (0..<count).map { list in
      try (0..<length).map { try input(2 + list * length + $0) }
    }
  }
}
