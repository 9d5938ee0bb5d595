// Weights transformed by Winograd's algorithm, and their gradients, for one element type: included once
// for float and once for double, with ELEMENT the type and OF(name) a name of its own.
//
// The entries of G are divided by powers of 3, so it is applied in double and rounded once.

#ifndef TRANSFORM_WEIGHTS

// G of three vectors, which makes six.
#define TRANSFORM_WEIGHTS(w0, w1, w2, u)                                    \
  do {                                                                      \
    const Double8Lanes a = (-128 / 243.0) * (w0 + 0.5625 * w2);             \
    const Double8Lanes b = (-128 / 243.0) * 0.75 * w1;                      \
    const Double8Lanes c = (32 / 243.0) * (w0 + 2.25 * w2);                 \
    const Double8Lanes e = (32 / 243.0) * 1.5 * w1;                         \
    u[0] = (64 / 81.0) * w0; u[1] = a + b; u[2] = a - b;                    \
    u[3] = c + e; u[4] = c - e; u[5] = w2;                                  \
  } while (0)

// Gᵀ of six vectors, which makes three.
#define TRANSFORM_WEIGHT_GRADIENTS(u, w)                                    \
  do {                                                                      \
    const Double8Lanes a = (-128 / 243.0) * (u[1] + u[2]);                  \
    const Double8Lanes b = (-128 / 243.0) * (u[1] - u[2]);                  \
    const Double8Lanes c = (32 / 243.0) * (u[3] + u[4]);                    \
    const Double8Lanes e = (32 / 243.0) * (u[3] - u[4]);                    \
    w[0] = (64 / 81.0) * u[0] + (a + c);                                    \
    w[1] = 0.75 * b + 1.5 * e;                                              \
    w[2] = u[5] + (0.5625 * a + 2.25 * c);                                  \
  } while (0)

// So many pairs of an input and an output together: the 36 rows of their transformed weights are far
// apart in memory, and often in one set of the first cache.
enum { pairsAtOnce = 64 };

#endif

typedef ELEMENT OF(Pairs) __attribute__((vector_size(8 * sizeof(ELEMENT))));
typedef ELEMENT OF(PairsInMemory)
    __attribute__((vector_size(8 * sizeof(ELEMENT)), aligned(sizeof(ELEMENT))));

// G w Gᵀ for all pairs: transformed[36][outputs][inputs] of weight[outputs][inputs][3][3]; turned, with
// the two exchanged, transformed[36][inputs][outputs]. After them the weights themselves, in the same
// order, [outputs][inputs][3][3] or [inputs][outputs][3][3]. Returns whether all is finite.
static int OF(winogradWeights)(
    size_t inputs, size_t outputs, const void *restrict weights, int turns,
    void *restrict filters) {
  const ELEMENT *weight = weights;
  ELEMENT *transformed = filters;
  const size_t slow = turns ? inputs : outputs, fast = turns ? outputs : inputs;
  const size_t slowStep = turns ? 9 : 9 * inputs, fastStep = turns ? 9 * inputs : 9;
  ELEMENT rows[windowCount][pairsAtOnce];
  Double8Lanes zeros = {};
  for (size_t i = 0; i < slow; i++)
    for (size_t first = 0; first < fast; first += pairsAtOnce) {
      const size_t count = smaller(fast - first, pairsAtOnce);
      ELEMENT *restrict plain = transformed + windowCount * slow * fast + (i * fast + first) * 9;
      for (size_t j = 0; j < count; j++)
        for (size_t tap = 0; tap < 9; tap++)
          plain[j * 9 + tap] =
              weight[i * slowStep + (first + j) * fastStep + (turns ? 8 - tap : tap)];
      for (size_t j = 0; j < count; j += 8) {
        double lanes[9][8] = {};
        for (size_t k = 0; k < 8 && j + k < count; k++)
          for (size_t tap = 0; tap < 9; tap++) lanes[tap][k] = plain[(j + k) * 9 + tap];
        Double8Lanes w[9], half[3][windowSide], all[windowSide];
        memcpy(w, lanes, sizeof w);
        for (size_t tap = 0; tap < 3; tap++)
          TRANSFORM_WEIGHTS(w[tap], w[3 + tap], w[6 + tap], half[tap]);
        for (size_t row = 0; row < windowSide; row++) {
          TRANSFORM_WEIGHTS(half[0][row], half[1][row], half[2][row], all);
          for (size_t column = 0; column < windowSide; column++) {
            const OF(Pairs) rounded = __builtin_convertvector(all[column], OF(Pairs));
            zeros += __builtin_convertvector(rounded, Double8Lanes) * 0;
            *(OF(PairsInMemory) *)(rows[row * windowSide + column] + j) = rounded;
          }
        }
      }
      for (size_t p = 0; p < windowCount; p++)
        memcpy(transformed + (p * slow + i) * fast + first, rows[p], count * sizeof(ELEMENT));
    }
  return total8(zeros) == 0;
}

// Gᵀ u G for all pairs: dweight[outputs][inputs][3][3] of transformed[36][outputs][inputs]. Returns
// whether all of it is finite.
static int OF(winogradWeightGradient)(
    size_t inputs, size_t outputs, const void *restrict filters, void *restrict dweights) {
  const ELEMENT *transformed = filters;
  ELEMENT *dweight = dweights;
  const size_t pairs = inputs * outputs;
  ELEMENT rows[windowCount][pairsAtOnce] = {};
  ELEMENT zeros = 0;
  for (size_t first = 0; first < pairs; first += pairsAtOnce) {
    const size_t count = smaller(pairs - first, pairsAtOnce);
    for (size_t p = 0; p < windowCount; p++)
      memcpy(rows[p], transformed + p * pairs + first, count * sizeof(ELEMENT));
    for (size_t j = 0; j < count; j += 8) {
      Double8Lanes half[windowSide][3], u[windowSide], w[3];
      for (size_t column = 0; column < windowSide; column++) {
        for (size_t row = 0; row < windowSide; row++) {
          const ELEMENT *source = rows[row * windowSide + column] + j;
          u[row] = __builtin_convertvector(*(const OF(PairsInMemory) *)source, Double8Lanes);
        }
        TRANSFORM_WEIGHT_GRADIENTS(u, half[column]);
      }
      double lanes[9][8];
      for (size_t row = 0; row < 3; row++) {
        for (size_t column = 0; column < windowSide; column++) u[column] = half[column][row];
        TRANSFORM_WEIGHT_GRADIENTS(u, w);
        memcpy(lanes[3 * row], w, sizeof w);
      }
      for (size_t k = 0; k < 8 && j + k < count; k++)
        for (size_t tap = 0; tap < 9; tap++) {
          const ELEMENT sum = (ELEMENT)lanes[tap][k];
          dweight[(first + j + k) * 9 + tap] = sum;
          zeros += sum * 0;
        }
    }
  }
  return zeros == 0;
}
