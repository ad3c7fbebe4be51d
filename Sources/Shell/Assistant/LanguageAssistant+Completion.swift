import Language

/// What could stand at the cursor.
extension LanguageAssistant {
  package func completion(_ text: String, cursor: Int) -> Completion {
    let before = Array(text.utf8.prefix(cursor))
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let line = before[lineStart...].drop { $0 == 0x20 }
    switch line.first {
    case UInt8(ascii: ":"):
      guard let space = line.firstIndex(of: 0x20) else { return commandCompletion(line) }
      let command = Self.text(line[(line.startIndex + 1)..<space])
      return argumentCompletion(before[(space + 1)...], command: fullName(of: command))
    case UInt8(ascii: "?"):
      let range = (line.startIndex + 1)..<cursor
      return Completion(range: range, candidates: Self.matching(Self.text(before[range]), in: allNames))
    default: return expressionCompletion(before[lineStart...], all: before)
    }
  }

  // MARK: Commands

  private func commandCompletion(_ typed: ArraySlice<UInt8>) -> Completion {
    let prefix = Self.text(typed.dropFirst())
    let matching = commands.filter { $0.name.hasPrefix(prefix) }
    let candidates = matching.map { entry in
      // A blank after the only one that is left.
      Candidate(
        ":" + entry.name + (matching.count == 1 ? " " : ""), label: ":" + entry.name, summary: entry.summary)
    }
    return Completion(range: typed.startIndex..<typed.endIndex, candidates: candidates)
  }

  /// The command that `name` shortens, if only one.
  private func fullName(of name: String) -> String {
    if commands.contains(where: { $0.name == name }) { return name }
    let longer = commands.filter { $0.name.hasPrefix(name) }
    return longer.count == 1 ? longer[0].name : name
  }

  private static let fileCommands: Set<String> = ["save", "record", "load", "replay", "export", "play", "check"]

  private func argumentCompletion(_ typed: ArraySlice<UInt8>, command: String) -> Completion {
    if let entries = arguments(command) {
      let start = typed.lastIndex { $0 == 0x20 || $0 == UInt8(ascii: ",") }.map { $0 + 1 } ?? typed.startIndex
      let candidates = Self.matching(Self.text(typed[start...]), in: entries)
      if !candidates.isEmpty { return Completion(range: start..<typed.endIndex, candidates: candidates) }
    }
    switch command {
    case "help":
      let known = commands.map { (name: ":" + $0.name, summary: $0.summary) }
      return Completion(
        range: typed.startIndex..<typed.endIndex, candidates: Self.matching(Self.text(typed), in: allNames + known))
    case _ where Self.fileCommands.contains(command) && !typed.contains(0x22):
      let path = Self.text(typed)
      return Completion(
        range: (typed.endIndex - FileNames.last(of: path).utf8.count)..<typed.endIndex,
        candidates: FileNames.candidates(for: path, closing: ""))
    default: return expressionCompletion(typed, all: Array(typed))
    }
  }

  // MARK: Expressions

  /// `line` is what stands before the cursor in its line, at its place in `all`.
  private func expressionCompletion(_ line: ArraySlice<UInt8>, all: [UInt8]) -> Completion {
    let tokens = Lexer.tokens(of: SourceText(bytes: all)).dropLast()
    if let last = tokens.last, last.kind == .unreadable(.openString) {
      let path = Self.text(all[(last.range.start + 1)...])
      return Completion(
        range: (line.endIndex - FileNames.last(of: path).utf8.count)..<line.endIndex,
        candidates: FileNames.candidates(for: path, closing: "\""))
    }
    if let symbol = symbolCompletion(line) { return symbol }
    // The word at the cursor; a keyword, or its beginning, is one.
    var before = tokens[...]
    var word = ""
    if let last = before.last, last.range.end == all.count, last.isWord {
      word = Self.text(all[last.range.start...])
      before.removeLast()
    }
    let range = (line.endIndex - word.utf8.count)..<line.endIndex
    if isInComment(tokens: tokens, all) { return Completion(range: line.endIndex..<line.endIndex, candidates: []) }
    if let path = Self.path(before: before, wordStart: all.count - word.utf8.count) {
      let text = Self.text(all[path.lowerBound..<path.upperBound])
      return Completion(range: range, candidates: Self.matching(word, in: fields(text)))
    }
    var candidates: [Candidate] = []
    if let function = Self.call(before: before), before.last.map(Self.beginsArgument) == true {
      candidates = namedArguments(of: Self.text(all[function.lowerBound..<function.upperBound]), prefix: word)
    }
    if !word.isEmpty { candidates += Self.matching(word, in: allNames + Self.keywords) }
    return Completion(range: range, candidates: candidates)
  }

  private func isInComment(tokens: ArraySlice<Token>, _ all: [UInt8]) -> Bool {
    let gap = all[(tokens.last?.range.end ?? 0)...]
    guard let start = gap.lastIndex(of: UInt8(ascii: "#")) else { return false }
    return !gap[start...].contains(0x0A)
  }

  /// `\alpha`: the letter when the name is whole, else what it could become.
  private func symbolCompletion(_ line: ArraySlice<UInt8>) -> Completion? {
    guard let start = line.lastIndex(of: UInt8(ascii: "\\")) else { return nil }
    let name = line[(start + 1)...]
    let isName = name.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "^_+-".utf8.contains(byte)
    }
    guard isName else { return nil }
    let range = start..<line.endIndex
    let prefix = Self.text(name)
    if let text = Symbols.text(named: prefix) {
      return Completion(range: range, candidates: [Candidate(text, label: "\\" + prefix)])
    }
    var candidates = Symbols.completions(of: prefix).map { name, symbol in
      Candidate(symbol.text, label: "\\" + name, summary: symbol.family == .mark ? "◌" + symbol.text : symbol.text)
    }
    if let first = candidates.first, candidates.allSatisfy({ $0.text == first.text }) { candidates = [first] }
    return Completion(range: range, candidates: candidates)
  }

  /// The range of `net[0]` in `net[0].W`, where the word begins at `wordStart`.
  private static func path(before tokens: ArraySlice<Token>, wordStart: Int) -> Range<Int>? {
    guard let point = tokens.last, point.kind == .sign(.period), point.range.end == wordStart else { return nil }
    var index = tokens.endIndex - 2
    var start: Int?
    var depth = 0
    while index >= tokens.startIndex {
      let token = tokens[index]
      switch token.kind {
      case .sign(.closeBracket): depth += 1
      case .sign(.openBracket) where depth > 0: depth -= 1
      case _ where depth > 0: break
      case .name: start = token.range.start
      case .sign(.period): break
      default: return start.map { $0..<point.range.start }
      }
      if depth == 0, !token.touches { break }
      index -= 1
    }
    return start.map { $0..<point.range.start }
  }

  /// The range of the name of the function in whose parentheses the tokens end.
  private static func call(before tokens: ArraySlice<Token>) -> Range<Int>? {
    var depth = 0
    for index in tokens.indices.reversed() {
      guard case .sign(let sign) = tokens[index].kind else { continue }
      switch sign {
      case .closeParenthesis, .closeBracket, .closeBrace: depth += 1
      case .openParenthesis where depth == 0:
        guard index > tokens.startIndex, tokens[index].touches, tokens[index - 1].kind == .name else { return nil }
        return tokens[index - 1].range.start..<tokens[index - 1].range.end
      case .openBracket where depth == 0, .openBrace where depth == 0: return nil
      case .openParenthesis, .openBracket, .openBrace: depth -= 1
      default: break
      }
    }
    return nil
  }

  private static func beginsArgument(_ token: Token) -> Bool {
    token.kind == .sign(.openParenthesis) || token.kind == .sign(.comma)
  }

  private func namedArguments(of function: String, prefix: String) -> [Candidate] {
    var entries = parameters(function)
    if entries.isEmpty, let builtin = BuiltinCatalogue.builtin(named: function) {
      entries = builtin.parameters.filter { $0.text.contains(":") }.map { ($0.name, $0.text) }
    }
    return entries.filter { $0.name.hasPrefix(prefix) }
      .map { Candidate($0.name + ": ", label: $0.name + ":", summary: $0.summary) }
  }

  // MARK: Names

  private static let keywords: [Entry] = [
    ("for", ""), ("while", ""), ("repeat", ""), ("then", ""), ("else", ""), ("where", ""),
  ]

  /// What a name can be: the session's first, then the built-in ones it does not hide.
  private var allNames: [Entry] {
    let own = names().sorted { $0.name < $1.name }
    let taken = Set(own.map(\.name))
    let builtins = BuiltinCatalogue.all.map { (name: $0.name, summary: $0.summary) }.sorted { $0.name < $1.name }
    return own + builtins.filter { !taken.contains($0.name) }
  }

  /// The entries that begin so, or, when there are none, that do in other cases of letters.
  private static func matching(_ prefix: String, in entries: [Entry]) -> [Candidate] {
    var found = entries.filter { $0.name.hasPrefix(prefix) }
    if found.isEmpty {
      let folded = prefix.lowercased()
      found = entries.filter { $0.name.lowercased().hasPrefix(folded) }
    }
    return found.map { Candidate($0.name, summary: $0.summary) }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Token {
  /// Whether it is a name or could be the beginning of one.
  fileprivate var isWord: Bool {
    switch kind {
    case .name, .keyword: true
    default: false
    }
  }
}
