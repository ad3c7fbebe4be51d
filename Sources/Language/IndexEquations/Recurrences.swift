import Tensors

extension Lowering {
  /// What puts a value into a name as it is, a sequence as a sequence.
  func rawStore(_ name: String, _ scope: Scope) -> Store {
    if let slot = scope.place(name) { return { frame, value in frame[slot] = value } }
    let (machine, cell) = (machine, machine.cell(name))
    return { _, value in machine.bind(cell, value) }
  }

  /// What a name holds, a sequence as a sequence; nothing if it is not bound.
  func rawRead(_ name: String, _ scope: Scope) -> (Frame) -> Value {
    let slot = scope.place(name)
    let cell = machine.cell(name)
    machine.readers.last?.read(cell, or: slot, name)
    if let slot { return { frame in frame[slot] } }
    return { _ in cell.value }
  }

  /// What puts a value at a number of a sequence: `h[-1] = …`, or `h[t] = …` in `for t`.
  func placeStore(_ name: Name, _ lead: Equation.Lead, _ scope: Scope) throws -> Store {
    let read = rawRead(name.text, scope)
    let write = rawStore(name.text, scope)
    let (machine, nameSite) = (machine, site(name.range))
    switch lead {
    case .number(let code, let site):
      return { frame, value in
        let number = try machine.sequenceNumber(try code(frame), site)
        machine.lastPlace = number
        switch read(frame) {
        case .sequence(let sequence): try write(frame, .sequence(sequence.giving(value, at: number)))
        case .tensor(let tensor) where tensor.rank > 0: throw machine.noPlace(name, number, nameSite)
        default: try write(frame, .sequence(ValueSequence().giving(value, at: number)))
        }
      }
    case .loop(let slot, let offset):
      return { frame, value in
        let number = try machine.sequenceNumber(frame[slot], nameSite) + offset
        guard case .sequence(let sequence) = read(frame) else {
          return try write(frame, .sequence(ValueSequence().adding(value, at: number) ?? ValueSequence()))
        }
        guard let longer = sequence.adding(value, at: number) else {
          throw machine.misplaced(name.text, number, sequence, nameSite)
        }
        try write(frame, .sequence(longer))
      }
    case .none, .index: throw failure("E0226", "an equation of this form stands alone", at: name.range)
    }
  }

  /// The same for a target of a line that binds several names.
  func placeStore(_ target: Target, _ scope: Scope) throws -> Store {
    guard case .indexed(let name, let places, _) = target, let first = places.first else {
      throw failure("E0226", "an equation of this form stands alone", at: target.range)
    }
    switch first.kind {
    case .integer(let number):
      return try placeStore(name, .number({ _ in .number(Double(number)) }, site(first.range)), scope)
    case .value(let expression):
      return try placeStore(name, .number(try self.expression(expression, scope), site(first.range)), scope)
    case .index(let letter, let offset):
      return try placeStore(name, .loop(slot: scope.loopSlot(letter.text) ?? 0, offset: offset), scope)
    }
  }

  /// `θ[t+1] = θ[t] - η * ∇J(θ[t])  where t in 0..<50`: the values one after the other, upward or downward.
  func recurrence(_ equations: [Equation], _ indices: [Index], _ scope: Scope) throws -> Code {
    let names = Set(equations.map(\.name.text))
    guard case .index(let letter, _) = equations[0].lead else {
      throw failure("E0226", "equations that need each other have the same index first", at: equations[0].name.range)
    }
    let stated = indices.first { $0.name == letter }?.range
    let table = IndexTable()
    let (ranges, entry) = try IndexedLowering(self, scope, table, ownNames: names, isForRanges: true)
      .binding(Index(letter, in: stated), isOnLeft: true)
    // Lowered as it is for every step, where the index is a number.
    var steps: [Step] = []
    for equation in equations {
      guard case .index(let name, let offset) = equation.lead, name == letter else {
        throw failure("E0226", "equations that need each other have the same index first", at: equation.name.range)
      }
      var lowering = ranges
      for letter in equation.rest {
        let range = indices.first { $0.name == letter }?.range
        lowering = try lowering.binding(Index(letter, in: range), isOnLeft: true).0
      }
      _ = try lowering.lower(equation.value)
      let code: Code = try scope.aliasing([(letter.text, entry.slot)]) {
        if equation.rest.isEmpty { return try expression(equation.value, scope) }
        let body = try elements(equation, indices, scope)
        return { frame in try body(frame).value }
      }
      steps.append(
        Step(
          name: equation.name, offset: offset, code: code, read: rawRead(equation.name.text, scope),
          write: rawStore(equation.name.text, scope), site: site(equation.value.range)))
    }
    let (machine, source) = (machine, source)
    return { frame in
      let run = IndexedRun(machine: machine, source: source, frame: frame, table: table)
      let isDownward = try run.direction(steps, entry)
      try run.findRanges(of: entry.id)
      return try run.recur(steps, entry, isDownward: isDownward)
    }
  }

  /// One equation of a recurrence.
  struct Step {
    let name: Name
    let offset: Int
    let code: Code
    let read: (Frame) -> Value
    let write: Store
    let site: Fault.Site
  }
}

extension IndexedRun {
  /// The values of a recurrence, one after the other.
  func recur(_ steps: [Lowering.Step], _ entry: IndexTable.Entry, isDownward: Bool) throws -> Value {
    let range = ranges[entry.id] ?? 0..<0
    var sequences: [ValueSequence] = []
    for step in steps {
      var sequence = ValueSequence()
      if case .sequence(let known) = step.read(frame) { sequence = known.onlyFirst }
      let numbers = (range.lowerBound + step.offset)..<(range.upperBound + step.offset)
      if sequence.firstNumbers.overlaps(numbers) {
        throw machine.givenAlready(
          step.name.text, sequence.firstNumbers.clamped(to: numbers).lowerBound, entry.name.text, range,
          Fault.Site(source: source, range: step.name.range))
      }
      sequences.append(sequence)
      try step.write(frame, .sequence(sequence))
    }
    for place in 0..<range.count {
      try machine.poll()
      let number = isDownward ? range.upperBound - 1 - place : range.lowerBound + place
      frame[entry.slot] = .number(Double(number))
      let values = try steps.map { step -> Value in
        let value = try step.code(frame)
        if value.isNothing { throw machine.failure("E0304", "this gives nothing to bind", at: step.site) }
        return value
      }
      for (index, step) in steps.enumerated() {
        guard let longer = sequences[index].adding(values[index], at: number + step.offset) else {
          throw machine.misplaced(
            step.name.text, number + step.offset, sequences[index],
            Fault.Site(source: source, range: step.name.range))
        }
        try step.write(frame, .sequence(longer))
        // Inside a derivative by one of the values, what is kept is another one.
        if case .sequence(let kept) = step.read(frame) { sequences[index] = kept }
      }
    }
    if isShown { for step in steps { machine.notes[step.name.text] = note(of: entry) } }
    return sequences.last?.whole(machine.elementType) ?? .nothing
  }

  private func note(of entry: IndexTable.Entry) -> String? {
    ranges[entry.id].map { "\(entry.name) in \($0.lowerBound)..<\($0.upperBound)" }
  }

  private func selfDefined(_ read: IndexedRead, _ step: Lowering.Step) -> Fault {
    let copy = step.name.text == "y" ? "z" : "y"
    return machine.failure(
      "E0232", "\(source.text(read.expression.range)) is what the equation defines", at: site(read.expression),
      suggestions: [machine.suggestion(replacing: [(step.name.range, copy)], in: source)].compactMap { $0 },
      notes: [.init("means", "inside its own equation \(step.name) is the values being defined")])
  }

  /// Whether the values follow each other downward: those read are later ones.
  func direction(_ steps: [Lowering.Step], _ entry: IndexTable.Entry) throws -> Bool {
    var earlier: IndexedRead?
    var later: IndexedRead?
    for read in table.reads where read.isOwn {
      guard let step = steps.first(where: { $0.name.text == read.baseExpression.name?.text }),
        case .affine(let code, _, _)? = read.subscripts.first,
        let form = try form(code, ReadPlace(item: nil, extent: 0, start: 0)), form.coefficients == [entry.id: 1]
      else { continue }
      let distance = form.constant - step.offset
      if distance == 0 {
        throw selfDefined(read, step)
      }
      if distance < 0 { earlier = earlier ?? read } else { later = later ?? read }
    }
    if let earlier, let later {
      throw machine.failure(
        "E0232", "the equation needs earlier and later values of itself", at: site(later.expression),
        labels: [
          .init(earlier.expression.range, "one before"), .init(later.expression.range, "one that follows"),
        ], notes: [.init("rule", "the values come one by one: all those read are earlier, or all are later")])
    }
    return later != nil
  }
}

extension Machine {
  func sequenceNumber(_ value: Value, _ site: Fault.Site) throws -> Int {
    guard let number = value.tensor(.float64), number.rank == 0, let whole = Int(exactly: number[flat: 0]),
      abs(whole) < 1 << 53
    else {
      throw failure("E0206", "the places of a sequence are whole numbers, this is \(value.outline)", at: site)
    }
    return whole
  }

  /// A value of a sequence that is not there yet.
  func notYet(_ name: String, _ number: Int, _ numbers: Range<Int>, _ site: Fault.Site) -> Fault {
    var notes: [Diagnostic.Note] = []
    if !numbers.isEmpty {
      notes.append(
        .init(
          "known",
          numbers.count == 1
            ? "\(name)[\(numbers.lowerBound)]" : "\(name)[\(numbers.lowerBound)] to \(name)[\(numbers.upperBound - 1)]")
      )
    }
    if !numbers.isEmpty, number > numbers.upperBound {
      notes.append(
        .init("order", "\(name)[\(numbers.upperBound)] comes next, from values that are there already"))
    } else {
      notes.append(.init("give it", "\(name)[\(number)] = …   on a line before"))
    }
    return failure("E0231", "\(name)[\(number)] has no value yet", at: site, notes: notes)
  }

  /// A value that does not follow those before it.
  func misplaced(_ name: String, _ number: Int, _ sequence: ValueSequence, _ site: Fault.Site) -> Fault {
    let numbers = sequence.numbers
    if sequence.firstNumbers.contains(number) { return givenAlready(name, number, nil, nil, site) }
    if numbers.contains(number) {
      return failure(
        "E0233", "\(name)[\(number)] was computed before and stays as it is", at: site,
        notes: [.init("rule", "only the value of the current pass can be given again")])
    }
    let missing = number >= numbers.upperBound ? numbers.upperBound : numbers.lowerBound - 1
    return failure(
      "E0231", "\(name)[\(number)] would not follow \(name)[\(number > missing ? missing - 1 : missing + 1)]", at: site,
      notes: [.init("missing", "\(name)[\(missing)]")])
  }

  /// A first value that would be computed again.
  func givenAlready(
    _ name: String, _ number: Int, _ letter: String?, _ range: Range<Int>?, _ site: Fault.Site
  ) -> Fault {
    failure(
      "E0233", "\(name)[\(number)] is given as a first value and would be computed again", at: site,
      notes: [
        .init("either", "give \(name)[\(number - 1)] = … instead"),
        .init(
          "or", "begin at \(number + 1)" + (letter.map { ": \($0) in \(number + 1)..<\(range?.upperBound ?? 0)" } ?? "")
        ),
      ])
  }

  /// A tensor of which a part would be bound.
  func noPlace(_ name: Name, _ number: Int, _ site: Fault.Site) -> Fault {
    let copy = name.text == "y" ? "z" : "y"
    return failure(
      "E0110", "tensors never change: \(name)[\(number)] cannot be bound", at: site,
      suggestions: [
        .init(.try, "\(copy)[i] = if i == \(number) then … else \(name)[i]", remark: "a changed copy")
      ], notes: [.init("or", ":clear \(name), if \(name)[\(number)] is the first value of a sequence")])
  }
}

extension Block {
  /// The names whose values a loop over `letter` adds to, in their order.
  func sequences(over letter: String) -> [Name] {
    var names: [Name] = []
    func add(_ name: Name) { if !names.contains(name) { names.append(name) } }
    for statement in statements {
      switch statement.kind {
      case .bind(let targets, _, _):
        for case .indexed(let name, let places, _) in targets {
          if case .index(let first, _)? = places.first?.kind, first.text == letter { add(name) }
        }
      case .forLoop(let inner, _, let block) where !inner.contains(where: { $0.text == letter }):
        block.sequences(over: letter).forEach(add)
      case .whileLoop(_, let block), .repeatLoop(_, let block): block.sequences(over: letter).forEach(add)
      case .conditional(let conditional):
        for arm in conditional.arms { arm.block.sequences(over: letter).forEach(add) }
        conditional.otherwise?.sequences(over: letter).forEach(add)
      default: break
      }
    }
    return names
  }
}
