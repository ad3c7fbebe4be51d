import Display
import Language
import Networks
import Tensors

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
    // The sequences of a layer are none of the session's.
    if recurrence.isOfLayer { names += recurrence.wholeSequences }
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
    let (changed, inside) = resolved(expression)
    return inside.value(changed)
  }

  /// The expression with each value of a sequence under a name of its own, `h[0]`: the session may have the sequence as it was before.
  func resolved(_ expression: Expression) -> (expression: Expression, around: Surroundings) {
    var inside = around
    func named(_ part: Expression) -> Expression {
      switch part.kind {
      case .index(let base, let items):
        guard let name = base.name?.text else { return Expression(.index(named(base), items)) }
        guard items.count == 1, let number = items[0].value.flatMap(number),
          let value = recurrence.isSequence(name) ? recurrence.value(name, number) : around.value(part)
        else { return part }
        inside = inside.adding("\(name)[\(number)]", value)
        return Expression(.name("\(name)[\(number)]"))
      case .negate(let inner): return Expression(.negate(named(inner)))
      case .binary(let op, let left, let right): return Expression(.binary(op, named(left), named(right)))
      case .call(let callee, let arguments):
        return Expression(.call(callee, arguments.map { Language.Argument($0.label, named($0.value)) }))
      case .transpose(let inner): return Expression(.transpose(named(inner)))
      default: return part
      }
    }
    let changed = named(expression)
    // Its parts stand nowhere in the text that was typed.
    inside.source = SourceText("")
    return (changed, inside)
  }

  /// What an equation binds here: `C[1]`, or the plain name.
  func isState(_ name: String) -> Bool {
    recurrence.equations.contains { $0.offset == nil ? $0.name == name : name.hasPrefix($0.name + "[") }
  }

  /// The equations of this pass that read a value: `C[1]`, `h[1]`.
  func readers(of name: String) -> [String] {
    recurrence.equations.filter { resolved($0.value).expression.freeNames.contains(name) }.map { subject($0) }
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
      guard let name = base.name?.text else { return Expression(.index(change(base), items)) }
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
        .words(place == 0 ? "into the equations of one time step" : ""),
        place == 0 ? (recurrence.isOfLayer ? "" : recurrence.lines) : law
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
