/// The lines along an axis, step by step from either end.
struct ScanLines {
  private let split: AxisSplit
  private let isReversed: Bool
  var count: Int { split.outer * split.inner }
  var extent: Int { split.extent }

  init(_ type: TensorType, _ axis: Int, isReversed: Bool = false) {
    (split, self.isReversed) = (AxisSplit(type, axis), isReversed)
  }

  /// Where the element of a step of a line lies.
  func place(_ line: Int, _ step: Int) -> Int {
    split.start(of: line) + (isReversed ? split.extent - 1 - step : step) * split.inner
  }
}
