// Convolutions of 3 by 3 by Winograd's algorithm F(4×4, 3×3): 36 multiplications for 16 results in
// place of 144.
//
//   y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A      d: 6 by 6 values, w: 3 by 3 weights, y: 4 by 4 results
//
// The products ⊙, summed over the channels, are 36 matrix products. Since the rule is bilinear, its
// gradients are made of the same matrices: that of d is the same convolution with the weights turned,
// and dw = Gᵀ [(A dy Aᵀ) ⊙ (Bᵀ d B)] G.
//
// The matrices' entries, up to 8, cost digits: for random numbers rounding errors grow by the root of
// the mean over the results of Σ A²·|G|²·|B|², 10.8 in both directions together. Measured against
// float64, with 64 channels, the root mean square of the error is 1.8e-6 of that of the result, and the
// largest error 3e-5. A direct sum has 4e-7. F(2×2, 3×3) would let them grow by 1.7, to 3e-7, with 1.8
// times as many multiplications: measured, its products alone take as long as all of this.
//
// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks" (2016), with the points
// 0, ±1, ±2 and ∞.
//
// Longer than 250 lines: its transforms and loops make sense only together.

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

// Eight tiles are taken apart at once. What is written past the end of a run is overwritten by the
// next, or lies in the gap between the rows of a block.
enum { tilesAtOnce = 8 };

INLINE size_t pitch(size_t length) { return length + 16; }

// The number of tiles that are transformed and multiplied together: what belongs to them stays in the
// second cache.
//
// Four blocks or a multiple of it, so that they can be shared out evenly.
static size_t winogradBlockLength(AdjointConvolution s) {
  const size_t all = tiling(s).all;
  size_t fitting = (size_t)(1 << 20) / (windowCount * sizeof(float) * (s.inputs + s.outputs));
  fitting = fitting < 32 ? 32 : fitting > 256 ? 256 : fitting;
  const size_t blocks = ((all + fitting - 1) / fitting + 3) / 4 * 4;
  return blocks == 0 ? 16 : ((all + blocks - 1) / blocks + 15) & ~(size_t)15;
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
  return windowCount * (length * (s.inputs + s.outputs) + pitch(length)) +
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

// Elements of eight tiles side by side are taken apart and put together at once.

// Copies elements that lie together, rows of images, most of which are short.
INLINE void copyRow(float *restrict target, const float *restrict source, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) *(Float8InMemory *)(target + i) = *(const Float8InMemory *)(source + i);
  for (; i < count; i++) target[i] = source[i];
}

INLINE void clearRow(float *restrict target, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) *(Float8InMemory *)(target + i) = (Float8Lanes){};
  for (; i < count; i++) target[i] = 0;
}

// Every fourth of 32 elements, from the first, the second, the third and the fourth on.
INLINE void takeApart(const float *restrict source, float *restrict target, size_t step) {
  const Float16Lanes a = load16(source), b = load16(source + 16);
  *(Float8InMemory *)target = __builtin_shufflevector(a, b, 0, 4, 8, 12, 16, 20, 24, 28);
  *(Float8InMemory *)(target + step) = __builtin_shufflevector(a, b, 1, 5, 9, 13, 17, 21, 25, 29);
  *(Float8InMemory *)(target + 2 * step) = __builtin_shufflevector(a, b, 2, 6, 10, 14, 18, 22, 26, 30);
  *(Float8InMemory *)(target + 3 * step) = __builtin_shufflevector(a, b, 3, 7, 11, 15, 19, 23, 27, 31);
}

// The other way round.
INLINE void putTogether(const float *restrict source, size_t step, float *restrict target) {
  const Float8Lanes a = *(const Float8InMemory *)source, b = *(const Float8InMemory *)(source + step);
  const Float8Lanes c = *(const Float8InMemory *)(source + 2 * step);
  const Float8Lanes d = *(const Float8InMemory *)(source + 3 * step);
  const Float16Lanes ab = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  const Float16Lanes cd = __builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  store16(target, __builtin_shufflevector(ab, cd, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
  store16(target + 16, __builtin_shufflevector(ab, cd, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31));
}

// Room for a row of the longest run, and what is read past its end.
enum { lineLength = tileSide * (256 + tilesAtOnce) + 8 };

// The windows of a run of tiles, element by element: windows[36][pitch(length)].
static void readWindows(
    AdjointConvolution s, const float *restrict plane, size_t row, size_t column, size_t count,
    float *restrict windows, size_t length) {
  float lines[windowSide * lineLength];
  const size_t step = pitch(length);
  const size_t wide = tileSide * ((count + tilesAtOnce - 1) / tilesAtOnce * tilesAtOnce) + 4;
  const ptrdiff_t left = (ptrdiff_t)(tileSide * column) - (ptrdiff_t)s.left;
  const ptrdiff_t from = left < 0 ? -left : 0;
  ptrdiff_t until = (ptrdiff_t)s.width - left;
  if (until > (ptrdiff_t)(tileSide * count + 2)) until = (ptrdiff_t)(tileSide * count + 2);
  // All rows first: what was just written is read at other borders, for which the processor would wait.
  for (size_t i = 0; i < windowSide; i++) {
    const ptrdiff_t y = (ptrdiff_t)(tileSide * row + i) - (ptrdiff_t)s.top;
    float *restrict line = lines + i * wide;
    if (y < 0 || y >= (ptrdiff_t)s.height || until <= from) {
      clearRow(line, wide);
    } else {
      for (ptrdiff_t x = 0; x < from; x++) line[x] = 0;
      copyRow(line + from, plane + y * (ptrdiff_t)s.width + left + from, (size_t)(until - from));
      clearRow(line + until, wide - (size_t)until);
    }
  }
  for (size_t i = 0; i < windowSide; i++) {
    float *restrict w = windows + i * windowSide * step;
    for (size_t k = 0; k < count; k += tilesAtOnce) {
      const float *source = lines + i * wide + tileSide * k;
      takeApart(source, w + k, step);
      const Float16Lanes a = load16(source + 4), b = load16(source + 20);
      *(Float8InMemory *)(w + 4 * step + k) = __builtin_shufflevector(a, b, 0, 4, 8, 12, 16, 20, 24, 28);
      *(Float8InMemory *)(w + 5 * step + k) = __builtin_shufflevector(a, b, 1, 5, 9, 13, 17, 21, 25, 29);
    }
  }
}

// The results of a run of tiles from tiles[16][pitch(length)].
static void writeTiles(
    AdjointConvolution s, const float *restrict tiles, size_t length, size_t row, size_t column,
    size_t count, float *restrict plane) {
  float line[lineLength];
  const size_t left = tileSide * column, step = pitch(length);
  const size_t wide = s.outWidth - left < tileSide * count ? s.outWidth - left : tileSide * count;
  for (size_t i = 0; i < tileSide && tileSide * row + i < s.outHeight; i++) {
    for (size_t k = 0; k < count; k += tilesAtOnce)
      putTogether(tiles + i * tileSide * step + k, step, line + tileSide * k);
    copyRow(plane + (tileSide * row + i) * s.outWidth + left, line, wide);
  }
}

// The gradients of a run of tiles, with zeros where the image ends: tiles[16][pitch(length)].
static void readTiles(
    AdjointConvolution s, const float *restrict plane, size_t row, size_t column, size_t count,
    float *restrict tiles, size_t length) {
  float line[lineLength];
  const size_t left = tileSide * column, step = pitch(length);
  const size_t whole = tileSide * ((count + tilesAtOnce - 1) / tilesAtOnce * tilesAtOnce);
  const size_t wide = s.outWidth - left < tileSide * count ? s.outWidth - left : tileSide * count;
  for (size_t i = 0; i < tileSide; i++) {
    const size_t y = tileSide * row + i;
    if (y >= s.outHeight) {
      clearRow(line, whole);
    } else {
      copyRow(line, plane + y * s.outWidth + left, wide);
      clearRow(line + wide, whole - wide);
    }
    for (size_t k = 0; k < count; k += tilesAtOnce)
      takeApart(line + tileSide * k, tiles + i * tileSide * step + k, step);
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
      for (size_t i = 0; i < windowSide; i++) d[i][j] = load16(windows + (i * windowSide + j) * pitch(length) + k);
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
      for (size_t j = 0; j < tileSide; j++) store16(tiles + (i * tileSide + j) * pitch(length) + k, m[i][j]);
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
      for (size_t i = 0; i < tileSide; i++) g[i][j] = load16(tiles + (i * tileSide + j) * pitch(length) + k);
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

// G of three vectors: what the six are made of.
#define TRANSFORM_WEIGHTS(a, b, e, u)                                       \
  do {                                                                      \
    const Float16Lanes even = a * (1 / 6.0f) + e * (1 / 6.0f);              \
    const Float16Lanes odd = b * (1 / 6.0f);                                \
    const Float16Lanes sum = a * (1 / 24.0f) + e * (1 / 6.0f);              \
    const Float16Lanes share = b * (1 / 12.0f);                             \
    u[0] = a * 0.25f; u[1] = -(even + odd); u[2] = odd - even;              \
    u[3] = sum + share; u[4] = sum - share; u[5] = e;                         \
  } while (0)

// Gᵀ of six vectors, which makes three.
#define TRANSFORM_WEIGHT_GRADIENTS(u, w)                                    \
  do {                                                                      \
    const Float16Lanes a = u[1] + u[2], b = u[2] - u[1];                    \
    const Float16Lanes c = u[3] + u[4], e = u[3] - u[4];                    \
    w[0] = u[0] * 0.25f - a * (1 / 6.0f) + c * (1 / 24.0f);                 \
    w[1] = b * (1 / 6.0f) + e * (1 / 12.0f);                                \
    w[2] = (c - a) * (1 / 6.0f) + u[5];                                     \
  } while (0)

// G w Gᵀ for all pairs: transformed[36][outputs][inputs] of weight[outputs][inputs][3][3]; turned, with
// the two exchanged, transformed[36][inputs][outputs]. Sixteen pairs at a time.
static void winogradWeights(
    size_t inputs, size_t outputs, const float *restrict weight, int turns,
    float *restrict transformed) {
  const size_t slow = turns ? inputs : outputs, fast = turns ? outputs : inputs;
  const size_t slowStep = turns ? 9 : 9 * inputs, fastStep = turns ? 9 * inputs : 9;
  for (size_t i = 0; i < slow; i++)
    for (size_t j = 0; j < fast; j += 16) {
      const size_t count = fast - j < 16 ? fast - j : 16;
      const float *source = weight + i * slowStep + j * fastStep;
      float lanes[9][16] = {};
      for (size_t pair = 0; pair < count; pair++)
        for (size_t tap = 0; tap < 9; tap++)
          lanes[tap][pair] = source[pair * fastStep + (turns ? 8 - tap : tap)];
      Float16Lanes half[3][windowSide], all[windowSide];
      for (size_t tap = 0; tap < 3; tap++) {
        const Float16Lanes a = load16(lanes[tap]), b = load16(lanes[3 + tap]), e = load16(lanes[6 + tap]);
        TRANSFORM_WEIGHTS(a, b, e, half[tap]);
      }
      for (size_t row = 0; row < windowSide; row++) {
        TRANSFORM_WEIGHTS(half[0][row], half[1][row], half[2][row], all);
        for (size_t column = 0; column < windowSide; column++) {
          float *target = transformed + ((row * windowSide + column) * slow + i) * fast + j;
          if (count == 16) store16(target, all[column]);
          else storeFirst(target, all[column], count);
        }
      }
    }
}

// Gᵀ u G for all pairs: dweight[outputs][inputs][3][3] of transformed[36][outputs][inputs].
static void winogradWeightGradient(
    size_t inputs, size_t outputs, const float *restrict transformed, float *restrict dweight) {
  const size_t pairs = inputs * outputs;
  for (size_t pair = 0; pair < pairs; pair += 16) {
    const size_t count = pairs - pair < 16 ? pairs - pair : 16;
    Float16Lanes half[windowSide][3], u[windowSide], w[3];
    for (size_t column = 0; column < windowSide; column++) {
      for (size_t row = 0; row < windowSide; row++) {
        const float *source = transformed + (row * windowSide + column) * pairs + pair;
        u[row] = count == 16 ? load16(source) : loadFirst(source, count);
      }
      TRANSFORM_WEIGHT_GRADIENTS(u, half[column]);
    }
    float lanes[9][16];
    for (size_t row = 0; row < 3; row++) {
      for (size_t column = 0; column < windowSide; column++) u[column] = half[column][row];
      TRANSFORM_WEIGHT_GRADIENTS(u, w);
      for (size_t column = 0; column < 3; column++) store16(lanes[3 * row + column], w[column]);
    }
    for (size_t k = 0; k < count; k++)
      for (size_t tap = 0; tap < 9; tap++) dweight[(pair + k) * 9 + tap] = lanes[tap][k];
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
  float *const own = windows + windowCount * pitch(length);
  memset(windows, 0, windowCount * pitch(length) * sizeof(float));
  for (size_t block = firstBlock; block < lastBlock; block++) {
    const size_t first = block * length, last = first + length < t.all ? first + length : t.all;
    transformInputs(s, t, first, last, x, values, length, windows);
    for (size_t p = 0; p < windowCount; p++)
      productFloat(
          s.outputs, s.inputs, length, transformed + p * pairs, s.inputs, 1,
          values + p * s.inputs * length, length, 1, NULL, products + p * s.outputs * length, length,
          0, 0, 0, own);
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
  float *const own = windows + windowCount * pitch(length);
  for (size_t block = firstBlock; block < lastBlock; block++) {
    const size_t first = block * length, last = first + length < t.all ? first + length : t.all;
    // Where a block is not full, what is left over adds zeros.
    memset(windows, 0, windowCount * pitch(length) * sizeof(float));
    transformInputs(s, t, first, last, x, values, length, windows);
    memset(windows, 0, windowCount * pitch(length) * sizeof(float));
    for (size_t o = 0; o < s.outputs; o++) {
      FOR_EACH_RUN(readTiles(
          s, dy + (n * s.outputs + o) * s.outHeight * s.outWidth, row, column, count,
          windows + place, length))
      transformGradients(windows, length, gradients + o * length, s.outputs * length);
    }
    for (size_t p = 0; p < windowCount; p++)
      productFloat(
          s.outputs, length, s.inputs, gradients + p * s.outputs * length, length, 1,
          values + p * s.inputs * length, 1, length, NULL, transformed + p * pairs, s.inputs, 0, 0, 1,
          own);
  }
}

#undef FOR_EACH_RUN
