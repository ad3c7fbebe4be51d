import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("What is typed, pasted or piped")
struct TypingTests {
  @Test("A paste without prompts stays as it is, line ends and tabs aside")
  func plainPaste() {
    #expect(LineEditor.pasted("a\r\nb\rc\td\n\n") == "a\nb\nc    d")
    #expect(LineEditor.pasted("f(\n  1)") == "f(\n  1)")
    #expect(LineEditor.pasted("\n") == "")
  }

  @Test("A pasted transcript is what was typed in it")
  func transcriptPaste() {
    #expect(LineEditor.pasted("  >>> a = 1\n  a = 1\n  >>> b = [1,\n  ..>   2]\n") == "a = 1\nb = [1,\n  2]")
    #expect(LineEditor.pasted(">>>\n>>> x") == "\nx")
    #expect(LineEditor.pasted("a >>> b") == "a >>> b")
  }

  @Test("Brackets are counted outside strings and comments")
  func openBrackets() {
    let cases = [
      ("f(", 1), ("f([{", 3), ("f()", 0), ("\"(\"", 0), ("# (", 0), ("# (\n(", 1), ("\"\\\"(\"(", 1), (")))(", 1),
    ]
    for (text, depth) in cases { #expect(LineEditor.openBrackets(in: text.unicodeScalars) == depth, "\(text)") }
  }

  @Test("Completion never cuts a character in its middle")
  func commonPrefix() {
    func prefix(_ labels: String...) -> String {
      Completion(range: 0..<0, candidates: labels.map { Candidate($0) }).commonPrefix
    }
    #expect(prefix("αβγ", "αβδ") == "αβ")
    #expect(prefix("深度", "深海") == "深")
    #expect(prefix("a", "b") == "")
    #expect(prefix("same") == "same")
  }

  @Test("A list fits its room and says how many are left")
  func listing() {
    let named = Listing(candidates: (0..<30).map { Candidate("name\($0)", summary: "what it is") })
    let (rows, shown) = named.rows(columns: 40, height: 10)
    #expect(rows.count == 10 && shown == 9)
    #expect(rows.last?.contains("21 more") == true)
    let wide = Listing(candidates: (0..<30).map { Candidate("深\($0)") }).rows(columns: 40, height: 10)
    #expect(wide.shown == 30 && wide.rows.allSatisfy { Layout.width(of: $0) <= 40 })
  }

  @Test("Brackets find their partners, but not in strings")
  func matching() {
    let text = Array("f(\")\", [1])".unicodeScalars)
    let string = [Highlight(range: 2..<5, role: .string)]
    #expect(Highlighter(scalars: text, highlights: string, cursor: 2).matched == [1, 10])
    #expect(Highlighter(scalars: text, highlights: string, cursor: 11).matched == [10, 1])
    #expect(Highlighter(scalars: text, highlights: string, cursor: 4).matched == [])
  }

  @Test("Piped lines keep every byte but their ends")
  func pipedLines() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let bytes: [UInt8] = Array("a\r\n\nb\0\u{1B}".utf8) + [0xFF, 0x0A] + Array("last".utf8)
    #expect(write(ends[1], bytes, bytes.count) == bytes.count)
    close(ends[1])
    var source = LineSource(descriptor: ends[0])
    var lines: [[UInt8]] = []
    while let line = source.next() { lines.append(line) }
    close(ends[0])
    #expect(lines == [[0x61], [], [0x62, 0, 0x1B, 0xFF], Array("last".utf8)])
  }

  @Test("A line may be longer than any buffer")
  func longLine() throws {
    var template = Array("/tmp/nabla-line-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    unlink(template)
    let line = [UInt8](repeating: 0x78, count: 300_000)
    for _ in 0..<2 { #expect(write(descriptor, line + [0x0A], line.count + 1) == line.count + 1) }
    lseek(descriptor, 0, SEEK_SET)
    var source = LineSource(descriptor: descriptor)
    #expect(source.next() == line)
    #expect(source.next() == line)
    #expect(source.next() == nil)
    close(descriptor)
  }
}
