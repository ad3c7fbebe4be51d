import Display
import Language
import Tensors

/// The way back to one step of a sequence, or of what a loop reads step by step: what each line and equation that read it sends back.
///
/// `∂L/∂h[t,i] = 2 / 8·(h[t,i] - y[t,i]) + ∑[k] U[k,i]·tanh'(z[t+1,k])·∂L/∂h[t+1,k]`: what the loss sends at once, and what the
/// step behind sends.
extension Backward {
  /// One way on which a step reaches the loss.
  struct Way {
    /// What it sends back, in letters.
    let formula: String
    /// What it sends back to a place; nil where nothing goes this way.
    let element: ([Int], Elements) throws -> Calculation?
    /// The letters that it brings in, and what they are.
    var letters: [Known] = []
    var standings: [String] = []
    /// What it reads of the derivatives behind it, so that one can go on there.
    var reads: ([Int]) -> [(Known, [Coordinate])] = { _ in [] }
  }

  /// Nil where no loop reads or binds `x`, or where one of the ways cannot be written.
  func sequence(
    _ x: Version, _ ancestry: Ancestry, _ y: String, _ question: Why.Question, _ result: Double,
    _ difference: CentralDifference?
  ) throws -> Document? {
    guard let asked = question.places.numbers, !asked.isEmpty else { return nil }
    let users = ancestry.origins.filter { origin in
      origin === x.origin && isSequence(x)
        || Ancestry.inputs(of: origin).contains {
          $0 === x || $0.name == x.name && $0.origin === x.origin && isSequence(x)
        }
    }
    let loops = try users.compactMap { try TimeLoop($0, interpreter, y) }
    guard let first = loops.first else { return nil }
    let places = [first.letter] + Array(["i", "j", "l", "m"].filter { $0 != first.letter }.prefix(asked.count - 1))
    let target = Target(name: x.name, loss: y, places: places, isSequence: isSequence(x))
    var ways: [Way] = []
    for user in users {
      if let loop = loops.first(where: { $0.user === user }) {
        guard let own = try self.ways(through: loop, to: target) else { return nil }
        ways += own
      } else {
        guard let own = try self.ways(through: user, ancestry, to: target) else { return nil }
        // What the loss sends at once stands first.
        ways = own + ways
      }
    }
    guard !ways.isEmpty else { return nil }
    let formula = ways.map(\.formula).reduce("") {
      $0.isEmpty ? $1 : $1.hasPrefix("-") ? "\($0) - \($1.dropFirst())" : "\($0) + \($1)"
    }
    var standings: [String] = []
    for text in ways.flatMap(\.standings) where !standings.contains(text) { standings.append(text) }
    let law = LetterLaw(
      places, formula: formula, margin: "back through time", standings: standings, letters: ways.flatMap(\.letters)
    ) { at, elements in
      let numbers = try at.allNumbers()
      for (known, place) in ways.flatMap({ $0.reads(numbers) }) {
        elements.reads.add(known.label + place.text, known, place)
      }
      let parts = try ways.compactMap { try $0.element(numbers, elements) }
      return parts.isEmpty ? 0 : parts.dropFirst().reduce(parts[0]) { $0 + $1 }
    }
    let answer = LetterAnswer(why: why, difference: difference, meaning: { self.meaning(question, $0) })
    return try answer.document(question, law, result)
  }

  /// What the derivative is taken by.
  struct Target {
    let name: String
    let loss: String
    /// `t, i`
    let places: [String]
    let isSequence: Bool

    /// `h[1,0]`, as a calculation reads it.
    func label(_ at: [Int]) -> String { name + at.map { Coordinate($0) }.text }
    var label: String { name + places.map { Coordinate(letter: $0) }.text }
  }

  func isSequence(_ x: Version) -> Bool { if case .sequence = x.value { true } else { false } }

  // MARK: Through the equations of a loop

  /// An equation of a loop that reads the step `t + shift`.
  private struct Reading {
    let equation: TimeLoop.Equation
    let shift: Int
    /// What it sends back, in the letters of the loop; nil where only its elements can say that.
    var text: String?
  }

  func ways(through loop: TimeLoop, to target: Target) throws -> [Way]? {
    var readings: [Reading] = []
    for equation in loop.equations where equation.value.mentions(target.name) {
      let parts = equation.value.occurrences(of: target.name)
      var shifts: [Int: Expression] = [:]
      for part in parts {
        guard case .index(_, let items) = part.kind, let first = items.first?.value,
          let shift = first.shift(of: loop.letter)
        else { return nil }
        if items.count == 1 || shifts[shift] == nil { shifts[shift] = part }
      }
      let isWhole = parts.allSatisfy { if case .index(_, let items) = $0.kind { items.count == 1 } else { false } }
      for (shift, part) in shifts.sorted(by: { $0.key < $1.key }) {
        let text = isWhole ? try cotangent(equation, to: part, through: loop) : nil
        guard try text != nil || loop.flow(equation.name) != nil else { return nil }
        readings.append(Reading(equation: equation, shift: shift, text: text))
      }
    }
    let locals = try loop.locals()
    return try readings.map { try way($0, loop, locals, to: target) }
  }

  /// What an equation sends back to a part of it such as `h[t-1]`.
  private func cotangent(_ equation: TimeLoop.Equation, to part: Expression, through loop: TimeLoop) throws -> String? {
    guard let last = loop.times.last else { return nil }
    let name = "step__"
    let around = loop.base.with(letters: [loop.letter: Coordinate(last)])
    guard let value = try? around.value(part) else { return nil }
    loop.base.locals[name] = Known(name, value, .given)
    defer { loop.base.locals[name] = nil }
    let inner = loop.base.with(letters: [loop.letter: Coordinate(last)])
    let changed = TimeLoop.Equation(
      name: equation.name, offset: equation.offset, places: equation.places,
      value: equation.value.replacing { $0 == part ? .name(name) : nil })
    return try? loop.cotangent(changed, to: name, inner, as: loop.text(part))
  }

  private func way(_ reading: Reading, _ loop: TimeLoop, _ locals: [String: Known], to target: Target) throws -> Way {
    let (equation, shift) = (reading.equation, reading.shift)
    let flow = try loop.flow(equation.name)
    let later = equation.offset - shift
    let step = { (number: Int) in Coordinate(number + later) }
    func reads(_ at: [Int]) -> [(Known, [Coordinate])] {
      guard let flow, loop.times.contains(at[0] - shift), let row = try? flow.value().numbers(.float64) else {
        return []
      }
      let rest = row.rank - 1 == at.count - 1 ? at.dropFirst().map { Coordinate($0) } : []
      let place = [step(at[0])] + (rest.isEmpty ? Array(repeating: Coordinate(0), count: row.rank - 1) : rest)
      return [(flow, place)]
    }
    let symbol = target.places[0]
    if let text = reading.text, let expression = Why.parsed(text) {
      func part(_ at: [Coordinate], _ expression: Expression, _ letters: [String: Coordinate], _ elements: Elements)
        throws
        -> Calculation
      {
        let plain = Meanings(interpreter, SourceText(text), origin: loop.user, locals: locals)
        plain.preferredLetter = "k"
        let around = plain.with(letters: letters)
        return try elements.element(expression, elements.fit(at, expression, around), around)
      }
      let shifted = expression.shifting(loop.letter, by: -shift, to: symbol)
      let rest = target.places.dropFirst().map { Coordinate(letter: $0) }
      let elements = Elements().taking(target.places)
      let shown = try? part(rest, shifted, [symbol: Coordinate(letter: symbol)], elements).text()
      return Way(
        formula: shown ?? Printer().text(shifted),
        element: { at, elements in
          guard loop.times.contains(at[0] - shift) else { return nil }
          return try part(
            at.dropFirst().map { Coordinate($0) }, expression, [loop.letter: Coordinate(at[0] - shift)], elements)
        },
        letters: loop.letters.compactMap { locals[$0.name] },
        standings: loop.letters.map { "\($0.name)[\(loop.letter)] = \($0.text)" }, reads: reads)
    }
    // The equation at each of its places, its calculation differentiated.
    let time = later == 0 ? symbol : later > 0 ? "\(symbol)+\(later)" : "\(symbol)\(later)"
    let bound = loop.base.locals[equation.name]
    let isOne = (try flow?.value().numbers(.float64)?.rank ?? 1) == 1
    let outer = "\(equation.name)[\(time)\(isOne ? "" : ",q")]"
    return Way(
      formula: "\(isOne ? "" : "∑[q] ")∂\(target.loss)/∂\(outer)·∂\(outer)/∂\(target.label)",
      element: { at, elements in
        guard loop.times.contains(at[0] - shift), let flow, let bound else { return nil }
        return try self.sent(
          by: bound, flow, [at[0] + later], "∂\(outer)/∂\(target.label)", to: target.label(at), elements)
      },
      standings: [], reads: reads)
  }
}
