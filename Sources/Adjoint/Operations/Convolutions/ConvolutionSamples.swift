/// Shapes that all three operations are tried with.
struct ConvolutionSamples {
  let label: String
  let x: [Int]
  let weight: [Int]
  let windows: Windows
  let groups: Int

  var y: [Int] { [x[0], weight[0]] + windows.counts(over: Array(x[2...]), "convolution") }

  init(
    _ label: String, _ x: [Int], _ weight: [Int], strides: [Int]? = nil, padding: [Int]? = nil,
    dilations: [Int]? = nil, groups: Int = 1
  ) {
    self.label = label
    self.x = x
    self.weight = weight
    self.groups = groups
    windows = Windows(
      Array(weight[2...]), strides: strides, padding: padding, dilations: dilations, "convolution")
  }

  static let all = [
    ConvolutionSamples("3 by 3, padded", [2, 2, 4, 5], [3, 2, 3, 3], padding: [1, 1]),
    ConvolutionSamples(
      "Winograd, odd extents", [1, 8, 6, 5], [8, 8, 3, 3], padding: [1, 0, 2, 1]),
    ConvolutionSamples("pointwise", [2, 3, 2, 2], [2, 3, 1, 1]),
    ConvolutionSamples("stride", [1, 2, 5, 6], [2, 2, 3, 2], strides: [2, 3], padding: [1, 0]),
    ConvolutionSamples("stride past the window", [1, 1, 7, 7], [2, 1, 2, 2], strides: [3, 3]),
    ConvolutionSamples("dilation", [1, 2, 6, 6], [1, 2, 2, 3], dilations: [2, 1]),
    ConvolutionSamples("groups", [2, 4, 3, 3], [6, 2, 2, 2], groups: 2),
    ConvolutionSamples(
      "each channel alone", [1, 3, 4, 4], [3, 1, 3, 3], padding: [1, 1], groups: 3),
    ConvolutionSamples("a line", [2, 2, 6], [3, 2, 3], padding: [0, 1]),
    ConvolutionSamples("a volume", [1, 2, 3, 3, 3], [2, 2, 2, 2, 2]),
    ConvolutionSamples("empty batch", [0, 2, 4, 4], [2, 2, 3, 3]),
  ]
}
