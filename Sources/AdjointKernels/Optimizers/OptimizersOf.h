// Steps of optimizers, element by element: any part of a parameter can be changed alone, and the new values may
// take the places of the old ones.

// UPDATE(load, store) for 16 elements at a time from i on, and for those that are left.
#define LOAD_REST(source) loadFirst16(source, count - i)
#define STORE_REST(target, value) storeFirst16(target, value, count - i)
#define UPDATE_ALL                  \
  size_t i = 0;                     \
  for (; i + 16 <= count; i += 16) { \
    UPDATE(load16, store16);        \
  }                                 \
  if (i < count) {                  \
    UPDATE(LOAD_REST, STORE_REST);  \
  }

// v ← μ·v + (1 − d)·g, where g has λ·p added; p ← p − η·v, or p − η·(g + μ·v). Each operation
// rounds, in the order of the formula.
static void LABEL(gradientDescent)(
    AdjointGradientDescent rule, size_t count, const void *gradients, const void *oldParameters,
    const void *oldVelocities, void *parameters, void *velocities) {
  const ELEMENT *gradient = gradients, *oldParameter = oldParameters, *oldVelocity = oldVelocities;
  ELEMENT *parameter = parameters, *velocity = velocities;
  const ELEMENT rate = (ELEMENT)rule.learningRate, momentum = (ELEMENT)rule.momentum;
  const ELEMENT share = (ELEMENT)rule.share, decay = (ELEMENT)rule.weightDecay;
#define UPDATE(load, store)                                                              \
  const VALUES p = load(oldParameter + i);                                               \
  VALUES step = load(gradient + i);                                                      \
  if (rule.decaysWeights) step = step + p * decay;                                       \
  if (rule.hasMomentum) {                                                                \
    const VALUES v = oldVelocity ? load(oldVelocity + i) * momentum + step * share : step; \
    store(velocity + i, v);                                                              \
    step = rule.isNesterov ? step + v * momentum : v;                                    \
  }                                                                                      \
  store(parameter + i, p - step * rate)
  UPDATE_ALL
#undef UPDATE
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
    AdjointAdam rule, size_t count, const void *gradients, const void *oldParameters,
    const void *oldMeans, const void *oldSquares, void *parameters, void *means, void *squares) {
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
  UPDATE_ALL
#undef UPDATE
}

#undef UPDATE_ALL
#undef STORE_REST
#undef LOAD_REST
