import Display
import Language
import Tensors

/// Where an expression stands: the session, the line it belongs to, and what names mean there beside the session's.
struct Surroundings {
  let interpreter: Interpreter
  var source: SourceText
  var origin: Origin?
  var names: [(name: String, value: Value)] = []
  /// Where its random numbers begin, if not where those of the line do.
  var random: RandomGenerator?

  func value(_ expression: Expression) -> Value? {
    var moved: RandomGenerator?
    return value(expression, movedTo: &moved)
  }

  /// - Parameter moved: where the random numbers of what follows begin.
  func value(_ expression: Expression, movedTo moved: inout RandomGenerator?) -> Value? {
    if case .name(let name) = expression.kind, let own = names.last(where: { $0.name == name })?.value { return own }
    return try? interpreter.value(
      of: expression, in: source, with: names, within: origin, random: random, movedTo: &moved)
  }

  func value(_ text: String) -> Value? {
    let source = SourceText(text)
    let program = Parser.parse(source)
    guard program.diagnostics.isEmpty, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind
    else { return nil }
    return value(expression)
  }

  func tensor(_ expression: Expression) -> Tensor? { value(expression)?.numbers }

  func adding(_ name: String, _ value: Value) -> Surroundings {
    var copy = self
    copy.names.removeAll { $0.name == name }
    copy.names.append((name, value))
    return copy
  }

  func isBuiltinCall(_ expression: Expression) -> Bool {
    guard case .call(let callee, _) = expression.kind, case .function(let function)? = value(callee),
      case .builtin = function.kind
    else { return false }
    return true
  }

  var style: Style { interpreter.settings.style }
  func text(_ expression: Expression) -> String {
    if case .name(let name) = expression.kind { return name }
    let written = source.text(expression.range)
    return written.isEmpty || written.contains("\n") ? Printer().text(expression) : written
  }
}

extension Value {
  /// The numbers it holds, as one tensor; nil for a record, a network, a word.
  var numbers: Tensor? {
    switch self {
    case .tensor(let tensor): tensor.detached
    case .number(let number): Tensor(number)
    case .range(let range): Tensor((0..<range.count).map { Double(range.start + $0) })
    default: nil
    }
  }
}

extension Tensor {
  /// The rows and columns that are drawn: of more than two axes the first image, of a vector one row.
  var grid: NumberGrid {
    let tensor = detached
    let columns = shape.dimensions.last ?? 1
    let rows = rank < 2 ? 1 : shape[rank - 2]
    return NumberGrid(rows: rows, columns: columns) { tensor[flat: $0 * columns + $1] }
  }

  /// The vector as one column.
  var column: NumberGrid {
    let tensor = detached
    return NumberGrid(rows: tensor.count, columns: 1) { row, _ in tensor[flat: row] }
  }

  /// `z [2, 3]`, and where only the first image of more is drawn `z[0,0] of [2, 3, 4, 4]`.
  func label(_ name: String) -> String {
    if rank == 0 { return name }
    if rank <= 2 { return "\(name) \(shape)" }
    return "\(name)[\(Array(repeating: "0", count: rank - 2).joined(separator: ","))] of \(shape)"
  }

  /// The subscripts of an element of what is drawn: its last column in the first row.
  func subscripts(row: Int = 0, column: Int? = nil) -> String {
    if rank == 0 { return "" }
    let column = column ?? shape[rank - 1] - 1
    let places = Array(repeating: 0, count: Swift.max(0, rank - 2)) + (rank > 1 ? [row] : []) + [column]
    return "[" + places.map(String.init).joined(separator: ",") + "]"
  }
}
