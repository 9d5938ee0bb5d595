// The error function and gelu, by tails of the normal distribution, for one type of lanes: included for
// each.
//
// With M(t) = Φ(−t)/φ(t), 1/M(t) is t and a bit, the quotient of two polynomials with positive
// coefficients, P/Q: so Φ(−t) = φ(t)·Q/(t·Q + P), in which errors of Q hardly count. The exponent is
// taken with what the square has lost, and 2ⁿ comes last: tails have all digits down to where they are 0.

// e^(−s·t²) = m · 2ⁿ for s = 1 or ½.
OVERLOAD LANES gaussianParts(LANES t, ELEMENT s, LANES *n) {
  const LANES square = t * t, r = remainderOfLogarithm2(square * -s, n);
  return exponentialOfRemainderMinusOne(multiplyAdd(lostBits(t, t, square), all(-s), r)) + 1;
}

// t·Q, and √π·t·Q + P or √(2π)·t·Q + P, the factor being given with its rounding error.
OVERLOAD LANES tailDivisor(LANES product, LANES p, ELEMENT factor, ELEMENT low) {
  return multiplyAdd(product, all(factor), multiplyAdd(product, all(low), p));
}

// erfc t = e^(−t²)·Q/(√π·t·Q + P) for t ≥ 0.
OVERLOAD LANES errorTail(LANES t) {
  LANES n;
  const LANES m = gaussianParts(t, 1, &n), q = POLYNOMIAL_IN_FOUR(t, OF(errorTailLower));
  const LANES p = POLYNOMIAL_IN_FOUR(t, OF(errorTailUpper));
  return scaled(m * q / tailDivisor(t * q, p, OF(errorTailFactor), OF(errorTailFactorLow)), n);
}

// The slope of erf x, 2/√π · e^(−x²). Within 2 ulp.
OVERLOAD LANES errorFunctionSlope(LANES x) {
  LANES n;
  const LANES m = gaussianParts(atMost(OF(errorLimit) + 1, magnitude(x)), 1, &n);
  return scaled(m * (ELEMENT)1.1283791670955126, n);
}

// erf x = x + x·P(x²) for |x| ≤ 1.
OVERLOAD LANES smallErrorFunction(LANES x) {
  return multiplyAdd(POLYNOMIAL_IN_FOUR(x * x, OF(errorFunctionTerms)), x, x);
}

// erfc x, 1 − erf x where that is small, 2 − erfc |x| below. Within 4 ulp.
OVERLOAD LANES complementaryErrorFunction(LANES x) {
  const LANES size = magnitude(x), tail = errorTail(atMost(OF(errorLimit), size));
  return choose(size < (ELEMENT)0.75, 1 - smallErrorFunction(x), choose(x < 0, 2 - tail, tail));
}

// erf x, 1 − erfc x from 1 on. Within 1.1 ulp.
OVERLOAD LANES errorFunction(LANES x) {
  const LANES size = magnitude(x), tail = errorTail(atMost(OF(errorLimit), size));
  return choose(size < 1, smallErrorFunction(x), withSignOf(1 - tail, x));
}

// gelu x = x·Φ(x) = max(x, 0) − t·Φ(−t) with t = |x|, and Φ(−t) = e^(−t²/2)·Q/(√(2π)·t·Q + P). Within 3.5
// ulp.
OVERLOAD LANES gelu(LANES x) {
  LANES n;
  const LANES t = atMost(OF(geluLimit), magnitude(x)), m = gaussianParts(t, (ELEMENT)0.5, &n);
  const LANES product = t * POLYNOMIAL_IN_FOUR_AND_ONE(t, OF(normalTailLower));
  const LANES p = POLYNOMIAL_IN_FOUR_AND_ONE(t, OF(normalTailUpper));
  const LANES divisor = tailDivisor(product, p, OF(normalTailFactor), OF(normalTailFactorLow));
  const LANES tail = scaled(m * product / divisor, n);
  return smallGelu(x, choose(x >= 0, x - tail, -tail));
}

// Φ(x) + x·φ(x), which is 1 + s at t and −s at −t, with s = φ(t)·(t − M(t)). Its zero, at t = 0.7518, is
// a factor; the other is ⅜ and a quotient. Within 4.5 ulp.
OVERLOAD LANES geluSlope(LANES x) {
  LANES n;
  const LANES t = atMost(OF(geluLimit), magnitude(x)), m = gaussianParts(t, (ELEMENT)0.5, &n);
  const LANES quotient =
      POLYNOMIAL_IN_FOUR(t, OF(geluSlopeUpper)) / POLYNOMIAL_IN_FOUR(t, OF(geluSlopeLower));
  const LANES factor = m * (quotient + (ELEMENT)0.375), rest = factor * -OF(geluSlopeZeroLow);
  const LANES s = scaled(multiplyAdd(factor, t - OF(geluSlopeZero), rest), n);
  return choose(x > 0, s + 1, -s);
}
