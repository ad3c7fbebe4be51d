import KernelInterface
import Tensors

/// The engine's operations under the names the language needs, with operands that may not fit.
enum Engine {
  // MARK: Elementwise

  static func compare(_ op: BinaryOperation, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    condition(try Comparison(op).apply(x.detached, y.detached))
  }

  /// The same numbers as answers to a question: as a subscript they select.
  static func condition(_ x: Tensor) -> Tensor {
    var answers = x
    answers.isCondition = true
    return answers
  }

  static func near(_ x: Tensor, _ y: Tensor, _ settings: Settings) throws(ShapeError) -> Tensor {
    let shape = try Add().shape(of: [x, y])
    let (a, b) = (Broadcast(to: shape)(x.detached).elements, Broadcast(to: shape)(y.detached).elements)
    return condition(
      .filled(shape, ElementType.joining(x.elementType, y.elementType)) { settings.isNear(a[$0], b[$0]) ? 1 : 0 })
  }

  /// 1 where a number is not 0.
  static func truths(_ x: Tensor) -> Tensor { condition(Comparison(.notEqual)(x.detached, Tensor(0, x.elementType))) }

  static func power(_ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    if y.rank == 0, !y.isTracked {
      switch y[flat: 0] {
      case 2: return try Square().apply(x)
      case 1: return x
      case 0.5: return try SquareRoot().apply(x)
      case -1: return try Reciprocal().apply(x)
      default: break
      }
    }
    return try Power().apply(x, y)
  }

  /// The larger or the smaller of each two.
  static func extreme(_ x: Tensor, _ y: Tensor, isMax: Bool) throws(ShapeError) -> Tensor {
    isMax ? try Maximum().apply(x, y) : try Minimum().apply(x, y)
  }

  static func select(_ c: Tensor, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    try Choose().apply([c.detached, x, y])
  }

  // MARK: Reductions

  static func sum(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    try along(x, axis, keep) { x, axis, keep throws(ShapeError) in try Sum(axis: axis, keep: keep).apply(x) }
  }
  static func mean(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    let count = axis.map { x.shape[$0] } ?? x.count
    guard count > 0 else { throw .empty(x.shape) }
    return try sum(x, axis, keep) / Double(count)
  }
  static func product(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    try along(x, axis, keep) { x, axis, keep throws(ShapeError) in try Product(axis: axis, keep: keep).apply(x) }
  }
  static func variance(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    let difference = try Subtract().apply(x, try mean(x, axis, true))
    return try mean(try Square().apply(difference), axis, keep)
  }
  static func norm(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    try root(try sum(try Square().apply(x), axis, keep))
  }
  static func deviation(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    try root(try variance(x, axis, keep))
  }
  /// The root of a sum of squares: where that is exactly 0, nothing flows back, as PyTorch has it for norms.
  private static func root(_ squares: Tensor) throws(ShapeError) -> Tensor {
    let root = try SquareRoot().apply(squares)
    guard squares.isTracked else { return root }
    let zero = Tensor(0, squares.elementType)
    return try select(try compare(.equal, squares, zero), zero, root)
  }
  static func extreme(_ x: Tensor, _ axis: Int?, _ keep: Bool, isMax: Bool) throws(ShapeError) -> Tensor {
    try along(x, axis, keep) { x, axis, keep throws(ShapeError) in
      guard x.shape[axis] > 0 else { throw .empty(x.shape) }
      return try Extreme(isMaximum: isMax, axis: axis, keep: keep).apply(x)
    }
  }
  static func argument(_ x: Tensor, _ axis: Int?, _ keep: Bool, isMax: Bool) throws(ShapeError) -> Tensor {
    try along(x, axis, keep) { x, axis, keep throws(ShapeError) in
      guard x.shape[axis] > 0 else { throw .empty(x.shape) }
      return try Tensors.Argument(ofMaximum: isMax, axis: axis, keep: keep).apply(x.detached)
    }
  }
  static func logSumExp(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    try along(x, axis, keep) { x, axis, keep throws(ShapeError) in
      guard x.shape[axis] > 0 else { throw .empty(x.shape) }
      return x.logSumExp(axis: axis, keep: keep)
    }
  }
  static func softmax(_ x: Tensor, axis: Int, isLogarithm: Bool = false) throws(ShapeError) -> Tensor {
    guard x.rank > 0 else { throw .rank(x.shape, expected: "a vector or more") }
    guard x.shape[axis] > 0 else { throw .empty(x.shape) }
    return isLogarithm ? x.logSoftmax(axis: axis) : x.softmax(axis: axis)
  }

  /// A reduction along one axis, or over all elements as one vector; kept axes have extent 1.
  private static func along(
    _ x: Tensor, _ axis: Int?, _ keep: Bool, _ body: (Tensor, Int, Bool) throws(ShapeError) -> Tensor
  ) throws(ShapeError) -> Tensor {
    if let axis { return try body(x, axis, keep) }
    let y = try body(x.reshaped(to: [x.count]), 0, false)
    return keep ? y.reshaped(to: Shape([Int](repeating: 1, count: x.rank))) : y
  }

  /// A reduction over several axes: side by side at the end, as one.
  static func overAxes(
    _ x: Tensor, _ axes: [Int], _ keep: Bool, _ body: (Tensor, Int?, Bool) throws(ShapeError) -> Tensor
  ) throws(ShapeError) -> Tensor {
    let others = (0..<x.rank).filter { !axes.contains($0) }
    let moved = others + axes == Array(0..<x.rank) ? x : try Permute(others + axes).apply(x)
    let flat = moved.reshaped(to: Shape(others.map { x.shape[$0] } + [axes.reduce(1) { $0 * x.shape[$1] }]))
    let y = try body(flat, flat.rank - 1, false)
    guard keep else { return y }
    return y.reshaped(to: Shape((0..<x.rank).map { axes.contains($0) ? 1 : x.shape[$0] }))
  }

  // MARK: Arrangement

  /// `a ++ b`: along the last axis, numbers as vectors of one.
  static func join(_ x: [Tensor]) throws(ShapeError) -> Tensor {
    let rank = max(1, x.map(\.rank).max() ?? 1)
    return try concatenate(x.map { $0.rank == 0 ? $0.reshaped(to: [1]) : $0 }, axis: rank - 1)
  }
  static func concatenate(_ x: [Tensor], axis: Int) throws(ShapeError) -> Tensor {
    x.count == 1 ? x[0] : try Concatenate(axis: axis).apply(x)
  }
  static func gather(_ x: Tensor, axis: Int, _ indices: Tensor) throws(ShapeError) -> Tensor {
    try Gather(axis: axis, places: try indices.wholeNumbers()).apply(x)
  }
  static func slice(_ x: Tensor, offsets: [Int], extents: [Int]) throws(ShapeError) -> Tensor {
    let coefficients = offsets.indices.map { axis in offsets.indices.map { $0 == axis ? 1 : 0 } }
    return try AffineView(extents: Shape(extents), offsets: offsets, coefficients: coefficients).apply(x)
  }

  /// The first `count` places of an axis in order, and where they stood; equal numbers keep their order, nan comes last.
  static func sorted(
    _ x: Tensor, axis: Int, count: Int, descending: Bool
  ) throws(ShapeError) -> (values: Tensor, places: Tensor) {
    let order = x.detached.sortedPlaces(axis: axis, isDescending: descending)
    let places = count == x.shape[axis] ? order : order.slice(axis: axis, 0..<count)
    return (try x.gathered(axis: axis, along: places), places)
  }

  // MARK: Windows

  static func convolve(
    _ x: Tensor, _ w: Tensor, stride: (Int, Int), padding: ((Int, Int), (Int, Int))
  ) throws(ShapeError) -> Tensor {
    try Conv2d(
      strides: (stride.0, stride.1),
      padding: WindowPadding(top: padding.0.0, left: padding.1.0, bottom: padding.0.1, right: padding.1.1)
    ).apply(x, w)
  }

  static func pool(_ x: Tensor, _ k: Int, stride: Int, isMax: Bool) throws(ShapeError) -> Tensor {
    let window = PoolWindow(k, stride: stride)
    return isMax ? try MaxPool2d(window).apply(x) : try AveragePool2d(window).apply(x)
  }
}
