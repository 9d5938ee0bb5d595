// Steps of optimizers, for float and for double: see OptimizersOf.h.

#define ELEMENT float
#define KIND Float
#define VALUES Float16Lanes
#define LARGEST __FLT_MAX__
#include "OptimizersOf.h"
#undef ELEMENT
#undef KIND
#undef VALUES
#undef LARGEST

#define ELEMENT double
#define KIND Double
#define VALUES Double16Lanes
#define LARGEST __DBL_MAX__
#include "OptimizersOf.h"
#undef ELEMENT
#undef KIND
#undef VALUES
#undef LARGEST
