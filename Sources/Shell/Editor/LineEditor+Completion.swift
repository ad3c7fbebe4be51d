import CEditLine

/// The list of candidates under the text; gone with the next key.
struct Listing: Equatable {
  var candidates: [Candidate]
  /// The first one shown: Tab turns the page.
  var start = 0

  /// The list in at most `height` rows of `columns` cells, and how many candidates it shows.
  func rows(columns: Int, height: Int) -> (rows: [String], shown: Int) {
    let rest = candidates[start...]
    let widest = rest.map { Layout.width(of: $0.label) }.max() ?? 0
    let hasSummaries = rest.contains { !$0.summary.isEmpty }
    let perRow = hasSummaries ? 1 : max(1, (columns - 2) / (widest + 2))
    let isWhole = (rest.count + perRow - 1) / perRow <= height
    let count = isWhole ? rest.count : min(rest.count, max(1, height - 1) * perRow)
    let lines = (count + perRow - 1) / perRow
    let labelWidth = hasSummaries ? min(widest, 24) : widest
    var rows: [String] = []
    for line in 0..<lines {
      var row = ""
      for index in stride(from: line, to: count, by: lines) {
        let candidate = rest[rest.startIndex + index]
        let gap = max(0, labelWidth - Layout.width(of: candidate.label))
        row += "  " + candidate.label + String(repeating: " ", count: gap)
        if hasSummaries { row += "  " + candidate.summary }
      }
      rows.append(Self.cut(row, to: columns - 1))
    }
    if !isWhole, height > 1 { rows.append("  … \(rest.count - count) more, Tab") }
    return (rows, count)
  }

  /// The beginning of `text` that fits in `width` cells, without blanks at its end.
  private static func cut(_ text: String, to width: Int) -> String {
    var cells = 0
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      cells += Layout.width(of: scalar)
      if cells > width { break }
      kept.append(scalar)
    }
    while kept.last == " " { kept.removeLast() }
    return String(kept)
  }
}

extension LineEditor {
  /// The most rows a list takes.
  static let listHeight = 12

  /// Tab: completes what is certain and lists the rest; at the start of a line it indents.
  func complete() {
    let scalars = scalars
    let line = Self.line(around: cursor, in: scalars)
    if scalars[line.lowerBound..<cursor].allSatisfy({ $0 == " " }) {
      insert("  ")
      return
    }
    if let open = listing {
      let shown = open.rows(columns: terminal.size.columns, height: visibleListHeight).shown
      listing?.start = open.start + shown < open.candidates.count ? open.start + shown : 0
      if terminal.isDumb { listOnDumbTerminal() }
      return
    }
    let text = Self.string(scalars)
    let offset = Self.string(scalars[..<cursor]).utf8.count
    let completion = assistant.complete(text, offset)
    guard let first = completion.candidates.first else { return ring() }
    let typed = Self.string(
      String(decoding: text.utf8.dropFirst(completion.range.lowerBound).prefix(completion.range.count), as: UTF8.self)
        .unicodeScalars)
    func replace(with text: String) {
      deleteBackward(typed.unicodeScalars.count)
      insert(text)
    }
    if completion.candidates.count == 1 {
      if first.text == typed { return ring() }
      return replace(with: first.text)
    }
    let prefix = completion.commonPrefix
    if prefix.unicodeScalars.count > typed.unicodeScalars.count { replace(with: prefix) }
    listing = Listing(candidates: completion.candidates)
    if terminal.isDumb { listOnDumbTerminal() }
  }

  var visibleListHeight: Int { min(Self.listHeight, max(1, terminal.size.rows / 2)) }

  private func listOnDumbTerminal() {
    guard let rows = listing?.rows(columns: terminal.size.columns, height: visibleListHeight).rows else { return }
    Terminal.write("\r\n" + rows.map { $0 + "\r\n" }.joined())
    dumbScreen = DumbScreen()
  }
}
