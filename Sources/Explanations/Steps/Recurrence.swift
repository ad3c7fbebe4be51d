import Display
import Language
import Networks
import Tensors

/// Lines that are run for one number after another: a loop over time steps, or an equation in which a sequence follows from itself.
struct Recurrence {
  struct Equation {
    let name: String
    /// What is added to the loop's variable: 1 in `θ[t+1] = …`; nil for a plain name.
    let offset: Int?
    let value: Expression
    let line: Int
  }

  /// The loop's variable.
  let letter: String
  let times: [Int]
  let equations: [Equation]
  let around: Surroundings
  /// The value that goes on: it names the steps.
  let main: String
  private let sequences: [String: (Int) -> Value?]

  init?(_ origin: Origin, _ versions: [Version], _ around: Surroundings) {
    self.init(
      origin.statement, around, line: origin.line, main: versions.last?.name ?? "",
      sequences: { name in
        // What nothing else used is still what the session has, if the same line bound it.
        let known = versions.first { $0.name == name }
        guard let version = known ?? around.interpreter.version(of: name), known != nil || version.origin === origin,
          case .sequence(let sequence) = version.value
        else { return nil }
        return ({ sequence[$0] }, sequence.numbers, sequence.firstNumbers)
      })
  }

  /// - Parameter sequences: the values of a name by their numbers, all numbers, those that were given first.
  init?(
    _ statement: Statement, _ around: Surroundings, line: Int, main: String,
    sequences lookUp: (String) -> (values: (Int) -> Value?, numbers: Range<Int>, first: Range<Int>)?
  ) {
    self.around = around
    self.main = main
    let firstLine = around.source.lineNumber(at: statement.range.start)
    func number(_ range: SourceRange) -> Int { line + around.source.lineNumber(at: range.start) - firstLine }
    var equations: [Equation] = []
    var sequences: [String: (Int) -> Value?] = [:]
    switch statement.kind {
    case .forLoop(let names, let range, let block):
      guard names.count == 1, let numbers = around.tensor(range), numbers.rank == 1, numbers.count > 0 else {
        return nil
      }
      letter = names[0].text
      times = numbers.elements.map { Int($0) }
      for inner in block.statements {
        guard case .bind(let targets, let values, _) = inner.kind, targets.count == values.count else { continue }
        for (target, value) in zip(targets, values) {
          guard let name = target.root else { continue }
          if case .indexed(_, let places, _) = target {
            guard case .index(let own, let offset)? = places.first?.kind, own.text == names[0].text,
              let found = lookUp(name)
            else { return nil }
            sequences[name] = found.values
            equations.append(Equation(name: name, offset: offset, value: value, line: number(inner.range)))
          } else {
            equations.append(Equation(name: name, offset: nil, value: value, line: number(inner.range)))
          }
        }
      }
    case .bind(let targets, let values, _):
      guard targets.count == 1, values.count == 1, case .indexed(let name, let places, _) = targets[0],
        case .index(let own, let offset)? = places.first?.kind, let found = lookUp(name.text)
      else { return nil }
      letter = own.text
      let computed = found.numbers.filter { !found.first.contains($0) }
      let isDownward = !found.first.isEmpty && (computed.first ?? 0) < found.first.lowerBound
      times = (isDownward ? computed.reversed() : computed).map { $0 - offset }
      sequences[name.text] = found.values
      equations.append(Equation(name: name.text, offset: offset, value: values[0], line: number(statement.range)))
    default: return nil
    }
    guard !equations.isEmpty, equations.contains(where: { $0.offset != nil }), !times.isEmpty else { return nil }
    self.equations = equations
    self.sequences = sequences
  }

  /// The steps, one for each pass, and where they begin.
  func entries(_ maker: WalkMaker) -> (start: String?, entries: [WalkMaker.Entry]) {
    let last =
      equations.last { $0.offset != nil && ($0.name == main || !equations.contains { $0.name == main }) }
      ?? equations[equations.count - 1]
    let offset = last.offset ?? 0
    let first = "\(last.name)[\(times[0] + offset - 1)]"
    return (
      first,
      times.indices.map { index in
        WalkMaker.Entry(name: "\(last.name)[\(times[index] + offset)]") { title in step(index, title, last) }
      }
    )
  }

  var lines: String {
    let (low, high) = (equations.map(\.line).min() ?? 0, equations.map(\.line).max() ?? 0)
    return low == high ? "line \(low)" : "lines \(low) to \(high)"
  }

  private func step(_ index: Int, _ title: Title, _ last: Equation) -> Step {
    let pass = Pass(self, index)
    let count = equations.count == 1 ? "" : "\(equations.count) equations, "
    var step = Step(title, "t = \(times[index]), \(count)\(lines)".replacing("t =", with: "\(letter) =")) { style in
      pass.overview(style)
    }
    step.names = pass.names
    step.example = pass.value(last).map { "\(last.name)[\(times[index] + (last.offset ?? 0))\(pass.lastUnit($0))]" }
    step.inners = [("", { pass.walk })]
    return step
  }

  func value(_ name: String, _ number: Int) -> Value? { sequences[name]?(number) }
  func isSequence(_ name: String) -> Bool { sequences[name] != nil }
}

/// One pass of a recurrence: its equations with their numbers.
final class Pass {
  let recurrence: Recurrence
  let index: Int
  let time: Int
  private var known: [Int: Value] = [:]

  init(_ recurrence: Recurrence, _ index: Int) {
    self.recurrence = recurrence
    self.index = index
    time = recurrence.times[index]
  }

  /// The names as they are in this pass: the loop's variable, plain names, each sequence by its value now.
  lazy var names: [(name: String, value: Value)] = {
    var names = recurrence.around.names
    names.append((recurrence.letter, .number(Double(time))))
    return names
  }()

  private var around: Surroundings {
    var around = recurrence.around
    for (name, value) in names { around = around.adding(name, value) }
    for (place, equation) in recurrence.equations.enumerated() where equation.offset == nil {
      if let value = known[place] { around = around.adding(equation.name, value) }
    }
    return around
  }

  func value(_ equation: Recurrence.Equation) -> Value? {
    if let offset = equation.offset { return recurrence.value(equation.name, time + offset) }
    guard let place = recurrence.equations.firstIndex(where: { $0.name == equation.name && $0.line == equation.line })
    else { return nil }
    if let value = known[place] { return value }
    let value = around.value(equation.value)
    known[place] = value
    return value
  }

  /// The value of a part of an equation in this pass.
  func value(_ expression: Expression) -> Value? {
    if case .index(let base, let items) = expression.kind, let name = base.name?.text, recurrence.isSequence(name),
      items.count == 1, let number = items[0].value.flatMap(number)
    {
      return recurrence.value(name, number) ?? around.value(expression)
    }
    // Each value of a sequence by a name of its own: the session may have the sequence as it was before.
    var inside = around
    func named(_ part: Expression) -> Expression {
      switch part.kind {
      case .index(let base, let items):
        guard let name = base.name?.text, recurrence.isSequence(name), items.count == 1,
          let number = items[0].value.flatMap(number),
          let value = recurrence.value(name, number)
        else { return part }
        inside = inside.adding("\(name)[\(number)]", value)
        return Expression(.name("\(name)[\(number)]"), part.range)
      case .negate(let inner): return Expression(.negate(named(inner)), part.range)
      case .binary(let op, let left, let right): return Expression(.binary(op, named(left), named(right)), part.range)
      case .call(let callee, let arguments):
        return Expression(.call(callee, arguments.map { Language.Argument($0.label, named($0.value)) }), part.range)
      case .transpose(let inner): return Expression(.transpose(named(inner)), part.range)
      default: return part
      }
    }
    let changed = named(expression)
    return inside.value(changed)
  }

  private func number(_ expression: Expression) -> Int? {
    switch expression.kind {
    case .number(let number): return Int(exactly: number)
    case .name(let name): return name == recurrence.letter ? time : nil
    case .negate(let inner): return number(inner).map { -$0 }
    case .binary(let op, let left, let right):
      guard let a = number(left), let b = number(right) else { return nil }
      return op.kind == .add ? a + b : op.kind == .subtract ? a - b : op.kind == .multiply ? a * b : nil
    default: return nil
    }
  }

  /// `,1` of a vector: its last unit.
  func lastUnit(_ value: Value) -> String {
    guard let tensor = value.numbers, tensor.rank > 0 else { return "" }
    return "," + tensor.subscripts().dropFirst().dropLast()
  }

  // MARK: Text

  /// What two or more equations join: `h[t-1] ++ x[t]`, called u where they are listed.
  private lazy var joined: Expression? = {
    var found: [Expression] = []
    for equation in recurrence.equations {
      equation.value.walk { if case .binary(let op, _, _) = $0.kind, op.kind == .join { found.append($0) } }
    }
    guard let first = found.first, found.count(where: { $0 == first }) > 1 else { return nil }
    return first
  }()

  /// An expression with the numbers of this pass in its subscripts; with `isShort` values of now lose theirs.
  private func written(_ expression: Expression, isShort: Bool) -> String {
    Printer().text(changed(expression, isShort: isShort))
  }

  private func changed(_ expression: Expression, isShort: Bool) -> Expression {
    if isShort, let joined, expression == joined { return Expression(.name("u")) }
    func change(_ inner: Expression) -> Expression { changed(inner, isShort: isShort) }
    switch expression.kind {
    case .index(let base, let items):
      guard let name = base.name?.text else { return expression }
      let numbers = items.map { $0.value.flatMap(number) }
      if isShort, items.count == 1, let number = numbers[0],
        recurrence.equations.contains(where: { $0.name == name && $0.offset.map { $0 + time } == number })
      {
        return base
      }
      return Expression(
        .index(
          base,
          zip(items, numbers).map { item, number in
            guard let number else { return item }
            let value = Expression(.number(Double(number.magnitude)))
            return Subscript(.value(number < 0 ? Expression(.negate(value)) : value))
          }))
    case .negate(let inner): return Expression(.negate(change(inner)))
    case .binary(let op, let left, let right): return Expression(.binary(op, change(left), change(right)))
    case .call(let callee, let arguments):
      return Expression(.call(callee, arguments.map { Language.Argument($0.label, change($0.value)) }))
    case .transpose(let inner): return Expression(.transpose(change(inner)))
    case .name(let name) where name == recurrence.letter: return Expression(.number(Double(time)))
    default: return expression
    }
  }

  func subject(_ equation: Recurrence.Equation) -> String {
    equation.offset.map { "\(equation.name)[\(time + $0)]" } ?? equation.name
  }

  // MARK: Roles

  private lazy var roles = GateRoles(recurrence.equations.map { ($0.name, $0.value) })

  // MARK: Frames

  private struct Row {
    let name, law, job: String
    let numbers: [Double]
    let equation: Int?
  }

  private func rows(withLaws: Bool) -> [Row] {
    var rows: [Row] = []
    if let cell = roles.cell, let equation = recurrence.equations.first(where: { $0.name == cell }),
      let offset = equation.offset,
      let before = recurrence.value(cell, time + offset - 1)?.numbers
    {
      rows.append(
        Row(
          name: "\(cell)[\(time + offset - 1)]", law: "", job: "the cell before", numbers: before.elements,
          equation: nil))
    } else if let main = recurrence.equations.last, let offset = main.offset,
      let before = recurrence.value(main.name, time + offset - 1)?.numbers
    {
      rows.append(
        Row(name: "\(main.name)[\(time + offset - 1)]", law: "", job: "before", numbers: before.elements, equation: nil)
      )
    }
    for (place, equation) in recurrence.equations.enumerated() {
      let numbers = value(equation)?.numbers
      rows.append(
        Row(
          name: subject(equation), law: withLaws ? written(equation.value, isShort: true) : "",
          job: roles.jobs[equation.name] ?? "", numbers: numbers?.elements ?? [], equation: place))
    }
    return rows
  }

  /// The table of all equations, a unit a column.
  private func table(_ style: Style, marked: Int?, withLaws: Bool) -> Document {
    let rows = rows(withLaws: withLaws)
    let units = rows.map(\.numbers.count).max() ?? 0
    var head: Line = "  "
    if let joined, let value = value(joined) {
      let numbers = (value.numbers?.elements ?? []).map { style.number($0) }.joined(separator: ", ")
      head.append("u = \(written(joined, isShort: false)) = [\(numbers)]".shown(style))
    }
    let nameWidth = rows.map { $0.name.shown(style).displayWidth }.max() ?? 0
    var lawWidth = rows.map { $0.law.shown(style).displayWidth }.max() ?? 0
    let jobWidth = rows.map { $0.job.shown(style).displayWidth }.max() ?? 0
    lawWidth = min(lawWidth, style.width - 34 - nameWidth - jobWidth)
    let text = 2 + nameWidth + 2 + (lawWidth > 0 ? lawWidth + 4 : 0) + jobWidth
    let family = NumberFamily(of: rows.flatMap { $0.numbers.prefix(12) }, format: NumberFormat(style))
    let width = (rows.flatMap { $0.numbers.prefix(12).map { family.text($0).count } }.max() ?? 1) + 3
    let end = style.width - 4
    let fitting = max(1, min(units, (end - text) / max(width, 9)))
    let cell = max(width, 9)
    func numbers(_ texts: [String], _ line: inout Line, _ role: Role) {
      let used = fitting * cell
      line.pad(to: end - used)
      for text in texts { line.append(text.leftPadded(to: cell), role) }
    }
    numbers((0..<fitting).map { units == 1 ? "" : "unit \($0)" }, &head, .dim)
    var document = Document([head, Line()])
    for row in rows {
      let isMarked = marked != nil && row.equation == marked
      var line = Line((isMarked ? "▸ " : "  ").shown(style), .mark)
      line.append(row.name.shown(style).padded(to: nameWidth + 2), isMarked ? .result : .name)
      if lawWidth > 0 { line.append(row.law.shown(style).cut(to: lawWidth, style: style).padded(to: lawWidth + 4)) }
      line.append(row.job.shown(style).padded(to: jobWidth), .dim)
      numbers(row.numbers.prefix(fitting).map { family.text($0) }, &line, isMarked ? .result : .number)
      document.append(line)
    }
    if fitting < units { document.append(Line("  \(units - fitting) more units".shown(style), .dim)) }
    return document
  }

  func overview(_ style: Style) -> Document { table(style, marked: nil, withLaws: true) }

  /// A line in numbers for unit 0: `C[0,0] = 0.904651·0.2 + … = 0.80609`.
  private func arithmetic(_ equation: Recurrence.Equation, _ style: Style) -> String? {
    guard let value = value(equation)?.numbers,
      let calculation = UnitCalculation(pass: self).calculation(equation.value, unit: 0)
    else { return nil }
    let unit = value.rank == 0 ? "" : value.rank == 1 ? ",0" : ",0,0"
    let name =
      equation.offset.map { "\(equation.name)[\(time + $0)\(unit)]" } ?? equation.name
      + (unit.isEmpty ? "" : "[\(unit.dropFirst())]")
    let line = name + " = " + calculation.equation(style).text
    return line.displayWidth <= style.width - 11 ? line : nil
  }

  private func arithmetic(_ equations: [Recurrence.Equation], _ style: Style) -> Document {
    let lines = equations.compactMap { arithmetic($0, style) }
    guard !lines.isEmpty else { return Document() }
    var document = Document([Line()])
    for (index, line) in lines.enumerated() {
      document.append(Line((index == 0 ? "  unit 0   " : "           ") + line.shown(style)))
    }
    return document
  }

  /// The walk through the equations: the first frame shows all at once, then the marker goes from row to row.
  lazy var walk: Walk = {
    let recurrence = recurrence
    let walk = Walk("equation", count: recurrence.equations.count) { [unowned self] place in
      let equation = recurrence.equations[place]
      let law = "\(subject(equation)) = \(written(equation.value, isShort: false))"
      var step = Step(
        .words(place == 0 ? "into the equations of one time step" : ""), place == 0 ? recurrence.lines : law
      ) { style in
        var document = self.table(style, marked: place == 0 ? nil : place, withLaws: true)
        let cell = recurrence.equations.filter { $0.name == self.roles.cell || $0.name == self.roles.output }
        document.append(self.arithmetic(place == 0 && !cell.isEmpty ? cell : [equation], style))
        return document
      }
      let passes = recurrence.times.count
      step.ordinal = "step \(index + 1) of \(passes), \(recurrence.letter) = \(time)"
      step.names = names
      if passes > 1 {
        step.offers = ["goto \(recurrence.letter)=\(recurrence.times[index + 1 < passes ? index + 1 : index - 1])"]
      }
      step.example = value(equation).map { value in
        equation.offset.map { "\(equation.name)[\(time + $0)\(lastUnit(value))]" } ?? equation.name
          + (value.numbers?.subscripts() ?? "")
      }
      step.inners = recurrence.equations.map { equation in
        (equation.name, { [unowned self] in ProductTerms(pass: self, equation: equation)?.walk })
      }
      step.inners.insert(("", { [unowned self] in ProductTerms(pass: self, equation: equation)?.walk }), at: 0)
      step.offeredInner = place == 0 ? roles.candidate ?? equation.name : equation.name
      return step
    }
    return walk
  }()

  func text(_ expression: Expression) -> String { written(expression, isShort: false) }
}

/// What the gates of a recurrent cell are for, seen from the shape of its equations.
struct GateRoles {
  private(set) var jobs: [String: String] = [:]
  private(set) var cell: String?
  private(set) var output: String?
  private(set) var candidate: String?

  init(_ equations: [(name: String, value: Expression)]) {
    for (name, value) in equations {
      guard case .binary(let plus, let left, let right) = value.kind, plus.kind == .add, let a = Self.factors(left),
        let b = Self.factors(right)
      else { continue }
      // One product holds the value before: what it is multiplied with is what is kept.
      let (kept, written) = [a.0, a.1].contains { Self.base($0) == name } ? (a, b) : (b, a)
      guard let share = [kept.0, kept.1].first(where: { Self.base($0) != name }),
        [kept.0, kept.1].contains(where: { Self.base($0) == name })
      else { continue }
      let names = equations.map(\.name)
      let (keep, write, new) = (Self.base(share), Self.base(written.0), Self.base(written.1))
      if let keep, names.contains(keep) { jobs[keep] = "keep this share of it" }
      if let new, names.contains(new) {
        jobs[new] = write.map(names.contains) == true ? "of this candidate" : "this candidate"
        candidate = new
      }
      if let write, names.contains(write), write != keep { jobs[write] = "write this share" }
      jobs[name] = "the cell after"
      cell = name
    }
    for (name, value) in equations where name != cell {
      guard let (left, right) = Self.factors(value), let cell else { continue }
      for (gate, shown) in [(left, right), (right, left)] {
        guard case .call(_, let arguments) = shown.kind, arguments.first.flatMap({ Self.base($0.value) }) == cell,
          let gate = Self.base(gate)
        else { continue }
        jobs[gate] = "show this share"
        jobs[name] = "the output"
        output = name
      }
    }
    if output == nil, let cell { jobs[cell] = "the output" }
    if jobs.isEmpty, let last = equations.last { jobs[last.name] = "the output" }
  }

  private static func factors(_ expression: Expression) -> (Expression, Expression)? {
    guard case .binary(let op, let left, let right) = expression.kind, op.kind == .multiply else { return nil }
    return (left, right)
  }

  /// The sequence that an element is of.
  private static func base(_ expression: Expression) -> String? {
    switch expression.kind {
    case .name(let name): name
    case .index(let base, _): base.name?.text
    default: nil
    }
  }
}
