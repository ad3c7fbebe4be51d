/// The echo of a network: its shapes, its parameters, and a row for each layer with the multiplication that counts
/// them.
///
/// ```
/// net : [n, 4] → [n, 3], 131 parameters
///   net[0]   Dense    [n, 16]    4·16 + 16 =  80    W, b
///   net[1]   relu     [n, 16]                 0
///   net[2]   Dense    [n, 3]     16·3 + 3  =  51    W, b
/// ```
package struct NetworkText: Sendable {
  /// One layer of the network.
  package struct Layer: Sendable {
    /// `Dense`; in a summary with what it was made with, `Dense(4, 16)`.
    package var kind: String
    package var description: String
    /// `[n, 16]`.
    package var output: String
    package var parameterCount: Int
    /// `4·16 + 16`, empty where nothing is counted.
    package var countFormula: String
    /// `W`, `b`.
    package var parameterNames: [String]

    package init(
      kind: String, description: String? = nil, output: String, parameterCount: Int = 0, countFormula: String = "",
      parameterNames: [String] = []
    ) {
      self.kind = kind
      self.description = description ?? kind
      self.output = output
      self.parameterCount = parameterCount
      self.countFormula = countFormula
      self.parameterNames = parameterNames
    }
  }

  package var name: String
  /// `[n, 4]`; empty where the network does not say.
  package var input: String
  package var layers: [Layer]
  /// The id of the card the network comes from, for the right margin of its summary.
  package var source: String

  package init(name: String, input: String, layers: [Layer], source: String = "") {
    self.name = name
    self.input = input
    self.layers = layers
    self.source = source
  }

  package var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

  package func document(_ style: Style = .plain) -> Document {
    var result = Document([heading(style)])
    let counts = layers.map { NumberFormat.count($0.parameterCount) } + [NumberFormat.count(parameterCount)]
    let countWidth = counts.map(\.count).max() ?? 0
    var table = Table(
      [
        .init(), .init(gap: 4), .init(gap: 4), .init(gap: 1), .init("", .right, gap: 4, least: countWidth + 2), .init(),
      ],
      fold: (3, 3, TensorLayout.mostRows), folded: foldedRow)
    let (formulas, names) = fittingCells(style, countWidth: countWidth)
    for (index, layer) in layers.enumerated() {
      // The 0 of a layer that counts nothing stands one column in from the counts.
      let count = layer.countFormula.isEmpty ? counts[index] + " " : "= " + counts[index].leftPadded(to: countWidth)
      table.append([
        Line(label(index), .name), Line(layer.kind), Line(layer.output), Line(formulas[index]),
        Line(count), Line(names[index], .dim),
      ])
    }
    result.append(table.document(style))
    return result
  }

  /// How the weights are counted and what they are called, cut to what the other columns leave of the screen.
  private func fittingCells(_ style: Style, countWidth: Int) -> (formulas: [String], names: [String]) {
    // Rows folded away do not widen a column.
    let rows = layers.count > TensorLayout.mostRows ? layers.prefix(3) + layers.suffix(3) : layers[...]
    func width(_ texts: [String]) -> Int { texts.map { $0.shown(style).displayWidth }.max() ?? 0 }
    let before =
      2 + width([label(layers.count - 1)]) + 3 + width(rows.map(\.kind)) + 4 + width(rows.map(\.output)) + 4
    // The counts with their sign.
    let after = 1 + countWidth + 2
    // Behind them, after a gap, a name or the mark of some; where that leaves no room for a product, nothing.
    func fitting(_ rest: Int) -> [String] {
      layers.map { Self.cut($0.countFormula, at: " + ", to: style.width - before - after - rest, style) }
    }
    var formulas = fitting(5)
    if rows.indices.contains(where: { formulas[$0] == "…" }) { formulas = fitting(0) }
    let left = style.width - before - width(rows.indices.map { formulas[$0] }) - after - 4
    let names = layers.map {
      left < 1 ? "" : Self.cut($0.parameterNames.joined(separator: ", "), at: ", ", to: left, style)
    }
    return (formulas, names)
  }

  /// As many parts of a text as fit, and … for the others.
  static func cut(_ text: String, at mark: String, to width: Int, _ style: Style) -> String {
    guard text.shown(style).displayWidth > width else { return text }
    var parts = text.split(separator: mark).filter { $0 != "…" }
    while parts.popLast() != nil, !parts.isEmpty {
      let kept = parts.joined(separator: mark) + mark + "…"
      if kept.shown(style).displayWidth <= width { return kept }
    }
    return "…"
  }

  /// `net : [n, 4] → [n, 3], 131 parameters`.
  package func heading(_ style: Style = .plain) -> Line {
    let count = parameterCount
    let text = shapes + "\(shapes.isEmpty ? "" : ", ")\(NumberFormat.count(count)) parameter\(count == 1 ? "" : "s")"
    return Line("\(name) : \(text)".shown(style), .dim)
  }

  /// `[n, 4] → [n, 3]`, as far as it is known.
  var shapes: String {
    guard let output = layers.last?.output, !output.isEmpty else { return input }
    return input.isEmpty ? output : "\(input) → \(output)"
  }

  func label(_ index: Int) -> String { "\(name)[\(index)]" }

  /// The row that stands for the layers in the middle.
  func foldedRow(_ hidden: Range<Int>) -> Line {
    let count = layers[hidden].reduce(0) { $0 + $1.parameterCount }
    return Line(
      "\(label(hidden.lowerBound)) to \(label(hidden.upperBound - 1))   \(hidden.count) layers   "
        + "\(NumberFormat.count(count)) parameters", .dim)
  }
}
