// A scale and a shift for each channel.

// y = x · scale + shift, with numbers of their own for each channel; for rows first ..< last of outer.
static void LABEL(channelAffine)(
    AdjointBatchShape shape, size_t first, size_t last, const void *restrict xs,
    const void *restrict scales, const void *restrict shifts, void *restrict ys) {
  const ELEMENT *x = xs, *scale = scales, *shift = shifts;
  ELEMENT *y = ys;
  const size_t inner = shape.inner, channels = shape.channels;
  for (size_t n = first; n < last; n++) {
    const size_t start = n * channels * inner;
    if (inner == 1) {
      for (size_t c = 0; c < channels; c++) y[start + c] = x[start + c] * scale[c] + shift[c];
      continue;
    }
    for (size_t c = 0; c < channels; c++) {
      const ELEMENT factor = scale[c], summand = shift[c];
      const size_t from = start + c * inner;
      for (size_t i = from; i < from + inner; i++) y[i] = x[i] * factor + summand;
    }
  }
}
