// Convolutions as matrix products of the weights with columns: what each result is made of.
//
//   weight: [outputs, inputs · rows · columns], columns: [inputs · rows · columns, results]

INLINE size_t columnHeight(AdjointConvolution s) { return s.inputs * s.rows * s.columns; }

INLINE size_t resultCount(AdjointConvolution s) { return s.outHeight * s.outWidth; }

// Whether the image itself has the form of its columns.
INLINE int isPointwise(AdjointConvolution s) {
  return s.rows == 1 && s.columns == 1 && s.rowStride == 1 && s.columnStride == 1 && s.top == 0 &&
         s.left == 0 && s.height == s.outHeight && s.width == s.outWidth;
}

// The results of a row for which a tap lies within the image: first ..< last.
typedef struct {
  size_t first, last;
} Span;

INLINE Span within(size_t extent, size_t results, size_t stride, ptrdiff_t offset) {
  // 0 <= result * stride + offset < extent
  const ptrdiff_t step = (ptrdiff_t)stride, end = (ptrdiff_t)extent - offset;
  ptrdiff_t first = offset < 0 ? (-offset + step - 1) / step : 0;
  ptrdiff_t last = end <= 0 ? 0 : (end + step - 1) / step;
  if (last > (ptrdiff_t)results) last = (ptrdiff_t)results;
  if (first > last) first = last;
  return (Span){(size_t)first, (size_t)last};
}

#define FOR_EACH_TAP(body)                                                                        \
  for (size_t c = 0; c < s.inputs; c++)                                                           \
    for (size_t r = 0; r < s.rows; r++)                                                           \
      for (size_t q = 0; q < s.columns; q++, line += resultCount(s)) {                            \
        const ptrdiff_t down = (ptrdiff_t)(r * s.rowDilation) - (ptrdiff_t)s.top;                 \
        const ptrdiff_t right = (ptrdiff_t)(q * s.columnDilation) - (ptrdiff_t)s.left;            \
        const Span ys = within(s.height, s.outHeight, s.rowStride, down);                         \
        const Span xs = within(s.width, s.outWidth, s.columnStride, right);                       \
        const ptrdiff_t plane = (ptrdiff_t)(c * s.height * s.width);                              \
        body                                                                                      \
      }

static void imageToColumns(AdjointConvolution s, const float *restrict image, float *restrict line) {
  FOR_EACH_TAP({
    memset(line, 0, ys.first * s.outWidth * sizeof(float));
    for (size_t y = ys.first; y < ys.last; y++) {
      float *target = line + y * s.outWidth;
      const ptrdiff_t row = plane + ((ptrdiff_t)(y * s.rowStride) + down) * (ptrdiff_t)s.width + right;
      for (size_t x = 0; x < xs.first; x++) target[x] = 0;
      if (s.columnStride == 1)
        memcpy(target + xs.first, image + row + (ptrdiff_t)xs.first, (xs.last - xs.first) * sizeof(float));
      else
        for (size_t x = xs.first; x < xs.last; x++)
          target[x] = image[row + (ptrdiff_t)(x * s.columnStride)];
      for (size_t x = xs.last; x < s.outWidth; x++) target[x] = 0;
    }
    memset(line + ys.last * s.outWidth, 0, (s.outHeight - ys.last) * s.outWidth * sizeof(float));
  })
}

// Adds columns to the image that they are of.
static void columnsToImage(AdjointConvolution s, const float *restrict line, float *restrict image) {
  FOR_EACH_TAP({
    for (size_t y = ys.first; y < ys.last; y++) {
      const float *source = line + y * s.outWidth;
      const ptrdiff_t row = plane + ((ptrdiff_t)(y * s.rowStride) + down) * (ptrdiff_t)s.width + right;
      for (size_t x = xs.first; x < xs.last; x++)
        image[row + (ptrdiff_t)(x * s.columnStride)] += source[x];
    }
  })
}

#undef FOR_EACH_TAP

// The columns of a group of one image, and what its product needs, in floats.
static size_t convolutionScratch(AdjointConvolution s) {
  const size_t height = columnHeight(s), results = resultCount(s);
  size_t most = productScratchFloat(s.outputs, height, results);
  const size_t input = productScratchFloat(height, s.outputs, results);
  const size_t weight = productScratchFloat(s.outputs, results, height);
  if (input > most) most = input;
  if (weight > most) most = weight;
  return ((height * results + 15) & ~(size_t)15) + most;
}

#define FOR_EACH_GROUP(body)                                                                   \
  const size_t height = columnHeight(s), results = resultCount(s), area = s.height * s.width;  \
  float *const products = scratch + ((height * results + 15) & ~(size_t)15);                   \
  for (size_t n = firstImage; n < lastImage; n++)                                              \
    for (size_t g = 0; g < s.groups; g++) {                                                    \
      const size_t image = (n * s.groups + g) * s.inputs * area;                               \
      const size_t result = (n * s.groups + g) * s.outputs * results;                          \
      const size_t filter = g * s.outputs * height;                                            \
      body                                                                                     \
    }

static void convolution(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const float *x, const float *weight,
    float *y, float *scratch) {
  FOR_EACH_GROUP({
    const float *columns = x + image;
    if (!isPointwise(s)) {
      imageToColumns(s, x + image, scratch);
      columns = scratch;
    }
    productFloat(
        s.outputs, height, results, weight + filter, height, 1, columns, results, 1, NULL,
        y + result, results, 0, 0, 0, products);
  })
}

static void convolutionInputGradient(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const float *dy,
    const float *weight, float *dx, float *scratch) {
  FOR_EACH_GROUP({
    const int direct = isPointwise(s);
    float *columns = direct ? dx + image : scratch;
    productFloat(
        height, s.outputs, results, weight + filter, 1, height, dy + result, results, 1, NULL,
        columns, results, 0, 0, 0, products);
    if (!direct) {
      memset(dx + image, 0, s.inputs * area * sizeof(float));
      columnsToImage(s, columns, dx + image);
    }
  })
}

static void convolutionWeightGradient(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const float *x, const float *dy,
    float *dweight, float *scratch) {
  FOR_EACH_GROUP({
    const float *columns = x + image;
    if (!isPointwise(s)) {
      imageToColumns(s, x + image, scratch);
      columns = scratch;
    }
    productFloat(
        s.outputs, results, height, dy + result, results, 1, columns, 1, results, NULL,
        dweight + filter, height, 0, 0, 1, products);
  })
}

#undef FOR_EACH_GROUP
