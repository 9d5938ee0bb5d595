// Adds the sums of all parts to those of the first, in their order. sums: [parts, length]
static void OF(addParts)(size_t parts, size_t length, void *all) {
  ELEMENT *sums = all;
  for (size_t part = 1; part < parts; part++) {
    const ELEMENT *restrict other = sums + part * length;
    for (size_t i = 0; i < length; i++) sums[i] += other[i];
  }
}
