// What this teaches: how a tape differentiates. Scalars only, nothing imported: all of it is on
// this page.
//
//     swift run TapeFromScratch
//
// A program computes numbers from numbers. If each step is written down with its slopes, how much
// its result changes when one of its operands does, then the chain rule, applied from the last line
// up, gives the slope of the result with respect to every number on the way.
// `Sources/Adjoint/Tape/Tape.swift` is this page with tensors.

/// One line of the tape: a value, and for each operand its line and the slope of the value with
/// respect to it.
struct Entry {
  let name: String
  let value: Double
  let operands: [(line: Int, slope: Double)]
}

/// The record of a computation, in the order in which it ran.
final class Tape {
  private(set) var entries: [Entry] = []

  func append(_ name: String, _ value: Double, _ operands: [(line: Int, slope: Double)]) -> Number {
    entries.append(Entry(name: name, value: value, operands: operands))
    return Number(tape: self, line: entries.count - 1)
  }

  /// A number to differentiate with respect to: a line without operands.
  func watch(_ value: Double) -> Number { append("watch", value, []) }

  /// The slopes of `output` with respect to every line, from one walk backwards.
  func slopes(of output: Number) -> [Double] {
    var slopes = [Double](repeating: 0, count: entries.count)
    slopes[output.line] = 1
    for line in entries.indices.reversed() {
      // What a line passes on to an operand adds to what the operand has from its other uses.
      for operand in entries[line].operands {
        slopes[operand.line] += slopes[line] * operand.slope
      }
    }
    return slopes
  }
}

/// A number on a tape. Computing with it records what is computed.
struct Number {
  let tape: Tape
  let line: Int
  var value: Double { tape.entries[line].value }

  static func + (a: Number, b: Number) -> Number {
    a.tape.append("add", a.value + b.value, [(a.line, 1), (b.line, 1)])
  }
  static func - (a: Number, b: Number) -> Number {
    a.tape.append("subtract", a.value - b.value, [(a.line, 1), (b.line, -1)])
  }
  static func * (a: Number, b: Number) -> Number {
    a.tape.append("multiply", a.value * b.value, [(a.line, b.value), (b.line, a.value)])
  }
  static func * (a: Number, b: Double) -> Number {
    a.tape.append("scale", a.value * b, [(a.line, b)])
  }
  /// 1/√(a + ε), whose slope is −½·(a + ε)^(−3/2).
  func inverseRoot(plus epsilon: Double) -> Number {
    let root = 1 / (value + epsilon).squareRoot()
    return tape.append("inverseRoot", root, [(line, -0.5 * root * root * root)])
  }
}

/// Batch norm of the four values of one channel, as the paper has it.
func batchNorm(_ x: [Number]) -> [Number] {
  let share = 1 / Double(x.count)
  let mean = x.dropFirst().reduce(x[0], +) * share
  let centred = x.map { $0 - mean }
  let squares = centred.map { $0 * $0 }
  let variance = squares.dropFirst().reduce(squares[0], +) * share
  let inverseDeviation = variance.inverseRoot(plus: 1e-5)
  return centred.map { $0 * inverseDeviation }
}

/// 3·y₀ − y₁ + ½·y₃ for y = batchNorm(x): any weights but equal ones, since Σ y is always 0.
func loss(_ x: [Number]) -> Number {
  let y = batchNorm(x)
  return y[0] * 3 - y[1] + y[3] * 0.5
}

// First three lines, to walk by hand: y = x·x + x at 3, whose slope is 2·3 + 1 = 7.
let small = Tape()
let x = small.watch(3)
let y = x * x + x
for (line, entry) in small.entries.enumerated() {
  let operands = entry.operands.map { "  %\($0.line) (slope \($0.slope))" }.joined()
  print("%\(line)  \(entry.name) = \(entry.value)\(operands)")
}
print("dy/dx = \(small.slopes(of: y)[x.line])\n")

// Then batch norm, and beside each slope a finite difference: move the number a little, and see.
let values = [0.5, -1, 2, 0.25]
let tape = Tape()
let channel = values.map(tape.watch)
let slopes = tape.slopes(of: loss(channel))
print("batch norm of \(values): \(tape.entries.count) lines")
for index in values.indices {
  func moved(by step: Double) -> Double {
    var near = values
    near[index] += step
    let tape = Tape()
    return loss(near.map(tape.watch)).value
  }
  let difference = (moved(by: 1e-5) - moved(by: -1e-5)) / 2e-5
  print("dL/dx[\(index)]  tape \(slopes[index])  finite difference \(difference)")
  precondition(abs(slopes[index] - difference) < 1e-8, "the tape is wrong")
}
