/// The echo of a tensor of any rank: its name, its shape, and its value in a form that can be typed back.
///
/// | rank | form |
/// |---|---|
/// | 0 | `x = 3.1416` |
/// | 1 | `v : [3] = [1.0000, -2.0000, 0.3333]` |
/// | 2 | the shape, and below it `[1, 2;` and `3, 4]` in columns |
/// | more | nested brackets: `[[1, 2; 3, 4], [5, 6; 7, 8]]`, since `[a, b]` stacks equal shapes |
/// | empty | `x : [0, 3] = zeros(0, 3)` |
///
/// A matrix of one row is written `[[1, 2, 3]]`, as `[1, 2, 3]` is a vector. More than 12 rows or the width of the
/// screen is folded to its corners and a line of statistics (R11); only then can it not be typed back.
package struct TensorText {
  /// `nil` shows the value alone, as `print` does.
  package var name: String?
  package var shape: [Int]
  package var precision: Precision
  /// What stands after the shape: `i in 0..<200, j in 0..<50`.
  package var note: String
  /// The element at a place counted in row-major order.
  package var element: (Int) -> Double
  /// Asked for only when the tensor is folded.
  package var statistics: () -> TensorStatistics

  /// - Precondition: `element` is defined for every place below the product of `shape`.
  package init(
    name: String? = "ans", shape: [Int], precision: Precision = .f64, note: String = "",
    element: @escaping (Int) -> Double, statistics: (() -> TensorStatistics)? = nil
  ) {
    self.name = name
    self.shape = shape
    self.precision = precision
    self.note = note
    self.element = element
    let count = shape.reduce(1, *)
    self.statistics = statistics ?? { TensorStatistics(count: count, element: element) }
  }

  /// The echo.
  package func document(_ style: Style = .plain) -> Document {
    if let line = oneLine(style), shape.count < 2 || shape.contains(0) { return Document([line]) }
    var result = Document()
    if name != nil { result.append(heading(style)) }
    let layout = TensorLayout(self, style)
    if shape.count == 1 {
      // A vector too long for its line stays one row, after its shape where there is room.
      let row = String(layout.lines[0].text.dropFirst())
      let line: Line = name == nil ? Line(row) : "\(heading(style)) = \(row)"
      if line.width <= style.width { result = Document([line]) } else { result.append(layout.lines[0]) }
    } else {
      result.append(contentsOf: layout.lines)
    }
    if layout.isFolded { result.append(statistics().line(format(style)).indented(by: 2)) }
    return result
  }

  /// The whole value on one line, `W : [2, 2] = [1, 2; 3, 4]`, or `nil` if it does not fit or has more than 12 rows.
  package func oneLine(_ style: Style = .plain) -> Line? {
    guard let value = typed(style) else { return nil }
    let line: Line = name == nil ? Line(value) : "\(heading(style)) = \(value)"
    return line.width <= style.width || shape.isEmpty ? line : nil
  }

  /// The value on one line, in the form in which it can be typed; `nil` if it is folded.
  package func typed(_ style: Style = .plain) -> String? {
    if shape.isEmpty { return format(style).text(element(0)) }
    if shape.contains(0) {
      return shape.count == 1 ? "[]" : "zeros(" + shape.map(String.init).joined(separator: ", ") + ")"
    }
    let layout = TensorLayout(self, style)
    return layout.isFolded ? nil : layout.typed
  }

  /// `x : [2, 3]`, or only the name of a number.
  package func heading(_ style: Style = .plain) -> Line {
    guard let name else { return Line() }
    var text = name.shown(style)
    let tag = precision == style.precision ? "" : " " + precision.rawValue
    if !shape.isEmpty { text += " : " + Self.text(shape) + tag } else if !tag.isEmpty { text += " :" + tag }
    if !note.isEmpty { text += "   " + note.shown(style) }
    return Line(text, .dim)
  }

  /// A shape as it is typed: `[2, 3]`.
  package static func text(_ shape: [Int]) -> String {
    "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }

  func format(_ style: Style) -> NumberFormat { NumberFormat(digits: style.digits, precision: precision) }
}

/// What is said of a tensor that is not shown whole.
package struct TensorStatistics: Sendable, Hashable {
  /// Of the finite numbers; `deviation` divides by their count.
  package var mean, deviation, least, greatest: Double
  package var nanCount, infinityCount: Int

  package init(
    mean: Double, deviation: Double, least: Double, greatest: Double, nanCount: Int = 0, infinityCount: Int = 0
  ) {
    self.mean = mean
    self.deviation = deviation
    self.least = least
    self.greatest = greatest
    self.nanCount = nanCount
    self.infinityCount = infinityCount
  }

  /// The statistics of `count` numbers, one by one.
  /// - Complexity: O(count), two passes.
  package init(count: Int, element: (Int) -> Double) {
    var (sum, least, greatest) = (0.0, Double.infinity, -Double.infinity)
    var (nans, infinities, finite) = (0, 0, 0)
    for index in 0..<count {
      let number = element(index)
      if number.isNaN {
        nans += 1
      } else if number.isInfinite {
        infinities += 1
      } else {
        finite += 1
        sum += number
        least = min(least, number)
        greatest = max(greatest, number)
      }
    }
    let mean = sum / Double(finite)
    var squares = 0.0
    for index in 0..<count {
      let number = element(index)
      if number.isFinite { squares += (number - mean) * (number - mean) }
    }
    self.init(
      mean: mean, deviation: (squares / Double(finite)).squareRoot(), least: least, greatest: greatest,
      nanCount: nans, infinityCount: infinities)
  }

  /// `mean -2.4636e-5   std 0.70711   min -0.99999   max 0.99991`, and the counts of nan and inf if there are any.
  func line(_ format: NumberFormat) -> Line {
    var parts: [String] = []
    if least <= greatest {
      // A mean that cancels to less than 1e-12 of the numbers is rounding noise (R3).
      let isNoise = mean.magnitude < format.precision.exactness * max(least.magnitude, greatest.magnitude)
      parts += [
        "mean \(format.text(isNoise ? 0 : mean))", "std \(format.text(deviation))", "min \(format.text(least))",
        "max \(format.text(greatest))",
      ]
    }
    if nanCount > 0 { parts.append("nan \(NumberFormat.count(nanCount))") }
    if infinityCount > 0 { parts.append("inf \(NumberFormat.count(infinityCount))") }
    return Line(parts.joined(separator: "   "), .dim)
  }
}
