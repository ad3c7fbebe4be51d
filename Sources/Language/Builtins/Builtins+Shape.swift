import Tensors

extension BuiltinCatalogue {
  /// What changes the arrangement of numbers and not the numbers.
  static let shape: [Builtin] = [
    Builtin(
      "shape(x)", .shape, "The extents of the axes, as a list.", shapes: "any",
      derivative: "none: a shape is a constant",
      example: ("shape([1, 2; 3, 4])", "(2, 2)")
    ) { call in
      if case .dataset(let dataset) = call[0] {
        return .list(([dataset.dataset.count] + dataset.dataset.sampleShape.dimensions).map { .number(Double($0)) })
      }
      guard let shape = call[0].shape else { throw call.wrong(0, "a tensor") }
      return .list(shape.dimensions.map { .number(Double($0)) })
    },
    Builtin(
      "rank(x)", .shape, "The number of axes.", shapes: "any", derivative: "none: a shape is a constant",
      example: ("rank([1, 2; 3, 4])", "2")
    ) { call in
      guard let shape = call[0].shape else { throw call.wrong(0, "a tensor") }
      return .number(Double(shape.rank))
    },
    Builtin(
      "size(x, axis: none)", .shape, "The number of elements, or of places along an axis.", shapes: "any",
      derivative: "none: a shape is a constant",
      example: ("size([1, 2; 3, 4])", "4")
    ) { call in
      switch call[0] {
      case .list(let items): return .number(Double(items.count))
      case .dataset(let dataset): return .number(Double(dataset.dataset.count))
      case .string(let text): return .number(Double(text.count))
      default: break
      }
      if call[0].isStructure, let leaves = call[0].leaves(call.type) {
        return .number(Double(leaves.reduce(0) { $0 + $1.count }))
      }
      guard let shape = call[0].shape else { throw call.wrong(0, "a tensor") }
      if call[1].isNothing { return .number(Double(shape.count)) }
      return .number(Double(shape[try shape.resolve(axis: try call.whole(1))]))
    },
    Builtin(
      "reshape(x, n...)", .shape, "The same elements, row by row, in another shape; -1 stands for what is left.",
      shapes: "as many elements", example: ("reshape([1, 2, 3, 4], 2, -1)", "[1, 2; 3, 4]")
    ) { call in
      let x = try call.tensor(0)
      var extents = try call.wholes(call.rest)
      if let open = extents.firstIndex(of: -1) {
        let known = extents.enumerated().reduce(1.0) { $1.offset == open ? $0 : $0 * Double($1.element) }
        guard known > 0, known <= Double(max(x.count, 1)), x.count % Int(known) == 0 else {
          throw ShapeError.count(from: x.shape, to: extents)
        }
        extents[open] = x.count / Int(known)
      }
      let shape = try Shape(checking: extents)
      guard shape.count == x.count else { throw ShapeError.count(from: x.shape, to: extents) }
      return Value(x.reshaped(to: shape))
    },
    Builtin(
      "flatten(x, from: 0)", .shape, "The axes from one on made into one, row by row.",
      shapes: "[n, c, h, w], from: 1 → [n, c·h·w]",
      example: ("flatten([1, 2; 3, 4])", "[1, 2, 3, 4]")
    ) { call in
      let x = try call.tensor(0)
      let first = x.rank == 0 ? 0 : try x.shape.resolve(axis: try call.whole(1))
      let head = Array(x.shape.dimensions.prefix(first))
      return Value(x.reshaped(to: Shape(head + [x.shape.dimensions.dropFirst(first).reduce(1, *)])))
    },
    Builtin(
      "transpose(x, a: none, b: none)", .shape, "The last two axes exchanged, or two that are named; also xᵀ.",
      shapes: "[..., m, n] → [..., n, m]",
      example: ("transpose([1, 2; 3, 4])", "[1, 3; 2, 4]")
    ) { call in
      let x = try call.tensor(0)
      guard x.rank >= 2 else { throw ShapeError.rank(x.shape, expected: "a matrix") }
      var order = Array(0..<x.rank)
      let a = call[1].isNothing ? x.rank - 2 : try x.shape.resolve(axis: try call.whole(1))
      let b = call[2].isNothing ? x.rank - 1 : try x.shape.resolve(axis: try call.whole(2))
      order.swapAt(a, b)
      return Value(try Permute(order).apply(x))
    },
    Builtin(
      "permute(x, axes...)", .shape, "The axes in another order.", shapes: "as many axes as are named",
      example: ("permute([1, 2; 3, 4], 1, 0)", "[1, 3; 2, 4]")
    ) { call in Value(try Permute(try call.wholes(call.rest)).apply(try call.tensor(0))) },
    Builtin(
      "squeeze(x, axis: none)", .shape, "Without the axes of extent 1, or without one of them.",
      shapes: "[n, 1, m] → [n, m]",
      example: ("squeeze([1; 2; 3])", "[1, 2, 3]")
    ) { call in
      let x = try call.tensor(0)
      if let axis = try call.axis("axis", of: x) {
        guard x.shape[axis] == 1 else { throw ShapeError.extent(x.shape, axis: axis, expected: 1) }
        return Value(x.reshaped(to: x.shape.removing(axis: axis)))
      }
      return Value(x.reshaped(to: Shape(x.shape.dimensions.filter { $0 != 1 })))
    },
    Builtin(
      "unsqueeze(x, axis)", .shape, "With one more axis of extent 1; also x[new, :].", shapes: "[n] → [1, n]",
      example: ("unsqueeze([1, 2], 1)", "[1; 2]")
    ) { call in
      let x = try call.tensor(0)
      var axis = try call.whole(1)
      if axis < 0 { axis += x.rank + 1 }
      guard axis >= 0, axis <= x.rank else { throw ShapeError.axisOutOfRange(axis: try call.whole(1), shape: x.shape) }
      guard x.rank < Shape.maximumRank else { throw ShapeError.tooManyAxes(rank: x.rank + 1) }
      return Value(x.reshaped(to: x.shape.inserting(1, at: axis)))
    },
    Builtin(
      "concat(x..., axis: 0)", .shape, "Tensors one after the other along an axis.", shapes: "equal but for the axis",
      example: ("concat([1, 2], [3])", "[1, 2, 3]")
    ) { call in
      let tensors = try call.tensors()
      guard let first = tensors.first else { throw call.fail("E0302", "concat is given nothing to join") }
      return Value(try Engine.concatenate(tensors, axis: try first.shape.resolve(axis: try call.whole("axis"))))
    },
    Builtin(
      "stack(x..., axis: 0)", .shape, "Equal shapes on top of each other along a new axis.",
      shapes: "k times [n] → [k, n]",
      example: ("stack([1, 2], [3, 4])", "[1, 2; 3, 4]")
    ) { call in
      let tensors = try call.tensors()
      guard let first = tensors.first else { throw call.fail("E0302", "stack is given nothing to stack") }
      for tensor in tensors where tensor.shape != first.shape { throw ShapeError.unequal(first.shape, tensor.shape) }
      var axis = try call.whole("axis")
      if axis < 0 { axis += first.rank + 1 }
      guard axis >= 0, axis <= first.rank else { throw ShapeError.axisOutOfRange(axis: axis, shape: first.shape) }
      let stacked = try Tensor.stack(tensors)
      var order = Array(1..<stacked.rank)
      order.insert(0, at: axis)
      return Value(axis == 0 ? stacked : try Permute(order).apply(stacked))
    },
    Builtin(
      "split(x, parts, axis: 0)", .shape, "Equal parts along an axis, or parts of the sizes listed, as a list.",
      shapes: "[n] → parts times [n/parts]",
      example: ("split([1, 2, 3, 4], 2)", "([1, 2], [3, 4])")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole("axis"))
      let extent = x.shape[axis]
      var sizes = try call.wholes([call[1]], 1)
      if case .number = call[1] {
        let parts = sizes[0]
        guard parts > 0, parts <= max(extent, 1), extent % parts == 0 else {
          throw call.fail("E0303", "\(extent) places cannot be split into \(parts) equal parts")
        }
        sizes = Array(repeating: extent / parts, count: parts)
      }
      guard sizes.allSatisfy({ $0 >= 0 }), sizes.reduce(0, +) == extent else {
        throw call.fail("E0303", "the sizes do not add up to the \(extent) places of axis \(axis)")
      }
      var start = 0
      var parts: [Value] = []
      for size in sizes {
        var offsets = [Int](repeating: 0, count: x.rank)
        var extents = x.shape.dimensions
        offsets[axis] = start
        extents[axis] = size
        parts.append(Value(try Engine.slice(x, offsets: offsets, extents: extents)))
        start += size
      }
      return .list(parts)
    },
    Builtin(
      "flip(x, axis: -1)", .shape, "The places of an axis in reverse.", shapes: "any",
      example: ("flip([1, 2, 3])", "[3, 2, 1]")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole(1))
      return Value(
        try Engine.gather(x, axis: axis, Tensor((0..<x.shape[axis]).reversed().map(Double.init), x.elementType)))
    },
    Builtin(
      "roll(x, shift, axis: -1)", .shape, "The places of an axis moved on, those that fall off coming in again.",
      shapes: "any",
      example: ("roll([1, 2, 3], 1)", "[3, 1, 2]")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole("axis"))
      let n = max(x.shape[axis], 1)
      let shift = ((try call.whole(1) % n) + n) % n
      return Value(
        try Engine.gather(
          x, axis: axis, Tensor((0..<x.shape[axis]).map { Double(($0 - shift + n) % n) }, x.elementType)))
    },
    Builtin(
      "pad(x, before, after: none, axis: none, value: 0)", .shape,
      "Places with a value before and after those of an axis, or of all axes.", shapes: "[n] → [before + n + after]",
      example: ("pad([1, 2], 1)", "[0, 1, 2, 0]")
    ) { call in
      var x = try call.tensor(0)
      let before = try call.whole(1, atLeast: 0)
      let after = call[2].isNothing ? before : try call.whole(2, atLeast: 0)
      let axes = try call.axis("axis", of: x).map { [$0] } ?? Array(0..<x.rank)
      let value = try call.number("value")
      for axis in axes {
        func edge(_ count: Int) throws -> Tensor {
          var extents = x.shape.dimensions
          extents[axis] = count
          let shape = try Shape(checking: extents)
          try MemoryLimit.check(shape, x.elementType)
          return .filled(shape, value, x.elementType)
        }
        x = try Engine.concatenate([try edge(before), x, try edge(after)], axis: axis)
      }
      return Value(x)
    },
    Builtin(
      "tile(x, n...)", .shape, "The tensor repeated along each axis.", shapes: "[a, b], 2, 3 → [2a, 3b]",
      example: ("tile([1, 2], 2)", "[1, 2, 1, 2]")
    ) { call in
      var x = try call.tensor(0)
      let counts = try call.wholes(call.rest)
      guard counts.count <= Shape.maximumRank else { throw ShapeError.tooManyAxes(rank: counts.count) }
      while x.rank < counts.count { x = x.reshaped(to: x.shape.inserting(1, at: 0)) }
      for (index, count) in counts.enumerated() where count != 1 {
        let axis = x.rank - counts.count + index
        guard count >= 0 else { throw ShapeError.negativeExtent(count) }
        guard count <= Shape.maximumCount else { throw ShapeError.tooManyElements(extents: counts) }
        let n = x.shape[axis]
        var extents = x.shape.dimensions
        extents[axis] = n * count
        try MemoryLimit.check(try Shape(checking: extents), x.elementType)
        x = try Engine.gather(x, axis: axis, Tensor((0..<(n * count)).map { Double($0 % max(n, 1)) }, x.elementType))
      }
      return Value(x)
    },
    Builtin(
      "broadcast(x, n...)", .shape, "The tensor stretched to a shape.", shapes: "extents of 1 and missing axes stretch",
      example: ("broadcast([1, 2], 2, 2)", "[1, 2; 1, 2]")
    ) { call in
      let x = try call.tensor(0)
      let target = try call.shape(call.rest)
      guard x.shape.stretches(to: target) else { throw ShapeError.unequal(x.shape, target) }
      return Value(try Broadcast(to: target).apply(x))
    },
    Builtin(
      "sort(x, axis: -1, descending: false)", .shape, "The numbers along an axis in order.", shapes: "any",
      example: ("sort([3, 1, 2])", "[1, 2, 3]")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole(1))
      return Value(
        try Engine.sorted(x, axis: axis, count: x.shape[axis], descending: try call.flag("descending")).values)
    },
    Builtin(
      "argsort(x, axis: -1, descending: false)", .shape, "Where the numbers stand that sort would put in order.",
      shapes: "any",
      derivative: "none: places go in steps",
      example: ("argsort([30, 10, 20])", "[1, 2, 0]")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole(1))
      return Value(
        try Engine.sorted(x, axis: axis, count: x.shape[axis], descending: try call.flag("descending")).places)
    },
    Builtin(
      "topk(x, k, axis: -1)", .shape, "The k largest numbers along an axis and where they stand, as a list.",
      shapes: "[n] → ([k], [k])",
      derivative: "1 from each value to the number it is; none of the places",
      example: ("topk([1, 5, 3], 2)", "([5, 3], [1, 2])")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole("axis"))
      let k = try call.whole(1, atLeast: 0)
      guard k <= x.shape[axis] else { throw call.wrong(1, "at most \(x.shape[axis])") }
      let found = try Engine.sorted(x, axis: axis, count: k, descending: true)
      return .list([Value(found.values), Value(found.places)])
    },
    Builtin(
      "gather(x, indices, axis: 0)", .shape, "The places of an axis that are listed; also x[indices].",
      shapes: "[n, m], [k] → [k, m]",
      example: ("gather([10, 20, 30], [2, 0])", "[30, 10]")
    ) { call in
      let x = try call.tensor(0)
      let axis = try x.shape.resolve(axis: try call.whole("axis"))
      let indices = try call.tensor(1)
      for number in indices.elements {
        guard let index = Int(exactly: number) else { throw ShapeError.fractionalIndex(number) }
        guard index >= 0, index < x.shape[axis] else {
          throw ShapeError.indexOutOfRange(index: index, axis: axis, extent: x.shape[axis])
        }
      }
      let gathered = try Engine.gather(x, axis: axis, indices)
      var extents = x.shape.dimensions
      extents.replaceSubrange(axis...axis, with: indices.shape.dimensions)
      return Value(gathered.reshaped(to: try Shape(checking: extents)))
    },
    Builtin(
      "tril(x, k: 0)", .shape, "The lower triangle of a matrix, zeros above the k-th diagonal.", shapes: "[..., m, n]",
      example: ("tril([1, 2; 3, 4])", "[1, 0; 3, 4]")
    ) { call in try call.triangle { row, column, k in column - row <= k } },
    Builtin(
      "triu(x, k: 0)", .shape, "The upper triangle of a matrix, zeros below the k-th diagonal.", shapes: "[..., m, n]",
      example: ("triu([1, 2; 3, 4])", "[1, 2; 0, 4]")
    ) { call in try call.triangle { row, column, k in column - row >= k } },
    Builtin(
      "cumsum(x, axis: -1)", .shape, "The sums of the numbers so far along an axis.",
      formula: "y_i = \\sum_{j \\le i} x_j", shapes: "any",
      derivative: "1 from each sum to the numbers in it",
      example: ("cumsum([1, 2, 3])", "[1, 3, 6]")
    ) { call in
      let x = try call.tensor(0)
      return Value(try CumulativeSum(axis: try x.shape.resolve(axis: try call.whole(1))).apply(x))
    },
    Builtin(
      "unique(x)", .shape, "The different numbers in order, or the different strings of a list.",
      shapes: "→ [k]; a list of strings → a list",
      derivative: "none: which numbers there are goes in steps",
      example: ("unique([3, 1, 3])", "[1, 3]")
    ) { call in
      if case .list(let items) = call[0], case .string? = items.first {
        return .list(Set(try call.strings(0)).sorted().map { .string($0) })
      }
      let x = try call.tensor(0)
      var last: Double?
      let different = x.elements.sorted { $0 < $1 || $1.isNaN && !$0.isNaN }.filter { number in
        defer { last = number }
        return last != number
      }
      return Value(Tensor(different, x.elementType))
    },
  ]
}

extension BuiltinCall {
  /// The tensors listed, or those of a list.
  func tensors() throws -> [Tensor] {
    var values = rest
    if values.count == 1, case .list(let items) = values[0] { values = items }
    return try values.map { value in
      guard let tensor = value.tensor(type) else {
        throw fail("E0303", "\(builtin.name) wants tensors, not \(value.article)")
      }
      return tensor
    }
  }

  fileprivate func triangle(_ isKept: (Int, Int, Int) -> Bool) throws -> Value {
    let x = try tensor(0)
    guard x.rank >= 2 else { throw ShapeError.rank(x.shape, expected: "a matrix") }
    let k = try whole(1)
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let mask = Tensor.filled([rows, columns], x.elementType) {
      isKept($0 / max(columns, 1), $0 % max(columns, 1), k) ? 1 : 0
    }
    return Value(try Engine.select(mask, x, Tensor(0, x.elementType)))
  }
}
