import Adjoint
import AdjointFixtures
import Foundation
import Testing

@testable import AdjointData

@Suite("Files of comma-separated values")
struct CSVTests {
  private func rows(
    _ text: String, separator: Character = ",", hasHeader: Bool = false
  ) throws(FileError) -> [[String]] {
    var reader = try CSVReader(
      decoding: Array(text.utf8), name: "f", separator: separator, hasHeader: hasHeader)
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append(row.fields) }
    return rows
  }

  private func table(_ text: String) throws(FileError) -> CSVTable {
    try CSVTable.decode(Array(text.utf8), name: "f")
  }

  private func message(_ body: () throws(FileError) -> Void) -> String {
    do throws(FileError) {
      try body()
      return ""
    } catch { return error.description }
  }

  @Test func theRulesOfTheFormatHold() throws {
    // RFC 4180, §2, rules 1 to 7.
    #expect(
      try rows("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n") == [
        ["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"],
      ])
    #expect(
      try rows("aaa,bbb,ccc\r\nzzz,yyy,xxx") == [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]])
    #expect(
      try rows("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx").first == ["aaa", "b\r\nbb", "ccc"])
    #expect(try rows("\"aaa\",\"b\"\"bb\",\"c,cc\"") == [["aaa", "b\"bb", "c,cc"]])
    // LF and CR alone end lines too, empty lines count for nothing, and empty fields are fields.
    #expect(try rows("a,\n\n\r\n,b\r\"\",c\r\r") == [["a", ""], ["", "b"], ["", "c"]])
    #expect(try rows("\u{FEFF}a;b\n1;2", separator: ";") == [["a", "b"], ["1", "2"]])
    #expect(try rows("é\t\"😀\t\"", separator: "\t") == [["é", "😀\t"]])
    #expect(try rows(" a , b ") == [[" a ", " b "]])
    #expect(try rows("\"\"") == [[""]])
  }

  @Test func aNumberBeyondTheElementTypeIsTold() throws {
    let table = try table("a,b\n1,2.5\n3,1e300\n")
    #expect([Double](try table.numbers(["b"], dtype: .float64)) == [2.5, 1e300])
    let told = message { () throws(FileError) in _ = try table.numbers(["a", "b"]) }
    #expect(
      told.contains("column \"b\" has 1e+300 in line 3, which is beyond float32; read float64"))
  }

  @Test func whatBreaksTheRulesIsToldByLineAndColumn() {
    func told(_ text: String) -> String { message { () throws(FileError) in _ = try rows(text) } }
    #expect(told("") == "f: line 1, column 1: there is no row")
    #expect(told("\n\r\n") == "f: line 1, column 1: there is no row")
    #expect(told("a,b\nc") == "f: line 2, column 2: the row has 1 fields, and there are 2 columns")
    #expect(
      told("a,b\n\"c\nd\",e,é,f\n")
        == "f: line 3, column 6: the row has 4 fields, and there are 2 columns")
    #expect(told("a\nbé\"c").hasPrefix("f: line 2, column 3: a quote within a field"))
    #expect(told("a,\"b\nc") == "f: line 1, column 3: a quote is never closed")
    #expect(told("\"a\"b") == "f: line 1, column 4: something follows a closed quote")
    let latin = message { () throws(FileError) in
      _ = try CSVReader(decoding: [0x61, 0x2C, 0xE9], name: "f")
    }
    #expect(latin == "f: line 1, column 3: the field is no UTF-8; save the file as UTF-8")
    let wide = message { () throws(FileError) in
      _ = try CSVReader(decoding: [0xFF, 0xFE, 0x61, 0], name: "f")
    }
    #expect(wide == "f: is UTF-16; save it as UTF-8")
    #expect(
      message { () throws(FileError) in _ = try rows("a,b,a\n", hasHeader: true) }
        == "f: line 1, column 5: two columns are called \"a\"; rename one")
  }

  @Test func columnsHaveTheNarrowestType() throws {
    let table = try table(
      """
      i,n,t,m,e,big
      1,1,a,NA,, 2147483648
      -2, 1e-3 ,1x,3,,1
      +3,.5,,"",,1

      """)
    #expect(try table.column("i").values == .integers([1, -2, 3]))
    #expect(try table.column("n").values == .numbers([1, 0.001, 0.5]))
    #expect(try table.column("t").values == .texts(["a", "1x", nil]))
    #expect(try table.column("m").values == .integers([nil, 3, nil]))
    #expect(try table.column("e").values == .integers([nil, nil, nil]))
    #expect(try table.column("big").values == .numbers([2_147_483_648, 1, 1]))
    #expect(table.count == 3 && table.columns.map(\.name) == ["i", "n", "t", "m", "e", "big"])
    for text in ["inf", "0x10", "1e", "1 2", "--1", "1_000", "１"] {
      let column = try self.table("a\n\(text)\n").columns[0]
      #expect(column.values == .texts([text]), "\(text)")
    }
    let missing = message { () throws(FileError) in _ = try table.column("bigg") }
    #expect(missing == "f: has no column \"bigg\"; the nearest name is \"big\"")
  }

  @Test func tablesBecomeSamples() throws {
    let text = """
      x,y,kind,grade,price
      1,2,cat,3,10
      3,,dog,1,20
      5,6,cat,3,30
      7,8,,1,40
      """
    let table = try table(text)
    let data = try table.data(inputs: ["y", "x"], targets: ["price"], missing: .leftOut)
    #expect(data.inputs == Tensor([[2, 1], [6, 5], [8, 7]]))
    #expect(data.labels == Tensor([[10], [30], [40]]))
    let kinds = try table.data(inputs: ["x"], labels: "kind", missing: .leftOut)
    #expect(kinds.inputs == Tensor([[1], [3], [5]]))
    #expect(kinds.labels == Tensor([0, 1, 0] as [Int32]))
    #expect(try table.categories("kind") == ["cat", "dog"])
    #expect(
      try table.data(inputs: ["x"], labels: "grade").labels == Tensor([1, 0, 1, 0] as [Int32]))
    #expect(try table.categories("grade") == ["1", "3"])
    let withNaN = [Float](try table.numbers(["y"], missing: .notANumber))
    #expect(withNaN[1].isNaN && withNaN[3] == 8)
    #expect(
      message { () throws(FileError) in _ = try table.numbers(["x", "y"]) }
        == "f: column \"y\" is missing in line 3; leave such rows out, or take NaN")
    #expect(
      message { () throws(FileError) in
        _ = try table.data(inputs: ["x"], labels: "kind", missing: .notANumber)
      } == "f: column \"kind\" is missing in line 5; leave such rows out, or take NaN")
    #expect(
      message { () throws(FileError) in _ = try table.numbers(["kind"], missing: .leftOut) }
        == "f: column \"kind\" has \"cat\" in line 2, which is no number")
    #expect(
      message { () throws(FileError) in _ = try self.table("a\n1.5\n").categories("a") }
        == "f: column \"a\" has fractions, which are no categories")
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.csv")
      let rows = [["1", "a,b"], ["\"", ""], ["", "\r\n"], ["é", " "]]
      try CSVTable.write(header: ["x", "y \"z\""], rows: rows, to: file)
      var reader = try CSVReader(file)
      #expect(reader.header == ["x", "y \"z\""])
      for row in rows { #expect(try reader.next()?.fields == row) }
      #expect(try reader.next() == nil)
      try CSVTable.write(header: ["x"], rows: [[""], ["1"]], to: file)
      #expect(try CSVTable.read(file).column("x").values == .integers([nil, 1]))
    }
  }

  /// Rows lie across the ends of the parts in which a file is read.
  @Test func longFilesAreReadInParts() throws {
    let rows = (0..<20_000).map { ["\($0)", String(repeating: "é", count: $0 % 13)] }
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("a.csv")
      try CSVTable.write(header: ["n", "t"], rows: rows, to: file)
      var reader = try CSVReader(file)
      var (count, line) = (0, 0)
      while let row = try reader.next() {
        if row.fields != rows[count] { Issue.record("row \(count) is \(row.fields)") }
        count += 1
        line = row.line
      }
      #expect(count == 20_000 && line == 20_001)
    }
  }
}
