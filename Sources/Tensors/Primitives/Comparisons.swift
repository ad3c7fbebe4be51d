import KernelInterface

/// 1 where a relation holds, else 0; no derivative flows through it.
public struct Comparison: Primitive {
  public let operation: BinaryOperation

  /// - Precondition: the operation is one of the comparisons.
  public init(_ operation: BinaryOperation) { self.operation = operation }

  public static let card = PrimitiveCard(
    name: "<", theme: "operators", summary: "1 where the relation holds, else 0.", formula: "[x < y]",
    shapes: "x, y: the same, or one stretches", example: ("[1, 3] < 2", "[1, 0]"))
  public static let samples = [PrimitiveSample(Comparison(.less), [[2, 3], [3]], isDifferentiable: false)]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape { try stretchedShape(inputs[0], inputs[1]) }
  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    combine(operation, inputs, shape: shape)
  }
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [nil, nil] }
}

/// The remainder with the sign of the divisor.
public struct Remainder: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.modulo
  public static let card = PrimitiveCard(
    name: "mod", theme: "elementwise", summary: "The remainder of x divided by y, with the sign of y; also x % y.",
    formula: "x - y \\lfloor x / y \\rfloor", shapes: "x, y: the same, or one stretches",
    example: ("mod([5, -5], 3)", "[2, 1]"))
  public static let samples = [PrimitiveSample(Remainder(), [[2, 3], [2, 3]], in: [2.2...2.8, 0.95...1.05])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (x, y) = (call.inputs[0], call.inputs[1])
    return [
      call.wants(0) ? g.summed(to: x) : nil, call.wants(1) ? (-(g * Floor()(x / y))).summed(to: y) : nil,
    ]
  }
}

/// The larger of two; the first takes a tie, forward and backward.
public struct Maximum: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.maximum
  public static let card = PrimitiveCard(
    name: "max", theme: "elementwise", summary: "The larger of each two.", formula: "\\max(x, y)",
    shapes: "x, y: the same, or one stretches", example: ("max([1, 5], 3)", "[3, 5]"))
  public static let samples = [
    PrimitiveSample(Maximum(), [[2, 3], [3]], in: [1.1...2, 0...1]),
    PrimitiveSample(Maximum(), [[3], [3]], in: [0...1, 1.1...2]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { first(.greaterOrEqual, g, call) }
}

/// The smaller of two; the first takes a tie, forward and backward.
public struct Minimum: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.minimum
  public static let card = PrimitiveCard(
    name: "min", theme: "elementwise", summary: "The smaller of each two.", formula: "\\min(x, y)",
    shapes: "x, y: the same, or one stretches", example: ("min([1, 5], 3)", "[1, 3]"))
  public static let samples = [
    PrimitiveSample(Minimum(), [[2, 3], [3]], in: [1.1...2, 0...1]),
    PrimitiveSample(Minimum(), [[3], [3]], in: [0...1, 1.1...2]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { first(.lessOrEqual, g, call) }
}

/// Sends the cotangent to the first operand where the relation holds, else to the second.
private func first(_ relation: BinaryOperation, _ g: Tensor, _ call: Application) -> Cotangents {
  let (x, y) = (call.inputs[0], call.inputs[1])
  let mask = Comparison(relation)(x, y)
  let zero = Tensor(0, g.elementType)
  return [
    call.wants(0) ? Choose()(mask, g, zero).summed(to: x) : nil,
    call.wants(1) ? Choose()(mask, zero, g).summed(to: y) : nil,
  ]
}

/// x to the power y, element by element.
public struct Power: ElementwiseBinary {
  public init() {}
  public static let operation = BinaryOperation.power
  public static let card = PrimitiveCard(
    name: "pow", theme: "elementwise", summary: "x to the power y; also x^y.", formula: "x^y",
    shapes: "x, y: the same, or one stretches", example: ("pow([1, 2, 3], 2)", "[1, 4, 9]"))
  public static let samples = [
    PrimitiveSample(Power(), [[2, 3], [2, 3]], in: [0.5...2, -2...2]),
    PrimitiveSample(Power(), [[2, 3], []], in: [0.5...2, 2...3]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (x, y) = (call.inputs[0], call.inputs[1])
    var (toBase, toExponent): (Tensor?, Tensor?)
    if call.wants(0) {
      // x^0 is 1 everywhere: 0 · 0⁻¹ must not be asked for.
      let zero = Tensor(0, y.elementType)
      let exponent = Choose()(Comparison(.equal)(y, zero), zero, y - 1)
      toBase = (g * y * Power()(x, exponent)).summed(to: x)
    }
    if call.wants(1) {
      // 0^y does not change with y > 0: its logarithm must not be asked for.
      let safe = Choose()(Comparison(.equal)(x, Tensor(0, x.elementType)), Tensor(1, x.elementType), x)
      toExponent = (g * call.output * safe.log()).summed(to: y)
    }
    return [toBase, toExponent]
  }
}

/// One value where a condition is not 0, another where it is; what is not taken gives neither value nor derivative.
public struct Choose: Primitive {
  public init() {}

  public static let card = PrimitiveCard(
    name: "if", theme: "operators", summary: "One value where the condition holds, another where not.",
    formula: "c ? x : y", shapes: "c, x, y: the same, or they stretch to one of them",
    example: ("if [1, 0] then [1, 2] else [3, 4]", "[1, 4]"))
  public static let samples = [
    PrimitiveSample(Choose(), [[2, 3], [2, 3], [2, 3]], in: [0.5...1, -2...2, -2...2]),
    PrimitiveSample(Choose(), [[2, 3], [], [3]], in: [0.5...1, -2...2, -2...2]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let values = try Shape.stretching(inputs[1].shape, inputs[2].shape)
    let shape = try Shape.stretching(inputs[0].shape, values)
    for operand in inputs where !operand.mayStretch && operand.shape != shape {
      throw .reducedOperand(operand.shape, to: shape)
    }
    return shape
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let type = ElementType.joining(inputs[1].elementType, inputs[2].elementType)
    let operands = inputs.map { $0.detached.cast(to: type) }
    var result = type == .float64 ? choose(operands, shape, as: Double.self) : choose(operands, shape, as: Float.self)
    result.mayStretch = inputs.allSatisfy { $0.mayStretch || $0.rank == 0 }
    return result
  }

  private func choose<T: Scalar>(_ operands: [Tensor], _ shape: Shape, as type: T.Type) -> Tensor {
    // One number is read with step 0; everything else at full size.
    let full = operands.map { $0.count == 1 ? $0 : $0.stretched(to: shape).contiguous() }
    let steps = full.map { $0.count == 1 && shape.count != 1 ? 0 : 1 }
    return full[0].read(as: T.self) { c in
      full[1].read(as: T.self) { a in
        full[2].read(as: T.self) { b in
          Tensor(shape, as: T.self) { T.kernels.select(c, steps[0], a, steps[1], b, steps[2], $0, shape.count) }
        }
      }
    }
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let zero = Tensor(0, g.elementType)
    let condition = call.inputs[0]
    return [
      nil, call.wants(1) ? Choose()(condition, g, zero).summed(to: call.inputs[1]) : nil,
      call.wants(2) ? Choose()(condition, zero, g).summed(to: call.inputs[2]) : nil,
    ]
  }
}
