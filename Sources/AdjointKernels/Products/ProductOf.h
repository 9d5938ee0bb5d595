// A matrix product for one element type: included once for float and once for double, with
// ELEMENT the type and OF(name) a name of its own.
//
//   a: [rows, inner] or its transpose, b: [inner, columns] or its transpose -> y: [rows, columns]
//
// Both operands are given by the distances of neighbours along either axis. Every element of y is
// the sum over `inner` in ascending order, in blocks of DEPTH: whatever tile it falls into, and so
// whatever the number of threads, the result is the same.
//
// Longer than 250 lines: a template, which is included once for each element type.

typedef ELEMENT OF(Register) __attribute__((vector_size(REGISTER)));
typedef ELEMENT OF(RegisterInMemory) __attribute__((vector_size(REGISTER), aligned(sizeof(ELEMENT))));

typedef ELEMENT OF(Half) __attribute__((vector_size(REGISTER / 2)));
typedef ELEMENT OF(HalfInMemory) __attribute__((vector_size(REGISTER / 2), aligned(sizeof(ELEMENT))));

#define LANES ((size_t)(REGISTER / sizeof(ELEMENT)))
#define PANEL (TILE_VECTORS * LANES)

// How much of a tile's last register is used. Processors that do the 64 bytes of AVX-512 in two steps
// do half a register in one.
enum { OF(whole), OF(half), OF(part) };

// One tile: `rows` by `vectors` registers, of which the last has `last` elements. `a` is read at
// a[i * aRow + k * aStep], `b` at b[k * bStep + j]. Adds to what is in y unless it is the first block.
INLINE void OF(tile)(
    const int rows, const int vectors, const int end, size_t last, size_t depth,
    const ELEMENT *restrict a, size_t aRow, size_t aStep, const ELEMENT *restrict b, size_t bStep,
    ELEMENT *restrict y, size_t yRow, int isFirst, const ELEMENT *bias) {
#pragma clang fp contract(fast)
  const int full = end == OF(half) ? vectors - 1 : vectors;
  OF(Register) sums[TILE_ROWS][TILE_VECTORS];
  OF(Half) ends[TILE_ROWS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < full; v++) sums[i][v] = (OF(Register)){};
    ends[i] = (OF(Half)){};
  }
  for (size_t k = 0; k < depth; k++) {
    OF(Register) right[TILE_VECTORS];
    OF(Half) rightEnd = {};
#pragma clang loop unroll(full)
    for (int v = 0; v < full; v++)
      right[v] = *(const OF(RegisterInMemory) *)(b + k * bStep + (size_t)v * LANES);
    if (end == OF(half)) rightEnd = *(const OF(HalfInMemory) *)(b + k * bStep + (size_t)full * LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      const ELEMENT left = a[(size_t)i * aRow + k * aStep];
#pragma clang loop unroll(full)
      for (int v = 0; v < full; v++) sums[i][v] += left * right[v];
      if (end == OF(half)) ends[i] += left * rightEnd;
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      ELEMENT *target = y + (size_t)i * yRow + (size_t)v * LANES;
      const ELEMENT *summand = bias ? bias + (size_t)v * LANES : 0;
      OF(Register) sum = {};
      if (v < full) sum = sums[i][v];
      else memcpy(&sum, &ends[i], sizeof ends[i]);
      const int isPart = end != OF(whole) && v + 1 == vectors;
      if (!isFirst)
        sum += isPart ? OF(loadPart)(target, last) : *(const OF(RegisterInMemory) *)target;
      if (bias)
        sum += isPart ? OF(loadPart)(summand, last) : *(const OF(RegisterInMemory) *)summand;
      if (isPart) OF(storePart)(target, sum, last);
      else *(OF(RegisterInMemory) *)target = sum;
    }
}

#define TILE(r, v)                                                                            \
  case r * 8 + v:                                                                             \
    if (last == LANES)                                                                        \
      OF(tile)(r, v, OF(whole), last, depth, a, aRow, aStep, b, bStep, y, yRow, isFirst,      \
               bias);                                                                         \
    else if (REGISTER == 64 && last <= LANES / 2)                                             \
      OF(tile)(r, v, OF(half), last, depth, a, aRow, aStep, b, bStep, y, yRow, isFirst,       \
               bias);                                                                         \
    else                                                                                      \
      OF(tile)(r, v, OF(part), last, depth, a, aRow, aStep, b, bStep, y, yRow, isFirst,       \
               bias);                                                                         \
    break;

static void OF(anyTile)(
    size_t rows, size_t columns, size_t depth, const ELEMENT *restrict a, size_t aRow,
    size_t aStep, const ELEMENT *restrict b, size_t bStep, ELEMENT *restrict y, size_t yRow,
    int isFirst, const ELEMENT *bias) {
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

// The totals of the lanes of as many registers as each has lanes, one in each lane: neighbours are
// added, then neighbours of what that gives.
INLINE OF(Register) OF(totals)(OF(Register) *r) {
#define LANES_OF(...) __VA_ARGS__
#define MERGE(count, LOW, HIGH)                                  \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < count; i++) \
      r[i] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], LOW) \
             + __builtin_shufflevector(r[2 * i], r[2 * i + 1], HIGH);
#if LANE_COUNT == 16
  MERGE(8, LANES_OF(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
        LANES_OF(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
  MERGE(4, LANES_OF(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
        LANES_OF(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
  MERGE(2, LANES_OF(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
        LANES_OF(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
  MERGE(1, LANES_OF(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
        LANES_OF(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#elif LANE_COUNT == 8
  MERGE(4, LANES_OF(0, 8, 2, 10, 4, 12, 6, 14), LANES_OF(1, 9, 3, 11, 5, 13, 7, 15))
  MERGE(2, LANES_OF(0, 1, 8, 9, 4, 5, 12, 13), LANES_OF(2, 3, 10, 11, 6, 7, 14, 15))
  MERGE(1, LANES_OF(0, 1, 2, 3, 8, 9, 10, 11), LANES_OF(4, 5, 6, 7, 12, 13, 14, 15))
#elif LANE_COUNT == 4
  MERGE(2, LANES_OF(0, 4, 2, 6), LANES_OF(1, 5, 3, 7))
  MERGE(1, LANES_OF(0, 1, 4, 5), LANES_OF(2, 3, 6, 7))
#else
  MERGE(1, LANES_OF(0, 2), LANES_OF(1, 3))
#endif
#undef MERGE
#undef LANES_OF
  return r[0];
}

// A tile of `high` by `wide` products of rows, which lie along the inner axis. Where fewer are left,
// the last is made again in place of those that are missing.
INLINE void OF(dotTile)(
    const int high, const int wide, size_t rows, size_t inner, size_t columns,
    const ELEMENT *restrict a, size_t aRow, const ELEMENT *restrict b, size_t bColumn,
    ELEMENT *restrict y, size_t yRow, const ELEMENT *bias) {
#pragma clang fp contract(fast)
#define LEFT(r) (a + ((size_t)(r) < rows ? (size_t)(r) : rows - 1) * aRow)
#define RIGHT(c) (b + ((size_t)(c) < columns ? (size_t)(c) : columns - 1) * bColumn)
#define ADD(LOAD)                                                                  \
  OF(Register) right[LANE_COUNT];                                                  \
  _Pragma("clang loop unroll(full)") for (int c = 0; c < wide; c++)                \
      right[c] = LOAD(rights[c] + k);                                              \
  _Pragma("clang loop unroll(full)") for (int r = 0; r < high; r++) {              \
    const OF(Register) left = LOAD(lefts[r] + k);                                  \
    _Pragma("clang loop unroll(full)") for (int c = 0; c < wide; c++)              \
        sums[r * wide + c] += left * right[c];                                     \
  }
#define LOAD_ALL(place) (*(const OF(RegisterInMemory) *)(place))
#define LOAD_REST(place) OF(loadPart)(place, inner - k)
  const ELEMENT *lefts[LANE_COUNT], *rights[LANE_COUNT];
  for (int r = 0; r < high; r++) lefts[r] = LEFT(r);
  for (int c = 0; c < wide; c++) rights[c] = RIGHT(c);
  OF(Register) sums[LANE_COUNT] = {};
  size_t k = 0;
  for (; k + LANES <= inner; k += LANES) { ADD(LOAD_ALL) }
  if (k < inner) { ADD(LOAD_REST) }
  const OF(Register) totals = OF(totals)(sums);
  for (int r = 0; r < high && (size_t)r < rows; r++)
    for (int c = 0; c < wide && (size_t)c < columns; c++) {
      ELEMENT sum = totals[r * wide + c];
      if (bias) sum += bias[c];
      y[(size_t)r * yRow + (size_t)c] = sum;
    }
#undef LOAD_REST
#undef LOAD_ALL
#undef ADD
#undef RIGHT
#undef LEFT
}

// The product of one row and one column, in eight registers of partial sums.
static ELEMENT OF(dot)(size_t inner, const ELEMENT *restrict a, const ELEMENT *restrict b) {
#pragma clang fp contract(fast)
#define PRODUCT(k) \
  *(const OF(RegisterInMemory) *)(a + (k)) * *(const OF(RegisterInMemory) *)(b + (k))
  OF(Register) sums[8] = {}, all[LANE_COUNT] = {};
  size_t k = 0;
  for (; k + 8 * LANES <= inner; k += 8 * LANES)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < 8; v++) sums[v] += PRODUCT(k + v * LANES);
  for (; k + LANES <= inner; k += LANES) sums[0] += PRODUCT(k);
  if (k < inner) sums[0] += OF(loadPart)(a + k, inner - k) * OF(loadPart)(b + k, inner - k);
  all[0] = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  return OF(totals)(all)[0];
#undef PRODUCT
}

// Products with few rows or few columns, of operands that both lie along the inner axis: an element
// is the sum of the lanes of a register of partial sums, whatever tile it falls into.
static void OF(dots)(
    size_t rows, size_t inner, size_t columns, const ELEMENT *restrict a, size_t aRow,
    const ELEMENT *restrict b, size_t bColumn, ELEMENT *restrict y, size_t yRow,
    const ELEMENT *bias) {
  enum {
    tall = LANE_COUNT < 8 ? LANE_COUNT : 8,
    square = LANE_COUNT < 16 ? (LANE_COUNT + 2) / 4 : 4,
    narrow = LANE_COUNT < 16 ? 1 : 2
  };
#define TILES_OF(h, w)                                                                       \
  for (size_t j = 0; j < columns; j += w)                                                    \
    for (size_t i = 0; i < rows; i += h) {                                                   \
      OF(dotTile)(                                                                           \
          h, w, rows - i, inner, columns - j, a + i * aRow, aRow, b + j * bColumn, bColumn,  \
          y + i * yRow + j, yRow, bias ? bias + j : 0);                                      \
    }
  if (columns == 1) {
    TILES_OF(tall, 1)
  } else if (rows == 1) {
    TILES_OF(1, tall)
  } else if ((columns - 1) % square < square / 2) {
    TILES_OF(LANE_COUNT / narrow, narrow)
  } else {
    TILES_OF(LANE_COUNT / square, square)
  }
#undef TILES_OF
}

// The depth of all blocks but the last, which may have less: they are as even as they can be.
INLINE size_t OF(blockDepth)(size_t inner) {
  const size_t blocks = (inner + DEPTH - 1) / DEPTH;
  return (inner + blocks - 1) / blocks;
}

static size_t OF(panelWidth)(void) { return PANEL; }

// Copies panels of the right operand, first ..< last, for threads that share them: block by block, and
// panel by panel in a block. All of them are as many elements as `inner` rows of whole panels have.
static void OF(packPanels)(
    size_t inner, size_t columns, const void *restrict bs, size_t bRow, size_t bColumn,
    size_t first, size_t last, void *restrict panels) {
  const ELEMENT *b = bs;
  ELEMENT *packed = panels;
  const size_t deep = OF(blockDepth)(inner), width = (columns + PANEL - 1) / PANEL * PANEL;
  for (size_t top = 0; top < inner; top += deep) {
    const size_t depth = inner - top < deep ? inner - top : deep;
    for (size_t j = first * PANEL; j < last * PANEL && j < columns; j += PANEL)
      OF(packPanel)(
          b + top * bRow + j * bColumn, bRow, bColumn, depth,
          columns - j < PANEL ? columns - j : PANEL, packed + top * width + j * depth);
  }
}

// A block of few rows: each panel of the right operand is copied to where it stays in the first cache, and
// meets all of the left operand there. Where b lies, its rows are so far apart that few of them stay.
static void OF(lowBlock)(
    size_t rows, size_t columns, size_t depth, const ELEMENT *restrict a, size_t aRow,
    size_t aColumn, ELEMENT *restrict leftPanels, const ELEMENT *restrict b, size_t bRow,
    size_t bColumn, ELEMENT *restrict panel, ELEMENT *restrict y, size_t yRow, int isFirst,
    const ELEMENT *bias) {
  if (leftPanels) OF(packTiles)(a, aRow, aColumn, depth, rows, 0, rows, leftPanels);
  for (size_t j = 0; j < columns; j += PANEL) {
    const size_t wide = columns - j < PANEL ? columns - j : PANEL;
    OF(packPanel)(b + j * bColumn, bRow, bColumn, depth, wide, panel);
    const ELEMENT *nextLeft = leftPanels;
    for (size_t i = 0, high; i < rows; i += high) {
      high = OF(tileRows)(rows, i);
      const ELEMENT *tileLeft = leftPanels ? nextLeft : a + i * aRow;
      const size_t row = !leftPanels ? aRow : aColumn == 1 ? packedRow(depth) : 1;
      const size_t step = !leftPanels ? aColumn : aColumn == 1 ? 1 : high;
      OF(anyTile)(
          high, wide, depth, tileLeft, row, step, panel, PANEL, y + i * yRow + j, yRow, isFirst,
          bias ? bias + j : 0);
      if (leftPanels) nextLeft += high * packedRow(depth);
    }
  }
}

// With `packed` or without it, the result is the same.
static void OF(product)(
    size_t rows, size_t inner, size_t columns, const void *as, size_t aRow, size_t aColumn,
    const void *bs, size_t bRow, size_t bColumn, const void *prepared, void *ys, size_t yRow,
    const void *biases, AdjointProductOrder order, int accumulates, void *memory) {
  const ELEMENT *a = as, *b = bs, *packed = prepared, *bias = biases;
  ELEMENT *y = ys, *scratch = memory;
  if (inner == 0) {
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < columns; j++) {
        ELEMENT value = accumulates ? y[i * yRow + j] : 0;
        if (bias) value += bias[j];
        y[i * yRow + j] = value;
      }
    return;
  }
  if (order == adjointByOneDot) {
    y[0] = OF(dot)(inner, a, b) + (bias ? bias[0] : 0);
    return;
  }
  if (order == adjointByDots) {
    OF(dots)(rows, inner, columns, a, aRow, b, bColumn, y, yRow, bias);
    return;
  }
  // The right operand is read where it lies if that is near; but for a last panel that is no whole
  // number of vectors, which would be read beyond the end.
  const int packsRight = bColumn != 1 || (rows > 4 * TILE_ROWS && inner * columns > 16384);
  // The left one is read element by element: it has to be near, and not all in one cache set.
  const int packsLeft = columns > 2 * PANEL && aColumn * inner + aRow * rows > 16384 && (aColumn != 1 || aRow >= 256);
  const size_t evenDepth = OF(blockDepth)(inner);
  const size_t packedWidth = (columns + PANEL - 1) / PANEL * PANEL;
  const size_t panelsWidth = columns < WIDTH ? packedWidth : WIDTH;
  ELEMENT *const rightPanels = scratch, *const leftPanels = scratch + evenDepth * panelsWidth;
  for (size_t left = 0; left < columns; left += WIDTH) {
    const size_t width = columns - left < WIDTH ? columns - left : WIDTH;
    for (size_t top = 0; top < inner; top += evenDepth) {
      const size_t depth = inner - top < evenDepth ? inner - top : evenDepth;
      const int isFirst = top == 0 && !accumulates, isLast = top + depth == inner;
      if (!packed && rows > TILE_ROWS && rows <= HEIGHT && inner * columns > 16384) {
        OF(lowBlock)(
            rows, width, depth, a + top * aColumn, aRow, aColumn, packsLeft ? leftPanels : 0,
            b + top * bRow + left * bColumn, bRow, bColumn, rightPanels, y + left, yRow, isFirst,
            bias && isLast ? bias + left : 0);
        continue;
      }
      const size_t whole =
          packed || packsRight ? 0 : (width % LANES == 0 ? width : width / PANEL * PANEL);
      const ELEMENT *panels = packed ? packed + top * packedWidth + left * depth : rightPanels;
      for (size_t j = whole; !packed && j < width; j += PANEL)
        OF(packPanel)(
            b + top * bRow + (left + j) * bColumn, bRow, bColumn, depth,
              width - j < PANEL ? width - j : PANEL, rightPanels + (j - whole) * depth);
      size_t packedRows = 0;
      const ELEMENT *nextLeft = 0;
      for (size_t i = 0; i < rows;) {
        const size_t high = OF(tileRows)(rows, i);
        const ELEMENT *tileLeft = a + i * aRow + top * aColumn;
        size_t row = aRow, step = aColumn;
        if (packsLeft) {
          if (i == packedRows) {
            nextLeft = leftPanels;
            const size_t end = rows - i < HEIGHT ? rows : i + HEIGHT;
            packedRows = OF(packTiles)(a + top * aColumn, aRow, aColumn, depth, rows, i, end, leftPanels);
          }
          tileLeft = nextLeft;
          nextLeft += high * packedRow(depth);
          row = aColumn == 1 ? packedRow(depth) : 1, step = aColumn == 1 ? 1 : high;
        }
        for (size_t j = 0; j < width; j += PANEL) {
          const size_t wide = width - j < PANEL ? width - j : PANEL;
          const int isPacked = j >= whole;
          const ELEMENT *tileRight =
              isPacked ? panels + (j - whole) * depth : b + top * bRow + left + j;
          const ELEMENT *summand = bias ? bias + left + j : 0;
          OF(anyTile)(
              high, wide, depth, tileLeft, row, step, tileRight, isPacked ? PANEL : bRow,
              y + i * yRow + left + j, yRow, isFirst, isLast ? summand : 0);
        }
        i += high;
      }
    }
  }
}
