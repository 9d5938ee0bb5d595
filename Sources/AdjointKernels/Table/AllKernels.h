// Every kernel, for the instruction set that the including file is compiled for, and their table.

#include "../Vectors/Vector.h"

#include "../Vectors/Lanes.h"

#include "../Vectors/Elementary.h"

#include "../Products/Product.h"

#include "../Pointwise/Pointwise.h"

#include "../Pointwise/PointwiseChain.h"

#include "../Reductions/Reduce.h"

#include "../Normalization/Normalization.h"

#include "../Convolutions/Convolution.h"

#include "../Convolutions/Winograd.h"

#include "../Pooling/Pooling.h"

#include "../Moves/Move.h"

#include "../Moves/Indexing.h"

#include "../Random/Random.h"

#include "../Random/Normal.h"

#include "../Optimizers/Optimizers.h"

const AdjointKernels TABLE = {
    .name = NAME,
#define KERNEL(Result, function, parameters) .function = function,
#include "Kernels.inc"
#undef KERNEL
#define KERNEL(Result, function, parameters)  \
  .realFloat.function = function##Float,      \
  .realDouble.function = function##Double,
#include "RealKernels.inc"
#undef KERNEL
#define KERNEL(Result, function, parameters)    \
  .numericFloat.function = function##Float,     \
  .numericDouble.function = function##Double,   \
  .numericInt.function = function##Int,
#include "NumericKernels.inc"
#undef KERNEL
};
