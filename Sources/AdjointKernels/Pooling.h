// The largest of windows of 2 by 2, of planes with even extents; the first of equal ones, as NaN is the
// largest.

static void maxPool2(
    const float *restrict x, size_t planes, size_t height, size_t width, float *restrict y,
    int32_t *restrict place) {
  for (size_t line = 0; line < planes * height / 2; line++) {
    const float *above = x + 2 * line * width, *below = above + width;
    const int32_t start = (int32_t)(2 * line % height * width);
    for (size_t i = 0; i < width / 2; i++) {
      const float a = above[2 * i], b = above[2 * i + 1], c = below[2 * i], d = below[2 * i + 1];
      float most = a;
      int32_t where = 0;
      where = b > most || (b != b && most == most) ? 1 : where;
      most = where == 1 ? b : most;
      const int isThird = c > most || (c != c && most == most);
      where = isThird ? (int32_t)width : where;
      most = isThird ? c : most;
      const int isFourth = d > most || (d != d && most == most);
      where = isFourth ? (int32_t)width + 1 : where;
      most = isFourth ? d : most;
      y[line * (width / 2) + i] = most;
      place[line * (width / 2) + i] = start + (int32_t)(2 * i) + where;
    }
  }
}

static void maxPoolGradient2(
    const float *restrict dy, const int32_t *restrict place, size_t planes, size_t height,
    size_t width, float *restrict dx) {
  for (size_t line = 0; line < planes * height / 2; line++) {
    float *above = dx + 2 * line * width, *below = above + width;
    const int32_t start = (int32_t)(2 * line % height * width), wide = (int32_t)width;
    for (size_t i = 0; i < width / 2; i++) {
      const float g = dy[line * (width / 2) + i];
      const int32_t where = place[line * (width / 2) + i] - start - (int32_t)(2 * i);
      above[2 * i] = where == 0 ? g : 0;
      above[2 * i + 1] = where == 1 ? g : 0;
      below[2 * i] = where == wide ? g : 0;
      below[2 * i + 1] = where == wide + 1 ? g : 0;
    }
  }
}
