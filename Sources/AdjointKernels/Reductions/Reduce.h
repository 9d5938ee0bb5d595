// Sums, and the functions of rows that are made of them.
//
// Float is added up in double. Every sum has one order, whatever the instruction set: lanes of 64
// bytes, then the lanes by halves.

#pragma clang fp contract(off)

// The sum of `count` elements that lie together: four times 16 lanes, added at the end.
static double sumFloat(const float *restrict x, size_t count) {
  Double16Lanes sums[2] = {};
  double rest = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < 2; v++) sums[v] += widened(load16(x + i + 16 * v));
  for (; i < count; i++) rest += x[i];
  return total16(sums[0] + sums[1]) + rest;
}

// The same of double. A block of 1024 is added up in 32 lanes, blocks by pairs: the error grows with
// the logarithm of the count.
static double sumDouble(const double *restrict x, size_t count) {
  enum { block = 1024 };
  if (count > block) {
    const size_t half = (count / 2 + block - 1) / block * block;
    return sumDouble(x, half) + sumDouble(x + half, count - half);
  }
  Double8Lanes sums[4] = {};
  double rest = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < 4; v++) sums[v] += *(const Double8InMemory *)(x + i + 8 * v);
  for (; i < count; i++) rest += x[i];
  return total8((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
}

// Adds rows of length `width`, which lie `width` apart, to sums: element by element.
static void sumRowsFloat(const float *restrict x, size_t rows, size_t width, double *restrict sums) {
  size_t row = 0;
  for (; row + 4 <= rows; row += 4, x += 4 * width) {
    size_t i = 0;
    for (; i + 16 <= width; i += 16) {
      Double16Lanes sum = *(const Double16InMemory *)(sums + i);
      for (size_t r = 0; r < 4; r++) sum += widened(load16(x + r * width + i));
      *(Double16InMemory *)(sums + i) = sum;
    }
    for (; i < width; i++)
      for (size_t r = 0; r < 4; r++) sums[i] += x[r * width + i];
  }
  for (; row < rows; row++, x += width)
    for (size_t i = 0; i < width; i++) sums[i] += x[i];
}

static void sumRowsDouble(const double *restrict x, size_t rows, size_t width, double *restrict sums) {
  for (size_t row = 0; row < rows; row++, x += width)
    for (size_t i = 0; i < width; i++) sums[i] += x[i];
}

// MARK: The largest of some elements

INLINE float largest(const float *restrict x, size_t count) {
  Float16Lanes most = all16(-__builtin_inff());
  size_t i = 0;
  for (; i + 16 <= count; i += 16) most = larger16(load16(x + i), most);
  if (i < count) {
    const Float16Lanes rest = loadFirst(x + i, count - i);
    most = larger16(choose(firstLanes(count - i), rest, most), most);
  }
  return largest16(most);
}

INLINE Float16Lanes smaller16(Float16Lanes a, Float16Lanes b) {
  return choose((a < b) | (a != a), a, b);
}

// The largest element, or the smallest; NaN if one is.
static float extreme(const float *restrict x, size_t count, int isLargest) {
  if (isLargest) return largest(x, count);
  Float16Lanes least = all16(__builtin_inff());
  for (size_t i = 0; i < count; i += 16) {
    const size_t high = count - i < 16 ? count - i : 16;
    const Float16Lanes value = high == 16 ? load16(x + i) : loadFirst(x + i, high);
    least = choose(firstLanes(high), smaller16(value, least), least);
  }
  return -largest16(-least);
}

// The same of each column of rows that lie `row` apart.
static void extremeOfRows(
    const float *restrict x, size_t rows, size_t row, size_t columns, int isLargest,
    float *restrict y) {
  for (size_t c = 0; c < columns; c += 16) {
    const size_t high = columns - c < 16 ? columns - c : 16;
    Float16Lanes best = loadFirst(x + c, high);
    for (size_t r = 1; r < rows; r++) {
      const float *source = x + r * row + c;
      const Float16Lanes value = high == 16 ? load16(source) : loadFirst(source, high);
      best = isLargest ? larger16(value, best) : smaller16(value, best);
    }
    storeFirst(y + c, best, high);
  }
}

// MARK: Softmax of rows

// y = e^(x − max x), and its sum in double.
INLINE double exponentials(const float *restrict x, size_t count, float most, float *restrict y) {
  Double16Lanes sums = {};
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const Float16Lanes e = exponential(load16(x + i) - most);
    sums += widened(e);
    store16(y + i, e);
  }
  double sum = total16(sums);
  if (i < count) {
    const Float16Lanes e = exponential(loadFirst(x + i, count - i) - most);
    storeFirst(y + i, e, count - i);
    for (size_t lane = 0; lane < count - i; lane++) sum += e[lane];
  }
  return sum;
}

// x: [rows, width] -> y: [rows, width]
static void softmax(const float *restrict x, size_t rows, size_t width, float *restrict y) {
  for (size_t row = 0; row < rows; row++, x += width, y += width) {
    const double sum = exponentials(x, width, largest(x, width), y);
    const float factor = (float)(1 / sum);
    for (size_t i = 0; i < width; i++) y[i] *= factor;
  }
}

// dx = y · (dy − Σ dy·y), row by row.
static void softmaxGradient(
    const float *restrict y, const float *restrict dy, size_t rows, size_t width,
    float *restrict dx) {
  for (size_t row = 0; row < rows; row++, y += width, dy += width, dx += width) {
    Double16Lanes sums = {};
    size_t i = 0;
    for (; i + 16 <= width; i += 16) sums += widened(load16(y + i)) * widened(load16(dy + i));
    double sum = total16(sums);
    for (; i < width; i++) sum += (double)y[i] * (double)dy[i];
    const float mean = (float)sum;
    for (i = 0; i < width; i++) dx[i] = y[i] * (dy[i] - mean);
  }
}

// MARK: Softmax cross-entropy of rows

// e^(x − max x), whose largest is 1; the sum of all but that one, which is kept apart, since next to
// 1 small ones would be lost.
typedef struct {
  float most;
  size_t where;
  double rest;
} Exponentials;

// They are written to y, unless that is null.
INLINE Exponentials exponentialsApart(const float *restrict x, size_t count, float *restrict y) {
  Exponentials result = {largest(x, count), 0, 0};
  while (result.where + 1 < count && x[result.where] != result.most) result.where++;
  for (size_t i = 0; i < count; i += 16) {
    const size_t high = count - i < 16 ? count - i : 16;
    const Float16Lanes value = high == 16 ? load16(x + i) : loadFirst(x + i, high);
    Float16Lanes e = exponential(value - result.most);
    if (y) {
      if (high == 16) store16(y + i, e);
      else storeFirst(y + i, e, high);
    }
    e = choose(firstLanes(high) & (lanes16 != (int32_t)(result.where - i)), e, all16(0));
    result.rest += total16(widened(e));
  }
  return result;
}

// x: [rows, width] -> y: [rows], log Σ e^x. Infinite if the largest is.
static void logSumExp(const float *restrict x, size_t rows, size_t width, float *restrict y) {
  for (size_t row = 0; row < rows; row++, x += width) {
    const Exponentials e = exponentialsApart(x, width, NULL);
    const int isInfinite = __builtin_fabsf(e.most) == __builtin_inff();
    y[row] = isInfinite ? e.most : (float)((double)e.most + __builtin_log1p(e.rest));
  }
}

// x: [rows, width], labels: [rows] -> y: [rows], −log softmax(x)[label].
static void softmaxCrossEntropy(
    const float *restrict x, const int32_t *restrict labels, size_t rows, size_t width,
    float *restrict y) {
  for (size_t row = 0; row < rows; row++, x += width) {
    const Exponentials e = exponentialsApart(x, width, NULL);
    y[row] = (float)((double)e.most - (double)x[labels[row]] + __builtin_log1p(e.rest));
  }
}

// dx = (softmax(x) − onehot(label)) · dy; at the label, minus the sum of the others.
static void softmaxCrossEntropyGradient(
    const float *restrict x, const int32_t *restrict labels, const float *restrict dy, size_t rows,
    size_t width, float *restrict dx) {
  for (size_t row = 0; row < rows; row++, x += width, dx += width) {
    const Exponentials e = exponentialsApart(x, width, dx);
    const size_t label = (size_t)labels[row];
    const double others = label == e.where ? e.rest : 1 + e.rest - (double)dx[label];
    const double factor = (double)dy[row] / (1 + e.rest);
    const float scale = (float)factor;
    for (size_t i = 0; i < width; i++) dx[i] *= scale;
    dx[label] = (float)(-others * factor);
  }
}
