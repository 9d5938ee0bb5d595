// Batch norm and what belongs to it, for float and for double: see BatchNorm.h.

// Where channels alternate, rows are taken four at once, as memory is best read in its order, and fetched
// sixteen ahead. Sums are those of some rows, and added up over all parts, in their order, by who
// finishes them.

enum { rowsAhead = 16, rowsTogether = 4, blockHeight = 32, panelWidth = 1024 };

// ADD(rows, lanes) for 16 channels each from place c on, of the rows that are left, four at most: where
// there are so many, the compiler knows their number.
#define EACH_16_CHANNELS(ADD, left, width)                                             \
  size_t c = 0;                                                                        \
  if ((left) >= rowsTogether)                                                          \
    for (; c + 16 <= (width); c += 16) ADD(rowsTogether, 16);                          \
  for (; c < (width); c += 16)                                                         \
    ADD((left) < rowsTogether ? (left) : rowsTogether, (width) - c < 16 ? (width) - c : 16);

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
#include "BatchNormRowSums.h"
#include "BatchNormRows.h"
#include "GroupNorm.h"
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
#include "BatchNormRowSums.h"
#include "BatchNormRows.h"
#include "GroupNorm.h"
#include "ChannelAffine.h"
#include "RunningStatistics.h"
#undef ELEMENT
#undef KIND
#undef VALUES

#include "MomentsOfFloat.h"

#undef EACH_16_CHANNELS
