import Display
import Language
import Networks
import Tensors

/// The way back from a loss: at each statement what comes in, the local derivative, what goes out, and the product that joins them.
struct BackwardWalk {
  let maker: WalkMaker
  let ancestry: Ancestry
  private let gradients: Cotangents
  private let route = Route()

  /// Which step sends what on, known when all steps are.
  final class Route {
    /// The step of the statement that bound a name: there its derivative comes in.
    var bound: [String: Int] = [:]
    /// The last step that sends a derivative by a name on.
    var sent: [String: Int] = [:]
    /// What the step of a product of matrices will compute.
    var laws: [Int: String] = [:]
    /// The derivatives by the weights of networks.
    var weights: [(name: String, gradient: Tensor)] = []
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
    private var known: [ObjectIdentifier: Tensor?] = [:]

    init(_ interpreter: Interpreter, _ ancestry: Ancestry) {
      self.interpreter = interpreter
      self.ancestry = ancestry
    }

    /// Nil for what has no numbers, or more than one tensor.
    subscript(version: Version) -> Tensor? {
      if let found = known[ObjectIdentifier(version)] { return found }
      var result: Tensor?
      if version === ancestry.root {
        result = Tensor(1)
      } else if version.value.numbers != nil {
        result = (try? interpreter.gradients(of: ancestry, by: [version]))?.first?.first?.detached
      }
      known[ObjectIdentifier(version)] = result
      return result
    }
  }

  private var root: Version { ancestry.root }
  private func d(_ name: String) -> String { "∂\(root.name)/∂\(name)" }

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
      } else if let version = versions.last, version.value.numbers != nil {
        let number = entries.count + 1
        entries += statement(origin, version, around)
        route.bound[version.name] = number
        for input in inputs(of: origin) { route.sent[input.name] = number }
        if let expression = origin.statement.expression(for: version.name) {
          let laws = picture(
            version.name, expression, nil, inputs(of: origin).map { ($0.name, Tensor(0), Tensor(0)) }, around
          ).laws
          if !laws.isEmpty { route.laws[number] = laws.joined(separator: "      ") }
        }
      }
      last = inputs(of: origin).filter { Ancestry.isLeaf($0) && !LeafKind.isData($0, in: ancestry) }.map(\.name)
    }
    let leaves = (try? maker.interpreter.parameters(of: ancestry)) ?? []
    entries.append(summary(leaves))
    if let first = route.weights.last?.name.prefix(while: { $0 != "." }), last.isEmpty {
      last = route.weights.map(\.name).filter { $0.hasPrefix(first + ".") }
    }
    let names =
      [root.name] + entries.dropFirst().dropLast().map(\.name) + [
        last.isEmpty ? "its inputs" : last.joined(separator: ", ")
      ]
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
  private func inputs(of origin: Origin) -> [Version] {
    Ancestry.inputs(of: origin).filter { version in
      version.value.numbers != nil && LeafKind.of(version, in: ancestry) != .labels
    }
  }

  // MARK: Statements

  private func statement(_ origin: Origin, _ version: Version, _ around: Surroundings) -> [WalkMaker.Entry] {
    guard let expression = origin.statement.expression(for: version.name) else { return [] }
    var inside = around
    var written = expression
    var more: [WalkMaker.Entry] = []
    // A network that is called inside: its result gets a name, and its layers are steps of their own.
    if let call = networkCall(in: expression, around), let incoming = gradients[version] {
      let text = around.text(call.call)
      inside = inside.adding(text, Value(call.output))
      written = expression.replacing(call.call, by: Expression(.name(text), call.call.range))
      let start = call.call == expression ? incoming : Flow.back(incoming, written, to: text, inside)
      if let start { more = layers(call.network, call.name, call.input, start, text) }
      if call.call == expression { return more }
      let picture = picture(version.name, written, incoming, [(text, call.output, start)], inside)
      return [entry(version.name, origin.text, picture, inside, text)] + more
    }
    let used = inputs(of: origin)
    let name = version.name
    return [
      WalkMaker.Entry(name: name) { title in
        let incoming = gradients[version]
        let outgoing = used.map { ($0.name, $0.value.numbers ?? Tensor(0), gradients[$0]) }
        var picture = picture(name, written, incoming, outgoing, inside)
        picture.cameFrom = route.sent[name]
        picture.goesTo = route.bound
        var step = Step(title, origin.text) { picture.document($0) }
        step.remark = { style in
          var remark = picture.remark(style)
          if let next = picture.main.flatMap({ route.bound[$0] }), let law = route.laws[next], picture.isElementwise {
            remark.append("next, step \(next):  \(law)")
          }
          return remark
        }
        step.names = inside.names
        step.example = (picture.main ?? used.first?.name).flatMap { main in
          used.first { $0.name == main }?.value.numbers.map { d(main) + $0.subscripts() }
        }
        return step
      }
    ]
  }

  private func entry(
    _ name: String, _ statement: String, _ picture: FlowPicture, _ around: Surroundings, _ input: String
  )
    -> WalkMaker.Entry
  {
    WalkMaker.Entry(name: name) { title in
      var step = Step(title, statement) { picture.document($0) }
      step.remark = { picture.remark($0) }
      step.names = around.names
      return step
    }
  }

  private func picture(
    _ name: String, _ expression: Expression, _ incoming: Tensor?, _ outgoing: [(String, Tensor, Tensor?)],
    _ around: Surroundings
  ) -> FlowPicture {
    FlowPicture(
      loss: root.name, name: name, expression: expression, incoming: incoming ?? Tensor(0),
      outgoing: outgoing.compactMap { entry in
        entry.2.map { FlowPicture.Out(name: entry.0, value: entry.1, gradient: $0) }
      },
      data: outgoing.map(\.0).filter { name in
        ancestry.leaves.contains { $0.name == name && LeafKind.of($0, in: ancestry) == .samples }
      }, around: around)
  }

  private func networkCall(in expression: Expression, _ around: Surroundings)
    -> (call: Expression, network: Network, name: String, input: Tensor, output: Tensor)?
  {
    var found: (Expression, Network, String, Tensor, Tensor)?
    expression.walk { part in
      guard found == nil, case .call(let callee, let arguments) = part.kind, arguments.count == 1, callee.name != nil,
        case .network(let network)? = around.value(callee), let input = around.tensor(arguments[0].value),
        let output = around.tensor(part)
      else { return }
      found = (part, network.network, around.text(callee), input, output)
    }
    return found
  }

  // MARK: Layers

  /// The layers from the last to the first.
  private func layers(_ network: Network, _ name: String, _ x: Tensor, _ start: Tensor, _ output: String) -> [WalkMaker
    .Entry]
  {
    var inputs = [x.cast(to: network.elementType ?? x.elementType).detached]
    for layer in network.layers.dropLast() {
      guard let y = try? layer(inputs[inputs.count - 1]) else { return [] }
      inputs.append(y.detached)
    }
    var incoming = start
    var entries: [WalkMaker.Entry] = []
    for (index, layer) in network.layers.enumerated().reversed() {
      let own = network.count == 1 ? name : "\(name)[\(index)]"
      let x = inputs[index].variable()
      let weights = layer.parameters.map { $0.value.detached.variable() }
      guard let y = try? layer.replacing(weights)(x) else { return entries }
      let flows = Tensors.gradients(of: (y * incoming.cast(to: y.elementType)).sum(), withRespectTo: [x] + weights)
        .map(\.detached)
      var outs = [FlowPicture.Out(name: "x", value: x.detached, gradient: flows[0])]
      var around = Surroundings(interpreter: maker.interpreter, source: SourceText(""))
      around = around.adding("x", Value(x.detached))
      for (parameter, flow) in zip(layer.parameters, flows.dropFirst()) {
        route.weights.append((own + "." + parameter.name, flow))
        outs.append(.init(name: parameter.name, value: parameter.value.detached, gradient: flow))
        around = around.adding(parameter.name, Value(parameter.value.detached))
      }
      let text =
        layer is Dense && x.rank == 2 ? (layer.parameters.count > 1 ? "x @ W + b" : "x @ W") : "\(layer.kind)(x)"
      let source = SourceText(text)
      around.source = source
      guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return entries }
      let picture = FlowPicture(
        loss: root.name, name: "y", expression: expression, incoming: incoming, outgoing: outs,
        data: index == 0 ? ["x"] : [], around: around)
      let margin = "\(layer.description), back from \(y.shape)"
      let before = index == 0 ? "the input" : "what \(name)[\(index - 1)] gives"
      entries.append(
        WalkMaker.Entry(name: own) { title in
          var step = Step(title, margin) { picture.document($0) }
          step.remark = { style in
            let own = picture.remark(style)
            return own.isEmpty ? ["here y is what \(layer.kind) gives, x \(before)"] : own
          }
          step.names = around.names
          return step
        })
      incoming = flows[0]
    }
    return entries
  }

  // MARK: Time

  /// The passes of a recurrence from the last to the first, the derivative by every value of each.
  private func passes(_ recurrence: Recurrence) -> [WalkMaker.Entry] {
    let numbered = recurrence.equations.filter { $0.offset != nil }
    guard let main = numbered.last else { return [] }
    return recurrence.times.indices.reversed().map { index in
      let time = recurrence.times[index]
      return WalkMaker.Entry(name: "\(main.name)[\(time + (main.offset ?? 0))]") { title in
        var rows: [(name: String, job: String, numbers: [Double])] = []
        var example: String?
        func add(_ name: String, _ number: Int, _ job: String) {
          let text = "\(name)[\(number)]"
          let source = SourceText(d(text))
          guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind,
            let value = try? maker.interpreter.value(of: expression, in: source), let numbers = value.numbers
          else { return }
          rows.append((d(text), job, numbers.elements))
          if example == nil { example = d(text) + numbers.subscripts() }
        }
        for equation in numbered.reversed() {
          let isMain = equation.name == main.name
          add(equation.name, time + (equation.offset ?? 0), isMain ? "from the loss and the steps after" : "")
        }
        for equation in numbered.reversed()
        where recurrence.value(equation.name, time + (equation.offset ?? 0) - 1) != nil {
          let isRead = recurrence.equations.contains { $0.value.readsEarlier(equation.name) }
          if isRead { add(equation.name, time + (equation.offset ?? 0) - 1, "on to the step before") }
        }
        var step = Step(title, "back through \(recurrence.letter) = \(time), \(recurrence.lines)") { style in
          Self.table(rows, style)
        }
        step.example = example
        step.remark = { _ in
          ["each row is the derivative of \(root.name) by that value, through everything that follows it"]
        }
        return step
      }
    }
  }

  private static func table(_ rows: [(name: String, job: String, numbers: [Double])], _ style: Style) -> Document {
    let family = NumberFamily(of: rows.flatMap(\.numbers), format: NumberFormat(style))
    let units = rows.map(\.numbers.count).max() ?? 0
    let name = rows.map { $0.name.shown(style).displayWidth }.max() ?? 0
    let job = rows.map(\.job.count).max() ?? 0
    let cell = max(9, (rows.flatMap { $0.numbers.map { family.text($0).count } }.max() ?? 0) + 3)
    let fitting = max(1, min(units, (style.width - 8 - name - job) / cell))
    var head = Line(String(repeating: " ", count: 2 + name + 2 + job))
    for unit in 0..<fitting { head.append((units == 1 ? "" : "unit \(unit)").leftPadded(to: cell), .dim) }
    var document = Document([head])
    for row in rows {
      var line: Line = "  \(row.name.shown(style).padded(to: name + 2), .name)\(row.job.padded(to: job), .dim)"
      for number in row.numbers.prefix(fitting) { line.append(family.text(number).leftPadded(to: cell), .number) }
      document.append(line)
    }
    return document
  }

  // MARK: The end

  /// All gradients together: what a step downhill uses.
  private func summary(_ leaves: [Version]) -> WalkMaker.Entry {
    WalkMaker.Entry(name: "∇\(root.name)") { title in
      var step = Step(title, "all that came back") { style in
        var document = Document()
        var rows: [(name: String, gradient: Tensor)] = []
        for leaf in leaves {
          guard let gradient = gradients[leaf] else { continue }
          rows.append((leaf.name, gradient))
        }
        rows += route.weights.reversed()
        let width = rows.prefix(12).map { d($0.name).shown(style).displayWidth }.max() ?? 0
        for (name, gradient) in rows.prefix(12) {
          let norm = gradient.elements.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
          let largest = gradient.elements.map(\.magnitude).max() ?? 0
          let shape = gradient.rank == 0 ? "a number" : "\(gradient.shape)"
          document.append(
            "  \(d(name).shown(style).padded(to: width), .name)   \(shape.padded(to: 12))\("‖∇‖ = \(style.number(norm))".shown(style).padded(to: 18))largest \(style.number(largest), .result)"
          )
        }
        if rows.count > 12 { document.append(Line("  \(rows.count - 12) more: see :grads \(root.name)")) }
        return document
      }
      step.remark = { _ in ["a step downhill subtracts a rate times these from what they belong to"] }
      step.example = leaves.first { gradients[$0] != nil }.map { d($0.name) + (gradients[$0]?.subscripts() ?? "") }
      return step
    }
  }
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

/// Derivatives through one expression, by the language's own.
enum Flow {
  /// What comes back to a name of an expression when something comes back to the whole.
  static func back(_ incoming: Tensor, _ expression: Expression, to name: String, _ around: Surroundings) -> Tensor? {
    let cotangent = "∂\u{1}"
    let inside = around.adding(cotangent, Value(incoming))
    let product = Expression(.binary(Operator(.multiply), Expression(.name(cotangent)), expression))
    let sum = Expression(.call(Expression(.name("sum")), [Language.Argument(nil, product)]))
    let gradient = Expression(.gradient([], Expression(.lambda([Name(name)], .expression(sum)))))
    guard let value = inside.value(Expression(.name(name))) else { return nil }
    let input = "∂\u{2}"
    let call = Expression(.call(gradient, [Language.Argument(nil, Expression(.name(input)))]))
    return inside.adding(input, value).tensor(call)
  }
}

extension Expression {
  /// The expression with one part put for another.
  func replacing(_ part: Expression, by other: Expression) -> Expression {
    if self == part { return other }
    func inside(_ child: Expression) -> Expression { child.replacing(part, by: other) }
    switch kind {
    case .negate(let inner): return Expression(.negate(inside(inner)), range)
    case .binary(let op, let left, let right): return Expression(.binary(op, inside(left), inside(right)), range)
    case .call(let callee, let arguments):
      return Expression(.call(callee, arguments.map { Language.Argument($0.label, inside($0.value)) }), range)
    case .transpose(let inner): return Expression(.transpose(inside(inner)), range)
    case .index(let base, let items): return Expression(.index(inside(base), items), range)
    default: return self
    }
  }

  /// Whether it reads a value of a sequence at a shifted place.
  func readsEarlier(_ name: String) -> Bool {
    var reads = false
    walk { part in
      if case .index(let base, let items) = part.kind, base.name?.text == name, let first = items.first?.value,
        first.name == nil
      {
        reads = true
      }
    }
    return reads
  }
}
