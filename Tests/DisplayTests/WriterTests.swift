import Testing

@testable import Display

@Suite("Writers")
struct WriterTests {
  @Test("A margin ends at the right edge and goes first where there is no room")
  func margins() {
    let line = Line("W", margin: "line 1")
    #expect(PlainWriter(Style(width: 12)).write(line) == "W     line 1")
    #expect(PlainWriter(Style(width: 9)).write(line) == "W  line 1")
    #expect(PlainWriter(Style(width: 8)).write(line) == "W")
    #expect(PlainWriter(Style(width: 10)).write(Line("日", margin: "δ")) == "日       δ")
  }

  @Test("Roles become colours, and the text stays as it is without them", arguments: Role.allCases)
  func colours(role: Role) {
    let line: Line = "a \("b", role) c"
    let plain = PlainWriter().write(line)
    let colored = TerminalWriter(Style(color: true)).write(line)
    #expect(plain == "a b c")
    #expect(Self.withoutColour(colored) == plain)
    #expect((colored == plain) == (role.rendition == nil))
    #expect(TerminalWriter(Style(color: false)).write(line) == plain)
  }

  @Test("What a user's text would make a terminal do is shown instead, in every role", arguments: [false, true])
  func injection(ascii: Bool) {
    let evil = "\u{1B}]0;title\u{7}\u{9B}31m\r\n\u{8}\u{202E}"
    let line = Line([Span(evil, .name)], margin: [Span(evil, .dim)])
    let style = Style(width: 200, ascii: ascii, color: true)
    let written = Self.withoutColour(TerminalWriter(style).write(line))
    #expect(
      !written.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E })
    #expect(written.contains(ascii ? "^[]0;title^G" : "␛]0;title␇"))
  }

  @Test("In ASCII nothing else is written, whatever the text")
  func ascii() {
    let style = Style(ascii: true)
    let text = "∂L/∂W δ C̃ m̂ x² Wᵀ ‖w‖ √x → ⊙ σ(z) β₁ᵗ ✓ 日 é ⎡⎦ …"
    let written = PlainWriter(style).write(Line(text))
    #expect(written.utf8.allSatisfy { $0 < 0x80 })
    #expect(
      written.hasPrefix("partial(L, W) delta C_tilde m_hat x^2 W.T |w| sqrt(x) -> * sigmoid(z) beta1^t ok \\u{65e5}"))
  }

  @Test(
    "Symbols have the twins that the language reads",
    arguments: [
      ("∂L/∂W[0,2]", "partial(L, W)[0,2]"), ("∂L/∂net[0].W", "partial(L, net[0].W)"), ("√(v̂)", "sqrt(v_hat)"),
      ("√2.5 + √v̂", "sqrt(2.5) + sqrt(v_hat)"), ("hₜ = W₁ᵀ", "h[t] = W1.T"), ("∂", "d"), ("∂x", "dx"), ("√", "sqrt"),
      ("∑[k] A[i,k]·B[k,j]", "sum[k] A[i,k]*B[k,j]"),
      ("z = wᵀ · x + 3·b", "z = w.T @ x + 3*b"), ("·", "*"), ("ŷ ≈ y", "y_hat ~~ y"),
      ("1 ≤ β₁ ≠ ∞", "1 <= beta1 != inf"),
    ])
  func twins(text: String, twin: String) {
    #expect(text.asciiTwin == twin)
  }

  @Test("ASCII layouts are made anew: columns align after the twins have taken their widths")
  func asciiLayout() {
    let style = Style(ascii: true)
    expect(
      ScreenTests.iris.document(style),
      """
      net : [n, 4] -> [n, 3], 131 parameters
        net[0]   Dense    [n, 16]    4*16 + 16 =  80    W, b
        net[1]   relu     [n, 16]                 0
        net[2]   Dense    [n, 3]     16*3 + 3  =  51    W, b
      """, style)
    let record = RecordText(
      name: "θ",
      fields: [.init("δ", .tensor(text(nil, [], [1]))), .init("x", .tensor(text(nil, [2], [1, 2])))])
    expect(record.document(style), "theta : record, 3 numbers\n  delta = 1\n  x     : [2] = [1, 2]", style)
    expect(
      Document([TrainingProgress(epoch: 23, epochs: 60, loss: 0.61372).line(style)]),
      "  epoch 23/60 =======>------------ loss 0.6137", style)
  }

  @Test("A document keeps lines, joins and indents them")
  func documents() {
    var document = Document(text: "a\nb")
    document.appendBlank()
    document.append(Document(["c"]).indented(by: 2))
    document.append("d", margin: "e")
    #expect(PlainWriter(Style(width: 6)).write(document) == "a\nb\n\n  c\nd    e\n")
    #expect(Line("a\("b")\("c", .dim)\(4)").spans == [Span("ab"), Span("c", .dim), Span("4")])
  }

  private static func withoutColour(_ text: String) -> String {
    text.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
  }
}
