import Adjoint
import AdjointCheck
import Testing

@testable import WrongGradients

/// What is not a number, or not always the same kind of result, has no differences.
@Suite("Outputs that there are no differences of")
struct FiniteOutputTests {
  /// √x with a gradient that is 77 everywhere.
  private let root = RuleOperation(
    "root", { $0[0].squareRoot() },
    pullback: { rule in
      let g = rule.cotangent
      rule.set(0, to: g * 77)
    })

  @Test func whatIsNoNumberIsUndecided() {
    for x in [[-1, -2], [-1, 4]] as [[Double]] {
      let report = checkGradients(at: [Tensor(x)]) { [root($0[0])] }
      #expect(report.verdicts == [.inconclusive], "\(report)")
      #expect("\(report)".contains("output 0 is NaN in"), "\(report)")
    }
  }

  @Test func whatIsInfiniteEverywhereIsUndecided() {
    let report = checkGradients(at: [Tensor([800, 900] as [Double])]) { [$0[0].exp().sum()] }
    #expect(report.verdicts == [.inconclusive], "\(report)")
    #expect("\(report)".contains("output 0 is infinite in 1 of 1 elements"), "\(report)")
  }

  @Test func whatIsInfiniteInPlacesIsComparedElsewhere() {
    let x = Tensor([0.5, 1, 2] as [Double])
    let mask = Tensor([0, -Double.infinity, 0])
    func check(_ factor: Double) -> GradientReport {
      let sine = RuleOperation(
        "sine", { $0[0].sin() },
        pullback: { rule in
          let (x, g) = (rule.input(0), rule.cotangent)
          rule.set(0, to: g * x.cos() * factor)
        })
      return checkGradients(at: [x]) { [sine($0[0]) + mask] }
    }
    #expect(check(1).passed && "\(check(1))".contains("is infinite in 1 of 3"), "\(check(1))")
    #expect(check(1.01).verdicts.contains(.fail), "\(check(1.01))")
  }

  /// 0/0 of no numbers depends on nothing.
  @Test func whatIsUnknownOfNothingIsNoObstacle() {
    let report = checkGradients(at: [.zeros([0, 2], dtype: .float64)]) {
      [$0[0].sum(over: [0]) / 0]
    }
    #expect(report.findings.map(\.verdict) == [.vacuous], "\(report)")
  }

  @Test func nothingToCompareIsNoPass() {
    let empty = checkGradients(at: [.zeros([0], dtype: .float64)]) { [$0[0].sin()] }
    #expect(!empty.passed && empty.verdicts == [.independent, .vacuous])
    #expect(
      "\(empty)".contains(
        "vacuous: input 0 float64[0] has no elements, so that there is nothing to compare"))
    let both = checkGradients(at: [.zeros([0]), .zeros([2, 0])], inputNames: ["a", "b"]) { inputs in
      [inputs[0].exp(), inputs[1].exp()]
    }
    #expect("\(both)".contains("a float64[0], b float64[2, 0] have no elements"), "\(both)")
    let results = checkGradients(at: [Tensor([1, 2])]) { [$0[0].slice(0..<0, along: 0)] }
    #expect(
      !results.passed && "\(results)".contains("the function returns float64[0] without elements"))
    // Beside an input that has some it is none of the matter.
    let beside = checkGradients(at: [.zeros([0]), Tensor([0.5])]) { [$0[0].sum() + $0[1].sin()] }
    #expect(beside.passed && "\(beside)".contains("independent: input 0 [0]: it has no elements"))
  }

  @Test func resultsThatChangeTheirTypeAreNamed() {
    let report = checkGradients(at: [Tensor([1, 2, 3] as [Double])]) { inputs in
      let x = inputs[0]
      return [Double(x.detached[0]) == 1 ? x.sin() : x.slice(0..<2, along: 0).sin()]
    }
    #expect(!report.passed)
    #expect("\(report)".contains("and [float64[2]] in another call"), "\(report)")
  }
}
