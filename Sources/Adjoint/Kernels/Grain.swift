/// The least work that is worth a thread of its own, some 4 µs: a helper has to fetch the operands from the
/// other core's cache. Measured, and counted in what a kernel does most.
enum Grain {
  /// Elements that are read and written once.
  static let elements = 1 << 14
  /// Elements that are added up.
  static let summands = 1 << 15
  /// Exponentials.
  static let exponentials = 1 << 12
  /// Random numbers.
  static let randomNumbers = 1 << 12
  /// Multiplications of a product.
  static let multiplications = 400_000

  /// How many things, each with so much of some work, are worth a thread.
  static func count(of size: Int, in work: Int = elements) -> Int { max(1, work / max(1, size)) }
}
