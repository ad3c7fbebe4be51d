import Display
import Language
import Networks
import Tensors

/// How a line is looked at on the way back.
struct Backwards {
  /// The line as it is written, and as a statement where it binds element by element.
  var statement: String
  var line: Statement?
  var places: [Place]?
  /// The names through which something goes back, and those among them that hold samples.
  var active: Set<String>
  var data: Set<String> = []
  /// All that comes back to a name, where that is known.
  var total: (String) -> Tensor? = { _ in nil }
  /// What is to be done with what goes back to a name.
  var collect: (String, Flowing) -> Void = { _, _ in }
  /// Whether its names are the session's, so that they can be asked for.
  var isSession = false
}

extension BackwardWalk {
  /// The operations of an expression from the last to the first, each a step.
  func operations(
    _ name: String, _ expression: Expression, _ incoming: Flowing, _ around: Surroundings, _ backwards: Backwards
  ) -> [WalkMaker.Entry] {
    if case .call(let callee, let arguments) = expression.kind, let called = around.value(callee) {
      if case .network(let network) = called, arguments.count == 1, let x = around.tensor(arguments[0].value) {
        let (entries, start) = layers(network.network, around.text(callee), x, incoming)
        return entries + argument(arguments[0].value, start, around, backwards)
      }
      if case .function(let function) = called, case .user(let user) = function.kind,
        let entries = body(of: user, function.name, arguments, name, incoming, around, backwards)
      {
        return entries
      }
    }
    // Of a choice the way back is that of the branch that was taken.
    if case .choice(let condition, let yes, let no) = expression.kind, let taken = around.tensor(condition),
      taken.count == 1
    {
      return operations(name, taken.item != 0 ? yes : no, incoming, around, backwards)
    }
    var inside = around
    var written = expression
    let parts = backwards.places == nil ? computations(in: expression, around, backwards) : []
    for part in parts {
      guard let value = around.value(part) else { continue }
      inside = inside.adding(around.text(part), value)
      written = written.replacing(part, by: Expression(.name(around.text(part)), part.range))
    }
    let names = written.freeNames.filter { name in
      backwards.active.contains(name) || parts.contains { around.text($0) == name }
    }
    let flows = names.map { to in
      (name: to, flow: Flowing { incoming.value.flatMap { flow($0, name, written, to: to, inside, backwards) } })
    }
    var entries = [operation(name, written, incoming, flows, inside, backwards)]
    for (to, flow) in flows where !parts.contains(where: { around.text($0) == to }) { backwards.collect(to, flow) }
    var next = backwards
    (next.places, next.line) = (nil, nil)
    for part in parts {
      guard let flow = flows.first(where: { $0.name == around.text(part) })?.flow else { continue }
      next.statement = backwards.statement
      entries += operations(around.text(part), part, flow, around, next)
    }
    return entries
  }

  /// The way on to an argument: to its name, or through what it is computed by.
  private func argument(
    _ part: Expression, _ flow: Flowing, _ around: Surroundings, _ backwards: Backwards
  ) -> [WalkMaker.Entry] {
    if let name = part.name?.text {
      backwards.collect(name, flow)
      return []
    }
    guard part.freeNames.contains(where: backwards.active.contains) else { return [] }
    return operations(around.text(part), part, flow, around, backwards)
  }

  /// What goes back to one name through one operation; sums that cancel are 0 (R3).
  private func flow(
    _ incoming: Tensor, _ name: String, _ written: Expression, to: String, _ around: Surroundings,
    _ backwards: Backwards
  ) -> Tensor? {
    if backwards.places != nil, let line = backwards.line {
      return Flow.back(incoming, line, binding: name, to: to, around) ?? backwards.total(to)
    }
    guard let flow = Flow.back(incoming, written, to: to, around) else { return nil }
    return RoundingNoise.cleared([flow], of: incoming) { changed in
      Flow.back(changed, written, to: to, around).map { [$0] }
    }[0]
  }

  /// The parts of an expression that are operations of their own.
  private func computations(in expression: Expression, _ around: Surroundings, _ backwards: Backwards) -> [Expression] {
    var parts: [Expression]
    switch expression.kind {
    case .binary(_, let left, let right):
      if let product = FlowPicture.Product(expression) {
        parts = [product.left, product.rightCore] + product.added
      } else {
        let summands = expression.summands
        parts = summands.count > 1 ? summands.map(\.part) : [left, right]
      }
    case .negate(let inner), .transpose(let inner): parts = [inner]
    case .call(_, let arguments): parts = arguments.map(\.value)
    case .index(let base, _): parts = [base]
    default: parts = []
    }
    var found: [Expression] = []
    for part in parts where !found.contains(part) {
      switch part.kind {
      case .binary, .negate, .call, .big, .index, .transpose, .choice: break
      default: continue
      }
      guard part.freeNames.contains(where: backwards.active.contains), around.tensor(part) != nil else { continue }
      found.append(part)
    }
    return found
  }

  /// The step of one operation.
  private func operation(
    _ name: String, _ written: Expression, _ incoming: Flowing, _ flows: [(name: String, flow: Flowing)],
    _ around: Surroundings, _ backwards: Backwards
  ) -> WalkMaker.Entry {
    func picture(_ gradient: Tensor?, isEmpty: Bool = false) -> FlowPicture {
      let outs = flows.compactMap { entry -> FlowPicture.Out? in
        guard let value = around.tensor(Expression(.name(entry.name))) else { return nil }
        if isEmpty { return FlowPicture.Out(name: entry.name, value: value, gradient: value) }
        guard let gradient = entry.flow.value else { return nil }
        let all = backwards.total(entry.name)
        return FlowPicture.Out(
          name: entry.name, value: value, gradient: gradient, isAll: all.map { $0.isNear(gradient) } ?? true)
      }
      return FlowPicture(
        loss: root.name, name: name, expression: written, incoming: gradient ?? Tensor(0), outgoing: outs,
        data: Array(backwards.data), around: around, places: backwards.places)
    }
    route.count += 1
    let number = route.count
    route.bound[name] = number
    for (name, _) in flows { route.sent[name] = number }
    let laws = picture(nil, isEmpty: true).laws
    if !laws.isEmpty { route.laws[number] = laws }
    return WalkMaker.Entry(name: name) { title in
      var picture = picture(incoming.value)
      picture.cameFrom = route.sent[name].flatMap { $0 == number - 1 ? $0 : nil }
      picture.goesTo = route.bound.filter { $0.value > number }
      let shown = picture
      var step = Step(title, backwards.statement) { shown.document($0) }
      step.remark = { style in
        var remark = shown.remark(style)
        if let next = shown.main.flatMap({ route.bound[$0] }), let law = route.laws[next], shown.isElementwise {
          let line = "next, step \(next):  \(law.joined(separator: "      "))"
          remark.append(line.shown(style).displayWidth <= style.width - 4 ? line : "next, step \(next):  \(law[0])")
        }
        return remark
      }
      step.names = around.names
      if backwards.isSession {
        step.example =
          ([shown.main].compactMap { $0 } + flows.map(\.name)).lazy.compactMap { main in
            guard backwards.active.contains(main), let value = shown.out(main)?.value else { return nil }
            return d(main).element(value.subscripts())
          }.first
      }
      let frames = shown.productFrames(around.names, backwards.statement)
      if !frames.isEmpty { step.inners = [("", { Walk("factor", frames) })] }
      return step
    }
  }

  // MARK: Functions of the user

  /// The statements of a function from the last to the first; nil where it is more than one statement after the other.
  private func body(
    of user: UserFunction, _ function: String, _ arguments: [Language.Argument], _ name: String, _ incoming: Flowing,
    _ around: Surroundings, _ outer: Backwards
  ) -> [WalkMaker.Entry]? {
    guard let inside = maker.inside(of: user, arguments, around) else { return nil }
    struct Bound {
      let name: String
      let expression: Expression
      let around: Surroundings
      let backwards: Backwards
    }
    var active = outer.active.filter { !user.parameterNames.contains($0) }
    var data = outer.data.filter { !user.parameterNames.contains($0) }
    var handed: [(parameter: String, part: Expression)] = []
    for (index, parameter) in user.parameterNames.enumerated() {
      guard let part = maker.argument(parameter, index, arguments),
        part.freeNames.contains(where: outer.active.contains)
      else { continue }
      active.insert(parameter)
      if part.freeNames.allSatisfy({ outer.data.contains($0) || !outer.active.contains($0) }) { data.insert(parameter) }
      handed.append((parameter, part))
    }
    var flows: [String: [Flowing]] = [:]
    func sum(_ name: String) -> Flowing {
      let all = flows[name] ?? []
      return Flowing { all.compactMap(\.value).reduce(nil) { sum, next in sum.map { $0 + next } ?? next } }
    }
    func line(_ text: String, _ active: Set<String>) -> Backwards {
      var line = Backwards(statement: "\(text)   in \(function)", active: active)
      line.data = data
      line.collect = { flows[$0, default: []].append($1) }
      return line
    }
    var bound: [Bound] = []
    switch user.definition {
    case .expression(let expression):
      bound = [
        Bound(name: name, expression: expression, around: inside, backwards: line(inside.text(expression), active))
      ]
    case .block(let block):
      var now = inside
      for (index, statement) in block.statements.enumerated() {
        let text = now.source.text(statement.range)
        if case .expression(let expression) = statement.kind {
          guard index == block.statements.count - 1 else { return nil }
          bound.append(Bound(name: name, expression: expression, around: now, backwards: line(text, active)))
          continue
        }
        guard case .bind(let targets, let values, _) = statement.kind, targets.count == 1, values.count == 1,
          let own = targets[0].root, !bound.contains(where: { $0.name == own }), own != name || index > 0,
          let value = now.bound(own, by: statement)
        else { return nil }
        var backwards = line(text, active)
        (backwards.line, backwards.places) = (statement, statement.places(of: own))
        bound.append(Bound(name: own, expression: values[0], around: now, backwards: backwards))
        if values[0].freeNames.contains(where: active.contains) { active.insert(own) }
        now = now.adding(own, value)
      }
    }
    guard let last = bound.last else { return nil }
    var entries: [WalkMaker.Entry] = []
    if let result = last.expression.name?.text {
      flows[result] = [incoming]
    } else {
      entries = operations(last.name, last.expression, incoming, last.around, last.backwards)
    }
    for step in bound.dropLast().reversed() where flows[step.name] != nil {
      entries += operations(step.name, step.expression, sum(step.name), step.around, step.backwards)
    }
    for (parameter, part) in handed where flows[parameter] != nil {
      entries += argument(part, sum(parameter), around, outer)
    }
    for name in outer.active where !user.parameterNames.contains(name) && flows[name] != nil {
      outer.collect(name, sum(name))
    }
    return entries
  }
}

extension Surroundings {
  /// What a statement binds a name to, run on its own.
  func bound(_ name: String, by statement: Statement) -> Value? {
    let block = Block([statement, Statement(.expression(Expression(.name(name))))])
    return value(Expression(.call(Expression(.lambda([], .block(block))), [])))
  }
}

extension Tensor {
  /// Whether it is the same up to rounding.
  func isNear(_ other: Tensor) -> Bool {
    guard shape == other.shape else { return false }
    let (a, b) = (detached.elements, other.detached.elements)
    let size = a.reduce(0) { Swift.max($0, $1.magnitude) }
    return zip(a, b).allSatisfy { ($0 - $1).magnitude <= 1e-6 * size || $0.isNaN && $1.isNaN }
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
}
