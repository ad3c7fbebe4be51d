import Display

extension FormulaLayout {
  /// The formula in lines that fit: broken between equations, then at relation signs, then at signs between terms; brackets
  /// are taken apart only where nothing else helps.
  func wrapped(_ formula: Formula, width: Int) -> Drawing {
    if case .grid(let rows, .aligned) = formula {
      let whole = box(formula)
      return whole.width <= width ? whole : spread(rows.map { wrapped(.row($0), width: width) })
    }
    let drawing = wrapped(items(formula), width)
    return drawing.width <= width ? drawing : wrapped(items(formula, opened: true), width)
  }

  private func wrapped(_ items: [Item], _ width: Int) -> Drawing {
    let whole = row(items)
    if whole.width <= width { return whole }
    var lines: [[Item]] = []
    for equation in equations(items) {
      if let last = lines.last, row(last + equation).width <= width {
        lines[lines.count - 1] += equation
      } else {
        lines.append(equation)
      }
    }
    return spread(lines.map { broken($0, width) })
  }

  /// The equations of a row: a comma or semicolon between two relations ends one, and so does much room.
  private func equations(_ items: [Item]) -> [[Item]] {
    var result: [[Item]] = [[]]
    var depth = 0
    let lastRelation = items.lastIndex { $0.role == .relation } ?? 0
    for (index, item) in items.enumerated() {
      if item.role != .space, depth == 0, index > 0 {
        let isApart = items[index - 1].role == .space && items[index - 1].drawing.width > 1
        let isNext =
          items[..<index].last { $0.role != .space }?.role == .punctuation && index < lastRelation
          && result[result.count - 1].contains { $0.role == .relation }
        if isApart || isNext { result.append([]) }
      }
      depth += item.role == .opening ? 1 : item.role == .closing ? -1 : 0
      result[result.count - 1].append(item)
    }
    return result
  }

  /// One equation, its continuations under its first relation sign.
  private func broken(_ all: [Item], _ width: Int) -> Drawing {
    let words = all.drop { $0.role == .space }
    let items = Array(words[...(words.lastIndex { $0.role != .space } ?? words.startIndex - 1)])
    let gaps = gaps(items)
    // Where each item begins and ends in the unbroken row.
    var begins: [Int] = []
    var ends: [Int] = []
    for (index, item) in items.enumerated() {
      begins.append(index == 0 ? 0 : ends[index - 1] + gaps[index - 1])
      ends.append(begins[index] + item.drawing.width)
    }
    guard let last = ends.last, last > width else { return row(items) }

    let first = items.indices.first { $0 > 0 && items[$0].role == .relation }
    let column = first.map { begins[$0] } ?? 0
    let relations = items.indices.filter { $0 > 0 && $0 != first && items[$0].role == .relation }
    let signs = items.indices.filter { $0 > (first ?? 0) && items[$0].role == .binary && !items[$0].isDot }
    let rooms = items.indices.filter { index in
      index > (first ?? -1) + 1
        && (gaps[index - 1] > 0
          || [items[index - 1].role, items[index].role].contains { $0 == .space || $0 == .words })
    }

    var lines: [Drawing] = []
    var start = 0
    while start < items.count {
      let indent = start == 0 ? 0 : column + (items[start].role == .relation ? 0 : 2)
      func fits(_ end: Int) -> Bool { indent + ends[end - 1] - begins[start] <= width }
      var end = items.count
      if !fits(end) {
        let candidates = [relations, signs, rooms].map { $0.filter { $0 > start } }
        end =
          candidates.lazy.compactMap { $0.last(where: fits) }.first ?? candidates.compactMap(\.first).min()
          ?? items.count
      }
      let line = row(items[start..<end])
      lines.append(indent == 0 ? line : .beside([Drawing(String(repeating: " ", count: indent)), line], gap: 0))
      start = end
      while start < items.count, items[start].role == .space { start += 1 }
    }
    return spread(lines)
  }
}
