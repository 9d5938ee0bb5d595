// Powers of two, put into numbers and taken out of them, for one type of lanes: included for each.

// Adding and subtracting it rounds to the nearest integer, if that is less than a quarter of it.
#define ROUNDER ((ELEMENT)1.5 * (ELEMENT)(1ll << MANTISSA_BITS))

OVERLOAD LANES nearestInteger(LANES x) { return (x + ROUNDER) - ROUNDER; }

// 2ⁿ of an integer, from where it has an exponent of its own, or a bit below for 0, to where it is finite.
OVERLOAD LANES powerOfTwo(LANES n) {
  return (LANES)(((INTEGERS)(n + ROUNDER) << MANTISSA_BITS) + (INTEGERS)all((ELEMENT)1));
}

// x · 2ⁿ, rounded once, to what may be infinite, without an exponent of its own, or 0.
OVERLOAD LANES scaled(LANES x, LANES n) {
#if HAS_AVX512
  return (LANES)AVX512(scalef)((REGISTER512)x, (REGISTER512)n);
#else
  // In two steps, as 2ⁿ itself may be no number where the result is one.
  const LANES half = nearestInteger(n * (ELEMENT)0.5);
  return x * powerOfTwo(half) * powerOfTwo(n - half);
#endif
}

// The same for |x| < 4, and 0 where n is too small for anything else.
//
// Processors take a hundred times longer over a result that is too small for an exponent of its own, so that
// zeros are not computed here: the exponentials of −∞ behind a mask, say.
OVERLOAD LANES scaledOrZero(LANES x, LANES n) {
  const INTEGERS vanishes = n < -(ELEMENT)(EXPONENT_BIAS + MANTISSA_BITS + 1);
  return choose(vanishes, (LANES){}, scaled(x, choose(vanishes, (LANES){}, n)));
}

// x = 2ᵉ · m with m from ¾ to 1½, or −¾ to −1½.
//
// On AVX-512 e is infinite where x or 1/x is, and m is NaN below 0; elsewhere the caller sees to these.
OVERLOAD LANES mantissaAndExponent(LANES x, LANES *e) {
#if HAS_AVX512
  const REGISTER512 m = AVX512(getmant)((REGISTER512)x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan);
  *e = (LANES)AVX512(getexp)((REGISTER512)x) - (LANES)AVX512(getexp)(m);
  return (LANES)m;
#else
  // What is too small for an exponent of its own is taken larger.
  const INTEGERS isSmall = x < SMALLEST_NORMAL;
  const ELEMENT step = (ELEMENT)(1ll << (MANTISSA_BITS + 1));
  const INTEGERS bits = (INTEGERS)choose(isSmall, x * step, x);
  const INTEGERS one = (INTEGERS)all((ELEMENT)1), least = (INTEGERS)all((ELEMENT)0.75);
  const INTEGERS moved = bits + (one - least);
  // The exponent's bits below those of 2^MANTISSA_BITS make a number.
  const ELEMENT whole = (ELEMENT)(1ll << MANTISSA_BITS);
  const UNSIGNED biased = (UNSIGNED)moved >> MANTISSA_BITS;
  const LANES exponent = (LANES)((INTEGERS)biased | (INTEGERS)all(whole)) - (whole + EXPONENT_BIAS);
  *e = choose(isSmall, exponent - (ELEMENT)(MANTISSA_BITS + 1), exponent);
  return (LANES)((moved & ((1ll << MANTISSA_BITS) - 1)) + least);
#endif
}
