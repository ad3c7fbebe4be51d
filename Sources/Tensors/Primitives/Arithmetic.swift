import KernelInterface

/// A primitive that combines two operands element by element; one may stretch to the other's shape.
public protocol ElementwiseBinary: Elementwise {
  static var operation: BinaryOperation { get }
}

extension ElementwiseBinary {
  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = inputs[0].shape
    return shape == inputs[1].shape ? shape : try stretchedShape(inputs[0], inputs[1])
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    combine(Self.operation, inputs, shape: shape)
  }
}

/// The shape of an elementwise result of two tensors, by the language's one-sided rule.
func stretchedShape(_ a: Tensor, _ b: Tensor) throws(ShapeError) -> Shape {
  let shape = try Shape.stretching(a.shape, b.shape)
  if !a.mayStretch && a.shape != shape { throw .reducedOperand(a.shape, to: shape) }
  if !b.mayStretch && b.shape != shape { throw .reducedOperand(b.shape, to: shape) }
  return shape
}

/// Computes an elementwise operation; operands of different precision meet in f64.
func combine(_ operation: BinaryOperation, _ inputs: Operands, shape: Shape) -> Tensor {
  let type = inputs[0].elementType
  var result =
    if type != inputs[1].elementType {
      combine(operation, inputs[0].cast(to: .float64), inputs[1].cast(to: .float64), shape: shape, as: Double.self)
    } else if inputs[0].isRowMajor(in: shape) && inputs[1].isRowMajor(in: shape) {
      type == .float64
        ? combineAlike(operation, inputs, as: Double.self) : combineAlike(operation, inputs, as: Float.self)
    } else if type == .float64 {
      combine(operation, inputs[0], inputs[1], shape: shape, as: Double.self)
    } else {
      combine(operation, inputs[0], inputs[1], shape: shape, as: Float.self)
    }
  result.mayStretch =
    (inputs[0].mayStretch || inputs[0].rank == 0) && (inputs[1].mayStretch || inputs[1].rank == 0)
  return result
}

/// The usual case: operands of one shape and precision, row by row.
private func combineAlike<T: Scalar>(_ operation: BinaryOperation, _ inputs: Operands, as type: T.Type) -> Tensor {
  // The operands are lent for as long as this takes, so nobody needs to hold their memory meanwhile.
  let (x, y) = (inputs[0].storage.pointer(as: T.self), inputs[1].storage.pointer(as: T.self))
  let count = inputs[0].count
  return Tensor(like: inputs[0], as: T.self) { T.kernels.binary(operation, x, 1, y, 1, $0, count) }
}

private func combine<T: Scalar>(
  _ operation: BinaryOperation, _ a: Tensor, _ b: Tensor, shape: Shape, as type: T.Type
) -> Tensor {
  let kernel = T.kernels.binary
  let count = shape.count
  if count > 0, let aStep = a.step(in: shape), let bStep = b.step(in: shape) {
    return a.readInPlace(as: T.self) { a in
      b.readInPlace(as: T.self) { b in
        Tensor(shape, as: T.self) { kernel(operation, a, aStep, b, bStep, $0, count) }
      }
    }
  }
  // One operand stretches: run by run, over the last axes where it is whole or one number.
  let (x, y) = (a.stretched(to: shape), b.stretched(to: shape))
  let run = Swift.min(x.runLength, y.runLength)
  return x.readInPlace(as: T.self) { xs in
    y.readInPlace(as: T.self) { ys in
      Tensor(shape, as: T.self) { out in
        guard count > 0 else { return }
        let (xStep, yStep) = (x.runStep, y.runStep)
        if let xRow = x.step(betweenRuns: run), let yRow = y.step(betweenRuns: run) {
          return T.kernels.binaryRows(operation, xs, xRow, xStep, ys, yRow, yStep, out, count / run, run)
        }
        var (xRuns, yRuns) = (RunOffsets(x, run: run), RunOffsets(y, run: run))
        for start in stride(from: 0, to: count, by: run) {
          kernel(operation, xs + xRuns.next(), xStep, ys + yRuns.next(), yStep, out + start, run)
        }
      }
    }
  }
}

extension Tensor {
  /// Whether the elements for a result of this shape stand row by row.
  @inline(__always)
  fileprivate func isRowMajor(in target: Shape) -> Bool { isContiguous && shape == target }

  /// The tensor as a view of a larger shape, with stride 0 along the axes it stretches over.
  func stretched(to target: Shape) -> Tensor {
    if shape == target { return self }
    let own = strides
    var strides = SIMD8<Int32>.zero
    let shift = target.rank - rank
    for axis in 0..<rank where shape.extents[axis] != 1 || target.extents[axis + shift] == 1 {
      strides[axis + shift] = own[axis]
    }
    return viewed(as: target, strides: strides)
  }

  /// The one step at which all elements for a result of this shape are read: 1 row by row, 0 for the same number everywhere.
  func step(in target: Shape) -> Int? {
    if count == 1 { return shape == target ? 1 : 0 }
    guard shape == target else { return nil }
    if isContiguous { return 1 }
    let strides = strides
    for axis in 0..<rank where target.extents[axis] != 1 && strides[axis] != 0 { return nil }
    return 0
  }

  /// How many consecutive elements can be read with one step of 0 or 1; at least 1.
  var runLength: Int {
    let strides = strides
    var length = 1
    var step: Int32?
    for axis in stride(from: rank - 1, through: 0, by: -1) where shape.extents[axis] != 1 {
      if let known = step {
        guard strides[axis] == known * Int32(length) else { break }
      } else {
        guard strides[axis] == 0 || strides[axis] == 1 else { break }
        step = strides[axis]
      }
      length *= shape[axis]
    }
    return length
  }

  /// The step from each run to the next, where it is the same for all of them: a row or a column that stretches.
  func step(betweenRuns run: Int) -> Int? {
    let strides = strides
    var axis = rank
    var length = 1
    while length < run {
      axis -= 1
      length *= shape[axis]
    }
    guard length == run else { return nil }
    var step: Int?
    var covered = 1
    for outer in stride(from: axis - 1, through: 0, by: -1) where shape.extents[outer] != 1 {
      if let known = step {
        guard Int(strides[outer]) == known * covered else { return nil }
      } else {
        step = Int(strides[outer])
      }
      covered *= shape[outer]
    }
    return step ?? 0
  }

  /// The step within a run.
  var runStep: Int {
    let strides = strides
    for axis in stride(from: rank - 1, through: 0, by: -1) where shape.extents[axis] != 1 {
      return strides[axis] == 0 ? 0 : 1
    }
    return 1
  }
}

/// Where the runs of a view start, one after the other in row-major order.
struct RunOffsets {
  private let extents: SIMD8<Int32>
  private let strides: SIMD8<Int32>
  private let outerAxes: Int
  private let pieces: Int
  private let pieceStride: Int
  private var piece = 0
  private var index = SIMD8<Int32>.zero
  private var position = 0

  /// Runs of `run` elements; `run` divides the view's own run length, or is the product of its last extents.
  init(_ tensor: Tensor, run: Int) {
    extents = tensor.shape.extents
    strides = tensor.strides
    var axis = tensor.rank
    var length = 1
    while length < run {
      axis -= 1
      length *= tensor.shape[axis]
    }
    outerAxes = axis
    pieces = length / run
    pieceStride = pieces > 1 ? run * tensor.runStep : 0
  }

  /// The offset of the next run from the first element.
  mutating func next() -> Int {
    let offset = position + piece * pieceStride
    piece += 1
    guard piece == pieces else { return offset }
    piece = 0
    var axis = outerAxes - 1
    while axis >= 0 {
      index[axis] += 1
      position += Int(strides[axis])
      if index[axis] < extents[axis] { break }
      position -= Int(strides[axis]) * Int(extents[axis])
      index[axis] = 0
      axis -= 1
    }
    return offset
  }
}

/// Elementwise sum.
public struct Add: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.add
  public static let card = PrimitiveCard(
    name: "+", theme: "operators", summary: "The sum, element by element.", formula: "z = x + y",
    shapes: "x, y: the same, or one stretches", example: ("[1, 2] + 10", "[11, 12]"))
  public static let samples = [
    PrimitiveSample(Add(), [[2, 3], [2, 3]]), PrimitiveSample(Add(), [[2, 3], [3]]), PrimitiveSample(Add(), [[], [2]]),
    PrimitiveSample(Add(), [[2, 1], [2, 3]]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [call.wants(0) ? g.summed(to: call.inputs[0]) : nil, call.wants(1) ? g.summed(to: call.inputs[1]) : nil]
  }
}

/// Elementwise difference.
public struct Subtract: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.subtract
  public static let card = PrimitiveCard(
    name: "-", theme: "operators", summary: "The difference, element by element.", formula: "z = x - y",
    shapes: "x, y: the same, or one stretches", example: ("[11, 12] - [1, 2]", "[10, 10]"))
  public static let samples = [
    PrimitiveSample(Subtract(), [[2, 3], [2, 3]]), PrimitiveSample(Subtract(), [[3], [2, 3]]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [call.wants(0) ? g.summed(to: call.inputs[0]) : nil, call.wants(1) ? (-g).summed(to: call.inputs[1]) : nil]
  }
}

/// Elementwise (Hadamard) product.
public struct Multiply: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.multiply
  public static let card = PrimitiveCard(
    name: "*", theme: "operators", summary: "The product, element by element; also written ⊙.",
    formula: "z = x \\odot y", shapes: "x, y: the same, or one stretches", example: ("[1, 2] * [3, 4]", "[3, 8]"))
  public static let samples = [
    PrimitiveSample(Multiply(), [[2, 3], [2, 3]]), PrimitiveSample(Multiply(), [[2, 3], [2, 1]]),
    PrimitiveSample(Multiply(), [[], [3]]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [call.wants(0) ? (g * y).summed(to: x) : nil, call.wants(1) ? (g * x).summed(to: y) : nil]
  }
}

/// Elementwise quotient.
public struct Divide: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.divide
  public static let card = PrimitiveCard(
    name: "/", theme: "operators", summary: "The quotient, element by element.", formula: "z = \\frac{x}{y}",
    shapes: "x, y: the same, or one stretches", example: ("[3, 8] / 2", "[1.5, 4]"))
  public static let samples = [
    PrimitiveSample(Divide(), [[2, 3], [2, 3]], in: [-2...2, 0.5...2]),
    PrimitiveSample(Divide(), [[], [2, 3]], in: [-2...2, 0.5...2]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [
      call.wants(0) ? (g / y).summed(to: x) : nil,
      call.wants(1) ? (-(g * call.output / y)).summed(to: y) : nil,
    ]
  }
}

extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { Add()(a, b) }
  public static func - (a: Tensor, b: Tensor) -> Tensor { Subtract()(a, b) }
  public static func * (a: Tensor, b: Tensor) -> Tensor { Multiply()(a, b) }
  public static func / (a: Tensor, b: Tensor) -> Tensor { Divide()(a, b) }
  public static prefix func - (a: Tensor) -> Tensor { Negate()(a) }

  public static func + (a: Tensor, b: Double) -> Tensor { Affine(scale: 1, offset: b)(a) }
  public static func - (a: Tensor, b: Double) -> Tensor { Affine(scale: 1, offset: -b)(a) }
  public static func * (a: Tensor, b: Double) -> Tensor { Affine(scale: b, offset: 0)(a) }
  public static func / (a: Tensor, b: Double) -> Tensor { Affine(divisor: b)(a) }
  public static func + (a: Double, b: Tensor) -> Tensor { b + a }
  public static func - (a: Double, b: Tensor) -> Tensor { Tensor(a, b.elementType) - b }
  public static func * (a: Double, b: Tensor) -> Tensor { b * a }
  public static func / (a: Double, b: Tensor) -> Tensor { Tensor(a, b.elementType) / b }

  /// Adds another tensor of the same shape, in place where nobody else sees it and no history is kept.
  mutating func accumulate(_ other: Tensor) {
    guard node == nil, other.node == nil, elementType == other.elementType else {
      self = self + other
      return
    }
    func add<T: Scalar>(_ type: T.Type) {
      other.read(as: T.self) { b in
        let count = count
        mutate(as: T.self) { a in T.kernels.binary(.add, a, 1, b, 1, a, count) }
      }
    }
    elementType == .float64 ? add(Double.self) : add(Float.self)
  }
}
