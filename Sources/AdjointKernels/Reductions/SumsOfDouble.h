// Sums of doubles, each with what rounding took from it (D. Knuth, "The Art of Computer Programming" 2,
// §4.2.2): the error is one rounding of the result and n²·2⁻¹⁰⁶ of the summands. Four rows are added by
// pairs before that, which is two roundings more.

#define WIDE Double8Lanes

// What is added up in each lane, and what that has lost: NaN where the sum is not finite.
typedef struct {
  Double8Lanes sum, lost;
} SumDouble;

INLINE void addDouble(SumDouble *sum, Double8Lanes value) {
  const Double8Lanes next = sum->sum + value, added = next - sum->sum;
  sum->lost += (sum->sum - (next - added)) + (value - added);
  sum->sum = next;
}

INLINE void addProductDouble(SumDouble *sum, Double8Lanes a, Double8Lanes b) {
  addDouble(sum, a * b);
}

INLINE Double8Lanes sumsDouble(SumDouble sum) {
  return choose(sum.lost == sum.lost, sum.sum + sum.lost, sum.sum);
}

// The sum of all lanes.
INLINE double totalDouble(SumDouble lanes) {
  double sum = lanes.sum[0], lost = lanes.lost[0];
  for (int lane = 1; lane < 8; lane++) {
    const double next = sum + lanes.sum[lane], added = next - sum;
    lost += ((sum - (next - added)) + (lanes.sum[lane] - added)) + lanes.lost[lane];
    sum = next;
  }
  return lost == lost ? sum + lost : sum;
}

INLINE Double8Lanes wideDouble(Double8Lanes value) { return value; }

INLINE Double8Lanes narrowDouble(Double8Lanes value) { return value; }

// log(1 + x).
INLINE Double8Lanes logarithmOfOneAndDouble(Double8Lanes x) { return logarithmOfOnePlus(x); }

// The sum of `count` elements that lie together. A block of 1024 is added up in 32 lanes, blocks by
// pairs: the error grows with the logarithm of the count.
static double sumDouble(const void *restrict xs, size_t count) {
  const double *x = xs;
  enum { block = 1024 };
  if (count > block) {
    const size_t half = (count / 2 + block - 1) / block * block;
    return sumDouble(x, half) + sumDouble(x + half, count - half);
  }
  Double8Lanes sums[4] = {};
  double rest = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    UNROLLED for (size_t v = 0; v < 4; v++) sums[v] += *(const Double8InMemory *)(x + i + 8 * v);
  for (; i < count; i++) rest += x[i];
  return total8((sums[0] + sums[1]) + (sums[2] + sums[3])) + rest;
}

INLINE void sumRowsBlockDouble(
    const int vectors, const size_t last, const double *restrict x, size_t rows, size_t width,
    double *restrict sums) {
  SumDouble sum[columnsAtOnce];
  UNROLLED for (int v = 0; v < vectors; v++)
      sum[v] = (SumDouble){loadUpToDouble(sums + v * LANE_COUNT, last), {}};
  size_t r = 0;
  for (; r + 4 <= rows; r += 4)
    UNROLLED for (int v = 0; v < vectors; v++) {
      const double *const source = x + r * width + (size_t)v * LANE_COUNT;
      const Double8Lanes left = loadUpToDouble(source, last) + loadUpToDouble(source + width, last);
      const Double8Lanes right =
          loadUpToDouble(source + 2 * width, last) + loadUpToDouble(source + 3 * width, last);
      addDouble(&sum[v], left + right);
    }
  for (; r < rows; r++)
    UNROLLED for (int v = 0; v < vectors; v++)
        addDouble(&sum[v], loadUpToDouble(x + r * width + (size_t)v * LANE_COUNT, last));
  UNROLLED for (int v = 0; v < vectors; v++)
      storeUpToDouble(sums + v * LANE_COUNT, sumsDouble(sum[v]), last);
}

// Adds rows of length `width`, which lie `width` apart, to sums: element by element.
static void sumRowsDouble(
    const void *restrict xs, size_t rows, size_t width, double *restrict sums) {
  const double *x = xs;
  const size_t columns = width;
#define BLOCK(vectors, last) sumRowsBlockDouble(vectors, last, x + c, rows, columns, sums + c)
  EACH_BLOCK_OF_COLUMNS(BLOCK)
#undef BLOCK
}
