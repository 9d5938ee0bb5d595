import Adjoint

let options = Options(Array(CommandLine.arguments.dropFirst()))
withThreads(options.threadCount) {
  for name in options.work { run(name, options) }
}
finishOutput()

/// Runs a workload and prints what came of it.
func run(_ name: String, _ options: Options) {
  guard let entry = Workload.all.first(where: { $0.name == name }) else { return }
  let workload = entry.make()
  if options.isCold {
    workload.step()
    print("\(name): first step done")
    return
  }
  let check = workload.check()
  let result = Measurement(seconds: options.seconds, workload.step)
  let memory = peakMegabytes()
  if options.isJSON {
    print(
      """
      {"work": "\(name)", "threads": \(threads), "us": \(result.median), \
      "p10_us": \(result.tenth), "p90_us": \(result.ninetieth), "rss_mb": \(memory), \
      "operations": \(workload.operations), "bytes": \(workload.bytes), "check": \(check)}
      """)
  } else {
    print("\(name)  \(result.median) µs (\(result.tenth) to \(result.ninetieth))  \(memory) MB")
    if workload.operations > 0 {
      print("   \(workload.operations / result.median / 1e3) GFLOP/s")
    }
    if workload.bytes > 0 { print("   \(workload.bytes / result.median / 1e3) GB/s") }
  }
}
