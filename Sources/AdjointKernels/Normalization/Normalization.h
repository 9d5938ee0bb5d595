// Batch norm and what belongs to it, for float and for double: see BatchNorm.h.

// Some rows are taken at once, so that the sums of a channel stay in registers for as many values: 8
// kilobytes of rows that are in the second cache, else four, as memory is best read in its order. Rows
// are fetched sixteen ahead. Sums are those of some rows, and added up over all parts, in their order,
// by who finishes them.

enum { rowsAhead = 16, rowsAtLeast = 4 };

INLINE size_t rowsAtOnce(size_t channels, size_t rows) {
  const size_t inCache = rows * channels <= 1 << 16 ? 2048 / channels : 0;
  const size_t most = inCache > rowsAtLeast ? inCache : rowsAtLeast;
  return rows < most ? rows : most;
}

// Memory is read all the time: while one plane is added up, the first half of the next one is
// fetched, and its second half while a result is written. Measured, this is worth a fifth.
OVERLOAD void fetch(const float *next, size_t i) {
  if (i % 32 == 0) __builtin_prefetch(next + i / 2, 0, 2);
}
OVERLOAD void fetch(const double *next, size_t i) {
  if (i % 16 == 0) __builtin_prefetch(next + i / 2, 0, 2);
}

#define ELEMENT float
#define KIND Float
#define VALUES Float16Lanes
#define LARGEST ((double)__FLT_MAX__)
#include "BatchNorm.h"
#include "Moments.h"
#include "BatchNormPlanes.h"
#include "BatchNormRows.h"
#include "GroupNorm.h"
#include "ChannelAffine.h"
#include "RunningStatistics.h"
#undef ELEMENT
#undef KIND
#undef VALUES
#undef LARGEST

#define ELEMENT double
#define KIND Double
#define VALUES Double16Lanes
#define LARGEST __DBL_MAX__
#include "BatchNorm.h"
#include "Moments.h"
#include "BatchNormPlanes.h"
#include "BatchNormRows.h"
#include "GroupNorm.h"
#include "ChannelAffine.h"
#include "RunningStatistics.h"
#undef ELEMENT
#undef KIND
#undef VALUES
#undef LARGEST

// Σ (x − center) and Σ (x − center)² of floats that lie together.
static void momentsFloat(
    const void *restrict xs, size_t count, double center, double *restrict sums) {
  const float *x = xs;
  PlaneMomentsFloat all = {};
  addPlaneMomentsFloat(&all, x, count, center, x);
  sums[0] = sumOfValuesFloat(&all);
  sums[1] = sumOfSquaresFloat(&all);
}
