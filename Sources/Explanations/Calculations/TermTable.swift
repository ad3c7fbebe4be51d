import Display

/// A long sum as a column that adds up as it is printed (R7): the first three terms, those left out with their subtotal, the last.
package struct TermTable {
  let series: Calculation.Series
  /// What is added behind the terms of the series: `b[2]`.
  let rest: [Calculation]
  /// What the total is called.
  let subject: String
  let style: Style
  /// Every row.
  let isWhole: Bool

  /// Sums of more terms show their law, their count and their total.
  static let mostTerms = 20_000

  private struct Row {
    var place: String
    var factors: [Double]
    var term: Double
    var folded = 0
  }

  /// - Parameter hint: what stands beside the total: `all 100:  :why L all`.
  package func document(hint: String = "") -> (document: Document, total: Double) {
    let total = Calculation.added([series.total] + rest.map(\.value))
    if series.count > Self.mostTerms {
      let line: Line =
        "  \(subject, .name) = \(style.number(total), .result)"
      return (Document([line.with(margin: "\(NumberFormat.count(series.count)) terms")]), total)
    }
    var factorNames: [String] = []
    if case .product(let factors) = series.body, factors.count <= 4 {
      factorNames = factors.map { factor in
        let text = factor.text(style)
        if case .sum = factor { return "(\(text))" }
        return text
      }
    }
    func row(_ place: Int) -> Row {
      let term = series.term(place)
      var factors: [Double] = []
      if case .product(let parts) = term, parts.count == factorNames.count { factors = parts.map(\.value) }
      return Row(place: series.place(place), factors: factors, term: term.value)
    }
    var rows: [Row]
    if isWhole || series.count <= 5 {
      rows = (0..<series.count).map(row)
    } else {
      let left = series.count - 4
      rows = [row(0), row(1), row(2)]
      rows.append(
        Row(
          place: "…", factors: [], term: Calculation.added((3..<series.count - 1).lazy.map { series.term($0).value }),
          folded: left))
      rows.append(row(series.count - 1))
    }
    let names = factorNames
    for part in rest { rows.append(Row(place: label(part), factors: [], term: part.value)) }
    if rows.contains(where: { $0.factors.isEmpty && $0.folded == 0 && !names.isEmpty }) && rest.isEmpty {
      factorNames = []
    }
    let largest = rows.max { $0.term.magnitude < $1.term.magnitude }?.term ?? 0
    let format = ColumnFormat(style, largest: max(largest.magnitude, total.magnitude))
    var decimals = min(14, max(format.decimals(for: total), format.decimals(for: largest)))
    let first = decimals
    func printed(_ number: Double) -> Double { format.printed(number, decimals: decimals) }
    func addsUp() -> Bool {
      let sum = Calculation.added(rows.map { printed($0.term) })
      return format.text(sum, decimals: decimals) == format.text(total, decimals: decimals)
    }
    while !addsUp(), decimals < first + 3 { decimals += 1 }
    // What rounding leaves goes to the subtotal, or where every row is shown to the total.
    var shownTotal = total
    if !addsUp() {
      let sum = Calculation.added(rows.map { printed($0.term) })
      if let place = rows.firstIndex(where: { $0.folded > 0 }) {
        rows[place].term = printed(rows[place].term) + printed(total) - sum
      } else {
        shownTotal = sum
      }
    }
    // Widths are those of what is shown, which in ASCII is longer.
    let shown = rows.map { row in
      var row = row
      row.place = row.place.shown(style)
      return row
    }
    return (
      layout(shown, factorNames.map { $0.shown(style) }, format, decimals, shownTotal, hint.shown(style)), total
    )
  }

  /// What is added behind the terms; another sum by its beginning.
  private func label(_ part: Calculation) -> String {
    guard case .series = part else { return part.text(style) }
    return part.text(style).cut(to: Self.widestLabel, style: style)
  }

  private static let widestLabel = 24

  private func layout(
    _ rows: [Row], _ names: [String], _ format: ColumnFormat, _ decimals: Int, _ total: Double, _ hint: String
  ) -> Document {
    let terms = rows.map { format.text($0.term, decimals: decimals) }
    let totalText = format.text(total, decimals: decimals)
    let (columns, signs) = factorColumns(rows, names, format, decimals)
    let placeWidth = max(1, ([series.letters] + rows.map(\.place)).map(\.displayWidth).max() ?? 1)
    let widths = zip(names, columns).map { name, cells in ([name] + cells).map(\.displayWidth).max() ?? 0 }
    let termWidth = (["term", totalText] + terms).map(\.displayWidth).max() ?? 4
    let factorWidth = widths.reduce(0, +) + max(0, widths.count - 1) * 5
    var document = Document()
    let start = max(2, 7 - placeWidth)
    func line(_ place: String, _ cells: [String], _ sign: String, _ term: String, dim: Bool = false) -> Line {
      var line: Line = "\(String(repeating: " ", count: start))\(place.leftPadded(to: placeWidth), .index)"
      if !widths.isEmpty {
        line.append("    ")
        for (index, width) in widths.enumerated() {
          if index > 0 { line.append(cells.allSatisfy(\.isEmpty) ? "     " : "  \(style.glyph("·", "*"))  ") }
          let cell = index < cells.count ? cells[index] : ""
          line.append(cell.leftPadded(to: width), dim ? .dim : index == 0 ? .operandA : .operandB)
        }
      }
      line.append(sign.leftPadded(to: 3) + "  ")
      line.append(term.leftPadded(to: termWidth))
      return line
    }
    document.append(line(series.letters, names, "=", "term", dim: true))
    for (index, row) in rows.enumerated() {
      if row.folded > 0 {
        let words = "\(NumberFormat.count(row.folded)) more"
        var text: Line = "\(String(repeating: " ", count: start))\(row.place.leftPadded(to: placeWidth))"
        text.pad(to: max(text.width + 2, start + placeWidth + (widths.isEmpty ? 2 : 4) + factorWidth - words.count))
        text.append(words, .dim)
        text.pad(to: start + placeWidth + (widths.isEmpty ? 0 : 4) + factorWidth)
        text.append(
          "  =  "
            + terms[index].leftPadded(
              to: max(0, termWidth - max(0, text.width - (start + placeWidth + (widths.isEmpty ? 0 : 4) + factorWidth)))
            ))
        document.append(text)
      } else {
        document.append(
          line(row.place, columns.isEmpty ? [] : columns.map { $0[index] }, signs[index], terms[index]))
      }
    }
    let end = start + placeWidth + (widths.isEmpty ? 0 : 4) + factorWidth + 5
    var rule = Line()
    rule.pad(to: end - 2)
    rule.append("+ " + String(repeating: style.glyph("─", "-"), count: termWidth), .dim)
    document.append(rule)
    var last: Line = "  \(subject.shown(style), .name)"
    last.pad(to: max(last.width + 2, end))
    last.append(totalText.leftPadded(to: termWidth), .result)
    if !hint.isEmpty, last.width + 5 + hint.displayWidth <= style.width {
      last.append("     \(hint)", .dim)
      document.append(last)
    } else {
      document.append(last)
      if !hint.isEmpty { document.append(Line("  \(hint)", .dim)) }
    }
    return document
  }

  /// The factors with as many digits as make every row true as printed, and `≈` where none do.
  private func factorColumns(_ rows: [Row], _ names: [String], _ total: ColumnFormat, _ decimals: Int) -> (
    columns: [[String]], signs: [String]
  ) {
    guard !names.isEmpty else { return ([], rows.map { _ in "=" }) }
    let starts = names.indices.map { column in
      let numbers = rows.compactMap { $0.factors.indices.contains(column) ? $0.factors[column] : nil }
      let largest = numbers.max { $0.magnitude < $1.magnitude } ?? 0
      let format = ColumnFormat(style, largest: largest.magnitude)
      return (numbers: numbers, format: format, decimals: format.decimals(for: largest))
    }
    var best: (columns: [[String]], signs: [String]) = ([], [])
    for more in 0...Calculation.mostDigitsMore {
      let columns = names.indices.map { column in
        let (numbers, format, decimals) = starts[column]
        // Zeros that every number of the column ends in are left away.
        let length = numbers.map { format.length($0, decimals: decimals + more) }.max() ?? 0
        return rows.map { row in
          row.factors.indices.contains(column) ? format.text(row.factors[column], decimals: length) : ""
        }
      }
      let signs = rows.enumerated().map { index, row -> String in
        if row.factors.isEmpty { return "=" }
        let product = columns.reduce(1.0) { $0 * (Double($1[index]) ?? .nan) }
        let decimal = Double(NumberFormat(digits: 15).scientificText(product, decimals: 14)) ?? product
        let isTrue = total.text(decimal, decimals: decimals) == total.text(row.term, decimals: decimals)
        return isTrue || !row.term.isFinite ? "=" : style.glyph("≈", "~~")
      }
      best = (columns, signs)
      if signs.allSatisfy({ $0 == "=" }) { break }
    }
    return best
  }
}

/// How the numbers of one column are written: with one number of decimals, and where the largest of them is very small as multiples of
/// one power of ten, so that points stand below each other and the column adds up.
private struct ColumnFormat {
  private let format: NumberFormat
  /// `-36` of `6.2949e-36`; nil for plain notation.
  private let exponent: Int?
  private let scale: Double

  /// Numbers with more zeros behind the point than this are written with a power of ten.
  private static let mostZeros = 4

  init(_ style: Style, largest: Double) {
    format = NumberFormat(style)
    var (power, rest) = (0, largest)
    while rest > 0, rest < 1, power > -300 { (power, rest) = (power - 1, rest * 10) }
    exponent = largest.isFinite && power < -Self.mostZeros ? power : nil
    scale = exponent.map { elementaryPower(10, Double(-$0)) } ?? 1
  }

  func decimals(for number: Double) -> Int { format.decimals(for: number * scale) }

  func text(_ number: Double, decimals: Int) -> String {
    guard let exponent, number.isFinite, number != 0 else { return format.text(number, decimals: decimals) }
    return format.text(number * scale, decimals: decimals) + "e\(exponent)"
  }

  /// The number that is printed.
  func printed(_ number: Double, decimals: Int) -> Double { Double(text(number, decimals: decimals)) ?? number }

  /// How many decimals a number has, zeros at its end left away.
  func length(_ number: Double, decimals: Int) -> Int {
    format.shortText(number * scale, decimals: decimals).split(separator: ".").dropFirst().first?.count ?? 0
  }
}

extension Line {
  func with(margin text: String) -> Line {
    var line = self
    line.margin.append(Span(text, .dim))
    return line
  }
}
