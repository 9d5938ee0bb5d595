// Matrix products of float and double. See ProductOf.h.

// Turns a square of eight by eight elements.
#define TRANSPOSE8(name, Element, Lanes, InMemory)                                              \
  INLINE void name(const Element *restrict source, size_t sourceRow, Element *restrict target,  \
                   size_t targetRow) {                                                          \
    Lanes r[8], t[8];                                                                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i++)                              \
        r[i] = *(const InMemory *)(source + (size_t)i * sourceRow);                             \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i += 2) {                         \
      t[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);                 \
      t[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);           \
    }                                                                                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < 8; i += 4)                           \
        _Pragma("clang loop unroll(full)") for (int j = 0; j < 2; j++) {                        \
      r[i + 2 * j] = __builtin_shufflevector(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13); \
      r[i + 2 * j + 1] =                                                                        \
          __builtin_shufflevector(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);          \
    }                                                                                           \
    _Pragma("clang loop unroll(full)") for (int j = 0; j < 4; j++) {                            \
      *(InMemory *)(target + (size_t)j * targetRow) =                                           \
          __builtin_shufflevector(r[j], r[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);                    \
      *(InMemory *)(target + (size_t)(j + 4) * targetRow) =                                     \
          __builtin_shufflevector(r[j], r[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);                  \
    }                                                                                           \
  }

TRANSPOSE8(transpose8Float, float, Float8Lanes, Float8InMemory)
TRANSPOSE8(transpose8Double, double, Double8Lanes, Double8InMemory)
#undef TRANSPOSE8

// The first `count` elements of a register, and zeros; `count` is less than all.
#if REGISTER == 64
INLINE Float16Lanes loadPartFloat(const float *source, size_t count) {
  return (Float16Lanes)_mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), source);
}
INLINE void storePartFloat(float *target, Float16Lanes value, size_t count) {
  _mm512_mask_storeu_ps(target, (__mmask16)((1u << count) - 1), (__m512)value);
}
INLINE Double8Lanes loadPartDouble(const double *source, size_t count) {
  return (Double8Lanes)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), source);
}
INLINE void storePartDouble(double *target, Double8Lanes value, size_t count) {
  _mm512_mask_storeu_pd(target, (__mmask8)((1u << count) - 1), (__m512d)value);
}
#else
#define PARTS(Name, Element)                                                                \
  typedef Element Name##Part __attribute__((vector_size(REGISTER)));                        \
  INLINE Name##Part loadPart##Name(const Element *source, size_t count) {                   \
    Name##Part value = {};                                                                  \
    for (size_t lane = 0; lane < count; lane++) value[lane] = source[lane];                 \
    return value;                                                                           \
  }                                                                                         \
  INLINE void storePart##Name(Element *target, Name##Part value, size_t count) {            \
    for (size_t lane = 0; lane < count; lane++) target[lane] = value[lane];                 \
  }
PARTS(Float, float)
PARTS(Double, double)
#undef PARTS
#endif

// Sums are made in blocks of DEPTH, of panels of the right operand WIDTH wide, and of HEIGHT rows of
// the left. Measured at 1024³, 1024 by 1024 is 2 % faster than 512 by 1024 and 4 % than 256 by 512,
// which fits the second cache: the panels stream, and the results are written once.
#define DEPTH ((size_t)1024)
#define WIDTH ((size_t)1024 / PANEL * PANEL)
#define HEIGHT ((size_t)8 * TILE_ROWS)

#if REGISTER == 64
// 28 sums, two vectors of the right operand and one number of the left: 31 of 32 registers.
#define TILE_ROWS 14
#define TILE_VECTORS 2
#define TILES                                                                               \
  TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)   \
  TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1) TILE(13, 1) TILE(14, 1) TILE(1, 2)         \
  TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2) TILE(9, 2)   \
  TILE(10, 2) TILE(11, 2) TILE(12, 2) TILE(13, 2) TILE(14, 2)
#elif defined(__aarch64__)
// 24 sums, three vectors of the right operand: 27 of 32 registers.
#define TILE_ROWS 8
#define TILE_VECTORS 3
#define TILES                                                                               \
  TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(7, 1) TILE(8, 1)   \
  TILE(1, 2) TILE(2, 2) TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2) TILE(7, 2) TILE(8, 2)   \
  TILE(1, 3) TILE(2, 3) TILE(3, 3) TILE(4, 3) TILE(5, 3) TILE(6, 3) TILE(7, 3) TILE(8, 3)
#else
// 12 sums, two vectors of the right operand and one number of the left: 15 of 16 registers.
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define TILES                                                                               \
  TILE(1, 1) TILE(2, 1) TILE(3, 1) TILE(4, 1) TILE(5, 1) TILE(6, 1) TILE(1, 2) TILE(2, 2)   \
  TILE(3, 2) TILE(4, 2) TILE(5, 2) TILE(6, 2)
#endif

// The distance of rows that are copied side by side: not all in one set of the first cache.
INLINE size_t packedRow(size_t depth) { return depth + 16; }

#define ELEMENT float
#define LANE_COUNT (REGISTER / 4)
#define OF(name) name##Float
#include "ProductOf.h"
#undef OF
#undef LANE_COUNT
#undef ELEMENT

#define ELEMENT double
#define LANE_COUNT (REGISTER / 8)
#define OF(name) name##Double
#include "ProductOf.h"
#undef OF
#undef LANE_COUNT
#undef ELEMENT

#undef LANES
#undef PANEL
#undef TILES
#undef TILE_VECTORS
#undef TILE_ROWS
#undef HEIGHT
#undef WIDTH
#undef DEPTH
