import Tensors

extension Lowering {
  /// `x[i, 0..<3, :, ..., new]`.
  func index(_ base: Expression, _ items: [Subscript], _ whole: Expression, _ scope: Scope) throws -> Code {
    let code = try base.name.map { rawName($0.text, $0.range, scope) } ?? expression(base, scope)
    let (machine, site) = (machine, site(whole.range))
    let restCount = items.count {
      if case .rest = $0.kind { true } else { false }
    }
    if restCount > 1 { throw failure("E0206", "... stands once", at: whole.range) }
    // One or two plain subscripts are what loops have.
    let hasEnd = items.contains { $0.value?.mentionsEnd == true }
    if !hasEnd, items.count <= 2, items.allSatisfy({ $0.value != nil }) {
      let first = try expression(items[0].value!, scope)
      let second = items.count == 2 ? try expression(items[1].value!, scope) : nil
      let node = IndexNode(machine, base, items, source, site)
      return { frame in
        let value = try code(frame)
        let i = try first(frame)
        guard let second else {
          if case .tensor(let tensor) = value, case .number(let number) = i, tensor.rank == 1, !tensor.isTracked,
            let place = Int(exactly: number), place >= 0, place < tensor.shape[0]
          {
            return .number(tensor[flat: place])
          }
          return try node.apply(value, [.value(i)])
        }
        let j = try second(frame)
        if case .tensor(let tensor) = value, case .number(let p) = i, case .number(let q) = j, tensor.rank == 2,
          !tensor.isTracked, let row = Int(exactly: p), let column = Int(exactly: q), row >= 0, column >= 0,
          row < tensor.shape[0], column < tensor.shape[1]
        {
          return .number(tensor[flat: row * tensor.shape[1] + column])
        }
        return try node.apply(value, [.value(i), .value(j)])
      }
    }
    let node = IndexNode(machine, base, items, source, site)
    // `end` is the last place of its axis, known when the base is: it is a place of the frame that is filled then.
    let slot = scope.reserve()
    let lowered: [Code?] = try items.map { item in
      guard let value = item.value else { return nil }
      return try expression(value.replacingEnd(by: Self.endName(slot)), scope.declaring(Self.endName(slot), at: slot))
    }
    return { frame in
      let value = try code(frame)
      let extents = node.extents(value)
      var parts: [IndexNode.Item] = []
      for (position, item) in items.enumerated() {
        if let code = lowered[position] {
          frame[slot] = .number(Double((extents[position] ?? 0) - 1))
          parts.append(.value(try code(frame)))
        } else {
          switch item.kind {
          case .all, .value: parts.append(.all)
          case .rest: parts.append(.rest)
          case .new: parts.append(.new)
          }
        }
      }
      return try node.apply(value, parts)
    }
  }

  static func endName(_ slot: Int) -> String { "end\u{0}\(slot)" }
}

/// Subscripts in a text, and what they do to a value.
final class IndexNode {
  enum Item {
    case value(Value)
    case all, rest, new
  }

  let machine: Machine
  let base: Expression
  let items: [Subscript]
  let source: SourceText
  let site: Fault.Site

  init(
    _ machine: Machine, _ base: Expression, _ items: [Subscript], _ source: SourceText, _ site: Fault.Site
  ) {
    self.machine = machine
    self.base = base
    self.items = items
    self.source = source
    self.site = site
  }

  private func site(_ position: Int) -> Fault.Site {
    items.indices.contains(position) ? Fault.Site(source: source, range: items[position].range) : site
  }

  /// The extent of the axis that each subscript is about.
  func extents(_ value: Value) -> [Int?] {
    let shape: Shape
    switch value {
    case .list(let items): shape = [items.count]
    case .sequence(let sequence):
      // `end` is the last number.
      var extents = [Swift.max(0, sequence.numbers.upperBound)]
      if case .tensor(let tensor)? = sequence[sequence.numbers.upperBound - 1] { extents += tensor.shape.dimensions }
      shape = Shape(extents)
    case .network(let network): shape = [network.layerCount]
    default: shape = value.shape ?? .scalar
    }
    var extents: [Int?] = []
    var axis = 0
    let used = items.count {
      switch $0.kind {
      case .rest, .new: false
      default: true
      }
    }
    for item in items {
      switch item.kind {
      case .new: extents.append(nil)
      case .rest:
        extents.append(nil)
        axis = max(axis, shape.rank - (used - axis))
      default:
        extents.append(axis < shape.rank && axis >= 0 ? shape[axis] : nil)
        axis += 1
      }
    }
    return extents
  }

  @inline(never)
  func apply(_ value: Value, _ parts: [Item]) throws -> Value {
    switch value {
    case .list(let list): return try element(of: list, parts) { .list($0) }
    case .sequence(let sequence): return try element(of: sequence, parts)
    case .network(let network):
      guard parts.count == 1, case .value(let item) = parts[0] else { throw wrong("a network has one index") }
      if case .range(let range) = item {
        guard range.start >= 0, range.start + range.count <= network.layerCount else {
          throw outside(range.start + range.count - 1, 0, network.layerCount, 0)
        }
        return .network(network.layers(range.start..<(range.start + range.count)))
      }
      return .network(network.layers(try place(item, 0, network.layerCount, 0)))
    case .record(let record):
      guard parts.count == 1, case .value(let item) = parts[0] else { throw wrong("a record has one index") }
      if case .string(let name) = item {
        if let part = record[name] { return part }
        throw machine.noField(name, in: value, at: site)
      }
      return record.values[try place(item, 0, record.values.count, 0).lowerBound]
    case .dataset(let dataset):
      return try dataset.select(parts, self)
    case .string(let text):
      let characters = Array(text)
      guard parts.count == 1, case .value(let item) = parts[0] else { throw wrong("a string has one index") }
      if case .range(let range) = item {
        guard range.start >= 0, range.start + range.count <= characters.count else {
          throw outside(range.start + range.count - 1, 0, characters.count, 0)
        }
        return .string(String(characters[range.start..<(range.start + range.count)]))
      }
      return .string(String(characters[try place(item, 0, characters.count, 0).lowerBound]))
    case .range(let range):
      if parts.count == 1, case .value(.number) = parts[0], case .value(let item) = parts[0] {
        return .number(Double(range.start + (try place(item, 0, range.count, 0).lowerBound)))
      }
      guard let whole = range.tensor(machine.elementType) else {
        throw wrong("the range is too long to be a tensor")
      }
      return try tensor(whole, parts)
    case .tensor(let tensor): return try self.tensor(tensor, parts)
    case .number:
      if parts.allSatisfy({ if case .new = $0 { true } else if case .rest = $0 { true } else { false } }) {
        return try self.tensor(value.tensor(machine.elementType)!, parts)
      }
      throw wrong("\(source.text(base.range).firstLine) is a number and has no axes")
    default:
      throw wrong("\(source.text(base.range).firstLine) is \(value.article) and has no parts to count")
    }
  }

  private func wrong(_ message: String) -> Fault { machine.failure("E0206", message, at: site) }

  func outside(_ index: Int, _ axis: Int, _ extent: Int, _ position: Int) -> Fault {
    var suggestions: [Diagnostic.Suggestion] = []
    if index < 0, extent + index >= 0, items.indices.contains(position) {
      let text = index == -1 ? "end" : "end-\(-index - 1)"
      suggestions =
        [machine.suggestion(replacing: [(items[position].range, text)], in: source)].compactMap { $0 }
    }
    let name = source.text(base.range).firstLine
    let places = extent == 1 ? "one place" : "\(extent) places"
    return machine.failure(
      "E0206", "index \(index) is outside axis \(axis) of \(name), which has \(places)", at: site(position),
      suggestions: suggestions,
      notes: extent > 0 ? [.init("places", "0 to \(extent - 1); the last is end")] : [])
  }

  /// A place of an axis as a range of one.
  private func place(_ item: Value, _ axis: Int, _ extent: Int, _ position: Int) throws -> Range<Int> {
    let number: Double
    switch item {
    case .number(let value): number = value
    case .tensor(let tensor) where tensor.rank == 0: number = tensor[flat: 0]
    default:
      throw machine.failure("E0206", "an index is a whole number, this is \(item.outline)", at: site(position))
    }
    guard let index = Int(exactly: number) else {
      throw machine.failure(
        "E0206", "an index is a whole number, not \(NumberText.short(number))", at: site(position))
    }
    guard index >= 0, index < extent else { throw outside(index, axis, extent, position) }
    return index..<(index + 1)
  }

  /// A value of a sequence by its own number, values of it by a range of numbers; anything else is about the whole.
  private func element(of sequence: ValueSequence, _ parts: [Item]) throws -> Value {
    guard case .value(let item)? = parts.first else { return try apply(sequence.whole(machine.elementType), parts) }
    let rest = Array(parts.dropFirst())
    switch item {
    case .number(let number):
      guard let index = Int(exactly: number) else {
        throw machine.failure(
          "E0206", "an index is a whole number, not \(NumberText.short(number))", at: site(0))
      }
      guard let value = sequence[index] else {
        throw machine.notYet(source.text(base.range).firstLine, index, sequence.numbers, site)
      }
      return rest.isEmpty ? value : try apply(value, rest)
    case .range(let range):
      let wanted = range.start..<(range.start + range.count)
      if let missing = wanted.first(where: { !sequence.numbers.contains($0) }) {
        throw machine.notYet(source.text(base.range).firstLine, missing, sequence.numbers, site)
      }
      let values = sequence.stacked(wanted, machine.elementType)
      return rest.isEmpty ? values : try apply(values, [.all] + rest)
    default: return try apply(sequence.whole(machine.elementType), parts)
    }
  }

  private func element(of list: [Value], _ parts: [Item], _ make: ([Value]) -> Value) throws -> Value {
    guard let first = parts.first, case .value(let item) = first else { throw wrong("a list has one index") }
    if case .range(let range) = item, parts.count == 1 {
      guard range.start >= 0, range.start + range.count <= list.count else {
        throw outside(range.start + range.count - 1, 0, list.count, 0)
      }
      return make(Array(list[range.start..<(range.start + range.count)]))
    }
    if case .tensor(let places) = item, places.rank == 1, parts.count == 1 {
      return make(
        try places.elements.map { list[try place(.number($0), 0, list.count, 0).lowerBound] })
    }
    let part = list[try place(item, 0, list.count, 0).lowerBound]
    return parts.count == 1 ? part : try apply(part, Array(parts.dropFirst()))
  }

  // MARK: Tensors

  private func tensor(_ tensor: Tensor, _ given: [Item]) throws -> Value {
    // A comparison of the tensor's own shape selects elements.
    if given.count == 1, case .value(.tensor(let mask)) = given[0], mask.isCondition,
      mask.rank > 1 || mask.shape == tensor.shape
    {
      return try select(tensor, mask)
    }
    let used = given.count {
      switch $0 {
      case .rest, .new: false
      default: true
      }
    }
    guard used <= tensor.rank else {
      throw machine.shapeFault(
        .tooManySubscripts(count: used, shape: tensor.shape), [Operand(base, .tensor(tensor), source)], doing: "[…]",
        at: site)
    }
    var offsets = [Int](repeating: 0, count: tensor.rank)
    var extents = tensor.shape.dimensions
    var dropped = Set<Int>()
    var gathers: [(axis: Int, indices: Tensor, position: Int)] = []
    /// Axes of the result before dropping: an axis of the operand, or a new one.
    var order: [Int?] = []
    var axis = 0
    for (position, item) in given.enumerated() {
      switch item {
      case .new: order.append(nil)
      case .all:
        order.append(axis)
        axis += 1
      case .rest:
        let last = tensor.rank - (used - axis)
        while axis < last {
          order.append(axis)
          axis += 1
        }
      case .value(let value):
        let extent = tensor.shape[axis]
        switch value {
        case .range(let range):
          if range.count > 0 {
            guard range.start >= 0 else { throw outside(range.start, axis, extent, position) }
            guard range.start + range.count <= extent else {
              throw outside(range.start + range.count - 1, axis, extent, position)
            }
            offsets[axis] = range.start
          }
          extents[axis] = range.count
        case .tensor(let indices) where indices.rank > 0:
          if indices.isCondition {
            guard indices.rank == 1, indices.count == extent else {
              throw machine.failure(
                "E0206", "a comparison of \(indices.shape) selects along axis \(axis), which has \(extent) places",
                at: site(position))
            }
            gathers.append((axis, places(where: indices), position))
          } else {
            gathers.append((axis, indices.detached, position))
          }
        default:
          offsets[axis] = try place(value, axis, extent, position).lowerBound
          extents[axis] = 1
          dropped.insert(axis)
        }
        order.append(axis)
        axis += 1
      }
    }
    while axis < tensor.rank {
      order.append(axis)
      axis += 1
    }
    do {
      var result = tensor
      if extents != tensor.shape.dimensions { result = try Engine.slice(result, offsets: offsets, extents: extents) }
      // From the last axis on, so that the axes before keep their numbers.
      var shape: [[Int]] = result.shape.dimensions.map { [$0] }
      for gather in gathers.reversed() {
        result = try self.gather(result, gather)
        shape[gather.axis] = gather.indices.shape.dimensions
      }
      var target: [Int] = []
      for entry in order {
        guard let entry else {
          target.append(1)
          continue
        }
        if !dropped.contains(entry) { target += shape[entry] }
      }
      guard target.count <= Shape.maximumRank else { throw ShapeError.tooManyAxes(rank: target.count) }
      result = result.reshaped(to: Shape(target))
      // Some of the answers are answers.
      result.isCondition = tensor.isCondition
      return Value(result)
    } catch let error as ShapeError {
      throw machine.shapeFault(error, [Operand(base, .tensor(tensor), source)], doing: "[…]", at: site)
    }
  }

  private func places(where mask: Tensor) -> Tensor {
    Tensor(mask.elements.enumerated().filter { $0.element != 0 }.map { Double($0.offset) }, mask.elementType)
  }

  private func select(_ tensor: Tensor, _ mask: Tensor) throws -> Value {
    guard mask.shape == tensor.shape else {
      throw machine.shapeFault(
        .unequal(tensor.shape, mask.shape), [Operand(base, .tensor(tensor), source)], doing: "selection", at: site)
    }
    let flat = tensor.reshaped(to: [tensor.count])
    return Value(try Engine.gather(flat, axis: 0, places(where: mask)))
  }

  private func gather(_ tensor: Tensor, _ gather: (axis: Int, indices: Tensor, position: Int)) throws -> Tensor {
    let extent = tensor.shape[gather.axis]
    for number in gather.indices.elements {
      guard let index = Int(exactly: number) else {
        throw machine.failure(
          "E0206", "an index is a whole number, not \(NumberText.short(number))", at: site(gather.position))
      }
      guard index >= 0, index < extent else { throw outside(index, gather.axis, extent, gather.position) }
    }
    return try Engine.gather(tensor, axis: gather.axis, gather.indices)
  }
}

extension Scope {
  /// The same scope, in which a name has a certain place.
  func declaring(_ name: String, at slot: Int) -> Scope {
    alias(name, at: slot)
    return self
  }
}
