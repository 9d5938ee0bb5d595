// Steps of optimizers, for float and for double: see OptimizersOf.h.

#define ELEMENT float
#define KIND Float
#define VALUES Float16Lanes
#define LARGEST_GRADIENT 0x1p63f
#include "OptimizersOf.h"
#undef ELEMENT
#undef KIND
#undef VALUES
#undef LARGEST_GRADIENT

#define ELEMENT double
#define KIND Double
#define VALUES Double16Lanes
#define LARGEST_GRADIENT 0x1p511
#include "OptimizersOf.h"
#undef ELEMENT
#undef KIND
#undef VALUES
#undef LARGEST_GRADIENT
