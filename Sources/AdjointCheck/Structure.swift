import Adjoint

/// The rules that every gradient obeys, whatever the function: none needs a finite difference.
struct Structure {
  private let subject: Subject
  private let gradients: [[Double]?]
  private let names: [String]
  private var generator: Philox
  private(set) var findings: [Finding] = []

  init(_ subject: Subject, _ gradients: [[Double]?], names: [String], seed: UInt64) {
    self.subject = subject
    self.gradients = gradients
    self.names = names
    generator = Philox(seed: seed, draw: 1 << 31)
  }

  mutating func run() {
    let inputs = subject.inputs.map { [Double]($0) }
    let outputs = subject.outputs()
    checkRepetition(of: outputs, at: inputs)
    guard findings.isEmpty else { return }
    checkFiniteness(where: outputs)
    guard findings.isEmpty else { return }
    checkLinearity()
    checkMissingCotangents()
    checkSubsets()
    checkSharing()
  }

  private mutating func find(_ verdict: Verdict, _ message: String) {
    findings.append(Finding(verdict: verdict, message: message))
  }

  /// Twice forward and twice backward give the same bits, and change nothing that is read.
  private mutating func checkRepetition(of outputs: [[Double]], at inputs: [[Double]]) {
    if let size = largestDifference(outputs, subject.outputs()) {
      find(
        .nondeterministic,
        "two evaluations at the same point differ by \(size.brief); fix random keys, and keep no state "
          + "between calls")
      return
    }
    let gradientsAgain = subject.gradients().map { $0 ?? [] }
    if let size = largestDifference(gradients.map { $0 ?? [] }, gradientsAgain) {
      find(
        .structural,
        "the gradient changes from call to call, by \(size.brief), while the outputs do not: the "
          + "pullback changes something that it has saved")
      return
    }
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

  private mutating func checkFiniteness(where outputs: [[Double]]) {
    guard outputs.joined().allSatisfy(\.isFinite) else { return }
    for (name, gradient) in zip(names, gradients) {
      guard let gradient else { continue }
      if let place = gradient.firstIndex(where: { !$0.isFinite }) {
        find(
          .structural,
          "the gradient of \(name) is \(gradient[place]) at position \(place), where the outputs are finite"
        )
      }
    }
  }

  /// The pullback is linear: 0 for 0, and 2a − b/2 for 2u − v/2.
  private mutating func checkLinearity() {
    let (u, v) = (
      subject.cotangents,
      subject.cotangents.map { cotangent in
        cotangent.map {
          Tensor.normal($0.shape, dtype: .float64, using: &generator).cast(to: $0.dtype)
        }
      }
    )
    var ignored: [String] = []
    let zero = subject.gradients(
      cotangents: u.map { $0.map { .zeros(like: $0) } }, problems: &ignored)
    for (name, gradient) in zip(names, zero) {
      if let gradient, let place = gradient.firstIndex(where: { $0 != 0 }) {
        find(
          .structural,
          "the gradient of \(name) is \(gradient[place]) for a cotangent of zeros; a pullback is linear in "
            + "the cotangent")
        return
      }
    }
    let other = subject.gradients(cotangents: v, problems: &ignored)
    let mixture = zip(u, v).map { u, v in u.flatMap { u in v.map { u * 2 - $0 * 0.5 } } }
    let mixed = subject.gradients(cotangents: mixture, problems: &ignored)
    // A gradient that cancels, such as that of a bias before a batch norm, is nothing but rounding
    // errors of what is as large as the other gradients.
    let everywhere = [gradients, other, mixed].flatMap { $0.compactMap(\.self).joined() }
    let noise = 1e3 * Double.ulpOfOne * (everywhere.map(abs).max() ?? 0)
    for index in gradients.indices {
      guard let a = gradients[index], let b = other[index], let c = mixed[index] else { continue }
      let largest = (a + b + c).map(abs).max() ?? 0
      let error = a.indices.map { abs(2 * a[$0] - b[$0] / 2 - c[$0]) }.max() ?? 0
      // The pullback's own rounding may be amplified; a pullback that is not linear is off by its
      // size.
      if error > max(1e-6 * largest, noise), error > unobservableGradient(of: index) {
        find(
          .structural,
          "the gradient of \(names[index]) is not linear in the cotangent: off by \(error.brief) of "
            + "\(largest.brief)")
      }
    }
  }

  /// A gradient that no change of the input shows beyond the noise of the values.
  private mutating func unobservableGradient(of index: Int) -> Double {
    let line = Line(subject, index)
    let direction = Direction.random(gradients[index]?.count ?? 0, using: &generator)
    return line.unobservableGradient(noise: line.noise(along: direction))
  }

  /// A missing cotangent counts as a zero one: for rules that handle some combinations apart.
  private mutating func checkMissingCotangents() {
    let places = subject.cotangents.indices.filter { subject.cotangents[$0] != nil }
    guard places.count > 1 else { return }
    for place in places {
      var (missing, zero) = (subject.cotangents, subject.cotangents)
      missing[place] = nil
      zero[place] = zero[place].map { .zeros(like: $0) }
      var ignored: [String] = []
      let without = subject.gradients(cotangents: missing, problems: &ignored)
      let with = subject.gradients(cotangents: zero, problems: &ignored)
      for (index, pair) in zip(without, with).enumerated() {
        guard let a = pair.0, let b = pair.1, let size = excess(a, b) else { continue }
        find(
          .structural,
          "the gradient of \(names[index]) differs by \(size.brief) between no cotangent of output "
            + "\(place) and one of zeros")
      }
    }
  }

  /// The same tensor passed as two inputs has the sum of their gradients.
  private mutating func checkSharing() {
    let inputs = subject.inputs
    for (i, first) in inputs.enumerated() where gradients[i] != nil {
      guard let j = inputs.indices.first(where: { $0 > i && inputs[$0].type == first.type }) else {
        continue
      }
      var same = inputs
      same[j] = first
      var ignored: [String] = []
      let apart = subject.gradients(at: same, problems: &ignored)
      let shared = subject.gradients(at: same, sharing: (i, j), problems: &ignored)
      guard let a = apart[i], let b = apart[j], let sum = shared[i],
        let size = excess(zip(a, b).map { $0 + $1 }, sum)
      else { continue }
      find(
        .structural,
        "one tensor passed as \(names[i]) and as \(names[j]) has a gradient that differs by "
          + "\(size.brief) from the sum of theirs: one of them is lost or overwritten")
      return
    }
  }

  /// How far two gradients are apart that may differ by rounding only; nil if no further.
  private func excess(_ a: [Double], _ b: [Double]) -> Double? {
    let largest = (a + b).map(abs).max() ?? 0
    let error = zip(a, b).map { abs($0 - $1) }.max() ?? 0
    // The order of additions differs, and what they cancel; a mistake is of the size of the
    // gradient.
    return error > 1e-9 * largest ? error : nil
  }

  /// Where the function is affine in an input, ⟨f(x + v) − f(x), w⟩ = ⟨v, Jᵀw⟩ holds to rounding:
  /// no limit is taken, and so a far smaller mistake shows than in finite differences.
  mutating func adjointTest() -> [Finding] {
    gradients.indices.compactMap { index in
      guard let gradient = gradients[index], !gradient.isEmpty else { return nil }
      let count = gradient.count
      let (v, u) = (
        Direction.random(count, using: &generator), Direction.random(count, using: &generator)
      )
      let x = [Double](subject.inputs[index])
      // As large as the point: tanh is linear to rounding, but only near 0.
      let size = x.map(abs).max().flatMap { $0 > 0 ? $0 : nil } ?? 1
      func value(_ point: [Double]) -> Double { subject.value(replacing: index, by: point) }
      let here = value(x)
      let atV = value(v.point(from: x, at: size))
      let atU = value(u.point(from: x, at: size))
      let both = value(u.point(from: v.point(from: x, at: size), at: size))
      let opposite = value(v.point(from: x, at: -2 * size))
      let scale = [here, atV, atU, both, opposite].map(abs).max() ?? 0
      let linear = Double(count) * 1e-13 * scale
      guard abs(both - atV - atU + here) <= linear, abs(opposite + 2 * atV - 3 * here) <= linear
      else { return nil }
      let (change, product) = (atV - here, size * v.product(with: gradient))
      let rounding = 4 * Double(count) * Double.ulpOfOne * size
      let tolerance = rounding * v.sumOfMagnitudes(with: gradient) + 16 * .ulpOfOne * scale
      guard abs(change - product) > tolerance else { return nil }
      let message =
        "the function is linear in \(names[index]), but ⟨f(x + v) − f(x), w⟩ = \(change) and "
        + "⟨v, Jᵀw⟩ = \(product), where rounding explains \(tolerance.brief): "
        + "the pullback is not its transpose"
      return Finding(verdict: .structural, message: message)
    }
  }

  /// Any input asked for alone has the same gradient as when all are.
  private mutating func checkSubsets() {
    guard gradients.compactMap({ $0 }).count > 1 else { return }
    for index in gradients.indices {
      guard let together = gradients[index] else { continue }
      var ignored: [String] = []
      let alone = subject.gradients(only: [index], problems: &ignored)[index] ?? []
      if let size = largestDifference([together], [alone]) {
        find(
          .structural,
          "the gradient of \(names[index]) differs by \(size.brief) when it is asked for alone")
      }
    }
  }

  /// The largest difference of numbers that are not the same, NaN included; nil if all are.
  private func largestDifference(_ left: [[Double]], _ right: [[Double]]) -> Double? {
    let pairs = zip(left.joined(), right.joined())
    let differences = pairs.filter { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      .map { abs($0 - $1) }
    return differences.max()
  }
}
