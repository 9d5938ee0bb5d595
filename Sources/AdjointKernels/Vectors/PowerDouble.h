// Powers of double: e^(b·log a), the logarithm and the product in two parts each.

// log x as high + low, for x > 0, with a relative error below 2⁻⁶⁴.
//
// log m = 2·artanh s with s = f/(2 + f); artanh s = s + s·(s²/3 + s⁴·P(s²)).
OVERLOAD Double8Lanes logarithmInParts(Double8Lanes x, Double8Lanes *low) {
  Double8Lanes e;
  const Double8Lanes f = mantissaAndExponent(x, &e) - 1;
  const Double8Lanes sum = f + 2, sumLost = f - (sum - 2), inverse = 1 / sum;
  const Double8Lanes s = f * inverse, product = s * sum;
  const Double8Lanes rest = ((f - product) - lostBits(s, sum, product)) - s * sumLost;
  const Double8Lanes sLow = rest * inverse;
  const Double8Lanes z = s * s, zLow = multiplyAdd(s + s, sLow, lostBits(s, s, z));
  // s²/3, a third being a number and 1.85e−17.
  const Double8Lanes third = all(0.33333333333333331), t = z * third;
  const Double8Lanes tLow =
      multiplyAdd(zLow, third, multiplyAdd(z, all(1.850371707708594e-17), lostBits(z, third, t)));
  const Double8Lanes v = z * z * POLYNOMIAL(z, powerTermsDouble), w = t + v;
  const Double8Lanes wLow = ((t - w) + v) + tLow;
  const Double8Lanes p = s * w;
  const Double8Lanes pLow = multiplyAdd(s, wLow, multiplyAdd(sLow, w, lostBits(s, w, p)));
  const Double8Lanes half = s + p, halfLow = ((s - half) + p) + (pLow + sLow);
  // The product is exact, as log 2 is one of 42 bits and a rest.
  const Double8Lanes large = e * 0.6931471805598903, small = half + half, result = large + small;
  const Double8Lanes lost = (large - result) + small;
  *low = multiplyAdd(e, all(5.497923018708371e-14), lost + (halfLow + halfLow));
  return result;
}

// aᵇ, with all special cases of C. Within 1.2 ulp.
OVERLOAD Double8Lanes power(Double8Lanes a, Double8Lanes b) {
  Double8Lanes low, n;
  const Double8Lanes logarithm = logarithmInParts(magnitude(a), &low), y = b * logarithm;
  // Beyond it the result is 0 or infinite, and what was lost may be no number.
  const Double8Lanes yLow = multiplyAdd(b, low, lostBits(b, logarithm, y));
  const Double8Lanes bounded = atLeast(-exponentialLimitDouble, atMost(exponentialLimitDouble, y));
  const Double8Lanes r = remainderOfLogarithm2(bounded, &n) + choose(bounded == y, yLow, all(0.0));
  const Double8Lanes result = scaled(exponentialOfRemainder(r), n);
  const Long8Lanes isPlain = isPlainPower(a, b);
  return any(~isPlain) ? choose(isPlain, result, powerWithLimits(result, a, b)) : result;
}
