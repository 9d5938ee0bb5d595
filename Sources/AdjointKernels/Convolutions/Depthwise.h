// Convolutions of groups of one channel with few filters each: a sum of shifted lines.
//
// The image, with its padding, is taken apart into phases: along each axis the elements that lie a stride
// apart come together, so that a tap reads its phase element after element. All phases have the same
// extents, and the result at (z, y, x) has the place of the element at (z, y, x) of a phase. A tap of the
// result at some place reads what lies as far on in its phase, and so much further as the tap is in. What
// lies between the rows of results is computed as well, and not kept. See DepthwiseOf.h for the kernels.

INLINE int isDepthwise(AdjointConvolution s) { return s.inputs == 1 && s.outputs <= 4; }

INLINE size_t phaseExtent(AdjointConvolution s, int axis) {
  const size_t read = (s.counts[axis] - 1) * s.strides[axis] + (s.taps[axis] - 1) * s.dilations[axis];
  return read / s.strides[axis] + 1;
}

INLINE size_t phaseCount(AdjointConvolution s) { return volume(s.strides); }

// The places of a phase, in whole vectors.
INLINE size_t phaseSize(AdjointConvolution s) {
  return (phaseExtent(s, 0) * phaseExtent(s, 1) * phaseExtent(s, 2) + 15) & ~(size_t)15;
}

// The places up to that of the last result, in whole vectors.
INLINE size_t placeCount(AdjointConvolution s) {
  const size_t rows = (s.counts[0] - 1) * phaseExtent(s, 1) + s.counts[1] - 1;
  return (rows * phaseExtent(s, 2) + s.counts[2] + 15) & ~(size_t)15;
}

// Which phase a tap reads, and how far on.
typedef struct {
  size_t phase, offset;
} TapPlace;

INLINE TapPlace tapPlace(AdjointConvolution s, size_t tap) {
  const size_t taps[3] = {
      tap / s.taps[2] / s.taps[1], tap / s.taps[2] % s.taps[1], tap % s.taps[2]};
  TapPlace place = {0, 0};
  for (int axis = 0; axis < 3; axis++) {
    const size_t distance = taps[axis] * s.dilations[axis];
    place.phase = place.phase * s.strides[axis] + distance % s.strides[axis];
    place.offset = place.offset * phaseExtent(s, axis) + distance / s.strides[axis];
  }
  return place;
}

// The elements of a phase along an axis, first ..< last, that lie in the image, and where the first of them
// does.
INLINE Span inImage(AdjointConvolution s, int axis, size_t phase) {
  const ptrdiff_t stride = (ptrdiff_t)s.strides[axis], length = (ptrdiff_t)phaseExtent(s, axis);
  const ptrdiff_t offset = (ptrdiff_t)phase - (ptrdiff_t)s.before[axis];
  const ptrdiff_t end = (ptrdiff_t)s.extents[axis] - offset;
  ptrdiff_t first = offset < 0 ? (-offset + stride - 1) / stride : 0;
  ptrdiff_t last = end <= 0 ? 0 : (end + stride - 1) / stride;
  if (last > length) last = length;
  if (first > last) first = last;
  return (Span){(size_t)first, (size_t)last, offset + first * stride};
}

// Calls body for each row of each phase: with its place among all, `row`, the elements of it that lie in the
// image, first ..< last, and the place of the first of them there, `start`, from which they are `step` apart.
// Rows outside have none.
#define FOR_EACH_PHASE_ROW(body)                                                                 \
  const size_t step = s.strides[2], length = phaseExtent(s, 2);                                        \
  for (size_t phase = 0; phase < phaseCount(s); phase++) {                                       \
    const Span zs = inImage(s, 0, phase / s.strides[2] / s.strides[1]);                          \
    const Span ys = inImage(s, 1, phase / s.strides[2] % s.strides[1]);                          \
    const Span xs = inImage(s, 2, phase % s.strides[2]);                                         \
    for (size_t z = 0; z < phaseExtent(s, 0); z++)                                                     \
      for (size_t y = 0; y < phaseExtent(s, 1); y++) {                                                 \
        const int isInside = z >= zs.first && z < zs.last && y >= ys.first && y < ys.last;       \
        const size_t row = phase * phaseSize(s) + (z * phaseExtent(s, 1) + y) * length;                \
        const size_t first = isInside ? xs.first : 0, last = isInside ? xs.last : 0;             \
        const size_t plane = (size_t)zs.offset + (z - zs.first) * s.strides[0];                  \
        const size_t line = (size_t)ys.offset + (y - ys.first) * s.strides[1];                   \
        const size_t start = (plane * s.extents[1] + line) * s.extents[2] + (size_t)xs.offset;   \
        body                                                                                     \
      }                                                                                          \
  }

// Calls body for each row of results: with its number, and its place.
#define FOR_EACH_RESULT_ROW(body)                                                \
  for (size_t z = 0, number = 0; z < s.counts[0]; z++)                           \
    for (size_t y = 0; y < s.counts[1]; y++, number++) {                         \
      const size_t place = (z * phaseExtent(s, 1) + y) * phaseExtent(s, 2);                  \
      body                                                                       \
    }

// Calls body for each tap and each row of results of which it reads something within the image: with the
// results, first ..< last, the place of the first in the image, and how far the others are apart there.
#define FOR_EACH_TAP_ROW(body)                                                                   \
  for (size_t tap = 0; tap < volume(s.taps); tap++) {                                            \
    const Span zs = within(s, 0, tap / s.taps[2] / s.taps[1]);                                   \
    const Span ys = within(s, 1, tap / s.taps[2] % s.taps[1]);                                   \
    const Span xs = within(s, 2, tap % s.taps[2]);                                               \
    const size_t step = s.strides[2], first = xs.first, last = xs.last;                          \
    for (size_t z = zs.first; z < zs.last; z++)                                                  \
      for (size_t y = ys.first; y < ys.last; y++) {                                              \
        const size_t row = (z * s.counts[1] + y) * s.counts[2];                                  \
        const ptrdiff_t plane = (ptrdiff_t)(z * s.strides[0]) + zs.offset;                       \
        const ptrdiff_t line = (ptrdiff_t)(y * s.strides[1]) + ys.offset;                        \
        const ptrdiff_t above = (plane * (ptrdiff_t)s.extents[1] + line) * (ptrdiff_t)s.extents[2]; \
        const ptrdiff_t start = above + (ptrdiff_t)(first * step) + xs.offset;                   \
        body                                                                                     \
      }                                                                                          \
  }
