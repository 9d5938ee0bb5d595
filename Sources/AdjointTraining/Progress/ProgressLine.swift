import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How far a training is: one line that moves on a terminal; a line for each epoch elsewhere.
///
///     epoch  3/30  step 120/449  loss 0.0843  accuracy 0.975  5210 samples/s  0:42 left
public struct ProgressLine: Sendable {
  /// What there is to say.
  public struct Status: Sendable {
    /// The number of the epoch, from 1.
    public var epoch: Int
    /// How many epochs there are.
    public var epochs: Int
    /// The steps of the epoch that are done.
    public var step: Int
    /// How many steps the epoch has; nil if that is not known.
    public var steps: Int?
    /// Numbers by name, in order.
    public var values: [(name: String, value: Double)]
    /// Steps, or samples, each second.
    public var rate: (count: Double, of: String)?
    /// Seconds that are left.
    public var secondsLeft: Double?

    /// Makes a status.
    public init(
      epoch: Int, of epochs: Int, step: Int, of steps: Int? = nil,
      values: [(name: String, value: Double)] = [], rate: (count: Double, of: String)? = nil,
      secondsLeft: Double? = nil
    ) {
      (self.epoch, self.epochs, self.step, self.steps) = (epoch, epochs, step, steps)
      (self.values, self.rate, self.secondsLeft) = (values, rate, secondsLeft)
    }
  }

  /// The columns of the terminal; nil where there is none.
  public let columns: Int?
  private let write: @Sendable (String) -> Void
  private var lastDrawn: ContinuousClock.Instant?
  private var isOpen = false

  /// Writes to standard output.
  public init() {
    self.init(columns: ProgressLine.terminalColumns) { text in
      print(text, terminator: "")
      fflush(nil)
    }
  }

  /// Writes elsewhere: as to a terminal of so many columns, or with nil as to a file.
  public init(columns: Int?, write: @escaping @Sendable (String) -> Void) {
    (self.columns, self.write) = (columns, write)
  }

  /// Shows a status within an epoch: on a terminal, at most ten times a second.
  public mutating func show(_ status: @autoclosure () -> Status) {
    guard let columns else { return }
    let now = ContinuousClock.now
    if let lastDrawn, now - lastDrawn < .milliseconds(100) { return }
    lastDrawn = now
    isOpen = true
    write("\r" + ProgressLine.text(status(), within: columns - 1) + "\u{1B}[K")
  }

  /// Shows the status at the end of an epoch, and goes to the next line.
  public mutating func finishEpoch(_ status: Status) {
    let text = ProgressLine.text(status, within: columns.map { $0 - 1 })
    write(columns == nil ? text + "\n" : "\r" + text + "\u{1B}[K\n")
    (lastDrawn, isOpen) = (nil, false)
  }

  /// Writes a line of its own, below one that has been begun.
  public mutating func say(_ text: String) {
    endLine()
    write(text + "\n")
  }

  /// Goes to the next line if one has been begun: before anything else is printed.
  public mutating func endLine() {
    if isOpen { write("\n") }
    isOpen = false
  }

  /// The line, cut off where the terminal ends.
  static func text(_ status: Status, within columns: Int?) -> String {
    func padded(_ number: Int, to other: Int) -> String {
      let (text, width) = ("\(number)", "\(other)".count)
      return String(repeating: " ", count: max(0, width - text.count)) + text
    }
    var parts = ["epoch \(padded(status.epoch, to: status.epochs))/\(status.epochs)"]
    if let steps = status.steps, status.step < steps {
      parts.append("step \(padded(status.step, to: steps))/\(steps)")
    } else if status.steps == nil {
      parts.append("step \(status.step)")
    }
    parts += status.values.map { "\($0.name) \(String(format: "%.4g", $0.value))" }
    if let rate = status.rate { parts.append("\(Int(clamping: rate.count)) \(rate.of)/s") }
    if let seconds = status.secondsLeft { parts.append(ProgressLine.clock(seconds) + " left") }
    let line = parts.joined(separator: "  ")
    return columns.map { String(line.prefix(max($0, 0))) } ?? line
  }

  /// Seconds as minutes and seconds, with hours where there are some.
  static func clock(_ seconds: Double) -> String {
    let total = Int(clamping: seconds.rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    let tail = String(format: "%02d", rest)
    return hours > 0
      ? "\(hours):" + String(format: "%02d", minutes) + ":" + tail : "\(minutes):" + tail
  }

  /// How wide the terminal is that standard output goes to, if it is one.
  private static var terminalColumns: Int? {
    guard isatty(STDOUT_FILENO) == 1 else { return nil }
    var size = winsize()
    if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return 80
  }
}

extension Int {
  /// The nearest integer; 0 for NaN.
  fileprivate init(clamping value: Double) {
    self = value.isNaN ? 0 : value >= 0x1p62 ? 1 << 62 : value <= -0x1p62 ? -(1 << 62) : Int(value)
  }
}
