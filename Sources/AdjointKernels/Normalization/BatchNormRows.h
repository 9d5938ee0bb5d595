// Batch norm where the channels alternate: inner = 1.

// Fetches what lies so many elements from a place, if there is anything: a number, not a pointer, as
// it may be beyond the array.
INLINE void LABEL(fetchFrom)(const ELEMENT *place, ptrdiff_t distance) {
  __builtin_prefetch((const void *)((uintptr_t)place + (uintptr_t)(distance * (ptrdiff_t)sizeof(ELEMENT))), 0, 2);
}

// Adds to the sums of 16 channels, given by their places, what some rows hold.
INLINE void LABEL(addRowMoments)(
    size_t channels, size_t rows, const ELEMENT *restrict first, const ELEMENT *restrict x,
    double *restrict sums, double *restrict squares) {
  const Double16Lanes start = widened(load16(first));
  const double one = hiddenOne();
  Double16Lanes sum = *(const Double16InMemory *)sums;
  Double16Lanes square = *(const Double16InMemory *)squares;
  for (size_t r = 0; r < rows; r++, x += channels) {
    LABEL(fetchFrom)(x, rowsAhead * (ptrdiff_t)channels);
    const Double16Lanes d = widened(load16(x)) - start;
    sum = addByProduct(d, one, sum);
    square += d * d;
  }
  *(Double16InMemory *)sums = sum;
  *(Double16InMemory *)squares = square;
}

// Adds to `sums` and `squares`, of length `channels`, what rows first ..< last hold.
static void LABEL(batchNormRowSums)(
    size_t channels, size_t firstRow, size_t lastRow, const void *restrict xs,
    double *restrict sums, double *restrict squares) {
  const ELEMENT *x = xs;
  const size_t whole = channels & ~(size_t)15;
  const size_t most = rowsAtOnce(channels, lastRow - firstRow);
  for (size_t row = firstRow, rows; row < lastRow; row += rows) {
    rows = lastRow - row < most ? lastRow - row : most;
    const ELEMENT *source = x + row * channels;
    for (size_t c = 0; c < whole; c += 16)
      LABEL(addRowMoments)(channels, rows, x + c, source + c, sums + c, squares + c);
    for (size_t c = whole; c < channels; c++)
      for (size_t r = 0; r < rows; r++) {
        const double d = source[r * channels + c] - (double)x[c];
        sums[c] += d;
        squares[c] += d * d;
      }
  }
}

// From the sums of all parts, each `channels` sums and `channels` squares, the statistics, and three
// rows of coefficients for the second pass.
static void LABEL(batchNormRowFinish)(
    size_t channels, size_t rows, size_t parts, double *restrict sums, const void *restrict xs,
    const void *restrict scales, const void *restrict shifts, double epsilon, void *restrict means,
    void *restrict variances, void *restrict inverses, void *restrict coefficients) {
  const ELEMENT *x = xs, *scale = scales, *shift = shifts;
  ELEMENT *mean = means, *variance = variances, *inverse = inverses, *values = coefficients;
  addPartsDouble(parts, 2 * channels, sums);
  for (size_t c = 0; c < channels; c++) {
    const LABEL(Normalization) norm = LABEL(finishStatistics)(
        x[c], sums[c], sums[channels + c], (double)rows, epsilon, scale[c], shift[c], mean + c, variance + c,
        inverse + c);
    values[c] = norm.center;
    values[channels + c] = norm.factor;
    values[2 * channels + c] = norm.shift;
  }
}

// Backwards: the last rows of the first pass are still in the cache.
static void LABEL(batchNormRowApply)(
    size_t channels, size_t firstRow, size_t lastRow, const void *restrict coefficients,
    const void *restrict xs, void *restrict ys, int streams) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  const size_t whole = channels & ~(size_t)15;
  const ELEMENT *restrict centers = coefficients, *restrict factors = centers + channels;
  const ELEMENT *restrict shifts = factors + channels;
  streams = streams && LABEL(isAligned)(y, channels);
  for (size_t row = lastRow; row > firstRow;) {
    const size_t high = row - firstRow < rowsAtLeast ? row - firstRow : rowsAtLeast;
    row -= high;
    for (size_t c = 0; c < whole; c += 16) {
      const VALUES center = load16(centers + c), factor = load16(factors + c);
      const VALUES shift = load16(shifts + c);
#define VALUE(i) (load16(x + i) - center) * factor + shift
      if (streams)
        for (size_t r = 0, i = row * channels + c; r < high; r++, i += channels) {
          LABEL(fetchFrom)(x + i, -rowsAhead * (ptrdiff_t)channels);
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
        y[i] = (x[i] - centers[c]) * factors[c] + shifts[c];
      }
  }
}

// Adds to the three sums of 16 channels, given by their places, what some rows hold.
INLINE void LABEL(addRowGradientMoments)(
    size_t channels, size_t rows, const ELEMENT *restrict mean, const ELEMENT *restrict x,
    const ELEMENT *restrict dy, double *restrict sums, double *restrict centred,
    double *restrict products) {
  const double one = hiddenOne();
  Double16Lanes sum = *(const Double16InMemory *)sums;
  Double16Lanes all = *(const Double16InMemory *)centred;
  Double16Lanes product = *(const Double16InMemory *)products;
  for (size_t r = 0; r < rows; r++, x += channels, dy += channels) {
    LABEL(fetchFrom)(x, rowsAhead * (ptrdiff_t)channels);
    LABEL(fetchFrom)(dy, rowsAhead * (ptrdiff_t)channels);
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
static void LABEL(batchNormGradientRowSums)(
    size_t channels, size_t firstRow, size_t lastRow, const void *restrict xs,
    const void *restrict dys, const void *restrict means, double *restrict sums) {
  const ELEMENT *x = xs, *dy = dys, *mean = means;
  const size_t whole = channels & ~(size_t)15;
  double *restrict centred = sums + channels, *restrict products = centred + channels;
  const size_t most = rowsAtOnce(channels, lastRow - firstRow);
  for (size_t row = firstRow, rows; row < lastRow; row += rows) {
    rows = lastRow - row < most ? lastRow - row : most;
    const ELEMENT *source = x + row * channels, *gradient = dy + row * channels;
    for (size_t c = 0; c < whole; c += 16)
      LABEL(addRowGradientMoments)(
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

// From the sums of all parts the gradients of scale and shift, and four rows of coefficients.
static void LABEL(batchNormGradientRowFinish)(
    size_t channels, size_t rows, size_t parts, double *restrict sums, const void *restrict scales,
    const void *restrict means, const void *restrict inverses, void *restrict dscales,
    void *restrict dshifts, void *restrict coefficients) {
  const ELEMENT *scale = scales, *mean = means, *inverse = inverses;
  ELEMENT *dscale = dscales, *dshift = dshifts, *values = coefficients;
  addPartsDouble(parts, 3 * channels, sums);
  for (size_t c = 0; c < channels; c++) {
    const LABEL(NormalizationGradient) norm = LABEL(finishGradient)(
        mean[c], sums[c], sums[channels + c], sums[2 * channels + c], (double)rows, scale[c], inverse[c], dscale + c,
        dshift + c);
    values[c] = norm.center;
    values[channels + c] = norm.summand;
    values[2 * channels + c] = norm.slope;
    values[3 * channels + c] = norm.factor;
  }
}

static void LABEL(batchNormGradientRowApply)(
    size_t channels, size_t firstRow, size_t lastRow, const void *restrict coefficients,
    const void *restrict xs, const void *restrict dys, void *restrict dxs, int streams) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *dx = dxs;
  const size_t whole = channels & ~(size_t)15;
  const ELEMENT *restrict centers = coefficients, *restrict summands = centers + channels;
  const ELEMENT *restrict slopes = summands + channels, *restrict factors = slopes + channels;
  streams = streams && LABEL(isAligned)(dx, channels);
  for (size_t row = lastRow; row > firstRow;) {
    const size_t high = row - firstRow < rowsAtLeast ? row - firstRow : rowsAtLeast;
    row -= high;
    for (size_t c = 0; c < whole; c += 16) {
      const VALUES center = load16(centers + c), summand = load16(summands + c);
      const VALUES slope = load16(slopes + c), factor = load16(factors + c);
#define VALUE(i) ((load16(dy + i) - summand) - (load16(x + i) - center) * slope) * factor
      if (streams)
        for (size_t r = 0, i = row * channels + c; r < high; r++, i += channels) {
          LABEL(fetchFrom)(x + i, -rowsAhead * (ptrdiff_t)channels);
          LABEL(fetchFrom)(dy + i, -rowsAhead * (ptrdiff_t)channels);
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
        dx[i] = ((dy[i] - summands[c]) - (x[i] - centers[c]) * slopes[c]) * factors[c];
      }
  }
}
