#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The eigenvalues of the symmetric part of a matrix, in ascending order.
///
/// **Shapes**: `A: [n, n] → [n]`.
public struct EigenValues: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "eigh", theme: "linear algebra", summary: "The eigenvalues of a symmetric matrix, the smallest first.",
    formula: "A v = \\lambda v", shapes: "A: [n, n], symmetric",
    example: ("eigh([2, 0; 0, 1])", "([1, 2], [0, 1; 1, 0])"))
  public static let samples = [PrimitiveSample(EigenValues(), [[3, 3]])]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = try squareShape(inputs[0])
    return [shape[0]]
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(SymmetricEigen(inputs[0]).values, shape: shape, inputs[0].elementType)
  }

  /// V diag(g) Vᵀ.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let v = EigenVectors()(call.inputs[0])
    return [(v * g).matmul(v.transposed)]
  }
}

/// The eigenvectors of the symmetric part of a matrix as columns, in the order of their values, of length 1 and with their largest
/// component positive.
///
/// **Shapes**: `A: [n, n] → [n, n]`.
public struct EigenVectors: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "eigh", theme: "linear algebra", summary: "The eigenvectors of a symmetric matrix, as columns.",
    formula: "A V = V \\Lambda", shapes: "A: [n, n], symmetric",
    example: ("eigh([2, 0; 0, 1])", "([1, 2], [0, 1; 1, 0])"))
  public static let samples = [PrimitiveSample(EigenVectors(), [[3, 3]])]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape { try squareShape(inputs[0]) }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(SymmetricEigen(inputs[0]).vectors, shape: shape, inputs[0].elementType)
  }

  /// V (F ⊙ Vᵀ g) Vᵀ with F = 1/(λⱼ - λᵢ) beside the diagonal, of which the symmetric part flows.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let v = call.output
    let n = v.shape[0]
    let values = EigenValues()(call.inputs[0])
    let square: Shape = [n, n]
    let identity = Tensor((0..<(n * n)).map { $0 / n == $0 % n ? 1 : 0 }, shape: square, v.elementType)
    let gaps = Broadcast(to: square)(values) - Broadcast(to: square)(values.reshaped(to: [n, 1]))
    let factor = (1.0 - identity) / (gaps + identity)
    let flow = v.matmul(factor * v.transposed.matmul(g)).matmul(v.transposed)
    return [(flow + flow.transposed) * 0.5]
  }
}

/// The eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations: slow for hundreds of rows, exact for all.
private struct SymmetricEigen {
  private(set) var values: [Double] = []
  private(set) var vectors: [Double] = []

  /// - Precondition: the tensor is a square matrix.
  init(_ tensor: Tensor) {
    let n = tensor.shape[0]
    let given = tensor.elements
    var a = (0..<(n * n)).map { (given[$0] + given[$0 % n * n + $0 / n]) / 2 }
    var v = (0..<(n * n)).map { $0 / n == $0 % n ? 1.0 : 0 }
    let scale = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var beside = 0.0
      for i in 0..<n { for j in 0..<i { beside += a[i * n + j] * a[i * n + j] } }
      guard beside > scale * 1e-34, beside.isFinite else { break }
      for p in 0..<n {
        for q in (p + 1)..<Swift.max(n, p + 1) where a[p * n + q] != 0 {
          let ratio = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
          let t = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let c = 1 / (1 + t * t).squareRoot()
          let s = t * c
          for k in 0..<n {
            let (x, y) = (a[k * n + p], a[k * n + q])
            (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y)
          }
          for k in 0..<n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y)
          }
          for k in 0..<n {
            let (x, y) = (v[k * n + p], v[k * n + q])
            (v[k * n + p], v[k * n + q]) = (c * x - s * y, s * x + c * y)
          }
        }
      }
    }
    let order = (0..<n).sorted { (a[$0 * n + $0], $0) < (a[$1 * n + $1], $1) }
    values = order.map { a[$0 * n + $0] }
    vectors = [Double](repeating: 0, count: n * n)
    for (place, column) in order.enumerated() {
      let largest = (0..<n).max { abs(v[$0 * n + column]) + 1e-12 < abs(v[$1 * n + column]) } ?? 0
      let sign: Double = n > 0 && v[largest * n + column] < 0 ? -1 : 1
      for k in 0..<n { vectors[k * n + place] = sign * v[k * n + column] }
    }
  }
}

/// The orthonormal columns Q of A = Q R, R with a positive diagonal.
///
/// **Shapes**: `A: [m, n] → [m, n]`, m ≥ n.
public struct OrthonormalFactor: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "qr", theme: "linear algebra", summary: "The orthonormal columns Q of A = Q R.", formula: "A = Q R",
    shapes: "A: [m, n], m ≥ n", example: ("qr([2, 0; 0, 3])", "([1, 0; 0, 1], [2, 0; 0, 3])"))
  public static let samples = [
    PrimitiveSample(OrthonormalFactor(), [[3, 3]]), PrimitiveSample(OrthonormalFactor(), [[4, 2]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    try OrthogonalFactors.check(inputs[0])
    return inputs[0].shape
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(OrthogonalFactors(inputs[0]).q, shape: shape, inputs[0].elementType)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (q, r) = (call.output, TriangularFactor()(call.inputs[0]))
    return [OrthogonalFactors.flow(q, r, toQ: g, inner: -(g.transposed.matmul(q)))]
  }
}

/// The upper triangle R of A = Q R, its diagonal positive.
///
/// **Shapes**: `A: [m, n] → [n, n]`, m ≥ n.
public struct TriangularFactor: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "qr", theme: "linear algebra", summary: "The upper triangle R of A = Q R.", formula: "A = Q R",
    shapes: "A: [m, n], m ≥ n", example: ("qr([2, 0; 0, 3])", "([1, 0; 0, 1], [2, 0; 0, 3])"))
  public static let samples = [
    PrimitiveSample(TriangularFactor(), [[3, 3]]), PrimitiveSample(TriangularFactor(), [[4, 2]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    try OrthogonalFactors.check(inputs[0])
    return [inputs[0].shape[1], inputs[0].shape[1]]
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(OrthogonalFactors(inputs[0]).r, shape: shape, inputs[0].elementType)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (q, r) = (OrthonormalFactor()(call.inputs[0]), call.output)
    return [OrthogonalFactors.flow(q, r, toQ: nil, inner: r.matmul(g.transposed))]
  }
}

/// A = Q R by Gram and Schmidt's method, every column orthogonalised twice, which is as exact as reflections.
private struct OrthogonalFactors {
  private(set) var q: [Double]
  private(set) var r: [Double]

  static func check(_ a: Tensor) throws(ShapeError) {
    guard a.rank == 2, a.shape[0] >= a.shape[1] else { throw .rank(a.shape, expected: "[m, n] with m ≥ n") }
    let factors = OrthogonalFactors(a)
    let n = a.shape[1]
    let diagonal = (0..<n).map { factors.r[$0 * n + $0] }
    if let largest = diagonal.max(), let smallest = diagonal.min(), !(smallest > largest * 1e-14) {
      throw .singular(a.shape)
    }
  }

  init(_ a: Tensor) {
    let (m, n) = (a.shape[0], a.shape[1])
    q = a.elements
    r = [Double](repeating: 0, count: n * n)
    for j in 0..<n {
      for _ in 0..<2 {
        for i in 0..<j {
          let along = (0..<m).reduce(0) { $0 + q[$1 * n + i] * q[$1 * n + j] }
          r[i * n + j] += along
          for k in 0..<m { q[k * n + j] -= along * q[k * n + i] }
        }
      }
      let length = (0..<m).reduce(0) { $0 + q[$1 * n + j] * q[$1 * n + j] }.squareRoot()
      r[j * n + j] = length
      if length > 0 { for k in 0..<m { q[k * n + j] /= length } }
    }
  }

  /// (g + Q S) R⁻ᵀ with S the symmetric matrix that has the lower triangle of `inner` (Walter and Lehmann, 2010).
  static func flow(_ q: Tensor, _ r: Tensor, toQ g: Tensor?, inner: Tensor) -> Tensor {
    let n = r.shape[0]
    func triangle(_ isKept: (Int, Int) -> Bool) -> Tensor {
      Tensor((0..<(n * n)).map { isKept($0 / n, $0 % n) ? 1 : 0 }, shape: r.shape, r.elementType)
    }
    let symmetric = inner * triangle { $0 >= $1 } + (inner * triangle { $0 > $1 }).transposed
    let along = q.matmul(symmetric)
    return (g.map { $0 + along } ?? along).matmul(Inverse()(r).transposed)
  }
}

extension Tensor {
  /// The eigenvalues, ascending, and eigenvectors (columns) of a symmetric matrix.
  /// - Throws: `ShapeError.notSquare` or `.rank`.
  public func eigh() throws(ShapeError) -> (values: Tensor, vectors: Tensor) {
    (try EigenValues().apply(self), try EigenVectors().apply(self))
  }

  /// The factors of A = Q R.
  /// - Throws: `ShapeError.rank` for a wide matrix, `.singular` if the columns depend on each other.
  public func qr() throws(ShapeError) -> (q: Tensor, r: Tensor) {
    (try OrthonormalFactor().apply(self), try TriangularFactor().apply(self))
  }
}
