// Convolutions of 3 by 3 by Winograd's algorithm F(4×4, 3×3): 36 multiplications for 16 results in
// place of 144.
//
//   y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A      d: 6 by 6 values, w: 3 by 3 weights, y: 4 by 4 results
//
// The products ⊙, summed over the channels, are 36 matrix products. Since the rule is bilinear, its
// gradients are made of the same matrices: that of d is the same convolution with the weights turned,
// and dw = Gᵀ [(A dy Aᵀ) ⊙ (Bᵀ d B)] G.
//
// The matrices' entries, up to 8, cost digits: measured against float64, the error is 5 to 10 times that
// of a direct sum (see the tests), where F(2×2) stays within twice and is half as fast.
//
// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks" (2016), with the points
// 0, ±1, ±2 and ∞.

enum { tileSide = 4, windowSide = 6, windowCount = 36 };

// MARK: The matrices

// Bᵀ of six vectors, in place.
#define TRANSFORM_INPUT(d0, d1, d2, d3, d4, d5)                             \
  do {                                                                      \
    const Float16Lanes a = d4 - 4.0f * d2, b = d3 - 4.0f * d1;              \
    const Float16Lanes c = d4 - d2, e = 2.0f * (d3 - d1);                   \
    const Float16Lanes first = 4.0f * d0 - 5.0f * d2 + d4;                  \
    const Float16Lanes last = 4.0f * d1 - 5.0f * d3 + d5;                   \
    d0 = first; d1 = a + b; d2 = a - b; d3 = c + e; d4 = c - e; d5 = last;  \
  } while (0)

// Aᵀ of six vectors, into the first four.
#define TRANSFORM_OUTPUT(m0, m1, m2, m3, m4, m5)                            \
  do {                                                                      \
    const Float16Lanes a = m1 + m2, b = m1 - m2, c = m3 + m4, e = m3 - m4;  \
    m0 = m0 + a + c; m1 = b + 2.0f * e; m2 = a + 4.0f * c;                  \
    m3 = b + 8.0f * e + m5;                                                 \
  } while (0)

// A of four vectors, into six.
#define TRANSFORM_GRADIENT(g0, g1, g2, g3, g4, g5)                          \
  do {                                                                      \
    const Float16Lanes a = g0 + g2, b = g1 + g3;                            \
    const Float16Lanes c = g0 + 4.0f * g2, e = 2.0f * g1 + 8.0f * g3;       \
    g5 = g3; g1 = a + b; g2 = a - b; g3 = c + e; g4 = c - e;                \
  } while (0)

// MARK: Tiles

// The tiles of a plane, and of all images together.
typedef struct {
  size_t rows, columns, inPlane, all;
} Tiling;

INLINE Tiling tiling(AdjointConvolution s) {
  Tiling t = {
      (s.outHeight + tileSide - 1) / tileSide, (s.outWidth + tileSide - 1) / tileSide, 0, 0};
  t.inPlane = t.rows * t.columns;
  t.all = t.inPlane * s.batch;
  return t;
}

// The number of tiles that are transformed and multiplied together: what belongs to them stays in the
// second cache.
static size_t winogradBlockLength(AdjointConvolution s) {
  const size_t fitting = (size_t)(1 << 20) / (windowCount * sizeof(float) * (s.inputs + s.outputs));
  const size_t length = fitting & ~(size_t)15;
  return length < 32 ? 32 : length > 256 ? 256 : length;
}

static size_t winogradBlocks(AdjointConvolution s) {
  const size_t length = winogradBlockLength(s);
  return (tiling(s).all + length - 1) / length;
}

// Transformed inputs and products of a block, the windows of one channel, and a product's own.
static size_t winogradScratch(AdjointConvolution s) {
  const size_t length = winogradBlockLength(s);
  const size_t forward = productScratchFloat(s.outputs, s.inputs, length);
  const size_t gradient = productScratchFloat(s.outputs, length, s.inputs);
  return windowCount * length * (s.inputs + s.outputs + 1) + windowCount * length +
         (forward > gradient ? forward : gradient);
}

// Calls body for each run of tiles first ..< last that lie in one row of one image: with the image n,
// the row of tiles, the first column, the number of tiles, and their place in the block.
#define FOR_EACH_RUN(body)                                                       \
  for (size_t tile = first; tile < last;) {                                      \
    const size_t n = tile / t.inPlane, row = tile % t.inPlane / t.columns;       \
    const size_t column = tile % t.columns, place = tile - first;                \
    const size_t rest = t.columns - column;                                      \
    const size_t count = last - tile < rest ? last - tile : rest;                \
    body;                                                                        \
    tile += count;                                                               \
  }

// The windows of a run of tiles, element by element: windows[36][length].
static void readWindows(
    AdjointConvolution s, const float *restrict plane, size_t row, size_t column, size_t count,
    float *restrict windows, size_t length) {
  float line[4 * 256 + 24];
  const ptrdiff_t left = (ptrdiff_t)(tileSide * column) - (ptrdiff_t)s.left;
  const size_t wide = tileSide * count + 2;
  const ptrdiff_t from = left < 0 ? -left : 0;
  ptrdiff_t until = (ptrdiff_t)s.width - left;
  if (until > (ptrdiff_t)wide) until = (ptrdiff_t)wide;
  for (size_t i = 0; i < windowSide; i++) {
    const ptrdiff_t y = (ptrdiff_t)(tileSide * row + i) - (ptrdiff_t)s.top;
    const float *source = line;
    if (y < 0 || y >= (ptrdiff_t)s.height || until <= from) {
      memset(line, 0, wide * sizeof(float));
    } else if (from == 0 && until == (ptrdiff_t)wide) {
      source = plane + y * (ptrdiff_t)s.width + left;
    } else {
      memset(line, 0, (size_t)from * sizeof(float));
      memcpy(line + from, plane + y * (ptrdiff_t)s.width + left + from, (size_t)(until - from) * sizeof(float));
      memset(line + until, 0, (wide - (size_t)until) * sizeof(float));
    }
    float *restrict w = windows + i * windowSide * length;
    for (size_t k = 0; k < count; k++) {
      w[k] = source[4 * k];
      w[length + k] = source[4 * k + 1];
      w[2 * length + k] = source[4 * k + 2];
      w[3 * length + k] = source[4 * k + 3];
    }
    for (size_t k = 0; k < count; k++) {
      w[4 * length + k] = source[4 * k + 4];
      w[5 * length + k] = source[4 * k + 5];
    }
  }
}

// The results of a run of tiles from tiles[16][length].
static void writeTiles(
    AdjointConvolution s, const float *restrict tiles, size_t length, size_t row, size_t column,
    size_t count, float *restrict plane) {
  float line[4 * 256];
  const size_t left = tileSide * column;
  const size_t wide = s.outWidth - left < tileSide * count ? s.outWidth - left : tileSide * count;
  for (size_t i = 0; i < tileSide && tileSide * row + i < s.outHeight; i++) {
    const float *restrict w = tiles + i * tileSide * length;
    for (size_t k = 0; k < count; k++) {
      line[4 * k] = w[k];
      line[4 * k + 1] = w[length + k];
      line[4 * k + 2] = w[2 * length + k];
      line[4 * k + 3] = w[3 * length + k];
    }
    memcpy(plane + (tileSide * row + i) * s.outWidth + left, line, wide * sizeof(float));
  }
}

// The gradients of a run of tiles, with zeros where the image ends: tiles[16][length].
static void readTiles(
    AdjointConvolution s, const float *restrict plane, size_t row, size_t column, size_t count,
    float *restrict tiles, size_t length) {
  float line[4 * 256];
  const size_t left = tileSide * column, whole = tileSide * count;
  const size_t wide = s.outWidth - left < whole ? s.outWidth - left : whole;
  for (size_t i = 0; i < tileSide; i++) {
    const size_t y = tileSide * row + i;
    const float *source = line;
    if (y >= s.outHeight) {
      memset(line, 0, whole * sizeof(float));
    } else if (wide == whole) {
      source = plane + y * s.outWidth + left;
    } else {
      memcpy(line, plane + y * s.outWidth + left, wide * sizeof(float));
      memset(line + wide, 0, (whole - wide) * sizeof(float));
    }
    float *restrict w = tiles + i * tileSide * length;
    for (size_t k = 0; k < count; k++) {
      w[k] = source[4 * k];
      w[length + k] = source[4 * k + 1];
      w[2 * length + k] = source[4 * k + 2];
      w[3 * length + k] = source[4 * k + 3];
    }
  }
}

// Bᵀ d B for the windows of one channel: target[36], each `step` apart.
static void transformWindows(
    const float *restrict windows, size_t length, float *restrict target, size_t step) {
  for (size_t k = 0; k < length; k += 16) {
    Float16Lanes d[windowSide][windowSide];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < windowSide; j++) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < windowSide; i++) d[i][j] = load16(windows + (i * windowSide + j) * length + k);
      TRANSFORM_INPUT(d[0][j], d[1][j], d[2][j], d[3][j], d[4][j], d[5][j]);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < windowSide; i++) {
      TRANSFORM_INPUT(d[i][0], d[i][1], d[i][2], d[i][3], d[i][4], d[i][5]);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < windowSide; j++) store16(target + (i * windowSide + j) * step + k, d[i][j]);
    }
  }
}

// Aᵀ m A for the products of one channel, which lie `step` apart: tiles[16][length].
static void transformProducts(
    const float *restrict products, size_t step, size_t length, float *restrict tiles) {
  for (size_t k = 0; k < length; k += 16) {
    Float16Lanes m[windowSide][windowSide];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < windowSide; j++) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < windowSide; i++) m[i][j] = load16(products + (i * windowSide + j) * step + k);
      TRANSFORM_OUTPUT(m[0][j], m[1][j], m[2][j], m[3][j], m[4][j], m[5][j]);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < tileSide; i++) {
      TRANSFORM_OUTPUT(m[i][0], m[i][1], m[i][2], m[i][3], m[i][4], m[i][5]);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < tileSide; j++) store16(tiles + (i * tileSide + j) * length + k, m[i][j]);
    }
  }
}

// A g Aᵀ for the gradients of one channel: target[36], each `step` apart.
static void transformGradients(
    const float *restrict tiles, size_t length, float *restrict target, size_t step) {
  for (size_t k = 0; k < length; k += 16) {
    Float16Lanes g[windowSide][windowSide];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < tileSide; j++) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < tileSide; i++) g[i][j] = load16(tiles + (i * tileSide + j) * length + k);
      TRANSFORM_GRADIENT(g[0][j], g[1][j], g[2][j], g[3][j], g[4][j], g[5][j]);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < windowSide; i++) {
      TRANSFORM_GRADIENT(g[i][0], g[i][1], g[i][2], g[i][3], g[i][4], g[i][5]);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < windowSide; j++) store16(target + (i * windowSide + j) * step + k, g[i][j]);
    }
  }
}

// MARK: Weights

// G w Gᵀ for all pairs: transformed[36][outputs][inputs] of weight[outputs][inputs][3][3]; turned, with
// the two exchanged, transformed[36][inputs][outputs].
static void winogradWeights(
    size_t inputs, size_t outputs, const float *restrict weight, int turns,
    float *restrict transformed) {
  const size_t step = inputs * outputs;
  for (size_t o = 0; o < outputs; o++)
    for (size_t c = 0; c < inputs; c++) {
      const float *w = weight + (o * inputs + c) * 9;
      float half[windowSide][3];
      for (size_t j = 0; j < 3; j++) {
        const float a = turns ? w[8 - j] : w[j];
        const float b = turns ? w[5 - j] : w[3 + j];
        const float e = turns ? w[2 - j] : w[6 + j];
        half[0][j] = a / 4;
        half[1][j] = -(a + b + e) / 6;
        half[2][j] = (b - a - e) / 6;
        half[3][j] = a / 24 + b / 12 + e / 6;
        half[4][j] = a / 24 - b / 12 + e / 6;
        half[5][j] = e;
      }
      float *target = transformed + (turns ? c * outputs + o : o * inputs + c);
      for (size_t i = 0; i < windowSide; i++) {
        const float a = half[i][0], b = half[i][1], e = half[i][2];
        float *line = target + i * windowSide * step;
        line[0] = a / 4;
        line[step] = -(a + b + e) / 6;
        line[2 * step] = (b - a - e) / 6;
        line[3 * step] = a / 24 + b / 12 + e / 6;
        line[4 * step] = a / 24 - b / 12 + e / 6;
        line[5 * step] = e;
      }
    }
}

// Gᵀ u G for all pairs: dweight[outputs][inputs][3][3] of transformed[36][outputs][inputs].
static void winogradWeightGradient(
    size_t inputs, size_t outputs, const float *restrict transformed, float *restrict dweight) {
  const size_t step = inputs * outputs;
  for (size_t pair = 0; pair < step; pair++) {
    float half[3][windowSide];
    for (size_t j = 0; j < windowSide; j++) {
      float u[windowSide];
      for (size_t i = 0; i < windowSide; i++) u[i] = transformed[(i * windowSide + j) * step + pair];
      half[0][j] = u[0] / 4 - (u[1] + u[2]) / 6 + (u[3] + u[4]) / 24;
      half[1][j] = (u[2] - u[1]) / 6 + (u[3] - u[4]) / 12;
      half[2][j] = (u[3] + u[4] - u[1] - u[2]) / 6 + u[5];
    }
    float *target = dweight + pair * 9;
    for (size_t i = 0; i < 3; i++) {
      const float *u = half[i];
      target[3 * i] = u[0] / 4 - (u[1] + u[2]) / 6 + (u[3] + u[4]) / 24;
      target[3 * i + 1] = (u[2] - u[1]) / 6 + (u[3] - u[4]) / 12;
      target[3 * i + 2] = (u[3] + u[4] - u[1] - u[2]) / 6 + u[5];
    }
  }
}

// MARK: Convolutions

// The transformed inputs of tiles first ..< last: values[36][inputs][length].
INLINE void transformInputs(
    AdjointConvolution s, Tiling t, size_t first, size_t last, const float *x, float *values,
    size_t length, float *windows) {
  for (size_t c = 0; c < s.inputs; c++) {
    FOR_EACH_RUN(readWindows(
        s, x + (n * s.inputs + c) * s.height * s.width, row, column, count, windows + place, length))
    transformWindows(windows, length, values + c * length, s.inputs * length);
  }
}

static void winograd(
    AdjointConvolution s, size_t firstBlock, size_t lastBlock, const float *x,
    const float *transformed, float *y, float *scratch) {
  const Tiling t = tiling(s);
  const size_t length = winogradBlockLength(s), pairs = s.inputs * s.outputs;
  float *const values = scratch, *const products = values + windowCount * s.inputs * length;
  float *const windows = products + windowCount * s.outputs * length;
  float *const own = windows + windowCount * length;
  memset(windows, 0, windowCount * length * sizeof(float));
  for (size_t block = firstBlock; block < lastBlock; block++) {
    const size_t first = block * length, last = first + length < t.all ? first + length : t.all;
    transformInputs(s, t, first, last, x, values, length, windows);
    for (size_t p = 0; p < windowCount; p++)
      productFloat(
          s.outputs, s.inputs, length, transformed + p * pairs, s.inputs, 1,
          values + p * s.inputs * length, length, 1, products + p * s.outputs * length, length, 0, 0,
          0, 0, own);
    for (size_t o = 0; o < s.outputs; o++) {
      transformProducts(products + o * length, s.outputs * length, length, windows);
      FOR_EACH_RUN(writeTiles(
          s, windows + place, length, row, column, count,
          y + (n * s.outputs + o) * s.outHeight * s.outWidth))
    }
  }
}

static void winogradGradient(
    AdjointConvolution s, size_t firstBlock, size_t lastBlock, const float *x, const float *dy,
    float *transformed, float *scratch) {
  const Tiling t = tiling(s);
  const size_t length = winogradBlockLength(s), pairs = s.inputs * s.outputs;
  float *const values = scratch, *const gradients = values + windowCount * s.inputs * length;
  float *const windows = gradients + windowCount * s.outputs * length;
  float *const own = windows + windowCount * length;
  for (size_t block = firstBlock; block < lastBlock; block++) {
    const size_t first = block * length, last = first + length < t.all ? first + length : t.all;
    // Where a block is not full, what is left over adds zeros.
    memset(windows, 0, windowCount * length * sizeof(float));
    transformInputs(s, t, first, last, x, values, length, windows);
    memset(windows, 0, windowCount * length * sizeof(float));
    for (size_t o = 0; o < s.outputs; o++) {
      FOR_EACH_RUN(readTiles(
          s, dy + (n * s.outputs + o) * s.outHeight * s.outWidth, row, column, count,
          windows + place, length))
      transformGradients(windows, length, gradients + o * length, s.outputs * length);
    }
    for (size_t p = 0; p < windowCount; p++)
      productFloat(
          s.outputs, length, s.inputs, gradients + p * s.outputs * length, length, 1,
          values + p * s.inputs * length, 1, length, transformed + p * pairs, s.inputs, 0, 0, 0, 1,
          own);
  }
}

#undef FOR_EACH_RUN
