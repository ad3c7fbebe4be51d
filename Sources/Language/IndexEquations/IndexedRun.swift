import Tensors

/// One computation of an index equation, or of a sum that stands by itself.
final class IndexedRun {
  let machine: Machine
  let source: SourceText
  let frame: Frame
  let table: IndexTable
  var ranges: [Int: Range<Int>] = [:]
  /// Indices that stand for one value now.
  private(set) var pins: [Int: Int] = [:]
  /// Parameters of the function whose body is computed.
  var locals: [Int: Part] = [:]
  /// Where the value is used: 0 where a branch is not taken. There reads may leave their tensor.
  var guards: [IndexedValue] = []
  private(set) var isShown = false
  /// Parts without indices, computed once.
  private var invariants: [ObjectIdentifier: Value] = [:]
  /// The ranges that the indices of `locals` had when these were computed.
  var localRanges: [Int: Range<Int>] = [:]
  /// Functions whose bodies are being computed around this.
  var active: Set<ObjectIdentifier> = []
  /// Values of one index that do not have one shape.
  var ragged: [Value] = []
  /// Whether a sum is done in pieces just now.
  var pieces = 0
  /// Calls computed already, by what they say.
  var calls: [String: Part] = [:]

  init(machine: Machine, source: SourceText, frame: Frame, table: IndexTable) {
    self.machine = machine
    self.source = source
    self.frame = frame
    self.table = table
  }

  func site(_ expression: Expression) -> Fault.Site { Fault.Site(source: source, range: expression.range) }

  func extent(_ index: Int) -> Int { ranges[index]?.count ?? 1 }

  func name(_ index: Int) -> String { table.entry(index)?.name.text ?? "?" }

  // MARK: Plain parts

  func value(_ invariant: Invariant) throws -> Value {
    if let known = invariants[ObjectIdentifier(invariant)] { return known }
    let value = try invariant.code(frame)
    invariants[ObjectIdentifier(invariant)] = value
    return value
  }

  /// Forgets what was computed, since a sequence has one more value.
  func forget() {
    invariants.removeAll(keepingCapacity: true)
    calls.removeAll(keepingCapacity: true)
  }

  /// The numbers of a part, one value or many.
  func indexed(_ part: Part, _ expression: Expression) throws -> IndexedValue {
    switch part {
    case .indexed(let value): return value
    case .plain(let value):
      guard let tensor = value.tensor(machine.elementType) else {
        throw machine.failure(
          "E0207", "an index equation computes with numbers, this is \(value.outline)", at: site(expression))
      }
      return IndexedValue(tensor: tensor, indices: [])
    }
  }

  // MARK: Ranges

  /// Finds the ranges of all indices.
  ///
  /// - Parameter only: if given, the one index whose range is wanted; it may begin anywhere.
  func findRanges(of only: Int? = nil) throws {
    try checkNames()
    var inference = IndexRanges(table: table, machine: machine, source: source)
    var waiting = table.entries.filter { $0.range != nil && ranges[$0.id] == nil }
    var pending = table.reads.filter { !$0.isOwn }
    var constraints: [IndexConstraint] = []
    func isKnown(_ indices: Set<Int>) -> Bool { indices.allSatisfy { ranges[$0] != nil || pins[$0] != nil } }
    for (index, range) in ranges where table.entry(index) != nil { inference.state(index, range) }
    while true {
      var progress = false
      for entry in waiting where isKnown(entry.range!.indices.union(entry.range!.bound)) {
        inference.state(entry.id, try bounds(entry.range!))
        progress = true
      }
      ranges.merge(inference.ranges) { $1 }
      waiting.removeAll { ranges[$0.id] != nil }
      var deferred: [IndexedRead] = []
      for read in pending {
        guard isKnown(read.base.indices.union(read.bound)) else {
          deferred.append(read)
          continue
        }
        constraints += try self.constraints(of: read)
        progress = true
      }
      pending = deferred
      try inference.infer(constraints)
      let before = ranges.count
      ranges.merge(inference.ranges) { $1 }
      if ranges.count > before { progress = true }
      if progress { continue }
      guard try inference.inferOneMore(constraints) else { break }
      ranges.merge(inference.ranges) { $1 }
    }
    try inference.check(only: only)
    isShown = inference.isShown
  }

  /// - Throws: E0224 if an index is also a number where that makes a difference, E0204 if an index is free.
  private func checkNames() throws {
    // A line that is run again was right when it ran; what is bound since is not its concern.
    guard machine.replays.isEmpty else { return }
    for entry in table.entries {
      let name = entry.name.text
      let cell = machine.cells[name]
      guard let cell, cell.origin != nil, case .number(let number) = cell.value else { continue }
      let text = number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : NumberText.short(number)
      if entry.isOnLeft {
        throw machine.failure(
          "E0224", "\(name) is bound to \(text), and cannot be an index on the left", at: place(entry.name),
          suggestions: oneNumber(entry).map { [$0] } ?? [],
          notes: [.init("hint", "another letter, or :clear \(name)")])
      }
      if let use = table.numberUses.first(where: { $0.id == entry.id }) {
        throw machine.failure(
          "E0224", "\(name) is an index here and is also bound to \(text)",
          at: Fault.Site(source: source, range: use.range), labels: [.init(use.range, "which of the two?")],
          notes: [.init("hint", "another letter for the index, or :clear \(name)")])
      }
    }
    let names = Set(table.entries.map(\.name.text))
    for candidate in table.candidates where !candidate.isLocal && !names.contains(candidate.name) {
      guard machine.cell(candidate.name).value.isNothing else { continue }
      throw free(candidate.name)
    }
  }

  private func place(_ name: Name) -> Fault.Site { Fault.Site(source: source, range: name.range) }

  /// `δ[(L)]` for `δ[L]`.
  private func oneNumber(_ entry: IndexTable.Entry) -> Diagnostic.Suggestion? {
    machine.suggestion(replacing: [(entry.name.range, "(\(entry.name))")], in: source)
  }

  /// An index that stands nowhere else.
  private func free(_ name: String) -> Fault {
    let first = table.candidates.first { $0.name == name }?.read ?? SourceRange(0, 0)
    let body = equationBody(around: first)
    var rows: [(range: SourceRange, columns: [String])] = []
    body?.walk { part in
      guard case .index(let base, let items) = part.kind,
        let place = items.firstIndex(where: { $0.value?.name?.text == name }), let root = base.name?.text,
        let cell = machine.cells[root], let shape = cell.value.shape, place < shape.rank
      else { return }
      let origin = machine.depth == 0 ? cell.origin?.line ?? 0 : 0
      rows.append(
        (
          part.range,
          ["\(root) : \(shape)", origin > 0 ? "line \(origin)" : "", "gives \(name) in 0..<\(shape[place])"]
        ))
    }
    var suggestions: [Diagnostic.Suggestion] = []
    if let body {
      let text = source.text(body.range)
      let isTerm: Bool =
        switch body.kind {
        case .binary(let op, _, _): [.multiply, .divide, .matrixProduct].contains(op.kind)
        case .choice, .lambda: false
        default: true
        }
      let sum = machine.style.ascii ? "sum[\(name)]" : "∑[\(name)]"
      suggestions =
        [machine.suggestion(replacing: [(body.range, isTerm ? "\(sum) \(text)" : "\(sum) (\(text))")], in: source)]
        .compactMap { $0 }
    }
    return machine.failure(
      "E0204", "index \(name) is free: not on the left, not under a ∑",
      at: Fault.Site(source: source, range: first),
      labels: Diagnostic.labels(rows, in: source), suggestions: suggestions)
  }

  /// The right side of the equation in which a part stands.
  private func equationBody(around range: SourceRange) -> Expression? {
    for statement in Parser.parse(source).statements {
      guard case .bind(_, let values, _) = statement.kind else { continue }
      if let value = values.first(where: { $0.range.start <= range.start && range.end <= $0.range.end }) {
        return value
      }
    }
    return nil
  }

  private func bounds(_ range: IndexedRange) throws -> Range<Int> {
    func whole(_ part: Part, last: Bool, _ expression: Expression) throws -> Int {
      let value = try indexed(part, expression)
      let numbers = value.tensor.elements
      guard value.ownRank == 0, let number = last ? numbers.max() : numbers.min() else {
        if value.ownRank == 0 { return 0 }
        throw machine.failure("E0206", "a range goes from one whole number to another", at: site(range.expression))
      }
      guard let whole = Int(exactly: number), abs(whole) < 1 << 31 else {
        throw machine.failure(
          "E0206", "a range goes from one whole number to another, not \(NumberText.short(number))",
          at: site(range.expression))
      }
      return whole
    }
    if let invariant = range.whole {
      guard case .range(let value) = try value(invariant) else {
        throw machine.failure("E0207", "the range of an index is written 0..<n or 0...n", at: site(range.expression))
      }
      return value.start..<(value.start + value.count)
    }
    let low = try whole(try evaluate(range.low), last: false, range.expression)
    let high = try whole(try evaluate(range.high), last: true, range.expression) + (range.isClosed ? 1 : 0)
    return low..<max(low, high)
  }

  /// What a read reads from, a sequence with its own numbers.
  func base(of read: IndexedRead) throws -> Part {
    if case .plain(let invariant) = read.base { return .plain(try value(invariant)) }
    return try evaluate(read.base)
  }

  private func constraints(of read: IndexedRead) throws -> [IndexConstraint] {
    let base = try base(of: read)
    let places = try places(of: read, base)
    var result: [IndexConstraint] = []
    let shape: Shape? =
      switch base {
      case .plain(let value): value.shape
      case .indexed(let value): value.ownShape
      }
    for (axis, place) in places.enumerated() {
      guard case .affine(let code, _, _)? = place.item, var form = try form(code, place), !form.coefficients.isEmpty
      else { continue }
      for (index, number) in pins where form.coefficients[index] != nil {
        form.constant += form.coefficients[index]! * number
        form.coefficients[index] = nil
      }
      if form.coefficients.isEmpty { continue }
      var extent = place.extent
      let isBare =
        form.constant == 0 && form.coefficients.count == 1 && form.coefficients.first?.value == 1 && place.start <= 0
      // Used whole, a sequence is without its values before 0.
      if isBare { extent = max(0, extent + place.start) } else { form.constant -= place.start }
      result.append(
        IndexConstraint(form: form, isBare: isBare, extent: extent, axis: axis, read: read, shape: shape))
    }
    return result
  }

  // MARK: One value after the other

  /// Runs `body` while an index stands for one number.
  func pinning<Result>(_ index: Int, to number: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = pins[index]
    pins[index] = number
    if let slot = table.entry(index)?.slot { frame[slot] = .number(Double(number)) }
    let known = (invariants, calls)
    calls = [:]
    defer {
      pins[index] = before
      (invariants, calls) = known
    }
    return try body()
  }

  /// The values of `body` for one value of the given indices after the other.
  /// - Throws: `Ragged` if they do not stack.
  func collect(_ indices: [Int], _ body: () throws -> Part) throws -> Part {
    guard let index = indices.first else { return try body() }
    let rest = Array(indices.dropFirst())
    let range = ranges[index] ?? 0..<0
    var parts: [Part] = []
    parts.reserveCapacity(range.count)
    for number in range {
      try machine.poll()
      parts.append(try pinning(index, to: number) { try collect(rest, body) })
    }
    return try stack(parts, index)
  }

  private func stack(_ parts: [Part], _ index: Int) throws -> Part {
    var numbers: [Double] = []
    numbers.reserveCapacity(parts.count)
    for part in parts {
      guard case .plain(.number(let number)) = part else { break }
      numbers.append(number)
    }
    if numbers.count == parts.count { return Part(Tensor(numbers, machine.elementType), [index]) }
    var order: [Int] = []
    for part in parts { order += part.indices.filter { !order.contains($0) } }
    let extents = order.map { extent($0) }
    var tensors: [Tensor] = []
    for part in parts {
      switch part {
      case .indexed(let value): tensors.append(value.spread(over: order, extents: extents))
      case .plain(let value):
        guard let tensor = value.tensor(machine.elementType) else {
          throw differ(parts)
        }
        tensors.append(IndexedValue(tensor: tensor, indices: []).spread(over: order, extents: extents))
      }
    }
    guard let first = tensors.first, tensors.allSatisfy({ $0.shape == first.shape }), first.rank < Shape.maximumRank
    else {
      throw differ(parts)
    }
    return Part(try Tensor.stack(tensors), [index] + order)
  }

  private func differ(_ parts: [Part]) -> Ragged {
    ragged = parts.compactMap { if case .plain(let value) = $0 { value } else { nil } }
    return Ragged()
  }

  /// Runs `body`; where that cannot be done for all values of some indices at once, for one after the other.
  func eachWhereNeeded(_ indices: Set<Int>, _ body: () throws -> Part) throws -> Part {
    do {
      return try body()
    } catch let need as NeedsEach {
      let chosen = need.indices.intersection(indices).filter { pins[$0] == nil }.sorted()
      guard !chosen.isEmpty else { throw need }
      do {
        return try collect(chosen) { try eachWhereNeeded(indices, body) }
      } catch is Ragged {
        throw need
      }
    }
  }
}

/// The values of some index do not have one shape; they are kept in `ragged`.
struct Ragged: Error {}
