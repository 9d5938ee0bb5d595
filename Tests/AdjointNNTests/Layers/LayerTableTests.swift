import Adjoint
import AdjointCheck
import AdjointNN
import Testing

@Suite("What every layer satisfies")
struct LayerTableTests {
  @Test("Its gradients are right in both modes", arguments: LayerSample.all)
  func gradients(_ sample: LayerSample) {
    func check(_ layer: some Layer) {
      for mode in [Mode.training, .inference] {
        // Random mixtures show what single elements would.
        let options = CheckOptions(
          exhaustiveCount: 0, directions: 2, elements: 2,
          expectations: mode == .training ? sample.expectations : [])
        let report = checkGradients(of: layer, at: sample.x, mode, options: options)
        #expect(report.passed, "\(mode)\n\(report)")
      }
    }
    check(sample.layer)
  }

  @Test("It names all its tensors, and inference changes none", arguments: LayerSample.all)
  func state(_ sample: LayerSample) {
    func check(_ layer: some Layer) {
      #expect(unvisitedProperties(of: layer).isEmpty)
      var wide = layer.cast(to: .float64)
      let before = wide.state.dictionary
      _ = wide(sample.x, .inference)
      #expect(wide.state.dictionary == before)
    }
    check(sample.layer)
  }
}
