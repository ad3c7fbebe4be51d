import Language
import Tensors

/// What lines outside of a loop send back to a step of a sequence, and what any line sends by the calculations of its elements.
extension Backward {
  // MARK: Through a line

  /// What a line sends back, one way for each form in which it reads the sequence.
  func ways(through user: Origin, _ ancestry: Ancestry, to target: Target) throws -> [Way]? {
    guard !user.isForgotten, case .bind(let targets, let values, _) = user.statement.kind, targets.count == 1,
      values.count == 1
    else { return nil }
    let isRoot = ancestry.root.origin === user
    let name = targets[0].rootText
    let flow = isRoot ? nil : try partial(target.loss, by: name)
    if case .indexed(_, let places, _) = targets[0] {
      let around = Meanings(interpreter, user.source, origin: user)
      if let flow, let law = try? equation(values[0], places, target.name, "G0", ["G0": flow], user.text, user, around),
        let way = try? way(law, flow, to: target)
      {
        return [way]
      }
      return try derived(user, name, flow, to: target).map { [$0] }
    }
    guard case .name = targets[0] else { return nil }
    var ways: [Way] = []
    for part in values[0].occurrences(of: target.name) {
      guard let way = try? way(part, values[0], user, flow, to: target) else {
        return try derived(user, name, flow, to: target).map { [$0] }
      }
      ways.append(way)
    }
    return ways
  }

  /// An index equation turned round: `[t,i] ∑[k] G0[t,k] * V[i,k]`.
  private func way(_ law: Law, _ flow: Known, to target: Target) throws -> Way? {
    guard law.text.hasPrefix("["), let (letters, text) = law.text.splitOnce("] ") else { return nil }
    let own = letters.dropFirst().split(separator: ",").map(String.init)
    let expression = try Why.expression(text)
    guard own.count == target.places.count else { return nil }
    func part(_ at: [Coordinate], _ elements: Elements) throws -> Calculation {
      let around = Meanings(interpreter, SourceText(text), origin: law.origin, locals: law.locals)
        .with(letters: Dictionary(uniqueKeysWithValues: zip(own, at)))
      return try elements.element(expression, [], around)
    }
    let symbols = target.places.map { Coordinate(letter: $0) }
    return Way(
      formula: try part(symbols, Elements().taking(target.places)).text(),
      element: { at, elements in try part(at.map { Coordinate($0) }, elements) })
  }

  /// A line that reads the whole sequence, or one step of it such as `h[end]`.
  private func way(_ part: Expression, _ value: Expression, _ user: Origin, _ flow: Known?, to target: Target) throws
    -> Way?
  {
    let around = Meanings(interpreter, user.source, origin: user)
    var step: Int?
    if case .index(_, let items) = part.kind {
      guard items.count == 1, let place = items[0].value, let number = try number(place, of: target.name, around) else {
        return nil
      }
      step = number
    }
    let name = "part__"
    around.locals[name] = Known(name, try around.value(part), .given)
    var rule = Derivatives(around: around, name: name, as: around.text(part))
    let changed = value.replacing { $0 == part ? .name(name) : nil }
    guard let text = try rule.cotangent(of: changed, flow == nil ? "1" : "G0") else { return nil }
    var locals: [String: Known] = [:]
    locals["G0"] = flow
    var letters: [Known] = []
    for (letter, definition) in rule.letters {
      let known = Known(
        letter, nil,
        .expression(try Why.expression(definition), Meanings(interpreter, SourceText(definition), origin: user)))
      known.isLetter = true
      locals[letter] = known
      letters.append(known)
    }
    for known in rule.given where locals[known.label] == nil {
      locals[known.label] = known
      letters.append(known)
    }
    let expression = try Why.expression(text)
    let inner = Meanings(interpreter, SourceText(text), origin: user, locals: locals)
    func share(_ at: [Coordinate], _ elements: Elements) throws -> Calculation {
      try elements.element(expression, elements.fit(step == nil ? at : Array(at.dropFirst()), expression, inner), inner)
    }
    let shown = try share(target.places.map { Coordinate(letter: $0) }, Elements().taking(target.places)).text()
    // The numbers of a sequence from 0 on are the rows of it as a whole.
    let first = target.isSequence ? max(0, sequenceStart(target.name, user)) : 0
    return Way(
      formula: step.map { "(\(shown) at \(target.places[0]) = \($0))" } ?? shown,
      element: { at, elements in
        if let step, step != at[0] { return nil }
        guard at[0] >= first else { return nil }
        return try share([Coordinate(at[0] - first)] + at.dropFirst().map { Coordinate($0) }, elements)
      }, letters: letters, standings: rule.letters.map { "\($0.name) = \($0.text)" } + rule.meanings)
  }

  private func sequenceStart(_ name: String, _ user: Origin) -> Int {
    if case .sequence(let sequence)? = user.version(of: name)?.value { sequence.numbers.lowerBound } else { 0 }
  }

  /// The step that a subscript names.
  private func number(_ place: Expression, of name: String, _ around: Meanings) throws -> Int? {
    var place = place
    if place.hasEnd {
      let extent = try Elements().extents(Expression(.name(name), SourceRange(-3, -3)), around).first ?? 0
      place = place.replacing { if case .end = $0.kind { .number(Double(extent - 1)) } else { nil } }
        .at(SourceRange(-4, -4))
    }
    guard case .number(let number) = try around.value(place) else { return nil }
    return Int(exactly: number)
  }

  /// A line by its elements: each one's calculation is differentiated.
  private func derived(_ user: Origin, _ name: String, _ flow: Known?, to target: Target) throws -> Way? {
    guard let version = interpreter.version(of: name), version.origin === user else { return nil }
    let known = Known(name, version.value, .version(version))
    guard let flow else {
      return Way(
        formula: "∂\(name)/∂\(target.label) as \(user.text) has it",
        element: { at, elements in
          guard let made = try self.calculation(of: known, [], elements) else { return nil }
          guard let slope = self.rules(target.label(at)).derivative(of: made), !slope.isZero else {
            return nil
          }
          return slope
        })
    }
    return Way(
      formula: "∑[q] ∂\(target.loss)/∂\(name)[q]·∂\(name)[q]/∂\(target.label)",
      element: { at, elements in
        try self.sent(by: known, flow, [], "∂\(name)[q]/∂\(target.label)", to: target.label(at), elements)
      })
  }

  // MARK: By elements

  func rules(_ label: String) -> SlopeRules {
    SlopeRules(label: label) { name, x in
      guard case .number(let slope)? = try? interpreter.value(of: "\(name)'(\(x))") else { return nil }
      return slope
    }
  }

  /// Of more elements the chain rule shows those that count.
  private static let mostElements = 4096

  /// Longer ones are named in a sum of several.
  private static let longestSlope = 90

  /// `∑[q] ∂L/∂y[q]·∂y[q]/∂x`, the local derivatives by the calculation of each element of `y`, as far as these begin with `lead`.
  func sent(
    by known: Known, _ flow: Known, _ lead: [Int], _ local: String, to label: String, _ elements: Elements
  ) throws -> Calculation? {
    guard let flows = try flow.value().numbers(.float64) else { return nil }
    let extents = Array(flows.shape.dimensions.dropFirst(lead.count))
    var start = 0
    for (axis, place) in lead.enumerated() { start = start * flows.shape[axis] + place }
    let count = extents.reduce(1, *)
    guard count <= Self.mostElements else { return nil }
    let slopes = rules(label)
    var terms: [(place: String, calculation: Calculation)] = []
    for index in 0..<count {
      let flat = start * count + index
      guard flows[flat: flat] != 0 else { continue }
      var (rest, places): (Int, [Int]) = (index, [])
      for extent in extents.reversed() {
        places.append(rest % max(1, extent))
        rest /= max(1, extent)
      }
      let at = (lead + places.reversed()).map { Coordinate($0) }
      let inner = Elements()
      guard let made = try calculation(of: known, at, inner), let slope = slopes.derivative(of: made) else {
        return nil
      }
      if slope.isZero { continue }
      let outer = flow.label + at.text
      elements.reads.add(outer, flow, at)
      var factors = [slope]
      if case .number(1) = slope { factors = [] }
      // A long one is a question of its own.
      if slope.text().count > Self.longestSlope {
        let (text, places) = ("∂\(known.label)\(at.text)/∂\(label)", label.indicesAtEnd ?? [])
        let base = places.isEmpty ? text : String(text[..<(text.lastIndex(of: "[") ?? text.endIndex)])
        if let expression = Why.parsed(base) {
          let own = Known(base, nil, .expression(expression, Meanings(interpreter, SourceText(base))))
          elements.reads.add(text, own, places.map { Coordinate($0) })
        }
        factors = [.read(text, slope.value)]
      }
      terms.append((at.text, factors.reduce(.read(outer, flows[flat: flat])) { $0 * $1 }))
    }
    guard !terms.isEmpty else { return nil }
    if terms.count <= 4 { return terms.dropFirst().reduce(terms[0].calculation) { $0 + $1.calculation } }
    return .series(
      .init(
        "q", count: terms.count, body: .product([.read("\(flow.label)[q]", .nan), .read(local, .nan)]),
        place: { terms[$0].place }, term: { terms[$0].calculation }))
  }
}
