// Random numbers from a counter: Philox4x32-10, eight blocks at a time.
//
// Source: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011), §3.3.

typedef uint64_t UInt8Lanes __attribute__((vector_size(64)));
typedef uint32_t UInt8Halves __attribute__((vector_size(32)));

// y: numbers 0 ..< count of those that are uniform in 0 ..< 1, multiples of 2^-24, from block `first`
// on. A block of four words gives two: the upper 24 bits of its second and of its fourth word.
static void uniform(uint64_t seed, uint64_t draw, uint64_t first, size_t count, float *restrict y) {
  const UInt8Lanes low = (UInt8Lanes){} + 0xffffffff;
  for (size_t i = 0; i < count; i += 16) {
    const UInt8Lanes place = first + i / 2 + (UInt8Lanes){0, 1, 2, 3, 4, 5, 6, 7};
    UInt8Lanes a = place & low, b = place >> 32;
    UInt8Lanes c = (UInt8Lanes){} + (draw & 0xffffffff), d = (UInt8Lanes){} + (draw >> 32);
    uint32_t left = (uint32_t)seed, right = (uint32_t)(seed >> 32);
#pragma clang loop unroll(full)
    for (int round = 0; round < 10; round++, left += 0x9E3779B9, right += 0xBB67AE85) {
      const UInt8Lanes m = a * 0xD2511F53, n = c * 0xCD9E8D57;
      a = (n >> 32) ^ b ^ left;
      b = n & low;
      c = (m >> 32) ^ d ^ right;
      d = m & low;
    }
    const UInt8Halves second = __builtin_convertvector(b, UInt8Halves);
    const UInt8Halves fourth = __builtin_convertvector(d, UInt8Halves);
    const UInt16Lanes words = __builtin_shufflevector(
        second, fourth, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    const Float16Lanes value =
        __builtin_convertvector((Int16Lanes)(words >> 8), Float16Lanes) * 0x1p-24f;
    if (i + 16 <= count) store16(y + i, value);
    else storeFirst(y + i, value, count - i);
  }
}
