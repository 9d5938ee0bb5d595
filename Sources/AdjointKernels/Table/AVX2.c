// The kernels for x86-64 with AVX2 with FMA.

#include "AdjointKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define REGISTER 32
#define TABLE adjointAVX2
#define NAME "avx2"
#include "AllKernels.h"

#pragma clang attribute pop

#endif
