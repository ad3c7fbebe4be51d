import Language
import Networks
import Tensors

/// How one element was made: its law as a text, and the calculation.
struct Derivation {
  /// `h = relu(z)`
  var law: String
  /// The line of the user's that it is; nil for letters and what was typed after `:why`.
  var line: Int?
  var calculation: Calculation
  /// What the value was made by, where that is a call.
  var expression: Expression
  var around: Meanings
  /// The places that the expression is taken at.
  var at: [Coordinate]
  /// The statement it belongs to.
  var statement: Statement?
  var origin: Origin?
}

/// How a value without a law came to be.
enum Given {
  case typed(line: Int)
  case drawn(line: Int, text: String)
  case loaded(line: Int, text: String)
  case weight(String)
  case forgotten(String)
}

extension Elements {
  /// The line or the definition behind an element of something known; nil for what was given.
  func derivation(_ known: Known, _ at: [Coordinate], _ interpreter: Interpreter) throws -> Derivation? {
    switch known.how {
    case .given, .builtin: return nil
    case .expression(let expression, let around):
      return Derivation(
        law: "", line: nil, calculation: try element(expression, at, around), expression: expression, around: around,
        at: at, statement: nil, origin: around.origin)
    case .law(let make):
      guard let law = try make() else { return nil }
      let name = Expression(.name(known.label), SourceRange(0, 0))
      return Derivation(
        law: "", line: nil, calculation: try law.element(at, self), expression: name,
        around: Meanings(interpreter, SourceText(known.label)), at: at)
    case .version(let version):
      guard let origin = version.origin, !origin.isForgotten else { return nil }
      return try derivation(of: version, at, origin, interpreter)
    }
  }

  private func derivation(of version: Version, _ at: [Coordinate], _ origin: Origin, _ interpreter: Interpreter) throws
    -> Derivation?
  {
    var source = version
    if case .sequence(let sequence) = version.value, let number = at.first?.number, sequence[number] != nil {
      source = interpreter.source(of: number, in: version)
    }
    guard let origin = source.origin else { return nil }
    let around = Meanings(interpreter, origin.source, origin: origin)
    if source !== version || origin.isCompound || isRecurrence(origin.statement, version.name) {
      around.locals[version.name] = Known(version.name, version.value, .version(version))
    }
    return try derivation(
      in: [origin.statement], of: version.name, at, around, origin, interpreter)
  }

  private func isRecurrence(_ statement: Statement, _ name: String) -> Bool {
    guard case .bind(let targets, let values, _) = statement.kind else { return false }
    return targets.contains { if case .indexed(let other, _, _) = $0 { other.text == name } else { false } }
      && values.contains { $0.mentions(name) }
  }

  /// The last of some statements that binds a name, as the law of an element.
  private func derivation(
    in statements: [Statement], of name: String, _ at: [Coordinate], _ around: Meanings, _ origin: Origin,
    _ interpreter: Interpreter
  ) throws -> Derivation? {
    for statement in statements.reversed() {
      switch statement.kind {
      case .bind(let targets, let values, let stated):
        guard let index = targets.firstIndex(where: { $0.rootText == name }) else { continue }
        guard values.count == targets.count else {
          // One of several values that a call gives at once: `Q, R = qr(A)`.
          guard values.count == 1, case .name = targets[index], case .call = values[0].kind else { return nil }
          let places = [Coordinate(index)] + at
          let text = origin.source.text(statement.range).split(separator: "\n").first.map(String.init) ?? ""
          return Derivation(
            law: text, line: origin.line(of: statement.range), calculation: try element(values[0], places, around),
            expression: values[0], around: around, at: places, statement: statement, origin: origin)
        }
        let value = values[index]
        return try derivation(targets[index], value, stated, statement, at, around, origin, interpreter)
      case .expression(let expression) where name == "ans":
        return Derivation(
          law: "ans = \(origin.source.text(expression.range))", line: origin.line(of: statement.range),
          calculation: try element(expression, at, around), expression: expression, around: around, at: at,
          statement: statement, origin: origin)
      case .forLoop(let names, _, let block):
        let letter = names.count == 1 ? names[0].text : nil
        bindLoop(block, around, origin, interpreter)
        if let letter, let target = block.statements.last(where: { $0.binds(name) }),
          case .bind(let targets, _, _) = target.kind,
          case .indexed(_, let places, _)? = targets.first(where: { $0.rootText == name }),
          case .index(let first, let offset)? = places.first?.kind, first.text == letter, let number = at.first?.number
        {
          let inner = around.with(letters: [letter: Coordinate(number - offset)])
          return try derivation(in: block.statements, of: name, at, inner, origin, interpreter)
        }
        if let target = block.statements.last(where: { $0.binds(name) }),
          case .bind(let targets, _, _) = target.kind, case .name? = targets.first,
          let (value, before) = try? following(statement, name, origin, interpreter)
        {
          return Derivation(
            law: origin.source.text(target.range), line: origin.line(of: target.range),
            calculation: try element(value, at, before), expression: value, around: before, at: at, statement: target,
            origin: origin)
        }
        return try derivation(in: block.statements, of: name, at, around, origin, interpreter)
      case .whileLoop(_, let block), .repeatLoop(_, let block):
        if let (value, before) = try? following(statement, name, origin, interpreter) {
          let text = block.statements.last { $0.binds(name) }.map { origin.source.text($0.range) } ?? ""
          return Derivation(
            law: text, line: origin.line(of: statement.range), calculation: try element(value, at, before),
            expression: value, around: before, at: at, statement: statement, origin: origin)
        }
        bindLoop(block, around, origin, interpreter)
        return try derivation(in: block.statements, of: name, at, around, origin, interpreter)
      case .conditional(let conditional):
        for arm in conditional.arms {
          let holds = try Self.number(in: around.value(arm.condition), [], "", interpreter.elementType) != 0
          if holds { return try derivation(in: arm.block.statements, of: name, at, around, origin, interpreter) }
        }
        return try derivation(
          in: conditional.otherwise?.statements ?? [], of: name, at, around, origin, interpreter)
      default: continue
      }
    }
    return nil
  }

  /// What a loop has bound is meant as it was at its end.
  private func bindLoop(_ block: Block, _ around: Meanings, _ origin: Origin, _ interpreter: Interpreter) {
    for statement in block.statements {
      guard case .bind(let targets, _, _) = statement.kind else { continue }
      for name in targets.map(\.rootText) where around.locals[name] == nil {
        if let version = interpreter.version(of: name), version.origin === origin {
          around.locals[name] = Known(name, version.value, .version(version))
        }
      }
    }
  }

  private func derivation(
    _ target: Target, _ value: Expression, _ stated: [Index], _ statement: Statement, _ at: [Coordinate],
    _ around: Meanings, _ origin: Origin, _ interpreter: Interpreter
  ) throws -> Derivation? {
    var inner = around
    var rest = at
    if case .indexed(_, let places, _) = target {
      var letters: [String: Coordinate] = [:]
      for place in places {
        guard !rest.isEmpty else { break }
        let here = rest.removeFirst()
        if case .index(let name, let offset) = place.kind, around.letters[name.text] == nil {
          letters[name.text] =
            offset == 0
            ? here : here.number.map { Coordinate($0 - offset) } ?? Coordinate(here.text + "-\(offset)", nil)
        }
      }
      if !letters.isEmpty {
        inner = around.with(letters: letters)
        let names = places.compactMap { place -> Name? in
          if case .index(let name, _) = place.kind, around.letters[name.text] == nil { return name }
          return nil
        }
        var known: [(name: String, value: Value)] = []
        for (name, local) in around.locals { known.append((name, try local.value())) }
        for (name, place) in around.letters { known.append((name, .number(Double(place.number ?? 0)))) }
        let found = try? interpreter.ranges(
          of: value, in: around.source, letters: names, stated: stated, where: known, within: origin)
        for entry in found ?? [] { inner.ranges[entry.start] = entry.range }
      }
    }
    let text = origin.source.text(statement.range).split(separator: "\n").first.map(String.init) ?? ""
    return Derivation(
      law: text, line: origin.line(of: statement.range), calculation: try element(value, rest, inner),
      expression: value, around: inner, at: rest, statement: statement, origin: origin)
  }

  /// How a value that no line computed came to be.
  func given(_ known: Known, _ at: [Coordinate]) -> Given? {
    switch known.how {
    case .given: return .weight(known.label)
    case .builtin: return nil
    case .expression, .law: return nil
    case .version(let version):
      guard let origin = version.origin else { return nil }
      if origin.isForgotten { return .forgotten(version.name) }
      let line = origin.line(of: origin.statement.range)
      guard case .bind(_, let values, _) = origin.statement.kind, let value = values.last else {
        return .loaded(line: line, text: origin.text)
      }
      switch value.kind {
      case .number, .tensor, .negate: return .typed(line: line)
      case .call(let callee, _):
        if ["randn", "rand", "randint", "permutation", "multinomial"].contains(callee.name?.text) {
          return .drawn(line: line, text: origin.source.text(value.range))
        }
        return .loaded(line: line, text: origin.source.text(value.range))
      default: return .loaded(line: line, text: origin.text)
      }
    }
  }
}

extension Target {
  /// The name that is bound, or a part of what it is bound to.
  var rootText: String {
    switch self {
    case .name(let name), .indexed(let name, _, _): return name.text
    case .field(let path, let field):
      var current = path
      while true {
        switch current.kind {
        case .name(let name): return name
        case .field(let base, _), .index(let base, _): current = base
        default: return field.text
        }
      }
    }
  }
}

extension Statement {
  fileprivate func binds(_ name: String) -> Bool {
    if case .bind(let targets, _, _) = kind { targets.contains { $0.rootText == name } } else { false }
  }
}
