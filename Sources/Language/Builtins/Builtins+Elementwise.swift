import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension BuiltinCatalogue {
  /// Functions of each element; they go through the leaves of records and networks.
  static let elementwise: [Builtin] = [
    unary(
      "abs", "The size of a number without its sign.", "|x|", "\\mathrm{sign}(x), 0 at 0", ("abs([-2, 3])", "[2, 3]"),
      { abs($0) }, Absolute()),
    unary(
      "sign", "-1, 0 or 1: the sign of a number.", "\\mathrm{sign}(x)", "0", ("sign([-2, 0, 3])", "[-1, 0, 1]"),
      { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, Tensors.Sign()),
    unary("exp", "e to the power x.", "e^x", "e^x", ("exp(0)", "1"), { exp($0) }, Exp()),
    unary("log", "The natural logarithm.", "\\ln x", "1/x", ("log(e)", "1"), { log($0) }, Log()),
    unary("ln", "The natural logarithm, as formulas write log.", "\\ln x", "1/x", ("ln(e)", "1"), { log($0) }, Log()),
    unary(
      "log1p", "ln(1 + x), exact for small x.", "\\ln(1 + x)", "\\frac{1}{1 + x}", ("log1p(0)", "0"), { log1p($0) },
      Log1p()),
    unary("expm1", "e^x - 1, exact for small x.", "e^x - 1", "e^x", ("expm1(0)", "0"), { expm1($0) }, Expm1()),
    unary(
      "sqrt", "The square root; also √x.", "\\sqrt{x}", "\\frac{1}{2\\sqrt{x}}", ("√[4, 9]", "[2, 3]"),
      { $0.squareRoot() }, SquareRoot()),
    unary("sin", "The sine, x in radians.", "\\sin x", "\\cos x", ("sin(0)", "0"), { sin($0) }, Sine()),
    unary("cos", "The cosine, x in radians.", "\\cos x", "-\\sin x", ("cos(0)", "1"), { cos($0) }, Cosine()),
    unary("tan", "The tangent, x in radians.", "\\tan x", "1 + \\tan^2 x", ("tan(0)", "0"), { tan($0) }, Tangent()),
    unary(
      "tanh", "The hyperbolic tangent, from -1 to 1.", "\\frac{e^x - e^{-x}}{e^x + e^{-x}}", "1 - \\tanh^2 x",
      ("tanh(0)", "0"),
      { tanh($0) }, Tanh()),
    unary(
      "sigmoid", "The logistic function, from 0 to 1; also σ(x).", "\\frac{1}{1 + e^{-x}}",
      "\\sigma(x) (1 - \\sigma(x))", ("σ(0)", "0.5"),
      { $0 >= 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) }, Sigmoid()),
    unary(
      "relu", "x where it is positive, else 0.", "\\max(0, x)", "1 for x > 0, else 0, at 0 too",
      ("relu([-1, 2])", "[0, 2]"),
      { $0 > 0 ? $0 : $0.isNaN ? $0 : 0 }, Relu()),
    unary(
      "silu", "x times its sigmoid; also called swish.", "x \\sigma(x)", "\\sigma(x) (1 + x (1 - \\sigma(x)))",
      ("silu(0)", "0"), { $0 / (1 + exp(-$0)) },
      nil),
    unary(
      "softplus", "A smooth relu.", "\\ln(1 + e^x)", "\\sigma(x)", ("softplus(0)", "0.6931471805599453"),
      { max($0, 0) + log1p(exp(-abs($0))) }, Softplus()),
    unary(
      "erf", "The error function.", "\\frac{2}{\\sqrt\\pi} \\int_0^x e^{-t^2} dt", "\\frac{2}{\\sqrt\\pi} e^{-x^2}",
      ("erf(0)", "0"), { erf($0) },
      ErrorFunction()),
    unary(
      "floor", "The largest whole number not above x.", "\\lfloor x \\rfloor", "0", ("floor([1.7, -1.2])", "[1, -2]"),
      { $0.rounded(.down) }, Floor()),
    unary(
      "ceil", "The smallest whole number not below x.", "\\lceil x \\rceil", "0", ("ceil([1.2, -1.7])", "[2, -1]"),
      { $0.rounded(.up) }, Ceiling()),
    unary(
      "round", "The nearest whole number, half to even.", "\\mathrm{round}(x)", "0", ("round([1.4, 2.5])", "[1, 2]"),
      { $0.rounded(.toNearestOrEven) }, Round()),
    Builtin(
      "leaky_relu(x, slope: 0.01)", .elementwise, "x where it is positive, else slope times x.",
      formula: "\\max(0, x) + \\alpha \\min(0, x)", shapes: "any", derivative: "1 for x > 0, else \\alpha",
      example: ("leaky_relu([-1, 2], 0.1)", "[-0.1, 2]")
    ) { call in
      let slope = try call.number(1)
      return try call.map { $0.leakyRelu(slope: slope) }
    },
    Builtin(
      "elu(x, alpha: 1)", .elementwise, "x where it is positive, else α(eˣ - 1).",
      formula: "x > 0: x, \\quad \\alpha (e^x - 1)", shapes: "any", derivative: "1 for x > 0, else \\alpha e^x",
      example: ("elu([0, 2])", "[0, 2]")
    ) { call in
      let alpha = try call.number(1)
      return try call.map { $0.elu(alpha: alpha) }
    },
    Builtin(
      "gelu(x, approximate: \"none\")", .elementwise, "x times the share of a normal distribution below it.",
      formula: "x \\Phi(x)", shapes: "any", derivative: "\\Phi(x) + x \\varphi(x)",
      example: ("gelu([0, 1])", "[0, 0.8413447460685429]")
    ) { call in
      let approximate = try call.word("approximate", of: ["none", "tanh"])
      return try call.map { $0.gelu(isApproximate: approximate == "tanh") }
    },
    Builtin(
      "clamp(x, low: none, high: none)", .elementwise, "x, but not below low and not above high.",
      formula: "\\min(\\max(x, a), b)", shapes: "any", derivative: "1 between low and high, else 0",
      example: ("clamp([-2, 0.5, 3], 0, 1)", "[0, 0.5, 1]")
    ) { call in
      let low = call[1].isNothing ? nil : try call.number(1)
      let high = call[2].isNothing ? nil : try call.number(2)
      return try call.map { $0.clamped(low: low, high: high) }
    },
    Builtin(
      "pow(x, y)", .elementwise, "x to the power y; also x^y.", formula: "x^y", shapes: "one may stretch",
      derivative: "y x^{y-1} \\text{ by } x, \\quad x^y \\ln x \\text{ by } y",
      example: ("pow([1, 2, 3], 2)", "[1, 4, 9]")
    ) { call in try call.combine(.power) },
    Builtin(
      "mod(x, y)", .elementwise, "The remainder of x divided by y, with the sign of y; also x % y.",
      formula: "x - y \\lfloor x / y \\rfloor", shapes: "one may stretch",
      derivative: "1 by x, -\\lfloor x / y \\rfloor by y",
      example: ("mod([5, -5], 3)", "[2, 1]")
    ) { call in try call.combine(.remainder) },
  ]

  private static func unary(
    _ name: String, _ summary: String, _ formula: String, _ derivative: String,
    _ example: (input: String, output: String), _ scalar: @escaping @Sendable (Double) -> Double,
    _ primitive: (any Primitive)?
  ) -> Builtin {
    let tensor: @Sendable (Tensor) throws -> Tensor = { x in
      if let primitive { try primitive.apply([x]) } else { x.silu() }
    }
    return Builtin(
      "\(name)(x)", .elementwise, summary, formula: formula, shapes: "any", derivative: derivative, example: example,
      scalar: scalar,
      tensor: tensor
    ) { call in try call.map(tensor) }
  }
}

extension BuiltinCall {
  /// The first argument with each of its leaves changed.
  func map(_ change: (Tensor) throws -> Tensor) throws -> Value {
    switch self[0] {
    case .tensor(let tensor): return Value(try change(tensor))
    case .number, .range: return Value(try change(try tensor(0)))
    default:
      guard let value = try self[0].mapLeaves(type, change) else { throw wrong(0, "numbers") }
      return value
    }
  }

  /// The first two arguments joined by an operator.
  func combine(_ op: BinaryOperator) throws -> Value {
    let range = site.range
    func operand(_ index: Int) -> Expression {
      site.arguments.indices.contains(index) ? site.arguments[index].value : Expression(.end, range)
    }
    let whole = Expression(.end, range)
    return try BinaryNode(site.machine, op, builtin.name, whole, operand(0), operand(1), site.source).combine(
      self[0], self[1])
  }
}
