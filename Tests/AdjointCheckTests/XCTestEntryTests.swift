#if !canImport(ObjectiveC)
  import Adjoint
  import AdjointCheck
  import AdjointXCTest
  import WrongGradients
  import XCTest

  /// The entry for XCTest fails the test that calls it, at the line of the call.
  final class XCTestEntryTests: XCTestCase {
    private var failures: [(description: String, line: Int)] = []
    private var isCollecting = false

    override func recordFailure(
      withDescription description: String, inFile filePath: String, atLine lineNumber: Int,
      expected: Bool
    ) {
      guard isCollecting else {
        return super.recordFailure(
          withDescription: description, inFile: filePath, atLine: lineNumber, expected: expected)
      }
      failures.append((description, lineNumber))
    }

    func testRightGradientsPassAndWrongOnesFailAtTheLineOfTheCall() {
      let right = checkGradients(at: [Tensor([0.5])]) { [$0[0].sin()] }
      XCTAssertTrue(assertGradients(right))
      let wrong = GradientCase.wrong[0].check(0)
      isCollecting = true
      let line = #line + 1
      let passed = assertGradients(wrong)
      isCollecting = false
      XCTAssertFalse(passed)
      XCTAssertEqual(failures.map(\.line), [line])
      XCTAssertTrue(failures.first?.description.contains("the −mean(dy) term") ?? false)
    }
  }
#endif
