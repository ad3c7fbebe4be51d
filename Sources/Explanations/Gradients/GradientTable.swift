import Display

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The answer to `:grads`: a row for each parameter, how the gradient goes through the layers, and what is wrong with it.
struct GradientTable {
  /// What the gradients are of: `4 layers, tanh, L = 1.1065`.
  let title: String
  /// What they were taken on: `150 samples`.
  let source: String
  let rows: [GradientRow]
  /// The last lines: whether all is well, or the cause and what to try.
  let verdict: [Line]
  /// Whether every row is to be shown.
  var isWhole = false
  let style: Style

  /// The rows that a table may have.
  static let most = 12

  func document() -> Document {
    var document = Document([Line("  " + title.shown(style).cut(to: style.width - source.count - 6, style: style))])
    document.lines[0].margin = [Span(source.shown(style), .dim)]
    let shown =
      isWhole || rows.count <= Self.most ? rows : rows.contains { !$0.isMinor } ? rows.filter { !$0.isMinor } : rows
    var hidden = 0..<0
    if !isWhole, shown.count > Self.most { hidden = 3..<shown.count - 3 }
    let columns = columns(shown.indices.filter { !hidden.contains($0) }.map { shown[$0] })
    document.append(heading(columns))
    for (index, row) in shown.enumerated() {
      if index == hidden.lowerBound, !hidden.isEmpty { document.append(folded(Array(shown[hidden]))) }
      if !hidden.contains(index) { document.append(line(row, columns)) }
    }
    if let heights { document.append(heights) }
    for line in verdict { document.append(line.shown(style)) }
    return document
  }

  // MARK: Columns

  /// One column of numbers: its title, its width, what it says of a row.
  private struct Column {
    let title: String
    let width: Int
    let text: (GradientRow) -> String
  }

  private struct Columns {
    let name, shape: Int
    let numbers: [Column]
  }

  /// As many columns as fit: where names and shapes are long, the mean goes first, then the largest.
  private func columns(_ rows: [GradientRow]) -> Columns {
    let nabla = "∇".shown(style)
    func norm(_ number: Double) -> String { NumberFormat.norm(number) }
    var numbers = [
      Column(title: "‖w‖".shown(style), width: 6) { norm($0.weight) },
      Column(title: "‖\(nabla)‖".shown(style), width: 9) { norm($0.gradient) },
      Column(title: "‖\(nabla)‖/‖w‖".shown(style), width: 9) {
        $0.weight == 0 ? "-" : norm($0.gradient / $0.weight)
      },
      Column(title: "mean \(nabla)", width: 10) { norm($0.mean) },
      Column(title: "max |\(nabla)|", width: 10) { norm($0.largest) },
    ].map { column in
      // A title or a number wider than usual makes its column wider.
      let widest = rows.map { column.text($0).count + 1 }.max() ?? 0
      return Column(
        title: column.title, width: max(column.width, column.title.displayWidth + 2, widest), text: column.text)
    }
    let shape = max(9, (rows.map { $0.shape.description.count }.max() ?? 0) + 1)
    var name = max(10, rows.map { $0.name.shown(style).displayWidth }.max() ?? 0)
    func total() -> Int { 4 + name + shape + numbers.reduce(0) { $0 + $1.width } + 11 }
    for dropped in [3, 4] where total() > style.width && numbers.count > 3 { numbers.remove(at: min(dropped, 3)) }
    if total() > style.width { name = max(10, name - (total() - style.width)) }
    return Columns(name: name, shape: shape, numbers: numbers)
  }

  private func heading(_ columns: Columns) -> Line {
    var text = "  " + "parameter".padded(to: columns.name) + "  " + "shape".padded(to: columns.shape)
    // Titles stand over the middle of their numbers rather than over the last digit.
    for (index, column) in columns.numbers.enumerated() {
      text += column.title.leftPadded(to: column.width - (index == 1 ? 1 : 0))
    }
    return Line(text + "  histogram", .dim)
  }

  private func line(_ row: GradientRow, _ columns: Columns) -> Line {
    let name = row.name.shown(style).cut(to: columns.name, style: style)
    var text = name.padded(to: columns.name) + "  " + row.shape.description.padded(to: columns.shape)
    for column in columns.numbers { text += column.text(row).leftPadded(to: column.width) }
    text += "  " + row.histogram
    if row.mark == .none { return Line("  " + text) }
    return "\(row.mark.rawValue.shown(style), .mark) \(text, .error)"
  }

  /// The line that stands for the rows in the middle.
  private func folded(_ rows: [GradientRow]) -> Line {
    let norms = rows.map(\.gradient)
    let isLayers = Set(rows.map(\.layer)).count == rows.count && rows[0].layer != nil
    let (low, high) = (norms.min() ?? 0, norms.max() ?? 0)
    let text =
      "\(rows[0].name) to \(rows[rows.count - 1].name)   \(rows.count) \(isLayers ? "layers" : "parameters")"
      + "   ‖∇‖ from \(NumberFormat.norm(low)) to \(NumberFormat.norm(high))"
    guard let mark = rows.first(where: { $0.mark != .none })?.mark else { return Line("  " + text.shown(style), .dim) }
    return "\(mark.rawValue.shown(style), .mark) \(text.shown(style), .error)"
  }

  /// The slope through the layers at a glance, from six layers on.
  private var heights: Line? {
    let rows = rows.leading
    guard rows.count >= 6, rows.allSatisfy({ $0.layer != nil }) else { return nil }
    let norms = rows.map(\.gradient)
    let letters = Set(rows.map { String($0.name.reversed().prefix { $0 != "." }.reversed()) })
    let what = letters.count == 1 ? letters.first! : "layers"
    let curve = Sparkline.curve(norms.map { $0 > 0 ? log($0) : .nan }, width: 40, style)
    let text = "  ‖∇‖ of the \(rows.count) \(what), log scale  \(NumberFormat.norm(norms[0])) "
    return "\(text.shown(style))\(curve, .bar) \(NumberFormat.norm(norms[norms.count - 1]))"
  }
}
