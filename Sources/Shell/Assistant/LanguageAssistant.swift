import Display
import Language

/// Answers the line editor from the language: what is open, what could stand here, what colour each part has.
///
/// What only a session knows comes through closures, asked at each Tab.
package struct LanguageAssistant {
  /// Something that can be typed, and one line about it.
  package typealias Entry = (name: String, summary: String)

  /// The names the session has bound.
  package var names: () -> [Entry]
  /// The commands, without their colon.
  package var commands: [Entry]
  /// What can stand after a point: `W` and `b` after `net[0]`.
  package var fields: (_ path: String) -> [Entry]
  /// The named arguments of a function of the session; built-in ones are known.
  package var parameters: (_ function: String) -> [Entry]
  /// What a command takes besides expressions: the ids of formulas, say; nil where it takes an expression.
  package var arguments: (_ command: String) -> [Entry]?

  package init(
    names: @escaping () -> [Entry] = { [] }, commands: [Entry] = [],
    fields: @escaping (String) -> [Entry] = { _ in [] },
    parameters: @escaping (String) -> [Entry] = { _ in [] }, arguments: @escaping (String) -> [Entry]? = { _ in nil }
  ) {
    self.names = names
    self.commands = commands
    self.fields = fields
    self.parameters = parameters
    self.arguments = arguments
  }

  /// The same in the form the line editor asks for.
  package var lineAssistant: LineAssistant {
    LineAssistant(isIncomplete: Self.isIncomplete, complete: completion, highlight: highlights)
  }

  /// Whether more lines could make the text right; a command is always one line.
  package static func isIncomplete(_ text: String) -> Bool {
    guard let first = text.utf8.first(where: { $0 != 0x20 && $0 != 0x0A }) else { return false }
    if first == UInt8(ascii: ":") || first == UInt8(ascii: "?") { return false }
    return Parser.parse(SourceText(text)).isIncomplete
  }

  // MARK: Colours

  /// The parts of the text that have a colour.
  package func highlights(_ text: String, cursor: Int) -> [Highlight] {
    let source = SourceText(text)
    var result: [Highlight] = []
    var brackets: [(sign: Sign, place: Int)] = []
    var end = 0
    for token in Lexer.tokens(of: source) {
      // Comments are no tokens: they stand in the gaps.
      result += Self.comments(in: source.bytes[end..<token.range.start])
      end = token.range.end
      if token.kind == .command {
        result += commandHighlights(source.text(token.range), at: token.range.start)
      } else if let role = role(of: token, in: source, cursor: cursor, brackets: &brackets) {
        result.append(Highlight(range: token.range.start..<token.range.end, role: role))
      }
    }
    return result
  }

  private static func comments(in gap: ArraySlice<UInt8>) -> [Highlight] {
    var result: [Highlight] = []
    var rest = gap
    while let start = rest.firstIndex(of: UInt8(ascii: "#")) {
      let end = rest[start...].firstIndex(of: 0x0A) ?? rest.endIndex
      result.append(Highlight(range: start..<end, role: .comment))
      rest = rest[end...]
    }
    return result
  }

  private func role(
    of token: Token, in source: SourceText, cursor: Int, brackets: inout [(sign: Sign, place: Int)]
  ) -> Role? {
    switch token.kind {
    case .number, .superscript: return .number
    case .string, .unreadable(.openString): return .string
    case .keyword: return .keyword
    case .name: return BuiltinCatalogue.builtin(named: source.text(token.range)) == nil ? nil : .builtin
    // The beginning of `\alpha`, which Tab will turn into the letter.
    case .unreadable(.unknown(0x5C)): return .hint
    case .unreadable: return .error
    case .sign(let sign):
      switch sign {
      case .sum, .product, .nabla, .partial, .root: return .builtin
      case .openParenthesis, .openBracket, .openBrace: brackets.append((sign, token.range.start))
      case .closeParenthesis, .closeBracket, .closeBrace:
        // The editor's own mark of a pair is shown where it matches; what closes nothing is wrong already.
        guard let last = brackets.popLast(), Self.isPair(last.sign, sign) else { return .error }
      default: break
      }
      return nil
    case .command, .end: return nil
    }
  }

  private static func isPair(_ open: Sign, _ close: Sign) -> Bool {
    switch (open, close) {
    case (.openParenthesis, .closeParenthesis), (.openBracket, .closeBracket), (.openBrace, .closeBrace): true
    default: false
    }
  }

  /// `:why` in a colour, red if there is no such command; what follows is coloured as an expression, without complaints.
  private func commandHighlights(_ text: String, at offset: Int) -> [Highlight] {
    let word = text.utf8.prefix { $0 != 0x20 }
    let name = String(decoding: word.dropFirst(), as: UTF8.self)
    let isKnown =
      text.hasPrefix("?") || commands.isEmpty || commands.contains { $0.name.hasPrefix(name) }
    let start = text.hasPrefix("?") ? offset + 1 : offset + word.count
    let rest = String(decoding: text.utf8.dropFirst(start - offset), as: UTF8.self)
    let inner = highlights(" " + rest, cursor: -1).filter { $0.role != .error && $0.range.lowerBound > 0 }
    return [Highlight(range: offset..<start, role: isKnown ? .keyword : .error)]
      + inner.map { Highlight(range: $0.range.lowerBound + start - 1..<$0.range.upperBound + start - 1, role: $0.role) }
  }
}
