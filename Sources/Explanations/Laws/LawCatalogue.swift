import Language
import Tensors

/// A call of a built-in of which one element is explained.
struct LawCall {
  let builtin: Builtin
  let callee: Expression
  let arguments: [Language.Argument]
  let expression: Expression
  let at: [Coordinate]
  let around: Meanings
  let elements: Elements

  /// What stands for a parameter; nil where the call leaves it out.
  subscript(parameter: String) -> Expression? {
    if let labelled = arguments.first(where: { $0.label?.text == parameter }) { return labelled.value }
    guard let index = builtin.parameters.firstIndex(where: { $0.name == parameter }) else { return nil }
    let plain = arguments.filter { $0.label == nil }
    return index < plain.count ? plain[index].value : nil
  }

  /// The arguments without labels.
  var operands: [Expression] { arguments.filter { $0.label == nil }.map(\.value) }

  func whole(_ parameter: String) throws -> Int? {
    guard let expression = self[parameter], case .number(let number) = try around.value(expression) else { return nil }
    return Int(exactly: number)
  }

  func flag(_ parameter: String) throws -> Bool {
    guard let expression = self[parameter], case .number(let number) = try around.value(expression) else {
      return false
    }
    return number != 0
  }

  func word(_ parameter: String) throws -> String? {
    guard let expression = self[parameter], case .string(let text) = try around.value(expression) else { return nil }
    return text
  }

  func operand(_ expression: Expression) throws -> Calculation {
    try elements.element(expression, try elements.fit(at, expression, around), around)
  }

  var hasLetters: Bool { at.numbers == nil || around.letters.values.contains { $0.number == nil } }
}

/// How one element of what a kind of built-in gives comes about.
protocol Law: Sendable {
  /// The built-ins it is of.
  var names: [String] { get }
  /// The calculation of the element; nil where the law does not hold for these arguments.
  func element(_ call: LawCall) throws -> Calculation?
}

/// Every law. What has none here is shown as what it is: the call and its value.
enum LawCatalogue {
  static let all: [any Law] =
    [
      FunctionLaw(), ReductionLaw(), SpreadLaw(), ExtremeLaw(), SoftmaxLaw(), PoolLaw(), ConvolutionLaw(), MovedLaw(),
      DeterminantLaw(), CholeskyLaw(), AccuracyLaw(), AlignmentLaw(), HessianLaw(),
    ] + DefinedLaw.all

  private static let byName: [String: any Law] = {
    var table: [String: any Law] = [:]
    for law in all { for name in law.names where table[name] == nil { table[name] = law } }
    return table
  }()

  static func law(of name: String) -> (any Law)? { byName[name] }

  static func element(_ call: LawCall) throws -> Calculation? {
    try byName[call.builtin.name]?.element(call)
  }
}

/// Functions that work on each number by itself.
struct FunctionLaw: Law {
  var names: [String] {
    BuiltinCatalogue.all.filter { $0.theme == .elementwise && !["max", "min"].contains($0.name) }.map(\.name)
  }

  func element(_ call: LawCall) throws -> Calculation? {
    let interpreter = call.around.interpreter
    let inner = try call.operands.map { try call.operand($0) }
    guard !inner.isEmpty else { return nil }
    if call.builtin.name == "sqrt" { return .root(inner[0]) }
    if call.builtin.name == "pow", inner.count == 2 { return .power(inner[0], inner[1]) }
    if ["exp", "log", "ln"].contains(call.builtin.name), inner.count == 1 {
      let name = call.builtin.name == "exp" ? "exp" : "ln"
      return .call(name, inner, elementaryFunction(name)!)
    }
    let function = Value.function(call.builtin.function)
    let labelled = try call.arguments.filter { $0.label != nil }.map {
      ($0.label?.text, try call.around.value($0.value))
    }
    let name = call.callee.name?.text ?? call.builtin.name
    return .call(name, inner) { numbers in
      let values = numbers.map { Value.number($0) } + labelled.map(\.1)
      let labels = numbers.map { _ in String?.none } + labelled.map(\.0)
      guard case .number(let result)? = try? interpreter.call(function, values, labels: labels) else { return .nan }
      return result
    }
  }
}

/// Sums, means and what is made of them, over all axes or one.
struct ReductionLaw: Law {
  let names = ["sum", "mean", "prod"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let x = call["x"] ?? call.operands.first else { return nil }
    return try Self.over(x, call) { series in
      switch call.builtin.name {
      case "sum": .series(series)
      case "mean": .series(series) / .number(Double(series.count))
      default: .named("∏[\(series.letters)] \(series.body.text())", .product((0..<series.count).map(series.term)))
      }
    }
  }

  /// The series over all axes of `x`, or the one the call names.
  static func over(_ x: Expression, _ call: LawCall, _ make: (Calculation.Series) -> Calculation) throws -> Calculation?
  {
    let (elements, around) = (call.elements, call.around)
    let extents = try elements.extents(x, around)
    guard !extents.isEmpty else { return try elements.element(x, [], around) }
    var axes = Array(extents.indices)
    if let axis = try call.whole("axis") { axes = [axis < 0 ? axis + extents.count : axis] }
    guard axes.allSatisfy(extents.indices.contains) else { return nil }
    let isKept = try call.flag("keep")
    let pool = ["i", "j", "k", "l", "m"].filter { !elements.taken.contains($0) } + Elements.letterNames
    let letters =
      axes.count == 1 && extents.count > 1
      ? [elements.letter([axes == [0] ? "n" : "k"])] : Array(pool.prefix(axes.count))
    let inner = elements.taking(letters)
    func places(_ chosen: [Coordinate]) -> [Coordinate] {
      var (rest, next) = (call.at[...], chosen[...])
      return extents.indices.map { axis in
        if axes.contains(axis) {
          if isKept { _ = rest.popFirst() }
          return next.popFirst() ?? Coordinate(0)
        }
        return rest.popFirst() ?? Coordinate(0)
      }
    }
    let sizes = axes.map { extents[$0] }
    func unravel(_ place: Int) -> [Int] {
      var (numbers, rest): ([Int], Int) = ([], place)
      for size in sizes.reversed() {
        numbers.append(rest % max(1, size))
        rest /= max(1, size)
      }
      return numbers.reversed()
    }
    let count = sizes.reduce(1, *)
    let body = try inner.element(x, places(letters.map { Coordinate(letter: $0) }), around)
    func term(_ place: Int) throws -> Calculation {
      try inner.element(x, places(unravel(place).map { Coordinate($0) }), around)
    }
    if count > 0 { _ = (try term(0), try term(count - 1)) }
    var total: Double?
    if count > TermTable.mostTerms, !call.hasLetters, axes.count == extents.count, let tensor = try around.tensor(x) {
      total = tensor.sum()[flat: 0]
    }
    return make(
      Calculation.Series(
        letters.joined(separator: ","), count: count, body: body, total: total,
        place: { unravel($0).map(String.init).joined(separator: ",") }, term: { (try? term($0)) ?? .number(.nan) }))
  }
}
