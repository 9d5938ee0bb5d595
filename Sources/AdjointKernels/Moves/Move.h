// Elements moved from one layout to another, whatever they are: of 1, 4 or 8 bytes.

// Tiles of so many rows and columns are transposed at once: a cache line of source or target.
enum { moveTile = 16 };

// y[i · yRow + j] = x[i + j · xRow], i < rows, j < columns.
#define MOVE_TRANSPOSED(Name, Element, TRANSPOSE8)                                           \
  static void transposeOf##Name(                                                             \
      const Element *restrict x, size_t xRow, Element *restrict y, size_t yRow, size_t rows, \
      size_t columns) {                                                                      \
    for (size_t left = 0; left < columns; left += moveTile)                                  \
      for (size_t top = 0; top < rows; top += moveTile) {                                    \
        const size_t high = rows - top < moveTile ? rows : top + moveTile;                   \
        const size_t wide = columns - left < moveTile ? columns : left + moveTile;           \
        size_t j = left;                                                                     \
        for (; TRANSPOSE8##IsThere && j + 8 <= wide; j += 8) {                               \
          size_t i = top;                                                                    \
          for (; i + 8 <= high; i += 8) TRANSPOSE8(x + i + j * xRow, xRow, y + i * yRow + j, yRow); \
          for (; i < high; i++)                                                              \
            for (size_t k = j; k < j + 8; k++) y[i * yRow + k] = x[i + k * xRow];            \
        }                                                                                    \
        for (size_t i = top; i < high; i++)                                                  \
          for (size_t k = j; k < wide; k++) y[i * yRow + k] = x[i + k * xRow];               \
      }                                                                                      \
  }
#define FLOAT_TILE(x, xRow, y, yRow) \
  transpose8Float((const float *)(x), xRow, (float *)(y), yRow)
#define DOUBLE_TILE(x, xRow, y, yRow) \
  transpose8Double((const double *)(x), xRow, (double *)(y), yRow)
#define NO_TILE(x, xRow, y, yRow) (void)0
#define FLOAT_TILEIsThere 1
#define DOUBLE_TILEIsThere 1
#define NO_TILEIsThere 0

// y[i · yStep] = x[i · xStep].
#define MOVE_STEPS(Name, Element)                                                            \
  static void stepsOf##Name(                                                                 \
      const Element *restrict x, ptrdiff_t xStep, Element *restrict y, ptrdiff_t yStep,      \
      size_t count) {                                                                        \
    if (yStep == 1 && xStep == 2) for (size_t i = 0; i < count; i++) y[i] = x[2 * i];        \
    else if (yStep == 1) for (size_t i = 0; i < count; i++) y[i] = x[(ptrdiff_t)i * xStep];  \
    else for (size_t i = 0; i < count; i++) y[(ptrdiff_t)i * yStep] = x[(ptrdiff_t)i * xStep]; \
  }

typedef float __attribute__((may_alias)) MovedFloat;
typedef double __attribute__((may_alias)) MovedDouble;

MOVE_TRANSPOSED(Bytes1, uint8_t, NO_TILE)
MOVE_TRANSPOSED(Bytes4, MovedFloat, FLOAT_TILE)
MOVE_TRANSPOSED(Bytes8, MovedDouble, DOUBLE_TILE)
MOVE_STEPS(Bytes1, uint8_t)
MOVE_STEPS(Bytes4, MovedFloat)
MOVE_STEPS(Bytes8, MovedDouble)

#undef MOVE_TRANSPOSED
#undef MOVE_STEPS
#undef FLOAT_TILE
#undef DOUBLE_TILE
#undef NO_TILE
#undef FLOAT_TILEIsThere
#undef DOUBLE_TILEIsThere
#undef NO_TILEIsThere

static void moveMatrix(
    size_t size, const char *x, size_t xRow, char *y, size_t yRow, size_t rows, size_t columns) {
  if (size == 4)
    transposeOfBytes4((const MovedFloat *)x, xRow, (MovedFloat *)y, yRow, rows, columns);
  else if (size == 8)
    transposeOfBytes8((const MovedDouble *)x, xRow, (MovedDouble *)y, yRow, rows, columns);
  else transposeOfBytes1((const uint8_t *)x, xRow, (uint8_t *)y, yRow, rows, columns);
}

static void moveSteps(
    size_t size, const char *x, ptrdiff_t xStep, char *y, ptrdiff_t yStep, size_t count) {
  if (xStep == 1 && yStep == 1) memcpy(y, x, count * size);
  else if (size == 4) stepsOfBytes4((const MovedFloat *)x, xStep, (MovedFloat *)y, yStep, count);
  else if (size == 8) stepsOfBytes8((const MovedDouble *)x, xStep, (MovedDouble *)y, yStep, count);
  else stepsOfBytes1((const uint8_t *)x, xStep, (uint8_t *)y, yStep, count);
}

static void exchangeAxes(AdjointMove *shape, size_t a, size_t b) {
  const size_t extent = shape->extents[a];
  const ptrdiff_t source = shape->sources[a], target = shape->targets[a];
  shape->extents[a] = shape->extents[b];
  shape->sources[a] = shape->sources[b];
  shape->targets[a] = shape->targets[b];
  shape->extents[b] = extent;
  shape->sources[b] = source;
  shape->targets[b] = target;
}

// The steps first ..< last along the first axis.
static void moveElements(
    AdjointMove shape, size_t first, size_t last, const void *x, void *y) {
  const ptrdiff_t size = (ptrdiff_t)shape.size;
  const size_t inner = shape.rank - 1;
  shape.extents[0] = last - first;
  const char *source = (const char *)x + (ptrdiff_t)first * shape.sources[0] * size;
  char *target = (char *)y + (ptrdiff_t)first * shape.targets[0] * size;
  // The axes between are walked as they lie in the source: reads are fetched ahead, writes need not be
  // waited for.
  for (size_t axis = 2; axis < inner; axis++)
    for (size_t k = axis; k > 1 && shape.sources[k - 1] < shape.sources[k]; k--)
      exchangeAxes(&shape, k - 1, k);
  // The axis along which the source lies together: with the last one, along which the target does, it
  // makes a matrix to transpose.
  size_t other = inner;
  if (shape.sources[inner] != 1 && shape.targets[inner] == 1)
    for (size_t axis = 0; axis < inner; axis++)
      if (shape.sources[axis] == 1 && shape.extents[axis] > 1) other = axis;
  size_t place[8] = {};
  for (;;) {
    if (other != inner)
      moveMatrix(
          shape.size, source, (size_t)shape.sources[inner], target, (size_t)shape.targets[other],
          shape.extents[other], shape.extents[inner]);
    else
      moveSteps(
          shape.size, source, shape.sources[inner], target, shape.targets[inner],
          shape.extents[inner]);
    size_t axis = inner;
    for (; axis-- > 0;) {
      if (axis == other) continue;
      source += shape.sources[axis] * size;
      target += shape.targets[axis] * size;
      if (++place[axis] < shape.extents[axis]) break;
      source -= shape.sources[axis] * (ptrdiff_t)shape.extents[axis] * size;
      target -= shape.targets[axis] * (ptrdiff_t)shape.extents[axis] * size;
      place[axis] = 0;
    }
    if (axis == (size_t)-1) return;
  }
}
