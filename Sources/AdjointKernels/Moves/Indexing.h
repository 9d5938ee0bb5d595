// Elements at places that are data themselves; negative ones count from the end.

INLINE size_t placeWithin(int32_t place, size_t extent) {
  return place < 0 ? extent + (size_t)(int64_t)place : (size_t)place;
}

static size_t firstPlaceOutside(const int32_t *restrict places, size_t count, size_t extent) {
  enum { block = 64 };
  size_t i = 0;
  for (; i + block <= count; i += block) {
    int isOutside = 0;
    for (size_t k = 0; k < block; k++) isOutside |= placeWithin(places[i + k], extent) >= extent;
    if (isOutside) break;
  }
  while (i < count && placeWithin(places[i], extent) < extent) i++;
  return i;
}

// Slices of `size` bytes. One by one: instructions that gather, which a compiler would take, are slower.
static void gather(
    const void *restrict x, const int32_t *restrict places, size_t count, size_t extent,
    size_t size, void *restrict y) {
  if (size == 4) {
    const uint32_t *source = x;
    uint32_t *target = y;
#pragma clang loop vectorize(disable) unroll_count(8)
    for (size_t i = 0; i < count; i++) target[i] = source[placeWithin(places[i], extent)];
  } else if (size == 8) {
    const uint64_t *source = x;
    uint64_t *target = y;
#pragma clang loop vectorize(disable) unroll_count(8)
    for (size_t i = 0; i < count; i++) target[i] = source[placeWithin(places[i], extent)];
  } else {
    for (size_t i = 0; i < count; i++)
      memcpy((char *)y + i * size, (const char *)x + placeWithin(places[i], extent) * size, size);
  }
}

// x: [count, width] -> y: [extent, width], to which the columns first ..< last are added.
#define SCATTER_ADD(Name, Element)                                                           \
  static void scatterAdd##Name(                                                              \
      const void *restrict xs, const int32_t *restrict places, size_t count, size_t extent,  \
      size_t width, size_t first, size_t last, void *restrict ys) {                          \
    const Element *x = xs;                                                                   \
    Element *y = ys;                                                                         \
    if (width == 1) {                                                                        \
      for (size_t i = 0; i < count; i++) y[placeWithin(places[i], extent)] += x[i];          \
      return;                                                                                \
    }                                                                                        \
    for (size_t i = 0; i < count; i++, x += width) {                                         \
      Element *const target = y + placeWithin(places[i], extent) * width;                    \
      for (size_t j = first; j < last; j++) target[j] += x[j];                               \
    }                                                                                        \
  }
SCATTER_ADD(Float, float)
SCATTER_ADD(Double, double)
#undef SCATTER_ADD
