/// Horizontal bars with a label before and a number after each: what `bars` and `hist` show; at most 20 rows.
package struct BarChart: Sendable {
  package var labels: [String]
  package var values: [Double]
  package var title: String
  /// How the numbers at the ends are printed; the session's way if there is none.
  private var isCount = false

  package init(labels: [String] = [], values: [Double], title: String = "") {
    self.labels = labels
    self.values = values
    self.title = title
  }

  /// The distribution of numbers: a bar for each bin, named by its ends; the last bin holds its upper end.
  package init(histogramOf numbers: [Double], bins: Int? = nil, title: String = "", _ style: Style = .plain) {
    let finite = numbers.filter(\.isFinite)
    self.title = title
    isCount = true
    labels = []
    values = []
    guard let low = finite.min(), let high = finite.max() else { return }
    // Sturges 1926: as many bins as a binomial distribution of that many numbers has.
    let count = min(max(bins ?? Int.bitWidth - finite.count.leadingZeroBitCount + 1, 1), 18)
    if low == high {
      labels = [NumberFormat(style).text(low)]
      values = [Double(finite.count)]
      return
    }
    let ends = (0...count).map { place in
      let share = Double(place) / Double(count)
      return low * (1 - share) + high * share
    }
    var format = NumberFormat(style)
    format.digits = min(format.digits, 4)
    let family = NumberFamily(of: ends, format: format)
    let texts = ends.map(family.text)
    let width = texts.map(\.count).max() ?? 0
    labels = (0..<count).map { "\(texts[$0].leftPadded(to: width)) … \(texts[$0 + 1].leftPadded(to: width))" }
    values = Histogram.counts(finite, from: low, to: high, bins: count).map(Double.init)
    let others = numbers.count - finite.count
    if others > 0 {
      labels.append("not finite")
      values.append(Double(others))
    }
  }

  package func document(_ style: Style = .plain) -> Document {
    guard !values.isEmpty else { return Document([Line("  nothing to draw: no numbers", .dim)]) }
    var result = Document()
    if !title.isEmpty { result.append(Line("  \(title)".shown(style).cut(to: style.width, style: style), .dim)) }
    let most = 18
    let indices = values.count > most ? Array(0..<most - 2) + [values.count - 1] : Array(values.indices)
    let shown = indices.map { values[$0] }
    let family = NumberFamily(of: shown, format: NumberFormat(style))
    let numbers = shown.map { isCount ? NumberFormat.count(Int($0)) : family.text($0) }
    let numberWidth = numbers.map(\.count).max() ?? 0
    let nameLimit = min(30, max(4, style.width - numberWidth - 15))
    let names = indices.map { index in
      (index < labels.count ? labels[index] : "\(index)").shown(style).cut(to: nameLimit, style: style)
    }
    let nameWidth = names.map(\.displayWidth).max() ?? 0
    let finite = values.filter(\.isFinite)
    let (low, high) = (min(finite.min() ?? 0, 0), max(finite.max() ?? 0, 0))
    let room = max(min(style.width, 100) - nameWidth - numberWidth - 7, 8)
    // Bars to the left of zero get their share of the room.
    let scale = max(high, -low)
    let left = low < 0 ? max(1, Int((Double(room) * (low / scale) / (low / scale - high / scale)).rounded())) : 0
    let unit = high > 0 && low < 0 ? Double(min(max(left, 1), max(room - left, 1))) : Double(room)
    for (position, number) in shown.enumerated() {
      if position > 0 && indices[position] != indices[position - 1] + 1 {
        result.append(Line("  \(style.glyph("…", "...")) \(values.count - indices.count) more", .dim))
      }
      let length = number.isFinite && scale > 0 ? number.magnitude / scale * unit : 0
      var bar = Line()
      if number < 0 {
        let blocks = Self.blocks(length.rounded(), style)
        bar.append(blocks.leftPadded(to: left), .operandA)
      } else {
        bar.append(String(repeating: " ", count: left))
        bar.append(Self.blocks(length, style), .operandA)
      }
      let name = names[position]
      let padded = labels.isEmpty || isCount ? name.leftPadded(to: nameWidth) : name.padded(to: nameWidth)
      result.append("  \(padded)  \(numbers[position].leftPadded(to: numberWidth))  \(bar)")
    }
    return result
  }

  /// A bar of `length` columns, to an eighth of one; what is not nothing shows at least that.
  private static func blocks(_ length: Double, _ style: Style) -> String {
    if style.ascii {
      let whole = length > 0 ? max(1, Int(length.rounded())) : 0
      return String(repeating: "@", count: whole)
    }
    let eighths = length > 0 ? max(1, Int((8 * length).rounded())) : 0
    let tips = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + tips[eighths % 8]
  }
}
