// Random normal numbers: the quantiles of uniform ones. Only + − × ÷ and √ are used, none of them fused, so that
// they are the same everywhere, bit for bit.
//
// Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988), PPND16.

#pragma clang fp contract(off)

#define HORNER(c, r)                                                                         \
  (((((((c[7] * r + c[6]) * r + c[5]) * r + c[4]) * r + c[3]) * r + c[2]) * r + c[1]) * r + c[0])

// log x for normal positive numbers: x = 2ᵏ·m, √½ ≤ m < √2, and log m = 2·artanh(s), s = (m − 1)/(m + 1).
INLINE Double8Lanes plainLogarithm(Double8Lanes x) {
  const RandomWords bits = (RandomWords)x, whole = (RandomWords)((Double8Lanes){} + 0x1p52);
  Double8Lanes exponent = (Double8Lanes)(bits >> 52 | whole) - (0x1p52 + 1023);
  Double8Lanes m = (Double8Lanes)((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  const Long8Lanes isAbove = m > 1.4142135623730951;
  m = choose(isAbove, m * 0.5, m);
  exponent = choose(isAbove, exponent + 1, exponent);
  const Double8Lanes s = (m - 1) / (m + 1);
  Double8Lanes series = {};
#pragma clang loop unroll(full)
  for (int term = 11; term >= 0; term--) series = series * s * s + 1.0 / (2 * term + 1);
  return exponent * 0.693147180559945309417 + 2 * s * series;
}

// |q| ≤ 0.425, q = p − ½.
INLINE Double8Lanes centralQuantile(Double8Lanes q) {
  static const double above[8] = {
      3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
      1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
      3.3430575583588128105e4, 2.5090809287301226727e3};
  static const double below[8] = {
      1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
      2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
      5.2264952788528545610e3};
  const Double8Lanes r = 0.180625 - q * q;
  return q * HORNER(above, r) / HORNER(below, r);
}

// Nearer to the ends, of the probability of the nearer end; the sign is that of the upper one.
INLINE Double8Lanes tailQuantile(Double8Lanes p) {
  static const double above[8] = {
      1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
      3.64784832476320460504, 1.27045825245236838258, 2.41780725177450611770e-1,
      2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static const double below[8] = {
      1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
      1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
      1.05075007164441684324e-9};
  static const double farAbove[8] = {
      6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
      2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
      2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static const double farBelow[8] = {
      1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
      7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
      2.04426310338993978564e-15};
  const Double8Lanes r = __builtin_elementwise_sqrt(-plainLogarithm(p));
  const Double8Lanes nearR = r - 1.6;
  Double8Lanes y = HORNER(above, nearR) / HORNER(below, nearR);
  const Long8Lanes isFar = r > 5;
  if (any(isFar)) {
    const Double8Lanes farR = r - 5;
    y = choose(isFar, HORNER(farAbove, farR) / HORNER(farBelow, farR), y);
  }
  return y;
}

#undef HORNER

// How many numbers are worked on at once.
enum { normalBlock = 256 };

// Gathers the probabilities that are near the ends, and their places; returns how many there are.
INLINE size_t pickTails(const double *p, size_t count, double *tails, uint32_t *places) {
  size_t tailCount = 0, i = 0;
#if REGISTER == 64 && defined(__x86_64__)
  for (; i + 8 <= count; i += 8) {
    const __m512d value = _mm512_loadu_pd(p + i), q = _mm512_sub_pd(value, _mm512_set1_pd(0.5));
    const __mmask8 isNear = _mm512_cmp_pd_mask(_mm512_abs_pd(q), _mm512_set1_pd(0.425), _CMP_GT_OQ);
    const __m256i place =
        _mm256_add_epi32(_mm256_set1_epi32((int)i), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    _mm512_storeu_pd(tails + tailCount, _mm512_maskz_compress_pd(isNear, value));
    _mm256_storeu_si256(
        (__m256i *)(places + tailCount), _mm256_maskz_compress_epi32(isNear, place));
    tailCount += (size_t)__builtin_popcount(isNear);
  }
#endif
  for (; i < count; i++) {
    places[tailCount] = (uint32_t)i;
    tails[tailCount] = p[i];
    tailCount += __builtin_fabs(p[i] - 0.5) > 0.425;
  }
  return tailCount;
}

// Replaces probabilities, more than 0 and less than 1, by quantiles; there is room for whole vectors.
INLINE void normalQuantiles(double *p, size_t count) {
  // What is near the ends is computed by itself: a sixth of all.
  double tails[normalBlock + 8];
  uint32_t places[normalBlock + 8];
  const size_t tailCount = pickTails(p, count, tails, places);
  for (size_t i = 0; i < count; i += 8) {
    Double8InMemory *const block = (Double8InMemory *)(p + i);
    *block = centralQuantile(*block - 0.5);
  }
  for (size_t i = tailCount; i % 8 != 0; i++) tails[i] = 0.5;
  for (size_t i = 0; i < tailCount; i += 8) {
    const Double8Lanes probability = *(const Double8InMemory *)(tails + i);
    const Long8Lanes isLower = probability < 0.5;
    const Double8Lanes y = tailQuantile(choose(isLower, probability, 1 - probability));
    *(Double8InMemory *)(tails + i) = choose(isLower, -y, y);
  }
  for (size_t i = 0; i < tailCount; i++) p[places[i]] = tails[i];
}

// y = mean + deviation · quantile of the middle of one of 2⁵³ equal parts of 0 ... 1, so that neither end
// occurs.
#define NORMAL(Name, Element)                                                                \
  static void normal##Name(                                                                  \
      uint64_t seed, uint64_t draw, uint64_t first, size_t count, double mean,               \
      double deviation, void *restrict ys) {                                                 \
    Element *y = ys;                                                                         \
    _Alignas(64) double numbers[normalBlock];                                                \
    for (size_t start = 0; start < count; start += normalBlock) {                            \
      const size_t size = count - start < normalBlock ? count - start : normalBlock;         \
      for (size_t i = 0; i < size; i += 16) {                                                \
        const RandomBlocks blocks = randomBlocks(seed, draw, first + (start + i) / 2);       \
        const RandomNumbers value = interleaved(                                             \
            (upperBits(blocks.a, blocks.b) + 0.5) * 0x1p-53,                                 \
            (upperBits(blocks.c, blocks.d) + 0.5) * 0x1p-53);                                \
        *(Double8Lanes *)(numbers + i) = value.low;                                          \
        *(Double8Lanes *)(numbers + i + 8) = value.high;                                     \
      }                                                                                      \
      normalQuantiles(numbers, size);                                                        \
      for (size_t i = 0; i < size; i++) y[start + i] = (Element)(mean + deviation * numbers[i]); \
    }                                                                                        \
  }
NORMAL(Float, float)
NORMAL(Double, double)
#undef NORMAL
