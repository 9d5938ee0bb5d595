// Group norm, forward and backward, with sums in double: see BatchNorm.h for what a group's elements,
// which lie together, have in common with a channel's.
//
//   x: [samples, channels, inner] -> y: the same, and per sample and group: mean, inverse
//   x, dy, scale: [channels], and per sample and group: mean, inverse
//       -> dx, and per channel: sums for dscale and dshift, and per sample and group: projection

// Scales and shifts a normalized run of channels of which each has one element.
INLINE void LABEL(normalizeFeatures)(
    const ELEMENT *restrict x, LABEL(Normalization) norm, const ELEMENT *restrict scale,
    const ELEMENT *restrict shift, ELEMENT *restrict y, size_t count) {
#define NORMALIZED(x, gain, bias) (((x) - norm.center) * norm.factor + norm.shift) * (gain) + (bias)
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    store16(y + i, NORMALIZED(load16(x + i), load16(scale + i), load16(shift + i)));
  for (; i < count; i++) y[i] = NORMALIZED(x[i], scale[i], shift[i]);
#undef NORMALIZED
}

// For the groups first ..< last of all samples.
static void LABEL(groupNorm)(
    AdjointBatchShape shape, size_t groups, size_t first, size_t last, const void *restrict xs,
    const void *restrict scales, const void *restrict shifts, double epsilon, void *restrict ys,
    void *restrict means, void *restrict inverses) {
  const ELEMENT *x = xs, *scale = scales, *shift = shifts;
  ELEMENT *y = ys, *mean = means, *inverse = inverses, variance;
  const size_t inner = shape.inner, width = shape.channels / groups, size = width * inner;
  for (size_t number = first; number < last; number++) {
    const ELEMENT *source = x + number * size;
    ELEMENT *target = y + number * size;
    const size_t channel = number % groups * width;
    LABEL(PlaneMoments) moments = {};
    LABEL(addPlaneMoments)(&moments, source, size, source[0], source);
    const LABEL(Normalization) norm = LABEL(finishStatistics)(
        source[0], LABEL(sumOfValues)(&moments), LABEL(sumOfSquares)(&moments), (double)size, epsilon,
        1, 0, mean + number, &variance, inverse + number);
    if (inner == 1) {
      LABEL(normalizeFeatures)(source, norm, scale + channel, shift + channel, target, size);
      continue;
    }
    for (size_t c = 0; c < width; c++) {
      const ELEMENT factor = scale[channel + c];
      const LABEL(Normalization) plane = {
          norm.center, norm.factor * factor, norm.shift * factor + shift[channel + c]};
      LABEL(normalizePlane)(source + c * inner, plane, target + c * inner, inner, 0, source);
    }
  }
}

// Adds the sums of dy · scale, of x − center, and of their products.
INLINE void LABEL(addFeatureMoments)(
    LABEL(GradientMoments) *moments, const ELEMENT *restrict x, const ELEMENT *restrict dy,
    const ELEMENT *restrict scale, size_t count, ELEMENT center) {
  size_t i = 0;
  const double one = hiddenOne();
  for (; i + 16 <= count; i += 16) {
    const Double16Lanes d = widened(load16(x + i) - center);
    const Double16Lanes g = widened(load16(dy + i)) * widened(load16(scale + i));
    moments->sums = addByProduct(g, one, moments->sums);
    moments->centred = addByProduct(d, one, moments->centred);
    moments->products += g * d;
  }
  for (; i < count; i++) {
    const double d = (double)(x[i] - center), g = (double)dy[i] * scale[i];
    moments->sumOfRest += g;
    moments->centredOfRest += d;
    moments->productOfRest += g * d;
  }
}

// dx of a run of channels of which each has one element, and what they add to dscale and dshift: x̂ is
// (x − center) · inverse − remainder.
INLINE void LABEL(normalizeFeatureGradients)(
    const ELEMENT *restrict x, const ELEMENT *restrict dy, const ELEMENT *restrict scale,
    LABEL(NormalizationGradient) norm, ELEMENT remainder, ELEMENT *restrict dx,
    double *restrict dscale, double *restrict dshift, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const VALUES d = load16(x + i) - norm.center, g = load16(dy + i);
    store16(dx + i, ((g * load16(scale + i) - norm.summand) - d * norm.slope) * norm.factor);
    *(Double16InMemory *)(dscale + i) += widened(g * (d * norm.factor - remainder));
    *(Double16InMemory *)(dshift + i) += widened(g);
  }
  for (; i < count; i++) {
    const ELEMENT d = x[i] - norm.center, g = dy[i];
    dx[i] = ((g * scale[i] - norm.summand) - d * norm.slope) * norm.factor;
    dscale[i] += g * (d * norm.factor - remainder);
    dshift[i] += g;
  }
}

// dx of a channel of a sample.
INLINE void LABEL(normalizeGradientOfScaled)(
    const ELEMENT *restrict x, const ELEMENT *restrict dy, ELEMENT scale,
    LABEL(NormalizationGradient) norm, ELEMENT *restrict dx, size_t count) {
  for (size_t i = 0; i < count; i++)
    dx[i] = ((dy[i] * scale - norm.summand) - (x[i] - norm.center) * norm.slope) * norm.factor;
}

// For the samples first ..< last. A group whose cotangent is all zeros sends back zeros, and adds none to
// the sums, whatever its values are. `sums` has three rows of length `channels`: what they add to dscale and to
// dshift, and room.
static void LABEL(groupNormGradient)(
    AdjointBatchShape shape, size_t groups, size_t firstSample, size_t lastSample,
    const void *restrict xs, const void *restrict dys, const void *restrict scales,
    const void *restrict means, const void *restrict inverses, void *restrict dxs,
    void *restrict projections, double *restrict sums) {
  const ELEMENT *x = xs, *dy = dys, *allScales = scales, *mean = means, *inverse = inverses;
  ELEMENT *dx = dxs, *projection = projections, unused;
  const size_t inner = shape.inner, width = shape.channels / groups, size = width * inner;
  for (size_t number = firstSample * groups; number < lastSample * groups; number++) {
    const size_t start = number * size, channel = number % groups * width;
    if (isZeros(dy + start, size)) {
      memset(dx + start, 0, size * sizeof *dx);
      projection[number] = 0;
      continue;
    }
    const ELEMENT center = LABEL(centerOf)(mean[number], inverse[number], (double)size);
    const ELEMENT *scale = allScales + channel;
    double *dscale = sums + channel, *dshift = dscale + shape.channels;
    double *planeSums = dshift + shape.channels;
    const double factor = inverse[number], count = (double)size;
    double sum = 0, centred = 0, product = 0;
    if (inner == 1) {
      LABEL(GradientMoments) moments = {};
      LABEL(addFeatureMoments)(&moments, x + start, dy + start, scale, size, center);
      sum = LABEL(sumOfGradients)(&moments);
      centred = LABEL(sumOfCentred)(&moments);
      product = LABEL(sumOfProducts)(&moments);
    } else for (size_t c = 0, place = start; c < width; c++, place += inner) {
      LABEL(GradientMoments) moments = {};
      LABEL(addGradientMoments)(
          &moments, x + place, dy + place, inner, center, x + place, dy + place);
      planeSums[c] = LABEL(sumOfGradients)(&moments);
      const double planeProduct = LABEL(sumOfProducts)(&moments);
      sum += scale[c] * planeSums[c];
      centred += LABEL(sumOfCentred)(&moments);
      product += scale[c] * planeProduct;
      dscale[c] += planeProduct * factor;
      dshift[c] += planeSums[c];
    }
    const LABEL(NormalizationGradient) norm = LABEL(finishGradient)(
        center, sum, centred, product, count, 1, factor, projection + number, &unused);
    const double remainder = centred * factor / count;
    if (inner == 1)
      LABEL(normalizeFeatureGradients)(
          x + start, dy + start, scale, norm, (ELEMENT)remainder, dx + start, dscale, dshift, size);
    else for (size_t c = 0, place = start; c < width; c++, place += inner) {
      dscale[c] -= remainder * planeSums[c];
      LABEL(normalizeGradientOfScaled)(x + place, dy + place, scale[c], norm, dx + place, inner);
    }
  }
}
