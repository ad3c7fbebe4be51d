import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Lowering {
  /// The code of an expression.
  func expression(_ expression: Expression, _ scope: Scope) throws -> Code {
    switch expression.kind {
    case .number(let number): return { _ in .number(number) }
    case .string(let text): return { _ in .string(text) }
    case .name(let name): return self.name(name, expression.range, scope)
    case .end:
      throw failure("E0104", "end stands only between the brackets of x[…]", at: expression.range)
    case .negate(let inner): return try negation(inner, expression, scope)
    case .not(let inner): return try not(inner, expression, scope)
    case .binary(let op, let left, let right): return try binary(op, left, right, expression, scope)
    case .choice(let condition, let yes, let no): return try choice(condition, yes, no, expression, scope)
    case .lambda(let names, let body):
      return try function(
        named: "", parameters: names.map { Parameter($0, default: nil) }, body, expression.range, scope)
    case .call(let callee, let arguments): return try call(callee, arguments, expression, scope)
    case .index(let base, let items): return try index(base, items, expression, scope)
    case .field(let base, let field): return try self.field(base, field, expression, scope)
    case .derivative(let inner): return try derivative(inner, expression, scope)
    case .transpose(let inner): return try transpose(inner, expression, scope)
    case .big(let op, let indices, let body): return try big(op, indices, body, expression, scope)
    case .gradient(let names, let function): return try gradient(names, function, expression, scope)
    case .partial(let value, let variable): return try partial(value, by: variable, expression, scope)
    case .list(let items):
      let codes = try items.map { try self.expression($0, scope) }
      return { frame in .list(try codes.map { try $0(frame) }) }
    case .record(let fields): return try record(fields, scope)
    case .tensor(let rows): return try tensor(rows, expression, scope)
    }
  }

  // MARK: Names

  func name(_ name: String, _ range: SourceRange, _ scope: Scope) -> Code {
    guard let slot = scope.place(name) else { return global(name, range) }
    machine.readers.last?.read(name, at: slot)
    let type = machine.elementType
    if scope.isFilled(slot) {
      return { frame in
        let value = frame[slot]
        if case .sequence(let sequence) = value { return sequence.whole(type) }
        return value
      }
    }
    let fallback = global(name, range)
    return { frame in
      let value = frame[slot]
      switch value {
      case .nothing: return try fallback(frame)
      case .sequence(let sequence): return sequence.whole(type)
      default: return value
      }
    }
  }

  private func global(_ name: String, _ range: SourceRange) -> Code {
    let cell = machine.cell(name)
    machine.readers.last?.read(cell)
    let (machine, site) = (machine, site(range))
    return { _ in
      let value = cell.value
      switch value {
      case .nothing: throw machine.unknownName(name, at: site)
      case .sequence(let sequence): return sequence.whole(machine.elementType)
      default: return value
      }
    }
  }

  /// What a name holds, a sequence as a sequence: for its subscripts.
  func rawName(_ name: String, _ range: SourceRange, _ scope: Scope) -> Code {
    let cell = machine.cell(name)
    let (machine, site) = (machine, site(range))
    let slot = scope.place(name)
    machine.readers.last?.read(cell, or: slot, name)
    return { frame in
      if let slot, case let value = frame[slot], !value.isNothing { return value }
      let value = cell.value
      if case .nothing = value { throw machine.unknownName(name, at: site) }
      return value
    }
  }

  // MARK: Operators

  private func negation(_ inner: Expression, _ whole: Expression, _ scope: Scope) throws -> Code {
    if case .number(let number) = inner.kind { return { _ in .number(-number) } }
    let code = try expression(inner, scope)
    let node = BinaryNode(machine, .multiply, "-", whole, whole, inner, source)
    return { frame in
      let value = try code(frame)
      if case .number(let x) = value { return .number(-x) }
      return try node.combine(.number(-1), value)
    }
  }

  private func not(_ inner: Expression, _ whole: Expression, _ scope: Scope) throws -> Code {
    let code = try expression(inner, scope)
    let node = BinaryNode(machine, .equal, "not", whole, whole, inner, source)
    return { frame in
      let value = try code(frame)
      if case .number(let x) = value { return Value(x == 0) }
      return try node.combine(value, .number(0))
    }
  }

  private func binary(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    switch op.kind {
    case .pipe: return try pipe(left, into: right, whole, scope)
    case .matrixProduct: return try product(op, left, right, whole, scope)
    case .or, .and: return try logic(op, left, right, whole, scope)
    default: break
    }
    let a = try expression(left, scope)
    let b = try expression(right, scope)
    let node = BinaryNode(machine, op.kind, whole, source)
    if case .number(let y) = right.kind, let code = Self.withConstant(op.kind, a, y, node) { return code }
    switch op.kind {
    case .add:
      return { frame in
        let p = try a(frame)
        let q = try b(frame)
        if case .number(let x) = p, case .number(let y) = q { return .number(x + y) }
        return try node.combine(p, q)
      }
    case .subtract:
      return { frame in
        let p = try a(frame)
        let q = try b(frame)
        if case .number(let x) = p, case .number(let y) = q { return .number(x - y) }
        return try node.combine(p, q)
      }
    case .multiply:
      return { frame in
        let p = try a(frame)
        let q = try b(frame)
        if case .number(let x) = p, case .number(let y) = q { return .number(x * y) }
        return try node.combine(p, q)
      }
    case .divide:
      return { frame in
        let p = try a(frame)
        let q = try b(frame)
        if case .number(let x) = p, case .number(let y) = q { return .number(x / y) }
        return try node.combine(p, q)
      }
    case .less:
      return { frame in
        let p = try a(frame)
        let q = try b(frame)
        if case .number(let x) = p, case .number(let y) = q { return .number(x < y ? 1 : 0) }
        return try node.combine(p, q)
      }
    default:
      return { frame in
        let p = try a(frame)
        let q = try b(frame)
        return try node.combine(p, q)
      }
    }
  }

  /// The commonest operators with a number written on the right.
  private static func withConstant(
    _ op: BinaryOperator, _ a: @escaping Code, _ y: Double, _ node: BinaryNode
  ) -> Code? {
    switch op {
    case .add:
      return { frame in
        let p = try a(frame)
        if case .number(let x) = p { return .number(x + y) }
        return try node.combine(p, .number(y))
      }
    case .subtract:
      return { frame in
        let p = try a(frame)
        if case .number(let x) = p { return .number(x - y) }
        return try node.combine(p, .number(y))
      }
    case .multiply:
      return { frame in
        let p = try a(frame)
        if case .number(let x) = p { return .number(x * y) }
        return try node.combine(p, .number(y))
      }
    case .divide:
      return { frame in
        let p = try a(frame)
        if case .number(let x) = p { return .number(x / y) }
        return try node.combine(p, .number(y))
      }
    case .power where y == 2:
      return { frame in
        let p = try a(frame)
        if case .number(let x) = p { return .number(x * x) }
        return try node.combine(p, .number(y))
      }
    case .less:
      return { frame in
        let p = try a(frame)
        if case .number(let x) = p { return .number(x < y ? 1 : 0) }
        return try node.combine(p, .number(y))
      }
    default: return nil
    }
  }

  private func logic(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    let a = try expression(left, scope)
    let b = try expression(right, scope)
    let isOr = op.kind == .or
    let node = BinaryNode(machine, op.kind, whole, source)
    return { frame in
      let p = try a(frame)
      if case .number(let x) = p {
        if (x != 0) == isOr { return Value(isOr) }
        let q = try b(frame)
        if case .number(let y) = q { return Value(y != 0) }
        return try node.combine(p, q)
      }
      return try node.combine(p, try b(frame))
    }
  }

  private func choice(
    _ condition: Expression, _ yes: Expression, _ no: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    let test = try expression(condition, scope)
    let a = try expression(yes, scope)
    let b = try expression(no, scope)
    let node = ChoiceNode(machine, whole, condition, yes, no, source)
    return { frame in
      let value = try test(frame)
      if case .number(let truth) = value { return try truth != 0 ? a(frame) : b(frame) }
      if let truth = try node.truth(value) { return try truth ? a(frame) : b(frame) }
      return try node.select(value, try a(frame), try b(frame))
    }
  }

  private func pipe(
    _ left: Expression, into right: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    let argument = try expression(left, scope)
    let callee = try expression(right, scope)
    let call = CallSite(
      machine: machine, source: source, range: whole.range, callee: right, arguments: [Argument(nil, left)])
    return { frame in
      let value = try argument(frame)
      return try call.apply(try callee(frame), [value])
    }
  }

  // MARK: Records and functions

  private func record(_ fields: [Argument], _ scope: Scope) throws -> Code {
    var names: [String] = []
    for field in fields {
      let name = field.label?.text ?? ""
      if names.contains(name) {
        throw failure("E0105", "the field \(name) is given twice", at: field.range)
      }
      names.append(name)
    }
    let codes = try fields.map { try expression($0.value, scope) }
    let (machine, source) = (machine, source)
    return { frame in
      var values: [Value] = []
      values.reserveCapacity(codes.count)
      for (index, code) in codes.enumerated() {
        let value = try code(frame)
        if value.isNothing {
          throw machine.failure(
            "E0304", "this gives nothing to keep", at: Fault.Site(source: source, range: fields[index].value.range))
        }
        values.append(value)
      }
      return .record(Record(names: names, values: values))
    }
  }

  /// The code that makes a function: its body is lowered now, the values it takes from around it are read when it is made.
  func function(
    named name: String, parameters: [Parameter], _ body: Body, _ range: SourceRange, _ outer: Scope
  ) throws -> Code {
    let scope = Scope(outer: outer, isFunction: true)
    scope.ownName = name.isEmpty ? nil : name
    for (index, parameter) in parameters.enumerated() {
      if parameters[..<index].contains(where: { $0.name == parameter.name }) {
        throw failure("E0105", "the parameter \(parameter.name.text) is there twice", at: parameter.name.range)
      }
      scope.declare(parameter.name.text, isFilled: true)
    }
    let reads = Reads()
    machine.readers.append(reads)
    var lowered: [UserFunction.Parameter] = []
    let code: Code
    do {
      defer { machine.readers.removeLast() }
      for parameter in parameters {
        let code = try parameter.defaultValue.map { try expression($0, scope) }
        let text =
          parameter.name.text + (parameter.defaultValue.map { ": " + source.text($0.range) } ?? "")
        lowered.append(UserFunction.Parameter(name: parameter.name.text, defaultValue: code, text: text))
      }
      code = try functionBody(body, scope)
    }
    let slotCount = scope.slotCount
    let captures = scope.captures
    let globals = reads.all
    machine.readers.last?.merge(function: reads, captures: captures.map { ($0.name, $0.from) })
    let ownSlot = scope.ownSlot
    let text = source
    return { frame in
      let user = UserFunction(
        parameters: lowered, captures: captures.map { ($0.name, $0.to, frame[$0.from]) }, ownSlot: ownSlot,
        slotCount: slotCount, body: code, globals: globals, source: text, range: range, definition: body)
      return .function(Function(.user(user), name: name))
    }
  }

  private func functionBody(_ body: Body, _ scope: Scope) throws -> Code {
    let code: Code
    switch body {
    case .expression(let inner): code = try expression(inner, scope)
    case .block(let block):
      for name in block.boundNames where scope.place(ownLocal: name) == nil { scope.declare(name) }
      code = try self.block(block, scope)
    }
    guard body.mentionsPartial else { return code }
    let machine = machine
    return { frame in
      machine.recorders.append(Recorder())
      defer { machine.recorders.removeLast() }
      return try code(frame)
    }
  }

}
