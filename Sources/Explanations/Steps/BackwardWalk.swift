import Display
import Language
import Networks
import Tensors

/// The way back from a loss: at each operation what comes in, the local derivative, what goes out, and the product that joins them.
///
/// A statement is taken apart into its operations, a network into its layers, a function of the user into its statements, a loop
/// into its passes; each is one step.
struct BackwardWalk {
  let maker: WalkMaker
  let ancestry: Ancestry
  let gradients: Cotangents
  private(set) var route = Route()

  /// Which step sends what on, known when all steps are.
  final class Route {
    /// How many steps there are so far.
    var count = 0
    /// The step of the statement that bound a name: there its derivative comes in.
    var bound: [String: Int] = [:]
    /// The last step that sends a derivative by a name on.
    var sent: [String: Int] = [:]
    /// What the step of a product of matrices will compute.
    var laws: [Int: [String]] = [:]
    /// The derivatives by the weights of networks.
    var weights: [(name: String, gradient: Tensor)] = []

    /// One more way back to a weight: a network may be used more than once.
    func add(_ flow: Tensor, to name: String) {
      guard let known = weights.firstIndex(where: { $0.name == name }) else {
        weights.append((name, flow))
        return
      }
      weights[known].gradient = weights[known].gradient + flow
    }

    /// What went back to names of the session, each way on its own.
    var returned: [(name: String, flow: Flowing)] = []
  }

  init(_ maker: WalkMaker, _ ancestry: Ancestry) {
    self.maker = maker
    self.ancestry = ancestry
    gradients = Cotangents(maker.interpreter, ancestry)
  }

  /// The derivatives of the loss by values on the way, each computed once.
  final class Cotangents {
    private let interpreter: Interpreter
    private let ancestry: Ancestry
    private var known: [ObjectIdentifier: [(path: String, tensor: Tensor)]] = [:]

    init(_ interpreter: Interpreter, _ ancestry: Ancestry) {
      self.interpreter = interpreter
      self.ancestry = ancestry
    }

    /// Nil for what has no numbers, or more than one tensor.
    subscript(version: Version) -> Tensor? { version.value.numbers == nil ? nil : parts(of: version).first?.tensor }

    /// The derivatives by all tensors in it, each with its place: `.W` of a record, nothing of a tensor.
    func parts(of version: Version) -> [(path: String, tensor: Tensor)] {
      if let found = known[ObjectIdentifier(version)] { return found }
      var result: [(path: String, tensor: Tensor)] = []
      if version === ancestry.root {
        result = [("", Tensor(1))]
      } else if version.isNumeric, let own = (try? interpreter.clearedGradients(of: ancestry, by: [version]))?.first {
        var paths: [String] = []
        version.value.nameLeaves("", into: &paths)
        result = Array(zip(paths, own.map(\.detached)))
      }
      known[ObjectIdentifier(version)] = result
      return result
    }
  }

  /// The same loss, its steps counted anew: for a walk inside a step.
  var inside: BackwardWalk {
    var copy = self
    copy.route = Route()
    return copy
  }

  var root: Version { ancestry.root }
  func d(_ name: String) -> String { "∂\(root.name)/∂" + name.asOperand }

  /// - Throws: E0820 where there is no way back.
  func walk() throws(Diagnostic) -> Walk {
    guard let value = root.value.numbers, value.count == 1 else {
      throw Diagnostic(
        "E0824", "\(root.name) is \(root.value.outline): the way back begins at one number",
        suggestions: [.init(.try, ":backward L", remark: "L a loss, such as mean(…)")])
    }
    let lines = ancestry.origins.filter { !$0.isForgotten && !Ancestry.inputs(of: $0).isEmpty }
    guard !lines.isEmpty else {
      throw Diagnostic("E0820", "\(root.name) was not computed from other values: there is no way back")
    }
    var entries: [WalkMaker.Entry] = []
    var last: [String] = []
    for (origin, versions) in ancestry.versions(along: lines).reversed() {
      let around = Surroundings(interpreter: maker.interpreter, source: origin.source, origin: origin)
      if let recurrence = Recurrence(origin, versions, around) {
        entries += passes(recurrence)
      } else {
        entries += statement(origin, versions.filter(\.isNumeric), around)
      }
      last = inputs(of: origin).filter { Ancestry.isLeaf($0) && !LeafKind.isData($0, in: ancestry) }.map(\.name)
    }
    let leaves = (try? maker.interpreter.parameters(of: ancestry)) ?? []
    entries.append(summary(leaves))
    last = last.filter { name in leaves.contains { $0.name == name } }
    if let first = route.weights.last?.name.prefix(while: { $0 != "." }), last.isEmpty {
      last = route.weights.map(\.name).filter { $0.hasPrefix(first + ".") }
    }
    var end = last.joined(separator: ", ")
    for count in [4, 2, 1] where last.count > count && (end.count > 30 || last.count > 4) {
      end = last.prefix(count).joined(separator: ", ") + ", …"
    }
    let names =
      [root.name] + entries.dropFirst().dropLast().map(\.shownName) + [last.isEmpty ? "its inputs" : end]
    return Walk(
      count: entries.count,
      place: { entries.place(of: $0) }
    ) { index in
      var step = entries[index].make(.path(names, index + 1 < names.count ? index + 1 : -1))
      if index + 1 == entries.count { step.title = .path(names, -1) }
      return step
    }
  }

  /// The values that a statement used through which something goes back.
  func inputs(of origin: Origin) -> [Version] {
    Ancestry.inputs(of: origin).filter { version in
      version.isNumeric && LeafKind.of(version, in: ancestry) != .labels
    }
  }

  // MARK: Statements

  private func statement(_ origin: Origin, _ versions: [Version], _ around: Surroundings) -> [WalkMaker.Entry] {
    let used = inputs(of: origin)
    // Something goes back through a network to its weights, whatever it is given.
    let networks = Ancestry.inputs(of: origin).filter { version in
      if case .network(let network) = version.value { !network.network.parameters.isEmpty } else { false }
    }
    func backwards(_ name: String, _ read: [String] = []) -> Backwards {
      var backwards = Backwards(
        statement: origin.text, line: origin.statement, places: origin.statement.places(of: name),
        active: Set((used + networks).map(\.name) + read))
      backwards.data = Set(used.filter { LeafKind.of($0, in: ancestry) == .samples }.map(\.name))
      backwards.total = { name in
        used.first { $0.name == name.root }.flatMap { version in
          gradients.parts(of: version).first { version.name + $0.path == name }?.tensor
        }
      }
      backwards.isSession = true
      backwards.collect = { route.returned.append(($0, $1)) }
      return backwards
    }
    func parts(_ version: Version) -> [Part] {
      // The first value of a sequence.
      if case .sequence = version.value {
        guard let place = origin.statement.places(of: version.name)?.first, let number = place.number else { return [] }
        return [Part("", Flowing { total("\(version.name)[\(number)]") })]
      }
      return version.value.numbers != nil
        ? [Part("", Flowing { gradients[version] })]
        : gradients.parts(of: version).map { part in Part(part.path, Flowing { part.tensor }) }
    }
    switch origin.statement.kind {
    case .bind(let targets, let values, _) where targets.count > values.count:
      let all = targets.enumerated().flatMap { index, target -> [Part] in
        guard let version = versions.first(where: { $0.name == target.root }) else { return [] }
        return parts(version).map { Part("[\(index)]" + $0.path, $0.flow) }
      }
      let names = targets.compactMap(\.root).joined(separator: ", ")
      let (written, inside, read) = reading(sequencesOf: origin, values[0], around)
      return deliver(all, names, written, inside, backwards("", read)) ?? []
    case .bind, .expression:
      return versions.reversed().flatMap { version -> [WalkMaker.Entry] in
        guard let expression = origin.statement.expression(for: version.name) else { return [] }
        let (written, inside, read) = reading(sequencesOf: origin, expression, around)
        let (named, wholly, _) = inside.naming(partsOf: written)
        return deliver(parts(version), version.name, named, wholly, backwards(version.name, read)) ?? []
      }
    default: return loop(origin, versions, around, backwards(""))
    }
  }

  /// A loop or a choice of the session, followed line by line.
  private func loop(
    _ origin: Origin, _ versions: [Version], _ around: Surroundings, _ backwards: Backwards
  ) -> [WalkMaker.Entry] {
    guard let trace = Trace([origin.statement], around) else { return [whole(origin, versions)] }
    let flows = Flows(trace) { element in
      Flowing { total("\(element.base)[\(element.number)]") }
    }
    for version in versions where version.value.numbers != nil && trace.sequences[version.name] == nil {
      flows.add(version.name, Flowing { gradients[version] })
    }
    var active = backwards.active
    trace.activate(&active)
    defer { for name in flows.names { flows.sum(name).map { backwards.collect(name, $0) } } }
    return follow(
      trace.lines, flows, Followed(place: "line \(origin.line)", active: active, data: backwards.data))
  }

  /// A loop that cannot be followed line by line: what comes back to what it bound, and all that comes back to what it used.
  private func whole(_ origin: Origin, _ versions: [Version]) -> WalkMaker.Entry {
    route.count += 1
    return WalkMaker.Entry(name: versions.map(\.name).joined(separator: ", ")) { title in
      var step = Step(title, origin.text.firstLineOnly) { style in
        func rows(_ versions: [Version], _ sign: String, _ job: String, _ role: Role) -> [MatrixStack.Row] {
          versions.flatMap { version in
            gradients.parts(of: version).map {
              .init(sign, $0.tensor.grid, d(version.name + $0.path) + job, role: role)
            }
          }
        }
        let all =
          rows(versions, "incoming", " as it leaves it", .operandA)
          + rows(inputs(of: origin), "outgoing", ", all that comes back", .result).prefix(5)
        return MatrixStack(all, leads: .left)
          .drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
      }
      step.remark = { _ in [Self.unfollowed("its lines")] }
      return step
    }
  }

  /// The derivative by something that the session can name.
  private func total(_ path: String) -> Tensor? {
    let source = SourceText(d(path))
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
    return (try? maker.interpreter.value(of: expression, in: source))?.numbers
  }

  /// The line with each value of a sequence under a name of its own: `h[1]` for `h[end]`.
  private func reading(sequencesOf origin: Origin, _ expression: Expression, _ around: Surroundings)
    -> (written: Expression, inside: Surroundings, names: [String])
  {
    var (written, inside, names) = (expression, around, [String]())
    for version in Ancestry.inputs(of: origin) {
      guard case .sequence(let sequence) = version.value else { continue }
      expression.walk { part in
        guard case .index(let base, let items) = part.kind, base.name?.text == version.name, items.count == 1,
          let item = items[0].value, let value = around.value(part), value.numbers != nil
        else { return }
        let number = item.kind == .end ? "\(sequence.numbers.upperBound - 1)" : around.text(item)
        let name = "\(version.name)[\(number)]"
        written = written.replacing(part, by: Expression(.name(name), part.range))
        inside = inside.adding(name, value)
        names.append(name)
      }
      if written.freeNames.contains(version.name), let whole = around.tensor(Expression(.name(version.name))) {
        inside = inside.adding(version.name, Value(whole))
        names.append(version.name)
      }
    }
    return (written, inside, names)
  }

  // MARK: The end

  /// All gradients together: what a step downhill uses.
  private func summary(_ leaves: [Version]) -> WalkMaker.Entry {
    WalkMaker.Entry(name: "∇\(root.name)") { title in
      var step = Step(title, "all that came back") { style in
        var rows = leaves.flatMap { leaf -> [(name: String, gradient: Tensor)] in
          if case .network = leaf.value { return [] }
          return gradients.parts(of: leaf).map { (leaf.name + $0.path, $0.tensor) }
        }
        rows += route.weights.reversed().map { ($0.name, $0.gradient) }
        let shown = rows.prefix(12)
        var table = Table([.init(gap: 2), .init(gap: 2), .init(gap: 2), .init()])
        for (name, gradient) in shown {
          let norm = gradient.elements.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
          let largest = gradient.elements.map(\.magnitude).max() ?? 0
          table.append([
            Line(d(name).shown(style), .name), Line(gradient.rank == 0 ? "a number" : "\(gradient.shape)"),
            Line("‖∇‖ = \(style.number(norm))".shown(style)), "max \(style.number(largest), .result)",
          ])
        }
        var document = table.document(style)
        if rows.count > shown.count {
          document.append(Line("  \(rows.count - shown.count) more: see :grads \(root.name)"))
        }
        return document
      }
      step.remark = { _ in ["a step downhill subtracts a rate times these from what they belong to"] }
      step.example =
        leaves.lazy.compactMap { leaf -> String? in
          if case .network = leaf.value { return nil }
          return gradients.parts(of: leaf).first.map { d(leaf.name + $0.path).element($0.tensor.subscripts()) }
        }.first
      return step
    }
  }
}

extension Version {
  /// Whether it is numbers, or a record or list of them.
  fileprivate var isNumeric: Bool {
    switch value {
    case .record, .list: !value.tensors.isEmpty
    case .sequence: true
    default: value.numbers != nil
    }
  }
}

/// What comes back at one place, computed when it is first looked at.
final class Flowing {
  private let make: () -> Tensor?
  lazy var value: Tensor? = make()

  init(_ make: @escaping () -> Tensor?) { self.make = make }
}

extension WalkMaker.Entry {
  /// As it stands in a path.
  var shownName: String { name.count > 24 ? name.prefix(22) + "…" : name }
}

extension WalkMaker {
  /// The way back from a loss that a name is bound to.
  /// - Throws: E0820, E0824.
  package func backward(from text: String) throws(Diagnostic) -> Walk {
    guard
      let name = Parser.parse(SourceText(text)).statements.first.flatMap({ statement -> String? in
        if case .expression(let expression) = statement.kind { return expression.name?.text }
        return nil
      })
    else {
      throw Diagnostic(
        "E0824", "the way back begins at a name: bind the loss first", suggestions: [.init(.try, "L = \(text)")])
    }
    _ = try interpreter.bound(name, for: ":backward")
    guard let ancestry = interpreter.ancestry(of: name) else {
      throw Diagnostic("E0820", "\(name) was not computed from other values: there is no way back")
    }
    return try BackwardWalk(self, ancestry).walk()
  }
}

/// Derivatives through one line, by the language's own.
enum Flow {
  /// What comes back to a name of an expression when something comes back to the whole.
  static func back(_ incoming: Tensor, _ expression: Expression, to name: String, _ around: Surroundings) -> Tensor? {
    back(incoming, [], expression, to: name, around)
  }

  /// What comes back to a name through a statement that binds another one, as an index equation does.
  static func back(
    _ incoming: Tensor, _ statement: Statement, binding: String, to name: String, _ around: Surroundings
  ) -> Tensor? {
    back(incoming, [statement], Expression(.name(binding)), to: name, around)
  }

  private static func back(
    _ incoming: Tensor, _ statements: [Statement], _ expression: Expression, to name: String, _ around: Surroundings
  ) -> Tensor? {
    let cotangent = "∂\u{1}"
    let inside = around.adding(cotangent, Value(incoming))
    let product = Expression(.binary(Operator(.multiply), Expression(.name(cotangent)), expression))
    let sum = Expression(.call(Expression(.name("sum")), [Language.Argument(nil, product)]))
    let body: Body =
      statements.isEmpty ? .expression(sum) : .block(Block(statements + [Statement(.expression(sum))]))
    let gradient = Expression(.gradient([], Expression(.lambda([Name(name)], body))))
    guard let value = inside.value(Expression(.name(name))) else { return nil }
    let input = "∂\u{2}"
    let call = Expression(.call(gradient, [Language.Argument(nil, Expression(.name(input)))]))
    return inside.adding(input, value).tensor(call)
  }
}

extension Place {
  /// The number at which a first value stands.
  fileprivate var number: Int? { if case .integer(let number) = kind { number } else { nil } }
}
