/// The inner loops of Adjoint, once for each instruction set.
///
/// Each kernel is written once and compiled for the baseline of the architecture, and on x86-64 for
/// AVX2 with FMA and for AVX-512 too. A table holds them; which one is used is chosen at run time.
/// Kernels allocate nothing, keep no state, and run on the thread that calls them: memory and threads
/// are the caller's. None of them reads an output before it has written it.
#ifndef ADJOINT_KERNELS_H
#define ADJOINT_KERNELS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "Mathematics.h"

/// Functions of one number.
typedef enum {
  adjointNegate, adjointReciprocal, adjointSquareRoot, adjointReciprocalSquareRoot, adjointSquare,
  adjointExponential, adjointLogarithm, adjointTanh, adjointSigmoid, adjointRectified,
  adjointMagnitude, adjointSigmoidLinear, adjointGeluByTanh, adjointErrorFunction,
} AdjointUnary;

/// Functions of two numbers.
typedef enum {
  adjointAdd, adjointSubtract, adjointMultiply, adjointDivide, adjointMaximum, adjointMinimum,
  adjointGate, adjointTanhGradient, adjointSigmoidGradient, adjointGeluGradient,
  adjointSiluGradient,
} AdjointBinary;

/// The order in which a product is added up: element by element of the inner axis; in vectors along it;
/// or, for one row times one column, in eight such vectors. It is that of the whole product, also where
/// only a band of it is made.
typedef enum { adjointByTiles, adjointByDots, adjointByOneDot } AdjointProductOrder;

/// The shape [outer, channels, inner] of a batch.
typedef struct {
  size_t outer, channels, inner;
} AdjointBatchShape;

/// A convolution of images in the plane, x: [batch, groups · inputs, height, width], weight:
/// [groups · outputs, inputs, rows, columns], y: [batch, groups · outputs, outHeight, outWidth].
typedef struct {
  size_t batch, groups, inputs, outputs;
  size_t height, width, outHeight, outWidth;
  size_t rows, columns;
  size_t rowStride, columnStride, rowDilation, columnDilation;
  /* The padding above and on the left; below and on the right it follows from the extents. */
  size_t top, left;
} AdjointConvolution;

/// Windows that slide over images with three spatial axes, of which the first may be 1 long: how many
/// elements there are along each, how many windows, how many taps each has, how far windows and taps
/// are apart, and how much padding comes before the first element.
typedef struct {
  size_t extents[3], counts[3], taps[3], strides[3], dilations[3], before[3];
} AdjointPooling;

/// The coefficients of a step of gradient descent; the share is that of the new gradient in the velocity.
typedef struct {
  float learningRate, momentum, share, weightDecay;
  int isNesterov;
} AdjointGradientDescent;

/// The coefficients of a step of Adam.
typedef struct {
  /* The rate is that of the unbiased mean, the rests are 1 - beta, and kept is what decay leaves. */
  float rate, beta1, rest1, beta2, rest2, squareBias, epsilon, weightDecay, kept;
  int isDecoupled;
} AdjointAdam;

/// Kernels that are there for float and for double.
#define ADJOINT_KERNELS_OF(Element, Name)                                                          \
  /* The scratch that a product needs, in elements. */                                             \
  size_t (*productScratch##Name)(size_t rows, size_t inner, size_t columns);                       \
  /* y = a·b + bias, or its positive part: a[i·aRow + k·aColumn], b[k·bRow + j·bColumn],       */  \
  /* y[i·yRow + j], bias[j] or null. By dots needs aColumn = bRow = 1 and is for few rows or    */  \
  /* columns. By tiles, the product may be added to what is in y.                              */  \
  void (*product##Name)(                                                                           \
      size_t rows, size_t inner, size_t columns, const Element *a, size_t aRow, size_t aColumn,    \
      const Element *b, size_t bRow, size_t bColumn, const Element *packed, Element *y,            \
      size_t yRow, const Element *bias, int rectifies, AdjointProductOrder order, int accumulates, \
      Element *scratch);                                                                           \
  /* The right operand as the product reads it, in panels of this width: `packed` holds inner  */  \
  /* rows of whole panels, and the product may be given it, or null.                           */  \
  size_t (*panelWidth##Name)(void);                                                                \
  void (*packPanels##Name)(                                                                        \
      size_t inner, size_t columns, const Element *b, size_t bRow, size_t bColumn, size_t first,   \
      size_t last, Element *packed);                                                               \
  double (*sum##Name)(const Element *x, size_t count);                                             \
  void (*sumRows##Name)(const Element *x, size_t rows, size_t width, double *sums);

/// The kernels for one instruction set.
typedef struct AdjointKernels {
  const char *name;
  ADJOINT_KERNELS_OF(float, Float)
  ADJOINT_KERNELS_OF(double, Double)

  void (*unary)(AdjointUnary function, const float *x, float *y, size_t count);
  void (*binary)(
      AdjointBinary function, int aRepeats, int bRepeats, const float *a, const float *b, float *y,
      size_t count);
  void (*channelAffine)(
      AdjointBatchShape shape, size_t first, size_t last, const float *x, const float *scale,
      const float *shift, float *y);
  void (*gradientDescent)(
      AdjointGradientDescent rule, size_t count, const float *gradient, const float *oldParameter,
      const float *oldVelocity, float *parameter, float *velocity);
  void (*adam)(
      AdjointAdam rule, size_t count, const float *gradient, const float *oldParameter,
      const float *oldMean, const float *oldSquare, float *parameter, float *mean, float *square);
  /* The largest element, or the smallest; NaN if one is. */
  float (*extreme)(const float *x, size_t count, int isLargest);
  /* The same of each column of rows that lie `row` apart. */
  void (*extremeOfRows)(
      const float *x, size_t rows, size_t row, size_t columns, int isLargest, float *y);
  void (*logSumExp)(const float *x, size_t rows, size_t width, float *y);
  void (*softmax)(const float *x, size_t rows, size_t width, float *y);
  void (*softmaxGradient)(
      const float *y, const float *dy, size_t rows, size_t width, float *dx);
  /* Labels are within 0 ..< width. */
  void (*softmaxCrossEntropy)(
      const float *x, const int32_t *labels, size_t rows, size_t width, float *y);
  void (*softmaxCrossEntropyGradient)(
      const float *x, const int32_t *labels, const float *dy, size_t rows, size_t width, float *dx);

  /* sums[0] = Σ (x − first), sums[1] = Σ (x − first)². */
  void (*moments)(const float *x, size_t count, float first, double *sums);
  /* Whether the batch's statistics are finite: if not, the old ones are kept. */
  int (*averageStatistics)(
      size_t channels, float weight, float varianceFactor, const float *mean, const float *variance,
      const float *oldMean, const float *oldVariance, float *newMean, float *newVariance);
  void (*batchNormPlanes)(
      AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const float *x,
      const float *scale, const float *shift, double epsilon, float *y, float *mean,
      float *variance, float *inverse, int streams);
  void (*batchNormGradientPlanes)(
      AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const float *x,
      const float *dy, const float *scale, const float *mean, const float *inverse, float *dx,
      float *dscale, float *dshift, int streams);
  void (*batchNormRowSums)(
      size_t channels, size_t firstRow, size_t lastRow, const float *x, double *sums,
      double *squares);
  void (*batchNormRowFinish)(
      size_t channels, size_t rows, size_t parts, double *sums, const float *x,
      const float *scale, const float *shift, double epsilon, float *mean, float *variance,
      float *inverse, float *coefficients);
  void (*batchNormRowApply)(
      size_t channels, size_t firstRow, size_t lastRow, const float *coefficients, const float *x,
      float *y, int streams);
  void (*batchNormGradientRowSums)(
      size_t channels, size_t firstRow, size_t lastRow, const float *x, const float *dy,
      const float *mean, double *sums);
  void (*batchNormGradientRowFinish)(
      size_t channels, size_t rows, size_t parts, double *sums, const float *scale,
      const float *mean, const float *inverse, float *dscale, float *dshift, float *coefficients);
  void (*batchNormGradientRowApply)(
      size_t channels, size_t firstRow, size_t lastRow, const float *coefficients, const float *x,
      const float *dy, float *dx, int streams);

  /* Convolutions by way of columns: for the images first ..< last. */
  size_t (*convolutionScratch)(AdjointConvolution shape);
  void (*convolution)(
      AdjointConvolution shape, size_t firstImage, size_t lastImage, const float *x,
      const float *weight, float *y, float *scratch);
  void (*convolutionInputGradient)(
      AdjointConvolution shape, size_t firstImage, size_t lastImage, const float *dy,
      const float *weight, float *dx, float *scratch);
  /* dweight is added to. */
  void (*convolutionWeightGradient)(
      AdjointConvolution shape, size_t firstImage, size_t lastImage, const float *x,
      const float *dy, float *dweight, float *scratch);

  /* Convolutions of 3 by 3, with stride and dilation 1 and one group, by Winograd's algorithm. Blocks
   * are so many tiles of 4 by 4 results, of which there are winogradBlocks(shape). */
  size_t (*winogradBlocks)(AdjointConvolution shape);
  size_t (*winogradScratch)(AdjointConvolution shape);
  /* The transformed weights, 36 · outputs · inputs; for the input gradient, turned by 180 degrees, with
   * inputs and outputs exchanged. */
  void (*winogradWeights)(
      size_t inputs, size_t outputs, const float *weight, int turns, float *transformed);
  void (*winograd)(
      AdjointConvolution shape, size_t firstBlock, size_t lastBlock, const float *x,
      const float *transformed, float *y, float *scratch);
  /* The gradient of the transformed weights is added to; winogradWeightGradient makes it that of the
   * weights. */
  void (*winogradGradient)(
      AdjointConvolution shape, size_t firstBlock, size_t lastBlock, const float *x,
      const float *dy, float *transformed, float *scratch);
  void (*winogradWeightGradient)(
      size_t inputs, size_t outputs, const float *transformed, float *dweight);

  /* The largest of each window, and its place in the plane. */
  void (*maxPool)(
      AdjointPooling shape, size_t planes, const float *x, float *y, int32_t *place);
  void (*averagePool)(
      AdjointPooling shape, size_t planes, const float *x, const double *divisors, float *y);
  /* sums: room for one plane. */
  void (*averagePoolGradient)(
      AdjointPooling shape, size_t planes, const float *dy, const double *divisors, float *dx,
      double *sums);
  /* The largest of windows of 2 by 2, and its place in the plane; extents are even. */
  void (*maxPool2)(
      const float *x, size_t planes, size_t height, size_t width, float *y, int32_t *place);
  void (*maxPoolGradient2)(
      const float *dy, const int32_t *place, size_t planes, size_t height, size_t width, float *dx);

  /* Uniform in 0 ..< 1, multiples of 2^-24, from block `first` of a draw on, two of each block. */
  void (*uniform)(uint64_t seed, uint64_t draw, uint64_t first, size_t count, float *y);
} AdjointKernels;

#undef ADJOINT_KERNELS_OF

/// The kernels for an instruction set, from 0, the baseline, upwards; null if there are no more, or the
/// processor does not have it.
const AdjointKernels *adjointKernels(int instructionSet);

/// Says to the processor that a thread waits for another.
static inline void adjointPause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// What tells the calling thread from others.
static inline uintptr_t adjointThread(void) { return (uintptr_t)pthread_self(); }

/// The number of processors that the calling thread may run on.
int adjointProcessorCount(void);

/// Asks for large pages for memory that begins and ends at multiples of them; elsewhere does nothing.
void adjointPreferLargePages(void *memory, size_t byteCount);

#endif
