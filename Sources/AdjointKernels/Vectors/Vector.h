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

// What is written once for several kinds of elements is included once for each; its names end in KIND.
#define LABEL_OF(name, Kind) name##Kind
#define LABEL_FOR(name, Kind) LABEL_OF(name, Kind)
#define LABEL(name) LABEL_FOR(name, KIND)

// One name for several types of lanes.
#define OVERLOAD INLINE __attribute__((overloadable))

typedef float Float8Lanes __attribute__((vector_size(32)));
typedef float Float16Lanes __attribute__((vector_size(64)));
typedef double Double8Lanes __attribute__((vector_size(64)));
typedef double Double16Lanes __attribute__((vector_size(128)));
typedef int32_t Int16Lanes __attribute__((vector_size(64)));
typedef uint32_t UInt16Lanes __attribute__((vector_size(64)));

// The same in memory, at any address of an element.
typedef float Float8InMemory __attribute__((vector_size(32), aligned(4)));
typedef float Float16InMemory __attribute__((vector_size(64), aligned(4)));
typedef double Double8InMemory __attribute__((vector_size(64), aligned(8)));
typedef double Double16InMemory __attribute__((vector_size(128), aligned(8)));

OVERLOAD Float16Lanes load16(const float *source) { return *(const Float16InMemory *)source; }
OVERLOAD Double16Lanes load16(const double *source) { return *(const Double16InMemory *)source; }

OVERLOAD void store16(float *target, Float16Lanes value) { *(Float16InMemory *)target = value; }
OVERLOAD void store16(double *target, Double16Lanes value) { *(Double16InMemory *)target = value; }

// Past the caches; the target is aligned to 64 bytes.
OVERLOAD void stream16(float *target, Float16Lanes value) {
  __builtin_nontemporal_store(value, (Float16Lanes *)target);
}
OVERLOAD void stream16(double *target, Double16Lanes value) {
  const Double8Lanes low = __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7);
  const Double8Lanes high = __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15);
  __builtin_nontemporal_store(low, (Double8Lanes *)target);
  __builtin_nontemporal_store(high, (Double8Lanes *)target + 1);
}

// Less 0, not plus: 0 + −0 is 0.
OVERLOAD Double16Lanes widened(Float16Lanes value) {
  return __builtin_convertvector(value, Double16Lanes);
}
OVERLOAD Double16Lanes widened(Double16Lanes value) { return value; }

// 16 floats less a center each, in double. Rounded in float, in halves, as halves are what is widened.
OVERLOAD Double16Lanes centred16(const float *source, const float *center) {
  const Float8Lanes low = *(const Float8InMemory *)source - *(const Float8InMemory *)center;
  const Float8Lanes high =
      *(const Float8InMemory *)(source + 8) - *(const Float8InMemory *)(center + 8);
  return __builtin_shufflevector(
      __builtin_convertvector(low, Double8Lanes), __builtin_convertvector(high, Double8Lanes), 0, 1,
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

OVERLOAD Double16Lanes centred16(const double *source, const double *center) {
  return load16(source) - load16(center);
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
OVERLOAD Float16Lanes loadFirst(const float *source, size_t count) {
#if REGISTER == 64 && defined(__x86_64__)
  return (Float16Lanes)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), source);
#else
  Float16Lanes value = {};
  memcpy(&value, source, count * sizeof(float));
  return value;
#endif
}

OVERLOAD void storeFirst(float *target, Float16Lanes value, size_t count) {
#if REGISTER == 64 && defined(__x86_64__)
  _mm512_mask_storeu_ps(target, (__mmask16)((1u << count) - 1), (__m512)value);
#else
  memcpy(target, &value, count * sizeof(float));
#endif
}

// The same of sixteen elements of either kind.
OVERLOAD Float16Lanes loadFirst16(const float *source, size_t count) {
  return loadFirst(source, count);
}
OVERLOAD Double16Lanes loadFirst16(const double *source, size_t count) {
  Double16Lanes value = {};
  memcpy(&value, source, count * sizeof(double));
  return value;
}

OVERLOAD void storeFirst16(float *target, Float16Lanes value, size_t count) {
  storeFirst(target, value, count);
}
OVERLOAD void storeFirst16(double *target, Double16Lanes value, size_t count) {
  memcpy(target, &value, count * sizeof(double));
}

// Where the mask is set (all bits), `a`, else `b`.
OVERLOAD Float16Lanes choose(Int16Lanes mask, Float16Lanes a, Float16Lanes b) {
  return (Float16Lanes)(((Int16Lanes)a & mask) | ((Int16Lanes)b & ~mask));
}

// The sum of the lanes, always in the same order: halves are added until one is left.
INLINE double total8(Double8Lanes value) {
  typedef double Double4Lanes __attribute__((vector_size(32)));
  const Double4Lanes four = __builtin_shufflevector(value, value, 0, 1, 2, 3)
      + __builtin_shufflevector(value, value, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

INLINE double total16(Double16Lanes value) {
  return total8(
      __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7)
      + __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15));
}
