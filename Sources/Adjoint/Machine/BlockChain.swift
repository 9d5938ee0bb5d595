/// Blocks of different sizes that are to be given back.
///
/// Each has the address of the next in its first word, and the place of its size in the second.
struct BlockChain: Sendable {
  private var first: UInt = 0
  /// Whether there are so many that the C library is to give back what it keeps, too.
  var isThorough = false

  var isEmpty: Bool { first == 0 }

  /// The block after one in a list, or 0.
  static func next(of block: UInt) -> UInt {
    unsafe UnsafeRawPointer(bitPattern: block)?.load(as: UInt.self) ?? 0
  }

  static func setNext(of block: UInt, to next: UInt) {
    unsafe UnsafeMutableRawPointer(bitPattern: block)?.storeBytes(of: next, as: UInt.self)
  }

  mutating func append(_ block: UInt, _ size: BlockSize) {
    BlockChain.setNext(of: block, to: first)
    unsafe UnsafeMutableRawPointer(bitPattern: block)?.storeBytes(
      of: size.index, toByteOffset: MemoryLayout<UInt>.size, as: Int.self)
    first = block
  }

  /// Gives back each block by calling `giveBack` with its address and the number of its bytes.
  func giveBack(by giveBack: (UnsafeMutableRawPointer, Int) -> Void) {
    var next = first
    while let block = unsafe UnsafeMutableRawPointer(bitPattern: next) {
      next = unsafe block.load(as: UInt.self)
      let index = unsafe block.load(fromByteOffset: MemoryLayout<UInt>.size, as: Int.self)
      unsafe giveBack(block, BlockSize(index: index).bytes)
    }
  }
}
