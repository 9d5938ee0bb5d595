/// A list of numbers of which up to three, as nearly all operations have operands, take no memory of
/// their own.
@usableFromInline
struct Few: Sendable, RandomAccessCollection {
  private var first = (0, 0, 0)
  private var rest: [Int]?
  @usableFromInline let count: Int

  /// One number.
  init(_ a: Int) {
    count = 1
    first.0 = a
  }

  /// Two numbers.
  init(_ a: Int, _ b: Int) {
    count = 2
    (first.0, first.1) = (a, b)
  }

  /// So many numbers, each as `number` makes it.
  @inline(__always)
  init(count: Int, _ number: (Int) -> Int) {
    self.count = count
    if count > 0 { first.0 = number(0) }
    if count > 1 { first.1 = number(1) }
    if count > 2 { first.2 = number(2) }
    if count > 3 { rest = (3..<count).map(number) }
  }

  @usableFromInline var startIndex: Int { 0 }
  @usableFromInline var endIndex: Int { count }

  @usableFromInline subscript(index: Int) -> Int {
    switch index {
    case 0: first.0
    case 1: first.1
    case 2: first.2
    default: rest![index - 3]
    }
  }
}
