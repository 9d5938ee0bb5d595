import Adjoint

/// The largest elements of windows put back to where a ``MaxPool`` found them, among zeros.
///
///     x: [N, C, B…], places: int32[N, C, B…]   →   [N, C, A…]
///
/// ``MaxUnpool1D``, ``MaxUnpool2D`` and ``MaxUnpool3D`` are this for one, two and three spatial axes. It is no
/// ``Layer``, as it needs the places beside the tensor:
///
/// ```swift
/// let (values, places) = pool.withPlaces(x)
/// let y = unpool(decoder(encoder(values, mode), mode), at: places)
/// ```
///
/// Pullback: x̄ = ȳ read from the places, 0 for an element that another took the place of.
///
/// Source: Zeiler & Fergus, "Visualizing and understanding convolutional networks" (2014), §2.1.
public struct MaxUnpool<Axes: SpatialAxes>: Module {
  /// The extents of a window.
  public var extents: [Int]
  /// How far apart neighbouring windows are.
  public var strides: [Int]
  /// What is cut off at both ends of each axis.
  public var padding: [Int]

  /// Makes it with the numbers of the pooling; windows lie side by side unless a stride is given.
  public init(
    _ window: some PerAxis, stride: (some PerAxis)? = Int?.none, padding: some PerAxis = 0
  ) {
    extents = window.numbers(Axes.count, "\(Self.name): the window")
    strides = stride?.numbers(Axes.count, "\(Self.name): the stride") ?? extents
    self.padding = padding.numbers(Axes.count, "\(Self.name): the padding")
  }

  public mutating func visit(_ visitor: inout Visitor) {}

  /// Puts elements to their places.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - places: where in its plane each goes, from 0 in row-major order.
  ///   - extents: A…, one number for all axes or one for each; (B − 1)·stride − 2·padding + window unless given, of
  ///     which pooling may have left out up to stride − 1.
  /// - Precondition: each place is within the extents.
  public func callAsFunction(
    _ x: Tensor, at places: Tensor, to extents: (some PerAxis)? = Int?.none
  ) -> Tensor {
    Axes.requireImages(x, Self.name)
    let least = self.extents.indices.map { axis in
      max((x.shape[2 + axis] - 1) * strides[axis] - 2 * padding[axis] + self.extents[axis], 0)
    }
    return x.layered(Self.name) {
      x.maxUnpooled(
        at: places, to: extents?.numbers(Axes.count, "\(Self.name): the extent") ?? least)
    }
  }
}

extension MaxUnpool: NamedGeneric {
  static var name: String { "MaxUnpool\(Axes.count)D" }
}

/// The largest elements of windows put back into signals.
public typealias MaxUnpool1D = MaxUnpool<OneAxis>
/// The largest elements of windows put back into images.
public typealias MaxUnpool2D = MaxUnpool<TwoAxes>
/// The largest elements of windows put back into volumes.
public typealias MaxUnpool3D = MaxUnpool<ThreeAxes>
