import Synchronization
import Tensors

/// Lowers an expression with index variables to the tree that computes it for all their values.
struct IndexedLowering {
  let lowering: Lowering
  let scope: Scope
  let table: IndexTable
  /// Names that stand for the values being defined: reads from them say nothing about ranges.
  let ownNames: Set<String>
  /// Whether only the ranges are wanted: nothing opaque is lowered.
  let isForRanges: Bool
  /// The index variables in sight.
  private var bound: [String: IndexTable.Entry] = [:]
  /// The parameters in sight, where the body of a function is lowered.
  private var locals: [String: Int] = [:]
  private var isGuarded = false
  /// The subscript we are in.
  private var subscriptExpression: Expression?

  private static let numbers = Atomic<Int>(0)

  init(
    _ lowering: Lowering, _ scope: Scope, _ table: IndexTable, ownNames: Set<String> = [], isForRanges: Bool = false
  ) {
    self.lowering = lowering
    self.scope = scope
    self.table = table
    self.ownNames = ownNames
    self.isForRanges = isForRanges
  }

  // MARK: Names

  static func nextNumber() -> Int { numbers.wrappingAdd(1, ordering: .relaxed).newValue }

  /// The same lowering with one more index variable in sight.
  func binding(_ index: Index, isOnLeft: Bool) throws -> (IndexedLowering, IndexTable.Entry) {
    let name = index.name
    if bound[name.text] != nil { throw alreadyBound(name) }
    let entry = IndexTable.Entry(
      id: Self.nextNumber(), name: name, slot: scope.reserve(), isOnLeft: isOnLeft,
      range: try index.range.map { try range($0) })
    var inner = self
    inner.bound[name.text] = entry
    inner.locals[name.text] = nil
    table.entries.append(entry)
    return (inner, entry)
  }

  /// The same lowering with one more name that stands for a value for many indices.
  func naming(_ name: String) -> (IndexedLowering, Int) {
    var inner = self
    let number = Self.nextNumber()
    inner.locals[name] = number
    inner.bound[name] = nil
    return (inner, number)
  }

  /// Whether the expression depends on an index or on a parameter.
  private func varies(_ expression: Expression) -> Bool {
    if bound.isEmpty && locals.isEmpty { return false }
    return expression.mentions { bound[$0] != nil || locals[$0] != nil }
  }

  private func range(_ expression: Expression) throws -> IndexedRange {
    if case .binary(let op, let low, let high) = expression.kind,
      op.kind == .rangeUpTo || op.kind == .rangeThrough
    {
      let before = table.entries.count
      let ends = (try lower(low), try lower(high))
      return IndexedRange(
        whole: nil, low: ends.0, high: ends.1, isClosed: op.kind == .rangeThrough, expression: expression,
        bound: Set(table.entries[before...].map(\.id)))
    }
    guard !varies(expression) else {
      throw lowering.failure("E0207", "the range of an index is written 0..<n or 0...n", at: expression.range)
    }
    let whole = try plain(expression)
    return IndexedRange(
      whole: whole, low: .plain(whole), high: .plain(whole), isClosed: false, expression: expression, bound: [])
  }

  private func plain(_ expression: Expression) throws -> Invariant {
    Invariant(expression, try lowering.expression(expression, scope))
  }

  // MARK: Expressions

  func lower(_ expression: Expression) throws -> IndexedCode {
    guard varies(expression) else {
      try checkRebound(expression)
      if !bound.isEmpty, expression.draws(lowering.machine) { return try opaque(expression, all: true) }
      return .plain(try plain(expression))
    }
    switch expression.kind {
    case .name(let name):
      if let entry = bound[name] {
        table.uses.append((entry.id, expression.range, subscriptExpression))
        if subscriptExpression == nil { table.numberUses.append((entry.id, expression.range)) }
        return .index(entry.id)
      }
      if let local = locals[name] { return .local(local) }
    case .negate(let inner):
      let node = BinaryNode(lowering.machine, .multiply, "-", expression, expression, inner, lowering.source)
      return .negate(node, try lower(inner))
    case .not(let inner):
      let zero = Expression(.number(0), inner.range)
      let node = BinaryNode(lowering.machine, .equal, "not", expression, inner, zero, lowering.source)
      return .binary(node, try lower(inner), try lower(zero))
    case .binary(let op, let left, let right):
      if let code = try binary(op, left, right, expression) { return code }
    case .choice(let condition, let yes, let no):
      var branch = self
      branch.isGuarded = true
      return .choice(
        ChoiceNode(lowering.machine, expression, condition, yes, no, lowering.source), try lower(condition),
        try branch.lower(yes), try branch.lower(no))
    case .transpose(let inner): return .transpose(try lower(inner), inner)
    case .index(let base, let items):
      if let read = try read(base, items, expression) { return .read(read) }
    case .call(let callee, let arguments) where !varies(callee) && !expression.draws(lowering.machine):
      return .call(
        IndexedCall(
          callee: try plain(callee), arguments: try arguments.map { try outside().lower($0.value) },
          labels: arguments.map { $0.label?.text },
          site: CallSite(
            machine: lowering.machine, source: lowering.source, range: expression.range, callee: callee,
            arguments: arguments)))
    case .big(let op, let indices, let body):
      return .big(try sum(op, indices, body, expression))
    case .partial(let value, let variable):
      if let read = try partial(value, by: variable, expression) { return .read(read) }
    default: break
    }
    return try opaque(expression, all: expression.draws(lowering.machine))
  }

  /// - Throws: E0225 if a letter in sight is bound again by a sum that does not use it otherwise.
  private func checkRebound(_ expression: Expression) throws {
    guard !bound.isEmpty else { return }
    var again: Name?
    expression.walk {
      if case .big(_, let indices, _) = $0.kind, again == nil {
        again = indices.lazy.map(\.name).first { bound[$0.text] != nil }
      }
    }
    if let again { throw alreadyBound(again) }
  }

  private func alreadyBound(_ name: Name) -> Fault {
    lowering.failure(
      "E0225", "\(name) is already an index here", at: name.range,
      notes: [.init("hint", "the inner one needs another letter")])
  }

  /// The same lowering, no longer inside a subscript.
  private func outside() -> IndexedLowering {
    var copy = self
    copy.subscriptExpression = nil
    return copy
  }

  func sum(_ op: BigOperator, _ indices: [Index], _ body: Expression, _ whole: Expression) throws -> IndexedSum {
    var inner = self
    var variables: [IndexTable.Entry] = []
    for index in indices {
      let (next, variable) = try inner.binding(index, isOnLeft: false)
      inner = next
      variables.append(variable)
    }
    return IndexedSum(op: op, variables: variables, body: try inner.lower(body), expression: whole)
  }

  private func binary(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression
  ) throws -> IndexedCode? {
    let node = BinaryNode(lowering.machine, op.kind, whole, lowering.source)
    switch op.kind {
    case .pipe: return try lower(Expression(.call(right, [Argument(nil, left)]), whole.range))
    case .compose, .rangeUpTo, .rangeThrough: return nil
    case .join: return .join(node, try lower(left), try lower(right))
    case .matrixProduct:
      var (a, b) = (left, right)
      var transposed = (false, false)
      if case .transpose(let inner) = left.kind { (a, transposed.0) = (inner, true) }
      if case .transpose(let inner) = right.kind { (b, transposed.1) = (inner, true) }
      return .product(node, try lower(a), try lower(b), transposed: transposed)
    default: return .binary(node, try lower(left), try lower(right))
    }
  }

  /// Code that finds the indices in its frame and is run for one value of them after the other.
  private func opaque(_ expression: Expression, all: Bool) throws -> IndexedCode {
    let used = bound.values.filter { entry in all || expression.mentions { $0 == entry.name.text } }
    for entry in used where subscriptExpression == nil {
      expression.walk {
        if case .name(entry.name.text) = $0.kind { table.uses.append((entry.id, $0.range, nil)) }
      }
    }
    if let local = locals.keys.first(where: { name in expression.mentions { $0 == name } }) {
      // The caller computes such a function for one value after the other.
      throw NotInlinable(name: local)
    }
    let ids = Set(used.map(\.id))
    if isForRanges { return .opaque(Invariant(expression, { _ in .nothing }), ids) }
    let code = try scope.aliasing(used.map { ($0.name.text, $0.slot) }) { try lowering.expression(expression, scope) }
    return .opaque(Invariant(expression, code), ids)
  }

  // MARK: Reads

  /// `∂z[i]/∂W[j,k]`: an element of the derivative of all of `z[:]` by all of `W[:,:]`, which is taken once.
  private func partial(_ value: Expression, by variable: Expression, _ whole: Expression) throws -> IndexedRead? {
    func opened(_ path: Expression) -> (path: Expression, items: [Subscript])? {
      guard case .index(let base, let items) = path.kind, !varies(base) else { return nil }
      let moving = items.filter { $0.value.map { varies($0) } ?? false }
      let open = items.map { item in
        item.value.map { varies($0) } ?? false ? Subscript(.all, item.range) : item
      }
      return (Expression(.index(base, open), path.range), moving)
    }
    let y = varies(value) ? opened(value) : (value, [])
    let x = varies(variable) ? opened(variable) : (variable, [])
    guard let y, let x else { return nil }
    let inner = Expression(.partial(y.path, by: x.path), whole.range)
    let code = try lowering.partial(y.path, by: x.path, inner, scope, rank: y.items.count)
    return try read(inner, y.items + x.items, whole, from: code)
  }

  private func read(
    _ base: Expression, _ items: [Subscript], _ whole: Expression, from known: Code? = nil
  ) throws -> IndexedRead? {
    // x[i][k] is x[i,k], as long as every subscript takes one place.
    var (inner, all) = (base, items)
    while case .index(let deeper, let earlier) = inner.kind,
      earlier.allSatisfy({ $0.value.map { isOnePlace($0) } ?? false })
    {
      (inner, all) = (deeper, earlier + all)
    }
    var subscripts: [IndexedSubscript] = []
    for (position, item) in all.enumerated() {
      switch item.kind {
      case .all: subscripts.append(.all)
      case .rest: subscripts.append(.rest)
      case .new: return nil
      case .value(let expression):
        var lowering = self
        lowering.subscriptExpression = expression
        guard let place = try lowering.place(expression) else { return nil }
        if case .fixed = place, case .name(let name) = expression.kind {
          table.candidates.append((name, whole.range, position, scope.place(name) != nil))
        }
        subscripts.append(place)
      }
    }
    var isOwn = false
    let before = table.entries.count
    let code: IndexedCode
    if let known {
      code = .plain(Invariant(inner, known))
    } else if case .name(let name) = inner.kind, bound[name] == nil, locals[name] == nil {
      isOwn = ownNames.contains(name)
      code = .plain(Invariant(inner, lowering.rawName(name, inner.range, scope)))
    } else {
      code = try outside().lower(inner)
    }
    let read = IndexedRead(
      base: code, subscripts: subscripts, expression: whole, baseExpression: inner, items: all,
      bound: Set(table.entries[before...].map(\.id)), isGuarded: isGuarded, isOwn: isOwn)
    table.reads.append(read)
    return read
  }

  private func isOnePlace(_ expression: Expression) -> Bool {
    if case .number = expression.kind { return true }
    return varies(expression)
  }

  private func place(_ expression: Expression) throws -> IndexedSubscript? {
    if !varies(expression) {
      if expression.mentionsEnd { return try affine(expression).map { .affine($0, value: .index(-1), expression) } }
      return .fixed(try plain(expression))
    }
    if let affine = try affine(expression) {
      return .affine(affine, value: expression.mentionsEnd ? .index(-1) : try lower(expression), expression)
    }
    return expression.mentionsEnd ? nil : .value(try lower(expression), expression)
  }

  private func affine(_ expression: Expression) throws -> AffineCode? {
    if case .end = expression.kind { return .end }
    if !varies(expression) && !expression.mentionsEnd { return .constant(try plain(expression)) }
    switch expression.kind {
    case .name(let name): return bound[name].map { .index($0.id) }
    case .negate(let inner): return try affine(inner).map { .negated($0) }
    case .binary(let op, let left, let right):
      switch op.kind {
      case .add, .subtract:
        guard let a = try affine(left), let b = try affine(right) else { return nil }
        return op.kind == .add ? .sum(a, b) : .difference(a, b)
      case .multiply:
        if !varies(left), !left.mentionsEnd, let b = try affine(right) { return .scaled(b, by: try plain(left)) }
        if !varies(right), !right.mentionsEnd, let a = try affine(left) { return .scaled(a, by: try plain(right)) }
        return nil
      default: return nil
      }
    default: return nil
    }
  }
}

/// A function whose body cannot be computed for many values at once.
struct NotInlinable: Error {
  let name: String
}

extension Expression {
  /// Whether a name for which `test` holds stands in the expression, those that it binds itself left aside.
  func mentions(_ test: (String) -> Bool) -> Bool {
    switch kind {
    case .name(let name): return test(name)
    case .lambda(let names, let body):
      let hidden = Set(names.map(\.text))
      return body.mentions { !hidden.contains($0) && test($0) }
    case .big(_, let indices, let body):
      let hidden = Set(indices.map(\.name.text))
      return indices.contains { $0.range?.mentions(test) ?? false }
        || body.mentions { !hidden.contains($0) && test($0) }
    default: return children.contains { $0.mentions(test) }
    }
  }

  /// Whether a built-in that draws random numbers is named in it: what it gives is drawn anew for every value of the indices.
  func draws(_ machine: Machine) -> Bool {
    mentions { Self.drawing.contains($0) && machine.cell($0).isBuiltin }
  }

  private static let drawing: Set<String> = ["rand", "randn", "randint", "permutation", "dropout"]
}

extension Body {
  func mentions(_ test: (String) -> Bool) -> Bool {
    switch self {
    case .expression(let expression): expression.mentions(test)
    case .block(let block): block.mentions(test)
    }
  }
}

extension Block {
  func mentions(_ test: (String) -> Bool) -> Bool { statements.contains { $0.mentions(test) } }
}

extension Statement {
  func mentions(_ test: (String) -> Bool) -> Bool {
    switch kind {
    case .expression(let expression): expression.mentions(test)
    case .bind(let targets, let values, let indices):
      values.contains { $0.mentions(test) } || indices.contains { $0.range?.mentions(test) ?? false }
        || targets.contains { target in
          if case .indexed(_, let places, _) = target {
            places.contains { if case .value(let value) = $0.kind { value.mentions(test) } else { false } }
          } else {
            false
          }
        }
    case .define(let function): function.body.mentions(test)
    case .forLoop(_, let sequence, let block): sequence.mentions(test) || block.mentions(test)
    case .whileLoop(let condition, let block): condition.mentions(test) || block.mentions(test)
    case .repeatLoop(let count, let block): count.mentions(test) || block.mentions(test)
    case .conditional(let conditional):
      conditional.arms.contains { $0.condition.mentions(test) || $0.block.mentions(test) }
        || (conditional.otherwise?.mentions(test) ?? false)
    case .command: false
    }
  }
}
