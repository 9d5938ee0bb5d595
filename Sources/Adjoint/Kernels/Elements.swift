/// Elements of a kernel's type, which is known when it runs: places among them are counted in elements.
@safe
struct Elements {
  /// The first byte.
  let start: UnsafeRawPointer
  /// The size of an element.
  let size: Int

  /// The elements from one of them on.
  func from(_ place: Int) -> UnsafeRawPointer { unsafe start + place * size }
}

/// The same, to be written.
@safe
struct MutableElements {
  /// The first byte.
  let start: UnsafeMutableRawPointer
  /// The size of an element.
  let size: Int

  /// The elements from one of them on.
  func from(_ place: Int) -> UnsafeMutableRawPointer { unsafe start + place * size }
}
