// The kernels for what every processor of the architecture has: SSE2 on x86-64, NEON on Arm.

#include "AdjointKernels.h"

#define REGISTER 16
#define TABLE adjointBaseline
#if defined(__aarch64__)
#define NAME "neon"
#else
#define NAME "baseline"
#endif
#include "AllKernels.h"
