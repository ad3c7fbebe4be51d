import Display
import Language
import Tensors

/// The law above an answer, the rungs below it, and what can be asked next.
extension Why {
  /// `  h = relu(z),  z = X @ W + b                      your line 5`
  func law(_ question: Question, _ path: Path) -> Line? {
    var parts = path.steps.map(\.law).filter { !$0.isEmpty }
    var margin = path.steps.first?.line.map { "your line \($0)" } ?? ""
    if let title = LSTMGate(path.steps.first)?.title { margin = title.padded(to: 20) + margin }
    let fromFunction = path.reads.functions.map(\.text)
    if parts.isEmpty {
      guard let step = path.steps.first else { return nil }
      if let general = general(question, step) { return general }
      parts = fromFunction
      if let line = path.reads.functions.first?.line, !parts.isEmpty { margin = "your line \(line)" }
    } else {
      parts += fromFunction
    }
    if let law = path.reads.laws.first { parts.append(law) }
    if let card = path.reads.margins.first { margin = margin.isEmpty ? card : margin + " · " + card }
    if parts.isEmpty { return margin.isEmpty ? nil : Line("  \(question.subject)", .dim, margin: margin) }
    var text = "  " + parts.joined(separator: ",  ")
    let room = style.width - 4 - margin.displayWidth
    if text.displayWidth > room { text = text.cut(to: room, style: style) }
    return Line(text, .dim, margin: margin)
  }

  /// The law of a matrix product that was typed, in letters.
  private func general(_ question: Question, _ step: Derivation) -> Line? {
    guard case .binary(let op, _, _) = step.expression.kind, op.kind == .matrixProduct, !step.at.isEmpty else {
      return nil
    }
    let letters = ["i", "j", "l", "m"].suffix(4).prefix(step.at.count).map { Coordinate(letter: $0) }
    let elements = Elements().taking(letters.map(\.text))
    guard let calculation = try? elements.element(step.expression, Array(letters), step.around) else { return nil }
    let name = Printer().text(question.base)
    return Line(
      "  \(question.base.isPathText ? name : "(\(name))")\(Array(letters).text) = \(calculation.text())", .dim,
      margin: "matrix product")
  }

  func standings(_ texts: [String]) -> [Line] {
    var lines: [String] = []
    var line = "  where "
    for (index, text) in texts.enumerated() {
      let piece = (index == 0 ? "" : ", ") + text
      if line.displayWidth + piece.displayWidth > style.width - 2, index > 0 {
        lines.append(line + ",")
        line = "        " + text
      } else {
        line += piece
      }
    }
    lines.append(line)
    return lines.map { Line($0, .dim) }
  }

  // MARK: The rungs

  /// The ladder, with a long sum as a column.
  func calculation(_ question: Question, _ path: Path) -> Document {
    let subject = question.subject.shown(style)
    var rungs = path.rungs
    if rungs.count > 1, rungs[0] == path.steps.first?.law { rungs.removeFirst() }
    let column = style.width - 4 - subject.displayWidth - 5
    if let long = path.calculation.longSeries(room: column, style) {
      return columns(question, path, long)
    }
    var ladder = path.calculation.ladder(question.subject, style, law: rungs)
    if path.calculation.text().hasSuffix("√d"), path.steps.first?.around.source === path.steps.last?.around.source,
      question.base.name?.text == "S", let d = try? letters["d"]?.value(),
      case .number(let length) = d
    {
      ladder.rungs[0].remark = "d = \(style.number(length)), the length of a key"
      ladder.remarkColumn = 47
    }
    if let remark = remark(path) {
      let last = ladder.rungs.count - 1
      let place = remark.onTerms ? max(0, last - 1) : last
      ladder.rungs[place].remark = remark.text
      ladder.remarkColumn = remark.column
    }
    return ladder.document(style)
  }

  private func columns(_ question: Question, _ path: Path, _ series: Calculation.Series) -> Document {
    var rungs = path.rungs.map { Ladder.Rung(Line($0)) }
    if rungs.count > 2 { rungs.removeFirst(rungs.count - 2) }
    var document = Ladder(Line(question.subject, .name), rungs).document(style)
    document.append(Line())
    let text = question.subject + (question.isWhole ? "" : " all")
    // The total is the value where nothing but the sum stands there.
    var rest: [Calculation] = []
    var isAll = false
    switch path.calculation {
    case .series: isAll = true
    case .sum(let terms)
    where terms.count <= 4 && terms.contains(where: { if case .series = $0 { true } else { false } }):
      // The first sum is the column; what stands beside it are rows, another sum too.
      let first = terms.firstIndex { if case .series = $0 { true } else { false } }
      rest = terms.enumerated().filter { $0.offset != first }.map(\.element)
      isAll = true
    default: break
    }
    let table = TermTable(
      series: series, rest: rest, subject: isAll ? question.subject : "∑".shown(style), style: style,
      isWhole: question.isWhole)
    let hint =
      question.isWhole || series.count <= 5 || series.count > TermTable.mostTerms
      ? "" : "all \(NumberFormat.count(series.count)):  :why \(text)"
    document.append(table.document(hint: hint).document)
    if !isAll {
      let rungs = path.calculation.withSeriesAdded.rungs(style)
      document.append(Line())
      document.append(Ladder(Line(question.subject, .name), rungs).document(style))
    }
    return document
  }

  /// One remark on meaning.
  private func remark(_ path: Path) -> (text: String, column: Int?, onTerms: Bool)? {
    if let gate = LSTMGate(path.steps.first), let remark = gate.remark(path.calculation.value) {
      return (remark.text, remark.column, remark.onTerms)
    }
    if let remark = path.reads.remarks.first { return (remark, nil, false) }
    guard case .call(let name, let arguments, _) = path.calculation, arguments.count == 1 else { return nil }
    let inner = arguments[0].value
    if name == "relu" {
      let text = style.number(inner)
      return (inner > 0 ? "\(text) > 0, so relu keeps it" : "\(text) ≤ 0, so relu gives 0", 44, false)
    }
    return nil
  }

  /// What joined vectors are: `h[-1] ++ x[0] = [0.5, -0.25, 1]`.
  func asides(_ path: Path) -> [Line] {
    var lines: [Line] = []
    for step in path.steps {
      step.expression.walk { part in
        guard case .binary(let op, let left, let right) = part.kind, op.kind == .join, lines.isEmpty else { return }
        guard let tensor = try? step.around.tensor(part), tensor.rank == 1, tensor.count <= 8 else { return }
        let label = step.around.text(part.substituting(step.around.letters))
        let numbers = tensor.elements.map { NumberFormat(style).text($0) }
        func names(_ side: Expression) -> [String] {
          let count = ((try? step.around.tensor(side))??.count) ?? 0
          let name: String
          switch side.kind {
          case .index(let base, _): name = step.around.text(base)
          default: name = step.around.text(side)
          }
          return count == 1 ? [name] : (0..<count).map { "unit \($0) of \(name)" }
        }
        let text =
          "  \(label) = [\(numbers.joined(separator: ", "))]      \((names(left) + names(right)).joined(separator: ", "))"
        if text.displayWidth <= style.width { lines.append(Line(text, .dim)) }
      }
    }
    return lines
  }

  /// What stands below the sum, as it can be asked for.
  func next(_ path: Path, _ question: Question) -> [String] {
    var seriesNames: [String] = []
    path.calculation.walk { part in
      if case .series(let series) = part, series.count > 0 {
        for place in [0] { series.term(place).walk { if case .read(let label, _) = $0 { seriesNames.append(label) } } }
      }
    }
    var found: [String] = []
    var seen: Set<String> = []
    // Where nothing is added up, what a function of the user bound on its way.
    for read in path.reads.all where seriesNames.isEmpty ? read.known.isLetter : seriesNames.contains(read.label) {
      guard seen.insert(read.known.label).inserted, found.count < 2 else { continue }
      guard isComputed(read.known, read.at) else { continue }
      found.append(read.known.label + read.at.text)
    }
    return found
  }

  func isComputed(_ known: Known, _ at: [Coordinate]) -> Bool {
    switch known.how {
    case .given, .builtin: return false
    case .law(let law): return (try? law()).flatMap { $0 } != nil
    case .expression(let expression, let around):
      switch expression.kind {
      case .number, .tensor: return false
      case .name(let name):
        guard let meant = around.known(name), meant !== known else { return true }
        return isComputed(meant, at)
      default: return true
      }
    case .version:
      let elements = Elements()
      guard let step = try? elements.derivation(known, at, interpreter) else { return false }
      return !step.calculation.isNumber && !elements.reads.all.isEmpty
    }
  }
}
