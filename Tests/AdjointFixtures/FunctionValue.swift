import Adjoint
import Foundation

/// The right value of a function at a place, from 60 digits.
public struct FunctionValue: Sendable {
  public let function: String
  public let dtype: DType
  /// The arguments, as bits.
  public let arguments: [UInt64]
  /// The number nearest to the value, as bits.
  public let value: UInt64
  /// The largest error that is promised, in units of the value's last place; without fused multiply-add
  /// two fifths more.
  public let bound: Double

  /// All that `Tests/Sweeps/sweep.py` has written.
  public static let all: [FunctionValue] = {
    do {
      let file = Fixture.data.appendingPathComponent("functions/values.csv")
      return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
        .map(FunctionValue.init(line:))
    } catch {
      fatalError("functions/values.csv: \(error)")
    }
  }()

  private init(line: Substring) {
    let fields = line.split(separator: ",")
    func bits(_ field: Substring) -> [UInt64] {
      field.split(separator: " ").compactMap { UInt64($0, radix: 16) }
    }
    guard fields.count == 5, let dtype = DType.allCases.first(where: { "\($0)" == fields[1] }),
      let value = bits(fields[3]).first, let bound = Double(fields[4])
    else { fatalError("functions/values.csv: \(line) is no line of values") }
    (function, self.dtype, arguments) = (String(fields[0]), dtype, bits(fields[2]))
    (self.value, self.bound) = (value, bound)
  }
}
