import Adjoint

/// Where samples come from, by their places: memory, files, or what computes them.
///
/// ``LabeledData`` holds them in memory, ``StreamedData`` and ``ImageFolder`` read them when they are asked for. A
/// ``Loader`` makes batches of any.
public protocol SampleSource: Sendable {
  /// What fetching can throw; `Never` where it cannot fail.
  associatedtype Failure: Error
  /// The number of samples.
  var count: Int { get }
  /// Fetches the samples at places, in the order of the places.
  func samples(at places: [Int]) throws(Failure) -> LabeledData
}

extension LabeledData: SampleSource {
  /// The samples at the given places.
  public func samples(at places: [Int]) -> LabeledData { samples(Tensor(places)) }
}

extension ImageFolder: SampleSource {}

/// Inputs and labels that lie in two files, and are read when they are asked for.
///
/// ```swift
/// let data = try StreamedData(inputs: NPY.rows(images), labels: NPY.rows(labels))
/// ```
public struct StreamedData: SampleSource {
  /// The inputs, [N, …].
  public let inputs: FileRows
  /// The labels or targets, [N, …].
  public let labels: FileRows

  /// Makes a source of two files.
  /// - Precondition: they have as many rows as each other.
  public init(inputs: FileRows, labels: FileRows) {
    require(
      inputs.count == labels.count,
      "StreamedData: the labels are \(labels.type), the inputs \(inputs.type); give one label, or a row of "
        + "targets, for each input")
    self.inputs = inputs
    self.labels = labels
  }

  /// The number of samples.
  public var count: Int { inputs.count }

  /// Reads the samples at places.
  public func samples(at places: [Int]) throws(FileError) -> LabeledData {
    try LabeledData(inputs: inputs.rows(places), labels: labels.rows(places))
  }
}
