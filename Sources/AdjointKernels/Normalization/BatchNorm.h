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
// the gradient are then exact in double.

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
