import AdjointData
import Foundation

/// A picture that is drawn from numbers: ``LinePlot``, ``BarPlot``, ``HeatMap`` or ``ImageGrid``.
///
/// As SVG it reads on light and on dark backgrounds: colours follow the reader's preference.
public protocol Figure: Sendable {
  /// What stands above the picture.
  var title: String { get }
  /// The picture, as the text of an SVG file.
  var svg: String { get }
}

extension Figure {
  /// Writes the picture as an SVG file; a file that is there survives any failure.
  public func write(to file: URL) throws(FileError) {
    try AtomicFile.write(to: file) { writer throws(FileError) in try writer.write(svg) }
  }
}
