internal import AdjointKernels

/// An operation that, on operands of some types, is one instruction of the kernels in C, element by element.
protocol ChainableOperation: Operation {
  /// The instruction for a first operand of an element type; nil if the operation is something else there.
  func instruction(for dtype: DType) -> AdjointInstruction?
}

/// Pointwise instructions one after another, on tensors of one number of elements.
///
/// All of them run on a piece of the elements before any runs on the next: what one makes and the next reads stays
/// in the cache, and what no one else reads never takes memory of its own. Each element is computed as by the
/// operations alone, with the same bits.
struct PointwiseChain {
  /// The bytes of a piece of a value, and of the buffer that it lies in.
  private static let pieceSize = 8192
  /// The bytes of a block of one number.
  private static let blockSize = 128

  /// How many elements every value has that is not one number for all.
  let count: Int
  private var values: [Value] = []
  private var steps: [Step] = []

  /// A value that steps read or make.
  private struct Value {
    let dtype: DType
    /// The elements; nil for a result that only steps of the chain read.
    var storage: Storage?
    /// The last step that reads it.
    var lastReader = -1
  }

  private struct Step {
    let instruction: AdjointInstruction
    let operands: [Int]
    let result: Int

    /// The same for the kernels in C; `dtype` is that of the first operand.
    func compiled(for dtype: DType) -> AdjointChainStep {
      func operand(_ place: Int) -> UInt16 {
        UInt16(operands[Swift.min(place, operands.count - 1)])
      }
      return AdjointChainStep(
        instruction: instruction, element: AdjointElement(dtype),
        operands: (operand(0), operand(1), operand(2), operand(3)), result: UInt16(result))
    }
  }

  /// A chain without steps.
  init(count: Int) { self.count = count }

  /// Adds elements that steps read; returns the number of the value.
  mutating func read(_ storage: Storage) -> Int {
    values.append(Value(dtype: storage.dtype, storage: storage))
    return values.count - 1
  }

  /// Adds a step on values; returns the number of its result.
  mutating func append(
    _ instruction: AdjointInstruction, _ operands: [Int], resultType dtype: DType
  ) -> Int {
    for operand in operands { values[operand].lastReader = steps.count }
    values.append(Value(dtype: dtype))
    steps.append(Step(instruction: instruction, operands: operands, result: values.count - 1))
    return values.count - 1
  }

  /// Says that others read a result too: its elements are written to the storage.
  mutating func keep(_ value: Int, in storage: Storage) { values[value].storage = storage }

  /// Runs all steps, on several threads, by kernels in C, which there must be.
  func run() {
    guard let kernels = unsafe InstructionSet.current.kernels else {
      stop("chain: there are no kernels in C; run its operations one by one")
    }
    let layout = Layout(self)
    let scratch = Scratch(
      shared: layout.numbers.count * Self.blockSize,
      perThread: max(1, layout.bufferCount) * Self.pieceSize)
    let piece = Self.pieceSize / (values.map(\.dtype.byteCount).max() ?? 1)
    Workspace.with(scratch) { workspace in
      var values = unsafe layout.values
      for (place, number) in layout.numbers.enumerated() {
        let block = unsafe workspace.shared + place * Self.blockSize
        let size = unsafe values[number].size
        for offset in stride(from: 0, to: Self.blockSize, by: size) {
          unsafe (block + offset).copyMemory(from: values[number].elements, byteCount: size)
        }
        unsafe values[number].elements = block.assumingMemoryBound(to: CChar.self)
      }
      let (grain, steps) = (max(piece, Grain.elements / layout.steps.count), layout.steps)
      unsafe values.withUnsafeBufferPointer { values in
        unsafe steps.withUnsafeBufferPointer { steps in
          inParallel(count, grain: grain, unit: piece) { range in
            unsafe workspace.withPart(as: CChar.self) { buffers in
              unsafe kernels.pointee.pointwiseChain(
                values.baseAddress, values.count, steps.baseAddress, steps.count, range.lowerBound,
                range.count, piece, buffers)
            }
          }
        }
      }
    }
  }

  /// Where the values of a chain are while it runs.
  @safe
  private struct Layout {
    private(set) var values: [AdjointChainValue] = unsafe []
    private(set) var steps: [AdjointChainStep] = []
    /// The values that are one number each.
    private(set) var numbers: [Int] = []
    private(set) var bufferCount = 0
    private var free: [Int] = []

    init(_ chain: PointwiseChain) {
      for (number, value) in chain.values.enumerated() {
        let size = value.dtype.byteCount
        guard let storage = value.storage else {
          unsafe values.append(
            AdjointChainValue(
              place: adjointPassing, elements: nil, size: size, middle: 0, inner: 0, buffer: 0))
          continue
        }
        let repeated = storage.repetition
        let pattern = repeated?.pattern
        let place =
          pattern == nil ? adjointWhole : pattern?.middle == 1 ? adjointNumber : adjointRepeating
        let source = repeated?.source ?? storage
        unsafe values.append(
          AdjointChainValue(
            place: place, elements: source.rawPointer.assumingMemoryBound(to: CChar.self),
            size: size, middle: pattern?.middle ?? 0, inner: pattern?.inner ?? 0, buffer: 0))
        if place == adjointNumber { numbers.append(number) }
        if place == adjointRepeating { takeBuffer(for: number) }
      }
      for (index, step) in chain.steps.enumerated() {
        // What is read for the last time leaves its buffer to the result, where that is as large: a loop has read
        // an element before it writes it.
        let ended = Set(step.operands).filter {
          chain.values[$0].lastReader == index && hasBuffer($0)
        }
        let size = chain.values[step.result].dtype.byteCount
        for value in ended where chain.values[value].dtype.byteCount == size { leaveBuffer(value) }
        if unsafe values[step.result].place == adjointPassing { takeBuffer(for: step.result) }
        for value in ended where chain.values[value].dtype.byteCount != size { leaveBuffer(value) }
        steps.append(step.compiled(for: chain.values[step.operands[0]].dtype))
      }
    }

    private func hasBuffer(_ value: Int) -> Bool {
      let place = unsafe values[value].place
      return place == adjointRepeating || place == adjointPassing
    }

    private mutating func leaveBuffer(_ value: Int) { unsafe free.append(values[value].buffer) }

    private mutating func takeBuffer(for value: Int) {
      if free.isEmpty {
        free.append(bufferCount * PointwiseChain.pieceSize)
        bufferCount += 1
      }
      unsafe values[value].buffer = free.removeLast()
    }
  }
}
