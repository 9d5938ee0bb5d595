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

// x: [count, width] -> y: [extent, width], to which the columns first ..< last are added. A place that is met often has
// a row of sums in float64, numbered in `rows`: -1 for others, NULL if there are none.
#define SCATTER_ADD(Name, Element)                                                           \
  static void scatterAdd##Name(                                                              \
      const void *restrict xs, const int32_t *restrict places, size_t count, size_t extent,  \
      size_t width, size_t first, size_t last, const int32_t *restrict rows,                 \
      double *restrict sums, void *restrict ys) {                                            \
    const Element *x = xs;                                                                   \
    Element *y = ys;                                                                         \
    const size_t taken = last - first;                                                       \
    if (width == 1 && !rows) {                                                               \
      for (size_t i = 0; i < count; i++) y[placeWithin(places[i], extent)] += x[i];          \
      return;                                                                                \
    }                                                                                        \
    for (size_t place = 0; rows && place < extent; place++)                                  \
      if (rows[place] >= 0)                                                                  \
        memset(sums + (size_t)rows[place] * taken, 0, taken * sizeof(double));               \
    for (size_t i = 0; i < count; i++, x += width) {                                         \
      const size_t place = placeWithin(places[i], extent);                                   \
      if (rows && rows[place] >= 0) {                                                        \
        double *const sum = sums + (size_t)rows[place] * taken;                              \
        for (size_t j = 0; j < taken; j++) sum[j] += x[first + j];                           \
        continue;                                                                            \
      }                                                                                      \
      Element *const target = y + place * width;                                             \
      for (size_t j = first; j < last; j++) target[j] += x[j];                               \
    }                                                                                        \
    for (size_t place = 0; rows && place < extent; place++) {                                \
      if (rows[place] < 0) continue;                                                         \
      const double *const sum = sums + (size_t)rows[place] * taken;                          \
      for (size_t j = 0; j < taken; j++) y[place * width + first + j] = (Element)sum[j];     \
    }                                                                                        \
  }
SCATTER_ADD(Float, float)
SCATTER_ADD(Double, double)
#undef SCATTER_ADD
