// What the steps of optimizers have in common: lists with one tensor for each parameter, and elements of
// which each is changed by itself, so that one pass over memory serves all parameters.

/// Calls `step` for the tensors of each element type, one list after another, and returns the lists that it makes,
/// in the order of the parameters. Who gives the lists up, and what is in them, gets their memory back.
func byElementType(
  _ lists: consuming [[Tensor]], _ step: (consuming [Tensor], DType) -> [Tensor]
) -> [[Tensor]] {
  let types = lists[0].map(\.type)
  // Without parameters there are as many lists of nothing as anyone asks for.
  guard let dtype = types.first?.dtype else { return lists.map { _ in [] } }
  if types.allSatisfy({ $0.dtype == dtype }) {
    let outputs = step(flattened(consume lists), dtype)
    return stride(from: 0, to: outputs.count, by: types.count).map { start in
      Array(outputs[start..<start + types.count])
    }
  }
  var results: [[Tensor]] = []
  for dtype in DType.allCases {
    let places = types.indices.filter { types[$0].dtype == dtype }
    guard !places.isEmpty else { continue }
    let outputs = step(lists.flatMap { list in places.map { list[$0] } }, dtype)
    if results.isEmpty {
      results = Array(repeating: lists[0], count: outputs.count / places.count)
    }
    for (number, output) in outputs.enumerated() {
      results[number / places.count][places[number % places.count]] = output
    }
  }
  return results
}

/// The tensors of lists one after another; the lists no longer refer to them.
private func flattened(_ lists: consuming [[Tensor]]) -> [Tensor] {
  var tensors: [Tensor] = []
  tensors.reserveCapacity(lists.count * lists[0].count)
  for index in lists.indices {
    tensors += lists[index]
    lists[index] = []
  }
  return tensors
}

extension Operation {
  /// Stops unless the operands are so many lists of `count` tensors, all of the types of the first, and the
  /// coefficients.
  func requireLists(_ inputs: [TensorType], _ lists: Int, count: Int, coefficients: Int) {
    requireCount(inputs, lists * count + 1)
    for index in count..<lists * count {
      require(
        inputs[index] == inputs[index % count],
        "\(name): tensor \(index % count) of list \(index / count) is \(inputs[index]), that of the "
          + "parameters \(inputs[index % count]); give one of its type")
    }
    let expected = TensorType(inputs[0].dtype, [coefficients])
    require(
      inputs[lists * count] == expected,
      "\(name): the coefficients are \(inputs[lists * count]); give \(expected)")
  }
}

/// Consecutive elements of one parameter, and those of the other lists that belong to them.
struct ParameterPart {
  /// How many parameters there are, and which one this is of.
  fileprivate let parameters: Int
  fileprivate let index: Int
  fileprivate let elements: Range<Int>

  var count: Int { elements.count }

  /// Parts of all parameters, of this length or the rest, are shared out among the threads.
  fileprivate static let length = 2 * Grain.elements
}

extension CompiledFrame {
  /// Calls `body` for parts that make up all parameters, on several threads.
  func forEachPart(of parameters: Int, _ body: (ParameterPart) -> Void) {
    let length = ParameterPart.length
    func partCount(_ index: Int) -> Int { (inputType(index).count + length - 1) / length }
    var (total, parts) = (0, 0)
    for index in 0..<parameters {
      total += inputType(index).count
      parts += partCount(index)
    }
    // Few elements are not worth a helper, however many parameters they belong to.
    inParallel(parts, grain: total < 2 * length ? max(1, parts) : 1) { range in
      var first = 0
      for index in 0..<parameters {
        let end = first + partCount(index)
        for part in range.clamped(to: first..<end) {
          let start = (part - first) * length
          body(
            ParameterPart(
              parameters: parameters, index: index,
              elements: start..<min(start + length, inputType(index).count)))
        }
        first = end
      }
    }
  }

  /// The elements of a part in one of the lists of inputs.
  func elements(of part: ParameterPart, inInputs list: Int) -> UnsafeRawPointer {
    unsafe elements(ofInput: list * part.parameters + part.index).from(part.elements.lowerBound)
  }

  /// The elements of a part in one of the lists of outputs.
  func elements(of part: ParameterPart, inOutputs list: Int) -> UnsafeMutableRawPointer {
    unsafe elements(ofOutput: list * part.parameters + part.index).from(part.elements.lowerBound)
  }
}
