import KernelInterface

/// A primitive that changes each element by itself with one kernel.
public protocol ElementwiseUnary: Elementwise {
  static var operation: UnaryOperation { get }
}

extension ElementwiseUnary {
  public func shape(of inputs: Operands) -> Shape { inputs[0].shape }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { inputs[0].mapped(Self.operation) }

  fileprivate static func described(
    _ name: String, _ summary: String, _ formula: String, _ example: (input: String, output: String)
  ) -> PrimitiveCard {
    PrimitiveCard(
      name: name, theme: "elementwise", summary: summary, formula: formula, shapes: "x: any", example: example)
  }
}

extension Tensor {
  /// Each element changed by a kernel; the history is dropped.
  func mapped(_ operation: UnaryOperation) -> Tensor {
    func map<T: Scalar>(_ type: T.Type) -> Tensor {
      read(as: T.self) { x in Tensor(like: self, as: T.self) { T.kernels.unary(operation, x, $0, count) } }
    }
    var result = elementType == .float64 ? map(Double.self) : map(Float.self)
    result.mayStretch = mayStretch
    return result
  }
}

/// -x.
public struct Negate: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.negate
  public static let card = described("neg", "The number with the other sign; also -x.", "-x", ("-[1, -2]", "[-1, 2]"))
  public static let samples = [PrimitiveSample(Negate(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [-g] }
}

/// A number times x, x by a number, or x and a number: a tensor beside a literal, without a tensor for the literal.
struct Affine: Elementwise {
  let scale: Double
  let divisor: Double
  let offset: Double

  init(scale: Double = 1, divisor: Double = 1, offset: Double = 0) {
    (self.scale, self.divisor, self.offset) = (scale, divisor, offset)
  }

  static let card = PrimitiveCard(
    name: "affine", theme: "internal", summary: "A number times x, x divided by a number, or x plus a number.",
    formula: "\\frac{a x}{d} + b",
    shapes: "x: any", example: ("2 * [1, 2]", "[2, 4]"))
  static let samples = [
    PrimitiveSample(Affine(scale: 3, offset: 0), [[2, 3]]), PrimitiveSample(Affine(scale: 1, offset: -0.5), [[2, 3]]),
    PrimitiveSample(Affine(divisor: 3), [[2, 3]]),
  ]

  func shape(of inputs: Operands) -> Shape { inputs[0].shape }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    inputs[0].elementType == .float64 ? compute(inputs[0], as: Double.self) : compute(inputs[0], as: Float.self)
  }

  private func compute<T: Scalar>(_ x: Tensor, as type: T.Type) -> Tensor {
    var result = x.read(as: T.self) { source in
      Tensor(like: x, as: T.self) { out in
        var next = source
        // An offset of nothing is left out: x + 0 would turn -0 into 0.
        if scale != 1 || (divisor == 1 && offset == 0) { next = combine(.multiply, next, T(scale), out, x.count) }
        if divisor != 1 { next = combine(.divide, next, T(divisor), out, x.count) }
        if offset != 0 { next = combine(.add, next, T(offset), out, x.count) }
      }
    }
    result.mayStretch = x.mayStretch
    return result
  }

  private func combine<T: Scalar>(
    _ operation: BinaryOperation, _ x: UnsafePointer<T>, _ number: T, _ out: UnsafeMutablePointer<T>, _ count: Int
  ) -> UnsafePointer<T> {
    withUnsafePointer(to: number) { T.kernels.binary(operation, x, 1, $0, 0, out, count) }
    return UnsafePointer(out)
  }

  func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let scaled = scale == 1 ? g : g * scale
    return [divisor == 1 ? scaled : scaled / divisor]
  }
}

/// |x|; its derivative at 0 is 0.
public struct Absolute: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.absolute
  public static let card = described("abs", "The size of a number without its sign.", "|x|", ("abs([-2, 3])", "[2, 3]"))
  public static let samples = [
    PrimitiveSample(Absolute(), [[2, 3]], in: [0.2...2]), PrimitiveSample(Absolute(), [[3]], in: [-2 ... -0.2]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * Sign()(call.inputs[0])] }
}

/// -1, 0 or 1.
public struct Sign: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.sign
  public static let card = described(
    "sign", "-1, 0 or 1: the sign of a number.", "\\mathrm{sign}(x)", ("sign([-2, 0, 3])", "[-1, 0, 1]"))
  public static let samples = [PrimitiveSample(Sign(), [[2, 3]], in: [0.2...2])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [nil] }
}

/// e to the power x.
public struct Exp: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.exp
  public static let card = described("exp", "e to the power x.", "e^x", ("exp(0)", "1"))
  public static let samples = [PrimitiveSample(Exp(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * call.output] }
}

/// e^x - 1, exact for small x.
public struct Expm1: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.expm1
  public static let card = described("expm1", "e^x - 1, exact for small x.", "e^x - 1", ("expm1(0)", "0"))
  public static let samples = [PrimitiveSample(Expm1(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * (call.output + 1)] }
}

/// The natural logarithm.
public struct Log: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.log
  public static let card = described("log", "The natural logarithm.", "\\ln x", ("log(1)", "0"))
  public static let samples = [PrimitiveSample(Log(), [[2, 3]], in: [0.3...3])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g / call.inputs[0]] }
}

/// ln(1 + x), exact for small x.
public struct Log1p: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.log1p
  public static let card = described("log1p", "ln(1 + x), exact for small x.", "\\ln(1 + x)", ("log1p(0)", "0"))
  public static let samples = [PrimitiveSample(Log1p(), [[2, 3]], in: [-0.5...3])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g / (call.inputs[0] + 1)] }
}

/// The square root.
public struct SquareRoot: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.sqrt
  public static let card = described("sqrt", "The square root; also √x.", "\\sqrt{x}", ("sqrt([4, 9])", "[2, 3]"))
  public static let samples = [PrimitiveSample(SquareRoot(), [[2, 3]], in: [0.3...3])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g / (call.output * 2)] }
}

/// x².
public struct Square: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.square
  public static let card = described("square", "The square.", "x^2", ("[1, 2]^2", "[1, 4]"))
  public static let samples = [PrimitiveSample(Square(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * (call.inputs[0] * 2)] }
}

/// 1/x.
public struct Reciprocal: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.reciprocal
  public static let card = described("reciprocal", "One over x.", "\\frac{1}{x}", ("1/[2, 4]", "[0.5, 0.25]"))
  public static let samples = [PrimitiveSample(Reciprocal(), [[2, 3]], in: [0.5...3])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [-(g * Square()(call.output))] }
}

/// The sine, x in radians.
public struct Sine: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.sin
  public static let card = described("sin", "The sine, x in radians.", "\\sin x", ("sin(0)", "0"))
  public static let samples = [PrimitiveSample(Sine(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * Cosine()(call.inputs[0])] }
}

/// The cosine, x in radians.
public struct Cosine: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.cos
  public static let card = described("cos", "The cosine, x in radians.", "\\cos x", ("cos(0)", "1"))
  public static let samples = [PrimitiveSample(Cosine(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [-(g * Sine()(call.inputs[0]))] }
}

/// The tangent, x in radians.
public struct Tangent: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.tan
  public static let card = described("tan", "The tangent, x in radians.", "\\tan x", ("tan(0)", "0"))
  public static let samples = [PrimitiveSample(Tangent(), [[2, 3]], in: [-1...1])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * (Square()(call.output) + 1)] }
}

/// The hyperbolic tangent.
public struct Tanh: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.tanh
  public static let card = described("tanh", "The hyperbolic tangent, from -1 to 1.", "\\tanh x", ("tanh(0)", "0"))
  public static let samples = [PrimitiveSample(Tanh(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [TanhGradient()(g, call.output)] }
}

/// The logistic function.
public struct Sigmoid: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.sigmoid
  public static let card = described(
    "sigmoid", "The logistic function, from 0 to 1; also σ(x).", "\\frac{1}{1 + e^{-x}}", ("sigmoid(0)", "0.5"))
  public static let samples = [PrimitiveSample(Sigmoid(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [SigmoidGradient()(g, call.output)] }
}

/// max(0, x); its derivative at 0 is 0, as in the frameworks.
public struct Relu: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.relu
  public static let card = described(
    "relu", "x where it is positive, else 0.", "\\max(0, x)", ("relu([-1, 2])", "[0, 2]"))
  public static let samples = [
    PrimitiveSample(Relu(), [[2, 3]], in: [0.1...2]), PrimitiveSample(Relu(), [[2, 3]], in: [-2 ... -0.1]),
  ]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [ReluGradient()(g, call.inputs[0])] }
}

/// ln(1 + e^x), without overflow.
public struct Softplus: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.softplus
  public static let card = described(
    "softplus", "A smooth relu.", "\\ln(1 + e^x)", ("softplus(0)", "0.6931471805599453"))
  public static let samples = [PrimitiveSample(Softplus(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g * Sigmoid()(call.inputs[0])] }
}

/// The error function.
public struct ErrorFunction: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.erf
  public static let card = described(
    "erf", "The error function.", "\\frac{2}{\\sqrt{\\pi}} \\int_0^x e^{-t^2} dt", ("erf(0)", "0"))
  public static let samples = [PrimitiveSample(ErrorFunction(), [[2, 3]])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [g * Exp()(-Square()(call.inputs[0])) * (2 / Double.pi.squareRoot())]
  }
}

/// The largest whole number not above x; constant but for its steps.
public struct Floor: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.floor
  public static let card = described(
    "floor", "The largest whole number not above x.", "\\lfloor x \\rfloor", ("floor([1.7, -1.2])", "[1, -2]"))
  public static let samples = [PrimitiveSample(Floor(), [[2, 3]], in: [0.1...0.9])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [nil] }
}

/// The smallest whole number not below x; constant but for its steps.
public struct Ceiling: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.ceil
  public static let card = described(
    "ceil", "The smallest whole number not below x.", "\\lceil x \\rceil", ("ceil([1.2, -1.7])", "[2, -1]"))
  public static let samples = [PrimitiveSample(Ceiling(), [[2, 3]], in: [0.1...0.9])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [nil] }
}

/// The nearest whole number, half to even; constant but for its steps.
public struct Round: ElementwiseUnary {
  public init() {}
  public static let operation = UnaryOperation.round
  public static let card = described(
    "round", "The nearest whole number, half to even.", "\\mathrm{round}(x)", ("round([1.4, 2.5])", "[1, 2]"))
  public static let samples = [PrimitiveSample(Round(), [[2, 3]], in: [0.6...1.4])]
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [nil] }
}

extension Tensor {
  public func abs() -> Tensor { Absolute()(self) }
  public func sign() -> Tensor { Sign()(self) }
  public func exp() -> Tensor { Exp()(self) }
  public func expm1() -> Tensor { Expm1()(self) }
  public func log() -> Tensor { Log()(self) }
  public func log1p() -> Tensor { Log1p()(self) }
  public func sqrt() -> Tensor { SquareRoot()(self) }
  public func square() -> Tensor { Square()(self) }
  public func reciprocal() -> Tensor { Reciprocal()(self) }
  public func sin() -> Tensor { Sine()(self) }
  public func cos() -> Tensor { Cosine()(self) }
  public func tan() -> Tensor { Tangent()(self) }
  public func tanh() -> Tensor { Tanh()(self) }
  public func sigmoid() -> Tensor { Sigmoid()(self) }
  public func relu() -> Tensor { Relu()(self) }
  public func softplus() -> Tensor { Softplus()(self) }
  public func erf() -> Tensor { ErrorFunction()(self) }
  public func floor() -> Tensor { Floor()(self) }
  public func ceil() -> Tensor { Ceiling()(self) }
  public func round() -> Tensor { Round()(self) }

  /// x σ(x).
  public func silu() -> Tensor { self * sigmoid() }

  /// x where it is positive, else `slope` times x; the slope at 0 too.
  public func leakyRelu(slope: Double = 0.01) -> Tensor { Choose()(isGreater(than: 0), self, self * slope) }

  /// x where it is positive, else α(e^x - 1).
  public func elu(alpha: Double = 1) -> Tensor {
    Choose()(isGreater(than: 0), self, Minimum()(self, Tensor(0, elementType)).expm1() * alpha)
  }

  /// x times the share of a standard normal distribution below x, exactly or by tanh.
  public func gelu(isApproximate: Bool = false) -> Tensor {
    if isApproximate {
      let inner = (self + self * square() * 0.044715) * (2 / Double.pi).squareRoot()
      return self * 0.5 * (inner.tanh() + 1)
    }
    return self * 0.5 * ((self / 2.0.squareRoot()).erf() + 1)
  }

  /// x, but not below `low` and not above `high`.
  public func clamped(low: Double?, high: Double?) -> Tensor {
    var result = self
    if let low { result = Maximum()(result, Tensor(low, elementType)) }
    if let high { result = Minimum()(result, Tensor(high, elementType)) }
    return result
  }

  /// 1 where x > value, else 0.
  func isGreater(than value: Double) -> Tensor { Comparison(.greater)(self, Tensor(value, elementType)) }
}
