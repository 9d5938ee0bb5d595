import Adjoint
import AdjointNN
import Foundation
import Synchronization
import Testing

@testable import AdjointTraining

@Suite("Progress")
struct ProgressTests {
  private let status = ProgressLine.Status(
    epoch: 3, of: 30, step: 12, of: 449, values: [("loss", 0.0843219), ("accuracy", 0.975)],
    rate: (5210.7, "samples"), secondsLeft: 3671.6)

  /// What was written to a terminal of so many columns, or to a file.
  private func written(_ columns: Int?, _ body: (inout ProgressLine) -> Void) -> String {
    final class Box: Sendable { let text = Mutex("") }
    let box = Box()
    var line = ProgressLine(columns: columns) { part in box.text.withLock { $0 += part } }
    body(&line)
    return box.text.withLock { $0 }
  }

  @Test func aStatusIsOneLine() {
    let line =
      "epoch  3/30  step  12/449  loss 0.08432  accuracy 0.975  5210 samples/s  1:01:12 left"
    #expect(ProgressLine.text(status, within: nil) == line)
    #expect(ProgressLine.text(status, within: 20) == "epoch  3/30  step  1")
    #expect(ProgressLine.clock(59.6) == "1:00" && ProgressLine.clock(5) == "0:05")
    #expect(ProgressLine.clock(.nan) == "0:00")
  }

  @Test func onATerminalTheLineMoves() {
    let text = written(40) { line in
      line.show(status)
      // Too soon to be drawn.
      line.show(status)
      line.finishEpoch(status)
      line.endLine()
    }
    let part = "\r" + ProgressLine.text(status, within: 39) + "\u{1B}[K"
    #expect(text == part + part + "\n")
  }

  @Test func elsewhereThereIsALineForAnEpoch() {
    let text = written(nil) { line in
      line.show(status)
      line.finishEpoch(status)
      line.endLine()
    }
    #expect(text == ProgressLine.text(status, within: nil) + "\n")
  }

  @Test func aHistoryIsATable() throws {
    var history = History()
    history.record(epoch: 1, step: 10, [("loss", 0.5), ("a,\"b\"", .nan)])
    history.record(epoch: 2, step: 20, [("loss", 0.25), ("late", -1e-9)])
    #expect(
      history.csv == """
        epoch,step,loss,"a,""b""\",late
        1,10,0.5,nan,
        2,20,0.25,,-1e-09

        """)
    let json = try JSONSerialization.jsonObject(with: Data(history.json.utf8)) as? [[String: Any]]
    #expect(json?.count == 2)
    #expect(json?[0]["a,\"b\""] is NSNull && json?[0]["late"] == nil)
    #expect(json?[1]["late"] as? Double == -1e-9 && json?[1]["step"] as? Int == 20)
    #expect(history["late"][1] == -1e-9 && history["late"][0].isNaN)
    #expect(history.best(.lowest, "loss") == 1 && history.best(.highest, "late") == 1)
    #expect(history.best(.lowest, "a,\"b\"") == nil)
  }

  @Test func earlyStoppingCountsWhatIsNoBetter() {
    let rule = EarlyStopping(of: "x", .lowest, patience: 2, margin: 0.1)
    #expect(!rule.stops(after: []))
    #expect(!rule.stops(after: [1, 0.95, 0.8, 0.75, 0.6]))
    #expect(rule.stops(after: [1, 0.95, 0.9]))
    #expect(rule.stops(after: [1, .nan, .nan]))
    #expect(!rule.stops(after: [.nan, 1, 2, 0.5]))
    // Once stopped, it stays so.
    #expect(rule.stops(after: [1, 1, 1, 0]))
  }

  /// 10⁶ numbers of which the mean is exact: the compensation keeps it.
  @Test func runningMeansLoseNoDigits() {
    var means = RunningMeans()
    for number in 0..<1000 {
      means.add("x", number.isMultiple(of: 2) ? 1e16 : -1e16)
      means.add("x", 1)
    }
    #expect(means["x"] == 0.5)
    means.add("y", 1, weight: 3)
    means.add("y", 5)
    #expect(means["y"] == 2 && means["z"].isNaN)
    #expect(means.means.map(\.name) == ["x", "y"])
    means.add("y", .infinity)
    #expect(means["y"] == .infinity)
  }
}

/// Lets signals through, which the process of an exit test begins without.
private func unblockSignals() {
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, nil)
}

@Suite("Interrupts")
struct InterruptTests {
  @Test func theFirstOneIsNotedAndTheSecondStopsAtOnce() async {
    await #expect(processExitsWith: .exitCode(130)) {
      unblockSignals()
      let interrupt = Interrupt()
      guard !interrupt.isRequested else { exit(1) }
      raise(SIGINT)
      guard interrupt.isRequested, interrupt.exitCode == 130 else { exit(2) }
      raise(SIGINT)
      exit(3)
    }
  }

  @Test func aSystemThatShutsDownIsHeard() async {
    await #expect(processExitsWith: .exitCode(143)) {
      unblockSignals()
      let interrupt = Interrupt()
      raise(SIGTERM)
      exit(interrupt.isRequested ? interrupt.exitCode : 1)
    }
  }

  @Test func afterwardsASignalDoesWhatItDidByDefault() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      unblockSignals()
      do { _ = Interrupt() }
      raise(SIGINT)
    }
  }

  /// The step is finished and saved, and what comes after it goes on bit for bit.
  @Test func aTrainingThatIsInterruptedSavesAndGoesOn() async {
    await #expect(processExitsWith: .success) {
      unblockSignals()
      let folder = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
      defer { try? FileManager.default.removeItem(at: folder) }
      var whole = Small.trainer(Small.training(Adam()))
      try whole.fit(epochs: 2) { Small.data.batches(of: 8, using: &$0) }
      var trainer = Small.trainer(Small.training(Adam()))
      trainer.checkpoints = Checkpointing(in: try CheckpointFolder(folder))
      trainer.interrupt = Interrupt()
      trainer.afterStep = { _, report in if report.step == 6 { raise(SIGINT) } }
      let first = try trainer.fit(epochs: 2) { Small.data.batches(of: 8, using: &$0) }
      guard first == .interrupted, trainer.training.step == 7 else { exit(1) }
      var second = Small.trainer(Small.training(Adam()))
      second.checkpoints = trainer.checkpoints
      let outcome = try second.fit(epochs: 2) { Small.data.batches(of: 8, using: &$0) }
      guard outcome == .finished, second.training.isSame(as: whole.training) else { exit(2) }
    }
  }
}
