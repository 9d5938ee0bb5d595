/// The Euclidean length, also of elements whose squares are no numbers.
func length(of vector: [Double]) -> Double {
  let largest = vector.lazy.map(abs).max() ?? 0
  guard largest > 0, largest.isFinite else { return largest }
  return largest * vector.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
}

/// The largest difference; where one is not finite the other must be the same.
func distance(_ left: [Double], _ right: [Double]) -> Double {
  zip(left, right).reduce(0) { max($0, distance($1.0, $1.1)) }
}

/// The difference; where one number is not finite the other must be the same.
func distance(_ a: Double, _ b: Double) -> Double {
  if a == b || a.isNaN && b.isNaN { return 0 }
  let difference = abs(a - b)
  return difference.isNaN ? .infinity : difference
}
