import Display
import Language
import Networks

/// The answer to `:optim`: one step of an optimiser, a row for each quantity of its rule, a column for each number of a parameter.
struct OptimizerTable {
  let answer: OptimizerAnswer
  let record: OptimizerRecord
  /// Whether another rule is shown than the one that was run.
  let isOther: Bool
  let style: Style

  private struct Row {
    let symbol, words, formula: String
    let cells: [Double]
  }

  func document() -> Document {
    var shown = answer.shown
    let rows = rows(shown)
    let format = NumberFormat(style)
    let symbolWidth = max(3, (rows.map { $0.symbol.shown(style).displayWidth }.max() ?? 0) + 1)
    let formulaWidth = max(26, (rows.map { $0.formula.shown(style).displayWidth }.max() ?? 0) + 2)
    // A column is as wide as its widest number, and at least as wide as the design has it.
    let widest = rows.flatMap(\.cells).map { format.text($0).count }.max() ?? 0
    let cellWidth = shown.count > 2 ? max(12, widest + 1) : max(13, widest + 2)
    // Words and formulas if they fit, else one of them; numbers go last.
    let layouts: [(words: Int, formula: Int)] = [(20, formulaWidth), (0, formulaWidth), (20, 0)]
    func width(_ layout: (words: Int, formula: Int), _ columns: Int) -> Int {
      2 + symbolWidth + layout.words + layout.formula + columns * cellWidth
    }
    let layout = layouts.first { width($0, shown.count) <= style.width } ?? layouts[2]
    while shown.count > 1, width(layout, shown.count) > style.width { shown.removeLast() }
    let labelWidth = width(layout, 0)

    var document = Document()
    let title =
      isOther
      ? "\(answer.ruleName) on the same gradient, as its first step: \(answer.constants(style))"
      : "\(answer.ruleName), step t = \(answer.step.number) of \(answer.step.count): \(answer.constants(style))"
    document.append(answer.heading(title, style))
    if answer.step.before.count > 1 || answer.step.before[0].count > 4 {
      let count = answer.step.before[answer.parameter].count
      var what = "\(answer.name) \(answer.shape), \(NumberFormat.count(count)) number\(count == 1 ? "" : "s")"
      if count > shown.count {
        what += shown.count == 4 ? ": the first three and the one with the largest Δ" : ", the first \(shown.count)"
      }
      document.append(Line("  " + what.shown(style), .dim))
    }
    document.append(Line())
    var head = Line(String(repeating: " ", count: labelWidth))
    for element in shown { head.append(answer.label(element).shown(style).leftPadded(to: cellWidth), .dim) }
    document.append(head)
    for row in rows {
      var line: Line = "  \(row.symbol.shown(style).padded(to: symbolWidth), .name)"
      if layout.words > 0 { line.append(row.words.shown(style).padded(to: layout.words)) }
      if layout.formula > 0 { line.append(row.formula.shown(style).padded(to: layout.formula)) }
      for cell in row.cells.prefix(shown.count) {
        line.append(format.text(cell).leftPadded(to: cellWidth), row.words == "after" ? .result : .number)
      }
      document.append(line)
    }
    document.append(Line())
    document.append(contentsOf: remark(rows).shown(style).wrapped(to: style.width - 2).map { Line("  " + $0) })
    document.append(hint)
    return document
  }

  private func rows(_ shown: [Int]) -> [Row] {
    let starts = shown.map(answer.start)
    let values = starts.map { answer.rule.values($0).all }
    var rows = [Row(symbol: "g", words: "gradient", formula: answer.gradient(style), cells: starts.map(\.raw))]
    for (index, quantity) in answer.rule.quantities.enumerated() {
      // The weight before the step stands above what is made of it.
      if quantity.symbol == "p" || quantity.words == "after" && !rows.contains(where: { $0.words == "before" }) {
        rows.append(Row(symbol: "w", words: "before", formula: "w[t-1]", cells: starts.map(\.before)))
      }
      rows.append(
        Row(
          symbol: quantity.symbol, words: quantity.words, formula: quantity.formula, cells: values.map { $0[index] }))
    }
    return rows
  }

  /// Adam's point, where the numbers show it; else what the rule does.
  private func remark(_ rows: [Row]) -> String {
    func ratio(_ symbol: String) -> Double? {
      guard let row = rows.last(where: { $0.symbol == symbol }) else { return nil }
      let sizes = row.cells.map(\.magnitude)
      guard sizes.count > 1, let low = sizes.min(), let high = sizes.max(), low > 0 else { return nil }
      return high / low
    }
    if answer.rule.quantities.contains(where: { $0.symbol == "v̂" }), let g = ratio("g"), let step = ratio("Δ"), g >= 2,
      step < 1.2
    {
      let times = NumberFormat(digits: 3).text(g)
      return "g differs \(times) times, Δ hardly at all: √v̂ divides out the size of the gradient."
    }
    return answer.rule.remark
  }

  private var hint: Line {
    let element = answer.shape.rank == 0 ? answer.name : answer.name + OptimizerAnswer.subscripts(0, answer.shape)
    var line: Line = "  one number:  \(":why \(element)", .name)"
    let others = record.parameterNames.filter { $0 != answer.name }
    if let other = others.first(where: { $0 != record.parameterNames[0] }) ?? others.first {
      line.append("      \(NumberFormat.count(others.count)) more:  ")
      line.append(":optim \(other)", .name)
    }
    let rule = isOther ? answer.name : answer.step.optimizer is SGD ? "Adam(0.001)" : "SGD(0.001)"
    let offer = isOther ? "      the rule that ran:  " : "      another rule on the same g:  "
    if line.width + offer.count + 7 + rule.count <= style.width {
      line.append(offer)
      line.append(":optim \(rule)", .name)
    }
    return line
  }
}

/// `:optim`: which step is asked for, and the table of it.
package enum OptimizerQuestion {
  package static func answer(_ text: String, _ interpreter: Interpreter) throws(Diagnostic) -> Document {
    var words = text.words[...]
    let style = interpreter.settings.style
    var record = interpreter.optimizerRecord()
    var parameter = 0
    if let word = words.first, let found = find(word, interpreter) {
      (record, parameter) = found
      words = words.dropFirst()
    }
    var other: (any Optimizer)?
    if !words.isEmpty {
      let rule = words.joined(separator: " ")
      do throws(Diagnostic) {
        let found = try interpreter.value(of: rule)
        if case .function(let function) = found, case .builtin(let builtin) = function.kind,
          builtin.theme == .optimizers
        {
          throw Diagnostic(
            "E0832", "\(rule) alone is no optimiser: with its rate it makes one",
            suggestions: record == nil ? [] : [.init(.try, ":optim \(rule)(0.001)")])
        }
        guard case .optimizer(let value) = found else {
          let isBound = interpreter.names.contains { $0.name == rule }
          throw Diagnostic(
            "E0832",
            isBound ? "no step of an optimiser made \(rule) as it is now" : "\(rule) is no optimiser",
            suggestions: record == nil
              ? [] : [.init(.try, ":optim SGD(0.001)", remark: "another rule on the last gradient")])
        }
        other = value.optimizer
      } catch {
        throw error.withoutPlaces
      }
    }
    guard let record else {
      throw Diagnostic(
        "E0832", "no optimiser has taken a step that still stands",
        suggestions: [.init(.try, "w = minimize(w -> (w - 3)^2, 0, optimizer: Adam(0.1), steps: 2)")],
        notes: [.init("hint", ":optim shows the last step of minimize, train and update")])
    }
    do {
      guard let answer = try OptimizerAnswer(record, parameter: parameter, under: other) else {
        throw Diagnostic("E0832", "the rule of \(record.step.optimizer.description) cannot be shown")
      }
      return OptimizerTable(answer: answer, record: record, isOther: other != nil, style: style).document()
    } catch let diagnostic as Diagnostic {
      throw diagnostic
    } catch {
      throw Diagnostic("E0832", interpreter.words(for: error))
    }
  }

  /// The step that made a parameter, given by the name it is typed with; of a whole network its first.
  static func find(_ word: String, _ interpreter: Interpreter) -> (OptimizerRecord, Int)? {
    let root = String(word.prefix { $0 != "[" && $0 != "." })
    guard let record = interpreter.optimizerRecord(of: root) else { return nil }
    if word == root { return (record, 0) }
    return record.parameterNames.firstIndex(of: word).map { (record, $0) }
  }
}
