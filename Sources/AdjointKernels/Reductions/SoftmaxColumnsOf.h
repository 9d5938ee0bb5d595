// Functions of columns made of exponentials, for float and for double: included for each. x: [extent,
// columns], rows `row` apart, as all that has its shape.

#define EACH_VECTOR UNROLLED for (int v = 0; v < vectors; v++)
#define AT(array) ((array) + v * LANE_COUNT)
#define IN_ROW(array) ((array) + k * row + v * LANE_COUNT)
#define LOAD(place) OF(loadUpTo)(place, last)
#define STORE(place, value) OF(storeUpTo)(place, value, last)
#define INFINITE_ELEMENT ((ELEMENT)__builtin_inff())

// The largest of each column.
INLINE void OF(largestOfColumns)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    LANES *most) {
  EACH_VECTOR most[v] = LOAD(AT(x));
  for (size_t k = 1; k < extent; k++)
    EACH_VECTOR most[v] = OF(further)(LOAD(IN_ROW(x)), most[v], 1);
}

// Σ e^(x − largest) over all but one of the largest of each column, as for rows; the exponentials are
// written to y, unless that is null.
INLINE void OF(columnExponentialsApart)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    const LANES *most, OF(Sum) *rest, ELEMENT *restrict y) {
  INTEGERS found[columnsAtOnce] = {};
  EACH_VECTOR rest[v] = (OF(Sum)){};
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR {
      const LANES value = LOAD(IN_ROW(x)), e = exponential(value - most[v]);
      if (y) STORE(IN_ROW(y), e);
      const INTEGERS isMost = (value == most[v]) & ~found[v];
      found[v] |= isMost;
      OF(add)(&rest[v], choose(isMost, (LANES){}, e));
    }
  // Where the largest is infinite, nothing is known: this adds NaN there, and 0 elsewhere.
  EACH_VECTOR OF(add)(&rest[v], (most[v] - most[v]));
}

// y = e^(x − shift), and the sums.
INLINE void OF(columnExponentials)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    const LANES *shift, OF(Sum) *sum, ELEMENT *restrict y) {
  EACH_VECTOR sum[v] = (OF(Sum)){};
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR {
      const LANES e = exponential(LOAD(IN_ROW(x)) - shift[v]);
      STORE(IN_ROW(y), e);
      OF(add)(&sum[v], e);
    }
}

// y · factor, and 0 where the factor is.
INLINE void OF(scaleColumns)(
    const int vectors, const size_t last, ELEMENT *restrict y, size_t extent, size_t row,
    const LANES *factor) {
  INTEGERS isZero = {};
  EACH_VECTOR isZero |= factor[v] == 0;
  if (any(isZero)) {
    for (size_t k = 0; k < extent; k++)
      EACH_VECTOR STORE(
          IN_ROW(y), choose(factor[v] == 0, (LANES){}, LOAD(IN_ROW(y)) * factor[v]));
    return;
  }
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR STORE(IN_ROW(y), LOAD(IN_ROW(y)) * factor[v]);
}

// Which columns are all zeros.
INLINE void OF(findColumnsOfZeros)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    INTEGERS *isZeros) {
  EACH_VECTOR isZeros[v] = OF(leading)(LANE_COUNT);
  for (size_t k = 0; k < extent; k++) EACH_VECTOR isZeros[v] &= LOAD(IN_ROW(x)) == 0;
}

INLINE void OF(softmaxBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    ELEMENT *restrict y) {
  LANES most[columnsAtOnce], factor[columnsAtOnce];
  OF(Sum) sum[columnsAtOnce];
  OF(largestOfColumns)(vectors, last, x, extent, row, most);
  OF(columnExponentials)(vectors, last, x, extent, row, most, sum, y);
  EACH_VECTOR factor[v] = OF(narrow)(1 / OF(sums)(sum[v]));
  OF(scaleColumns)(vectors, last, y, extent, row, factor);
}

static void OF(softmaxColumns)(
    const void *restrict xs, size_t extent, size_t row, size_t columns, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
#define BLOCK(vectors, last) OF(softmaxBlock)(vectors, last, x + c, extent, row, y + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

INLINE void OF(logSoftmaxBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    ELEMENT *restrict y) {
  LANES most[columnsAtOnce], logarithm[columnsAtOnce];
  OF(Sum) rest[columnsAtOnce];
  OF(largestOfColumns)(vectors, last, x, extent, row, most);
  OF(columnExponentialsApart)(vectors, last, x, extent, row, most, rest, 0);
  EACH_VECTOR logarithm[v] = OF(narrow)(OF(logarithmOfOneAnd)(OF(sums)(rest[v])));
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR STORE(IN_ROW(y), (LOAD(IN_ROW(x)) - most[v]) - logarithm[v]);
}

static void OF(logSoftmaxColumns)(
    const void *restrict xs, size_t extent, size_t row, size_t columns, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
#define BLOCK(vectors, last) OF(logSoftmaxBlock)(vectors, last, x + c, extent, row, y + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

INLINE void OF(logSumExpBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, size_t extent, size_t row,
    ELEMENT *restrict y) {
  LANES most[columnsAtOnce];
  OF(Sum) rest[columnsAtOnce];
  OF(largestOfColumns)(vectors, last, x, extent, row, most);
  OF(columnExponentialsApart)(vectors, last, x, extent, row, most, rest, 0);
  EACH_VECTOR {
    const WIDE sum = OF(wide)(most[v]) + OF(logarithmOfOneAnd)(OF(sums)(rest[v]));
    const INTEGERS isInfinite = (most[v] == INFINITE_ELEMENT) | (most[v] == -INFINITE_ELEMENT);
    STORE(AT(y), choose(isInfinite, most[v], OF(narrow)(sum)));
  }
}

// y: [columns]
static void OF(logSumExpColumns)(
    const void *restrict xs, size_t extent, size_t row, size_t columns, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
#define BLOCK(vectors, last) OF(logSumExpBlock)(vectors, last, x + c, extent, row, y + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

INLINE void OF(logSumExpGradientBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict x, const ELEMENT *restrict dy,
    size_t extent, size_t row, ELEMENT *restrict dx) {
  LANES shift[columnsAtOnce], factor[columnsAtOnce];
  INTEGERS isInfinite[columnsAtOnce];
  OF(Sum) sum[columnsAtOnce];
  OF(largestOfColumns)(vectors, last, x, extent, row, shift);
  EACH_VECTOR {
    const INTEGERS isLow = shift[v] == -INFINITE_ELEMENT;
    isInfinite[v] = (shift[v] == INFINITE_ELEMENT) | isLow;
    shift[v] = choose(isLow, (LANES){}, shift[v]);
  }
  OF(columnExponentials)(vectors, last, x, extent, row, shift, sum, dx);
  EACH_VECTOR {
    const LANES g = LOAD(AT(dy));
    factor[v] = choose(isInfinite[v] | (g == 0), g, OF(narrow)(OF(wide)(g) / OF(sums)(sum[v])));
  }
  OF(scaleColumns)(vectors, last, dx, extent, row, factor);
}

// dy: [columns]
static void OF(logSumExpGradientColumns)(
    const void *restrict xs, const void *restrict dys, size_t extent, size_t row, size_t columns,
    void *restrict dxs) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *dx = dxs;
#define BLOCK(vectors, last) \
  OF(logSumExpGradientBlock)(vectors, last, x + c, dy + c, extent, row, dx + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

INLINE void OF(softmaxGradientBlock)(
    const int vectors, const size_t last, const ELEMENT *restrict y, const ELEMENT *restrict dy,
    size_t extent, size_t row, const int isLogarithm, ELEMENT *restrict dx) {
  OF(Sum) sum[columnsAtOnce] = {};
  LANES total[columnsAtOnce];
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR {
      if (isLogarithm) OF(add)(&sum[v], LOAD(IN_ROW(dy)));
      else OF(addProduct)(&sum[v], LOAD(IN_ROW(y)), LOAD(IN_ROW(dy)));
    }
  INTEGERS isZeros[columnsAtOnce], mayBeZeros = {};
  EACH_VECTOR {
    total[v] = OF(narrow)(OF(sums)(sum[v]));
    mayBeZeros |= (isLogarithm ? total[v] == 0 : total[v] != total[v]) & OF(leading)(last);
  }
#define GRADIENT \
  isLogarithm ? g - exponential(value) * total[v] : value * (g - total[v])
  if (any(mayBeZeros)) {
    OF(findColumnsOfZeros)(vectors, last, dy, extent, row, isZeros);
    for (size_t k = 0; k < extent; k++)
      EACH_VECTOR {
        const LANES value = LOAD(IN_ROW(y)), g = LOAD(IN_ROW(dy));
        STORE(IN_ROW(dx), choose(isZeros[v], g, GRADIENT));
      }
    return;
  }
  for (size_t k = 0; k < extent; k++)
    EACH_VECTOR {
      const LANES value = LOAD(IN_ROW(y)), g = LOAD(IN_ROW(dy));
      STORE(IN_ROW(dx), GRADIENT);
    }
#undef GRADIENT
}

static void OF(softmaxGradientColumns)(
    const void *restrict ys, const void *restrict dys, size_t extent, size_t row, size_t columns,
    void *restrict dxs) {
  const ELEMENT *y = ys, *dy = dys;
  ELEMENT *dx = dxs;
#define BLOCK(vectors, last) \
  OF(softmaxGradientBlock)(vectors, last, y + c, dy + c, extent, row, 0, dx + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}

static void OF(logSoftmaxGradientColumns)(
    const void *restrict ys, const void *restrict dys, size_t extent, size_t row, size_t columns,
    void *restrict dxs) {
  const ELEMENT *y = ys, *dy = dys;
  ELEMENT *dx = dxs;
#define BLOCK(vectors, last) \
  OF(softmaxGradientBlock)(vectors, last, y + c, dy + c, extent, row, 1, dx + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}
