import Testing

@testable import Adjoint

@Suite("The graph")
struct GraphTests {
  @Test(
    "Of every operation it is sound, with its gradient and the gradient of that",
    arguments: TableSample.smooth)
  func isSound(_ row: TableSample) {
    let tape = Tape()
    let inputs = row.sample.inputs.map { $0.dtype.isFloatingPoint ? tape.watch($0) : $0 }
    let watched = inputs.filter { $0.tape != nil }
    let outputs = row.sample.operation.outputs(of: inputs).filter(\.dtype.isFloatingPoint)
    let first = tape.gradients(
      of: outputs, seeds: outputs.map { .ones(like: $0) }, with: watched, recording: true)
    _ = tape.gradients(
      of: first, seeds: first.map { .ones(like: $0) }, with: watched, recording: true)
    #expect(tape.graph.check() == nil)
    // A joined graph is sound too.
    var twice = tape.graph
    twice.append(tape.graph)
    #expect(twice.check() == nil)
  }

  private static let vector = TensorType(.float32, [3])

  /// %0 watched, %1 = −%0.
  private var negation: Graph {
    var graph = Graph()
    let x = graph.append(.watched, Self.vector)
    _ = graph.append(Unary<Negate>(), Few(x), Self.vector)
    return graph
  }

  @Test func whatIsWrongWithAGraphIsFound() {
    #expect(negation.check() == nil)
    var wrongType = negation
    _ = wrongType.append(Unary<Negate>(), Few(1), TensorType(.float32, [2]))
    #expect(wrongType.check()?.contains("entry 1, negate, makes") == true)
    var readsLater = negation
    _ = readsLater.append(Binary<Add>(), Few(0, 3), Self.vector)
    #expect(readsLater.check()?.contains("reads %3, which is not made before") == true)
    var readsItself = negation
    _ = readsItself.append(Binary<Add>(), Few(0, 2), Self.vector)
    #expect(readsItself.check()?.contains("reads %2, which is not made before") == true)
  }

  @Test func anEntryHoldsEveryOperationInPlace() {
    func size<Applied: Adjoint.Operation>(_: Applied.Type) -> Int { MemoryLayout<Applied>.size }
    for type in Operations.all {
      // Three words: what is larger is put on the heap each time that it is recorded.
      #expect(size(type) <= 3 * MemoryLayout<Int>.size, "\(type)")
    }
  }

  @Test func theSameElementsAreOneSlot() {
    let tape = Tape()
    let (x, a) = (tape.watch(Tensor([1, 2, 3])), Tensor([2, 2, 2]))
    _ = x * a + a - a.reshaped(to: [3])
    #expect(tape.graph.leaves.map(\.kind) == [.watched, .slot])
  }

  @Test func numbersOfRulesAreLiteralsAndThoseOfModelsAreSlots() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2, 3]))
    let y = (x * 3).mean()
    _ = tape.gradients(of: y, with: [x], recording: true)
    let kinds = tape.graph.leaves.map(\.kind)
    // The factor 3; the seed, and the number of elements in the rule of the mean.
    #expect(kinds == [.watched, .slot, .literal(1), .literal(3)])
  }
}
