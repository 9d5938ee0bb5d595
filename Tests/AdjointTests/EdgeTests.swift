import Testing

@testable import Adjoint

/// Values at the edges of what elements can hold.
@Suite("Edges")
struct EdgeTests {
  @Test("Composed batch norm holds what float32 holds", arguments: [1e20, 1e-30, 1, 3e38])
  func composedBatchNorm(_ magnitude: Double) {
    let x = Tensor([magnitude, -magnitude], shape: [2, 1], dtype: .float32)
    for epsilon in [0, 1e-5] where magnitude >= 1 || epsilon == 0 {
      for isFused in [true, false] where magnitude < 1e38 || !isFused {
        let y = x.batchNormalized(
          scale: .ones([1]), shift: .zeros([1]), epsilon: epsilon, fused: isFused
        ).output
        let expected = 1 / (1 + epsilon / (magnitude * magnitude)).squareRoot()
        let want = Tensor([expected, -expected], shape: [2, 1], dtype: .float32)
        #expect(y.isClose(to: want), "\(magnitude), \(epsilon), fused \(isFused): \(y)")
      }
    }
    #expect(Float(x.standardDeviation()).isNearly(Float(magnitude)))
    let row = x.reshaped(to: [1, 2])
    #expect(
      row.rootMeanSquareNormalized(scale: .ones([2]), epsilon: 0).isClose(to: Tensor([[1, -1]])))
    #expect(Float(x.norm()).isNearly(Float(magnitude) * Float(2).squareRoot()) || magnitude > 1e38)
  }

  @Test("A step of Adam along huge and unknown gradients is the same in all its forms")
  func adam() {
    let step = AdamStep(count: 1, decaysWeights: false, isDecoupled: false)
    let gradient = Tensor([1e20, -3e38, .nan, .infinity, -.infinity, 1, 0])
    let (zeros, coefficients) = (
      Tensor.zeros([7]), [0.01, 0.9, 0.1, 0.999, 0.001, 0.03, 1e-8, 0, 1]
    )
    let inputs = [zeros, gradient, zeros, zeros, Tensor(coefficients, dtype: .float32)]
    func bits(_ outputs: [Tensor]) -> [[Float]] {
      outputs.map { [Float]($0).map { $0.isNaN ? 0.125 : $0 } }
    }
    let reference = bits(step.computed(from: inputs, on: .reference))
    // Both count as 2⁶³: m = 0.1·2⁶³, v = 0.001·2¹²⁶, and the step is 0.01·m/(√v/0.03).
    let (square, step1) = (0.001 * Float(0x1p126), 0.01 * 0.1 * 0.03 / Float(0.001).squareRoot())
    #expect(Array(reference[2][..<2]) == [square, square])
    #expect(reference[0][..<2].allSatisfy { Swift.abs(Swift.abs($0) - step1) <= 8 * step1.ulp })
    #expect(Array(reference[0][2...4]) == [0.125, 0.125, 0.125])
    #expect(reference == bits(step.composed(inputs)))
    for instructions in compiled {
      #expect(bits(step.computed(from: inputs, on: instructions)) == reference, "\(instructions)")
    }
  }

  @Test(
    "Shares of a row with ∞, or of −∞ alone, are unknown in all layouts", arguments: [2, 3, 17, 70])
  func infiniteLogits(_ classes: Int) {
    for dtype in [DType.float32, .float64] {
      for place in 0..<classes {
        // Row 0 has ∞ at a place, row 1 is −∞, row 2 holds numbers, and −∞ but at its label.
        var rows = [Double](repeating: 0.5, count: 3 * classes)
        rows[place] = .infinity
        for k in 0..<classes { rows[classes + k] = -.infinity }
        rows[2 * classes + (place + 1) % classes] = -.infinity
        let (x, labels) = (
          Tensor(rows, shape: [3, classes], dtype: dtype),
          [Int32](repeating: Int32(place), count: 3)
        )
        for axis in [0, 1] {
          let logits = axis == 1 ? x : x.transposed([1, 0])
          func known(_ result: Tensor) -> [Bool] {
            let byRow = axis == 1 || result.rank == 1 ? result : result.transposed([1, 0])
            let isKnown = (byRow .== byRow).cast(to: .int32)
            let counts = result.rank == 1 ? isKnown : isKnown.sum(over: [1])
            // All of a row, or nothing of it.
            #expect(
              [Int32](counts).allSatisfy {
                [0, result.rank == 1 ? 1 : Int32(classes)].contains($0)
              })
            return [Int32](counts).map { $0 > 0 }
          }
          let onlyLast = [false, false, true]
          #expect(known(logits.softmax(along: axis)) == onlyLast)
          #expect(known(logits.logSoftmax(along: axis)) == onlyLast)
          #expect(known(logits.softmaxCrossEntropy(Tensor(labels), over: axis)) == onlyLast)
          let gradient = gradient(at: logits) {
            $0.softmaxCrossEntropy(Tensor(labels), over: axis).sum()
          }
          #expect(known(gradient) == onlyLast, "\(classes) classes, axis \(axis): \(gradient)")
          // softmax has 1/(n − 1) for each finite logit, and 0 for −∞.
          let last = axis == 1 ? gradient[2] : gradient.transposed([1, 0])[2]
          let share = 1 / Double(classes - 1)
          var expected = [Double](repeating: share, count: classes)
          expected[place] -= 1
          expected[(place + 1) % classes] = 0
          #expect(
            last.isClose(
              to: Tensor(expected, dtype: dtype), relative: 4 * dtype.epsilon,
              absolute: dtype.epsilon))
          #expect([Double](logits.logSumExp(over: axis))[..<2] == [.infinity, -.infinity])
        }
      }
    }
  }

  @Test("The upper end of a range does not occur, nor anything outside of it")
  func uniform() {
    let ranges: [Range<Double>] = [
      1000..<1001, -1..<0, 0.1..<0.3, 1e8..<(1e8 + 8), -3e38..<3e38, 5..<5.000001, 0..<1e-45,
    ]
    for range in ranges {
      var generator = Philox(seed: 3)
      let x = [Float](Tensor.uniform([400_000], in: range, using: &generator))
      #expect(
        x.allSatisfy { Double($0) < range.upperBound || $0 == Float(range.lowerBound) }, "\(range)")
      #expect(x.allSatisfy { $0 >= Float(range.lowerBound) }, "\(range)")
    }
    var generator = Philox(seed: 3)
    let wide = Tensor.uniform(
      [1000], in: -1.7e308..<1.7e308, dtype: .float64, using: &generator)
    #expect([Double](wide).allSatisfy { $0.isFinite })
  }

  @Test(
    "Deviations, norms and mean squares hold what float64 holds",
    arguments: [1e160, 1e-170, 3e307, 1, 1e-300])
  func float64(_ size: Double) {
    // Of a·[1, −1, 1, 1]: μ = a/2, σ = a·√¾, ‖x‖ = 2a; the root mean square is a.
    let x = Tensor([size, -size, size, size] as [Double])
    func expect(
      _ got: Tensor, _ want: [Double], _ what: String,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(
        got.isClose(to: Tensor(want, shape: got.shape), relative: 1e-15, absolute: 0),
        "\(what): \(got)", sourceLocation: sourceLocation)
    }
    expect(x.standardDeviation(), [size * 0.75.squareRoot()], "σ")
    // ∂σ/∂x = (x − μ)/(n·σ).
    let slope = 1 / (8 * 0.75.squareRoot())
    expect(
      gradient(at: x) { $0.standardDeviation() }, [slope, -3 * slope, slope, slope], "∂σ/∂x")
    if size < 1e308 / 2 { expect(x.norm(), [2 * size], "‖x‖") }
    expect(
      gradient(at: x) { $0.norm() }, size > 1e308 / 2 ? [0, 0, 0, 0] : [0.5, -0.5, 0.5, 0.5],
      "∂‖x‖/∂x")
    let row = x.reshaped(to: [1, 4])
    let scale = Tensor.ones([4], dtype: .float64)
    expect(row.rootMeanSquareNormalized(scale: scale, epsilon: 0), [1, -1, 1, 1], "RMS")
    if size > 1 { expect(row.rootMeanSquareNormalized(scale: scale), [1, -1, 1, 1], "RMS with ε") }
  }

  @Test("Means that float64 holds, of sums that it does not", arguments: [[0], [1], [0, 1]])
  func largeMeans(_ axes: [Int]) {
    let x = Tensor.full([3, 40_000], 1.75e308, dtype: .float64)
    for instructions in [InstructionSet.reference] + compiled {
      let mean = Mean(axes: axes, keepingAxes: false).computed(from: [x], on: instructions)[0]
      // The sum and the quotient are rounded.
      #expect(
        [Double](mean).allSatisfy { abs($0 / 1.75e308 - 1) <= 2 * .ulpOfOne }, "\(instructions)")
      let mixed = Tensor([[1.7e308, 1.7e308, .infinity], [1, 2, 3]] as [[Double]])
      let means = Mean(axes: [0], keepingAxes: false).computed(from: [mixed], on: instructions)[0]
      #expect([Double](means) == [0.85e308, 0.85e308, .infinity])
    }
  }

  @Test func largeMeansOfWindows() {
    let x = Tensor([1.7e308, 1.7e308, 1, 3, .infinity, 1] as [Double], shape: [1, 1, 6])
    let pooling = AveragePooling(
      windows: Windows([2], strides: [2], padding: nil, dilations: nil, "pooling"), roundsUp: false,
      divisor: .elements)
    for instructions in [InstructionSet.reference] + compiled {
      let y = pooling.computed(from: [x], on: instructions)[0]
      #expect([Double](y) == [1.7e308, 2, .infinity], "\(instructions)")
    }
  }

  @Test func endsFartherApartThanANumberSays() {
    let x = Tensor.linear(from: -1e308, through: 1e308, count: 3, dtype: .float64)
    #expect(x == Tensor([-1e308, 0, 1e308] as [Double]))
  }

  @Test("Second derivatives at 0 are 0, as the first ones are said to be")
  func secondDerivativesAtZero() {
    func second(_ function: @escaping (Tensor) -> Tensor) -> Tensor {
      let tape = Tape()
      let x = tape.watch(Tensor([0, 0]))
      let slope = tape.gradients(of: function(x), with: [x], recording: true)[0]
      return tape.gradients(of: slope.sum(), with: [x])[0].detached
    }
    #expect(second { $0.norm() } == Tensor([0, 0]))
    #expect(second { Tensor.hypot($0[0], $0[1]) } == Tensor([0, 0]))
    #expect(second { Tensor.atan2($0[0], $0[1]) } == Tensor([0, 0]))
    #expect(second { $0.standardDeviation() } == Tensor([0, 0]))
  }

  @Test("Gradients of the means of empty images are empty")
  func emptyImages() {
    for shape in [[1, 1, 0], [1, 1, 0, 4], [1, 1, 4, 0], [2, 0, 4], [0, 1, 4]] {
      let (window, padding) = (
        Array(repeating: 2, count: shape.count - 2), Array(repeating: 1, count: shape.count - 2)
      )
      let x = Tensor.zeros(shape)
      // Around nothing there are windows of padding alone, whose elements have no mean.
      for isCounting in shape[2...].contains(0) ? [true] : [false, true] {
        let means = gradient(at: x) {
          $0.averagePooled(window, padding: padding, countingPadding: isCounting).sum()
        }
        #expect(means == x)
      }
      #expect(gradient(at: x) { $0.powerPooled(window, padding: padding).sum() } == x)
    }
  }

  @Test func noMemoryForEachThreadIsAlsoSome() {
    for shared in [0, 8] {
      let count = Guarded(0)
      Workspace.with(Scratch(shared: shared, perThread: 0)) { workspace in
        inParallel(100, grain: 1) { range in
          unsafe workspace.withPart(as: Double.self) { _ in count.withLock { $0 += range.count } }
        }
      }
      #expect(count.withLock { $0 } == 100)
    }
  }

  @Test("Norms of an element that is all there is, and of many", arguments: [[1], [0]])
  func norms(_ axes: [Int]) {
    // The first of 1000 is 1e10 of the others, which are 1: in float64 the sum of squares is 1e20 + 999.
    var numbers = [Float](repeating: 1, count: 1000)
    numbers[0] = 1e10
    let rows = Tensor(numbers + [Float](repeating: -3e-30, count: 1000), shape: [2, 1000])
    let x = axes == [1] ? rows : rows.transposed()
    let norm = [Double](x.norm(over: axes))
    let expected = [(1e20 + 999).squareRoot(), 3e-30 * 1000.0.squareRoot()]
    #expect(zip(norm, expected).allSatisfy { Swift.abs($0 / $1 - 1) <= Double(Float.ulpOfOne) })
  }

  @Test("Gradients of norms at ∞, and of what is the smallest there is")
  func normsAtTheEdges() {
    for dtype in [DType.float32, .float64] {
      let infinite = gradient(at: Tensor([.infinity, 1, -2], dtype: dtype)) { $0.norm() }
      #expect(infinite.element(0).isNaN && infinite.element(1) == 0 && infinite.element(2) == 0)
      let least = dtype == .float32 ? Double(Float.leastNonzeroMagnitude) : .leastNonzeroMagnitude
      #expect(
        gradient(at: Tensor([least, 0], dtype: dtype)) { $0.norm() }
          == Tensor([1, 0], dtype: dtype))
      #expect(Double(Tensor([least, 0], dtype: dtype).norm()) == least)
      let rows = Tensor([[3, 4], [0, 0], [-5, 12]] as [[Double]]).cast(to: dtype)
      #expect(rows.norm(over: 1) == Tensor([5, 0, 13], dtype: dtype))
      #expect(
        rows.transposed().norm(over: 0, keepingAxes: true)
          == Tensor([[5, 0, 13]] as [[Double]]).cast(to: dtype))
    }
  }

  @Test("Fused norms of what less its mean float32 does not hold")
  func differencesBeyondFloat32() {
    // Of a·[1, 1, −1, 1], x̂ = [1, 1, −3, 1]/√3; of γ = 1, dx = (dy − mean(dy) − x̂·mean(dy·x̂))/σ, σ = a·√¾.
    let a = 3e38
    let (ones, zeros, dy) = (Tensor.ones([1]), Tensor.zeros([1]), Tensor([1, -2, 0.5, 3]))
    let expected = Tensor([1, 1, -3, 1].map { Float($0 / 3.0.squareRoot()) })
    let normalized = expected.cast(to: .float64)
    let centred = dy.cast(to: .float64) - 0.625
    let dx = (centred - normalized * (centred * normalized).mean()) / (a * 0.75.squareRoot())
    func expect(_ shape: [Int], _ what: String, _ apply: (Tensor) -> Tensor) {
      let x = Tensor([Float(a), Float(a), -Float(a), Float(a)], shape: shape)
      // The factor is a subnormal number, of which half a unit is 1.4e-7 of it.
      #expect(
        apply(x).reshaped(to: [4]).isClose(to: expected, relative: 1e-6, absolute: 0),
        "\(what): \(apply(x))")
      let got = gradient(at: x) { (apply($0).reshaped(to: [4]) * dy).sum() }.reshaped(to: [4])
      let unit = Double(Float.leastNonzeroMagnitude)
      #expect(
        got.cast(to: .float64).isClose(to: dx, relative: 1e-6, absolute: 4 * unit),
        "\(what): \(got)")
    }
    expect([4, 1], "rows") { $0.batchNormalized(scale: ones, shift: zeros).output }
    expect([1, 1, 4], "planes") { $0.batchNormalized(scale: ones, shift: zeros).output }
    expect([1, 4], "layer") { $0.layerNormalized(scale: .ones([4]), shift: .zeros([4])) }
    expect([1, 1, 4], "group") { $0.groupNormalized(groups: 1, scale: ones, shift: zeros) }
  }

  @Test("An unknown bound, or an unknown element, is clamped to what is unknown, as by NumPy")
  func unknownBounds() {
    for dtype in [DType.float32, .float64] {
      let numbers: [Double] = [-2, 0, 2, .nan, .infinity, -.infinity]
      for lower in numbers {
        for upper in numbers {
          let y = Tensor(numbers, dtype: dtype)
            .clamped(from: Tensor(lower, dtype: dtype), to: Tensor(upper, dtype: dtype))
          for (x, got) in zip(numbers, [Double](y)) {
            let isUnknown = [x, lower, upper].contains { $0.isNaN }
            let expected = isUnknown ? .nan : Swift.min(Swift.max(x, lower), upper)
            #expect(
              got == expected || got.isNaN && isUnknown, "\(x) in \(lower)...\(upper): \(got)")
          }
        }
      }
    }
  }

  @Test func crossedBoundsGiveTheUpperOne() {
    let x = Tensor([0, 1.5, 3])
    #expect(x.clamped(from: Tensor(2), to: Tensor(1)) == Tensor([1, 1, 1]))
    let gradients = gradients(at: [x, Tensor(2), Tensor(1)]) {
      $0[0].clamped(from: $0[1], to: $0[2]).sum()
    }
    #expect(gradients == [.zeros([3]), Tensor(0), Tensor(3)])
  }

  @Test func extremaOfNothing() {
    #expect(Float(Tensor.zeros([0]).max()) == -.infinity)
    #expect(Float(Tensor.zeros([0]).min()) == .infinity)
    // Norms are sums, and their limit.
    for p in [1, 1.5, 2, .infinity] {
      #expect([Float](Tensor.zeros([2, 0]).norm(p, over: 1)) == [0, 0], "\(p)")
    }
    #expect([Int32](Tensor.zeros([0, 1], dtype: .int32).norm(.infinity, over: 0)) == [0])
    #expect([Int32](Tensor.zeros([0, 2], dtype: .int32).max(over: 0)) == [.min, .min])
    #expect([Int32](Tensor.zeros([0, 2], dtype: .int32).min(over: 0)) == [.max, .max])
  }

  @Test func anElementIsRead() {
    let x = Tensor([[1, 2], [3, 4]])
    #expect(x.element(1, 0) == 3)
    #expect(Tensor.ones([2, 2]).element(1, 1) == 1)
    #expect(x[-1] == Tensor([3, 4]) && x[-1][-2] == Tensor(3))
    #expect(x.slice(-2 ..< -1, along: 1) == Tensor([[1], [3]]))
  }

  @Test func numbersBesideTensors() {
    var x = Tensor([1, 2])
    x *= 0.5
    x += 1
    x -= 0.5 as Float
    x /= 2
    #expect(x == Tensor([0.5, 0.75]))
    #expect(Tensor.maximum(Tensor([-1, 1]), 0) == Tensor([0, 1]))
    #expect(Tensor.minimum(Tensor([-1, 1]), 0) == Tensor([-1, 0]))
    #expect(Tensor([1, 2]).power(3) == Tensor([1, 8]))
    #expect(Tensor([[1, 2], [3, 4]]).sum(over: 1) == Tensor([3, 7]))
    #expect(Tensor([[1, 2], [3, 4]]).argMax(over: 1, keepingAxis: true).shape == [2, 1])
    #expect(
      Tensor([1]).padded(before: [1], after: [2], with: -1) == Tensor([-1, 1, -1, -1]))
    let count = 3
    #expect(Tensor([count, 4] as [Int]).type == TensorType(.int32, [2]))
    #expect(Tensor([1, 2]).dtype == .float32)
  }

  @Test func aSingleValueIsPrintedOnOneLine() {
    #expect("\(Tensor(0.5))" == "float32[] 0.5000")
    #expect("\(Tensor(-Float.nan))" == "float32[] nan")
  }

  @Test("A section of a graph knows what a walk over it needs")
  func sections() {
    let tape = Tape()
    let (x, y) = (tape.watch(Tensor([1, 2])), tape.watch(Tensor([3, 4])))
    let product = x * y
    let sum = (product + x).sum()
    let graph = tape.graph
    for first in [0, 1, product.number(on: tape)!, sum.number(on: tape)!] {
      let section = GraphSection(of: graph, from: first)
      #expect(section.entries.allSatisfy { $0.outputs.lowerBound >= first })
      #expect(section.entries.count == graph.entries.count { $0.outputs.lowerBound >= first })
      for entry in section.entries {
        for number in Array(entry.inputs) + Array(entry.outputs) {
          #expect(section.type(of: number) == graph.types[number])
        }
      }
    }
  }

  @Test func whatIsComputedOfAValueKeptFromACallIsPlain() {
    var kept = Tensor(0)
    _ = gradient(at: Tensor([1, 2])) { x in
      kept = x * 3
      return kept.sum()
    }
    let next = kept * 2 + 1
    #expect(next.tape == nil && next == Tensor([7, 13]))
    #expect(Tensor.concatenated([kept, kept, next], along: 0).tape == nil)
    // Meant to be differentiated it would be a constant without a word.
    #expect(kept.tape != nil)
  }

  @Test("Where a result is not finite first, and in which group")
  func notFinite() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = stoppingWhereNotFinite {
        gradient(at: Tensor([1, 0, 2])) { x in
          x.grouped("outer") { x.grouped("inner") { (x * 2).log().exp() } }.sum()
        }
      }
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      output.contains(
        "log: element 1 of its result, float32[3], is -inf, in outer › inner; its operands are finite"
      ),
      "\(output.prefix(300))")
  }

  @Test("What was printed before stands before the message")
  func outputIsFlushed() async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardOutputContent]
    ) {
      print("before the stop")
      stop("test: stops")
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    #expect(output.contains("before the stop"))
  }
}

extension Float {
  fileprivate func isNearly(_ other: Float) -> Bool {
    Swift.abs(self - other) <= 4 * other.ulp
  }
}
