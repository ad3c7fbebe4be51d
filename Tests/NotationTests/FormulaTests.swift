import Display
import Testing

@testable import Notation

@Suite("Formulas")
struct FormulaTests {
  static let ascii = Style(ascii: true)

  @Test("of the documents draw within 80 columns, in Unicode and in ASCII", arguments: Documents.formulas.map(\.name))
  func documents(name: String) throws {
    let formula = try Formula(tex: Documents.formulas.first { $0.name == name }!.tex)
    for style in [Style.plain, Self.ascii] {
      let document = formula.drawing(style, width: 76).document()
      #expect(document.width > 2 && document.width <= 78)
      let text = PlainWriter(style).write(document)
      #expect(!style.ascii || text.utf8.allSatisfy { $0 < 0x80 }, "\(text)")
      #expect(!text.contains("\\"), "a backslash is left: \(text)")
    }
  }

  @Test("of the documents become well-formed MathML", arguments: Documents.formulas.map(\.name))
  func mathML(name: String) throws {
    let formula = try Formula(tex: Documents.formulas.first { $0.name == name }!.tex)
    #expect(XML.problem(formula.mathML) == nil)
  }

  @Test(
    "become MathML that leaves nothing to guess",
    arguments: [
      (
        #"\frac{\partial J}{\partial w}"#,
        "<mfrac><mrow><mo>∂</mo><mi>J</mi></mrow><mrow><mo>∂</mo><mi>w</mi></mrow></mfrac>"
      ),
      (
        #"\sum_{k=1}^K x_k"#,
        "<mrow><munderover><mo largeop=\"true\">∑</mo><mrow><mi>k</mi><mo>=</mo><mn>1</mn></mrow><mi>K</mi></munderover><msub><mi>x</mi><mi>k</mi></msub></mrow>"
      ),
      (
        #"\hat m < 1"#,
        "<mrow><mover accent=\"true\"><mi>m</mi><mo stretchy=\"false\">^</mo></mover><mo>&lt;</mo><mn>1</mn></mrow>"
      ),
      (#"\tanh z"#, "<mrow><mi>tanh</mi><mspace width=\"0.17em\"/><mi>z</mi></mrow>"),
      (#"\sqrt[3]{x}"#, "<mroot><mi>x</mi><mn>3</mn></mroot>"),
    ])
  func elements(tex: String, expected: String) throws {
    let head = "<math xmlns=\"http://www.w3.org/1998/Math/MathML\">"
    #expect(try Formula(tex: tex).mathML(isBlock: false) == head + expected + "</math>")
  }

  @Test("are drawn as the screens of Adam draw them, the printed one and the right one side by side")
  func adam() throws {
    let printed = try Formula(tex: #"w_{t+1} = w_t - \eta \frac{m_t}{\sqrt{1 - \beta_2^t} + \epsilon}"#)
    let right = try Formula(tex: #"w_{t+1} = w_t - \eta \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}"#)
    expect(
      Drawing.beside([printed.drawing(), right.drawing()], gap: 12),
      """
                          mₜ                                  m̂ₜ
      wₜ₊₁ = wₜ - η ──────────────            wₜ₊₁ = wₜ - η ───────
                    √(1 - β₂ᵗ) + ε                          √v̂ₜ + ε
      """)
    expect(
      right.drawing(Self.ascii),
      """
                                  m_hat[t]
      w[t+1] = w[t] - eta ------------------------
                          sqrt(v_hat[t]) + epsilon
      """)
  }

  @Test("lower all subscripts where one of them is no letter of Unicode, as the screen of the convolution does")
  func convolution() throws {
    expect(
      try Formula(tex: #"z_{ij} = \sum_{k=1}^{K} \sum_{l=-(s-1)}^{s-1} x_{k+l,j+i}w_{kl}"#).drawing(),
      """
             K     s-1
      z   =  ∑      ∑      x          w
       ij   k=1  l=-(s-1)   k+l, j+i   kl
      """)
    expect(
      try Formula(
        tex: #"z_{oij} = b_o + \sum_{c=1}^C\sum_{m=1}^K\sum_{n=1}^K x_{c,S(i-1)+m-P,S(j-1)+n-P}\,w_{ocmn}"#
      ).drawing(),
      """
                   C    K    K
      z    = b  +  ∑    ∑    ∑   x                          w
       oij    o   c=1  m=1  n=1   c, S(i-1)+m-P, S(j-1)+n-P  ocmn
      """)
  }

  @Test("are drawn as the card of a lesson draws them")
  func lesson() throws {
    let neuron = try Formula(tex: #"y = \sigma(w\cdot x + b)"#)
    let sigmoid = try Formula(tex: #"\sigma(z) = \frac{1}{1 + \exp(-z)}"#)
    expect(
      Drawing.beside([neuron.drawing(), sigmoid.drawing()], gap: 15),
      """
                                               1
      y = σ(w·x + b)               σ(z) = ───────────
                                          1 + exp(-z)
      """)
  }

  @Test(
    "have every part the documents use",
    arguments: [
      (#"h_t = \tanh(W_{hh} h_{t-1} + W_{xh} x_t + b_h)"#, "hₜ = tanh(Wₕₕhₜ₋₁ + Wₓₕxₜ + bₕ)"),
      (#"C_t = f_t \odot C_{t-1} + i_t \odot \tilde{C}_t"#, "Cₜ = fₜ ⊙ Cₜ₋₁ + iₜ ⊙ C̃ₜ"),
      (#"\delta^{(l)} = (W^{(l+1)\top}\delta^{(l+1)}) \odot f'(z^{(l)})"#, "δ⁽ˡ⁾ = (W⁽ˡ⁺¹⁾ᵀδ⁽ˡ⁺¹⁾) ⊙ f'(z⁽ˡ⁾)"),
      (#"x \in \mathbb{R}^{n}, \|x\|^2 \geq 0"#, "x ∈ ℝⁿ, ‖x‖² ≥ 0"),
      (#"-\ln p, a \cdot -b, f(-x)"#, "-ln p, a·-b, f(-x)"),
      (#"\sqrt[3]{x+1} \ne \sqrt{x}"#, "³√(x + 1) ≠ √x"),
      (#"\operatorname{softmax}_j(e_{ij}) \to \text{one row}"#, "softmaxⱼ(eᵢⱼ) → one row"),
      (#"u \sim U[0,1)"#, "u ∼ U[0, 1)"), (#"y = \{0, 1\}, i=1..N, a, \ldots, z"#, "y = {0, 1}, i = 1..N, a, …, z"),
      (#"\frac12^{}"#, "1\n─\n2"),
      (
        #"\left\lfloor\frac{H+2P-K}{S}\right\rfloor+1"#,
        "⎢H + 2P - K⎥\n⎢──────────⎥ + 1\n⎣    S     ⎦"
      ),
      (#"f'(x) = \begin{cases} 1 & x \geq 0 \\ 0 & x < 0 \end{cases}"#, "f'(x) = ⎰ 1   x ≥ 0\n        ⎱ 0   x < 0"),
      (
        #"W = \begin{bmatrix} 1 & -2 \\ 30 & 4 \\ 0 & 0 \end{bmatrix} x"#,
        "    ⎡  1  -2 ⎤\nW = ⎢ 30   4 ⎥ x\n    ⎣  0   0 ⎦"
      ),
      (#"\begin{aligned}a_1&=\tanh z\\ b&=2\end{aligned}"#, "a₁ = tanh z\n b = 2"),
      (#"h_t = f(x_t) \\ y_t = g(h_t)"#, "hₜ = f(xₜ)\nyₜ = g(hₜ)"),
      (#"\max_{0\le p,q<P} r"#, "  max     r\n0≤p, q<P"), (#"\overline{x+y}"#, "─────\nx + y"),
      (#"e^{-w_0x}"#, " -w₀x\ne"), (#"W_f^\top x_t"#, "Wᵀx\n f t"),
      (#"\left(\frac ab\right)^2"#, "⎛a⎞²\n⎜─⎟\n⎝b⎠"), (#"\frac{\frac ab}c"#, " a\n ─\n b\n───\n c"),
      (#"\sum_{n}\mathcal{L}_n"#, "∑ Lₙ\nn"),
    ])
  func parts(tex: String, drawn: String) throws {
    expect(try Formula(tex: tex).drawing(), drawn)
  }

  @Test(
    "have a spelling in ASCII",
    arguments: [
      (#"\hat y_n = \sigma(W^\top x_n)^2 + \beta_1^{t+1}"#, "y_hat[n] = sigmoid(W.T x[n])^2 + beta1^(t+1)"),
      (#"a \odot \nabla_{w} J \le \sqrt{2\pi}"#, "a * grad[w] J <= sqrt(2 pi)"),
      (#"f'(z^{(l)}) \to \infty"#, "f'(z^(l)) -> inf"), (#"\sqrt[3]{x}"#, "root3(x)"),
      (#"\left(\frac ab\right)"#, "/a\\\n|-|\n\\b/"),
    ])
  func ascii(tex: String, drawn: String) throws {
    expect(try Formula(tex: tex).drawing(Self.ascii), drawn)
  }

  @Test("wider than the screen are broken before relation signs, which stand under each other")
  func wrapping() throws {
    let formula = try Formula(
      tex: #"J = \mathrm{first}(x) = \mathrm{second}(x + y) + \mathrm{third}(x + y + z) = 0, \quad w = 1"#)
    expect(
      formula.drawing(width: 30),
      """
      J = first(x)
        = second(x + y)
          + third(x + y + z) = 0,

      w = 1
      """)
    for width in 24...80 { #expect(formula.drawing(width: width).width <= width) }
  }

  @Test("show the parts in which they differ")
  func difference() throws {
    let (printed, right) = Formula.differing(
      try Formula(tex: #"w - \eta\frac{m_t}{\sqrt{1 - \beta^t} + \epsilon}"#),
      try Formula(tex: #"w - \eta\frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}"#))
    func marks(_ formula: Formula) -> [String] {
      formula.drawing(mark: .error).lines.flatMap(\.spans).filter { $0.role == .error }.map(\.text)
    }
    #expect(marks(printed) == ["mₜ", "1", "-", "βᵗ"])
    #expect(marks(right) == ["m̂ₜ", "v̂ₜ"])
    let same = try Formula(tex: "a + b")
    #expect(Formula.differing(same, same).0 == same)
  }
}

@Suite("Bad TeX")
struct TeXErrorTests {
  @Test(
    "is an error that says what is wrong, and where",
    arguments: [
      (#"\frac{a}{b"#, "a { without its }", "{b", 1), (#"a + \foo b"#, "no command \\foo", #"\foo"#, 4),
      ("x_1_2", "a second subscript on one symbol", "_2", 1), ("x^1^2", "a second superscript on one symbol", "^2", 1),
      (#"\left( x"#, "a \\left without its \\right", #"\left"#, 5), ("a } b", "a } without its {", "}", 1),
      (#"x \right)"#, "a \\right without its \\left", #"\right"#, 6),
      (#"\frac1"#, "\\frac wants something behind it", "", 0),
      (#"a & b"#, "an & outside an environment such as aligned", "&", 1), ("x^", "^ wants something behind it", "", 0),
      (#"\begin{cases} 1"#, "a \\begin{cases} without its \\end", #"\begin{cases}"#, 13),
      (#"\begin{tabular} 1 \end{tabular}"#, "no environment tabular", #"\begin{tabular}"#, 15),
      (#"\begin{cases} 1 \end{aligned}"#, "\\begin{cases} is ended by \\end{aligned}", #"\end{aligned}"#, 13),
      (#"x \end{cases}"#, "an \\end without its \\begin", #"\end"#, 4),
      (#"\sqrt[3 x"#, "a [ without its ]", "[", 1), ("$x$", "a formula stands without its $", "$", 1),
      ("a # b", "# has no meaning in a formula; \\# shows it", "#", 1),
      (#"a \"#, "a \\ without a name behind it", "\\", 1),
      (#"\left x"#, "\\left wants a bracket behind it", "x", 1), (#"\text x"#, "\\text wants braces behind it", "x", 0),
      (String(repeating: "{", count: 500), "groups are nested too deeply", "", 0),
    ])
  func errors(tex: String, message: String, place: String, length: Int) {
    do {
      let formula = try Formula(tex: tex)
      Issue.record("\(tex) was read as \(formula)")
    } catch {
      #expect(error.message == message)
      #expect(error.range.count == length)
      let rest = String(Array(tex)[min(tex.count, error.range.lowerBound)...])
      if tex.count < 100 { #expect(rest.hasPrefix(place)) }
    }
  }

  @Test("is shown underlined")
  func shown() {
    let tex = "a +\n\\foo b"
    do {
      _ = try Formula(tex: tex)
    } catch {
      #expect(
        PlainWriter().write(error.document(in: tex)) == "error in a formula: no command \\foo\n  \\foo b\n  ────\n")
    }
  }

  @Test("never ends the program, whatever the text", arguments: 1...300)
  func anything(seed: Int) {
    let pieces = [
      "x", "1", "{", "}", "_", "^", "\\frac", "\\sqrt", "[", "]", "(", ")", "\\left", "\\right", "&", "\\\\", "\\sum",
      "\\hat", "\\text", "\\begin{cases}", "\\end{cases}", "'", "-", "=", ",", ".", "..", " ", "\\", "σ", "\u{301}",
      "\\begin{bmatrix}", "\\end{bmatrix}", "\\quad", "|", "\\|", "🙂", "\n", "\u{1B}", "\\max", "\\mathbb", "{a}",
      "{b}",
    ]
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let tex = (0..<(1 + next(40))).map { _ in pieces[next(pieces.count)] }.joined()
    do {
      let formula = try Formula(tex: tex)
      for style in [Style.plain, FormulaTests.ascii] {
        let text = PlainWriter(style).write(formula.drawing(style, width: 20 + next(60)).document())
        #expect(!text.contains("\u{1B}"))
      }
      #expect(XML.problem(formula.mathML) == nil, "\(tex)")
    } catch {
      #expect(error.range.lowerBound >= 0 && error.range.upperBound <= tex.count && !error.message.isEmpty)
    }
  }
}

/// Compares what a plain screen shows with what is expected, spaces at the ends of lines left aside.
func expect(_ drawing: Drawing, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
  let lines = drawing.lines.map { PlainWriter().write($0) }
  #expect(
    lines == expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init),
    "\n\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
