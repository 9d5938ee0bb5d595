internal import AdjointKernels

extension Attention {
  /// Room for the products of a block of queries with all keys, and for their shares.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    AttentionBlocks(operands, isCausal: isCausal).scratch(for: operands, matrices: 2)
  }

  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let blocks = AttentionBlocks(frame, isCausal: isCausal)
    let (extents, y) = (blocks.extents, frame.elements(ofOutput: 0))
    let v = frame.elements(ofInput: 2)
    inParallel(extents.batch * blocks.count, grain: blocks.grain) { range in
      unsafe workspace.withPart(as: UInt8.self) { memory in
        for number in range {
          let block = blocks.block(number % blocks.count, of: number / blocks.count)
          let rest = unsafe blocks.writeShares(block, frame, to: memory)
          unsafe frame.realKernels.pointee.product(
            block.rows, block.seen, extents.values, memory + blocks.size, block.seen, 1,
            v.from(block.firstKey * extents.values), extents.values, 1, nil,
            y.from(block.firstQuery * extents.values), extents.values, nil, adjointByTiles, 0, rest)
        }
      }
    }
    if isCausal { frame.leaveOut(self, outputs: 1, of: 2) }
  }
}

extension AttentionGradient {
  /// Room for the products of a block of queries with all keys, for their shares, and for the cotangents.
  func scratch(for operands: borrowing CompiledFrame) -> Scratch? {
    AttentionBlocks(operands, isCausal: isCausal).scratch(for: operands, matrices: 3)
  }

  /// All that is added to a key on one thread, in one order.
  func compiledKernel(_ frame: borrowing CompiledFrame, _ workspace: borrowing Workspace) {
    let blocks = AttentionBlocks(frame, isCausal: isCausal)
    let extents = blocks.extents
    for number in 1...2 {
      let type = frame.outputType(number)
      unsafe zero(frame.rawOutput(number), byteCount: type.count * type.dtype.byteCount)
    }
    inParallel(extents.keyBatches, grain: 1) { range in
      unsafe workspace.withPart(as: UInt8.self) { memory in
        for batch in range.lowerBound * extents.groups..<range.upperBound * extents.groups {
          for number in 0..<blocks.count {
            unsafe add(blocks, blocks.block(number, of: batch), frame, memory)
          }
        }
      }
    }
    if isCausal { frame.leaveOut(self, outputs: 3, of: 2) }
  }

  /// What one block of queries sends back.
  private func add(
    _ blocks: AttentionBlocks, _ block: AttentionBlocks.Block, _ frame: borrowing CompiledFrame,
    _ memory: UnsafeMutablePointer<UInt8>
  ) {
    let kernels = unsafe frame.realKernels
    let seen = block.seen
    let (width, values) = (blocks.extents.features, blocks.extents.values)
    let (q, k, v) = (
      frame.elements(ofInput: 0), frame.elements(ofInput: 1), frame.elements(ofInput: 2)
    )
    let dy = unsafe frame.elements(ofInput: 3).from(block.firstQuery * values)
    let (dq, dk, dv) = (
      frame.elements(ofOutput: 0), frame.elements(ofOutput: 1), frame.elements(ofOutput: 2)
    )
    _ = unsafe blocks.writeShares(block, frame, to: memory)
    let (dShares, shares) = unsafe (memory, memory + blocks.size)
    let (dScores, rest) = unsafe (memory + 2 * blocks.size, memory + 3 * blocks.size)
    unsafe kernels.pointee.product(
      block.rows, values, seen, dy, values, 1, v.from(block.firstKey * values), 1, values, nil,
      dShares, seen, nil, adjointByTiles, 0, rest)
    unsafe kernels.pointee.softmaxGradientRows(shares, dShares, block.rows, seen, dScores)
    unsafe kernels.pointee.product(
      block.rows, seen, width, dScores, seen, 1, k.from(block.firstKey * width), width, 1, nil,
      dq.from(block.firstQuery * width), width, nil, adjointByTiles, 0, rest)
    unsafe kernels.pointee.product(
      seen, block.rows, width, dScores, 1, seen, q.from(block.firstQuery * width), width, 1, nil,
      dk.from(block.firstKey * width), width, nil, adjointByTiles, 1, rest)
    unsafe kernels.pointee.product(
      seen, block.rows, values, shares, 1, seen, dy, values, 1, nil,
      dv.from(block.firstKey * values), values, nil, adjointByTiles, 1, rest)
  }
}

extension CompiledFrame {
  /// Computes outputs that are not finite again, by a kernel that leaves out what has the share 0, as keys have that a
  /// query does not see: 0 times what is infinite or unknown is unknown.
  func leaveOut(_ operation: some Operation, outputs: Int, of values: Int) {
    guard !(0..<outputs).allSatisfy({ isFinite(output: $0) }) else { return }
    // Where nothing is known, as in a training that has diverged, nothing is won.
    let count = inputType(values).count
    guard (0..<count).contains(where: { number($0, ofInput: values).isFinite }) else { return }
    computeByReference(operation)
  }
}

/// Blocks of queries, for which products with all keys that they see are made at once.
private struct AttentionBlocks {
  /// How many queries a block has at most: enough that keys are read seldom.
  private static let height = 64

  /// A block of the queries of a batch, and the keys that some of it see.
  struct Block {
    let (firstQuery, firstKey): (Int, Int)
    /// The place of the first query in its sequence.
    let start: Int
    let (rows, seen): (Int, Int)
  }

  let extents: AttentionExtents
  private let isCausal: Bool
  private let elementSize: Int
  /// The bytes of a block's products, to whole cache lines.
  var size: Int { (rows * extents.keys * elementSize + 63) & -64 }
  private var rows: Int { min(extents.queries, AttentionBlocks.height) }
  /// The number of blocks of a batch.
  var count: Int { (extents.queries + AttentionBlocks.height - 1) / AttentionBlocks.height }
  /// The number of blocks that is worth a thread.
  var grain: Int {
    Grain.count(
      of: rows * extents.keys * (extents.features + extents.values), in: Grain.multiplications)
  }

  init(_ frame: borrowing CompiledFrame, isCausal: Bool) {
    extents = AttentionExtents(frame.inputType(0), frame.inputType(1), frame.inputType(2))
    self.isCausal = isCausal
    elementSize = frame.dtype.byteCount
  }

  /// Room for some matrices of a block's size, and for products; nil where there is nothing to compute.
  func scratch(for operands: borrowing CompiledFrame, matrices: Int) -> Scratch? {
    guard extents.batch * extents.queries > 0 else { return nil }
    let kernels = unsafe operands.realKernels
    let (width, values, keys) = (extents.features, extents.values, extents.keys)
    let products = [
      (rows, width, keys), (rows, values, keys), (rows, keys, values), (rows, keys, width),
      (keys, rows, width), (keys, rows, values),
    ]
    let most = products.map { unsafe kernels.pointee.productScratch($0, $1, $2) }.max() ?? 0
    return Scratch(perThread: matrices * size + most * elementSize)
  }

  func block(_ number: Int, of batch: Int) -> Block {
    let start = number * AttentionBlocks.height
    let end = min(start + AttentionBlocks.height, extents.queries)
    return Block(
      firstQuery: batch * extents.queries + start,
      firstKey: batch / extents.groups * extents.keys, start: start, rows: end - start,
      seen: extents.seen(by: end - 1, isCausal: isCausal))
  }

  /// Writes the shares of a block behind its products; returns what is behind both.
  func writeShares(
    _ block: Block, _ frame: borrowing CompiledFrame, to memory: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let (kernels, width) = unsafe (frame.realKernels, extents.features)
    let (q, k) = (frame.elements(ofInput: 0), frame.elements(ofInput: 1))
    let (shares, rest) = unsafe (memory + size, memory + 2 * size)
    unsafe kernels.pointee.product(
      block.rows, width, block.seen, q.from(block.firstQuery * width), width, 1,
      k.from(block.firstKey * width), 1, width, nil, memory, block.seen, nil, adjointByTiles, 0,
      rest)
    if isCausal { unsafe hide(block, in: memory, frame.dtype) }
    unsafe kernels.pointee.softmaxRows(memory, block.rows, block.seen, shares)
    return unsafe rest
  }

  /// Makes the products with keys that a query does not see −∞.
  private func hide(_ block: Block, in memory: UnsafeMutablePointer<UInt8>, _ dtype: DType) {
    func hide<Scalar: RealScalar>(_: Scalar.Type) {
      let scores = unsafe UnsafeMutableRawPointer(memory).assumingMemoryBound(to: Scalar.self)
      for row in 0..<block.rows {
        let visible = extents.seen(by: block.start + row, isCausal: true)
        for key in visible..<max(visible, block.seen) {
          unsafe scores[row * block.seen + key] = -.infinity
        }
      }
    }
    if dtype == .float64 { hide(Double.self) } else { hide(Float.self) }
  }
}
