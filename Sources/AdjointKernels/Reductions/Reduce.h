// Reductions, and the functions of rows and columns that are made of them, for each kind of element.
//
// A row is made of elements that lie together, a column of elements that lie a row apart. Columns are
// worked on side by side, in lanes; neither the other columns nor the place in a vector changes the bits
// of one.

#pragma clang fp contract(off)

// The first lanes of a vector, and none.
#define LANES_FROM_0_8 {0, 1, 2, 3, 4, 5, 6, 7}
#define LANES_FROM_0_16 {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// How many vectors of columns are worked on at once.
enum { columnsAtOnce = 4 };

// Calls a function with the columns c ..< c + width, in blocks: it gets a number of vectors and how many
// lanes of the last one are columns.
#define EACH_BLOCK_OF_COLUMNS(call)                    \
  for (size_t c = 0, width; c < columns; c += width) { \
    const size_t left = columns - c;                   \
    if (left >= columnsAtOnce * LANE_COUNT) {          \
      width = columnsAtOnce * LANE_COUNT;              \
      call(columnsAtOnce, LANE_COUNT);                 \
    } else if (left >= LANE_COUNT) {                   \
      width = LANE_COUNT;                              \
      call(1, LANE_COUNT);                             \
    } else {                                           \
      width = left;                                    \
      call(1, left);                                   \
    }                                                  \
  }

#define UNROLLED _Pragma("clang loop unroll(full)")

#define ELEMENT float
#define LANES Float16Lanes
#define INTEGERS Int16Lanes
#define INTEGER int32_t
#define LANE_COUNT 16
#define LANE_NUMBERS LANES_FROM_0_16
#define OF(name) name##Float
// Whether lanes, and whether an element, are no number.
#define IS_NAN(x) ((x) != (x))
#define IS_ODD(x) ((x) != (x))

#include "LanesOf.h"

#include "ExtremesOf.h"

#include "SumsOfFloat.h"

#include "SoftmaxRowsOf.h"

#include "SoftmaxColumnsOf.h"

#include "CrossEntropyOf.h"

#include "DeviationsOf.h"

#include "PartsOf.h"

#undef ELEMENT
#undef LANES
#undef INTEGERS
#undef INTEGER
#undef LANE_COUNT
#undef LANE_NUMBERS
#undef OF

#define ELEMENT double
#define LANES Double8Lanes
#define INTEGERS Long8Lanes
#define INTEGER int64_t
#define LANE_COUNT 8
#define LANE_NUMBERS LANES_FROM_0_8
#define OF(name) name##Double

#include "LanesOf.h"

#include "ExtremesOf.h"

#include "SumsOfDouble.h"

#include "MomentsOfDouble.h"

#include "SoftmaxRowsOf.h"

#include "SoftmaxColumnsOf.h"

#include "CrossEntropyOf.h"

#include "DeviationsOf.h"

#include "PartsOf.h"

#undef ELEMENT
#undef LANES
#undef INTEGERS
#undef INTEGER
#undef LANE_COUNT
#undef LANE_NUMBERS
#undef OF
#undef IS_NAN
#undef IS_ODD

#define ELEMENT int32_t
#define LANES Int16Lanes
#define INTEGERS Int16Lanes
#define INTEGER int32_t
#define LANE_COUNT 16
#define LANE_NUMBERS LANES_FROM_0_16
#define OF(name) name##Int
#define IS_NAN(x) ((INTEGERS){})
#define IS_ODD(x) 0

#include "LanesOf.h"

#include "ExtremesOf.h"

#undef ELEMENT
#undef LANES
#undef INTEGERS
#undef INTEGER
#undef LANE_COUNT
#undef LANE_NUMBERS
#undef OF
#undef IS_NAN
#undef IS_ODD
#undef EACH_BLOCK_OF_COLUMNS
#undef LANES_FROM_0_8
#undef LANES_FROM_0_16
#undef UNROLLED
