// What sixteen lanes of float and eight of double have in common, one name for both.
//
// Multiplication and addition are fused only where it says so, in `multiplyAdd`: the compiler chooses
// nothing, and the bits of one instruction set are the same wherever an element lies.

#pragma clang fp contract(off)

// Integers of the size of a double, and masks: all bits of a lane, or none.
typedef int64_t Long8Lanes __attribute__((vector_size(64)));
typedef uint64_t ULong8Lanes __attribute__((vector_size(64)));

#if REGISTER > 16 || defined(__aarch64__)
#define HAS_FUSED 1
#else
#define HAS_FUSED 0
#endif

#if REGISTER == 64 && defined(__x86_64__)
#define HAS_AVX512 1
#else
#define HAS_AVX512 0
#endif

OVERLOAD Float16Lanes loadLanes(const float *source) { return load16(source); }
OVERLOAD Double8Lanes loadLanes(const double *source) { return *(const Double8InMemory *)source; }

OVERLOAD void storeLanes(float *target, Float16Lanes value) { store16(target, value); }
OVERLOAD void storeLanes(double *target, Double8Lanes value) { *(Double8InMemory *)target = value; }

// The first `count` of eight elements, and zeros.
OVERLOAD Double8Lanes loadFirst(const double *source, size_t count) {
#if HAS_AVX512
  return (Double8Lanes)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), source);
#else
  Double8Lanes value = {};
  memcpy(&value, source, count * sizeof(double));
  return value;
#endif
}

OVERLOAD void storeFirst(double *target, Double8Lanes value, size_t count) {
#if HAS_AVX512
  _mm512_mask_storeu_pd(target, (__mmask8)((1u << count) - 1), (__m512d)value);
#else
  memcpy(target, &value, count * sizeof(double));
#endif
}

// One number in all lanes; −0 stays −0.
OVERLOAD Float16Lanes all(float value) { return value - (Float16Lanes){}; }
OVERLOAD Double8Lanes all(double value) { return value - (Double8Lanes){}; }

OVERLOAD Int16Lanes choose(Int16Lanes mask, Int16Lanes a, Int16Lanes b) {
  return (a & mask) | (b & ~mask);
}
OVERLOAD Double8Lanes choose(Long8Lanes mask, Double8Lanes a, Double8Lanes b) {
  return (Double8Lanes)(((Long8Lanes)a & mask) | ((Long8Lanes)b & ~mask));
}

// Whether the mask is set in some lane.
// Whether elements that lie together are all zeros: known at the first, nearly always.
OVERLOAD int isZeros(const float *x, size_t count) {
  while (count && *x == 0) x++, count--;
  return count == 0;
}
OVERLOAD int isZeros(const double *x, size_t count) {
  while (count && *x == 0) x++, count--;
  return count == 0;
}

OVERLOAD int any(Int16Lanes mask) { return __builtin_reduce_or(mask) != 0; }
OVERLOAD int any(Long8Lanes mask) { return __builtin_reduce_or(mask) != 0; }

// x where it is less, and where it is NaN.
OVERLOAD Float16Lanes atMost(float limit, Float16Lanes x) {
  return choose(x > limit, all(limit), x);
}
OVERLOAD Double8Lanes atMost(double limit, Double8Lanes x) {
  return choose(x > limit, all(limit), x);
}
OVERLOAD Float16Lanes atLeast(float limit, Float16Lanes x) {
  return choose(x < limit, all(limit), x);
}
OVERLOAD Double8Lanes atLeast(double limit, Double8Lanes x) {
  return choose(x < limit, all(limit), x);
}

OVERLOAD Float16Lanes magnitude(Float16Lanes x) {
  return (Float16Lanes)((Int16Lanes)x & INT32_MAX);
}
OVERLOAD Double8Lanes magnitude(Double8Lanes x) {
  return (Double8Lanes)((Long8Lanes)x & INT64_MAX);
}

// The magnitude, or what has the sign of x already, with the sign of x: for zeros.
OVERLOAD Float16Lanes withSignOf(Float16Lanes magnitude, Float16Lanes x) {
  return (Float16Lanes)((Int16Lanes)magnitude | ((Int16Lanes)x & INT32_MIN));
}
OVERLOAD Double8Lanes withSignOf(Double8Lanes magnitude, Double8Lanes x) {
  return (Double8Lanes)((Long8Lanes)magnitude | ((Long8Lanes)x & INT64_MIN));
}

OVERLOAD Float16Lanes squareRoot(Float16Lanes x) { return __builtin_elementwise_sqrt(x); }
OVERLOAD Double8Lanes squareRoot(Double8Lanes x) { return __builtin_elementwise_sqrt(x); }

// a · b + c, rounded once where the instruction set can.
#if HAS_FUSED
#define MULTIPLY_ADD __builtin_elementwise_fma(a, b, c)
#else
#define MULTIPLY_ADD (a * b + c)
#endif
OVERLOAD Float16Lanes multiplyAdd(Float16Lanes a, Float16Lanes b, Float16Lanes c) {
  return MULTIPLY_ADD;
}
OVERLOAD Double8Lanes multiplyAdd(Double8Lanes a, Double8Lanes b, Double8Lanes c) {
  return MULTIPLY_ADD;
}
#undef MULTIPLY_ADD

// What a · b, rounded to `product`, has lost: exact, or next to it, if nothing of it is too small. Where
// nothing is fused, of halves whose products are exact (T. Dekker, 1971).
#if HAS_FUSED
#define LOST_BITS(Lanes, Integers, kept) return __builtin_elementwise_fma(a, b, -product)
#else
#define LOST_BITS(Lanes, Integers, kept)                                                      \
  const Lanes aHigh = (Lanes)((Integers)a & (kept)), bHigh = (Lanes)((Integers)b & (kept));   \
  const Lanes aLow = a - aHigh, bLow = b - bHigh;                                             \
  return aLow * bLow + (aLow * bHigh + (aHigh * bLow + (aHigh * bHigh - product)))
#endif
OVERLOAD Float16Lanes lostBits(Float16Lanes a, Float16Lanes b, Float16Lanes product) {
  LOST_BITS(Float16Lanes, Int16Lanes, ~0xfff);
}
OVERLOAD Double8Lanes lostBits(Double8Lanes a, Double8Lanes b, Double8Lanes product) {
  LOST_BITS(Double8Lanes, Long8Lanes, ~(int64_t)0x7ffffff);
}
#undef LOST_BITS

// The sum of c_k xᵏ, the highest coefficient first (Horner).
#define HORNER(ELEMENT, Lanes)                                                                  \
  OVERLOAD Lanes polynomial(Lanes x, const ELEMENT *coefficients, int count) {                  \
    Lanes sum = all(coefficients[0]);                                                           \
    _Pragma("clang loop unroll(full)") for (int k = 1; k < count; k++)                          \
        sum = multiplyAdd(sum, x, all(coefficients[k]));                                        \
    return sum;                                                                                 \
  }
HORNER(float, Float16Lanes)
HORNER(double, Double8Lanes)
#undef HORNER

// The same in four sums of powers of x⁴ (G. Estrin, 1960), at least four terms: where they are so many
// that one step waits for another, or x is large and every step of Horner's rule would leave its rounding
// error in the result.
#define ESTRIN(ELEMENT, Lanes)                                                                  \
  OVERLOAD Lanes polynomialInFour(Lanes x, const ELEMENT *coefficients, int count) {           \
    const Lanes square = x * x, fourth = square * square;                                       \
    Lanes sums[4];                                                                              \
    _Pragma("clang loop unroll(full)") for (int k = 0; k < count; k++) {                        \
      const int power = count - 1 - k;                                                          \
      const Lanes c = all(coefficients[k]);                                                     \
      sums[power & 3] = k < 4 ? c : multiplyAdd(sums[power & 3], fourth, c);                    \
    }                                                                                           \
    return multiplyAdd(                                                                         \
        multiplyAdd(sums[3], x, sums[2]), square, multiplyAdd(sums[1], x, sums[0]));            \
  }
ESTRIN(float, Float16Lanes)
ESTRIN(double, Double8Lanes)
#undef ESTRIN

#define COUNT(coefficients) ((int)(sizeof(coefficients) / sizeof *(coefficients)))
#define POLYNOMIAL(x, coefficients) polynomial(x, coefficients, COUNT(coefficients))
#define POLYNOMIAL_IN_FOUR(x, coefficients) polynomialInFour(x, coefficients, COUNT(coefficients))

// The same with the lowest term in a step of its own: of a polynomial in what is small its rounding alone counts.
#define POLYNOMIAL_IN_FOUR_AND_ONE(x, coefficients)                                             \
  multiplyAdd(                                                                                  \
      polynomialInFour(x, coefficients, COUNT(coefficients) - 1), x,                            \
      all((coefficients)[COUNT(coefficients) - 1]))
