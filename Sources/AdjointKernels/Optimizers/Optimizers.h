// Steps of optimizers, for float and for double: see OptimizersOf.h.

#define ELEMENT float
#define KIND Float
#define VALUES Float16Lanes
#include "OptimizersOf.h"
#undef ELEMENT
#undef KIND
#undef VALUES

#define ELEMENT double
#define KIND Double
#define VALUES Double16Lanes
#include "OptimizersOf.h"
#undef ELEMENT
#undef KIND
#undef VALUES
