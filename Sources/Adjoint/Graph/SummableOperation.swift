/// An operation of which several results add up faster than one by one.
///
/// A value that is used many times, as the weights of a recurrent layer, has as many terms in its cotangent.
protocol SummableOperation: Operation {
  /// The sum of the results of several calls on the given operands; nil if adding them is as good.
  func sum(of calls: [[Tensor]]) -> Tensor?
}
