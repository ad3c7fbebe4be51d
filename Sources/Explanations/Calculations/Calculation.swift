import Display

/// One number as it is calculated: named elements, typed numbers, operations, calls, sums over an index.
///
/// The same tree is printed with its names (`∑[k] X[0,k]·W[k,2] + b[2]`), with its numbers (`5.1·0.31 + 3.5·(-0.12) + 0.1`), and rung by
/// rung down to its value (`ladder`). Whatever is printed in numbers is evaluated from the printed digits before it is shown, and gets
/// more digits where it must (rule R1): nobody who calls this has to think of digits.
///
/// ```swift
/// let m = Calculation.read("m", -2.3333333), g = Calculation.read("g", -23.24)
/// let average = 0.9 * m + 0.1 * g
/// average.text                            // 0.9·m + 0.1·g
/// average.equation(style).text            // 0.9·(-2.3333) + 0.1·(-23.240) = -4.4240
/// average.ladder("m", style).document()   // m = 0.9·m + 0.1·g, = 0.9·(-2.3333) + …, = -2.1 - 2.324, = -4.424
/// ```
package indirect enum Calculation {
  /// A number that stands for itself.
  case number(Double)
  /// A term of a sum, printed with so many digits after the point.
  case term(Double, decimals: Int)
  /// A named number: `W[k,2]`; while an index is still a letter its value is not a number.
  case read(String, Double)
  case negative(Calculation)
  case sum([Calculation])
  case product([Calculation])
  case quotient(Calculation, Calculation)
  case power(Calculation, Calculation)
  /// `relu(x)`, `max(a, b, c)`; the function of the numbers is with it. `√` and `|` are written as they are in formulas.
  case call(String, [Calculation], ([Double]) -> Double)
  /// `∑[k] …`
  case series(Series)
  /// A choice or a detour that leads to another calculation: printed by its own text, worth what it leads to.
  case named(String, Calculation)

  /// A sum over index letters: what is summed, in letters and for each place.
  package struct Series {
    /// `k`, `k,l`
    package let letters: String
    package let count: Int
    /// What is summed, the letters left in.
    package let body: Calculation
    /// The term at each place, in index order.
    package let term: (Int) -> Calculation
    /// What stands for the letters at each place: `3`, `0,1`.
    package let place: (Int) -> String
    package let total: Double

    /// - Parameter total: the sum where it is known; else the terms are added.
    package init(
      _ letters: String, count: Int, body: Calculation, total: Double? = nil,
      place: @escaping (Int) -> String = { String($0) }, term: @escaping (Int) -> Calculation
    ) {
      self.letters = letters
      self.count = count
      self.body = body
      self.term = term
      self.place = place
      self.total = total ?? Calculation.added((0..<count).lazy.map { term($0).value })
    }
  }

  package static func + (a: Calculation, b: Calculation) -> Calculation { .sum(a.terms + b.terms) }
  package static func - (a: Calculation, b: Calculation) -> Calculation { .sum(a.terms + [.negative(b)]) }
  package static func * (a: Calculation, b: Calculation) -> Calculation { .product(a.factors + b.factors) }
  package static func * (a: Double, b: Calculation) -> Calculation { .product([.number(a)] + b.factors) }
  package static func / (a: Calculation, b: Calculation) -> Calculation { .quotient(a, b) }

  /// `√x`
  package static func root(_ inner: Calculation) -> Calculation {
    .call("√", [inner]) { $0[0].squareRoot() }
  }

  private var terms: [Calculation] { if case .sum(let terms) = self { terms } else { [self] } }
  private var factors: [Calculation] { if case .product(let factors) = self { factors } else { [self] } }

  /// The value, from the numbers as they are.
  package var value: Double { value { leaf, _ in leaf } }

  /// The value from the numbers as `leaf` changes them; it is told the decimals of terms.
  func value(_ leaf: (Double, Int?) -> Double) -> Double {
    switch self {
    case .number(let number), .read(_, let number): leaf(number, nil)
    case .term(let number, let decimals): leaf(number, decimals)
    case .negative(let inner): -inner.value(leaf)
    case .sum(let terms): Self.added(terms.map { $0.value(leaf) })
    case .product(let factors): factors.reduce(1) { $0 * $1.value(leaf) }
    case .quotient(let above, let below): above.value(leaf) / below.value(leaf)
    case .power(let base, let exponent): Self.power(base.value(leaf), exponent.value(leaf))
    case .call(_, let arguments, let rule): rule(arguments.map { $0.value(leaf) })
    case .series(let series): series.total
    case .named(_, let inner): inner.value(leaf)
    }
  }

  /// A sum; what cancels to less than 1e-12 of its largest term is rounding noise, and 0 (R3).
  static func added(_ terms: some Sequence<Double>) -> Double {
    var (total, lost, largest) = (0.0, 0.0, 0.0)
    for term in terms {
      let next = total + term
      lost += total.magnitude >= term.magnitude ? (total - next) + term : (term - next) + total
      total = next
      largest = max(largest, term.magnitude)
    }
    guard total.isFinite else { return total }
    let sum = total + lost
    return sum.magnitude < 1e-12 * largest ? 0 : sum
  }

  private static func power(_ base: Double, _ exponent: Double) -> Double {
    guard let whole = Int(exactly: exponent), whole.magnitude <= 64 else { return elementaryPower(base, exponent) }
    var result = 1.0
    for _ in 0..<whole.magnitude { result *= base }
    return whole < 0 ? 1 / result : result
  }

  /// Calls `visit` for this calculation and every one inside it; the terms of series are not entered.
  func walk(_ visit: (Calculation) -> Void) {
    visit(self)
    for child in children { child.walk(visit) }
  }

  var children: [Calculation] {
    switch self {
    case .number, .term, .read, .series: []
    case .negative(let inner), .named(_, let inner): [inner]
    case .sum(let parts), .product(let parts), .call(_, let parts, _): parts
    case .quotient(let above, let below), .power(let above, let below): [above, below]
    }
  }

  /// The calculation with every child changed.
  func mapChildren(_ change: (Calculation) -> Calculation) -> Calculation {
    switch self {
    case .number, .term, .read, .series: self
    case .negative(let inner): .negative(change(inner))
    case .named(let name, let inner): .named(name, change(inner))
    case .sum(let parts): .sum(parts.map(change))
    case .product(let parts): .product(parts.map(change))
    case .call(let name, let parts, let rule): .call(name, parts.map(change), rule)
    case .quotient(let above, let below): .quotient(change(above), change(below))
    case .power(let base, let exponent): .power(change(base), change(exponent))
    }
  }

  var isNumber: Bool {
    switch self {
    case .number, .term: true
    default: false
    }
  }

  /// Whether a sum over an index stands in it.
  var hasSeries: Bool {
    if case .series = self { return true }
    return children.contains { $0.hasSeries }
  }
}

extension Calculation: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }
}
