import Display
import Language
import Networks
import Tensors

/// The way back through statements that ran one after the other: those of a function, the passes of a loop.
extension BackwardWalk {
  /// What comes back to a part of a value: `.W` of a record, `[0]` of a list, nothing of the whole.
  struct Part {
    let path: Substring
    let flow: Flowing

    init(_ path: some StringProtocol, _ flow: Flowing) { (self.path, self.flow) = (Substring(path), flow) }

    /// `.W` of `.W[0]`, and the rest.
    var split: (first: Substring, rest: Substring)? {
      guard let start = path.first else { return nil }
      let end =
        start == "["
        ? path.firstIndex(of: "]").map { path.index(after: $0) } : path.dropFirst().firstIndex { ".[".contains($0) }
      return (path[..<(end ?? path.endIndex)], path[(end ?? path.endIndex)...])
    }
  }

  /// What comes back to each name, gathered until the line that bound it is reached.
  final class Flows {
    private var table: [String: [Flowing]] = [:]
    private let trace: Trace
    /// Of a sequence of the session all that comes back to one of its values is known.
    private let total: (Trace.Element) -> Flowing?

    init(_ trace: Trace, total: @escaping (Trace.Element) -> Flowing? = { _ in nil }) {
      (self.trace, self.total) = (trace, total)
    }

    var names: [String] { table.keys.sorted() }

    func add(_ name: String, _ flow: Flowing) {
      let name = name.withoutOld
      if let element = trace.elements[name], !element.isOfSequence {
        // What was not read gets 0.
        guard let whole = trace.around.tensor(Expression(.name(element.base))) else { return }
        add(
          element.base,
          Flowing {
            flow.value.map { part in
              var numbers = [Double](repeating: 0, count: whole.count)
              let size = part.count
              for (place, number) in part.elements.enumerated() { numbers[element.number * size + place] = number }
              return Tensor(numbers, shape: whole.shape, part.elementType)
            }
          })
        return
      }
      if let sequence = trace.sequences[name] {
        // Read whole, it is the tensor of its values from 0 on.
        for (row, number) in sequence.keys.filter({ $0 >= 0 }).sorted().enumerated() {
          let part = Flowing { flow.value.flatMap { row < $0.shape[0] ? $0[row].detached : nil } }
          table["\(name)[\(number)]", default: []].append(part)
        }
        return
      }
      table[name, default: []].append(flow)
    }

    /// All that has come back to a name so far; nil if nothing has.
    func sum(_ name: String) -> Flowing? {
      if let element = trace.elements[name], let known = total(element) { return known }
      guard let all = table[name], !all.isEmpty else { return nil }
      return Flowing { all.compactMap(\.value).reduce(nil) { sum, next in sum.map { $0 + next } ?? next } }
    }

    /// What has come back to a name and to parts of it; it is bound here, so what comes back further on is to what it was before.
    func take(_ name: String) -> [Part] {
      let own = table.keys.filter { $0 == name || $0.hasPrefix(name + ".") || $0.hasPrefix(name + "[") }.sorted()
      let isKnown = table[name] == nil && trace.elements[name].flatMap(total) != nil
      let parts = ((isKnown ? [name] : []) + own).compactMap { key in
        sum(key).map { Part(key.dropFirst(name.count), $0) }
      }
      for key in own { table[key] = nil }
      return parts
    }
  }

  /// How the lines of a trace are looked at.
  struct Followed {
    /// `in f`
    let place: String
    var active: Set<String>
    let data: Set<String>
  }

  /// The lines from the last to the first.
  func follow(_ lines: [Trace.Line], _ flows: Flows, _ followed: Followed) -> [WalkMaker.Entry] {
    lines.reversed().flatMap { line in
      switch line {
      case .bound(let bound): follow(bound, flows, followed)
      case .pass(let pass): follow(pass, flows, followed)
      }
    }
  }

  private func follow(_ bound: Trace.Bound, _ flows: Flows, _ followed: Followed) -> [WalkMaker.Entry] {
    let words = ([bound.text, followed.place, bound.reason].filter { !$0.isEmpty }).joined(separator: "   ")
    var backwards = Backwards(statement: words, line: bound.line, places: bound.places, active: followed.active)
    backwards.data = followed.data
    backwards.collect = { flows.add($0, $1) }
    // Everything on the left is bound at once.
    let taken = bound.pieces.map { flows.take($0.name) }
    if bound.isUnpacking, let call = bound.pieces.first?.expression {
      let parts = taken.enumerated().flatMap { index, parts in
        parts.map { Part("[\(index)]" + $0.path, $0.flow) }
      }
      return deliver(parts, bound.pieces.map(\.name).joined(separator: ", "), call, bound.around, backwards) ?? []
    }
    return zip(bound.pieces, taken).reversed().flatMap { piece, parts in
      deliver(parts, piece.name, piece.expression, bound.around, backwards) ?? []
    }
  }

  /// One pass of a loop as a step, its operations inside.
  private func follow(_ pass: Trace.Pass, _ flows: Flows, _ followed: Followed) -> [WalkMaker.Entry] {
    let incoming = pass.boundNames.compactMap { name in flows.sum(name).map { (name, $0) } }
    let entries = inside.follow(pass.lines, flows, followed)
    guard !entries.isEmpty else { return [] }
    let names = pass.boundNames
    let outgoing = flows.names.filter { pass.reads($0) }.compactMap { name in
      flows.sum(name).map { (name, names.contains(name) ? "as this pass found it" : "so far", $0) }
    }
    route.count += 1
    return [
      WalkMaker.Entry(name: pass.name) { title in
        var step = Step(title, "back through \(pass.name), \(followed.place)") { style in
          var rows: [MatrixStack.Row] = []
          for (name, flow) in incoming {
            guard let value = flow.value else { continue }
            rows.append(.init("incoming", value.grid, "\(d(name)) as this pass leaves it", role: .operandA))
          }
          for (name, job, flow) in outgoing.prefix(5) {
            guard let value = flow.value else { continue }
            rows.append(.init("outgoing", value.grid, "\(d(name)) \(job)", role: .result))
          }
          return MatrixStack(rows, leads: .left)
            .drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
        }
        step.remark = { _ in ["into shows each operation of this pass, from the last to the first"] }
        let names = entries.map(\.shownName)
        step.inners = [
          (
            "",
            { Walk(count: entries.count, place: { entries.place(of: $0) }) { entries[$0].make(.path(names, $0)) } }
          )
        ]
        step.names = pass.around.names
        return step
      }
    ]
  }

  // MARK: Parts

  /// What comes back to parts of what an expression gives, and on through it; nil where a part is none that it has.
  func deliver(
    _ parts: [Part], _ name: String, _ expression: Expression, _ around: Surroundings, _ backwards: Backwards
  ) -> [WalkMaker.Entry]? {
    guard !parts.isEmpty else { return [] }
    if let own = expression.name?.text {
      for part in parts { backwards.collect(own + part.path, part.flow) }
      return []
    }
    if parts.allSatisfy(\.path.isEmpty) {
      let flows = parts.map(\.flow)
      let sum =
        flows.count == 1
        ? flows[0] : Flowing { flows.compactMap(\.value).reduce(nil) { sum, next in sum.map { $0 + next } ?? next } }
      return operations(name, expression, sum, around, backwards)
    }
    func among(_ items: [(key: String, part: Expression)]) -> [WalkMaker.Entry] {
      items.reversed().flatMap { item -> [WalkMaker.Entry] in
        let own = parts.compactMap { part in
          part.split.flatMap { $0.first == item.key ? Part($0.rest, part.flow) : nil }
        }
        return deliver(own, around.text(item.part), item.part, around, backwards) ?? []
      }
    }
    switch expression.kind {
    case .list(let items): return among(items.enumerated().map { ("[\($0)]", $1) })
    case .record(let fields): return among(fields.map { (".\($0.label?.text ?? "")", $0.value) })
    case .choice(let condition, let yes, let no):
      guard let taken = around.tensor(condition), taken.count == 1 else { return nil }
      return deliver(parts, name, taken.item != 0 ? yes : no, around, backwards)
    case .call(let callee, let arguments):
      guard case .function(let function)? = around.value(callee), case .user(let user) = function.kind,
        let entries = body(of: user, function.name, arguments, name, parts, around, backwards)
      else { break }
      return entries
    default: break
    }
    // One step for each part.
    return parts.reversed().flatMap { part -> [WalkMaker.Entry] in
      let taken = expression.taking(part.path)
      guard around.tensor(taken) != nil else { return [] }
      return computation(around.text(expression) + part.path, taken, part.flow, around, backwards)
    }
  }

  // MARK: Functions of the user

  /// The statements of a function from the last to the first; nil where they cannot be followed one by one.
  func body(
    of user: UserFunction, _ function: String, _ arguments: [Language.Argument], _ name: String, _ incoming: [Part],
    _ around: Surroundings, _ outer: Backwards
  ) -> [WalkMaker.Entry]? {
    guard let inside = maker.inside(of: user, arguments, around) else { return nil }
    let statements: [Statement]
    switch user.definition {
    case .expression(let expression): statements = [Statement(.expression(expression), expression.range)]
    case .block(let block): statements = block.statements
    }
    guard let trace = Trace(statements, inside, result: name) else { return nil }
    var active = outer.active.filter { !user.parameterNames.contains($0) }
    var data = outer.data.filter { !user.parameterNames.contains($0) }
    var handed: [(parameter: String, part: Expression)] = []
    for (index, parameter) in user.parameterNames.enumerated() {
      guard let part = maker.argument(parameter, index, arguments), part.freeNames.contains(where: outer.isActive)
      else { continue }
      active.insert(parameter)
      if part.freeNames.allSatisfy({ outer.isData($0) || !outer.isActive($0) }) { data.insert(parameter) }
      handed.append((parameter, part))
    }
    trace.activate(&active)
    let flows = Flows(trace)
    for part in incoming { flows.add(name + part.path, part.flow) }
    let place = function.isEmpty ? "in a function" : "in \(function)"
    var entries = follow(trace.lines, flows, Followed(place: place, active: active, data: data))
    let parameters = flows.names
    for (parameter, part) in handed {
      entries += deliver(flows.take(parameter), around.text(part), part, around, outer) ?? []
    }
    for name in parameters where !user.parameterNames.contains(name.root) {
      guard outer.isActive(name), let flow = flows.sum(name) else { continue }
      outer.collect(name, flow)
    }
    return entries
  }
}

extension Trace {
  /// Adds the names that are computed from active ones.
  func activate(_ active: inout Set<String>) { activate(lines, &active) }

  private func activate(_ lines: [Line], _ active: inout Set<String>) {
    for line in lines {
      switch line {
      case .pass(let pass): activate(pass.lines, &active)
      case .bound(let bound):
        for piece in bound.pieces
        where piece.expression.freeNames.contains(where: { active.contains($0) || active.contains($0.root) }) {
          active.insert(piece.name)
          // A sequence read whole.
          if elements[piece.name]?.isOfSequence == true { active.insert(piece.name.root) }
        }
      }
    }
  }
}

extension Trace.Pass {
  /// Whether a line of it reads a name.
  fileprivate func reads(_ name: String) -> Bool {
    lines.contains { line in
      switch line {
      case .pass(let pass): pass.reads(name)
      case .bound(let bound): bound.pieces.contains { $0.expression.freeNames.contains { $0.withoutOld == name } }
      }
    }
  }
}

extension String {
  /// The name that a part belongs to: `p` of `p.W`, `h` of `h[2]`, `s` of what `s` was before it was bound again.
  var root: String {
    let name = withoutOld
    let root = name.prefix { !".[".contains($0) }
    var rest = BackwardWalk.Part(name[root.endIndex...], Flowing { nil })
    while let (first, others) = rest.split {
      // What is no part of a record or list, nor a value of a sequence, is a computation.
      let isPlace = first.hasPrefix("[") && Int(first.dropFirst().dropLast()) != nil
      let isField = first.hasPrefix(".") && first != ".T" && !first.contains { " ()+-*/^@·⊙,".contains($0) }
      guard isPlace || isField else { return name }
      rest = BackwardWalk.Part(others, rest.flow)
    }
    return root.contains { " ()+-*/^@·⊙,".contains($0) } ? name : String(root)
  }

  /// What a name meant before the line that binds it again.
  var asOld: String { "old " + self }
  var withoutOld: String { hasPrefix("old ") ? String(dropFirst(4)) : self }
}

extension Expression {
  /// A part of what it gives: `f(x)[0]`, `f(x).W`.
  func taking(_ path: Substring) -> Expression {
    guard let (first, rest) = BackwardWalk.Part(path, Flowing { nil }).split else { return self }
    let part: Expression
    if first.hasPrefix("[") {
      let number = Expression(.number(Double(String(first.dropFirst().dropLast())) ?? 0))
      part = Expression(.index(self, [Subscript(.value(number))]))
    } else {
      part = Expression(.field(self, Name(String(first.dropFirst()))))
    }
    return part.taking(rest)
  }
}
