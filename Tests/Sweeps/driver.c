// Computes a function of numbers from the standard input, for Tests/Sweeps/sweep.py: compiled once for
// each instruction set.
//
//   driver FUNCTION float|double         numbers in, numbers out; of two numbers, all a, then all b
//   driver FUNCTION float|double time    prints nanoseconds an element, in the cache

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "Vector.h"

#include "Lanes.h"

#include "Elementary.h"

#define FUNCTIONS1(F)                                                                            \
  F(exponential) F(exponentialMinusOne) F(logarithm) F(logarithmOfOnePlus) F(sine) F(cosine)     \
  F(hyperbolicSine) F(hyperbolicCosine) F(hyperbolicTangent) F(hyperbolicTangentSlope)           \
  F(sigmoid) F(sigmoidSlope) F(softplus) F(softsignSlope) F(errorFunction)                       \
  F(complementaryErrorFunction) F(gelu) F(geluSlope) F(geluByTanh) F(geluByTanhSlope) F(silu)    \
  F(siluSlope) F(squareRoot) F(mish) F(tangent) F(arcSine) F(arcCosine) F(arcTangent) F(areaSine) \
  F(areaCosine) F(areaTangent) F(logarithmToBase2) F(logarithmToBase10) F(powerOf2) F(cubeRoot)

// Whole vectors, then a part of one, as the kernels do.
#define LOOP(name, ELEMENT, Lanes)                                                             \
  static void name##ELEMENT(const ELEMENT *a, const ELEMENT *b, ELEMENT *y, size_t count) {    \
    const size_t step = 64 / sizeof(ELEMENT);                                                  \
    size_t i = 0;                                                                              \
    for (; i + step <= count; i += step) {                                                     \
      const Lanes x = loadLanes(a + i), z = loadLanes(b + i);                                  \
      storeLanes(y + i, CALL(name));                                                           \
      (void)z;                                                                                 \
    }                                                                                          \
    if (i < count) {                                                                           \
      const Lanes x = loadFirst(a + i, count - i), z = loadFirst(b + i, count - i);            \
      storeFirst(y + i, CALL(name), count - i);                                                \
      (void)z;                                                                                 \
    }                                                                                          \
  }
#define BOTH(name) LOOP(name, float, Float16Lanes) LOOP(name, double, Double8Lanes)

#define CALL(name) name(x)
FUNCTIONS1(BOTH)
#undef CALL
#define CALL(name) name(x, z)
BOTH(power)
#undef CALL

static const struct {
  const char *name;
  void (*ofFloat)(const float *, const float *, float *, size_t);
  void (*ofDouble)(const double *, const double *, double *, size_t);
} functions[] = {
#define LINE(name) {#name, name##float, name##double},
    FUNCTIONS1(LINE) LINE(power)};

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argumentCount, char **arguments) {
  if (argumentCount < 3) return 2;
  const int isDouble = strcmp(arguments[2], "double") == 0, isTimed = argumentCount > 3;
  const size_t size = isDouble ? 8 : 4, room = (size_t)1 << 24;
  char *bytes = aligned_alloc(64, 2 * room), *result = bytes + room;
  size_t f = 0;
  while (strcmp(functions[f].name, arguments[1]) != 0)
    if (++f == sizeof functions / sizeof *functions) return 2;
  const int isOfTwo = strcmp(arguments[1], "power") == 0;
  size_t count = isTimed ? 4096 : fread(bytes, size, room / size, stdin) / (isOfTwo ? 2 : 1);
  for (size_t i = 0; isTimed && i < 2 * count; i++) {
    const double least = isOfTwo || strstr(arguments[1], "log") ? 0.01 : -2.5;
    const double value = (double)(rand() % 10000) / 2000 + least;
    if (isDouble) ((double *)bytes)[i] = value;
    else ((float *)bytes)[i] = (float)value;
  }
  double best = 1e9;
  for (int repeat = 0; repeat < (isTimed ? 200 : 1); repeat++) {
    const double start = seconds();
    const char *second = bytes + (isOfTwo ? count * size : 0);
    if (isDouble)
      functions[f].ofDouble((double *)bytes, (const double *)second, (double *)result, count);
    else functions[f].ofFloat((float *)bytes, (const float *)second, (float *)result, count);
    const double duration = seconds() - start;
    if (duration < best) best = duration;
  }
  if (isTimed) printf("%.3f\n", 1e9 * best / (double)count);
  else fwrite(result, size, count, stdout);
  return 0;
}
