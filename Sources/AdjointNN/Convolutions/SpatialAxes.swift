import Adjoint

/// How many spatial axes there are behind the batch and the channels.
public protocol SpatialAxes: Sendable {
  /// Their number.
  static var count: Int { get }
}

/// One spatial axis: signals, sequences.
public enum OneAxis: SpatialAxes {
  public static let count = 1
}

/// Two spatial axes: images.
public enum TwoAxes: SpatialAxes {
  public static let count = 2
}

/// Three spatial axes: volumes, films.
public enum ThreeAxes: SpatialAxes {
  public static let count = 3
}

/// One number for all spatial axes, `3`, or one for each, `[3, 5]`.
public protocol PerAxis: Sendable {
  /// The number of each axis; nil if they are not as many.
  func numbers(_ count: Int) -> [Int]?
}

extension Int: PerAxis {
  public func numbers(_ count: Int) -> [Int]? { Array(repeating: self, count: count) }
}

extension [Int]: PerAxis {
  public func numbers(_ count: Int) -> [Int]? { self.count == count ? self : nil }
}

extension PerAxis {
  /// The number of each axis; stops if they are not as many.
  func numbers(_ count: Int, _ what: @autoclosure () -> String) -> [Int] {
    guard let numbers = numbers(count) else {
      stop("\(what()) is \(self); give one number, or one for each of the \(count) spatial axes")
    }
    return numbers
  }
}

/// A padding for all spatial axes, as ``PerAxis``, or ``WindowPadding/same``.
public protocol PaddingPerAxis: Sendable {
  /// The padding for so many axes; nil if it is not for as many.
  func windowPadding(_ count: Int) -> WindowPadding?
}

extension Int: PaddingPerAxis {}
extension [Int]: PaddingPerAxis {}

extension PaddingPerAxis where Self: PerAxis {
  public func windowPadding(_ count: Int) -> WindowPadding? { numbers(count).map { .zeros($0) } }
}

extension PaddingPerAxis {
  /// The padding for so many axes; stops if it is not for as many.
  func windowPadding(_ count: Int, _ what: @autoclosure () -> String) -> WindowPadding {
    guard let padding = windowPadding(count) else {
      stop(
        "\(what()) is \(self); give .same, one number, or one for each of the \(count) spatial axes"
      )
    }
    return padding
  }
}

/// What a layer of windows adds at the ends of the spatial axes.
public enum WindowPadding: Sendable, Hashable, PaddingPerAxis {
  /// So many zeros at both ends of each axis.
  case zeros([Int])
  /// As many zeros as make ⌈extent/stride⌉ windows of each axis: the extents stay what they are with a
  /// stride of 1. Where the number is odd, the one more comes last, as in Keras, ONNX and PyTorch.
  case keepingExtents

  public func windowPadding(_ count: Int) -> WindowPadding? {
    if case .zeros(let numbers) = self, numbers.count != count { return nil }
    return self
  }

  /// The padding before all axes, and then after them.
  func numbers(
    over extents: [Int], windows: [Int], _ strides: [Int], _ dilations: [Int]
  ) -> [Int] {
    if case .zeros(let numbers) = self { return numbers }
    let total = extents.indices.map { axis in
      let count = (extents[axis] + strides[axis] - 1) / strides[axis]
      let reach = (windows[axis] - 1) * dilations[axis] + 1
      return max((count - 1) * strides[axis] + reach - extents[axis], 0)
    }
    return total.map { $0 / 2 } + total.map { ($0 + 1) / 2 }
  }
}

extension PaddingPerAxis where Self == WindowPadding {
  /// As many zeros as keep the extents with a stride of 1: ``WindowPadding/keepingExtents``.
  public static var same: WindowPadding { .keepingExtents }
}

/// A generic layer that people know by a name with the number of its axes: `Conv2D`.
protocol NamedByAxes {
  static var name: String { get }
}

extension SpatialAxes {
  /// Stops at a tensor that has not so many spatial axes behind its batch and channels.
  static func requireImages(_ x: Tensor, _ layer: String) {
    require(
      x.rank == count + 2,
      "\(layer): \(x.type) has not \(count) spatial axes; give [batch, channels, …] with so many")
  }

  /// Stops at channels, windows and groups that there are no filters for.
  static func requireChannels(
    _ inputs: Int, _ outputs: Int, _ kernel: [Int], _ groups: Int, _ layer: String
  ) {
    require(
      inputs >= 1 && outputs >= 1 && kernel.allSatisfy { $0 >= 1 },
      "\(layer): there are \(inputs) inputs, \(outputs) outputs and a kernel of \(kernel); give 1 or more of "
        + "each")
    require(groups >= 1, "\(layer): there are \(groups) groups; give 1 or more")
    require(
      inputs % groups == 0 && outputs % groups == 0,
      "\(layer): \(groups) groups do not divide \(inputs) inputs and \(outputs) outputs; give a divisor of both"
    )
  }
}
