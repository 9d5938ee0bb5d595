// Batch norm where the values of a channel lie together: inner > 1.

INLINE void normalizePlane(
    const float *restrict x, Normalization norm, float *restrict y, size_t inner, int streams,
    const float *next) {
#define NORMALIZED(x) (((x) - norm.center) - norm.remainder) * norm.factor + norm.shift
  const size_t whole = inner & ~(size_t)15;
  size_t i = 0;
  if (streams)
    for (; i < whole; i += 16) {
      fetch(next + inner / 2, i);
      stream16(y + i, NORMALIZED(load16(x + i)));
    }
  for (; i < whole; i += 16) store16(y + i, NORMALIZED(load16(x + i)));
  for (; i < inner; i++) y[i] = NORMALIZED(x[i]);
#undef NORMALIZED
}

// While the result of a channel is written, the sums of the next one are made: memory is read and
// written at the same time.
static void batchNormPlanes(
    AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const float *restrict x,
    const float *restrict scale, const float *restrict shift, double epsilon, float *restrict y,
    float *restrict mean, float *restrict variance, float *restrict inverse, int streams) {
  const size_t inner = shape.inner, step = shape.channels * inner;
  const double count = (double)shape.outer * (double)inner;
  streams = streams && isAligned(y, inner);
  Normalization norm = {};
  for (size_t channel = firstChannel; channel <= lastChannel; channel++) {
    const float *source = x + channel * inner, *before = source - inner;
    const int reads = channel < lastChannel, writes = channel > firstChannel;
    const double first = reads ? source[0] : 0;
    Moments moments = {};
    for (size_t n = 0; n < shape.outer; n++) {
      const float *next = n + 1 < shape.outer && reads ? source + (n + 1) * step : x;
      if (reads) addMoments(&moments, source + n * step, inner, first, next);
      if (writes)
        normalizePlane(
            before + n * step, norm, y + (channel - 1) * inner + n * step, inner, streams, next);
    }
    if (reads)
      norm = finishStatistics(
          first, total16(moments.sums) + moments.sumOfRest,
          total16(moments.squares) + moments.squaresOfRest, count, epsilon, scale[channel],
          shift[channel], mean + channel, variance + channel, inverse + channel);
  }
}

// The sums of one channel's gradient, of its centred values, and of their products.
typedef struct {
  Double16Lanes sums, centred, products;
  double sumOfRest, centredOfRest, productOfRest;
} GradientMoments;

INLINE void addGradientMoments(
    GradientMoments *moments, const float *restrict x, const float *restrict dy, size_t inner,
    float center, const float *nextX, const float *nextDy) {
  Double16Lanes sums = moments->sums, centred = moments->centred, products = moments->products;
  const double one = hiddenOne();
  size_t i = 0;
  for (; i + 16 <= inner; i += 16) {
    fetch(nextX, i);
    fetch(nextDy, i);
    const Double16Lanes d = widened(load16(x + i) - center), g = widened(load16(dy + i));
    sums = addByProduct(g, one, sums);
    centred = addByProduct(d, one, centred);
    products = addExactProduct(g, d, products);
  }
  moments->sums = sums;
  moments->centred = centred;
  moments->products = products;
  for (; i < inner; i++) {
    const double d = (double)(x[i] - center), g = dy[i];
    moments->sumOfRest += g;
    moments->centredOfRest += d;
    moments->productOfRest += g * d;
  }
}

INLINE void normalizeGradientPlane(
    const float *restrict x, const float *restrict dy, NormalizationGradient norm,
    float *restrict dx, size_t inner, int streams, const float *nextX, const float *nextDy) {
#define GRADIENT(x, dy)                                                                       \
  (((dy) - norm.meanGradient) - (((x) - norm.center) - norm.remainder) * norm.slope) * norm.factor
  const size_t whole = inner & ~(size_t)15;
  size_t i = 0;
  if (streams)
    for (; i < whole; i += 16) {
      fetch(nextX + inner / 2, i);
      fetch(nextDy + inner / 2, i);
      stream16(dx + i, GRADIENT(load16(x + i), load16(dy + i)));
    }
  for (; i < whole; i += 16) store16(dx + i, GRADIENT(load16(x + i), load16(dy + i)));
  for (; i < inner; i++) dx[i] = GRADIENT(x[i], dy[i]);
#undef GRADIENT
}

// From the last channel to the first: what the forward pass has read last may still be in the cache.
static void batchNormGradientPlanes(
    AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const float *restrict x,
    const float *restrict dy, const float *restrict scale, const float *restrict mean,
    const float *restrict inverse, float *restrict dx, float *restrict dscale,
    float *restrict dshift, int streams) {
  const size_t inner = shape.inner, step = shape.channels * inner;
  const double count = (double)shape.outer * (double)inner;
  streams = streams && isAligned(dx, inner);
  NormalizationGradient norm = {};
  for (size_t left = lastChannel - firstChannel + 1; left-- > 0;) {
    // The channel that is written, and the one before it, whose sums are made.
    const size_t channel = firstChannel + left;
    const int reads = left > 0, writes = channel < lastChannel;
    const size_t start = channel * inner, before = start - inner;
    GradientMoments moments = {};
    for (size_t n = 0; n < shape.outer; n++) {
      const size_t next = n + 1 < shape.outer && reads ? before + (n + 1) * step : 0;
      if (reads)
        addGradientMoments(
            &moments, x + before + n * step, dy + before + n * step, inner, mean[channel - 1],
            x + next, dy + next);
      if (writes)
        normalizeGradientPlane(
            x + start + n * step, dy + start + n * step, norm, dx + start + n * step, inner,
            streams, x + next, dy + next);
    }
    if (reads)
      norm = finishGradient(
          mean[channel - 1], total16(moments.sums) + moments.sumOfRest,
          total16(moments.centred) + moments.centredOfRest,
          total16(moments.products) + moments.productOfRest, count, scale[channel - 1],
          inverse[channel - 1], dscale + channel - 1, dshift + channel - 1);
  }
}
