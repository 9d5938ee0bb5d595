// The sums of batch norm where the channels alternate.
//
// Values are taken less a number near their mean, that of the first rows, so that one value far from the
// others does no harm. Sums over 32 rows are made in the element's kind, and added up in double. Where
// squares or products leave the range of the element's kind, the sums of 16 channels are made again in
// double.

// Up to 16 elements; the rest are zeros.
INLINE VALUES LABEL(loadLanes16)(const ELEMENT *source, size_t lanes) {
  return lanes == 16 ? load16(source) : loadFirst16(source, lanes);
}

INLINE void LABEL(addWidened)(double *restrict sums, const ELEMENT *restrict more, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) *(Double16InMemory *)(sums + i) += widened(load16(more + i));
  for (; i < count; i++) sums[i] += more[i];
}

// The means of the first rows, up to eight and a power of two: exact where all are one number.
INLINE void LABEL(writeNearMeans)(
    size_t channels, size_t rows, size_t width, const ELEMENT *restrict x, ELEMENT *restrict means) {
  const size_t height = rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
  const ELEMENT share = (ELEMENT)1 / (ELEMENT)height;
  for (size_t c = 0; c < width; c++) means[c] = x[c] * share;
  for (size_t r = 1; r < height; r++)
    for (size_t c = 0; c < width; c++) means[c] += x[r * channels + c] * share;
}

// Adds to the sums, and to the sums of squares, what some rows hold less the centers.
INLINE void LABEL(addRowMoments)(
    size_t channels, size_t rows, size_t lanes, const ELEMENT *restrict x,
    const ELEMENT *restrict centers, ELEMENT *restrict sums, ELEMENT *restrict squares) {
  const VALUES center = LABEL(loadLanes16)(centers, lanes);
  VALUES sum = load16(sums), square = load16(squares);
  for (size_t r = 0; r < rows; r++) {
    const VALUES d = LABEL(loadLanes16)(x + r * channels, lanes) - center;
    sum += d;
    square += d * d;
  }
  store16(sums, sum);
  store16(squares, square);
}

// The same in double, of one channel.
static void LABEL(writeWideMoments)(
    size_t channels, size_t rows, const ELEMENT *restrict x, double center, double *restrict sum,
    double *restrict square) {
  *sum = *square = 0;
  for (size_t r = 0; r < rows; r++) {
    const double d = x[r * channels] - center;
    *sum += d;
    *square += d * d;
  }
}

// Adds up to `channels` sums and as many squares, which are zeros before, what rows first ..< last hold,
// less the channels' first values. Squares so small that ε drowns them need not be exact.
static void LABEL(batchNormRowSums)(
    size_t channels, size_t firstRow, size_t lastRow, const void *restrict xs, double epsilon,
    double *restrict sums, double *restrict squares) {
  const ELEMENT *x = xs;
  ELEMENT centers[panelWidth], sum[panelWidth], square[panelWidth];
  const size_t rows = lastRow - firstRow;
  const double least = epsilon < 0x1p-40 ? (double)rows * 0x1p-110 : 0;
  for (size_t from = 0; from < channels; from += panelWidth) {
    const size_t width = channels - from < panelWidth ? channels - from : panelWidth;
    const ELEMENT *start = x + firstRow * channels + from;
    const size_t padded = ((width + 15) & ~(size_t)15) * sizeof(ELEMENT);
    LABEL(writeNearMeans)(channels, rows, width, start, centers);
    for (size_t row = 0; row < rows; row += blockHeight) {
      const size_t high = rows - row < blockHeight ? rows - row : blockHeight;
      memset(sum, 0, padded);
      memset(square, 0, padded);
      for (size_t r = 0; r < high; r += rowsTogether) {
        const ELEMENT *source = start + (row + r) * channels;
#define ADD(rows, lanes) \
  LABEL(addRowMoments)(channels, rows, lanes, source + c, centers + c, sum + c, square + c)
        EACH_16_CHANNELS(ADD, high - r, width)
#undef ADD
      }
      LABEL(addWidened)(sums + from, sum, width);
      LABEL(addWidened)(squares + from, square, width);
    }
    double *restrict s = sums + from, *restrict q = squares + from;
    int isOutside = 0;
    for (size_t c = 0; c < width; c++) isOutside |= !(q[c] >= least && q[c] < (double)__builtin_inff());
    for (size_t c = 0; isOutside && c < width; c++)
      if (!(q[c] >= least && q[c] < (double)__builtin_inff()))
        LABEL(writeWideMoments)(channels, rows, start + c, centers[c], s + c, q + c);
    for (size_t c = 0; c < width; c++) {
      const double shift = centers[c] - (double)x[from + c];
      q[c] += shift * (2 * s[c] + (double)rows * shift);
      s[c] += (double)rows * shift;
    }
  }
}

// Adds to the sums of dy less a number, of x̂, and of the products, what some rows hold.
INLINE void LABEL(addRowGradientMoments)(
    size_t channels, size_t rows, size_t lanes, const ELEMENT *restrict x,
    const ELEMENT *restrict dy, const ELEMENT *restrict means, const ELEMENT *restrict inverses,
    const ELEMENT *restrict centers, ELEMENT *restrict sums, ELEMENT *restrict normalized,
    ELEMENT *restrict products) {
  const VALUES mean = LABEL(loadLanes16)(means, lanes), center = LABEL(loadLanes16)(centers, lanes);
  const VALUES inverse = LABEL(loadLanes16)(inverses, lanes);
  VALUES sum = load16(sums), all = load16(normalized), product = load16(products);
  for (size_t r = 0; r < rows; r++) {
    const VALUES d = (LABEL(loadLanes16)(x + r * channels, lanes) - mean) * inverse;
    const VALUES g = LABEL(loadLanes16)(dy + r * channels, lanes) - center;
    sum += g;
    all += d;
    product += g * d;
  }
  store16(sums, sum);
  store16(normalized, all);
  store16(products, product);
}

// The same in double, of one channel.
static void LABEL(writeWideGradientMoments)(
    size_t channels, size_t rows, const ELEMENT *restrict x, const ELEMENT *restrict dy, ELEMENT mean,
    ELEMENT inverse, double center, double *restrict sum, double *restrict product) {
  *sum = *product = 0;
  for (size_t r = 0; r < rows; r++) {
    const double g = dy[r * channels] - center;
    *sum += g;
    *product += g * (double)((x[r * channels] - mean) * inverse);
  }
}

// Adds up to three times `channels` sums, which are zeros before, what rows first ..< last hold: the
// gradient's, those of x̂, and their products'.
static void LABEL(batchNormGradientRowSums)(
    size_t channels, size_t firstRow, size_t lastRow, const void *restrict xs,
    const void *restrict dys, const void *restrict means, const void *restrict inverses,
    double *restrict sums) {
  const ELEMENT *x = xs, *dy = dys, *mean = means, *inverse = inverses;
  ELEMENT centers[panelWidth], sum[panelWidth], all[panelWidth], product[panelWidth];
  double *restrict normalized = sums + channels, *restrict products = normalized + channels;
  const size_t rows = lastRow - firstRow;
  for (size_t from = 0; from < channels; from += panelWidth) {
    const size_t width = channels - from < panelWidth ? channels - from : panelWidth;
    const ELEMENT *start = x + firstRow * channels + from, *gradient = dy + firstRow * channels + from;
    const size_t padded = ((width + 15) & ~(size_t)15) * sizeof(ELEMENT);
    LABEL(writeNearMeans)(channels, rows, width, gradient, centers);
    for (size_t row = 0; row < rows; row += blockHeight) {
      const size_t high = rows - row < blockHeight ? rows - row : blockHeight;
      memset(sum, 0, padded);
      memset(all, 0, padded);
      memset(product, 0, padded);
      for (size_t r = 0; r < high; r += rowsTogether) {
        const size_t place = (row + r) * channels;
#define ADD(rows, lanes)                                                                         \
  LABEL(addRowGradientMoments)(                                                                  \
      channels, rows, lanes, start + place + c, gradient + place + c, mean + from + c,           \
      inverse + from + c, centers + c, sum + c, all + c, product + c)
        EACH_16_CHANNELS(ADD, high - r, width)
#undef ADD
      }
      LABEL(addWidened)(sums + from, sum, width);
      LABEL(addWidened)(normalized + from, all, width);
      LABEL(addWidened)(products + from, product, width);
    }
    double *restrict s = sums + from, *restrict p = products + from;
    const double *restrict n = normalized + from;
    int isOutside = 0;
    for (size_t c = 0; c < width; c++) isOutside |= !((s[c] + p[c]) * 0 == 0);
    for (size_t c = 0; isOutside && c < width; c++)
      if (!((s[c] + p[c]) * 0 == 0))
        LABEL(writeWideGradientMoments)(
            channels, rows, start + c, gradient + c, mean[from + c], inverse[from + c], centers[c],
            s + c, p + c);
    for (size_t c = 0; c < width; c++) {
      s[c] += (double)rows * (double)centers[c];
      p[c] += (double)centers[c] * n[c];
    }
  }
}
