import Adjoint
import AdjointNN
import Testing

@Suite("Layers compute what PyTorch's do")
struct LayerFixtureTests {
  @Test func normalization() throws {
    try LayerFixture("instance_norm").check(InstanceNorm(3))
    try LayerFixture("group_norm").check(GroupNorm(2, 6))
    try LayerFixture("rms_norm").check(RMSNorm(5))
    try LayerFixture("layer_norm").check(LayerNorm([3, 4]))
  }

  @Test func instanceNormWithRunningStatistics() throws {
    let fixture = try LayerFixture("instance_norm_averaging")
    let norm = InstanceNorm(3, scale: true, shift: true, runningStatistics: true)
    let after = try fixture.check(norm).state(renaming: .pyTorch)
    // PyTorch does not count the batches of instance norms.
    for (name, statistic) in fixture.arrays("after") where name != "num_batches_tracked" {
      fixture.expect(after[name], statistic, name)
    }
    try LayerFixture("instance_norm_inference").check(
      InstanceNorm(2, scale: true, shift: true, runningStatistics: true), .inference)
  }

  @Test func convolutions() throws {
    var generator = Philox(seed: 1)
    try LayerFixture("conv1d").check(
      Conv1D(
        4, 6, kernel: 3, stride: 2, padding: 2, dilation: 2, groups: 2, using: &generator))
    try LayerFixture("conv2d_same").check(
      Conv2D(2, 3, kernel: [4, 3], padding: .same, dilation: [1, 2], using: &generator))
    try LayerFixture("conv2d_depthwise").check(
      Conv2D(
        depthwise: 3, multiplier: 2, kernel: 3, stride: [2, 1], padding: [1, 0], using: &generator))
    try LayerFixture("conv3d").check(
      Conv3D(
        2, 3, kernel: [2, 3, 2], stride: [1, 2, 1], padding: [0, 1, 1], using: &generator))
  }

  @Test func transposedConvolutions() throws {
    var generator = Philox(seed: 1)
    try LayerFixture("conv_transpose1d").check(
      ConvTranspose1D(
        4, 6, kernel: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2, using: &generator))
    try LayerFixture("conv_transpose2d").check(
      ConvTranspose2D(
        2, 3, kernel: [3, 2], stride: [2, 3], padding: [1, 0], dilation: [2, 1], using: &generator))
    try LayerFixture("conv_transpose3d").check(
      ConvTranspose3D(
        2, 2, kernel: 2, stride: [1, 2, 2], outputPadding: [0, 1, 0], bias: false,
        using: &generator))
  }

  @Test func separableConvolutions() throws {
    var generator = Philox(seed: 1)
    try LayerFixture("separable_conv1d").check(
      SeparableConv1D(
        3, 4, kernel: 3, multiplier: 2, padding: 2, dilation: 2, using: &generator))
    try LayerFixture("separable_conv2d").check(
      SeparableConv2D(
        2, 3, kernel: [3, 2], stride: [2, 1], padding: [1, 0], bias: false, using: &generator))
    try LayerFixture("separable_conv3d").check(
      SeparableConv3D(2, 3, kernel: 2, multiplier: 2, using: &generator))
  }

  @Test func poolingUndone() throws {
    func expect<Axes: SpatialAxes>(
      _ name: String, _ pool: MaxPool<Axes>, _ undo: MaxUnpool<Axes>, _ extents: [Int]
    ) throws {
      try LayerFixture(name).check(undo) { (undo: inout MaxUnpool<Axes>, x: [Tensor]) in
        let (values, places) = pool.withPlaces(x[0])
        return ["y": undo(values, at: places, to: extents)]
      }
    }
    try expect("max_unpool1d", MaxPool1D(2), MaxUnpool1D(2), [7])
    try expect(
      "max_unpool2d", MaxPool2D([3, 2], padding: [1, 0]), MaxUnpool2D([3, 2], padding: [1, 0]),
      [6, 5])
    try expect(
      "max_unpool3d", MaxPool3D([2, 1, 2], stride: [2, 2, 3]),
      MaxUnpool3D([2, 1, 2], stride: [2, 2, 3]), [4, 3, 5])
  }

  @Test func activations() throws {
    var generator = Philox(seed: 1)
    try LayerFixture("softmin").check(Softmin(along: 1))
    try LayerFixture("rrelu_inference").check(RReLU(using: &generator), .inference)
  }

  @Test func embeddings() throws {
    var generator = Philox(seed: 1)
    let fixture = try LayerFixture("embedding")
    let places = try fixture.input("places")
    try fixture.check(Embedding(6, 4, padding: 2, using: &generator), at: []) {
      (layer: inout Embedding, _: [Tensor]) in
      ["y": layer(places, .training)]
    }
  }

  @Test func attention() throws {
    var generator = Philox(seed: 1)
    let inputs = ["query", "key", "value"]
    typealias Call = (inout MultiHeadAttention, [Tensor]) -> [String: Tensor]
    let call: Call = { layer, x in ["y": layer(x[0], key: x[1], value: x[2], .training)] }
    try LayerFixture("attention").check(
      MultiHeadAttention(6, heads: 2, using: &generator), at: inputs, call: call)
    try LayerFixture("attention_widths").check(
      MultiHeadAttention(6, heads: 2, keyWidth: 5, valueWidth: 4, using: &generator), at: inputs,
      call: call)
    let fixture = try LayerFixture("attention_masked")
    // True is what PyTorch does not look at.
    let padding = (.!(try fixture.input("padding"))).expanded(at: [1, 2])
    let hidden = Tensor.zeros(padding.shape, dtype: .float64)
      .select(where: padding, otherwise: -.infinity)
    try fixture.check(
      MultiHeadAttention(6, heads: 3, bias: false, using: &generator), at: inputs + ["mask"]
    ) { (layer: inout MultiHeadAttention, x: [Tensor]) in
      ["y": layer(x[0], key: x[1], value: x[2], mask: x[3] + hidden, .training)]
    }
  }

  private func options(
    _ place: NormPlace, inner: Int = 8, _ activation: any StatelessLayer = ReLU(),
    isCausal: Bool = true
  ) -> TransformerOptions {
    TransformerOptions(
      inner: inner, activation: activation, dropout: 0, normPlace: place, isCausal: isCausal)
  }

  @Test func layersOfTransformers() throws {
    var generator = Philox(seed: 1)
    for (name, options) in [("after", options(.after)), ("before", options(.before, GELU()))] {
      try LayerFixture("encoder_layer_norm_\(name)").check(
        TransformerEncoderLayer(6, heads: 2, options, using: &generator))
      try LayerFixture("decoder_layer_norm_\(name)").check(
        TransformerDecoderLayer(6, heads: 2, options, using: &generator), at: ["x", "memory"]
      ) { (layer: inout TransformerDecoderLayer, x: [Tensor]) in
        ["y": layer(x[0], memory: x[1], .training)]
      }
    }
  }

  @Test func transformers() throws {
    var generator = Philox(seed: 1)
    let fixture = try LayerFixture("encoder")
    let mask = (.!(try fixture.input("padding"))).expanded(at: [1, 2])
    try fixture.check(
      TransformerEncoder(
        4, heads: 2, layers: 2, options(.before, inner: 6, isCausal: false), using: &generator)
    ) { (encoder: inout TransformerEncoder, x: [Tensor]) in
      ["y": encoder(x[0], mask: mask, .training)]
    }
    try LayerFixture("decoder").check(
      TransformerDecoder(
        4, heads: 2, layers: 2, options(.after, inner: 6, isCausal: false), using: &generator),
      at: ["x", "memory"]
    ) { (decoder: inout TransformerDecoder, x: [Tensor]) in
      ["y": decoder(x[0], memory: x[1], .training)]
    }
  }

  /// Holds a network of one layer, and one of two in both directions on sequences of several lengths.
  private func recurrent<Gates: RecurrentGates>(
    _ name: String, _ gates: Gates, bias: Bool = true
  ) throws {
    var generator = Philox(seed: 1)
    try recurrent(
      name, Recurrent(3, 4, gates: gates, using: &generator),
      Recurrent(3, 4, layers: 2, isBidirectional: true, bias: bias, gates: gates, using: &generator)
    )
  }

  private func recurrent<Gates: RecurrentGates>(
    _ name: String, _ one: Recurrent<Gates>, _ two: Recurrent<Gates>
  ) throws {
    let inputs = ["x", "hidden"] + (Gates.stateCount > 1 ? ["cell"] : [])
    func run(
      _ network: inout Recurrent<Gates>, _ x: [Tensor], _ lengths: Tensor?
    ) -> [String: Tensor] {
      let state = RecurrentState(hidden: x[1], cell: x.count > 2 ? x[2] : nil)
      let (output, last) = network(x[0], from: state, lengths: lengths, .training)
      var results = ["y": output, "hidden": last.hidden]
      results["cell"] = last.cell
      return results
    }
    try LayerFixture(name).check(one, at: inputs) {
      (network: inout Recurrent<Gates>, x: [Tensor]) in run(&network, x, nil)
    }
    let fixture = try LayerFixture("\(name)_lengths")
    let lengths = try fixture.input("lengths")
    try fixture.check(two, at: inputs) {
      (network: inout Recurrent<Gates>, x: [Tensor]) in run(&network, x, lengths)
    }
  }

  @Test func recurrentNetworks() throws {
    try recurrent("rnn", RNNGates(), bias: false)
    try recurrent("rnn_relu", RNNGates(ReLU()))
    try recurrent("gru", GRUGates())
    try recurrent("lstm", LSTMGates())
  }

  @Test func projectedMemories() throws {
    var generator = Philox(seed: 1)
    try recurrent(
      "lstm_projection", LSTM(3, 5, projectionSize: 2, using: &generator),
      LSTM(3, 5, projectionSize: 2, layers: 2, isBidirectional: true, using: &generator))
  }
}
