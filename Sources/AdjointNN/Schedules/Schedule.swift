import Adjoint

/// A learning rate for each step: a function of the number of steps taken before, which joins others.
///
/// ```swift
/// let schedule = Schedule.linear(from: 0, to: 0.1, steps: 500)       // warm up,
///   .then(.cosine(from: 0.1, to: 0, steps: 9500), after: 500)        // and anneal
/// for step in 0..<10_000 {
///   optimizer.learningRate = schedule(step)
///   …
/// }
/// ```
///
/// Steps may be those of batches or of epochs: the caller counts. A schedule that has ended stays at its last rate.
public struct Schedule: Sendable {
  private let rate: @Sendable (Int) -> Double

  /// Makes a schedule of a function of the step, which is 0 or more.
  public init(_ rate: @escaping @Sendable (_ step: Int) -> Double) { self.rate = rate }

  /// The learning rate of a step.
  /// - Precondition: the step is 0 or more.
  public func callAsFunction(_ step: Int) -> Double {
    require(step >= 0, "Schedule: the step is \(step); count from 0")
    return rate(step)
  }

  /// Returns this schedule for some steps, and another one from there on, which counts from 0 again.
  /// - Precondition: the number of steps is 0 or more.
  public func then(_ next: Schedule, after steps: Int) -> Schedule {
    requireSteps(steps, least: 0, "then")
    return Schedule { step in step < steps ? rate(step) : next.rate(step - steps) }
  }

  /// Returns the schedule with all rates multiplied by a factor.
  public static func * (schedule: Schedule, factor: Double) -> Schedule {
    Schedule { schedule.rate($0) * factor }
  }
}

extension Schedule {
  /// The same rate always.
  public static func constant(_ rate: Double) -> Schedule { Schedule { _ in rate } }

  /// From one rate to another in equal parts: PyTorch's `LinearLR`.
  ///
  ///     η(t) = a + (b − a)·min(t/T, 1)
  ///
  /// - Precondition: the number of steps T is positive.
  public static func linear(from first: Double, to last: Double, steps: Int) -> Schedule {
    polynomial(from: first, to: last, steps: steps, power: 1, name: "linear")
  }

  /// From one rate to another along a power: PyTorch's `PolynomialLR`.
  ///
  ///     η(t) = b + (a − b)·(1 − min(t/T, 1))ᵖ
  ///
  /// - Precondition: the number of steps T and the power p are positive.
  public static func polynomial(
    from first: Double, to last: Double, steps: Int, power: Double
  ) -> Schedule {
    polynomial(from: first, to: last, steps: steps, power: power, name: "polynomial")
  }

  private static func polynomial(
    from first: Double, to last: Double, steps: Int, power: Double, name: String
  ) -> Schedule {
    requireSteps(steps, least: 1, name)
    require(
      power > 0 && power.isFinite,
      "\(name): the power is \(power); give a positive number, 1 for a straight line")
    return Schedule { step in
      let left = Double(max(steps - step, 0)) / Double(steps)
      // Exactly the rates that were asked for at both ends.
      if left == 0 { return last }
      return last + (first - last) * (power == 1 ? left : Double.exp(power * Double.log(left)))
    }
  }

  /// Multiplied by a factor again and again: PyTorch's `StepLR`.
  ///
  ///     η(t) = a·γ^⌊t/T⌋
  ///
  /// - Precondition: the number of steps T is positive, the factor γ 0 or more.
  public static func step(
    from first: Double, by factor: Double = 0.1, every steps: Int
  ) -> Schedule {
    requireSteps(steps, least: 1, "step")
    requireWithin(factor, 0, .greatestFiniteMagnitude, "step: the factor")
    return Schedule { step in first.multiplied(by: factor, step / steps) }
  }

  /// Multiplied by a factor at some steps: PyTorch's `MultiStepLR`.
  /// - Precondition: the milestones are 0 or more, the factor too.
  public static func step(
    from first: Double, by factor: Double = 0.1, at milestones: [Int]
  ) -> Schedule {
    for milestone in milestones { requireSteps(milestone, least: 0, "step") }
    requireWithin(factor, 0, .greatestFiniteMagnitude, "step: the factor")
    return Schedule { step in first.multiplied(by: factor, milestones.count { $0 <= step }) }
  }

  /// Multiplied by a factor at each step: PyTorch's `ExponentialLR`.
  ///
  ///     η(t) = a·γᵗ
  ///
  /// - Precondition: the factor γ is 0 or more.
  public static func exponential(from first: Double, by factor: Double) -> Schedule {
    step(from: first, by: factor, every: 1)
  }

  /// Half a wave of a cosine from one rate to another: PyTorch's `CosineAnnealingLR`.
  ///
  ///     η(t) = b + (a − b)·(1 + cos(π·min(t/T, 1)))/2
  ///
  /// - Precondition: the number of steps T is positive.
  ///
  /// Source: Loshchilov & Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017), equation 5.
  public static func cosine(from first: Double, to last: Double = 0, steps: Int) -> Schedule {
    requireSteps(steps, least: 1, "cosine")
    return Schedule { step in
      if step >= steps { return last }
      return last + (first - last) * (1 + Double.cos(.pi * Double(step) / Double(steps))) / 2
    }
  }

  /// The same over and over, each time for some steps: with a cosine, warm restarts.
  ///
  /// - Parameters:
  ///   - steps: how long it lasts the first time.
  ///   - growth: by how much longer each time lasts than the one before.
  ///   - schedule: the schedule for as many steps as it gets.
  /// - Precondition: the number of steps is positive, the growth 1 or more.
  public static func repeated(
    every steps: Int, growth: Int = 1, _ schedule: @escaping @Sendable (_ steps: Int) -> Schedule
  ) -> Schedule {
    requireSteps(steps, least: 1, "repeated")
    require(growth >= 1, "repeated: the growth is \(growth); give 1 or more")
    return Schedule { step in
      if growth == 1 { return schedule(steps)(step % steps) }
      var (start, length) = (0, steps)
      while step - start >= length {
        start += length
        let (next, overflow) = length.multipliedReportingOverflow(by: growth)
        length = overflow ? .max : next
      }
      return schedule(length)(step - start)
    }
  }

  /// One cycle: up from 1/25 of the largest rate, and down to almost nothing, by cosines: PyTorch's `OneCycleLR`.
  ///
  /// - Parameters:
  ///   - largest: the rate on the top.
  ///   - steps: the number of steps in all.
  ///   - share: the part of the steps that it takes to get there.
  ///   - divisor: by how much smaller the first rate is than the largest.
  ///   - finalDivisor: by how much smaller the last rate is than the first.
  /// - Precondition: there are 2 steps or more; the share is between 0 and 1; divisors are positive.
  ///
  /// Source: Smith & Topin, "Super-convergence" (2018).
  public static func oneCycle(
    largest: Double, steps: Int, share: Double = 0.3, divisor: Double = 25,
    finalDivisor: Double = 1e4
  ) -> Schedule {
    requireSteps(steps, least: 2, "oneCycle")
    require(
      share > 0 && share < 1,
      "oneCycle: the share of the way up is \(share); give a number between 0 and 1")
    require(
      divisor > 0 && finalDivisor > 0 && divisor.isFinite && finalDivisor.isFinite,
      "oneCycle: the divisors are \(divisor) and \(finalDivisor); give positive numbers")
    let (first, top) = (largest / divisor, max(share * Double(steps) - 1, 0))
    @Sendable func arc(_ a: Double, _ b: Double, _ part: Double) -> Double {
      b + (a - b) * (1 + Double.cos(.pi * min(max(part, 0), 1))) / 2
    }
    return Schedule { step in
      let step = Double(step)
      if step == 0 { return first }
      if step <= top { return arc(first, largest, step / top) }
      return arc(largest, first / finalDivisor, (step - top) / (Double(steps) - 1 - top))
    }
  }

}

extension Double {
  /// The number times a factor, so many times; 0 stays 0, however often.
  fileprivate func multiplied(by factor: Double, _ count: Int) -> Double {
    if self == 0 { return 0 }
    var (power, base, rest) = (1.0, factor, count)
    while rest > 0 {
      if rest & 1 == 1 { power *= base }
      base *= base
      rest >>= 1
    }
    return self * power
  }
}

/// Stops at a number of steps that is too small.
private func requireSteps(_ steps: Int, least: Int, _ name: String) {
  require(steps >= least, "\(name): the number of steps is \(steps); give \(least) or more")
}
