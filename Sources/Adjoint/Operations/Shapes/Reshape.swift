/// The same elements in row-major order with another shape.
///
///     x: [A…]   →   shape, with as many elements
///
/// Costs nothing: the elements are shared. Pullback: x̄ = ȳ in the shape of x.
struct Reshape: LinearOperation, UnroundedOperation {
  var name: String { "reshape" }
  var elementTypes: ElementTypes { .all }
  let shape: [Int]
  var reads: Reads { .nothing }
  var attributes: String { "to: \(shape)" }

  func outputTypes(for inputs: [TensorType]) -> [TensorType] {
    let type = inputs[0].with(shape: shape)
    require(
      type.count == inputs[0].count,
      "reshape: \(inputs[0]) has \(inputs[0].count) elements, \(shape) has \(type.count); "
        + "a reshape keeps their number")
    return [type]
  }

  func repetition(of input: TensorType) -> Repetition? { .none(of: input) }

  func pullback(_ rule: inout Pullback) {
    let (type, g) = (rule.inputType(0), rule.cotangent)
    rule.set(0, to: g.reshaped(to: type.shape))
  }

  static var samples: [Sample] {
    [
      Sample("flatten", Reshape(shape: [6]), [.sample([2, 3])]),
      Sample("to a scalar", Reshape(shape: []), [.sample([1, 1])]),
      Sample("empty", Reshape(shape: [0, 5]), [.sample([2, 0])]),
    ]
  }

  static var misuses: [Misuse] {
    [
      Misuse("reshape: float32[2, 3] has 6 elements, [4] has 4; a reshape keeps their number") {
        _ = Tensor.zeros([2, 3]).reshaped(to: [4])
      },
      Misuse("reshape: -1 stands twice in [-1, -1]; only one extent can follow from the others") {
        _ = Tensor.zeros([2, 3]).reshaped(to: [-1, -1])
      },
      Misuse(
        "reshape: float32[2, 3] cannot be divided into [-1, 4]; its 6 elements are no multiple"
      ) {
        _ = Tensor.zeros([2, 3]).reshaped(to: [-1, 4])
      },
    ]
  }
}

extension Tensor {
  /// Returns the same elements in row-major order with another shape.
  ///
  /// One extent may be −1: it follows from the others. Costs nothing. Pullback: x̄ = ȳ in the shape
  /// of x.
  /// - Precondition: the shape has as many elements as the tensor.
  public func reshaped(to shape: [Int]) -> Tensor {
    let shape = inferred(shape)
    return shape == self.shape ? self : Reshape(shape: shape)(self)
  }

  private func inferred(_ shape: [Int]) -> [Int] {
    guard let unknown = shape.firstIndex(of: -1) else { return shape }
    require(
      shape.lastIndex(of: -1) == unknown,
      "reshape: -1 stands twice in \(shape); only one extent can follow from the others")
    var shape = shape
    // A negative extent is objected to as that of any shape.
    guard shape.allSatisfy({ $0 >= -1 }) else { return shape }
    let known = clampedProduct(of: shape.lazy.filter { $0 != -1 })
    require(
      known != 0 && count.isMultiple(of: known),
      "reshape: \(type) cannot be divided into \(shape); its \(count) elements are no multiple")
    shape[unknown] = count / known
    return shape
  }

  /// Returns the elements with the axes from `first` on made one.
  ///
  ///     x: [N, A, B, …]   →   [N, A·B·…]
  public func flattened(from first: Int = 0) -> Tensor {
    let first = resolved(first, rank: Swift.max(rank, 1), "flattened", type)
    let kept = Array(shape.prefix(first))
    return reshaped(to: kept + [shape.dropFirst(first).reduce(1, *)])
  }

  /// Returns the elements with an axis of extent 1 inserted, at its place in the result.
  ///
  ///     x: [A, B], at: 1   →   [A, 1, B]
  public func expanded(at axis: Int) -> Tensor {
    var shape = self.shape
    shape.insert(1, at: resolved(axis, rank: rank + 1, "expanded", type))
    return reshaped(to: shape)
  }

  /// Returns the elements with axes of extent 1 inserted, at their places in the result.
  ///
  ///     x: [A, B], at: [0, 2]   →   [1, A, 1, B]
  /// - Precondition: the axes are distinct and within the rank of the result.
  public func expanded(at axes: [Int]) -> Tensor {
    var shape = self.shape
    for axis in resolved(axes, rank: rank + axes.count, "expanded", type) {
      shape.insert(1, at: axis)
    }
    return reshaped(to: shape)
  }

  /// Returns the elements without an axis of extent 1.
  ///
  ///     x: [A, 1, B], at: 1   →   [A, B]
  /// - Precondition: the axis has extent 1.
  public func squeezed(at axis: Int) -> Tensor { squeezed(at: [axis]) }

  /// Returns the elements without some axes of extent 1.
  ///
  ///     x: [1, A, 1, B], at: [0, 2]   →   [A, B]
  /// - Precondition: the axes are distinct and have extent 1.
  public func squeezed(at axes: [Int]) -> Tensor {
    let axes = resolved(axes, rank: rank, "squeezed", type)
    for axis in axes {
      require(
        shape[axis] == 1,
        "squeezed: axis \(axis) of \(type) has extent \(shape[axis]); only extent 1 can go")
    }
    return reshaped(to: type.reduced(over: axes, keepingAxes: false).shape)
  }
}
