import Adjoint
import Foundation

/// The angle of the points (x, y), which the package has no operation for.
struct Angle: Adjoint.Operation {
  var name: String { "angle" }
  func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }

  func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
    let (y, x) = (frame.input(0), frame.input(1))
    var angle = frame.output(0)
    for i in y.indices {
      angle[i] = Scalar(converting: atan2(y[i].asDouble, x[i].asDouble))
    }
  }

  func pullback(_ rule: inout Pullback) {
    let (y, x, g) = (rule.input(0), rule.input(1), rule.cotangent)
    let square = y.squared() + x.squared()
    rule.set(0, to: g * x / square)
    rule.set(1, to: -g * y / square)
  }
}

extension Tensor {
  /// Returns the angles of the points (x, y) to the first axis, from −π to π.
  static func angle(ofY y: Tensor, x: Tensor) -> Tensor { Angle()(y, x) }
}
