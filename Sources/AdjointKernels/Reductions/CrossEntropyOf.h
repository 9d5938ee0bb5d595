// Softmax cross-entropy, for float and for double: included for each. Labels are within the classes.

// x: [rows, width], labels: [rows] -> y: [rows], −log softmax(x)[label].
static void OF(softmaxCrossEntropyRows)(
    const void *restrict xs, const int32_t *restrict labels, size_t rows, size_t width,
    void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t row = 0; row < rows; row += 8) {
    // Eight logarithms at a time. Both logits may be large and their difference small; the sum may be 1
    // and a little: nothing is lost.
    Double8Lanes distance = {}, rest = {};
    const size_t high = rows - row < 8 ? rows - row : 8;
    for (size_t r = 0; r < high; r++, x += width) {
      const OF(Exponentials) e = OF(exponentialsApart)(x, width, 0);
      distance[r] = (double)e.most - (double)x[labels[row + r]];
      rest[r] = e.rest;
    }
    const Double8Lanes loss = distance + logarithmOfOnePlus(rest);
    for (size_t r = 0; r < high; r++) y[row + r] = (ELEMENT)loss[r];
  }
}

// dx = (softmax(x) − onehot(label)) · dy, 0 where dy is; at the label, minus the sum of the others.
static void OF(softmaxCrossEntropyGradientRows)(
    const void *restrict xs, const int32_t *restrict labels, const void *restrict dys, size_t rows,
    size_t width, void *restrict dxs) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *dx = dxs;
  for (size_t row = 0; row < rows; row++, x += width, dx += width) {
    if (dy[row] == 0) {
      memset(dx, 0, width * sizeof *dx);
      continue;
    }
    const OF(Exponentials) e = OF(exponentialsApart)(x, width, dx);
    const size_t label = (size_t)labels[row];
    const double others = x[label] == e.most ? e.rest : 1 + e.rest - (double)dx[label];
    const double factor = (double)dy[row] / (1 + e.rest);
    OF(scaleRow)(dx, width, (ELEMENT)factor);
    dx[label] = (ELEMENT)(-others * factor);
  }
}

INLINE void OF(softmaxCrossEntropyBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, const int32_t *restrict labels,
    size_t extent, size_t row, ELEMENT *restrict y) {
  LANES most[columnsAtOnce], right[columnsAtOnce] = {};
  OF(Sum) rest[columnsAtOnce];
  OF(largestOfColumns)(vectors, last, x, extent, row, most);
  OF(columnExponentialsApart)(vectors, last, x, extent, row, most, rest, 0);
  for (int v = 0; v < vectors; v++)
    for (size_t lane = 0; lane < last; lane++) {
      const size_t column = (size_t)v * LANE_COUNT + lane;
      right[v][lane] = x[(size_t)labels[column] * row + column];
    }
  EACH_VECTOR {
    const WIDE distance = OF(wide)(most[v]) - OF(wide)(right[v]);
    STORE(AT(y), OF(narrow)(distance + OF(logarithmOfOneAnd)(OF(sums)(rest[v]))));
  }
}

// x: [extent, columns], labels: [columns] -> y: [columns]
static void OF(softmaxCrossEntropyColumns)(
    const void *restrict xs, const int32_t *restrict labels, size_t extent, size_t row,
    size_t columns, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
#define BLOCK(vectors, last) \
  OF(softmaxCrossEntropyBlock)(vectors, last, x + c, labels + c, extent, row, y + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

INLINE void OF(softmaxCrossEntropyGradientBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, const int32_t *restrict labels,
    const ELEMENT *restrict dy, size_t extent, size_t row, ELEMENT *restrict dx) {
  LANES most[columnsAtOnce], factor[columnsAtOnce];
  OF(Sum) rest[columnsAtOnce];
  OF(largestOfColumns)(vectors, last, x, extent, row, most);
  OF(columnExponentialsApart)(vectors, last, x, extent, row, most, rest, dx);
  for (int v = 0; v < vectors; v++) {
    const LANES g = LOAD(AT(dy));
    const WIDE sum = OF(sums)(rest[v]);
    factor[v] = choose(g == 0, g, OF(narrow)(OF(wide)(g) / (1 + sum)));
    // The gradient at the label, divided by what all are scaled by, is put in place of its share.
    for (size_t lane = 0; lane < last; lane++) {
      const size_t column = (size_t)v * LANE_COUNT + lane;
      const size_t place = (size_t)labels[column] * row + column;
      const int isMost = x[place] == most[v][lane];
      dx[place] = (ELEMENT)(isMost ? -sum[lane] : (double)dx[place] - 1 - sum[lane]);
    }
  }
  OF(scaleColumns)(vectors, last, dx, extent, row, factor);
}

// x, dx: [extent, columns], labels, dy: [columns]
static void OF(softmaxCrossEntropyGradientColumns)(
    const void *restrict xs, const int32_t *restrict labels, const void *restrict dys,
    size_t extent, size_t row, size_t columns, void *restrict dxs) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *dx = dxs;
#define BLOCK(vectors, last)                                                                 \
  OF(softmaxCrossEntropyGradientBlock)(                                                      \
      vectors, last, x + c, labels + c, dy + c, extent, row, dx + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}
