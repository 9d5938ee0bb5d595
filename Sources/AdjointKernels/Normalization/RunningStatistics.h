// The average of the statistics of batches.

// Averages a batch's mean and variance into running ones: old + weight · (new − old). Unless all are
// finite: then nothing is right but the old ones, and the result is 0.
static int averageStatistics(
    size_t channels, float weight, float varianceFactor, const float *restrict mean,
    const float *restrict variance, const float *restrict oldMean,
    const float *restrict oldVariance, float *restrict newMean, float *restrict newVariance) {
  int isFinite = 1;
  for (size_t c = 0; c < channels; c++)
    isFinite &= __builtin_fabsf(mean[c]) < __builtin_inff()
        && __builtin_fabsf(variance[c]) < __builtin_inff();
  for (size_t c = 0; isFinite && c < channels; c++) {
    newMean[c] = oldMean[c] + weight * (mean[c] - oldMean[c]);
    newVariance[c] = oldVariance[c] + weight * (variance[c] * varianceFactor - oldVariance[c]);
  }
  if (!isFinite) {
    memcpy(newMean, oldMean, channels * sizeof(float));
    memcpy(newVariance, oldVariance, channels * sizeof(float));
  }
  return isFinite;
}
