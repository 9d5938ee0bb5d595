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

      Each claim is tried on small networks with batch norm and without it. Unless its method says \
      otherwise, both sides choose their own best of the same learning rates, by two seeds of \
      which no figure is made; both see the same images in the same batches, for as many steps; \
      and they are compared seed by seed. A seed draws which fifth of the images is held out, the \
      weights at the start, and the order of the batches. All learn by stochastic gradient descent \
      with a momentum of 0.9, in batches of 32 unless said otherwise. The rule of each verdict was \
      fixed before the run.

      *With* and *without* are with batch norm and without it. *Accuracy* is the share of held-out \
      images that are classified rightly, a *point* a percentage point of it; guessing is right \
      10 % of the time, at a loss of 2.3. Square brackets hold the 95 % bootstrap interval over \
      the seeds. Ten seeds are few: of normally distributed numbers such an interval holds the \
      true mean 90 % of the time, and the page has dozens, so that a verdict that hangs by a hair \
      may be chance. The intervals speak of other seeds, not of other images or larger networks: \
      what does not hold here may hold there, and the page says how to find out on images of your \
      own.

      This page was written by

      ```sh
      ADJOINT_ISA=\(conditions.instructions) swift run -c release claims \(options)
      ```

      with \(conditions.seeds) seeds on \(conditions.data). \(provenance)But for the section of \
      seconds at its end it comes out the same, bit for bit, wherever the instruction set \
      `\(conditions.instructions)` runs, for any number of threads. `--fashion FOLDER` tries the \
      same on Fashion-MNIST, and `--only` some of the claims.
      """
  }

  /// Where the page's numbers are, or what is not as the methods say.
  private var provenance: String {
    switch file.conditions.budget {
    case "quick": "Its budgets were tiny: steps and learning rates are fewer than the methods say. "
    case _ where isOfThisPackage:
      """
      Its numbers are those of `\(ResultsFile.path(file.conditions))`, of which `claims --render` \
      writes it without a run.\u{20}
      """
    default: ""
    }
  }

  /// Whether it is the page of this package's documentation.
  private var isOfThisPackage: Bool {
    let conditions = file.conditions
    return conditions.budget == "full" && conditions.seeds >= 10
      && conditions.data == ImageData.digitsName
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

      What was timed on one machine, while it had other things to do: the best of several tries. No \
      verdict depends on it, and this table alone differs from run to run. "The steps to a loss" is \
      what a step takes times the steps at the median: the time to a given loss, which is what \
      claim 1 comes to by the clock.

      | Claim | What takes the time | µs |
      | --- | --- | ---: |
      \(rows.joined(separator: "\n"))
      """
  }
}
