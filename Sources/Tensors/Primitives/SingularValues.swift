#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The singular values of a matrix, the largest first.
///
/// **Shapes**: `A: [m, n] → [k]`, k the smaller of m and n.
public struct SingularValues: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "svd", theme: "linear algebra", summary: "The singular values of a matrix, the largest first.",
    formula: "A = U \\mathrm{diag}(s) V^T", shapes: "A: [m, n]",
    example: ("svd([0, 2; 1, 0])", "([1, 0; 0, 1], [2, 1], [0, 1; 1, 0])"))
  public static let samples = [
    PrimitiveSample(SingularValues(), [[3, 3]]), PrimitiveSample(SingularValues(), [[4, 2]]),
    PrimitiveSample(SingularValues(), [[2, 3]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape { [try SingularFactors.count(inputs[0])] }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(SingularFactors(inputs[0]).s, shape: shape, inputs[0].elementType)
  }

  /// U diag(g) Vᵀ.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (u, v) = (LeftSingularVectors()(call.inputs[0]), RightSingularVectors()(call.inputs[0]))
    return [(u * g).matmul(v.transposed)]
  }
}

/// The columns U of A = U diag(s) Vᵀ, of length 1 and with their largest component positive.
///
/// **Shapes**: `A: [m, n] → [m, k]`.
public struct LeftSingularVectors: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "svd", theme: "linear algebra", summary: "The left singular vectors of a matrix, as columns.",
    formula: "A = U \\mathrm{diag}(s) V^T", shapes: "A: [m, n]",
    example: ("svd([0, 2; 1, 0])", "([1, 0; 0, 1], [2, 1], [0, 1; 1, 0])"))
  public static let samples = [
    PrimitiveSample(LeftSingularVectors(), [[3, 3]]), PrimitiveSample(LeftSingularVectors(), [[4, 2]]),
    PrimitiveSample(LeftSingularVectors(), [[2, 3]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    [inputs[0].shape.dimensions.first ?? 0, try SingularFactors.count(inputs[0])]
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(SingularFactors(inputs[0]).u, shape: shape, inputs[0].elementType)
  }

  /// (U (F ⊙ (Uᵀg - gᵀU)) S + (1 - U Uᵀ) g S⁻¹) Vᵀ with F = 1/(sⱼ² - sᵢ²) beside the diagonal (Townsend 2016).
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let a = call.inputs[0]
    let (u, s, v) = (call.output, SingularValues()(a), RightSingularVectors()(a))
    let inner = u.transposed.matmul(g)
    let turning = u.matmul(SingularFactors.gaps(s) * (inner - inner.transposed)) * s
    return [(turning + (g - u.matmul(inner)) / s).matmul(v.transposed)]
  }
}

/// The columns V of A = U diag(s) Vᵀ, of length 1, with the signs that go with U.
///
/// **Shapes**: `A: [m, n] → [n, k]`.
public struct RightSingularVectors: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "svd", theme: "linear algebra", summary: "The right singular vectors of a matrix, as columns.",
    formula: "A = U \\mathrm{diag}(s) V^T", shapes: "A: [m, n]",
    example: ("svd([0, 2; 1, 0])", "([1, 0; 0, 1], [2, 1], [0, 1; 1, 0])"))
  public static let samples = [
    PrimitiveSample(RightSingularVectors(), [[3, 3]]), PrimitiveSample(RightSingularVectors(), [[4, 2]]),
    PrimitiveSample(RightSingularVectors(), [[2, 3]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let count = try SingularFactors.count(inputs[0])
    return [inputs[0].shape[1], count]
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(SingularFactors(inputs[0]).v, shape: shape, inputs[0].elementType)
  }

  /// As for U, with the matrix transposed.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let a = call.inputs[0]
    let (u, s, v) = (LeftSingularVectors()(a), SingularValues()(a), call.output)
    let inner = v.transposed.matmul(g)
    let turning = v.matmul(SingularFactors.gaps(s) * (inner - inner.transposed)) * s
    return [u.matmul((turning + (g - v.matmul(inner)) / s).transposed)]
  }
}

/// The factors of A = U diag(s) Vᵀ, by rotations of pairs of columns (Hestenes).
private struct SingularFactors {
  private(set) var u: [Double] = []
  private(set) var s: [Double] = []
  private(set) var v: [Double] = []

  /// How many singular values a matrix has.
  static func count(_ a: Tensor) throws(ShapeError) -> Int {
    guard a.rank == 2 else { throw .rank(a.shape, expected: "a matrix") }
    return Swift.min(a.shape[0], a.shape[1])
  }

  /// 1/(sⱼ² - sᵢ²) at [i, j], 0 on the diagonal; infinite for equal values, whose vectors have no derivative.
  static func gaps(_ s: Tensor) -> Tensor {
    let n = s.count
    let identity = Tensor((0..<(n * n)).map { $0 / n == $0 % n ? 1 : 0 }, shape: [n, n], s.elementType)
    let squares = s * s
    let columns = Broadcast(to: [n, n])(squares) - Broadcast(to: [n, n])(squares.reshaped(to: [n, 1]))
    return (1.0 - identity) / (columns + identity)
  }

  /// - Precondition: the tensor is a matrix.
  init(_ a: Tensor) {
    let (rows, columns) = (a.shape[0], a.shape[1])
    if rows < columns {
      self.init(tall: a.transposed.elements, columns, rows)
      (u, v) = (v, u)
    } else {
      self.init(tall: a.elements, rows, columns)
    }
    fixSigns(rows, Swift.min(rows, columns), columns)
  }

  /// The largest component of each column of U becomes positive.
  private mutating func fixSigns(_ m: Int, _ k: Int, _ n: Int) {
    for column in 0..<k {
      let largest = (0..<m).max { abs(u[$0 * k + column]) + 1e-12 < abs(u[$1 * k + column]) } ?? 0
      guard u[largest * k + column] < 0 else { continue }
      for row in 0..<m { u[row * k + column] = -u[row * k + column] }
      for row in 0..<n { v[row * k + column] = -v[row * k + column] }
    }
  }

  private init(tall elements: [Double], _ m: Int, _ n: Int) {
    var u = elements
    var v = (0..<(n * n)).map { $0 / n == $0 % n ? 1.0 : 0 }
    for _ in 0..<60 {
      var isDone = true
      for p in 0..<n {
        for q in (p + 1)..<Swift.max(n, p + 1) {
          var (pp, qq, pq) = (0.0, 0.0, 0.0)
          for k in 0..<m {
            let (x, y) = (u[k * n + p], u[k * n + q])
            (pp, qq, pq) = (pp + x * x, qq + y * y, pq + x * y)
          }
          guard pq.magnitude > 1e-15 * (pp * qq).squareRoot() else { continue }
          isDone = false
          let ratio = (qq - pp) / (2 * pq)
          let t = (ratio < 0 ? -1 : 1) / (ratio.magnitude + (1 + ratio * ratio).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          let s = t * c
          for k in 0..<m {
            (u[k * n + p], u[k * n + q]) = (c * u[k * n + p] - s * u[k * n + q], s * u[k * n + p] + c * u[k * n + q])
          }
          for k in 0..<n {
            (v[k * n + p], v[k * n + q]) = (c * v[k * n + p] - s * v[k * n + q], s * v[k * n + p] + c * v[k * n + q])
          }
        }
      }
      if isDone { break }
    }
    let lengths = (0..<n).map { column in
      (0..<m).reduce(0) { $0 + u[$1 * n + column] * u[$1 * n + column] }.squareRoot()
    }
    let order = (0..<n).sorted { lengths[$0] == lengths[$1] ? $0 < $1 : lengths[$0] > lengths[$1] }
    var columns: [[Double]] = []
    for column in order {
      var unit = (0..<m).map { u[$0 * n + column] }
      if lengths[column] > (lengths[order[0]]) * 1e-15 {
        unit = unit.map { $0 / lengths[column] }
      } else {
        unit = Self.unit(besides: columns, count: m)
      }
      columns.append(unit)
    }
    let left = (0..<(m * n)).map { columns[$0 % Swift.max(n, 1)][$0 / Swift.max(n, 1)] }
    let right = (0..<(n * n)).map { v[$0 / n * n + order[$0 % n]] }
    self.u = left
    s = order.map { lengths[$0] }
    self.v = right
  }

  /// A vector of length 1 at right angles to others: for a singular value of 0.
  private static func unit(besides others: [[Double]], count: Int) -> [Double] {
    for axis in 0..<count {
      var candidate = [Double](repeating: 0, count: count)
      candidate[axis] = 1
      for _ in 0..<2 {
        for other in others {
          let along = zip(candidate, other).reduce(0) { $0 + $1.0 * $1.1 }
          candidate = zip(candidate, other).map { $0 - along * $1 }
        }
      }
      let length = candidate.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if length > 0.5 / Double(count).squareRoot() { return candidate.map { $0 / length } }
    }
    return [Double](repeating: 0, count: count)
  }
}

extension Tensor {
  /// The factors of A = U diag(s) Vᵀ, singular values descending.
  ///
  /// **Shapes**: `A: [m, n] → U: [m, k], s: [k], V: [n, k]`, k the smaller of m and n.
  /// - Throws: `ShapeError.rank`.
  public func svd() throws(ShapeError) -> (u: Tensor, s: Tensor, v: Tensor) {
    (
      try LeftSingularVectors().apply(self), try SingularValues().apply(self),
      try RightSingularVectors().apply(self)
    )
  }
}
