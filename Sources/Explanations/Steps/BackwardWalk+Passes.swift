import Display
import Language
import Networks
import Tensors

/// Time: the passes of a recurrence from the last to the first.
extension BackwardWalk {
  /// The passes of a loop of the session.
  func passes(_ recurrence: Recurrence) -> [WalkMaker.Entry] {
    var known: [String: Tensor?] = [:]
    let entries = passes(recurrence, loss: root.name, isSession: true) { name, number in
      let text = d("\(name)[\(number)]")
      if let found = known[text] { return found }
      let source = SourceText(text)
      var tensor: Tensor?
      if case .expression(let expression)? = Parser.parse(source).statements.first?.kind {
        tensor = (try? maker.interpreter.value(of: expression, in: source))?.numbers
      }
      known[text] = tensor
      return tensor
    }
    route.count += entries.count
    return entries
  }

  func passes(
    _ recurrence: Recurrence, loss: String, isSession: Bool, _ gradient: @escaping (String, Int) -> Tensor?
  ) -> [WalkMaker.Entry] {
    let numbered = recurrence.equations.filter { $0.offset != nil }
    guard let main = numbered.last else { return [] }
    return recurrence.times.indices.reversed().map { index in
      let time = recurrence.times[index]
      return WalkMaker.Entry(name: "\(main.name)[\(time + (main.offset ?? 0))]") { title in
        let pass = Pass(recurrence, index)
        var rows: [(name: String, job: String, numbers: [Double])] = []
        var example: String?
        func add(_ name: String, _ number: Int, _ job: String) {
          guard let numbers = gradient(name, number) else { return }
          let text = d("\(name)[\(number)]")
          rows.append((text, job, numbers.elements))
          if example == nil { example = text.element(numbers.subscripts()) }
        }
        for equation in numbered.reversed() {
          let number = time + (equation.offset ?? 0)
          let readers = pass.readers(of: "\(equation.name)[\(number)]")
          let later = "from the loss and the steps after"
          let through = readers.isEmpty ? later : "through \(readers.joined(separator: ", "))"
          add(equation.name, number, equation.name == main.name ? later : through)
        }
        for equation in numbered.reversed()
        where recurrence.value(equation.name, time + (equation.offset ?? 0) - 1) != nil {
          let number = time + (equation.offset ?? 0) - 1
          if !pass.readers(of: "\(equation.name)[\(number)]").isEmpty {
            add(equation.name, number, "on to the step before")
          }
        }
        var step = Step(
          title, "back through \(recurrence.letter) = \(time)" + (isSession ? ", \(recurrence.lines)" : "")
        ) { style in
          Self.table(rows, style)
        }
        step.example = isSession ? example : nil
        step.remark = { _ in
          ["each row is the derivative of \(loss) by that value, through all that follows it; into shows each equation"]
        }
        step.inners = [("", { inside.equations(pass, gradient) })]
        step.names = pass.names
        return step
      }
    }
  }

  /// The equations of one pass from the last to the first, each taken apart.
  private func equations(_ pass: Pass, _ gradient: @escaping (String, Int) -> Tensor?) -> Walk? {
    let recurrence = pass.recurrence
    var flows: [String: [Flowing]] = [:]
    var entries: [WalkMaker.Entry] = []
    // The parts of one call, `h[t], c[t] = cell(…)`, go back through it together.
    var parts: [(name: String, Part)] = []
    for (index, equation) in recurrence.equations.enumerated().reversed() {
      let subject = pass.subject(equation)
      let (expression, around) = pass.resolved(equation.value)
      let collected = flows[subject] ?? []
      let incoming = Flowing {
        if let offset = equation.offset { return gradient(equation.name, pass.time + offset) }
        return collected.compactMap(\.value).reduce(nil) { sum, next in sum.map { $0 + next } ?? next }
      }
      let names = expression.freeNames.filter { around.tensor(Expression(.name($0))) != nil }
      var backwards = Backwards(statement: "\(subject) = \(pass.text(equation.value))", active: Set(names))
      backwards.data = Set(names.filter { $0.hasPrefix("x[") || $0.hasPrefix("X[") })
      backwards.collect = { flows[$0, default: []].append($1) }
      if let (call, path) = expression.partOfCall {
        parts.insert((subject, Part(path, incoming)), at: 0)
        if index > 0, recurrence.equations[index - 1].line == equation.line,
          pass.resolved(recurrence.equations[index - 1].value).expression.partOfCall?.call == call
        {
          continue
        }
        let name = parts.map(\.name).joined(separator: ", ")
        backwards.statement = "\(name) = \(Printer().text(call))"
        entries += deliver(parts.map(\.1), name, call, around, backwards) ?? []
        parts = []
        continue
      }
      entries += operations(subject, expression, incoming, around, backwards)
    }
    guard !entries.isEmpty else { return nil }
    let names = entries.map(\.shownName)
    return Walk(count: entries.count, place: { entries.place(of: $0) }) { entries[$0].make(.path(names, $0)) }
  }

  static func table(_ rows: [(name: String, job: String, numbers: [Double])], _ style: Style) -> Document {
    let family = NumberFamily(of: rows.flatMap(\.numbers), format: NumberFormat(style))
    let units = rows.map(\.numbers.count).max() ?? 0
    let name = rows.map { $0.name.shown(style).displayWidth }.max() ?? 0
    let job = rows.map { $0.job.shown(style).displayWidth }.max() ?? 0
    let cell = max(9, (rows.flatMap { $0.numbers.map { family.text($0).count } }.max() ?? 0) + 2)
    let fitting = max(1, min(units, (style.width - 4 - name - job) / cell))
    var document = Document()
    if units > 1 {
      var head = Line(String(repeating: " ", count: 2 + name + 2 + job))
      for unit in 0..<fitting { head.append("unit \(unit)".leftPadded(to: cell), .dim) }
      document.append(head)
    }
    for row in rows {
      var line: Line =
        "  \(row.name.shown(style).padded(to: name + 2), .name)\(row.job.shown(style).padded(to: job), .dim)"
      for number in row.numbers.prefix(fitting) { line.append(family.text(number).leftPadded(to: cell), .number) }
      document.append(line)
    }
    if fitting < units { document.append(Line("  \(units - fitting) more units", .dim)) }
    return document
  }
}

/// The derivatives by the values of a recurrence that no line of the session bound, gathered pass by pass from the end.
final class SequenceAdjoints {
  private let recurrence: Recurrence
  private var sums: [String: Tensor]
  /// The passes from this one on have been gone through.
  private var done: Int

  /// - Parameter start: what comes back from behind to the values that go out.
  init(_ recurrence: Recurrence, _ start: [String: Tensor]) {
    (self.recurrence, sums) = (recurrence, start)
    done = recurrence.times.count
  }

  func gradient(_ name: String, _ number: Int) -> Tensor? {
    // What a pass reads of the one before is known when it has been gone through.
    let offset = recurrence.equations.first { $0.name == name }?.offset ?? 0
    let index = recurrence.times.firstIndex { $0 + offset == number } ?? 0
    while done > index {
      done -= 1
      goThrough(Pass(recurrence, done))
    }
    return sums["\(name)[\(number)]"]
  }

  /// What comes back to a row of what is read, `x[t]`.
  func gradientOfInput(_ number: Int) -> Tensor? {
    while done > 0 {
      done -= 1
      goThrough(Pass(recurrence, done))
    }
    return sums["x[\(number)]"]
  }

  private func goThrough(_ pass: Pass) {
    for equation in recurrence.equations.reversed() {
      guard let incoming = sums[pass.subject(equation)] else { continue }
      let (expression, around) = pass.resolved(equation.value)
      for name in expression.freeNames where pass.isState(name) || name.hasPrefix("x[") {
        guard let flow = Flow.back(incoming, expression, to: name, around) else { continue }
        sums[name] = sums[name].map { $0 + flow } ?? flow
      }
    }
  }
}

extension Expression {
  /// The call and the place of a part of what it gives: `cell(x)` and `[0]` of `cell(x)[0]`.
  fileprivate var partOfCall: (call: Expression, path: String)? {
    guard case .index(let call, let items) = kind, case .call = call.kind, items.count == 1,
      case .number(let number)? = items[0].value?.kind
    else { return nil }
    return (call, "[\(Int(number))]")
  }
}
