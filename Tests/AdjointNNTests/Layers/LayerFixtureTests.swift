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

  @Test func embeddings() throws {
    var generator = Philox(seed: 1)
    let fixture = try LayerFixture("embedding")
    let places = try fixture.input("places")
    try fixture.check(Embedding(6, 4, padding: 2, using: &generator), at: []) { layer, _ in
      ["y": layer(places, .training)]
    }
  }
}
