/// Where elements lie in row-major order that are at given places along one axis, and where they are along the
/// others.
///
///     places: int32[P…], axis, shape: [A…]   →   int32[P…]
///
/// The place −1 is the last of the axis. No gradient.
struct ElementPlaces: Operation {
  /// Who asks, for messages.
  enum Caller: String, Sendable {
    case gatherElements
    case scatteringElements
    case maxUnpooled
  }

  var name: String { caller.rawValue }
  let caller: Caller
  let axis: Int
  let shape: [Int]
  var elementTypes: ElementTypes { .all }
  var reads: Reads { .nothing }
  var attributes: String { "axis: \(axis), in: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    requireIndices(inputs[0])
    require(
      inputs[0].rank == shape.count
        && shape.indices.allSatisfy { $0 == axis || inputs[0].shape[$0] <= shape[$0] },
      "\(name): the places are \(inputs[0]), the shape is \(shape); give as many axes, none but "
        + "axis \(axis) with more elements")
    let count = shape.reduce(1, *)
    require(
      count <= Int32.max,
      "\(name): \(shape) has \(count) elements, more than int32 can number; take a part of it")
    return inputs
  }

  func kernel(_ frame: inout KernelFrame<Int32>) {
    let (places, type) = (frame.input(0), frame.inputType(0))
    let strides = type.with(shape: shape).strides
    var others = strides
    others[axis] = 0
    var y = frame.output(0)
    let runs = StridedRuns(shape: type.shape, strides: others)
    for run in runs {
      for i in 0..<runs.length {
        let place = place(places[run.position + i], within: shape[axis])
        y[run.position + i] = Int32(run.offset + i * runs.stride + place * strides[axis])
      }
    }
  }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    let places = Tensor([[0, 2], [-1, 1]] as [[Int32]])
    return [
      Sample(
        "rows", ElementPlaces(caller: .gatherElements, axis: 0, shape: [3, 2]), [places],
        isSmooth: false),
      Sample(
        "columns", ElementPlaces(caller: .gatherElements, axis: 1, shape: [2, 4]), [places],
        isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("gatherElements: the index 3 is not within an axis of extent 3; give -3 to 2") {
        print(Tensor.zeros([3]).gatherElements(Tensor([3] as [Int32]), along: 0))
      },
      Misuse(
        "gatherElements: the places are int32[1, 3], the shape is [2, 2]; give as many axes, none but "
          + "axis 0 with more elements"
      ) { _ = Tensor.zeros([2, 2]).gatherElements(.zeros([1, 3], dtype: .int32), along: 0) },
    ]
  }
}
