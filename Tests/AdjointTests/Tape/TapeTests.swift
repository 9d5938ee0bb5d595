import Testing

@testable import Adjoint

@Suite("The tape")
struct TapeTests {
  @Test func theFirstPageOfTheDocumentation() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2, 3]))
    let y = (x * x).sum()
    let dx = tape.gradients(of: y, with: [x])[0]
    #expect([Float](dx) == [2, 4, 6])
    #expect(Float(y) == 14)
    let listing = """
      %0  watch              float32[3]
      %1  multiply %0 %0     float32[3]
      %2  sum(axes: [0]) %1  float32[]
      """
    #expect("\(tape)" == listing)
  }

  @Test func gradientsWithoutRecordingLeaveTheTapeAsItWas() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2, 3]))
    let y = x.exp().sum()
    let before = (tape.count, tape.entryCount)
    let first = tape.gradients(of: y, with: [x])
    let second = tape.gradients(of: y, with: [x])
    #expect(first == second)
    #expect(first[0].tape == nil)
    #expect((tape.count, tape.entryCount) == before)
  }

  @Test func recordedOperationsAreComputedWhenAskedForAndOnlyAsFarAsNeeded() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2]))
    let y = CountedOperation(counter: .init())
    let (used, unused) = (y(x), y(x))
    #expect(y.counter.count == 0)
    #expect([Float](used) == [1, 2])
    #expect(y.counter.count == 1)
    #expect([Float](used) == [1, 2])
    #expect(y.counter.count == 1)
    #expect(unused.shape == [2])
  }

  @Test func valuesUsedSeveralTimesAddUpTheirGradients() {
    let g = gradient(at: Tensor(3)) { x in x * x * x + x * x }
    #expect(Float(g) == 33)  // 3x² + 2x
  }

  @Test func derivativesOfAnyOrder() {
    // d⁴/dx⁴ of x⁶ is 360 x².
    func derivative(_ order: Int, _ x: Tensor) -> Tensor {
      order == 0 ? x.power(6) : gradient(at: x) { derivative(order - 1, $0) }
    }
    #expect(Double(derivative(4, Tensor(1.5, dtype: .float64))) == 360 * 2.25)
  }

  @Test func aGradientOfAnIntermediateValue() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2]))
    let h = x * 3
    let y = (h * h).sum()
    let gradients = tape.gradients(of: y, with: [h, x])
    #expect(gradients.map { [Float]($0) } == [[6, 12], [18, 36]])
  }

  @Test func whatDoesNotMatterHasTheGradientZero() {
    let tape = Tape()
    let (x, z) = (tape.watch(Tensor([1, 2])), tape.watch(Tensor([[1], [2]])))
    let gradients = tape.gradients(of: x.sum(), with: [z, x])
    #expect(gradients == [.zeros([2, 1]), .ones([2])])
    let ofConstant = gradient(at: Tensor([1, 2])) { _ in Tensor(7) }
    #expect(ofConstant == .zeros([2]))
  }

  @Test func severalOutputsAddUpTheirSeeds() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2]))
    let gradient = tape.gradients(
      of: [x * 2, x.squared(), x], seeds: [Tensor([1, 0]), Tensor([0, 1]), nil], with: [x])[0]
    #expect([Float](gradient) == [2, 4])
  }

  @Test func ofCotangentsThatARuleSetsTwiceTheLastOneCounts() {
    let g = gradient(at: Tensor([1, 2])) { x in (SetsTwice()(x) + x).sum() }
    #expect([Float](g) == [6, 6])
  }

  @Test func detachedTensorsAreConstants() {
    let g = gradient(at: Tensor([1, 2])) { x in (x * x.detached + x.stoppingGradient()).sum() }
    #expect([Float](g) == [1, 2])
  }

  @Test func nestedDerivativesDoNotMixTheirVariables() {
    // d/dx [x · d/dy (x + y) at y = 1] = 1: an inner derivative must not count x.
    let g = gradient(at: Tensor(2)) { x in
      x * gradient(at: Tensor(1)) { y in x + y }
    }
    #expect(Float(g) == 1)
  }

  @Test func manyOperationsNeitherRecurseNorOverflow() {
    // A frame of 50 bytes for each would be more than a thread's stack.
    let tape = Tape()
    let x = tape.watch(Tensor(1))
    var y = x
    for _ in 0..<200_000 { y = Unary<Negate>()(y) }
    #expect(Float(tape.gradients(of: y, with: [x])[0]) == 1)
    #expect(Float(y) == 1)
  }

  @Test func aTapeMayBeUsedFromManyTasks() async {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2, 3]))
    let results = await withTaskGroup(of: [Float].self) { group in
      for power in 1...16 {
        group.addTask {
          let y = x.power(Double(power)).sum()
          return [Float](tape.gradients(of: y, with: [x])[0])
        }
      }
      return await group.reduce(into: Set<[Float]>()) { $0.insert($1) }
    }
    #expect(results.count == 16)
    #expect(results.contains([2, 4, 6]))
  }

  @Test func theGraphHasABoxForEachGroup() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2]), name: "hidden \"x\"")
    let y = x.grouped("Layer") { x.grouped("Inner") { x.exp() } + 1 }
    _ = y.sum()
    let graph = tape.graphviz
    #expect(graph.hasPrefix("digraph tape {"))
    #expect(graph.contains("label=\"Layer\""))
    #expect(graph.contains("label=\"Inner\""))
    #expect(graph.contains("watch hidden \\\"x\\\""))
    #expect(graph.split(separator: "\n").filter { $0.contains("->") }.count == 4)
    #expect(graph.filter { $0 == "{" }.count == graph.filter { $0 == "}" }.count)
  }

  /// Thinks better of its cotangent.
  struct SetsTwice: IdentityOperation {
    var name: String { "setsTwice" }
    func pullback(_ rule: inout Pullback) {
      let g = rule.cotangent
      rule.set(0, to: g)
      rule.set(0, to: g * 5)
    }
  }

  /// Counts how often its kernel runs.
  struct CountedOperation: IdentityOperation {
    let counter: Counter
    var name: String { "counted" }
    func kernelBegins() { counter.increment() }
  }
}
