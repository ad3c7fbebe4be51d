/// The rules of school for a calculation: its derivative by one of the numbers that are read in it.
///
/// | of | is |
/// |---|---|
/// | `a + b` | `a' + b'` |
/// | `a·b` | `a'·b + a·b'` |
/// | `a / b` | `a' / b - a·b' / b²` |
/// | `aⁿ` | `n·aⁿ⁻¹·a'` |
/// | `f(a)` | `f'(a)·a'` |
/// | `max(a, b)` | that of the largest, the first where two are |
struct SlopeRules {
  /// The number that the derivative is taken by, as it is read: `h[1,0]`.
  let label: String
  /// The slope of a function of one number at a place; nil where it has none.
  let slope: (String, Double) -> Double?
  /// Whether slopes are written out as far as there are formulas for them, so that they can be differentiated again.
  let isExplicit: Bool

  /// What is left to look through: a calculation of millions of numbers is no explanation.
  private let budget = Budget()

  private final class Budget { var left = 60_000 }

  init(label: String, slope: @escaping (String, Double) -> Double?, isExplicit: Bool = false) {
    (self.label, self.slope, self.isExplicit) = (label, slope, isExplicit)
  }

  /// Nil where a step has no rule.
  func derivative(of calculation: Calculation) -> Calculation? {
    budget.left -= 1
    guard budget.left > 0 else { return nil }
    switch calculation {
    case .number, .term: return 0
    case .read(let own, _): return own == label ? 1 : 0
    case .negative(let inner): return derivative(of: inner).map(negated)
    case .named(_, let inner): return derivative(of: inner)
    case .sum(let terms): return sum(terms)
    case .series(let series):
      guard series.count < budget.left else { return nil }
      return sum((0..<series.count).map(series.term))
    case .product(let factors):
      var terms: [Calculation] = []
      for (index, factor) in factors.enumerated() {
        guard let own = derivative(of: factor) else { return nil }
        if own.isZero { continue }
        let others = factors.enumerated().filter { $0.offset != index }.map(\.element)
        terms.append(product(others + [own]))
      }
      return added(terms)
    case .quotient(let above, let below):
      guard let first = derivative(of: above), let second = derivative(of: below) else { return nil }
      var terms: [Calculation] = first.isZero ? [] : [first / below]
      if !second.isZero { terms.append(.negative(product([above, second]) / .power(below, 2))) }
      return added(terms)
    case .power(let base, let exponent): return power(base, exponent, calculation)
    case .call(let name, let arguments, let rule): return call(name, arguments, rule, calculation)
    }
  }

  private func sum(_ terms: [Calculation]) -> Calculation? {
    var found: [Calculation] = []
    for term in terms {
      guard let own = derivative(of: term) else { return nil }
      if !own.isZero { found.append(own) }
    }
    return added(found)
  }

  private func power(_ base: Calculation, _ exponent: Calculation, _ whole: Calculation) -> Calculation? {
    guard let first = derivative(of: base), let second = derivative(of: exponent) else { return nil }
    var terms: [Calculation] = []
    if !first.isZero {
      if case .number(let number) = exponent {
        let raised: [Calculation] = number == 2 ? [base] : number == 1 ? [] : [.power(base, .number(number - 1))]
        terms.append(product([exponent] + raised + [first]))
      } else {
        terms.append(product([exponent, .power(base, exponent - 1), first]))
      }
    }
    if !second.isZero, let logarithm = elementaryFunction("ln") {
      terms.append(product([whole, .call("ln", [base], logarithm), second]))
    }
    return added(terms)
  }

  private func call(
    _ name: String, _ arguments: [Calculation], _ rule: ([Double]) -> Double, _ whole: Calculation
  ) -> Calculation? {
    var slopes: [Calculation] = []
    for argument in arguments {
      guard let own = derivative(of: argument) else { return nil }
      slopes.append(own)
    }
    if slopes.allSatisfy(\.isZero) { return 0 }
    if name == "max" || name == "min" {
      let values = arguments.map(\.value)
      var best = 0
      for index in values.indices where name == "max" ? values[index] > values[best] : values[index] < values[best] {
        best = index
      }
      return slopes[best]
    }
    guard arguments.count == 1 else { return nil }
    let inner = arguments[0]
    switch name {
    case "√": return slopes[0] / product([2, whole])
    case "exp": return product([whole, slopes[0]])
    case "ln", "log": return slopes[0] / inner
    case "tanh" where isExplicit: return product([1 - .power(whole, 2), slopes[0]])
    case "σ" where isExplicit, "sigmoid" where isExplicit: return product([whole, 1 - whole, slopes[0]])
    case "sin" where isExplicit:
      return elementaryFunction("cos").map { product([.call("cos", [inner], $0), slopes[0]]) }
    case "cos" where isExplicit:
      return elementaryFunction("sin").map { product([.negative(.call("sin", [inner], $0)), slopes[0]]) }
    default:
      guard let number = slope(name == "|" ? "abs" : name, inner.value) else { return nil }
      return product([.named("\(name == "|" ? "sign" : name + "'")(\(inner.text()))", .number(number)), slopes[0]])
    }
  }

  // MARK: Put together

  private func added(_ terms: [Calculation]) -> Calculation {
    terms.isEmpty ? 0 : terms.count == 1 ? terms[0] : terms.dropFirst().reduce(terms[0]) { $0 + $1 }
  }

  /// A product without factors of 1, its sign in front.
  private func product(_ factors: [Calculation]) -> Calculation {
    var (found, isNegative) = ([Calculation](), false)
    for factor in factors {
      var factor = factor
      if case .negative(let inner) = factor { (factor, isNegative) = (inner, !isNegative) }
      switch factor {
      case .number(1): continue
      case .product(let inner): found += inner
      default: found.append(factor)
      }
    }
    let result: Calculation = found.isEmpty ? 1 : found.count == 1 ? found[0] : .product(found)
    return isNegative ? .negative(result) : result
  }

  private func negated(_ calculation: Calculation) -> Calculation {
    if case .negative(let inner) = calculation { return inner }
    return calculation.isZero ? 0 : .negative(calculation)
  }
}

extension Calculation {
  /// Whether it is the number 0 itself, and not something that happens to be 0.
  var isZero: Bool { if case .number(0) = self { true } else { false } }
}
