// Functions of rows made of exponentials, for float and for double: included for each.
//
// The largest element is subtracted first, so that nothing overflows. A row of a cotangent that is all zeros
// sends back zeros, whatever the values are.

// e^(x − shift) of the rest of a row, and zeros behind its end.
INLINE LANES OF(exponentialsUpTo)(const ELEMENT *restrict x, size_t count, ELEMENT shift) {
  const LANES e = exponential(OF(loadUpTo)(x, count) - shift);
  return count == LANE_COUNT ? e : choose(OF(leading)(count), e, (LANES){});
}

// y = e^(x − shift), and its sum.
INLINE double OF(rowExponentials)(
    const ELEMENT *restrict x, size_t width, ELEMENT shift, ELEMENT *restrict y) {
  OF(Sum) sum = {};
  size_t i = 0;
  for (; i + LANE_COUNT <= width; i += LANE_COUNT) {
    const LANES e = OF(exponentialsUpTo)(x + i, LANE_COUNT, shift);
    OF(add)(&sum, e);
    OF(storeUpTo)(y + i, e, LANE_COUNT);
  }
  if (i < width) {
    const LANES e = OF(exponentialsUpTo)(x + i, width - i, shift);
    OF(add)(&sum, e);
    OF(storeUpTo)(y + i, e, width - i);
  }
  return OF(total)(sum);
}

INLINE void OF(scaleRow)(ELEMENT *restrict y, size_t width, ELEMENT factor) {
  size_t i = 0;
  for (; i + LANE_COUNT <= width; i += LANE_COUNT)
    OF(storeUpTo)(y + i, OF(loadUpTo)(y + i, LANE_COUNT) * factor, LANE_COUNT);
  if (i < width) OF(storeUpTo)(y + i, OF(loadUpTo)(y + i, width - i) * factor, width - i);
}

// x: [rows, width] -> y: [rows, width]
static void OF(softmaxRows)(const void *restrict xs, size_t rows, size_t width, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t row = 0; row < rows; row++, x += width, y += width) {
    const ELEMENT most = OF(extremeOf)(x, width, 1);
    const double sum = OF(rowExponentials)(x, width, most, y);
    OF(scaleRow)(y, width, (ELEMENT)(1 / sum));
  }
}

// The largest of a row, and Σ e^(x − largest) over all but one of these: the whole sum is 1 more, next to
// which small ones would be lost. Unknown where the largest is infinite, as all shares are.
typedef struct {
  ELEMENT most;
  double rest;
} OF(Exponentials);

// The exponentials are written to y, unless that is null.
INLINE OF(Exponentials) OF(exponentialsApart)(
    const ELEMENT *restrict x, size_t width, ELEMENT *restrict y) {
  OF(Exponentials) result = {OF(extremeOf)(x, width, 1), 0};
  OF(Sum) sum = {};
  INTEGERS found = {};
  for (size_t i = 0; i < width; i += LANE_COUNT) {
    const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
    const LANES value = OF(loadUpTo)(x + i, high);
    LANES e = OF(exponentialsUpTo)(x + i, high, result.most);
    if (y) OF(storeUpTo)(y + i, e, high);
    // The first of the largest in each lane is left out; there may be one in several.
    const INTEGERS isMost = (value == result.most) & ~found & OF(leading)(high);
    found |= isMost;
    OF(add)(&sum, choose(isMost, (LANES){}, e));
  }
  const int isInfinite = __builtin_fabs(result.most) == __builtin_inf();
  result.rest = isInfinite ? __builtin_nan("") : OF(total)(sum) + (double)(-__builtin_reduce_add(found) - 1);
  return result;
}

// What x − largest is taken from: 0 if all are −∞.
INLINE ELEMENT OF(finiteShift)(ELEMENT most) { return most == -(ELEMENT)__builtin_inff() ? 0 : most; }

// x: [rows, runs, width], as for extremeRows -> y: [rows], log Σ e^x. Infinite if the largest is.
static void OF(logSumExpRows)(
    const void *restrict xs, size_t rows, size_t runs, size_t stride, size_t width,
    void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t row = 0; row < rows; row += 8) {
    // Eight logarithms at a time.
    Double8Lanes most = {}, rest = {};
    const size_t high = rows - row < 8 ? rows - row : 8;
    for (size_t r = 0; r < high; r++, x += width) {
      OF(Exponentials) e = OF(exponentialsApart)(x, width, 0);
      for (size_t run = 1; run < runs; run++) {
        // The run with the smaller maximum is scaled to the larger; its own largest is no longer apart.
        OF(Exponentials) other = OF(exponentialsApart)(x + run * stride, width, 0);
        if (other.most > e.most || other.most != other.most) {
          const OF(Exponentials) smaller = e;
          e = other;
          other = smaller;
        }
        const double distance = (double)other.most - (double)e.most;
        if (other.most != -(ELEMENT)__builtin_inff())
          e.rest += (1 + other.rest) * __builtin_exp(distance);
      }
      most[r] = e.most;
      rest[r] = e.rest;
    }
    const Double8Lanes sum = most + logarithmOfOnePlus(rest);
    for (size_t r = 0; r < high; r++) {
      const int isInfinite = __builtin_fabs(most[r]) == __builtin_inf();
      y[row + r] = (ELEMENT)(isInfinite ? most[r] : sum[r]);
    }
  }
}

// dx = dy · e^x / Σ e^x, 0 where dy is. Where all of a row are −∞, y is −∞ whatever finite number is added to them,
// and dx is 0; where the largest is ∞, it is dy · e^(x − ∞).
static void OF(logSumExpGradientRows)(
    const void *restrict xs, const void *restrict dys, size_t rows, size_t width,
    void *restrict dxs) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *dx = dxs;
  for (size_t row = 0; row < rows; row++, x += width, dx += width) {
    if (dy[row] == 0) {
      memset(dx, 0, width * sizeof *dx);
      continue;
    }
    const ELEMENT most = OF(extremeOf)(x, width, 1);
    const double sum = OF(rowExponentials)(x, width, OF(finiteShift)(most), dx);
    const int isInfinite = __builtin_fabs(most) == __builtin_inf();
    OF(scaleRow)(dx, width, (ELEMENT)(isInfinite ? (double)dy[row] : (double)dy[row] / sum));
  }
}

// y = x − log Σ e^x, row by row.
static void OF(logSoftmaxRows)(
    const void *restrict xs, size_t rows, size_t width, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t row = 0; row < rows; row++, x += width, y += width) {
    const OF(Exponentials) e = OF(exponentialsApart)(x, width, 0);
    const ELEMENT logarithm = (ELEMENT)__builtin_log1p(e.rest);
    for (size_t i = 0; i < width; i += LANE_COUNT) {
      const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
      OF(storeUpTo)(y + i, (OF(loadUpTo)(x + i, high) - e.most) - logarithm, high);
    }
  }
}

// dx = y · (dy − Σ dy·y), row by row.
static void OF(softmaxGradientRows)(
    const void *restrict ys, const void *restrict dys, size_t rows, size_t width,
    void *restrict dxs) {
  const ELEMENT *y = ys, *dy = dys;
  ELEMENT *dx = dxs;
  for (size_t row = 0; row < rows; row++, y += width, dy += width, dx += width) {
    if (isZeros(dy, width)) {
      memset(dx, 0, width * sizeof *dx);
      continue;
    }
    OF(Sum) sum = {};
    for (size_t i = 0; i < width; i += LANE_COUNT) {
      const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
      OF(addProduct)(&sum, OF(loadUpTo)(y + i, high), OF(loadUpTo)(dy + i, high));
    }
    const ELEMENT mean = (ELEMENT)OF(total)(sum);
    for (size_t i = 0; i < width; i += LANE_COUNT) {
      const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
      const LANES value = OF(loadUpTo)(y + i, high);
      OF(storeUpTo)(dx + i, value * (OF(loadUpTo)(dy + i, high) - mean), high);
    }
  }
}

// dx = dy − e^y · Σ dy, row by row.
static void OF(logSoftmaxGradientRows)(
    const void *restrict ys, const void *restrict dys, size_t rows, size_t width,
    void *restrict dxs) {
  const ELEMENT *y = ys, *dy = dys;
  ELEMENT *dx = dxs;
  for (size_t row = 0; row < rows; row++, y += width, dy += width, dx += width) {
    if (isZeros(dy, width)) {
      memset(dx, 0, width * sizeof *dx);
      continue;
    }
    OF(Sum) sum = {};
    for (size_t i = 0; i < width; i += LANE_COUNT)
      OF(add)(&sum, OF(loadUpTo)(dy + i, width - i < LANE_COUNT ? width - i : LANE_COUNT));
    const ELEMENT total = (ELEMENT)OF(total)(sum);
    for (size_t i = 0; i < width; i += LANE_COUNT) {
      const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
      const LANES share = exponential(OF(loadUpTo)(y + i, high));
      OF(storeUpTo)(dx + i, OF(loadUpTo)(dy + i, high) - share * total, high);
    }
  }
}
