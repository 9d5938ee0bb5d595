// Chains of pointwise instructions, a piece of all elements at a time.

// Writes out the elements start ..< start + count of what repeats. A number of `size` bytes is a `Word`.
#define WRITE_REPETITION(Word)                                                              \
  static void writeRepetition##Word(                                                        \
      const AdjointChainValue *value, size_t start, size_t count, void *target) {           \
    const Word *const source = (const Word *)value->elements;                               \
    Word *y = target;                                                                       \
    size_t run = start / value->inner, done = start % value->inner;                         \
    for (size_t number = run % value->middle; count > 0; done = 0) {                        \
      if (value->inner == 1) {                                                              \
        const size_t length = count < value->middle - number ? count : value->middle - number; \
        memcpy(y, source + number, length * sizeof(Word));                                  \
        y += length, count -= length, number = 0;                                           \
      } else {                                                                              \
        const size_t left = value->inner - done, length = count < left ? count : left;      \
        for (size_t i = 0; i < length; i++) y[i] = source[number];                          \
        y += length, count -= length, number = number + 1 == value->middle ? 0 : number + 1; \
      }                                                                                     \
    }                                                                                       \
  }
WRITE_REPETITION(uint8_t)
WRITE_REPETITION(uint32_t)
WRITE_REPETITION(uint64_t)

INLINE void writeRepetition(
    const AdjointChainValue *value, size_t start, size_t count, void *target) {
  if (value->size == 1) return writeRepetitionuint8_t(value, start, count, target);
  if (value->size == 4) return writeRepetitionuint32_t(value, start, count, target);
  writeRepetitionuint64_t(value, start, count, target);
}

static void pointwiseChain(
    const AdjointChainValue *values, size_t valueCount, const AdjointChainStep *steps,
    size_t stepCount, size_t start, size_t count, size_t piece, char *buffers) {
  for (size_t end = start + count; start < end; start += piece) {
    const size_t length = end - start < piece ? end - start : piece;
    for (size_t v = 0; v < valueCount; v++)
      if (values[v].place == adjointRepeating)
        writeRepetition(values + v, start, length, buffers + values[v].buffer);
    for (size_t s = 0; s < stepCount; s++) {
      const AdjointChainStep step = steps[s];
      const Loop loop = loopOf(step.instruction, step.element);
      const size_t lanes = lanesOf(step.element);
      Streams streams;
      for (int k = 0; k < loop.operandCount; k++) {
        const AdjointChainValue *const value = values + step.operands[k];
        streams.step[k] = value->place == adjointNumber ? 0 : lanes;
        streams.start[k] = value->place == adjointNumber ? value->elements
            : value->place == adjointWhole               ? value->elements + start * value->size
                                                        : buffers + value->buffer;
      }
      const AdjointChainValue *const result = values + step.result;
      runLoop(
          loop, streams, lanes,
          result->place == adjointWhole ? result->elements + start * result->size
                                       : buffers + result->buffer,
          length);
    }
  }
}
