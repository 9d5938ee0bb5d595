/// What becomes of the losses of a batch's elements.
public enum Reduction: Sendable {
  /// Their mean.
  case mean
  /// Their sum.
  case sum
  /// They stay as they are.
  case none

  /// What becomes of the losses of `name`.
  package func callAsFunction(_ losses: Tensor, _ name: String) -> Tensor {
    switch self {
    case .mean:
      require(
        losses.count > 0,
        "\(name): there are no losses, of which there is no mean; give one sample or more")
      return losses.mean()
    case .sum: return losses.sum()
    case .none: return losses
    }
  }
}
