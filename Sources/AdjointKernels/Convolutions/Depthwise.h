// Convolutions of groups of one channel with few filters each: a sum of shifted lines.
//
// The image, with its padding, is taken apart into phases: along each axis the elements that lie a stride
// apart come together, so that a tap reads its phase element after element. All phases have the same
// extents, and the result at (z, y, x) has the place of the element at (z, y, x) of a phase. A tap of the
// result at some place reads what lies as far on in its phase, and so much further as the tap is in. What
// lies between the rows of results is computed as well, and not kept. See DepthwiseOf.h for the kernels.

INLINE int isDepthwise(AdjointConvolution s) { return s.inputs == 1 && s.outputs <= 4; }

// How many phases there are, how far each reaches along every axis and, in whole vectors, how many
// elements it has, and how many there are up to the place of the last result.
typedef struct {
  size_t count, extents[3], size, places;
} Phases;

INLINE size_t wholeVectors(size_t count) { return (count + 15) & ~(size_t)15; }

INLINE Phases phasesOf(AdjointConvolution s) {
  Phases phases = {.count = volume(s.strides)};
  for (int axis = 0; axis < 3; axis++) {
    const size_t taps = (s.taps[axis] - 1) * s.dilations[axis];
    phases.extents[axis] = s.counts[axis] + taps / s.strides[axis];
  }
  phases.size = wholeVectors(volume(phases.extents));
  const size_t rows = (s.counts[0] - 1) * phases.extents[1] + s.counts[1] - 1;
  phases.places = wholeVectors(rows * phases.extents[2] + s.counts[2]);
  return phases;
}

// Which phase a tap reads, and how far on.
typedef struct {
  size_t phase, offset;
} TapPlace;

INLINE TapPlace tapPlace(AdjointConvolution s, Phases phases, size_t tap) {
  const size_t taps[3] = {
      tap / s.taps[2] / s.taps[1], tap / s.taps[2] % s.taps[1], tap % s.taps[2]};
  TapPlace place = {0, 0};
  for (int axis = 0; axis < 3; axis++) {
    const size_t distance = taps[axis] * s.dilations[axis];
    place.phase = place.phase * s.strides[axis] + distance % s.strides[axis];
    place.offset = place.offset * phases.extents[axis] + distance / s.strides[axis];
  }
  return place;
}

// The elements of a phase along an axis, first ..< last, that lie in the image, and where the first of them
// does.
INLINE Span inImage(AdjointConvolution s, Phases phases, int axis, size_t phase) {
  const ptrdiff_t stride = (ptrdiff_t)s.strides[axis];
  const ptrdiff_t length = (ptrdiff_t)phases.extents[axis];
  const ptrdiff_t offset = (ptrdiff_t)phase - (ptrdiff_t)s.before[axis];
  const ptrdiff_t end = (ptrdiff_t)s.extents[axis] - offset;
  ptrdiff_t first = offset < 0 ? (-offset + stride - 1) / stride : 0;
  ptrdiff_t last = end <= 0 ? 0 : (end + stride - 1) / stride;
  if (last > length) last = length;
  if (first > last) first = last;
  return (Span){(size_t)first, (size_t)last, offset + first * stride};
}

// Calls body for each row of each phase that lies in the image, for the elements of it that do: with the
// place of the first among those of all phases, and in the image, `start`, from which they are `step`
// apart, and their number.
#define FOR_EACH_PHASE_ROW(body)                                                                 \
  const size_t step = s.strides[2];                                                              \
  for (size_t phase = 0; phase < phases.count; phase++) {                                        \
    const Span zs = inImage(s, phases, 0, phase / s.strides[2] / s.strides[1]);                  \
    const Span ys = inImage(s, phases, 1, phase / s.strides[2] % s.strides[1]);                  \
    const Span xs = inImage(s, phases, 2, phase % s.strides[2]);                                 \
    const size_t count = xs.last - xs.first;                                                     \
    for (size_t z = zs.first; z < zs.last && count; z++)                                         \
      for (size_t y = ys.first; y < ys.last; y++) {                                              \
        const size_t row = (z * phases.extents[1] + y) * phases.extents[2];                      \
        const size_t place = phase * phases.size + row + xs.first;                               \
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
      const size_t place = (z * phases.extents[1] + y) * phases.extents[2];      \
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
