import Testing

@testable import AdjointData

@Suite("The scanner of JSON")
struct JSONTests {
  private func accepts(_ text: String) -> Bool {
    var scanner = JSONScanner(Array(text.utf8), file: "f", what: "the text")
    do throws(FileError) {
      try scanner.skip()
      try scanner.end()
      return true
    } catch { return false }
  }

  /// The grammar of RFC 8259, §2 to §7.
  @Test func whatIsJSONIsTakenAndNothingElse() {
    for text in [
      "0", "-0", "10", "1.5", "-1.5e10", "1E+5", "0e-1", "true", "false", "null", "\"\"", "[]",
      "{}",
      " [ 1 , 2 ]\n", "{\"a\":{\"b\":[true]}}", #""\u00e9\ud83d\ude00\/\\\"\b\f\n\r\t""#, "\"é😀\"",
    ] {
      #expect(accepts(text), "\(text)")
    }
    for text in [
      "", "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "nul", "True", "1 2", "[1,]",
      "[,1]",
      "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}", "[", "{", "\"", "\"\u{1}\"",
      #""\x""#, #""\u12""#, #""\ud800""#, "'a'", "{\"a\":1,\"a\":2}", "]", "[}",
    ] {
      #expect(!accepts(text), "\(text)")
    }
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(accepts(deep) && !accepts("[\(deep)]"))
  }

  @Test func textsComeBack() throws {
    for text in ["", "a", "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}", "é😀\u{2028}\u{7F}"] {
      var scanner = JSONScanner(Array(text.json.utf8), file: "f", what: "the text")
      #expect(try scanner.string() == text)
    }
    var pair = JSONScanner(Array(#""\ud83d\ude00""#.utf8), file: "f", what: "the text")
    #expect(try pair.string() == "😀")
  }
}
