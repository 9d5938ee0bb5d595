// Depthwise convolutions, for one element type: included once for float and once for double, with ELEMENT
// the type and OF(name) a name of its own.
//
// A sum is made tap by tap, and that of a weight's gradient in sixteen parts, image by image, whatever the
// number of threads.
//
// Longer than 250 lines: a template, which is included once for each element type.

typedef __typeof__(load16((const ELEMENT *)0)) OF(Sixteen);

// Every second element.
INLINE void OF(takeEven)(ELEMENT *restrict target, const ELEMENT *restrict source, size_t count) {
  size_t i = 0;
  // Of sixteen the last is not needed, and may not be there.
  for (; i + 8 < count; i += 8) {
    const OF(Sixteen) x = load16(source + 2 * i);
    *(OF(EightInMemory) *)(target + i) = __builtin_shufflevector(x, x, 0, 2, 4, 6, 8, 10, 12, 14);
  }
  for (; i < count; i++) target[i] = source[2 * i];
}

// The image taken apart; what is padding stays as it is.
static void OF(toPhases)(
    AdjointConvolution s, Phases phases, const ELEMENT *restrict image, ELEMENT *restrict target) {
  FOR_EACH_PHASE_ROW({
    if (step == 1)
      OF(copyRow)(target + place, image + start, count);
    else if (step == 2)
      OF(takeEven)(target + place, image + start, count);
    else
      for (size_t i = 0; i < count; i++) target[place + i] = image[start + i * step];
  })
}

// Back into the image, of which some elements may be in none.
static void OF(fromPhases)(
    AdjointConvolution s, Phases phases, const ELEMENT *restrict source, ELEMENT *restrict image) {
  memset(image, 0, volume(s.extents) * sizeof(ELEMENT));
  FOR_EACH_PHASE_ROW({
    if (step == 1)
      OF(copyRow)(image + start, source + place, count);
    else
      for (size_t i = 0; i < count; i++) image[start + i * step] = source[place + i];
  })
}

// Results at their places; what lies between the rows stays as it is.
static void OF(toPlaces)(
    AdjointConvolution s, Phases phases, const ELEMENT *restrict results,
    ELEMENT *restrict places) {
  FOR_EACH_RESULT_ROW({
    OF(copyRow)(places + place, results + number * s.counts[2], s.counts[2]);
  })
}

static void OF(fromPlaces)(
    AdjointConvolution s, Phases phases, const ELEMENT *restrict places,
    ELEMENT *restrict results) {
  FOR_EACH_RESULT_ROW({
    OF(copyRow)(results + number * s.counts[2], places + place, s.counts[2]);
  })
}

// So many vectors of target[i] = Σ factors[t] · source[i + offsets[t]]; `adds` to what is there.
INLINE void OF(addShiftedVectors)(
    const int vectors, size_t taps, const ptrdiff_t *offsets, const ELEMENT *factors,
    const ELEMENT *restrict source, int adds, ELEMENT *restrict target) {
#pragma clang fp contract(fast)
  OF(Sixteen) sums[4];
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) sums[v] = adds ? load16(target + 16 * v) : (OF(Sixteen)){};
  for (size_t t = 0; t < taps; t++) {
    const ELEMENT factor = factors[t];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sums[v] += factor * load16(source + offsets[t] + 16 * v);
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < vectors; v++) store16(target + 16 * v, sums[v]);
}

static void OF(addShifted)(
    size_t taps, const ptrdiff_t *offsets, const ELEMENT *factors, const ELEMENT *restrict source,
    size_t count, int adds, ELEMENT *restrict target) {
  size_t i = 0;
  for (; i + 64 <= count; i += 64)
    OF(addShiftedVectors)(4, taps, offsets, factors, source + i, adds, target + i);
  for (; i < count; i += 16)
    OF(addShiftedVectors)(1, taps, offsets, factors, source + i, adds, target + i);
}

// sums[t] = Σ dy[i] · source[i + offsets[t]], for a few taps at once.
INLINE void OF(correlateTaps)(
    const int taps, const ptrdiff_t *offsets, const ELEMENT *restrict source,
    const ELEMENT *restrict dy, size_t count, ELEMENT *restrict sums) {
#pragma clang fp contract(fast)
  OF(Sixteen) parts[4];
#pragma clang loop unroll(full)
  for (int t = 0; t < taps; t++) parts[t] = (OF(Sixteen)){};
  for (size_t i = 0; i < count; i += 16) {
    const OF(Sixteen) factor = load16(dy + i);
#pragma clang loop unroll(full)
    for (int t = 0; t < taps; t++) parts[t] += factor * load16(source + offsets[t] + i);
  }
#pragma clang loop unroll(full)
  for (int t = 0; t < taps; t++) sums[t] = (ELEMENT)total16(widened(parts[t]));
}

static void OF(correlate)(
    size_t taps, const ptrdiff_t *offsets, const ELEMENT *restrict source,
    const ELEMENT *restrict dy, size_t count, ELEMENT *restrict sums) {
  size_t t = 0;
  for (; t + 4 <= taps; t += 4) OF(correlateTaps)(4, offsets + t, source, dy, count, sums + t);
  for (; t < taps; t++) OF(correlateTaps)(1, offsets + t, source, dy, count, sums + t);
}

static int OF(areFinite)(const ELEMENT *numbers, size_t count) {
  ELEMENT sum = 0;
  for (size_t i = 0; i < count; i++) sum += numbers[i] * 0;
  return sum == 0;
}

// What a thread works in: where taps read, as place and as distance; a factor or a sum for each; the phases;
// and results at their places, with as many zeros before them.
typedef struct {
  TapPlace *taps;
  ptrdiff_t *offsets;
  ELEMENT *factors, *phases, *places;
} OF(Depthwise);

// A vector more than there is, which is read and never used.
enum { OF(slack) = 16 };

static size_t OF(depthwiseScratch)(AdjointConvolution s) {
  if (resultCount(s) == 0) return 0;
  const Phases phases = phasesOf(s);
  const size_t each = 1 + (sizeof(TapPlace) + sizeof(ptrdiff_t)) / sizeof(ELEMENT);
  return wholeVectors(volume(s.taps)) * each + (phases.count + 2) * phases.size + 2 * OF(slack);
}

static OF(Depthwise) OF(depthwiseParts)(AdjointConvolution s, Phases phases, ELEMENT *memory) {
  const size_t taps = wholeVectors(volume(s.taps));
  OF(Depthwise) d = {.taps = (TapPlace *)memory};
  d.offsets = (ptrdiff_t *)(d.taps + taps);
  d.factors = (ELEMENT *)(d.offsets + taps);
  d.phases = d.factors + taps;
  d.places = d.phases + (phases.count + 1) * phases.size + OF(slack);
  OF(clearRow)(d.phases, (phases.count + 2) * phases.size + 2 * OF(slack));
  for (size_t tap = 0; tap < volume(s.taps); tap++) {
    const TapPlace place = d.taps[tap] = tapPlace(s, phases, tap);
    d.offsets[tap] = (ptrdiff_t)(place.phase * phases.size + place.offset);
  }
  return d;
}

// Calls body for each channel of each image, with the places of its parts.
#define FOR_EACH_CHANNEL(body)                                                \
  const size_t taps = volume(s.taps), results = resultCount(s);               \
  const size_t area = volume(s.extents);                                      \
  for (size_t n = firstImage; n < lastImage; n++)                             \
    for (size_t g = 0; g < s.groups; g++) {                                   \
      const size_t image = (n * s.groups + g) * area;                         \
      const size_t result = (n * s.groups + g) * s.outputs * results;         \
      const size_t filter = g * s.outputs * taps;                             \
      body                                                                    \
    }

static void OF(depthwise)(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const ELEMENT *x,
    const ELEMENT *weight, ELEMENT *y, ELEMENT *memory) {
  if (resultCount(s) == 0) return;
  const Phases phases = phasesOf(s);
  const OF(Depthwise) d = OF(depthwiseParts)(s, phases, memory);
  FOR_EACH_CHANNEL({
    OF(toPhases)(s, phases, x + image, d.phases);
    for (size_t o = 0; o < s.outputs; o++) {
      OF(addShifted)(
          taps, d.offsets, weight + filter + o * taps, d.phases, phases.places, 0, d.places);
      OF(fromPlaces)(s, phases, d.places, y + result + o * results);
    }
  })
}

// dx of one channel of one image, tap by tap: zeros of the padding are not multiplied by weights that are
// not finite.
static void OF(spreadByTaps)(
    AdjointConvolution s, const ELEMENT *dy, const ELEMENT *weight, ELEMENT *dx) {
  memset(dx, 0, volume(s.extents) * sizeof(ELEMENT));
  for (size_t o = 0; o < s.outputs; o++, dy += resultCount(s), weight += volume(s.taps))
    FOR_EACH_TAP_ROW({
      for (size_t i = first; i < last; i++)
        dx[start + (ptrdiff_t)((i - first) * step)] += weight[tap] * dy[row + i];
    })
}

static void OF(depthwiseInputGradient)(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const ELEMENT *dy,
    const ELEMENT *weight, ELEMENT *dx, ELEMENT *memory) {
  if (resultCount(s) == 0) {
    const size_t size = s.groups * volume(s.extents);
    memset(dx + firstImage * size, 0, (lastImage - firstImage) * size * sizeof(ELEMENT));
    return;
  }
  const Phases phases = phasesOf(s);
  const OF(Depthwise) d = OF(depthwiseParts)(s, phases, memory);
  FOR_EACH_CHANNEL({
    if (!OF(areFinite)(weight + filter, s.outputs * taps)) {
      OF(spreadByTaps)(s, dy + result, weight + filter, dx + image);
      continue;
    }
    for (size_t o = 0; o < s.outputs; o++) {
      OF(toPlaces)(s, phases, dy + result + o * results, d.places);
      for (size_t phase = 0; phase < phases.count; phase++) {
        // The taps that read this phase: each result comes from that far back.
        size_t count = 0;
        for (size_t tap = 0; tap < taps; tap++) {
          if (d.taps[tap].phase != phase) continue;
          d.offsets[count] = -(ptrdiff_t)d.taps[tap].offset;
          d.factors[count++] = weight[filter + o * taps + tap];
        }
        OF(addShifted)(
            count, d.offsets, d.factors, d.places, phases.size, o > 0,
            d.phases + phase * phases.size);
      }
    }
    OF(fromPhases)(s, phases, d.phases, dx + image);
  })
}

// The sums of one filter for one image, tap by tap: what is not finite meets no zeros between rows.
static void OF(correlateByTaps)(
    AdjointConvolution s, const ELEMENT *x, const ELEMENT *dy, ELEMENT *sums) {
  for (size_t tap = 0; tap < volume(s.taps); tap++) sums[tap] = 0;
  FOR_EACH_TAP_ROW({
    for (size_t i = first; i < last; i++)
      sums[tap] += dy[row + i] * x[start + (ptrdiff_t)((i - first) * step)];
  })
}

static void OF(depthwiseWeightGradient)(
    AdjointConvolution s, size_t firstImage, size_t lastImage, const ELEMENT *x, const ELEMENT *dy,
    ELEMENT *dweight, ELEMENT *memory) {
  if (resultCount(s) == 0) return;
  const Phases phases = phasesOf(s);
  const OF(Depthwise) d = OF(depthwiseParts)(s, phases, memory);
  FOR_EACH_CHANNEL({
    OF(toPhases)(s, phases, x + image, d.phases);
    for (size_t o = 0; o < s.outputs; o++) {
      const ELEMENT *const cotangent = dy + result + o * results;
      OF(toPlaces)(s, phases, cotangent, d.places);
      OF(correlate)(taps, d.offsets, d.phases, d.places, phases.places, d.factors);
      if (!OF(areFinite)(d.factors, taps)) OF(correlateByTaps)(s, x + image, cotangent, d.factors);
      for (size_t tap = 0; tap < taps; tap++) dweight[filter + o * taps + tap] += d.factors[tap];
    }
  })
}

#undef FOR_EACH_CHANNEL
