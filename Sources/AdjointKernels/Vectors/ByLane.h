// TEMPORARY until the elementary functions land.
#include <math.h>
typedef int64_t Long8Lanes __attribute__((vector_size(64)));
#define OVER static inline __attribute__((always_inline, overloadable))
#define BYLANE(name, ff, fd) \
 OVER Float16Lanes name(Float16Lanes x) { for (int i=0;i<16;i++) { float v = x[i]; x[i] = ff; } return x; } \
 OVER Double8Lanes name(Double8Lanes x) { for (int i=0;i<8;i++) { double v = x[i]; x[i] = fd; } return x; }
OVER Float16Lanes squareRoot(Float16Lanes x) { return __builtin_elementwise_sqrt(x); }
OVER Double8Lanes squareRoot(Double8Lanes x) { return __builtin_elementwise_sqrt(x); }
OVER Float16Lanes magnitude(Float16Lanes x) { return magnitude16(x); }
OVER Double8Lanes magnitude(Double8Lanes x) { return (Double8Lanes)((Long8Lanes)x & 0x7fffffffffffffffL); }
OVER Double8Lanes withSignOf(Double8Lanes m, Double8Lanes x) { return (Double8Lanes)((Long8Lanes)m | ((Long8Lanes)x & (int64_t)0x8000000000000000L)); }
static inline double sig(double x) { double d = exp(-fabs(x)); return (x < 0 ? d : 1) / (1 + d); }
static inline double gt(double x) { return x * sig(1.5957691216057308 * (x + 0.044715 * x * x * x)); }
static inline double sigslope(double x) { double d = exp(-fabs(x)); return d / ((1 + d)*(1+d)); }
static inline double gts(double x) { double u = 1.5957691216057308 * (x + 0.044715 * x * x * x); double k = 1.5957691216057308 * (1 + 3*0.044715*x*x); double ss = sigslope(u); return sig(u) + (ss == 0 ? 0 : x * ss * k); }
static inline double sls(double x) { double ss = sigslope(x); return sig(x) + (ss == 0 ? 0 : x * ss); }
static inline double gel(double x) { return x == -INFINITY ? 0 : x * 0.5 * erfc(-x * 0.70710678118654752440); }
static inline double gels(double x) { double d = exp(-x*x/2) * 0.3989422804014327; return 0.5 * erfc(-x * 0.70710678118654752440) + (d == 0 ? 0 : x * d); }
#define BYD(name, f) BYLANE(name, f((double)v), f(v))
static inline double spl(double v) { return (v > 0 ? v : 0) + log1p(exp(-fabs(v))) + (v - v == 0 ? 0 : v != v ? v : 0); }
static inline double tsl(double v) { return 4 * sigslope(2 * v); }
static inline double ssl(double v) { return 1 / ((1 + fabs(v)) * (1 + fabs(v))); }
BYD(exponential, exp) BYD(exponentialMinusOne, expm1) BYD(logarithm, log) BYD(logarithmOfOnePlus, log1p)
BYD(sine, sin) BYD(cosine, cos) BYD(hyperbolicSine, sinh) BYD(hyperbolicCosine, cosh) BYD(hyperbolicTangent, tanh)
BYD(sigmoid, sig) BYD(softplus, spl) BYD(errorFunction, erf) BYD(complementaryErrorFunction, erfc) BYD(gelu, gel)
BYD(geluByTanh, gt) static inline double sil(double x) { return x == -INFINITY ? 0 : x * sig(x); } BYD(silu, sil)
BYD(sigmoidSlope, sigslope) BYD(hyperbolicTangentSlope, tsl) BYD(geluSlope, gels) BYD(geluByTanhSlope, gts) BYD(siluSlope, sls) BYD(softsignSlope, ssl)
OVER Float16Lanes power(Float16Lanes a, Float16Lanes b) { for (int i=0;i<16;i++) a[i] = pow(a[i], b[i]); return a; }
OVER Double8Lanes power(Double8Lanes a, Double8Lanes b) { for (int i=0;i<8;i++) a[i] = pow(a[i], b[i]); return a; }
OVER Int16Lanes magnitude(Int16Lanes x) { const Int16Lanes s = x >> 31; return (x ^ s) - s; }
