import Adjoint
import AdjointFixtures

extension OracleFunction {
  /// Convolution, pooling, and batch norm's relatives.
  init?(image fixture: Fixture) throws {
    // PyTorch takes one number for all axes.
    func numbers(_ name: String) -> [Int]? {
      fixture.numbers(name).map { $0.count == 1 ? [$0[0], $0[0]] : $0 }
    }
    let (strides, padding) = (numbers("stride"), numbers("padding"))
    let (window, dilations) = (numbers("kernel") ?? [], numbers("dilation"))
    let groups = fixture.numbers("groups")?[0] ?? 1
    let epsilon = fixture.parameters["eps"]?.number ?? 0
    let roundsUp = fixture.parameters["ceil_mode"]?.isSet ?? false
    let countsPadding = fixture.parameters["count_include_pad"]?.isSet ?? false
    let convolutionInputs = ["x", "weight"] + (fixture.has("bias") ? ["bias"] : [])
    switch fixture.kind {
    case "conv2d":
      self.init(convolutionInputs) {
        $0[0].convolved(
          with: $0[1], strides: strides, padding: padding, dilations: dilations, groups: groups,
          bias: $0.count > 2 ? $0[2] : nil)
      }
    case "conv_transpose2d":
      let outputPadding = numbers("output_padding")
      self.init(convolutionInputs) {
        $0[0].convolvedTransposed(
          with: $0[1], strides: strides, padding: padding, outputPadding: outputPadding,
          dilations: dilations, groups: groups, bias: $0.count > 2 ? $0[2] : nil)
      }
    case "max_pool2d":
      self.init(["x"]) {
        $0[0].maxPooled(
          window, strides: strides, padding: padding, dilations: dilations, roundingUp: roundsUp)
      }
    case "avg_pool2d":
      self.init(["x"]) {
        $0[0].averagePooled(
          window, strides: strides, padding: padding, roundingUp: roundsUp,
          countingPadding: countsPadding)
      }
    case "layer_norm":
      self.init(["x", "gamma", "beta"]) {
        $0[0].layerNormalized(
          scale: $0[1], shift: $0[2], from: -$0[1].rank, epsilon: epsilon)
      }
    case "group_norm", "instance_norm":
      self.init(["x", "gamma", "beta"]) {
        $0[0].groupNormalized(groups: groups, scale: $0[1], shift: $0[2], epsilon: epsilon)
      }
    case "rms_norm":
      self.init(["x", "gamma", "beta"]) {
        $0[0].rootMeanSquareNormalized(scale: $0[1], from: -$0[1].rank, epsilon: epsilon) + $0[2]
      }
    default: return nil
    }
  }
}
