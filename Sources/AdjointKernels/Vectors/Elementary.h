// The elementary functions, of sixteen floats and of eight doubles at a time, each written once.
//
// Errors are in ulp, units of the last place of the right result: the largest that
// Tests/Sweeps/sweep.py finds, rounded up; it holds the same bounds and fails beyond them. On the
// baseline of x86, where nothing is fused, they may be 1.4 times as large. Results without an exponent of
// their own have the smallest number as their unit. NaN gives NaN, and zeros have the sign that C gives
// them.

#include <math.h>

#define LANES Double8Lanes
#define ELEMENT double
#define INTEGERS Long8Lanes
#define UNSIGNED ULong8Lanes
#define OF(name) name##Double
#define REGISTER512 __m512d
#define AVX512(name) _mm512_##name##_pd
#define MANTISSA_BITS 52
#define LIBRARY(name) name
#define EXPONENT_BIAS 1023
#define SMALLEST_NORMAL 2.2250738585072014e-308

#include "ElementaryDouble.h"

#include "Exponents.h"

#include "Exponentials.h"

#include "Logarithms.h"

#include "NormalTails.h"

#include "Activations.h"

#include "QuarterTurns.h"

#include "Trigonometric.h"

#include "PowerLimits.h"

#include "PowerDouble.h"

#include "Rounding.h"

#include "Library.h"

#undef LANES
#undef ELEMENT
#undef INTEGERS
#undef UNSIGNED
#undef OF
#undef REGISTER512
#undef AVX512
#undef MANTISSA_BITS
#undef LIBRARY
#undef EXPONENT_BIAS
#undef SMALLEST_NORMAL

#define LANES Float16Lanes
#define ELEMENT float
#define INTEGERS Int16Lanes
#define UNSIGNED UInt16Lanes
#define OF(name) name##Float
#define REGISTER512 __m512
#define AVX512(name) _mm512_##name##_ps
#define MANTISSA_BITS 23
#define LIBRARY(name) name##f
#define EXPONENT_BIAS 127
#define SMALLEST_NORMAL 1.17549435e-38f

#include "ElementaryFloat.h"

#include "Exponents.h"

#include "Exponentials.h"

#include "Logarithms.h"

#include "NormalTails.h"

#include "Activations.h"

#include "Trigonometric.h"

#include "PowerLimits.h"

#include "PowerFloat.h"

#include "Rounding.h"

#include "Library.h"

#undef LANES
#undef ELEMENT
#undef INTEGERS
#undef UNSIGNED
#undef OF
#undef REGISTER512
#undef AVX512
#undef MANTISSA_BITS
#undef LIBRARY
#undef EXPONENT_BIAS
#undef SMALLEST_NORMAL
