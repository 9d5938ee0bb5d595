/// The inner loops of Adjoint, once for each instruction set.
///
/// Each kernel is written once and compiled for the baseline of the architecture, and on x86-64 for
/// AVX2 with FMA and for AVX-512 too. A table holds them; which one is used is chosen at run time.
/// Kernels allocate nothing, keep no state, and run on the thread that calls them: memory and threads
/// are the caller's. None of them reads an output before it has written it.
#ifndef ADJOINT_KERNELS_H
#define ADJOINT_KERNELS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "Mathematics.h"

/// The kinds of elements.
typedef enum { adjointFloat, adjointDouble, adjointInt, adjointBool } AdjointElement;

/// The instructions of pointwise operations.
typedef enum {
#define INSTRUCTION(kind, Name, ...) adjoint##Name,
#include "../Pointwise/Instructions.inc"
#undef INSTRUCTION
  adjointInstructionCount,
} AdjointInstruction;

/// An operand of an instruction: an array, or one element for all.
typedef struct {
  const void *elements;
  int repeats;
} AdjointOperand;

/// Where a chain of instructions finds a value or leaves it: an array; one number, as a block of 128 bytes
/// of it; elements that repeat, which are written out in a buffer, piece by piece; or only such a buffer.
typedef enum { adjointWhole, adjointNumber, adjointRepeating, adjointPassing } AdjointChainPlace;

/// A value of a chain: its elements and their size in bytes. Of those that repeat, element (i, j, k) of
/// [outer, middle, inner] is number j. The buffer is so many bytes from the first one of the thread.
typedef struct {
  AdjointChainPlace place;
  char *elements;
  size_t size, middle, inner, buffer;
} AdjointChainValue;

/// A step of a chain: an instruction with the values that it reads and makes, by their numbers.
typedef struct {
  AdjointInstruction instruction;
  AdjointElement element;
  unsigned short operands[4], result;
} AdjointChainStep;

/// The order in which a product is added up: element by element of the inner axis; in vectors along it;
/// or, for one row times one column, in eight such vectors. It is that of the whole product, also where
/// only a band of it is made.
typedef enum { adjointByTiles, adjointByDots, adjointByOneDot } AdjointProductOrder;

/// The shape [outer, channels, inner] of a batch.
typedef struct {
  size_t outer, channels, inner;
} AdjointBatchShape;

/// A convolution of images with three spatial axes, of which the first ones may be 1 long, x: [batch,
/// groups · inputs, extents], weight: [groups · outputs, inputs, taps], y: [batch, groups · outputs,
/// counts]; and how far windows and taps are apart, and how much padding comes before the first element.
typedef struct {
  size_t batch, groups, inputs, outputs;
  size_t extents[3], counts[3], taps[3], strides[3], dilations[3], before[3];
} AdjointConvolution;

/// Windows that slide over images with three spatial axes, of which the first may be 1 long: how many
/// elements there are along each, how many windows, how many taps each has, how far windows and taps
/// are apart, and how much padding comes before the first element.
typedef struct {
  size_t extents[3], counts[3], taps[3], strides[3], dilations[3], before[3];
} AdjointPooling;

/// How elements of a size are moved: for each axis, how many there are, and how far neighbours are apart
/// in the source and in the target, in elements. The last axes are inner ones.
typedef struct {
  size_t size, rank;
  size_t extents[8];
  ptrdiff_t sources[8], targets[8];
} AdjointMove;

/// The coefficients of a step of gradient descent; the share is that of the new gradient in the velocity.
/// Whether there is a momentum, and a weight decay, is said apart: rounded, they may be 0.
typedef struct {
  double learningRate, momentum, share, weightDecay;
  int hasMomentum, decaysWeights, isNesterov;
} AdjointGradientDescent;

/// The coefficients of a step of Adam.
typedef struct {
  /* The rate is that of the unbiased mean, the rests are 1 - beta, and kept is what decay leaves. The root
     is that of 1 - beta2 to the power of the step. */
  double rate, beta1, rest1, beta2, rest2, rootOfBias, epsilon, weightDecay, kept;
  int decaysWeights, isDecoupled;
} AdjointAdam;

#define KERNEL(Result, function, parameters) Result(*function) parameters;

/// The kernels for one kind of real numbers. What they compute is said in their list.
typedef struct {
#include "../Table/RealKernels.inc"
} AdjointRealKernels;

/// The kernels for one kind of numbers, be they real ones or integers.
typedef struct {
#include "../Table/NumericKernels.inc"
} AdjointNumericKernels;

/// The kernels for one instruction set: those for each kind of elements, and those that exist once.
typedef struct {
  const char *name;
  AdjointRealKernels realFloat, realDouble;
  AdjointNumericKernels numericFloat, numericDouble, numericInt;
#include "../Table/Kernels.inc"
} AdjointKernels;

#undef KERNEL

/// The kernels for a kind of real numbers.
static inline const AdjointRealKernels *adjointRealKernels(
    const AdjointKernels *kernels, AdjointElement element) {
  return element == adjointDouble ? &kernels->realDouble : &kernels->realFloat;
}

/// The kernels for a kind of numbers.
static inline const AdjointNumericKernels *adjointNumericKernels(
    const AdjointKernels *kernels, AdjointElement element) {
  if (element == adjointInt) return &kernels->numericInt;
  return element == adjointDouble ? &kernels->numericDouble : &kernels->numericFloat;
}

/// The name of a kernel and its address in a table, from 0; null if there are no more. For tests.
const char *adjointKernelName(int number);
const void *adjointKernelAddress(const AdjointKernels *kernels, int number);

/// The kernels for an instruction set, from 0, the baseline, upwards; null if there are no more, or the
/// processor does not have it.
const AdjointKernels *adjointKernels(int instructionSet);

/// Says to the processor that a thread waits for another.
static inline void adjointPause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// What tells the calling thread from others.
static inline uintptr_t adjointThread(void) { return (uintptr_t)pthread_self(); }

/// The number of processors that the calling thread may run on.
int adjointProcessorCount(void);

/// Writes out the standard output, then a message to the standard error, and stops the program.
void adjointStop(const char *message) __attribute__((noreturn));

/// What the calling thread is at, for the message of a stop; null if nothing is known.
const void *adjointPlace(void);
void adjointSetPlace(const void *place);

/// Nanoseconds since some moment.
uint64_t adjointNanoseconds(void);

/// Lets other threads run that wait for the processor of the calling one.
void adjointYield(void);

/// Memory from the system that begins at a cache line, and at a large page if it is as large; null if the
/// system refuses. From 1 MiB it is mapped, and its size has to be a multiple of 64 KiB.
void *adjointTakeMemory(size_t byteCount);

/// Gives back what was taken, of the same size. What was mapped is the system's at once; of the rest, the
/// C library keeps what it likes.
void adjointGiveBackMemory(void *memory, size_t byteCount);

/// Has the C library give back to the system what it keeps.
void adjointGiveBackFreedMemory(void);

/// Takes a lease on an open file: who opens it for writing, or cuts it, waits until the lease is given up, though not
/// for longer than the time in /proc/sys/fs/lease-break-time. A descriptor of its own; -1 where the system or the
/// file system has no leases, where the file is another's, or someone has it open for writing.
int adjointTakeLease(int file);

/// Whether a lease is held that no one waits for.
int adjointHasLease(int lease);

/// Lets those go on that wait; 0 if the system has taken the lease away before.
int adjointGiveUpLease(int lease);

/// Gives up a lease, and closes its descriptor.
void adjointCloseLease(int lease);

/// Bytes of a file in memory, to read; all have come from the disk. Null where the system cannot.
void *adjointMapFile(int lease, size_t start, size_t byteCount);

/// Gives up what was mapped.
void adjointUnmapFile(void *memory, size_t byteCount);

/// Puts a copy of the bytes where they were mapped, while others may read them; 0 if they are no longer in the file,
/// or the system refuses memory.
int adjointDetachFromFile(void *memory, int lease, size_t start, size_t byteCount);

/// The bytes that the process may have: those of the machine, or of its control groups if that is less.
size_t adjointMemoryLimit(void);

#endif
