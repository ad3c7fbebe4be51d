import Language
import Tensors

/// Equations that give a sequence step by step: a loop `for t in 0..<T { h[t] = … }`, or one equation `h[t] = … where t in 0..<T`;
/// and the derivatives by what they bind.
final class TimeLoop {
  /// `h[t+offset, i] = value`
  struct Equation {
    let name: String
    let offset: Int
    /// The letters behind that of the step: `i`.
    let places: [String]
    let value: Expression
  }

  let user: Origin
  let letter: String
  let times: [Int]
  let base: Meanings
  let equations: [Equation]
  /// The derivatives by the values of an equation, a row a step, and the sums that stand in functions.
  private(set) var flows: [String: Known] = [:]
  private(set) var letters: [(name: String, text: String)] = []
  let interpreter: Interpreter
  let loss: String

  /// The most steps that are looked at.
  private static let mostSteps = 256

  init?(_ user: Origin, _ interpreter: Interpreter, _ loss: String) throws {
    guard !user.isForgotten else { return nil }
    (self.user, self.interpreter, self.loss) = (user, interpreter, loss)
    base = Meanings(interpreter, user.source, origin: user)
    var statements: [Statement]
    var range: Expression?
    switch user.statement.kind {
    case .forLoop(let names, let turns, let block):
      guard names.count == 1 else { return nil }
      (letter, statements, range) = (names[0].text, block.statements, turns)
    case .bind(let targets, let values, _):
      guard targets.count == 1, values.count == 1, case .indexed(let name, let places, _) = targets[0],
        case .index(let first, _)? = places.first?.kind, values[0].mentions(name.text)
      else { return nil }
      (letter, statements) = (first.text, [user.statement])
    default: return nil
    }
    var equations: [Equation] = []
    for statement in statements {
      guard case .bind(let targets, let values, _) = statement.kind, targets.count == 1, values.count == 1,
        case .indexed(let name, let places, _) = targets[0], case .index(let index, let offset)? = places.first?.kind,
        index.text == letter
      else { return nil }
      let rest = places.dropFirst().compactMap { place -> String? in
        if case .index(let name, 0) = place.kind { name.text } else { nil }
      }
      guard rest.count == places.count - 1 else { return nil }
      equations.append(Equation(name: name.text, offset: offset, places: rest, value: values[0]))
      if let version = interpreter.version(of: name.text), version.origin === user || version.origin != nil {
        base.locals[name.text] = Known(name.text, version.value, .version(version))
      }
    }
    self.equations = equations
    if let range {
      guard let turns = try base.tensor(range), turns.rank == 1 else { return nil }
      times = turns.elements.compactMap { Int(exactly: $0) }
      guard times.count == turns.count else { return nil }
    } else {
      guard let equation = equations.first, case .sequence(let all)? = interpreter.version(of: equation.name)?.value
      else { return nil }
      let computed = all.numbers.filter { !all.firstNumbers.contains($0) }
      times = computed.map { $0 - equation.offset }
    }
    guard (1...Self.mostSteps).contains(times.count), times.allSatisfy({ $0 >= 0 }) else { return nil }
  }

  func text(_ expression: Expression) -> String { base.text(expression) }

  /// The values of a sequence that the loop binds.
  func sequence(_ name: String) -> ValueSequence? {
    if case .sequence(let sequence)? = interpreter.version(of: name)?.value { sequence } else { nil }
  }

  // MARK: Derivatives by its values

  /// `∂L/∂h`, all steps of it; nothing comes back to a step that nothing uses.
  func flow(_ name: String) throws -> Known? {
    if let known = flows[name] { return known }
    guard let equation = equations.first(where: { $0.name == name }), let last = times.max() else { return nil }
    let text = "∂\(loss)/∂\(name)"
    let count = last + equation.offset + 1
    guard count > 0, let expression = Why.parsed(text), let rows = rows(of: text, equation, name),
      let shape = rows.values.first?.shape, rows.values.allSatisfy({ $0.shape == shape })
    else { return nil }
    let all = (0..<count).flatMap { rows[$0]?.elements ?? Array(repeating: 0, count: shape.count) }
    let known = Known(
      text, .tensor(Tensor(all, shape: Shape([count] + shape.dimensions))),
      .expression(expression, Meanings(interpreter, SourceText(text))))
    flows[name] = known
    return known
  }

  /// The derivatives by the values of a sequence by their numbers: all at once, or one by one where that is not possible.
  private func rows(of text: String, _ equation: Equation, _ name: String) -> [Int: Tensor]? {
    var rows: [Int: Tensor] = [:]
    if let sequence = sequence(name), let all = try? interpreter.value(of: text).numbers(.float64), all.rank > 0 {
      let numbers = max(0, sequence.numbers.lowerBound)..<max(0, sequence.numbers.upperBound)
      guard all.shape[0] == numbers.count else { return nil }
      let size = all.count / max(1, all.shape[0])
      let shape = Shape(Array(all.shape.dimensions.dropFirst()))
      for (row, number) in numbers.enumerated() {
        rows[number] = Tensor(Array(all.elements[(row * size)..<((row + 1) * size)]), shape: shape)
      }
      return rows
    }
    for time in times {
      let place = time + equation.offset
      rows[place] = try? interpreter.value(of: "\(text)[\(place)]").numbers(.float64)?.cast(to: .float64)
    }
    return rows
  }

  /// What a letter stands for at each step: `z[t] = W @ h[t-1] + b`.
  private func known(_ name: String, _ text: String) throws -> Known? {
    guard let expression = Why.parsed(text), let last = times.max() else { return nil }
    let inner = Meanings(interpreter, SourceText(text), origin: user, locals: base.locals)
    var rows: [Int: Tensor] = [:]
    for time in times { rows[time] = try inner.with(letters: [self.letter: Coordinate(time)]).tensor(expression) }
    guard let shape = rows.values.first?.shape, shape.rank < 4 else { return nil }
    let all = (0...last).flatMap { rows[$0]?.elements ?? Array(repeating: 0, count: shape.count) }
    let places = [self.letter] + Array(["i", "j", "l"].filter { $0 != self.letter }.prefix(shape.rank))
    let letter = letter
    let law = LetterLaw(
      places, formula: text, margin: "a sum of each step", standings: [],
      rule: { at, elements in
        guard let time = at[0].number else { throw Diagnostic("E0810", "letters have no number yet") }
        let around = inner.with(letters: [letter: Coordinate(time)])
        return try elements.element(expression, elements.fit(Array(at.dropFirst()), expression, around), around)
      })
    let known = Known(name, .tensor(Tensor(all, shape: Shape([last + 1] + shape.dimensions))), .law { law })
    known.isLetter = true
    return known
  }

  /// What an equation sends back to a name in it, or to a part that the name stands for; letters of sums and derivatives of the step
  /// `t` are put in.
  func cotangent(_ equation: Equation, to name: String, _ around: Meanings, as spelling: String? = nil) throws
    -> String?
  {
    guard equation.places.isEmpty else { return nil }
    var rule = Derivatives(around: around, name: name, as: spelling)
    rule.letters = letters
    let offset = equation.offset == 0 ? "" : equation.offset > 0 ? "+\(equation.offset)" : "\(equation.offset)"
    guard try flow(equation.name) != nil, var found = try rule.cotangent(of: equation.value, "G") else { return nil }
    found = found.replacingWord("G", with: "∂\(equation.name)ʹ[\(letter)\(offset)]")
    for (name, _) in rule.letters where !letters.contains(where: { $0.name == name }) {
      guard around.known(name) == nil else { return nil }
    }
    letters = rule.letters
    for (name, _) in letters { found = found.replacingWord(name, with: "\(name)[\(letter)]") }
    return found.replacingAll("∂\(equation.name)ʹ", with: "G_\(equation.name)")
  }

  /// What the names of a cotangent mean.
  func locals() throws -> [String: Known] {
    var locals = base.locals
    for (name, flow) in flows { locals["G_" + name] = flow }
    for (name, text) in letters { locals[name] = try known(name, text) }
    return locals
  }
}
