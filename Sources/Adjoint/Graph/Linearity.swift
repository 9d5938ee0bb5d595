/// How the outputs of an operation depend on its floating-point inputs, where they are linear in them.
package enum Linearity: Sendable {
  /// Linear in all of them together: f(a + a′, b + b′) = f(a, b) + f(a′, b′).
  case joint
  /// Linear in each while the others stay: f(a + a′, b) = f(a, b) + f(a′, b), as a product is.
  case each
}

/// An operation that may be linear, as its attributes say.
///
/// What is linear, a change can be pushed through: the gradient checker forms the changes of results
/// so, and not as differences of large numbers.
package protocol LinearOperation: Operation {
  /// Nil if it is not linear after all.
  var linearity: Linearity? { get }
}

extension LinearOperation {
  package var linearity: Linearity? { .joint }
}

/// A function of numbers that is linear.
protocol LinearFunction {
  static var linearity: Linearity { get }
}
