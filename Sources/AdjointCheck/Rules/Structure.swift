import Adjoint

/// The rules that every gradient obeys, whatever the function: none needs a finite difference.
struct Structure {
  let subject: Subject
  let gradients: [[Double]?]
  let names: [String]
  /// Whether all is tried that a rule may treat apart: of a gradient, not of a gradient's gradient, which obeys
  /// the same rules by way of the same operations.
  let isThorough: Bool
  var generator: Philox
  private(set) var findings: [Finding] = []
  /// How long an evaluation of the function takes.
  private(set) var secondsPerEvaluation = 0.0
  /// The order of additions may differ, and a kernel may cancel half of its digits, or all but those of float32
  /// if it computes in that; a mistake is of the size of the gradient.
  let cancellation: Double
  /// The largest magnitude in the cotangents of all outputs.
  let largestCotangent: Double
  /// For each input, how far rounding alone moves its gradient.
  let roundings: [Double]

  init(
    _ subject: Subject, _ gradients: [[Double]?], nearby: [Subject.Nearby], names: [String],
    seed: UInt64, isThorough: Bool
  ) {
    self.subject = subject
    self.gradients = gradients
    self.names = names
    self.isThorough = isThorough
    generator = Philox(seed: seed, draw: 1 << 31)
    cancellation = max(1e-8, 4 * subject.epsilon)
    largestCotangent = Structure.largest(subject.cotangents)
    roundings = gradients.indices.map { index in
      guard let gradient = gradients[index] else { return 0 }
      let others = nearby[index].beside + nearby[index].rounded
      let moved = others.map { distance($0, gradient) }.max() ?? 0
      return moved.isFinite ? moved : 0
    }
  }

  mutating func run() {
    let inputs = subject.inputs.map { [Double]($0) }
    let start = ContinuousClock.now
    let outputs = subject.outputs()
    secondsPerEvaluation = (ContinuousClock.now - start) / .seconds(1)
    checkRepetition(of: outputs, at: inputs)
    guard findings.isEmpty else { return }
    checkFiniteness(where: outputs)
    guard findings.isEmpty else { return }
    checkLinearity()
    checkCotangentSubsets()
    checkInputSubsets()
    checkSharing()
    if isThorough { checkInterleaving() }
  }

  mutating func find(_ verdict: Verdict, _ message: String) {
    findings.append(Finding(verdict: verdict, message: message))
  }

  /// Twice forward and twice backward give the same bits, and change nothing that is read.
  private mutating func checkRepetition(of outputs: [[Double]], at inputs: [[Double]]) {
    if let size = largestDifference(outputs, subject.outputs()) {
      find(.nondeterministic, nondeterminism(size))
      return
    }
    askAgain(count: 1)
    if largestDifference(outputs, subject.outputs()) != nil {
      find(
        .structural,
        "the outputs are others after the gradient was computed: the pullback changes "
          + "something that the function reads")
    }
    if largestDifference(inputs, subject.inputs.map { [Double]($0) }) != nil {
      find(.structural, "the inputs are others than before: the function changes them in place")
    }
  }

  private func nondeterminism(_ size: Double) -> String {
    "two evaluations at the same point differ by \(size.brief); fix random keys, and keep no state "
      + "between calls"
  }

  /// Outputs and gradient are the same, bit for bit, however often they are asked for: a mistake that only some calls
  /// make shows when enough are made.
  mutating func askAgain(count: Int? = nil) {
    guard findings.isEmpty else { return }
    let outputs = subject.here.outputs.map { [Double]($0) }
    for _ in 0..<(count ?? (isThorough ? 12 : 2)) {
      if let size = largestDifference(outputs, subject.outputs()) {
        find(.nondeterministic, nondeterminism(size))
        return
      }
      let again = subject.gradients().map { $0 ?? [] }
      guard let size = largestDifference(gradients.map { $0 ?? [] }, again) else { continue }
      find(
        .structural,
        "the gradient changes from call to call, by \(size.brief), while the outputs do not: the "
          + "pullback changes something that it has saved, or counts its calls")
      return
    }
  }

  private mutating func checkFiniteness(where outputs: [[Double]]) {
    guard outputs.joined().allSatisfy(\.isFinite) else { return }
    for (name, gradient) in zip(names, gradients) {
      // An infinite one may be right, as that of a square root at 0 is.
      guard let gradient, let place = gradient.firstIndex(where: \.isNaN) else { continue }
      find(
        .structural,
        "the gradient of \(name) is NaN at position \(place), where the outputs are finite")
    }
  }

  /// The gradient of a call does not change when the function is called again, at another point, before the
  /// gradient is computed.
  private mutating func checkInterleaving() {
    var generator = generator
    let elsewhere = subject.inputs.map { $0.moved(using: &generator) }
    let request = Subject.Request(meanwhile: { [subject] in subject.evaluateElsewhere(elsewhere) })
    for (index, gradient) in subject.gradients(request).enumerated() {
      guard let here = gradients[index], let gradient, let size = excess(here, gradient, index)
      else { continue }
      find(
        .structural,
        "the gradient of \(names[index]) differs by \(size.brief) when the function is called at another "
          + "point before it is computed: the pullback reads what another call has left")
      return
    }
  }

  /// What a kernel that cancels numbers of the cotangents' size may be off by, however small the gradient.
  var leastError: Double { 32 * .ulpOfOne * largestCotangent }

  /// The largest magnitude in cotangents.
  static func largest(_ cotangents: [Tensor?]) -> Double {
    cotangents.lazy.compactMap { $0 }.flatMap { [Double]($0) }.map(abs).max() ?? 0
  }

  /// How far two gradients are apart that may differ by rounding only; nil if no further.
  func excess(_ a: [Double], _ b: [Double], _ index: Int) -> Double? {
    let largest = (a + b).map(abs).max() ?? 0
    let error = distance(a, b)
    return error > cancellation * largest + 20 * roundings[index] + leastError
      ? error : nil
  }

  /// The largest difference of numbers that are not the same, NaN included; nil if all are.
  func largestDifference(_ left: [[Double]], _ right: [[Double]]) -> Double? {
    let pairs = zip(left.joined(), right.joined())
    let differences = pairs.filter { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      .map { abs($0 - $1) }
    return differences.max()
  }
}
