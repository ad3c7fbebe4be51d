import Display
import Tensors

/// A part of a line that went into an operation, with its value.
struct Operand {
  let expression: Expression
  let value: Value
  let source: SourceText

  init(_ expression: Expression, _ value: Value, _ source: SourceText) {
    self.expression = expression
    self.value = value
    self.source = source
  }

  /// How it stands in the line, or `the left side` where that is long.
  var text: String { source.text(expression.range).firstLine }

  /// `W : [3, 4]`, and the line that bound it if it is a name.
  func columns(_ machine: Machine) -> [String] {
    let shape = value.shape.map(\.description) ?? value.article
    var columns = ["\(text) : \(shape)", ""]
    if machine.depth == 0, let name = expression.rootName, let origin = machine.cells[name]?.origin, origin.line > 0 {
      columns[1] = "line \(origin.line)"
    }
    return columns
  }

  func label(_ machine: Machine) -> Diagnostic.Label {
    Diagnostic.Label(expression.range, columns(machine).filter { !$0.isEmpty }.joined(separator: "      "))
  }
}

extension Diagnostic {
  /// Labels whose texts stand in columns: name and shape, origin, what is the matter.
  static func labels(_ rows: [(range: SourceRange, columns: [String])], in source: SourceText) -> [Label] {
    var rows = rows
    for column in (1..<3).reversed() where rows.allSatisfy({ $0.columns.count <= column || $0.columns[column].isEmpty })
    {
      for index in rows.indices where rows[index].columns.count > column { rows[index].columns.remove(at: column) }
    }
    let count = rows.map(\.columns.count).max() ?? 0
    // Each label begins under its own operand, so the first column ends at a common place only if the operands' starts are added.
    var texts = rows.map { _ in "" }
    let first = rows.map(\.range.start).min() ?? 0
    var ends = rows.map { source.text(SourceRange(first, $0.range.start)).displayWidth }
    for column in 0..<count {
      for (index, row) in rows.enumerated() where column < row.columns.count {
        texts[index] += row.columns[column]
        ends[index] += row.columns[column].displayWidth
      }
      guard column + 1 < count else { break }
      let target = (ends.max() ?? 0) + 6
      for (index, row) in rows.enumerated() where column + 1 < row.columns.count {
        texts[index] += String(repeating: " ", count: target - ends[index])
        ends[index] = target
      }
    }
    return zip(rows, texts).map { row, text in
      var text = text[...]
      while text.last == " " { text.removeLast() }
      return Label(row.range, String(text))
    }
  }
}

extension Shape {
  /// `axis 0 (rows)`, `axis 1 (columns)`, beyond matrices by number alone.
  func name(ofAxis axis: Int) -> String {
    guard rank == 2 else { return "axis \(axis)" }
    return axis == 0 ? "axis 0 (rows)" : "axis 1 (columns)"
  }
}

/// The one place that words what is wrong with shapes, joined to the operands and where they came from.
extension Machine {
  func shapeFault(
    _ error: ShapeError, _ operands: [Operand], doing operation: String, at site: Fault.Site
  ) -> Fault {
    var code = "E0202"
    var message: String
    var remarks: [Int: String] = [:]
    var suggestions: [Diagnostic.Suggestion] = []
    var notes: [Diagnostic.Note] = []
    func operand(_ shape: Shape, after: Int = 0) -> Int? {
      operands.indices.first { $0 >= after && operands[$0].value.shape == shape }
    }
    func remark(_ index: Int?, _ text: String) { if let index { remarks[index] = text } }

    switch error {
    case .innerSizes(let a, let b):
      code = "E0201"
      let (m, n) = (a.last, b[max(0, b.rank - 2)])
      message = "the inner sizes of \(operation) differ, \(m) and \(n)"
      if operands.count == 2 {
        let (x, y) = (operands[0].value.shape ?? a, operands[1].value.shape ?? b)
        let (p, q) = (x.name(ofAxis: max(0, x.rank - 1)), y.name(ofAxis: max(0, y.rank - 2)))
        let width = max(p.count, q.count)
        remarks[0] = p.padded(width) + " is \(m)"
        remarks[1] = q.padded(width) + " is \(n)"
        suggestions = productSuggestions(operands, site)
      }
    case .mismatch(let a, let b, let axisFromBack):
      let (p, q) = (a[a.rank - axisFromBack], b[b.rank - axisFromBack])
      message = "the sizes of \(operation) differ, \(a) and \(b)"
      let first = operand(a)
      remark(first, "\(a.name(ofAxis: a.rank - axisFromBack)) is \(p)")
      remark(operand(b, after: (first ?? -1) + 1), "\(b.name(ofAxis: b.rank - axisFromBack)) is \(q)")
      if operands.count == 2 { suggestions = alignments(operands, site) }
    case .bothStretch(let a, let b):
      code = "E0205"
      message = "both sides would have to stretch, \(a) and \(b)"
      if operands.count == 2 { suggestions = broadcasts(operands, operation, site) }
    case .reducedOperand(let shape, let target):
      code = "E0213"
      message = "\(shape) has lost an axis that is not the first, so it does not stretch back to \(target)"
      let index = operand(shape) ?? 0
      if operands.indices.contains(index) { suggestions = keeping(operands[index]) }
    case .productRank(let a, let b):
      code = "E0211"
      message = "\(operation) is not defined for \(a.rank == 0 ? "a number" : a.description) and "
      message += b.rank == 0 ? "a number" : b.description
    case .rank(let shape, let expected):
      code = "E0217"
      message = "\(operation) wants \(expected), this is \(shape.rank == 0 ? "a number" : shape.description)"
    case .extent(let shape, let axis, let expected):
      code = "E0217"
      message = "\(operation) wants \(expected) places along axis \(axis), \(shape) has "
      message += shape.rank > axis && axis >= 0 ? "\(shape[axis])" : "none"
      remark(operand(shape), "\(shape.name(ofAxis: axis)) is not \(expected)")
    case .unequal(let a, let b):
      message = "\(operation) wants two equal shapes, these are \(a) and \(b)"
      if operands.count > 1, let rows = operands[0].value.shape, rows.rank > 1, a.rank == 1, b == [rows[0]],
        operands[1].value.shape == a
      {
        message = "\(operation) wants one label for each of the \(rows[0]) rows, these are \(a[0])"
      }
    case .axisOutOfRange(let axis, let shape):
      code = "E0212"
      message = "no axis \(axis): \(shape) has \(shape.rank == 1 ? "one axis" : "\(shape.rank) axes")"
      if shape.rank > 0 { notes = [.init("axes", "0 to \(shape.rank - 1), or -1 for the last")] }
    case .repeatedAxis(let axis):
      code = "E0212"
      message = "axis \(axis) is named twice"
    case .indexOutOfRange(let index, let axis, let extent):
      code = "E0206"
      message = "index \(index) is outside axis \(axis), which has \(extent == 1 ? "one place" : "\(extent) places")"
      if extent > 0 { notes = [.init("places", "0 to \(extent - 1); the last is end")] }
    case .fractionalIndex(let value):
      code = "E0206"
      message = "an index is a whole number, not \(NumberText.short(value))"
    case .tooManySubscripts(let count, let shape):
      code = "E0206"
      message = "\(count) subscripts for \(shape), which has \(shape.rank == 1 ? "one axis" : "\(shape.rank) axes")"
    case .count(let from, let to):
      code = "E0214"
      let product = to.reduce(1.0) { $0 * Double(max($1, 0)) }
      message = "\(operation) cannot make \(list(to)) of \(from): \(from.count) numbers"
      message += to.contains(-1) ? "" : " for \(NumberText.short(product)) places"
    case .tooManyAxes(let rank):
      code = "E0215"
      message = "a tensor has at most 8 axes, this would have \(rank)"
    case .negativeExtent(let extent):
      code = "E0215"
      message = "a size is 0 or more, not \(extent)"
    case .tooManyElements(let extents):
      code = "E0215"
      message = "\(list(extents)) would hold more numbers than a tensor can"
      notes = [.init("limit", "\(Shape.maximumCount) numbers")]
    case .memory(let shape, let bytes, let limit):
      code = "E0216"
      message = "\(shape) would take \(NumberText.bytes(bytes)), the session's limit is \(NumberText.bytes(limit))"
      notes = [.init("limit", "nabla --memory SIZE sets it")]
    case .memoryInAll(let shape, let bytes, let held, let limit):
      code = "E0216"
      message = "\(shape) would take \(NumberText.bytes(bytes)), and \(NumberText.bytes(max(0, limit - held))) are left"
      notes = [
        .init(
          "held",
          "\(NumberText.bytes(held)) of \(NumberText.bytes(limit)); :vars lists what is kept, :clear NAME lets it go"),
        .init("limit", "nabla --memory SIZE sets it"),
      ]
    case .empty(let shape):
      code = "E0218"
      message = "\(operation) of nothing: \(shape) has no elements"
    case .window(let shape, let window):
      code = "E0219"
      message = "the window \(list(window)) is larger than the padded input \(shape)"
    case .notSquare(let shape):
      code = "E0220"
      message = "\(operation) wants a square matrix, this is \(shape)"
    case .singular(let shape):
      code = "E0220"
      message = "the matrix \(shape) has no inverse"
    case .noDerivative(let name):
      code = "E0229"
      message = "\(name) has no derivative here"
    }
    var rows: [(range: SourceRange, columns: [String])] = []
    for (index, operand) in operands.enumerated() where operand.expression.range != site.range && index < 4 {
      guard operand.value.shape != nil, !operand.expression.isLiteral else { continue }
      rows.append((operand.expression.range, operand.columns(self) + (remarks[index].map { [$0] } ?? [])))
    }
    return failure(
      code, message, at: site, labels: Diagnostic.labels(rows, in: site.source), suggestions: suggestions,
      notes: notes)
  }

  private func list(_ extents: [Int]) -> String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }

  // MARK: Suggestions

  /// Transposes and the other order of a product, if one of them works.
  private func productSuggestions(_ operands: [Operand], _ site: Fault.Site) -> [Diagnostic.Suggestion] {
    let (a, b) = (operands[0], operands[1])
    func transposed(_ operand: Operand) -> String {
      if case .transpose(let inner) = operand.expression.kind { return operand.source.text(inner.range) }
      let isSimple = operand.expression.children.isEmpty
      let ascii = style.ascii
      let text = isSimple ? operand.text : "(\(operand.text))"
      return text + (ascii ? ".T" : "ᵀ")
    }
    let candidates: [[(SourceRange, String)]] = [
      [(b.expression.range, transposed(b))],
      [(a.expression.range, transposed(a))],
      [(a.expression.range, b.text), (b.expression.range, a.text)],
    ]
    for candidate in candidates {
      if let suggestion = suggestion(replacing: candidate.map { (range: $0.0, text: $0.1) }, in: site.source) {
        return [suggestion]
      }
    }
    return []
  }

  /// What could have been meant by two sizes that differ: the transpose of one side, or an axis more.
  private func alignments(_ operands: [Operand], _ site: Fault.Site) -> [Diagnostic.Suggestion] {
    guard let a = operands[0].value.shape, let b = operands[1].value.shape else { return [] }
    var candidates: [(SourceRange, String)] = []
    func simple(_ operand: Operand) -> String {
      operand.expression.children.isEmpty ? operand.text : "(\(operand.text))"
    }
    if a.rank == 2, b.rank == 2, a[0] == b[1], a[1] == b[0] {
      candidates.append((operands[1].expression.range, simple(operands[1]) + (style.ascii ? ".T" : "ᵀ")))
    }
    if a.rank == 2, b.rank == 1, a[0] == b[0] {
      candidates.append((operands[1].expression.range, simple(operands[1]) + "[:, new]"))
    }
    if b.rank == 2, a.rank == 1, b[0] == a[0] {
      candidates.append((operands[0].expression.range, simple(operands[0]) + "[:, new]"))
    }
    return candidates.compactMap { suggestion(replacing: [(range: $0.0, text: $0.1)], in: site.source) }.prefix(1).map {
      $0
    }
  }

  /// Both readings of a line in which both sides would stretch: every pair, or one by one.
  private func broadcasts(
    _ operands: [Operand], _ operation: String, _ site: Fault.Site
  ) -> [Diagnostic.Suggestion] {
    guard let a = operands[0].value.shape, let b = operands[1].value.shape else { return [] }
    var suggestions: [Diagnostic.Suggestion] = []
    let rank = max(a.rank, b.rank)
    let letters = Array("ijklmnpqabcduvw").map(String.init).filter { cells[$0]?.origin == nil }
    guard letters.count >= rank else { return [] }
    func subscripted(_ operand: Operand, _ shape: Shape) -> String {
      let text = operand.expression.children.isEmpty ? operand.text : "(\(operand.text))"
      let indices = (0..<shape.rank).map { shape[$0] == 1 ? "0" : letters[$0 + rank - shape.rank] }
      return "\(text)[\(indices.joined(separator: ","))]"
    }
    if operands.allSatisfy({ $0.expression.name != nil }) {
      let name = ["s", "z", "y"].first { cells[$0]?.origin == nil } ?? "s_"
      let equation =
        "\(name)[\(letters[..<rank].joined(separator: ","))] = "
        + "\(subscripted(operands[0], a)) \(operation) \(subscripted(operands[1], b))"
      if let outline = outline(ofTrying: equation) {
        suggestions.append(.init(.try, equation, remark: "every pair, gives \(outline)"))
      }
    }
    func squeezed(_ operand: Operand, _ shape: Shape) -> String {
      let text = operand.expression.children.isEmpty ? operand.text : "(\(operand.text))"
      return "\(text)[\((0..<shape.rank).map { shape[$0] == 1 ? "0" : ":" }.joined(separator: ", "))]"
    }
    for (index, shape) in [(1, b), (0, a)] where shape.dimensions.contains(1) {
      let replacement = squeezed(operands[index], shape)
      if let found = suggestion(
        replacing: [(range: operands[index].expression.range, text: replacement)], in: site.source,
        kind: suggestions.isEmpty ? .try : .or, remark: { "one by one, gives " + $0 })
      {
        suggestions.append(found)
        break
      }
    }
    return suggestions
  }

  /// `keep: true` added to the reduction that dropped the axis.
  private func keeping(_ operand: Operand) -> [Diagnostic.Suggestion] {
    guard case .call(_, let arguments) = operand.expression.kind, !arguments.isEmpty,
      !arguments.contains(where: { $0.label?.text == "keep" })
    else { return [] }
    let text = operand.source.text(operand.expression.range)
    guard text.hasSuffix(")") else { return [] }
    let replacement = String(text.dropLast()) + ", keep: true)"
    return [suggestion(replacing: [(range: operand.expression.range, text: replacement)], in: operand.source)]
      .compactMap { $0 }
  }
}

extension BinaryNode {
  /// A shape error of this operator. `x` and `y` are what the engine saw.
  func shapeFault(_ error: ShapeError, _ x: Tensor, _ y: Tensor) -> Fault {
    let operands =
      left.range == whole.range
      ? [Operand(right, .tensor(y), source)]
      : [Operand(left, .tensor(x), source), Operand(right, .tensor(y), source)]
    return machine.shapeFault(error, operands, doing: symbol.isEmpty ? op.word : symbol, at: site)
  }
}

extension Expression {
  /// Whether it is a number or a string as written: nothing a label would add to.
  var isLiteral: Bool {
    switch kind {
    case .number, .string: true
    default: false
    }
  }
}

extension String {
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

/// Numbers in messages.
enum NumberText {
  /// A number as short as it can be said.
  static func short(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e15 { return String(Int(number)) }
    return "\(number)"
  }

  /// `8 GB`, `1.5 MB`.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["bytes", "KB", "MB", "GB", "TB", "PB"] {
      if value < 1000 || unit == "PB" {
        let tenths = (value * 10).rounded() / 10
        return short(unit == "bytes" ? value : tenths) + " " + unit
      }
      value /= 1000
    }
    return ""
  }
}
