import Adjoint

/// The ranges that a count is cut into.
struct Batching {
  let ranges: [Range<Int>]

  init(count: Int, size: Int, droppingLast: Bool) {
    require(size > 0, "batches: the size is \(size); give 1 or more")
    require(
      !droppingLast || count == 0 || count >= size,
      "batches: \(count) samples make no batch of \(size); give a smaller size, or keep the shorter last "
        + "one with droppingLast: false")
    let end = droppingLast ? count / size * size : count
    ranges = stride(from: 0, to: end, by: size).map { $0..<Swift.min($0 + size, count) }
  }
}
