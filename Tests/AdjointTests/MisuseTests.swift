import Testing

@testable import Adjoint

@Suite("Misuse stops the program, and says what to do")
struct MisuseTests {
  /// Every misuse of the table, and those of what is no operation.
  static let all = Operations.all.flatMap { $0.misuses } + others

  static let others: [Misuse] = [
    Misuse("softmaxCrossEntropy: the label -1 is no class of float32[2, 3]; give 0 to 2") {
      _ = Tensor.zeros([2, 3]).softmaxCrossEntropy(Tensor([0, -1] as [Int32]))
    },
    Misuse("softmaxCrossEntropy: the label -3 is no class of float32[2, 3]; give 0 to 2") {
      _ = gradient(at: Tensor.zeros([2, 3])) {
        $0.softmaxCrossEntropy(Tensor([0, -3] as [Int32])).sum()
      }
    },
    Misuse("negativeLogLikelihood: the label -1 is no class of float32[2, 3]; give 0 to 2") {
      _ = Tensor.zeros([2, 3]).negativeLogLikelihood(Tensor([0, -1] as [Int32]))
    },
    Misuse("crossEntropy: the label -2 is no class of float32[2, 3]; give 0 to 2") {
      _ = Tensor.zeros([2, 3]).crossEntropy(Tensor([-1, -2] as [Int32]), ignoring: -1)
    },
    Misuse("filled: the mask bool[3, 2] is not broadcast to float32[2]; give one with 1 or as many")
    {
      _ = Tensor.zeros([2]).filled(where: .zeros([3, 2], dtype: .bool), with: 1)
    },
    Misuse("filled: the mask is float32[2], not bool; compare, as in x .> 0") {
      _ = Tensor.zeros([2]).filled(where: .zeros([2]), with: 1)
    },
    Misuse("leakyRelu: the slope is nan; give a number") {
      _ = Tensor.zeros([2]).leakyRelu(slope: .nan)
    },
    Misuse("elu: α is nan; give a number") { _ = Tensor.zeros([2]).elu(alpha: .nan) },
    Misuse("normalized: epsilon is -1.0; it is added to a variance, give 0 or more") {
      let one = Tensor.ones([2])
      _ = Tensor.zeros([1, 2]).normalized(
        mean: one, variance: one, scale: one, shift: one, epsilon: -1)
    },
    Misuse("standardized: epsilon is -1.0; it is added to a deviation, give 0 or more") {
      _ = Tensor.zeros([2, 2]).standardized(over: [0], epsilon: -1)
    },
    Misuse("batchNormalization: epsilon is inf; it is added to a variance, give 0 or more") {
      _ = Tensor.zeros([2, 2]).batchNormalized(
        scale: .ones([2]), shift: .zeros([2]), epsilon: .infinity)
    },
    // A function that is made of others speaks for them.
    Misuse(
      "attention: the mask is bool[5, 7]; give one of bool or float32 that is broadcast to [2, 3, 3]"
    ) {
      let x = Tensor.ones([2, 3, 4])
      _ = Tensor.attention(query: x, key: x, value: x, mask: .ones([5, 7], dtype: .bool))
    },
    Misuse(
      "attention: the mask is int32[3, 3]; give one of bool or float32 that is broadcast to [3, 3]"
    ) {
      let x = Tensor.ones([3, 4])
      _ = Tensor.attentionWithShares(
        query: x, key: x, value: x, mask: .ones([3, 3], dtype: .int32))
    },
    Misuse("attention: float32[3, 4] and float64[3, 4] differ in element type; cast one of them") {
      let x = Tensor.ones([3, 4])
      _ = Tensor.attentionWithShares(query: x, key: x.cast(to: .float64), value: x)
    },
    Misuse("einsum: int32[1, 3] is not floating-point; cast(to: .float32) or .float64 first") {
      let x = Tensor([1, 2, 3] as [Int32])
      _ = Tensor.einsum("i,i->", x, x)
    },
    Misuse("einsum: float32[3, 3] and int32[3, 3] differ in element type; cast one of them") {
      _ = Tensor.einsum("i,j->ij", .ones([3]), .ones([3], dtype: .int32))
    },
    Misuse("dot: float32[3] and float32[4] differ in extent; give vectors of one") {
      _ = Tensor.ones([3]).dot(.ones([4]))
    },
    Misuse("dot: int32[1, 3] is not floating-point; cast(to: .float32) or .float64 first") {
      let x = Tensor([1, 2, 3] as [Int32])
      _ = x.dot(x)
    },
    Misuse("outer: float32[3, 3] and float64[3, 3] differ in element type; cast one of them") {
      _ = Tensor.ones([3]).outer(.ones([3], dtype: .float64))
    },
    Misuse("layerNormalized: the scale is float64[3]; axis 1 of float32[2, 3] needs float32[3]") {
      _ = Tensor.ones([2, 3]).layerNormalized(
        scale: .ones([3], dtype: .float64), shift: .zeros([3]))
    },
    Misuse("add: 1.5 is no int32, as int32[2] is; cast the tensor to float32 or float64") {
      _ = Tensor([1, 2] as [Int32]) + 1.5
    },
    Misuse("multiply: inf is no int32, as int32[2] is; cast the tensor to float32 or float64") {
      _ = .infinity * Tensor([1, 2] as [Int32])
    },
    Misuse("maximum: 1.5 is no int32, as int32[2] is; cast the tensor to float32 or float64") {
      _ = Tensor.maximum(Tensor([1, 2] as [Int32]), 1.5)
    },
    Misuse("!: float32[2] is not bool; compare, as in x .> 0") { _ = .!Tensor([1, 0]) },
    Misuse("all: float32[2] is not bool; compare, as in x .> 0") { _ = Tensor([1, 0]).all() },
    Misuse("any: int32[2] is not bool; compare, as in x .> 0") {
      _ = Tensor([1, -1] as [Int32]).any()
    },
    Misuse("any: the axis 4 is not within int32[2]; give one from -1 to 0") {
      _ = Tensor([true, false]).any(over: 4)
    },
    Misuse("prelu: float32[3] and float32[4] differ in axis 0; broadcast one of them") {
      _ = Tensor.ones([3]).prelu(slope: .ones([4]))
    },
    Misuse("selu: α is nan; give a number") { _ = Tensor.ones([2]).selu(alpha: .nan) },
    Misuse("swish: β is nan; give a number") { _ = Tensor.ones([2]).swish(beta: .nan) },
    Misuse("hypot: float32[2] and float64[2] differ in element type; cast one of them") {
      _ = Tensor.hypot(.ones([2]), .ones([2], dtype: .float64))
    },
    Misuse("logAddExp: int32[2, 2] is not floating-point; cast(to: .float32) or .float64 first") {
      _ = Tensor.logAddExp(.ones([2], dtype: .int32), .ones([2], dtype: .int32))
    },
    Misuse("globalAveragePooled: int32[1, 2, 3] is not floating-point") {
      _ = Tensor.ones([1, 2, 3], dtype: .int32).globalAveragePooled()
    },
    Misuse("adaptiveMaxPooled: bool[1, 2, 3] is not a number") {
      _ = Tensor.ones([1, 2, 3], dtype: .bool).adaptiveMaxPooled(to: [1])
    },
    Misuse("powerPooled: float64[3] is not images [batch, channels, …]") {
      _ = Tensor.ones([3]).powerPooled([2, 2])
    },
    Misuse("product: bool[2] is not a number; cast(to: .int32) first") {
      _ = Tensor([true, false]).product()
    },
    Misuse("norm: the axes [0, 0] name one twice; give each axis of float32[3] once") {
      _ = Tensor.ones([3]).norm(1, over: [0, 0])
    },
    Misuse("sumOfSquares: that of 46341 does not fit an int32; cast the operand to float64 first") {
      _ = Tensor([46341] as [Int32]).sumOfSquares()
    },
    Misuse("standardized: the axis 3 is not within float32[2]; give one from -1 to 0") {
      _ = Tensor([1, 2]).standardized(over: [3])
    },
    Misuse("dividedByNorm: p is 0.5; what is below 1 is no norm, give 1 or more") {
      _ = Tensor([1, 2]).dividedByNorm(0.5)
    },
    Misuse("cumulativeMax: bool[2] is not a number; cast(to: .int32) first") {
      _ = Tensor([true, false]).cumulativeMax(along: 0)
    },
    Misuse("sorted: bool[2] is not a number; cast(to: .int32) first") {
      _ = Tensor([true, false]).sorted()
    },
    Misuse("topK: bool[2] is not a number; cast(to: .int32) first") {
      _ = Tensor([true, false]).topK(1)
    },
    Misuse("crossEntropy: the weights are float32[4]; give float32[3]") {
      let x = Tensor.ones([2, 3])
      _ = x.crossEntropy(x, weights: .ones([4]))
    },
    Misuse("quotient: 5 divided by 0 is no integer; select another divisor first") {
      _ = Tensor([5] as [Int32]).quotient(dividingBy: Tensor([0] as [Int32]))
    },
    Misuse("quotient: -2147483648/-1 does not fit an int32; cast the operands to float64 first") {
      _ = Tensor([.min] as [Int32]).quotient(dividingBy: Tensor([-1] as [Int32]))
    },
    Misuse("pad: -1 before axis 0 of float32[3] is negative; slice to take elements away") {
      _ = Tensor.zeros([3]).padded(before: [-1], after: [0], with: 5)
    },
    Misuse("attention: the softcap is 0.0; give a positive number, or none") {
      let x = Tensor.zeros([2, 3])
      _ = Tensor.attention(query: x, key: x, value: x, softcap: 0)
    },
    Misuse("tensor: 3 elements do not fill float32[2, 2], which has 4") {
      _ = Tensor([1, 2, 3], shape: [2, 2])
    },
    Misuse("tensor: element 1 has the shape [1], element 0 [2]; give nested arrays of one length") {
      _ = Tensor([[1, 2], [3]])
    },
    Misuse("tensor: the shape [2, -3] has a negative extent; extents are 0 or more") {
      _ = Tensor.zeros([2, -3])
    },
    Misuse("Float: float32[2] has 2 elements; reduce it to one, or read an array") {
      _ = Float(Tensor([1, 2]))
    },
    Misuse("withSpan: float32[1] read as float64; cast(to: .float64) first") {
      Tensor([1]).withSpan(of: Double.self) { _ in }
    },
    Misuse("element: the indices [2] are not within float32[2]") { _ = Tensor([1, 2]).element(2) },
    Misuse("multiply: 0.5 is no int32, as int32[1] is; cast the tensor to float32 or float64") {
      _ = Tensor([1] as [Int32]) * 0.5
    },
    Misuse("withThreads: 0 threads compute nothing; give 1 or more") { withThreads(0) {} },
    Misuse(
      "layerNormalized: the scale is float32[3] and the shift float32[4]; the axes of float32[2, 4] "
        + "from 1 on need float32[4]"
    ) { _ = Tensor.zeros([2, 4]).layerNormalized(scale: .ones([3]), shift: .zeros([4])) },
    Misuse("groupNormalization: 3 groups do not divide the channels of float32[2, 4, 2], axis 1") {
      _ = Tensor.zeros([2, 4, 2]).groupNormalized(groups: 3, scale: .ones([4]), shift: .zeros([4]))
    },
    Misuse("linear: 1 values cannot include both ends; ask for 2 or more") {
      _ = Tensor.linear(from: 0, through: 1, count: 1)
    },
    Misuse("squeezed: axis 0 of float32[2] has extent 2; only extent 1 can go") {
      _ = Tensor([1, 2]).squeezed(at: 0)
    },
    Misuse("Philox: the key is float32[4], not int32[4]") { _ = Philox(key: .zeros([4])) },
    Misuse("watch: int32[1] has no gradient; watch a float32 or float64 tensor") {
      _ = Tape().watch(Tensor([1] as [Int32]))
    },
    Misuse(
      "watch: float32[1] is on a tape already; use it as it is, or watch its detached value"
    ) {
      let tape = Tape()
      _ = tape.watch(tape.watch(Tensor([1])))
    },
    Misuse(
      "multiply: float32[1] is on another tape than the other operands; "
        + "watch all of them on one tape, or detach one"
    ) {
      let (tape, other) = (Tape(), Tape())
      _ = tape.watch(Tensor([1])) * other.watch(Tensor([1]))
    },
    Misuse(
      "gradients: float32[2] is not a scalar; reduce it with sum() or mean(), "
        + "or give a seed of its type"
    ) {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      _ = tape.gradients(of: x * 2, with: [x])
    },
    Misuse("gradients: the seed is float32[1], the tensor float32[2]; give a seed of its type") {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      _ = tape.gradients(of: x * 2, seed: Tensor([1]), with: [x])
    },
    Misuse(
      "gradients: the tensor to differentiate, float32[], is not on this tape; "
        + "compute it from tensors that the tape watches"
    ) {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      _ = tape.gradients(of: Tensor(3), with: [x])
    },
    Misuse(
      "gradients: the tensor to differentiate with respect to, float32[2], is not on this tape; "
        + "compute it from tensors that the tape watches"
    ) {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      _ = tape.gradients(of: x.sum(), with: [x.detached])
    },
    Misuse(
      "gradients: int32[] has no derivative; differentiate a float32 or float64 tensor"
    ) {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      _ = tape.gradients(of: x.argMax(), seed: Tensor(1, dtype: .int32), with: [x])
    },
    Misuse(
      "gradient: the function returns float32[2], not a scalar; reduce it with sum() or mean(), "
        + "or use vectorJacobianProduct"
    ) { _ = gradient(at: Tensor([1, 2])) { $0 * 2 } },
    Misuse(
      "wrongShape: the pullback gives input 0, float32[2], a cotangent float32[]; "
        + "sum or reshape it to the type of the input"
    ) { _ = gradient(at: Tensor([1, 2])) { WrongShape()($0).sum() } },
    Misuse(
      "noKernel: has no kernel for float32, which elementTypes declares; make the kernel generic over "
        + "its scalar, or declare what it computes"
    ) { _ = NoKernel()(Tensor([1])) },
    Misuse("singleOnly: has no kernel for float64; it computes float32") {
      _ = SingleOnly()(Tensor([1], dtype: .float64))
    },
    Misuse(
      "peeking: the pullback reads a value; a pullback may record, not look: write it in tensor "
        + "operations, such as select(where:otherwise:)"
    ) { _ = gradient(at: Tensor([1, 2])) { Peeking()($0).sum() } },
    Misuse(
      "peeking: the pullback reads a value; a pullback may record, not look: write it in tensor "
        + "operations, such as select(where:otherwise:)"
    ) {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      _ = tape.gradients(of: Peeking()(x).sum(), with: [x])
    },
    Misuse("greedy: its kernel asks for input 1 of 1") { _ = Greedy()(Tensor([1, 2])) },
    Misuse("reader: its kernel asks for element 2 of input 0, float32[2], which has 0 to 1") {
      _ = Reader(place: 2)(Tensor([1, 2]))
    },
    Misuse("reader: its kernel asks for element -1 of input 0, float64[2], which has 0 to 1") {
      _ = Reader(place: -1)(Tensor([1, 2] as [Double]))
    },
    Misuse("reader: its kernel asks for element 0 of input 0, float32[0, 3], which has none") {
      _ = gradient(at: Tensor.zeros([0, 3])) { Reader(place: 0)($0).sum() }
    },
    Misuse("writer: its kernel asks for element 2 of output 0, float32[2], which has 0 to 1") {
      _ = Writer()(Tensor([1, 2]))
    },
    Misuse(
      "reader: its kernel takes input 0 as int32, and it is float32[2]; say its type, as in "
        + "input(1, as: Int32.self)"
    ) { _ = Reader(place: 0, asIntegers: true)(Tensor([1, 2])) },
    Misuse(
      "gradients: float32[1] is on another tape than the other operands; "
        + "watch all of them on one tape, or detach one"
    ) {
      let (tape, other) = (Tape(), Tape())
      let x = tape.watch(Tensor([1]))
      _ = tape.gradients(of: x * 2, seed: other.watch(Tensor([1])), with: [x])
    },
    Misuse(
      "nosy: the kernel reads a tensor on the tape that is being evaluated; "
        + "make it an input of the operation"
    ) {
      let tape = Tape()
      let x = tape.watch(Tensor([1, 2]))
      Nosy.other.withLock { $0 = x * 2 }
      _ = [Float](Nosy()(x))
    },
    Misuse(
      "add: an operand, such as float32[], is a value kept from an earlier call of a function that "
        + "differentiates; return it from there, or keep it detached"
    ) {
      var total = Tensor(0)
      for _ in 0..<2 {
        _ = gradient(at: Tensor([1, 2])) { x in
          let loss = x.sum()
          total = total + loss
          return loss
        }
      }
    },
    Misuse(
      "repeating: its Repetition(outer: 1, middle: 10, inner: 10) does not make float32[3] of float32[3]"
    ) {
      _ = Repeating()(Tensor([1, 2, 3]))
    },
    Misuse("nothing: outputTypes(for:) gives no types; an operation has one output or more") {
      _ = Nothing().outputs(of: [Tensor([1])])
    },
    Misuse("setter: the pullback asks for input 1 of 1") {
      _ = gradient(at: Tensor([1])) { Setter()($0).sum() }
    },
    Misuse("add: 2147483647 + 1 does not fit an int32; cast the operands to float64 first") {
      _ = Tensor([Int32.max]) + Tensor([1] as [Int32])
    },
    Misuse("multiply: 65536 · 65536 does not fit an int32; cast the operands to float64 first") {
      _ = Tensor([65536] as [Int32]) * 65536
    },
    Misuse("subtract: -2147483648 − 1 does not fit an int32; cast the operands to float64 first") {
      _ = Tensor([Int32.min]) - 1
    },
    Misuse("sum: 4294967294 does not fit an int32; cast to float64 first") {
      _ = Tensor([Int32.max, .max]).sum()
    },
    Misuse(
      "add: 3000000000.0 is no int32, as int32[1] is; cast the tensor to float32 or float64"
    ) {
      _ = Tensor([1] as [Int32]) + 3_000_000_000
    },
    Misuse("full: 1.5 is no int32; give a whole number from −2147483648 to 2147483647") {
      _ = Tensor.full([2], 1.5, dtype: .int32)
    },
    Misuse("full: nan is no int32; give a whole number") { _ = Tensor(.nan, dtype: .int32) },
    Misuse("cast: 3000000000.0 does not fit an int32; clamp the values first") {
      _ = [Int32](Tensor([3e9]).cast(to: .int32))
    },
    Misuse("Int: the element is nan; an Int is a finite number up to ±2⁶³") {
      _ = Int(Tensor(Float.nan))
    },
    Misuse("tensor: the shape [4294967296, 4294967296, 0] has more elements than memory can hold") {
      _ = Tensor.zeros([1 << 32, 1 << 32, 0])
    },
    Misuse("tensor: the shape [9223372036854775807] has more elements than memory can hold") {
      _ = Tensor.zeros([3]).padded(before: [.max], after: [1])
    },
    Misuse(
      "subscript: the index 9223372036854775807 is not within float32[3]; give one from -3 to 2"
    ) {
      _ = Tensor.zeros([3])[.max]
    },
    Misuse("subscript: the index 0 is not within float32[]; it has no elements along a first axis")
    {
      _ = Tensor(1)[0]
    },
    Misuse("sum: the axis -9223372036854775808 is not within float32[3]; give one from -1 to 0") {
      _ = Tensor.zeros([3]).sum(over: .min)
    },
    Misuse(
      "permutation: of -3 numbers there is no order in int32; give a count from 0 to 2147483647"
    ) {
      var generator = Philox(seed: 1)
      _ = Tensor.permutation(-3, using: &generator)
    },
    Misuse("uniform: there is no number in 1.0..<1.0 to draw; give finite ends") {
      var generator = Philox(seed: 1)
      _ = Tensor.uniform([1], in: 1..<1, using: &generator)
    },
    Misuse("normal: the mean is 0.0 and the deviation -1.0; give finite numbers") {
      var generator = Philox(seed: 1)
      _ = Tensor.normal([1], deviation: -1, using: &generator)
    },
    Misuse("range: -9223372036854775808..<9223372036854775807 does not fit a tensor of int32") {
      _ = Tensor.range(.min ..< .max)
    },
    Misuse("tensor: the shape [9223372036854775807] has more elements than memory can hold") {
      _ = Tensor.linear(from: 0, through: 1, count: .max)
    },
    Misuse("memory: the system refuses") { _ = Tensor.identity(1 << 24) },
    Misuse("oneHot: there are -1 places; give a number from 0 to 2147483647") {
      _ = Tensor([0] as [Int32]).oneHot(-1)
    },
    Misuse("variance: the correction is -1; give 0, or 1 for a sample") {
      _ = Tensor([1, 2]).variance(correction: -1)
    },
    Misuse("Philox: the place -1 is negative; places are 0 or more") {
      _ = Philox(seed: 1).uniform(-1)
    },
    Misuse("uniform: int32 holds no fractions; draw float32 or float64 and cast them") {
      var generator = Philox(seed: 1)
      _ = Tensor.uniform([2], dtype: .int32, using: &generator)
    },
    Misuse(
      "vectorJacobianProduct: the cotangent is float32[], the function returns float32[2]; give one of its type"
    ) { _ = vectorJacobianProduct(at: Tensor([1, 2]), cotangent: Tensor(1)) { $0 } },
    Misuse("averagePooling: the window is [0, 2]; give extents of 1 or more") {
      _ = Tensor.zeros([1, 1, 4, 4]).averagePooled([0, 2])
    },
    Misuse("maxPooling: windows [2], strides [9223372036854775807] and dilations [1] are 1 or more")
    {
      _ = Tensor.zeros([1, 1, 4]).maxPooled([2], strides: [.max])
    },
    Misuse("convolution: the bias is float32[3]; filters float32[2, 1, 1, 1] need float32[2]") {
      _ = Tensor.zeros([1, 1, 2, 2]).convolved(with: .zeros([2, 1, 1, 1]), bias: .zeros([3]))
    },
    Misuse("convolutionTransposed: 2 groups do not divide the 3 channels of float32[1, 3, 2]") {
      _ = Tensor.zeros([1, 3, 2]).convolvedTransposed(with: .zeros([3, 1, 2]), groups: 2)
    },
    Misuse("normalized: the mean is float32[3]; axis 1 of float32[2, 4] needs float32[4]") {
      let vector = Tensor.ones([4])
      _ = Tensor.zeros([2, 4]).normalized(
        mean: .zeros([3]), variance: vector, scale: vector, shift: vector)
    },
    Misuse("matMul: float32[2, 3, 4] and float32[5, 4, 3] are batches of different shapes") {
      _ = Tensor.zeros([2, 3, 4]).matMul(.zeros([5, 4, 3]))
    },
    Misuse("leakyRelu: int32[1] is not floating-point; cast(to: .float32) or .float64 first") {
      _ = Tensor([1] as [Int32]).leakyRelu()
    },
    Misuse("elu: int32[1] is not floating-point; cast(to: .float32) or .float64 first") {
      _ = Tensor([1] as [Int32]).elu()
    },
    Misuse("power: int32[1] is not floating-point; cast(to: .float32) or .float64 first") {
      _ = Tensor([1] as [Int32]).power(0.5)
    },
    Misuse("clamp: int32[1] is not floating-point; cast(to: .float32) or .float64 first") {
      _ = Tensor([1] as [Int32]).clamped(to: 0...0.5)
    },
    Misuse(
      "layerNormalized: int32[1, 2] is not floating-point; cast(to: .float32) or .float64 first"
    ) {
      _ = Tensor.zeros([1, 2], dtype: .int32).layerNormalized(scale: .ones([2]), shift: .zeros([2]))
    },
    Misuse("pad: 0.5 is no int32, as int32[1] is; cast the tensor to float32 or float64") {
      _ = Tensor([1] as [Int32]).padded(before: [1], after: [1], with: 0.5)
    },
    Misuse("select: 0.5 is no int32, as int32[1] is; cast the tensor to float32 or float64") {
      _ = Tensor([1] as [Int32]).select(where: Tensor([true]), otherwise: 0.5)
    },
    Misuse("oneHot: the labels are float32[2]; give int32") { _ = Tensor([0, 1]).oneHot(2) },
    Misuse("standardDeviation: the axis 3 is not within float32[1]; give one from -1 to 0") {
      _ = Tensor([1]).standardDeviation(over: 3)
    },
    Misuse("standardDeviation: float32[1] has 1 elements over the axes [0]; more than 1 are needed")
    {
      _ = Tensor([1]).standardDeviation(correction: 1)
    },
    Misuse("stacked: there are no tensors; give one or more") { _ = Tensor.stacked([]) },
    Misuse(
      "stacked: float32[2] and float32[3] differ; stack tensors of one type, or concatenate them"
    ) { _ = Tensor.stacked([.zeros([2]), .zeros([3])]) },
    Misuse("stacked: the axis 2 is not within float32[2]; give one from -2 to 1") {
      _ = Tensor.stacked([.zeros([2])], at: 2)
    },
    Misuse(
      "convolutionTransposed: the output padding [2] is not below the strides [2] or the dilations [1]; give "
        + "less, and pad the result"
    ) {
      _ = Tensor.zeros([1, 1, 3]).convolvedTransposed(
        with: .zeros([1, 1, 2]), strides: [2], outputPadding: [2])
    },
    Misuse("ADJOINT_THREADS: two is no number of threads; give 1 or more") {
      _ = ThreadPool.count(asked: "two")
    },
    Misuse("ADJOINT_THREADS: 0 is no number of threads; give 1 or more") {
      _ = ThreadPool.count(asked: "0")
    },
    Misuse("normal: int32 holds no fractions; draw float32 or float64 and cast them") {
      var generator = Philox(seed: 1)
      _ = Tensor.normal([2], dtype: .int32, using: &generator)
    },
    Misuse(
      "layer or group normalization: sample 1 of float32[2, 2] is constant, or its deviation too small"
    ) {
      _ = [Float](
        Tensor([[1, 2], [3, 3]])
          .layerNormalized(scale: .ones([2]), shift: .zeros([2]), epsilon: 0))
    },
    Misuse(
      "gradient: int32[2] has no gradient; differentiate with respect to float32 or float64 tensors, and "
        + "use others in the closure as they are"
    ) { _ = gradient(at: Tensor([1, 2] as [Int32])) { $0.cast(to: .float32).sum() } },
    Misuse("batchNormalization: has 4 outputs; call outputs(of:) to get them all") {
      let vector = Tensor.ones([2])
      _ = BatchNormalization(axis: 1)(.ones([3, 2]), vector, vector, Tensor(1e-5))
    },
    Misuse("scratch: there is no memory for each thread; say perThread") {
      Workspace.with(Scratch(shared: 8)) { $0.withPart(as: UInt8.self) { _ in } }
    },
    Misuse("tensor: the shape [1, 1, 9223372036854775807] has more elements than memory can hold") {
      _ = Tensor.zeros([1, 1, 2]).interpolated(to: [.max])
    },
    Misuse("memory: the system refuses") {
      _ = Tensor.zeros([1, 1, 2]).interpolated(to: [1 << 50], by: .nearest)
    },
    Misuse("memory: the system refuses") {
      _ = Tensor.zeros([2]).padded(before: [1 << 50], after: [0], mode: .edge)
    },
    Misuse("adaptiveAveragePooled: the system refuses") {
      _ = Tensor.zeros([1, 1, 4]).adaptiveAveragePooled(to: [1 << 50])
    },
    Misuse("maxUnpooled: the index 4 is not within an axis of extent 4; give -4 to 3") {
      let places = Tensor([0, 4] as [Int32], shape: [1, 1, 2])
      print(Tensor.ones([1, 1, 2]).maxUnpooled(at: places, to: [4]))
    },
    Misuse(
      "maxUnpooled: float32[1, 1, 2] and the places int32[1, 2] are not images [batch, channels, …] and int32 of the "
        + "same shape; give what maxPooledWithPlaces returns"
    ) { _ = Tensor.ones([1, 1, 2]).maxUnpooled(at: .zeros([1, 2], dtype: .int32), to: [4]) },
    Misuse(
      "maxUnpooled: float32[1, 1, 2] has 1 spatial axes, asked for are [2, 2]; give an extent of 0 or more for each"
    ) {
      _ = Tensor.ones([1, 1, 2]).maxUnpooled(at: .zeros([1, 1, 2], dtype: .int32), to: [2, 2])
    },
    Misuse("softmin: int32[2] is not floating-point; cast(to: .float32) or .float64 first") {
      _ = Tensor([1, 2] as [Int32]).softmin()
    },
    Misuse("tensor: the shape [1, 1, 9223372036854775807] has more elements than memory can hold") {
      _ = Tensor.zeros([1, 1, 4]).adaptiveMaxPooled(to: [.max])
    },
    Misuse(
      "depthToSpace: the channels of float32[1, 4, 1, 1] are not blocks of 4294967296 by 4294967296"
    ) { _ = Tensor.zeros([1, 4, 1, 1]).depthToSpace(1 << 32) },
    Misuse(
      "tensor: the shape [1, 0, 1099511627776, 1099511627776, 1099511627776, 1] has more elements than memory"
    ) { _ = Tensor.zeros([1, 0, 1 << 40, 1]).depthToSpace(1 << 40) },
    Misuse(
      "reshape: float32[4] cannot be divided into [1099511627776, 1099511627776, -1]; its 4 elements are no"
    ) { _ = Tensor.zeros([4]).reshaped(to: [1 << 40, 1 << 40, -1]) },
    Misuse("tensor: the shape [-1, -9223372036854775808] has a negative extent") {
      _ = Tensor.zeros([4]).reshaped(to: [-1, .min])
    },
    Misuse("lowerTriangle: there are -1 rows and 2 columns; give 0 or more of each") {
      _ = Tensor.lowerTriangle(-1, 2)
    },
    Misuse("attentionWindow: there are -1 queries and 2 keys; give 0 or more of each") {
      _ = Tensor.attentionWindow(-1, 2)
    },
    Misuse("einsum: i of ii-> is 3 and 1 in float32[3, 1]; a diagonal needs axes of one extent") {
      _ = Tensor.einsum("ii->", Tensor([[1], [2], [3]]))
    },
  ]

  @Test("The message", arguments: 0..<all.count)
  func message(_ index: Int) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [index] in
      MisuseTests.all[index].call()
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let message = MisuseTests.all[index].message
    #expect(output.contains(message), "expected: \(message)\nprinted: \(output.prefix(600))")
  }

  /// A pullback that forgets to bring its cotangent into the shape of the input.
  struct WrongShape: IdentityOperation {
    var name: String { "wrongShape" }
    func pullback(_ rule: inout Pullback) {
      let g = rule.cotangent
      rule.set(0, to: g.sum())
    }
  }

  /// Says that it repeats more elements than there are.
  struct Repeating: Operation {
    var name: String { "repeating" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0]] }
    func repetition(of input: TensorType) -> Repetition? {
      Repetition(outer: 1, middle: 10, inner: 10)
    }
    func pullback(_ rule: inout Pullback) {}
  }

  /// Makes nothing.
  struct Nothing: Operation {
    var name: String { "nothing" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { [] }
    func pullback(_ rule: inout Pullback) {}
  }

  /// Sets the cotangent of an input that it has not got.
  struct Setter: IdentityOperation {
    var name: String { "setter" }
    func pullback(_ rule: inout Pullback) {
      let g = rule.cotangent
      rule.set(1, to: g)
    }
  }

  struct NoKernel: Operation {
    var name: String { "noKernel" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func pullback(_ rule: inout Pullback) {}
  }

  struct SingleOnly: Operation {
    var name: String { "singleOnly" }
    var elementTypes: ElementTypes { .float32 }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func pullback(_ rule: inout Pullback) {}
  }

  /// A pullback that depends on a value.
  struct Peeking: IdentityOperation {
    var name: String { "peeking" }
    func pullback(_ rule: inout Pullback) {
      let (x, g) = (rule.input(0), rule.cotangent)
      rule.set(0, to: x.element(0) > 0 ? g : -g)
    }
  }

  /// A kernel that asks for an operand that it has not got.
  struct Greedy: Operation {
    var name: String { "greedy" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
      let other = frame.inputType(1)
      var y = frame.output(0)
      for i in y.indices { y[i] = Scalar(other.count) }
    }
    func pullback(_ rule: inout Pullback) {}
  }

  /// A kernel that reads one element, be it there or not.
  struct Reader: Operation {
    let place: Int
    var asIntegers = false
    var name: String { "reader" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { [inputs[0].with(shape: [])] }
    func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
      let x = asIntegers ? Scalar(frame.input(0, as: Int32.self)[place]) : frame.input(0)[place]
      var y = frame.output(0)
      y[0] = x
    }
    func pullback(_ rule: inout Pullback) {}
  }

  /// A kernel that writes one element too many.
  struct Writer: Operation {
    var name: String { "writer" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
      var y = frame.output(0)
      for i in 0...y.count { y[i] = 1 }
    }
    func pullback(_ rule: inout Pullback) {}
  }

  /// A kernel that reads a tensor which is none of its inputs.
  struct Nosy: Operation {
    static let other = Guarded(Tensor(0))
    var name: String { "nosy" }
    func outputTypes(for inputs: [TensorType]) -> [TensorType] { inputs }
    func kernel<Scalar: RealScalar>(_ frame: inout KernelFrame<Scalar>) {
      let other = [Scalar](Nosy.other.withLock { $0 })
      let x = frame.input(0)
      var y = frame.output(0)
      for i in x.indices { y[i] = x[i] + other[i] }
    }
    func pullback(_ rule: inout Pullback) {}
  }
}
