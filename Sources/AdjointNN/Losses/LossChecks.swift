import Adjoint

/// Stops unless two operands of a loss are floating-point and of one type: one that would be broadcast is most often a
/// mistake.
func requireSameType(
  _ a: Tensor, _ b: Tensor, _ aName: String, _ bName: String, _ loss: String
) {
  require(
    a.type == b.type,
    "\(loss): \(aName) is \(a.type), \(bName) \(b.type); "
      + "give them one \(a.shape == b.shape ? "element type" : "shape")")
  a.requireFloatingPoint(loss)
}

/// Stops at a target that a loss is not made for. Targets of a tape are not looked at: they would have to be computed in
/// the middle of its recording, and what a program computes there is seldom labels of another kind. NaN makes a loss
/// NaN, which is seen.
func requireTargets(
  _ targets: Tensor, _ loss: String, _ remedy: @autoclosure () -> String,
  where isRight: (Double) -> Bool
) {
  guard targets.tape == nil, let place = targets.firstPlace(where: { !isRight($0) && !$0.isNaN })
  else { return }
  stop("\(loss): target \(place) is \([Double](targets)[place]); \(remedy())")
}

/// Whether a target is from 0 to 1, but for what rounding and finite differences do.
func isShare(_ target: Double) -> Bool { (-slack...1 + slack).contains(target) }

/// Whether a target says on which side it is, as ±1 does and 0, a label of the other kind, does not.
func isSign(_ target: Double) -> Bool { target != 0 && target.magnitude <= 1 + slack }

private let slack = 1e-3

/// Stops at a number that is not positive and finite.
func requirePositive(_ value: Double, _ what: @autoclosure () -> String) {
  require(
    value > 0 && value.isFinite, "\(what()) is \(value); give a positive number")
}
