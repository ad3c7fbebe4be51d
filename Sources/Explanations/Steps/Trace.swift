import Display
import Language
import Tensors

/// Statements as they ran: one after the other, those of a loop once for each pass, of a choice those of the branch that was taken.
///
/// A value of a sequence has a name of its own, `h[2]`, and so has a part of a record or a list, `p.W`, so that every line is a name
/// bound to an expression of names.
struct Trace {
  indirect enum Line {
    case bound(Bound)
    case pass(Pass)
  }

  /// What one statement bound.
  struct Bound {
    /// The names with what they were bound to; of `a, b = f(x)` each with the whole call.
    var pieces: [(name: String, expression: Expression, value: Value)]
    var isUnpacking = false
    /// What names meant before it.
    var around: Surroundings
    /// As it is written, and why it was run: `since x > 0`.
    var text: String
    var reason = ""
    /// Of an equation element by element: itself, and the indices on its left.
    var line: Statement?
    var places: [Place]?
  }

  /// One pass of a loop.
  struct Pass {
    /// `k = 2`, `pass 3`
    let name: String
    let lines: [Line]
    /// What names meant at its end.
    let around: Surroundings

    /// What it bound, each name once.
    var boundNames: [String] {
      var names: [String] = []
      for line in lines {
        for name in line.boundNames where !names.contains(name) { names.append(name) }
      }
      return names
    }
  }

  /// `h[2]`: an element of a sequence, or of a tensor that a loop reads one after the other.
  struct Element {
    let base: String
    let number: Int
    let isOfSequence: Bool
  }

  var lines: [Line] = []
  var elements: [String: Element] = [:]
  var sequences: [String: [Int: Value]] = [:]
  /// What names meant at the end.
  var around: Surroundings

  /// More statements than these are not followed one by one.
  static let most = 600

  /// - Parameter result: what the last value is called, where the statements are those of a function.
  /// - Returns: nil where a statement is of a kind that cannot be followed, or there are too many.
  init?(_ statements: [Statement], _ around: Surroundings, result: String? = nil) {
    self.around = around
    var runner = TraceRunner(around)
    guard let lines = runner.run(statements, result) else { return nil }
    (self.lines, self.around) = (lines, runner.around)
    (elements, sequences) = (runner.elements, runner.sequences)
  }
}

extension Trace.Line {
  var boundNames: [String] {
    switch self {
    case .bound(let bound): bound.pieces.map(\.name)
    case .pass(let pass): pass.boundNames
    }
  }
}

/// Runs statements one by one and writes down what each bound.
struct TraceRunner {
  var around: Surroundings
  private(set) var elements: [String: Trace.Element] = [:]
  private(set) var sequences: [String: [Int: Value]] = [:]
  private var letters: [String] = []
  private var reason = ""
  private var left = Trace.most

  init(_ around: Surroundings) { self.around = around }

  mutating func run(_ statements: [Statement], _ result: String?) -> [Trace.Line]? {
    var lines: [Trace.Line] = []
    for (index, statement) in statements.enumerated() {
      let result = index == statements.count - 1 ? result : nil
      guard let more = run(statement, result) else { return nil }
      lines += more
    }
    return lines
  }

  private mutating func run(_ statement: Statement, _ result: String?) -> [Trace.Line]? {
    switch statement.kind {
    case .expression(let expression):
      guard let result else { return [] }
      return bound([(result, expression)], statement)
    case .bind(let targets, let values, let indices):
      guard var lines = bind(targets, values, indices, statement) else { return nil }
      // The last value of a function is what its last line bound.
      if let result, let name = lines.last?.boundNames.last {
        guard let more = bound([(result, Expression(.name(name)))], statement) else { return nil }
        lines += more
      }
      return lines
    case .define(let function):
      guard let value = around.bound(function.name.text, by: statement) else { return nil }
      around = around.adding(function.name.text, value)
      return result == nil ? [] : nil
    case .forLoop(let names, let range, let block): return result == nil ? loop(names, range, block) : nil
    case .whileLoop(let condition, let block):
      guard result == nil else { return nil }
      var lines: [Trace.Line] = []
      while let holds = truth(condition) {
        if !holds { return lines }
        guard let pass = pass("pass \(lines.count + 1)", block) else { return nil }
        lines.append(pass)
      }
      return nil
    case .repeatLoop(let count, let block):
      guard result == nil, let times = around.tensor(count), times.count == 1, times.item >= 0, times.item < 1e6 else {
        return nil
      }
      var lines: [Trace.Line] = []
      for number in 0..<Int(times.item) {
        guard let pass = pass("pass \(number + 1)", block) else { return nil }
        lines.append(pass)
      }
      return lines
    case .conditional(let conditional):
      let outer = reason
      defer { reason = outer }
      var failed: [String] = []
      for arm in conditional.arms {
        guard let holds = truth(arm.condition) else { return nil }
        let text = around.text(arm.condition)
        if holds {
          reason = "since \(text)"
          return run(arm.block.statements, result)
        }
        failed.append(text)
      }
      reason = failed.count == 1 ? "since not \(failed[0])" : "since none of them holds"
      return run(conditional.otherwise?.statements ?? [], result)
    case .command: return nil
    }
  }

  private mutating func truth(_ condition: Expression) -> Bool? {
    let (changed, inside) = resolved(condition)
    guard let tensor = inside.tensor(changed), tensor.count == 1 else { return nil }
    return tensor.item != 0
  }

  // MARK: Loops

  private mutating func loop(_ names: [Name], _ range: Expression, _ block: Block) -> [Trace.Line]? {
    let (changed, inside) = resolved(range)
    guard let values = inside.value(changed).flatMap(items) else { return nil }
    let before = around.names.filter { own in names.contains { $0.text == own.name } }
    letters += names.map(\.text)
    defer {
      letters.removeLast(names.count)
      around.names.removeAll { own in names.contains { $0.text == own.name } }
      around.names += before
    }
    // A loop that runs again keeps only the first values of its sequences: those are known from the lines before.
    var lines: [Trace.Line] = []
    for (index, value) in values.enumerated() {
      guard let parts = names.count == 1 ? [value] : items(of: value), parts.count == names.count else { return nil }
      for (name, part) in zip(names, parts) { around = around.adding(name.text, part) }
      var label = "pass \(index + 1)"
      if names.count == 1, let number = value.numbers, number.rank == 0 {
        label = "\(names[0].text) = \(around.style.number(number.item))"
      }
      guard let pass = pass(label, block) else { return nil }
      lines.append(pass)
    }
    return lines
  }

  private func items(of value: Value) -> [Value]? {
    switch value {
    case .list(let items): return items
    default:
      guard let numbers = value.numbers, numbers.rank > 0, numbers.shape[0] <= Trace.most else { return nil }
      return (0..<numbers.shape[0]).map { Value(numbers[$0].detached) }
    }
  }

  private mutating func pass(_ name: String, _ block: Block) -> Trace.Line? {
    left -= 1
    guard left >= 0, let lines = run(block.statements, nil) else { return nil }
    return .pass(Trace.Pass(name: name, lines: lines, around: around))
  }

  // MARK: Bindings

  private mutating func bind(
    _ targets: [Target], _ values: [Expression], _ indices: [Index], _ statement: Statement
  ) -> [Trace.Line]? {
    if targets.count == 1, case .indexed(let name, let places, _) = targets[0], place(targets[0]) == nil {
      guard indices.isEmpty || !places.isEmpty, let value = around.bound(name.text, by: statement),
        let numbers = value.numbers
      else { return nil }
      guard
        let line = record(
          [(name.text, values[0], Value(numbers))], around, statement, line: statement,
          places: statement.places(of: name.text))
      else { return nil }
      around = around.adding(name.text, Value(numbers))
      return [line]
    }
    let names = targets.map { target -> String? in
      switch target {
      case .name(let name): name.text
      case .indexed(let name, _, _): place(target).map { "\(name.text)[\($0)]" }
      case .field: nil
      }
    }
    var values = values
    if values.count == 1, case .list(let items) = values[0].kind, items.count == targets.count { values = items }
    guard !names.contains(nil), values.count == targets.count || values.count == 1 else { return nil }
    let pieces = names.enumerated().map { ($1 ?? "", values.count == 1 ? values[0] : values[$0]) }
    guard let lines = bound(pieces, statement, isUnpacking: values.count < targets.count) else { return nil }
    for (target, line) in zip(targets, names) {
      guard case .indexed(let name, _, _) = target, let number = place(target),
        let value = around.names.last(where: { $0.name == line })?.value
      else { continue }
      sequences[name.text, default: [:]][number] = value
      elements["\(name.text)[\(number)]"] = Trace.Element(base: name.text, number: number, isOfSequence: true)
    }
    return lines
  }

  /// The number at which a target adds to a sequence; nil where it binds element by element.
  private func place(_ target: Target) -> Int? {
    guard case .indexed(_, let places, _) = target, places.count == 1 else { return nil }
    switch places[0].kind {
    case .integer(let number): return number
    case .value(let expression): return whole(expression)
    case .index(let letter, let offset):
      guard letters.contains(letter.text) else { return nil }
      return whole(Expression(.name(letter.text))).map { $0 + offset }
    }
  }

  private func whole(_ expression: Expression) -> Int? {
    guard let tensor = around.tensor(expression), tensor.count == 1 else { return nil }
    return Int(exactly: tensor.item)
  }

  private mutating func bound(
    _ pieces: [(name: String, expression: Expression)], _ statement: Statement, isUnpacking: Bool = false
  ) -> [Trace.Line]? {
    let outer = around
    var moved = around.random
    defer { around.random = moved }
    var found: [(name: String, expression: Expression, value: Value)] = []
    var before = around
    let bindsAgain = pieces.map(\.name).filter { around.value(Expression(.name($0))) != nil }
    for (index, piece) in pieces.enumerated() {
      var (changed, inside) = resolved(piece.expression)
      // What a name was before is told from what it is now.
      for name in bindsAgain where changed.name == nil && changed.freeNames.contains(name) {
        guard let value = around.value(Expression(.name(name))) else { continue }
        changed = changed.replacing { $0.name?.text == name ? .name(name.asOld) : nil }
        inside = inside.adding(name.asOld, value)
      }
      for (name, value) in inside.names where !before.names.contains(where: { $0.name == name }) {
        before = before.adding(name, value)
      }
      before = before.sourceless(changed != piece.expression)
      guard var value = inside.sourceless(changed != piece.expression).value(changed, movedTo: &moved) else {
        return nil
      }
      // The call of several names is one.
      if !isUnpacking { around.random = moved }
      if isUnpacking {
        guard let parts = items(of: value), parts.count == pieces.count else { return nil }
        value = parts[index]
      }
      found.append((piece.name, changed, value))
    }
    // All are computed before any is bound.
    for piece in found { around = around.adding(piece.name, piece.value) }
    guard let line = record(found, before, statement, isUnpacking: isUnpacking, text: outer) else { return nil }
    return [line]
  }

  private mutating func record(
    _ pieces: [(name: String, expression: Expression, value: Value)], _ before: Surroundings, _ statement: Statement,
    isUnpacking: Bool = false, text: Surroundings? = nil, line: Statement? = nil, places: [Place]? = nil
  ) -> Trace.Line? {
    left -= 1
    guard left >= 0 else { return nil }
    let written = (text ?? before).source.text(statement.range)
    return .bound(
      Trace.Bound(
        pieces: pieces, isUnpacking: isUnpacking, around: before,
        text: written.isEmpty ? Printer().text(statement) : written, reason: reason, line: line, places: places))
  }

  // MARK: Names of parts

  /// The expression with a name for each value of a sequence and each part of a record, and what those names mean.
  mutating func resolved(_ expression: Expression) -> (expression: Expression, around: Surroundings) {
    let (changed, inside, found) = around.naming(partsOf: expression, letters, sequences)
    elements.merge(found) { own, _ in own }
    return (changed, inside)
  }
}
