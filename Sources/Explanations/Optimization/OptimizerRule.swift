import Networks
import Tensors

/// One quantity of an optimiser's rule, such as `m`: its formula, and what it is for one number of a parameter.
struct RuleQuantity: Sendable {
  /// `m̂`
  let symbol: String
  /// `m, freed of bias`
  let words: String
  /// `m / (1 - β₁ᵗ)`
  let formula: String
  /// The formula with a place for each number: `# / (1 - #^#)`; empty where there is nothing to compute.
  let pattern: String
  /// The numbers of the pattern, for one number of the parameter.
  let inputs: @Sendable (RuleValues) -> [Double]
  /// What the pattern comes to.
  let value: @Sendable ([Double]) -> Double
  /// How the result is kept for the quantities after it.
  let keep: WritableKeyPath<RuleValues, Double> & Sendable
}

/// What is known of one number of a parameter while its step is worked out.
struct RuleValues: Sendable {
  /// The gradient as it came, the weight before the step, the number of the step.
  var raw, before: Double
  var number: Double
  /// The buffers before the step, in the order of the optimiser's `bufferNames`; 0 where it has none.
  var old: [Double]
  /// The gradient that the rule uses.
  var g = 0.0
  var m = 0.0, v = 0.0, largest = 0.0, mHat = 0.0, vHat = 0.0
  /// The step Δ and the weight after it.
  var step = 0.0, after = 0.0
  /// The weight after the pull to 0, where that stands apart.
  var pulled = 0.0
}

/// An optimiser's rule as a list of quantities, each computed from those before it.
struct OptimizerRule: Sendable {
  let quantities: [RuleQuantity]
  /// The rule's constants as a heading tells them: `η = 0.001, β₁ = 0.9`.
  let constants: [(symbol: String, value: Double)]
  /// What the rule does, in one sentence.
  let remark: String

  /// The rule for one number: the value of each quantity, and the weight after the step.
  func values(_ start: RuleValues) -> (all: [Double], end: RuleValues) {
    var values = start
    let all = quantities.map { quantity in
      let value = quantity.value(quantity.inputs(values))
      values[keyPath: quantity.keep] = value
      return value
    }
    return (all, values)
  }
}

/// The rules of all optimisers, from their own constants.
extension OptimizerRule {
  /// - Parameter shortening: by how much clipping shortened the gradient; 1 if it did not.
  init?(_ step: OptimizerStep, shortening: Double) {
    let optimizer = step.optimizer
    var start: [RuleQuantity] = []
    if let limit = optimizer.options.clipValue {
      start.append(
        RuleQuantity(
          symbol: "g", words: "each cut", formula: "clamp(g, -c, c)", pattern: "max(-#, min(#, #))",
          inputs: { [limit, limit, $0.g] }, value: { max(-$0[0], min($0[1], $0[2])) }, keep: \.g))
    }
    if shortening < 1 {
      start.append(
        RuleQuantity(
          symbol: "g", words: "all shortened", formula: "g·s, s = clip / ‖g‖", pattern: "#·#",
          inputs: { [$0.g, shortening] }, value: { $0[0] * $0[1] }, keep: \.g))
    }
    switch optimizer {
    case let rule as SGD: self.init(rule, step.rate, start)
    case let rule as AdaGrad: self.init(rule, step, start)
    case let rule as RMSprop: self.init(rule, step.rate, start)
    case let rule as Adam:
      self.init(
        adam: step.rate, rule.beta1, rule.beta2, rule.epsilon, decay: rule.weightDecay, isDecoupled: false,
        amsgrad: rule.amsgrad, start)
    case let rule as AdamW:
      self.init(
        adam: step.rate, rule.beta1, rule.beta2, rule.epsilon, decay: rule.weightDecay, isDecoupled: true,
        amsgrad: false, start)
    default: return nil
    }
  }

  /// The weights pulled to 0 through the gradient.
  private static func decayed(_ decay: Double) -> [RuleQuantity] {
    guard decay != 0 else { return [] }
    return [
      RuleQuantity(
        symbol: "g", words: "pulled to 0", formula: "g + λ·w[t-1]", pattern: "# + #·#",
        inputs: { [$0.g, decay, $0.before] }, value: { $0[0] + $0[1] * $0[2] }, keep: \.g)
    ]
  }

  /// `w[t-1] - Δ`.
  private static let ending = RuleQuantity(
    symbol: "w", words: "after", formula: "w[t-1] - Δ", pattern: "# - #", inputs: { [$0.before, $0.step] },
    value: { $0[0] - $0[1] }, keep: \.after)

  private static func step(
    _ formula: String, _ pattern: String,
    _ inputs: @escaping @Sendable (RuleValues) -> [Double], _ value: @escaping @Sendable ([Double]) -> Double
  ) -> RuleQuantity {
    RuleQuantity(
      symbol: "Δ", words: "the step", formula: formula, pattern: pattern, inputs: inputs, value: value, keep: \.step)
  }

  /// `β·m + (1 - β)·g`.
  private static let average: @Sendable ([Double]) -> Double = { numbers in
    numbers[0] * numbers[1] + numbers[2] * numbers[3]
  }

  /// `β·v + (1 - β)·g²`.
  private static let averageOfSquares: @Sendable ([Double]) -> Double = { numbers in
    let square = numbers[3] * numbers[3]
    return numbers[0] * numbers[1] + numbers[2] * square
  }

  /// `m / (1 - βᵗ)`.
  private static let freed: @Sendable ([Double]) -> Double = { numbers in
    var power = 1.0
    for _ in 0..<Int(numbers[2]) { power *= numbers[1] }
    return numbers[0] / (1 - power)
  }

  /// `η·g / (√s + ε)`.
  private static let quotient: @Sendable ([Double]) -> Double = { numbers in
    let divisor = numbers[2].squareRoot() + numbers[3]
    return numbers[0] * numbers[1] / divisor
  }

  private static let product: @Sendable ([Double]) -> Double = { $0[0] * $0[1] }

  // MARK: Rules

  private init(_ rule: SGD, _ rate: Double, _ start: [RuleQuantity]) {
    var list = start + Self.decayed(rule.weightDecay)
    let (mu, damping) = (rule.momentum, rule.dampening)
    constants =
      [("η", rate)] + (mu == 0 ? [] : [("μ", mu)]) + (damping == 0 ? [] : [("d", damping)])
      + (rule.weightDecay == 0 ? [] : [("λ", rule.weightDecay)])
    if mu == 0 {
      list.append(Self.step("η·g", "#·#", { [rate, $0.g] }, Self.product))
      remark = "Δ is η times the gradient: where the slope is steep, the step is long."
    } else {
      list.append(
        damping == 0
          ? RuleQuantity(
            symbol: "v", words: "velocity", formula: "μ·v[t-1] + g", pattern: "#·# + #",
            inputs: { [mu, $0.number == 1 ? 0 : $0.old[0], $0.g] }, value: { $0[0] * $0[1] + $0[2] }, keep: \.v)
          : RuleQuantity(
            symbol: "v", words: "velocity", formula: "μ·v[t-1] + (1 - d)·g", pattern: "#·# + #·#",
            inputs: { [mu, $0.number == 1 ? 0 : $0.old[0], $0.number == 1 ? 1 : 1 - damping, $0.g] },
            value: Self.average, keep: \.v))
      list.append(
        rule.nesterov
          ? Self.step(
            "η·(g + μ·v)", "#·(# + #·#)", { [rate, $0.g, mu, $0.v] }, { $0[0] * ($0[1] + $0[2] * $0[3]) })
          : Self.step("η·v", "#·#", { [rate, $0.v] }, Self.product))
      remark =
        rule.nesterov
        ? "Nesterov looks ahead: the slope where the velocity would carry w."
        : "v keeps a share μ of the last one: steps in one direction add up, zigzags cancel."
    }
    quantities = list + [Self.ending]
  }

  private init(_ rule: AdaGrad, _ step: OptimizerStep, _ start: [RuleQuantity]) {
    let rate = step.rate / (1 + Double(step.optimizer.state.number) * rule.decay)
    let epsilon = rule.epsilon
    constants =
      [("η", rate), ("ε", epsilon)] + (rule.weightDecay == 0 ? [] : [("λ", rule.weightDecay)])
    quantities =
      start + Self.decayed(rule.weightDecay) + [
        RuleQuantity(
          symbol: "s", words: "sum of g² so far", formula: "s[t-1] + g²", pattern: "# + #²",
          inputs: { [$0.old[0], $0.g] }, value: { $0[0] + $0[1] * $0[1] }, keep: \.v),
        Self.step(
          "η·g / (√s + ε)", "#·# / (√# + #)", { [rate, $0.g, $0.v, epsilon] },
          Self.quotient),
        Self.ending,
      ]
    remark = "s only grows, so steps shrink: those along steep directions first."
  }

  private init(_ rule: RMSprop, _ rate: Double, _ start: [RuleQuantity]) {
    let (alpha, epsilon, mu) = (rule.alpha, rule.epsilon, rule.momentum)
    var list = start + Self.decayed(rule.weightDecay)
    list.append(
      RuleQuantity(
        symbol: "s", words: "average of g²", formula: "α·s[t-1] + (1 - α)·g²", pattern: "#·# + #·#²",
        inputs: { [alpha, $0.old[0], 1 - alpha, $0.g] }, value: Self.averageOfSquares, keep: \.v))
    if rule.centered {
      list.append(
        RuleQuantity(
          symbol: "a", words: "average of g", formula: "α·a[t-1] + (1 - α)·g", pattern: "#·# + #·#",
          inputs: { [alpha, $0.old[2], 1 - alpha, $0.g] }, value: Self.average, keep: \.m))
    }
    list.append(
      rule.centered
        ? RuleQuantity(
          symbol: "r", words: "usual size of g", formula: "√(s - a²) + ε", pattern: "√(# - #²) + #",
          inputs: { [$0.v, $0.m, epsilon] }, value: { ($0[0] - $0[1] * $0[1]).squareRoot() + $0[2] }, keep: \.vHat)
        : RuleQuantity(
          symbol: "r", words: "usual size of g", formula: "√s + ε", pattern: "√# + #",
          inputs: { [$0.v, epsilon] }, value: { $0[0].squareRoot() + $0[1] }, keep: \.vHat))
    if mu > 0 {
      list.append(
        RuleQuantity(
          symbol: "b", words: "velocity", formula: "μ·b[t-1] + g / r", pattern: "#·# + # / #",
          inputs: { [mu, $0.old[1], $0.g, $0.vHat] }, value: { $0[0] * $0[1] + $0[2] / $0[3] }, keep: \.largest))
      list.append(Self.step("η·b", "#·#", { [rate, $0.largest] }, Self.product))
    } else {
      list.append(Self.step("η·g / r", "#·# / #", { [rate, $0.g, $0.vHat] }, { $0[0] * $0[1] / $0[2] }))
    }
    constants =
      [("η", rate), ("α", alpha), ("ε", epsilon)] + (mu == 0 ? [] : [("μ", mu)])
      + (rule.weightDecay == 0 ? [] : [("λ", rule.weightDecay)])
    quantities = list + [Self.ending]
    remark = "r is the usual size of g: Δ is about η, however large the gradient."
  }

  private init(
    adam rate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double, decay: Double, isDecoupled: Bool,
    amsgrad: Bool, _ start: [RuleQuantity]
  ) {
    var list = start + (isDecoupled ? [] : Self.decayed(decay))
    list.append(
      RuleQuantity(
        symbol: "m", words: "average of g", formula: "β₁·m[t-1] + (1 - β₁)·g", pattern: "#·# + #·#",
        inputs: { [beta1, $0.old[0], 1 - beta1, $0.g] }, value: Self.average, keep: \.m))
    list.append(
      RuleQuantity(
        symbol: "v", words: "average of g²", formula: "β₂·v[t-1] + (1 - β₂)·g²", pattern: "#·# + #·#²",
        inputs: { [beta2, $0.old[1], 1 - beta2, $0.g] }, value: Self.averageOfSquares, keep: \.v))
    if amsgrad {
      list.append(
        RuleQuantity(
          symbol: "u", words: "largest v so far", formula: "max(u[t-1], v)", pattern: "max(#, #)",
          inputs: { [$0.old[2], $0.v] }, value: { max($0[0], $0[1]) }, keep: \.largest))
    }
    list.append(
      RuleQuantity(
        symbol: "m̂", words: "m, freed of bias", formula: "m / (1 - β₁ᵗ)", pattern: "# / (1 - #^)",
        inputs: { [$0.m, beta1, $0.number] }, value: Self.freed, keep: \.mHat))
    let second = amsgrad ? "u" : "v"
    list.append(
      RuleQuantity(
        symbol: "v̂", words: "\(second), freed of bias", formula: "\(second) / (1 - β₂ᵗ)", pattern: "# / (1 - #^)",
        inputs: { [amsgrad ? $0.largest : $0.v, beta2, $0.number] }, value: Self.freed, keep: \.vHat))
    list.append(
      Self.step(
        "η·m̂ / (√v̂ + ε)", "#·# / (√# + #)", { [rate, $0.mHat, $0.vHat, epsilon] }, Self.quotient))
    let isPulled = isDecoupled && decay != 0
    if isPulled {
      list.append(
        RuleQuantity(
          symbol: "p", words: "pulled to 0", formula: "w[t-1] - η·λ·w[t-1]", pattern: "# - #·#·#",
          inputs: { [$0.before, rate, decay, $0.before] }, value: { $0[0] - $0[1] * $0[2] * $0[3] }, keep: \.pulled))
    }
    constants =
      [("η", rate), ("β₁", beta1), ("β₂", beta2), ("ε", epsilon)] + (decay == 0 ? [] : [("λ", decay)])
    let pulledEnding = RuleQuantity(
      symbol: "w", words: "after", formula: "p - Δ", pattern: "# - #", inputs: { [$0.pulled, $0.step] },
      value: { $0[0] - $0[1] }, keep: \.after)
    quantities = list + [isPulled ? pulledEnding : Self.ending]
    remark =
      isPulled
      ? "The pull to 0 stands beside Adam's step: √v̂ does not divide it."
      : "√v̂ divides out the size of the gradient: Δ is at most about η."
  }
}
