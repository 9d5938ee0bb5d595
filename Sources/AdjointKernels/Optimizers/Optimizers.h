// Steps of optimizers, element by element: any part of a parameter can be changed alone.

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
  store(parameter + i, p - m / (squareRoot(v / squareBias) + epsilon) * rate)
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
