import AdjointNN
import Testing

@testable import Adjoint

@Suite("Threads and memory", .serialized)
struct MachineTests {
  @Test("Results are the same for every number of threads, bit for bit")
  func anyNumberOfThreads() {
    var generator = Philox(seed: 1)
    func normal(_ shape: [Int]) -> Tensor { .normal(shape, using: &generator) }
    let images = normal([8, 16, 24, 24])
    let (filters, pointwise) = (normal([16, 16, 3, 3]), normal([8, 16, 1, 1]))
    let (tall, wide) = (normal([300, 70]), normal([70, 2050]))
    let rows = normal([4096, 65])
    let (scale, shift) = (normal([16]), normal([16]))
    let (rowScale, rowShift) = (normal([65]), normal([65]))
    let (row, many) = (normal([1, 20_000]), normal([65, 20_000]))
    let (narrow, large) = (normal([10, 65]), normal([1030, 1030]))
    let functions: [() -> Tensor] = [
      { images.convolved(with: filters, padding: [1, 1]) },
      { images.convolved(with: pointwise, strides: [2, 2]) },
      {
        let tape = Tape()
        let weight = tape.watch(filters)
        let y = images.convolved(with: weight, padding: [1, 1])
        return tape.gradients(of: [y], seeds: [images], with: [weight])[0]
      },
      {
        let tape = Tape()
        let weight = tape.watch(pointwise)
        let y = images.convolved(with: weight)
        return tape.gradients(of: [y], seeds: [y.detached], with: [weight])[0]
      },
      { tall.matMul(wide) }, { wide.matMul(tall, transposingSelf: true, transposingOther: true) },
      { rows.matMul(narrow, transposingOther: true) },
      { row.matMul(many, transposingOther: true) },
      { large.matMul(large) }, { large.matMul(large, transposingOther: true) },
      { rows.batchNormalized(scale: rowScale, shift: rowShift).output },
      { images.batchNormalized(scale: scale, shift: shift).output },
      { rows.sum() }, { rows.sum(over: [0]) }, { images.mean(over: [0, 2, 3]) },
      { rows.softmax() }, { (rows * rowScale).tanh() }, { images.maxPooled([2, 2]) },
    ]
    let alone = withThreads(1) { functions.map { [Float]($0()) } }
    for width in [2, 3, 7] {
      withThreads(width) {
        for (number, function) in functions.enumerated() {
          #expect([Float](function()) == alone[number], "function \(number), \(width) threads")
        }
      }
    }
  }

  @Test("Every piece is done once, also when several tasks share the helpers")
  func pieces() async {
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          for round in 0..<200 {
            let counts = (0..<37).map { _ in Counter() }
            ThreadPool.shared.run(37) { counts[$0].increment() }
            #expect(counts.allSatisfy { $0.count == 1 }, "task \(task), round \(round)")
          }
        }
      }
    }
  }

  @Test("Ranges make up the whole, whatever the grain")
  func ranges() {
    for count in [0, 1, 5, 64, 1000] {
      for grain in [1, 7, 64, 2000] {
        let counts = (0..<count).map { _ in Counter() }
        inParallel(count, grain: grain) { range in
          for i in range { counts[i].increment() }
        }
        #expect(counts.allSatisfy { $0.count == 1 })
      }
    }
  }

  @Test("What is repeated is written out once, also for several tasks")
  func repetition() async {
    for _ in 0..<50 {
      let storage = Tensor([1, 2, 3]).broadcast(to: [500, 3]).storage
      #expect(storage.repetition?.pattern == Repetition(outer: 500, middle: 3, inner: 1))
      let addresses = await withTaskGroup(of: UInt.self) { group in
        for _ in 0..<4 { group.addTask { UInt(bitPattern: storage.rawPointer) } }
        var addresses: Set<UInt> = []
        for await address in group { addresses.insert(address) }
        return addresses
      }
      #expect(addresses.count == 1)
      #expect(storage.repetition == nil)
      let column = Tensor([1, 2], shape: [2, 1]).broadcast(to: [2, 3])
      #expect([Float](column) == [1, 1, 1, 2, 2, 2])
    }
  }
}
