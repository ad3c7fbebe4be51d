/// The answer to `:summary`: a row for each layer, the share of those that hold much, and a total that adds up.
package struct SummaryText: Sendable {
  package var network: NetworkText

  package init(_ network: NetworkText) {
    self.network = network
  }

  /// The parameters from which a layer's share is shown.
  static let shareFrom = 5_000

  package func document(_ style: Style = .plain) -> Document {
    let total = network.parameterCount
    let totalText = NumberFormat.count(total)
    let heading = Line("  \(network.name) : \(network.shapes)".shown(style), .dim)
    var result = Document([Line(heading.spans, margin: network.source.isEmpty ? [] : [Span(network.source, .dim)])])

    // The fourth column holds the counts; its title is longer than most of them and stands two columns to the right.
    let countWidth = max(10, totalText.count)
    var table = Table(
      [.init(), .init(), .init(), .init("", .right, gap: 2, least: countWidth), .init("", .right, gap: 1), .init()],
      fold: (5, 3, 14), folded: { [network] in network.foldedRow($0.lowerBound - 2..<$0.upperBound - 2) })
    table.append(["layer", "kind", "output", "parameters"].map { Line($0, .dim) })
    table.append(["input", "", network.input].map { Line($0, .dim) })
    let (kinds, barWidth) = fitting(style, countWidth)
    for (index, layer) in network.layers.enumerated() {
      let share = Double(layer.parameterCount) / Double(max(1, total))
      let isLarge = layer.parameterCount > Self.shareFrom
      table.append([
        Line(network.label(index), .name), Line(kinds[index]), Line(layer.output),
        Line(NumberFormat.count(layer.parameterCount)),
        Line(isLarge ? NumberFormat.percent(share).leftPadded(to: 6) : ""),
        Line(isLarge ? Bar.blocks(share, width: barWidth, style) : "", .operandA),
      ])
    }
    var rows = table.document(style)
    let end = countEnd(style, countWidth, kinds)
    rows.lines[0] = titles(rows.lines[0], start: end - countWidth + 2, style)
    result.append(rows)
    let rule = style.glyph("─", "-")
    var ruled = Line()
    ruled.pad(to: end - countWidth - 2)
    ruled.append("+ " + String(repeating: rule, count: countWidth), .dim)
    result.append(ruled)
    var together: Line = "  together"
    together.pad(to: end - totalText.count)
    together.append(totalText, .result)
    result.append(together)
    for line in memory(total, style) { result.append(Line(line.shown(style), .dim)) }
    return result
  }

  /// The layers that are shown; rows folded away do not widen a column.
  private var shown: [Int] {
    let count = network.layers.count
    let hidden = count + 2 > 14 ? 3..<count - 3 : 0..<0
    return network.layers.indices.filter { !hidden.contains($0) }
  }

  /// The width of a column and the gap behind it.
  private func width(_ title: String, _ texts: [String], _ style: Style) -> Int {
    ([title] + texts).map { $0.shown(style).displayWidth }.max()! + 3
  }

  /// The width of the indent and the columns of labels and of outputs.
  private func othersWidth(_ style: Style) -> Int {
    2 + width("layer", shown.map(network.label), style)
      + width("output", [network.input] + shown.map { network.layers[$0].output }, style)
  }

  /// Where the counts end: after the indent and the three columns before them.
  private func countEnd(_ style: Style, _ countWidth: Int, _ kinds: [String]) -> Int {
    othersWidth(style) + width("kind", shown.map { kinds[$0] }, style) + countWidth
  }

  /// What each layer was made with, cut to what the other columns leave of the screen, and the width that is left for bars.
  private func fitting(_ style: Style, _ countWidth: Int) -> (kinds: [String], barWidth: Int) {
    // A share is 6 wide, with 2 spaces before it and 1 behind; a bar of 4 is still one.
    let left = style.width - othersWidth(style) - countWidth - 9
    let kinds = network.layers.map { layer -> String in
      guard layer.description.displayWidth > left - 3 - 4, layer.description.hasSuffix(")") else {
        return layer.description
      }
      return NetworkText.cut(String(layer.description.dropLast()), at: ", ", to: left - 3 - 4 - 1, style) + ")"
    }
    return (kinds, min(10, max(0, left - width("kind", shown.map { kinds[$0] }, style))))
  }

  private func titles(_ line: Line, start: Int, _ style: Style) -> Line {
    var result = Line(String(line.text.dropLast("parameters".count)).trimmedEnd, .dim)
    result.pad(to: start)
    result.append("parameters", .dim)
    return result
  }

  /// `in f64 9.6 MB, in f32 4.8 MB; net[6] alone: 64·12·12·128 + 128 = 1,179,776`.
  private func memory(_ total: Int, _ style: Style) -> [String] {
    let text = "  in f64 \(Self.bytes(8 * total)), in f32 \(Self.bytes(4 * total))"
    let largest = network.layers.indices.max { network.layers[$0].parameterCount < network.layers[$1].parameterCount }
    if let largest, network.layers.count > 1, network.layers[largest].parameterCount > Self.shareFrom,
      !network.layers[largest].countFormula.isEmpty
    {
      let layer = network.layers[largest]
      let alone =
        "\(network.label(largest)) alone: \(layer.countFormula) = \(NumberFormat.count(layer.parameterCount))"
      let joined = text + "; " + alone
      return joined.shown(style).displayWidth <= style.width ? [joined] : [text, "  " + alone]
    }
    return [text]
  }

  /// A size in memory: `512 B`, `9.6 MB`.
  package static func bytes(_ count: Int) -> String {
    var (size, unit) = (Double(count), "B")
    for next in ["kB", "MB", "GB", "TB"] where size >= 1000 {
      (size, unit) = (size / 1000, next)
    }
    return unit == "B" ? "\(count) B" : NumberFormat().text(size, decimals: 1) + " " + unit
  }
}

extension String {
  /// The text without the spaces at its end.
  var trimmedEnd: String {
    var end = self
    while end.last == " " { end.removeLast() }
    return end
  }
}
