// Batch norm where the values of a channel lie together: inner > 1.

INLINE void LABEL(normalizePlane)(
    const ELEMENT *restrict x, LABEL(Normalization) norm, ELEMENT *restrict y, size_t inner, int streams,
    const ELEMENT *next) {
#define NORMALIZED(x) ((x) - norm.center) * norm.factor + norm.shift
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
static void LABEL(batchNormPlanes)(
    AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const void *restrict xs,
    const void *restrict scales, const void *restrict shifts, double epsilon, void *restrict ys,
    void *restrict means, void *restrict variances, void *restrict inverses, int streams) {
  const ELEMENT *x = xs, *scale = scales, *shift = shifts;
  ELEMENT *y = ys, *mean = means, *variance = variances, *inverse = inverses;
  const size_t inner = shape.inner, step = shape.channels * inner;
  const double count = (double)shape.outer * (double)inner;
  streams = streams && LABEL(isAligned)(y, inner);
  LABEL(Normalization) norm = {};
  for (size_t channel = firstChannel; channel <= lastChannel; channel++) {
    const ELEMENT *source = x + channel * inner, *before = source - inner;
    const int reads = channel < lastChannel, writes = channel > firstChannel;
    const double first = reads ? source[0] : 0;
    LABEL(PlaneMoments) moments = {};
    for (size_t n = 0; n < shape.outer; n++) {
      const ELEMENT *next = n + 1 < shape.outer && reads ? source + (n + 1) * step : x;
      if (reads) LABEL(addPlaneMoments)(&moments, source + n * step, inner, first, next);
      if (writes)
        LABEL(normalizePlane)(
            before + n * step, norm, y + (channel - 1) * inner + n * step, inner, streams, next);
    }
    if (reads)
      norm = LABEL(finishStatistics)(
          first, LABEL(sumOfValues)(&moments), LABEL(sumOfSquares)(&moments), count, epsilon,
          scale[channel], shift[channel], mean + channel, variance + channel, inverse + channel);
  }
}

// The sums of one channel's gradient, of its centred values, and of their products.
typedef struct {
  Double16Lanes sums, centred, products;
  double sumOfRest, centredOfRest, productOfRest;
} LABEL(GradientMoments);

INLINE void LABEL(addGradientMoments)(
    LABEL(GradientMoments) *moments, const ELEMENT *restrict x, const ELEMENT *restrict dy, size_t inner,
    ELEMENT center, const ELEMENT *nextX, const ELEMENT *nextDy) {
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

INLINE double LABEL(sumOfGradients)(const LABEL(GradientMoments) *moments) {
  return total16(moments->sums) + moments->sumOfRest;
}

INLINE double LABEL(sumOfCentred)(const LABEL(GradientMoments) *moments) {
  return total16(moments->centred) + moments->centredOfRest;
}

INLINE double LABEL(sumOfProducts)(const LABEL(GradientMoments) *moments) {
  return total16(moments->products) + moments->productOfRest;
}

INLINE void LABEL(normalizeGradientPlane)(
    const ELEMENT *restrict x, const ELEMENT *restrict dy, LABEL(NormalizationGradient) norm,
    ELEMENT *restrict dx, size_t inner, int streams, const ELEMENT *nextX, const ELEMENT *nextDy) {
#define GRADIENT(x, dy) (((dy) - norm.summand) - ((x) - norm.center) * norm.slope) * norm.factor
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
static void LABEL(batchNormGradientPlanes)(
    AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const void *restrict xs,
    const void *restrict dys, const void *restrict scales, const void *restrict means,
    const void *restrict inverses, void *restrict dxs, void *restrict dscales,
    void *restrict dshifts, int streams) {
  const ELEMENT *x = xs, *dy = dys, *scale = scales, *mean = means, *inverse = inverses;
  ELEMENT *dx = dxs, *dscale = dscales, *dshift = dshifts;
  const size_t inner = shape.inner, step = shape.channels * inner;
  const double count = (double)shape.outer * (double)inner;
  streams = streams && LABEL(isAligned)(dx, inner);
  LABEL(NormalizationGradient) norm = {};
  for (size_t left = lastChannel - firstChannel + 1; left-- > 0;) {
    // The channel that is written, and the one before it, whose sums are made.
    const size_t channel = firstChannel + left;
    const int reads = left > 0, writes = channel < lastChannel;
    const size_t start = channel * inner, before = start - inner;
    LABEL(GradientMoments) moments = {};
    const ELEMENT center =
        reads ? LABEL(centerOf)(mean[channel - 1], inverse[channel - 1], count) : 0;
    for (size_t n = 0; n < shape.outer; n++) {
      const size_t next = n + 1 < shape.outer && reads ? before + (n + 1) * step : 0;
      if (reads)
        LABEL(addGradientMoments)(
            &moments, x + before + n * step, dy + before + n * step, inner, center,
            x + next, dy + next);
      if (writes)
        LABEL(normalizeGradientPlane)(
            x + start + n * step, dy + start + n * step, norm, dx + start + n * step, inner,
            streams, x + next, dy + next);
    }
    if (reads)
      norm = LABEL(finishGradient)(
          center, LABEL(sumOfGradients)(&moments), LABEL(sumOfCentred)(&moments),
          LABEL(sumOfProducts)(&moments), count, scale[channel - 1], inverse[channel - 1],
          dscale + channel - 1, dshift + channel - 1);
  }
}
