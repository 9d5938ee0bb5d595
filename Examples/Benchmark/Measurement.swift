#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How long a step takes, in microseconds.
struct Measurement {
  let median: Double
  let tenth: Double
  let ninetieth: Double

  /// Times a step: a second of warm-up, then samples of as many steps as last 10 ms, for `seconds`.
  init(seconds: Double, _ step: () -> Void) {
    var start = now()
    var count = 0
    while now() - start < 1 || count < 3 {
      step()
      count += 1
    }
    start = now()
    let trial = max(1, min(1000, Int(0.1 * Double(count))))
    for _ in 0..<trial { step() }
    let steps = max(1, Int((0.01 / (now() - start) * Double(trial)).rounded()))
    var samples: [Double] = []
    let begin = now()
    while now() - begin < seconds || samples.count < 5 {
      start = now()
      for _ in 0..<steps { step() }
      samples.append((now() - start) / Double(steps) * 1e6)
    }
    samples.sort()
    func quantile(_ share: Double) -> Double {
      samples[min(samples.count - 1, Int(share * Double(samples.count)))]
    }
    median = quantile(0.5)
    tenth = quantile(0.1)
    ninetieth = quantile(0.9)
  }
}

/// Seconds since some moment.
func now() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

/// The most memory that the process has ever had resident, in megabytes.
func peakMegabytes() -> Double {
  var usage = rusage()
  #if canImport(Glibc)
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
  #else
    unsafe getrusage(RUSAGE_SELF, &usage)
    return Double(usage.ru_maxrss) / 1_048_576
  #endif
}
