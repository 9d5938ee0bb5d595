// The loops of the instructions for one kind of element, and their table. The includer says: ELEMENT and its
// KIND; LANES, how many are worked on at once; and of REAL, NUMBER and ONLY_MASK, which keep what is for such
// elements.

typedef ELEMENT VECTOR __attribute__((vector_size(LANES * sizeof(ELEMENT))));
typedef ELEMENT IN_MEMORY
    __attribute__((vector_size(LANES * sizeof(ELEMENT)), aligned(sizeof(ELEMENT))));
typedef __typeof__((VECTOR){} < (VECTOR){}) MASK;
typedef unsigned char MASK_IN_MEMORY __attribute__((vector_size(LANES), aligned(1)));

REAL(INLINE VECTOR ABSORBING(VECTOR a, VECTOR b) { return WHERE(a == 0, a, a * b); })

#define INSTRUCTION(kind, Name, ...) LOOP_##kind(Name, __VA_ARGS__)
#include "Instructions.inc"
#undef INSTRUCTION

static const Loop LABEL(loops)[adjointInstructionCount] = {
#define INSTRUCTION(kind, Name, ...) ENTRY_##kind(Name, __VA_ARGS__)
#include "Instructions.inc"
#undef INSTRUCTION
};

#undef ELEMENT
#undef KIND
#undef LANES
#undef REAL
#undef NUMBER
#undef ONLY_MASK
