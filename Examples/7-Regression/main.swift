// What this teaches: from a table in a CSV file to a fitted model and a picture.
//
//     swift run regression
//
// How far cars of the 1920s went until they stood, by their speed: 50 measurements. A line is fitted, whose best one
// statistics knows, and a small network, which may bend.
//
// Source: Ezekiel, "Methods of correlation analysis" (1930); the data set `cars` of R.

import Adjoint
import AdjointData
import AdjointNN
import AdjointTraining
import ExampleSupport
import Foundation

let arguments = Arguments(
  "regression",
  help: """
    Fits a line and a small network to a table of two columns.

    USAGE: regression [--data FILE] [--input NAME] [--target NAME] [--steps N] [--no-plot]

      --data FILE    a CSV file with a header (the cars that ship with this)
      --input NAME   the column to predict from (speed)
      --target NAME  the column to predict (distance)
      --steps N      steps along the gradient of all rows (2000)
      --no-plot      do not write regression.svg
    """,
  options: ["--data", "--input", "--target", "--steps"], flags: ["--no-plot"])
let (input, target) = (
  arguments.text("--input") ?? "speed", arguments.text("--target") ?? "distance"
)
let steps = arguments.number("--steps", 2000, in: 1...1_000_000)

let table: LabeledData
do {
  let file = arguments.text("--data").map { URL(filePath: $0) } ?? Cars.file
  table = try CSVTable.read(file).data(inputs: [input], targets: [target], missing: .leftOut)
} catch {
  arguments.fail(error, EX_DATAERR)
}

/// The column with the mean 0 and the deviation 1, and what makes it so.
func standardized(_ column: Tensor) -> (values: Tensor, mean: Double, deviation: Double) {
  let (mean, deviation) = (Double(column.mean()), Double(column.variance().squareRoot()))
  return ((column - mean) / deviation, mean, deviation)
}

let (x, meanX, deviationX) = standardized(table.inputs)
let (y, meanY, deviationY) = standardized(table.labels)

/// Fits a model to all rows, and returns it with the mean squared error in the table's own units.
func fitted<Model: Layer>(_ model: Model) -> (model: Model, error: Double) {
  var (model, optimizer, last) = (model, Adam(learningRate: 0.01), 0.0)
  for _ in 0..<steps {
    let (loss, gradient) = valueAndGradient(of: &model) { model in
      meanSquaredError(model(x, .training), y)
    }
    optimizer.update(&model, along: gradient)
    last = Double(loss)
  }
  return (model, last * deviationY * deviationY)
}

var generator = Philox(seed: 1)
let line = fitted(Linear(1, 1, using: &generator))
let network = fitted(
  Sequential {
    Linear(1, 4, using: &generator)
    GELU()
    Linear(4, 1, using: &generator)
  })

// The line in the table's own units: y = slope · x + offset.
let weight = Double(line.model.weight)
let bias = line.model.bias.map { Double($0) } ?? 0
let slope = weight * deviationY / deviationX
let offset = meanY + bias * deviationY - slope * meanX
print("\(table.count) rows of \(input) and \(target)")
print(String(format: "\(target) = %.4f · \(input) %+.4f", slope, offset))
print(
  String(
    format: "mean squared error: %.2f by the line, %.2f by the network", line.error, network.error))

if !arguments.has("--no-plot") {
  let numbers = [Double](table.inputs)
  let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 1)
  let places = Tensor.linear(from: least, through: most, count: 100).reshaped(to: [100, 1])
  func predicted(_ model: some Layer) -> [Double] {
    [Double](model.predict((places - meanX) / deviationX) * deviationY + meanY)
  }
  let plot = LinePlot(
    title: "\(target) by \(input)", x: Axis(input), y: Axis(target),
    lines: [
      LinePlot.Line("measured", x: numbers, y: [Double](table.labels), style: .points),
      LinePlot.Line("line", x: [Double](places), y: predicted(line.model)),
      LinePlot.Line("network", x: [Double](places), y: predicted(network.model)),
    ])
  do { try plot.write(to: URL(filePath: "regression.svg")) } catch {
    arguments.fail(error, EX_CANTCREAT)
  }
  print("wrote regression.svg")
}
