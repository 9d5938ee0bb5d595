// Steps of optimizers, element by element: any part of a parameter can be changed alone.

// v ← μ·v + (1 − d)·g, where g has λ·p added; p ← p − η·v, or p − η·(g + μ·v). Each operation
// rounds, in the order of the formula.
static void LABEL(gradientDescent)(
    AdjointGradientDescent rule, size_t count, const void *restrict gradients,
    const void *restrict oldParameters, const void *restrict oldVelocities,
    void *restrict parameters, void *restrict velocities) {
  const ELEMENT *gradient = gradients, *oldParameter = oldParameters, *oldVelocity = oldVelocities;
  ELEMENT *parameter = parameters, *velocity = velocities;
  const ELEMENT rate = (ELEMENT)rule.learningRate, momentum = (ELEMENT)rule.momentum;
  const ELEMENT share = (ELEMENT)rule.share, decay = (ELEMENT)rule.weightDecay;
  for (size_t i = 0; i < count; i++) {
    ELEMENT step = gradient[i];
    if (rule.decaysWeights) step += oldParameter[i] * decay;
    if (rule.hasMomentum) {
      const ELEMENT kept = oldVelocity ? oldVelocity[i] * momentum + step * share : step;
      velocity[i] = kept;
      step = (ELEMENT)rule.isNesterov ? step + kept * momentum : kept;
    }
    parameter[i] = oldParameter[i] - step * rate;
  }
}

// A finite number beyond ±LARGEST_GRADIENT made that, of whose square an average does not overflow.
INLINE VALUES LABEL(bounded)(VALUES g) {
  typedef __typeof__(g < g) Mask;
  const Mask sign = (Mask)-(VALUES){};
  const VALUES magnitude = (VALUES)((Mask)g & ~sign);
  const Mask isBeyond = (magnitude > (ELEMENT)LARGEST_GRADIENT) & (magnitude < (ELEMENT)__builtin_inff());
  const Mask bound = (Mask)((VALUES){} + (ELEMENT)LARGEST_GRADIENT) | ((Mask)g & sign);
  return (VALUES)((bound & isBeyond) | ((Mask)g & ~isBeyond));
}

static void LABEL(adam)(
    AdjointAdam rule, size_t count, const void *restrict gradients,
    const void *restrict oldParameters, const void *restrict oldMeans,
    const void *restrict oldSquares, void *restrict parameters, void *restrict means,
    void *restrict squares) {
  const ELEMENT *gradient = gradients, *oldParameter = oldParameters;
  const ELEMENT *oldMean = oldMeans, *oldSquare = oldSquares;
  ELEMENT *parameter = parameters, *mean = means, *square = squares;
  const ELEMENT beta1 = (ELEMENT)rule.beta1, rest1 = (ELEMENT)rule.rest1;
  const ELEMENT beta2 = (ELEMENT)rule.beta2, rest2 = (ELEMENT)rule.rest2;
  const ELEMENT rootOfBias = (ELEMENT)rule.rootOfBias, epsilon = (ELEMENT)rule.epsilon;
  const ELEMENT rate = (ELEMENT)rule.rate;
  const ELEMENT decay = (ELEMENT)rule.weightDecay, kept = (ELEMENT)rule.kept;
#define UPDATE(load, store)                                                                       \
  VALUES g = load(gradient + i), p = load(oldParameter + i);                                \
  if (rule.decaysWeights && rule.isDecoupled) p = p * kept;                                       \
  else if (rule.decaysWeights) g = g + p * decay;                                                 \
  g = LABEL(bounded)(g);                                                                          \
  const VALUES m = load(oldMean + i) * beta1 + g * rest1;                                   \
  const VALUES v = load(oldSquare + i) * beta2 + g * rest2 * g;                             \
  store(mean + i, m);                                                                             \
  store(square + i, v);                                                                           \
  store(parameter + i, p - m / (__builtin_elementwise_sqrt(v) / rootOfBias + epsilon) * rate)
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    UPDATE(load16, store16);
  }
  if (i < count) {
#define LOAD(pointer) loadFirst16(pointer, count - i)
#define STORE(pointer, value) storeFirst16(pointer, value, count - i)
    UPDATE(LOAD, STORE);
#undef STORE
#undef LOAD
  }
#undef UPDATE
}
