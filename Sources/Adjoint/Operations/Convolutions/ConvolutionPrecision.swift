/// How convolutions of 3 by 3 with stride and dilation 1 are computed: fast, or as precisely as others.
///
/// `fast` is Winograd's algorithm F(4×4, 3×3), which takes a quarter of the multiplications. Rounding
/// errors are about twice those of a direct sum: for normal numbers 7e-7 of the result in the root of
/// the mean square in float32, and 1.5e-15 in float64, from 16 channels to 128.
///
/// Results are made in tiles of 4 by 4, from windows of 6 by 6 elements, and errors are relative to the
/// largest element of such a window. So **a finite element changes results outside its own windows too,
/// in the tiles that it has part in, up to 5 rows or columns away, but by no more than rounding of
/// that element**: where |x| is its magnitude, |w| that of the largest weight and u the unit roundoff, 6e-8
/// in float32, by some 10·u·|x|·|w|, and at most 100·u·|x|·|w| for each of the 80 roundings on the way.
///
/// NaN and infinities spoil those results whose windows hold them, and no others: a tile that does not
/// come out finite, as its elements are not, or are so large that the algorithm overflows, is computed
/// directly. So is all of a convolution whose filters are not finite or that large, and all of the
/// gradient by the filters if a part of it does not come out finite.
///
/// `precise` adds up the products themselves, always. Source: Lavin & Gray, "Fast algorithms for
/// convolutional neural networks" (2016), with the points 0, ±¾, ±3/2 and ∞.
public enum ConvolutionPrecision: String, Sendable, Hashable, CaseIterable {
  /// Winograd's algorithm, where it pays.
  case fast
  /// A direct sum of products.
  case precise

  /// What convolutions take unless said otherwise: `fast`, or what the environment variable
  /// `ADJOINT_CONVOLUTIONS` said when the first convolution was recorded.
  public static let standard: ConvolutionPrecision = {
    guard let name = environment("ADJOINT_CONVOLUTIONS") else { return .fast }
    guard let precision = ConvolutionPrecision(rawValue: name) else {
      stop("ADJOINT_CONVOLUTIONS: \(name) is neither fast nor precise")
    }
    return precision
  }()
}

/// What the operations of convolution have in common beside their windows.
///
/// In one word: an entry of a graph holds an operation in place, if it has no more than three.
struct ConvolutionKind: Sendable, Hashable {
  private let groupCount: Int32
  let precision: ConvolutionPrecision
  /// The number of the input that is a cotangent, or −1.
  private let cotangent: Int8

  init(groups: Int, precision: ConvolutionPrecision = .standard, cotangentInput: Int? = nil) {
    groupCount = Int32(clamping: groups)
    self.precision = precision
    cotangent = Int8(cotangentInput ?? -1)
  }

  /// The input that is a cotangent; nil if there is none.
  var cotangentInput: Int? { cotangent < 0 ? nil : Int(cotangent) }

  /// The same, of an operation with an input that is a cotangent.
  func withCotangent(_ input: Int) -> ConvolutionKind {
    ConvolutionKind(groups: groups, precision: precision, cotangentInput: input)
  }

  var groups: Int { Int(groupCount) }

  /// For listings.
  var attributes: String {
    (groups == 1 ? "" : " groups: \(groups)") + (precision == .fast ? "" : " \(precision)")
  }
}

extension Convolution {
  init(windows: Windows, groups: Int, precision: ConvolutionPrecision = .standard) {
    self.init(windows: windows, kind: ConvolutionKind(groups: groups, precision: precision))
  }
}

extension ConvolutionInputGradient {
  init(
    windows: Windows, groups: Int, extents: [Int], precision: ConvolutionPrecision = .standard
  ) {
    let kind = ConvolutionKind(groups: groups, precision: precision)
    self.init(windows: windows, kind: kind, extents: extents)
  }
}

extension ConvolutionWeightGradient {
  init(windows: Windows, groups: Int, precision: ConvolutionPrecision = .standard) {
    self.init(windows: windows, kind: ConvolutionKind(groups: groups, precision: precision))
  }
}
