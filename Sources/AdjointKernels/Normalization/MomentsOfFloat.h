// Σ (x − center) and Σ (x − center)² of floats, in double: exact products, so that one pass is enough.

// Elements that lie together.
static void momentsFloat(
    const void *restrict xs, size_t count, double center, double *restrict sums) {
  const float *x = xs;
  PlaneMomentsFloat all = {};
  addPlaneMomentsFloat(&all, x, count, center, x);
  sums[0] = total16(all.sums) + all.sumOfRest;
  sums[1] = total16(all.squares) + all.squaresOfRest;
}

// Rows of length `columns`, element by element -> sums, squares: [columns]. Four rows are taken at once, as
// memory is best read in its order.
static void momentRowsFloat(
    const void *restrict xs, size_t rows, size_t columns, const void *restrict centers,
    double *restrict sums, double *restrict squares) {
  const float *x = xs, *center = centers;
  const size_t whole = columns & ~(size_t)15;
  const double one = hiddenOne();
  memset(sums, 0, columns * sizeof(double));
  memset(squares, 0, columns * sizeof(double));
  for (size_t row = 0, high; row < rows; row += high) {
    high = rows - row < rowsTogether ? rows - row : rowsTogether;
    const float *source = x + row * columns;
    for (size_t c = 0; c < whole; c += 16) {
      const Double16Lanes start = widened(load16(center + c));
      Double16Lanes sum = *(const Double16InMemory *)(sums + c);
      Double16Lanes square = *(const Double16InMemory *)(squares + c);
      for (size_t r = 0; r < high; r++) {
        fetchFromFloat(source + r * columns + c, rowsAhead * (ptrdiff_t)columns);
        const Double16Lanes d = widened(load16(source + r * columns + c)) - start;
        sum = addByProduct(d, one, sum);
        square = addExactProduct(d, d, square);
      }
      *(Double16InMemory *)(sums + c) = sum;
      *(Double16InMemory *)(squares + c) = square;
    }
    for (size_t c = whole; c < columns; c++)
      for (size_t r = 0; r < high; r++) {
        const double d = source[r * columns + c] - (double)center[c];
        sums[c] += d;
        squares[c] += d * d;
      }
  }
}
