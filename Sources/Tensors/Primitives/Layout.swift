/// The same elements, row by row, in another shape.
public struct Reshape: Primitive {
  public let target: Shape
  public init(to target: Shape) { self.target = target }

  public static let card = PrimitiveCard(
    name: "reshape", theme: "shape",
    summary: "The same elements, row by row, in another shape; -1 stands for what is left.",
    formula: "y = \\mathrm{reshape}(x)", shapes: "x: any of as many elements",
    example: ("reshape([1, 2, 3, 4], 2, 2)", "[1, 2; 3, 4]"))
  public static let samples = [PrimitiveSample(Reshape(to: [3, 2]), [[2, 3]])]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    guard inputs[0].count == target.count else {
      throw .count(from: inputs[0].shape, to: target.dimensions)
    }
    return target
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    if let strides = inputs[0].strides(reshapedTo: target) { return inputs[0].viewed(as: target, strides: strides) }
    return inputs[0].contiguous().viewed(as: target, strides: target.rowMajor.strides)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g.reshaped(to: call.inputs[0].shape)] }
}

/// The operand with its axes in another order, as a view.
public struct Permute: Primitive {
  public let order: [Int]
  public init(_ order: [Int]) { self.order = order }

  public static let card = PrimitiveCard(
    name: "permute", theme: "shape", summary: "The operand with its axes in the order given.",
    formula: "y_{kij} = x_{ijk}", shapes: "x: as many axes as are named",
    example: ("permute([1, 2; 3, 4], 1, 0)", "[1, 3; 2, 4]"))
  public static let samples = [PrimitiveSample(Permute([2, 0, 1]), [[2, 3, 4]])]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = inputs[0].shape
    guard order.count == shape.rank else { throw .rank(shape, expected: "\(order.count) axes") }
    var seen = Set<Int>()
    for axis in order {
      let resolved = try shape.resolve(axis: axis)
      guard seen.insert(resolved).inserted else { throw .repeatedAxis(axis) }
    }
    return Shape(order.map { shape[$0 < 0 ? $0 + shape.rank : $0] })
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    let own = x.strides
    var strides = SIMD8<Int32>.zero
    for (axis, source) in order.enumerated() { strides[axis] = own[source < 0 ? source + x.rank : source] }
    return x.viewed(as: shape, strides: strides)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    var inverse = order
    for (axis, source) in order.enumerated() { inverse[source < 0 ? source + order.count : source] = axis }
    return [Permute(inverse)(g)]
  }
}

extension Tensor {
  /// The strides of the same elements in another shape, if no copy is needed; nil for tensors row by row too.
  ///
  /// Axes that are split or joined must stand in memory as one run; axes of extent 1 have any stride.
  fileprivate func strides(reshapedTo target: Shape) -> SIMD8<Int32>? {
    guard !isContiguous, count > 0 else { return nil }
    let own = strides
    var result = SIMD8<Int32>.zero
    var (from, to) = (rank - 1, target.rank - 1)
    while to >= 0 {
      while from >= 0 && shape[from] == 1 { from -= 1 }
      if target[to] == 1 || from < 0 {
        to -= 1
        continue
      }
      // The smallest groups of axes on both sides with the same number of elements.
      let step = own[from]
      var (have, want) = (shape[from], target[to])
      result[to] = step
      while have != want {
        if have < want {
          var next = from - 1
          while next >= 0 && shape[next] == 1 { next -= 1 }
          guard next >= 0, own[next] == own[from] * Int32(shape[from]) else { return nil }
          from = next
          have *= shape[from]
        } else {
          result[to - 1] = result[to] * Int32(target[to])
          to -= 1
          want *= target[to]
        }
      }
      from -= 1
      to -= 1
    }
    return result
  }

  /// The same elements, row by row, in another shape of as many elements.
  public func reshaped(to target: Shape) -> Tensor {
    if target == shape { return self }
    if node == nil && isContiguous && target.count == count {
      return viewed(as: target, strides: target.rowMajor.strides)
    }
    return Reshape(to: target)(self)
  }

  /// The last two axes exchanged.
  public var transposed: Tensor {
    precondition(rank >= 2, "a transpose needs two axes")
    if node == nil {
      var (turned, steps) = (shape, strides)
      (turned[rank - 2], turned[rank - 1]) = (shape[rank - 1], shape[rank - 2])
      (steps[rank - 2], steps[rank - 1]) = (strides[rank - 1], strides[rank - 2])
      return viewed(as: turned, strides: steps)
    }
    return Permute(Array(0..<(rank - 2)) + [rank - 1, rank - 2])(self)
  }
}
