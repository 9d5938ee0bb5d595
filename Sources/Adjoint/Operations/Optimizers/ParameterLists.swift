// What the steps of optimizers have in common: lists with one tensor for each parameter, and elements of
// which each is changed by itself, so that one pass over memory serves all parameters.

/// Calls `step` for the tensors of each element type, and returns the lists that it makes, in the order
/// of the parameters.
func byElementType(
  _ lists: [[Tensor]], _ step: ([[Tensor]], DType) -> [Tensor]
) -> [[Tensor]] {
  let parameters = lists[0]
  // Without parameters there are as many lists of nothing as anyone asks for.
  guard let dtype = parameters.first?.dtype else { return lists.map { _ in [] } }
  if parameters.allSatisfy({ $0.dtype == dtype }) {
    let outputs = step(lists, dtype)
    return stride(from: 0, to: outputs.count, by: parameters.count).map { start in
      Array(outputs[start..<start + parameters.count])
    }
  }
  var results: [[Tensor]] = []
  for dtype in DType.allCases {
    let places = parameters.indices.filter { parameters[$0].dtype == dtype }
    guard !places.isEmpty else { continue }
    let outputs = step(lists.map { list in places.map { list[$0] } }, dtype)
    if results.isEmpty {
      results = Array(repeating: parameters, count: outputs.count / places.count)
    }
    for (number, output) in outputs.enumerated() {
      results[number / places.count][places[number % places.count]] = output
    }
  }
  return results
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
  fileprivate let inputs: [Storage]
  fileprivate let outputs: [Storage]
  /// How many parameters there are, and which one this is of.
  fileprivate let parameters: Int
  fileprivate let index: Int
  fileprivate let start: Int

  /// Parts of all parameters, of this length or the rest, are shared out among the threads.
  fileprivate static let length = 2 * Grain.elements

  var count: Int { min(inputs[index].count - start, ParameterPart.length) }

  func input(_ list: Int) -> UnsafePointer<Float> {
    unsafe UnsafePointer(address(inputs[list * parameters + index]))
  }

  func output(_ list: Int) -> UnsafeMutablePointer<Float> {
    unsafe address(outputs[list * parameters + index])
  }

  private func address(_ storage: Storage) -> UnsafeMutablePointer<Float> {
    unsafe storage.rawPointer.assumingMemoryBound(to: Float.self) + start
  }
}

extension KernelFrame<Float> {
  /// Calls `body` for parts that make up all parameters, on several threads.
  func forEachPart(of count: Int, _ body: (ParameterPart) -> Void) {
    let (inputs, outputs) = (inputs, outputs)
    var parts: [ParameterPart] = []
    for index in 0..<count {
      for start in stride(from: 0, to: inputs[index].count, by: ParameterPart.length) {
        parts.append(
          ParameterPart(
            inputs: inputs, outputs: outputs, parameters: count, index: index, start: start))
      }
    }
    // Few elements are not worth a helper, however many parameters they belong to.
    let total = inputs[..<count].reduce(0) { $0 + $1.count }
    inParallel(parts.count, grain: total < 2 * ParameterPart.length ? max(1, parts.count) : 1) {
      for part in parts[$0] { body(part) }
    }
  }
}
