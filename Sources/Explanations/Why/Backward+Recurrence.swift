import Display
import Language
import Tensors

/// The way back through the equations of a loop over time: what used a value at each step sends its part back.
extension Backward {
  /// A loop `for t in 0..<T { h[t] = … }`, its equations, and the derivatives by what they bind.
  private final class Loop {
    let user: Origin
    let letter: String
    let times: [Int]
    let base: Meanings
    /// What each equation binds, at `t + offset`.
    let equations: [(name: String, offset: Int, value: Expression)]
    /// The derivatives by the values of an equation, a row a step, and the sums that stand in functions.
    var flows: [String: Known] = [:]
    var letters: [(name: String, text: String)] = []
    private let interpreter: Interpreter
    private let loss: String

    init?(_ user: Origin, _ interpreter: Interpreter, _ loss: String) throws {
      guard !user.isForgotten, case .forLoop(let names, let range, let block) = user.statement.kind, names.count == 1
      else { return nil }
      (self.user, self.interpreter, self.loss) = (user, interpreter, loss)
      letter = names[0].text
      base = Meanings(interpreter, user.source, origin: user)
      var equations: [(name: String, offset: Int, value: Expression)] = []
      for statement in block.statements {
        guard case .bind(let targets, let values, _) = statement.kind, targets.count == 1, values.count == 1,
          case .indexed(let name, let places, _) = targets[0], places.count == 1,
          case .index(let index, let offset) = places[0].kind, index.text == letter
        else { return nil }
        equations.append((name.text, offset, values[0]))
        if let version = interpreter.version(of: name.text), version.origin === user || version.origin != nil {
          base.locals[name.text] = Known(name.text, version.value, .version(version))
        }
      }
      self.equations = equations
      guard let turns = try base.tensor(range), turns.rank == 1, (1...64).contains(turns.count) else { return nil }
      times = turns.elements.compactMap { Int(exactly: $0) }
      guard times.count == turns.count, times.allSatisfy({ $0 >= 0 }) else { return nil }
    }

    func text(_ expression: Expression) -> String { base.text(expression) }

    /// `∂L/∂h`, all steps of it; nothing comes back to a step that nothing uses.
    func flow(_ name: String) throws -> Known? {
      if let known = flows[name] { return known }
      guard let equation = equations.first(where: { $0.name == name }), let last = times.max() else { return nil }
      var rows: [Int: Tensor] = [:]
      for time in times {
        let place = time + equation.offset
        rows[place] = try? interpreter.value(of: "∂\(loss)/∂\(name)[\(place)]").numbers(.float64)?.cast(to: .float64)
      }
      guard let shape = rows.values.first?.shape, rows.values.allSatisfy({ $0.shape == shape }) else { return nil }
      let count = last + equation.offset + 1
      let all = (0..<count).flatMap { rows[$0]?.elements ?? Array(repeating: 0, count: shape.count) }
      let text = "∂\(loss)/∂\(name)"
      guard let expression = Why.parsed(text) else { return nil }
      let known = Known(
        text, .tensor(Tensor(all, shape: Shape([count] + shape.dimensions))),
        .expression(expression, Meanings(interpreter, SourceText(text))))
      flows[name] = known
      return known
    }

    /// What a letter stands for at each step: `z[t] = W @ h[t-1] + b`.
    func known(_ name: String, _ text: String) throws -> Known? {
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

    /// What an equation sends back to a name in it, the letters of sums and derivatives of the step `t` put in.
    func cotangent(_ equation: (name: String, offset: Int, value: Expression), to name: String, _ around: Meanings)
      throws -> String?
    {
      var rule = Derivatives(around: around, name: name)
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

  /// `∂L/∂W` where the lines of a loop use `W` at every step: the sum over the steps of what each sends back.
  func recurrence(
    _ x: Version, _ ancestry: Ancestry, _ y: String, _ question: Why.Question, _ result: Double, _ difference: Double?
  ) throws -> Document? {
    let users = ancestry.origins.filter { Ancestry.inputs(of: $0).contains { $0 === x } }
    guard users.count == 1, let loop = try Loop(users[0], interpreter, y) else { return nil }
    let first = loop.base.with(letters: [loop.letter: Coordinate(loop.times[0])])
    var texts: [String] = []
    for equation in loop.equations where equation.value.mentions(x.name) {
      guard let found = try loop.cotangent(equation, to: x.name, first) else { return nil }
      texts.append(found)
    }
    guard !texts.isEmpty else { return nil }
    let locals = try loop.locals()
    let places = Array(["i", "j", "l"].prefix(question.places.count))
    guard places.count == question.places.count, !places.contains(loop.letter) else { return nil }
    func part(_ text: String, _ at: [Coordinate], _ time: Coordinate, _ elements: Elements) throws -> Calculation {
      let expression = try Why.expression(text)
      let around = Meanings(interpreter, SourceText(text), origin: loop.user, locals: locals)
        .with(letters: [loop.letter: time])
      // A factor from behind the function, a factor from the step before.
      if case .call(let callee, let factors) = expression.kind, callee.name?.text == "outer", factors.count == 2,
        at.count == 2
      {
        return try elements.element(factors[0].value, [at[0]], around)
          * elements.element(factors[1].value, [at[1]], around)
      }
      return try elements.element(expression, elements.fit(at, expression, around), around)
    }
    func sum(_ at: [Coordinate], _ elements: Elements) throws -> Calculation {
      let inner = elements.taking([loop.letter])
      let all = try texts.map { text in
        let body = try part(text, at, Coordinate(letter: loop.letter), inner)
        if at.numbers != nil { _ = try part(text, at, Coordinate(loop.times[0]), inner) }
        return Calculation.series(
          .init(
            loop.letter, count: loop.times.count, body: body, place: { String(loop.times[$0]) },
            term: { (try? part(text, at, Coordinate(loop.times[$0]), inner)) ?? .number(.nan) }))
      }
      return all.count == 1 ? all[0] : .sum(all)
    }
    let formula = try sum(places.map { Coordinate(letter: $0) }, Elements().taking(places)).text()
    let letters = loop.letters.compactMap { locals[$0.name] }
    let law = LetterLaw(
      places, formula: formula, margin: "back through time",
      standings: loop.letters.map { "\($0.name)[\(loop.letter)] = \($0.text)" }, letters: letters,
      rule: { try sum($0, $1) })
    let answer = LetterAnswer(why: why, difference: difference, meaning: { self.meaning(question, $0) })
    return try answer.document(question, law, result)
  }
}
