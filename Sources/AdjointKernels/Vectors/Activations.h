// Activations that are made of the logistic function, for one type of lanes: included for each.
//
// With e = e^−u(t), t = |x| and u odd, x·sigmoid(u(x)) is t/(1 + e) at t, and −t·e/(1 + e) at −t. Its
// slope is 1 + s at t and −s at −t, with s = e·(t·u′(t) − 1 − e)/(1 + e)²: nothing cancels but at its
// zero, near which t·u′(t) − 1 − e is a polynomial in the distance from it.

// Of x, of t, which is not too large, and of e = m · 2ⁿ: y − y·s with s = e/(1 + e) and y either x or
// −t·e; the product without what is infinite in x.
OVERLOAD LANES gated(LANES x, LANES t, LANES m, LANES n) {
  const LANES e = scaled(m, n), s = e / (e + 1);
  const LANES bounded = choose(x < 0, scaled(-t * m, n), t), y = choose(x < 0, bounded, x);
  return withSignOf(multiplyAdd(s, -bounded, y), x);
}

// Of x, e = m · 2ⁿ and `excess`, t·u′(t) − 1 − e.
OVERLOAD LANES gatedSlope(LANES x, LANES m, LANES n, LANES excess) {
  const LANES s = scaled(m * excess, n) / squareOfOnePlus(scaled(m, n));
  return choose(x > 0, s + 1, -s);
}

OVERLOAD LANES siluParts(LANES t, LANES *n) {
  return exponentialOfRemainderMinusOne(remainderOfLogarithm2(-t, n)) + 1;
}

// x·sigmoid x. Within 2.5 ulp.
OVERLOAD LANES silu(LANES x) {
  LANES n;
  const LANES t = atMost(OF(siluLimit), magnitude(x)), m = siluParts(t, &n);
  return gated(x, t, m, n);
}

// Within 4 ulp.
OVERLOAD LANES siluSlope(LANES x) {
  LANES n;
  const LANES t = atMost(OF(siluLimit), magnitude(x)), m = siluParts(t, &n);
  const LANES distance = t - OF(siluSlopeZero);
  const LANES near = multiplyAdd(
      POLYNOMIAL(distance, OF(siluSlopeTerms)), distance, all(OF(siluSlopeAtZero)));
  const LANES excess = choose(magnitude(distance) < (ELEMENT)0.5, near, (t - 1) - scaled(m, n));
  return gatedSlope(x, m, n, excess);
}

// e^−u(t) with u(t) = 2·√(2/π)·(t + 0.044715·t³) = t·(a + b·t²), as m · 2ⁿ. The digits that the
// squares, products and sums lose are kept: u is up to 110, or 760, and its error that of the result.
// Also t·u′(t) − 1 − e^−u(t), of which t·u′(t) is u + 2·b·t³.
OVERLOAD LANES geluByTanhParts(LANES t, LANES *n, LANES *excess) {
  const LANES a = all(OF(geluByTanhFactor)), b = all(OF(geluByTanhCubic));
  const LANES square = t * t, product = b * square, sum = a + product, u = t * sum;
  // What the sum has lost, whichever is larger (D. Knuth, The Art of Computer Programming 2, §4.2.2).
  const LANES rest = sum - a, sumLost = (a - (sum - rest)) + (product - rest);
  LANES low = multiplyAdd(b, lostBits(t, t, square), lostBits(b, square, product));
  low = multiplyAdd(square, all(OF(geluByTanhCubicLow)), low + (sumLost + OF(geluByTanhFactorLow)));
  low = multiplyAdd(t, low, lostBits(t, sum, u));
  const LANES m = exponentialOfRemainderMinusOne(remainderOfLogarithm2(-u, n) - low) + 1;
  *excess = multiplyAdd(product + product, t, u - 1) + (low - scaled(m, *n));
  return m;
}

// x·sigmoid(u(x)), the approximation of gelu by tanh (D. Hendrycks & K. Gimpel, 2016). Within 2.5 ulp.
OVERLOAD LANES geluByTanh(LANES x) {
  LANES n, excess;
  const LANES t = atMost(OF(geluByTanhLimit), magnitude(x)), m = geluByTanhParts(t, &n, &excess);
  return gated(x, t, m, n);
}

// Within 5 ulp.
OVERLOAD LANES geluByTanhSlope(LANES x) {
  LANES n, excess;
  const LANES t = atMost(OF(geluByTanhLimit), magnitude(x)), m = geluByTanhParts(t, &n, &excess);
  const LANES distance = t - OF(geluByTanhSlopeZero);
  const LANES near = multiplyAdd(
      POLYNOMIAL(distance, OF(geluByTanhSlopeTerms)), distance, all(OF(geluByTanhSlopeAtZero)));
  return gatedSlope(x, m, n, choose(magnitude(distance) < (ELEMENT)0.25, near, excess));
}

// The slope of x/(1 + |x|), 1/(1 + |x|)². Where 1 is nothing next to |x|, the inverse is squared, as the
// square may be infinite. Within 2.6 ulp.
OVERLOAD LANES softsignSlope(LANES x) {
  const LANES t = magnitude(x);
  const INTEGERS isLarge = t > (ELEMENT)(4ll << MANTISSA_BITS);
  const LANES inverse = 1 / choose(isLarge, t, squareOfOnePlus(t));
  return choose(isLarge, inverse * inverse, inverse);
}

// x·tanh(log(1 + eˣ)), with e = e^−|x| a quotient: x·(1 + 2e)/(1 + 2e + 2e²), or x·e·(2 + e)/(2 + 2e + e²) where
// x is negative. Within 4 ulp.
OVERLOAD LANES mish(LANES x) {
  LANES n;
  const LANES t = atMost(OF(siluLimit), magnitude(x)), m = siluParts(t, &n), e = scaled(m, n);
  const LANES share = (e + 2) / multiplyAdd(e + 2, e, all((ELEMENT)2));
  const LANES above = multiplyAdd(e, all((ELEMENT)2), all((ELEMENT)1));
  return choose(x < 0, scaled(-t * m * share, n), x * (above / multiplyAdd(e + e, e, above)));
}

// With w = softplus x: tanh w + x·sigmoid x·(1 − tanh² w). What cancels next to its zero is not kept.
OVERLOAD LANES mishSlope(LANES x) {
  const LANES w = softplus(x), product = sigmoid(x) * hyperbolicTangentSlope(w);
  return hyperbolicTangent(w) + choose(product == 0, product, x * product);
}
