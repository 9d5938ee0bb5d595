import Testing

@testable import Adjoint

@Suite("Tensors")
struct TensorTests {
  @Test func creation() {
    #expect(Tensor(2.5).type == TensorType(.float32, []))
    #expect(Tensor([1, 2, 3]).type == TensorType(.float32, [3]))
    #expect(Tensor([1, 2, 3, 4], shape: [2, 2]).type == TensorType(.float32, [2, 2]))
    #expect(Tensor([[1, 2], [3, 4], [5, 6]]).type == TensorType(.float32, [3, 2]))
    #expect(Tensor([[[1], [2]]]).shape == [1, 2, 1])
    #expect(Tensor([1.0, 2] as [Double]).dtype == .float64)
    #expect(Tensor([[1, 2]] as [[Double]]).type == TensorType(.float64, [1, 2]))
    #expect(Tensor([1, 2] as [Int32]).dtype == .int32)
    #expect(Tensor([true, false]).dtype == .bool)
    #expect(Tensor([0.1, 0.2], dtype: .float64).element(0) == 0.1)
    #expect([Int32](Tensor.range(2..<5)) == [2, 3, 4])
    #expect([Float](Tensor.linear(from: 0, through: 1, count: 3)) == [0, 0.5, 1])
    #expect(Tensor.identity(2) == Tensor([[1, 0], [0, 1]]))
    #expect([Float](Tensor.zeros([0, 3])) == [])
    #expect([Float](Tensor.full([2], 7)) == [7, 7])
  }

  @Test func reading() {
    let x = Tensor([[1, 2], [3, 4]])
    #expect([Double](x) == [1, 2, 3, 4])
    #expect([Int32](x) == [1, 2, 3, 4])
    #expect(x.element(1, 0) == 3)
    let last = x.withSpan(of: Float.self) { $0[3] }
    #expect(last == 4)
    #expect(Bool(Tensor(true)))
    #expect(Int(Tensor([7] as [Int32])) == 7)
  }

  @Test func changingACopyLeavesTheOriginal() {
    var x = Tensor([1, 2, 3])
    let y = x
    x.withMutableSpan(of: Float.self) { $0[0] = 9 }
    #expect([Float](x) == [9, 2, 3])
    #expect([Float](y) == [1, 2, 3])
    let before = address(of: x)
    x.withMutableSpan(of: Float.self) { $0[0] = 8 }
    #expect(before == address(of: x), "the only reference is changed in place")
  }

  private func address(of x: Tensor) -> Int {
    x.withSpan(of: Float.self) { $0.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) } }
  }

  @Test func equalityAndCloseness() {
    #expect(Tensor([1, 2]) == Tensor([1, 2]))
    #expect(Tensor([1, 2]) != Tensor([1, 2] as [Double]))
    #expect(Tensor([1, 2]) != Tensor([[1, 2]]))
    #expect(Tensor([Float.nan]) != Tensor([Float.nan]))
    #expect(Tensor([1, 2]).isClose(to: Tensor([1, 2.00001])))
    #expect(!Tensor([1, 2]).isClose(to: Tensor([1, 2.1])))
    #expect(!Tensor([Float.nan]).isClose(to: Tensor([Float.nan])))
    #expect(Tensor([Float.infinity]).isClose(to: Tensor([Float.infinity])))
    #expect(!Tensor([1]).isClose(to: Tensor([Float.infinity])))
  }

  @Test func printing() {
    #expect("\(Tensor(1.5))" == "float32[] 1.5000")
    #expect(
      "\(Tensor([[1, 2, 3], [4, 5.5, -6]]))"
        == "float32[2, 3]\n[[ 1.0000,  2.0000,  3.0000],\n [ 4.0000,  5.5000, -6.0000]]")
    #expect("\(Tensor([1, 200] as [Int32]))" == "int32[2]\n[  1, 200]")
    #expect("\(Tensor([true, false]))" == "bool[2]\n[ true, false]")
    #expect("\(Tensor([1e10, Float.nan]))" == "float32[2]\n[1.0000e+10,        nan]")
    #expect("\(Tensor.zeros([0, 2]))" == "float32[0, 2]\n[]")
    #expect("\(Tensor.range(0..<100))" == "int32[100]\n[ 0,  1,  2, …, 97, 98, 99]")
    let tall = "\(Tensor.range(0..<20).reshaped(to: [20, 1]))".split(separator: "\n")
    #expect(tall.count == 8)
    #expect(tall[4].contains("…"))
  }

  @Test func scalarsTakeTheElementTypeOfTheTensor() {
    #expect((Tensor([1, 2] as [Int32]) * 3).dtype == .int32)
    #expect((1 / Tensor([0.1] as [Double])).dtype == .float64)
    #expect([Float](2 - Tensor([1, 2])) == [1, 0])
    #expect([Int32](Tensor([1, 2] as [Int32]) - Tensor([3] as [Int32])) == [-2, -1])
  }

  @Test func masks() {
    let x = Tensor([1, 2, 3])
    #expect([Bool](x .> 1) == [false, true, true])
    #expect([Bool](.!(x .== 2)) == [true, false, true])
    #expect(Bool((x .> 0).all()))
    #expect(!Bool((x .> 3).any()))
    #expect([Float](x.select(where: x .> 1.5, otherwise: -x)) == [-1, 2, 3])
    #expect(Tensor([2, 0] as [Int32]).oneHot(3) == Tensor([[0, 0, 1], [1, 0, 0]]))
  }

  @Test func specialValues() {
    let nan = Tensor([Float.nan, 1])
    #expect([Float](nan.relu())[0].isNaN)
    #expect(Float(nan.max()).isNaN && Float(nan.min()).isNaN)
    #expect([Float](Tensor.maximum(nan, Tensor([0, 0])))[0].isNaN)
    #expect([Float](Tensor.maximum(Tensor([0, 0]), nan))[0].isNaN)
    #expect([Float](nan.clamped(to: 0...1))[0].isNaN)
    let low = Tensor([-Float.infinity, -.infinity])
    #expect(Float(low.logSumExp()) == -.infinity)
    #expect(Float(Tensor([Float.infinity, 0]).logSumExp()) == .infinity)
    #expect([Float](Tensor([Float.nan, 0]).softmax()).allSatisfy { $0.isNaN })
    #expect([Float](Tensor([1000, 0]).softmax()) == [1, 0])
    // The gradient of what is not selected is 0, not NaN.
    let ofELU = gradient(at: Tensor([1e3])) { $0.elu().sum() }
    #expect([Float](ofELU) == [1])
    let ofSquare = gradient(at: Tensor([0])) { $0.power(2).sum() }
    #expect([Float](ofSquare) == [0])
  }

  @Test func slices() {
    let x = Tensor.range(0..<6, dtype: .float32).reshaped(to: [3, 2])
    #expect(x[1] == Tensor([2, 3]))
    #expect(x[1..<3].shape == [2, 2])
    #expect(x.slice(0..<3, along: 0, step: 2) == Tensor([[0, 1], [4, 5]]))
    #expect(x.padded(before: [0, 1], after: [1, 0]).shape == [4, 3])
    #expect(Tensor.stacked([x[0], x[2]], at: 1) == Tensor([[0, 4], [1, 5]]))
    #expect(x.expanded(at: [0, -1]).shape == [1] + x.shape + [1])
    #expect(
      x.expanded(at: [2, 0]).squeezed(at: [-2, 0]) == x && x.expanded(at: 1).squeezed(at: 1) == x)
    #expect(x.reshaped(to: [-1, 3]).shape == [2, 3])
  }

  @Test func products() {
    let (u, v) = (Tensor([1, 2]), Tensor([3, 4]))
    #expect(Float(u.matMul(v)) == 11)
    let m = Tensor([[1, 2], [3, 4], [5, 6]])
    #expect([Float](m.matMul(u)) == [5, 11, 17])
    #expect([Float](Tensor([1, 0, 1]).matMul(m)) == [6, 8])
    #expect(Tensor.ones([2, 1, 3, 4]).matMul(Tensor.ones([5, 4, 2])).shape == [2, 5, 3, 2])
    #expect(Tensor.ones([2, 3, 4]).matMul(Tensor.ones([4, 2])).shape == [2, 3, 2])
  }
}
