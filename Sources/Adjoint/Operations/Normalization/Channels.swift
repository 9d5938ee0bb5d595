internal import AdjointKernels

/// A tensor as blocks of one channel each, in row-major order.
struct Channels {
  /// The number of channels.
  let count: Int
  /// The number of elements of each channel.
  let size: Int
  /// The number of elements of a channel that lie together.
  let inner: Int
  /// The number of such runs of each channel.
  let outer: Int

  init(_ type: TensorType, _ axis: Int) {
    let split = AxisSplit(type, axis)
    (outer, count, inner) = (split.outer, split.extent, split.inner)
    size = outer * inner
  }

  /// The same for the kernels in C.
  var shape: AdjointBatchShape {
    AdjointBatchShape(outer: outer, channels: count, inner: inner)
  }

  /// The blocks in row-major order, each with its channel.
  var blocks: some Sequence<(channel: Int, positions: Range<Int>)> {
    (0..<outer * count).lazy.map { block in
      (block % count, block * inner..<(block + 1) * inner)
    }
  }

  /// The blocks of one channel.
  func blocks(of channel: Int) -> some Sequence<Range<Int>> {
    (0..<outer).lazy.map { block in
      let start = (block * count + channel) * inner
      return start..<start + inner
    }
  }
}

/// Rows in at most 16 parts, each worth a thread.
///
/// They depend on the shape alone, so that sums over them are the same for every number of threads.
struct RowParts {
  private let rows: Int
  private let height: Int

  /// Parts of rows of a size.
  init(rows: Int, size: Int) {
    self.rows = rows
    height = max((rows + 15) / 16, Grain.count(of: size))
  }

  var count: Int { (rows + height - 1) / height }

  /// The rows of a part.
  subscript(part: Int) -> Range<Int> { part * height..<min((part + 1) * height, rows) }
}

extension Operation {
  /// Stops unless a vector has one element for each channel of `type`, and its element type.
  func requireChannels(_ vector: TensorType, of type: TensorType, _ axis: Int, _ role: String) {
    let needed = type.with(shape: [type.shape[axis]])
    require(
      vector == needed,
      "\(name): the \(role) is \(vector); axis \(axis) of \(type) needs \(needed)")
  }
}

extension TensorType {
  /// All axes but one.
  func axes(besides axis: Int) -> [Int] { (0..<rank).filter { $0 != axis } }
}

extension Tensor {
  /// A vector with one element for each channel, in the shape that broadcasts along `axis`.
  func channels(_ axis: Int, rank: Int) -> Tensor {
    var shape = Array(repeating: 1, count: rank)
    shape[axis] = count
    return reshaped(to: shape)
  }
}
