// A matrix product for one element type: included once for float and once for double, with
// ELEMENT the type and OF(name) a name of its own.
//
//   a: [rows, inner] or its transpose, b: [inner, columns] or its transpose -> y: [rows, columns]
//
// Both operands are given by the distances of neighbours along either axis. Every element of y is
// the sum over `inner` in ascending order, in blocks of DEPTH: whatever tile it falls into, and so
// whatever the number of threads, the result is the same.

typedef ELEMENT OF(Register) __attribute__((vector_size(REGISTER)));
typedef ELEMENT OF(RegisterInMemory) __attribute__((vector_size(REGISTER), aligned(sizeof(ELEMENT))));

#define LANES ((size_t)(REGISTER / sizeof(ELEMENT)))
#define PANEL (TILE_VECTORS * LANES)

// What is done with a finished sum: nothing, or a bias added, or the positive part taken as well.
typedef struct {
  const ELEMENT *bias;
  int rectifies;
} OF(Epilogue);

// One tile: `rows` by `vectors` registers, of which the last has `last` elements. `a` is read at
// a[i * aRow + k * aStep], `b` at b[k * bStep + j]. Adds to what is in y unless it is the first block.
INLINE void OF(tile)(
    const int rows, const int vectors, const int whole, size_t last, size_t depth,
    const ELEMENT *restrict a, size_t aRow, size_t aStep, const ELEMENT *restrict b, size_t bStep,
    ELEMENT *restrict y, size_t yRow, int isFirst, OF(Epilogue) epilogue) {
#pragma clang fp contract(fast)
  OF(Register) sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[i][v] = (OF(Register)){};
  for (size_t k = 0; k < depth; k++) {
    OF(Register) right[TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      right[v] = *(const OF(RegisterInMemory) *)(b + k * bStep + (size_t)v * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      const ELEMENT left = a[(size_t)i * aRow + k * aStep];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sums[i][v] += left * right[v];
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      ELEMENT *target = y + (size_t)i * yRow + (size_t)v * LANES;
      const ELEMENT *bias = epilogue.bias ? epilogue.bias + (size_t)v * LANES : 0;
      OF(Register) sum = sums[i][v];
      const int isPart = !whole && v + 1 == vectors;
      if (!isFirst)
        sum += isPart ? OF(loadPart)(target, last) : *(const OF(RegisterInMemory) *)target;
      if (epilogue.bias)
        sum += isPart ? OF(loadPart)(bias, last) : *(const OF(RegisterInMemory) *)bias;
      if (epilogue.rectifies) sum = (OF(Register))((__typeof__(sum < 0))sum & ~(sum < 0));
      if (isPart) OF(storePart)(target, sum, last);
      else *(OF(RegisterInMemory) *)target = sum;
    }
}

#define TILE(r, v)                                                                            \
  case r * 8 + v:                                                                             \
    if (last == LANES)                                                                        \
      OF(tile)(r, v, 1, last, depth, a, aRow, aStep, b, bStep, y, yRow, isFirst, epilogue);   \
    else                                                                                      \
      OF(tile)(r, v, 0, last, depth, a, aRow, aStep, b, bStep, y, yRow, isFirst, epilogue);   \
    break;

static void OF(anyTile)(
    size_t rows, size_t columns, size_t depth, const ELEMENT *restrict a, size_t aRow,
    size_t aStep, const ELEMENT *restrict b, size_t bStep, ELEMENT *restrict y, size_t yRow,
    int isFirst, OF(Epilogue) epilogue) {
  const size_t vectors = (columns + LANES - 1) / LANES;
  const size_t last = columns - (vectors - 1) * LANES;
  switch (rows * 8 + vectors) { TILES }
}

#undef TILE

// Copies panel columns first ..< first + PANEL of b, `depth` rows of it from `top` on, one row
// after the other, with zeros where b ends.
static void OF(packPanel)(
    const ELEMENT *restrict b, size_t bRow, size_t bColumn, size_t depth, size_t columns,
    ELEMENT *restrict panel) {
  if (bColumn == 1 && columns == PANEL) {
    for (size_t k = 0; k < depth; k++) memcpy(panel + k * PANEL, b + k * bRow, PANEL * sizeof(ELEMENT));
    return;
  }
  if (columns < PANEL) memset(panel, 0, depth * PANEL * sizeof(ELEMENT));
  if (bColumn == 1) {
    for (size_t k = 0; k < depth; k++) memcpy(panel + k * PANEL, b + k * bRow, columns * sizeof(ELEMENT));
    return;
  }
  size_t j = 0;
  for (; j + 8 <= columns; j += 8) {
    size_t k = 0;
    if (bRow == 1)
      for (; k + 8 <= depth; k += 8) {
        OF(transpose8)(b + k + j * bColumn, bColumn, panel + k * PANEL + j, PANEL);
      }
    for (; k < depth; k++)
      for (size_t jj = 0; jj < 8; jj++)
        panel[k * PANEL + j + jj] = b[k * bRow + (j + jj) * bColumn];
  }
  for (; j < columns; j++)
    for (size_t k = 0; k < depth; k++) panel[k * PANEL + j] = b[k * bRow + j * bColumn];
}

// The number of rows of the tile at row `i`: tiles are as even as they can be.
INLINE size_t OF(tileRows)(size_t rows, size_t i) {
  const size_t left = rows - i, tiles = (left + TILE_ROWS - 1) / TILE_ROWS;
  return (left + tiles - 1) / tiles;
}

// Copies whole tiles of a from row `i` on, of which none goes past row `end`, one tile after the
// other; each row after the other where rows of a lie together, else each step of the inner axis.
// Returns the row after the last.
static size_t OF(packTiles)(
    const ELEMENT *restrict a, size_t aRow, size_t aColumn, size_t depth, size_t rows, size_t i,
    size_t end, ELEMENT *restrict tiles) {
  for (size_t high; i < rows && i + (high = OF(tileRows)(rows, i)) <= end; i += high) {
    const ELEMENT *source = a + i * aRow;
    if (aColumn == 1)
      for (size_t r = 0; r < high; r++)
        memcpy(tiles + r * packedRow(depth), source + r * aRow, depth * sizeof(ELEMENT));
    else if (aRow == 1 && high == TILE_ROWS)
      for (size_t k = 0; k < depth; k++)
        memcpy(tiles + k * TILE_ROWS, source + k * aColumn, TILE_ROWS * sizeof(ELEMENT));
    else
      for (size_t k = 0; k < depth; k++)
        for (size_t r = 0; r < high; r++) tiles[k * high + r] = source[r * aRow + k * aColumn];
    tiles += high * packedRow(depth);
  }
  return i;
}

// Room for the packed parts of both operands, in elements: panels of the right, a tile of the left.
static size_t OF(productScratch)(size_t rows, size_t inner, size_t columns) {
  (void)rows;
  const size_t depth = inner < DEPTH ? inner : DEPTH;
  const size_t width = columns < WIDTH ? (columns + PANEL - 1) / PANEL * PANEL : WIDTH;
  return depth * width + HEIGHT * packedRow(depth);
}

// Products with few rows or few columns, of operands that both lie along the inner axis: four
// registers of partial sums for each element.
static void OF(dots)(
    size_t rows, size_t inner, size_t columns, const ELEMENT *restrict a, size_t aRow,
    const ELEMENT *restrict b, size_t bColumn, ELEMENT *restrict y, size_t yRow,
    OF(Epilogue) epilogue) {
#pragma clang fp contract(fast)
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      const ELEMENT *left = a + i * aRow, *right = b + j * bColumn;
      OF(Register) sums[4] = {};
      size_t k = 0;
      for (; k + 4 * LANES <= inner; k += 4 * LANES)
        for (size_t v = 0; v < 4; v++)
          sums[v] += *(const OF(RegisterInMemory) *)(left + k + v * LANES) *
                     *(const OF(RegisterInMemory) *)(right + k + v * LANES);
      for (; k + LANES <= inner; k += LANES)
        sums[0] += *(const OF(RegisterInMemory) *)(left + k) *
                   *(const OF(RegisterInMemory) *)(right + k);
      const OF(Register) four = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      ELEMENT sum = 0;
      for (size_t lane = 0; lane < LANES; lane++) sum += four[lane];
      for (; k < inner; k++) sum += left[k] * right[k];
      if (epilogue.bias) sum += epilogue.bias[j];
      y[i * yRow + j] = epilogue.rectifies && sum < 0 ? 0 : sum;
    }
}

static void OF(product)(
    size_t rows, size_t inner, size_t columns, const ELEMENT *a, size_t aRow, size_t aColumn,
    const ELEMENT *b, size_t bRow, size_t bColumn, ELEMENT *y, size_t yRow, const ELEMENT *bias,
    int rectifies, int byDots, int accumulates, ELEMENT *scratch) {
  const OF(Epilogue) none = {0, 0};
  if (inner == 0) {
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < columns; j++) {
        ELEMENT value = accumulates ? y[i * yRow + j] : 0;
        if (bias) value += bias[j];
        y[i * yRow + j] = rectifies && value < 0 ? 0 : value;
      }
    return;
  }
  if (byDots) {
    const OF(Epilogue) epilogue = {bias, rectifies};
    OF(dots)(rows, inner, columns, a, aRow, b, bColumn, y, yRow, epilogue);
    return;
  }
  // The right operand is read where it lies if that is near; but for a last panel that is no whole
  // number of vectors, which would be read beyond the end.
  const int packsRight = bColumn != 1 || (rows > 4 * TILE_ROWS && inner * columns > 16384);
  // The left one is read element by element: it has to be near, and not all in one cache set.
  const int packsLeft = columns > 2 * PANEL && aColumn * inner + aRow * rows > 16384 && (aColumn != 1 || aRow >= 256);
  const size_t blocks = (inner + DEPTH - 1) / DEPTH;
  const size_t evenDepth = (inner + blocks - 1) / blocks;
  const size_t panels = columns < WIDTH ? (columns + PANEL - 1) / PANEL * PANEL : WIDTH;
  ELEMENT *const rightPanels = scratch, *const leftPanels = scratch + evenDepth * panels;
  for (size_t left = 0; left < columns; left += WIDTH) {
    const size_t width = columns - left < WIDTH ? columns - left : WIDTH;
    for (size_t top = 0; top < inner; top += evenDepth) {
      const size_t depth = inner - top < evenDepth ? inner - top : evenDepth;
      const int isFirst = top == 0 && !accumulates, isLast = top + depth == inner;
      const size_t whole = packsRight ? 0 : (width % LANES == 0 ? width : width / PANEL * PANEL);
      for (size_t j = whole; j < width; j += PANEL)
        OF(packPanel)(
            b + top * bRow + (left + j) * bColumn, bRow, bColumn, depth,
              width - j < PANEL ? width - j : PANEL, rightPanels + (j - whole) * depth);
      size_t packed = 0;
      const ELEMENT *nextLeft = 0;
      for (size_t i = 0; i < rows;) {
        const size_t high = OF(tileRows)(rows, i);
        const ELEMENT *tileLeft = a + i * aRow + top * aColumn;
        size_t row = aRow, step = aColumn;
        if (packsLeft) {
          if (i == packed) {
            nextLeft = leftPanels;
            const size_t end = rows - i < HEIGHT ? rows : i + HEIGHT;
            packed = OF(packTiles)(a + top * aColumn, aRow, aColumn, depth, rows, i, end, leftPanels);
          }
          tileLeft = nextLeft;
          nextLeft += high * packedRow(depth);
          row = aColumn == 1 ? packedRow(depth) : 1, step = aColumn == 1 ? 1 : high;
        }
        for (size_t j = 0; j < width; j += PANEL) {
          const size_t wide = width - j < PANEL ? width - j : PANEL;
          const int isPacked = j >= whole;
          const ELEMENT *tileRight =
              isPacked ? rightPanels + (j - whole) * depth : b + top * bRow + left + j;
          const OF(Epilogue) epilogue = {bias ? bias + left + j : 0, rectifies};
          OF(anyTile)(
              high, wide, depth, tileLeft, row, step, tileRight, isPacked ? PANEL : bRow,
              y + i * yRow + left + j, yRow, isFirst, isLast ? epilogue : none);
        }
        i += high;
      }
    }
  }
}
