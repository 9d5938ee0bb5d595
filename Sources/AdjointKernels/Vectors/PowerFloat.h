// Powers of float: 2^(b·log₂ a), the logarithm and the product in double.

// n + r/log 2 = b·log₂ a for a > 0, of eight.
OVERLOAD Float8Lanes powerParts(Float8Lanes a, Float8Lanes b, Float8Lanes *n) {
  Double8Lanes e;
  const Double8Lanes f = mantissaAndExponent(__builtin_convertvector(a, Double8Lanes), &e) - 1;
  const Double8Lanes logarithm =
      multiplyAdd(POLYNOMIAL_IN_FOUR(f, binaryLogarithmTermsDouble), f, e);
  // Beyond it the result is 0 or infinite.
  const double limit = 200;
  const Double8Lanes y =
      atLeast(-limit, atMost(limit, __builtin_convertvector(b, Double8Lanes) * logarithm));
  const Double8Lanes whole = nearestInteger(y), r = (y - whole) * 0.6931471805599453;
  *n = __builtin_convertvector(whole, Float8Lanes);
  return __builtin_convertvector(r, Float8Lanes);
}

// aᵇ, with all special cases of C. Within 1 ulp.
OVERLOAD Float16Lanes power(Float16Lanes a, Float16Lanes b) {
#define LOW(x) __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)
#define HIGH(x) __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15)
#define JOINED(x, y) \
  __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  const Float16Lanes size = magnitude(a);
  Float8Lanes n[2];
  const Float8Lanes low = powerParts(LOW(size), LOW(b), &n[0]);
  const Float8Lanes high = powerParts(HIGH(size), HIGH(b), &n[1]);
  const Float16Lanes result =
      scaled(exponentialOfRemainder(JOINED(low, high)), JOINED(n[0], n[1]));
#undef LOW
#undef HIGH
#undef JOINED
  const Int16Lanes isPlain = isPlainPower(a, b);
  return any(~isPlain) ? choose(isPlain, result, powerWithLimits(result, a, b)) : result;
}
