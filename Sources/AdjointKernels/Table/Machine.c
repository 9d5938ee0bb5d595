// What the machine has: instruction sets, processors, a clock.

#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "AdjointKernels.h"

extern const AdjointKernels adjointBaseline;
#if defined(__x86_64__)
extern const AdjointKernels adjointAVX2, adjointAVX512;
#endif

const AdjointKernels *adjointKernels(int instructionSet) {
  if (instructionSet == 0) return &adjointBaseline;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (instructionSet == 1 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &adjointAVX2;
  if (instructionSet == 2 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq"))
    return &adjointAVX512;
#endif
  return 0;
}

static const struct {
  const char *name;
  size_t offset;
} members[] = {
#define MEMBER(function) {#function, offsetof(AdjointKernels, function)},
#define KERNEL(Result, function, parameters) MEMBER(function)
#include "Kernels.inc"
#undef KERNEL
#define KERNEL(Result, function, parameters) \
  MEMBER(realFloat.function) MEMBER(realDouble.function)
#include "RealKernels.inc"
#undef KERNEL
#define KERNEL(Result, function, parameters) \
  MEMBER(numericFloat.function) MEMBER(numericDouble.function) MEMBER(numericInt.function)
#include "NumericKernels.inc"
#undef KERNEL
#undef MEMBER
};

const char *adjointKernelName(int number) {
  return (size_t)number < sizeof members / sizeof members[0] ? members[number].name : 0;
}

const void *adjointKernelAddress(const AdjointKernels *kernels, int number) {
  return *(const void *const *)((const char *)kernels + members[number].offset);
}

int adjointProcessorCount(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

void adjointStop(const char *message) {
  fflush(stdout);
  fprintf(stderr, "Fatal error: %s\n", message);
  __builtin_trap();
}

static _Thread_local const void *placeOfThread;

const void *adjointPlace(void) { return placeOfThread; }

void adjointSetPlace(const void *place) { placeOfThread = place; }

uint64_t adjointNanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void adjointYield(void) { sched_yield(); }
