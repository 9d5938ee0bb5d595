#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Curves over the epochs, with a logarithmic axis upwards, as an SVG picture.
struct Plot {
  let title: String
  let curves: [(name: String, values: [Double])]
  private let width = 720.0
  private let height = 420.0
  private let left = 70.0
  private let right = 20.0
  private let top = 50.0
  private let bottom = 50.0
  private let colors = ["#1f77b4", "#d62728"]

  var svg: String {
    let decades = self.decades
    let count = curves.map(\.values.count).max() ?? 1
    func x(_ index: Int) -> Double {
      left + (width - left - right) * Double(index) / Double(max(count - 1, 1))
    }
    func y(_ value: Double) -> Double {
      let span = Double(decades.upperBound - decades.lowerBound)
      let share = (log10(value) - Double(decades.lowerBound)) / span
      return height - bottom - (height - top - bottom) * share
    }
    var lines = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
      font-family="Helvetica, Arial, sans-serif" font-size="13">
      """,
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      "<text x=\"\(left)\" y=\"28\" font-size=\"16\">\(title)</text>",
    ]
    for decade in decades {
      let height = y(pow(10, Double(decade))).fixed(1)
      lines.append("<path d=\"M\(left) \(height)H\(width - right)\" stroke=\"#ddd\"/>")
      lines.append(text("1e\(decade)", x: left - 8, y: height, anchor: "end"))
    }
    for index in Set((0...5).map { $0 * (count - 1) / 5 }).sorted() {
      lines.append(
        text("\(index + 1)", x: x(index), y: "\(height - bottom + 20)", anchor: "middle"))
    }
    lines.append(text("epoch", x: width / 2, y: "\(height - 10)", anchor: "middle"))
    for (index, curve) in curves.enumerated() {
      // What cannot be drawn on a logarithmic axis is left out.
      let points = curve.values.enumerated().filter { $0.element > 0 && $0.element.isFinite }
        .map { "\(x($0.offset).fixed(1)),\(y($0.element).fixed(1))" }
      let color = colors[index % colors.count]
      lines.append(
        """
        <polyline points="\(points.joined(separator: " "))" fill="none" stroke="\(color)" \
        stroke-width="2"/>
        """)
      let height = top + 20 + 20 * Double(index)
      lines.append(
        "<path d=\"M\(width - 190) \(height)h24\" stroke=\"\(color)\" stroke-width=\"2\"/>")
      lines.append(text(curve.name, x: width - 158, y: "\(height + 4)", anchor: "start"))
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// The powers of ten around all values.
  private var decades: ClosedRange<Int> {
    let logarithms = curves.flatMap(\.values).filter { $0 > 0 && $0.isFinite }.map(log10)
    let lowest = Int((logarithms.min() ?? 0).rounded(.down))
    let highest = Int((logarithms.max() ?? 0).rounded(.up))
    return lowest...max(highest, lowest + 1)
  }

  private func text(_ text: String, x: Double, y: String, anchor: String) -> String {
    "<text x=\"\(x.fixed(1))\" y=\"\(y)\" text-anchor=\"\(anchor)\" fill=\"#333\">\(text)</text>"
  }
}
