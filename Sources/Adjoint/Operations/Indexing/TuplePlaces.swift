/// Where slices lie in row-major order whose places along several axes are given together.
///
///     places: int32[P…, K], extents: [A₁, …, A_K]   →   int32[P…]
///
/// Axes of a batch before them are those of the places, too. The place −1 is the last of its axis. No gradient.
struct TuplePlaces: Operation {
  /// Who asks, for messages.
  enum Caller: String, Sendable {
    case gatherTuples
    case scattering
    case scatteringTuples
  }

  var name: String { caller.rawValue }
  let caller: Caller
  /// The extents of the batch, then those of the axes that places are along.
  let extents: [Int]
  let batchRank: Int
  var elementTypes: ElementTypes { .all }
  var reads: Reads { .nothing }
  var attributes: String { "in: \(extents)" + (batchRank > 0 ? ", batch axes: \(batchRank)" : "") }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireCount(inputs, 1)
    requireIndices(inputs[0])
    require(
      inputs[0].rank > batchRank && inputs[0].shape.last == extents.count - batchRank
        && inputs[0].shape.prefix(batchRank) == extents.prefix(batchRank),
      "\(name): the places are \(inputs[0]); behind the \(batchRank) axes of the batch give their "
        + "axes, and last a place for each of \(extents.dropFirst(batchRank))")
    require(
      extents.reduce(1, *) <= Int32.max,
      "\(name): \(extents) has more elements than int32 can number; take a part of it")
    return [inputs[0].with(shape: inputs[0].shape.dropLast())]
  }

  func kernel(_ frame: inout KernelFrame<Int32>) {
    let places = frame.input(0)
    let width = extents.count - batchRank
    let perBatch = max(1, frame.outputType(0).shape.dropFirst(batchRank).reduce(1, *))
    var y = frame.output(0)
    for tuple in y.indices {
      // The number within the batch, then within each axis.
      y[tuple] = Int32(
        (0..<width).reduce(tuple / perBatch) { number, k in
          let extent = extents[batchRank + k]
          return number * extent + place(places[tuple * width + k], within: extent)
        })
    }
  }

  func pullback(_ rule: inout Pullback) {}

  static var samples: [Sample] {
    let places = Tensor([[0, 2], [-1, 1]] as [[Int32]])
    return [
      Sample(
        "pairs", TuplePlaces(caller: .gatherTuples, extents: [3, 4], batchRank: 0), [places],
        isSmooth: false),
      Sample(
        "in a batch", TuplePlaces(caller: .gatherTuples, extents: [2, 3, 3], batchRank: 1),
        [places], isSmooth: false),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("gatherTuples: the index 2 is not within an axis of extent 2; give -2 to 1") {
        print(Tensor.zeros([2, 2]).gatherTuples(Tensor([[0, 2]] as [[Int32]])))
      },
      Misuse("gatherTuples: the indices are float32[2]; give int32") {
        _ = Tensor.zeros([2, 2]).gatherTuples(.zeros([2]))
      },
      Misuse(
        "gatherTuples: the places are int32[3], with 0 axes of a batch; last they have a place for each axis, of "
          + "which float32[2, 2] has 2"
      ) { _ = Tensor.zeros([2, 2]).gatherTuples(.zeros([3], dtype: .int32)) },
    ]
  }
}
