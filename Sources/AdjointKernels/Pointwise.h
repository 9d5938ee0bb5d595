// Functions of one and two numbers, element by element.

#pragma clang fp contract(off)

// MARK: Elementary functions of float

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

INLINE Float16Lanes withSignOf(Float16Lanes magnitude, Float16Lanes x) {
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

// MARK: Loops

#define LOOP1(formula)                                       \
  do {                                                       \
    for (; i + 16 <= count; i += 16) {                       \
      const Float16Lanes x = load16(source + i);             \
      store16(target + i, (formula));                        \
    }                                                        \
    if (i < count) {                                         \
      const Float16Lanes x = loadFirst(source + i, count - i); \
      storeFirst(target + i, (formula), count - i);          \
    }                                                        \
  } while (0)

static void unary(AdjointUnary function, const float *source, float *target, size_t count) {
  size_t i = 0;
  switch (function) {
    case adjointNegate: LOOP1(-x); break;
    case adjointReciprocal: LOOP1(1.0f / x); break;
    case adjointSquareRoot: LOOP1(root16(x)); break;
    case adjointReciprocalSquareRoot: LOOP1(1.0f / root16(x)); break;
    case adjointSquare: LOOP1(x * x); break;
    case adjointExponential: LOOP1(exp16(x)); break;
    case adjointLogarithm: LOOP1(log16(x)); break;
    case adjointTanh: LOOP1(tanh16(x)); break;
    case adjointSigmoid: LOOP1(sigmoid16(x)); break;
    case adjointErrorFunction: LOOP1(erf16(x)); break;
    case adjointRectified: LOOP1((Float16Lanes)((Int16Lanes)x & ~(x < 0.0f))); break;
    case adjointMagnitude: LOOP1(magnitude16(x)); break;
    case adjointSigmoidLinear: LOOP1(x * sigmoid16(x)); break;
    case adjointGeluByTanh: LOOP1(x * sigmoid16(geluArgument(x))); break;
  }
}

// Each operand is an array, or one number for all.
#define LOOP2(formula)                                                                       \
  do {                                                                                       \
    for (; i + 16 <= count; i += 16) {                                                       \
      const Float16Lanes a = aStep ? load16(left + i) : all16(*left);                        \
      const Float16Lanes b = bStep ? load16(right + i) : all16(*right);                      \
      store16(target + i, (formula));                                                        \
    }                                                                                        \
    if (i < count) {                                                                         \
      const Float16Lanes a = aStep ? loadFirst(left + i, count - i) : all16(*left);          \
      const Float16Lanes b = bStep ? loadFirst(right + i, count - i) : all16(*right);        \
      storeFirst(target + i, (formula), count - i);                                          \
    }                                                                                        \
  } while (0)

INLINE void binaryWith(
    AdjointBinary function, const int aStep, const int bStep, const float *left,
    const float *right, float *target, size_t count) {
  size_t i = 0;
  switch (function) {
    case adjointAdd: LOOP2(a + b); break;
    case adjointSubtract: LOOP2(a - b); break;
    case adjointMultiply: LOOP2(a * b); break;
    case adjointDivide: LOOP2(a / b); break;
    case adjointMaximum: LOOP2(choose((a != a) | (a > b), a, b)); break;
    case adjointMinimum: LOOP2(choose((a != a) | (a < b), a, b)); break;
    case adjointGate: LOOP2((Float16Lanes)((Int16Lanes)a & (b > 0.0f))); break;
    case adjointTanhGradient: LOOP2(a * (1.0f - b * b)); break;
    case adjointSigmoidGradient: LOOP2(a * b * (1.0f - b)); break;
    case adjointGeluGradient: LOOP2(geluGradient16(a, b)); break;
    case adjointSiluGradient: LOOP2(siluGradient16(a, b)); break;
  }
}

static void binary(
    AdjointBinary function, int aRepeats, int bRepeats, const float *a, const float *b, float *y,
    size_t count) {
  if (!aRepeats && !bRepeats) binaryWith(function, 1, 1, a, b, y, count);
  else if (!aRepeats) binaryWith(function, 1, 0, a, b, y, count);
  else if (!bRepeats) binaryWith(function, 0, 1, a, b, y, count);
  else binaryWith(function, 0, 0, a, b, y, count);
}

// y = x · scale + shift, with numbers of their own for each channel; for rows first ..< last of outer.
static void channelAffine(
    AdjointBatchShape shape, size_t first, size_t last, const float *restrict x,
    const float *restrict scale, const float *restrict shift, float *restrict y) {
  const size_t inner = shape.inner, channels = shape.channels;
  for (size_t n = first; n < last; n++) {
    const size_t start = n * channels * inner;
    if (inner == 1) {
      for (size_t c = 0; c < channels; c++) y[start + c] = x[start + c] * scale[c] + shift[c];
      continue;
    }
    for (size_t c = 0; c < channels; c++) {
      const float factor = scale[c], summand = shift[c];
      const size_t from = start + c * inner;
      for (size_t i = from; i < from + inner; i++) y[i] = x[i] * factor + summand;
    }
  }
}

// MARK: Optimizers

// v ← μ·v + (1 − d)·g, where g has λ·p added; p ← p − η·v, or p − η·(g + μ·v). Each operation
// rounds, in the order of the formula.
static void gradientDescent(
    AdjointGradientDescent rule, size_t count, const float *restrict gradient,
    const float *restrict oldParameter, const float *restrict oldVelocity,
    float *restrict parameter, float *restrict velocity) {
  const float rate = rule.learningRate, momentum = rule.momentum;
  const float share = rule.share, decay = rule.weightDecay;
  for (size_t i = 0; i < count; i++) {
    float step = gradient[i];
    if (decay != 0) step += oldParameter[i] * decay;
    if (momentum != 0) {
      const float kept = oldVelocity ? oldVelocity[i] * momentum + step * share : step;
      velocity[i] = kept;
      step = rule.isNesterov ? step + kept * momentum : kept;
    }
    parameter[i] = oldParameter[i] - step * rate;
  }
}

static void adam(
    AdjointAdam rule, size_t count, const float *restrict gradient,
    const float *restrict oldParameter, const float *restrict oldMean,
    const float *restrict oldSquare, float *restrict parameter, float *restrict mean,
    float *restrict square) {
  const float beta1 = rule.beta1, rest1 = rule.rest1, beta2 = rule.beta2, rest2 = rule.rest2;
  const float squareBias = rule.squareBias, epsilon = rule.epsilon, rate = rule.rate;
  const float decay = rule.weightDecay, kept = rule.kept;
#define UPDATE(load, store)                                                                       \
  Float16Lanes g = load(gradient + i), p = load(oldParameter + i);                                \
  if (decay != 0 && rule.isDecoupled) p = p * kept;                                               \
  else if (decay != 0) g = g + p * decay;                                                         \
  const Float16Lanes m = load(oldMean + i) * beta1 + g * rest1;                                   \
  const Float16Lanes v = load(oldSquare + i) * beta2 + g * g * rest2;                             \
  store(mean + i, m);                                                                             \
  store(square + i, v);                                                                           \
  store(parameter + i, p - m / (root16(v / squareBias) + epsilon) * rate)
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    UPDATE(load16, store16);
  }
  if (i < count) {
#define LOAD(pointer) loadFirst(pointer, count - i)
#define STORE(pointer, value) storeFirst(pointer, value, count - i)
    UPDATE(LOAD, STORE);
#undef STORE
#undef LOAD
  }
#undef UPDATE
}
