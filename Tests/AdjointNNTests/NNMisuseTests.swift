import Adjoint
import Testing

@testable import AdjointNN

@Suite("Misuse of layers stops the program, and says what to do")
struct NNMisuseTests {
  static let all: [Misuse] = [
    Misuse(
      "BatchNorm: float32[1, 2] has one value for each channel of axis 1, whose variance says "
        + "nothing; train on batches of 2 or more (drop a shorter last one), or use .inference"
    ) {
      var norm = BatchNorm(2)
      _ = norm(.zeros([1, 2]), .training)
    },
    Misuse("Conv2D: 2 groups do not divide 3 inputs and 4 outputs; give a divisor of both") {
      var generator = Philox(seed: 1)
      _ = Conv2D(3, 4, kernel: 3, groups: 2, using: &generator)
    },
    Misuse("Sequential: layer 1 of 1 is no ReLU; summary lists the layers") {
      let model = Sequential { ReLU() }
      _ = model[1, as: ReLU.self]
    },
    Misuse("Dropout: the rate is 1.0; give a probability from 0 to below 1") {
      var generator = Philox(seed: 1)
      _ = Dropout(rate: 1, using: &generator)
    },
    Misuse(
      "SGD: Nesterov's momentum is defined for a positive momentum without dampening; "
        + "got 0.0 and 0.0"
    ) { _ = SGD(learningRate: 0.1, nesterov: true) },
    Misuse(
      "meanSquaredError: the prediction is float32[2, 1], the target float32[2]; give them one shape"
    ) { _ = meanSquaredError(.zeros([2, 1]), .zeros([2])) },
    Misuse(
      "update: the gradient has float32[3] in place of float32[2] for tensor 0, the parameters of the model; "
        + "take it from valueAndGradient(of:) of the same model"
    ) {
      var optimizer = SGD(learningRate: 0.1)
      var norm = BatchNorm(2)
      optimizer.update(&norm, along: BatchNorm(3))
    },
    Misuse(
      "SGD: the model's parameters are not those of the steps before; use one optimizer for each model"
    ) {
      var optimizer = SGD(learningRate: 0.1, momentum: 0.9)
      var (two, three) = (BatchNorm(2), BatchNorm(3))
      optimizer.update(&two, along: BatchNorm(2))
      optimizer.update(&three, along: BatchNorm(3))
    },
    Misuse(
      "initializer: the shape [3] has no inputs and outputs; give a weight [outputs, inputs, …]"
    ) {
      var generator = Philox(seed: 1)
      _ = Initializer.heNormal([3], using: &generator)
    },
    Misuse(
      "valueAndGradient: the loss is float32[4, 2], not a scalar; reduce it with sum() or mean()"
    ) {
      var norm = BatchNorm(2)
      _ = valueAndGradient(of: &norm) { norm in norm(.ones([4, 2]), .training) }
    },
    Misuse("Sequential: layer 7 of 1 is no ReLU; summary lists the layers") {
      var model = Sequential { ReLU() }
      model[7, as: ReLU.self] = ReLU()
    },
    Misuse("Adam: β₁ is 1.0; give a number from 0.0 to below 1") { step(Adam(betas: (1, 0.999))) },
    Misuse("Adam: ε is -1.0; give a number from 0.0 on") { step(Adam(epsilon: -1)) },
    Misuse(
      "Adam: ε is 0.0, which is 0 in float32, and 0/0 unknown; give a positive number, as 1e-8"
    ) {
      step(Adam(epsilon: 0))
    },
    Misuse("Adam: ε is 1e-50, which is 0 in float32, and 0/0 unknown; give a positive number") {
      step(Adam(epsilon: 1e-50))
    },
    Misuse(
      "Adam: ε is 1e-30; squares of gradients of that size vanish in float32, and steps would grow as they do: "
        + "give 1e-18 or more, and multiply the loss by a number if gradients are so small"
    ) {
      step(Adam(epsilon: 1e-30))
    },
    Misuse("AMSGrad: ε is 1e-30; squares") { step(AMSGrad(epsilon: 1e-30)) },
    Misuse("NAdam: ε is 1e-30; squares") { step(NAdam(epsilon: 1e-30)) },
    Misuse("RAdam: ε is 1e-30; squares") { step(RAdam(epsilon: 1e-30)) },
    Misuse("RMSprop: ε is 1e-30; squares") { step(RMSprop(epsilon: 1e-30)) },
    Misuse("Adagrad: ε is 1e-30; squares") { step(Adagrad(epsilon: 1e-30)) },
    Misuse("Adam: the learning rate is inf; give a finite number from 0.0 on") {
      step(Adam(learningRate: .infinity))
    },
    Misuse(
      "SGD: the learning rate is 1e+39, which is infinite in float32; give a smaller number, or"
    ) {
      step(SGD(learningRate: 1e39))
    },
    Misuse(
      "SGD: Nesterov's momentum is defined for a positive momentum without dampening; "
        + "got 0.0 and 0.0"
    ) {
      var optimizer = SGD(learningRate: 0.1)
      optimizer.isNesterov = true
      step(optimizer)
    },
    Misuse(
      "valueAndGradient: the loss makes a parameter float32[1] that was float32[2]; a model keeps the types "
        + "of its parameters"
    ) {
      var model = BatchNorm(2)
      _ = valueAndGradient(of: &model) { model in
        let loss = model.scale!.sum()
        model.scale = .ones([1])
        return loss
      }
    },
    Misuse(
      "huberLoss: the prediction is float32[2], the target float32[3]; give them one shape"
    ) {
      _ = huberLoss(.zeros([2]), .zeros([3]))
    },
    Misuse("smoothL1Loss: β is 0.0; give a positive number") {
      _ = smoothL1Loss(.zeros([2]), .zeros([2]), beta: 0)
    },
    Misuse("HardShrink: the threshold is -1.0; give 0 or more") { _ = HardShrink(-1) },
    Misuse("SoftShrink: the threshold is nan; give 0 or more") { _ = SoftShrink(.nan) },
    Misuse(
      "Padding: float32[2, 3] has no spatial axes; give [batch, channels, …] with some"
    ) {
      _ = Padding(1)(.zeros([2, 3]))
    },
    Misuse(
      "Padding: the amount before is [1, 2]; give one number, or one for each of the 1 spatial axes"
    ) {
      _ = Padding([1, 2])(.zeros([1, 2, 3]))
    },
    Misuse("huberLoss: δ is 0.0; give a positive number") {
      _ = huberLoss(.zeros([2]), .zeros([2]), delta: 0)
    },
    Misuse("topAccuracy: k is 4; give a number from 1 to that of the classes, 3") {
      _ = topAccuracy(.zeros([2, 3]), Tensor([0, 1] as [Int32]), k: 4)
    },
    Misuse(
      "SinusoidalEncoding: int32[2, 2] is not floating-point; cast(to: .float32) or .float64 first"
    ) {
      _ = SinusoidalEncoding()(.zeros([2, 2], dtype: .int32))
    },
    Misuse(
      "RotaryEncoding: int32[2, 2] is not floating-point; cast(to: .float32) or .float64 first"
    ) {
      _ = RotaryEncoding()(.zeros([2, 2], dtype: .int32))
    },
    Misuse("accuracy: a label is 3; give classes from 0 to below 3") {
      _ = accuracy(.zeros([2, 3]), Tensor([0, 3] as [Int32]))
    },
    Misuse("accuracy: a label is -1; give classes from 0 to below 3") {
      _ = accuracy(.zeros([2, 3]), Tensor([-1, 0] as [Int32]))
    },
    Misuse("Embedding: a number is -1; give numbers from 0 to below 4") {
      var generator = Philox(seed: 1)
      _ = Embedding(4, 2, using: &generator)(Tensor([0, -1] as [Int32]), .training)
    },
    Misuse("LSTM: a length is 3; give numbers from 0 to that of the steps, 2") {
      var generator = Philox(seed: 1)
      var layer = LSTM(1, 1, using: &generator)
      _ = layer(.zeros([1, 2, 1]), lengths: Tensor([3] as [Int32]), .training)
    },
    Misuse("hingeLoss: the margin is nan; give a number from 0.0 on") {
      _ = hingeLoss(.zeros([2]), .ones([2]), margin: .nan)
    },
    Misuse("tripletLoss: the margin is -1.0; give a number from 0.0 on") {
      let x = Tensor.zeros([1, 2])
      _ = tripletLoss(anchor: x, positive: x, negative: x, margin: -1)
    },
    Misuse("Plateau: the least rate is nan; give a number from 0.0 on") {
      _ = Plateau(leastRate: .nan)
    },
    Misuse("Plateau: the factor is 5.0; give a number from 0.0 to below 1") {
      var plateau = Plateau()
      plateau.factor = 5
    },
    Misuse("ParameterGroups: the learning rate of weight is 0.5, and that of all 0") {
      var generator = Philox(seed: 1)
      _ = ParameterGroups(of: Linear(1, 1, using: &generator), SGD(learningRate: 0)) {
        path, _, own in
        own.learningRate = 0.5
      }
    },
    Misuse("ConfusionMatrix: a label is 5; give classes from 0 to below 3") {
      var confusion = ConfusionMatrix(classCount: 3)
      confusion.add(.zeros([1, 3]), Tensor([5] as [Int32]))
    },
    Misuse("RMSprop: ε is 0.0, which is 0 in float32, and 0/0 unknown; give a positive number") {
      step(RMSprop(epsilon: 0))
    },
    Misuse("Lion: β₁ is 1.0; give a number from 0.0 to below 1") {
      step(Lion(betas: (1, 0.5)))
    },
    Misuse(
      "ParameterGroups: there are 2 parameters and 2 gradients, and the groups are of a model with 0"
    ) {
      step(ParameterGroups(of: ReLU(), Adam()) { _, _, _ in })
    },
    Misuse("cosine: the number of steps is 0; give 1 or more") {
      _ = Schedule.cosine(from: 1, steps: 0)
    },
    Misuse("Schedule: the step is -1; count from 0") { _ = Schedule.constant(1)(-1) },
    Misuse("cast: int32 has no gradient; make parameters of float32 or float64") {
      _ = BatchNorm(2).cast(to: .int32)
    },
    Misuse(
      "recomputeStatistics: no BatchNorm has seen two finite values of each channel; give it batches, and "
        + "apply the model in .training"
    ) {
      var norm = BatchNorm(2)
      norm.recomputeStatistics(over: [Tensor.ones([3, 2])]) { norm, x in _ = norm(x, .inference) }
    },
    Misuse("recomputeStatistics: no BatchNorm has seen two finite values of each channel") {
      var norm = BatchNorm(2)
      norm.recomputeStatistics(over: [Tensor]()) { norm, x in _ = norm(x, .training) }
    },
    Misuse("recomputeStatistics: no BatchNorm has seen two finite values of each channel") {
      var norm = BatchNorm(1)
      norm.recomputeStatistics(over: [Tensor([[1e20], [-1e20]])]) { norm, x in
        _ = norm(x, .training)
      }
    },
    Misuse(
      "recomputeStatistics: the variance of all batches is more than float32 holds, at norm; scale the data"
    ) {
      var model = Wrapped(norm: BatchNorm(1))
      let far = Tensor([[3e19], [3e19]])
      model.recomputeStatistics(over: [far, -far]) { model, x in _ = model.norm(x, .training) }
    },
    Misuse("Conv2D: there are 0 groups; give 1 or more") {
      var generator = Philox(seed: 1)
      _ = Conv2D(3, 4, kernel: 3, groups: 0, using: &generator)
    },
    Misuse(
      "valueAndGradient: visit of Counted names steps as a parameter, and int32[2] has no gradient; name it "
        + "with visitor.buffer"
    ) {
      var model = Counted()
      _ = valueAndGradient(of: &model) { $0.weight.sum() }
    },
    Misuse("Dropout: int32[4] is not floating-point; cast(to: .float32) or .float64 first") {
      var generator = Philox(seed: 1)
      var dropout = Dropout(rate: 0.5, using: &generator)
      _ = dropout(.zeros([4], dtype: .int32), .training)
    },
    Misuse("BatchNorm: int32[2, 1] is not floating-point; cast(to: .float32) or .float64 first") {
      var norm = BatchNorm(1)
      _ = norm(.zeros([2, 1], dtype: .int32), .training)
    },
    Misuse("meanSquaredError: int32[2] is not floating-point; cast(to: .float32) or .float64 first")
    {
      _ = meanSquaredError(.zeros([2], dtype: .int32), .zeros([2], dtype: .int32))
    },
    Misuse(
      "meanSquaredError: there are no losses, of which there is no mean; give one sample or more"
    ) { _ = meanSquaredError(.zeros([0]), .zeros([0])) },
    Misuse("softmaxCrossEntropy: there are no losses, of which there is no mean; give one sample") {
      _ = softmaxCrossEntropy(.zeros([0, 3]), .zeros([0], dtype: .int32))
    },
    Misuse("accuracy: the logits float32[2, 0] have no classes along axis 1; give one or more") {
      _ = accuracy(.zeros([2, 0]), Tensor([0, 0] as [Int32]))
    },
    Misuse("Linear: float32[3] has no axis of a batch; reshape it to [1, 3]") {
      var generator = Philox(seed: 1)
      _ = Linear(3, 2, using: &generator)(.zeros([3]), .inference)
    },
    Misuse("SGD: the momentum is 1.5; give a number from 0.0 to 1.0") {
      step(SGD(learningRate: 0.1, momentum: 1.5))
    },
    Misuse("SGD: the learning rate is nan; give a number from 0.0 on") {
      step(SGD(learningRate: .nan))
    },
    Misuse(
      "Adam: the gradients are float32[3] in place of float32[2] for tensor 0; give one for each"
    ) {
      var (optimizer, parameters) = (Adam(), [Tensor.ones([2])])
      optimizer.update(&parameters, along: [.ones([3])])
    },
    Misuse("SGD: the gradients are 1 tensors in place of 2; give one for each parameter") {
      var (optimizer, parameters) = (SGD(learningRate: 1), [Tensor.ones([2]), .ones([2])])
      optimizer.update(&parameters, along: [.ones([2])])
    },
    Misuse(
      "update: Narrowing returns float64[2] in place of float32[2] for tensor 0; an optimizer returns as "
        + "many tensors as it gets, of the same types"
    ) {
      var (optimizer, norm) = (Narrowing(), BatchNorm(2))
      optimizer.update(&norm, along: BatchNorm(2))
    },
    Misuse("BatchNorm: the weight of the new statistics is 2.0; give a number from 0.0 to 1.0") {
      var norm = BatchNorm(2, averaging: .exponential(weightOfNew: 2))
      _ = norm(.ones([2, 2]), .training)
    },
    Misuse("BatchNorm: ε is -1.0; give a number from 0.0 on") {
      var norm = BatchNorm(2, epsilon: -1)
      _ = norm(.ones([2, 2]), .inference)
    },
    Misuse(
      "accuracy: the labels are int32[1], the logits float32[2, 3]; give logits [N, C, …] and labels"
    ) {
      _ = accuracy(.zeros([2, 3]), Tensor([0] as [Int32]))
    },
    Misuse(
      "meanSquaredError: the prediction is float32[2], the target float64[2]; give them one element type"
    ) { _ = meanSquaredError(.zeros([2]), .zeros([2], dtype: .float64)) },
    Misuse("Linear: int32 has no gradient; make parameters of float32 or float64") {
      var generator = Philox(seed: 1)
      _ = Linear(2, 2, dtype: .int32, using: &generator)
    },
    Misuse("Conv2D: there are 1 inputs, 2 outputs and a kernel of [0, 0]; give 1 or more of each") {
      var generator = Philox(seed: 1)
      _ = Conv2D(1, 2, kernel: 0, using: &generator)
    },
    Misuse("Initializer: the bound is -1.0; give a positive number") {
      _ = Initializer.uniform(bound: -1)
    },
    Misuse(
      "valueAndGradient: visit of Forgetful does not name norm, whose parameters would not be trained; "
        + "name it with visitor.child, or with visitor.frozen"
    ) {
      var model = Forgetful()
      _ = valueAndGradient(of: &model) { $0.weight.sum() }
    },
    Misuse("valueAndGradient: visit of Doubled names two tensors a; give each a name of its own") {
      var model = Doubled()
      _ = valueAndGradient(of: &model) { $0.first.sum() }
    },
    Misuse(
      "valueAndGradient: the loss depends on no parameter of BatchNorm; use the model that the closure"
    ) {
      var model = BatchNorm(2)
      let other = model
      _ = valueAndGradient(of: &model) { _ in other.scale!.sum() }
    },
    Misuse(
      "valueAndGradient: the model had 2 tensors, 1 of them parameters, and has 3 and 2 now; "
        + "a model keeps its parameters and buffers"
    ) {
      var model = Growing()
      _ = valueAndGradient(of: &model) { model in
        model.first = .ones([2])
        return model.last.sum()
      }
    },
    Misuse("GroupNorm: 3 groups do not divide 4 channels; give a divisor of them") {
      _ = GroupNorm(3, 4)
    },
    Misuse(
      "InstanceNorm: float32[2, 3, 1] has one value for each channel of a sample, whose variance says nothing"
    ) {
      var norm = InstanceNorm(3)
      _ = norm(.zeros([2, 3, 1]), .training)
    },
    Misuse("GhostBatchNorm: the size of a virtual batch is 1; give 2 or more, of which there is a")
    {
      _ = GhostBatchNorm(BatchNorm(2), size: 1)
    },
    // Where in the model it is: while it is recorded, when it is computed, and on no tape.
    Misuse("reshape it to [batch, inputs] (in blocks.1.linear)") {
      var model = Nested()
      model.blocks[1].linear.weight = .ones([2, 5])
      _ = valueAndGradient(of: &model) { $0(.ones([4, 3]), .training).sum() }
    },
    Misuse("epsilon is 0 in float32; give a larger one (in blocks.0.norm)") {
      var model = Nested()
      model.blocks[0].norm.epsilon = 0
      _ = valueAndGradient(of: &model) { $0(.ones([4, 3]), .training).sum() }
    },
    Misuse("Linear: float64[4, 3] and float32[3, 3] differ in element type; cast one of them") {
      _ = Nested().predict(.ones([4, 3], dtype: .float64))
    },
    Misuse(
      "MultiHeadAttention: the mask is bool[9, 9]; give one of bool or float32 that is broadcast to [2, 2, 3, 3]"
    ) {
      var generator = Philox(seed: 1)
      var layer = MultiHeadAttention(4, heads: 2, using: &generator)
      let x = Tensor.ones([2, 3, 4])
      _ = layer(x, key: x, value: x, mask: .ones([9, 9], dtype: .bool), .training)
    },
    Misuse("Linear: float32[2, 5] and float32[4, 3]ᵀ differ in the axis that is summed over") {
      var generator = Philox(seed: 1)
      _ = Linear(3, 4, bias: false, using: &generator).predict(.ones([2, 5]))
    },
    Misuse("PReLU: float64[2, 3] and float32[2, 3] differ in element type; cast one of them") {
      _ = PReLU(3).predict(.ones([2, 3], dtype: .float64))
    },
    Misuse(
      "BatchRenorm: float32[2, 3] is not a batch with the channels float32[4] on axis 1; give [batch, channels, …]"
    ) { _ = BatchRenorm(4).predict(.ones([2, 3])) },
    Misuse("binaryCrossEntropy: target 1 is 2.0; give numbers from 0 to 1") {
      _ = binaryCrossEntropy(.zeros([2]), Tensor([1, 2]))
    },
    Misuse("focalLoss: target 0 is -1.0; give numbers from 0 to 1") {
      _ = focalLoss(.zeros([2]), Tensor([-1, 1]))
    },
    Misuse("klDivergence: target 1 is -0.5; give shares, 0 or more, and not their logarithms") {
      _ = klDivergence(Tensor([-0.5, -1]), Tensor([1.5, -0.5]))
    },
    Misuse("InstanceNorm: float64[1, 2, 3] has not the element type of the running statistics") {
      var norm = InstanceNorm(2, runningStatistics: true)
      _ = norm(.zeros([1, 2, 3], dtype: .float64), .training)
    },
    Misuse("AdaptiveAveragePool: float32[3] is not images [batch, channels, …]") {
      _ = AdaptiveAveragePool(to: [2, 2])(.zeros([3]))
    },
    Misuse("AveragePool1D: windows [2], dilated by [1], skip over [0], and some hold nothing but") {
      _ = AveragePool1D(2, padding: 1)(.zeros([1, 1, 0]))
    },
    Misuse("hingeLoss: target 1 is 0.0; give −1 or 1, such as labels · 2 − 1") {
      _ = hingeLoss(.zeros([2], dtype: .float64), Tensor([1, 0] as [Double]))
    },
    Misuse("cosineEmbeddingLoss: target 0 is 0.0; give 1 for a pair that belongs together, else −1")
    {
      _ = cosineEmbeddingLoss(.ones([1, 2]), .ones([1, 2]), .zeros([1]))
    },
    Misuse(
      "cosineEmbeddingLoss: the targets are float32[2] for the pairs of float32[3, 2]; give float32[3], one for each"
    ) { _ = cosineEmbeddingLoss(.ones([3, 2]), .ones([3, 2]), .ones([2])) },
    Misuse(
      "cosineEmbeddingLoss: one operand is float32[1, 2], the other float32[1, 3]; give them one shape"
    ) { _ = cosineEmbeddingLoss(.ones([1, 2]), .ones([1, 3]), .ones([1])) },
    Misuse("tripletLoss: the axis -1 is not within float32[]; give vectors along one of its axes") {
      _ = tripletLoss(anchor: Tensor(1), positive: Tensor(1), negative: Tensor(1))
    },
    Misuse("visit: something has no name in inner; give each tensor and child one") {
      var model = Nameless(inner: .init())
      _ = valueAndGradient(of: &model) { $0.inner.weight.sum() }
    },
    Misuse("visit: something has no name; give each tensor and child one") {
      _ = Unnamed(inner: BatchNorm(1)).state
    },
    Misuse(
      "folding: ε and the running variance of channel 1 are 0, by which weights would be divided; give the batch "
        + "norm a larger ε"
    ) {
      var (generator, norm) = (Philox(seed: 1), BatchNorm(2, epsilon: 0))
      norm.runningVariance = Tensor([1, 0])
      _ = Linear(2, 2, using: &generator).folding(norm)
    },
    Misuse(
      "folding: the batch norm is of 3 channels, the Linear makes 4; give the one that follows"
    ) {
      var generator = Philox(seed: 1)
      _ = Linear(2, 4, using: &generator).folding(BatchNorm(3))
    },
    Misuse(
      "Residual: the body makes float32[2, 3] of float32[2, 2], the shortcut float32[2, 2]; make them of one"
    ) {
      var generator = Philox(seed: 1)
      _ = Residual { Linear(2, 3, using: &generator) }.predict(.zeros([2, 2]))
    },
    Misuse(
      "Conv2D: the kernel is [1, 2, 3]; give one number, or one for each of the 2 spatial axes"
    ) {
      var generator = Philox(seed: 1)
      _ = Conv2D(1, 2, kernel: [1, 2, 3], using: &generator)
    },
    Misuse(
      "Conv1D: float32[1, 2, 3, 4] has not 1 spatial axes; give [batch, channels, …] with so many"
    ) {
      var generator = Philox(seed: 1)
      _ = Conv1D(2, 2, kernel: 3, using: &generator).predict(.zeros([1, 2, 3, 4]))
    },
    Misuse(
      "MaxPool2D: the padding is [1]; give .same, one number, or one for each of the 2 spatial"
    ) {
      _ = MaxPool2D(2, padding: [1])
    },
    Misuse("Embedding: the padding is 5; give a number from 0 to below 5") {
      var generator = Philox(seed: 1)
      _ = Embedding(5, 2, padding: 5, using: &generator)
    },
    Misuse("Embedding: the numbers are float32[2]; give int32, each a row of the table") {
      var generator = Philox(seed: 1)
      _ = Embedding(5, 2, using: &generator).predict(.zeros([2]))
    },
    Misuse("PReLU: axis 1 of float32[2, 3] has not the 4 channels that there are slopes for") {
      _ = PReLU(4).predict(.zeros([2, 3]))
    },
    Misuse("GLU: axis -1 of float32[2, 3] has no halves; give an even extent") {
      _ = GLU()(.zeros([2, 3]))
    },
    Misuse("Dropout: float32[3] has no channels; give 2 axes or more") {
      var generator = Philox(seed: 1)
      var dropout = Dropout(rate: 0.5, of: .channels, using: &generator)
      _ = dropout(.zeros([3]), .training)
    },
    Misuse("dirac: 2 groups do not divide the 3 outputs of [3, 2]; give a divisor of them") {
      var generator = Philox(seed: 1)
      _ = Initializer.dirac(groups: 2)([3, 2], using: &generator)
    },
    Misuse("Reshape: samples of float32[2, 3] have not the elements of [2, 2]") {
      _ = Reshape(to: [2, 2])(.zeros([2, 3]))
    },
    Misuse("MultiHeadAttention: 3 heads do not divide the width 4; give a divisor of it") {
      var generator = Philox(seed: 1)
      _ = MultiHeadAttention(4, heads: 3, using: &generator)
    },
    Misuse("MultiHeadAttention: the query is float32[3, 4]; give float32[batch, positions, 4]") {
      var generator = Philox(seed: 1)
      _ = MultiHeadAttention(4, heads: 2, using: &generator).predict(.zeros([3, 4]))
    },
    Misuse("LearnedPositions: there are 2 places, and float32[1, 3, 4] from place 0 on has others")
    {
      var generator = Philox(seed: 1)
      _ = LearnedPositions(2, 4, using: &generator).predict(.zeros([1, 3, 4]))
    },
    Misuse("RotaryEncoding: float32[1, 3] has no pairs of features; give [N…, positions, features]")
    {
      _ = RotaryEncoding()(.zeros([1, 3]))
    },
    Misuse("LSTM: float32[2, 3] is not sequences of 4 features; give [batch, steps, features]") {
      var generator = Philox(seed: 1)
      _ = LSTM(4, 2, using: &generator).predict(.zeros([2, 3]))
    },
    Misuse("LSTM: the state is [float32[1, 2, 3]]; give 2 of float32[1, 2, 3]") {
      var generator = Philox(seed: 1)
      var network = LSTM(4, 3, using: &generator)
      _ = network(.zeros([2, 1, 4]), from: RecurrentState(hidden: .zeros([1, 2, 3])), .inference)
    },
    Misuse(
      "LSTM: a cell of 3 features is projected to 3; give 1 or more, and fewer than it has"
    ) {
      var generator = Philox(seed: 1)
      _ = LSTM(4, 3, projectionSize: 3, using: &generator)
    },
    Misuse(
      "LSTM: the state is [float32[1, 2, 3], float32[1, 2, 3]]; give [float32[1, 2, 2], float32[1, 2, 3]]"
    ) {
      var generator = Philox(seed: 1)
      var network = LSTM(4, 3, projectionSize: 2, using: &generator)
      let state = Tensor.zeros([1, 2, 3])
      _ = network(
        .zeros([2, 1, 4]), from: RecurrentState(hidden: state, cell: state), .inference)
    },
    Misuse("RReLU: the slopes are 0.0...inf; give a range with finite ends") {
      var generator = Philox(seed: 1)
      _ = RReLU(0...(.infinity), using: &generator)
    },
    Misuse("MaxUnpool2D: float32[1, 2, 3] has not 2 spatial axes; give [batch, channels, …]") {
      _ = MaxUnpool2D(2)(.zeros([1, 2, 3]), at: .zeros([1, 2, 3], dtype: .int32))
    },
    Misuse("GRU: the lengths are float32[2]; give int32[2]") {
      var generator = Philox(seed: 1)
      var network = GRU(4, 3, using: &generator)
      _ = network(.zeros([2, 1, 4]), lengths: .zeros([2]), .inference)
    },
    Misuse("AveragedModel: the decay is 1.0; give a number from 0.0 to below 1") {
      _ = AveragedModel(BatchNorm(2), .exponential(decay: 1))
    },
    Misuse("AveragedModel: the model has not the tensor float32[2] of those before; give one model")
    {
      var average = AveragedModel(BatchNorm(2), .equal)
      average.update(with: BatchNorm(3))
    },
    Misuse("Upsample: the shape [1, 1, 9223372036854775807] has more elements than memory can hold")
    {
      _ = Upsample(by: .max)(.zeros([1, 1, 2]))
    },
    Misuse(
      "PixelShuffle: the channels of float32[1, 4, 1, 1] are not blocks of 9223372036854775807"
    ) {
      _ = PixelShuffle(.max)(.zeros([1, 4, 1, 1]))
    },
    Misuse("Reshape: samples of float32[1, 4] have not the elements of [9223372036854775807, 2]") {
      _ = Reshape(to: [.max, 2])(.zeros([1, 4]))
    },
    Misuse("isWithin: there are -1 places; give 0 or more") {
      _ = Tensor.isWithin(lengths: Tensor([1] as [Int32]), count: -1)
    },
    Misuse(
      "SinusoidalEncoding: 2 from place 9223372036854775807 on are more than can be counted; begin earlier"
    ) { _ = SinusoidalEncoding()(.zeros([1, 2, 2]), from: .max) },
    Misuse(
      "RotaryEncoding: 2 from place 9223372036854775807 on are more than can be counted; begin earlier"
    ) { _ = RotaryEncoding()(.zeros([1, 2, 2]), from: .max) },
    Misuse(
      "LearnedPositions: there are 3 places, and float32[1, 2, 2] from place 9223372036854775807 on"
    ) {
      var generator = Philox(seed: 1)
      _ = LearnedPositions(3, 2, using: &generator)(.zeros([1, 2, 2]), from: .max)
    },
    Misuse("Conv2D: there are no weights of the shape [1, 9223372036854775807, 3, 3]; give") {
      var generator = Philox(seed: 1)
      _ = Conv2D(.max, 1, kernel: 3, using: &generator)
    },
    Misuse("Conv2D: there are no weights of the shape [1, 1, 1099511627776, 1099511627776]") {
      var generator = Philox(seed: 1)
      _ = Conv2D(1, 1, kernel: 1 << 40, using: &generator)
    },
    Misuse(
      "Conv2D: 1099511627776 filters for each of 1099511627776 channels are more than can be counted; give"
    ) {
      var generator = Philox(seed: 1)
      _ = Conv2D(depthwise: 1 << 40, multiplier: 1 << 40, kernel: 1, using: &generator)
    },
    Misuse(
      "LSTM: the weights of 2 inputs and 9223372036854775807 features are more than memory can hold; give"
    ) {
      var generator = Philox(seed: 1)
      _ = LSTM(2, .max, using: &generator)
    },
    Misuse("LSTM: there are no layers; give 1 or more") {
      var generator = Philox(seed: 1)
      var network = LSTM(2, 3, using: &generator)
      network.layers = []
      _ = network(.zeros([1, 2, 2]), .training)
    },
    Misuse("Initializer: there are no weights of the shape [0, 1099511627776, 1099511627776]; give")
    {
      var generator = Philox(seed: 1)
      _ = Initializer.heNormal([0, 1 << 40, 1 << 40], using: &generator)
    },
    Misuse("Initializer: there are no weights of the shape [-1, 2]; give extents of 0 or more") {
      var generator = Philox(seed: 1)
      _ = Initializer.identity([-1, 2], using: &generator)
    },
    Misuse("ConfusionMatrix: there are 1099511627776 classes; give 1 or more, at most 65536") {
      _ = ConfusionMatrix(classCount: 1 << 40)
    },
    Misuse("ConfusionMatrix: precision of class 9 is asked for; give one from 0 to below 2") {
      _ = ConfusionMatrix(classCount: 2).precision(of: 9)
    },
    Misuse("ConfusionMatrix: recall of class 2 is asked for; give one from 0 to below 2") {
      _ = ConfusionMatrix(classCount: 2).recall(of: 2)
    },
    Misuse("ConfusionMatrix: f1 of class -1 is asked for; give one from 0 to below 2") {
      _ = ConfusionMatrix(classCount: 2).f1(of: -1)
    },
    Misuse("accumulate: the gradient has 2 tensors in place of 1; give gradients of one model") {
      var accumulator = GradientAccumulator<BatchNorm>()
      accumulator.add(BatchNorm(3, shift: false))
      accumulator.add(BatchNorm(3))
    },
    Misuse("accumulate: the gradient has float32[3] in place of float32[1] for tensor 0; give") {
      var accumulator = GradientAccumulator<BatchNorm>()
      accumulator.add(BatchNorm(1))
      accumulator.add(BatchNorm(3))
    },
    Misuse(
      "state: the renaming gives scale, float32[2], the axes [5]; give each from 0 to below 1 once"
    ) {
      var norm = BatchNorm(2)
      try! norm.load(norm.state, renaming: Renaming().adding { form, _ in form.axes = [5] })
    },
    Misuse(
      "BatchNorm: channel 0 of float32[2, 1] is constant, or its deviation too small for float32, and epsilon is 0 in float32; give a larger one"
    ) {
      var norm = BatchNorm(1, epsilon: 1e-50)
      _ = [Float](norm(Tensor([[1], [1]]), .training))
    },
    Misuse("ratios: a variance of BatchNorm is NaN, and so are the smallest and the largest ratio")
    {
      var norm = BatchNorm(1)
      norm.runningVariance = Tensor([.nan])
      _ =
        norm.statisticsGap(over: [Tensor([[1], [2]])]) { norm, x in _ = norm(x, .training) }[0]
        .ratios
    },
  ]

  @Test("The message", arguments: 0..<all.count)
  func message(_ index: Int) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [index] in
      NNMisuseTests.all[index].call()
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    let message = NNMisuseTests.all[index].message
    #expect(output.contains(message), "expected: \(message)\nprinted: \(output.prefix(600))")
  }

  private static func step(_ optimizer: some Optimizer) {
    var (optimizer, norm) = (optimizer, BatchNorm(2))
    optimizer.update(&norm, along: BatchNorm(2))
  }

  /// Returns parameters of another type than it gets.
  struct Narrowing: Optimizer {
    var learningRate = 0.1
    var stepCount = 0
    mutating func update(_ parameters: inout [Tensor], along gradients: [Tensor]) {
      parameters = parameters.map { $0.cast(to: .float64) }
    }
    mutating func visit(_ visitor: inout OptimizerVisitor) {
      visitor.number("learningRate", &learningRate)
      visitor.count("stepCount", &stepCount)
    }
  }

  /// A model whose parameter has no gradient.
  struct Counted: Module {
    var weight = Tensor.ones([2])
    var steps = Tensor.zeros([2], dtype: .int32)
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("weight", &weight)
      visitor.parameter("steps", &steps)
    }
  }

  /// Layers in blocks of a list.
  struct Nested: Layer {
    struct Block: Layer {
      var linear: Linear
      var norm = BatchNorm(3)
      init() {
        var generator = Philox(seed: 1)
        linear = Linear(3, 3, using: &generator)
      }
      mutating func visit(_ visitor: inout Visitor) {
        visitor.child("linear", &linear)
        visitor.child("norm", &norm)
      }
      mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
        norm(linear(x, mode), mode)
      }
    }
    var blocks = [Block(), Block()]
    mutating func visit(_ visitor: inout Visitor) { visitor.children("blocks", &blocks) }
    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      var x = x
      for place in blocks.indices { x = blocks[place](x, mode) }
      return x
    }
  }

  /// A model inside of which a tensor has no name.
  struct Nameless: Module {
    struct Inner: Module {
      var weight = Tensor.ones([2])
      mutating func visit(_ visitor: inout Visitor) { visitor.parameter("", &weight) }
    }
    var inner: Inner
    mutating func visit(_ visitor: inout Visitor) { visitor.child("inner", &inner) }
  }

  /// A model whose layer has no name.
  struct Unnamed: Module {
    var inner: BatchNorm
    mutating func visit(_ visitor: inout Visitor) { visitor.child("", &inner) }
  }

  struct Wrapped: Module {
    var norm: BatchNorm
    mutating func visit(_ visitor: inout Visitor) { visitor.child("norm", &norm) }
  }

  /// A model that forgets a layer.
  struct Forgetful: Module {
    var weight = Tensor.ones([2])
    var norm = BatchNorm(2)
    mutating func visit(_ visitor: inout Visitor) { visitor.parameter("weight", &weight) }
  }

  /// A model with a tensor that is trained and is not.
  struct TwoRoles: Module {
    var weight = Tensor.ones([2])
    mutating func visit(_ visitor: inout Visitor) {
      visitor.buffer("first", &weight)
      visitor.parameter("second", &weight)
    }
  }

  /// A module that is no value.
  final class Shared: Module {
    func visit(_ visitor: inout Visitor) {}
  }

  struct Sharing: Module {
    var weight = Tensor.ones([2])
    var shared = Shared()
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("weight", &weight)
      visitor.child("shared", &shared)
    }
  }

  /// A model with one name for two tensors.
  struct Doubled: Module {
    var first = Tensor.ones([2])
    var second = Tensor.ones([2])
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("a", &first)
      visitor.parameter("a", &second)
    }
  }

  /// A model that may get a parameter in front of the one that it has.
  struct Growing: Module {
    var first: Tensor?
    var last: Tensor = .ones([2])
    var state: Tensor = .zeros([2])
    mutating func visit(_ visitor: inout Visitor) {
      visitor.parameter("first", &first)
      visitor.parameter("last", &last)
      visitor.buffer("state", &state)
    }
  }
}
