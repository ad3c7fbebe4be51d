import Display

extension Formula {
  /// The formula as MathML for a page, on a line of its own.
  package var mathML: String { mathML(isBlock: true) }

  /// The formula as MathML, on a line of its own or within a line of text.
  package func mathML(isBlock: Bool) -> String {
    "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"\(isBlock ? " display=\"block\"" : "")>"
      + MathMLWriter.text(self) + "</math>"
  }
}

/// Writes the elements of MathML Core: one element a part, with nothing left to the reader to guess.
enum MathMLWriter {
  static func text(_ formula: Formula) -> String {
    switch formula {
    case .symbol(let symbol): text(symbol)
    case .row(let parts): element("mrow", row(parts))
    case .fraction(let upper, let lower): element("mfrac", text(upper) + text(lower))
    case .root(let radicand, nil): element("msqrt", text(radicand))
    case .root(let radicand, let degree?): element("mroot", text(radicand) + text(degree))
    case .scripts(let base, let lower, let upper): scripts(base, lower, upper)
    case .accented(let base, let accent):
      element("mover", "accent=\"true\"", text(base) + element("mo", "stretchy=\"false\"", accent.sign))
    case .fenced(let left, let inner, let right):
      element("mrow", (left.map(delimiter) ?? "") + text(inner) + (right.map(delimiter) ?? ""))
    case .grid(let rows, let kind): grid(rows, kind)
    case .text(let words): element("mtext", HTMLWriter.escaped(words.replacingSpaces))
    case .space(let columns): "<mspace width=\"\(columns > 1 ? "\(columns / 4 + 1)em" : "0.2em")\"/>"
    case .marked(let inner): element("mrow", "class=\"marked\"", text(inner))
    }
  }

  private static func text(_ symbol: Symbol) -> String {
    let text = HTMLWriter.escaped(symbol.styled)
    switch symbol.kind {
    case .number: return element("mn", text)
    // One letter is slanted by itself; a capital sigma for a sum, or a bold letter, is not.
    case .variable: return symbol.font == .normal ? element("mi", text) : element("mi", "mathvariant=\"normal\"", text)
    case .function, .limits: return element("mi", text)
    case .big: return element("mo", "largeop=\"true\"", text)
    case .binary where symbol.text == "-": return element("mo", "−")
    case .binary where symbol.text == "/": return element("mo", "lspace=\"0\" rspace=\"0\"", text)
    case .ordinary where symbol.text == "ᵀ": return element("mo", "⊤")
    case .ordinary where symbol.text == "'": return element("mo", "′")
    case .ordinary where symbol.text == "∞" || symbol.text == "∅": return element("mi", text)
    case .ordinary where symbol.text == "|" || symbol.text == "‖": return element("mo", "stretchy=\"false\"", text)
    case .opening, .closing: return element("mo", "stretchy=\"false\"", text)
    default: return element("mo", text)
    }
  }

  /// Parts one after the other, with room around a word that no bracket ends.
  private static func row(_ parts: [Formula]) -> String {
    var result = ""
    for (index, part) in parts.enumerated() {
      if index > 0 {
        let before = parts[index - 1]
        let isArgument = before.isWord && !part.isBracket
        if isArgument && !part.beginsWithSign || part.isWord && before.endsTerm {
          result += "<mspace width=\"0.17em\"/>"
        }
      }
      result += text(part)
    }
    return result
  }

  private static func scripts(_ base: Formula, _ lower: Formula?, _ upper: Formula?) -> String {
    let isUnder = base.takesLimits
    let parts = [base, lower, upper].compactMap { $0 }.map(text).joined()
    switch (lower, upper) {
    case (.some, .some): return element(isUnder ? "munderover" : "msubsup", parts)
    case (.some, nil): return element(isUnder ? "munder" : "msub", parts)
    default: return element(isUnder ? "mover" : "msup", parts)
    }
  }

  private static func delimiter(_ character: Character) -> String {
    element("mo", "stretchy=\"true\"", HTMLWriter.escaped(String(character)))
  }

  private static func grid(_ rows: [[Formula]], _ kind: Formula.Grid) -> String {
    let content = rows.map { cells in
      element(
        "mtr",
        cells.enumerated().map { column, cell in
          let side: String
          switch kind {
          case .matrix: side = "center"
          case .cases: side = "left"
          case .aligned: side = column.isMultiple(of: 2) && cells.count > 1 ? "right; padding-right: 0" : "left"
          }
          return element("mtd", "style=\"text-align: \(side)\"", text(cell))
        }.joined())
    }
    return element("mtable", kind == .aligned ? "displaystyle=\"true\"" : "", content.joined())
  }

  private static func element(_ name: String, _ content: String) -> String { "<\(name)>\(content)</\(name)>" }

  private static func element(_ name: String, _ attributes: String, _ content: String) -> String {
    attributes.isEmpty ? element(name, content) : "<\(name) \(attributes)>\(content)</\(name)>"
  }
}

extension Formula {
  /// A function's name, with scripts or without.
  fileprivate var isWord: Bool {
    switch self {
    case .symbol(let symbol): symbol.kind == .function || symbol.kind == .limits
    case .scripts(let base, _, _), .marked(let base): base.isWord
    default: false
    }
  }

  fileprivate var isBracket: Bool {
    switch self {
    case .fenced, .space: true
    case .symbol(let symbol): [.opening, .closing, .punctuation, .relation].contains(symbol.kind)
    case .scripts(let base, _, _), .marked(let base): base.isBracket
    default: false
    }
  }

  /// Whether a word right after it would run into it.
  fileprivate var endsTerm: Bool {
    switch self {
    case .symbol(let symbol): [.variable, .number, .closing, .big].contains(symbol.kind)
    case .scripts(let base, _, _), .marked(let base): base.endsTerm
    case .fenced, .fraction, .accented: true
    default: false
    }
  }
}

extension Formula.Accent {
  fileprivate var sign: String {
    switch self {
    case .hat: "^"
    case .tilde: "~"
    case .bar: "‾"
    case .dot: "˙"
    case .vec: "→"
    }
  }
}

extension Symbol {
  /// Its text in the letters of its font, which Unicode has for mathematics.
  fileprivate var styled: String {
    guard font != .normal, text.unicodeScalars.count == 1, let value = text.unicodeScalars.first?.value else {
      return text
    }
    if font == .blackboard, let letter = ["R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "P": "ℙ", "H": "ℍ"][text] {
      return letter
    }
    if font == .calligraphic,
      let letter = ["B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "M": "ℳ", "R": "ℛ"][text]
    {
      return letter
    }
    let starts: (capital: UInt32, small: UInt32, digit: UInt32?) =
      switch font {
      case .bold: (0x1D400, 0x1D41A, 0x1D7CE)
      case .blackboard: (0x1D538, 0x1D552, 0x1D7D8)
      default: (0x1D49C, 0x1D4B6, nil)
      }
    let styled: UInt32? =
      switch value {
      case 0x41...0x5A: starts.capital + value - 0x41
      case 0x61...0x7A: starts.small + value - 0x61
      case 0x30...0x39: starts.digit.map { $0 + value - 0x30 }
      default: nil
      }
    return styled.flatMap(Unicode.Scalar.init).map { String($0) } ?? text
  }
}

extension String {
  /// Spaces at the ends of words, which MathML would drop, made to stay.
  fileprivate var replacingSpaces: String { String(map { $0 == " " ? "\u{A0}" : $0 }) }
}
