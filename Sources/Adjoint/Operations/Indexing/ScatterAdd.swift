/// Zeros, with slices added at given places along an axis.
///
///     x: [A, D, E, C], places: int32[D, E], axis: 1, extent: B   →   [A, B, C]
///
/// Where many are added up, in float64; sums of int32 must fit. Pullback: the slices of ȳ at the places, ``Gather``.
struct ScatterAdd: LinearOperation {
  var name: String { "scatterAdd" }
  var elementTypes: ElementTypes { .numeric }
  let axis: Int
  let extent: Int
  var reads: Reads { .inputs(1) }
  var attributes: String { "axis: \(axis), extent: \(extent)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    requireIndices(inputs[1])
    let (shape, end) = (inputs[0].shape, axis + inputs[1].rank)
    require(
      end <= shape.count && Array(shape[axis..<end]) == inputs[1].shape,
      "scatterAdd: \(inputs[0]) has no slices for \(inputs[1]) from axis \(axis) on; "
        + "give one slice for each index")
    return [inputs[0].with(shape: Array(shape[..<axis]) + [extent] + shape[end...])]
  }

  func kernel<Scalar: NumericScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (x, places) = (frame.input(0), frame.input(1, as: Int32.self))
    let blocks = AxisSplit(frame.outputType(0), axis)
    var sums = [Scalar.Accumulator](repeating: 0, count: frame.outputType(0).count)
    for block in 0..<blocks.outer {
      for i in places.indices {
        let target = blocks.start(block, place(places[i], within: extent))
        let source = (block * places.count + i) * blocks.inner
        for j in 0..<blocks.inner { sums[target + j] += x[source + j].widened }
      }
    }
    var y = frame.output(0)
    for i in y.indices { y[i] = Scalar(narrowing: sums[i]) }
  }

  /// What is added up to an int32 need not fit one on the way there.
  func kernel(_ frame: inout KernelFrame<Int32>) {
    let (x, places) = (frame.input(0), frame.input(1, as: Int32.self))
    let blocks = AxisSplit(frame.outputType(0), axis)
    var sums = Array(repeating: 0, count: frame.outputType(0).count)
    for source in x.indices {
      let (slice, column) = (source / blocks.inner, source % blocks.inner)
      let (block, i) = (slice / places.count, slice % places.count)
      sums[blocks.start(block, place(places[i], within: extent)) + column] += Int(x[source])
    }
    var y = frame.output(0)
    for i in y.indices {
      guard let sum = Int32(exactly: sums[i]) else {
        stop("\(name): \(sums[i]) does not fit an int32; cast to float64 first")
      }
      y[i] = sum
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (places, g) = (rule.input(1), rule.cotangent)
    rule.set(0, to: Gather(axis: axis)(g, places))
  }

  static var samples: [Sample] {
    let twice = Tensor([2, 0, 2] as [Int32])
    return [
      Sample("rows", ScatterAdd(axis: 0, extent: 4), [.sample([3, 2]), twice]),
      Sample("inner axis", ScatterAdd(axis: 1, extent: 3), [.sample([2, 3, 2]), twice]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("scatterAdd: 2147483648 does not fit an int32; cast to float64 first") {
        let x = Tensor([Int32.max])
        _ = x.scattering(
          Tensor([1] as [Int32]), at: Tensor([0] as [Int32]), along: 0, combining: .add)
      },
      Misuse(
        "scatterAdd: float32[2, 2] has no slices for int32[3] from axis 0 on; "
          + "give one slice for each index"
      ) { _ = ScatterAdd(axis: 0, extent: 4)(.zeros([2, 2]), Tensor([0, 1, 2] as [Int32])) },
    ]
  }
}
