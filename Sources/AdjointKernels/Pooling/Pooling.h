// Pooling: any windows one after the other, and windows of 2 by 2 by vectors.

// MARK: Any windows

// The taps of a window along one axis that lie within the image, and the place of its first tap.
typedef struct {
  size_t first, end;
  ptrdiff_t start;
} Taps;

INLINE Taps tapsOf(const AdjointPooling *shape, int axis, size_t window) {
  const ptrdiff_t step = (ptrdiff_t)shape->dilations[axis];
  Taps taps = {0, shape->taps[axis], 0};
  taps.start = (ptrdiff_t)(window * shape->strides[axis]) - (ptrdiff_t)shape->before[axis];
  while (taps.first < taps.end && taps.start + (ptrdiff_t)taps.first * step < 0) taps.first++;
  while (taps.end > taps.first
         && taps.start + (ptrdiff_t)(taps.end - 1) * step >= (ptrdiff_t)shape->extents[axis])
    taps.end--;
  return taps;
}

// Does FORM with the `window` of a plane, and in it, for each tap, DO with the `element` of the image.
#define EACH_WINDOW(FORM)                                              \
  size_t window = 0;                                                   \
  for (size_t a = 0; a < shape.counts[0]; a++) {                       \
    const Taps outer = tapsOf(&shape, 0, a);                           \
    for (size_t b = 0; b < shape.counts[1]; b++) {                     \
      const Taps middle = tapsOf(&shape, 1, b);                        \
      for (size_t c = 0; c < shape.counts[2]; c++, window++) {         \
        const Taps inner = tapsOf(&shape, 2, c);                       \
        FORM                                                           \
      }                                                                \
    }                                                                  \
  }
#define PLACE(taps, axis, tap) (taps.start + (ptrdiff_t)(tap * shape.dilations[axis]))
#define EACH_TAP(DO)                                                                          \
  for (size_t i = outer.first; i < outer.end; i++)                                            \
    for (size_t j = middle.first; j < middle.end; j++) {                                      \
      const ptrdiff_t row = (PLACE(outer, 0, i) * (ptrdiff_t)shape.extents[1]                 \
                             + PLACE(middle, 1, j)) * (ptrdiff_t)shape.extents[2];            \
      for (size_t k = inner.first; k < inner.end; k++) {                                      \
        const ptrdiff_t element = row + PLACE(inner, 2, k);                                   \
        DO                                                                                    \
      }                                                                                       \
    }

INLINE size_t planeSize(const size_t *extents) { return extents[0] * extents[1] * extents[2]; }

#define ELEMENT float
#define KIND Float
#include "PoolingOf.h"
#undef ELEMENT
#undef KIND

#define ELEMENT double
#define KIND Double
#include "PoolingOf.h"
#undef ELEMENT
#undef KIND

#undef EACH_TAP
#undef PLACE
#undef EACH_WINDOW

// MARK: Windows of 2 by 2

// The largest of windows of 2 by 2, of planes with even extents; the first of equal ones, as NaN is the
// largest. Eight windows at a time; where fewer are left, the last eight of a row again.

typedef int32_t Int8Lanes __attribute__((vector_size(32)));
typedef int32_t Int8InMemory __attribute__((vector_size(32), aligned(4)));

INLINE Float8Lanes choose8(Int8Lanes mask, Float8Lanes a, Float8Lanes b) {
  return (Float8Lanes)(((Int8Lanes)a & mask) | ((Int8Lanes)b & ~mask));
}

// Whether b takes the place of a.
INLINE Int8Lanes isLarger8(Float8Lanes b, Float8Lanes a) { return (b > a) | ((b != b) & (a == a)); }

INLINE void maxOfEight(
    const float *restrict above, const float *restrict below, int32_t first, int32_t width,
    float *restrict y, int32_t *restrict place) {
  const Float16Lanes upper = load16(above), lower = load16(below);
  const Float8Lanes b = __builtin_shufflevector(upper, upper, 1, 3, 5, 7, 9, 11, 13, 15);
  const Float8Lanes c = __builtin_shufflevector(lower, lower, 0, 2, 4, 6, 8, 10, 12, 14);
  const Float8Lanes d = __builtin_shufflevector(lower, lower, 1, 3, 5, 7, 9, 11, 13, 15);
  Float8Lanes most = __builtin_shufflevector(upper, upper, 0, 2, 4, 6, 8, 10, 12, 14);
  Int8Lanes where = {0, 2, 4, 6, 8, 10, 12, 14};
  where += first;
  const Int8Lanes start = where, isSecond = isLarger8(b, most);
  where = (where & ~isSecond) | ((start + 1) & isSecond);
  most = choose8(isSecond, b, most);
  const Int8Lanes isThird = isLarger8(c, most);
  where = (where & ~isThird) | ((start + width) & isThird);
  most = choose8(isThird, c, most);
  const Int8Lanes isFourth = isLarger8(d, most);
  where = (where & ~isFourth) | ((start + width + 1) & isFourth);
  *(Float8InMemory *)y = choose8(isFourth, d, most);
  *(Int8InMemory *)place = where;
}

static void maxPool2(
    const float *restrict x, size_t planes, size_t height, size_t width, float *restrict y,
    int32_t *restrict place) {
  const size_t half = width / 2;
  for (size_t line = 0; line < planes * height / 2; line++, y += half, place += half) {
    const float *above = x + 2 * line * width, *below = above + width;
    const int32_t start = (int32_t)(2 * line % height * width);
    size_t i = 0;
    for (; i < half && half >= 8; i += 8) {
      if (i + 8 > half) i = half - 8;
      maxOfEight(above + 2 * i, below + 2 * i, start + (int32_t)(2 * i), (int32_t)width, y + i, place + i);
    }
    for (; i < half; i++) {
      const float *window[4] = {above + 2 * i, above + 2 * i + 1, below + 2 * i, below + 2 * i + 1};
      size_t best = 0;
      for (size_t k = 1; k < 4; k++)
        if (isLargerFloat(*window[k], *window[best])) best = k;
      y[i] = *window[best];
      place[i] = start + (int32_t)(2 * i) + (int32_t)(best / 2 * width + best % 2);
    }
  }
}

INLINE void spreadEight(
    const float *restrict dy, const int32_t *restrict place, int32_t first, int32_t width,
    float *restrict above, float *restrict below) {
  const Int8Lanes g = (Int8Lanes) * (const Float8InMemory *)dy;
  Int8Lanes start = {0, 2, 4, 6, 8, 10, 12, 14};
  start += first;
  const Int8Lanes where = *(const Int8InMemory *)place - start;
  const Float8Lanes a = (Float8Lanes)(g & (where == 0)), b = (Float8Lanes)(g & (where == 1));
  const Float8Lanes c = (Float8Lanes)(g & (where == width));
  const Float8Lanes d = (Float8Lanes)(g & (where == width + 1));
  store16(above, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
  store16(below, __builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
}

static void maxPoolGradient2(
    const float *restrict dy, const int32_t *restrict place, size_t planes, size_t height,
    size_t width, float *restrict dx) {
  const size_t half = width / 2;
  for (size_t line = 0; line < planes * height / 2; line++, dy += half, place += half) {
    float *above = dx + 2 * line * width, *below = above + width;
    const int32_t start = (int32_t)(2 * line % height * width), wide = (int32_t)width;
    size_t i = 0;
    for (; i < half && half >= 8; i += 8) {
      if (i + 8 > half) i = half - 8;
      spreadEight(dy + i, place + i, start + (int32_t)(2 * i), wide, above + 2 * i, below + 2 * i);
    }
    for (; i < half; i++) {
      const int32_t where = place[i] - start - (int32_t)(2 * i);
      above[2 * i] = where == 0 ? dy[i] : 0;
      above[2 * i + 1] = where == 1 ? dy[i] : 0;
      below[2 * i] = where == wide ? dy[i] : 0;
      below[2 * i + 1] = where == wide + 1 ? dy[i] : 0;
    }
  }
}
