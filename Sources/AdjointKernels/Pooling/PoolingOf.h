// Pooling by any windows, one after the other.

INLINE int LABEL(isLarger)(ELEMENT b, ELEMENT a) { return b > a || (b != b && a == a); }

// The largest of each window, and its place in the plane: the first of equal ones, as NaN is the
// largest. Every window has an element.
static void LABEL(maxPool)(
    AdjointPooling shape, size_t planes, const void *restrict xs, void *restrict ys,
    int32_t *restrict place) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t plane = 0; plane < planes; plane++) {
    EACH_WINDOW({
      ELEMENT most = -__builtin_inff();
      ptrdiff_t where = -1;
      EACH_TAP({
        const int isNew = where < 0 || LABEL(isLarger)(x[element], most);
        most = isNew ? x[element] : most;
        where = isNew ? element : where;
      })
      y[window] = most;
      place[window] = (int32_t)where;
    })
    x += planeSize(shape.extents);
    y += planeSize(shape.counts);
    place += planeSize(shape.counts);
  }
}

// The sum of each window, in double, divided by its divisor.
static void LABEL(averagePool)(
    AdjointPooling shape, size_t planes, const void *restrict xs, const double *restrict divisors,
    void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t plane = 0; plane < planes; plane++) {
    EACH_WINDOW({
      double sum = 0;
      EACH_TAP({ sum += x[element]; })
      y[window] = (ELEMENT)(sum / divisors[window]);
    })
    x += planeSize(shape.extents);
    y += planeSize(shape.counts);
  }
}

// Each element divided by the divisor of its window and added to all that the window reaches. `sums`
// is room for one plane.
static void LABEL(averagePoolGradient)(
    AdjointPooling shape, size_t planes, const void *restrict dys, const double *restrict divisors,
    void *restrict dxs, double *restrict sums) {
  const ELEMENT *dy = dys;
  ELEMENT *dx = dxs;
  const size_t size = planeSize(shape.extents);
  for (size_t plane = 0; plane < planes; plane++) {
    memset(sums, 0, size * sizeof(double));
    EACH_WINDOW({
      const double share = dy[window] / divisors[window];
      EACH_TAP({ sums[element] += share; })
    })
    for (size_t i = 0; i < size; i++) dx[i] = (ELEMENT)sums[i];
    dx += size;
    dy += planeSize(shape.counts);
  }
}

// dx, zeros but where a window has its place, which its gradient is added to.
static void LABEL(scatterPlaces)(
    size_t planes, size_t windows, size_t size, const void *restrict dys,
    const int32_t *restrict place, void *restrict dxs) {
  const ELEMENT *dy = dys;
  ELEMENT *dx = dxs;
  memset(dx, 0, planes * size * sizeof(ELEMENT));
  for (size_t plane = 0; plane < planes; plane++, dx += size)
    for (size_t i = 0; i < windows; i++) dx[*place++] += *dy++;
}

// y, what stands at the place of each window.
static void LABEL(gatherPlaces)(
    size_t planes, size_t windows, size_t size, const void *restrict xs,
    const int32_t *restrict place, void *restrict ys) {
  const ELEMENT *x = xs;
  ELEMENT *y = ys;
  for (size_t plane = 0; plane < planes; plane++, x += size)
    for (size_t i = 0; i < windows; i++) *y++ = x[*place++];
}
