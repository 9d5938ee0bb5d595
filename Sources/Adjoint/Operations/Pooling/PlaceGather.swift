/// Elements read from their places in planes.
///
///     x: [N, C, A…], place: int32[N, C, B…]   →   [N, C, B…]
///
/// Pullback: x̄ is ȳ put at the places.
struct PlaceGather: LinearOperation {
  var name: String { "placeGather" }
  let windows: Windows
  var reads: Reads { .inputs(1) }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    require(
      inputs[1].dtype == .int32 && inputs[1].shape.prefix(2) == inputs[0].shape.prefix(2),
      "\(name): the places are \(inputs[1]); give int32 with the batch and channels of \(inputs[0])"
    )
    return [inputs[0].with(shape: inputs[1].shape)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, place) = (frame.input(0), frame.input(1, as: Int32.self))
    let size = frame.inputType(0).shape[2...].reduce(1, *)
    let count = max(1, frame.inputType(1).shape[2...].reduce(1, *))
    var y = frame.output(0)
    for i in y.indices { y[i] = x[i / count * size + Int(place[i])] }
  }

  func pullback(_ rule: inout Pullback) {
    let (place, g) = (rule.input(1), rule.cotangent)
    let extents = Array(rule.inputType(0).shape[2...])
    rule.set(0, to: PlaceScatter(windows: windows, extents: extents)(g, place))
  }

  static var samples: [Sample] {
    let windows = Windows([2, 2], strides: [1, 1], padding: nil, dilations: nil, "maxPooling")
    let place = Tensor([4, 4, 4, 8] as [Int32], shape: [1, 1, 2, 2])
    return [Sample("one place", PlaceGather(windows: windows), [.sample([1, 1, 3, 3]), place])]
  }

  static var misuses: [Misuse] {
    [
      Misuse(
        "placeGather: the places are int32[1, 2, 2, 2]; give int32 with the batch and channels of "
          + "float32[1, 1, 3, 3]"
      ) {
        let windows = Windows([2, 2], strides: [1, 1], padding: nil, dilations: nil, "maxPooling")
        _ = PlaceGather(windows: windows)(
          .zeros([1, 1, 3, 3]), .zeros([1, 2, 2, 2], dtype: .int32))
      }
    ]
  }
}
