// Convolutions as matrix products of the weights with columns: what each result is made of.
//
//   weight: [outputs, inputs · taps], columns: [inputs · taps, results]
//
// All of them have three spatial axes, the first of which are 1 long in the plane and on a line. See
// ConvolutionOf.h for the kernels.

INLINE size_t volume(const size_t extents[3]) { return extents[0] * extents[1] * extents[2]; }

INLINE size_t columnHeight(AdjointConvolution s) { return s.inputs * volume(s.taps); }

INLINE size_t resultCount(AdjointConvolution s) { return volume(s.counts); }

// Whether the image itself has the form of its columns.
INLINE int isPointwise(AdjointConvolution s) {
  for (int axis = 0; axis < 3; axis++)
    if (s.taps[axis] != 1 || s.strides[axis] != 1 || s.before[axis] != 0 ||
        s.extents[axis] != s.counts[axis])
      return 0;
  return 1;
}

// The results along an axis for which a tap lies within the image, first ..< last, and where it lies for
// the first of all results.
typedef struct {
  size_t first, last;
  ptrdiff_t offset;
} Span;

INLINE Span within(AdjointConvolution s, int axis, size_t tap) {
  // 0 <= result * stride + offset < extent
  const ptrdiff_t offset = (ptrdiff_t)(tap * s.dilations[axis]) - (ptrdiff_t)s.before[axis];
  const ptrdiff_t step = (ptrdiff_t)s.strides[axis], end = (ptrdiff_t)s.extents[axis] - offset;
  ptrdiff_t first = offset < 0 ? (-offset + step - 1) / step : 0;
  ptrdiff_t last = end <= 0 ? 0 : (end + step - 1) / step;
  if (last > (ptrdiff_t)s.counts[axis]) last = (ptrdiff_t)s.counts[axis];
  if (first > last) first = last;
  return (Span){(size_t)first, (size_t)last, offset};
}

// Columns are made for bands of results, so that large images need no more memory: about so many elements,
// as even as they can be.
enum { bandSize = 1 << 19 };

INLINE size_t bandLength(AdjointConvolution s) {
  const size_t results = resultCount(s), height = columnHeight(s);
  const size_t fitting = height * 64 >= bandSize ? 64 : bandSize / (height + 1);
  if (results <= fitting) return results;
  const size_t bands = (results + fitting - 1) / fitting;
  return ((results + bands - 1) / bands + 63) & ~(size_t)63;
}

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

INLINE size_t greater(size_t a, size_t b) { return a > b ? a : b; }

#include "Depthwise.h"

#define ELEMENT float
#define OF(name) name##Float
#include "RowsOf.h"
#include "DepthwiseOf.h"
#include "ConvolutionOf.h"
#undef OF
#undef ELEMENT

#define ELEMENT double
#define OF(name) name##Double
#include "RowsOf.h"
#include "DepthwiseOf.h"
#include "ConvolutionOf.h"
#undef OF
#undef ELEMENT

#undef FOR_EACH_TAP_ROW
#undef FOR_EACH_RESULT_ROW
#undef FOR_EACH_PHASE_ROW
