import Adjoint

/// The keys and values of the positions so far, for generating one position after another.
///
/// ```swift
/// var cache = KeyValueCache()
/// var y = attention(prompt, cache: &cache, .inference)
/// y = attention(next, cache: &cache, .inference)
/// ```
public struct KeyValueCache: Sendable {
  /// The keys, [N, sharedHeads, count, D]; nil before the first position.
  public private(set) var keys: Tensor?
  /// The values, [N, sharedHeads, count, D]; nil before the first position.
  public private(set) var values: Tensor?

  /// Makes an empty cache.
  public init() {}

  /// The number of positions.
  public var count: Int { keys?.shape[2] ?? 0 }

  /// Takes in the keys and values of new positions, and returns all.
  mutating func appending(_ newKeys: Tensor, _ newValues: Tensor) -> (Tensor, Tensor) {
    let keys = keys.map { Tensor.concatenated([$0, newKeys], along: 2) } ?? newKeys
    let values = values.map { Tensor.concatenated([$0, newValues], along: 2) } ?? newValues
    (self.keys, self.values) = (keys, values)
    return (keys, values)
  }
}
