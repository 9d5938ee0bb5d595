import Adjoint
import AdjointFixtures
import AdjointNN
import Testing

@Suite("Schedules")
struct ScheduleTests {
  @Test("Rates as PyTorch has them")
  func rates() throws {
    let schedules: [Schedule] = [
      .linear(from: 0.125, to: 0.5, steps: 8),
      .polynomial(from: 0.5, to: 0, steps: 10, power: 2),
      .step(from: 0.5, by: 0.5, every: 3),
      .step(from: 0.5, by: 0.1, at: [2, 7]),
      .exponential(from: 0.5, by: 0.9),
      .repeated(every: 2, growth: 2) { .cosine(from: 0.5, to: 0.01, steps: $0) },
      .oneCycle(largest: 0.5, steps: 13),
      .constant(0.05).then(.cosine(from: 0.5, steps: 20), after: 4),
    ]
    let want = try Fixture.array("optimizers/schedules")
    for (number, schedule) in schedules.enumerated() {
      for step in 0..<want.shape[1] {
        let right = want.element(number, step)
        // PyTorch multiplies rates step by step, and rounds each time.
        #expect(abs(schedule(step) - right) <= 1e-14, "schedule \(number), step \(step)")
      }
    }
  }

  @Test func aCosineAsPyTorchTakesIt() throws {
    let fixture = try #require(Fixture.optimizers.first { $0.name == "sched_cosine" })
    let schedule = Schedule.cosine(from: 0.1, to: 0.001, steps: 50)
    for (step, rate) in [Double](try fixture("lr_steps")).enumerated() {
      #expect(abs(schedule(step) - rate) <= 1e-15)
    }
  }

  @Test func theyStayAtTheirLastRate() {
    let schedules: [(Schedule, Double)] = [
      (.linear(from: 0, to: 0.3, steps: 7), 0.3), (.cosine(from: 1, to: 0.1, steps: 7), 0.1),
      (.polynomial(from: 1, to: 0.2, steps: 7, power: 0.5), 0.2),
      (.oneCycle(largest: 1, steps: 7), 1 / 25 / 1e4),
      // The way up ends at step 0.
      (.oneCycle(largest: 1, steps: 7, share: 1.0 / 7), 1 / 25 / 1e4),
      (.oneCycle(largest: 1, steps: 7, share: 0.01), 1 / 25 / 1e4),
    ]
    #expect(Schedule.oneCycle(largest: 1, steps: 10, share: 0.1)(0) == 1.0 / 25)
    for (schedule, last) in schedules {
      #expect(abs(schedule(7) - last) < 1e-18)
      #expect(schedule(1_000_000) == schedule(7))
    }
    #expect((Schedule.constant(2) * 0.25)(3) == 0.5)
    #expect(Schedule.step(from: 0, by: 1e300, every: 1)(3) == 0)
  }

  @Test("A plateau as PyTorch sees it")
  func plateau() throws {
    let want = try Fixture.array("optimizers/plateaus")
    var falling = Plateau(factor: 0.5, patience: 1)
    var rising = Plateau(factor: 0.1, patience: 2, leastRate: 0.02, isRising: true)
    var rates = (0.5, 0.5)
    for step in 0..<want.shape[1] {
      let figure = want.element(0, step)
      rates = (falling.rate(rates.0, after: figure), rising.rate(rates.1, after: 10 - figure))
      #expect(abs(rates.0 - want.element(1, step)) < 1e-15, "step \(step)")
      #expect(abs(rates.1 - want.element(2, step)) < 1e-15, "step \(step)")
    }
    var afterInfinity = Plateau(factor: 0.5, patience: 0)
    #expect(afterInfinity.rate(1, after: .infinity) == 1 && afterInfinity.rate(1, after: 5) == 1)
    #expect(afterInfinity.best == 5)
    let before = falling.badCount
    _ = falling.rate(1, after: .nan)
    #expect(falling.badCount == before + 1 || falling.badCount == 0)
  }
}
