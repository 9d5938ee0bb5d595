// The average of the statistics of batches.

// Averages a batch's mean and variance into running ones: old + weight · (new − old). Unless all are
// finite: then nothing is right but the old ones, and the result is 0.
static int LABEL(averageStatistics)(
    size_t channels, ELEMENT weight, ELEMENT varianceFactor, const ELEMENT *restrict mean,
    const ELEMENT *restrict variance, const ELEMENT *restrict oldMean,
    const ELEMENT *restrict oldVariance, ELEMENT *restrict newMean, ELEMENT *restrict newVariance) {
  int isFinite = 1;
  for (size_t c = 0; c < channels; c++)
    isFinite &= __builtin_elementwise_abs(mean[c]) < __builtin_inff()
        && __builtin_elementwise_abs(variance[c]) < __builtin_inff();
  for (size_t c = 0; isFinite && c < channels; c++) {
    newMean[c] = oldMean[c] + weight * (mean[c] - oldMean[c]);
    newVariance[c] = oldVariance[c] + weight * (variance[c] * varianceFactor - oldVariance[c]);
  }
  if (!isFinite) {
    memcpy(newMean, oldMean, channels * sizeof(ELEMENT));
    memcpy(newVariance, oldVariance, channels * sizeof(ELEMENT));
  }
  return isFinite;
}
