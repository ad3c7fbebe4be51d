import Display
import Language
import Networks
import Tensors

/// The answer to `:why w` for a number that an optimiser made: two lines a quantity, its formula and its numbers.
package struct OptimizerLadder {
  private let answer: OptimizerAnswer
  private let element: Int
  private let style: Style

  /// Nil unless the name was bound by an optimiser whose last step is kept.
  ///
  /// - Parameters:
  ///   - path: what is asked for without its subscripts: `w`, `θ.b`, `net[0].W`.
  ///   - indices: the subscripts; none for a number.
  package init?(_ path: String, _ indices: [Int], _ interpreter: Interpreter) {
    guard let (record, parameter) = OptimizerQuestion.find(path, interpreter),
      let answer = try? OptimizerAnswer(record, parameter: parameter), answer.shape.rank == indices.count,
      zip(indices, answer.shape.dimensions).allSatisfy({ $0 >= 0 && $0 < $1 })
    else { return nil }
    self.answer = answer
    element = zip(indices, answer.shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }
    style = interpreter.settings.style
  }

  package func document() -> Document {
    let start = answer.start(element)
    let (values, _) = answer.rule.values(start)
    var rungs: [(symbol: String, words: String, formula: String, numbers: PrintedCalculation?, result: String)] = []
    let format = NumberFormat(style)
    rungs.append(("g", "gradient", answer.gradient(style), nil, format.text(start.raw)))
    var running = start
    for (quantity, value) in zip(answer.rule.quantities, values) {
      let isLast = quantity.words == "after"
      let calculation = PrintedCalculation(
        quantity.pattern, quantity.inputs(running), value, format: format, quantity.value)
      rungs.append(
        (quantity.symbol, isLast ? "the new weight" : quantity.words, quantity.formula, calculation, format.text(value))
      )
      running[keyPath: quantity.keep] = value
    }
    let symbolWidth = max(3, (rungs.map { $0.symbol.shown(style).displayWidth }.max() ?? 0) + 1)
    let lead = 2 + symbolWidth + max(18, (rungs.map { $0.words.shown(style).displayWidth }.max() ?? 0) + 2)
    let widest =
      rungs.flatMap { [$0.formula.shown(style), $0.numbers?.text.shown(style) ?? ""] }.map(\.displayWidth).max() ?? 0
    // The results stand in one column, further left or right as the longest line needs.
    let results = rungs.map { 2 + $0.result.count }.max() ?? 0
    let column = min(max(62, lead + 2 + widest + 2), max(style.width - results, lead + 20))

    var document = Document()
    let title = "step t = \(answer.step.number) of \(answer.step.count), \(answer.ruleName): \(answer.constants(style))"
    document.append(answer.heading(title, style))
    document.append(Line())
    for rung in rungs {
      var first: Line = "  \(rung.symbol.shown(style).padded(to: symbolWidth), .name)\(rung.words.shown(style))"
      first.pad(to: lead)
      first.append("= \(rung.formula.shown(style))")
      guard let numbers = rung.numbers else {
        append(rung.result, "=", to: first, at: column, &document)
        continue
      }
      document.append(first)
      var second = Line()
      second.pad(to: lead)
      second.append("= \(numbers.text.shown(style))", .number)
      append(rung.result, numbers.isExact ? "=" : style.glyph("≈", "~"), to: second, at: column, &document)
    }
    document.append(Line())
    let remark =
      answer.rule.quantities.contains { $0.symbol == "m̂" }
      ? "m[0] = v[0] = 0 pulls m and v down at first: that is the bias taken out." : answer.rule.remark
    document.append(contentsOf: remark.shown(style).wrapped(to: style.width - 2).map { Line("  " + $0) })
    return document
  }

  private func append(_ result: String, _ sign: String, to line: Line, at column: Int, _ document: inout Document) {
    var line = line
    if line.width + 2 > column {
      document.append(line)
      line = Line()
    }
    line.pad(to: column)
    line.append("\(sign) ")
    line.append(result, .result)
    document.append(line)
  }
}

/// A pattern with numbers put in, printed with as many digits as it takes that the print alone gives the printed result (R1).
struct PrintedCalculation {
  let text: String
  /// Whether the print gives the result; if not even four more digits do, it is `≈`.
  let isExact: Bool

  init(
    _ pattern: String, _ numbers: [Double], _ result: Double, format: NumberFormat, _ compute: ([Double]) -> Double
  ) {
    var format = format
    let wanted = format.text(result)
    let reading = format
    var text = ""
    var isExact = false
    for _ in 0...4 {
      let printed = numbers.map { format.exactText($0) }
      text = Self.fill(pattern, printed)
      isExact = reading.text(compute(printed.map { Double($0) ?? .nan })).sameNumber(as: wanted)
      if isExact { break }
      format.digits += 1
    }
    (self.text, self.isExact) = (text, isExact)
  }

  /// Puts printed numbers in the place of each `#`; `#^` is a base and a whole exponent.
  private static func fill(_ pattern: String, _ numbers: [String]) -> String {
    var text = ""
    var next = 0
    for character in pattern {
      switch character {
      case "#":
        let number = numbers[next]
        next += 1
        let isFirst = text.isEmpty || text.hasSuffix("(") || text.hasSuffix(", ")
        text += number.hasPrefix("-") && !isFirst ? "(\(number))" : number
      case "²" where numbers[next - 1].hasPrefix("-") && !text.hasSuffix(")"):
        text = String(text.dropLast(numbers[next - 1].count)) + "(\(numbers[next - 1]))²"
      case "^":
        text += String(numbers[next].map { Character.superscript($0) })
        next += 1
      default: text.append(character)
      }
    }
    return text
  }
}

extension Character {
  fileprivate static func superscript(_ digit: Character) -> Character {
    let raised: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return digit.wholeNumberValue.map { raised[$0] } ?? digit
  }
}

extension String {
  /// Whether two prints are of one number: `1.02` and `1.0200` are.
  fileprivate func sameNumber(as other: String) -> Bool {
    self == other || Double(self) != nil && Double(self) == Double(other)
  }
}
