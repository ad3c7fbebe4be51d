import Display
import Language
import Tensors

/// The way back through the equations of a loop over time: what used a value at each step sends its part back.
extension Backward {
  /// `∂L/∂W` where the lines of a loop use `W` at every step: the sum over the steps of what each sends back.
  func recurrence(
    _ x: Version, _ ancestry: Ancestry, _ y: String, _ question: Why.Question, _ result: Double,
    _ difference: CentralDifference?
  ) throws -> Document? {
    let users = ancestry.origins.filter { Ancestry.inputs(of: $0).contains { $0 === x } }
    guard users.count == 1, let loop = try TimeLoop(users[0], interpreter, y) else { return nil }
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
