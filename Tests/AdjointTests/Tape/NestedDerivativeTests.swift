import Testing

@testable import Adjoint

/// Derivatives inside of what is differentiated, at points of their own.
@Suite("Nested derivatives")
struct NestedDerivativeTests {
  private func scalar(_ value: Double) -> Tensor { Tensor(value, dtype: .float64) }

  @Test func aGradientAtAPlainPointInsideAnother() {
    // d/dx [x · d/dy (x + y) at y = 2] = 1: the inner derivative is 1 and does not count x.
    let g = gradient(at: Tensor(1)) { x in
      (x * gradient(at: Tensor(2)) { y in (x + y).sum() }).sum()
    }
    #expect(Float(g) == 1)
    #expect(g.tape == nil)
  }

  @Test func theInnerDerivativeDependsOnTheOuterVariable() {
    // d/dx [d/dy (x²·y³) at y = 2] = d/dx 12·x² = 24·x.
    let g = gradient(at: scalar(1.5)) { x in
      gradient(at: scalar(2)) { y in x * x * y * y * y }
    }
    #expect(Double(g) == 36)
  }

  @Test func threeLevelsAtPlainPoints() {
    // ∂³/∂x∂y∂z of x·y²·z³ = 6·y·z² at (1, 2, 3).
    let g = gradient(at: scalar(1)) { x in
      gradient(at: scalar(2)) { y in
        gradient(at: scalar(3)) { z in x * y * y * z * z * z }
      }
    }
    #expect(Double(g) == 6 * 2 * 9)
  }

  @Test func everyFunctionThatDifferentiatesNests() {
    let a = Tensor([0.5, -1] as [Double])
    let at = Tensor([1, 2] as [Double])
    // f(y) = a·y² element by element, whose derivatives by y are all linear in a.
    func f(_ y: Tensor, _ a: Tensor) -> Tensor { a * y * y }
    func scalarF(_ y: Tensor, _ a: Tensor) -> Tensor { f(y, a).sum() }
    let functions: [(String, (Tensor) -> Tensor, [Double])] = [
      ("value", { a in valueAndGradient(at: at) { scalarF($0, a) }.value }, [1, 4]),
      ("gradient", { a in gradient(at: at) { scalarF($0, a) }.sum() }, [2, 4]),
      (
        "gradients", { a in gradients(at: [at, at]) { scalarF($0[0], a) + $0[1].sum() }[0].sum() },
        [2, 4]
      ),
      (
        "vjp",
        { a in
          vectorJacobianProduct(at: at, cotangent: Tensor([3, 1], dtype: .float64)) { f($0, a) }
            .product.sum()
        }, [6, 4]
      ),
      (
        "jvp",
        { a in
          jacobianVectorProduct(at: at, along: Tensor([3, 1], dtype: .float64)) { f($0, a) }
            .product.sum()
        }, [6, 4]
      ),
      (
        "hvp",
        { a in
          hessianVectorProduct(at: at, along: Tensor([3, 1], dtype: .float64)) { scalarF($0, a) }
            .sum()
        }, [6, 2]
      ),
      ("jacobian", { a in jacobian(at: at) { f($0, a) }.sum() }, [2, 4]),
      ("hessian", { a in hessian(at: at) { scalarF($0, a) }.sum() }, [2, 2]),
    ]
    for (name, function, expected) in functions {
      #expect([Double](gradient(at: a, of: function)) == expected, "\(name)")
    }
  }

  @Test func aDerivativeMayUseTheTapeThatSomeoneHasMade() {
    let tape = Tape()
    let w = tape.watch(Tensor([2, 3]))
    let slope = gradient(at: Tensor([1, 1])) { x in (w * w * x).sum() }
    #expect(slope.tape === tape)
    #expect([Float](tape.gradients(of: slope.sum(), with: [w])[0]) == [4, 6])
    #expect(tape.graph.check() == nil)
  }

  @Test func aGradientThatIsNotRecordedTakesASeedOfAnotherCall() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2]))
    let y = x * 10
    // The inner gradient is the constant 10·100·s: the derivative of its product with s.
    let g = gradient(at: Tensor([3, 4])) { s in
      (tape.gradients(of: y, seed: s * 100, with: [x])[0] * s).sum()
    }
    #expect([Float](g) == [3000, 4000])
  }

  @Test func aTapeMayJoinAnotherWhileItIsRead() {
    let g = gradient(at: Tensor(5)) { x in
      gradient(at: Tensor([1, 2, 3])) { y in
        let deed = Deed()
        let squares = Meanwhile(deed: deed)(y * y)
        deed.action.withLock { $0 = { _ = y * x } }
        #expect([Float](squares) == [1, 4, 9])
        #expect(Float(x) == 5)
        #expect([Float](squares) == [1, 4, 9])
        #expect([Float](y) == [1, 2, 3])
        return (squares * x).sum()
      }.sum()
    }
    // The inner gradient is 2·x·y.
    #expect(Float(g) == 12)
  }

  @Test func aGradientThatIsZeroIsOnTheTapeLikeOthers() {
    let tape = Tape()
    let (x, z) = (tape.watch(Tensor([1, 2])), tape.watch(Tensor([3, 4])))
    let g = tape.gradients(of: z.sum(), with: [x], recording: true)[0]
    #expect(g.tape === tape)
    #expect([Float](tape.gradients(of: g.sum(), with: [x])[0]) == [0, 0])
    let inner = gradient(at: Tensor(1)) { x in gradient(at: Tensor(2)) { _ in x * 3 } }
    #expect(Float(inner) == 0)
  }

  @Test func groupsStayTogetherWhenATapeJoinsAnother() {
    let tape = Tape()
    let w = tape.watch(Tensor([2, 3]))
    let slope = w.grouped("outer") {
      gradient(at: Tensor([1, 1])) { x in x.grouped("inner") { (x.exp() * w).sum() } }
    }
    let y = slope * 2
    let lines = tape.graphviz.split(separator: "\n").map(String.init)
    let (outer, inner) = (
      lines.firstIndex { $0.contains("label=\"outer\"") },
      lines.firstIndex { $0.contains("label=\"inner\"") }
    )
    let exp = lines.firstIndex {
      $0.contains("label=\"exp") && !$0.contains("Pullback")
    }
    #expect(outer != nil && inner != nil && exp != nil)
    #expect(outer! < inner! && inner! < exp!)
    #expect(y.tape === tape)
    #expect(tape.graph.check() == nil)
  }

  /// exp(x)·sin(x) in a group of its own for each factor: what their rules record is there too, of first and of
  /// second order, and what is recorded afterwards is in none.
  @Test func whatRulesRecordIsInTheGroupOfTheirEntries() {
    let tape = Tape()
    let x = tape.watch(Tensor([1, 2]))
    let y = x.grouped("left") { x.exp() } * x.grouped("right") { x.grouped("inner") { x.sin() } }
    let slope = tape.gradients(of: y.sum(), with: [x], recording: true)[0]
    _ = tape.gradients(of: slope.sum(), with: [x], recording: true)[0]
    _ = -slope
    let (graph, notes) = tape.withRecord { record, _ in (record.graph, record.notes) }
    let paths = notes.groups(of: graph.entries).map { notes.path(of: $0) }
    func places(_ name: String) -> Set<[String]> {
      Set(zip(graph.entries, paths).filter { $0.0.operation.name == name }.map(\.1))
    }
    #expect(places("exp") == [["left"]] && places("sin") == [["right", "inner"]])
    // sin′ = cos, cos′ = −sin: whose rule is recorded on the second way back.
    #expect(places("cos") == [["right", "inner"]])
    #expect(paths.last == [] && graph.entries.last?.operation.name == "negate")
    #expect(paths.contains(["left"]) && !paths.contains(["right"]))
    #expect(graph.check() == nil)
  }

  @Test func manyTasksMayDifferentiateOverOneTape() async {
    let tape = Tape()
    let w = tape.watch(scalar(3))
    let slopes = await withTaskGroup(of: Double.self) { group in
      for power in 1...8 {
        group.addTask {
          // d/dx w·xⁿ at 2 = w·n·2ⁿ⁻¹, and its derivative by w.
          let slope = gradient(at: self.scalar(2)) { x in
            w * (0..<power).reduce(self.scalar(1)) { product, _ in product * x }
          }
          return Double(tape.gradients(of: slope, with: [w])[0]) / Double(power)
        }
      }
      return await group.reduce(into: Set<Double>()) { $0.insert($1) }
    }
    #expect(slopes == [1, 2, 4, 8, 16, 32, 64, 128])
    #expect(tape.graph.check() == nil)
  }

  /// Something to be done, once.
  final class Deed: Sendable, Hashable {
    let action = Guarded<(@Sendable () -> Void)?>(nil)
    static func == (left: Deed, right: Deed) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }

  /// Does something while its kernel runs.
  struct Meanwhile: IdentityOperation {
    let deed: Deed
    var name: String { "meanwhile" }
    func kernelBegins() { deed.action.withLock { $0.take()?() } }
  }
}
