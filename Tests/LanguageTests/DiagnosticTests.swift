import Display
import Language
import Testing

@Suite("Errors as they are shown") struct DiagnosticScreens {
  /// Each case of `errors.txt`: a line after `>>> `, then its screen.
  static let cases: [(line: String, screen: [String])] = {
    var result: [(line: String, screen: [String])] = []
    for line in String(decoding: PackageResources.errors_txt, as: UTF8.self).split(separator: "\n") {
      if line.hasPrefix(">>> ") {
        result.append((String(line.dropFirst(4)), []))
      } else {
        result[result.count - 1].screen.append(String(line))
      }
    }
    return result
  }()

  private func screen(_ text: String, _ style: Style = .plain) -> [String] {
    let source = SourceText(text)
    let writer = PlainWriter(style)
    return Parser.parse(source).diagnostics.flatMap { $0.document(in: source, style).lines.map(writer.write) }
  }

  @Test("Every wrong line has its screen", arguments: cases.indices)
  func screens(index: Int) {
    let (line, expected) = Self.cases[index]
    #expect(screen(line) == expected)
  }

  @Test("What is offered can be read", arguments: cases.indices)
  func offered(index: Int) {
    for diagnostic in Parser.parse(SourceText(Self.cases[index].line)).diagnostics {
      for suggestion in diagnostic.suggestions {
        #expect(Parser.parse(SourceText(suggestion.code)).diagnostics == [], "\(suggestion.code)")
      }
    }
  }

  @Test("In ASCII the columns are measured anew")
  func ascii() {
    #expect(
      screen("∑[k] Ŵ[k] * 1/2x", Style(ascii: true)) == [
        "error E0014: Ŵ[k] * 1/2x reads two ways".asciiTwin, "  1 | sum[k] W_hat[k] * 1/2x",
        "    |        ---------------",
        "  try   sum[k] W_hat[k] * 1/(2x)       the product is below",
        "  or    sum[k] W_hat[k] * 1/2 * x      the fraction first",
      ])
  }

  @Test("The rightmost operand is named first, and connectors never cross")
  func connectors() {
    let source = SourceText("y = X @ W", firstLine: 2)
    let diagnostic = Diagnostic(
      "E0201", "the inner sizes of @ differ, 4 and 3", at: SourceRange(4, 9),
      labels: [
        .init(SourceRange(4, 5), "X : [150, 4]        line 1      axis 1 (columns) is 4"),
        .init(SourceRange(8, 9), "W : [3, 4]      line 1      axis 0 (rows)    is 3"),
      ],
      suggestions: [.init(.try, "y = X @ Wᵀ", remark: "gives [150, 3]")])
    #expect(
      diagnostic.document(in: source).lines.map(\.text) == [
        "error E0201: the inner sizes of @ differ, 4 and 3", "  2 │ y = X @ W", "    │     ─   ─",
        "    │     │   W : [3, 4]      line 1      axis 0 (rows)    is 3",
        "    │     X : [150, 4]        line 1      axis 1 (columns) is 4",
        "  try   y = X @ Wᵀ            gives [150, 3]",
      ])
  }

  @Test("Wide characters take two columns, marks none, control characters are shown")
  func widths() {
    #expect(screen("日本 = ŷ̃ + \u{1B}[31m")[1...2] == ["  1 │ 日本 = ŷ̃ + ␛[31m", "    │            ─"])
    #expect(screen("a\tb = \"\u{0}\"")[1...2].map { $0.contains("␀") } == [true, false])
  }

  @Test("Bytes that are no UTF-8 are shown by their numbers")
  func invalid() {
    let source = SourceText(bytes: Array("x = ".utf8) + [0xFF, 0xFE] + Array(" + 1".utf8))
    let lines = Parser.parse(source).diagnostics.flatMap { $0.document(in: source).lines.map(\.text) }
    #expect(lines == ["error E0002: these bytes are not UTF-8", "  1 │ x = \\xff\\xfe + 1", "    │     ────────"])
  }

  @Test("A line of a block is shown with its number")
  func lineNumbers() {
    let text = "f(x) = {\n  a = x\n  a b\n}"
    let source = SourceText(text, firstLine: 8)
    let lines = Parser.parse(source).diagnostics.flatMap { $0.document(in: source).lines.map(\.text) }
    #expect(lines.dropFirst().first == "  10 │   a b")
    #expect(lines.last == "  or    a * b                 a product")
  }
}

@Suite("Codes") struct Codes {
  @Test("Every code stands once, in order, and is found however it is typed")
  func order() {
    let codes = DiagnosticCode.all.map(\.code)
    #expect(codes == codes.sorted() && Set(codes).count == codes.count)
    #expect(DiagnosticCode.named("204")?.code == "E0204")
    #expect(DiagnosticCode.named("e0204")?.title == "a free index")
    #expect(DiagnosticCode.named("no") == nil)
  }

  @Test("Examples of every code can be read", arguments: DiagnosticCode.all.map(\.code))
  func examples(code: String) throws {
    let entry = try #require(DiagnosticCode.named(code))
    for example in entry.examples where example.isProgram {
      #expect(Parser.parse(SourceText(example.text)).diagnostics == [], "\(example.text)")
    }
    #expect(entry.document().lines.count <= 24)
    for line in entry.document().lines { #expect(line.width <= 80, "\(line.text)") }
  }

  @Test("The screen of :explain")
  func explain() throws {
    let entry = try #require(DiagnosticCode.named("E0204"))
    #expect(
      entry.document().lines.map(\.text) == [
        "  E0204  a free index", "  Every index on the right must be known: named on the left, or bound by a big",
        "  operator. nabla never sums over a repeated index by itself.",
        "    s[n]   = ∑[i] X[n,i] * w[i]      sum it away, one number for each n",
        "    s[n,i] = X[n,i] * w[i]           keep it, a product for each n and i", "  more  :help index equations",
      ])
  }
}
