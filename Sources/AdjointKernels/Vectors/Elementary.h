// Elementary functions of float, sixteen at a time. Without fused multiply-add, so that they are the same on
// every instruction set.

#pragma clang fp contract(off)

// eˣ = 2ⁿ·eʳ with x = n·log 2 + r, |r| ≤ ½·log 2; eʳ by a polynomial (Cephes, S. Moshier, expf).
// Within 1 ulp where the result is normal; 0 below −103.98, +∞ above 88.73, NaN for NaN.
INLINE Float16Lanes exp16(Float16Lanes x) {
  const Float16Lanes bounded = choose(x > 89.0f, all16(89.0f), choose(x < -104.0f, all16(-104.0f), x));
  // Adding and subtracting 1.5·2²³ rounds to the nearest integer.
  const Float16Lanes magic = all16(12582912.0f);
  const Float16Lanes n = (bounded * 1.44269504088896341f + magic) - magic;
  const Float16Lanes r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
  Float16Lanes p = all16(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // In two halves, as 2ⁿ itself may be no float where the result is one.
  const Float16Lanes known = choose(n == n, n, all16(0));
  const Int16Lanes power = __builtin_convertvector(known, Int16Lanes), half = power >> 1;
  const Float16Lanes first = (Float16Lanes)((half + 127) << 23);
  const Float16Lanes second = (Float16Lanes)((power - half + 127) << 23);
  return choose(x == x, p * first * second, x);
}

// log x = e·log 2 + log m, m from √½ to √2; log m by a polynomial (Cephes, logf). Within 1 ulp;
// −∞ at 0, NaN below.
INLINE Float16Lanes log16(Float16Lanes x) {
  // What is too small for an exponent of its own is taken 2²³ times as large.
  const Int16Lanes isSmall = x < 1.17549435e-38f;
  const Float16Lanes scaled = choose(isSmall, x * 8388608.0f, x);
  const Int16Lanes bits = (Int16Lanes)scaled;
  Float16Lanes e = __builtin_convertvector(((bits >> 23) & 255) - 126, Float16Lanes);
  e = choose(isSmall, e - 23.0f, e);
  Float16Lanes m = (Float16Lanes)((bits & 0x007fffff) | 0x3f000000);
  const Int16Lanes isBelow = m < 0.707106781186547524f;
  e = choose(isBelow, e - 1.0f, e);
  m = choose(isBelow, m + m, m) - 1.0f;
  const Float16Lanes z = m * m;
  Float16Lanes p = all16(7.0376836292e-2f);
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  p = p * m * z;
  p = p + e * -2.12194440e-4f;
  p = p - z * 0.5f;
  Float16Lanes y = m + p + e * 0.693359375f;
  y = choose(x == 0.0f, all16(-__builtin_inff()), y);
  y = choose(x < 0.0f, all16(__builtin_nanf("")), y);
  return choose((x == __builtin_inff()) | (x != x), x, y);
}

INLINE Float16Lanes magnitude16(Float16Lanes x) {
  return (Float16Lanes)((Int16Lanes)x & 0x7fffffff);
}

INLINE __attribute__((overloadable)) Float16Lanes withSignOf(Float16Lanes magnitude, Float16Lanes x) {
  return (Float16Lanes)((Int16Lanes)magnitude | ((Int16Lanes)x & (int32_t)0x80000000));
}

// x + x·P(x²) below 0.625 (Cephes, tanhf), 1 − 2/(e^2x + 1) above. Within 2 ulp.
INLINE Float16Lanes tanh16(Float16Lanes x) {
  const Float16Lanes size = magnitude16(x), z = x * x;
  Float16Lanes p = all16(-5.70498872745e-3f);
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const Float16Lanes small = p * z * x + x;
  const Float16Lanes large = withSignOf(1.0f - 2.0f / (exp16(size + size) + 1.0f), x);
  return choose(size < 0.625f, small, choose(x == x, large, x));
}

// 1/(1 + e⁻ˣ), by way of the exponential that does not overflow. Within 3 ulp.
INLINE Float16Lanes sigmoid16(Float16Lanes x) {
  const Float16Lanes decay = exp16(-magnitude16(x));
  return choose(x < 0.0f, decay, all16(1.0f)) / (1.0f + decay);
}

// x + x·P(x²) below 15/16, 1 − e^Q(|x|) above, where e^Q is erfc: polynomials fitted at Chebyshev's
// nodes. Within 2 ulp.
INLINE Float16Lanes erf16(Float16Lanes x) {
  const Float16Lanes size = magnitude16(x), z = x * x;
  Float16Lanes p = all16(8.2912185e-5f);
  p = p * z - 8.124385e-4f;
  p = p * z + 5.1994594e-3f;
  p = p * z - 2.6858788e-2f;
  p = p * z + 1.1283685e-1f;
  p = p * z - 3.7612632e-1f;
  p = p * z + 1.2837917e-1f;
  const Float16Lanes small = p * x + x;
  const Float16Lanes t = choose(size > 4.0f, all16(4.0f), size);
  Float16Lanes q = all16(1.6144151687e-6f);
  q = q * t - 4.5598084398e-5f;
  q = q * t + 5.9283705195e-4f;
  q = q * t - 4.7405636869e-3f;
  q = q * t + 2.6365770027e-2f;
  q = q * t - 1.0998027027e-1f;
  q = q * t - 6.3193470240e-1f;
  q = q * t - 1.1301681995f;
  q = q * t + 3.0363447149e-4f;
  const Float16Lanes large = withSignOf(1.0f - exp16(q), x);
  return choose(size < 0.9375f, small, choose(x == x, large, x));
}

INLINE Float16Lanes root16(Float16Lanes x) { return __builtin_elementwise_sqrt(x); }

// The argument of the logistic function in gelu's approximation: 2·√(2/π)·(x + 0.044715·x³).
INLINE Float16Lanes geluArgument(Float16Lanes x) {
  return 1.5957691216057308f * (x + 0.044715f * x * x * x);
}

INLINE Float16Lanes geluGradient16(Float16Lanes g, Float16Lanes x) {
  const Float16Lanes s = sigmoid16(geluArgument(x));
  const Float16Lanes slope = (x * x * 0.134145f + 1.0f) * 1.5957691216057308f;
  return g * (s + x * s * (1.0f - s) * slope);
}

INLINE Float16Lanes siluGradient16(Float16Lanes g, Float16Lanes x) {
  const Float16Lanes s = sigmoid16(x);
  return g * (s + x * s * (1.0f - s));
}
