import Adjoint
import AdjointCheck
import AdjointFixtures
import AdjointNN
import Testing

@Suite("What every layer satisfies")
struct LayerTableTests {
  @Test("Its gradients are right in both modes", arguments: LayerSample.all)
  func gradients(_ sample: LayerSample) {
    func check(_ layer: some Layer) {
      // What has no state has no mode.
      for mode in sample.layer is any StatelessLayer ? [Mode.training] : [.training, .inference] {
        // Random mixtures show what single elements would; each input gets one at least, whatever the budget.
        let options = CheckOptions(
          inputs: sample.inputs, budget: 0.1, exhaustiveCount: 0, directions: 2, elements: 1)
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

  /// By the sources, so that a new layer is not forgotten. (Embedding, whose inputs are no real numbers, has tests of
  /// its own.)
  @Test func everyLayerIsInTheTable() throws {
    let listed = Set(
      LayerSample.all.map { "\(type(of: $0.layer))".prefix { $0 != "<" } } + ["Embedding"])
    let pattern = /public (?:struct|enum) (\w+)(?:<[^{]*>)?: (?:\w+, )*(?:Layer|StatelessLayer)\b/
    let declared = try SourceFiles.swift(in: "Sources/AdjointNN").flatMap { file in
      file.text.matches(of: pattern).map { $0.1 }
    }
    #expect(declared.count > 50)
    for name in declared where !["LayerArray", "LayerChoice"].contains(name) {
      #expect(listed.contains(name), "there is no sample of \(name)")
    }
  }
}
