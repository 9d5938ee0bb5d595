// Convolutions of 3 by 3 by Winograd's algorithm F(4×4, 3×3): 36 multiplications for 16 results in
// place of 144.
//
//   y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ d B)] A      d: 6 by 6 values, w: 3 by 3 weights, y: 4 by 4 results
//
// The products ⊙, summed over the channels, are 36 matrix products. Since the rule is bilinear, its
// gradients are made of the same matrices: that of d is the same convolution with the weights turned,
// and dw = Gᵀ [(A dy Aᵀ) ⊙ (Bᵀ d B)] G.
//
// With the points 0, ±¾, ±3/2 and ∞ rounding errors are about twice those of a direct sum, where the usual
// 0, ±1, ±2 and ∞ have four to eight times them. The root mean square of the error for normal numbers,
// relative to that of the result, and the largest, relative to the largest result, in units of those of
// a direct sum of float32, and in numbers; with AVX-512, 8 images of 28 by 28:
//
//     channels   forward                  dw
//     16         2.1  1.5    5e-7         1.4  1.9    7e-7
//     64         1.5  1.2    6e-7         1.5  1.5    7e-7
//     128        1.6  1.5    7e-7         2.0  2.1    7e-7
//
// dx is as the forward direction. By way of columns dx is no direct sum, but a sum of nine sums over the
// outputs, with a third of the error.
//
// An error is relative to the largest number of a window, not to each: where one is much larger than its
// neighbours, it is felt in all 16 results of the tile. What is not finite, or overflows on the way,
// spoils all of a tile, and so is found in its results; the tile is then made again, directly.
//
// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks" (2016), with other points.
//
// WinogradTransformsOf.h and WinogradWeightsOf.h have the matrices, WinogradTilesOf.h takes images apart
// and puts them together, WinogradOf.h has the kernels.

enum { tileSide = 4, windowSide = 6, windowCount = 36 };

// MARK: Tiles

// The tiles of a plane, and of all images together.
typedef struct {
  size_t rows, columns, inPlane, all;
} Tiling;

INLINE Tiling tiling(AdjointConvolution s) {
  Tiling t = {
      (s.counts[1] + tileSide - 1) / tileSide, (s.counts[2] + tileSide - 1) / tileSide, 0, 0};
  t.inPlane = t.rows * t.columns;
  t.all = t.inPlane * s.batch;
  return t;
}

// Eight tiles are taken apart at once. What is written past the end of a run is overwritten by the
// next, or lies in the gap between the rows of a block.
enum { tilesAtOnce = 8 };

INLINE size_t pitch(size_t length) { return length + 16; }

// Room for a row of the longest run, and what is read past its end.
enum { longestRun = 256, lineLength = tileSide * (longestRun + tilesAtOnce) + 8 };

// Calls body for each run of tiles first ..< last that lie in one row of one image: with the image n,
// the row of tiles, the first column, the number of tiles, and their place in the block.
#define FOR_EACH_RUN(body)                                                       \
  for (size_t tile = first; tile < last;) {                                      \
    const size_t n = tile / t.inPlane, row = tile % t.inPlane / t.columns;       \
    const size_t column = tile % t.columns, place = tile - first;                \
    const size_t rest = t.columns - column;                                      \
    const size_t count = last - tile < rest ? last - tile : rest;                \
    body;                                                                        \
    tile += count;                                                               \
  }

// How many channels, or tiles, are summed up at once, in so many parts at least, as even as they can be:
// the errors of partial sums are smaller than those of one sum. Where tiles of the product are small,
// short sums cost more: with AVX2 and 128 channels, 70 % for 32 at once, 20 % for 64; with AVX-512, 5 %
// for 32.
INLINE size_t atOnce(size_t count, size_t least) {
  const size_t most = REGISTER == 64 ? 32 : 64;
  const size_t parts = greater((count + most - 1) / most, REGISTER == 64 ? least : 1);
  return (count + parts - 1) / parts;
}

#define ELEMENT float
#define OF(name) name##Float
#include "WinogradTransformsOf.h"
#include "WinogradWeightsOf.h"
#include "WinogradTilesOf.h"
#include "WinogradOf.h"
#undef OF
#undef ELEMENT

#define ELEMENT double
#define OF(name) name##Double
#include "WinogradTransformsOf.h"
#include "WinogradWeightsOf.h"
#include "WinogradTilesOf.h"
#include "WinogradOf.h"
#undef OF
#undef ELEMENT

#undef FOR_EACH_RUN
#undef TRANSFORM_INPUT
#undef TRANSFORM_OUTPUT
#undef TRANSFORM_GRADIENT
#undef TRANSFORM_WEIGHTS
#undef TRANSFORM_WEIGHT_GRADIENTS
