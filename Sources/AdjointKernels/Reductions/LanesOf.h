// Lanes of one kind of element, by names that end in the kind: included for each.

typedef ELEMENT OF(ReductionInMemory)
    __attribute__((vector_size(64), aligned(sizeof(ELEMENT))));

// The first `count` elements of a vector, and zeros.
INLINE LANES OF(loadUpTo)(const ELEMENT *source, size_t count) {
  if (count == LANE_COUNT) return *(const OF(ReductionInMemory) *)source;
#if REGISTER == 64 && defined(__x86_64__)
  const __mmask16 mask = (__mmask16)((1u << count) - 1);
  return sizeof(ELEMENT) == 4 ? (LANES)_mm512_maskz_loadu_epi32(mask, source)
                              : (LANES)_mm512_maskz_loadu_epi64((__mmask8)mask, source);
#else
  LANES value = {};
  memcpy(&value, source, count * sizeof(ELEMENT));
  return value;
#endif
}

INLINE void OF(storeUpTo)(ELEMENT *target, LANES value, size_t count) {
  if (count == LANE_COUNT) {
    *(OF(ReductionInMemory) *)target = value;
    return;
  }
#if REGISTER == 64 && defined(__x86_64__)
  const __mmask16 mask = (__mmask16)((1u << count) - 1);
  if (sizeof(ELEMENT) == 4) _mm512_mask_storeu_epi32(target, mask, (__m512i)value);
  else _mm512_mask_storeu_epi64(target, (__mmask8)mask, (__m512i)value);
#else
  memcpy(target, &value, count * sizeof(ELEMENT));
#endif
}

static const INTEGERS OF(laneNumbers) = LANE_NUMBERS;

// All bits of the first `count` lanes.
INLINE INTEGERS OF(leading)(size_t count) { return OF(laneNumbers) < (INTEGER)count; }
