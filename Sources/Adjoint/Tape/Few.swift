/// A list of which up to three elements, as nearly all operations have operands, take no memory of
/// their own.
struct Few<Element> {
  private var first: (Element?, Element?, Element?) = (nil, nil, nil)
  private var rest: [Element?] = []
  let count: Int

  /// So many elements, each as `element` makes it.
  @inline(__always)
  init(count: Int, _ element: (Int) -> Element?) {
    self.count = count
    if count > 0 { first.0 = element(0) }
    if count > 1 { first.1 = element(1) }
    if count > 2 { first.2 = element(2) }
    if count > 3 { rest = (3..<count).map(element) }
  }

  /// Whether there is an element at an index.
  func has(_ index: Int) -> Bool {
    switch index {
    case 0: first.0 != nil
    case 1: first.1 != nil
    case 2: first.2 != nil
    default: rest[index - 3] != nil
    }
  }

  subscript(index: Int) -> Element? {
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
