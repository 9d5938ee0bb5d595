// Gives the reader of IDX files whatever libFuzzer makes up: it may throw, and nothing else.

import Adjoint

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzIDX(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  do throws(IDXError) {
    let tensor = try IDX.decode(bytes, name: "fuzz")
    // What is read has the shape that the header says, and as many elements.
    require(
      tensor.rank == Int(bytes[3]) && tensor.count == [Double](tensor).count,
      "fuzz: \(tensor.type) is not what was read")
  } catch {
    require(!error.description.isEmpty, "fuzz: an error without words")
  }
  return 0
}
