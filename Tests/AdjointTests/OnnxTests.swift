import Adjoint
import AdjointFixtures
import Testing

extension OnnxCase {
  /// What this package makes of the inputs.
  func result() throws -> Tensor {
    let x = try input(0)
    let axis = Int(number("axis") ?? -1)
    let epsilon = number("epsilon") ?? 1e-5
    switch operation {
    case "Conv":
      return x.convolved(
        with: try input(1), strides: list("strides"), padding: list("pads"),
        dilations: list("dilations"), groups: Int(number("group") ?? 1))
    case "ConvTranspose":
      return x.convolvedTransposed(
        with: try input(1), strides: list("strides"), padding: list("pads"),
        outputPadding: list("output_padding"), groups: Int(number("group") ?? 1))
    case "MaxPool":
      return x.maxPooled(
        list("kernel_shape")!, strides: strides, padding: padding(of: x),
        dilations: list("dilations"), roundingUp: number("ceil_mode") == 1)
    case "AveragePool":
      return x.averagePooled(
        list("kernel_shape")!, strides: strides, padding: padding(of: x),
        dilations: list("dilations"), roundingUp: number("ceil_mode") == 1,
        countingPadding: number("count_include_pad") == 1)
    case "LpPool":
      let (window, p) = (list("kernel_shape")!, number("p") ?? 2)
      let means = x.magnitude().power(p)
        .averagePooled(window, strides: strides, padding: padding(of: x), countingPadding: true)
      return (means * Double(window.reduce(1, *))).power(1 / p)
    case "BatchNormalization":
      return x.normalized(
        mean: try input(3), variance: try input(4), scale: try input(1), shift: try input(2),
        epsilon: epsilon)
    case "LayerNormalization":
      return x.layerNormalized(
        scale: try input(1), shift: try input(2), from: axis, epsilon: epsilon)
    case "GroupNormalization":
      return x.groupNormalized(
        groups: Int(number("num_groups")!), scale: try input(1), shift: try input(2),
        epsilon: epsilon)
    case "InstanceNormalization":
      return x.groupNormalized(
        groups: x.shape[1], scale: try input(1), shift: try input(2), epsilon: epsilon)
    case "RMSNormalization":
      return x.rootMeanSquareNormalized(scale: try input(1), from: axis, epsilon: epsilon)
    case "LpNormalization":
      return x / x.magnitude().sum(over: [axis], keepingAxes: true)
    default: throw Problem.unknown(operation)
    }
  }

  private enum Problem: Error {
    case unknown(String)
  }

  private var strides: [Int] { list("strides") ?? list("kernel_shape")!.map { _ in 1 } }

  /// The padding that is given, or what keeps the extents, with the odd one at the end or the start.
  private func padding(of x: Tensor) -> [Int]? {
    guard let automatic = text("auto_pad"), automatic.hasPrefix("SAME") else {
      return list("pads")
    }
    let all = list("kernel_shape")!.map { $0 - 1 }
    let (less, more) = (all.map { $0 / 2 }, all.map { $0 - $0 / 2 })
    return automatic == "SAME_UPPER" ? less + more : more + less
  }
}

@Suite("Node tests of ONNX")
struct OnnxTests {
  @Test("Convolution, pooling and normalization", arguments: OnnxCase.all)
  func nodeTest(_ node: OnnxCase) throws {
    let (got, want) = (try node.result(), try node.output())
    #expect(got.shape == want.shape)
    for (got, want) in zip([Float](got), [Float](want)) {
      let bound = Float(node.tolerance.absolute) + Float(node.tolerance.relative) * want.magnitude
      #expect((got - want).magnitude <= bound, "got \(got), want \(want)")
    }
  }
}
