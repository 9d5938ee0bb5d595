extension Tensor {
  /// Returns the sum of products that an equation names, as einsum of NumPy.
  ///
  ///     "bij,bjk->bik", a: [B, I, J], b: [B, J, K]   →   [B, I, K]
  ///
  /// A letter is an axis. One that stands in several operands is the same in all; one that the result does not
  /// name is summed over; one that stands twice in an operand takes its diagonal; `...` stands for any axes, which
  /// are broadcast. Without `->` the result has the letters that occur once, in their order. Operands are
  /// multiplied from left to right, each time as one batched matrix product. Pullback: of these products.
  /// - Precondition: the equation names the axes of each operand, and each letter has one extent, or 1.
  public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
    einsum(equation, operands)
  }

  /// Returns the sum of products that an equation names, of operands in an array.
  public static func einsum(_ equation: String, _ operands: [Tensor]) -> Tensor {
    require(!operands.isEmpty, "einsum: there are no operands; give one or more")
    let sum = EinsteinSum(equation, operands.map(\.type))
    return speaking(as: "einsum") {
      var terms = zip(operands, sum.operands).map { Term($0, $1).onDiagonals() }
      while terms.count > 1 {
        let (left, right) = (terms.removeFirst(), terms.removeFirst())
        let needed = terms.reduce(Set(sum.result)) { $0.union($1.labels) }
        terms.insert(left.multiplied(by: right, keeping: needed), at: 0)
      }
      return terms[0].summed(keeping: Set(sum.result)).arranged(sum.result).tensor
    }
  }

  /// An operand, with the labels of its axes.
  private struct Term {
    let tensor: Tensor
    let labels: [EinsteinSum.Label]

    init(_ tensor: Tensor, _ labels: [EinsteinSum.Label]) {
      self.tensor = tensor
      self.labels = labels
    }

    /// The operand with each label once.
    func onDiagonals() -> Term {
      guard let second = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }),
        let first = labels.firstIndex(of: labels[second])
      else { return self }
      let others = labels.indices.filter { $0 != first && $0 != second }
      let diagonal = tensor.transposed(others + [first, second]).diagonal()
      return Term(diagonal, others.map { labels[$0] } + [labels[second]]).onDiagonals()
    }

    /// The sum over all labels that are not needed.
    func summed(keeping needed: Set<EinsteinSum.Label>) -> Term {
      let axes = labels.indices.filter { !needed.contains(labels[$0]) }
      if axes.isEmpty { return self }
      return Term(tensor.sum(over: axes), labels.filter(needed.contains))
    }

    /// The axes in the order of other labels; those that it lacks have extent 1.
    func arranged(_ order: [EinsteinSum.Label]) -> Term {
      let own = order.filter(labels.contains)
      let moved = tensor.transposed(own.compactMap { labels.firstIndex(of: $0) })
      let missing = order.indices.filter { !labels.contains(order[$0]) }
      return Term(moved.expanded(at: missing), order)
    }

    /// The product, summed over the labels that no one else needs: [batch, left, inner]·[batch, inner, right].
    func multiplied(by other: Term, keeping needed: Set<EinsteinSum.Label>) -> Term {
      // What only one of the two has, and no one needs, is summed over first.
      let left = summed(keeping: needed.union(other.labels))
      let right = other.summed(keeping: needed.union(labels))
      let shared = left.labels.filter(right.labels.contains)
      let (batch, inner) = (shared.filter(needed.contains), shared.filter { !needed.contains($0) })
      let leftOnly = left.labels.filter { !shared.contains($0) }
      let rightOnly = right.labels.filter { !shared.contains($0) }
      let a = left.arranged(batch + leftOnly + inner).tensor
      let b = right.arranged(batch + inner + rightOnly).tensor
      let result = batch + leftOnly + rightOnly
      if inner.isEmpty {
        let (left, right) = (
          a.reshaped(to: a.shape + rightOnly.map { _ in 1 }),
          b.expanded(at: Array(batch.count..<batch.count + leftOnly.count))
        )
        return Term(left * right, result)
      }
      return Term(Term.product(a, b, batch.count, leftOnly.count, inner.count), result)
    }

    /// The matrix product, with axes made one; what is 1 in one operand is broadcast.
    private static func product(
      _ a: Tensor, _ b: Tensor, _ batch: Int, _ left: Int, _ inner: Int
    ) -> Tensor {
      func larger(_ first: ArraySlice<Int>, _ second: ArraySlice<Int>) -> [Int] {
        zip(first, second).map { $0 == 1 ? $1 : $0 }
      }
      let (rows, columns) = (a.shape[batch..<batch + left], b.shape[(batch + inner)...])
      let depth = larger(a.shape[(batch + left)...], b.shape[batch..<batch + inner])
      let outer = larger(a.shape[..<batch], b.shape[..<batch])
      let (m, k, n) = (rows.reduce(1, *), depth.reduce(1, *), columns.reduce(1, *))
      let matrices = outer.isEmpty ? [] : [outer.reduce(1, *)]
      let x = a.broadcast(to: outer + rows + depth).reshaped(to: matrices + [m, k])
      let y = b.broadcast(to: outer + depth + columns).reshaped(to: matrices + [k, n])
      return x.matMul(y).reshaped(to: outer + rows + columns)
    }
  }
}
