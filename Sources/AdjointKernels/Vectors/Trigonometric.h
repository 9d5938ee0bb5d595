// Sine and cosine, for one type of lanes: included for each.

// sin of a rest and a number of quarter turns: of the rest r + r³·P(r²) or 1 − r²/2 + r⁴·Q(r²).
OVERLOAD LANES sineAfterTurns(LANES r, INTEGERS n) {
  const LANES square = r * r;
  const LANES sine = multiplyAdd(POLYNOMIAL(square, OF(sineTerms)), square * r, r);
  const LANES cosine = multiplyAdd(
      POLYNOMIAL(square, OF(cosineTerms)), square * square,
      multiplyAdd(square, all((ELEMENT)-0.5), all((ELEMENT)1)));
  const LANES y = choose(-(n & 1), cosine, withSignOf(sine, r));
  return (LANES)((INTEGERS)y ^ ((n & 2) << (8 * (int)sizeof(ELEMENT) - 2)));
}

// Within 2 ulp, at any size. ∞ gives NaN.
OVERLOAD LANES sine(LANES x) {
  INTEGERS n;
  const LANES r = restOfAngle(x, &n);
  return sineAfterTurns(r, n);
}

// Within 2 ulp, at any size. ∞ gives NaN.
OVERLOAD LANES cosine(LANES x) {
  INTEGERS n;
  const LANES r = restOfAngle(x, &n);
  return sineAfterTurns(r, n + 1);
}
