// The interpreter of pointwise instructions: a loop for each, over blocks of as many elements as are worked on
// at once. See Instructions.inc.

// Where the operands of a loop begin, and how far their blocks are apart in elements: 0 for one that repeats.
typedef struct {
  const void *start[4];
  size_t step[4];
} Streams;

typedef struct {
  void (*run)(const Streams *streams, void *target, size_t blocks);
  unsigned char operandCount, resultSize, operandSizes[4];
} Loop;

typedef float FloatElement;
typedef double DoubleElement;
typedef int32_t IntElement;
typedef unsigned char BoolElement;

// What belongs to one kind of element. See PointwiseOf.h.
#define VECTOR LABEL(PointwiseLanes)
#define IN_MEMORY LABEL(PointwiseInMemory)
#define MASK LABEL(PointwiseMask)
#define MASK_IN_MEMORY LABEL(PointwiseMaskInMemory)
#define ABSORBING LABEL(absorbing)

// The words of the formulas.
#define ALL(value) ((VECTOR){} + (ELEMENT)(value))
#define INFINITE ((ELEMENT)__builtin_inff())
#define WHERE(mask, a, b) ((VECTOR)(((MASK)(a) & (mask)) | ((MASK)(b) & ~(mask))))
#define absorbing(a, b) ABSORBING(a, b)

#define ONE(use) use(0, a)
#define TWO(use) ONE(use) use(1, b)
#define THREE(use) TWO(use) use(2, c)
#define FOUR(use) THREE(use) use(3, d)
#define STREAM(number, operand) \
  const ELEMENT *const start##number = streams->start[number]; \
  const size_t step##number = streams->step[number];
#define OPERAND(number, operand) \
  const VECTOR operand = *(const IN_MEMORY *)(start##number + i * step##number);

#define LOOP(Name, operands, Result, result)                                                 \
  static void LABEL(run##Name)(const Streams *streams, void *target, size_t blocks) {        \
    Result *const y = target;                                                                \
    operands(STREAM) for (size_t i = 0; i < blocks; i++) { operands(OPERAND) y[i] = result; } \
  }
#define LOOP_FORMULA1(Name, result) REAL(LOOP(Name, ONE, IN_MEMORY, ({ const VECTOR x = a; result; })))
#define LOOP_FORMULA2(Name, result) REAL(LOOP(Name, TWO, IN_MEMORY, (result)))
#define LOOP_FORMULA3(Name, result) REAL(LOOP(Name, THREE, IN_MEMORY, (result)))
#define LOOP_FORMULA4(Name, result) REAL(LOOP(Name, FOUR, IN_MEMORY, (result)))
#define LOOP_RELATION(Name, holds) NUMBER(LOOP(Name, TWO, MASK_IN_MEMORY, TO_MASK(holds)))
#define LOOP_LOGICAL(Name, result) ONLY_MASK(LOOP(Name, TWO, IN_MEMORY, (result)))
#define LOOP_SELECT(Name, unused)                                                            \
  static void LABEL(run##Name)(const Streams *streams, void *target, size_t blocks) {        \
    IN_MEMORY *const y = target;                                                             \
    const unsigned char *const masks = streams->start[2];                                    \
    TWO(STREAM) for (size_t i = 0; i < blocks; i++) {                                        \
      TWO(OPERAND)                                                                           \
      const MASK_IN_MEMORY mask = *(const MASK_IN_MEMORY *)(masks + i * streams->step[2]);   \
      y[i] = WHERE(__builtin_convertvector(mask, MASK) != 0, a, b);                          \
    }                                                                                        \
  }
#define LOOP_CONVERT(Name, Target) CONVERT_##Target(Name)
#define CONVERT_Float(Name) CONVERT_NUMBER(Name, float)
#define CONVERT_Double(Name) CONVERT_NUMBER(Name, double)
#define CONVERT_Int(Name) CONVERT_NUMBER(Name, int32_t)
#define CONVERT_Bool(Name) LOOP(Name, ONE, MASK_IN_MEMORY, TO_MASK(a != 0))
#define CONVERT_NUMBER(Name, Number)                                                         \
  typedef Number LABEL(Name)                                                                 \
      __attribute__((vector_size(LANES * sizeof(Number)), aligned(sizeof(Number))));         \
  LOOP(Name, ONE, LABEL(Name), (__builtin_convertvector(a, LABEL(Name))))
#define TO_MASK(holds) (__builtin_convertvector(holds, MASK_IN_MEMORY) & 1)

#define ENTRY(Name, Result, count, ...) \
  [adjoint##Name] = {LABEL(run##Name), count, sizeof(Result), {__VA_ARGS__}},
#define BYTES sizeof(ELEMENT)
#define ENTRY_FORMULA1(Name, result) REAL(ENTRY(Name, ELEMENT, 1, BYTES))
#define ENTRY_FORMULA2(Name, result) REAL(ENTRY(Name, ELEMENT, 2, BYTES, BYTES))
#define ENTRY_FORMULA3(Name, result) REAL(ENTRY(Name, ELEMENT, 3, BYTES, BYTES, BYTES))
#define ENTRY_FORMULA4(Name, result) REAL(ENTRY(Name, ELEMENT, 4, BYTES, BYTES, BYTES, BYTES))
#define ENTRY_RELATION(Name, holds) NUMBER(ENTRY(Name, unsigned char, 2, BYTES, BYTES))
#define ENTRY_LOGICAL(Name, result) ONLY_MASK(ENTRY(Name, ELEMENT, 2, BYTES, BYTES))
#define ENTRY_SELECT(Name, unused) ENTRY(Name, ELEMENT, 3, BYTES, BYTES, 1)
#define ENTRY_CONVERT(Name, Target) ENTRY(Name, Target##Element, 1, BYTES)

#define KEPT(...) __VA_ARGS__
#define DROPPED(...)

#define ELEMENT float
#define KIND Float
#define LANES 16
#define REAL KEPT
#define NUMBER KEPT
#define ONLY_MASK DROPPED
#include "PointwiseOf.h"

#define ELEMENT double
#define KIND Double
#define LANES 8
#define REAL KEPT
#define NUMBER KEPT
#define ONLY_MASK DROPPED
#include "PointwiseOf.h"

#define ELEMENT int32_t
#define KIND Int
#define LANES 16
#define REAL DROPPED
#define NUMBER KEPT
#define ONLY_MASK DROPPED
#include "PointwiseOf.h"

#define ELEMENT unsigned char
#define KIND Bool
#define LANES 16
#define REAL DROPPED
#define NUMBER DROPPED
#define ONLY_MASK KEPT
#include "PointwiseOf.h"

// The loop of an instruction for elements of a kind, and over how many at once.
INLINE Loop loopOf(AdjointInstruction instruction, AdjointElement element) {
  static const Loop *const loops[] = {loopsFloat, loopsDouble, loopsInt, loopsBool};
  return loops[element][instruction];
}
INLINE size_t lanesOf(AdjointElement element) { return element == adjointDouble ? 8 : 16; }

// One element as often as there are lanes.
INLINE void repeatElement(const void *element, size_t size, size_t lanes, void *block) {
  for (size_t i = 0; i < lanes; i++) memcpy((char *)block + i * size, element, size);
}

// Runs a loop over so many elements: what repeats is a block already.
static void runLoop(Loop loop, Streams streams, size_t lanes, char *y, size_t count) {
  const size_t blocks = count / lanes, rest = count % lanes;
  if (blocks) loop.run(&streams, y, blocks);
  if (!rest) return;
  // The elements that do not fill a block are made one with others, whose results are not used.
  _Alignas(64) char last[4][128], result[128];
  for (int k = 0; k < loop.operandCount; k++) {
    if (!streams.step[k]) continue;
    const size_t size = loop.operandSizes[k];
    const char *const source = (const char *)streams.start[k] + blocks * lanes * size;
    repeatElement(source, size, lanes, last[k]);
    memcpy(last[k], source, rest * size);
    streams.start[k] = last[k];
  }
  loop.run(&streams, result, 1);
  memcpy(y + blocks * lanes * loop.resultSize, result, rest * loop.resultSize);
}

static void pointwise(
    AdjointInstruction instruction, AdjointElement element, const AdjointOperand *operands,
    void *y, size_t count) {
  const Loop loop = loopOf(instruction, element);
  const size_t lanes = lanesOf(element);
  _Alignas(64) char repeated[4][128];
  Streams streams;
  for (int k = 0; k < loop.operandCount; k++) {
    streams.start[k] = operands[k].elements;
    streams.step[k] = operands[k].repeats ? 0 : lanes;
    if (operands[k].repeats) {
      repeatElement(operands[k].elements, loop.operandSizes[k], lanes, repeated[k]);
      streams.start[k] = repeated[k];
    }
  }
  runLoop(loop, streams, lanes, y, count);
}
