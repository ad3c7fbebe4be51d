import KernelInterface
import Tensors

/// The engine's operations under the names the language needs.
enum Engine {
  // MARK: Elementwise

  static func abs(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .absolute).apply([x]) }
  static func sign(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .sign).apply([x]) }
  static func exp(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .exp).apply([x]) }
  static func expm1(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .expm1).apply([x]) }
  static func log(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .log).apply([x]) }
  static func log1p(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .log1p).apply([x]) }
  static func sqrt(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .sqrt).apply([x]) }
  static func sin(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .sin).apply([x]) }
  static func cos(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .cos).apply([x]) }
  static func tan(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .tan).apply([x]) }
  static func tanh(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .tanh).apply([x]) }
  static func sigmoid(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .sigmoid).apply([x]) }
  static func relu(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .relu).apply([x]) }
  static func silu(_ x: Tensor) throws(ShapeError) -> Tensor { x * (try sigmoid(x)) }
  static func softplus(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .softplus).apply([x]) }
  static func erf(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .erf).apply([x]) }
  static func floor(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .floor).apply([x]) }
  static func ceil(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .ceil).apply([x]) }
  static func round(_ x: Tensor) throws(ShapeError) -> Tensor { try TUnary(op: .round).apply([x]) }

  static func leakyRelu(_ x: Tensor, _ slope: Double) throws(ShapeError) -> Tensor {
    try select(compare(.greater, x, zero(x)), x, x * slope)
  }
  static func elu(_ x: Tensor, _ alpha: Double) throws(ShapeError) -> Tensor {
    // The exponential of the negative part alone, so that a large x does not overflow in the branch not taken.
    try select(compare(.greater, x, zero(x)), x, try expm1(try extreme(x, zero(x), isMax: false)) * alpha)
  }
  static func gelu(_ x: Tensor, isApproximate: Bool) throws(ShapeError) -> Tensor {
    if isApproximate {
      let inner = (x + x * x * x * 0.044715) * 0.7978845608028654
      return x * 0.5 * (try tanh(inner) + 1)
    }
    return x * 0.5 * (try erf(x * 0.7071067811865476) + 1)
  }
  static func clamp(_ x: Tensor, _ low: Double?, _ high: Double?) throws(ShapeError) -> Tensor {
    var y = x
    if let low { y = try extreme(y, Tensor(low, x.elementType), isMax: true) }
    if let high { y = try extreme(y, Tensor(high, x.elementType), isMax: false) }
    return y
  }

  static func power(_ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    if y.rank == 0, !y.isTracked {
      switch y[flat: 0] {
      case 2: return x * x
      case 1: return x
      case 0.5: return try sqrt(x)
      case -1: return 1 / x
      default: break
      }
    }
    return try TBinary(op: .power).apply([x, y])
  }
  static func remainder(_ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    try TBinary(op: .modulo).apply([x, y])
  }

  static func compare(_ op: BinaryOperation, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    try TBinary(op: op).apply([x.detached, y.detached])
  }
  static func near(_ x: Tensor, _ y: Tensor, _ settings: Settings) throws(ShapeError) -> Tensor {
    let shape = try Add().shape(of: [x, y])
    let (a, b) = (Broadcast(to: shape)(x.detached).elements, Broadcast(to: shape)(y.detached).elements)
    return .filled(shape, ElementType.joining(x.elementType, y.elementType)) { settings.isNear(a[$0], b[$0]) ? 1 : 0 }
  }
  /// 1 where a number is not 0.
  static func truths(_ x: Tensor) -> Tensor { TBinary(op: .notEqual)(x.detached, zero(x)) }

  /// The larger or the smaller of each two.
  static func extreme(_ x: Tensor, _ y: Tensor, isMax: Bool) throws(ShapeError) -> Tensor {
    try TBinary(op: isMax ? .maximum : .minimum).apply([x, y])
  }

  static func select(_ c: Tensor, _ x: Tensor, _ y: Tensor) throws(ShapeError) -> Tensor {
    let shape = try Add().shape(of: [try Add().shape(of: [c, x]) == x.shape ? x : c, y])
    let full = try Add().shape(of: [Tensor.zeros(try Add().shape(of: [c, x])), Tensor.zeros(shape)])
    let count = full.count
    // Both side by side, and for each place the one that is chosen: what is not chosen gives neither value nor derivative.
    let flatX = try Broadcast(to: full).apply([x]).reshaped(to: [count])
    let flatY = try Broadcast(to: full).apply([y]).reshaped(to: [count])
    let chosen = Broadcast(to: full)(c.detached).elements
    let both = try concatenate([flatX, flatY], axis: 0)
    return try TGather(axis: 0, places: chosen.enumerated().map { $0.element != 0 ? $0.offset : count + $0.offset })
      .apply([both]).reshaped(to: full)
  }

  private static func zero(_ x: Tensor) -> Tensor { Tensor(0, x.elementType) }

  // MARK: Reductions

  static func sum(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    reshape(try TSumTo(target: kept(x.shape, axis)).apply([x]), x.shape, axis, keep)
  }
  static func mean(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    let count = axis.map { x.shape[$0] } ?? x.count
    guard count > 0 else { throw .empty(x.shape) }
    return try sum(x, axis, keep) / Double(count)
  }
  static func product(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    guard let axis else {
      var y = Tensor(1, x.elementType)
      let flat = x.reshaped(to: [x.count])
      for i in 0..<x.count { y = y * flat.row(i) }
      return reshape(y, x.shape, nil, keep)
    }
    var y = Tensor.ones(kept(x.shape, axis), x.elementType)
    for i in 0..<x.shape[axis] { y = y * (try TGather(axis: axis, places: [i]).apply([x])) }
    return reshape(y, x.shape, axis, keep)
  }
  static func variance(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    let d = try Subtract().apply([x, try mean(x, axis, true)])
    return try mean(d * d, axis, keep)
  }
  static func norm(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    try sqrt(try sum(x * x, axis, keep))
  }
  static func extreme(_ x: Tensor, _ axis: Int?, _ keep: Bool, isMax: Bool) throws(ShapeError) -> Tensor {
    let (y, at) = axis.map { (x, $0) } ?? (x.reshaped(to: [x.count]), 0)
    guard y.shape[at] > 0 else { throw .empty(x.shape) }
    let places = try argument(y, at, true, isMax: isMax)
    let mask = TBinary(op: .equal)(
      places,
      Broadcast(to: y.shape)(Tensor((0..<y.shape[at]).map(Double.init), shape: along(y.shape, at), y.elementType)))
    return reshape(try sum(try select(mask, y, zero(y)), at, true), x.shape, axis, keep)
  }
  static func argument(_ x: Tensor, _ axis: Int?, _ keep: Bool, isMax: Bool) throws(ShapeError) -> Tensor {
    let (y, at) = axis.map { (x, $0) } ?? (x.reshaped(to: [x.count]), 0)
    guard y.shape[at] > 0 else { throw .empty(x.shape) }
    let inner = y.shape.dimensions[(at + 1)...].reduce(1, *)
    let (n, e) = (y.shape[at], y.elements)
    let found = Tensor.filled(kept(y.shape, at), y.elementType) { i in
      let base = i / inner * n * inner + i % inner
      var best = 0
      for k in 1..<max(n, 1) where !e[base + best * inner].isNaN {
        let (a, b) = (e[base + k * inner], e[base + best * inner])
        if a.isNaN || (isMax ? a > b : a < b) { best = k }
      }
      return Double(best)
    }
    return reshape(found, x.shape, axis, keep)
  }
  static func logSumExp(_ x: Tensor, _ axis: Int?, _ keep: Bool) throws(ShapeError) -> Tensor {
    let top = try extreme(x.detached, axis, true, isMax: true)
    let s = try sum(try exp(try Subtract().apply([x, top])), axis, true)
    return reshape(try log(s) + top, x.shape, axis, keep)
  }
  static func softmax(_ x: Tensor, axis: Int) throws(ShapeError) -> Tensor {
    let e = try exp(try Subtract().apply([x, try extreme(x.detached, axis, true, isMax: true)]))
    return try Divide().apply([e, try sum(e, axis, true)])
  }
  static func logSoftmax(_ x: Tensor, axis: Int) throws(ShapeError) -> Tensor {
    try Subtract().apply([x, try logSumExp(x, axis, true)])
  }
  static func cumulativeSum(_ x: Tensor, axis: Int) throws(ShapeError) -> Tensor {
    let n = x.shape[axis]
    var order = Array(0..<x.rank)
    order.swapAt(axis, x.rank - 1)
    let upper = Tensor.filled([n, n], x.elementType) { $0 / max(n, 1) <= $0 % max(n, 1) ? 1 : 0 }
    let last = try Permute(order).apply([x])
    return try Permute(order).apply([try last.product(upper)])
  }

  /// A reduction over several axes, the last first.
  static func overAxes(
    _ x: Tensor, _ axes: [Int], _ keep: Bool, _ body: (Tensor, Int?, Bool) throws(ShapeError) -> Tensor
  ) throws(ShapeError) -> Tensor {
    // The axes side by side at the end, as one.
    let others = (0..<x.rank).filter { !axes.contains($0) }
    let moved = try Permute(others + axes).apply([x])
    let flat = moved.reshaped(to: Shape(others.map { x.shape[$0] } + [axes.reduce(1) { $0 * x.shape[$1] }]))
    let y = try body(flat, flat.rank - 1, false)
    guard keep else { return y }
    return y.reshaped(to: Shape((0..<x.rank).map { axes.contains($0) ? 1 : x.shape[$0] }))
  }

  private static func kept(_ shape: Shape, _ axis: Int?) -> Shape {
    Shape(shape.dimensions.enumerated().map { axis == nil || $0.offset == axis ? 1 : $0.element })
  }
  private static func along(_ shape: Shape, _ axis: Int) -> Shape {
    Shape(shape.dimensions.enumerated().map { $0.offset == axis ? $0.element : 1 })
  }
  private static func reshape(_ y: Tensor, _ shape: Shape, _ axis: Int?, _ keep: Bool) -> Tensor {
    if keep { return y.reshaped(to: kept(shape, axis)) }
    guard let axis else { return y.reshaped(to: .scalar) }
    return y.reshaped(to: shape.removing(axis: axis))
  }

  // MARK: Arrangement

  static func join(_ x: [Tensor]) throws(ShapeError) -> Tensor {
    let rank = max(1, x.map(\.rank).max() ?? 1)
    return try concatenate(x.map { $0.rank == 0 ? $0.reshaped(to: [1]) : $0 }, axis: rank - 1)
  }
  static func concatenate(_ x: [Tensor], axis: Int) throws(ShapeError) -> Tensor {
    x.count == 1 ? x[0] : try TConcat(axis: axis).apply(x)
  }
  static func stack(_ x: [Tensor]) throws(ShapeError) -> Tensor {
    guard (x.first?.rank ?? 0) < Shape.maximumRank else { throw .tooManyAxes(rank: Shape.maximumRank + 1) }
    return try concatenate(x.map { $0.reshaped(to: $0.shape.inserting(1, at: 0)) }, axis: 0)
  }
  static func gather(_ x: Tensor, axis: Int, _ indices: Tensor) throws(ShapeError) -> Tensor {
    try TGather(axis: axis, places: indices.elements.map { Int($0) }).apply([x])
  }

  static func slice(_ x: Tensor, offsets: [Int], extents: [Int]) throws(ShapeError) -> Tensor {
    let coefficients = offsets.indices.map { axis in offsets.indices.map { $0 == axis ? 1 : 0 } }
    return try AffineView(extents: Shape(extents), offsets: offsets, coefficients: coefficients).apply([x])
  }

  /// The first `count` places of an axis in order, and where they stood; equal numbers keep their order, nan comes last.
  static func sorted(
    _ x: Tensor, axis: Int, count: Int, descending: Bool
  ) throws(ShapeError) -> (values: Tensor, places: Tensor) {
    var order = Array(0..<x.rank)
    order.swapAt(axis, x.rank - 1)
    let last = try Permute(order).apply([x])
    let width = last.shape.last
    let elements = last.elements
    var places: [Int] = []
    for row in 0..<(last.count / max(width, 1)) {
      let sorted = (0..<width).sorted { i, j in
        let (a, b) = (elements[row * width + i], elements[row * width + j])
        if a.isNaN || b.isNaN { return !a.isNaN || (b.isNaN && i < j) }
        return a == b ? i < j : descending ? a > b : a < b
      }
      places += sorted.prefix(count)
    }
    var shape = last.shape
    shape[shape.rank - 1] = count
    let rows = places.enumerated().map { $0.offset / max(count, 1) * width + $0.element }
    let flat = last.reshaped(to: [last.count])
    let values = try TGather(axis: 0, places: rows).apply([flat]).reshaped(to: shape)
    let found = Tensor(places.map(Double.init), shape: shape, x.elementType)
    return (try Permute(order).apply([values]), try Permute(order).apply([found]))
  }

  // MARK: Windows

  static func convolve(
    _ x: Tensor, _ w: Tensor, stride: (Int, Int), padding: ((Int, Int), (Int, Int))
  ) throws(ShapeError) -> Tensor { throw .window(x.shape, window: w.shape.dimensions) }

  static func pool(_ x: Tensor, _ k: Int, stride: Int, isMax: Bool) throws(ShapeError) -> Tensor {
    throw .window(x.shape, window: [k, k])
  }
}

extension Tensor {
  /// One place of the first axis.
  func row(_ place: Int) -> Tensor {
    var offsets = [Int](repeating: 0, count: rank)
    offsets[0] = place
    var extents = shape.dimensions
    extents[0] = 1
    do {
      return try Engine.slice(self, offsets: offsets, extents: extents).reshaped(to: shape.removing(axis: 0))
    } catch {
      preconditionFailure("a place of the first axis: \(error)")
    }
  }
}
