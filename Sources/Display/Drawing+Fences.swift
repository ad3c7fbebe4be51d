extension Drawing {
  /// The drawing between delimiters as tall as it is: `( [ { | ‖ ⌊ ⌈` and their partners, or none on a side.
  package func fenced(_ left: Character?, _ right: Character?, gap: Int = 0, _ style: Style = .plain) -> Drawing {
    let space = String(repeating: " ", count: gap)
    let width = width
    return Drawing(
      lines.enumerated().map { row, line in
        var padded = line
        if right != nil { padded.pad(to: width) }
        let opening = left.map { piece(of: $0, row, style) + space } ?? ""
        let closing = right.map { space + piece(of: $0, row, style) } ?? ""
        return "\(opening)\(padded)\(closing)"
      }, axis: axis)
  }

  /// What a delimiter has in one row.
  private func piece(of delimiter: Character, _ row: Int, _ style: Style) -> String {
    if height == 1 { return String(delimiter).shown(style) }
    let isFirst = row == 0
    let isLast = row == height - 1
    func pick(_ first: String, _ middle: String, _ last: String) -> String { isFirst ? first : isLast ? last : middle }
    if style.ascii {
      switch delimiter {
      case "(": return pick("/", "|", "\\")
      case ")": return pick("\\", "|", "/")
      case "{": return row == axis ? "{" : "|"
      case "}": return row == axis ? "}" : "|"
      case "⌊": return isLast ? "[" : "|"
      case "⌋": return isLast ? "]" : "|"
      case "⌈": return isFirst ? "[" : "|"
      case "⌉": return isFirst ? "]" : "|"
      default: return String(delimiter).asciiTwin
      }
    }
    switch delimiter {
    case "(": return pick("⎛", "⎜", "⎝")
    case ")": return pick("⎞", "⎟", "⎠")
    case "[": return pick("⎡", "⎢", "⎣")
    case "]": return pick("⎤", "⎥", "⎦")
    case "⌊": return pick("⎢", "⎢", "⎣")
    case "⌋": return pick("⎥", "⎥", "⎦")
    case "⌈": return pick("⎡", "⎢", "⎢")
    case "⌉": return pick("⎤", "⎥", "⎥")
    case "{": return height == 2 ? pick("⎰", "", "⎱") : row == min(max(axis, 1), height - 2) ? "⎨" : pick("⎧", "⎪", "⎩")
    case "}": return height == 2 ? pick("⎱", "", "⎰") : row == min(max(axis, 1), height - 2) ? "⎬" : pick("⎫", "⎪", "⎭")
    case "|": return "│"
    default: return String(delimiter)
    }
  }
}
