/// A sum, with what rounding has taken from it: the error is one rounding of the result, and n²·2⁻¹⁰⁶ of
/// the summands.
///
/// Source: Knuth, "The Art of Computer Programming", volume 2, 3rd edition (1997), §4.2.2, theorem B.
struct CompensatedSum: BitwiseCopyable {
  private var sum = 0.0
  /// NaN where the sum is not finite.
  private var lost = 0.0

  static func += (sum: inout CompensatedSum, summand: Double) {
    let next = sum.sum + summand
    let added = next - sum.sum
    sum.lost += (sum.sum - (next - added)) + (summand - added)
    sum.sum = next
  }

  /// The sum, rounded once.
  var value: Double { lost.isNaN ? sum : sum + lost }
}
