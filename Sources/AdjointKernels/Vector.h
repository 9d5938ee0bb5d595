// Vectors of the instruction set that a file is compiled for, and of one fixed width.
//
// REGISTER is the number of bytes of a vector register. What must give the same result on every
// instruction set works on lanes of 64 bytes, which the compiler makes of one, two or four
// registers; what may differ in its last rounding, such as products, on registers.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Where functions exchange vectors, they are inlined: there is no calling convention to keep.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float Float16Lanes __attribute__((vector_size(64)));
typedef double Double8Lanes __attribute__((vector_size(64)));
typedef double Double16Lanes __attribute__((vector_size(128)));
typedef int32_t Int16Lanes __attribute__((vector_size(64)));
typedef uint32_t UInt16Lanes __attribute__((vector_size(64)));

// The same in memory, at any address of an element.
typedef float Float16InMemory __attribute__((vector_size(64), aligned(4)));
typedef double Double8InMemory __attribute__((vector_size(64), aligned(8)));
typedef double Double16InMemory __attribute__((vector_size(128), aligned(8)));

INLINE Float16Lanes load16(const float *source) { return *(const Float16InMemory *)source; }

INLINE void store16(float *target, Float16Lanes value) { *(Float16InMemory *)target = value; }

// Past the caches; the target is aligned to 64 bytes.
INLINE void stream16(float *target, Float16Lanes value) {
  __builtin_nontemporal_store(value, (Float16Lanes *)target);
}

INLINE Float16Lanes all16(float value) { return (Float16Lanes){} + value; }

INLINE Double16Lanes widened(Float16Lanes value) {
  return __builtin_convertvector(value, Double16Lanes);
}

// a · b + sum, where the product is exact, as that of two floats is in double: rounded once, whether
// or not the processor fuses the two.
INLINE Double16Lanes addExactProduct(Double16Lanes a, Double16Lanes b, Double16Lanes sum) {
#pragma clang fp contract(fast)
  return a * b + sum;
}

// 1, of which the compiler does not know that it is 1.
INLINE double hiddenOne(void) {
  double one = 1;
  __asm__("" : "+m"(one));
  return one;
}

// value + sum. Where additions and products have units of their own, as on AMD's processors, those
// for products add as well: `one` is 1.
INLINE Double16Lanes addByProduct(Double16Lanes value, double one, Double16Lanes sum) {
#if REGISTER > 16
  return addExactProduct(value, (Double16Lanes){} + one, sum);
#else
  return value + sum;
#endif
}

// The first `count` of 16 elements, and zeros.
INLINE Float16Lanes loadFirst(const float *source, size_t count) {
  Float16Lanes value = {};
  memcpy(&value, source, count * sizeof(float));
  return value;
}

INLINE void storeFirst(float *target, Float16Lanes value, size_t count) {
  memcpy(target, &value, count * sizeof(float));
}

// Where the mask is set (all bits), `a`, else `b`.
INLINE Float16Lanes choose(Int16Lanes mask, Float16Lanes a, Float16Lanes b) {
  return (Float16Lanes)(((Int16Lanes)a & mask) | ((Int16Lanes)b & ~mask));
}

// The sum of the lanes, always in the same order: halves are added until one is left.
INLINE double total16(Double16Lanes value) {
  double lanes[16];
  memcpy(lanes, &value, sizeof lanes);
  for (int half = 8; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

INLINE double total8(Double8Lanes value) {
  double lanes[8];
  memcpy(lanes, &value, sizeof lanes);
  for (int half = 4; half > 0; half /= 2)
    for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  return lanes[0];
}
