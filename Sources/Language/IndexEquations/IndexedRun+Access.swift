import Tensors

extension IndexedRun {
  /// What a subscript of a tensor does to its axis.
  fileprivate enum Access {
    case whole
    case slice(Range<Int>)
    case form(AffineForm)
    /// Places that are computed, one for every value of their indices.
    case gather(IndexedValue)
  }

  /// What a read gives: the axes at computed places are gathered, the others are a view.
  func access(_ read: IndexedRead, _ places: [ReadPlace], _ base: IndexedValue) throws -> Part {
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
      let result = try Gather(axis: 0, places: flat.tensor.wholeNumbers()).apply(rows).reshaped(to: target)
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
      if truths == nil { truths = try self.truths(over: value, read) }
      if guards.isEmpty || truths![position] != 0 { throw outsideFault(read, whole, axis, place) }
      (numbers[position], isChanged) = (0, true)
    }
    guard isChanged else { return value }
    if place.extent == 0 { throw outsideFault(read, 0, axis, place) }
    return IndexedValue(tensor: Tensor(numbers, shape: value.tensor.shape, .float64), indices: value.indices)
  }

  /// For every element of a value over some indices whether any of the values it stands for is looked at.
  private func truths(over value: IndexedValue, _ read: IndexedRead) throws -> [Double] {
    var mask = IndexedValue(tensor: Tensor(1, machine.elementType), indices: [])
    for truth in guards {
      mask = try times(mask, truth, read.expression)
    }
    // Nobody looks where an index has no values.
    if mask.tensor.count == 0 { return [Double](repeating: 0, count: value.tensor.count) }
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
}
