// The exponential function and what is made of it, for one type of lanes: included for each.
//
// x = n·log 2 + r with |r| ≤ ½·log 2, and eˣ = 2ⁿ·eʳ (Cephes, S. Moshier), eʳ = 1 + r + r²·P(r).

// The remainder r of x, and n.
OVERLOAD LANES remainderOfLogarithm2(LANES x, LANES *n) {
  *n = multiplyAdd(x, all(OF(binaryLogarithmOfE)), all(ROUNDER)) - ROUNDER;
  // The first product is exact.
  const LANES r = multiplyAdd(*n, all(-OF(logarithm2High)), x);
  return multiplyAdd(*n, all(-OF(logarithm2Low)), r);
}

OVERLOAD LANES exponentialOfRemainderMinusOne(LANES r) {
  return multiplyAdd(POLYNOMIAL(r, OF(exponentialTerms)), r * r, r);
}

OVERLOAD LANES exponentialOfRemainder(LANES r) {
#if HAS_FUSED
  const LANES slope = multiplyAdd(POLYNOMIAL(r, OF(exponentialTerms)), r, all((ELEMENT)1));
  return multiplyAdd(slope, r, all((ELEMENT)1));
#else
  // A multiplication more, but one rounding less next to the result.
  return exponentialOfRemainderMinusOne(r) + 1;
#endif
}

// eˣ = m · 2ⁿ for x of which the result is no less than 0 and no more than infinite.
OVERLOAD LANES exponentialParts(LANES x, LANES *n) {
  return exponentialOfRemainder(remainderOfLogarithm2(x, n));
}

// eˣ where that is no more than infinite. Within 1 ulp.
OVERLOAD LANES decay(LANES x) {
  LANES n;
  const LANES m = exponentialParts(x, &n);
  return scaledOrZero(m, n);
}

// eˣ. Within 1 ulp.
OVERLOAD LANES exponential(LANES x) { return decay(atMost(OF(exponentialLimit), x)); }

// eˣ − 1 = (2ⁿ·r + 2ⁿ − 1) + 2ⁿ·(eʳ − 1 − r), with what r has lost; or, where n > 4, of which the first
// sum would be rounded, 2ⁿ·(eʳ − 1 − 2⁻ⁿ) + 2ⁿ. Within 1.2 ulp.
OVERLOAD LANES exponentialMinusOne(LANES x) {
  LANES n;
  const LANES bounded = atLeast(-OF(oneLimit), atMost(OF(overflowLimit), x));
  const LANES r = remainderOfLogarithm2(bounded, &n);
  const LANES exact = multiplyAdd(n, all(-OF(logarithm2High)), bounded);
  const LANES lost = multiplyAdd(n, all(-OF(logarithm2Low)), exact - r);
  const LANES low = multiplyAdd(POLYNOMIAL(r, OF(exponentialTerms)), r * r, lost);
  const INTEGERS isLarge = n > 4;
  // Half of it, as 2ⁿ may be no number where the result is one.
  const LANES half = powerOfTwo(n - 1);
  const LANES first = choose(isLarge, (r - powerOfTwo(-atMost(64, n))) + low, low);
  const LANES second = choose(isLarge, half, multiplyAdd(half, r, half - (ELEMENT)0.5));
  const LANES y = multiplyAdd(half, first, second);
  return choose(magnitude(x) < OF(tiny), x, y + y);
}

// tanh |x| = −t/(2 + t) with t = e^−2|x| − 1. Within 2.6 ulp.
OVERLOAD LANES hyperbolicTangent(LANES x) {
  LANES n;
  const LANES bounded = atLeast(-OF(oneLimit), magnitude(x) * -2);
  const LANES q = exponentialOfRemainderMinusOne(remainderOfLogarithm2(bounded, &n));
  const LANES power = powerOfTwo(n), t = multiplyAdd(power, q, power - 1);
  return withSignOf(magnitude(t / (t + 2)), x);
}

// 1/(1 + e⁻ˣ), by way of the exponential that does not overflow: with e = e^−|x|, y/(1 + e) with y = 1 or e.
// That is y − y·s with s = e/(1 + e), whose errors count for less. Within 2 ulp.
OVERLOAD LANES sigmoid(LANES x) {
  const LANES e = decay(-magnitude(x)), y = choose(x < 0, e, all((ELEMENT)1));
  return multiplyAdd(e / (e + 1), -y, y);
}

// (1 + e)², with one rounding where products and sums are fused.
OVERLOAD LANES squareOfOnePlus(LANES e) { return multiplyAdd(e + 2, e, all((ELEMENT)1)); }

// e^−|x|/(1 + e^−|x|)². Within 2.5 ulp.
OVERLOAD LANES sigmoidSlope(LANES x) {
  const LANES e = decay(-magnitude(x));
  return e / squareOfOnePlus(e);
}

// 1 − tanh² x = 4·e^−2|x|/(1 + e^−2|x|)², four times the exponential being what is rounded where it is
// very small. Within 2.5 ulp.
OVERLOAD LANES hyperbolicTangentSlope(LANES x) {
  LANES n;
  const LANES m = exponentialParts(magnitude(x) * -2, &n);
  const LANES e4 = scaledOrZero(m, n + 2);
  return e4 / squareOfOnePlus(e4 * (ELEMENT)0.25);
}

// e^|x|/2 = a·(c + s) and e^−|x|/2 = b·(c − s) with c = cosh r and s = sinh r, a and b halved once more:
// so 2·cosh x is (a + b)·c + (a − b)·s, 2·sinh x is (a + b)·s + (a − b)·c.
OVERLOAD void hyperbolicParts(LANES x, LANES *a, LANES *b, LANES *cosineMinusOne, LANES *sine) {
  LANES n;
  const LANES bounded = atMost(OF(hyperbolicLimit), magnitude(x));
  const LANES r = remainderOfLogarithm2(bounded, &n), square = r * r;
  *sine = multiplyAdd(POLYNOMIAL(square, OF(hyperbolicSineTerms)), square * r, r);
  *cosineMinusOne = POLYNOMIAL(square, OF(hyperbolicCosineTerms)) * square;
  // Where n is large, b does not count.
  *a = powerOfTwo(n - 2);
  *b = powerOfTwo(-2 - atMost(64, n));
}

// Within 2 ulp.
OVERLOAD LANES hyperbolicSine(LANES x) {
  LANES a, b, cosineMinusOne, sine;
  hyperbolicParts(x, &a, &b, &cosineMinusOne, &sine);
  const LANES y = multiplyAdd(sine, a + b, cosineMinusOne * (a - b)) + (a - b);
  return choose(magnitude(x) < OF(tiny), x, withSignOf(y + y, x));
}

// Within 2 ulp.
OVERLOAD LANES hyperbolicCosine(LANES x) {
  LANES a, b, cosineMinusOne, sine;
  hyperbolicParts(x, &a, &b, &cosineMinusOne, &sine);
  const LANES y = multiplyAdd(sine, a - b, multiplyAdd(cosineMinusOne, a + b, b)) + a;
  return y + y;
}
