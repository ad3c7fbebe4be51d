/// What marks a paragraph of Markdown from within: code, stress, small formulas, and the text between them.
enum Markdown {
  enum Piece: Equatable {
    case text(String)
    case code(String)
    case strong(String)
    case stressed(String)
    /// What stands between `$`.
    case formula(String)
  }

  /// The pieces of a text, in order; a mark that nothing closes is text.
  static func pieces(of text: String) -> [Piece] {
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    while let character = rest.first {
      if let (piece, end) = marked(rest) {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        pieces.append(piece)
        rest = rest[end...]
      } else {
        plain.append(character)
        rest.removeFirst()
      }
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    return pieces
  }

  /// The piece that a text begins with, if it begins with a mark, and where it ends.
  private static func marked(_ text: Substring) -> (Piece, Substring.Index)? {
    func inner(_ mark: String) -> (String, Substring.Index)? {
      let rest = text.dropFirst(mark.count)
      guard text.hasPrefix(mark), let end = rest.firstRange(of: mark), end.lowerBound > rest.startIndex else {
        return nil
      }
      return (String(rest[..<end.lowerBound]), end.upperBound)
    }
    if let (words, end) = inner("**") { return (.strong(words), end) }
    if let (code, end) = inner("`") { return (.code(code), end) }
    if let (tex, end) = inner("$") { return (.formula(tex), end) }
    // A star with a blank beside it multiplies.
    if let (words, end) = inner("*"), words.first != " ", words.last != " " { return (.stressed(words), end) }
    return nil
  }

  /// The formula that a paragraph is: between `$$`, or alone between `$`.
  static func formula(_ lines: [String]) -> String? {
    var text = lines.map { $0.drop { $0 == " " } }.joined(separator: " ")
    for mark in ["$$", "$"] where text.count > 2 * mark.count && text.hasPrefix(mark) && text.hasSuffix(mark) {
      text = String(text.dropFirst(mark.count).dropLast(mark.count))
      return text.contains("$") ? nil : text
    }
    return nil
  }

  /// The points of a list, each with its number if it has one, and lines that are no points as they stand.
  static func points(_ lines: [String]) -> [(mark: String?, text: String)] {
    var points: [(mark: String?, text: String)] = []
    for line in lines {
      let bare = line.drop { $0 == " " }
      if bare.hasPrefix("- ") || bare.hasPrefix("* ") {
        points.append(("-", String(bare.dropFirst(2))))
      } else if let dot = bare.firstIndex(of: "."), dot > bare.startIndex, bare[..<dot].allSatisfy(\.isNumber),
        bare[dot...].hasPrefix(". ")
      {
        points.append((String(bare[...dot]), String(bare[bare.index(dot, offsetBy: 2)...])))
      } else {
        let text = bare.hasPrefix("> ") ? String(bare.dropFirst(2)) : String(bare)
        if let last = points.indices.last { points[last].text += " " + text } else { points.append((nil, text)) }
      }
    }
    return points
  }
}
