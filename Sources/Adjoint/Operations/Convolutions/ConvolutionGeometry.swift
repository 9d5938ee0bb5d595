/// A convolution's extents: what its three operations, forward and the two gradients, have in common.
struct ConvolutionGeometry {
  let windows: Windows
  let batch: Int
  let groups: Int
  /// The channels of the images, in each group.
  let inputs: Int
  /// The channels of the results, in each group.
  let outputs: Int
  /// The spatial extents of the images.
  let image: [Int]
  /// The spatial extents of the results.
  let result: [Int]

  init(
    _ windows: Windows, _ groups: Int, _ x: TensorType, _ weight: TensorType, _ y: TensorType
  ) {
    self.windows = windows
    self.groups = groups
    batch = x.shape[0]
    inputs = weight.shape[1]
    outputs = weight.shape[0] / groups
    image = Array(x.shape[2...])
    result = Array(y.shape[2...])
  }

  var imageSize: Int { image.reduce(1, *) }
  var resultSize: Int { result.reduce(1, *) }
  var tapCount: Int { windows.extents.reduce(1, *) }

  /// Calls `body` for every product of the convolution: the places in x, in the weight and in y.
  func forEachProduct(_ body: (Int, Int, Int) -> Void) {
    for n in 0..<batch * groups {
      let group = n % groups
      for o in 0..<outputs {
        let y = (n * outputs + o) * resultSize
        for c in 0..<inputs {
          let x = (n * inputs + c) * imageSize
          let weight = ((group * outputs + o) * inputs + c) * tapCount
          windows.forEachTap(over: image, counts: result) { window, tap, element in
            body(x + element, weight + tap, y + window)
          }
        }
      }
    }
  }
}
