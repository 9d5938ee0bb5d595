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
ADJOINT_FUNCTION(Tan, tan)
ADJOINT_FUNCTION(Asin, asin)
ADJOINT_FUNCTION(Acos, acos)
ADJOINT_FUNCTION(Atan, atan)
ADJOINT_FUNCTION(Asinh, asinh)
ADJOINT_FUNCTION(Acosh, acosh)
ADJOINT_FUNCTION(Atanh, atanh)
ADJOINT_FUNCTION(Log2, log2)
ADJOINT_FUNCTION(Log10, log10)
ADJOINT_FUNCTION(Exp2, exp2)
ADJOINT_FUNCTION(Cbrt, cbrt)

#undef ADJOINT_FUNCTION

/// x to the power of y.
static inline float adjointPowFloat(float x, float y) { return powf(x, y); }
static inline double adjointPowDouble(double x, double y) { return pow(x, y); }

/// The angle of the point (x, y).
static inline float adjointAtan2Float(float y, float x) { return atan2f(y, x); }
static inline double adjointAtan2Double(double y, double x) { return atan2(y, x); }

/// The value of a variable of the environment; null if it is not set.
static inline const char *adjointEnvironment(const char *name) { return getenv(name); }

#endif
