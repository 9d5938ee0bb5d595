import Adjoint
import AdjointNN
import Testing

/// A text in which the next character follows from the two before, and not from the last alone: after a comes b, c
/// or d in turn.
@Suite("Small language models learn")
struct CharacterModelTests {
  private static let text = Array("abacadabacadabacadabacadabacadabacad")
  private static let alphabet = Array("abcd")

  private static func numbers(_ text: [Character]) -> [Int32] {
    text.map { Int32(alphabet.firstIndex(of: $0)!) }
  }

  /// Windows of the text and what follows each character, int32[N, T].
  private func windows(_ length: Int) -> (inputs: Tensor, targets: Tensor) {
    let numbers = Self.numbers(Self.text)
    let starts = 0..<6
    func rows(_ shift: Int) -> Tensor {
      Tensor(starts.flatMap { numbers[$0 + shift..<$0 + shift + length] }, shape: [6, length])
    }
    return (rows(0), rows(1))
  }

  /// The loss but for the first places, whose next character is not known.
  private func loss(_ logits: Tensor, _ targets: Tensor) -> Tensor {
    let known = 3..<targets.shape[1]
    let (y, labels) = (logits.slice(known, along: 1), targets.slice(known, along: 1))
    return softmaxCrossEntropy(
      y.reshaped(to: [-1, y.shape[2]]), labels.reshaped(to: [labels.count]))
  }

  /// Characters and places to vectors, causal layers, and logits by the table of the characters.
  private struct GPT: Layer {
    var characters: Embedding
    var places: LearnedPositions
    var encoder: TransformerEncoder

    init(using generator: inout Philox) {
      characters = Embedding(4, 16, weight: .normal(deviation: 0.2), using: &generator)
      places = LearnedPositions(32, 16, weight: .normal(deviation: 0.2), using: &generator)
      encoder = TransformerEncoder(
        16, heads: 2, layers: 1,
        TransformerOptions(inner: 32, activation: GELU(), dropout: 0, isCausal: true),
        using: &generator)
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("characters", &characters)
      visitor.child("places", &places)
      visitor.child("encoder", &encoder)
    }

    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      characters.logits(of: encoder(places(characters(x, mode), mode), mode))
    }

    /// The characters that follow a beginning, each the likeliest.
    mutating func continued(_ beginning: Tensor, by count: Int) -> [Int32] {
      var (caches, next, found): ([KeyValueCache], Tensor, [Int32]) = ([], beginning, [])
      for _ in 0..<count {
        let first = caches.first?.count ?? 0
        let x = places(characters(next, .inference), from: first)
        let logits = characters.logits(of: encoder(x, caches: &caches, .inference))
        let last = logits.shape[1] - 1
        next = logits.slice(last..<last + 1, along: 1).argMax(over: 2)
        found.append([Int32](next)[0])
      }
      return found
    }
  }

  @Test func aGPT() {
    var generator = Philox(seed: 1)
    var model = GPT(using: &generator)
    let (inputs, targets) = windows(12)
    var optimizer = Adam(learningRate: 0.01)
    for _ in 0..<60 {
      let (_, gradient) = valueAndGradient(of: &model) { loss($0(inputs, .training), targets) }
      optimizer.update(&model, along: gradient)
    }
    // Who looks at the last character only guesses one of three after a: half of the places, log(3)/2 = 0.55.
    let after = Double(loss(model.predict(inputs), targets))
    #expect(after < 0.1, "\(after)")
    let beginning = Self.text[..<7]
    let next = model.continued(
      Tensor(Self.numbers(Array(beginning)), shape: [1, 7]), by: 5)
    #expect(next == Self.numbers(Array(Self.text[7..<12])))
  }

  private struct CharacterLSTM: Layer {
    var characters: Embedding
    var network: LSTM
    var output: Linear

    init(using generator: inout Philox) {
      characters = Embedding(4, 8, using: &generator)
      network = LSTM(8, 16, using: &generator)
      output = Linear(16, 4, using: &generator)
    }

    mutating func visit(_ visitor: inout Visitor) {
      visitor.child("characters", &characters)
      visitor.child("network", &network)
      visitor.child("output", &output)
    }

    mutating func callAsFunction(_ x: Tensor, _ mode: Mode) -> Tensor {
      output(network(characters(x, mode), mode), mode)
    }
  }

  @Test func anLSTM() {
    var generator = Philox(seed: 2)
    var model = CharacterLSTM(using: &generator)
    let (inputs, targets) = windows(10)
    var optimizer = Adam(learningRate: 0.03)
    for _ in 0..<60 {
      let (_, gradient) = valueAndGradient(of: &model) { loss($0(inputs, .training), targets) }
      optimizer.update(&model, along: gradient)
    }
    let after = Double(loss(model.predict(inputs), targets))
    #expect(after < 0.1, "\(after)")
  }
}
