import Language
import Networks
import Tensors

extension Elements {
  /// An element of what a call gives: by the law of the built-in, through the function of the user, by the layers of a network.
  func call(
    _ callee: Expression, _ arguments: [Language.Argument], _ whole: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    guard !around.letters.contains(where: { $1.number == nil && callee.mentions($0) }) else {
      return try self.whole(whole, at, around)
    }
    switch try around.value(callee) {
    case .function(let function):
      switch function.kind {
      case .builtin(let builtin):
        let call = LawCall(
          builtin: builtin, callee: callee, arguments: arguments, expression: whole, at: at, around: around,
          elements: self)
        return try LawCatalogue.element(call) ?? self.whole(whole, at, around)
      case .user(let user):
        guard let inner = try entering(user, function.name, arguments, around) else {
          return try self.whole(whole, at, around)
        }
        return try element(inner.body, try fit(at, inner.body, inner.around), inner.around)
      case .composed(let parts):
        guard arguments.count == 1, parts.count >= 1 else { return try self.whole(whole, at, around) }
        return try composed(parts, arguments[0].value, whole, at, around)
      case .derivative:
        guard arguments.count == 1, at.numbers != nil || !at.isEmpty else { return try self.whole(whole, at, around) }
        let inner = try element(arguments[0].value, try fit(at, arguments[0].value, around), around)
        if let slope = try slope(callee, inner, at, whole, around) { return slope }
        let label = "\(around.text(callee))(\(inner.text()))"
        let hasLetters = around.letters.contains { $1.number == nil && whole.mentions($0) }
        guard let numbers = at.numbers, !hasLetters else { return .read(label, .nan) }
        let value = try around.value(whole)
        return .named(label, .number(try Self.number(in: value, numbers, label, around.interpreter.elementType)))
      default:
        if opensGradients, case .gradient(let names, let inner) = callee.kind, names.isEmpty, let places = at.numbers,
          let slopes = try FunctionSlopes(inner, arguments, around), let slope = slopes.slope(by: [places])
        {
          return slope
        }
        return try self.whole(whole, at, around)
      }
    case .network(let network):
      return try LayerLaws(elements: self, around: around).element(network, callee, arguments, whole, at)
        ?? self.whole(whole, at, around)
    default: return try self.whole(whole, at, around)
    }
  }

  /// `f'(x)` of a function of the user: its formula, differentiated as often as there are primes.
  private func slope(
    _ callee: Expression, _ argument: Calculation, _ at: [Coordinate], _ whole: Expression, _ around: Meanings
  ) throws -> Calculation? {
    var (function, times) = (callee, 0)
    while case .derivative(let inner) = function.kind { (function, times) = (inner, times + 1) }
    guard times > 0, let places = at.numbers, !around.letters.contains(where: { $1.number == nil }),
      case .function(let meant)? = try? around.value(function), case .user(let user) = meant.kind,
      user.parameters.count == 1
    else { return nil }
    let parameter = user.parameters[0].name
    let name = Expression(.name(parameter), SourceRange(-11, -11))
    let own = Meanings(around.interpreter, around.source, origin: around.origin, locals: around.locals)
    own.locals[parameter] = Known(parameter, .number(argument.value), .given)
    // What is found must be the value, whatever the function does.
    guard let inner = try entering(user, meant.name, [Language.Argument(nil, name)], own),
      var calculation = try? element(inner.body, [], inner.around)
    else { return nil }
    let rules = SlopeRules(
      label: parameter,
      slope: { name, x in
        guard case .number(let slope)? = try? around.interpreter.value(of: "\(name)'(\(x))") else { return nil }
        return slope
      }, isExplicit: true)
    for _ in 0..<times {
      guard let next = rules.derivative(of: calculation) else { return nil }
      calculation = next
    }
    let value = try Elements.number(
      in: around.value(whole), places, around.text(callee), around.interpreter.elementType)
    return calculation.agrees(value, around.interpreter.elementType) ? calculation : nil
  }

  /// `f >> g` of a value: the last is applied to what the others give.
  private func composed(
    _ parts: [Value], _ argument: Expression, _ whole: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    let source = SourceText("f(x)")
    var known = Known("", nil, .expression(argument, around))
    for (index, part) in parts.enumerated() {
      let locals = ["f": Known("f", part, .given), "x": known]
      let inner = Meanings(around.interpreter, source, locals: locals)
      guard case .expression(let call)? = Parser.parse(source).statements.first?.kind else { break }
      if index == parts.count - 1 { return try element(call, at, inner) }
      known = Known("", nil, .expression(call, inner))
    }
    return try self.whole(whole, at, around)
  }

  /// The body of a function of the user, its parameters standing for the arguments; nil if it has loops or wants other arguments.
  func entering(
    _ user: UserFunction, _ name: String, _ arguments: [Language.Argument], _ around: Meanings
  ) throws -> (body: Expression, around: Meanings)? {
    let inner = Meanings(around.interpreter, user.source, origin: around.origin)
    for (position, argument) in arguments.enumerated() {
      let parameter = argument.label?.text ?? (position < user.parameters.count ? user.parameters[position].name : "")
      guard user.parameters.contains(where: { $0.name == parameter }) else { return nil }
      inner.locals[parameter] = Known("", nil, .expression(argument.value, around))
    }
    for parameter in user.parameters where inner.locals[parameter.name] == nil {
      let text = parameter.text.split(separator: ":", maxSplits: 1)
      guard text.count == 2 else { return nil }
      let source = SourceText(String(text[1]))
      guard case .expression(let value)? = Parser.parse(source).statements.first?.kind else { return nil }
      inner.locals[parameter.name] = Known("", nil, .expression(value, Meanings(around.interpreter, source)))
    }
    for capture in user.captures { inner.locals[capture.name] = Known(capture.name, capture.value, .given) }
    let text = user.source.text(user.range).split(separator: "\n").first.map(String.init) ?? ""
    if !name.isEmpty, !reads.functions.contains(where: { $0.text == text }) {
      reads.functions.append((text, user.source.lineNumber(at: user.range.start)))
    }
    switch user.definition {
    case .expression(let body): return (body, inner)
    case .block(let block): return try result(of: block.statements, user.source, inner)
    }
  }

  /// What the last of some statements gives, those before it bound as letters of the answer; nil where it cannot be told from the text.
  private func result(of statements: [Statement], _ source: SourceText, _ inner: Meanings) throws
    -> (body: Expression, around: Meanings)?
  {
    for (index, statement) in statements.enumerated() {
      let isLast = index == statements.count - 1
      if isLast, case .expression(let body) = statement.kind {
        // A name that the block has bound is what it was bound to last.
        if let name = body.name?.text, let local = inner.locals[name], local.isLetter,
          case .expression(let value, let before) = local.how
        {
          return (value, before)
        }
        return (body, inner)
      }
      if isLast, case .conditional(let conditional) = statement.kind {
        return try arm(conditional, inner).flatMap { try result(of: $0, source, inner) }
      }
      guard try bind(statement, source, inner) else { return nil }
      if isLast, case .bind(let targets, _, _) = statement.kind, case .name(let name) = targets[0],
        case .expression(let value, let before)? = inner.locals[name.text]?.how
      {
        return (value, before)
      }
    }
    return nil
  }

  /// What a loop of the session bound last, followed turn by turn; nil where the text does not tell.
  func following(_ statement: Statement, _ name: String, _ origin: Origin, _ interpreter: Interpreter) throws -> (
    body: Expression, around: Meanings
  )? {
    let inner = Meanings(interpreter, origin.source, origin: origin)
    let own = Elements(Reads())
    guard try own.bind(statement, origin.source, inner), let local = inner.locals[name],
      case .expression(let value, let before) = local.how
    else { return nil }
    return (value, before)
  }

  /// The most times that a loop is followed.
  private static let mostTurns = 64

  /// Lets a name mean what a statement binds it to; a loop turn by turn. False for what the text alone does not tell.
  private func bind(_ statement: Statement, _ source: SourceText, _ inner: Meanings) throws -> Bool {
    switch statement.kind {
    case .define: return true
    case .bind(let targets, let values, _):
      guard targets.count == 1, values.count == 1, case .name(let name) = targets[0] else { return false }
      let before = Meanings(inner.interpreter, source, origin: inner.origin, locals: inner.locals)
        .with(letters: inner.letters)
      let local = Known(name.text, nil, .expression(values[0], before))
      local.isLetter = true
      inner.locals[name.text] = local
      reads.letters.append((name.text, "\(name.text) = \(inner.text(values[0]))", local))
      return true
    case .conditional(let conditional):
      guard let statements = try arm(conditional, inner) else { return false }
      for statement in statements { guard try bind(statement, source, inner) else { return false } }
      return true
    case .whileLoop(let condition, let block):
      for _ in 0..<Self.mostTurns {
        // The condition anew each time, with what the turn before has bound.
        let now = Meanings(inner.interpreter, source, origin: inner.origin, locals: inner.locals)
        guard case .number(let holds) = try now.value(condition) else { return false }
        if holds == 0 { return true }
        for statement in block.statements { guard try bind(statement, source, inner) else { return false } }
      }
      return false
    case .repeatLoop(let times, let block):
      guard case .number(let count) = try inner.value(times), count <= Double(Self.mostTurns), count >= 0 else {
        return false
      }
      for _ in 0..<Int(count) {
        for statement in block.statements { guard try bind(statement, source, inner) else { return false } }
      }
      return true
    case .forLoop(let names, let range, let block):
      guard names.count == 1, let turns = try inner.tensor(range), turns.rank == 1, turns.count <= Self.mostTurns else {
        return false
      }
      for turn in turns.elements {
        guard let number = Int(exactly: turn) else { return false }
        inner.letters[names[0].text] = Coordinate(number)
        for statement in block.statements { guard try bind(statement, source, inner) else { return false } }
      }
      inner.letters[names[0].text] = nil
      return true
    default: return false
    }
  }

  /// The statements that a choice leads to; none where no arm holds.
  private func arm(_ conditional: Conditional, _ inner: Meanings) throws -> [Statement]? {
    for arm in conditional.arms {
      let now = Meanings(inner.interpreter, inner.source, origin: inner.origin, locals: inner.locals)
        .with(letters: inner.letters)
      guard case .number(let holds) = try now.value(arm.condition) else { return nil }
      if holds != 0 { return arm.block.statements }
    }
    return conditional.otherwise?.statements ?? []
  }
}
