/// Elements put at their places in planes of zeros; those with one place are added up.
///
///     g: [N, C, B…], place: int32[N, C, B…]   →   [N, C, A…]
///
/// Pullback: ḡ is read from the places.
struct PlaceScatter: LinearOperation {
  var name: String { "placeScatter" }
  let windows: Windows
  let extents: [Int]
  var reads: Reads { .inputs(1) }
  var attributes: String { "to: \(extents)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 2)
    require(
      inputs[1] == inputs[0].with(.int32),
      "\(name): the places are \(inputs[1]); give \(inputs[0].with(.int32))")
    return [inputs[0].with(shape: inputs[0].shape.prefix(2) + extents)]
  }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (g, place) = (frame.input(0), frame.input(1, as: Int32.self))
    let count = max(1, frame.inputType(0).shape[2...].reduce(1, *))
    let size = extents.reduce(1, *)
    var dx = frame.output(0)
    for i in dx.indices { dx[i] = 0 }
    for i in g.indices { dx[i / count * size + Int(place[i])] += g[i] }
  }

  func pullback(_ rule: inout Pullback) {
    let (place, g) = (rule.input(1), rule.cotangent)
    rule.set(0, to: PlaceGather(windows: windows)(g, place))
  }

  static var samples: [Sample] {
    let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "maxPooling")
    let place = Tensor([0, 3, 12, 14] as [Int32], shape: [1, 1, 2, 2])
    let overlapping = Windows([2, 2], strides: [1, 1], padding: nil, dilations: nil, "maxPooling")
    let same = Tensor([4, 4, 4, 8] as [Int32], shape: [1, 1, 2, 2])
    return [
      Sample(
        "apart", PlaceScatter(windows: windows, extents: [4, 4]), [.sample([1, 1, 2, 2]), place]),
      Sample(
        "one place", PlaceScatter(windows: overlapping, extents: [3, 3]),
        [.sample([1, 1, 2, 2]), same]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("placeScatter: the places are float32[1, 1, 2, 2]; give int32[1, 1, 2, 2]") {
        let windows = Windows([2, 2], strides: [2, 2], padding: nil, dilations: nil, "maxPooling")
        _ = PlaceScatter(windows: windows, extents: [4, 4])(
          .zeros([1, 1, 2, 2]), .zeros([1, 1, 2, 2]))
      }
    ]
  }
}
