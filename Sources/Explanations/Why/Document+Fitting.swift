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
    for word in text.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
      let isBreak = ["+", "-"].contains(word)
      if isBreak, current.displayWidth > style.width - 24 {
        lines.append(current)
        current = String(repeating: " ", count: indent) + word
      } else {
        current +=
          (current.isEmpty && lines.isEmpty && word.isEmpty ? "" : lines.isEmpty && current.isEmpty ? "" : " ") + word
      }
    }
    lines.append(current)
    let start = String(text.prefix { $0 == " " })
    if !lines[0].hasPrefix(start) { lines[0] = start + lines[0].drop { $0 == " " } }
    if lines.count > 6 {
      lines =
        Array(lines.prefix(4)) + [
          String(repeating: " ", count: indent) + "… \(lines.count - 5) more lines", lines[lines.count - 1],
        ]
    }
    return lines.map { Line($0.cut(to: style.width, style: style)) }
  }
}
