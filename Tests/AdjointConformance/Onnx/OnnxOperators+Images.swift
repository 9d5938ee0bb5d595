import Adjoint

extension OnnxOperators {
  /// Convolution and pooling.
  static let images: [String: OnnxOperator] = [
    "Conv": { call in
      let (x, weight) = (try call.x, try call.input(1))
      return [
        x.convolved(
          with: weight, strides: call.list("strides"),
          padding: call.padding(of: x, Array(weight.shape[2...])),
          dilations: call.list("dilations"), groups: call.integer("group") ?? 1,
          bias: try call.optional(2))
      ]
    },
    "ConvTranspose": { call in
      let (x, weight) = (try call.x, try call.input(1))
      let (padding, outputPadding) = call.transposedPadding(of: x, Array(weight.shape[2...]))
      return [
        x.convolvedTransposed(
          with: weight, strides: call.list("strides"), padding: padding,
          outputPadding: outputPadding, dilations: call.list("dilations"),
          groups: call.integer("group") ?? 1, bias: try call.optional(2))
      ]
    },
    "MaxPool": maxPool,
    "AveragePool": { call in
      let (x, window) = (try call.x, call.window)
      return [
        x.averagePooled(
          window, strides: call.strides, padding: call.padding(of: x, window),
          dilations: call.list("dilations"), roundingUp: call.flag("ceil_mode"),
          countingPadding: call.flag("count_include_pad"))
      ]
    },
    "LpPool": { call in
      let (x, window) = (try call.x, call.window)
      return [
        x.powerPooled(
          window, p: call.number("p") ?? 2, strides: call.strides,
          padding: call.padding(of: x, window), dilations: call.list("dilations"),
          roundingUp: call.flag("ceil_mode"))
      ]
    },
    "GlobalAveragePool": unary { $0.globalAveragePooled() },
    "GlobalMaxPool": unary { $0.globalMaxPooled() },
  ]

  /// Integers are pooled as real numbers that hold them. Places count over all elements.
  private static let maxPool: OnnxOperator = { call in
    let (x, window) = (try call.x, call.window)
    let real = x.dtype == .int32 ? x.cast(to: .float64) : x
    let (values, places) = real.maxPooledWithPlaces(
      window, strides: call.strides, padding: call.padding(of: x, window),
      dilations: call.list("dilations"), roundingUp: call.flag("ceil_mode"))
    let (planes, extents) = (x.shape[0] * x.shape[1], Array(x.shape[2...]))
    let size = extents.reduce(1, *)
    var place = places
    if call.flag("storage_order") {
      // The same place with the axes in the opposite order.
      var (rest, result, stride) = (places, Tensor.zeros(like: places), size)
      for extent in extents.reversed() {
        stride /= extent
        let divisor = Tensor.full([], Double(extent), dtype: .int32)
        result = result + rest.remainder(dividingBy: divisor) * stride
        rest = rest.quotient(dividingBy: divisor)
      }
      place = result
    }
    let offsets = (Tensor.range(0..<planes) * size)
      .reshaped(to: [x.shape[0], x.shape[1]] + extents.map { _ in 1 })
    return [values.cast(to: x.dtype), place + offsets]
  }
}

extension OnnxCall {
  var window: [Int] { list("kernel_shape") ?? [] }

  /// How far windows are apart: 1 unless given.
  var strides: [Int] { list("strides") ?? window.map { _ in 1 } }

  /// The padding that is given; or as much as makes a result for each stride, the odd one at the end or the start.
  func padding(of x: Tensor, _ window: [Int]) -> [Int]? {
    guard let automatic = text("auto_pad"), automatic.hasPrefix("SAME") else {
      return text("auto_pad") == "VALID" ? nil : list("pads")
    }
    let strides = list("strides") ?? window.map { _ in 1 }
    let dilations = list("dilations") ?? window.map { _ in 1 }
    let all = window.indices.map { axis in
      let extent = x.shape[axis + 2]
      let count = (extent + strides[axis] - 1) / strides[axis]
      let reach = (window[axis] - 1) * dilations[axis] + 1
      return max(0, (count - 1) * strides[axis] + reach - extent)
    }
    return halves(of: all, moreAtEnd: automatic == "SAME_UPPER")
  }

  /// What is cut off, and what is left open, so that a transposed convolution has the extents that are given.
  func transposedPadding(of x: Tensor, _ window: [Int]) -> (padding: [Int]?, output: [Int]?) {
    let given = list("output_padding")
    let automatic = text("auto_pad") ?? "NOTSET"
    let isSame = automatic.hasPrefix("SAME")
    guard list("output_shape") != nil || isSame else { return (list("pads"), given) }
    let strides = list("strides") ?? window.map { _ in 1 }
    let dilations = list("dilations") ?? window.map { _ in 1 }
    let output = given ?? window.map { _ in 0 }
    let extents =
      list("output_shape")?.suffix(window.count).map { $0 }
      ?? window.indices.map { x.shape[$0 + 2] * strides[$0] }
    let all = window.indices.map { axis in
      (x.shape[axis + 2] - 1) * strides[axis] + output[axis] + (window[axis] - 1) * dilations[axis]
        + 1 - extents[axis]
    }
    // What is missing is left open at the end.
    let open = zip(output, all).map { $0 - min(0, $1) }
    return (halves(of: all.map { max(0, $0) }, moreAtEnd: automatic == "SAME_UPPER"), open)
  }

  private func halves(of all: [Int], moreAtEnd: Bool) -> [Int] {
    let (less, more) = (all.map { $0 / 2 }, all.map { $0 - $0 / 2 })
    return moreAtEnd ? less + more : more + less
  }
}
