/// Writes trees as text, each statement on one line, so that reading the text gives the tree again.
///
/// With `.ascii` every sign and every name is written in ASCII: names stay names, if not always the same ones.
package struct Printer: Sendable {
  package enum Alphabet: Sendable { case unicode, ascii }

  private let isASCII: Bool

  package init(_ alphabet: Alphabet = .unicode) { isASCII = alphabet == .ascii }

  package func text(_ statements: [Statement]) -> String {
    statements.map { text($0) + ($0.isSilenced ? ";" : "") }.joined(separator: "\n")
  }

  private func spelled(_ name: String) -> String { isASCII ? Symbols.asciiName(of: name) : name }

  private func pick(_ unicode: String, _ ascii: String) -> String { isASCII ? ascii : unicode }

  private func list<T>(_ items: [T], _ write: (T) -> String) -> String { items.map(write).joined(separator: ", ") }

  private func names(_ items: [Name]) -> String { list(items) { spelled($0.text) } }

  // MARK: Statements

  package func text(_ statement: Statement) -> String {
    switch statement.kind {
    case .command(let text): return text
    // A lone value that begins with if would be read as the beginning of a block only up to its then.
    case .expression(let expression): return text(expression)
    case .bind(let targets, let values, let indices):
      let tail = indices.isEmpty ? "" : "  where " + self.indices(indices)
      return list(targets, target) + " = " + list(values) { text($0) } + tail
    case .define(let function):
      let parameters = list(function.parameters) { parameter in
        spelled(parameter.name.text) + (parameter.defaultValue.map { ": " + text($0) } ?? "")
      }
      return spelled(function.name.text) + (function.isDerivative ? "'" : "") + "(\(parameters)) = "
        + body(function.body, .pipe)
    case .forLoop(let variables, let sequence, let block):
      return "for \(names(variables)) in \(text(sequence)) \(text(block))"
    case .whileLoop(let condition, let block): return "while \(text(condition)) \(text(block))"
    case .repeatLoop(let count, let block): return "repeat \(text(count)) \(text(block))"
    case .conditional(let conditional):
      let arms = conditional.arms.map { "if \(text($0.condition)) \(text($0.block))" }.joined(separator: " else ")
      return arms + (conditional.otherwise.map { " else " + text($0) } ?? "")
    }
  }

  package func text(_ block: Block) -> String {
    block.statements.isEmpty ? "{ }" : "{ " + block.statements.map { text($0) }.joined(separator: "; ") + " }"
  }

  private func body(_ body: Body, _ level: Parser.Level) -> String {
    switch body {
    case .block(let block): text(block)
    case .expression(let expression): text(expression, level)
    }
  }

  private func indices(_ indices: [Index]) -> String {
    list(indices) { index in spelled(index.name.text) + (index.range.map { " in " + text($0, .range) } ?? "") }
  }

  package func target(_ target: Target) -> String {
    switch target {
    case .name(let name): return spelled(name.text)
    case .field(let path, let field): return text(path, .tightest) + "." + spelled(field.text)
    case .indexed(let name, let places, _):
      return spelled(name.text) + "["
        + list(places) { place in
          switch place.kind {
          case .integer(let number): return String(number)
          case .value(let expression): return "(" + text(expression) + ")"
          case .index(let name, let offset):
            let shift = offset == 0 ? "" : offset > 0 ? "+\(offset)" : "\(offset)"
            return spelled(name.text) + shift
          }
        } + "]"
    }
  }

  // MARK: Expressions

  package func text(_ expression: Expression) -> String { text(expression, .pipe) }

  /// The text, in parentheses if it binds less tightly than its place asks for.
  private func text(_ expression: Expression, _ wanted: Parser.Level) -> String {
    let (text, strength) = written(expression)
    return strength < wanted ? "(" + text + ")" : text
  }

  private func written(_ expression: Expression) -> (String, Parser.Level) {
    switch expression.kind {
    case .number(let value): return (number(value), .tightest)
    case .string(let text): return (quoted(text), .tightest)
    case .name(let name): return (spelled(name), .tightest)
    case .end: return ("end", .tightest)
    case .negate(let inner): return ("-" + text(inner, .factor), .factor)
    case .not(let inner): return ("not " + text(inner, .not), .not)
    case .binary(let op, let left, let right): return binary(op, left, right)
    case .choice(let condition, let yes, let no):
      return ("if \(text(condition)) then \(text(yes)) else \(text(no, .lambda))", .lambda)
    case .lambda(let parameters, let body):
      let left = parameters.count == 1 ? spelled(parameters[0].text) : "(" + names(parameters) + ")"
      return (left + " -> " + self.body(body, .lambda), .lambda)
    case .call(let callee, let arguments):
      if !isASCII, case .name("sqrt") = callee.kind, arguments.count == 1, arguments[0].label == nil {
        return ("√" + text(arguments[0].value, .factor), .factor)
      }
      return (base(callee) + "(" + self.arguments(arguments) + ")", .tightest)
    case .index(let inner, let items): return (base(inner) + "[" + list(items, item) + "]", .tightest)
    case .field(let inner, let name):
      // ∇f.a is the gradient of f.a.
      if case .gradient = inner.kind { return ("(" + text(inner) + ")." + spelled(name.text), .tightest) }
      return (base(inner) + "." + spelled(name.text), .tightest)
    case .derivative(let inner): return (base(inner) + "'", .tightest)
    case .transpose(let inner): return (base(inner) + pick("ᵀ", ".T"), .tightest)
    case .big(let big, let indices, let body):
      let sign = isASCII ? big.rawValue : big == .sum ? "∑" : big == .prod ? "∏" : big.rawValue
      // It takes in all of a term: left of another factor it is put in parentheses, see `endsOpen`.
      return ("\(sign)[\(self.indices(indices))] \(text(body, .term))", .factor)
    case .gradient(let parameters, let function): return (gradient(parameters, function), .tightest)
    case .partial(let value, let variable):
      if isASCII { return ("partial(\(text(value)), \(text(variable)))", .tightest) }
      return ("∂\(text(value))/∂\(text(variable))", .power)
    case .list(let items):
      return ("(" + list(items) { text($0) } + (items.count == 1 ? ",)" : ")"), .tightest)
    case .record(let fields): return ("(" + arguments(fields) + ")", .tightest)
    case .tensor(let rows):
      return ("[" + rows.map { row in list(row) { text($0) } }.joined(separator: "; ") + "]", .tightest)
    }
  }

  /// What stands before a bracket, a point, a prime. A number there would be a coefficient.
  private func base(_ expression: Expression) -> String {
    if case .number = expression.kind { return "(" + text(expression) + ")" }
    return text(expression, .tightest)
  }

  private func arguments(_ arguments: [Argument]) -> String {
    list(arguments) { argument in (argument.label.map { spelled($0.text) + ": " } ?? "") + text(argument.value) }
  }

  private func item(_ item: Subscript) -> String {
    switch item.kind {
    case .all: ":"
    case .rest: "..."
    case .new: "new"
    case .value(let expression): close(expression) ?? text(expression)
    }
  }

  /// Short sums of names and numbers, as they are written in subscripts: `t-1`, `2*i+p`.
  private func close(_ expression: Expression) -> String? {
    switch expression.kind {
    case .name, .number, .end: return text(expression)
    case .binary(let op, let left, let right) where op.kind == .add || op.kind == .subtract || op.kind == .multiply:
      if case .binary(let inner, _, _) = left.kind, op.kind == .multiply, inner.kind != .multiply { return nil }
      if case .binary(let inner, _, _) = right.kind, op.kind == .multiply || inner.kind != .multiply { return nil }
      guard let first = close(left), let second = close(right) else { return nil }
      return first + op.kind.sign(op.symbol, isASCII: isASCII) + second
    default: return nil
    }
  }

  private func gradient(_ parameters: [Name], _ function: Expression) -> String {
    let sign = pick("∇", "grad") + (parameters.isEmpty ? "" : "[" + names(parameters) + "]")
    switch function.kind {
    // What follows a gradient belongs to the gradient, so only a name can do without parentheses.
    case .name, .gradient:
      if !isASCII { return sign + (parameters.isEmpty ? "" : " ") + text(function, .tightest) }
    default: break
    }
    return sign + "(" + text(function) + ")"
  }

  private func binary(_ op: Operator, _ left: Expression, _ right: Expression) -> (String, Parser.Level) {
    if op.kind == .power { return power(left, right) }
    let strength = op.kind.level
    let tighter = op.kind.level.tighter
    // Comparisons and ranges do not chain; all else groups from the left.
    let leftWanted = op.kind.level == .test || op.kind.level == .range ? tighter : strength
    var first = text(left, leftWanted)
    // A big operator or a lambda would take in what follows it.
    if strength == .term, left.endsOpen { first = "(" + text(left) + ")" }
    let sign = op.kind.sign(op.symbol, isASCII: isASCII)
    let space = op.kind.level == .range ? "" : " "
    return (first + space + sign + space + text(right, tighter), strength)
  }

  private func power(_ left: Expression, _ right: Expression) -> (String, Parser.Level) {
    let base = text(left, .tightest)
    if !isASCII, let raised = raised(right) { return (base + raised, .power) }
    return (base + "^" + exponent(right), .power)
  }

  private func exponent(_ expression: Expression) -> String {
    switch expression.kind {
    case .negate(let inner): return "-" + exponent(inner)
    case .binary(let op, _, _) where op.kind == .power:
      return text(expression, .power)
    default: return text(expression, .power)
    }
  }

  /// `²`, `⁻¹`, `ᵗ`, where the exponent can be raised.
  private func raised(_ exponent: Expression) -> String? {
    switch exponent.kind {
    case .negate(let inner):
      if case .negate = inner.kind { return nil }
      return raised(inner).map { "⁻" + $0 }
    case .number(let value) where value >= 0 && value < 1e6 && value == value.rounded():
      return raised(String(Int(value)))
    case .name(let name) where name.unicodeScalars.count == 1: return raised(name)
    default: return nil
    }
  }

  private func raised(_ text: String) -> String? {
    var result = ""
    for character in text {
      guard let sign = Symbols.raised(character) else { return nil }
      result.append(sign)
    }
    return result
  }

  private func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
    // Swift writes 1e-06.
    let parts = "\(value)".split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(value)" }
    return "\(parts[0])e\(exponent)"
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Expression {
  /// Whether the text ends in something that would take in a following `*` or `/`.
  fileprivate var endsOpen: Bool {
    switch kind {
    case .big: true
    case .negate(let inner): inner.endsOpen
    case .binary(let op, _, let right) where op.kind.level >= .term && op.kind != .power: right.endsOpen
    case .call(let callee, let arguments):
      // √∑[k] … is written without parentheses.
      callee.name?.text == "sqrt" && arguments.count == 1 && arguments[0].value.endsOpen
    default: false
    }
  }
}

extension BinaryOperator {
  var level: Parser.Level {
    switch self {
    case .pipe: .pipe
    case .compose: .compose
    case .or: .or
    case .and: .and
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .approximate: .test
    case .rangeUpTo, .rangeThrough: .range
    case .add, .subtract, .join: .sum
    case .multiply, .divide, .remainder, .matrixProduct: .term
    case .power: .factor
    }
  }

  /// The sign in one alphabet; products keep the spelling that was typed.
  package func sign(_ typed: String = "", isASCII: Bool) -> String {
    switch self {
    case .pipe: "|>"
    case .compose: ">>"
    case .or: "or"
    case .and: "and"
    case .equal: "=="
    case .notEqual: isASCII ? "!=" : "≠"
    case .less: "<"
    case .lessOrEqual: isASCII ? "<=" : "≤"
    case .greater: ">"
    case .greaterOrEqual: isASCII ? ">=" : "≥"
    case .approximate: isASCII ? "~~" : "≈"
    case .rangeUpTo: "..<"
    case .rangeThrough: "..."
    case .add: "+"
    case .subtract: "-"
    case .join: "++"
    case .multiply: typed == "⊙" && !isASCII ? "⊙" : "*"
    case .divide: "/"
    case .remainder: "%"
    case .matrixProduct: typed == "·" && !isASCII ? "·" : "@"
    case .power: "^"
    }
  }
}
