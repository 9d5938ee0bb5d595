// Every kernel, for the instruction set that the including file is compiled for, and their table.

#include "Vector.h"

#include "Product.h"

#include "Pointwise.h"

#include "Reduce.h"

#include "BatchNorm.h"

#include "Convolution.h"

#include "Winograd.h"

#include "Pooling.h"

#include "Random.h"

const AdjointKernels TABLE = {
    .name = NAME,
    .productScratchFloat = productScratchFloat,
    .productFloat = productFloat,
    .panelWidthFloat = panelWidthFloat,
    .packPanelsFloat = packPanelsFloat,
    .sumFloat = sumFloat,
    .sumRowsFloat = sumRowsFloat,
    .productScratchDouble = productScratchDouble,
    .productDouble = productDouble,
    .panelWidthDouble = panelWidthDouble,
    .packPanelsDouble = packPanelsDouble,
    .sumDouble = sumDouble,
    .sumRowsDouble = sumRowsDouble,
    .unary = unary,
    .binary = binary,
    .channelAffine = channelAffine,
    .gradientDescent = gradientDescent,
    .adam = adam,
    .extreme = extreme,
    .extremeOfRows = extremeOfRows,
    .logSumExp = logSumExp,
    .softmax = softmax,
    .softmaxGradient = softmaxGradient,
    .softmaxCrossEntropy = softmaxCrossEntropy,
    .softmaxCrossEntropyGradient = softmaxCrossEntropyGradient,
    .moments = moments,
    .averageStatistics = averageStatistics,
    .batchNormPlanes = batchNormPlanes,
    .batchNormGradientPlanes = batchNormGradientPlanes,
    .batchNormRowSums = batchNormRowSums,
    .batchNormRowFinish = batchNormRowFinish,
    .batchNormRowApply = batchNormRowApply,
    .batchNormGradientRowSums = batchNormGradientRowSums,
    .batchNormGradientRowFinish = batchNormGradientRowFinish,
    .batchNormGradientRowApply = batchNormGradientRowApply,
    .convolutionScratch = convolutionScratch,
    .convolution = convolution,
    .convolutionInputGradient = convolutionInputGradient,
    .convolutionWeightGradient = convolutionWeightGradient,
    .winogradBlocks = winogradBlocks,
    .winogradScratch = winogradScratch,
    .winogradWeights = winogradWeights,
    .winograd = winograd,
    .winogradGradient = winogradGradient,
    .winogradWeightGradient = winogradWeightGradient,
    .maxPool = maxPool,
    .averagePool = averagePool,
    .averagePoolGradient = averagePoolGradient,
    .maxPool2 = maxPool2,
    .maxPoolGradient2 = maxPoolGradient2,
    .uniform = uniform,
};
