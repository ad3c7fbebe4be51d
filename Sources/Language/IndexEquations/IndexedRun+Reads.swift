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

  /// What a subscript of a tensor does to its axis.
  private enum Access {
    case whole
    case slice(Range<Int>)
    case form(AffineForm)
    /// Places that are computed, one for every value of their indices.
    case gather(IndexedValue)
  }

  func read(_ read: IndexedRead) throws -> Part {
    let base: Part
    if case .plain(let invariant) = read.base {
      base = .plain(try value(invariant))
    } else {
      base = try evaluate(read.base)
    }
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
      isGuarded: read.isGuarded, isOwn: false)
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

  // MARK: Tensors

  private func access(_ read: IndexedRead, _ places: [ReadPlace], _ base: IndexedValue) throws -> Part {
    var value = base
    var accesses: [Access] = []
    for (axis, place) in places.enumerated() {
      switch place.item {
      case nil: accesses.append(.whole)
      case .all, .rest: accesses.append(.whole)
      case .fixed(let invariant):
        switch try self.value(invariant) {
        case .number(let number):
          guard let whole = Int(exactly: number) else {
            throw machine.failure(
              "E0206", "an index is a whole number, not \(NumberText.short(number))", at: site(invariant.expression))
          }
          accesses.append(.form(AffineForm(constant: whole - place.start)))
        case .range(let range):
          accesses.append(.slice((range.start - place.start)..<(range.start - place.start + range.count)))
          if range.count > 0, range.start < place.start || range.start + range.count > place.start + place.extent {
            let outside = range.start < place.start ? range.start : range.start + range.count - 1
            throw outsideFault(read, outside, axis, place)
          }
        case let other:
          guard let indices = other.tensor(machine.elementType), indices.rank > 0 || other.shape?.rank == 0 else {
            throw machine.failure(
              "E0206", "an index is a whole number, this is \(other.outline)", at: site(invariant.expression))
          }
          accesses.append(.gather(IndexedValue(tensor: indices.detached, indices: [])))
        }
      case .affine(let code, let computed, _):
        if let form = try form(code, place) {
          accesses.append(.form(pinned(form, place)))
        } else {
          accesses.append(.gather(try positions(computed, read)))
        }
      case .value(let code, _): accesses.append(.gather(try positions(code, read)))
      }
    }
    // What leaves the tensor: an error, unless a condition keeps it from being used.
    for (axis, access) in accesses.enumerated() {
      guard case .form(let form) = access, let reach = form.reach(ranges) else { continue }
      if reach.lowerBound >= 0 && reach.upperBound < places[axis].extent { continue }
      if guards.isEmpty { throw outsideFault(read, reach, axis, places[axis], form) }
      accesses[axis] = .gather(try positions(of: form))
    }
    if accesses.contains(where: { if case .gather = $0 { true } else { false } }) {
      value = try gather(read, places, value, &accesses)
    }
    return try view(value, accesses, read)
  }

  private func positions(_ code: IndexedCode, _ read: IndexedRead) throws -> IndexedValue {
    let value = try indexed(try evaluate(code), read.expression)
    return IndexedValue(tensor: value.tensor.detached, indices: value.indices)
  }

  private func positions(of form: AffineForm) throws -> IndexedValue {
    var result = IndexedValue(tensor: Tensor(Double(form.constant), .float64), indices: [])
    for (index, factor) in form.coefficients.sorted(by: { $0.key < $1.key }) {
      let range = ranges[index] ?? 0..<0
      let own = IndexedValue(tensor: Tensor(range.map { Double($0 * factor) }, .float64), indices: [index])
      let (order, x, y) = IndexedValue.aligned(result, own)
      result = IndexedValue(tensor: x + y, indices: order)
    }
    return result
  }

  /// The axes that are read at computed places, taken at once: what is left of `accesses` is for the axes of the result.
  private func gather(
    _ read: IndexedRead, _ places: [ReadPlace], _ base: IndexedValue, _ accesses: inout [Access]
  ) throws -> IndexedValue {
    var gathered: Set<Int> = []
    var letters: Set<Int> = Set(base.indices)
    for (axis, access) in accesses.enumerated() {
      guard case .gather(let value) = access else { continue }
      gathered.insert(axis)
      letters.formUnion(value.indices)
    }
    // An index that also stands in another subscript is read together with it.
    var grows = true
    while grows {
      grows = false
      for (axis, access) in accesses.enumerated() where !gathered.contains(axis) {
        guard case .form(let form) = access, form.coefficients.keys.contains(where: { letters.contains($0) }) else {
          continue
        }
        accesses[axis] = .gather(try positions(of: form))
        gathered.insert(axis)
        letters.formUnion(form.coefficients.keys)
        grows = true
      }
    }
    let axes = gathered.sorted()
    // One number for each combination of places, counted over the gathered axes and the base's own indices.
    var flat = IndexedValue(tensor: Tensor(0, .float64), indices: [])
    var ownShape: Shape?
    func add(_ value: IndexedValue, times stride: Int) throws {
      let scaled = IndexedValue(tensor: value.tensor.cast(to: .float64) * Double(stride), indices: value.indices)
      try checked(flat, scaled, read.expression)
      let (order, x, y) = IndexedValue.aligned(flat, scaled)
      flat = IndexedValue(tensor: x + y, indices: order)
    }
    var stride = 1
    for axis in axes.reversed() {
      guard case .gather(let value) = accesses[axis] else { continue }
      if value.ownRank > 0 {
        if let ownShape, ownShape != value.ownShape {
          throw machine.failure(
            "E0206", "two subscripts gather places of different shapes", at: site(read.expression))
        }
        ownShape = value.ownShape
      }
      try add(try inside(value, places[axis], axis, read), times: stride)
      stride *= places[axis].extent
    }
    for (position, index) in base.indices.enumerated().reversed() {
      let extent = base.tensor.shape[position]
      try add(IndexedValue(tensor: Tensor((0..<extent).map(Double.init), .float64), indices: [index]), times: stride)
      stride *= extent
    }
    let lead = base.indices.count
    let order = Array(0..<lead) + axes.map { $0 + lead }
    let rest = (0..<places.count).filter { !gathered.contains($0) }
    let permuted = Permute(order + rest.map { $0 + lead })(base.tensor)
    let restExtents = rest.map { places[$0].extent }
    let rows = permuted.reshaped(to: Shape([stride] + restExtents))
    let extents = flat.indexExtents + flat.ownShape.dimensions + restExtents
    do {
      let target = try Shape(checking: extents)
      let result = try Gather(axis: 0, places: flat.tensor.wholeNumbers()).apply([rows]).reshaped(to: target)
      // The axes of the places stand where the first of the gathered axes stood.
      let before = rest.count { $0 < (axes.first ?? 0) }
      let own = flat.ownRank
      let count = flat.indices.count
      let restPlaces = (0..<rest.count).map { count + own + $0 }
      let moved =
        own == 0 || before == 0
        ? result
        : Permute(Array(0..<count) + restPlaces[..<before] + (count..<(count + own)) + restPlaces[before...])(result)
      accesses =
        rest[..<before].map { accesses[$0] } + Array(repeating: .whole, count: own)
        + rest[before...].map { accesses[$0] }
      return IndexedValue(tensor: moved, indices: flat.indices)
    } catch {
      throw fault(error, read.expression)
    }
  }

  /// Places of an axis, those outside put inside where nobody looks.
  private func inside(
    _ value: IndexedValue, _ place: ReadPlace, _ axis: Int, _ read: IndexedRead
  ) throws -> IndexedValue {
    let shift: Double = if case .affine? = place.item { 0 } else { Double(place.start) }
    var numbers = value.tensor.elements
    var isChanged = false
    var truths: [Double]?
    for (position, number) in numbers.enumerated() {
      guard let whole = Int(exactly: number - shift) else {
        throw machine.failure(
          "E0206", "an index is a whole number, not \(NumberText.short(number))", at: site(read.expression),
          notes: boundNames(in: read))
      }
      if whole >= 0 && whole < place.extent {
        if shift != 0 { (numbers[position], isChanged) = (Double(whole), true) }
        continue
      }
      if truths == nil { truths = try self.truths(over: value) }
      if guards.isEmpty || truths![position] != 0 { throw outsideFault(read, whole, axis, place) }
      (numbers[position], isChanged) = (0, true)
    }
    guard isChanged else { return value }
    if place.extent == 0 { throw outsideFault(read, 0, axis, place) }
    return IndexedValue(tensor: Tensor(numbers, shape: value.tensor.shape, .float64), indices: value.indices)
  }

  /// For every element of a value over some indices whether any of the values it stands for is looked at.
  private func truths(over value: IndexedValue) throws -> [Double] {
    var mask = IndexedValue(tensor: Tensor(1, machine.elementType), indices: [])
    for truth in guards {
      let (order, x, y) = IndexedValue.aligned(mask, truth)
      mask = IndexedValue(tensor: x * y, indices: order)
    }
    var tensor = mask.tensor
    var indices = mask.indices
    for (place, index) in mask.indices.enumerated().reversed() where !value.indices.contains(index) {
      tensor = (try? Engine.extreme(tensor, place, false, isMax: true)) ?? tensor
      indices.remove(at: place)
    }
    let spread = IndexedValue(tensor: tensor, indices: indices)
      .spread(over: value.indices, extents: value.indexExtents)
    let own = value.ownShape.count
    return own == 1 ? spread.elements : spread.elements.flatMap { Array(repeating: $0, count: own) }
  }

  /// The axes that are left, read as a view.
  private func view(_ base: IndexedValue, _ accesses: [Access], _ read: IndexedRead) throws -> Part {
    let lead = base.indices.count
    var indices = base.indices
    for case .form(let form) in accesses {
      for index in form.coefficients.keys.sorted() where !indices.contains(index) { indices.append(index) }
    }
    var extents = indices.map { base.extent(of: $0) ?? extent($0) }
    var offsets = [Int](repeating: 0, count: base.tensor.rank)
    var coefficients = [[Int]](repeating: [], count: base.tensor.rank)
    let ownCount = accesses.count { if case .form = $0 { false } else { true } }
    let rank = indices.count + ownCount
    guard rank <= Shape.maximumRank else { throw fault(ShapeError.tooManyAxes(rank: rank), read.expression) }
    for axis in coefficients.indices { coefficients[axis] = [Int](repeating: 0, count: rank) }
    for axis in 0..<lead { coefficients[axis][axis] = 1 }
    var isIdentity = true
    for (position, access) in accesses.enumerated() {
      let axis = lead + position
      switch access {
      case .whole, .gather:
        coefficients[axis][extents.count] = 1
        extents.append(base.tensor.shape[axis])
      case .slice(let range):
        offsets[axis] = range.lowerBound
        coefficients[axis][extents.count] = 1
        extents.append(range.count)
        isIdentity = false
      case .form(let form):
        offsets[axis] = form.constant
        for (index, factor) in form.coefficients {
          let place = indices.firstIndex(of: index)!
          coefficients[axis][place] = factor
          // The base's own indices count from 0 there, others from the start of their range.
          offsets[axis] += factor * (ranges[index]?.lowerBound ?? 0)
          if place != axis || factor != 1 { isIdentity = false }
        }
        if offsets[axis] != 0 || form.coefficients.isEmpty { isIdentity = false }
      }
    }
    if isIdentity, rank == base.tensor.rank, Shape(extents) == base.tensor.shape { return Part(base.tensor, indices) }
    if extents.contains(0) { return Part(Tensor.zeros(Shape(extents), base.tensor.elementType), indices) }
    do {
      return Part(
        try AffineView(extents: Shape(checking: extents), offsets: offsets, coefficients: coefficients)
          .apply([base.tensor]), indices)
    } catch {
      throw fault(error, read.expression)
    }
  }

  // MARK: Errors

  /// Names in the subscripts that could have been meant as indices, and are bound.
  private func boundNames(in read: IndexedRead) -> [Diagnostic.Note] {
    var notes: [Diagnostic.Note] = []
    for item in read.items {
      guard let name = item.value?.name?.text, let origin = machine.cells[name]?.origin, origin.line > 0 else {
        continue
      }
      notes.append(.init(name, "is bound on line \(origin.line); :clear \(name) makes it free for an index"))
    }
    return notes
  }

  private func outsideFault(_ read: IndexedRead, _ index: Int, _ axis: Int, _ place: ReadPlace) -> Fault {
    let name = source.text(read.baseExpression.range).firstLine
    let last = place.start + place.extent - 1
    return machine.failure(
      "E0206",
      "index \(index + place.start) is outside axis \(axis) of \(name), which has "
        + (place.extent == 1 ? "one place" : "\(place.extent) places"),
      at: site(read.expression), notes: place.extent > 0 ? [.init("places", "\(place.start) to \(last)")] : [])
  }

  private func outsideFault(
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
