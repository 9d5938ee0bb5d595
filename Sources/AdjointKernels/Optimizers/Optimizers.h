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

static void gradientDescent(
    AdjointElement element, AdjointGradientDescent rule, size_t count, const void *gradient,
    const void *oldParameter, const void *oldVelocity, void *parameter, void *velocity) {
  BY_ELEMENT(gradientDescent, rule, count, gradient, oldParameter, oldVelocity, parameter,
      velocity);
}

static void adam(
    AdjointElement element, AdjointAdam rule, size_t count, const void *gradient,
    const void *oldParameter, const void *oldMean, const void *oldSquare, void *parameter,
    void *mean, void *square) {
  BY_ELEMENT(adam, rule, count, gradient, oldParameter, oldMean, oldSquare, parameter, mean,
      square);
}
