// An angle as a number of quarter turns and a rest, for sin and cos of both types. In double: so float
// loses nothing, however near to a multiple of π/2.

// 2/π after the point, in words of 64 bits, behind a word of zeros.
static const uint64_t turnsPerRadian[] = {
    0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
    0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e,
    0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b,
    0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
    0xf0cfbc209af4361d};

// The rest of x = n·π/2 + rest, |rest| ≤ π/4, for |x| of at least 2¹⁹ (M. Payne & R. Hanek, 1983):
// x = m·2ᵉ with an integer m of 53 bits; of 2/π, what is a multiple of four turns after multiplication
// is left out, and 192 bits after it are enough.
static double restOfLargeAngle(double x, int64_t *n) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint64_t m = (bits & ((1ull << 52) - 1)) | (1ull << 52);
  const int e = (int)(bits >> 52 & 2047) - 1075;
  const int first = e - 2 + 64, word = first >> 6, shift = first & 63;
  uint64_t part[3];
  for (int i = 0; i < 3; i++) {
    const uint64_t next = shift ? turnsPerRadian[word + i + 1] >> (64 - shift) : 0;
    part[i] = turnsPerRadian[word + i] << shift | next;
  }
  const unsigned __int128 low = (unsigned __int128)m * part[2];
  const unsigned __int128 middle = (unsigned __int128)m * part[1] + (uint64_t)(low >> 64);
  const uint64_t high = m * part[0] + (uint64_t)(middle >> 64);
  // Two bits of turns, and 126 of the turn's fraction; from a half on, it is what is missing.
  unsigned __int128 fraction = ((unsigned __int128)high << 64 | (uint64_t)middle) << 2
      | (uint64_t)low >> 62;
  const int isAbove = (int)(fraction >> 127);
  const int64_t turns = (int64_t)(high >> 62) + isAbove;
  if (isAbove) fraction = -fraction;
  // Its 64 leading bits, times π/2 in as many.
  const uint64_t top = (uint64_t)(fraction >> 64);
  const int zeros = top ? __builtin_clzll(top) : 64;
  const uint64_t leading = (uint64_t)((zeros < 64 ? fraction << zeros : fraction << 63 << 1) >> 64);
  const uint64_t halfPi = 0xc90fdaa22168c235;
  const double value = (double)(uint64_t)((unsigned __int128)leading * halfPi >> 64);
  // 2⁻⁶³ for that of π/2, and 2^−zeros.
  const uint64_t exponent = (uint64_t)(1023 - 63 - zeros) << 52;
  double unit;
  memcpy(&unit, &exponent, sizeof unit);
  const int isNegative = (bits >> 63) != 0;
  *n = isNegative ? -turns : turns;
  return isNegative != isAbove ? -value * unit : value * unit;
}

// The rest, and the number of quarter turns in the lowest bits of n. π/2 is in parts (W. Cody & W.
// Waite, 1980); the products are exact where it matters.
OVERLOAD Double8Lanes restOfAngle(Double8Lanes x, Long8Lanes *n) {
  const Double8Lanes sum = multiplyAdd(x, all(0.63661977236758134), all(ROUNDER));
  const Double8Lanes turns = sum - ROUNDER;
  *n = (Long8Lanes)sum;
#if HAS_FUSED
  // All are positive: so −0 stays −0.
  Double8Lanes rest = multiplyAdd(turns, all(-1.5707963267948966), x);
  rest = multiplyAdd(turns, all(-6.123233995736765e-17), rest);
  rest = multiplyAdd(turns, all(-1.082856673921914e-32), rest);
#else
  // In 33 bits each, as those of the turns are 20.
  Double8Lanes rest = x - turns * 1.5707963267341256;
  rest = rest - turns * 6.077100506303966e-11;
  rest = rest - turns * 2.0222662487111665e-21;
  rest = rest - turns * 8.4784276603689e-32;
#endif
  // ∞ is not among the large ones: it leaves NaN.
  const Long8Lanes isLarge = (magnitude(x) > 524288) & (magnitude(x) < __builtin_inf());
  if (any(isLarge))
    for (int lane = 0; lane < 8; lane++)
      if (isLarge[lane]) {
        int64_t count;
        rest[lane] = restOfLargeAngle(x[lane], &count);
        (*n)[lane] = count;
      }
  return rest;
}

OVERLOAD Float16Lanes restOfAngle(Float16Lanes x, Int16Lanes *n) {
  typedef int32_t IntHalfLanes __attribute__((vector_size(32)));
  Long8Lanes count[2];
  Double8Lanes rest[2];
  const Float8Lanes half[] = {
      __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7),
      __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15)};
#pragma clang loop unroll(full)
  for (int i = 0; i < 2; i++)
    rest[i] = restOfAngle(__builtin_convertvector(half[i], Double8Lanes), &count[i]);
#define JOINED(part, Half)                                                                  \
  __builtin_shufflevector(                                                                  \
      __builtin_convertvector(part[0], Half), __builtin_convertvector(part[1], Half), 0, 1, \
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
  *n = JOINED(count, IntHalfLanes);
  return JOINED(rest, Float8Lanes);
#undef JOINED
}
