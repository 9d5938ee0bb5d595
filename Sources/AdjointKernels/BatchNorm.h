// Batch norm in training, forward and backward, of float with sums in double.
//
//   x: [outer, channels, inner] -> y: the same, and per channel: mean, variance, inverse
//   x, dy, per channel: scale, mean, inverse -> dx, and per channel: dscale, dshift
//
// Both directions pass over a channel twice: once for the sums, once for the result, which finds
// the channel in the cache. Sums are those of x − K with K the first value of the channel: exact
// in double, so that an offset costs nothing and a constant channel has the variance 0. They are
// added up in one order on every instruction set, and each channel by one thread. Backward, they are
// those of x less the mean, rounded to float as in the second pass: products with the gradient are then
// exact in double.

// What the second forward pass needs of a channel: y = ((x − center) − remainder) · factor + shift.
// `center` is the mean rounded to float, and the remainder what that leaves: x − center is exact
// where it matters.
typedef struct {
  float center, remainder, factor, shift;
} Normalization;

INLINE Normalization finishStatistics(
    double first, double sum, double squares, double count, double epsilon, float scale,
    float shift, float *mean, float *variance, float *inverse) {
  const double offset = sum / count;
  double spread = squares / count - offset * offset;
  spread = spread < 0 ? 0 : spread;
  const double center = first + offset;
  const double inverseDeviation = 1 / __builtin_elementwise_sqrt(spread + epsilon);
  *mean = (float)center;
  *variance = (float)spread;
  *inverse = (float)inverseDeviation;
  return (Normalization){
      (float)center, (float)(center - (double)(float)center), (float)(inverseDeviation * scale),
      shift};
}

// What the second backward pass needs of a channel:
// dx = ((dy − meanGradient) − ((x − center) − remainder) · slope) · factor.
typedef struct {
  float center, remainder, meanGradient, slope, factor;
} NormalizationGradient;

INLINE NormalizationGradient finishGradient(
    double center, double sum, double centred, double product, double count, double scale,
    double inverse, float *dscale, float *dshift) {
  const double remainder = centred / count, meanGradient = sum / count;
  // Σ (dy − S₁)·(c − r), where Σ c = n·r.
  const double projection = (product - sum * remainder) * inverse;
  *dscale = (float)projection;
  *dshift = (float)sum;
  return (NormalizationGradient){
      (float)center, (float)remainder, (float)meanGradient,
      (float)(projection / count * inverse), (float)(scale * inverse)};
}

// Averages a batch's mean and variance into running ones: old + weight · (new − old). Unless all are
// finite: then nothing is right but the old ones, and the result is 0.
static int averageStatistics(
    size_t channels, float weight, float varianceFactor, const float *restrict mean,
    const float *restrict variance, const float *restrict oldMean,
    const float *restrict oldVariance, float *restrict newMean, float *restrict newVariance) {
  int isFinite = 1;
  for (size_t c = 0; c < channels; c++)
    isFinite &= __builtin_fabsf(mean[c]) < __builtin_inff()
        && __builtin_fabsf(variance[c]) < __builtin_inff();
  for (size_t c = 0; isFinite && c < channels; c++) {
    newMean[c] = oldMean[c] + weight * (mean[c] - oldMean[c]);
    newVariance[c] = oldVariance[c] + weight * (variance[c] * varianceFactor - oldVariance[c]);
  }
  if (!isFinite) {
    memcpy(newMean, oldMean, channels * sizeof(float));
    memcpy(newVariance, oldVariance, channels * sizeof(float));
  }
  return isFinite;
}

INLINE int isAligned(const float *pointer, size_t step) {
  return ((uintptr_t)pointer | step * sizeof(float)) % 64 == 0;
}

// MARK: Channels that lie together: inner > 1

// Memory is read all the time: while one plane is added up, the first half of the next one is
// fetched, and its second half while a result is written. Measured, this is worth a fifth.
INLINE void fetch(const float *next, size_t i) {
  if (i % 32 == 0) __builtin_prefetch(next + i / 2, 0, 2);
}

// The sums of one channel's planes, with those of the values that fill no vector beside them.
typedef struct {
  Double16Lanes sums, squares;
  double sumOfRest, squaresOfRest;
} Moments;

INLINE void addMoments(
    Moments *moments, const float *restrict plane, size_t inner, double first, const float *next) {
  Double16Lanes sums = moments->sums, squares = moments->squares;
  const double one = hiddenOne();
  size_t i = 0;
  for (; i + 16 <= inner; i += 16) {
    fetch(next, i);
    const Double16Lanes d = widened(load16(plane + i)) - first;
    sums = addByProduct(d, one, sums);
    squares += d * d;
  }
  moments->sums = sums;
  moments->squares = squares;
  for (; i < inner; i++) {
    const double d = plane[i] - first;
    moments->sumOfRest += d;
    moments->squaresOfRest += d * d;
  }
}

// Writes the sums of x − first and of its squares, of elements that lie together.
static void moments(const float *restrict x, size_t count, float first, double *restrict sums) {
  Moments all = {};
  addMoments(&all, x, count, first, x);
  sums[0] = total16(all.sums) + all.sumOfRest;
  sums[1] = total16(all.squares) + all.squaresOfRest;
}

INLINE void normalizePlane(
    const float *restrict x, Normalization norm, float *restrict y, size_t inner, int streams,
    const float *next) {
#define NORMALIZED(x) (((x) - norm.center) - norm.remainder) * norm.factor + norm.shift
  const size_t whole = inner & ~(size_t)15;
  size_t i = 0;
  if (streams)
    for (; i < whole; i += 16) {
      fetch(next + inner / 2, i);
      stream16(y + i, NORMALIZED(load16(x + i)));
    }
  for (; i < whole; i += 16) store16(y + i, NORMALIZED(load16(x + i)));
  for (; i < inner; i++) y[i] = NORMALIZED(x[i]);
#undef NORMALIZED
}

// While the result of a channel is written, the sums of the next one are made: memory is read and
// written at the same time.
static void batchNormPlanes(
    AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const float *restrict x,
    const float *restrict scale, const float *restrict shift, double epsilon, float *restrict y,
    float *restrict mean, float *restrict variance, float *restrict inverse, int streams) {
  const size_t inner = shape.inner, step = shape.channels * inner;
  const double count = (double)shape.outer * (double)inner;
  streams = streams && isAligned(y, inner);
  Normalization norm = {};
  for (size_t channel = firstChannel; channel <= lastChannel; channel++) {
    const float *source = x + channel * inner, *before = source - inner;
    const int reads = channel < lastChannel, writes = channel > firstChannel;
    const double first = reads ? source[0] : 0;
    Moments moments = {};
    for (size_t n = 0; n < shape.outer; n++) {
      const float *next = n + 1 < shape.outer && reads ? source + (n + 1) * step : x;
      if (reads) addMoments(&moments, source + n * step, inner, first, next);
      if (writes)
        normalizePlane(
            before + n * step, norm, y + (channel - 1) * inner + n * step, inner, streams, next);
    }
    if (reads)
      norm = finishStatistics(
          first, total16(moments.sums) + moments.sumOfRest,
          total16(moments.squares) + moments.squaresOfRest, count, epsilon, scale[channel],
          shift[channel], mean + channel, variance + channel, inverse + channel);
  }
}

// The sums of one channel's gradient, of its centred values, and of their products.
typedef struct {
  Double16Lanes sums, centred, products;
  double sumOfRest, centredOfRest, productOfRest;
} GradientMoments;

INLINE void addGradientMoments(
    GradientMoments *moments, const float *restrict x, const float *restrict dy, size_t inner,
    float center, const float *nextX, const float *nextDy) {
  Double16Lanes sums = moments->sums, centred = moments->centred, products = moments->products;
  const double one = hiddenOne();
  size_t i = 0;
  for (; i + 16 <= inner; i += 16) {
    fetch(nextX, i);
    fetch(nextDy, i);
    const Double16Lanes d = widened(load16(x + i) - center), g = widened(load16(dy + i));
    sums = addByProduct(g, one, sums);
    centred = addByProduct(d, one, centred);
    products = addExactProduct(g, d, products);
  }
  moments->sums = sums;
  moments->centred = centred;
  moments->products = products;
  for (; i < inner; i++) {
    const double d = (double)(x[i] - center), g = dy[i];
    moments->sumOfRest += g;
    moments->centredOfRest += d;
    moments->productOfRest += g * d;
  }
}

INLINE void normalizeGradientPlane(
    const float *restrict x, const float *restrict dy, NormalizationGradient norm,
    float *restrict dx, size_t inner, int streams, const float *nextX, const float *nextDy) {
#define GRADIENT(x, dy)                                                                       \
  (((dy) - norm.meanGradient) - (((x) - norm.center) - norm.remainder) * norm.slope) * norm.factor
  const size_t whole = inner & ~(size_t)15;
  size_t i = 0;
  if (streams)
    for (; i < whole; i += 16) {
      fetch(nextX + inner / 2, i);
      fetch(nextDy + inner / 2, i);
      stream16(dx + i, GRADIENT(load16(x + i), load16(dy + i)));
    }
  for (; i < whole; i += 16) store16(dx + i, GRADIENT(load16(x + i), load16(dy + i)));
  for (; i < inner; i++) dx[i] = GRADIENT(x[i], dy[i]);
#undef GRADIENT
}

// From the last channel to the first: what the forward pass has read last may still be in the cache.
static void batchNormGradientPlanes(
    AdjointBatchShape shape, size_t firstChannel, size_t lastChannel, const float *restrict x,
    const float *restrict dy, const float *restrict scale, const float *restrict mean,
    const float *restrict inverse, float *restrict dx, float *restrict dscale,
    float *restrict dshift, int streams) {
  const size_t inner = shape.inner, step = shape.channels * inner;
  const double count = (double)shape.outer * (double)inner;
  streams = streams && isAligned(dx, inner);
  NormalizationGradient norm = {};
  for (size_t left = lastChannel - firstChannel + 1; left-- > 0;) {
    // The channel that is written, and the one before it, whose sums are made.
    const size_t channel = firstChannel + left;
    const int reads = left > 0, writes = channel < lastChannel;
    const size_t start = channel * inner, before = start - inner;
    GradientMoments moments = {};
    for (size_t n = 0; n < shape.outer; n++) {
      const size_t next = n + 1 < shape.outer && reads ? before + (n + 1) * step : 0;
      if (reads)
        addGradientMoments(
            &moments, x + before + n * step, dy + before + n * step, inner, mean[channel - 1],
            x + next, dy + next);
      if (writes)
        normalizeGradientPlane(
            x + start + n * step, dy + start + n * step, norm, dx + start + n * step, inner,
            streams, x + next, dy + next);
    }
    if (reads)
      norm = finishGradient(
          mean[channel - 1], total16(moments.sums) + moments.sumOfRest,
          total16(moments.centred) + moments.centredOfRest,
          total16(moments.products) + moments.productOfRest, count, scale[channel - 1],
          inverse[channel - 1], dscale + channel - 1, dshift + channel - 1);
  }
}

// MARK: Channels that alternate: inner = 1

// Some rows are taken at once, so that the sums of a channel stay in registers for as many values: 16
// kilobytes of rows that are in the second cache, else four, as memory is best read in its order. Rows
// are fetched sixteen ahead. Sums are those of some rows, and added up over all parts, in their order,
// by who finishes them.

enum { rowsAhead = 16, rowsAtLeast = 4 };

INLINE size_t rowsAtOnce(size_t channels, size_t rows) {
  const size_t inCache = rows * channels <= 1 << 16 ? 4096 / channels : 0;
  const size_t most = inCache > rowsAtLeast ? inCache : rowsAtLeast;
  return rows < most ? rows : most;
}

// Fetches what lies so many elements from a place, if there is anything: a number, not a pointer, as
// it may be beyond the array.
INLINE void fetchFrom(const float *place, ptrdiff_t distance) {
  __builtin_prefetch((const void *)((uintptr_t)place + (uintptr_t)(distance * 4)), 0, 2);
}

// Adds to the sums of 16 channels, given by their places, what some rows hold.
INLINE void addRowMoments(
    size_t channels, size_t rows, const float *restrict first, const float *restrict x,
    double *restrict sums, double *restrict squares) {
  const Double16Lanes start = widened(load16(first));
  const double one = hiddenOne();
  Double16Lanes sum = *(const Double16InMemory *)sums;
  Double16Lanes square = *(const Double16InMemory *)squares;
  for (size_t r = 0; r < rows; r++, x += channels) {
    fetchFrom(x, rowsAhead * (ptrdiff_t)channels);
    const Double16Lanes d = widened(load16(x)) - start;
    sum = addByProduct(d, one, sum);
    square += d * d;
  }
  *(Double16InMemory *)sums = sum;
  *(Double16InMemory *)squares = square;
}

// Adds to `sums` and `squares`, of length `channels`, what rows first ..< last hold.
static void batchNormRowSums(
    size_t channels, size_t firstRow, size_t lastRow, const float *restrict x,
    double *restrict sums, double *restrict squares) {
  const size_t whole = channels & ~(size_t)15;
  const size_t most = rowsAtOnce(channels, lastRow - firstRow);
  for (size_t row = firstRow, rows; row < lastRow; row += rows) {
    rows = lastRow - row < most ? lastRow - row : most;
    const float *source = x + row * channels;
    for (size_t c = 0; c < whole; c += 16)
      addRowMoments(channels, rows, x + c, source + c, sums + c, squares + c);
    for (size_t c = whole; c < channels; c++)
      for (size_t r = 0; r < rows; r++) {
        const double d = source[r * channels + c] - (double)x[c];
        sums[c] += d;
        squares[c] += d * d;
      }
  }
}

// Adds the sums of all parts, each of a length, to those of the first, in their order.
INLINE void addParts(size_t parts, size_t length, double *restrict sums) {
  for (size_t part = 1; part < parts; part++) {
    const double *restrict other = sums + part * length;
    for (size_t i = 0; i < length; i++) sums[i] += other[i];
  }
}

// From the sums of all parts, each `channels` sums and `channels` squares, the statistics, and four
// rows of coefficients for the second pass.
static void batchNormRowFinish(
    size_t channels, size_t rows, size_t parts, double *restrict sums,
    const float *restrict x, const float *restrict scale, const float *restrict shift,
    double epsilon, float *restrict mean, float *restrict variance, float *restrict inverse,
    float *restrict coefficients) {
  addParts(parts, 2 * channels, sums);
  for (size_t c = 0; c < channels; c++) {
    const Normalization norm = finishStatistics(
        x[c], sums[c], sums[channels + c], (double)rows, epsilon, scale[c], shift[c], mean + c, variance + c,
        inverse + c);
    coefficients[c] = norm.center;
    coefficients[channels + c] = norm.remainder;
    coefficients[2 * channels + c] = norm.factor;
    coefficients[3 * channels + c] = norm.shift;
  }
}

// Backwards: the last rows of the first pass are still in the cache.
static void batchNormRowApply(
    size_t channels, size_t firstRow, size_t lastRow, const float *restrict coefficients,
    const float *restrict x, float *restrict y, int streams) {
  const size_t whole = channels & ~(size_t)15;
  const float *restrict centers = coefficients, *restrict remainders = centers + channels;
  const float *restrict factors = remainders + channels, *restrict shifts = factors + channels;
  streams = streams && isAligned(y, channels);
  for (size_t row = lastRow; row > firstRow;) {
    const size_t high = row - firstRow < rowsAtLeast ? row - firstRow : rowsAtLeast;
    row -= high;
    for (size_t c = 0; c < whole; c += 16) {
      const Float16Lanes center = load16(centers + c), remainder = load16(remainders + c);
      const Float16Lanes factor = load16(factors + c), shift = load16(shifts + c);
#define VALUE(i) ((load16(x + i) - center) - remainder) * factor + shift
      if (streams)
        for (size_t r = 0, i = row * channels + c; r < high; r++, i += channels) {
          fetchFrom(x + i, -rowsAhead * (ptrdiff_t)channels);
          stream16(y + i, VALUE(i));
        }
      else
        for (size_t r = 0, i = row * channels + c; r < high; r++, i += channels)
          store16(y + i, VALUE(i));
#undef VALUE
    }
    for (size_t c = whole; c < channels; c++)
      for (size_t r = 0; r < high; r++) {
        const size_t i = (row + r) * channels + c;
        y[i] = ((x[i] - centers[c]) - remainders[c]) * factors[c] + shifts[c];
      }
  }
}

// Adds to the three sums of 16 channels, given by their places, what some rows hold.
INLINE void addRowGradientMoments(
    size_t channels, size_t rows, const float *restrict mean, const float *restrict x,
    const float *restrict dy, double *restrict sums, double *restrict centred,
    double *restrict products) {
  const double one = hiddenOne();
  Double16Lanes sum = *(const Double16InMemory *)sums;
  Double16Lanes all = *(const Double16InMemory *)centred;
  Double16Lanes product = *(const Double16InMemory *)products;
  for (size_t r = 0; r < rows; r++, x += channels, dy += channels) {
    fetchFrom(x, rowsAhead * (ptrdiff_t)channels);
    fetchFrom(dy, rowsAhead * (ptrdiff_t)channels);
    const Double16Lanes d = centred16(x, mean), g = widened(load16(dy));
    sum = addByProduct(g, one, sum);
    all = addByProduct(d, one, all);
    product = addExactProduct(g, d, product);
  }
  *(Double16InMemory *)sums = sum;
  *(Double16InMemory *)centred = all;
  *(Double16InMemory *)products = product;
}

// Adds to three times `channels` sums what rows first ..< last hold: the gradient's, the centred
// values', and their products'.
static void batchNormGradientRowSums(
    size_t channels, size_t firstRow, size_t lastRow, const float *restrict x,
    const float *restrict dy, const float *restrict mean, double *restrict sums) {
  const size_t whole = channels & ~(size_t)15;
  double *restrict centred = sums + channels, *restrict products = centred + channels;
  const size_t most = rowsAtOnce(channels, lastRow - firstRow);
  for (size_t row = firstRow, rows; row < lastRow; row += rows) {
    rows = lastRow - row < most ? lastRow - row : most;
    const float *source = x + row * channels, *gradient = dy + row * channels;
    for (size_t c = 0; c < whole; c += 16)
      addRowGradientMoments(
          channels, rows, mean + c, source + c, gradient + c, sums + c, centred + c, products + c);
    for (size_t c = whole; c < channels; c++)
      for (size_t r = 0; r < rows; r++) {
        const double d = (double)(source[r * channels + c] - mean[c]);
        const double g = gradient[r * channels + c];
        sums[c] += g;
        centred[c] += d;
        products[c] += g * d;
      }
  }
}

// From the sums of all parts the gradients of scale and shift, and five rows of coefficients.
static void batchNormGradientRowFinish(
    size_t channels, size_t rows, size_t parts, double *restrict sums,
    const float *restrict scale, const float *restrict mean, const float *restrict inverse,
    float *restrict dscale, float *restrict dshift, float *restrict coefficients) {
  addParts(parts, 3 * channels, sums);
  for (size_t c = 0; c < channels; c++) {
    const NormalizationGradient norm = finishGradient(
        mean[c], sums[c], sums[channels + c], sums[2 * channels + c], (double)rows, scale[c], inverse[c], dscale + c,
        dshift + c);
    coefficients[c] = norm.center;
    coefficients[channels + c] = norm.remainder;
    coefficients[2 * channels + c] = norm.meanGradient;
    coefficients[3 * channels + c] = norm.slope;
    coefficients[4 * channels + c] = norm.factor;
  }
}

static void batchNormGradientRowApply(
    size_t channels, size_t firstRow, size_t lastRow, const float *restrict coefficients,
    const float *restrict x, const float *restrict dy, float *restrict dx, int streams) {
  const size_t whole = channels & ~(size_t)15;
  const float *restrict centers = coefficients, *restrict remainders = centers + channels;
  const float *restrict means = remainders + channels, *restrict slopes = means + channels;
  const float *restrict factors = slopes + channels;
  streams = streams && isAligned(dx, channels);
  for (size_t row = lastRow; row > firstRow;) {
    const size_t high = row - firstRow < rowsAtLeast ? row - firstRow : rowsAtLeast;
    row -= high;
    for (size_t c = 0; c < whole; c += 16) {
      const Float16Lanes center = load16(centers + c), remainder = load16(remainders + c);
      const Float16Lanes mean = load16(means + c), slope = load16(slopes + c);
      const Float16Lanes factor = load16(factors + c);
#define VALUE(i)                                                                      \
  ((load16(dy + i) - mean) - ((load16(x + i) - center) - remainder) * slope) * factor
      if (streams)
        for (size_t r = 0, i = row * channels + c; r < high; r++, i += channels) {
          fetchFrom(x + i, -rowsAhead * (ptrdiff_t)channels);
          fetchFrom(dy + i, -rowsAhead * (ptrdiff_t)channels);
          stream16(dx + i, VALUE(i));
        }
      else
        for (size_t r = 0, i = row * channels + c; r < high; r++, i += channels)
          store16(dx + i, VALUE(i));
#undef VALUE
    }
    for (size_t c = whole; c < channels; c++)
      for (size_t r = 0; r < high; r++) {
        const size_t i = (row + r) * channels + c;
        const float normalized = ((x[i] - centers[c]) - remainders[c]) * slopes[c];
        dx[i] = ((dy[i] - means[c]) - normalized) * factors[c];
      }
  }
}
