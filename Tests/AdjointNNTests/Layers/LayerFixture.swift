import Adjoint
import AdjointData
import AdjointFixtures
import AdjointNN
import Testing

/// What a layer of PyTorch computes in double: `Tests/Files/layers.py` says how.
struct LayerFixture {
  private let arrays: [String: Tensor]

  init(_ name: String) throws {
    arrays = try NPZ.read(Fixture.data.appendingPathComponent("layers/\(name).npz"))
  }

  /// An argument of the call.
  func input(_ name: String) throws -> Tensor { try #require(arrays["in.\(name)"], "\(name)") }

  /// The tensors whose names begin so, under the rest of their names.
  func arrays(_ prefix: String) -> [String: Tensor] {
    var found: [String: Tensor] = [:]
    for (name, array) in arrays where name.hasPrefix(prefix + ".") {
      found[String(name.dropFirst(prefix.count + 1))] = array
    }
    return found
  }

  /// Gives a model of float32 the weights of the fixture, and holds its results and gradients against the fixture's.
  ///
  /// - Parameters:
  ///   - model: the model, which is taken to float64.
  ///   - inputs: the arguments that have a gradient.
  ///   - call: applies the model to them, and returns the results by name.
  /// - Returns: the model after the call.
  @discardableResult
  func check<Model: Module>(
    _ model: Model, at inputs: [String] = ["x"], renaming: Renaming = .pyTorch,
    call: (inout Model, [Tensor]) -> [String: Tensor]
  ) throws -> Model {
    var model = model.cast(to: .float64)
    try model.load(ModelState(arrays("weight")), renaming: renaming)
    let (given, upstream) = (try inputs.map(input), arrays("upstream"))
    func loss(_ results: [String: Tensor]) -> Tensor {
      results.map { name, y in (y * (upstream[name] ?? .zeros([]))).sum() }
        .reduce(Tensor(0, dtype: .float64), +)
    }
    var after = model
    for (name, y) in call(&after, given) { expect(y, arrays["out.\(name)"], "out.\(name)") }
    let slopes =
      given.isEmpty
      ? []
      : gradients(at: given) { x in
        var copy = model
        return loss(call(&copy, x))
      }
    for (name, slope) in zip(inputs, slopes) {
      expect(slope, arrays["grad.\(name)"], "grad.\(name)")
    }
    if !model.parameters.isEmpty {
      let (_, gradient) = valueAndGradient(of: &model) { loss(call(&$0, given)) }
      let slopes = gradient.state(renaming: renaming)
      for (name, slope) in arrays("slope") { expect(slopes[name], slope, "slope.\(name)") }
    }
    return after
  }

  /// Some hundreds of roundings of 1.1·10⁻¹⁶ of numbers that are no larger than the largest.
  func expect(_ got: Tensor?, _ want: Tensor?, _ name: String) {
    guard let got, let want else {
      Issue.record("\(name): there is \(got == nil ? "no result" : "nothing in the fixture")")
      return
    }
    #expect(relativeError(got, want) <= 1e-13, "\(name)")
  }
}

extension LayerFixture {
  /// ``check(_:at:renaming:call:)`` of a layer of one input.
  @discardableResult
  func check<Checked: Layer>(_ layer: Checked, _ mode: Mode = .training) throws -> Checked {
    try check(layer) { (layer: inout Checked, x: [Tensor]) in ["y": layer(x[0], mode)] }
  }
}
