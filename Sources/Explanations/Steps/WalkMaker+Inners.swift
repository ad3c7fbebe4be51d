import Display
import Language
import Networks
import Tensors

extension WalkMaker {
  /// The steps inside a statement, if it has any that say more than its drawing.
  func inners(_ name: String, _ expression: Expression, _ value: Value, _ around: Surroundings, _ places: [Place]?)
    -> [(name: String, walk: () -> Walk?)]
  {
    if case .call(let callee, let arguments) = expression.kind, let called = around.value(callee) {
      switch called {
      case .network: return [("", { nestedWalk(expression, around) })]
      case .function(let function):
        if case .user = function.kind { return [("", { nestedWalk(expression, around) })] }
        if let walk = builtin(function.name, name, arguments, value, around) { return [("", walk)] }
      default: break
      }
    }
    if places == nil, expression.nestedCalls.contains(where: { isCallWithSteps($0, around) }) {
      return [("", { nestedWalk(expression, around) })]
    }
    guard let whole = value.numbers, whole.count > 0 else { return [] }
    if let places {
      if windows(name, expression, places, whole, around) != nil {
        return [("", { windows(name, expression, places, whole, around) })]
      }
      if equationElements(name, expression, places, whole, around) != nil {
        return [("", { equationElements(name, expression, places, whole, around) })]
      }
      return []
    }
    var hasProduct = false
    expression.walk { if case .binary(let op, _, _) = $0.kind, op.kind == .matrixProduct { hasProduct = true } }
    guard hasProduct, ProductTerms(name, expression, whole, around) != nil else { return [] }
    return [("", { ProductTerms(name, expression, whole, around)?.walk })]
  }

  /// Whether it calls a network or a function of the user.
  func isCallWithSteps(_ call: Expression, _ around: Surroundings) -> Bool {
    guard case .call(let callee, _) = call.kind else { return false }
    switch around.value(callee) {
    case .network?: return true
    case .function(let function)?: if case .user = function.kind { return true } else { return false }
    default: return false
    }
  }

  /// What is inside a call of a built-in.
  private func builtin(
    _ function: String, _ name: String, _ arguments: [Language.Argument], _ value: Value, _ around: Surroundings
  )
    -> (() -> Walk?)?
  {
    guard let whole = value.numbers, let first = arguments.first.flatMap({ around.tensor($0.value) }) else {
      return nil
    }
    let text = around.text(arguments[0].value)
    switch function {
    case "softmax" where arguments.count == 1 && (1...2).contains(first.rank):
      return { softmaxRows(name, text, first, whole, around) }
    case "attention" where arguments.count == 3:
      let call = Expression(.call(Expression(.name("attention")), arguments))
      return callEntries(call, around).map { entries in { Self.walk(from: entries.start, entries.entries) } }
    case "max_pool2d" where arguments.count >= 2, "avg_pool2d" where arguments.count >= 2:
      func number(_ label: String) -> Int? {
        arguments.first { $0.label?.text == label }.flatMap { around.tensor($0.value) }.map { Int($0.item) }
      }
      guard let side = around.tensor(arguments[1].value)?.item, first.rank >= 2 else { return nil }
      let (window, stride) = (Int(side), number("stride") ?? Int(side))
      return {
        windows(
          ofPool: (window, window), stride, first, whole, around, isMax: function == "max_pool2d",
          padding: number("padding") ?? 0, imageName: text, name: name)
      }
    default: return nil
    }
  }

  /// The rows of a softmax: each number, less the largest, its exponential, its share.
  private func softmaxRows(_ name: String, _ text: String, _ z: Tensor, _ s: Tensor, _ around: Surroundings) -> Walk {
    let columns = z.shape.dimensions.last ?? 1
    let rows = z.count / max(1, columns)
    return Walk("row", count: rows) { row in
      let numbers = (0..<columns).map { z[flat: row * columns + $0] }
      let shares = (0..<columns).map { s[flat: row * columns + $0] }
      let subject = z.rank == 1 ? text : "\(text)[\(row)]"
      var step = Step(.words(""), "\(name) = softmax(\(text))") { style in
        let m = numbers.max() ?? 0
        let shown: [Int?] = columns <= 8 ? (0..<columns).map { $0 } : [0, 1, 2, nil, columns - 1]
        let places = shown.compactMap { $0 }
        let format = NumberFormat(style)
        let exponentials = numbers.map { exponential($0 - m) }
        let total = exponentials.reduce(0, +)
        func column(_ values: [Double], _ all: Double? = nil) -> NumberFamily {
          NumberFamily(of: places.map { values[$0] } + (all.map { [$0] } ?? []), format: format)
        }
        let families = [
          column(numbers), column(numbers.map { $0 - m }), column(exponentials, total), column(shares, 1),
        ]
        func line(_ cells: [String], _ role: Role) -> Line {
          var line = Line(cells[0].leftPadded(to: 7))
          for (index, cell) in cells.dropFirst().enumerated() {
            line.append(cell.leftPadded(to: [12, 12, 17, 12][index]), role)
          }
          return line
        }
        let letter = name + (z.rank == 1 ? "[j]" : "[\(row),j]")
        var document = Document([
          Line("  z = \(subject)     m = max(z) = \(style.number(m))".shown(style)), Line(),
          line(["j", "z[j]", "z[j] - m", "exp(z[j] - m)", letter], .dim),
        ])
        for place in shown {
          guard let place else {
            document.append(Line("      \(style.glyph("…", "..."))  \(columns - 4) more", .dim))
            continue
          }
          let values = [numbers[place], numbers[place] - m, exponentials[place], shares[place]]
          document.append(line(["\(place)"] + zip(families, values).map { $0.text($1) }, .number))
        }
        document.append(line(["sum", "", "", families[2].text(total), families[3].text(1)], .result))
        return document
      }
      step.ordinal = "row \(row + 1) of \(rows)"
      step.remark = { _ in
        ["Each share is its exp over their sum. Taking m away changes no share and keeps exp in range."]
      }
      step.example = name + (z.rank == 1 ? "[0]" : "[\(row),0]")
      step.names = around.names
      return step
    }
  }

  /// The elements of an index equation, each with its terms.
  private func equationElements(
    _ name: String, _ expression: Expression, _ places: [Place], _ whole: Tensor, _ around: Surroundings
  ) -> Walk? {
    var letters: [String] = []
    for place in places {
      guard case .index(let letter, 0) = place.kind else { return nil }
      letters.append(letter.text)
    }
    guard letters.count == whole.rank, whole.count > 0 else { return nil }
    func element(_ unit: Int) -> (String, Calculation?) {
      let place = whole.place(of: unit)
      var inside = around
      for (letter, number) in zip(letters, place.dropFirst().dropLast().split(separator: ",")) {
        inside = inside.adding(letter, .number(Double(String(number)) ?? 0))
      }
      return (name + place, TermCalculation(around: inside, whole: whole[flat: unit]).calculation(expression))
    }
    guard element(0).1 != nil else { return nil }
    return elementWalk(
      whole, names: around.names + [(name, Value(whole))],
      law: "\(name)[\(letters.joined(separator: ","))] = \(around.text(expression))", element)
  }

  /// A recurrence written in the language, on values of its own.
  func recurrence(_ text: String, _ around: Surroundings) -> Recurrence? {
    let source = SourceText(text)
    var inside = around
    inside.source = source
    inside.origin = nil
    let statements = Parser.parse(source).statements
    guard let loop = statements.last, case .forLoop = loop.kind else { return nil }
    let names = loop.boundNames
    let parts = Expression(.list(names.map { Expression(.name($0)) }))
    let call = Expression(
      .call(Expression(.lambda([], .block(Block(statements + [Statement(.expression(parts))])))), []))
    guard case .list(let values)? = inside.value(call) else { return nil }
    var first: [String: Value] = [:]
    for statement in statements.dropLast() {
      guard case .bind(let targets, let values, _) = statement.kind, let name = targets.first?.root,
        let value = inside.value(values[0])
      else { continue }
      first[name] = value
    }
    return Recurrence(loop, inside, line: 1, main: names.last ?? "") { name in
      guard let index = names.firstIndex(of: name), let all = values[index].numbers, all.rank > 0 else { return nil }
      let count = all.shape[0]
      let given = first[name]
      return (
        { number in
          number >= 0 && number < count ? Value(all[number].detached) : number < 0 ? given : nil
        }, (given == nil ? 0 : -1)..<count, (given == nil ? 0 : -1)..<0
      )
    }
  }
}

func exponential(_ x: Double) -> Double { elementaryFunction("exp").map { $0([x]) } ?? 0 }

/// One element of an index equation as a calculation: its letters are numbers.
struct TermCalculation {
  let around: Surroundings
  let whole: Double

  func calculation(_ expression: Expression) -> Calculation? {
    switch expression.kind {
    case .number(let number): return .number(number)
    case .negate(let inner): return calculation(inner).map { .negative($0) }
    case .binary(let op, let left, let right):
      guard let a = calculation(left), let b = calculation(right) else { return number(expression) }
      return Calculation.combining(op.kind, a, b) ?? number(expression)
    case .call(let callee, let arguments):
      guard arguments.count == 1, let name = callee.name?.text, let rule = elementaryFunction(name),
        let inner = calculation(arguments[0].value)
      else { return number(expression) }
      return .call(name, [inner], rule)
    case .big(.sum, let indices, let body):
      return terms(indices, body) ?? number(expression)
    default: return number(expression)
    }
  }

  private func number(_ expression: Expression) -> Calculation? {
    guard let tensor = around.tensor(expression), tensor.count == 1 else { return nil }
    return .read(around.text(expression), tensor.item)
  }

  /// The terms of a sum whose ranges are said or found by trying, up to twelve.
  private func terms(_ indices: [Index], _ body: Expression) -> Calculation? {
    var places: [[(String, Int)]] = [[]]
    for index in indices {
      var numbers: [Int] = []
      if let range = index.range, let tensor = around.tensor(range) {
        numbers = tensor.elements.map { Int($0) }
      } else if let extent = extent(of: index.name.text, in: body) {
        numbers = Array(0..<extent)
      }
      guard !numbers.isEmpty, numbers.count * places.count <= 12 else { return nil }
      places = places.flatMap { place in numbers.map { place + [(index.name.text, $0)] } }
    }
    let terms = places.map { place -> Calculation? in
      var inside = around
      for (letter, number) in place { inside = inside.adding(letter, .number(Double(number))) }
      return TermCalculation(around: inside, whole: whole).calculation(body)
    }
    guard !terms.contains(where: { $0 == nil }) else { return nil }
    return .sum(terms.compactMap { $0 })
  }

  /// The extent of the axis that a letter stands for alone.
  private func extent(of letter: String, in body: Expression) -> Int? {
    var extent: Int?
    body.walk { part in
      guard case .index(let base, let items) = part.kind, let tensor = around.tensor(base) else { return }
      for (axis, item) in items.enumerated() where item.value?.name?.text == letter && axis < tensor.rank {
        extent = tensor.shape[axis]
      }
    }
    return extent
  }
}
