import Tensors

/// What one subscript is about: an axis of the base, and what stands there.
struct ReadPlace {
  /// Nil where the axis stays whole.
  let item: IndexedSubscript?
  let extent: Int
  /// The number of the axis' first place: that of a sequence's first value, else 0.
  let start: Int
}

extension IndexedRun {
  /// The subscript of each own axis of the base, as far as the base has axes.
  func places(of read: IndexedRead, _ base: Part) throws -> [ReadPlace] {
    var extents: [Int]
    var start = 0
    var isComplete = true
    switch base {
    case .indexed(let value): extents = value.ownShape.dimensions
    case .plain(.list(let items)): (extents, isComplete) = ([items.count], false)
    case .plain(.sequence(let sequence)):
      start = sequence.numbers.lowerBound
      extents = [sequence.numbers.count]
      if case .tensor(let tensor)? = sequence[max(start, sequence.numbers.upperBound - 1)] {
        extents += tensor.shape.dimensions
      }
      isComplete = false
    case .plain(let value):
      if let shape = value.shape { extents = shape.dimensions } else { (extents, isComplete) = ([], false) }
    }
    let taken = read.subscripts.count { if case .rest = $0 { false } else { true } }
    if taken > extents.count {
      guard !isComplete else {
        throw machine.shapeFault(
          .tooManySubscripts(count: taken, shape: Shape(extents)),
          [Operand(read.baseExpression, .tensor(Tensor.zeros(Shape(extents))), source)], doing: "[…]",
          at: site(read.expression))
      }
    }
    var result: [ReadPlace] = []
    func add(_ item: IndexedSubscript?) {
      guard result.count < extents.count else { return }
      result.append(ReadPlace(item: item, extent: extents[result.count], start: result.isEmpty ? start : 0))
    }
    for item in read.subscripts {
      switch item {
      case .rest: for _ in 0..<max(0, extents.count - taken) { add(nil) }
      case .all: add(nil)
      default: add(item)
      }
    }
    while result.count < extents.count { add(nil) }
    return result
  }

  /// The affine form of a subscript; nil if its parts without indices are no whole numbers.
  func form(_ code: AffineCode, _ place: ReadPlace) throws -> AffineForm? {
    switch code {
    case .index(let index): return AffineForm(coefficients: [index: 1])
    case .end: return AffineForm(constant: place.start + place.extent - 1)
    case .constant(let invariant): return try wholeNumber(invariant).map { AffineForm(constant: $0) }
    case .sum(let a, let b):
      guard let p = try form(a, place), let q = try form(b, place) else { return nil }
      return p.adding(q, times: 1)
    case .difference(let a, let b):
      guard let p = try form(a, place), let q = try form(b, place) else { return nil }
      return p.adding(q, times: -1)
    case .negated(let a): return try form(a, place).map { AffineForm().adding($0, times: -1) }
    case .scaled(let a, let by):
      guard let p = try form(a, place), let number = try wholeNumber(by) else { return nil }
      return AffineForm().adding(p, times: number)
    }
  }

  private func wholeNumber(_ invariant: Invariant) throws -> Int? {
    guard case .number(let number) = try value(invariant), let whole = Int(exactly: number), abs(whole) < 1 << 40 else {
      return nil
    }
    return whole
  }

  /// The form with the indices that stand for one number now put in, counted from the first place of the axis.
  func pinned(_ form: AffineForm, _ place: ReadPlace) -> AffineForm {
    var form = form
    for (index, number) in pins {
      guard let factor = form.coefficients.removeValue(forKey: index) else { continue }
      form.constant += factor * number
    }
    form.constant -= place.start
    return form
  }

  func read(_ read: IndexedRead) throws -> Part {
    let base = try base(of: read)
    let places = try places(of: read, base)
    let tensor: IndexedValue
    switch base {
    case .indexed(let value): tensor = value
    case .plain(.list(let items)): return try element(read, places, items.count) { items[$0] }
    case .plain(.sequence(let sequence)):
      if isOnePlace(read, places) {
        return try element(read, places, sequence.numbers.count) { sequence[sequence.numbers.lowerBound + $0]! }
      }
      let stacked = sequence.stacked(sequence.numbers, machine.elementType)
      guard case .tensor(let whole) = stacked else {
        return try element(read, places, sequence.numbers.count) { sequence[sequence.numbers.lowerBound + $0]! }
      }
      tensor = IndexedValue(tensor: whole, indices: [])
    case .plain(let value):
      if value.shape == nil { return try each(read, value) }
      if value.shape?.rank == 0 {
        throw machine.failure(
          "E0206", "\(source.text(read.baseExpression.range).firstLine) is a number and has no axes",
          at: site(read.expression))
      }
      tensor = try indexed(base, read.baseExpression)
    }
    return try access(read, places, tensor)
  }

  /// Whether the first subscript is one number now.
  private func isOnePlace(_ read: IndexedRead, _ places: [ReadPlace]) -> Bool {
    guard let first = places.first, let item = first.item else { return false }
    switch item {
    case .affine(let code, _, _):
      guard let form = try? form(code, first) else { return false }
      return pinned(form, first).coefficients.isEmpty
    case .fixed(let invariant): if case .number? = try? value(invariant) { return true } else { return false }
    default: return false
    }
  }

  /// One item of a list or one value of a sequence, and what the other subscripts read from it.
  private func element(
    _ read: IndexedRead, _ places: [ReadPlace], _ count: Int, _ item: (Int) -> Value
  ) throws -> Part {
    guard let first = places.first, let subscripts = read.subscripts.first else {
      throw machine.failure("E0206", "there is nothing to count here", at: site(read.expression))
    }
    let place: Int
    switch subscripts {
    case .affine(let code, _, let expression):
      guard let form = try form(code, first) else { fallthrough }
      let own = pinned(form, first)
      guard own.coefficients.isEmpty else {
        throw NeedsEach(
          indices: Set(own.coefficients.keys),
          fault: machine.failure(
            "E0207",
            "\(source.text(read.baseExpression.range).firstLine) has parts of different shapes: it is not a tensor",
            at: site(read.expression)))
      }
      place = own.constant
      guard place >= 0, place < count else { throw missing(read, first.start + place, first, expression) }
    default:
      var number: Double?
      if case .fixed(let invariant) = subscripts, case .number(let fixed) = try value(invariant) { number = fixed }
      if case .value(let code, _) = subscripts, case .plain(.number(let fixed)) = try evaluate(code) { number = fixed }
      guard let number, let whole = Int(exactly: number) else {
        let indices = subscripts.indices.filter { pins[$0] == nil }
        throw NeedsEach(
          indices: indices,
          fault: machine.failure(
            "E0206", "a list and a sequence have one number for an index", at: site(read.expression)))
      }
      place = whole - first.start
      guard place >= 0, place < count else { throw missing(read, whole, first, read.expression) }
    }
    let part = item(place)
    if read.subscripts.count == 1 { return .plain(part) }
    let rest = IndexedRead(
      base: .plain(Invariant(read.baseExpression) { _ in part }), subscripts: Array(read.subscripts.dropFirst()),
      expression: read.expression, baseExpression: read.baseExpression, items: Array(read.items.dropFirst()),
      bound: [], isGuarded: read.isGuarded, isOwn: false)
    return try self.read(rest)
  }

  private func missing(_ read: IndexedRead, _ number: Int, _ place: ReadPlace, _ expression: Expression) -> Fault {
    let name = source.text(read.baseExpression.range).firstLine
    if read.isOwn {
      return machine.notYet(name, number, place.start..<(place.start + place.extent), site(read.expression))
    }
    let last = place.start + place.extent - 1
    return machine.failure(
      "E0206",
      "index \(number) is outside \(name), which has \(place.extent == 1 ? "one place" : "\(place.extent) places")",
      at: site(expression), notes: place.extent > 0 ? [.init("places", "\(place.start) to \(last)")] : [])
  }

  /// Something that is no tensor, such as a string: its parts are taken one after the other.
  private func each(_ read: IndexedRead, _ value: Value) throws -> Part {
    let free = read.indices.filter { pins[$0] == nil }
    if !free.isEmpty {
      throw NeedsEach(
        indices: free,
        fault: machine.failure(
          "E0206", "\(source.text(read.baseExpression.range).firstLine) is \(value.article) and has no axes",
          at: site(read.expression)))
    }
    let node = IndexNode(machine, read.baseExpression, read.items, source, site(read.expression))
    let items = try read.subscripts.map { item -> IndexNode.Item in
      switch item {
      case .all: return .all
      case .rest: return .rest
      case .fixed(let invariant): return .value(try self.value(invariant))
      case .affine(_, let code, _), .value(let code, _):
        guard case .plain(let number) = try evaluate(code) else { return .all }
        return .value(number)
      }
    }
    return .plain(try node.apply(value, items))
  }

  // MARK: Errors

  /// Names in the subscripts that could have been meant as indices, and are bound.
  func boundNames(in read: IndexedRead) -> [Diagnostic.Note] {
    var notes: [Diagnostic.Note] = []
    for item in read.items {
      guard let name = item.value?.name?.text, let origin = machine.cells[name]?.origin, origin.line > 0 else {
        continue
      }
      notes.append(.init(name, "is bound on line \(origin.line); :clear \(name) makes it free for an index"))
    }
    return notes
  }

  func outsideFault(_ read: IndexedRead, _ index: Int, _ axis: Int, _ place: ReadPlace) -> Fault {
    let name = source.text(read.baseExpression.range).firstLine
    let last = place.start + place.extent - 1
    return machine.failure(
      "E0206",
      "index \(index + place.start) is outside axis \(axis) of \(name), which has "
        + (place.extent == 1 ? "one place" : "\(place.extent) places"),
      at: site(read.expression), notes: place.extent > 0 ? [.init("places", "\(place.start) to \(last)")] : [])
  }

  func outsideFault(
    _ read: IndexedRead, _ reach: ClosedRange<Int>, _ axis: Int, _ place: ReadPlace, _ form: AffineForm
  ) -> Fault {
    let name = source.text(read.baseExpression.range).firstLine
    let outside = (reach.upperBound >= place.extent ? reach.upperBound : reach.lowerBound) + place.start
    let said = form.coefficients.keys.sorted().compactMap { index in
      ranges[index].map { "\(self.name(index)) in \($0.lowerBound)..<\($0.upperBound)" }
    }
    let last = place.start + place.extent - 1
    var notes = [Diagnostic.Note("places", "\(place.start) to \(last)")]
    if !said.isEmpty { notes.append(.init("ranges", said.joined(separator: ", "))) }
    if let (index, factor) = form.coefficients.first, form.coefficients.count == 1, factor == 1, pins.isEmpty {
      let condition = reach.upperBound >= place.extent ? "< \(place.extent - form.constant)" : "> \(-form.constant - 1)"
      notes.append(
        .init("hint", "if … then … else reads only the branch taken: if \(self.name(index)) \(condition) then … else 0")
      )
    }
    return machine.failure(
      "E0206",
      "\(source.text(read.expression.range).firstLine) reaches index \(outside), outside axis \(axis) of \(name)",
      at: site(read.expression), notes: notes)
  }
}
