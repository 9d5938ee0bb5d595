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
}
