// The matrices of Winograd's algorithm with the points 0, ±¾, ±3/2 and ∞, and the transformations by
// them, for one element type: included once for float and once for double, with ELEMENT the type and
// OF(name) a name of its own.
//
// Bᵀ and A hold numbers of few binary digits, which float32 has exactly. See WinogradWeightsOf.h for G.

#ifndef TRANSFORM_INPUT

// Bᵀ of six vectors, in place: (x² − 9/16)(x² − 9/4), x (x ± ¾)(x² − 9/4), x (x ± 3/2)(x² − 9/16) and
// x (x² − 9/16)(x² − 9/4).
#define TRANSFORM_INPUT(Vector, d0, d1, d2, d3, d4, d5)                     \
  do {                                                                      \
    const Vector a = d4 - 2.25f * d2, b = d3 - 2.25f * d1;                  \
    const Vector c = d4 - 0.5625f * d2, e = d3 - 0.5625f * d1;              \
    d0 = 1.265625f * d0 + (d4 - 2.8125f * d2);                              \
    d5 = 1.265625f * d1 + (d5 - 2.8125f * d3);                              \
    d1 = a + 0.75f * b; d2 = a - 0.75f * b;                                 \
    d3 = c + 1.5f * e; d4 = c - 1.5f * e;                                   \
  } while (0)

// Aᵀ of six vectors, into the first four: powers of the points.
#define TRANSFORM_OUTPUT(Vector, m0, m1, m2, m3, m4, m5)                    \
  do {                                                                      \
    const Vector a = m1 + m2, b = m1 - m2, c = m3 + m4, e = m3 - m4;        \
    m0 = m0 + a + c;                                                        \
    m1 = 0.75f * b + 1.5f * e;                                              \
    m2 = 0.5625f * a + 2.25f * c;                                           \
    m3 = 0.421875f * b + (3.375f * e + m5);                                 \
  } while (0)

// A of four vectors, into six.
#define TRANSFORM_GRADIENT(Vector, g0, g1, g2, g3, g4, g5)                  \
  do {                                                                      \
    const Vector a = g0 + 0.5625f * g2, b = 0.75f * g1 + 0.421875f * g3;    \
    const Vector c = g0 + 2.25f * g2, e = 1.5f * g1 + 3.375f * g3;          \
    g5 = g3; g1 = a + b; g2 = a - b; g3 = c + e; g4 = c - e;                \
  } while (0)

#endif

// 64 bytes of elements, so many tiles side by side.
typedef ELEMENT OF(Tiles) __attribute__((vector_size(64)));
typedef ELEMENT OF(TilesInMemory) __attribute__((vector_size(64), aligned(sizeof(ELEMENT))));

#define LANES ((size_t)(64 / sizeof(ELEMENT)))
#define LOAD(place) (*(const OF(TilesInMemory) *)(place))
#define STORE(place, value) (*(OF(TilesInMemory) *)(place) = (value))

// Bᵀ d B for the windows of one channel: target[36], each `step` apart.
static void OF(transformWindows)(
    const ELEMENT *restrict windows, size_t length, ELEMENT *restrict target, size_t step) {
#pragma clang fp contract(fast)
  for (size_t k = 0; k < length; k += LANES) {
    OF(Tiles) d[windowSide][windowSide];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < windowSide; j++) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < windowSide; i++)
        d[i][j] = LOAD(windows + (i * windowSide + j) * pitch(length) + k);
      TRANSFORM_INPUT(OF(Tiles), d[0][j], d[1][j], d[2][j], d[3][j], d[4][j], d[5][j]);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < windowSide; i++) {
      TRANSFORM_INPUT(OF(Tiles), d[i][0], d[i][1], d[i][2], d[i][3], d[i][4], d[i][5]);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < windowSide; j++)
        STORE(target + (i * windowSide + j) * step + k, d[i][j]);
    }
  }
}

// Aᵀ m A for the products of one channel, which lie `step` apart: tiles[16][length]. To `spoilt` are
// added zeros for the tiles that have come out finite, and NaN for those that have not.
//
// No entry of a matrix by which a number is multiplied is 0, so what is not finite on the way, an input,
// a sum that overflows, stays so in every channel that it has part in, to the end.
static void OF(transformProducts)(
    const ELEMENT *restrict products, size_t step, size_t length, ELEMENT *restrict tiles,
    ELEMENT *restrict spoilt) {
#pragma clang fp contract(fast)
  for (size_t k = 0; k < length; k += LANES) {
    OF(Tiles) m[windowSide][windowSide], zeros = LOAD(spoilt + k);
#pragma clang loop unroll(full)
    for (size_t j = 0; j < windowSide; j++) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < windowSide; i++)
        m[i][j] = LOAD(products + (i * windowSide + j) * step + k);
      TRANSFORM_OUTPUT(OF(Tiles), m[0][j], m[1][j], m[2][j], m[3][j], m[4][j], m[5][j]);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < tileSide; i++) {
      TRANSFORM_OUTPUT(OF(Tiles), m[i][0], m[i][1], m[i][2], m[i][3], m[i][4], m[i][5]);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < tileSide; j++) {
        zeros += m[i][j] * 0;
        STORE(tiles + (i * tileSide + j) * pitch(length) + k, m[i][j]);
      }
    }
    STORE(spoilt + k, zeros);
  }
}

// A g Aᵀ for the gradients of one channel: target[36], each `step` apart.
static void OF(transformGradients)(
    const ELEMENT *restrict tiles, size_t length, ELEMENT *restrict target, size_t step) {
#pragma clang fp contract(fast)
  for (size_t k = 0; k < length; k += LANES) {
    OF(Tiles) g[windowSide][windowSide];
#pragma clang loop unroll(full)
    for (size_t j = 0; j < tileSide; j++) {
#pragma clang loop unroll(full)
      for (size_t i = 0; i < tileSide; i++)
        g[i][j] = LOAD(tiles + (i * tileSide + j) * pitch(length) + k);
      TRANSFORM_GRADIENT(OF(Tiles), g[0][j], g[1][j], g[2][j], g[3][j], g[4][j], g[5][j]);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < windowSide; i++) {
      TRANSFORM_GRADIENT(OF(Tiles), g[i][0], g[i][1], g[i][2], g[i][3], g[i][4], g[i][5]);
#pragma clang loop unroll(full)
      for (size_t j = 0; j < windowSide; j++)
        STORE(target + (i * windowSide + j) * step + k, g[i][j]);
    }
  }
}

#undef STORE
#undef LOAD
#undef LANES
