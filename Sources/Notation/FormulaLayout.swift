import Display

extension Formula {
  /// The formula in two dimensions, broken into lines where it is wider than `width`, or than the screen.
  ///
  /// `mark` is the role of the parts that are marked.
  package func drawing(_ style: Style = .plain, width: Int? = nil, mark: Role = .result) -> Drawing {
    FormulaLayout(self, style, mark: mark).wrapped(self, width: width ?? style.width)
  }
}

/// Turns trees into boxes.
struct FormulaLayout {
  typealias Item = Spacing.Item

  let style: Style
  private let mark: Role
  private let lowersFit: Bool
  private let uppersFit: Bool

  /// A layout for a formula and what belongs to it: whether scripts are drawn as letters is decided for the whole.
  init(_ formula: Formula, _ style: Style, mark: Role = .result) {
    self.style = style
    self.mark = mark
    lowersFit = formula.scriptsFit(true)
    uppersFit = formula.scriptsFit(false)
  }

  // MARK: Rows

  func box(_ formula: Formula, isScript: Bool = false, _ role: Role = .plain) -> Drawing {
    row(items(formula, isScript, role), isScript)
  }

  /// Items side by side, with the room between them that they ask for.
  func row(_ items: some Collection<Item>, _ isScript: Bool = false) -> Drawing {
    items.isEmpty ? Drawing("") : .beside(items.map(\.drawing), gaps: gaps(items, isScript))
  }

  func gaps(_ items: some Collection<Item>, _ isScript: Bool = false) -> [Int] {
    let spacing = Spacing(style: style, isScript: isScript)
    return zip(items, items.dropFirst()).map { spacing.columns($0, $1) }
  }

  /// The parts of a row, each laid out; `opened` takes brackets apart, so that a row can be broken between them.
  func items(_ formula: Formula, _ isScript: Bool = false, _ role: Role = .plain, opened: Bool = false) -> [Item] {
    Spacing.settled(flattened(formula, isScript, role, opened))
  }

  private func flattened(_ formula: Formula, _ isScript: Bool, _ role: Role, _ opened: Bool) -> [Item] {
    switch formula {
    case .row(let parts): parts.flatMap { flattened($0, isScript, role, opened) }
    case .marked(let inner): flattened(inner, isScript, mark, opened)
    case .fenced(let left, let inner, let right) where opened && !inner.isTall:
      [left.map { Item(role: .opening, drawing: Drawing(String($0), role, style), isTall: false) }].compactMap { $0 }
        + flattened(inner, isScript, role, opened)
        + [right.map { Item(role: .closing, drawing: Drawing(String($0), role, style), isTall: false) }]
        .compactMap { $0 }
    default: [item(formula, isScript, role)]
    }
  }

  private func item(_ formula: Formula, _ isScript: Bool, _ role: Role) -> Item {
    func item(_ part: Spacing.Role, _ drawing: Drawing) -> Item {
      Item(role: part, drawing: drawing, isTall: formula.isTall)
    }
    switch formula {
    case .symbol(let symbol):
      var result = item(symbol.spacing, Drawing(symbol.letters(style), role, style))
      result.isDot = symbol.text == "·" || symbol.text == "/"
      return result
    case .text(let words): return item(.words, Drawing(words, role, style))
    case .space(let columns): return item(.space, Drawing(String(repeating: " ", count: columns)))
    case .row, .marked: return item(.ordinary, box(formula, isScript: isScript, role))
    case .fraction(let upper, let lower):
      return item(isScript ? .ordinary : .quotient, quotient(upper, lower, isScript, role))
    case .root(let radicand, let degree): return item(.ordinary, root(radicand, degree, isScript, role))
    case .accented(let base, let accent): return item(.ordinary, accented(base, accent, isScript, role))
    case .fenced(let left, let inner, let right):
      return item(inner.isGrid ? .quotient : .fence, fenced(left, inner, right, isScript, role))
    case .grid(let rows, let kind): return item(.quotient, grid(rows, kind, isScript, role))
    case .scripts(let base, let lower, let upper):
      if base.takesLimits { return limits(base, lower, upper, role) }
      var result = item(self.item(base, isScript, role).role, scripts(base, lower, upper, isScript, role))
      if !style.ascii && !lowersFit, lower?.parts.contains(where: \.isComma) == true { result.endsInList = true }
      return result
    }
  }

  // MARK: Parts

  private func quotient(_ upper: Formula, _ lower: Formula, _ isScript: Bool, _ role: Role) -> Drawing {
    if isScript {
      let parts = [upper, lower].map { part in
        let box = box(part, isScript: true, role)
        return part.parts.count > 1 ? parenthesised(box, role) : box
      }
      return .beside([parts[0], Drawing("/", role), parts[1]], gap: 0)
    }
    // The rule of a quotient of quotients is the longest.
    let parts = [upper, lower].map { part in
      part.isTall ? Drawing.beside([Drawing(" "), box(part, role), Drawing(" ")], gap: 0) : box(part, role)
    }
    return .quotient(parts[0], parts[1], style)
  }

  private func parenthesised(_ box: Drawing, _ role: Role) -> Drawing {
    .beside([Drawing("(", role), box, Drawing(")", role)], gap: 0)
  }

  private func root(_ radicand: Formula, _ degree: Formula?, _ isScript: Bool, _ role: Role) -> Drawing {
    let inner = box(radicand, isScript: isScript, role)
    let held =
      radicand.isTall
      ? inner.fenced("(", ")", style)
      : radicand.isOneSymbol && !style.ascii ? inner : parenthesised(inner, role)
    let sign = Drawing(style.glyph("√", "sqrt"), role)
    guard let degree else { return .beside([sign, held], gap: 0) }
    if style.ascii { return .beside([Drawing("root", role), box(degree, isScript: true), held], gap: 0) }
    if let letters = degree.plainText.flatMap(ScriptLetters.raised) {
      return .beside([Drawing(letters, role), sign, held], gap: 0)
    }
    var raised = box(degree, isScript: true, role)
    raised.axis = raised.height
    return .beside([raised, sign, held], gap: 0)
  }

  private func accented(
    _ base: Formula, _ accent: Formula.Accent, _ isScript: Bool, _ role: Role
  ) -> Drawing {
    switch base {
    case .symbol(let symbol) where symbol.text.count == 1:
      return Drawing(symbol.letters(style) + accent.combiningMark, role, style)
    case .scripts(let inner, let lower, let upper):
      return scripts(.accented(inner, accent), lower, upper, isScript, role)
    default:
      let box = box(base, isScript: isScript, role)
      if style.ascii { return .beside([Drawing(accent.rawValue, role), parenthesised(box, role)], gap: 0) }
      let stroke = accent == .bar ? String(repeating: "─", count: box.width) : accent.glyph
      var drawing = Drawing.above([Drawing(stroke, role), box], centered: true)
      drawing.axis = box.axis + 1
      return drawing
    }
  }

  private func fenced(
    _ left: Character?, _ inner: Formula, _ right: Character?, _ isScript: Bool, _ role: Role
  ) -> Drawing {
    let box = box(inner, isScript: isScript, role)
    if inner.isTall {
      return box.fenced(left, right, gap: inner.isGrid ? 1 : 0, style)
    }
    // Scripts alone do not make brackets grow.
    let sides = [left, right].map { $0.map { Drawing(String($0), role, style) } }
    return .beside([sides[0], box, sides[1]].compactMap { $0 }, gap: 0)
  }

  private func limits(_ base: Formula, _ lower: Formula?, _ upper: Formula?, _ role: Role) -> Item {
    let sign = box(base, role)
    let over = upper.map { box($0, isScript: true, role) }
    var drawing = Drawing.above(
      [over, sign, lower.map { box($0, isScript: true, role) }].compactMap { $0 }, centered: true)
    drawing.axis = (over?.height ?? 0) + sign.axis
    return Item(role: .big(isWide: drawing.width > 1), drawing: drawing, isTall: true)
  }

  // MARK: Scripts

  private func scripts(
    _ base: Formula, _ lower: Formula?, _ upper: Formula?, _ isScript: Bool, _ role: Role
  ) -> Drawing {
    let box = box(base, isScript: isScript, role)
    if style.ascii, let text = asciiScripts(lower, upper) { return .beside([box, Drawing(text, role)], gap: 0) }
    let isTall = base.isTall
    // The rows of the scripts, counted from the base's axis.
    var rows: [Int: Line] = [0: Line()]
    func put(_ line: Line, _ row: Int) {
      rows[row, default: Line()].append(line)
    }
    if let lower {
      let first = isTall ? box.height - 1 - box.axis : 1
      if lowersFit, let letters = lower.plainText.flatMap(ScriptLetters.lowered) {
        put(Line(letters, role), isTall ? first : 0)
      } else {
        for (row, line) in self.box(lower, isScript: true, role).lines.enumerated() { put(line, first + row) }
      }
    }
    if let upper {
      let last = isTall ? -box.axis : -1
      if let letters = upper.plainText.flatMap(ScriptLetters.raised), uppersFit || upper.isMark {
        put(Line(letters, role), isTall ? last : 0)
      } else {
        let lines = self.box(upper, isScript: true, role).lines
        for (row, line) in lines.enumerated() { put(line, last - lines.count + 1 + row) }
      }
    }
    let (first, last) = (rows.keys.min()!, rows.keys.max()!)
    return .beside([box, Drawing((first...last).map { rows[$0] ?? Line() }, axis: -first)], gap: 0)
  }

  /// `[t+1]`, `^2`, `.T`: scripts on one line; nil if one of them is no line.
  private func asciiScripts(_ lower: Formula?, _ upper: Formula?) -> String? {
    var result = ""
    if let lower {
      let lines = box(lower, isScript: true).lines
      guard lines.count == 1 else { return nil }
      let text = lines[0].text
      result += text.allSatisfy(\.isNumber) ? text : "[\(text)]"
    }
    guard let upper else { return result }
    let marks = upper.parts.filter(\.isMark)
    let power = Formula.joined(upper.parts.filter { !$0.isMark })
    if power.parts.isEmpty == false {
      let lines = box(power, isScript: true).lines
      guard lines.count == 1 else { return nil }
      let text = lines[0].text
      let isOne = power.parts.count == 1 && !text.hasPrefix("-")
      result += isOne ? "^\(text)" : "^(\(text))"
    }
    for case .symbol(let mark) in marks { result += mark.text == "ᵀ" ? ".T" : "'" }
    return result
  }

  // MARK: Grids

  private func grid(_ rows: [[Formula]], _ kind: Formula.Grid, _ isScript: Bool, _ role: Role) -> Drawing {
    let boxes = rows.map { $0.map { box($0, isScript: isScript, role) } }
    let count = boxes.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      boxes.map { $0.indices.contains(column) ? $0[column].width : 0 }.max() ?? 0
    }
    var drawings: [Drawing] = []
    for (cells, formulas) in zip(boxes, rows) {
      var line = Drawing("")
      var end = 0
      for (column, cell) in cells.enumerated() {
        let free = widths[column] - cell.width
        let before: Int
        switch kind {
        case .matrix: before = free / 2 + (free % 2 != 0 ? 1 : 0)
        case .cases: before = 0
        case .aligned: before = column.isMultiple(of: 2) && count > 1 ? free : 0
        }
        line = .beside([line, cell], gap: end - line.width + before)
        end += widths[column] + gap(after: column, in: kind, formulas)
      }
      drawings.append(line)
    }
    return .above(kind == .aligned ? spread(drawings).lines.map { Drawing([$0]) } : drawings)
  }

  private func gap(after column: Int, in kind: Formula.Grid, _ cells: [Formula]) -> Int {
    switch kind {
    case .matrix: 2
    case .cases: 3
    case .aligned:
      if !column.isMultiple(of: 2) { 4 } else { column + 1 < cells.count && cells[column + 1].beginsWithSign ? 1 : 0 }
    }
  }

  /// Lines one below the other, with an empty one between where one of them is more than a line.
  func spread(_ drawings: [Drawing]) -> Drawing {
    var parts: [Drawing] = []
    for (index, drawing) in drawings.enumerated() {
      if index > 0 && max(drawing.height, drawings[index - 1].height) > 1 { parts.append(Drawing([Line()])) }
      parts.append(drawing)
    }
    var drawing = Drawing.above(parts)
    drawing.axis = drawings.first?.axis ?? 0
    return drawing
  }
}

extension Symbol {
  var spacing: Spacing.Role {
    switch kind {
    // `x.size`, `t = 1.`
    case .ordinary where text == ".": .opening
    case .variable, .number, .ordinary: .ordinary
    case .function, .limits: .function
    case .big: .big(isWide: false)
    case .binary: .binary
    case .relation: .relation
    case .opening: .opening
    case .closing: .closing
    case .punctuation: .punctuation
    }
  }

  /// Its text in its font, as far as a terminal has it.
  func letters(_ style: Style) -> String {
    guard font == .blackboard, !style.ascii else { return text }
    return ["R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "P": "ℙ"][text] ?? text
  }
}

extension Formula.Accent {
  var combiningMark: String {
    switch self {
    case .hat: "\u{302}"
    case .tilde: "\u{303}"
    case .bar: "\u{304}"
    case .dot: "\u{307}"
    case .vec: "\u{20D7}"
    }
  }

  /// The sign alone, over something wide.
  var glyph: String {
    switch self {
    case .hat: "^"
    case .tilde: "~"
    case .bar: "─"
    case .dot: "."
    case .vec: "→"
    }
  }
}

extension Formula {
  /// A prime or the sign of a transpose, which stands at the line's own height.
  var isMark: Bool {
    if case .symbol(let symbol) = self { symbol.text == "'" || symbol.text == "ᵀ" } else { false }
  }

  var isGrid: Bool {
    switch self {
    case .grid: true
    case .marked(let inner): inner.isGrid
    default: false
    }
  }

  var isComma: Bool {
    if case .symbol(let symbol) = self { symbol.kind == .punctuation } else { false }
  }

  /// Whether a root can stand before it without brackets.
  var isOneSymbol: Bool {
    switch self {
    case .symbol, .fenced: true
    case .accented(let base, _), .scripts(let base, _, _), .marked(let base): base.isOneSymbol
    default: false
    }
  }

  /// Whether it begins with a relation or a sign.
  var beginsWithSign: Bool {
    switch self {
    case .symbol(let symbol): symbol.kind == .relation || symbol.kind == .binary
    case .row(let parts): parts.first?.beginsWithSign == true
    case .marked(let inner): inner.beginsWithSign
    default: false
    }
  }
}
