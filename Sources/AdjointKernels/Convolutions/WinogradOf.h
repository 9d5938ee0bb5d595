// Winograd's convolutions for one element type: included once for float and once for double, with
// ELEMENT the type and OF(name) a name of its own.
//
// Tiles are transformed and multiplied in blocks. A tile that does not come out finite is made again,
// directly.

// The number of tiles of a block: what belongs to them stays in the second cache.
//
// Four blocks or a multiple of it, so that they can be shared out evenly.
static size_t OF(blockLength)(AdjointConvolution s) {
  const size_t all = tiling(s).all;
  size_t fitting =
      (size_t)(1 << 20) / (windowCount * sizeof(ELEMENT) * (s.inputs + s.outputs));
  fitting = fitting < 32 ? 32 : smaller(fitting, longestRun);
  const size_t blocks = ((all + fitting - 1) / fitting + 3) / 4 * 4;
  return blocks == 0 ? 16 : ((all + blocks - 1) / blocks + 15) & ~(size_t)15;
}

static size_t OF(winogradBlocks)(AdjointConvolution s) {
  const size_t length = OF(blockLength)(s);
  return (tiling(s).all + length - 1) / length;
}

// Transformed inputs and products of a block, the windows of one channel, which tiles are spoilt, and
// what a product needs.
static size_t OF(winogradScratch)(AdjointConvolution s) {
  const size_t length = OF(blockLength)(s);
  const size_t forward = OF(productScratch)(s.outputs, s.inputs, length);
  const size_t gradient = OF(productScratch)(s.outputs, length, s.inputs);
  const size_t direct = OF(productScratch)(s.outputs, 9 * s.inputs, tileSide * tileSide);
  return windowCount * (length * (s.inputs + s.outputs) + pitch(length)) + length +
         greater(forward, greater(gradient, direct));
}

// The transformed inputs of tiles first ..< last: values[36][inputs][length].
INLINE void OF(transformInputs)(
    AdjointConvolution s, Tiling t, size_t first, size_t last, const ELEMENT *x, ELEMENT *values,
    size_t length, ELEMENT *windows) {
  for (size_t c = 0; c < s.inputs; c++) {
    FOR_EACH_RUN(OF(readWindows)(
        s, x + (n * s.inputs + c) * s.extents[1] * s.extents[2], row, column, count,
        windows + place, length))
    OF(transformWindows)(windows, length, values + c * length, s.inputs * length);
  }
}

// One tile, directly, as a convolution by way of columns makes it: columns[inputs][9][16], and
// results[outputs][16].
static void OF(directTile)(
    AdjointConvolution s, Tiling t, size_t tile, const ELEMENT *x, const ELEMENT *weight,
    ELEMENT *y, ELEMENT *restrict columns, ELEMENT *restrict results, ELEMENT *own) {
  const size_t n = tile / t.inPlane, size = tileSide * tileSide;
  const size_t top = tile % t.inPlane / t.columns * tileSide, left = tile % t.columns * tileSide;
  const size_t height = s.extents[1], width = s.extents[2];
  const ELEMENT *image = x + n * s.inputs * height * width;
  for (size_t c = 0; c < s.inputs; c++)
    for (size_t tap = 0; tap < 9; tap++)
      for (size_t k = 0; k < size; k++) {
        // Numbers before the first wrap around, and so are past the end.
        const size_t i = top + k / tileSide + tap / 3 - s.before[1];
        const size_t j = left + k % tileSide + tap % 3 - s.before[2];
        const int isInside = i < height && j < width;
        columns[(c * 9 + tap) * size + k] = isInside ? image[(c * height + i) * width + j] : 0;
      }
  OF(product)(
      s.outputs, 9 * s.inputs, size, weight, 9 * s.inputs, 1, columns, size, 1, NULL, results,
      size, NULL, adjointByTiles, 0, own);
  for (size_t o = 0; o < s.outputs; o++)
    for (size_t i = 0; i < tileSide && top + i < s.counts[1]; i++)
      for (size_t j = 0; j < tileSide && left + j < s.counts[2]; j++)
        y[((n * s.outputs + o) * s.counts[1] + top + i) * s.counts[2] + left + j] =
            results[o * size + i * tileSide + j];
}

static void OF(winograd)(
    AdjointConvolution s, size_t firstBlock, size_t lastBlock, const void *xs, const void *filters,
    void *ys, void *memory) {
  const ELEMENT *x = xs, *transformed = filters;
  ELEMENT *y = ys, *scratch = memory;
  const Tiling t = tiling(s);
  const size_t length = OF(blockLength)(s), pairs = s.inputs * s.outputs;
  const size_t channels = atOnce(s.inputs, s.inputs < 16 ? 1 : 2);
  ELEMENT *const values = scratch, *const products = values + windowCount * s.inputs * length;
  ELEMENT *const windows = products + windowCount * s.outputs * length;
  ELEMENT *const spoilt = windows + windowCount * pitch(length), *const own = spoilt + length;
  memset(windows, 0, windowCount * pitch(length) * sizeof(ELEMENT));
  for (size_t block = firstBlock; block < lastBlock; block++) {
    const size_t first = block * length, last = smaller(first + length, t.all);
    OF(transformInputs)(s, t, first, last, x, values, length, windows);
    for (size_t p = 0; p < windowCount; p++)
      for (size_t c = 0; c < s.inputs; c += channels)
        OF(product)(
            s.outputs, smaller(s.inputs - c, channels), length, transformed + p * pairs + c,
            s.inputs, 1, values + (p * s.inputs + c) * length, length, 1, NULL,
            products + p * s.outputs * length, length, NULL, adjointByTiles, c > 0, own);
    memset(spoilt, 0, length * sizeof(ELEMENT));
    for (size_t o = 0; o < s.outputs; o++) {
      OF(transformProducts)(products + o * length, s.outputs * length, length, windows, spoilt);
      FOR_EACH_RUN(OF(writeTiles)(
          s, windows + place, length, row, column, count,
          y + (n * s.outputs + o) * s.counts[1] * s.counts[2]))
    }
    for (size_t tile = first; tile < last; tile++)
      if (spoilt[tile - first] != 0)
        OF(directTile)(s, t, tile, x, transformed + windowCount * pairs, y, values, products, own);
  }
}

static void OF(winogradGradient)(
    AdjointConvolution s, size_t firstBlock, size_t lastBlock, const void *xs, const void *dys,
    void *filters, void *memory) {
  const ELEMENT *x = xs, *dy = dys;
  ELEMENT *transformed = filters, *scratch = memory;
  const Tiling t = tiling(s);
  const size_t length = OF(blockLength)(s), pairs = s.inputs * s.outputs;
  const size_t summands = atOnce(length, 1);
  ELEMENT *const values = scratch, *const gradients = values + windowCount * s.inputs * length;
  ELEMENT *const windows = gradients + windowCount * s.outputs * length;
  ELEMENT *const own = windows + windowCount * pitch(length);
  for (size_t block = firstBlock; block < lastBlock; block++) {
    const size_t first = block * length, last = smaller(first + length, t.all);
    // Where a block is not full, what is left over adds zeros.
    memset(windows, 0, windowCount * pitch(length) * sizeof(ELEMENT));
    OF(transformInputs)(s, t, first, last, x, values, length, windows);
    memset(windows, 0, windowCount * pitch(length) * sizeof(ELEMENT));
    for (size_t o = 0; o < s.outputs; o++) {
      FOR_EACH_RUN(OF(readTiles)(
          s, dy + (n * s.outputs + o) * s.counts[1] * s.counts[2], row, column, count,
          windows + place, length))
      OF(transformGradients)(windows, length, gradients + o * length, s.outputs * length);
    }
    for (size_t p = 0; p < windowCount; p++)
      for (size_t k = 0; k < length; k += summands)
        OF(product)(
            s.outputs, smaller(length - k, summands), s.inputs,
            gradients + p * s.outputs * length + k, length, 1, values + p * s.inputs * length + k,
            1, length, NULL, transformed + p * pairs, s.inputs, NULL, adjointByTiles, 1, own);
  }
}
