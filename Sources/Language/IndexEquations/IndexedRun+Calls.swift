import Tensors

extension IndexedRun {
  /// A call whose arguments depend on indices.
  func call(_ call: IndexedCall) throws -> Part {
    let callee = try value(call.callee)
    let key = pins.isEmpty ? signature(of: call, callee) : nil
    if let (text, letters) = key {
      if let known = calls[text] { return renamed(known, letters) }
      let part = try compute(call, callee)
      // Remembered with the letters counted in their order, so that exp(h[i]·h[k]) is found again as exp(h[i]·h[j]).
      calls[text] = numbered(part, letters)
      return part
    }
    return try compute(call, callee)
  }

  private func compute(_ call: IndexedCall, _ callee: Value) throws -> Part {
    let parts = try call.arguments.map { try evaluate($0) }
    return try apply(callee, parts, call.labels, call)
  }

  private func apply(_ callee: Value, _ parts: [Part], _ labels: [String?], _ call: IndexedCall) throws -> Part {
    let site = call.site
    if parts.allSatisfy({ if case .plain = $0 { true } else { false } }) {
      let values = parts.map { part -> Value in if case .plain(let value) = part { value } else { .nothing } }
      return .plain(try site.apply(callee, values, labels))
    }
    guard case .function(let function) = callee else { return try each(callee, parts, labels, call) }
    switch function.kind {
    case .builtin(let builtin): return try apply(builtin, callee, parts, labels, call)
    case .composed(let functions):
      var current = parts
      var names = labels
      for function in functions {
        current = [try apply(function, current, names, call)]
        names = [nil]
      }
      return current[0]
    case .derivative(let inner):
      if parts.count == 1, case .indexed(let x) = parts[0], isElementwise(inner) {
        return Part(try tensor(site.apply(callee, [.tensor(x.tensor)], labels), site), x.indices)
      }
    case .user(let user):
      if labels.allSatisfy({ $0 == nil }), let body = inlined(user, function, call) {
        return try run(body, user, function, parts, call)
      }
    case .gradient, .schedule: break
    }
    return try each(callee, parts, labels, call)
  }

  private func tensor(_ value: Value, _ site: CallSite) throws -> Tensor {
    guard let tensor = value.tensor(machine.elementType) else {
      throw machine.failure("E0207", "an index equation computes with numbers, this is \(value.outline)", at: site.site)
    }
    return tensor
  }

  // MARK: Built-ins

  private func apply(
    _ builtin: Builtin, _ callee: Value, _ parts: [Part], _ labels: [String?], _ call: IndexedCall
  ) throws -> Part {
    let site = call.site
    let isPairwise =
      (builtin.name == "max" || builtin.name == "min") && parts.count >= 2 && labels.allSatisfy { $0 == nil }
    if builtin.theme == .elementwise || isPairwise {
      let (values, order) = try aligned(parts, call)
      return Part(try tensor(site.apply(callee, values, labels), site), order)
    }
    // What works along an axis does so for every value of the indices at once.
    if case .indexed(let x)? = parts.first, parts.count == 1, x.ownRank == 1,
      builtin.parameters.contains(where: { $0.name == "axis" }), Self.alongAxis.contains(builtin.theme)
    {
      return Part(
        try tensor(site.apply(callee, [.tensor(x.tensor), .number(-1)], [nil, "axis"]), site), x.indices)
    }
    return try each(callee, parts, labels, call)
  }

  private static let alongAxis: Set<Builtin.Theme> = [.reduce, .neural]

  /// Arguments that treat each element alone, over the indices of all of them; numbers stay as they are.
  private func aligned(_ parts: [Part], _ call: IndexedCall) throws -> ([Value], [Int]) {
    var order: [Int] = []
    var extents: [Int: Int] = [:]
    var rank = 0
    var indexed: [IndexedValue?] = []
    for (position, part) in parts.enumerated() {
      if case .plain(let value) = part, value.shape == nil || value.shape?.rank == 0 {
        indexed.append(nil)
        continue
      }
      let value = try self.indexed(part, call.site.arguments[min(position, call.site.arguments.count - 1)].value)
      indexed.append(value)
      order += value.indices.filter { !order.contains($0) }
      for index in value.indices { extents[index] = value.extent(of: index) }
      rank = max(rank, value.ownRank)
    }
    let several = indexed.count { $0 != nil } > 1
    let values = try zip(parts, indexed).map { part, value -> Value in
      guard let value else { if case .plain(let plain) = part { return plain } else { return .nothing } }
      guard several else { return .tensor(value.tensor) }
      let tensor = value.aligned(to: order, ownRank: rank)
      let target = order.map { extents[$0]! } + tensor.shape.dimensions.dropFirst(order.count)
      do {
        return .tensor(try Broadcast(to: Shape(checking: target)).apply(tensor))
      } catch {
        throw fault(error, call.site.callee)
      }
    }
    return (values, order)
  }

  /// The function called for one value of the indices after the other.
  private func each(_ callee: Value, _ parts: [Part], _ labels: [String?], _ call: IndexedCall) throws -> Part {
    var operands: [IndexedValue] = []
    for case .indexed(let value) in parts { operands.append(value) }
    do {
      return try elementwise(operands) { values in
        var next = 0
        let arguments = parts.map { part -> Value in
          if case .plain(let value) = part { return value }
          next += 1
          return values[next - 1]
        }
        return try call.site.apply(callee, arguments, labels)
      }
    } catch is Ragged {
      let outline = ragged.first.map(\.outline) ?? "nothing"
      throw NeedsEach(
        indices: call.indices,
        fault: machine.failure(
          "E0207", "\(call.site.calleeText) does not give numbers of one shape here, but \(outline)", at: call.site.site
        ))
    }
  }

  // MARK: User functions

  /// Whether a function treats each element alone, so that it can be given any number of them.
  private func isElementwise(_ function: Function, depth: Int = 0) -> Bool {
    switch function.kind {
    case .builtin(let builtin): return builtin.theme == .elementwise && builtin.parameters.count == 1
    case .composed(let parts):
      return parts.allSatisfy {
        if case .function(let part) = $0 { isElementwise(part, depth: depth + 1) } else { false }
      }
    case .derivative(let inner): return isElementwise(inner, depth: depth + 1)
    case .user(let user):
      guard depth < 8, case .expression(let body) = user.definition, user.captures.isEmpty, user.parameters.count == 1
      else { return false }
      return isElementwise(body, user.parameters[0].name, depth)
    case .gradient, .schedule: return false
    }
  }

  private func isElementwise(_ body: Expression, _ parameter: String, _ depth: Int) -> Bool {
    switch body.kind {
    case .number: return true
    case .name(let name):
      if name == parameter { return true }
      guard let value = machine.cells[name]?.value ?? BuiltinCatalogue.value(named: name) else { return false }
      return value.shape?.rank == 0
    case .negate(let inner): return isElementwise(inner, parameter, depth)
    case .binary(let op, let left, let right):
      switch op.kind {
      case .add, .subtract, .multiply, .divide, .power, .remainder, .equal, .notEqual, .less, .lessOrEqual, .greater,
        .greaterOrEqual:
        return isElementwise(left, parameter, depth) && isElementwise(right, parameter, depth)
      default: return false
      }
    case .choice(let c, let x, let y): return [c, x, y].allSatisfy { isElementwise($0, parameter, depth) }
    case .call(let callee, let arguments):
      guard let name = callee.name?.text, name != parameter, arguments.allSatisfy({ $0.label == nil }),
        arguments.allSatisfy({ isElementwise($0.value, parameter, depth) }),
        case .function(let function)? = machine.cells[name]?.value ?? BuiltinCatalogue.value(named: name)
      else { return false }
      if case .builtin(let builtin) = function.kind {
        return builtin.theme == .elementwise || (name == "max" || name == "min") && arguments.count == 2
      }
      return arguments.count == 1 && isElementwise(function, depth: depth + 1)
    default: return false
    }
  }

  /// The body of a function, lowered for many values at once; nil where it has to be called for each.
  private func inlined(_ user: UserFunction, _ function: Function, _ call: IndexedCall) -> InlinedFunction? {
    if active.count > 8 || active.contains(ObjectIdentifier(user)) { return nil }
    if let known = call.inlined, known.function === user { return known.body }
    let body = lowered(user, function, argumentCount: call.arguments.count)
    call.inlined = (user, body)
    return body
  }

  private func lowered(_ user: UserFunction, _ function: Function, argumentCount: Int) -> InlinedFunction? {
    guard case .expression(let body) = user.definition, user.captures.isEmpty, user.ownSlot == nil,
      user.parameters.count == argumentCount, !body.mentions({ $0 == function.name })
    else { return nil }
    let table = IndexTable()
    let scope = Scope(outer: nil, isFunction: true)
    var lowering = IndexedLowering(Lowering(machine: machine, source: user.source), scope, table)
    var parameters: [Int] = []
    for parameter in user.parameters {
      let (next, number) = lowering.naming(parameter.name)
      lowering = next
      parameters.append(number)
    }
    guard let code = try? lowering.lower(body) else { return nil }
    return InlinedFunction(parameters: parameters, body: code, table: table, slotCount: scope.slotCount)
  }

  private func run(
    _ body: InlinedFunction, _ user: UserFunction, _ function: Function, _ parts: [Part], _ call: IndexedCall
  ) throws -> Part {
    try machine.enter(function)
    defer { machine.leave() }
    do {
      var result: Part?
      _ = try Frame.with(body.slotCount) { frame in
        let run = IndexedRun(machine: machine, source: user.source, frame: frame, table: body.table)
        let own = Set(body.table.entries.map(\.id))
        run.ranges = ranges.filter { !own.contains($0.key) }
        run.localRanges = run.ranges
        run.guards = guards
        run.active = active.union([ObjectIdentifier(user)])
        for (number, part) in zip(body.parameters, parts) { run.locals[number] = part }
        try run.findRanges()
        result = try run.evaluate(body.body)
        return .nothing
      }
      return result ?? .plain(.nothing)
    } catch let fault as Fault {
      throw fault.called(from: call.site, function)
    }
  }

  // MARK: What was computed already

  /// A call as a text in which the indices are counted in their order; nil where two such calls may differ all the same.
  private func signature(of call: IndexedCall, _ callee: Value) -> (String, [Int])? {
    guard case .function(let function) = callee, case .builtin = function.kind, guards.isEmpty else { return nil }
    var letters: [Int] = []
    guard let text = signature(of: .call(call), &letters) else { return nil }
    let extents = letters.map { index in ranges[index].map { "\($0.lowerBound)..\($0.upperBound)" } ?? "?" }
    return (text + " " + extents.joined(separator: ","), letters)
  }

  private func signature(of code: IndexedCode, _ letters: inout [Int]) -> String? {
    func letter(_ index: Int) -> String {
      if let place = letters.firstIndex(of: index) { return "#\(place)" }
      letters.append(index)
      return "#\(letters.count - 1)"
    }
    func all(_ codes: [IndexedCode]) -> [String]? {
      var texts: [String] = []
      for code in codes {
        guard let text = signature(of: code, &letters) else { return nil }
        texts.append(text)
      }
      return texts
    }
    switch code {
    case .plain(let invariant): return source.text(invariant.expression.range)
    case .index(let index): return letter(index)
    case .local(let number): return "$\(number)"
    case .read(let read):
      guard case .plain(let base) = read.base, !read.isOwn else { return nil }
      var text = source.text(base.expression.range) + "["
      for item in read.subscripts {
        switch item {
        case .all: text += ":,"
        case .rest: text += "...,"
        case .fixed(let invariant): text += source.text(invariant.expression.range) + ","
        case .affine(_, let code, _), .value(let code, _):
          guard let inner = signature(of: code, &letters) else { return nil }
          text += inner + ","
        }
      }
      return text + "]"
    case .binary(let node, let a, let b): return all([a, b]).map { "(\($0[0]) \(node.op) \($0[1]))" }
    case .product(_, let a, let b, let t): return all([a, b]).map { "(\($0[0])\(t.0) · \($0[1])\(t.1))" }
    case .negate(_, let a): return all([a]).map { "-\($0[0])" }
    case .call(let call):
      guard call.labels.allSatisfy({ $0 == nil }) else { return nil }
      return all(call.arguments).map { "\(call.site.calleeText)(\($0.joined(separator: ";")))" }
    default: return nil
    }
  }

  private func numbered(_ part: Part, _ letters: [Int]) -> Part {
    guard case .indexed(var value) = part else { return part }
    value.indices = value.indices.map { letters.firstIndex(of: $0) ?? -1 }
    return .indexed(value)
  }

  private func renamed(_ part: Part, _ letters: [Int]) -> Part {
    guard case .indexed(var value) = part else { return part }
    value.indices = value.indices.map { letters[$0] }
    return .indexed(value)
  }
}
