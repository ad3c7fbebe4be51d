import Tensors

extension Lowering {
  /// `∑[k] …` in an ordinary expression.
  func big(
    _ op: BigOperator, _ indices: [Index], _ body: Expression, _ whole: Expression, _ scope: Scope
  ) throws -> Code {
    let table = IndexTable()
    let sum = try IndexedLowering(self, scope, table).sum(op, indices, body, whole)
    let (machine, source) = (machine, source)
    return { frame in
      let run = IndexedRun(machine: machine, source: source, frame: frame, table: table)
      try run.findRanges()
      do {
        guard case .plain(let value) = try run.evaluate(.big(sum)) else { return .nothing }
        return value
      } catch let need as NeedsEach {
        throw need.fault
      }
    }
  }

  /// `z[i,j] = …`, `h[t] = f(h[t-1]) where …`, `C[0,j] = …`.
  func indexEquation(
    _ targets: [Target], _ values: [Expression], _ indices: [Index], _ statement: Statement, _ scope: Scope
  ) throws -> Code {
    guard targets.count == values.count else {
      throw failure(
        "E0108", "\(targets.count) equations for \(values.count) values",
        at: values[0].range.union(values[values.count - 1].range))
    }
    let names = Set(targets.map(\.rootName))
    var equations: [Equation] = []
    for (target, value) in zip(targets, values) {
      guard case .indexed(let name, let places, _) = target else {
        throw failure("E0226", "an equation and a plain name are bound by lines of their own", at: target.range)
      }
      equations.append(try equation(name, places, value, names, scope))
    }
    let letters = equations.flatMap { $0.letters.map(\.text) }
    for index in indices where !letters.contains(index.name.text) {
      throw failure(
        "E0226", "where is about indices on the left, and \(index.name) is none", at: index.name.range,
        notes: [.init("hint", "a sum has its range in its brackets: ∑[\(index.name) in 0..<n]")])
    }
    if equations.contains(where: { if case .index = $0.lead { true } else { false } }) {
      return try recurrence(equations, indices, scope)
    }
    let codes = try equations.map { try single($0, indices, scope) }
    return { frame in
      var last = Value.nothing
      for code in codes { last = try code(frame) }
      return last
    }
  }

  /// One target of an index equation.
  struct Equation {
    /// What stands first in the brackets on the left, if it is not just an index variable.
    enum Lead {
      case none
      /// `h[-1]`, `δ[(L)]`: a first value.
      case number(Code, Fault.Site)
      /// The variable of the loop around it.
      case loop(slot: Int, offset: Int)
      /// The index of a recurrence.
      case index(Name, offset: Int)
    }
    let name: Name
    let lead: Lead
    /// The index variables behind the first place, or all of them.
    let rest: [Name]
    let value: Expression

    var letters: [Name] { if case .index(let name, _) = lead { [name] + rest } else { rest } }
  }

  /// Whether a target takes one value at a time: nothing but a first value or the variable of the loop.
  func isPlace(_ target: Target, _ scope: Scope) -> Bool {
    guard case .indexed(_, let places, _) = target, places.count == 1 else { return false }
    switch places[0].kind {
    case .integer, .value: return true
    case .index(let name, _): return scope.loopSlot(name.text) != nil
    }
  }

  private func equation(
    _ name: Name, _ places: [Place], _ value: Expression, _ ownNames: Set<String>, _ scope: Scope
  ) throws -> Equation {
    var rest: [Name] = []
    for place in places.dropFirst() {
      guard case .index(let letter, let offset) = place.kind else {
        throw failure("E0226", "a number stands only in the first place on the left", at: place.range)
      }
      guard offset == 0 else {
        throw failure(
          "E0226", "only the first place on the left can be shifted", at: place.range,
          notes: [.init("hint", "shift the other side: \(letter)\(offset > 0 ? "-" : "+")\(abs(offset)) there")])
      }
      if scope.loopSlot(letter.text) != nil {
        throw failure("E0226", "the loop's variable \(letter) stands first", at: place.range)
      }
      rest.append(letter)
    }
    guard let first = places.first else {
      throw failure("E0226", "an equation has an index on its left: \(name)[i] = …", at: name.range)
    }
    switch first.kind {
    case .integer(let number):
      return Equation(
        name: name, lead: .number({ _ in .number(Double(number)) }, site(first.range)), rest: rest, value: value)
    case .value(let expression):
      return Equation(
        name: name, lead: .number(try self.expression(expression, scope), site(first.range)), rest: rest, value: value)
    case .index(let letter, let offset):
      if let slot = scope.loopSlot(letter.text) {
        return Equation(name: name, lead: .loop(slot: slot, offset: offset), rest: rest, value: value)
      }
      if offset == 0 && !value.mentions({ ownNames.contains($0) }) {
        return Equation(name: name, lead: .none, rest: [letter] + rest, value: value)
      }
      return Equation(name: name, lead: .index(letter, offset: offset), rest: rest, value: value)
    }
  }

  /// An equation that needs no value of its own.
  private func single(_ equation: Equation, _ indices: [Index], _ scope: Scope) throws -> Code {
    let body = try elements(equation, indices, scope)
    let machine = machine
    let name = equation.name
    switch equation.lead {
    case .none:
      let store = rawStore(name.text, scope)
      return { frame in
        let (value, note) = try body(frame)
        if let note { machine.notes[name.text] = note }
        try store(frame, value)
        if case .sequence(let sequence) = value { return sequence.whole(machine.elementType) }
        return value
      }
    case .number, .loop:
      let store = try placeStore(equation.name, equation.lead, scope)
      return { frame in
        let value = try body(frame).value
        try store(frame, value)
        return value
      }
    case .index: throw failure("E0226", "an equation of this form stands alone", at: name.range)
    }
  }

  /// The tensor that an equation defines over its index variables, and what the echo says of their ranges.
  func elements(
    _ equation: Equation, _ indices: [Index], _ scope: Scope
  ) throws -> (Frame) throws -> (value: Value, note: String?) {
    let table = IndexTable()
    var lowering = IndexedLowering(self, scope, table)
    var left: [Int] = []
    for letter in equation.rest {
      let range = indices.first { $0.name == letter }?.range
      let (next, entry) = try lowering.binding(Index(letter, in: range), isOnLeft: true)
      lowering = next
      left.append(entry.id)
    }
    let code = try lowering.lower(equation.value)
    let (machine, source, value) = (machine, source, equation.value)
    return { frame in
      let run = IndexedRun(machine: machine, source: source, frame: frame, table: table)
      try run.findRanges()
      return (try run.elements(code, left, value), run.note)
    }
  }
}

extension IndexedRun {
  /// The values of an equation over its indices: a tensor, a sequence if the first does not begin at 0, a list where they differ in
  /// shape.
  func elements(_ code: IndexedCode, _ left: [Int], _ expression: Expression) throws -> Value {
    try checkSize(left, expression)
    let part: Part
    do {
      part = try eachWhereNeeded(Set(left)) { try evaluate(code) }
    } catch let need as NeedsEach {
      guard left.count == 1 else { throw need.fault }
      return try list(code, left[0], need.fault)
    } catch is Ragged {
      guard left.count == 1, ragged.count == extent(left[0]) else {
        throw machine.failure("E0207", "the values of this equation have different shapes", at: site(expression))
      }
      return placed(.list(ragged), left[0])
    }
    if case .plain(let value) = part, value.tensor(machine.elementType) == nil {
      throw machine.failure(
        "E0207", "an index equation defines numbers, this is \(value.article)", at: site(expression))
    }
    let value = try indexed(part, expression)
    do {
      let extents = left.map { extent($0) }
      let target = try Shape(checking: extents + value.ownShape.dimensions)
      try MemoryLimit.check(target, value.tensor.elementType)
      return placed(.tensor(value.spread(over: left, extents: extents)), left[0])
    } catch {
      throw fault(error, expression)
    }
  }

  private func list(_ code: IndexedCode, _ index: Int, _ fault: Fault) throws -> Value {
    var values: [Value] = []
    for number in ranges[index] ?? 0..<0 {
      try machine.poll()
      do {
        let part = try pinning(index, to: number) { try evaluate(code) }
        guard case .plain(let value) = part else { throw fault }
        values.append(value)
      } catch is NeedsEach {
        throw fault
      }
    }
    return placed(.list(values), index)
  }

  /// The value as it is, or as a sequence where the index begins elsewhere than at 0.
  private func placed(_ value: Value, _ index: Int) -> Value {
    guard let start = ranges[index]?.lowerBound, start != 0 else { return value }
    switch value {
    case .list(let items): return .sequence(ValueSequence(items, from: start))
    case .tensor(let tensor):
      return .sequence(ValueSequence((0..<tensor.shape[0]).map { Value(tensor[$0]) }, from: start))
    default: return value
    }
  }

  /// `i in 0..<3, k in 0..<2`, where a range was stated or cut.
  var note: String? {
    guard isShown else { return nil }
    return table.entries.compactMap { entry in
      ranges[entry.id].map { "\(entry.name) in \($0.lowerBound)..<\($0.upperBound)" }
    }.joined(separator: ", ")
  }
}
