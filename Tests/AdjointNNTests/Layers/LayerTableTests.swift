import Adjoint
import AdjointCheck
import AdjointFixtures
import Foundation
import Testing

@testable import AdjointNN

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

  /// One sample of each type that is made of functions of other names; activations are of one function each.
  static let kinds = {
    let apart = Set(LayerSample.activations.map(\.description))
    var places: [String: Int] = [:]
    for (place, sample) in LayerSample.all.enumerated().reversed()
    where !apart.contains(sample.description) && !(sample.layer is Lambda) {
      places[type(of: sample.layer).typeName] = place
    }
    return places.values.sorted()
  }()

  /// A number in place of samples, and integers: what stops the program speaks in the name of the layer, or of one that
  /// stands in it, and not of a function that the user did not call.
  @Test("It speaks in its own name", arguments: kinds)
  func messages(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      [number] in
      let sample = LayerSample.all[number]
      for x in [Tensor(1), sample.x.cast(to: .int32)] { _ = sample.layer.predict(x) }
      // Not every layer minds.
      exit(66)
    }
    var names: [String] = []
    var layer: any Layer = LayerSample.all[number].layer
    layer.forEachModule { _, module in names.append(type(of: module).typeName) }
    let printed = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      !printed.contains("error: ") || names.contains { printed.contains("error: \($0): ") },
      "\(names): \(printed.prefix(300))")
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
