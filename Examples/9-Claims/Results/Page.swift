import AdjointData
import AdjointTraining
import Foundation

/// The page of all claims, in Markdown with its plots beside it.
package struct Page: Sendable {
  let file: ResultsFile

  package init(_ file: ResultsFile) { self.file = file }

  /// Writes the page, and its plots beside it, where DocC finds them and readers of plain Markdown
  /// too.
  package func write(to page: URL) throws {
    let folder = page.deletingLastPathComponent()
    for finding in file.findings {
      for (number, plot) in finding.plots.enumerated() {
        try plot.write(to: folder.appending(path: finding.fileName(number)))
      }
    }
    try AtomicFile.write(to: page) { writer throws(FileError) in try writer.write(text) }
  }

  /// The page.
  var text: String {
    ([introduction, table] + file.findings.map(section) + [seconds]).joined(separator: "\n\n")
      + "\n"
  }

  private var introduction: String {
    let conditions = file.conditions
    return """
      # What batch norm does, measured

      The claims that articles make about batch normalization, each tried by a small experiment \
      that could have come out otherwise.

      ## Overview

      Each claim is tried on networks with batch norm and without it. Both choose their own best \
      of the same learning rates, by seeds of which no figure is made; both see the same images in \
      the same batches, for as many steps; and they are compared seed by seed. All learn by \
      stochastic gradient descent with a momentum of 0.9, in batches of 32 unless said otherwise. \
      Square brackets hold the 95 % bootstrap interval over the seeds, and the rule of each \
      verdict was fixed before the run. Networks are small, since they are trained thousands of \
      times: a claim that does not hold here may hold for large ones, and the page says how to \
      find out on your own images.

      This page was written by

      ```sh
      ADJOINT_ISA=\(conditions.instructions) swift run -c release claims \(options)
      ```

      with \(conditions.seeds) seeds on \(conditions.data). But for the section of seconds at its \
      end it comes out the same, bit for bit, wherever the instruction set \
      `\(conditions.instructions)` runs, for any number of threads. `--fashion FOLDER` tries the \
      same on Fashion-MNIST, and `--only` some of the claims.
      """
  }

  /// The options by which the page is written again.
  private var options: String {
    let conditions = file.conditions
    let isFull = conditions.budget == "full" && conditions.seeds >= 10
    return
      (isFull ? "--full" : (conditions.budget == "quick" ? "--quick " : "") + "--page Claims.md")
      + (conditions.seeds == 10 ? "" : " --seeds \(conditions.seeds)")
      + (conditions.data == ImageData.digitsName ? "" : " --fashion FOLDER")
  }

  private var table: String {
    let rows = file.findings.map {
      "| \($0.claim.number) | \($0.claim.name) | \($0.figure) | **\($0.verdict)** |"
    }
    return
      (["## Verdicts", "", "| | Claim | Figure | Verdict |", "| --- | --- | --- | --- |"] + rows)
      .joined(separator: "\n")
  }

  private func section(_ finding: Finding) -> String {
    let claim = finding.claim
    let plots = finding.plots.enumerated().map { number, plot in
      "![\(plot.title)](\(finding.fileName(number)))"
    }
    return """
      ## \(claim.number). \(claim.name)

      > \(claim.sentence)

      **Verdict:** \(finding.verdict). *\(finding.figure)*

      \(plots.joined(separator: "\n\n"))

      **Method.** \(claim.method.text)

      **What it means for you.** \(finding.advice)
      """
  }

  private func microseconds(_ seconds: Double) -> String {
    seconds >= 1e-4 ? fixed(seconds * 1e6, 0) : significant(seconds * 1e6, 3)
  }

  private var seconds: String {
    let rows = file.findings.flatMap { finding in
      finding.timings.map { timing in
        "| \(finding.claim.number) | \(timing.name) | \(microseconds(timing.seconds)) |"
      }
    }
    return """
      ## Seconds

      What was timed on one machine, while it had other things to do. No verdict depends on it, \
      and this table alone differs from run to run. A step with batch norm costs more, and a \
      network as small as these loses by the clock much of what it gains in steps.

      | Claim | What takes the time | µs |
      | --- | --- | ---: |
      \(rows.joined(separator: "\n"))
      """
  }
}
