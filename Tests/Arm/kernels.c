// Runs every kernel of an instruction set at many lengths, and writes what it makes to the standard output;
// or compares two such results. See Tests/Arm/run.
//
//   kernels SET           runs the kernels of an instruction set, from 0; status 3 if there is none
//   kernels compare A B   fails if two results differ by more than they may where one of them fuses
//                         multiplications with additions, and the other does not
//   kernels equal A B     fails if two results differ at all
//
// Inputs are made by a formula that is the same everywhere. Beyond each result lie bytes that no kernel may
// change.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "AdjointKernels.h"

// What may differ: nothing; or so many units in the last place of the largest element of the result, where
// multiplications are fused with additions or not; or so many always, as each platform has a mathematical library of
// its own.
typedef enum { bits, ulpsOfLargest, ulpsOfLibraries } Rule;

typedef struct {
  char name[64];
  uint64_t length, count, elementSize, isReal, rule, units;
} Record;

// MARK: Memory

enum { guard = 64, mostResults = 8 };
static const unsigned char untouched = 0xA5;

static struct {
  char *memory;
  size_t used;
} arena;

static struct {
  AdjointElement element;
  size_t count;
  char *start;
} results[mostResults];

static size_t resultCount;

static const size_t sizes[] = {4, 8, 4, 1};

static char *take(size_t byteCount) {
  char *const start = arena.memory + arena.used;
  arena.used += (byteCount + guard + 63) & ~(size_t)63;
  if (arena.used > (size_t)1 << 28) abort();
  memset(start, untouched, byteCount + guard);
  return start;
}

// MARK: A case

static const AdjointKernels *all;
static const AdjointRealKernels *real;
static const AdjointNumericKernels *numeric;
// The kind of elements of the case that runs, and its length.
static AdjointElement element;
static size_t n;
static Record record;
static uint64_t state;

static const char *const kinds[] = {"Float", "Double", "Int", ""};

static struct {
  char names[400][64];
  size_t count;
} tried;

static void mark(const char *group, const char *kernel) {
  snprintf(record.name, sizeof record.name, "%s%s", group, kernel);
  for (size_t i = 0; i < tried.count; i++)
    if (strcmp(tried.names[i], record.name) == 0) return;
  strcpy(tried.names[tried.count++], record.name);
}

static void begin(const char *group, const char *kernel, Rule rule, size_t units) {
  mark(group, kernel);
  record.length = n;
  record.rule = rule;
  record.units = units;
  state = n;
  for (const char *letter = record.name; *letter; letter++) state = state * 31 + (uint64_t)*letter;
  arena.used = resultCount = 0;
}

static void end(void) {
  for (size_t i = 0; i < resultCount; i++) {
    record.count = results[i].count;
    record.elementSize = sizes[results[i].element];
    record.isReal = results[i].element == adjointFloat || results[i].element == adjointDouble;
    const size_t byteCount = record.count * record.elementSize;
    for (size_t k = 0; k < guard; k++)
      if ((unsigned char)results[i].start[byteCount + k] != untouched) {
        fprintf(stderr, "%s at length %zu writes beyond result %zu\n", record.name, n, i);
        exit(1);
      }
    fwrite(&record, sizeof record, 1, stdout);
    fwrite(results[i].start, 1, byteCount, stdout);
  }
}

// MARK: Numbers

static uint64_t word(void) {
  uint64_t z = state += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

static void set(void *memory, AdjointElement element, size_t i, double value) {
  if (element == adjointFloat) ((float *)memory)[i] = (float)value;
  if (element == adjointDouble) ((double *)memory)[i] = value;
  if (element == adjointInt) ((int32_t *)memory)[i] = (int32_t)value;
  if (element == adjointBool) ((unsigned char *)memory)[i] = value > 0;
}

// Multiples of a step from `least` on, in `steps` steps; `count` of them.
static void *numbersOf(AdjointElement element, size_t count, double least, double step, uint64_t steps) {
  char *const start = take(count * sizes[element]);
  for (size_t i = 0; i < count; i++) set(start, element, i, least + step * (double)(word() % steps));
  return start;
}

// Integers from -8 to 8, whose products are added up without rounding.
static void *whole(size_t count) { return numbersOf(element, count, -8, 1, 17); }
// Numbers in -2 ..< 2, and in 0.5 ..< 1.5.
static void *numbers(size_t count) { return numbersOf(element, count, -2, 0x1p-20, 1 << 22); }
static void *positives(size_t count) { return numbersOf(element, count, 0.5, 0x1p-20, 1 << 20); }
static int32_t *places(size_t count, size_t extent) {
  return numbersOf(adjointInt, count, 0, 1, extent);
}

static void *resultOf(AdjointElement element, size_t count) {
  char *const start = take(count * sizes[element]);
  results[resultCount].element = element;
  results[resultCount].count = count;
  results[resultCount++].start = start;
  return start;
}

static void *result(size_t count) { return resultOf(element, count); }

// A result that is added to.
static void *sumsOf(AdjointElement element, size_t count) {
  return memset(resultOf(element, count), 0, count * sizes[element]);
}

static void *room(size_t count) { return take(count * sizes[element]); }

static void *zeros(size_t count) { return memset(room(count), 0, count * sizes[element]); }

// MARK: Kernels

#define REAL(kernel, rule, units, ...) \
  begin(element == adjointFloat ? "realFloat." : "realDouble.", #kernel, rule, units); \
  { __VA_ARGS__ } \
  end();
#define NUMERIC(kernel, ...) \
  snprintf(group, sizeof group, "numeric%s.", kinds[element]); \
  begin(group, #kernel, bits, 0); \
  { __VA_ARGS__ } \
  end();
#define ONCE(kernel, ...) \
  begin("", #kernel, bits, 0); \
  { __VA_ARGS__ } \
  end();
// Kernels that say how much room others need.
#define USED(kernel) mark(element == adjointFloat ? "realFloat." : "realDouble.", #kernel);

static void products(void) {
  const size_t rows = n % 17 + 1, columns = n * 7 % 45 + 1;
  USED(productScratch) USED(panelWidth)
  const size_t width = real->panelWidth();
  const size_t scratch = real->productScratch(rows, n, columns);
  const size_t panels = (columns + width - 1) / width;
  for (int isPacked = 0; isPacked < 2; isPacked++) {
    REAL(product, bits, 0, {
      void *const a = whole(rows * n), *const b = whole(n * columns), *const bias = whole(columns);
      void *const packed = isPacked ? room(n * panels * width) : 0;
      if (isPacked) real->packPanels(n, columns, b, columns, 1, 0, panels, packed);
      real->product(rows, n, columns, a, n, 1, b, columns, 1, packed, result(rows * columns), columns,
          bias, adjointByTiles, 0, room(scratch));
    })
  }
  USED(packPanels)
  REAL(product, ulpsOfLargest, n + 8, {
    void *const a = numbers(n * rows), *const b = numbers(columns * n);
    // Both transposed.
    real->product(rows, n, columns, a, 1, rows, b, 1, n, 0, result(rows * columns), columns, 0,
        adjointByTiles, 0, room(scratch));
  })
  REAL(product, bits, 0, {
    const size_t few = columns % 3 + 1;
    void *const a = whole(rows * n), *const b = whole(n * few);
    real->product(rows, n, few, a, n, 1, b, 1, n, 0, result(rows * few), few, 0, adjointByDots, 0,
        room(real->productScratch(rows, n, few)));
  })
  REAL(product, bits, 0, {
    void *const a = whole(n), *const b = whole(n);
    real->product(1, n, 1, a, n, 1, b, 1, n, 0, result(1), 1, 0, adjointByOneDot, 0,
        room(real->productScratch(1, n, 1)));
  })
}

static void sums(void) {
  const size_t rows = n % 5 + 1;
  REAL(sum, bits, 0, {
    void *const x = numbers(n);
    *(double *)resultOf(adjointDouble, 1) = real->sum(x, n);
  })
  REAL(sumRows, bits, 0, { real->sumRows(numbers(rows * n), rows, n, sumsOf(adjointDouble, n)); })
  REAL(moments, bits, 0, { real->moments(numbers(n), n, 0.25, resultOf(adjointDouble, 2)); })
  ONCE(momentRowsDouble, {
    element = adjointDouble;
    all->momentRowsDouble(numbers(rows * n), rows, n, numbers(n), sumsOf(adjointDouble, n),
        sumsOf(adjointDouble, n));
    element = real == &all->realFloat ? adjointFloat : adjointDouble;
  })
  REAL(addParts, bits, 0, {
    void *const x = numbers(rows * n), *const y = result(rows * n);
    memcpy(y, x, rows * n * sizes[element]);
    real->addParts(rows, n, y);
  })
  REAL(scaledDeviations, bits, 0, { real->scaledDeviations(numbers(n), n, 0.3, 1.7, result(n)); })
  REAL(scaledDeviationsOfRows, bits, 0, {
    const AdjointElement kind = element;
    void *const x = numbers(rows * n);
    element = adjointDouble;
    void *const means = numbers(n), *const factors = numbers(n);
    element = kind;
    real->scaledDeviationsOfRows(x, rows, n, means, factors, result(rows * n));
  })
}

static AdjointConvolution convolutionShape(int isWinograd) {
  AdjointConvolution shape = {
      .batch = 2, .groups = isWinograd ? 1 : n % 2 + 1, .inputs = n % 5 + 1, .outputs = n % 7 + 1,
      .extents = {1, n % 9 + 5, n % 13 + 5}, .taps = {1, 3, 3}, .strides = {1, 1, 1},
      .dilations = {1, 1, 1}, .before = {0, 1, 1}};
  if (!isWinograd) {
    shape.taps[1] = n / 3 % 3 + 1;
    shape.taps[2] = n % 3 + 1;
    shape.strides[1] = n % 2 + 1;
    shape.strides[2] = n / 2 % 2 + 1;
    shape.dilations[2] = n / 4 % 2 + 1;
  }
  for (size_t axis = 0; axis < 3; axis++)
    shape.counts[axis] = (shape.extents[axis] + 2 * shape.before[axis] -
                             shape.dilations[axis] * (shape.taps[axis] - 1) - 1) /
            shape.strides[axis] + 1;
  return shape;
}

static size_t product3(const size_t *extents) { return extents[0] * extents[1] * extents[2]; }

static void convolutions(void) {
  const AdjointConvolution shape = convolutionShape(0);
  const size_t images = shape.batch * shape.groups;
  const size_t inputs = images * shape.inputs * product3(shape.extents);
  const size_t outputs = images * shape.outputs * product3(shape.counts);
  const size_t weights = shape.groups * shape.outputs * shape.inputs * product3(shape.taps);
  USED(convolutionScratch)
  const size_t scratch = real->convolutionScratch(shape);
  REAL(convolution, bits, 0, {
    real->convolution(shape, 0, 2, whole(inputs), whole(weights), result(outputs), room(scratch));
  })
  REAL(convolutionInputGradient, bits, 0, {
    real->convolutionInputGradient(shape, 0, 2, whole(outputs), whole(weights), result(inputs),
        room(scratch));
  })
  REAL(convolutionWeightGradient, bits, 0, {
    real->convolutionWeightGradient(shape, 0, 2, whole(inputs), whole(outputs),
        sumsOf(element, weights), room(scratch));
  })
}

static void winograd(void) {
  const AdjointConvolution shape = convolutionShape(1);
  const size_t inputs = shape.batch * shape.inputs * product3(shape.extents);
  const size_t outputs = shape.batch * shape.outputs * product3(shape.counts);
  const size_t pairs = shape.inputs * shape.outputs;
  USED(winogradBlocks) USED(winogradScratch)
  const size_t blocks = real->winogradBlocks(shape), scratch = real->winogradScratch(shape);
  // Transformed weights lie as each instruction set likes: they are compared by what is made of them.
  USED(winogradWeights)
  REAL(winograd, ulpsOfLargest, 64, {
    void *const transformed = room(45 * pairs);
    real->winogradWeights(shape.inputs, shape.outputs, numbers(9 * pairs), 0, transformed);
    real->winograd(shape, 0, blocks, numbers(inputs), transformed, result(outputs), room(scratch));
  })
  USED(winogradGradient)
  REAL(winogradWeightGradient, ulpsOfLargest, 256, {
    void *const transformed = zeros(36 * pairs);
    real->winogradGradient(shape, 0, blocks, numbers(inputs), numbers(outputs), transformed,
        room(scratch));
    real->winogradWeightGradient(shape.inputs, shape.outputs, transformed, result(9 * pairs));
  })
}

// Functions of rows [rows, n], and of columns [rows, n].
#define OF_ROWS(kernel, units) \
  REAL(kernel##Rows, ulpsOfLargest, units, { \
    real->kernel##Rows(numbers(rows * n), rows, n, result(rows * n)); \
  }) \
  REAL(kernel##Columns, ulpsOfLargest, units, { \
    real->kernel##Columns(numbers(rows * n), rows, n, n, result(rows * n)); \
  })
#define GRADIENT_OF_ROWS(kernel, units) \
  REAL(kernel##Rows, ulpsOfLargest, units, { \
    void *const y = numbers(rows * n); \
    real->kernel##Rows(y, numbers(rows * n), rows, n, result(rows * n)); \
  }) \
  REAL(kernel##Columns, ulpsOfLargest, units, { \
    void *const y = numbers(rows * n); \
    real->kernel##Columns(y, numbers(rows * n), rows, n, n, result(rows * n)); \
  })

static void losses(void) {
  const size_t rows = n % 5 + 1;
  OF_ROWS(softmax, 16)
  OF_ROWS(logSoftmax, 16)
  GRADIENT_OF_ROWS(softmaxGradient, 16)
  GRADIENT_OF_ROWS(logSoftmaxGradient, 16)
  REAL(logSumExpRows, ulpsOfLargest, 16, {
    real->logSumExpRows(numbers(rows * n), rows, 1, 0, n, result(rows));
  })
  REAL(logSumExpColumns, ulpsOfLargest, 16, {
    real->logSumExpColumns(numbers(rows * n), rows, n, n, result(n));
  })
  REAL(logSumExpGradientRows, ulpsOfLargest, 16, {
    void *const x = numbers(rows * n);
    real->logSumExpGradientRows(x, numbers(rows), rows, n, result(rows * n));
  })
  REAL(logSumExpGradientColumns, ulpsOfLargest, 16, {
    void *const x = numbers(rows * n);
    real->logSumExpGradientColumns(x, numbers(n), rows, n, n, result(rows * n));
  })
  REAL(softmaxCrossEntropyRows, ulpsOfLargest, 16, {
    void *const x = numbers(rows * n);
    real->softmaxCrossEntropyRows(x, places(rows, n), rows, n, result(rows));
  })
  REAL(softmaxCrossEntropyColumns, ulpsOfLargest, 16, {
    void *const x = numbers(rows * n);
    real->softmaxCrossEntropyColumns(x, places(n, rows), rows, n, n, result(n));
  })
  REAL(softmaxCrossEntropyGradientRows, ulpsOfLargest, 16, {
    void *const x = numbers(rows * n), *const labels = places(rows, n);
    real->softmaxCrossEntropyGradientRows(x, labels, numbers(rows), rows, n, result(rows * n));
  })
  REAL(softmaxCrossEntropyGradientColumns, ulpsOfLargest, 16, {
    void *const x = numbers(rows * n), *const labels = places(n, rows);
    real->softmaxCrossEntropyGradientColumns(x, labels, numbers(n), rows, n, n, result(rows * n));
  })
  // Of few different numbers, so that some are equal.
  REAL(extremumGradientRows, bits, 0, {
    void *const x = whole(rows * n), *const y = room(rows);
    adjointNumericKernels(all, element)->extremeRows(x, rows, 1, 0, n, 1, y);
    real->extremumGradientRows(x, y, numbers(rows), rows, 1, 0, n, result(rows * n));
  })
  REAL(extremumGradientColumns, bits, 0, {
    void *const x = whole(rows * n), *const y = room(n);
    adjointNumericKernels(all, element)->extremeColumns(x, rows, n, n, 1, y);
    real->extremumGradientColumns(x, y, numbers(n), rows, n, n, result(rows * n));
  })
}

static void normalization(void) {
  const AdjointBatchShape shape = {.outer = n % 3 + 1, .channels = n % 4 + 1, .inner = n + 1};
  const size_t count = shape.outer * shape.channels * shape.inner, channels = shape.channels;
  // In float64 sums have no wider elements to be added up in, and what is fused differs.
  const Rule rule = element == adjointFloat ? bits : ulpsOfLargest;
  REAL(channelAffine, bits, 0, {
    void *const x = whole(count), *const scale = whole(channels);
    real->channelAffine(shape, 0, shape.outer, x, scale, whole(channels), result(count));
  })
  REAL(averageStatistics, ulpsOfLargest, 4, {
    void *const mean = numbers(n), *const variance = positives(n), *const oldMean = numbers(n);
    void *const oldVariance = positives(n), *const newMean = result(n);
    real->averageStatistics(n, 0.1, 1.25, mean, variance, oldMean, oldVariance, newMean, result(n));
  })
  REAL(batchNormPlanes, rule, 16, {
    void *const x = numbers(count), *const scale = numbers(channels), *const shift = numbers(channels);
    void *const y = result(count), *const mean = result(channels), *const variance = result(channels);
    real->batchNormPlanes(shape, 0, channels, x, scale, shift, 1e-5, y, mean, variance,
        result(channels), 0);
  })
  REAL(batchNormGradientPlanes, rule, 64, {
    void *const x = numbers(count), *const dy = numbers(count), *const scale = numbers(channels);
    void *const mean = numbers(channels), *const inverse = positives(channels);
    void *const dx = result(count), *const dscale = result(channels);
    real->batchNormGradientPlanes(shape, 0, channels, x, dy, scale, mean, inverse, dx, dscale,
        result(channels), 0);
  })
  const size_t rows = n % 11 + 2;
  double *const coefficients = calloc(4 * n, sizeof(double));
  REAL(batchNormRowSums, bits, 0, {
    double *const sums = sumsOf(adjointDouble, n);
    real->batchNormRowSums(n, 0, rows, numbers(rows * n), sums, sumsOf(adjointDouble, n));
  })
  USED(batchNormRowFinish) USED(batchNormRowApply)
  REAL(batchNormRowApply, rule, 16, {
    void *const x = numbers(rows * n), *const scale = numbers(n), *const shift = numbers(n);
    double *const sums = memset(take(16 * n), 0, 16 * n);
    real->batchNormRowSums(n, 0, rows, x, sums, sums + n);
    void *const mean = result(n), *const variance = result(n), *const inverse = result(n);
    real->batchNormRowFinish(n, rows, 1, sums, x, scale, shift, 1e-5, mean, variance, inverse,
        coefficients);
    real->batchNormRowApply(n, 0, rows, coefficients, x, result(rows * n), 0);
  })
  REAL(batchNormCenters, bits, 0, {
    void *const mean = numbers(n), *const inverse = positives(n);
    real->batchNormCenters(n, 1e76, mean, inverse, result(n));
  })
  USED(batchNormGradientRowSums) USED(batchNormGradientRowFinish)
  REAL(batchNormGradientRowApply, rule, 64, {
    void *const x = numbers(rows * n), *const dy = numbers(rows * n), *const scale = numbers(n);
    void *const mean = numbers(n), *const inverse = positives(n);
    double *const sums = memset(take(24 * n), 0, 24 * n);
    real->batchNormGradientRowSums(n, 0, rows, x, dy, mean, sums);
    void *const dscale = result(n);
    real->batchNormGradientRowFinish(n, rows, 1, sums, scale, mean, inverse, dscale, result(n),
        coefficients);
    real->batchNormGradientRowApply(n, 0, rows, coefficients, x, dy, result(rows * n), 0);
  })
  free(coefficients);
  REAL(groupNorm, rule, 16, {
    void *const x = numbers(count), *const scale = numbers(channels), *const shift = numbers(channels);
    void *const y = result(count), *const mean = result(shape.outer);
    real->groupNorm(shape, 1, 0, shape.outer, x, scale, shift, 1e-5, y, mean, result(shape.outer));
  })
  REAL(groupNormGradient, rule, 64, {
    void *const x = numbers(count), *const dy = numbers(count), *const scale = numbers(channels);
    void *const mean = numbers(shape.outer), *const inverse = positives(shape.outer);
    void *const dx = result(count), *const projection = result(shape.outer);
    double *const sums = memset(take(24 * channels), 0, 24 * channels);
    real->groupNormGradient(shape, 1, 0, shape.outer, x, dy, scale, mean, inverse, dx, projection, sums);
    memcpy(resultOf(adjointDouble, 2 * channels), sums, 16 * channels);
  })
}

static void pooling(void) {
  AdjointPooling shape = {
      .extents = {1, n % 7 + 3, n + 3}, .taps = {1, n % 2 + 2, n % 3 + 1},
      .strides = {1, n % 3 + 1, n % 2 + 1}, .dilations = {1, 1, 1}, .before = {0, 1, 0}};
  for (size_t axis = 0; axis < 3; axis++) {
    const size_t padded = shape.extents[axis] + 2 * shape.before[axis];
    shape.counts[axis] = (padded - shape.taps[axis]) / shape.strides[axis] + 1;
  }
  const size_t size = product3(shape.extents), windows = product3(shape.counts), planes = 3;
  double *const divisors = malloc(windows * sizeof(double));
  for (size_t i = 0; i < windows; i++) divisors[i] = 1 + (double)(i % 4);
  REAL(maxPool, bits, 0, {
    void *const x = numbers(planes * size), *const y = result(planes * windows);
    real->maxPool(shape, planes, x, y, resultOf(adjointInt, planes * windows));
  })
  REAL(averagePool, bits, 0, {
    real->averagePool(shape, planes, numbers(planes * size), divisors, result(planes * windows));
  })
  REAL(averagePoolGradient, bits, 0, {
    void *const dy = numbers(planes * windows), *const dx = result(planes * size);
    real->averagePoolGradient(shape, planes, dy, divisors, dx, (double *)take(8 * size));
  })
  free(divisors);
  REAL(scatterPlaces, bits, 0, {
    void *const dy = numbers(planes * windows);
    real->scatterPlaces(planes, windows, size, dy, places(planes * windows, size), result(planes * size));
  })
  REAL(gatherPlaces, bits, 0, {
    void *const x = numbers(planes * size);
    real->gatherPlaces(planes, windows, size, x, places(planes * windows, size), result(planes * windows));
  })
  if (element != adjointFloat) return;
  const size_t height = n % 3 * 2 + 2, width = 2 * n + 2;
  ONCE(maxPool2, {
    void *const x = numbers(3 * height * width), *const y = result(3 * height * width / 4);
    all->maxPool2(x, 3, height, width, y, resultOf(adjointInt, 3 * height * width / 4));
  })
  ONCE(maxPoolGradient2, {
    void *const x = numbers(3 * height * width), *const y = room(3 * height * width / 4);
    int32_t *const place = (int32_t *)take(3 * height * width);
    all->maxPool2(x, 3, height, width, y, place);
    all->maxPoolGradient2(y, place, 3, height, width, result(3 * height * width));
  })
}

static void randomness(void) {
  REAL(uniform, bits, 0, { real->uniform(7, n, 3, n, result(n)); })
  REAL(normal, ulpsOfLargest, 8, { real->normal(7, n, 3, n, 1.5, 2.5, result(n)); })
}

static void optimizers(void) {
  AdjointGradientDescent descent = {
      .learningRate = 0.1, .momentum = 0.9, .share = 1, .weightDecay = 0.01, .hasMomentum = 1,
      .decaysWeights = 1, .isNesterov = (int)(n % 2)};
  REAL(gradientDescent, ulpsOfLargest, 8, {
    void *const gradient = numbers(n), *const parameter = numbers(n), *const velocity = numbers(n);
    void *const newParameter = result(n);
    real->gradientDescent(descent, n, gradient, parameter, velocity, newParameter, result(n));
  })
  AdjointAdam rule = {
      .rate = 0.01, .beta1 = 0.9, .rest1 = 0.1, .beta2 = 0.999, .rest2 = 0.001, .rootOfBias = 0.5,
      .epsilon = 1e-8, .weightDecay = 0.01, .kept = 0.999, .decaysWeights = 1,
      .isDecoupled = (int)(n % 2)};
  REAL(adam, ulpsOfLargest, 16, {
    void *const gradient = numbers(n), *const parameter = numbers(n), *const mean = numbers(n);
    void *const square = positives(n), *const newParameter = result(n), *const newMean = result(n);
    real->adam(rule, n, gradient, parameter, mean, square, newParameter, newMean, result(n));
  })
}

static void extremes(void) {
  char group[32];
  const size_t rows = n % 5 + 1;
  for (int isLargest = 0; isLargest < 2; isLargest++) {
    NUMERIC(extremeRows, { numeric->extremeRows(whole(rows * n), rows, 1, 0, n, isLargest, result(rows)); })
    NUMERIC(extremeColumns, {
      numeric->extremeColumns(whole(rows * n), rows, n, n, isLargest, result(n));
    })
  }
  NUMERIC(largestPlaceRows, {
    numeric->largestPlaceRows(whole(rows * n), rows, n, resultOf(adjointInt, rows));
  })
  NUMERIC(largestPlaceColumns, {
    numeric->largestPlaceColumns(whole(rows * n), rows, n, n, resultOf(adjointInt, n));
  })
}

static void moves(void) {
  const size_t rows = n % 23 + 1;
  for (AdjointElement kind = adjointFloat; kind <= adjointBool; kind++) {
    element = kind;
    ONCE(moveElements, {
      // Transposed, and every other column.
      const AdjointMove transposed = {
          .size = sizes[kind], .rank = 2, .extents = {n, rows}, .sources = {1, (ptrdiff_t)n},
          .targets = {(ptrdiff_t)rows, 1}};
      all->moveElements(transposed, 0, n, whole(rows * n), result(rows * n));
      const AdjointMove spread = {
          .size = sizes[kind], .rank = 2, .extents = {rows, n}, .sources = {2 * (ptrdiff_t)n, 2},
          .targets = {(ptrdiff_t)n, 1}};
      all->moveElements(spread, 0, rows, whole(2 * rows * n), result(rows * n));
    })
    ONCE(gather, {
      void *const x = whole(rows * 3);
      all->gather(x, places(n, rows), n, rows, 3 * sizes[kind], result(3 * n));
      all->gather(x, places(n, rows), n, rows, sizes[kind], result(n));
    })
  }
  element = adjointInt;
  ONCE(firstPlaceOutside, {
    *(int32_t *)result(1) = (int32_t)all->firstPlaceOutside(places(n, 50), n, 49);
  })
  for (element = adjointFloat; element <= adjointDouble; element++) {
    real = adjointRealKernels(all, element);
    REAL(scatterAdd, bits, 0, {
      void *const x = numbers(9 * n);
      real->scatterAdd(x, places(9, 4), 9, 4, n, 0, n, NULL, NULL, sumsOf(element, 4 * n));
    })
  }
}

// MARK: Pointwise

typedef enum {
  FORMULA1, FORMULA2, FORMULA3, FORMULA4, RELATION, LOGICAL, SELECT, CONVERT
} Form;

static const struct {
  const char *name;
  Form form;
} instructions[] = {
#define INSTRUCTION(kind, Name, ...) {#Name, kind},
#include "../../Sources/AdjointKernels/Pointwise/Instructions.inc"
};

static int applies(Form form) {
  if (form <= FORMULA4) return element == adjointFloat || element == adjointDouble;
  if (form <= RELATION) return element != adjointBool;
  return form == LOGICAL ? element == adjointBool : 1;
}

// Whether an instruction is a function of the platform's mathematical library: see Vectors/Library.h.
static int isOfLibrary(const char *instruction) {
  static const char *const names[] = {
      "Tangent", "ArcSine", "ArcCosine", "ArcTangent", "AreaSine", "AreaCosine", "AreaTangent",
      "LogarithmToBase2", "LogarithmToBase10", "PowerOfTwo", "CubeRoot", "ArcTangentOfRatio"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(names[i], instruction)) return 1;
  return 0;
}

static void pointwise(void) {
  static const size_t operandCounts[] = {1, 2, 3, 4, 2, 2, 3, 1};
  for (AdjointInstruction i = 0; i < adjointInstructionCount; i++) {
    const Form form = instructions[i].form;
    if (!applies(form)) continue;
    // What may be fused, or is a function, differs by so much between instruction sets; a derivative that
    // goes through zero, in units of the largest.
    // That of mish, where one number is repeated near its zero at -1.19, is what is left of terms of size 1.
    const int cancels = !strcmp(instructions[i].name, "MishPullback");
    const Rule formulas = isOfLibrary(instructions[i].name) ? ulpsOfLibraries : ulpsOfLargest;
    begin("", "pointwise", form <= FORMULA4 ? formulas : bits, cancels ? 4096 : 16);
    snprintf(record.name, sizeof record.name, "pointwise %s", instructions[i].name);
    AdjointOperand operands[4];
    for (size_t k = 0; k < operandCounts[form]; k++) {
      const AdjointElement kind = form == SELECT && k == 2 ? adjointBool : element;
      operands[k].repeats = k > 0 && (n + k) % 3 == 0;
      const size_t count = operands[k].repeats ? 1 : n;
      operands[k].elements = form <= FORMULA4 ? (k == 0 ? positives(count) : numbers(count))
                                              : numbersOf(kind, count, -8, 1, 17);
    }
    AdjointElement kind = form == RELATION ? adjointBool : element;
    if (form == CONVERT) kind = (AdjointElement)(i - adjointConvertToFloat);
    all->pointwise(i, element, operands, resultOf(kind, n), n);
    end();
  }
}

// MARK: Running and comparing

static int run(int number) {
  all = adjointKernels(number);
  if (!all) return 3;
  arena.memory = aligned_alloc(64, (size_t)1 << 28);
  static const size_t longer[] = {127, 128, 200, 513, 1000};
  for (size_t i = 0; i < 70 + sizeof longer / sizeof *longer; i++) {
    n = i < 70 ? i + 1 : longer[i - 70];
    for (element = adjointFloat; element <= adjointDouble; element++) {
      real = adjointRealKernels(all, element);
      products();
      sums();
      convolutions();
      winograd();
      losses();
      normalization();
      pooling();
      randomness();
      optimizers();
    }
    for (element = adjointFloat; element <= adjointInt; element++) {
      numeric = adjointNumericKernels(all, element);
      extremes();
    }
    moves();
    for (element = adjointFloat; element <= adjointBool; element++) pointwise();
  }
  int isComplete = 1;
  for (int i = 0; adjointKernelName(i); i++) {
    size_t k = 0;
    while (k < tried.count && strcmp(tried.names[k], adjointKernelName(i)) != 0) k++;
    if (k < tried.count) continue;
    fprintf(stderr, "no case for %s\n", adjointKernelName(i));
    isComplete = 0;
  }
  fprintf(stderr, "%s: %zu kernels\n", all->name, tried.count);
  return isComplete ? 0 : 1;
}

static double value(const void *elements, size_t i, const Record *record) {
  return record->elementSize == 8 ? ((const double *)elements)[i] : ((const float *)elements)[i];
}

// By how many units two results differ, of the kind that their rule says; 0 if they are the same.
static double difference(const void *a, const void *b, const Record *record) {
  if (memcmp(a, b, record->count * record->elementSize) == 0) return 0;
  if (record->rule == bits || !record->isReal) return 1e300;
  double largest = 0, worst = 0;
  for (size_t i = 0; i < record->count; i++) {
    const double one = value(a, i, record);
    if (__builtin_fabs(one) > largest) largest = __builtin_fabs(one);
  }
  const double epsilon = record->elementSize == 8 ? 0x1p-52 : 0x1p-23;
  for (size_t i = 0; i < record->count; i++) {
    const double one = value(a, i, record), other = value(b, i, record);
    if (one == other || (one != one && other != other)) continue;
    const double units = __builtin_fabs(one - other) / (epsilon * largest);
    if (!(units <= worst)) worst = units;
  }
  return worst;
}

static int compare(const char *first, const char *second, int areEqual) {
  FILE *const a = fopen(first, "rb"), *const b = fopen(second, "rb");
  if (!a || !b) return 2;
  size_t count = 0, equal = 0, failures = 0;
  Record one, other;
  while (fread(&one, sizeof one, 1, a) == 1) {
    if (fread(&other, sizeof other, 1, b) != 1 || memcmp(&one, &other, sizeof one) != 0) {
      fprintf(stderr, "the results are not of the same cases, from %s on\n", one.name);
      return 1;
    }
    const size_t byteCount = one.count * one.elementSize;
    void *const elements = malloc(2 * byteCount + 1);
    char *const others = (char *)elements + byteCount;
    if (fread(elements, 1, byteCount, a) + fread(others, 1, byteCount, b) != 2 * byteCount) return 2;
    const double units = difference(elements, others, &one);
    count++;
    equal += units == 0;
    const double most = areEqual && one.rule != ulpsOfLibraries ? 0 : (double)one.units;
    if (!(units <= most) && failures++ < 20)
      fprintf(stderr, "%s at length %zu differs by %g units; %g are allowed\n", one.name,
          (size_t)one.length, units, most);
    free(elements);
  }
  if (fread(&other, 1, 1, b) != 0) return 1;
  printf("%zu results, %zu the same bit for bit, %zu beyond their bound\n", count, equal, failures);
  return failures == 0 && count > 0 ? 0 : 1;
}

int main(int argumentCount, char **arguments) {
  if (argumentCount == 4)
    return compare(arguments[2], arguments[3], strcmp(arguments[1], "equal") == 0);
  return argumentCount == 2 ? run(atoi(arguments[1])) : 2;
}
