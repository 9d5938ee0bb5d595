internal import AdjointKernels

extension ProductSum {
  /// How many rows of operands are multiplied at once: their copies stay in the cache.
  private static let rowsAtOnce = 512

  /// How many terms are multiplied at once.
  private func termsAtOnce(_ left: TensorType) -> Int {
    max(1, ProductSum.rowsAtOnce / max(1, left.shape[0]))
  }

  /// The product of so many terms' rows.
  private func product(_ left: TensorType, _ right: TensorType, terms: Int) -> Product {
    func rows(_ type: TensorType) -> TensorType {
      type.with(shape: [terms * type.shape[0], type.shape[1]])
    }
    return Product(rows(left), rows(right), true, false)
  }

  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    let (left, right) = (operands.inputType(0), operands.inputType(1))
    // One number is a sum of its own kind, to which nothing is added.
    guard operands.outputType(0).count > 1 else { return nil }
    let terms = termsAtOnce(left)
    var scratch = product(left, right, terms: terms).scratch(for: operands)
    scratch.shared += terms * (left.count + right.count) * left.dtype.byteCount
    return scratch
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let (left, right) = (frame.inputType(0), frame.inputType(1))
    let (atOnce, y) = (termsAtOnce(left), frame.elements(ofOutput: 0))
    var terms = stride(from: 0, to: frame.inputCount, by: 2).filter { term in
      cotangentPlace.map { !frame.storage(term + $0).isZero } ?? true
    }[...]
    let panels = product(left, right, terms: atOnce).scratch(for: frame).shared
    var isFirst = true
    repeat {
      let some = terms.prefix(atOnce)
      terms = terms.dropFirst(atOnce)
      let (size, product) = (left.dtype.byteCount, product(left, right, terms: some.count))
      // Behind the panels that the product may share between threads.
      let a = unsafe MutableElements(start: workspace.shared + panels, size: size)
      let b = unsafe MutableElements(start: a.from(some.count * left.count), size: size)
      for (place, term) in some.enumerated() {
        unsafe a.from(place * left.count).copyMemory(
          from: frame.rawInput(term), byteCount: left.count * size)
        unsafe b.from(place * right.count).copyMemory(
          from: frame.rawInput(term + 1), byteCount: right.count * size)
      }
      unsafe product.compute(
        Elements(start: UnsafeRawPointer(a.start), size: size),
        Elements(start: UnsafeRawPointer(b.start), size: size),
        into: y, adding: !isFirst, on: frame.realKernels, workspace)
      isFirst = false
    } while !terms.isEmpty
  }
}
