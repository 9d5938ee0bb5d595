// The kernels for x86-64 with AVX-512 (F, VL, BW and DQ).

#include "AdjointKernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)

#define REGISTER 64
#define TABLE adjointAVX512
#define NAME "avx512"
#include "AllKernels.h"

#pragma clang attribute pop

#endif
