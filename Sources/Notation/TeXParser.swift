extension Formula {
  /// Reads a formula from TeX, without the dollar signs around it.
  /// - Throws: `TeXError` with the place of what cannot be read.
  package init(tex: String) throws(TeXError) {
    var parser = TeXParser(tex)
    self = try parser.formula()
  }
}

/// Reads the mathematics of TeX as far as formulas on paper use it: no definitions, no units of length.
///
/// Brackets are paired as they are read, and a pair grows with what it holds; a bracket without a partner, as in `[0, 1)`
/// nested otherwise, stands for itself. `\\` outside an environment starts a new line.
struct TeXParser {
  private let characters: [Character]
  private var position = 0
  /// The groups the parser is inside of; text may be hostile, and each takes room on the stack.
  private var depth = 0

  private static let deepest = 60

  init(_ text: String) {
    characters = Array(text)
  }

  mutating func formula() throws(TeXError) -> Formula {
    let rows = try lines(alignment: false)
    if position < characters.count {
      let command = peekCommand()
      let range = position..<position + max(1, (command?.count ?? 0) + 1)
      switch command {
      case "right": throw TeXError("a \\right without its \\left", range)
      case "end": throw TeXError("an \\end without its \\begin", range)
      default: throw TeXError("a } without its {", position..<position + 1)
      }
    }
    return rows.count == 1 ? rows[0][0] : .grid(rows, .aligned)
  }

  // MARK: Lines and rows

  /// Lines of cells, until something ends them that the caller knows. An empty last line is dropped.
  private mutating func lines(alignment: Bool) throws(TeXError) -> [[Formula]] {
    var rows: [[Formula]] = [[]]
    while true {
      rows[rows.count - 1].append(try row())
      if peek == "&" {
        guard alignment else {
          throw TeXError("an & outside an environment such as aligned", position..<position + 1)
        }
        position += 1
      } else if peekCommand() == "\\" {
        position += 2
        rows.append([])
      } else {
        break
      }
    }
    if rows.count > 1, rows[rows.count - 1] == [.row([])] { rows.removeLast() }
    return rows
  }

  /// Parts until the end of the text or of the group, cell, line or environment; with `bracket`, also until a `]`.
  private mutating func row(untilBracket: Bool = false) throws(TeXError) -> Formula {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.deepest { throw TeXError("groups are nested too deeply", position..<position) }
    var parts: [Formula] = []
    var openings: [(index: Int, delimiter: Character)] = []
    while true {
      skipSpaces()
      guard let character = peek, character != "}", character != "&" else { break }
      if untilBracket && character == "]" && openings.isEmpty { break }
      if let command = peekCommand(), ["\\", "right", "end"].contains(command) { break }
      let atom = try atom(isArgument: false)
      let part = part(of: atom, after: openings.last?.delimiter)
      if case .opening(let delimiter) = part, let atom {
        openings.append((parts.count, delimiter))
        parts.append(atom)
      } else if case .closing(let delimiter) = part, let opening = openings.popLast() {
        let inner = Array(parts[(opening.index + 1)...])
        parts.removeSubrange(opening.index...)
        let fenced = Formula.fenced(opening.delimiter, .joined(inner), delimiter)
        parts.append(try scripts(of: fenced))
      } else if let atom {
        parts.append(try scripts(of: atom))
      }
    }
    return .joined(parts)
  }

  private enum BracketPart {
    case opening(Character), closing(Character), none
  }

  /// Whether a symbol opens or closes a pair; `‖` does either.
  private func part(of atom: Formula?, after open: Character?) -> BracketPart {
    guard case .symbol(let symbol)? = atom, let character = symbol.text.first else { return .none }
    if character == "‖" { return open == "‖" ? .closing(character) : .opening(character) }
    switch symbol.kind {
    case .opening: return .opening(character)
    case .closing where open != "‖": return .closing(character)
    default: return .none
    }
  }

  /// A part with the scripts and primes behind it.
  private mutating func scripts(of base: Formula) throws(TeXError) -> Formula {
    var lower: Formula?
    var upper: [Formula] = []
    var hasUpper = false
    while true {
      skipSpaces()
      switch peek {
      case "'", "′":
        position += 1
        upper.append(.symbol(Symbol("'", .ordinary)))
      case "_":
        if lower != nil { throw TeXError("a second subscript on one symbol", position..<position + 1) }
        position += 1
        lower = try argument(of: "_")
      case "^":
        if hasUpper { throw TeXError("a second superscript on one symbol", position..<position + 1) }
        position += 1
        hasUpper = true
        upper += try argument(of: "^").parts
      default:
        if let command = peekCommand(), command == "limits" || command == "nolimits" {
          position += command.count + 1
          continue
        }
        if lower == nil && upper.isEmpty { return base }
        return .scripts(base, lower: lower, upper: upper.isEmpty ? nil : .joined(upper))
      }
    }
  }

  // MARK: Parts

  /// The next part, without scripts; nil for what leaves no trace. An argument takes one digit of a number.
  private mutating func atom(isArgument: Bool) throws(TeXError) -> Formula? {
    let start = position
    guard let character = peek else { return nil }
    switch character {
    case "{":
      return try group()
    case "\\":
      return try command()
    case "^", "_", "'":
      return .row([])
    case "0"..."9":
      position += 1
      while !isArgument, let next = peek, next.isASCIIDigit || next == "." && isDigit(position + 1) { position += 1 }
      return .symbol(Symbol(String(characters[start..<position]), .number))
    case "." where characters[position...].starts(with: ".."):
      while peek == "." { position += 1 }
      return .symbol(Symbol(position - start == 2 ? ".." : "…", .ordinary))
    case ".":
      position += 1
      while !isArgument, let next = peek, next.isASCIIDigit { position += 1 }
      let text = String(characters[start..<position])
      return .symbol(Symbol(text, text.count > 1 ? .number : .ordinary))
    case "~":
      position += 1
      return .space(1)
    case "$":
      throw TeXError("a formula stands without its $", position..<position + 1)
    case "#", "%":
      throw TeXError("\(character) has no meaning in a formula; \\\(character) shows it", position..<position + 1)
    default:
      guard let symbol = Symbol(character) else {
        throw TeXError("\(character) has no meaning in a formula", position..<position + 1)
      }
      position += 1
      return .symbol(symbol)
    }
  }

  /// What stands between braces.
  private mutating func group() throws(TeXError) -> Formula {
    let start = position
    position += 1
    let inner = try row()
    guard peek == "}" else { throw TeXError("a { without its }", start..<start + 1) }
    position += 1
    // Braces make one symbol of what they hold: a + between them is no longer a sign between terms.
    return inner
  }

  /// A group, or the one symbol that stands for it.
  private mutating func argument(of command: String) throws(TeXError) -> Formula {
    skipSpaces()
    guard let character = peek, !["}", "&", "^", "_"].contains(character) else {
      throw TeXError("\(command) wants something behind it", position..<position)
    }
    depth += 1
    defer { depth -= 1 }
    if depth > Self.deepest { throw TeXError("groups are nested too deeply", position..<position) }
    if let name = peekCommand(), ["\\", "right", "end"].contains(name) {
      throw TeXError("\(command) wants something behind it", position..<position + name.count + 1)
    }
    if let atom = try atom(isArgument: true) { return atom }
    return try argument(of: command)
  }

  // MARK: Commands

  private mutating func command() throws(TeXError) -> Formula? {
    let start = position
    guard let name = peekCommand() else {
      throw TeXError("a \\ without a name behind it", position..<position + 1)
    }
    position += name.count + 1
    if let space = SymbolTable.spaces[name] { return space == 0 ? nil : .space(space) }
    if let symbol = SymbolTable.symbol(name) { return .symbol(symbol) }
    if let accent = SymbolTable.accents[name] { return .accented(try argument(of: "\\" + name), accent) }
    if SymbolTable.ignored.contains(name) { return nil }
    if SymbolTable.sizes.contains(name) { return try sized(name, start) }
    switch name {
    case "frac", "dfrac", "tfrac":
      return .fraction(try argument(of: "\\" + name), try argument(of: "\\" + name))
    case "sqrt":
      skipSpaces()
      var degree: Formula?
      if peek == "[" {
        let bracket = position
        position += 1
        degree = try row(untilBracket: true)
        guard peek == "]" else { throw TeXError("a [ without its ]", bracket..<bracket + 1) }
        position += 1
      }
      return .root(try argument(of: "\\sqrt"), degree: degree)
    case "text", "textrm", "mbox":
      return .text(try words(of: name))
    case "operatorname":
      let takesLimits = peek == "*"
      if takesLimits { position += 1 }
      return .symbol(Symbol(try words(of: name), takesLimits ? .limits : .function))
    case "mathrm", "mathsf", "mathtt", "textbf", "textit":
      return .symbol(Symbol(try words(of: name), .function))
    case "mathbf", "boldsymbol", "bm": return restyled(try argument(of: "\\" + name), .bold)
    case "mathbb": return restyled(try argument(of: "\\" + name), .blackboard)
    case "mathcal", "mathscr": return restyled(try argument(of: "\\" + name), .calligraphic)
    case "mathit", "mathnormal": return try argument(of: "\\" + name)
    case "left": return try leftRight(start)
    case "begin": return try environment(start)
    default: throw TeXError("no command \\\(name)", start..<position)
    }
  }

  /// A delimiter after `\big` and its like.
  private mutating func sized(_ name: String, _ start: Int) throws(TeXError) -> Formula {
    guard let delimiter = try delimiter(after: name) else {
      throw TeXError("\\\(name) wants a bracket behind it", start..<position)
    }
    let kind: Symbol.Kind =
      "([{⌊⌈⟨".contains(delimiter) ? .opening : ")]}⌋⌉⟩".contains(delimiter) ? .closing : .ordinary
    return .symbol(Symbol(String(delimiter), kind))
  }

  private mutating func leftRight(_ start: Int) throws(TeXError) -> Formula {
    let left = try delimiter(after: "left")
    let inner = try row()
    guard peekCommand() == "right" else { throw TeXError("a \\left without its \\right", start..<start + 5) }
    position += 6
    return .fenced(left, inner, try delimiter(after: "right"))
  }

  /// The delimiter that follows; nil for the `.` that stands for none.
  private mutating func delimiter(after command: String) throws(TeXError) -> Character? {
    skipSpaces()
    let start = position
    if let name = peekCommand() {
      position += name.count + 1
      if let delimiter = SymbolTable.delimiter(name == "|" ? "|\\" : name) { return delimiter }
    } else if let character = peek {
      position += 1
      if character == "." { return nil }
      if character != "{", character != "}", let delimiter = SymbolTable.delimiter(String(character)) {
        return delimiter
      }
    }
    throw TeXError("\\\(command) wants a bracket behind it", start..<position)
  }

  private mutating func environment(_ start: Int) throws(TeXError) -> Formula {
    let name = try words(of: "begin")
    let known = [
      "matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "Bmatrix", "smallmatrix", "cases", "aligned", "align",
      "align*", "gathered", "split", "array",
    ]
    guard known.contains(name) else { throw TeXError("no environment \(name)", start..<position) }
    if name == "array" { _ = try words(of: "begin{array}") }
    depth += 1
    defer { depth -= 1 }
    let rows = try lines(alignment: true)
    guard peekCommand() == "end" else {
      throw TeXError("a \\begin{\(name)} without its \\end", start..<min(characters.count, start + 8 + name.count))
    }
    let end = position
    position += 4
    let closed = try words(of: "end")
    guard closed == name else {
      throw TeXError("\\begin{\(name)} is ended by \\end{\(closed)}", end..<position)
    }
    switch name {
    case "cases": return .fenced("{", .grid(rows, .cases), nil)
    case "pmatrix": return .fenced("(", .grid(rows, .matrix), ")")
    case "bmatrix": return .fenced("[", .grid(rows, .matrix), "]")
    case "Bmatrix": return .fenced("{", .grid(rows, .matrix), "}")
    case "vmatrix": return .fenced("|", .grid(rows, .matrix), "|")
    case "Vmatrix": return .fenced("‖", .grid(rows, .matrix), "‖")
    case "matrix", "smallmatrix", "array": return .grid(rows, .matrix)
    default: return .grid(rows, .aligned)
    }
  }

  /// The characters between the braces that follow, as they stand, `\_` and its like without the backslash.
  private mutating func words(of command: String) throws(TeXError) -> String {
    skipSpaces()
    let start = position
    guard peek == "{" else { throw TeXError("\\\(command) wants braces behind it", position..<position) }
    position += 1
    var result = ""
    var open = 1
    while let character = peek {
      position += 1
      switch character {
      case "{": open += 1
      case "}":
        open -= 1
        if open == 0 { return result }
      case "\\":
        if let next = peek {
          result.append(next)
          position += 1
        }
      default: result.append(character)
      }
    }
    throw TeXError("a { without its }", start..<start + 1)
  }

  /// The letters of a formula in another font.
  private func restyled(_ formula: Formula, _ font: Symbol.Font) -> Formula {
    switch formula {
    case .symbol(let symbol): .symbol(Symbol(symbol.text, symbol.kind, font))
    case .row(let parts): .row(parts.map { restyled($0, font) })
    default: formula
    }
  }

  // MARK: Characters

  private var peek: Character? { position < characters.count ? characters[position] : nil }

  private func isDigit(_ index: Int) -> Bool { index < characters.count && characters[index].isASCIIDigit }

  private mutating func skipSpaces() {
    while let character = peek, character.isWhitespace { position += 1 }
  }

  /// The name of the command that stands here: letters, or one other character.
  private func peekCommand() -> String? {
    guard peek == "\\", position + 1 < characters.count else { return nil }
    let rest = characters[(position + 1)...]
    let letters = rest.prefix { $0.isASCII && $0.isLetter }
    return letters.isEmpty ? String(rest.first!) : String(letters)
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
