import Adjoint

/// The check of a function and, for second order, of its pullback; collects the report.
struct FunctionCheck {
  let name: String
  let seed: UInt64
  let options: CheckOptions
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private(set) var findings: [Finding] = []
  private(set) var results: [InputResult] = []
  private(set) var notes: [String] = []
  /// The number of the point that is checked.
  var point = 1
  private var evaluations = 0
  /// Why there is nothing to compare; nil if there is something.
  private var emptiness: String?
  /// Whether there was no time for all directions.
  private(set) var isThinned = false

  init(name: String, seed: UInt64, options: CheckOptions) {
    self.name = name
    self.seed = seed
    self.options = options
    start = clock.now
  }

  var report: GradientReport {
    GradientReport(
      name: name, seed: seed, findings: findings, results: results, notes: notes,
      evaluations: evaluations)
  }

  /// Whether nothing has been found wrong.
  var isRight: Bool {
    findings.isEmpty && results.allSatisfy(\.verdict.isAcceptable)
  }

  mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  mutating func find(_ verdict: Verdict, _ message: String) {
    if !findings.contains(where: { $0.message == message }) {
      findings.append(Finding(verdict: verdict, message: message))
    }
  }

  mutating func count(_ more: Int) { evaluations += more }

  /// The seconds since the check began.
  private var elapsed: Double { (clock.now - start) / .seconds(1) }

  /// Checks the gradients of a function at float64 inputs.
  mutating func run(
    _ function: @escaping ([Tensor]) -> [Tensor], at inputs: [Tensor], names: [String], order: Int
  ) {
    let (tape, outputs) = Subject.record(function, inputs, on: .forInspection(in: .float64))
    if let missing = tape.missingKernel() {
      find(
        .structural,
        "\(missing); gradients are checked in float64: make the kernel generic over RealScalar")
      return
    }
    if order == 1 { emptiness = emptiness(of: inputs, names, outputs) }
    var generator = Philox(seed: seed, draw: UInt64(order) << 48)
    let subject = Subject(function, at: inputs, using: &generator)
    defer { evaluations += subject.evaluations }
    guard subject.hasTypesOfHere(outputs) else {
      find(
        .nondeterministic,
        "two calls at the same point return \(outputs.map(\.type)) and "
          + "\(subject.here.outputs.map(\.type)); keep no state between calls")
      return
    }
    guard outputs.contains(where: \.dtype.isFloatingPoint) else {
      let types = outputs.map { "\($0.type)" }.joined(separator: ", ")
      find(
        .vacuous,
        "the function returns \(outputs.isEmpty ? "nothing" : "only \(types)"), which has no gradient; return "
          + "floating-point results")
      return
    }
    guard inputs.contains(where: \.dtype.isFloatingPoint) else {
      let types = inputs.map { "\($0.type)" }.joined(separator: ", ")
      find(
        .vacuous,
        "\(inputs.isEmpty ? "there is no input or parameter" : "there are only inputs \(types)"), so that there is "
          + "no gradient; give floating-point inputs")
      return
    }
    for (name, input) in zip(names, inputs) {
      guard let (place, element) = input.firstNotFinite else { continue }
      find(
        .inconclusive,
        "\(name) is \(element.isNaN ? "NaN" : "infinite") at \(place), where there are no differences; check at a finite point"
      )
      return
    }
    guard hasFiniteOutputs(subject, order: order) else { return }
    var problems: [String] = []
    let gradients = subject.gradients(problems: &problems)
    guard problems.isEmpty else {
      for problem in Set(problems).sorted() { find(.structural, problem) }
      return
    }
    let nearby = subject.nearbyGradients(gradients, using: &generator)
    var structure = Structure(
      subject, gradients, nearby: nearby, names: names, seed: seed, isThorough: order == 1)
    structure.run()
    findings += structure.findings
    guard structure.findings.isEmpty else { return }
    var checks = gradients.indices.compactMap { index -> InputCheck? in
      guard let gradient = gradients[index], options.includes(names[index]) else { return nil }
      return InputCheck(
        subject, index, name: names[index], order: order, gradient: gradient,
        nearby: nearby[index], seed: seed, options: options)
    }
    // A direction takes some eight evaluations.
    compare(&checks, secondsEach: 8 * structure.secondsPerEvaluation)
    if let types = subject.otherTypes {
      find(
        .inconclusive,
        "the function returns \(outputs.map(\.type)) at the point, and \(types) in another call; check one whose "
          + "results have the same types whatever its inputs and earlier calls were")
      return
    }
    for place in checks.indices {
      var result = checks[place].result()
      if result.verdict == .vacuous {
        result = checks[place].checkedInside(result, function, options)
      }
      if result.verdict == .independent {
        result = checks[place].checkedBeside(result, function, options)
      }
      if result.verdict == .fail || result.verdict == .declared, tape.stopsGradients {
        result = checks[place].checkedHolding(result, function)
      }
      // Not of gradients, whose kernels cancel what no output tells of.
      if result.verdict == .inconclusive, order == 1, checks[place].isFaint {
        result = checks[place].checkedRelatively(result, function, options)
      }
      results.append(result.at(point: point))
    }
    guard results.allSatisfy({ $0.verdict != .fail }) else {
      noteStops(on: tape)
      return
    }
    // Exact where finite differences are not: for what they have not found wrong.
    let compared = zip(checks, results.suffix(checks.count))
      .filter { check, _ in !check.isInvariant && !check.isDeclared }
    findings += structure.adjointTest(
      of: compared.map { ($0.index, $1.verdict == .pass ? $1.resolution : nil) })
    structure.askAgain()
    findings += structure.findings
    if findings.isEmpty { checkBriefly(structure, checks, order: order) }
  }

  /// Says so if nothing has been found wrong because there was nothing to compare.
  mutating func findEmptiness() {
    if isRight, let emptiness { find(.vacuous, emptiness) }
  }

  /// Why there is nothing to compare: no input has an element, or no output; nil if some have.
  private func emptiness(
    of inputs: [Tensor], _ names: [String], _ outputs: [Tensor]
  ) -> String? {
    let checked = zip(names, inputs).filter { name, input in
      input.dtype.isFloatingPoint && options.includes(name)
    }
    if checked.allSatisfy({ $1.count == 0 }) {
      let list = checked.map { "\($0) \($1.type)" }.joined(separator: ", ")
      return
        "\(list) \(checked.count == 1 ? "has" : "have") no elements, so that there is nothing to compare; "
        + "give inputs with some"
    }
    let results = outputs.filter(\.dtype.isFloatingPoint)
    guard results.allSatisfy({ $0.count == 0 }) else { return nil }
    return
      "the function returns \(results.map { "\($0.type)" }.joined(separator: ", ")) without elements, so that there "
      + "is nothing to compare; give inputs for which it returns some"
  }

  /// Whether there is something to compare: outputs that are not finite have no differences. Of nothing, as 0/0 of no
  /// numbers, a result may be unknown.
  private mutating func hasFiniteOutputs(_ subject: Subject, order: Int) -> Bool {
    guard subject.hasInfinite, !subject.inputs.contains(where: { $0.count == 0 }) else {
      return true
    }
    let outputs = subject.here.outputs.map { $0.dtype.isFloatingPoint ? [Double]($0) : [] }
    let unknown = outputs.firstIndex { $0.contains(where: \.isNaN) }
    let number = unknown ?? outputs.firstIndex { !$0.allSatisfy(\.isFinite) }!
    let values = outputs[number]
    let text =
      "\(order == 1 ? "output" : "gradient") \(number) is \(unknown == nil ? "infinite" : "NaN") in "
      + "\(values.count { !$0.isFinite }) of \(values.count) elements, the first at "
      + "\(subject.here.outputs[number].firstNotFinite!.place)"
    if outputs.joined().contains(where: \.isFinite), order == 2 || unknown == nil {
      note(text + ": there nothing is compared")
      return true
    }
    find(.inconclusive, text + ", where there are no differences; check where it is finite")
    return false
  }

  /// Compares along all directions that there is time for, round after round; at least one of each input.
  private mutating func compare(_ checks: inout [InputCheck], secondsEach: Double) {
    let progress = Progress(name, isShown: options.showsProgress)
    defer { progress.end() }
    let left = max(options.budget - elapsed, 0)
    let planned = checks.reduce(0) { $0 + $1.pendingCount }
    isThinned = Double(planned) * secondsEach > left
    if isThinned {
      let affordable = Int(left / secondsEach) / max(checks.count, 1)
      for place in checks.indices { checks[place].thin(to: max(1, affordable)) }
    }
    let begin = elapsed
    var (compared, isFirstRound) = (0, true)
    while checks.contains(where: { !$0.isComplete }) {
      for place in checks.indices where isFirstRound || elapsed - begin < left {
        checks[place].advance()
        compared += 1
        progress.show(compared, of: compared + checks.reduce(0) { $0 + $1.pendingCount })
      }
      isFirstRound = false
      if elapsed - begin >= left { break }
    }
  }

  /// Says what the gradient takes for a constant on purpose, for what is wrong may be that.
  private mutating func noteStops(on tape: Tape) {
    if tape.hasBeenRead {
      note(
        "the function reads values on the way, as a number or a detached tensor does: the gradient takes them for "
          + "constants, though they change with the inputs; compute with tensors instead")
    }
    guard tape.stopsGradients else { return }
    note(
      "the function stops gradients with stoppingGradient(); if a gradient is wrong on purpose, say so there with "
        + "stoppingGradient(byDefinition: true), or declare it with expectations: "
        + "[.stopped(\"\(results.first { $0.verdict == .fail }?.input ?? "")\")]"
    )
  }
}
