/// An equation of an Einstein sum, such as `bij,bjk->bik`: which axes of which operand are one, and which stay.
struct EinsteinSum {
  /// An axis: a letter, or one of those that an ellipsis stands for, counted from the last.
  enum Label: Hashable {
    case letter(Character)
    case ellipsis(Int)
  }

  /// The labels of the axes of each operand.
  let operands: [[Label]]
  /// The labels of the axes of the result.
  let result: [Label]
  /// The extent of each label.
  let extents: [Label: Int]

  /// Reads an equation for operands of these types.
  init(_ equation: String, _ types: [TensorType]) {
    let text = equation.filter { !$0.isWhitespace }
    let arrow = text.firstRange(of: "->")
    let left = arrow.map { text[..<$0.lowerBound] } ?? text[...]
    let terms = left.split(separator: ",", omittingEmptySubsequences: false)
    require(
      terms.count == types.count,
      "einsum: \(equation) has \(terms.count) operands, got \(types.count)")
    operands = zip(terms, types).map { EinsteinSum.labels($0, $1.rank, $1, equation) }
    var extents: [Label: Int] = [:]
    for (labels, type) in zip(operands, types) {
      for (number, label) in labels.enumerated() {
        let (extent, first) = (
          type.shape[number], type.shape[labels.firstIndex(of: label) ?? number]
        )
        require(
          extent == first,
          "einsum: \(EinsteinSum.name(label)) of \(equation) is \(first) and \(extent) in \(type); a diagonal "
            + "needs axes of one extent")
        let known = extents[label] ?? 1
        require(
          known == extent || known == 1 || extent == 1,
          "einsum: \(EinsteinSum.name(label)) of \(equation) is \(known) and \(extent); one label has one extent"
        )
        extents[label] = known == 1 ? extent : known
      }
    }
    self.extents = extents
    let all = operands.joined()
    if let arrow {
      let rank =
        all.compactMap { if case .ellipsis(let place) = $0 { place + 1 } else { nil } }
        .max() ?? 0
      let term = text[arrow.upperBound...]
      result = EinsteinSum.labels(term, term.filter { $0.isLetter }.count + rank, nil, equation)
    } else {
      // As NumPy has it: what an ellipsis stands for, then the letters that occur once, in their order.
      let places = all.compactMap { if case .ellipsis(let place) = $0 { place } else { nil } }
      let letters = all.compactMap { if case .letter(let name) = $0 { name } else { nil } }
      result =
        Set(places).sorted(by: >).map { .ellipsis($0) }
        + Set(letters).sorted().filter { name in letters.filter { $0 == name }.count == 1 }
        .map { .letter($0) }
    }
    require(
      Set(result).count == result.count && result.allSatisfy { extents[$0] != nil },
      "einsum: the result of \(equation) names an axis twice, or one that no operand has")
  }

  /// The labels of a term for so many axes.
  private static func labels(
    _ term: Substring, _ rank: Int, _ type: TensorType?, _ equation: String
  ) -> [Label] {
    let parts = term.split(separator: "...", maxSplits: 2, omittingEmptySubsequences: false)
    let letters = parts.joined()
    let own = rank - letters.count
    require(
      parts.count <= 2 && letters.allSatisfy { $0.isLetter && $0.isASCII }
        && (parts.count == 2 ? own >= 0 : own == 0 || type == nil),
      "einsum: \(term) of \(equation) "
        + (type.map { "does not name the axes of \($0)" } ?? "is no list of axes")
        + "; give a letter for each, and ... for others")
    let ellipsis = parts.count == 2 ? (0..<own).reversed().map { Label.ellipsis($0) } : []
    return parts[0].map { .letter($0) } + ellipsis + parts.dropFirst().joined().map { .letter($0) }
  }

  static func name(_ label: Label) -> String {
    switch label {
    case .letter(let name): "\(name)"
    case .ellipsis: "an axis of ..."
    }
  }
}
