// Images taken apart into tiles, eight side by side at once, and put together again, for one element
// type: included once for float and once for double, with ELEMENT the type and OF(name) a name of its
// own.

typedef ELEMENT OF(Sixteen) __attribute__((vector_size(16 * sizeof(ELEMENT))));
typedef ELEMENT OF(SixteenInMemory)
    __attribute__((vector_size(16 * sizeof(ELEMENT)), aligned(sizeof(ELEMENT))));

#define EIGHT(place) (*(OF(EightInMemory) *)(place))
#define EIGHT_OF(place) (*(const OF(EightInMemory) *)(place))
#define SIXTEEN(place) (*(OF(SixteenInMemory) *)(place))
#define SIXTEEN_OF(place) (*(const OF(SixteenInMemory) *)(place))

// Every fourth of 32 elements, from the first, the second, the third and the fourth on.
INLINE void OF(takeApart)(const ELEMENT *restrict source, ELEMENT *restrict target, size_t step) {
  const OF(Sixteen) a = SIXTEEN_OF(source), b = SIXTEEN_OF(source + 16);
  EIGHT(target) = __builtin_shufflevector(a, b, 0, 4, 8, 12, 16, 20, 24, 28);
  EIGHT(target + step) = __builtin_shufflevector(a, b, 1, 5, 9, 13, 17, 21, 25, 29);
  EIGHT(target + 2 * step) = __builtin_shufflevector(a, b, 2, 6, 10, 14, 18, 22, 26, 30);
  EIGHT(target + 3 * step) = __builtin_shufflevector(a, b, 3, 7, 11, 15, 19, 23, 27, 31);
}

// The other way round.
INLINE void OF(putTogether)(const ELEMENT *restrict source, size_t step, ELEMENT *restrict target) {
  const OF(Eight) a = EIGHT_OF(source), b = EIGHT_OF(source + step);
  const OF(Eight) c = EIGHT_OF(source + 2 * step), d = EIGHT_OF(source + 3 * step);
  const OF(Sixteen) ab =
      __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  const OF(Sixteen) cd =
      __builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  SIXTEEN(target) =
      __builtin_shufflevector(ab, cd, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23);
  SIXTEEN(target + 16) = __builtin_shufflevector(
      ab, cd, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31);
}

// The windows of a run of tiles, element by element: windows[36][pitch(length)].
static void OF(readWindows)(
    AdjointConvolution s, const ELEMENT *restrict plane, size_t row, size_t column, size_t count,
    ELEMENT *restrict windows, size_t length) {
  ELEMENT lines[windowSide * lineLength];
  const size_t step = pitch(length), width = s.extents[2];
  const size_t wide = tileSide * ((count + tilesAtOnce - 1) / tilesAtOnce * tilesAtOnce) + 4;
  const ptrdiff_t left = (ptrdiff_t)(tileSide * column) - (ptrdiff_t)s.before[2];
  const ptrdiff_t from = left < 0 ? -left : 0;
  ptrdiff_t until = (ptrdiff_t)width - left;
  if (until > (ptrdiff_t)(tileSide * count + 2)) until = (ptrdiff_t)(tileSide * count + 2);
  // All rows first: what was just written is read at other borders, for which the processor would wait.
  for (size_t i = 0; i < windowSide; i++) {
    const ptrdiff_t y = (ptrdiff_t)(tileSide * row + i) - (ptrdiff_t)s.before[1];
    ELEMENT *restrict line = lines + i * wide;
    if (y < 0 || y >= (ptrdiff_t)s.extents[1] || until <= from) {
      OF(clearRow)(line, wide);
    } else {
      for (ptrdiff_t x = 0; x < from; x++) line[x] = 0;
      OF(copyRow)(
          line + from, plane + y * (ptrdiff_t)width + left + from, (size_t)(until - from));
      OF(clearRow)(line + until, wide - (size_t)until);
    }
  }
  for (size_t i = 0; i < windowSide; i++) {
    ELEMENT *restrict w = windows + i * windowSide * step;
    for (size_t k = 0; k < count; k += tilesAtOnce) {
      const ELEMENT *source = lines + i * wide + tileSide * k;
      OF(takeApart)(source, w + k, step);
      const OF(Sixteen) a = SIXTEEN_OF(source + 4), b = SIXTEEN_OF(source + 20);
      EIGHT(w + 4 * step + k) = __builtin_shufflevector(a, b, 0, 4, 8, 12, 16, 20, 24, 28);
      EIGHT(w + 5 * step + k) = __builtin_shufflevector(a, b, 1, 5, 9, 13, 17, 21, 25, 29);
    }
  }
}

// The results of a run of tiles from tiles[16][pitch(length)].
static void OF(writeTiles)(
    AdjointConvolution s, const ELEMENT *restrict tiles, size_t length, size_t row, size_t column,
    size_t count, ELEMENT *restrict plane) {
  ELEMENT line[lineLength];
  const size_t left = tileSide * column, step = pitch(length);
  const size_t wide = smaller(s.counts[2] - left, tileSide * count);
  for (size_t i = 0; i < tileSide && tileSide * row + i < s.counts[1]; i++) {
    for (size_t k = 0; k < count; k += tilesAtOnce)
      OF(putTogether)(tiles + i * tileSide * step + k, step, line + tileSide * k);
    OF(copyRow)(plane + (tileSide * row + i) * s.counts[2] + left, line, wide);
  }
}

// The gradients of a run of tiles, with zeros where the image ends: tiles[16][pitch(length)].
static void OF(readTiles)(
    AdjointConvolution s, const ELEMENT *restrict plane, size_t row, size_t column, size_t count,
    ELEMENT *restrict tiles, size_t length) {
  ELEMENT line[lineLength];
  const size_t left = tileSide * column, step = pitch(length);
  const size_t whole = tileSide * ((count + tilesAtOnce - 1) / tilesAtOnce * tilesAtOnce);
  const size_t wide = smaller(s.counts[2] - left, tileSide * count);
  for (size_t i = 0; i < tileSide; i++) {
    const size_t y = tileSide * row + i;
    if (y >= s.counts[1]) {
      OF(clearRow)(line, whole);
    } else {
      OF(copyRow)(line, plane + y * s.counts[2] + left, wide);
      OF(clearRow)(line + wide, whole - wide);
    }
    for (size_t k = 0; k < count; k += tilesAtOnce)
      OF(takeApart)(line + tileSide * k, tiles + i * tileSide * step + k, step);
  }
}

#undef SIXTEEN_OF
#undef SIXTEEN
#undef EIGHT_OF
#undef EIGHT
