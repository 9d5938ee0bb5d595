// Batch norm and what belongs to it, for float and for double: see BatchNorm.h.

// Some rows are taken at once, so that the sums of a channel stay in registers for as many values: 16
// kilobytes of rows that are in the second cache, else four, as memory is best read in its order. Rows
// are fetched sixteen ahead. Sums are those of some rows, and added up over all parts, in their order,
// by who finishes them.

enum { rowsAhead = 16, rowsAtLeast = 4 };

INLINE size_t rowsAtOnce(size_t channels, size_t rows) {
  const size_t inCache = rows * channels <= 1 << 16 ? 4096 / channels : 0;
  const size_t most = inCache > rowsAtLeast ? inCache : rowsAtLeast;
  return rows < most ? rows : most;
}

// Adds the sums of all parts, each of a length, to those of the first, in their order.
INLINE void addParts(size_t parts, size_t length, double *restrict sums) {
  for (size_t part = 1; part < parts; part++) {
    const double *restrict other = sums + part * length;
    for (size_t i = 0; i < length; i++) sums[i] += other[i];
  }
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
#include "BatchNorm.h"
#include "Moments.h"
#include "BatchNormPlanes.h"
#include "BatchNormRows.h"
#include "ChannelAffine.h"
#include "RunningStatistics.h"
#undef ELEMENT
#undef KIND
#undef VALUES

#define ELEMENT double
#define KIND Double
#define VALUES Double16Lanes
#include "BatchNorm.h"
#include "Moments.h"
#include "BatchNormPlanes.h"
#include "BatchNormRows.h"
#include "ChannelAffine.h"
#include "RunningStatistics.h"
#undef ELEMENT
#undef KIND
#undef VALUES

// Writes the sums of x − first and of its squares, of elements that lie together.
static void moments(const float *restrict x, size_t count, float first, double *restrict sums) {
  PlaneMomentsFloat all = {};
  addPlaneMomentsFloat(&all, x, count, first, x);
  sums[0] = total16(all.sums) + all.sumOfRest;
  sums[1] = total16(all.squares) + all.squaresOfRest;
}

static void channelAffine(
    AdjointElement element, AdjointBatchShape shape, size_t first, size_t last, const void *x,
    const void *scale, const void *shift, void *y) {
  BY_ELEMENT(channelAffine, shape, first, last, x, scale, shift, y);
}

static int averageStatistics(
    AdjointElement element, size_t channels, double weight, double varianceFactor, const void *mean,
    const void *variance, const void *oldMean, const void *oldVariance, void *newMean,
    void *newVariance) {
  return BY_ELEMENT(averageStatistics, channels, weight, varianceFactor, mean, variance, oldMean,
      oldVariance, newMean, newVariance);
}

static void batchNormPlanes(
    AdjointElement element, AdjointBatchShape shape, size_t firstChannel, size_t lastChannel,
    const void *x, const void *scale, const void *shift, double epsilon, void *y, void *mean,
    void *variance, void *inverse, int streams) {
  BY_ELEMENT(batchNormPlanes, shape, firstChannel, lastChannel, x, scale, shift, epsilon, y, mean,
      variance, inverse, streams);
}

static void batchNormGradientPlanes(
    AdjointElement element, AdjointBatchShape shape, size_t firstChannel, size_t lastChannel,
    const void *x, const void *dy, const void *scale, const void *mean, const void *inverse,
    void *dx, void *dscale, void *dshift, int streams) {
  BY_ELEMENT(batchNormGradientPlanes, shape, firstChannel, lastChannel, x, dy, scale, mean,
      inverse, dx, dscale, dshift, streams);
}

static void batchNormRowSums(
    AdjointElement element, size_t channels, size_t firstRow, size_t lastRow, const void *x,
    double *sums, double *squares) {
  BY_ELEMENT(batchNormRowSums, channels, firstRow, lastRow, x, sums, squares);
}

static void batchNormRowFinish(
    AdjointElement element, size_t channels, size_t rows, size_t parts, double *sums, const void *x,
    const void *scale, const void *shift, double epsilon, void *mean, void *variance, void *inverse,
    void *coefficients) {
  BY_ELEMENT(batchNormRowFinish, channels, rows, parts, sums, x, scale, shift, epsilon, mean,
      variance, inverse, coefficients);
}

static void batchNormRowApply(
    AdjointElement element, size_t channels, size_t firstRow, size_t lastRow,
    const void *coefficients, const void *x, void *y, int streams) {
  BY_ELEMENT(batchNormRowApply, channels, firstRow, lastRow, coefficients, x, y, streams);
}

static void batchNormGradientRowSums(
    AdjointElement element, size_t channels, size_t firstRow, size_t lastRow, const void *x,
    const void *dy, const void *mean, double *sums) {
  BY_ELEMENT(batchNormGradientRowSums, channels, firstRow, lastRow, x, dy, mean, sums);
}

static void batchNormGradientRowFinish(
    AdjointElement element, size_t channels, size_t rows, size_t parts, double *sums,
    const void *scale, const void *mean, const void *inverse, void *dscale, void *dshift,
    void *coefficients) {
  BY_ELEMENT(batchNormGradientRowFinish, channels, rows, parts, sums, scale, mean, inverse,
      dscale, dshift, coefficients);
}

static void batchNormGradientRowApply(
    AdjointElement element, size_t channels, size_t firstRow, size_t lastRow,
    const void *coefficients, const void *x, const void *dy, void *dx, int streams) {
  BY_ELEMENT(batchNormGradientRowApply, channels, firstRow, lastRow, coefficients, x, dy, dx,
      streams);
}
