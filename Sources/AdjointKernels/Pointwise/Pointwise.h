// Functions of one and two numbers, element by element.

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
    case adjointSquareRoot: LOOP1(squareRoot(x)); break;
    case adjointReciprocalSquareRoot: LOOP1(1.0f / squareRoot(x)); break;
    case adjointSquare: LOOP1(x * x); break;
    case adjointExponential: LOOP1(exponential(x)); break;
    case adjointLogarithm: LOOP1(logarithm(x)); break;
    case adjointTanh: LOOP1(hyperbolicTangent(x)); break;
    case adjointSigmoid: LOOP1(sigmoid(x)); break;
    case adjointErrorFunction: LOOP1(errorFunction(x)); break;
    case adjointRectified: LOOP1((Float16Lanes)((Int16Lanes)x & ~(x < 0.0f))); break;
    case adjointMagnitude: LOOP1(magnitude(x)); break;
    case adjointSigmoidLinear: LOOP1(silu(x)); break;
    case adjointGeluByTanh: LOOP1(geluByTanh(x)); break;
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
    case adjointGeluGradient: LOOP2(a * geluByTanhSlope(b)); break;
    case adjointSiluGradient: LOOP2(a * siluSlope(b)); break;
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
