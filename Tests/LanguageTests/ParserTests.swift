import Display
import Language
import Testing

@Suite("Reading what is not finished") struct Incomplete {
  @Test(
    "An open bracket, block, string or operator asks for more",
    arguments: [
      "f(", "f(a,", "x = [1, 2", "x = [1, 2;", "f(x) = {", "for t in 0..<3 {\n  x = 1", "y = a +", "y =", "net = f >>",
      "a,",
      "if c then", "if c then a else", "s = \"abc", "y = (a\n + b", "∑[k", "x -> (y", "h[", "∂L/", "if a { b } else {",
      "# c\nx = 1 +",
    ])
  func incomplete(text: String) {
    let program = Parser.parse(SourceText(text))
    #expect(program.isIncomplete)
    #expect(program.diagnostics.count == 1)
  }

  @Test(
    "What is finished, or wrong already, does not",
    arguments: [
      "", "x", "x = 1", "f(x) = { x }", "# only a remark", "f(1/2x, ", "h (x", "x = )", "f(]", "1 = (", ":load (",
      "2e + (", "if c",
      "for t in 3", "x y (", "a = 1;", "[1 -2, (",
    ])
  func complete(text: String) {
    #expect(!Parser.parse(SourceText(text)).isIncomplete)
  }

  @Test("A line goes on after an operator, a comma, then and else, and inside brackets")
  func continuation() {
    let text = "y = a +\n  b\nz = if c then\n 1 else\n 2\nx = [1,\n 2\n, 3]\nf(a\n)\na\n-b"
    let program = Parser.parse(SourceText(text))
    #expect(program.diagnostics == [])
    #expect(program.statements.count == 6)
  }
}

@Suite("Numbers as they are typed") struct TypedNumbers {
  /// What the language reads, and what Swift's own reader makes of the same digits.
  private func agrees(_ text: String) -> Bool {
    guard case .expression(let expression)? = Parser.parse(SourceText(text)).statements.first?.kind,
      case .number(let number) = expression.kind
    else { return false }
    return number == Double(String(text.filter { $0 != "_" }))
  }

  @Test(
    "Each is the nearest binary number",
    arguments: [
      "0", "0.1", "2.675", "1e22", "1e23", "3.0e-9", "0.000001", "123456789012345", "1234567890123456789",
      "0.1234567890123456789", "1_000.000_5", "9007199254740993", "5e-324", "1.7976931348623157e308", "00012.50",
      "0.00000000000000000000001", "4.35", "0.30000000000000004",
    ])
  func chosen(text: String) { #expect(agrees(text)) }

  @Test("So is any number of up to 25 digits, wherever its point stands", arguments: [UInt64(3)])
  func random(seed: UInt64) {
    var generator = SeededNumbers(seed: seed)
    for _ in 0..<20_000 {
      let count = Int(generator.next() % 24) + 1
      var digits = (0..<count).map { _ in Character(String(generator.next() % 10)) }
      let point = Int(generator.next() % UInt64(count + 1))
      if point > 0 && point < count { digits.insert(".", at: point) }
      #expect(agrees(String(digits)))
    }
  }
}

@Suite("Statements") struct Statements {
  @Test("A semicolon silences what stands before it")
  func silence() {
    let program = Parser.parse(SourceText("a = 1; b = 2;\nc"))
    #expect(program.statements.map(\.isSilenced) == [true, true, false])
  }

  @Test("Lines that begin with : or ? are commands, as they stand")
  func commands() {
    let program = Parser.parse(SourceText("  :why z[0,2]  \n? relu\nx[\n:, 0]"))
    #expect(program.statements.map(\.kind).prefix(2) == [.command(":why z[0,2]"), .command("? relu")])
    #expect(program.statements.count == 3 && program.diagnostics == [])
  }

  @Test("An error does not hide the lines after it")
  func recovery() {
    let program = Parser.parse(SourceText("a = 1\nb = (2\nc = 3\nf(x) = {\n  1/2x\n}\nd = 4"))
    #expect(program.diagnostics.map(\.code) == ["E0009", "E0014"])
    #expect(program.statements.count == 3)
  }

  @Test("Places on the left are numbers, shifted indices, or expressions in parentheses")
  func places() {
    let program = Parser.parse(SourceText("z[0, -1, t+1, i, (L), (t+1)] = 0"))
    guard case .bind(let targets, _, _)? = program.statements.first?.kind,
      case .indexed(_, let places, _)? = targets.first
    else {
      Issue.record("no equation")
      return
    }
    let sum = Expression(.binary(Operator(.add), Expression(.name("t")), Expression(.number(1))))
    #expect(
      places.map(\.kind) == [
        .integer(0), .integer(-1), .index(Name("t"), offset: 1), .index(Name("i"), offset: 0),
        .value(Expression(.name("L"))), .value(sum),
      ])
  }

  @Test("Ranges are those of the text")
  func ranges() {
    let source = SourceText("y = f(α + b)ᵀ")
    guard case .bind(_, let values, _)? = Parser.parse(source).statements.first?.kind else {
      Issue.record("no binding")
      return
    }
    var seen: [String] = []
    values[0].walk { seen.append(source.text($0.range)) }
    #expect(seen == ["f(α + b)ᵀ", "f(α + b)", "f", "α + b", "α", "b"])
  }

  @Test("Words of the grammar may name fields and arguments")
  func words() {
    let program = Parser.parse(SourceText("Dense(in: 3, out: 4).in"))
    #expect(program.diagnostics == [])
  }
}

@Suite("Any bytes") struct AnyBytes {
  @Test("Random bytes are read without a trap, and their errors can be shown", arguments: 0..<60 as Range<UInt64>)
  func bytes(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let bytes = (0..<600).map { _ in UInt8.random(in: 0...255, using: &numbers) }
    check(SourceText(bytes: bytes))
  }

  @Test("Random tokens are read without a trap; what can be read can be printed", arguments: 0..<400 as Range<UInt64>)
  func tokens(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let words =
      Sign.allCases.map(\.rawValue) + Keyword.allCases.map(\.rawValue) + [
        "x", "θ", "sum", "max", "grad", "partial", "f", "1", "2.5", "\"s\"", "²", "ᵗ", "\n", "\n", " ", " ", " ", "(",
        ")", "[", "]",
        "x", "y", "=", ",",
      ]
    for _ in 0..<20 {
      let count = Int.random(in: 1...25, using: &numbers)
      let text = (0..<count).map { _ in words[Int.random(in: 0..<words.count, using: &numbers)] }.joined()
      let source = SourceText(text)
      check(source)
      let program = Parser.parse(source)
      if program.diagnostics.isEmpty {
        let printed = Printer().text(program.statements)
        let isSame = Parser.parse(SourceText(printed)).statements == program.statements
        #expect(isSame, "\(text) -> \(printed)")
      }
    }
  }

  /// A text with a few of its bytes changed, taken out, doubled or moved.
  private func mutated(_ text: String, _ numbers: inout SeededNumbers) -> [UInt8] {
    var bytes = Array(text.utf8)
    let signs = Array("()[]{}=+-*/@^'\",:;.<>|#\\ \n012axθ∑∇∂ᵀ²".utf8)
    for _ in 0..<Int.random(in: 1...4, using: &numbers) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<bytes.count, using: &numbers)
      let end = min(bytes.count, place + Int.random(in: 1...6, using: &numbers))
      switch Int.random(in: 0..<6, using: &numbers) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
      case 1: bytes.removeSubrange(place..<end)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 3: bytes.insert(signs[Int.random(in: 0..<signs.count, using: &numbers)], at: place)
      case 4: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &numbers))
      default:
        let part = Array(bytes[place..<end])
        bytes.removeSubrange(place..<end)
        bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &numbers))
      }
    }
    return bytes
  }

  @Test(
    "Changed programs are read without a trap; what can be read can be printed", arguments: 0..<200 as Range<UInt64>)
  func changed(seed: UInt64) {
    var generator = SyntaxGenerator(seed: seed)
    var numbers = SeededNumbers(seed: seed &+ 1_000_000)
    for _ in 0..<25 {
      let text = Printer().text(generator.program())
      let source = SourceText(bytes: mutated(text, &numbers))
      check(source)
      let program = Parser.parse(source)
      guard program.diagnostics.isEmpty else { continue }
      let printed = Printer().text(program.statements)
      let isSame = Parser.parse(SourceText(printed)).statements == program.statements
      #expect(isSame, "\(source.text(SourceRange(0, source.bytes.count))) -> \(printed)")
    }
  }

  private func check(_ source: SourceText) {
    let program = Parser.parse(source)
    for diagnostic in program.diagnostics {
      #expect(DiagnosticCode.named(diagnostic.code) != nil)
      if let range = diagnostic.range { #expect(range.start >= 0 && range.end <= source.bytes.count) }
      for style in [Style.plain, Style(width: 40, ascii: true)] {
        let lines = diagnostic.document(in: source, style).lines
        #expect(lines.count <= Diagnostic.lineLimit)
        for line in lines { #expect(line.text.visible == line.text) }
      }
    }
    for statement in program.statements { #expect(statement.range.end <= source.bytes.count) }
  }

  @Test(
    "A hundred thousand of anything is an error, soon",
    arguments: [
      "(", "[", "-", "not ", "∇", "x -> ", "a^", "if a then b else ", "√", "f(x) = {", "if a {", "x[", "(1 + ", "∑[k] ",
      "∂", "2(",
    ])
  func deep(part: String) {
    let program = Parser.parse(SourceText(String(repeating: part, count: 100_000)))
    #expect(program.diagnostics.count == 1)
    #expect(!program.isIncomplete)
  }

  @Test(
    "A chain of a hundred thousand is an error, soon",
    arguments: ["1 + ", "a @ ", "a |> ", "a or "])
  func long(part: String) {
    let program = Parser.parse(SourceText(String(repeating: part, count: 100_000) + "b"))
    #expect(program.diagnostics.map(\.code) == ["E0011"])
  }

  @Test("Calls of calls are bounded too", arguments: ["(1)", "[0]", ".a", "'", "ᵀ"])
  func clinging(part: String) {
    let program = Parser.parse(SourceText("f" + String(repeating: part, count: 100_000)))
    #expect(program.diagnostics.map(\.code) == ["E0011"])
  }

  @Test("A line of a megabyte is read")
  func megabyte() {
    let program = Parser.parse(SourceText("x = [" + String(repeating: "1.5, ", count: 200_000) + "2]"))
    #expect(program.diagnostics == [])
    #expect(program.statements.count == 1)
  }

  @Test("An error in a line of a megabyte is shown around its place")
  func longLine() {
    let text =
      "x = [" + String(repeating: "1.5, ", count: 100_000) + "a b, " + String(repeating: "1.5, ", count: 100_000) + "2]"
    let source = SourceText(text)
    let diagnostics = Parser.parse(source).diagnostics
    #expect(diagnostics.count == 1)
    let lines = diagnostics[0].document(in: source).lines
    #expect(lines[1].text.contains("a b") && lines[1].width <= 80)
    #expect(lines[1].text.hasSuffix("…"))
  }

  @Test("A thousand wrong lines give some errors and no more")
  func manyErrors() {
    let program = Parser.parse(SourceText(String(repeating: "f²(x\n", count: 20_000)))
    #expect(!program.diagnostics.isEmpty && program.diagnostics.count <= 20)
  }
}
