import Display

extension Document {
  /// The document in the columns of the screen: margins that do not fit go, long rungs go on below, and what is left is cut.
  func fitting(_ style: Style) -> Document {
    var result = Document()
    for line in lines {
      var line = line.shown(style)
      let margin = line.margin.reduce(0) { $0 + $1.text.displayWidth }
      if !line.margin.isEmpty, line.width + margin + 2 > style.width { line.margin = [] }
      if line.width <= style.width {
        result.append(line)
      } else {
        result.append(contentsOf: line.broken(style))
      }
    }
    return result
  }
}

extension Line {
  /// A rung on several lines, broken before a `+` or `-`; at most six of them.
  fileprivate func broken(_ style: Style) -> [Line] {
    let characters = Array(text)
    guard
      let sign = characters.indices.dropFirst().dropLast().first(where: {
        characters[$0] == "=" && characters[$0 - 1] == " " && characters[$0 + 1] == " "
      })
    else { return [Line(text.cut(to: style.width, style: style))] }
    let indent = min(sign + 4, style.width / 2)
    var lines: [String] = []
    var current = ""
    var rest = text.pieces(room: style.width - indent)[...]
    while !rest.isEmpty {
      // As many pieces as fit, but rather up to one that stands in fewer parentheses, if the line stays long enough.
      var (width, fitting) = (current.displayWidth, 0)
      var (best, depth) = (0, Int.max)
      for piece in rest {
        width += piece.text.displayWidth
        if width > style.width, fitting > 0 { break }
        fitting += 1
        let next = rest.dropFirst(fitting).first
        if let next, width > style.width * 5 / 8, next.depth <= depth { (best, depth) = (fitting, next.depth) }
      }
      if fitting == rest.count || best == 0 { best = fitting }
      lines.append(current + rest.prefix(best).map(\.text).joined().trimmed(start: !lines.isEmpty))
      rest = rest.dropFirst(best)
      current = String(repeating: " ", count: indent)
    }
    if lines.count > 6 {
      lines =
        Array(lines.prefix(4)) + [
          String(repeating: " ", count: indent) + "… \(lines.count - 5) more lines", lines[lines.count - 1],
        ]
    }
    return lines.map { Line($0.cut(to: style.width, style: style)) }
  }
}

extension String {
  /// Without the spaces it begins with.
  fileprivate func trimmed(start: Bool) -> String { start ? String(drop { $0 == " " }) : self }

  /// The text in pieces that a line may be broken between: before a `+` or `-` that stands free, and inside of what is still too long
  /// before a `·` or a `/`. Of each the parentheses it stands in.
  fileprivate func pieces(room: Int) -> [(text: String, depth: Int)] {
    typealias Piece = (text: String, depth: Int)
    func cut(_ piece: Piece, _ isBreak: ([Character], Int) -> Bool) -> [Piece] {
      let characters = Array(piece.text)
      var pieces: [Piece] = []
      var (current, start, depth) = ("", piece.depth, piece.depth)
      for (index, character) in characters.enumerated() {
        if !current.isEmpty, isBreak(characters, index) {
          pieces.append((current, start))
          (current, start) = ("", depth)
        }
        if "([".contains(character) { depth += 1 }
        if ")]".contains(character) { depth -= 1 }
        current.append(character)
      }
      return pieces + [(current, start)]
    }
    func isSigned(_ text: [Character], _ index: Int) -> Bool {
      index + 2 < text.count && text[index] == " " && "+-".contains(text[index + 1]) && text[index + 2] == " "
    }
    func isFactor(_ text: [Character], _ index: Int) -> Bool {
      text[index] == "·" || text[index] == "*" || text[index] == " " && index + 1 < text.count && text[index + 1] == "/"
    }
    return cut((self, 0), isSigned).flatMap { $0.text.displayWidth <= room ? [$0] : cut($0, isFactor) }
  }
}
