// Convolutions by way of columns, for one element type: included once for float and once for double,
// with ELEMENT the type and OF(name) a name of its own.
//
// A sum is made in one order, channel by channel and tap by tap, whatever the number of threads.

// For each tap of each channel, and each row of a band of results, or part of one: with the row's place
// in the columns, its length, which of its results, begin ..< end, are made of what lies within the
// image, and where the first of them does.
#define FOR_EACH_ROW(body)                                                                       \
  const size_t wide = s.counts[2], high = s.counts[1], stride = s.strides[2];                    \
  const size_t z0 = first / wide / high, y0 = first / wide % high, x0 = first % wide;            \
  const ptrdiff_t area = (ptrdiff_t)(s.extents[1] * s.extents[2]);                               \
  const ptrdiff_t toNextRow = (ptrdiff_t)(s.strides[1] * s.extents[2]);                          \
  const ptrdiff_t toNextPlane = (ptrdiff_t)s.strides[0] * area - (ptrdiff_t)high * toNextRow;    \
  for (size_t c = 0; c < s.inputs; c++)                                                          \
    for (size_t p = 0; p < s.taps[0]; p++)                                                       \
      for (size_t r = 0; r < s.taps[1]; r++)                                                     \
        for (size_t q = 0; q < s.taps[2]; q++) {                                                 \
          const Span zs = within(s, 0, p), ys = within(s, 1, r), xs = within(s, 2, q);           \
          const ptrdiff_t plane =                                                                \
              (ptrdiff_t)(c * s.extents[0] + z0 * s.strides[0]) + zs.offset;                     \
          const ptrdiff_t row = (ptrdiff_t)(y0 * s.strides[1]) + ys.offset;                      \
          ptrdiff_t origin = plane * area + row * (ptrdiff_t)s.extents[2] + xs.offset;           \
          size_t z = z0, y = y0, x = x0, length;                                                 \
          for (size_t result = first; result < last; result += length, line += length, x = 0) {  \
            length = smaller(wide - x, last - result);                                           \
            const int isInside = z >= zs.first && z < zs.last && y >= ys.first && y < ys.last;   \
            const size_t begin = smaller(length, xs.first > x ? xs.first - x : 0);               \
            const size_t end = isInside ? smaller(length, xs.last > x ? xs.last - x : 0) : 0;    \
            const ptrdiff_t start = origin + (ptrdiff_t)((x + begin) * stride);                  \
            body                                                                                 \
            origin += toNextRow;                                                                 \
            if (++y == high) y = 0, z++, origin += toNextPlane;                                  \
          }                                                                                      \
        }

static void OF(imageToColumns)(
    AdjointConvolution s, size_t first, size_t last, const ELEMENT *restrict image,
    ELEMENT *restrict line) {
  FOR_EACH_ROW({
    if (begin >= end) {
      memset(line, 0, length * sizeof(ELEMENT));
    } else {
      for (size_t i = 0; i < begin; i++) line[i] = 0;
      if (stride == 1)
        memcpy(line + begin, image + start, (end - begin) * sizeof(ELEMENT));
      else
        for (size_t i = begin; i < end; i++) line[i] = image[start + (ptrdiff_t)((i - begin) * stride)];
      for (size_t i = end; i < length; i++) line[i] = 0;
    }
  })
}

// Adds columns to the image that they are of.
static void OF(columnsToImage)(
    AdjointConvolution s, size_t first, size_t last, const ELEMENT *restrict line,
    ELEMENT *restrict image) {
  FOR_EACH_ROW({
    if (begin >= end) {
    } else if (stride == 1) {
      OF(addRow)(image + start, line + begin, end - begin);
    } else {
      for (size_t i = begin; i < end; i++)
        image[start + (ptrdiff_t)((i - begin) * stride)] += line[i];
    }
  })
}

#undef FOR_EACH_ROW

// The columns of a band of a group of one image.
INLINE size_t OF(columnsSize)(AdjointConvolution s) {
  return (columnHeight(s) * bandLength(s) + 15) & ~(size_t)15;
}

// The columns, and what their products need, in elements.
static size_t OF(convolutionScratch)(AdjointConvolution s) {
  if (isDepthwise(s)) return OF(depthwiseScratch)(s);
  const size_t height = columnHeight(s);
  const size_t results = isPointwise(s) ? resultCount(s) : bandLength(s);
  const size_t forward = OF(productScratch)(s.outputs, height, results);
  const size_t input = OF(productScratch)(height, s.outputs, results);
  const size_t weight = OF(productScratch)(s.outputs, results, height);
  return OF(columnsSize)(s) + greater(forward, greater(input, weight));
}

// Calls body for each group of each image, with the places of its parts.
#define FOR_EACH_GROUP(body)                                                  \
  const size_t height = columnHeight(s), results = resultCount(s);            \
  const size_t area = volume(s.extents);                                      \
  ELEMENT *const products = scratch + OF(columnsSize)(s);                     \
  for (size_t n = firstImage; n < lastImage; n++)                             \
    for (size_t g = 0; g < s.groups; g++) {                                   \
      const size_t image = (n * s.groups + g) * s.inputs * area;              \
      const size_t result = (n * s.groups + g) * s.outputs * results;         \
      const size_t filter = g * s.outputs * height;                           \
      body                                                                    \
    }

// Calls body for each band of results, first ..< last.
#define FOR_EACH_BAND(body)                                                   \
  const size_t band = bandLength(s);                                          \
  for (size_t first = 0; first < results; first += band) {                    \
    const size_t last = smaller(results, first + band), count = last - first; \
    body                                                                      \
  }

static void OF(convolution)(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const void *xs, const void *weights,
    void *ys, void *memory) {
  const ELEMENT *x = xs, *weight = weights;
  ELEMENT *y = ys, *scratch = memory;
  if (isDepthwise(s)) {
    OF(depthwise)(s, firstImage, lastImage, x, weight, y, scratch);
    return;
  }
  FOR_EACH_GROUP({
    if (isPointwise(s)) {
      OF(product)(
          s.outputs, height, results, weight + filter, height, 1, x + image, results, 1, NULL,
          y + result, results, NULL, 0, 0, products);
      continue;
    }
    FOR_EACH_BAND({
      OF(imageToColumns)(s, first, last, x + image, scratch);
      OF(product)(
          s.outputs, height, count, weight + filter, height, 1, scratch, count, 1, NULL,
          y + result + first, results, NULL, 0, 0, products);
    })
  })
}

static void OF(convolutionInputGradient)(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const void *dys, const void *weights,
    void *dxs, void *memory) {
  const ELEMENT *dy = dys, *weight = weights;
  ELEMENT *dx = dxs, *scratch = memory;
  if (isDepthwise(s)) {
    OF(depthwiseInputGradient)(s, firstImage, lastImage, dy, weight, dx, scratch);
    return;
  }
  FOR_EACH_GROUP({
    if (isPointwise(s)) {
      OF(product)(
          height, s.outputs, results, weight + filter, 1, height, dy + result, results, 1, NULL,
          dx + image, results, NULL, 0, 0, products);
      continue;
    }
    memset(dx + image, 0, s.inputs * area * sizeof(ELEMENT));
    FOR_EACH_BAND({
      OF(product)(
          height, s.outputs, count, weight + filter, 1, height, dy + result + first, results, 1,
          NULL, scratch, count, NULL, 0, 0, products);
      OF(columnsToImage)(s, first, last, scratch, dx + image);
    })
  })
}

static void OF(convolutionWeightGradient)(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const void *xs, const void *dys,
    void *dweights, void *memory) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *dweight = dweights, *scratch = memory;
  if (isDepthwise(s)) {
    OF(depthwiseWeightGradient)(s, firstImage, lastImage, x, dy, dweight, scratch);
    return;
  }
  FOR_EACH_GROUP({
    if (isPointwise(s)) {
      OF(product)(
          s.outputs, results, height, dy + result, results, 1, x + image, 1, results, NULL,
          dweight + filter, height, NULL, 0, 1, products);
      continue;
    }
    FOR_EACH_BAND({
      OF(imageToColumns)(s, first, last, x + image, scratch);
      OF(product)(
          s.outputs, count, height, dy + result + first, results, 1, scratch, 1, count, NULL,
          dweight + filter, height, NULL, 0, 1, products);
    })
  })
}

#undef FOR_EACH_BAND
#undef FOR_EACH_GROUP
