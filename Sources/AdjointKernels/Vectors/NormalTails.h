// The error function and gelu, by tails of the normal distribution, for one type of lanes: included for
// each.
//
// A tail is e^(−t²) or e^(−t²/2) times a quotient of polynomials with positive coefficients. The
// exponent is taken with what the square has lost, and 2ⁿ comes last: so tails have all digits down to
// where they are 0.

// e^(−s·t²) = m · 2ⁿ for s = 1 or ½.
OVERLOAD LANES gaussianParts(LANES t, ELEMENT s, LANES *n) {
  const LANES square = t * t, r = remainderOfLogarithm2(square * -s, n);
  return exponentialOfRemainder(multiplyAdd(lostBits(t, t, square), all(-s), r));
}

#define TAIL(t, name) \
  (POLYNOMIAL_OF_LARGE(t, OF(name##Upper)) / POLYNOMIAL_OF_LARGE(t, OF(name##Lower)))

// erfc t for t ≥ 0.
OVERLOAD LANES errorTail(LANES t) {
  LANES n;
  const LANES m = gaussianParts(t, 1, &n);
  return scaled(m * TAIL(t, errorTail), n);
}

// erfc x, 2 − erfc |x| below 0. Within 4 ulp.
OVERLOAD LANES complementaryErrorFunction(LANES x) {
  const LANES tail = errorTail(atMost(OF(errorLimit), magnitude(x)));
  return choose(x < 0, 2 - tail, tail);
}

// x + x·P(x²) below 1, 1 − erfc x above. Within 2 ulp.
OVERLOAD LANES errorFunction(LANES x) {
  const LANES size = magnitude(x);
  const LANES small = multiplyAdd(POLYNOMIAL(x * x, OF(errorFunctionTerms)), x, x);
  const LANES large = withSignOf(1 - errorTail(atMost(OF(errorLimit), size)), x);
  return choose(size < 1, small, large);
}

// gelu x = x·Φ(x) = max(x, 0) − t·Φ(−t) with t = |x|. Within 4 ulp.
OVERLOAD LANES gelu(LANES x) {
  LANES n;
  const LANES t = atMost(OF(geluLimit), magnitude(x)), m = gaussianParts(t, (ELEMENT)0.5, &n);
  const LANES tail = scaled(t * m * TAIL(t, normalTail), n);
  return choose(x > 0, x - tail, withSignOf(tail, x));
}

// Φ(x) + x·φ(x), which is 1 + s at t and −s at −t, with s = φ(t)·(t − Φ(−t)/φ(t)). Its zero, at
// −0.7518, is a factor. Within 4 ulp.
OVERLOAD LANES geluSlope(LANES x) {
  LANES n;
  const LANES t = atMost(OF(geluLimit), magnitude(x)), m = gaussianParts(t, (ELEMENT)0.5, &n);
  const LANES distance = (t - OF(geluSlopeZero)) - OF(geluSlopeZeroLow);
  const LANES s = scaled(m * distance * TAIL(t, geluSlope), n);
  return choose(x > 0, s + 1, -s);
}

#undef TAIL
