import Display
import Language
import Testing

@Suite("The programs of the documents") struct DocumentPrograms {
  private let source = SourceText(bytes: PackageResources.documents_nb)

  @Test("All 129 statements are read without an error")
  func read() {
    let program = Parser.parse(source)
    #expect(program.diagnostics == [])
    #expect(program.statements.count == 129)
    #expect(!program.isIncomplete)
  }

  @Test("Printed and read again they are the same trees")
  func printed() {
    let program = Parser.parse(source)
    let text = Printer().text(program.statements)
    #expect(Parser.parse(SourceText(text)).statements == program.statements)
  }

  @Test("In ASCII they are ASCII, and read as themselves")
  func ascii() {
    let text = Printer(.ascii).text(Parser.parse(source).statements)
    let again = Parser.parse(SourceText(text))
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(again.diagnostics == [])
    #expect(Printer(.ascii).text(again.statements) == text)
  }

  @Test("Signs replaced by their ASCII twins give the same trees")
  func twins() {
    var text = source.text(SourceRange(0, source.bytes.count))
    let twins = [
      ("⊙", "*"), ("·", "@"), ("≤", "<="), ("≥", ">="), ("≈", "~~"), ("ᵀ", ".T"), ("∑", "sum"), ("²", "^2"),
      ("∇", "grad "),
      ("ᵗ", "^t"),
    ]
    for (sign, twin) in twins {
      text = text.split(separator: sign, omittingEmptySubsequences: false).joined(separator: twin)
    }
    let isSame = Parser.parse(SourceText(text)).statements == Parser.parse(source).statements
    #expect(isSame)
  }

  @Test("Cut anywhere they are read without a trap", arguments: 0..<40)
  func cut(part: Int) {
    let bytes = source.bytes
    for end in stride(from: part, to: bytes.count, by: 40 * 7) {
      let start = max(0, end - 300)
      let program = Parser.parse(SourceText(bytes: Array(bytes[start..<end])))
      #expect(program.statements.count <= 300)
    }
  }
}

@Suite("Two spellings, one tree") struct Twins {
  @Test(
    "Symbols and words say the same",
    arguments: [
      ("√x", "sqrt(x)"), ("√(x + 1)/2", "sqrt(x + 1) / 2"), ("∂L/∂W", "partial(L, W)"),
      ("∂z[i]/∂θ.W", "partial(z[i], θ.W)"),
      ("∇f(x)", "grad(f)(x)"), ("∇[w, b] J(w, b)", "grad[w, b](J)(w, b)"), ("∇∇f", "grad(grad(f))"), ("x⁻²", "x^-2"),
      ("xⁿ", "x^n"), ("3x", "3 * x"), ("2(a + b)", "2 * (a + b)"), ("2∑[k] x[k]", "2 * (sum[k] x[k])"),
      ("-x²", "-(x^2)"),
      ("a · b × c", "a @ b * c"), ("a − b", "a - b"), ("f′(x)", "f'(x)"), ("f″(x)", "f''(x)"),
      ("∑[k ∈ 0..<3] k", "sum[k in 0..<3] k"),
      ("f(x; θ)", "f(x, θ)"), ("x → x + 1", "x -> x + 1"), ("x[…, 0]", "x[..., 0]"), ("a ≠ b", "a =\u{338} b"),
      ("µ + ϵ + ϕ + ∆", "μ + ε + φ + Δ"), ("Å", "A\u{30A}"), ("\u{212B}", "Å"), ("1_000.5", "1000.5"),
    ])
  func same(left: String, right: String) {
    let (one, other) = (Parser.parse(SourceText(left)), Parser.parse(SourceText(right)))
    #expect(one.diagnostics == [] && other.diagnostics == [])
    let isSame = one.statements == other.statements
    #expect(isSame)
  }

  @Test(
    "Precedence groups as the grammar says",
    arguments: [
      ("∑[k] a * b + c", "(∑[k] (a * b)) + c"), ("∑[k] a / b", "∑[k] (a / b)"), ("not a == b", "not (a == b)"),
      ("a or b and c", "a or (b and c)"), ("a |> f >> g", "a |> (f >> g)"),
      ("x |> y -> y + 1 |> f", "(x |> (y -> y + 1)) |> f"),
      ("0..<n-1", "0..<(n-1)"), ("2^-x²", "2^(-(x²))"), ("a^b^c", "a^(b^c)"), ("a - b - c", "(a - b) - c"),
      ("√x²/n", "(√(x²)) / n"), ("h ++ x[t]", "h ++ (x[t])"), ("if c then a else b |> f", "(if c then a else b) |> f"),
      ("-2x", "-(2 * x)"), ("a/∂J/∂w", "a / (∂J/∂w)"), ("e^-z", "e^(-z)"), ("relu'(z)²", "(relu'(z))^2"),
      ("∇J(θ)", "(∇J)(θ)"), ("a @ b.T", "a @ (b.T)"), ("x == a + b", "x == (a + b)"),
    ])
  func groups(left: String, right: String) {
    let (one, other) = (Parser.parse(SourceText(left)), Parser.parse(SourceText(right)))
    #expect(one.diagnostics == [] && other.diagnostics == [])
    let isSame = one.statements == other.statements
    #expect(isSame)
  }
}

@Suite("Printing") struct Printing {
  @Test("A random statement printed and read again is the same tree", arguments: 0..<300 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var generator = SyntaxGenerator(seed: seed)
    let statement = generator.statement()
    let text = Printer().text(statement)
    let program = Parser.parse(SourceText(text))
    let errors = program.diagnostics.map(\.message)
    #expect(errors == [], "\(text)")
    let isSame = program.statements == [statement]
    #expect(isSame, "\(text)")
  }

  @Test("In ASCII too, where the names are", arguments: 0..<300 as Range<UInt64>)
  func asciiRoundTrip(seed: UInt64) {
    var generator = SyntaxGenerator(seed: seed, names: ["x", "W1", "a_b", "net", "t", "k"])
    let statement = generator.statement()
    let text = Printer(.ascii).text(statement)
    let program = Parser.parse(SourceText(text))
    let errors = program.diagnostics.map(\.message)
    #expect(errors == [], "\(text)")
    let isSame = program.statements == [statement]
    #expect(isSame, "\(text)")
  }

  @Test("Random programs of several statements, silenced or not, too", arguments: 0..<200 as Range<UInt64>)
  func programs(seed: UInt64) {
    var generator = SyntaxGenerator(seed: seed &+ 5000)
    for _ in 0..<20 {
      let statements = generator.program()
      let text = Printer().text(statements)
      let program = Parser.parse(SourceText(text))
      let isSame = program.diagnostics.isEmpty && program.statements == statements
      #expect(isSame, "\(text)")
    }
  }

  @Test("Every form of the grammar is among them")
  func forms() {
    var generator = SyntaxGenerator(seed: 1)
    var seen: Set<String> = []
    func note<Kind>(_ kind: Kind) { seen.insert(String("\(kind)".prefix { $0 != "(" })) }
    for _ in 0..<3000 {
      let statement = generator.statement()
      note(statement.kind)
      if case .expression(let expression) = statement.kind { expression.walk { note($0.kind) } }
    }
    let wanted: Set<String> = [
      "expression", "bind", "define", "forLoop", "whileLoop", "repeatLoop", "conditional", "number", "string", "name",
      "end", "negate", "not", "binary", "choice", "lambda", "call", "index", "field", "derivative", "transpose", "big",
      "gradient", "partial", "list", "record", "tensor",
    ]
    #expect(wanted.subtracting(seen).sorted() == [])
  }

  @Test("Subscripts are close, everything else is spaced")
  func spaces() {
    let text = "h[t+1]=tanh(W·h[t - 1]+2i*x[2i+p])"
    let program = Parser.parse(SourceText(text))
    #expect(Printer().text(program.statements) == "h[t+1] = tanh(W · h[t-1] + 2 * i * x[2*i+p])")
  }
}

@Suite("The table of symbols") struct SymbolTable {
  @Test("Names give symbols")
  func names() {
    #expect(Symbols.text(named: "alpha") == "α")
    #expect(Symbols.text(named: "_3") == "₃")
    #expect(Symbols.text(named: "^t") == "ᵗ")
    #expect("y" + (Symbols.text(named: "hat") ?? "") == "ŷ")
    #expect(Symbols.text(named: "nothing") == nil)
    #expect(Symbols.completions(of: "the").map(\.name) == ["theta"])
  }

  @Test(
    "A name in ASCII is a name",
    arguments: [
      ("m̂", "m_hat"), ("W₁", "W1"), ("hₜ", "h_t"), ("δ", "delta"), ("C̃", "C_tilde"), ("ŷ", "y_hat"), ("σ", "sigmoid"),
      ("x", "x"),
    ])
  func ascii(name: String, twin: String) {
    #expect(Symbols.asciiName(of: name) == twin)
  }

  @Test("Every symbol of the table can be read by the lexer, after a letter")
  func readable() {
    for symbol in Symbols.all {
      let tokens = Lexer.tokens(of: SourceText("x" + symbol.text))
      for token in tokens {
        if case .unreadable(let reason) = token.kind {
          // + and - alone are no exponent.
          #expect(reason == .badExponent && ["⁺", "⁻"].contains(symbol.text), "\(symbol.text)")
        }
      }
    }
  }
}
