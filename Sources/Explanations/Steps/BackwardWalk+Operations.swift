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
  /// Why there is no more to go into.
  var note: String?

  /// Whether something goes back through a name, or through what it is a part of.
  func isActive(_ name: String) -> Bool { active.contains(name) || active.contains(name.root) }
  func isData(_ name: String) -> Bool { data.contains(name) || data.contains(name.root) }
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
        let entries = body(of: user, function.name, arguments, name, [Part("", incoming)], around, backwards)
      {
        return entries
      }
      if case .function(let function) = called, case .user = function.kind {
        var whole = backwards
        whole.note = Self.unfollowed("the lines of \(function.name.isEmpty ? "the function" : function.name)")
        return computation(name, expression, incoming, around, whole)
      }
    }
    // Of a choice the way back is that of the branch that was taken.
    if case .choice(let condition, let yes, let no) = expression.kind, let taken = around.tensor(condition),
      taken.count == 1
    {
      return operations(name, taken.item != 0 ? yes : no, incoming, around, backwards)
    }
    // A part of what a function gives, `f(x)[0]`, goes back through the function.
    if case .index(let base, let items) = expression.kind, case .call = base.kind, items.count == 1,
      case .number(let number)? = items[0].value?.kind, case .list? = around.value(base)
    {
      let part = Part("[\(Int(number))]", incoming)
      if let entries = deliver([part], name, base, around, backwards) { return entries }
    }
    if case .field(let base, let field) = expression.kind, case .call = base.kind,
      let entries = deliver([Part("." + field.text, incoming)], name, base, around, backwards)
    {
      return entries
    }
    return computation(name, expression, incoming, around, backwards)
  }

  static func unfollowed(_ what: String) -> String {
    "\(what) are one step here: more than \(Trace.most) would be passed, or one cannot be taken apart"
  }

  /// The operation that an expression is at its top, then those of its parts.
  func computation(
    _ name: String, _ expression: Expression, _ incoming: Flowing, _ around: Surroundings, _ backwards: Backwards
  ) -> [WalkMaker.Entry] {
    var inside = around
    var written = expression
    let parts = backwards.places == nil ? computations(in: expression, around, backwards) : []
    for part in parts {
      guard let value = around.value(part) else { continue }
      inside = inside.adding(around.text(part), value)
      written = written.replacing(part, by: Expression(.name(around.text(part)), part.range))
    }
    let names = written.freeNames.filter { name in
      backwards.isActive(name) || parts.contains { around.text($0) == name }
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
      (next.statement, next.note) = (backwards.statement, nil)
      entries += operations(around.text(part), part, flow, around, next)
    }
    return entries
  }

  /// The way on to an argument: to its name, or through what it is computed by.
  func argument(
    _ part: Expression, _ flow: Flowing, _ around: Surroundings, _ backwards: Backwards
  ) -> [WalkMaker.Entry] {
    if let name = part.name?.text {
      backwards.collect(name, flow)
      return []
    }
    guard part.freeNames.contains(where: backwards.isActive) else { return [] }
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
      guard part.freeNames.contains(where: backwards.isActive), around.tensor(part) != nil else { continue }
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
        data: Array(backwards.data) + flows.map(\.name).filter(backwards.isData), around: around,
        places: backwards.places)
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
        if let note = backwards.note { return [note] }
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
            guard backwards.isActive(main), let value = shown.out(main)?.value else { return nil }
            return d(main).element(value.subscripts())
          }.first
      }
      let frames = shown.productFrames(around.names, backwards.statement)
      if !frames.isEmpty { step.inners = [("", { Walk("factor", frames) })] }
      return step
    }
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
