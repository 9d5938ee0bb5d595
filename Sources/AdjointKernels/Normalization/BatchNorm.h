// Batch norm in training, forward and backward.
//
//   x: [outer, channels, inner] -> y: the same, and per channel: mean, variance, inverse
//   x, dy, per channel: scale, mean, inverse -> dx, and per channel: dscale, dshift
//
// Both directions pass over a channel twice: once for the sums, once for the result, which finds
// the channel in the cache. Sums are those of x − K with K a value of the channel or near its mean, so that
// an offset costs nothing and a constant channel has the variance 0. They end in double, are added up in one order
// on every instruction set, and each channel by one thread. Backward, they are those of x less the
// mean, rounded to the element's kind as in the second pass.

// What the second forward pass needs of a channel: y = (x − center) · factor + shift. `center` is the mean
// rounded to the element's kind, so that x − center is exact where it matters; the shift makes up for what
// that leaves.
typedef struct {
  ELEMENT center, factor, shift;
} LABEL(Normalization);

INLINE LABEL(Normalization) LABEL(finishStatistics)(
    double first, double sum, double squares, double count, double epsilon, ELEMENT scale,
    ELEMENT shift, ELEMENT *mean, ELEMENT *variance, ELEMENT *inverse) {
  const double offset = sum / count;
  double spread = squares / count - offset * offset;
  spread = spread < 0 ? 0 : spread;
  const double center = first + offset;
  const double inverseDeviation = 1 / __builtin_elementwise_sqrt(spread + epsilon);
  const double factor = inverseDeviation * scale;
  // Not center less what it is rounded to: it is rounded itself.
  const double remainder = (first - (double)(ELEMENT)center) + offset;
  *mean = (ELEMENT)center;
  *variance = (ELEMENT)spread;
  *inverse = (ELEMENT)inverseDeviation;
  return (LABEL(Normalization)){
      (ELEMENT)center, (ELEMENT)factor, (ELEMENT)(shift - remainder * factor)};
}

// What the second backward pass needs of a channel:
// dx = ((dy − summand) − (x − center) · slope) · factor.
typedef struct {
  ELEMENT center, summand, slope, factor;
} LABEL(NormalizationGradient);

// From the sums of dy, of x̂ = (x − center) · inverse, and of their products.
INLINE LABEL(NormalizationGradient) LABEL(finishNormalizedGradient)(
    double center, double sum, double normalized, double product, double count, double scale,
    double inverse, ELEMENT *dscale, ELEMENT *dshift) {
  // What the mean of x̂ is off 0.
  const double remainder = normalized / count;
  // Σ (dy − S₁)·(x̂ − r).
  const double projection = product - sum * remainder, slope = projection / count;
  *dscale = (ELEMENT)projection;
  *dshift = (ELEMENT)sum;
  return (LABEL(NormalizationGradient)){
      (ELEMENT)center, (ELEMENT)(sum / count - remainder * slope), (ELEMENT)(slope * inverse),
      (ELEMENT)(scale * inverse)};
}

// The same from sums with x − center in place of x̂.
INLINE LABEL(NormalizationGradient) LABEL(finishGradient)(
    double center, double sum, double centred, double product, double count, double scale,
    double inverse, ELEMENT *dscale, ELEMENT *dshift) {
  return LABEL(finishNormalizedGradient)(
      center, sum, centred * inverse, product * inverse, count, scale, inverse, dscale, dshift);
}

INLINE int LABEL(isAligned)(const ELEMENT *pointer, size_t step) {
  return ((uintptr_t)pointer | step * sizeof(ELEMENT)) % 64 == 0;
}
