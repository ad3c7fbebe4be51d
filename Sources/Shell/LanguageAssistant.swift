import Display
import Language

/// What the line editor knows of the language: where a block is open, what could be meant, how a line is coloured.
enum LanguageAssistant {
  static func make(for console: Console) -> LineAssistant {
    LineAssistant(
      isIncomplete: { text in Parser.parse(SourceText(text)).isIncomplete },
      complete: { text, cursor in complete(text, cursor, console) },
      highlight: { text, _ in highlight(text, console) })
  }

  // MARK: Completion

  private static func complete(_ text: String, _ cursor: Int, _ console: Console) -> Completion {
    let bytes = Array(text.utf8.prefix(cursor))
    let before = String(decoding: bytes, as: UTF8.self)
    let line = before.split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    if let start = symbolStart(before) { return symbols(before, from: start, cursor) }
    if line.hasPrefix(":"), !line.contains(" ") {
      let word = String(line.dropFirst())
      let found = CommandCatalogue.all.filter { $0.name.hasPrefix(word) }
      return Completion(
        range: (cursor - word.utf8.count)..<cursor,
        candidates: found.map { Candidate($0.name, summary: $0.summary) })
    }
    if let path = openString(line) ?? (line.hasPrefix(":load ") ? String(line.dropFirst(6)) : nil) {
      return files(path, cursor)
    }
    let word = wordBefore(before)
    guard !word.isEmpty else { return Completion(range: cursor..<cursor, candidates: []) }
    let range = (cursor - word.utf8.count)..<cursor
    let names = console.interpreter.names.filter { $0.name.hasPrefix(word) }
      .map { Candidate($0.name, summary: "\($0.kind) \($0.shape)") }
    let bound = names.map(\.text)
    let builtins = BuiltinCatalogue.all.filter { $0.name.hasPrefix(word) && !bound.contains($0.name) }
      .map { Candidate($0.name, summary: $0.summary) }
    let keywords = ["for", "while", "repeat", "if", "then", "else", "in", "where", "and", "or", "not"]
      .filter { $0.hasPrefix(word) && $0 != word }.map { Candidate($0, summary: "") }
    return Completion(range: range, candidates: names + builtins.sorted { $0.text < $1.text } + keywords)
  }

  /// Where `\name` begins, if the cursor stands behind one.
  private static func symbolStart(_ before: String) -> String.Index? {
    guard let start = before.lastIndex(of: "\\") else { return nil }
    let name = before[before.index(after: start)...]
    return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "^" || $0 == "_" || $0 == "-" } ? start : nil
  }

  private static func symbols(_ before: String, from start: String.Index, _ cursor: Int) -> Completion {
    let name = String(before[before.index(after: start)...])
    let range = (cursor - name.utf8.count - 1)..<cursor
    if let exact = Symbols.text(named: name) {
      return Completion(range: range, candidates: [Candidate(exact, label: "\\\(name)")])
    }
    let found = Symbols.completions(of: name).map {
      Candidate($0.symbol.text, label: "\\\($0.name)", summary: $0.symbol.text)
    }
    return Completion(range: range, candidates: found)
  }

  /// The text of a string that is open at the end of the line.
  private static func openString(_ line: String) -> String? {
    let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
    return parts.count % 2 == 0 ? parts.last.map(String.init) : nil
  }

  private static func files(_ path: String, _ cursor: Int) -> Completion {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    let folder = String(path.dropLast(name.count))
    let found = FileText.entries(of: folder.isEmpty ? "." : folder).filter { $0.hasPrefix(name) }
    return Completion(
      range: (cursor - name.utf8.count)..<cursor, candidates: found.map { Candidate($0, summary: "") })
  }

  private static func wordBefore(_ before: String) -> String {
    String(before.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
  }

  // MARK: Colours

  private static func highlight(_ text: String, _ console: Console) -> [Highlight] {
    if text.hasPrefix(":") || text.hasPrefix("?") {
      let word = text.utf8.prefix { $0 != 0x20 }.count
      return [Highlight(range: 0..<word, role: .keyword)]
    }
    let source = SourceText(text)
    var result: [Highlight] = []
    var last = 0
    for token in Lexer.tokens(of: source) {
      comment(source, last..<token.range.start, &result)
      last = token.range.end
      guard let role = role(token, source, console) else { continue }
      result.append(Highlight(range: token.range.start..<token.range.end, role: role))
    }
    comment(source, last..<source.bytes.count, &result)
    return result
  }

  /// What stands between two tokens is white space and comments.
  private static func comment(_ source: SourceText, _ gap: Range<Int>, _ result: inout [Highlight]) {
    guard let start = source.bytes[gap].firstIndex(of: 0x23) else { return }
    result.append(Highlight(range: start..<gap.upperBound, role: .comment))
  }

  private static func role(_ token: Token, _ source: SourceText, _ console: Console) -> Role? {
    switch token.kind {
    case .number, .superscript: .number
    case .string: .string
    case .keyword: .keyword
    case .name: BuiltinCatalogue.builtin(named: source.text(token.range)) == nil ? .name : .builtin
    case .unreadable(.openString): .string
    case .unreadable: .error
    default: nil
    }
  }
}
