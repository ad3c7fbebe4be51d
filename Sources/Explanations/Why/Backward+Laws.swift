import Language
import Tensors

/// The lines that used a value turned round, each into the law of what comes back to it.
extension Backward {
  /// `∂L/∂x` by the one line that used `x`; nil if there are several or none with a rule.
  func law(_ x: Version, _ ancestry: Ancestry, _ y: String, depth: Int) throws -> Law? {
    let users = ancestry.origins.filter { Ancestry.inputs(of: $0).contains { $0 === x } }
    guard users.count == 1, let user = users.first, !user.isForgotten, depth < 8,
      case .bind(let targets, let values, _) = user.statement.kind, targets.count == 1, values.count == 1
    else { return nil }
    let target = targets[0].rootText
    let around = Meanings(interpreter, user.source, origin: user)
    let isRoot = ancestry.root.origin === user
    var locals: [String: Known] = [:]
    let incoming = "G\(depth)"
    if !isRoot { locals[incoming] = try partial(y, by: target) }
    let text = user.source.text(user.statement.range)
    if case .indexed(_, let places, _) = targets[0] {
      return try equation(values[0], places, x.name, isRoot ? nil : incoming, locals, text, user, around)
    }
    guard case .name = targets[0] else { return nil }
    var rule = Derivatives(around: around, name: x.name)
    guard let found = try rule.cotangent(of: values[0], isRoot ? "1" : incoming) else { return nil }
    var definitions: [String] = []
    for (name, text) in rule.letters {
      let source = SourceText(text)
      guard case .expression(let definition)? = Parser.parse(source).statements.first?.kind else { return nil }
      let letter = Known(name, nil, .expression(definition, Meanings(interpreter, source, origin: user)))
      letter.isLetter = true
      locals[name] = letter
      definitions.append("\(name) = \(text)")
    }
    for known in rule.given where locals[known.label] == nil { locals[known.label] = known }
    definitions += rule.meanings
    if !rule.isProduct, !isRoot,
      let next = ancestry.origins.last(where: { $0 !== user && inputs($0, bind: user, ancestry) }),
      let bound = Ancestry.inputs(of: next).first(where: { $0.origin === user }),
      let outer = try law(bound, ancestry, y, depth: depth + 1)
    {
      // The outer law is computed in its own line; what it reads there is known by its own names.
      var names = outer.locals
      for (name, known) in locals where name != incoming { names[name] = known }
      let joined = found.replacingWord(incoming, with: "(\(outer.text))")
      for name in Self.names(in: outer.text) where names[name] == nil {
        if let version = outer.origin.version(of: name) { names[name] = Known(name, version.value, .version(version)) }
      }
      return Law(
        text: joined, locals: names, lines: [text] + outer.lines, origin: user, isProduct: false, card: "D4.delta",
        remarkFunction: rule.function)
    }
    return Law(
      text: found, locals: locals, lines: [text], origin: user, isProduct: rule.isProduct, card: rule.card,
      remarkFunction: rule.function, definitions: definitions)
  }

  private func inputs(_ origin: Origin, bind user: Origin, _ ancestry: Ancestry) -> Bool {
    Ancestry.inputs(of: origin).contains { $0.origin === user }
  }

  private static func names(in text: String) -> [String] { Why.parsed(text)?.unboundNames ?? [] }

  /// `∂L/∂y`, as something known.
  func partial(_ y: String, by name: String) throws -> Known {
    let source = SourceText("∂\(y)/∂\(name)")
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else {
      throw Diagnostic("E0814", "no derivative by \(name)")
    }
    let known = Known("∂\(y)/∂\(name)", nil, .expression(expression, Meanings(interpreter, source)))
    known.isLetter = true
    return known
  }

  /// An index equation turned round: for a factor that stands there with letters alone, the sum over all other letters.
  func equation(
    _ value: Expression, _ places: [Language.Place], _ name: String, _ incoming: String?, _ locals: [String: Known],
    _ text: String, _ user: Origin, _ around: Meanings
  ) throws -> Law? {
    guard let incoming, case .big(let op, let indices, let body) = value.kind, op == .sum else { return nil }
    let left = places.compactMap { place -> String? in
      if case .index(let name, let offset) = place.kind, offset == 0 { return name.text }
      return nil
    }
    guard left.count == places.count else { return nil }
    var factors: [Expression] = []
    func collect(_ part: Expression) {
      if case .binary(let op, let a, let b) = part.kind, op.kind == .multiply {
        collect(a)
        collect(b)
      } else {
        factors.append(part)
      }
    }
    collect(body)
    let own = factors.indices.filter { factors[$0].mentions(name) }
    guard own.count == 1, case .index(_, let items) = factors[own[0]].kind else { return nil }
    let letters = items.compactMap { $0.value?.name?.text }
    guard letters.count == items.count, Set(letters).count == letters.count else { return nil }
    let ranges = try interpreter.ranges(
      of: value, in: user.source,
      letters: places.compactMap { if case .index(let name, _) = $0.kind { name } else { nil } },
      stated: [], where: [], within: user)
    let summed = (left + indices.map(\.name.text)).filter { !letters.contains($0) }
    let bounds = summed.compactMap { letter in
      ranges.first { $0.name == letter }.map { "\(letter) in \($0.range.lowerBound)..<\($0.range.upperBound)" }
    }
    guard bounds.count == summed.count, !summed.isEmpty else { return nil }
    let others = factors.indices.filter { $0 != own[0] }.map { Printer().text(factors[$0]) }
    let product = (["\(incoming)[\(left.joined(separator: ", "))]"] + others).joined(separator: " * ")
    return Law(
      text: "[\(letters.joined(separator: ","))] ∑[\(bounds.joined(separator: ", "))] \(product)", locals: locals,
      lines: [text],
      origin: user, isProduct: true)
  }
}
