import Display
import Language
import Shell
import Testing

@testable import Explanations

@Suite("A printed line gives the printed result on a pocket calculator")
struct PocketCalculatorTests {
  @Test("random trees of calculations", arguments: 1...40)
  func trees(seed: Int) {
    var random = SeededNumbers(seed: seed)
    var checked = 0
    for _ in 0..<50 {
      let count = random.whole(1...5)
      let terms: [Calculation] = (0..<count).map { _ in
        random.whole(0...3) == 0
          ? .read("b", random.number()) : .product([.read("x", random.number()), .read("w", random.number())])
      }
      var tree: Calculation = .sum(terms)
      switch random.whole(0...5) {
      case 0: tree = .call("relu", [tree], elementaryFunction("relu")!)
      case 1: tree = .call("tanh", [tree], elementaryFunction("tanh")!)
      case 2: tree = tree / .root(.read("v", random.number().magnitude))
      case 3: tree = .power(tree, .number(2))
      case 4: tree = .read("a", random.number()) * tree
      default: break
      }
      checked += PocketCalculator.check(
        PlainWriter(.plain).write(tree.ladder("y", .plain).document()).split(separator: "\n").map(String.init),
        "seed \(seed)")
      let equation = tree.equation(.plain)
      if !equation.isApproximate, let value = PocketCalculator.value(equation.left), let right = Double(equation.right)
      {
        checked += 1
        #expect(Calculation.agree(value, right, .plain), "seed \(seed): \(equation.text)")
      }
    }
    #expect(checked > 60)
  }

  @Test("answers of the shell on random numbers", arguments: 1...4)
  func answers(seed: Int) {
    let console = WhyTests.console()
    _ = WhyTests.type(
      """
      :set seed \(seed)
      X = randn(3, 4);  W = randn(4, 3);  b = randn(3);  V = randn(3, 2);  c = randn(2);  t = [0, 1, 1];
      z = X @ W + b;  h = tanh(z);  y = h @ V + c;  L = cross_entropy(y, t);  p = softmax(y);
      r = mean((y - 1)^2);  a = attention(X, X, z);  d = z[0] ⊙ W[1] - b;  q = relu(z)
      k[i,j] = ∑[l] X[i,l] * W[l,j] + b[j]
      """, into: console)
    var checked = 0
    let names = ["z", "h", "q", "k", "a", "∂L/∂W", "∂L/∂V", "∂L/∂z", "p", "y"]
    for name in names {
      for place in ["[0,0]", "[1,1]", "[2,0]", "[2,1]"] {
        let (lines, error) = console.respond(to: ":why \(name)\(place)")
        #expect(error == nil, "\(name)\(place): \(lines.joined(separator: "\n"))")
        checked += PocketCalculator.check(lines, "seed \(seed), \(name)\(place)")
      }
    }
    for question in ["r", "L", "d[0]", "d[2]", "∂L/∂b[1]", "∂L/∂c[0]", "sum(X)", "(X @ W)[1,2]", "norm(b)", "var(b)"] {
      let (lines, error) = console.respond(to: ":why \(question)")
      #expect(error == nil, "\(question): \(lines.joined(separator: "\n"))")
      checked += PocketCalculator.check(lines, "seed \(seed), \(question)")
    }
    #expect(checked > 40)
  }

  @Test("a column adds up to the last digit shown", arguments: 1...30)
  func columns(seed: Int) {
    var random = SeededNumbers(seed: seed)
    for isWhole in [true, false] {
      let count = random.whole(6...300)
      let numbers = (0..<count).map { _ in (random.number(), random.number()) }
      let series = Calculation.Series(
        "k", count: count, body: .product([.read("x[k]", .nan), .read("w[k]", .nan)]),
        term: { .product([.read("x[\($0)]", numbers[$0].0), .read("w[\($0)]", numbers[$0].1)]) })
      let table = TermTable(series: series, rest: [], subject: "y", style: .plain, isWhole: isWhole).document().document
      let lines = PlainWriter(.plain).write(table).split(separator: "\n").map(String.init)
      var (terms, total) = ([Int](), Int?.none)
      var isBehindRule = false
      for line in lines.dropFirst() {
        guard let word = line.split(separator: " ").last, let number = word.inLastPlace else {
          isBehindRule = true
          continue
        }
        if isBehindRule { total = number } else { terms.append(number) }
      }
      #expect(terms.count == (isWhole ? count : 5))
      #expect(total == terms.reduce(0, +), "\(lines.suffix(3))")
    }
  }
}

/// Numbers that are the same on every run: of all sizes, some short decimals.
private struct SeededNumbers {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func whole(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() >> 33) % range.count
  }

  mutating func number() -> Double {
    let share = Double(next() >> 11) / Double(1 << 53)
    switch whole(0...5) {
    case 0: return Double(whole(-9...9))
    case 1: return Double(whole(-999...999)) / 100
    case 2: return (share - 0.5) * 1e-3
    case 3: return (share - 0.5) * 1e4
    default: return (share - 0.5) * 4
    }
  }
}

extension Substring {
  /// A printed decimal as a whole number of units of its last place.
  fileprivate var inLastPlace: Int? {
    guard let first, first.isNumber || first == "-", Double(self) != nil else { return nil }
    return Int(filter { $0 != "." })
  }
}
