/// The platform's elementary functions, and its environment, under names that are the same everywhere: so no
/// Swift file has to know which C library there is.
#ifndef ADJOINT_MATHEMATICS_H
#define ADJOINT_MATHEMATICS_H

#include <math.h>
#include <stdlib.h>

/// A function of one number, for float and for double.
#define ADJOINT_FUNCTION(Name, function)                                    \
  static inline float adjoint##Name##Float(float x) { return function##f(x); } \
  static inline double adjoint##Name##Double(double x) { return function(x); }

ADJOINT_FUNCTION(Exp, exp)
ADJOINT_FUNCTION(Expm1, expm1)
ADJOINT_FUNCTION(Log, log)
ADJOINT_FUNCTION(Log1p, log1p)
ADJOINT_FUNCTION(Sin, sin)
ADJOINT_FUNCTION(Cos, cos)
ADJOINT_FUNCTION(Sinh, sinh)
ADJOINT_FUNCTION(Cosh, cosh)
ADJOINT_FUNCTION(Tanh, tanh)
ADJOINT_FUNCTION(Erf, erf)
ADJOINT_FUNCTION(Erfc, erfc)

#undef ADJOINT_FUNCTION

/// x to the power of y.
static inline float adjointPowFloat(float x, float y) { return powf(x, y); }
static inline double adjointPowDouble(double x, double y) { return pow(x, y); }

/// The value of a variable of the environment; null if it is not set.
static inline const char *adjointEnvironment(const char *name) { return getenv(name); }

#endif
