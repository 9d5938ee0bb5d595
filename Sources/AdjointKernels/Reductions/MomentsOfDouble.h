// Σ (x − center) and Σ (x − center)² of doubles.
//
// A variance takes two passes: the first, from some element, gives the mean, the second, from the mean,
// the squares and what the mean was rounded by. Only the squares have to be exact: four are added by pairs,
// and that to the others with what rounding takes. Source: Chan, Golub & LeVeque, "Algorithms for computing
// the sample variance" (1983), §1.

typedef struct {
  Double8Lanes sum;
  SumDouble squares;
} MomentsDouble;

INLINE void addMomentsDouble(MomentsDouble *moments, const Double8Lanes *d) {
  moments->sum += (d[0] + d[1]) + (d[2] + d[3]);
  addDouble(&moments->squares, (d[0] * d[0] + d[1] * d[1]) + (d[2] * d[2] + d[3] * d[3]));
}

// Elements that lie together.
static void momentsDouble(
    const void *restrict xs, size_t count, double center, double *restrict sums) {
  const double *x = xs;
  MomentsDouble moments = {};
  size_t i = 0;
  for (; i + 4 * LANE_COUNT <= count; i += 4 * LANE_COUNT) {
    Double8Lanes d[4];
    UNROLLED for (size_t v = 0; v < 4; v++) d[v] = loadUpToDouble(x + i + v * LANE_COUNT, LANE_COUNT) - center;
    addMomentsDouble(&moments, d);
  }
  for (; i < count; i += LANE_COUNT) {
    const size_t high = count - i < LANE_COUNT ? count - i : LANE_COUNT;
    const Double8Lanes d[4] = {choose(
        leadingDouble(high), loadUpToDouble(x + i, high) - center, (Double8Lanes){})};
    addMomentsDouble(&moments, d);
  }
  sums[0] = total8(moments.sum);
  sums[1] = totalDouble(moments.squares);
}

INLINE void momentRowsBlockDouble(
    const int vectors, const size_t last, const double *restrict x, size_t rows, size_t row,
    const double *restrict centers, double *restrict sums, double *restrict squares) {
  MomentsDouble moments[columnsAtOnce] = {};
  Double8Lanes center[columnsAtOnce];
  UNROLLED for (int v = 0; v < vectors; v++) center[v] = loadUpToDouble(centers + v * LANE_COUNT, last);
  size_t r = 0;
  for (; r + 4 <= rows; r += 4)
    UNROLLED for (int v = 0; v < vectors; v++) {
      const double *const source = x + r * row + (size_t)v * LANE_COUNT;
      Double8Lanes d[4];
      UNROLLED for (size_t k = 0; k < 4; k++) d[k] = loadUpToDouble(source + k * row, last) - center[v];
      addMomentsDouble(&moments[v], d);
    }
  for (; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) {
      const double *const source = x + r * row + (size_t)v * LANE_COUNT;
      const Double8Lanes d[4] = {loadUpToDouble(source, last) - center[v]};
      addMomentsDouble(&moments[v], d);
    }
  UNROLLED for (int v = 0; v < vectors; v++) {
    storeUpToDouble(sums + v * LANE_COUNT, moments[v].sum, last);
    storeUpToDouble(squares + v * LANE_COUNT, sumsDouble(moments[v].squares), last);
  }
}

// Rows of length `columns`, element by element -> sums, squares: [columns].
static void momentRowsDouble(
    const double *restrict x, size_t rows, size_t columns, const double *restrict centers,
    double *restrict sums, double *restrict squares) {
#define BLOCK(vectors, last)                                                       \
  momentRowsBlockDouble(                                                           \
      vectors, last, x + c, rows, columns, centers + c, sums + c, squares + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}
