import ClaimExperiments
import Foundation
import Synchronization

/// How far a run is, and how much time is left, on standard error.
final class Progress: Sendable {
  private struct State {
    /// Costs of the claims that are still to be tried, the one in work included.
    var costAhead: Double
    /// Costs of the claims that were tried, and how long they took.
    var costDone = 0.0
    var secondsDone = 0.0
    var start = ContinuousClock.now
    var name = ""
    var cost = 0.0
    var trainings = 0
    var lastShown = ContinuousClock.now
  }

  private let state: Mutex<State>

  init(_ claims: [any Claim]) {
    state = Mutex(State(costAhead: claims.reduce(0) { $0 + $1.cost }))
  }

  /// Begins with a claim; one that is known already costs nothing.
  func begin(_ claim: any Claim, isKnown: Bool) {
    state.withLock { state in
      if isKnown { state.costAhead -= claim.cost }
      (state.name, state.cost) = (claim.name, isKnown ? 0 : claim.cost)
      (state.trainings, state.start) = (0, .now)
    }
  }

  /// One of the trainings of the claim has ended.
  func finishTraining() {
    state.withLock { state in
      state.trainings += 1
      guard .now - state.lastShown > .seconds(2) else { return }
      state.lastShown = .now
      show("claims: \(state.name): \(state.trainings) trainings\(timeLeft(state))")
    }
  }

  /// A claim has been tried.
  func finish(_ claim: any Claim) {
    state.withLock { state in
      state.costAhead -= state.cost
      state.costDone += state.cost
      if state.cost > 0 { state.secondsDone += elapsed(state) }
    }
  }

  private func elapsed(_ state: State) -> Double { (.now - state.start) / .seconds(1) }

  /// By how long what is done took; nothing before anything is.
  private func timeLeft(_ state: State) -> String {
    guard state.costDone > 0 else { return "" }
    let whole = state.costAhead * state.secondsDone / state.costDone
    let left = Int(max(0, whole - elapsed(state)).rounded())
    return ", about \(left / 60):" + (left % 60 < 10 ? "0" : "") + "\(left % 60) left"
  }

  private func show(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
