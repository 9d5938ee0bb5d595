import Adjoint

/// Images side by side in rows, each with a caption if wanted.
public struct ImageGrid: Figure {
  public var title: String
  /// The images: [N, H, W] or [N, 1, H, W] in grey, [N, 3, H, W] in red, green and blue.
  public let images: Tensor
  /// What stands below each.
  public var captions: [String]
  /// How many stand in a row.
  public var columns: Int
  /// The values from black to white; those of each image from its smallest to its largest if nil.
  public var range: ClosedRange<Double>?

  /// Makes a grid.
  /// - Precondition: the images have one of the shapes, and there are no captions or one for each.
  public init(
    title: String, _ images: Tensor, captions: [String] = [], columns: Int = 10,
    range: ClosedRange<Double>? = 0...1
  ) {
    require(
      images.rank == 3 || images.rank == 4 && [1, 3].contains(images.shape[1]),
      "ImageGrid: \(images.type) are no images; give [N, H, W], [N, 1, H, W] or [N, 3, H, W]")
    require(
      captions.isEmpty || captions.count == images.shape[0],
      "ImageGrid: \(captions.count) captions for \(images.shape[0]) images; give one for each, or none"
    )
    require(columns > 0, "ImageGrid: \(columns) images in a row; give 1 or more")
    (self.title, self.images, self.captions) = (title, images, captions)
    (self.columns, self.range) = (columns, range)
  }

  private var count: Int { images.shape[0] }
  private var height: Int { images.shape[images.rank - 2] }
  private var width: Int { images.shape[images.rank - 1] }

  public var svg: String {
    // Pixels of a whole number of the picture's, at most as wide as a plot together.
    let across = max(1, min(columns, count))
    let most = min(96, 680 / Double(across)) / Double(max(width, height, 1))
    let scale = most < 1 ? most : most.rounded(.down)
    let (drawnWidth, drawnHeight) = (Double(width) * scale, Double(height) * scale)
    let step = max(drawnWidth + 8, (captions.map(\.drawnWidth).max() ?? 0) * 0.85 + 8)
    let rowHeight = drawnHeight + (captions.isEmpty ? 8 : 24)
    let top = title.isEmpty ? 12.0 : 42
    let rows = (count + across - 1) / across
    var picture = SVG(
      width: max(step * Double(across) + 24, title.drawnWidth * 1.25 + 24),
      height: top + rowHeight * Double(rows) + 8, title: title)
    picture.text(title, 16, 26, of: "title")
    let elements = [Double](images)
    for number in 0..<count {
      let x = 16 + step * Double(number % across) + (step - 8 - drawnWidth) / 2
      let y = top + rowHeight * Double(number / across)
      picture.image(image(number, elements), x, y, width: drawnWidth, height: drawnHeight)
      if !captions.isEmpty {
        picture.text(
          captions[number], x + drawnWidth / 2, y + drawnHeight + 13, .middle, of: "small")
      }
    }
    return picture.file
  }

  private func image(_ number: Int, _ elements: [Double]) -> PNG {
    let channels = images.rank == 4 ? images.shape[1] : 1
    let (plane, size) = (height * width, channels * height * width)
    let own = elements[number * size..<(number + 1) * size]
    let finite = own.filter(\.isFinite)
    let (low, high) =
      range.map { ($0.lowerBound, $0.upperBound) } ?? (finite.min() ?? 0, finite.max() ?? 1)
    require(
      low.isFinite && high.isFinite,
      "ImageGrid: the range is \(low) to \(high); give finite ends, or nil")
    // Halves where the difference of the ends is more than a number.
    let unit = (high - low).isFinite ? 1 : 0.5
    let span = high * unit - low * unit
    func shade(_ value: Double) -> UInt8 {
      guard value.isFinite, high > low else { return 0 }
      let place = (min(max(value, low), high) * unit - low * unit) / span
      return UInt8((place * 255).rounded())
    }
    let start = number * size
    let pixels = (0..<plane).map { place in
      let shades = (0..<3).map { shade(elements[start + min($0, channels - 1) * plane + place]) }
      return SIMD3(shades[0], shades[1], shades[2])
    }
    return PNG(width: width, height: height, pixels: pixels)
  }
}
