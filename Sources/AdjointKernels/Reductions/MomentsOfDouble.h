// Σ (x − center) and Σ (x − center)² of doubles, compensated as their sums are.
//
// A variance takes two passes: the first, from some element, gives the mean, the second, from the mean,
// the squares and what the mean was rounded by. Source: Chan, Golub & LeVeque, "Algorithms for computing
// the sample variance" (1983), §1.

// Elements that lie together.
static void momentsDouble(
    const double *restrict x, size_t count, double center, double *restrict sums) {
  SumDouble sum[2] = {}, squares[2] = {};
  for (size_t i = 0; i < count; i += 2 * COUNT)
    UNROLLED for (size_t v = 0; v < 2; v++) {
      const size_t start = i + v * COUNT;
      if (start >= count) break;
      const size_t high = count - start < COUNT ? count - start : COUNT;
      const Double8Lanes d = whereDouble(
          leadingDouble(high), loadUpToDouble(x + start, high) - center, (Double8Lanes){});
      addDouble(&sum[v], d);
      addDouble(&squares[v], d * d);
    }
  addDouble(&sum[0], sumsDouble(sum[1]));
  addDouble(&squares[0], sumsDouble(squares[1]));
  sums[0] = totalDouble(sum[0]);
  sums[1] = totalDouble(squares[0]);
}

INLINE void momentRowsBlockDouble(
    const int vectors, const size_t last, const double *restrict x, size_t rows, size_t row,
    const double *restrict centers, double *restrict sums, double *restrict squares) {
  SumDouble sum[columnsAtOnce] = {}, square[columnsAtOnce] = {};
  Double8Lanes center[columnsAtOnce];
  UNROLLED for (int v = 0; v < vectors; v++) center[v] = loadUpToDouble(centers + v * COUNT, last);
  for (size_t r = 0; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++) {
      const Double8Lanes d = loadUpToDouble(x + r * row + (size_t)v * COUNT, last) - center[v];
      addDouble(&sum[v], d);
      addDouble(&square[v], d * d);
    }
  UNROLLED for (int v = 0; v < vectors; v++) {
    storeUpToDouble(sums + v * COUNT, sumsDouble(sum[v]), last);
    storeUpToDouble(squares + v * COUNT, sumsDouble(square[v]), last);
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
