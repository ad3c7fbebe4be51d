/// The inverse of a matrix.
///
/// **Shapes**: `A: [n, n] → [n, n]`.
public struct Inverse: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "inv", theme: "linear algebra", summary: "The inverse of a matrix.", formula: "A^{-1}", shapes: "A: [n, n]",
    example: ("inv([2, 0; 0, 4])", "[0.5, 0; 0, 0.25]"))
  public static let samples = [PrimitiveSample(Inverse(), [[3, 3]])]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = try squareShape(inputs[0])
    guard PivotedFactors(inputs[0]).isRegular else { throw .singular(shape) }
    return shape
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let n = shape[0]
    let factors = PivotedFactors(inputs[0])
    var result = [Double](repeating: 0, count: n * n)
    for column in 0..<n {
      var unit = [Double](repeating: 0, count: n)
      unit[column] = 1
      for (row, value) in factors.solve(unit).enumerated() { result[row * n + column] = value }
    }
    return Tensor(result, shape: shape, inputs[0].elementType)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let transposed = call.output.transposed
    return [-(transposed.matmul(g).matmul(transposed))]
  }
}

/// The x with A x = b, by elimination, without the inverse of A.
///
/// **Shapes**: `A: [n, n], b: [n] or [n, m] → shape of b`.
public struct Solve: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "solve", theme: "linear algebra", summary: "The x for which A @ x is b.", formula: "A x = b",
    shapes: "A: [n, n], b: [n] or [n, m]", example: ("solve([2, 0; 0, 4], [2, 8])", "[1, 2]"))
  public static let samples = [
    PrimitiveSample(Solve(), [[3, 3], [3]]), PrimitiveSample(Solve(), [[3, 3], [3, 2]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = try squareShape(inputs[0])
    let b = inputs[1].shape
    guard b.rank == 1 || b.rank == 2 else { throw .rank(b, expected: "[n] or [n, m]") }
    guard b[0] == shape[0] else { throw .extent(b, axis: 0, expected: shape[0]) }
    guard PivotedFactors(inputs[0]).isRegular else { throw .singular(shape) }
    return b
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let factors = PivotedFactors(inputs[0])
    let b = inputs[1].elements
    let columns = shape.rank == 1 ? 1 : shape[1]
    var result = b
    for column in 0..<columns {
      let x = factors.solve((0..<shape[0]).map { b[$0 * columns + column] })
      for (row, value) in x.enumerated() { result[row * columns + column] = value }
    }
    return Tensor(result, shape: shape, ElementType.joining(inputs[0].elementType, inputs[1].elementType))
  }

  /// With λ from Aᵀ λ = g: λ flows to b, -λ xᵀ to A.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let flow = Solve()(call.inputs[0].transposed, g)
    guard call.wants(0) else { return [nil, flow] }
    func matrix(_ x: Tensor) -> Tensor { x.rank == 1 ? x.reshaped(to: [x.count, 1]) : x }
    return [-(matrix(flow).matmul(matrix(call.output).transposed)), flow]
  }
}

/// The determinant of a matrix.
///
/// **Shapes**: `A: [n, n] → []`.
public struct Determinant: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "det", theme: "linear algebra", summary: "The determinant of a matrix.", formula: "\\det A",
    shapes: "A: [n, n]",
    example: ("det([1, 2; 3, 4])", "-2"))
  public static let samples = [PrimitiveSample(Determinant(), [[3, 3]])]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    _ = try squareShape(inputs[0])
    return .scalar
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(PivotedFactors(inputs[0]).determinant, inputs[0].elementType)
  }

  /// det(A) A⁻ᵀ, by cofactors so that a singular matrix has a derivative too.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let a = call.inputs[0]
    if PivotedFactors(a).isRegular { return [g * call.output * Inverse()(a).transposed] }
    let n = a.shape[0]
    var rows: [Tensor] = []
    for i in 0..<n {
      for j in 0..<n {
        let minor = Gather(axis: 1, places: (0..<n).filter { $0 != j })(
          Gather(axis: 0, places: (0..<n).filter { $0 != i })(a))
        rows.append((Determinant()(minor) * ((i + j) % 2 == 0 ? 1 : -1)).reshaped(to: [1]))
      }
    }
    return [g * Concatenate(axis: 0)(list: rows).reshaped(to: a.shape)]
  }
}

/// The lower triangle L with A = L Lᵀ, for a symmetric positive definite matrix; only its lower triangle is read.
///
/// **Shapes**: `A: [n, n] → [n, n]`.
public struct Cholesky: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "cholesky", theme: "linear algebra", summary: "The lower triangle L with A = L Lᵀ.", formula: "A = L L^T",
    shapes: "A: [n, n], symmetric and positive definite", example: ("cholesky([4, 0; 0, 9])", "[2, 0; 0, 3]"))

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = try squareShape(inputs[0])
    guard factor(inputs[0]) != nil else { throw .singular(shape) }
    return shape
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    Tensor(factor(inputs[0]) ?? [], shape: shape, inputs[0].elementType)
  }

  private func factor(_ a: Tensor) -> [Double]? {
    let n = a.shape[0]
    let a = a.elements
    var l = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = a[i * n + j]
        for k in 0..<j { sum -= l[i * n + k] * l[j * n + k] }
        if i == j {
          guard sum > 0 else { return nil }
          l[i * n + i] = sum.squareRoot()
        } else {
          l[i * n + j] = sum / l[j * n + j]
        }
      }
    }
    return l
  }

  /// L⁻ᵀ Φ(Lᵀ g) L⁻¹ with Φ the lower triangle, its diagonal halved (Murray 2016), symmetric.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let l = call.output
    let n = l.shape[0]
    let lower = Tensor(
      (0..<(n * n)).map { $0 / n > $0 % n ? 1 : $0 / n == $0 % n ? 0.5 : 0 }, shape: l.shape, l.elementType)
    let inverse = Inverse()(l)
    let inner = l.transposed.matmul(g) * lower
    let flow = inverse.transposed.matmul(inner).matmul(inverse)
    return [(flow + flow.transposed) * 0.5]
  }
}

func squareShape(_ a: Tensor) throws(ShapeError) -> Shape {
  guard a.rank == 2 else { throw .rank(a.shape, expected: "a matrix") }
  guard a.shape[0] == a.shape[1] else { throw .notSquare(a.shape) }
  return a.shape
}

/// A matrix as P A = L U, by Gauss's elimination with the largest pivot of each column.
struct PivotedFactors {
  private let n: Int
  private var lu: [Double]
  private var order: [Int]
  private var sign = 1.0

  /// - Precondition: the tensor is a square matrix.
  init(_ a: Tensor) {
    n = a.shape[0]
    lu = a.elements
    order = Array(0..<n)
    for column in 0..<n {
      let pivot = (column..<n).max { abs(lu[$0 * n + column]) < abs(lu[$1 * n + column]) } ?? column
      if pivot != column {
        for k in 0..<n { lu.swapAt(pivot * n + k, column * n + k) }
        order.swapAt(pivot, column)
        sign = -sign
      }
      let diagonal = lu[column * n + column]
      guard diagonal != 0 else { continue }
      for row in (column + 1)..<max(n, column + 1) {
        let factor = lu[row * n + column] / diagonal
        lu[row * n + column] = factor
        for k in (column + 1)..<max(n, column + 1) { lu[row * n + k] -= factor * lu[column * n + k] }
      }
    }
  }

  var determinant: Double { (0..<n).reduce(sign) { $0 * lu[$1 * n + $1] } }

  /// Whether the matrix has an inverse whose digits mean something.
  var isRegular: Bool {
    let diagonal = (0..<n).map { abs(lu[$0 * n + $0]) }
    guard let largest = diagonal.max(), let smallest = diagonal.min() else { return true }
    return smallest > largest * 1e-15 && largest.isFinite
  }

  /// x with A x = b.
  func solve(_ b: [Double]) -> [Double] {
    var x = order.map { b[$0] }
    for i in 0..<n {
      for k in 0..<i { x[i] -= lu[i * n + k] * x[k] }
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      for k in (i + 1)..<max(n, i + 1) { x[i] -= lu[i * n + k] * x[k] }
      x[i] /= lu[i * n + i]
    }
    return x
  }
}
