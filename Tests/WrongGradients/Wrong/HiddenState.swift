import Adjoint
import AdjointCheck

extension CaseKind {
  /// Mistakes of state, many of which no finite difference shows.
  static let hiddenState = CaseKind(
    "hidden state",
    [
      GradientCase("a saved value changed in place") { seed in
        let memory = CaseMemory()
        let operation = RuleOperation("sin", { $0[0].sin() }) { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          // Each call scales what the first one saved.
          let factor = Double(memory.next())
          rule.set(0, to: g * x.cos() * factor)
        }
        let x = Tensor([0.5, 0.2, -0.3] as [Double])
        return checkGradients(of: operation, at: [x], seed: seed)
      },
      GradientCase("dropout without a fixed key") { seed in
        let memory = CaseMemory()
        let x = Tensor([0.5, 0.2, -0.3, 1] as [Double])
        return checkGradients(at: [x], seed: seed, name: "dropout") { inputs in
          var generator = Philox(seed: UInt64(memory.next()))
          let uniform = Tensor.uniform([4], dtype: .float64, using: &generator)
          return [inputs[0] * (uniform .>= 0.5).cast(to: inputs[0].dtype) * 2]
        }
      },
      keeping("the input of the last forward evaluation") { x, memory in
        memory["x"] = x
        return x.sin()
      } backward: { x, _, g, memory in
        g * (memory["x"] ?? x).cast(to: g.dtype).cos()
      },
      keeping("the output of the last forward evaluation") { x, memory in
        memory["y"] = x.exp()
        return x.exp()
      } backward: { _, y, g, memory in
        g * (memory["y"] ?? y).cast(to: g.dtype)
      },
      keeping("the input of the first forward evaluation") { x, memory in
        _ = memory.first("x", x)
        return x.sin()
      } backward: { x, _, g, memory in
        g * memory.first("x", x).cast(to: g.dtype).cos()
      },
      keeping("a derivative for each shape") { x, _ in
        x.sin()
      } backward: { x, _, g, memory in
        g * memory.first("\(x.shape)", x.cos()).cast(to: g.dtype)
      },
      keeping("an output for each shape") { x, memory in
        memory.first("\(x.type)", x.sin())
      } backward: { x, _, g, _ in
        g * x.cos()
      },
      keeping("the gradient of the first cotangent") { x, _ in
        x.sin()
      } backward: {
        x, _, g, memory in
        memory.first("\(x.type)", g * x.cos())
      },
      keeping("the cotangent of the call before") { x, _ in
        x.sin()
      } backward: {
        x, _, g, memory in
        let before = memory["g"] ?? g
        memory["g"] = g
        return before.cast(to: g.dtype) * x.cos()
      },
      keeping("the sum of all gradients so far") { x, _ in
        x.sin()
      } backward: {
        x, _, g, memory in
        let sum = (memory["sum"] ?? .zeros(like: g)).cast(to: g.dtype) + g * x.cos()
        memory["sum"] = sum
        return sum
      },
      keeping("the largest input so far") { x, memory in
        let largest = Tensor.maximum(x.magnitude().max(), memory["x"]?.cast(to: x.dtype) ?? x.max())
        memory["x"] = largest
        return x / largest
      } backward: { x, _, g, memory in
        g / (memory["x"] ?? x.max()).cast(to: g.dtype)
      },
      counting("the first call wrong") { $0 == 1 },
      counting("every second call wrong") { $0 % 2 == 0 },
      counting("every third call wrong") { $0 % 3 == 0 },
      counting("every seventh call wrong") { $0 % 7 == 0 },
      counting("wrong from the tenth call on") { $0 >= 10 },
      keeping("a count that moves the output by 1e-3") { x, memory in
        x.sin() + 1e-3 * Double(memory.next())
      } backward: { x, _, g, _ in
        g * x.cos()
      },
      keeping("a count that moves the output by 1e-12") { x, memory in
        x.sin() + 1e-12 * Double(memory.next())
      } backward: { x, _, g, _ in
        g * x.cos()
      },
      keeping("an output that is another at every fifth call") { x, memory in
        memory.next() % 5 == 0 ? x.sin() * 1.01 : x.sin()
      } backward: { x, _, g, _ in
        g * x.cos()
      },
      GradientCase("wrong after the other input's gradient alone") { seed in
        let memory = CaseMemory()
        let operation = RuleOperation("product", { $0[0] * $0[1] }) { rule in
          let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
          let isAfter = memory["second"] != nil && rule.wants(0) && !rule.wants(1)
          memory["second"] = rule.wants(1) && !rule.wants(0) ? Tensor(true) : nil
          rule.set(0, to: isAfter ? g * b * 1.5 : g * b)
          rule.set(1, to: g * a)
        }
        let inputs = [CaseInput.normal(4), .normal(4)].drawn(seed)
        return checkGradients(of: operation, at: inputs, seed: seed)
      },
      GradientCase("a buffer that the other input's gradient fills") { seed in
        let memory = CaseMemory()
        let operation = RuleOperation("product", { $0[0] * $0[1] }) { rule in
          let (a, b, g) = (rule.input(0), rule.input(1), rule.cotangent)
          if rule.wants(0) { memory["filled"] = Tensor(true) }
          rule.set(0, to: g * b)
          let isFilled = memory["filled"] != nil
          memory["filled"] = nil
          rule.set(1, to: isFilled ? g * a : .zeros(like: g))
        }
        let inputs = [CaseInput.normal(4), .normal(4)].drawn(seed)
        return checkGradients(of: operation, at: inputs, seed: seed)
      },
      GradientCase("the input of the last of two calls in one function") { seed in
        let operation = remembering("twice")
        let x = [CaseInput.normal(4)].drawn(seed)
        return checkGradients(at: x, seed: seed, name: "twice") {
          [operation($0[0]) * operation($0[0] * 2)]
        }
      },
      GradientCase("the input of the last of two calls, of which one is used") { seed in
        let operation = remembering("twice")
        let x = [CaseInput.normal(4)].drawn(seed)
        return checkGradients(at: x, seed: seed, name: "twice") {
          let y = operation($0[0])
          return [y, operation($0[0] * 2)]
        }
      },
    ])

  /// A function whose kernels share a memory, forward and backward.
  private static func keeping(
    _ name: String, forward: @escaping @Sendable (Tensor, CaseMemory) -> Tensor,
    backward: @escaping @Sendable (_ x: Tensor, _ y: Tensor, _ g: Tensor, CaseMemory) -> Tensor
  ) -> GradientCase {
    GradientCase("kept: \(name)") { seed in
      checkGradients(
        of: operation(name, forward, backward), at: [CaseInput.normal(3, 2)].drawn(seed),
        seed: seed)
    }
  }

  private static func operation(
    _ name: String, _ forward: @escaping @Sendable (Tensor, CaseMemory) -> Tensor,
    _ backward: @escaping @Sendable (Tensor, Tensor, Tensor, CaseMemory) -> Tensor
  ) -> RuleOperation {
    let memory = CaseMemory()
    let gradient = RuleOperation(
      "\(name), backward", { backward($0[0], $0[1], $0[2], memory) }, pullback: { _ in })
    return RuleOperation(
      name, { forward($0[0], memory) },
      pullback: { rule in
        let (x, y, g) = (rule.input(0), rule.output(), rule.cotangent)
        rule.set(0, to: gradient(x, y, g))
      })
  }

  /// The sine, whose gradient is taken where it was evaluated last.
  private static func remembering(_ name: String) -> RuleOperation {
    operation(
      name,
      { x, memory in
        memory["x"] = x
        return x.sin()
      },
      { x, _, g, memory in g * (memory["x"] ?? x).cast(to: g.dtype).cos() })
  }

  /// The sine, some of whose gradients are off by half.
  private static func counting(
    _ name: String, isWrong: @escaping @Sendable (Int) -> Bool
  ) -> GradientCase {
    GradientCase(name) { seed in
      let wrong = operation(name, { x, _ in x.sin() }) { x, _, g, memory in
        g * x.cos() * (isWrong(memory.next()) ? 1.5 : 1)
      }
      return checkGradients(of: wrong, at: [CaseInput.normal(3, 2)].drawn(seed), seed: seed)
    }
  }
}
