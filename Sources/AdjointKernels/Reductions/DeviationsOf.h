// Deviations from the mean, and the parts of a gradient that go to the largest elements, for float and for
// double: included for each.

INLINE WIDE OF(wideAt)(const double *source, size_t count) {
  WIDE value = {};
  if (count == LANE_COUNT) memcpy(&value, source, sizeof value);
  else memcpy(&value, source, count * sizeof(double));
  return value;
}

// y = (x − mean) · factor, elements that lie together.
static void OF(scaledDeviations)(
    const void *restrict xs, size_t count, double mean, double factor, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t i = 0; i < count; i += LANE_COUNT) {
    const size_t high = count - i < LANE_COUNT ? count - i : LANE_COUNT;
    const WIDE value = OF(wide)(OF(loadUpTo)(x + i, high));
    OF(storeUpTo)(y + i, OF(narrow)((value - mean) * factor), high);
  }
}

// The same of rows of length `width`, with the mean and the factor of each column; zeros where that is 0.
static void OF(scaledDeviationsOfRows)(
    const void *restrict xs, size_t rows, size_t width, const double *restrict means,
    const double *restrict factors, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t i = 0; i < width; i += LANE_COUNT) {
    const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
    const WIDE mean = OF(wideAt)(means + i, high), factor = OF(wideAt)(factors + i, high);
    const __typeof__(factor == 0) isZero = factor == 0;
    for (size_t r = 0; r < rows; r++) {
      const WIDE value = OF(wide)(OF(loadUpTo)(x + r * width + i, high));
      const WIDE product = (value - mean) * factor;
      OF(storeUpTo)(
          y + r * width + i, OF(narrow)((WIDE)((__typeof__(isZero))product & ~isZero)), high);
    }
  }
}

// 1 where x is equal to y, else 0.
INLINE LANES OF(equality)(LANES x, LANES y) {
  return choose(x == y, (LANES){} + 1, (LANES){});
}

// x: [rows, runs, width], as for extremeRows, y, dy: [rows] -> dx, as x: dy, in equal parts, where x is
// equal to y, and 0 elsewhere. NaN if y is and dy is not 0.
static void OF(extremumGradientRows)(
    const void *restrict xs, const void *restrict ys, const void *restrict dys, size_t rows,
    size_t runs, size_t stride, size_t width, void *restrict dxs) {
  const ELEMENT *x = xs, *y = ys, *dy = dys;
  ELEMENT *dx = dxs;
  for (size_t row = 0; row < rows; row++, x += width, dx += width) {
    const LANES extreme = (LANES){} + y[row];
    size_t count = 0;
    for (size_t run = 0; run < runs; run++) {
      INTEGERS matches = {};
      for (size_t i = 0; i < width; i += LANE_COUNT) {
        const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT;
        matches -= (OF(loadUpTo)(x + run * stride + i, high) == extreme) & OF(leading)(high);
      }
      count += (size_t)__builtin_reduce_add(matches);
    }
    const ELEMENT share = dy[row] == 0 ? 0 : dy[row] / (ELEMENT)count;
    for (size_t run = 0; run < runs; run++)
      for (size_t i = 0; i < width; i += LANE_COUNT) {
        const size_t high = width - i < LANE_COUNT ? width - i : LANE_COUNT, place = run * stride + i;
        const LANES matches = OF(equality)(OF(loadUpTo)(x + place, high), extreme);
        OF(storeUpTo)(dx + place, matches * share, high);
      }
  }
}

INLINE void OF(extremumGradientBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, const ELEMENT *restrict y,
    const ELEMENT *restrict dy, size_t extent, size_t row, ELEMENT *restrict dx) {
  INTEGERS matches[columnsAtOnce] = {};
  LANES extreme[columnsAtOnce], share[columnsAtOnce];
  EACH_VECTOR extreme[v] = LOAD(AT(y));
  for (size_t k = 0; k < extent; k++) EACH_VECTOR matches[v] -= LOAD(IN_ROW(x)) == extreme[v];
  EACH_VECTOR {
    const LANES g = LOAD(AT(dy));
    share[v] = choose(g == 0, g, g / __builtin_convertvector(matches[v], LANES));
  }
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR STORE(IN_ROW(dx), OF(equality)(LOAD(IN_ROW(x)), extreme[v]) * share[v]);
}

// x: [extent, columns], y, dy: [columns] -> dx: [extent, columns]
static void OF(extremumGradientColumns)(
    const void *restrict xs, const void *restrict ys, const void *restrict dys, size_t extent,
    size_t row, size_t columns, void *restrict dxs) {
  const ELEMENT *x = xs, *y = ys, *dy = dys;
  ELEMENT *dx = dxs;
#define BLOCK(vectors, last) \
  OF(extremumGradientBlock)(vectors, last, x + c, y + c, dy + c, extent, row, dx + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

#undef EACH_VECTOR
#undef AT
#undef IN_ROW
#undef LOAD
#undef STORE
#undef INFINITE_ELEMENT
#undef WIDE
