import Adjoint
import AdjointNN

extension Workload {
  /// Batch norm in training: the result, the gradients of x, scale and shift for a given dy, and the
  /// running statistics.
  static func normalization(
    _ shape: [Int], axis: Int, channelsLast: Bool = false, composed: Bool = false,
    dtype: DType = .float32
  ) -> Workload {
    let channels = shape[axis]
    var generator = NumpyGenerator(seed: 1)
    let count = shape.reduce(1, *)
    var x = generator.normal(count).tensor(shape, times: 2, plus: 1, dtype: dtype)
    var dy = generator.normal(count).tensor(shape, dtype: dtype)
    let scale = Tensor(generator.uniform(channels, from: 0.5, to: 1.5), dtype: dtype)
    let shift = generator.normal(channels).tensor([channels], dtype: dtype)
    if channelsLast {
      (x, dy) = (x.transposed([0, 2, 3, 1]), dy.transposed([0, 2, 3, 1]))
    }
    let axis = channelsLast ? shape.count - 1 : axis
    var layer = BatchNorm(channels, axis: axis, dtype: dtype)
    var results: [Tensor] = []
    func step() {
      let tape = Tape()
      let (watchedX, watchedScale) = (tape.watch(x), tape.watch(scale))
      let watchedShift = tape.watch(shift)
      layer.scale = watchedScale
      layer.shift = watchedShift
      let y =
        composed
        ? layer.plainly(watchedX, axis: axis) : layer(watchedX, .training)
      let gradients = tape.gradients(
        of: [y], seeds: [dy], with: [watchedX, watchedScale, watchedShift])
      layer.runningMean = layer.runningMean.detached
      layer.runningVariance = layer.runningVariance.detached
      layer.batchCount = layer.batchCount.detached
      results = [y.detached] + gradients
    }
    return Workload(
      step: step,
      check: {
        step()
        return (results + [layer.runningMean, layer.runningVariance]).map(\.norm)
      }, bytes: 5 * Double(dtype.byteCount * count))
  }
}

extension BatchNorm {
  /// Batch norm of ordinary operations, as the author of a layer would write it.
  mutating func plainly(_ x: Tensor, axis: Int) -> Tensor {
    let others = (0..<x.rank).filter { $0 != axis }
    let mean = x.mean(over: others, keepingAxes: true)
    let centred = x - mean
    let variance = (centred * centred).mean(over: others, keepingAxes: true)
    let size = Double(x.count / x.shape[axis])
    let channels = [x.shape[axis]]
    runningMean =
      runningMean * 0.9 + mean.stoppingGradient().reshaped(to: channels) * 0.1
    runningVariance =
      runningVariance * 0.9
      + variance.stoppingGradient().reshaped(to: channels) * (0.1 * size / (size - 1))
    var shape = Array(repeating: 1, count: x.rank)
    shape[axis] = x.shape[axis]
    guard let scale, let shift else { return centred * (variance + 1e-5).rsqrt() }
    return centred * (variance + 1e-5).rsqrt() * scale.reshaped(to: shape)
      + shift.reshaped(to: shape)
  }
}
