/// A list of which up to three elements, as nearly all operations have operands, take no memory of
/// their own.
struct Few<Element>: RandomAccessCollection {
  private var first: (Element, Element, Element)
  private var rest: [Element] = []
  let count: Int

  /// So many elements, each as `element` makes it; `filler` stands where there is none.
  @inline(__always)
  init(count: Int, filler: Element, _ element: (Int) -> Element) {
    self.count = count
    first = (
      count > 0 ? element(0) : filler, count > 1 ? element(1) : filler,
      count > 2 ? element(2) : filler
    )
    if count > 3 { rest = (3..<count).map(element) }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { count }

  subscript(index: Int) -> Element {
    get {
      switch index {
      case 0: first.0
      case 1: first.1
      case 2: first.2
      default: rest[index - 3]
      }
    }
    set {
      switch index {
      case 0: first.0 = newValue
      case 1: first.1 = newValue
      case 2: first.2 = newValue
      default: rest[index - 3] = newValue
      }
    }
  }
}

extension Few: Sendable where Element: Sendable {}
