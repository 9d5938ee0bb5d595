// Random numbers from a counter: Philox4x32-10, eight blocks at a time.
//
// Source: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011), §3.3.

typedef uint64_t RandomWords __attribute__((vector_size(64)));
typedef uint32_t RandomHalves __attribute__((vector_size(32)));

// Eight blocks of four words of 32 bits, a, b, c and d. Two of them make one of 64: a and b, c and d,
// the upper half second.
typedef struct {
  RandomWords a, b, c, d;
} RandomBlocks;

INLINE RandomBlocks randomBlocks(uint64_t seed, uint64_t draw, uint64_t first) {
  const RandomWords low = (RandomWords){} + 0xffffffff;
  // Above their lower halves, words are not kept clear: products leave that out.
  RandomWords a = first + (RandomWords){0, 1, 2, 3, 4, 5, 6, 7}, b = a >> 32;
  RandomWords c = (RandomWords){} + (draw & 0xffffffff), d = (RandomWords){} + (draw >> 32);
  uint32_t left = (uint32_t)seed, right = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
  for (int round = 0; round < 10; round++, left += 0x9E3779B9, right += 0xBB67AE85) {
    const RandomWords m = (a & low) * 0xD2511F53, n = (c & low) * 0xCD9E8D57;
    a = (n >> 32) ^ b ^ left;
    b = n;
    c = (m >> 32) ^ d ^ right;
    d = m;
  }
  return (RandomBlocks){a & low, b & low, c & low, d & low};
}

// The upper 53 bits of words of 64, as numbers: 2²¹ times the upper half, and 21 bits of the lower one. Both are
// put below the exponent of 2⁵².
INLINE Double8Lanes upperBits(RandomWords low, RandomWords high) {
  const RandomWords whole = (RandomWords)((Double8Lanes){} + 0x1p52);
  const Double8Lanes upper = (Double8Lanes)(high | whole) - 0x1p52;
  const Double8Lanes lower = (Double8Lanes)(low >> 11 | whole) - 0x1p52;
  return upper * 0x1p21 + lower;
}

// Sixteen numbers in their order, of which some are the first and some the second of their blocks.
typedef struct {
  Double8Lanes low, high;
} RandomNumbers;

INLINE RandomNumbers interleaved(Double8Lanes first, Double8Lanes second) {
  return (RandomNumbers){
      __builtin_shufflevector(first, second, 0, 8, 1, 9, 2, 10, 3, 11),
      __builtin_shufflevector(first, second, 4, 12, 5, 13, 6, 14, 7, 15)};
}

// y: numbers 0 ..< count of those that are uniform in 0 ..< 1, multiples of 2^-24, from block `first`
// on. A block of four words gives two: the upper 24 bits of its second and of its fourth word.
static void uniformFloat(
    uint64_t seed, uint64_t draw, uint64_t first, size_t count, void *restrict ys) {
  float *y = ys;
  for (size_t i = 0; i < count; i += 16) {
    const RandomBlocks blocks = randomBlocks(seed, draw, first + i / 2);
    const RandomHalves second = __builtin_convertvector(blocks.b, RandomHalves);
    const RandomHalves fourth = __builtin_convertvector(blocks.d, RandomHalves);
    const UInt16Lanes words = __builtin_shufflevector(
        second, fourth, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    const Float16Lanes value =
        __builtin_convertvector((Int16Lanes)(words >> 8), Float16Lanes) * 0x1p-24f;
    storeUpToFloat(y + i, value, count - i < 16 ? count - i : 16);
  }
}

// The same with 53 bits.
static void uniformDouble(
    uint64_t seed, uint64_t draw, uint64_t first, size_t count, void *restrict ys) {
  double *y = ys;
  for (size_t i = 0; i < count; i += 16) {
    const RandomBlocks blocks = randomBlocks(seed, draw, first + i / 2);
    const RandomNumbers value = interleaved(
        upperBits(blocks.a, blocks.b) * 0x1p-53, upperBits(blocks.c, blocks.d) * 0x1p-53);
    const size_t left = count - i;
    storeUpToDouble(y + i, value.low, left < 8 ? left : 8);
    if (left > 8) storeUpToDouble(y + i + 8, value.high, left < 16 ? left - 8 : 8);
  }
}
