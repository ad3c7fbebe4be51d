import Display
import Language
import Networks
import Tensors

/// The answer to `:why ∂L/∂W[0,2]`: the derivative's own law, explained as any other expression.
///
/// The line that used `W` is turned round (`Derivatives`): of `z = X @ W + b` comes `Xᵀ @ δ` with `δ = ∂L/∂z`, through lines that change
/// each number by itself down to the first sum. Where a line has no such rule, the chain rule is written over the elements of what
/// the line gave, with the local derivatives of the engine.
struct Backward {
  let why: Why

  /// A derivative turned into an expression.
  private struct Law {
    /// `Xᵀ @ δ`
    var text: String
    /// What the placeholders in it are.
    var locals: [String: Known]
    /// The lines it came through.
    var lines: [String]
    var origin: Origin
    var isProduct: Bool
    var card = ""
    var remarkFunction: (name: String, operand: String)?
    var definitions: [String] = []
  }

  private var interpreter: Interpreter { why.interpreter }
  private var style: Style { why.style }

  func answer(_ value: Expression, _ variable: Expression, _ question: Why.Question) throws -> Document {
    guard let yName = value.rootName, let xName = variable.rootName else {
      throw Diagnostic("E0811", "∂ stands before names")
    }
    let whole = try why.value(of: question)
    let type = interpreter.elementType
    guard let tensor = whole.numbers(type) else {
      throw Diagnostic("E0811", "\(question.subject) is \(whole.article): ask for one weight of it")
    }
    if question.places.isEmpty, tensor.rank > 0 {
      return try WholeAnswer(why: why).element(question, nil, tensor)
    }
    guard tensor.rank == question.places.count else {
      let rest = Array(repeating: Coordinate(0), count: max(0, tensor.rank - question.places.count))
      throw Diagnostic(
        "E0812", "\(Printer().text(question.base)) : \(tensor.shape) has an index for each axis",
        suggestions: [
          .init(
            .try, ":why \(Printer().text(question.base))\((question.places.prefix(tensor.rank) + rest).map { $0 }.text)"
          )
        ])
    }
    let result = try Elements.number(in: whole, question.places.numbers ?? [], question.subject, type)
    guard let ancestry = interpreter.ancestry(of: yName), let x = version(xName, in: ancestry) else {
      return try number(question, result, nil)
    }
    let difference = self.difference(ancestry, x, variable, question.places, of: value)
    if variable.name != nil, value.name != nil, let law = try law(x, ancestry, yName, depth: 0),
      let document = try document(law, question, result, difference, ancestry)
    {
      return document
    }
    if value.name != nil,
      let document = try layers(x, variable, ancestry, question, result, difference)
    {
      return document
    }
    if value.name != nil, let document = try chain(x, variable, ancestry, yName, question, result, difference) {
      return document
    }
    return try number(question, result, difference)
  }

  // MARK: Through a network

  /// A weight of a network, or what a network was given, by the laws of its layers.
  private func layers(
    _ x: Version, _ variable: Expression, _ ancestry: Ancestry, _ question: Why.Question, _ result: Double,
    _ difference: Double?
  ) throws -> Document? {
    guard let use = NetworkUse.find(x, ancestry, interpreter), let trace = try NetworkTrace(use) else { return nil }
    let chain = LayerChain(trace: trace, interpreter: interpreter)
    let isWeight = use.name == x.name
    let law = try isWeight ? chain.law(of: Printer().text(variable)) : chain.inputLaw()
    guard isWeight || use.argument.name != nil, let law else { return nil }
    let answer = LetterAnswer(why: why, difference: difference, meaning: { self.meaning(question, $0) })
    return try answer.document(question, law, result)
  }

  private func version(_ name: String, in ancestry: Ancestry) -> Version? {
    let now = interpreter.version(of: name)
    if now === ancestry.root { return now }
    for origin in ancestry.origins {
      if let found = Ancestry.inputs(of: origin).first(where: { $0 === now }) { return found }
    }
    return nil
  }

  // MARK: The law

  /// `∂L/∂x` by the one line that used `x`; nil if there are several or none with a rule.
  private func law(_ x: Version, _ ancestry: Ancestry, _ y: String, depth: Int) throws -> Law? {
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
    if !rule.isProduct, !isRoot,
      let next = ancestry.origins.last(where: { $0 !== user && inputs($0, bind: user, ancestry) }),
      let bound = Ancestry.inputs(of: next).first(where: { $0.origin === user }),
      let outer = try law(bound, ancestry, y, depth: depth + 1)
    {
      var merged = outer.locals
      merged[incoming] = nil
      // The outer law is computed in its own line; what it reads there is known by its own names.
      let inner = Meanings(interpreter, SourceText(outer.text), origin: outer.origin, locals: outer.locals)
      _ = inner
      var names = outer.locals
      for (name, known) in locals where name != incoming { names[name] = known }
      let joined = found.replacingWord(incoming, with: "(\(outer.text))")
      for name in ["relu"] where false { _ = name }
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
  private func partial(_ y: String, by name: String) throws -> Known {
    let source = SourceText("∂\(y)/∂\(name)")
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else {
      throw Diagnostic("E0814", "no derivative by \(name)")
    }
    let known = Known("∂\(y)/∂\(name)", nil, .expression(expression, Meanings(interpreter, source)))
    known.isLetter = true
    return known
  }

  /// An index equation turned round: for a factor that stands there with letters alone, the sum over all other letters.
  private func equation(
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

  // MARK: The answer

  private func document(
    _ law: Law, _ question: Why.Question, _ result: Double, _ difference: Double?, _ ancestry: Ancestry
  ) throws -> Document? {
    var law = law
    var places = question.places
    var letters: [String: Coordinate] = [:]
    var lettersOfLaw = Array(["i", "j", "l", "m"].prefix(places.count))
    if law.text.hasPrefix("["), let close = law.text.firstIndex(of: "]") {
      lettersOfLaw = law.text[law.text.index(after: law.text.startIndex)..<close].split(separator: ",").map(String.init)
      guard lettersOfLaw.count == places.count else { return nil }
      law.text = String(law.text[law.text.index(after: close)...].drop { $0 == " " })
      for (letter, place) in zip(lettersOfLaw, places) { letters[letter] = place }
      places = []
    }
    // One factor that comes from behind is a letter of its own.
    var definition = law.definitions.joined(separator: ",  ")
    if !law.definitions.isEmpty {
      why.memory.replace(law.locals.filter { !$0.key.hasPrefix("G") }, interpreter)
    }
    if law.isProduct, law.definitions.isEmpty, law.locals.count == 1, let (name, known) = law.locals.first {
      let letter = Known("δ", nil, known.how)
      letter.isLetter = true
      definition = "δ = \(known.label)"
      law.locals[name] = letter
      why.memory.replace(["δ": letter], interpreter)
    }
    let source = SourceText(law.text)
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
    let base = Meanings(interpreter, source, origin: law.origin, locals: law.locals)
    let around = letters.isEmpty ? base : base.with(letters: letters)
    let reads = Elements.Reads()
    let elements = Elements(reads)
    guard let at = letters.isEmpty ? try? elements.fit(places, expression, around) : [],
      let calculation = try? elements.element(expression, at, around),
      calculation.agrees(result, interpreter.elementType)
    else { return nil }
    let base0 = Printer().text(question.base)
    let lines = law.lines.joined(separator: ", ")
    var document = Document()
    var line: String
    if law.isProduct {
      let symbols = lettersOfLaw.map { Coordinate(letter: $0) }
      let general =
        letters.isEmpty
        ? try elements.taking(lettersOfLaw).element(expression, elements.fit(symbols, expression, around), around)
        : try elements.element(
          expression, [], base.with(letters: Dictionary(uniqueKeysWithValues: zip(lettersOfLaw, symbols))))
      line = "  \(base0)\(symbols.text) = \(general.text())"
    } else {
      var text = law.text
      for (name, known) in law.locals where known.isLetter { text = text.replacingWord(name, with: known.label) }
      line = "  \(base0) = \(text.replacingAll(" * ", with: " ⊙ "))"
    }
    line = line.shown(style)
    let from = ("from \(lines)" + (law.card.isEmpty ? "" : " · \(law.card)")).shown(style)
    let both = (definition.isEmpty ? from : "\(definition.shown(style))      \(from)")
    if line.displayWidth + 4 + both.displayWidth <= style.width {
      document.append(Line(line, .dim, margin: both))
    } else if !definition.isEmpty, line.displayWidth + 5 + definition.displayWidth <= style.width {
      document.append(Line(line + "     " + definition.shown(style), .dim))
    } else {
      document.append(Line(line, .dim))
      document.append(
        Line(
          definition.isEmpty ? "" : "  " + definition.shown(style), margin: from.cut(to: style.width - 4, style: style))
      )
    }
    document.append(Line())
    let path = Why.Path(
      steps: [], rungs: [calculation.text()], calculation: calculation, reads: reads)
    let room = style.width - 4 - question.subject.shown(style).displayWidth - 5
    let isLong = calculation.longSeries(room: room, style) != nil
    if isLong {
      var long = why.calculation(question, path)
      // The law in letters says what the first line of the column would.
      if case .series = calculation, long.lines.count > 2 { long.lines.removeFirst(2) }
      document.append(long)
      return document
    }
    let ladder = calculation.ladder(question.subject, style)
    document.append(contentsOf: checked(ladder, law.isProduct || law.card.isEmpty ? difference : nil, result))
    document.append(Line())
    if let remark = remark(law, question, result, calculation) { document.append("  \(remark)") }
    let next = next(reads, calculation)
    if law.isProduct, !next.isEmpty {
      document.append("  \("next", .hint)  \(next.map { ":why \($0)" }.joined(separator: "   "), .name)")
    }
    if document.lines.last?.spans.isEmpty == true { document.lines.removeLast() }
    return document
  }

  private func remark(_ law: Law, _ question: Why.Question, _ result: Double, _ calculation: Calculation) -> String? {
    if let (name, operand) = law.remarkFunction, !law.isProduct, name == "relu",
      case .expression(let expression)? = Parser.parse(SourceText(operand)).statements.first?.kind,
      let x = expression.name?.text,
      let version = law.origin.version(of: x), let tensor = version.value.numbers(interpreter.elementType),
      tensor.rank == question.places.count, let places = question.places.numbers
    {
      guard let own = try? Elements.number(in: version.value, places, x, interpreter.elementType) else { return nil }
      let text = "\(x)\(question.places.text) = \(style.number(own))"
      if own <= 0 { return "0 since \(text) ≤ 0: nothing passes" }
      // Another number of the same row that passes nothing.
      for place in 0..<(tensor.shape.dimensions.last ?? 0) {
        var other = places
        other[other.count - 1] = place
        guard let number = try? Elements.number(in: version.value, other, x, interpreter.elementType), number <= 0
        else { continue }
        return
          "1 since \(text) > 0; at \(x)\(other.map { Coordinate($0) }.text) = \(style.number(number)) relu' is 0 and nothing passes"
      }
      return "1 since \(text) > 0"
    }
    return law.isProduct ? meaning(question, result) : nil
  }

  /// What the number says: `raise W[0,2] by 0.001 and L rises by about 0.00203`.
  private func meaning(_ question: Why.Question, _ result: Double) -> String? {
    guard case .partial(let y, let x) = question.base.kind else { return nil }
    return Self.meaning(Printer().text(x) + question.places.text, Printer().text(y), result)
  }

  static func meaning(_ below: String, _ above: String, _ result: Double) -> String {
    let change = NumberFormat(digits: 3).text(result.magnitude * 0.001)
    return result == 0
      ? "\(below) may change a little and \(above) stays as it is"
      : "raise \(below) by 0.001 and \(above) \(result > 0 ? "rises" : "falls") by about \(change)"
  }

  private func next(_ reads: Elements.Reads, _ calculation: Calculation) -> [String] {
    for read in reads.all {
      guard read.known.isLetter, case .expression(let expression, _) = read.known.how, expression.isPartial else {
        continue
      }
      let label = Printer().text(expression)
      return [label + (read.at.count == reads.all.first?.at.count ? read.at : read.at).text]
    }
    return []
  }

  // MARK: The chain rule, written out

  /// `∂L/∂x[p] = ∑ ∂L/∂z[q]·∂z[q]/∂x[p]` over the elements of what the lines that used `x` gave.
  private func chain(
    _ x: Version, _ variable: Expression, _ ancestry: Ancestry, _ y: String, _ question: Why.Question, _ result: Double,
    _ difference: Double?
  ) throws -> Document? {
    let users = ancestry.origins.filter {
      Ancestry.inputs(of: $0).contains { $0 === x } || $0 === x.origin && $0.isCompound
    }
    var names: [String] = []
    for user in users where ancestry.root.origin !== user {
      for origin in ancestry.origins where origin !== user {
        for version in Ancestry.inputs(of: origin)
        where version.origin === user && version !== x && !names.contains(version.name) {
          names.append(version.name)
        }
      }
    }
    guard !names.isEmpty, users.allSatisfy({ $0 !== ancestry.root.origin }) else { return nil }
    let variableText = Printer().text(variable) + question.places.text
    var terms: [(label: String, calculation: Calculation)] = []
    var count = 0
    for name in names {
      guard let outer = try? interpreter.value(of: "∂\(y)/∂\(name)").numbers(interpreter.elementType),
        let inner = try? interpreter.value(of: "∂\(name)/∂\(variableText)").numbers(interpreter.elementType),
        outer.count == inner.count
      else { return nil }
      count += outer.count
      for flat in 0..<outer.count where outer[flat: flat] != 0 && inner[flat: flat] != 0 {
        var (rest, places): (Int, [Coordinate]) = (flat, [])
        for extent in outer.shape.dimensions.reversed() {
          places.append(Coordinate(rest % max(1, extent)))
          rest /= max(1, extent)
        }
        let at = places.reversed().map { $0 }.text
        terms.append(
          (
            at,
            .product([
              .read("∂\(y)/∂\(name)\(at)", outer[flat: flat]),
              .read("∂\(name)\(at)/∂\(variableText)", inner[flat: flat]),
            ])
          ))
      }
    }
    let series = Calculation.Series(
      "q", count: terms.count,
      body: .product([.read("∂\(y)/∂\(names[0])[q]", .nan), .read("∂\(names[0])[q]/∂\(variableText)", .nan)]),
      place: { terms[$0].label }, term: { terms[$0].calculation })
    let calculation = Calculation.series(series)
    guard calculation.agrees(result, interpreter.elementType) else { return nil }
    var document = Document()
    let lines = users.map(\.text).first ?? ""
    let general = names.map { "∑[q] ∂\(y)/∂\($0)[q]·∂\($0)[q]/∂\(Printer().text(variable))" }.joined(separator: " + ")
    document.append(
      Line(
        "  \(Printer().text(question.base)) = \(general)".shown(style), .dim,
        margin: "from \(lines)".cut(to: 26, style: style)))
    document.append(
      Line(
        "  q: the places of \(names.joined(separator: ", ")); \(terms.count) of \(count) are not 0".shown(style), .dim))
    document.append(Line())
    let path = Why.Path(steps: [], rungs: [calculation.text()], calculation: calculation, reads: Elements.Reads())
    if terms.count <= 4 {
      document.append(contentsOf: checked(calculation.ladder(question.subject, style), difference, result))
    } else {
      document.append(why.calculation(question, path))
      if let difference {
        document.append(Line("", margin: "central difference \(style.number(difference))"))
      }
    }
    return document
  }

  /// The derivative as a number, with its check.
  private func number(_ question: Why.Question, _ result: Double, _ difference: Double?) throws -> Document {
    let ladder = Ladder(Line(question.subject, .name), [Ladder.Rung(Line(style.number(result), .result))])
    return Document(checked(ladder, difference, result))
  }

  private func checked(_ ladder: Ladder, _ difference: Double?, _ result: Double) -> [Line] {
    LetterAnswer.document(ladder, difference.map { LetterAnswer.check(result, $0, why) }, style)
  }

  /// `(L(x + s) - L(x - s)) / 2s`, the lines run again.
  private func difference(
    _ ancestry: Ancestry, _ x: Version, _ variable: Expression, _ places: [Coordinate], of value: Expression
  )
    -> Double?
  {
    guard let numbers = places.numbers, value.name != nil else { return nil }
    let leaves = x.value.tensors
    guard !leaves.isEmpty else { return nil }
    var index = 0
    switch x.value {
    case .network(let network):
      let text = Printer().text(variable)
      let names = network.network.parameters.map { x.name + $0.name }
      guard
        let found = names.firstIndex(where: {
          $0 == text || network.network.count == 1 && $0 == x.name + "[0]" + text.dropFirst(x.name.count)
        })
      else { return nil }
      index = found
    case .number, .tensor: guard variable.name != nil else { return nil }
    default: return nil
    }
    return CentralDifference.slope(of: leaves[index], at: numbers) { moved in
      var changed = leaves
      changed[index] = moved
      let run = try? interpreter.rerun(ancestry, changing: [(x, x.value.replacing(changed))])
      return run?[ancestry.root].numbers(interpreter.elementType)
    }
  }
}

extension String {
  /// The text with one word replaced wherever it stands alone.
  func replacingWord(_ word: String, with new: String) -> String {
    var (result, current) = ("", "")
    func flush() {
      result += current == word ? new : current
      current = ""
    }
    for character in self {
      if character.isLetter || character.isNumber || character == "_" {
        current.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }

  func replacingAll(_ old: String, with new: String) -> String {
    var (result, rest) = ("", self[...])
    while !rest.isEmpty {
      if rest.hasPrefix(old) {
        result += new
        rest = rest.dropFirst(old.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
