import Language
import Tensors

/// One unit of an equation as a calculation in numbers.
struct UnitCalculation {
  let value: (Expression) -> Tensor?
  let text: (Expression) -> String

  init(pass: Pass) {
    value = { pass.value($0)?.numbers }
    text = { pass.text($0) }
  }

  init(around: Surroundings) {
    value = { around.tensor($0) }
    text = { around.text($0) }
  }

  /// The calculation of the element with this row-major number; nil where there is more to it than arithmetic.
  func calculation(_ expression: Expression, unit: Int) -> Calculation? {
    switch expression.kind {
    case .number(let number): return .number(number)
    case .negate(let inner): return calculation(inner, unit: unit).map { .negative($0) }
    case .binary(let op, let left, let right):
      if op.kind == .matrixProduct { return product(left, right, unit) }
      guard let whole = value(expression) else { return nil }
      guard let a = part(left, unit, of: whole), let b = part(right, unit, of: whole) else { return nil }
      return Calculation.combining(op.kind, a, b) ?? element(expression, unit)
    case .call(let callee, let arguments):
      guard arguments.count == 1, let name = callee.name?.text, let rule = elementaryFunction(name),
        let whole = value(expression), let inner = part(arguments[0].value, unit, of: whole)
      else { return element(expression, unit) }
      return .call(name, [inner], rule)
    default: return element(expression, unit)
    }
  }

  /// A part at the place of an element of the whole, where it may have been stretched.
  private func part(_ expression: Expression, _ unit: Int, of whole: Tensor) -> Calculation? {
    guard let own = value(expression) else { return nil }
    if own.count == whole.count { return calculation(expression, unit: unit) }
    if own.count == 1 { return calculation(expression, unit: 0) }
    guard own.rank == 1, whole.shape.dimensions.last == own.count else { return nil }
    return calculation(expression, unit: unit % own.count)
  }

  private func element(_ expression: Expression, _ unit: Int) -> Calculation? {
    guard let tensor = value(expression), unit < tensor.count else { return nil }
    return .read(text(expression) + (tensor.rank == 0 ? "" : tensor.place(of: unit)), tensor[flat: unit])
  }

  private func product(_ left: Expression, _ right: Expression, _ unit: Int) -> Calculation? {
    guard let a = value(left), let b = value(right), (1...2).contains(a.rank), (1...2).contains(b.rank) else {
      return nil
    }
    let count = a.shape.dimensions.last ?? 0
    let columns = b.rank == 2 ? b.shape[1] : 1
    guard count > 0, count <= 12, a.rank == 2 || unit < columns else { return nil }
    let (row, column) = (unit / columns, unit % columns)
    var terms: [Calculation] = []
    for k in 0..<count {
      terms.append(.product([.number(a[flat: row * count + k]), .number(b[flat: k * columns + column])]))
    }
    return .sum(terms)
  }
}

/// The terms of a matrix product, an element of the result at a time.
struct ProductTerms {
  let walk: Walk

  /// The elements of an equation of a time step.
  init?(pass: Pass, equation: Recurrence.Equation) {
    guard let whole = pass.value(equation)?.numbers, whole.count > 0 else { return nil }
    let calculations = UnitCalculation(pass: pass)
    guard calculations.calculation(equation.value, unit: 0) != nil else { return nil }
    let name = pass.subject(equation)
    walk = elementWalk(whole, names: pass.names, law: "\(name) = \(pass.text(equation.value))") { unit in
      let place = whole.rank == 0 ? "" : whole.place(of: unit)
      let subject = name.hasSuffix("]") && !place.isEmpty ? name.dropLast() + "," + place.dropFirst() : name + place
      return (String(subject), calculations.calculation(equation.value, unit: unit))
    }
  }

  init?(_ name: String, _ expression: Expression, _ whole: Tensor, _ around: Surroundings) {
    let calculations = UnitCalculation(around: around)
    guard whole.count > 0, calculations.calculation(expression, unit: 0) != nil else { return nil }
    walk = elementWalk(whole, names: around.names + [(name, Value(whole))], law: "\(name) = \(around.text(expression))")
    { unit in
      (name + (whole.rank == 0 ? "" : whole.place(of: unit)), calculations.calculation(expression, unit: unit))
    }
  }
}

extension Calculation {
  /// What an operator of the language makes of two numbers; nil for those that are no arithmetic.
  static func combining(_ op: BinaryOperator, _ a: Calculation, _ b: Calculation) -> Calculation? {
    switch op {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: .power(a, b)
    default: nil
    }
  }
}
