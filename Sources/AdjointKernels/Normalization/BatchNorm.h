// Batch norm in training, forward and backward, of float with sums in double.
//
//   x: [outer, channels, inner] -> y: the same, and per channel: mean, variance, inverse
//   x, dy, per channel: scale, mean, inverse -> dx, and per channel: dscale, dshift
//
// Both directions pass over a channel twice: once for the sums, once for the result, which finds
// the channel in the cache. Sums are those of x − K with K the first value of the channel: exact
// in double, so that an offset costs nothing and a constant channel has the variance 0. They are
// added up in one order on every instruction set, and each channel by one thread. Backward, they are
// those of x less the mean, rounded to float as in the second pass: products with the gradient are then
// exact in double.

// What the second forward pass needs of a channel: y = ((x − center) − remainder) · factor + shift.
// `center` is the mean rounded to float, and the remainder what that leaves: x − center is exact
// where it matters.
typedef struct {
  float center, remainder, factor, shift;
} Normalization;

INLINE Normalization finishStatistics(
    double first, double sum, double squares, double count, double epsilon, float scale,
    float shift, float *mean, float *variance, float *inverse) {
  const double offset = sum / count;
  double spread = squares / count - offset * offset;
  spread = spread < 0 ? 0 : spread;
  const double center = first + offset;
  const double inverseDeviation = 1 / __builtin_elementwise_sqrt(spread + epsilon);
  *mean = (float)center;
  *variance = (float)spread;
  *inverse = (float)inverseDeviation;
  return (Normalization){
      (float)center, (float)(center - (double)(float)center), (float)(inverseDeviation * scale),
      shift};
}

// What the second backward pass needs of a channel:
// dx = ((dy − meanGradient) − ((x − center) − remainder) · slope) · factor.
typedef struct {
  float center, remainder, meanGradient, slope, factor;
} NormalizationGradient;

INLINE NormalizationGradient finishGradient(
    double center, double sum, double centred, double product, double count, double scale,
    double inverse, float *dscale, float *dshift) {
  const double remainder = centred / count, meanGradient = sum / count;
  // Σ (dy − S₁)·(c − r), where Σ c = n·r.
  const double projection = (product - sum * remainder) * inverse;
  *dscale = (float)projection;
  *dshift = (float)sum;
  return (NormalizationGradient){
      (float)center, (float)remainder, (float)meanGradient,
      (float)(projection / count * inverse), (float)(scale * inverse)};
}

INLINE int isAligned(const float *pointer, size_t step) {
  return ((uintptr_t)pointer | step * sizeof(float)) % 64 == 0;
}
