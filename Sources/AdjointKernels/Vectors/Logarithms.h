// The logarithm and what is made of it, for one type of lanes: included for each.
//
// x = 2ᵉ·m with m = 1 + f from ¾ to 1½, and log x = e·log 2 + log(1 + f) (Cephes, S. Moshier).

// What the parts of numbers do not give: −∞ at 0, NaN below, ∞ and NaN where x is.
OVERLOAD LANES withLimits(LANES y, LANES x) {
#if HAS_AVX512
  (void)x;
  return y;
#else
  y = choose(x == 0, all(-(ELEMENT)__builtin_inff()), y);
  y = choose(x < 0, all((ELEMENT)__builtin_nanf("")), y);
  return choose((x == (ELEMENT)__builtin_inff()) | (x != x), x, y);
#endif
}

// log x. Within 1 ulp.
OVERLOAD LANES logarithm(LANES x) {
  LANES e;
  const LANES m = mantissaAndExponent(x, &e);
  return withLimits(logarithmOfParts(m - 1, e), x);
}

// log(1 + x) as that of the rounded sum, of whose f what was lost is a part. Within 1 ulp.
OVERLOAD LANES logarithmOfOnePlus(LANES x) {
  const LANES u = x + 1, large = choose(x > 1, x, all((ELEMENT)1));
  const LANES small = choose(x > 1, all((ELEMENT)1), x);
  // Next to what is larger than the wholes, 1 is nothing.
  const INTEGERS isLarge = magnitude(x) > (ELEMENT)(4ll << MANTISSA_BITS);
  const LANES lost = choose(isLarge, all((ELEMENT)0), small - (u - large));
  LANES e;
  const LANES m = mantissaAndExponent(u, &e), f = multiplyAdd(lost, powerOfTwo(-e), m - 1);
  return choose(magnitude(x) < OF(tiny), x, withLimits(logarithmOfParts(f, e), u));
}

// log(1 + eˣ) = max(x, 0) + log(1 + e) with e = e^−|x|, which does not overflow; the logarithm is e·P(e),
// as e is at most 1, the two lowest terms of P one by one, whose roundings count most. Within 2.4 ulp.
OVERLOAD LANES softplus(LANES x) {
  const LANES e = decay(-magnitude(x));
  const int count = COUNT(OF(softplusTerms)) - 2;
  const LANES higher = polynomialInFour(e, OF(softplusTerms), count);
  const LANES p = multiplyAdd(higher, e, all(OF(softplusTerms)[count]));
  return multiplyAdd(
      multiplyAdd(p, e, all(OF(softplusTerms)[count + 1])), e, choose(x > 0, x, all((ELEMENT)0)));
}
