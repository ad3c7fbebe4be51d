import Display
import Language
import Tensors

/// Where a line is no product, sum or function that is turned round as a whole: the calculation of each element that the lines give,
/// differentiated by the rules of school.
extension Backward {
  /// `∂L/∂x[p] = ∑[q] ∂L/∂z[q]·(the derivative of z[q] by x[p])`, over all lines that used `x`.
  func derived(
    _ x: Version, _ variable: Expression, _ ancestry: Ancestry, _ y: String, _ question: Why.Question, _ result: Double,
    _ difference: CentralDifference?
  ) throws -> Document? {
    guard let numbers = question.places.numbers else { return nil }
    let name = Printer().text(variable)
    let places = Array(["i", "j", "l", "m"].prefix(numbers.count))
    guard places.count == numbers.count else { return nil }
    let target = Target(name: name, loss: y, places: places, isSequence: false)
    let users = ancestry.origins.filter { origin in Ancestry.inputs(of: origin).contains { $0 === x } }
    let count = users.flatMap(Ancestry.inputs).reduce(0) { $0 + $1.value.tensors.reduce(0) { $0 + $1.count } }
    guard count <= Self.mostNumbers else { return nil }
    var (formulas, parts): ([String], [(Elements) throws -> Calculation?]) = ([], [])
    for user in users {
      guard !user.isForgotten else { return nil }
      if user === ancestry.root.origin {
        let known = Known(y, ancestry.root.value, .version(ancestry.root))
        let value = user.statement.expressions.last.map { Printer().text($0) } ?? y
        formulas.append("∂(\(value))/∂\(target.label)")
        parts.append { elements in
          guard let made = try calculation(of: known, [], elements),
            let slope = rules(target.label(numbers)).derivative(of: made)
          else { throw Self.noRule }
          return slope.isZero ? nil : slope
        }
        continue
      }
      var versions: [Version] = []
      for version in ancestry.origins.flatMap(Ancestry.inputs)
      where version.origin === user && version !== x && !versions.contains(where: { $0 === version }) {
        versions.append(version)
      }
      for version in versions {
        guard interpreter.version(of: version.name) === version else { return nil }
        let known = Known(version.name, version.value, .version(version))
        let flow = try partial(y, by: version.name)
        let isOne = try flow.value().numbers(.float64)?.rank == 0
        let at = isOne ? "" : "[q]"
        let local = "∂\(version.name)\(at)/∂\(target.label)"
        formulas.append("\(isOne ? "" : "∑[q] ")∂\(y)/∂\(version.name)\(at)·\(local)")
        parts.append { elements in try sent(by: known, flow, [], local, to: target.label(numbers), elements) }
      }
    }
    guard !parts.isEmpty else { return nil }
    let lines = users.map(\.text).joined(separator: ", ")
    let law = LetterLaw(
      places, formula: formulas.joined(separator: " + "), margin: "from \(lines)".cut(to: 30, style: style)
    ) { _, elements in
      let found = try parts.compactMap { try $0(elements) }
      return found.isEmpty ? 0 : found.dropFirst().reduce(found[0]) { $0 + $1 }
    }
    let answer = LetterAnswer(why: why, difference: difference, meaning: { self.meaning(question, $0) })
    return try? answer.document(question, law, result)
  }

  private static let noRule = Diagnostic("E0814", "no rule")

  /// The calculation behind an element, the letters that functions and loops bind on their way put in.
  func calculation(of known: Known, _ at: [Coordinate], _ elements: Elements) throws -> Calculation? {
    try calculation(of: known, at, elements.reads)
  }

  private func calculation(of known: Known, _ at: [Coordinate], _ reads: Elements.Reads) throws -> Calculation? {
    var elements = Elements(reads)
    elements.opensGradients = true
    guard let made = try elements.derivation(known, at, interpreter) else { return nil }
    return try Self.expanded(made.calculation, reads, interpreter)
  }

  /// The letters that functions and loops bind on their way put in; nil where there are too many.
  static func expanded(_ calculation: Calculation, _ reads: Elements.Reads, _ interpreter: Interpreter) throws
    -> Calculation?
  {
    var count = 0
    func put(_ calculation: Calculation, _ reads: Elements.Reads) throws -> Calculation? {
      var isComplete = true
      func change(_ part: Calculation) -> Calculation {
        guard case .read(let label, _) = part, let read = reads.all.first(where: { $0.label == label }),
          case .expression(let meant, _) = read.known.how, !meant.isPartial
        else {
          if case .series(let series) = part {
            return .series(
              .init(
                series.letters, count: series.count, body: series.body, total: series.total, place: series.place,
                term: { change(series.term($0)) }))
          }
          return part.mapChildren(change)
        }
        count += 1
        let inner = Elements.Reads()
        guard count < Self.mostSteps, let made = try? Elements(inner).derivation(read.known, read.at, interpreter)
        else {
          isComplete = false
          return part
        }
        // What is not taken apart is read as it is.
        if case .read(label, _) = made.calculation { return part }
        guard let found = try? put(made.calculation, inner)
        else {
          isComplete = false
          return part
        }
        return found
      }
      let changed = change(calculation)
      return isComplete ? changed : nil
    }
    return try put(calculation, reads)
  }

  /// Lines that read more numbers than this are not written out element by element.
  private static let mostNumbers = 4000

  /// The most steps of functions and loops that are put in.
  private static let mostSteps = 400

  /// `∂y[0]/∂x[1]`: the calculation of that element of `y`, differentiated.
  func local(_ value: Expression, _ variable: Expression, _ question: Why.Question, _ result: Double) throws
    -> Document?
  {
    guard let numbers = question.places.numbers, case .index(let base, let items) = value.kind,
      let name = base.name?.text, let version = interpreter.version(of: name)
    else { return nil }
    let at = try items.compactMap { item -> Coordinate? in
      guard case .value(let place) = item.kind,
        case .number(let number) = try interpreter.value(of: place, in: question.source)
      else { return nil }
      return Int(exactly: number).map { Coordinate($0) }
    }
    guard at.count == items.count else { return nil }
    let label = Printer().text(variable) + numbers.map { Coordinate($0) }.text
    let known = Known(name, version.value, .version(version))
    guard var path = try why.path(known, at) else { return nil }
    let made = try calculation(of: known, at, path.reads)
    var slope = made.flatMap { rules(label).derivative(of: $0) }
    // Further down, as far as the numbers that are read are made of others.
    var depth = 0
    while slope?.isZero == true, depth < 4, why.inline(1, into: &path) {
      slope = rules(label).derivative(of: path.calculation)
      depth += 1
    }
    guard let slope else { return nil }
    let law = LetterLaw(
      numbers.indices.map { ["i", "j", "l", "m"][min($0, 3)] }, isWhole: true,
      formula: "the derivative of \(made?.text() ?? path.rungs[0])",
      margin: path.steps.first?.line.map { "your line \($0)" } ?? ""
    ) { _, elements in
      for read in path.reads.all { elements.reads.add(read.label, read.known, read.at) }
      return slope
    }
    let ancestry = interpreter.ancestry(of: name)
    let x = variable.name.flatMap { interpreter.version(of: $0.text) }
    let leaf = x?.value.numbers(interpreter.elementType)
    var difference: CentralDifference?
    if let ancestry, let x, let leaf, !isSequence(x), let places = at.numbers {
      difference = CentralDifference(of: leaf, at: numbers) { moved in
        guard let run = try? interpreter.rerun(ancestry, changing: [(x, x.value.replacing([moved]))]),
          let number = try? Elements.number(in: run[ancestry.root], places, name, .float64)
        else { return nil }
        return Tensor([number], shape: .scalar)
      }
    }
    return try? LetterAnswer(why: why, difference: difference).document(question, law, result)
  }
}
