import Tensors

extension Lowering {
  /// The code of a statement; it gives the value of the statement, which is that of a block it ends.
  func statement(_ statement: Statement, _ scope: Scope) throws -> Code {
    switch statement.kind {
    case .expression(let expression): return try self.expression(expression, scope)
    case .bind(let targets, let values, let indices): return try bind(targets, values, indices, statement, scope)
    case .define(let definition): return try define(definition, statement.range, scope)
    case .forLoop(let names, let sequence, let block): return try forLoop(names, sequence, block, scope)
    case .whileLoop(let condition, let block): return try whileLoop(condition, block, scope)
    case .repeatLoop(let count, let block): return try repeatLoop(count, block, scope)
    case .conditional(let conditional): return try self.conditional(conditional, scope)
    case .command:
      throw failure("E0107", "a command stands on a line of its own", at: statement.range)
    }
  }

  /// The statements of a block one after the other; the last value is that of the block.
  func block(_ block: Block, _ scope: Scope) throws -> Code {
    let isRecorded = block.mentionsPartial
    let codes = try block.statements.map {
      LoweredStatement(code: try isRecorded ? recorded($0, scope) : statement($0, scope))
    }
    switch codes.count {
    case 0: return { _ in .nothing }
    case 1: return codes[0].code
    case 2:
      let (first, second) = (codes[0].code, codes[1].code)
      return { frame in
        _ = try first(frame)
        return try second(frame)
      }
    default:
      let last = codes[codes.count - 1].code
      let before = Array(codes.dropLast())
      return { frame in
        for statement in before { _ = try statement.code(frame) }
        return try last(frame)
      }
    }
  }

  // MARK: Bindings

  /// What puts a value under a target.
  typealias Store = (Frame, Value) throws -> Void

  private func bind(
    _ targets: [Target], _ values: [Expression], _ indices: [Index], _ statement: Statement, _ scope: Scope
  ) throws -> Code {
    if targets.contains(where: { target in
      if case .indexed = target { !isPlace(target, scope) || !indices.isEmpty } else { false }
    }) {
      return try indexEquation(targets, values, indices, statement, scope)
    }
    let (machine, source) = (machine, source)
    func checked(_ value: Value, _ expression: Expression) throws {
      if value.isNothing {
        throw machine.failure(
          "E0304", "this gives nothing to bind", at: Fault.Site(source: source, range: expression.range))
      }
    }
    if targets.count == 1 && values.count == 1 {
      let expression = values[0]
      let code = try self.expression(expression, scope)
      // The commonest statement of a loop, without a detour.
      if case .name(let name) = targets[0] {
        if let slot = scope.place(name.text) {
          return { frame in
            let value = try code(frame)
            if case .nothing = value { try checked(value, expression) }
            frame[slot] = value
            return value
          }
        }
        let cell = machine.cell(name.text)
        return { frame in
          let value = try code(frame)
          if case .nothing = value { try checked(value, expression) }
          machine.bind(cell, value)
          return value
        }
      }
      let store = try store(targets[0], scope)
      return { frame in
        let value = try code(frame)
        try checked(value, expression)
        try store(frame, value)
        return value
      }
    }
    let codes = try values.map { try self.expression($0, scope) }
    let stores = try targets.map { try store($0, scope) }
    if targets.count == values.count {
      return { frame in
        var results: [Value] = []
        for (code, expression) in zip(codes, values) {
          let value = try code(frame)
          try checked(value, expression)
          results.append(value)
        }
        for (store, value) in zip(stores, results) { try store(frame, value) }
        return .list(results)
      }
    }
    guard values.count == 1 else {
      throw failure(
        "E0108", "\(targets.count) names for \(values.count) values",
        at: values[0].range.union(values[values.count - 1].range))
    }
    let (code, site) = (codes[0], site(values[0].range))
    return { frame in
      let value = try code(frame)
      let parts = try machine.parts(of: value, count: targets.count, at: site)
      for (store, part) in zip(stores, parts) { try store(frame, part) }
      return value
    }
  }

  private func store(_ target: Target, _ scope: Scope) throws -> Store {
    switch target {
    case .name(let name):
      return store(name.text, scope)
    case .indexed: return try placeStore(target, scope)
    case .field(let path, let field):
      return try fieldStore(path, field, target.range, scope)
    }
  }

  private func store(_ name: String, _ scope: Scope) -> Store {
    if let slot = scope.place(name) { return { frame, value in frame[slot] = value } }
    let (machine, cell) = (machine, machine.cell(name))
    return { _, value in machine.bind(cell, value) }
  }

  /// `θ.W = …` and `net[0].W = …`: the name at the start is bound to a copy in which that one part is another.
  private func fieldStore(_ path: Expression, _ field: Name, _ range: SourceRange, _ scope: Scope) throws -> Store {
    var steps: [(code: (Frame) throws -> PathStep, site: Fault.Site)] = []
    let last = PathStep.field(field.text)
    steps.append(({ _ in last }, site(range)))
    var current = path
    while true {
      switch current.kind {
      case .name(let name):
        let read = self.name(name, current.range, scope)
        let write = store(name, scope)
        let (machine, path) = (machine, Array(steps.reversed()))
        return { frame, value in
          let whole = try read(frame)
          let steps = try path.map { (try $0.code(frame), $0.site) }
          try write(frame, try machine.setting(whole, steps[...], to: value))
        }
      case .field(let base, let name):
        let step = PathStep.field(name.text)
        steps.append(({ _ in step }, site(current.range)))
        current = base
      case .index(let base, let items):
        guard items.count == 1, let item = items[0].value else {
          throw failure("E0109", "a part to change is named by one index", at: current.range)
        }
        let (machine, code, site) = (machine, try expression(item, scope), site(item.range))
        steps.append(
          (
            { frame in
              let value = try code(frame)
              guard let number = value.plainNumber, let index = Int(exactly: number) else {
                throw machine.failure("E0206", "an index is a whole number, this is \(value.outline)", at: site)
              }
              return .index(index)
            }, site
          ))
        current = base
      default:
        throw failure("E0109", "only a name, its parts and its fields can be bound", at: range)
      }
    }
  }

  private func define(_ definition: FunctionDefinition, _ range: SourceRange, _ scope: Scope) throws -> Code {
    let name = definition.name.text + (definition.isDerivative ? "'" : "")
    let code = try function(
      named: name, parameters: definition.parameters, definition.body, range, scope)
    if definition.isDerivative && definition.parameters.count != 1 {
      throw failure("E0307", "a derivative by hand has one argument", at: range)
    }
    let store = store(name, scope)
    return { frame in
      let value = try code(frame)
      try store(frame, value)
      return .nothing
    }
  }

  // MARK: Loops and choices

  private func forLoop(_ names: [Name], _ sequence: Expression, _ block: Block, _ scope: Scope) throws -> Code {
    let code = try expression(sequence, scope)
    let (machine, site) = (machine, site(sequence.range))
    return try scope.with(names.map(\.text)) { slots in
      let body = try scope.inLoop(over: names[0].text, at: slots[0]) { try pass(block, slots, scope) }
      let slot = slots[0]
      let letter = names[0].text
      // A loop that runs again keeps only the first values of its sequences.
      let sequences = block.sequences(over: letter).map {
        (read: rawRead($0.text, scope), write: rawStore($0.text, scope))
      }
      return { frame in
        let values = try code(frame)
        for sequence in sequences {
          switch sequence.read(frame) {
          case .sequence(let known): try sequence.write(frame, .sequence(known.onlyFirst))
          case .tensor, .number: try sequence.write(frame, .sequence(ValueSequence()))
          default: break
          }
        }
        if case .range(let range) = values, slots.count == 1 {
          if !sequences.isEmpty {
            machine.notes[letter] = "\(letter) in \(range.start)..<\(range.start + range.count)"
          }
          for number in range.start..<(range.start + range.count) {
            try machine.poll()
            frame[slot] = .number(Double(number))
            _ = try body(frame)
          }
          return .nothing
        }
        try machine.forEach(values, at: site) { value in
          try machine.poll()
          if slots.count == 1 {
            frame[slot] = value
          } else {
            let parts = try machine.parts(of: value, count: slots.count, at: site)
            for (slot, part) in zip(slots, parts) { frame[slot] = part }
          }
          _ = try body(frame)
        }
        return .nothing
      }
    }
  }

  private func whileLoop(_ condition: Expression, _ block: Block, _ scope: Scope) throws -> Code {
    let test = try expression(condition, scope)
    let body = try pass(block, [], scope)
    let (machine, site) = (machine, site(condition.range))
    return { frame in
      while try machine.truth(try test(frame), at: site) {
        try machine.poll()
        _ = try body(frame)
      }
      return .nothing
    }
  }

  private func repeatLoop(_ count: Expression, _ block: Block, _ scope: Scope) throws -> Code {
    let code = try expression(count, scope)
    let body = try pass(block, [], scope)
    let (machine, site) = (machine, site(count.range))
    return { frame in
      let value = try code(frame)
      guard let number = value.plainNumber, let times = Int(exactly: number), times >= 0 else {
        throw machine.failure("E0305", "repeat wants a whole number of times, this is \(value.outline)", at: site)
      }
      for _ in 0..<times {
        try machine.poll()
        _ = try body(frame)
      }
      return .nothing
    }
  }

  private func conditional(_ conditional: Conditional, _ scope: Scope) throws -> Code {
    let arms = try conditional.arms.map { arm in
      (test: try expression(arm.condition, scope), body: try block(arm.block, scope), site: site(arm.condition.range))
    }
    let otherwise = try conditional.otherwise.map { try block($0, scope) }
    let machine = machine
    return { frame in
      for arm in arms where try machine.truth(try arm.test(frame), at: arm.site) { return try arm.body(frame) }
      return try otherwise?(frame) ?? .nothing
    }
  }
}

/// Code in a list: as a field of its own, so that calling it goes through no thunk.
private struct LoweredStatement {
  let code: Code
}

/// One step from a value to a part of it.
enum PathStep {
  case field(String)
  case index(Int)
}

extension Machine {
  /// Whether a condition holds.
  func truth(_ value: Value, at site: Fault.Site) throws -> Bool {
    switch value {
    case .number(let number): return number != 0
    case .tensor(let tensor) where tensor.count == 1: return tensor[flat: 0] != 0
    default:
      throw failure(
        "E0306", "a condition is one number, this is \(value.outline)", at: site,
        notes: [.init("hint", "all(c) and any(c) make one number of many; if c then a else b works element by element")]
      )
    }
  }

  /// The values that a loop runs through.
  func forEach(_ values: Value, at site: Fault.Site, _ body: (Value) throws -> Void) throws {
    switch values {
    case .range(let range):
      for number in range.start..<(range.start + range.count) { try body(.number(Double(number))) }
    case .list(let items):
      for item in items { try body(item) }
    case .record(let record):
      for item in record.values { try body(item) }
    case .tensor(let tensor) where tensor.rank > 0:
      for place in 0..<tensor.shape[0] { try body(Value(tensor[place])) }
    case .dataset(let dataset):
      try dataset.forEachBatch(body)
    default:
      throw failure(
        "E0305", "a loop runs through a range, a tensor or a list, this is \(values.outline)", at: site,
        suggestions: {
          if case .number(let n) = values, n >= 0, n == n.rounded(), n < 1e9 {
            [.init(.try, "0..<\(Int(n))")]
          } else {
            []
          }
        }())
    }
  }

  /// A value taken apart for several names: from a list, a record or a first axis.
  func parts(of value: Value, count: Int, at site: Fault.Site) throws -> [Value] {
    let parts: [Value]
    switch value {
    case .list(let items): parts = items
    case .record(let record): parts = record.values
    case .range(let range) where range.count < 1 << 16:
      parts = (0..<range.count).map { .number(Double(range.start + $0)) }
    case .tensor(let tensor) where tensor.rank > 0 && tensor.shape[0] < 1 << 16:
      parts = tensor.shape[0] == count ? (0..<count).map { Value(tensor[$0]) } : []
      if tensor.shape[0] != count {
        throw failure("E0108", "\(count) names for the \(tensor.shape[0]) places of the first axis", at: site)
      }
    case .dataset(let dataset) where count == 2: parts = try dataset.pair()
    default:
      throw failure("E0108", "\(count) names, but this is \(value.outline)", at: site)
    }
    guard parts.count == count else {
      throw failure("E0108", "\(count) names for \(parts.count) values", at: site)
    }
    return parts
  }

  /// A copy of `value` in which the part at the end of `path` is `part`.
  func setting(
    _ value: Value, _ path: ArraySlice<(PathStep, Fault.Site)>, to part: Value
  ) throws -> Value {
    guard let (step, site) = path.first else { return part }
    let rest = path.dropFirst()
    switch (value, step) {
    case (.record(let record), .field(let name)):
      if rest.isEmpty { return .record(record.setting(name, to: part)) }
      guard let old = record[name] else { throw noField(name, in: value, at: site) }
      return .record(record.setting(name, to: try setting(old, rest, to: part)))
    case (.list(var items), .index(let index)):
      guard items.indices.contains(index) else {
        throw failure("E0206", "index \(index) is outside the list of \(items.count)", at: site)
      }
      items[index] = try setting(items[index], rest, to: part)
      return .list(items)
    case (.network(let network), .index(let index)):
      return .network(try network.setting(layer: index, rest, to: part, on: self, at: site))
    case (.network(let network), .field(let name)):
      return .network(try network.setting(parameter: name, rest, to: part, on: self, at: site))
    case (.tensor, .index):
      throw failure("E0110", "tensors never change: a part of one cannot be bound", at: site)
    case (.dataset, .field(let name)) where ["x", "y", "count", "classes"].contains(name):
      throw failure(
        "E0110", "a dataset never changes: its \(name) cannot be bound", at: site,
        notes: [.init("hint", "bind what you need and train on it:  X = …;  net = train(net, (X, t), …)")])
    case (_, .field(let name)): throw noField(name, in: value, at: site)
    case (_, .index): throw failure("E0206", "\(value.article) has no parts to count", at: site)
    }
  }
}
