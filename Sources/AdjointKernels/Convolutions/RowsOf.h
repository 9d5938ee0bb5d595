// Rows of images, most of which are short, for one element type: included once for float and once for double,
// with ELEMENT the type and OF(name) a name of its own.

typedef ELEMENT OF(Eight) __attribute__((vector_size(8 * sizeof(ELEMENT))));
typedef ELEMENT OF(EightInMemory)
    __attribute__((vector_size(8 * sizeof(ELEMENT)), aligned(sizeof(ELEMENT))));

// Copies elements that lie together.
INLINE void OF(copyRow)(ELEMENT *restrict target, const ELEMENT *restrict source, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    *(OF(EightInMemory) *)(target + i) = *(const OF(EightInMemory) *)(source + i);
  for (; i < count; i++) target[i] = source[i];
}

INLINE void OF(clearRow)(ELEMENT *restrict target, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) *(OF(EightInMemory) *)(target + i) = (OF(Eight)){};
  for (; i < count; i++) target[i] = 0;
}

INLINE void OF(addRow)(ELEMENT *restrict target, const ELEMENT *restrict source, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    *(OF(EightInMemory) *)(target + i) += *(const OF(EightInMemory) *)(source + i);
  for (; i < count; i++) target[i] += source[i];
}
