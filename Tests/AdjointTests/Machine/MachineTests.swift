import AdjointKernels
import AdjointNN
import Foundation
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

  @Test("Every piece is done once, also when who waits for others goes to sleep")
  func longPieces() {
    for round in 0..<10 {
      let counts = (0..<3).map { _ in Counter() }
      ThreadPool.shared.run(3) {
        Thread.sleep(forTimeInterval: 0.002)
        counts[$0].increment()
      }
      #expect(counts.allSatisfy { $0.count == 1 }, "round \(round)")
    }
  }

  @Test("No more threads are at work than there are processors")
  func noMoreThreadsThanProcessors() {
    let processors = Int(adjointProcessorCount())
    let atWork = Guarded((now: 0, most: 0))
    withThreads(processors + 62) {
      #expect(threads <= processors)
      inParallel(1000, grain: 1) { _ in
        atWork.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        Thread.sleep(forTimeInterval: 0.0001)
        atWork.withLock { $0.now -= 1 }
      }
    }
    #expect(atWork.withLock { $0.most } <= processors)
  }

  @Test("Helpers are left out for a while where the caller alone is faster")
  func trialOfHelpers() {
    var (trial, now) = (HelperTrial(), UInt64(0))
    /// Jobs of 10 ms that take so many times what their pieces would take one after another.
    func enter(_ count: Int, _ ratio: Double) {
      for _ in 0..<count {
        now += 10_000_000
        trial.enter(time: 10_000_000, work: Int(10_000_000 / ratio), at: now)
      }
    }
    // An idle machine, with one displacement.
    enter(100, 0.6)
    enter(1, 3)
    enter(99, 0.6)
    #expect(trial.way(at: now) == .helped)
    // Another program comes, and the caller tries it alone.
    enter(5, 2)
    #expect(trial.way(at: now) == .aloneOnTrial)
    enter(4, 1.5)
    #expect(trial.way(at: now) == .aloneOnTrial)
    enter(1, 1.5)
    #expect(trial.way(at: now) == .alone)
    #expect(trial.way(at: now + 800_000_000 - 1) == .alone)
    now += 800_000_000
    #expect(trial.way(at: now) == .helped)
    // Now helpers lose less than the caller alone.
    enter(5, 1.4)
    enter(5, 1.5)
    #expect(trial.way(at: now) == .helped)
    enter(79, 2)
    #expect(trial.way(at: now) == .helped)
    enter(5, 2)
    #expect(trial.way(at: now) == .aloneOnTrial)
  }

  @Test func anEnvironmentAsksForThreads() {
    #expect(ThreadPool.count(asked: nil) == nil && ThreadPool.count(asked: "") == nil)
    #expect(ThreadPool.count(asked: "3") == 3)
    #expect(ThreadPool.count(asked: "99999999999999999999") == .max)
  }

  @Test("A ticket counts pieces and seats, and changes with each job")
  func tickets() throws {
    let first = Ticket.none.next(pieces: 2, seats: 1)
    let joined = try #require(first.joined)
    #expect(joined.pieces == 1 && joined.joined == nil && joined.job == first.job)
    let taken = try #require(joined.taken)
    #expect(taken.pieces == 0 && taken.taken == nil)
    let next = taken.next(pieces: Ticket.mostPieces, seats: 1 << 20)
    #expect(next.pieces == Ticket.mostPieces && next.job == first.job + 1)
    #expect(next.joined != nil)
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
