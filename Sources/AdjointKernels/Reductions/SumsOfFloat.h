// Sums of floats, in double, where the products of two are exact. Every sum has one order, whatever the
// instruction set: lanes of 64 bytes, then the lanes by halves.

#define WIDE Double16Lanes

// What is added up in each lane.
typedef struct {
  Double16Lanes sum;
} SumFloat;

INLINE void addFloat(SumFloat *sum, Float16Lanes value) { sum->sum += widened(value); }

INLINE void addProductFloat(SumFloat *sum, Float16Lanes a, Float16Lanes b) {
  sum->sum = addExactProduct(widened(a), widened(b), sum->sum);
}

INLINE Double16Lanes sumsFloat(SumFloat sum) { return sum.sum; }

// The sum of all lanes.
INLINE double totalFloat(SumFloat sum) { return total16(sum.sum); }

INLINE Double16Lanes wideFloat(Float16Lanes value) { return widened(value); }

INLINE Float16Lanes narrowFloat(Double16Lanes value) {
  return __builtin_convertvector(value, Float16Lanes);
}

// log(1 + x).
INLINE Double16Lanes logarithmOfOneAndFloat(Double16Lanes x) {
  const Double8Lanes low = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7);
  const Double8Lanes high = __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  return __builtin_shufflevector(
      logarithmOfOnePlus(low), logarithmOfOnePlus(high), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
      13, 14, 15);
}

// The sum of `count` elements that lie together: four times 16 lanes, added at the end.
static double sumFloat(const void *restrict xs, size_t count) {
  const float *x = xs;
  Double16Lanes sums[2] = {};
  double rest = 0;
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    UNROLLED for (size_t v = 0; v < 2; v++) sums[v] += widened(load16(x + i + 16 * v));
  for (; i < count; i++) rest += x[i];
  return total16(sums[0] + sums[1]) + rest;
}

// Adds rows of length `width`, which lie `width` apart, to sums: element by element.
static void sumRowsFloat(
    const void *restrict xs, size_t rows, size_t width, double *restrict sums) {
  const float *x = xs;
  size_t row = 0;
  for (; row + 4 <= rows; row += 4, x += 4 * width) {
    size_t i = 0;
    for (; i + 16 <= width; i += 16) {
      Double16Lanes sum = *(const Double16InMemory *)(sums + i);
      for (size_t r = 0; r < 4; r++) sum += widened(load16(x + r * width + i));
      *(Double16InMemory *)(sums + i) = sum;
    }
    for (; i < width; i++)
      for (size_t r = 0; r < 4; r++) sums[i] += x[r * width + i];
  }
  for (; row < rows; row++, x += width)
    for (size_t i = 0; i < width; i++) sums[i] += x[i];
}
