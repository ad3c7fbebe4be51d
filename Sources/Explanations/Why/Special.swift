import Display
import Language
import Tensors

/// Answers that are drawn rather than written: quotients, weighted means; windows are in `WindowAnswer`.
struct Special {
  let why: Why

  private var style: Style { why.style }
  private var interpreter: Interpreter { why.interpreter }

  /// The drawing for what made the element; nil where rungs say it better.
  func document(_ question: Why.Question, _ path: Why.Path, _ value: Double) throws -> Document? {
    guard let step = path.steps.last, path.calculation.agrees(value, interpreter.elementType) else { return nil }
    if case .big(.sum, _, _) = step.expression.kind, path.steps.count == 1 {
      return try WindowAnswer(why: why).window(question, path, step)
    }
    if path.steps.count == 1, let layer = try WindowAnswer(why: why).layer(question, path, step) { return layer }
    guard let call = call(of: step) else { return nil }
    switch call.builtin.name {
    case "conv2d" where path.steps.count == 1: return try WindowAnswer(why: why).convolution(question, path, call)
    case "softmax" where path.steps.count == 1: return try quotient(question, path, call)
    case "cross_entropy" where path.steps.count == 1: return try crossEntropy(question, path, call)
    case "attention" where path.steps.count == 1: return try attention(question, path, call)
    case "ctc" where path.steps.count == 1: return try AlignmentAnswer(why: why).document(question, path, call)
    case "max_pool2d" where path.steps.count == 1: return try WindowAnswer(why: why).pool(question, path, call)
    case let name where IdentityAnswer.names.contains(name) && path.steps.count == 1:
      return try IdentityAnswer(why: why).document(question, call, value)
    default: return nil
    }
  }

  /// The call of a built-in that an expression is.
  func call(of step: Derivation) -> LawCall? {
    if case .index(let base, let items) = step.expression.kind, items.count == 1,
      case .number(let part)? = items[0].value?.kind, let place = Int(exactly: part)
    {
      // One of several values that a call gives at once.
      var inner = step
      (inner.expression, inner.at) = (base, [Coordinate(place)] + step.at)
      return call(of: inner)
    }
    guard case .call(let callee, let arguments) = step.expression.kind,
      case .function(let function)? = try? step.around.value(callee), case .builtin(let builtin) = function.kind
    else { return nil }
    return LawCall(
      builtin: builtin, callee: callee, arguments: arguments, expression: step.expression, at: step.at,
      around: step.around, elements: Elements())
  }

  // MARK: Softmax

  /// The quotient of one element, with its numbers.
  private func quotient(_ question: Why.Question, _ path: Why.Path, _ call: LawCall) throws -> Document? {
    guard let x = call["x"], let parts = try SoftmaxLaw.parts(x, call), let own = parts.own, parts.series.count <= 6,
      let place = parts.place
    else { return nil }
    let largest = parts.largest.value
    let isTyped = !x.isPathText
    let m = isTyped ? style.number(largest) : "m"
    func named(_ calculation: Calculation) -> String {
      // A vector that was typed has its numbers in the law.
      let text = isTyped ? style.number(calculation.value) : calculation.text(style)
      return "exp(\(text) - \(m))"
    }
    let letters = parts.series.body
    guard case .call(_, let inner, _) = letters, case .sum(let terms) = inner[0] else { return nil }
    let above = Drawing(named(own).shown(style))
    let below = Drawing("∑[\(parts.series.letters)] exp(\(terms[0].text(style)) - \(m))".shown(style))
    let numbers = (0..<parts.series.count).map { parts.series.term($0).value }
    let calculation = Calculation.quotient(.number(numbers[place]), .sum(numbers.map { .number($0) }))
    let printed = calculation.printed(style, result: calculation.value)
    guard let slash = printed.left.splitOnce(" / ") else { return nil }
    let below2 = slash.1.hasPrefix("(") ? String(slash.1.dropFirst().dropLast()) : slash.1
    let drawing = Drawing.beside([
      Drawing(question.subject.shown(style), .name), Drawing("="), .quotient(above, below, style), Drawing("="),
      .quotient(Drawing(slash.0), Drawing(below2), style), Drawing(printed.isApproximate ? "≈".shown(style) : "="),
      Drawing(style.number(calculation.value), .result),
    ])
    guard drawing.width <= style.width - 4 else { return nil }
    var document = drawing.document(indent: isTyped ? 3 : 2)
    if !isTyped {
      let note = "m = max(\(parts.row)) = \(style.number(largest))".shown(style)
      var line = Line()
      line.pad(to: max(2, drawing.width + 2 - note.displayWidth - 1))
      line.append(note, .dim)
      document.append(line)
    }
    return document
  }

  /// The whole vector: the quotient in letters, and the table one would make on paper.
  func softmaxTable(_ question: Why.Question, _ step: Derivation, _ value: Tensor) throws -> Document? {
    guard let call = call(of: step), call.builtin.name == "softmax", value.rank == 1, (1...12).contains(value.count),
      let x = call["x"], let z = try step.around.tensor(x), call.arguments.count == 1
    else { return nil }
    let name = x.name?.text ?? "z"
    let largest = z.elements.reduce(-.infinity) { max($0, $1) }
    let format = NumberFormat(style)
    let powers = z.elements.map { elementaryFunction("exp")!([$0 - largest]) }
    let total = Calculation.added(powers)
    let subject = question.subject
    var document = Document()
    let text = ("\(name) = [" + z.elements.map { format.text($0) }.joined(separator: ", ") + "]").shown(style)
    let quotient = Drawing.quotient(
      Drawing("exp(\(name)[j] - m)"), Drawing("∑[k] exp(\(name)[k] - m)".shown(style)), style)
    let drawing = Drawing.beside(
      [
        Drawing("\(subject)[j]", .name), Drawing("="), quotient, Drawing(text),
        Drawing("m = max(\(name)) = \(format.text(largest))"),
      ], gaps: [1, 1, 6, 5])
    let lines = drawing.document(indent: 5).lines
    for (index, line) in lines.enumerated() { document.append(index == 0 ? line.with(margin: "softmax") : line) }
    document.append(Line())
    let shifted = z.elements.map { $0 - largest }
    let first = NumberFamily(of: z.elements, format: format)
    let second = NumberFamily(of: shifted, format: format)
    let decimals = columnDecimals(powers, total, format)
    let shares = value.elements
    let last = columnDecimals(shares, 1, format)
    var table = Table(
      [
        .init("j", .right, gap: 0), .init("\(name)[j]", .right, gap: 0, least: 9),
        .init("\(name)[j] - m", .right, gap: 0, least: 12), .init("exp(\(name)[j] - m)", .right, gap: 0, least: 17),
        .init("\(subject)[j]", .right, gap: 0, least: 12),
      ], indent: 6)
    for index in z.elements.indices {
      table.append([
        String(index), first.text(z.elements[index]), second.text(shifted[index]),
        format.text(powers[index], decimals: decimals), format.text(shares[index], decimals: last),
      ])
    }
    let (a, b) = (format.text(total, decimals: decimals), format.text(1, decimals: last))
    let rule = style.glyph("─", "-")
    table.append([
      "", "", "", "+ " + String(repeating: rule, count: a.count), "+ " + String(repeating: rule, count: b.count),
    ])
    table.append(["", "", "", a, b])
    document.append(table.document(style))
    document.append(Line())
    document.append(
      "  Each \(subject)[j] is its exp over their sum. Taking m from every \(name) leaves \(subject) as it is")
    document.append("  and keeps exp in range: exp(1000) is inf, exp(1000 - 1000) is 1.")
    return document
  }

  /// The decimals at which a column adds up as printed.
  private func columnDecimals(_ numbers: [Double], _ total: Double, _ format: NumberFormat) -> Int {
    let first = max(
      format.decimals(for: total), format.decimals(for: numbers.max { $0.magnitude < $1.magnitude } ?? 0))
    for decimals in first..<(first + 4) {
      let sum = Calculation.added(numbers.map { Double(format.text($0, decimals: decimals)) ?? $0 })
      if format.text(sum, decimals: decimals) == format.text(total, decimals: decimals) { return decimals }
    }
    return first
  }

  // MARK: Cross-entropy

  private func crossEntropy(_ question: Why.Question, _ path: Why.Path, _ call: LawCall) throws -> Document? {
    guard let z = call["prediction"] ?? call.operands.first, let t = call["target"] ?? call.operands.dropFirst().first,
      let logits = try call.around.tensor(z), logits.rank == 1, (2...6).contains(logits.count),
      case .number(let label) = try call.around.value(t), let right = Int(exactly: label),
      call.operands.count == 2, call.arguments.count == 2
    else { return nil }
    let name = z.name?.text ?? "z"
    var document = Document()
    let subject = question.subject
    let labelName = t.name?.text ?? "t"
    document.append(
      Line(
        "  \(subject) = -ln(p[\(labelName)]),  p = softmax(\(name)),  \(labelName) = \(right) is the right class".shown(
          style),
        .dim, margin: "D1.ce"))
    document.append(Line())
    document.append(path.calculation.ladder(subject, style).document(style))
    document.append(Line())
    let largest = logits.elements.reduce(-.infinity) { max($0, $1) }
    let powers = logits.elements.map { elementaryFunction("exp")!([$0 - largest]) }
    let total = Calculation.added(powers)
    let format = NumberFormat(style)
    let texts = powers.map { format.text($0 / total, decimals: style.digits) }
    let row = "  p = [\(texts.joined(separator: ", "))]"
    let anchor = row.displayWidth + 6
    let place = 7 + texts.prefix(right).reduce(0) { $0 + $1.count + 2 } + texts[right].count / 2 - 1
    var first = Line(row)
    first.append("      ")
    first.append("a sure right answer, p[\(labelName)] = 1, costs 0", .dim)
    document.append(first)
    var second = Line(String(repeating: " ", count: place))
    second.append("\(style.glyph("↑", "^")) class \(right) is right")
    let guess =
      "a guess among \(logits.count), p[\(labelName)] = 1/\(logits.count), costs \(format.text(elementaryFunction("ln")!([Double(logits.count)])))"
    if anchor + guess.count <= style.width {
      second.pad(to: anchor)
      second.append(guess, .dim)
    }
    document.append(second)
    why.remember(path.reads.letters)
    return document
  }

  // MARK: Attention

  private func attention(_ question: Why.Question, _ path: Why.Path, _ call: LawCall) throws -> Document? {
    guard question.places.count == 2, let row = question.places[0].number,
      let score = path.reads.letters.first(where: { $0.name == "S" })?.known,
      let weights = path.reads.letters.first(where: { $0.name == "A" })?.known,
      let S = try score.value().numbers(interpreter.elementType),
      let A = try weights.value().numbers(interpreter.elementType),
      case .series(let series) = path.calculation, let v = call["V"]
    else { return nil }
    let definitions = path.reads.letters.filter { ["A", "S"].contains($0.name) }.map(\.text)
    let base = Printer().text(question.base)
    let valueName = v.name?.text ?? "V"
    var document = Document()
    let law = "  \(base)[i,j] = ∑[k] A[i,k]·\(valueName)[k,j]     \(definitions.joined(separator: "     "))"
    document.append(Line(law.shown(style), .dim, margin: "D3.attn"))
    document.append(Line())
    document.append(why.calculation(question, path))
    let count = A.shape[1]
    if count <= 8 {
      document.append(Line())
      let places = 0..<count
      func texts(_ numbers: [Double]) -> [String] {
        let family = NumberFormat(style)
        let decimals = numbers.filter { $0 != 0 }.map { family.decimals(for: $0) }.max() ?? 0
        let isShort = numbers.allSatisfy { family.shortText($0, decimals: decimals).split(separator: ".").count < 2 }
        return numbers.map { isShort ? family.text($0) : family.text($0, decimals: min(decimals, style.digits)) }
      }
      let scores = texts(places.map { S[flat: row * count + $0] })
      let shares = texts(places.map { A[flat: row * count + $0] })
      let values = texts(
        places.map { place in
          if case .product(let factors) = series.term(place), factors.count == 2 { return factors[1].value }
          return series.term(place).value / A[flat: row * count + place]
        })
      let lead = "  what query \(row) looks at"
      let column = "\(valueName)[k,\(question.places[1].text)]"
      func line(_ lead: String, _ k: String, _ s: String, _ a: String, _ bar: String, _ v: String, dim: Bool) -> Line {
        var line = Line(lead, .dim)
        line.pad(to: 27)
        line.append(k, dim ? .dim : .index)
        line.append(s.leftPadded(to: 10), dim ? .dim : .plain)
        line.append(a.leftPadded(to: 10), dim ? .dim : .operandA)
        line.append("  " + bar, .bar)
        line.pad(to: 28 + 20 + 20 - v.displayWidth)
        line.append(v, dim ? .dim : .operandB)
        return line
      }
      document.append(line(lead, "k", "S[\(row),k]", "A[\(row),k]", "", column, dim: true))
      for place in places {
        let length = Int((A[flat: row * count + place] * 10 + 0.5).rounded(.down))
        let bar = String(repeating: style.glyph("█", "#"), count: max(0, length))
        document.append(line("", String(place), scores[place], shares[place], bar, values[place], dim: false))
      }
    }
    document.append(Line())
    let most = (0..<count).last ?? 0
    document.append(
      "  \("next", .hint)  \(":why S[\(row),\(most)]   :why A[\(row),\(most)]", .name)")
    why.remember(path.reads.letters)
    return document
  }
}

extension String {
  func splitOnce(_ separator: String) -> (String, String)? {
    for index in indices where self[index...].hasPrefix(separator) {
      return (String(self[..<index]), String(self[self.index(index, offsetBy: separator.count)...]))
    }
    return nil
  }

  /// The numbers between the brackets at its end: of `x[1,2]` these two.
  var indicesAtEnd: [Int]? {
    guard last == "]", let open = lastIndex(of: "[") else { return nil }
    let parts = self[index(after: open)...].dropLast().split(separator: ",").map { Int($0.filter { $0 != " " }) }
    return parts.contains { $0 == nil } ? nil : parts.compactMap { $0 }
  }
}
