// The average of the statistics of batches.

// old + share · (new − old), between the two even where their difference overflows.
INLINE ELEMENT LABEL(average)(ELEMENT old, ELEMENT new, ELEMENT share) {
  const ELEMENT difference = new - old;
  if (__builtin_elementwise_abs(difference) < __builtin_inff()) return old + share * difference;
  return (1 - share) * old + share * new;
}

// Averages a batch's mean and variance, times its factor, into running ones: old + weight · (new − old). Unless all
// are finite: then nothing is right but the old ones, and the result is 0.
static int LABEL(averageStatistics)(
    size_t channels, double weight, double varianceFactor, const void *restrict means,
    const void *restrict variances, const void *restrict oldMeans,
    const void *restrict oldVariances, void *restrict newMeans, void *restrict newVariances) {
  const ELEMENT *mean = means, *variance = variances;
  const ELEMENT *oldMean = oldMeans, *oldVariance = oldVariances;
  ELEMENT *newMean = newMeans, *newVariance = newVariances;
  const ELEMENT share = (ELEMENT)weight, factor = (ELEMENT)varianceFactor;
  int isFinite = 1;
  for (size_t c = 0; c < channels; c++)
    isFinite &= __builtin_elementwise_abs(mean[c]) < __builtin_inff()
        && __builtin_elementwise_abs(variance[c] * factor) < __builtin_inff();
  for (size_t c = 0; isFinite && c < channels; c++) {
    newMean[c] = LABEL(average)(oldMean[c], mean[c], share);
    newVariance[c] = LABEL(average)(oldVariance[c], variance[c] * factor, share);
  }
  if (!isFinite) {
    memcpy(newMean, oldMean, channels * sizeof(ELEMENT));
    memcpy(newVariance, oldVariance, channels * sizeof(ELEMENT));
  }
  return isFinite;
}
