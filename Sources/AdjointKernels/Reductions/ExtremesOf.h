// The largest and the smallest of some elements, and where they are, for one kind of element: included
// for each. NaN is beyond every number.

// Whether a takes the place of b, which was there before.
INLINE INTEGERS OF(supersedes)(LANES a, LANES b, const int isLargest) {
  const INTEGERS isBeyond = isLargest ? a > b : a < b;
  return (isBeyond | IS_NAN(a)) & ~IS_NAN(b);
}

INLINE LANES OF(further)(LANES a, LANES b, const int isLargest) {
  // A NaN in a takes the place of one in b, which is as good.
  return choose((isLargest ? a > b : a < b) | IS_NAN(a), a, b);
}

// The extreme lane.
INLINE ELEMENT OF(extremeLane)(LANES value, const int isLargest) {
#define EXCHANGED(...)                                                                    \
  value = OF(further)(value, __builtin_shufflevector(value, value, __VA_ARGS__), isLargest)
#if LANE_COUNT == 16
  EXCHANGED(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  EXCHANGED(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
  EXCHANGED(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  EXCHANGED(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
#else
  EXCHANGED(4, 5, 6, 7, 0, 1, 2, 3);
  EXCHANGED(2, 3, 0, 1, 6, 7, 4, 5);
  EXCHANGED(1, 0, 3, 2, 5, 4, 7, 6);
#endif
#undef EXCHANGED
  return value[0];
}

// The extreme of one element or more that lie together.
INLINE ELEMENT OF(extremeOf)(const ELEMENT *restrict x, size_t count, const int isLargest) {
  LANES best[4];
  for (int v = 0; v < 4; v++) best[v] = (LANES){} + x[0];
  size_t i = 0;
  for (; i + 4 * LANE_COUNT <= count; i += 4 * LANE_COUNT)
    UNROLLED for (size_t v = 0; v < 4; v++)
        best[v] = OF(further)(OF(loadUpTo)(x + i + v * LANE_COUNT, LANE_COUNT), best[v], isLargest);
  for (; i < count; i += LANE_COUNT) {
    const size_t high = count - i < LANE_COUNT ? count - i : LANE_COUNT;
    const LANES value = OF(loadUpTo)(x + i, high);
    best[0] = choose(OF(leading)(high), OF(further)(value, best[0], isLargest), best[0]);
  }
  const LANES left = OF(further)(best[0], best[1], isLargest);
  const LANES right = OF(further)(best[2], best[3], isLargest);
  return OF(extremeLane)(OF(further)(left, right, isLargest), isLargest);
}

// x: [rows, runs, width], runs `stride` apart and rows one after the other within the first run
// -> y: [rows].
static void OF(extremeRows)(
    const void *restrict xs, size_t rows, size_t runs, size_t stride, size_t width, int isLargest,
    void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t row = 0; row < rows; row++, x += width) {
    ELEMENT best = x[0];
    for (size_t run = 0; run < runs; run++) {
      const ELEMENT *source = x + run * stride;
      const ELEMENT other =
          isLargest ? OF(extremeOf)(source, width, 1) : OF(extremeOf)(source, width, 0);
      const int isBeyond = isLargest ? other > best : other < best;
      if (isBeyond || IS_ODD(other)) best = other;
    }
    y[row] = best;
  }
}

INLINE void OF(extremeBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    const int isLargest, ELEMENT *restrict y) {
  LANES best[columnsAtOnce];
  UNROLLED for (int v = 0; v < vectors; v++) best[v] = OF(loadUpTo)(x + v * LANE_COUNT, last);
  for (size_t k = 1; k < extent; k++)
    UNROLLED for (int v = 0; v < vectors; v++) best[v] =
        OF(further)(OF(loadUpTo)(x + k * row + v * LANE_COUNT, last), best[v], isLargest);
  UNROLLED for (int v = 0; v < vectors; v++) OF(storeUpTo)(y + v * LANE_COUNT, best[v], last);
}

// x: [extent, columns], rows `row` apart -> y: [columns].
static void OF(extremeColumns)(
    const void *restrict xs, size_t extent, size_t row, size_t columns, int isLargest,
    void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
#define BLOCK(vectors, last)                                                            \
  if (isLargest) OF(extremeBlock)(vectors, last, x + c, extent, row, 1, y + c);         \
  else OF(extremeBlock)(vectors, last, x + c, extent, row, 0, y + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

// x: [rows, width] -> y: [rows], the place of the first of the largest, or of the first NaN.
static void OF(largestPlaceRows)(
    const void *restrict xs, size_t rows, size_t width, int32_t *restrict y) {
  const ELEMENT *x = xs;
  for (size_t row = 0; row < rows; row++, x += width) {
    const ELEMENT most = OF(extremeOf)(x, width, 1);
    size_t i = 0;
    for (; i + LANE_COUNT <= width; i += LANE_COUNT) {
      const LANES value = OF(loadUpTo)(x + i, LANE_COUNT);
      if (any((INTEGERS)((value == most) | IS_NAN(value)))) break;
    }
    while (i + 1 < width && x[i] != most && !IS_ODD(x[i])) i++;
    y[row] = (int32_t)i;
  }
}

INLINE void OF(largestPlaceBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    int32_t *restrict y) {
  LANES best[columnsAtOnce];
  INTEGERS place[columnsAtOnce] = {};
  UNROLLED for (int v = 0; v < vectors; v++) best[v] = OF(loadUpTo)(x + v * LANE_COUNT, last);
  for (size_t k = 1; k < extent; k++)
    UNROLLED for (int v = 0; v < vectors; v++) {
      const LANES value = OF(loadUpTo)(x + k * row + v * LANE_COUNT, last);
      const INTEGERS isBetter = OF(supersedes)(value, best[v], 1);
      best[v] = choose(isBetter, value, best[v]);
      place[v] = (isBetter & (INTEGER)k) | (~isBetter & place[v]);
    }
  for (int v = 0; v < vectors; v++)
    for (size_t lane = 0; lane < last; lane++) y[v * LANE_COUNT + (int)lane] = (int32_t)place[v][lane];
}

// x: [extent, columns], rows `row` apart -> y: [columns].
static void OF(largestPlaceColumns)(
    const void *restrict xs, size_t extent, size_t row, size_t columns, int32_t *restrict y) {
  const ELEMENT *x = xs;
#define BLOCK(vectors, last) OF(largestPlaceBlock)(vectors, last, x + c, extent, row, y + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}
