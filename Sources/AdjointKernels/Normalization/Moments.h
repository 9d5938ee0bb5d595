// Sums of values and of their squares, of elements that lie together.

// The sums of one channel's planes, with those of the values that fill no vector beside them.
typedef struct {
  Double16Lanes sums, squares;
  double sumOfRest, squaresOfRest;
} LABEL(PlaneMoments);

INLINE void LABEL(addPlaneMoments)(
    LABEL(PlaneMoments) *moments, const ELEMENT *restrict plane, size_t inner, double first,
    const ELEMENT *next) {
  Double16Lanes sums = moments->sums, squares = moments->squares;
  const double one = hiddenOne();
  size_t i = 0;
  // Two at once: of which only the first fetches, without a branch. Where that came to lie, it cost an
  // eighth of a forward pass.
#pragma clang loop unroll_count(2)
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

INLINE double LABEL(sumOfValues)(const LABEL(PlaneMoments) *moments) {
  return total16(moments->sums) + moments->sumOfRest;
}

INLINE double LABEL(sumOfSquares)(const LABEL(PlaneMoments) *moments) {
  return total16(moments->squares) + moments->squaresOfRest;
}
