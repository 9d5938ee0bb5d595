/// The slices of a tensor at given places along an axis.
///
///     x: [A, B, C], places: int32[D, E], axis: 1   →   [A, D, E, C]
///
/// The place −1 is the last. Pullback: the slices of ȳ added up at their places, ``ScatterAdd``: a place that occurs twice
/// gets both.
struct Gather: LinearOperation, UnroundedOperation {
  var name: String { "gather" }
  var elementTypes: ElementTypes { .all }
  let axis: Int
  var reads: Reads { .inputs(1) }
  var attributes: String { "axis: \(axis)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireIndices(inputs[1])
    let shape = inputs[0].shape
    return [
      inputs[0].with(shape: Array(shape[..<axis]) + inputs[1].shape + shape[(axis + 1)...])
    ]
  }

  func kernel<Scalar: TensorScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, places, type) = (frame.input(0), frame.input(1, as: Int32.self), frame.inputType(0))
    let blocks = AxisSplit(type, axis)
    var y = frame.output(0)
    for block in 0..<blocks.outer {
      for i in places.indices {
        let source = blocks.start(block, place(places[i], within: blocks.extent))
        let target = (block * places.count + i) * blocks.inner
        for j in 0..<blocks.inner { y[target + j] = x[source + j] }
      }
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (type, places, g) = (rule.inputType(0), rule.input(1), rule.cotangent)
    rule.set(0, to: ScatterAdd(axis: axis, extent: type.shape[axis])(g, places))
  }

  static var samples: [Sample] {
    let twice = Tensor([2, 0, -1] as [Int32])
    return [
      Sample("rows", Gather(axis: 0), [.sample([4, 2]), twice]),
      Sample("inner axis", Gather(axis: 1), [.sample([2, 3, 2]), twice]),
      Sample(
        "matrix of places", Gather(axis: 0),
        [.sample([3]), Tensor([[0, 1], [1, 2]] as [[Int32]])]),
      Sample("nothing", Gather(axis: 0), [.sample([3, 2]), Tensor([] as [Int32])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("gather: the index 3 is not within an axis of extent 3; give -3 to 2") {
        print(Tensor.zeros([3, 2]).gather(Tensor([0, 3] as [Int32]), along: 0))
      },
      Misuse("gather: the indices are float32[1]; give int32") {
        _ = Tensor.zeros([3]).gather(Tensor([0]), along: 0)
      },
    ]
  }
}

extension Operation {
  func requireIndices(_ type: TensorType) {
    require(type.dtype == .int32, "\(name): the indices are \(type); give int32")
  }

  /// The place that an index is, which may count from the end.
  func place(_ index: Int32, within extent: Int) -> Int {
    require(
      -extent <= index && index < extent,
      "\(name): the index \(index) is not within an axis of extent \(extent); "
        + (extent > 0 ? "give \(-extent) to \(extent - 1)" : "it has no elements"))
    return index < 0 ? Int(index) + extent : Int(index)
  }
}

extension Tensor {
  /// Returns the slices at given places along an axis.
  ///
  ///     x: [A, B, C], places: int32[D, E], axis: 1   →   [A, D, E, C]
  ///
  /// The place −1 is the last. Pullback: the slices of ȳ are added up at their places.
  /// - Precondition: the places are int32, each within the axis.
  public func gather(_ places: Tensor, along axis: Int) -> Tensor {
    Gather(axis: resolved(axis, rank: rank, "gather", type))(self, places)
  }
}
