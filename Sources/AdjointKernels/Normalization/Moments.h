// Sums of values and of their squares, of elements that lie together.

// Memory is read all the time: while one plane is added up, the first half of the next one is
// fetched, and its second half while a result is written. Measured, this is worth a fifth.
OVERLOAD void fetch(const float *next, size_t i) {
  if (i % 32 == 0) __builtin_prefetch(next + i / 2, 0, 2);
}
OVERLOAD void fetch(const double *next, size_t i) {
  if (i % 16 == 0) __builtin_prefetch(next + i / 2, 0, 2);
}

// The sums of one channel's planes, with those of the values that fill no vector beside them.
typedef struct {
  Double16Lanes sums, squares;
  double sumOfRest, squaresOfRest;
} Moments;

INLINE void addMoments(
    Moments *moments, const float *restrict plane, size_t inner, double first, const float *next) {
  Double16Lanes sums = moments->sums, squares = moments->squares;
  const double one = hiddenOne();
  size_t i = 0;
  for (; i + 16 <= inner; i += 16) {
    fetch(next, i);
    const Double16Lanes d = widened(load16(plane + i)) - first;
    sums = addByProduct(d, one, sums);
    squares += d * d;
  }
  moments->sums = sums;
  moments->squares = squares;
  for (; i < inner; i++) {
    const double d = plane[i] - first;
    moments->sumOfRest += d;
    moments->squaresOfRest += d * d;
  }
}

// Writes the sums of x − first and of its squares, of elements that lie together.
static void moments(const float *restrict x, size_t count, float first, double *restrict sums) {
  Moments all = {};
  addMoments(&all, x, count, first, x);
  sums[0] = total16(all.sums) + all.sumOfRest;
  sums[1] = total16(all.squares) + all.squaresOfRest;
}
