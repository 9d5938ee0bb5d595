// Batch norm in training, forward and backward, with sums in double.
//
//   x: [outer, channels, inner] -> y: the same, and per channel: mean, variance, inverse
//   x, dy, per channel: scale, mean, inverse -> dx, and per channel: dscale, dshift
//
// Both directions pass over a channel twice: once for the sums, once for the result, which finds
// the channel in the cache. Sums are those of x − K with K the first value of the channel: exact
// in double, so that an offset costs nothing and a constant channel has the variance 0. They are
// added up in one order, whatever the instruction set and the number of threads. Backward, they are
// those of x less the mean, rounded to the element's kind as in the second pass: products of floats with
// the gradient are then exact in double. Where x less the mean might overflow, the center is 0 in its place.

// What the second forward pass needs of a channel: y = (x − center) · factor + shift. `center` is the mean
// rounded to the element's kind, so that x − center is exact where it matters; the shift makes up for what
// that leaves.
typedef struct {
  ELEMENT center, factor, shift;
} LABEL(Normalization);

// What x is centred by in the element's kind: the mean, or 0 where x less the mean might overflow. No
// deviation is larger than √n · σ, and where that is beyond the kind, factors are so small that 0 is as good
// a center as any.
INLINE ELEMENT LABEL(centerOf)(ELEMENT mean, double inverseDeviation, double count) {
  const double smallest = __builtin_elementwise_sqrt(count) / LARGEST;
  return inverseDeviation < smallest ? 0 : mean;
}

INLINE LABEL(Normalization) LABEL(finishStatistics)(
    double first, double sum, double squares, double count, double epsilon, ELEMENT scale,
    ELEMENT shift, ELEMENT *mean, ELEMENT *variance, ELEMENT *inverse) {
  const double offset = sum / count;
  double spread = squares / count - offset * offset;
  spread = spread < 0 ? 0 : spread;
  // Squares that have overflowed, of what is finite, are no less than all there is.
  if (squares > __DBL_MAX__ && __builtin_fabs(sum) <= __DBL_MAX__) spread = squares;
  const double center = first + offset;
  const double inverseDeviation = 1 / __builtin_elementwise_sqrt(spread + epsilon);
  const double factor = inverseDeviation * scale;
  const ELEMENT subtrahend = LABEL(centerOf)((ELEMENT)center, inverseDeviation, count);
  // Not center less what it is rounded to: it is rounded itself.
  const double remainder = (first - (double)subtrahend) + offset;
  *mean = (ELEMENT)center;
  *variance = (ELEMENT)spread;
  *inverse = (ELEMENT)inverseDeviation;
  return (LABEL(Normalization)){
      subtrahend, (ELEMENT)factor, (ELEMENT)(shift - remainder * factor)};
}

// The centers of channels, from their means and inverse deviations, for the backward passes.
static void LABEL(batchNormCenters)(
    size_t channels, double count, const void *restrict means, const void *restrict inverses,
    void *restrict centers) {
  const ELEMENT *mean = means, *inverse = inverses;
  ELEMENT *center = centers;
  for (size_t c = 0; c < channels; c++) center[c] = LABEL(centerOf)(mean[c], inverse[c], count);
}

// What the second backward pass needs of a channel:
// dx = ((dy − summand) − (x − center) · slope) · factor.
typedef struct {
  ELEMENT center, summand, slope, factor;
} LABEL(NormalizationGradient);

// From the sums of dy, of x − center, and of their products.
INLINE LABEL(NormalizationGradient) LABEL(finishGradient)(
    double center, double sum, double centred, double product, double count, double scale,
    double inverse, ELEMENT *dscale, ELEMENT *dshift) {
  const double remainder = centred / count;
  // Σ (dy − S₁)·(c − r), where Σ c = n·r.
  const double projection = (product - sum * remainder) * inverse;
  const double slope = projection / count * inverse;
  *dscale = (ELEMENT)projection;
  *dshift = (ELEMENT)sum;
  return (LABEL(NormalizationGradient)){
      (ELEMENT)center, (ELEMENT)(sum / count - remainder * slope), (ELEMENT)slope,
      (ELEMENT)(scale * inverse)};
}

INLINE int LABEL(isAligned)(const ELEMENT *pointer, size_t step) {
  return ((uintptr_t)pointer | step * sizeof(ELEMENT)) % 64 == 0;
}
