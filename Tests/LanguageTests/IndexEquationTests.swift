import KernelInterface
import Tensors
import Testing

@testable import Language

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Makes index equations that are right, over tensors of fixed shapes.
private struct EquationGenerator {
  var numbers: SeededNumbers
  /// Letters and the extent they stand for.
  static let extents = ["i": 3, "j": 4, "k": 5, "l": 2, "m": 3, "n": 4, "q": 5]
  static let tensors: [String: [Int]] = [
    "a": [3], "b": [4], "c": [5], "A": [3, 4], "B": [4, 5], "C": [5, 3], "D": [2, 3, 4], "E": [3, 3], "F": [6, 7],
    "w": [2, 2],
    "p": [4], "s": [],
  ]

  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &numbers) }
  mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }

  /// A read whose letters are all in sight and fit the axes.
  mutating func read(_ letters: [String]) -> String {
    let fitting = Self.tensors.sorted { $0.key < $1.key }.filter { tensor in
      tensor.key != "p" && tensor.key != "w" && !tensor.value.isEmpty
        && tensor.value.allSatisfy { extent in letters.contains { Self.extents[$0] == extent } }
    }
    if fitting.isEmpty || below(8) == 0 { return pick(["s", "2", "0.5"]) }
    let (name, shape) = pick(fitting)
    let subscripts = shape.map { extent in pick(letters.filter { Self.extents[$0] == extent }) }
    return "\(name)[\(subscripts.joined(separator: ","))]"
  }

  mutating func factor(_ depth: Int, _ letters: [String]) -> String {
    guard depth > 0 else { return read(letters) }
    switch below(15) {
    case 0: return "tanh(\(sum(depth - 1, letters)))"
    case 1: return "exp(\(read(letters)))"
    case 2: return "relu(\(sum(depth - 1, letters)))"
    case 3: return "(\(sum(depth - 1, letters)))"
    case 4: return "f(\(factor(depth - 1, letters)))"
    case 5: return "g(\(read(letters)), \(factor(depth - 1, letters)))"
    case 6: return "max(\(read(letters)), \(factor(depth - 1, letters)))"
    case 7: return "(if \(read(letters)) > 0 then \(sum(depth - 1, letters)) else \(read(letters)))"
    case 8:
      let own = letters.filter { Self.extents[$0] == 3 }
      return own.isEmpty ? read(letters) : "a[\(own[0])]^2"
    case 9: return letters.contains("i") ? "(if i > 0 then A[i-1, 1] else a[i])" : read(letters)
    case 10: return letters.contains("j") ? "C[p[j], 2]" : read(letters)
    case 11, 12, 13:
      let free = ["i", "j", "k", "l", "m", "n"].filter { !letters.contains($0) }
      guard let letter = free.isEmpty ? nil : pick(free) else { return read(letters) }
      let op = pick(["∑", "∑", "∑", "∑", "∏", "mean", "max", "min"])
      // The sum reads something that gives the letter its range.
      let anchor = ["i": "a[i]", "j": "b[j]", "k": "c[k]", "l": "D[l,0,0]", "m": "E[m,1]", "n": "B[n,0]"][letter]!
      if letter == "k", letters.contains("i"), !letters.contains("q"), below(2) == 0 {
        return "(\(pick(["∑", "mean", "max"]))[q in 0...i] \(product(depth - 1, letters + ["q"])) * c[q])"
      }
      return "(\(op)[\(letter)] \(anchor) * \(product(depth - 1, letters + [letter])))"
    default: return letters.isEmpty ? read(letters) : "(\(pick(letters)) + 1)"
    }
  }

  mutating func product(_ depth: Int, _ letters: [String]) -> String {
    let count = 1 + below(3)
    var factors: [String] = []
    for _ in 0..<count { factors.append(factor(depth, letters)) }
    return factors.joined(separator: " * ")
  }

  mutating func sum(_ depth: Int, _ letters: [String]) -> String {
    switch below(4) {
    case 0: return product(depth, letters) + " + " + product(depth, letters)
    case 1: return product(depth, letters) + " - " + factor(depth, letters)
    case 2: return product(depth, letters) + " / 2"
    default: return product(depth, letters)
    }
  }

  mutating func equation() -> String {
    if below(4) == 0 { return window() }
    let letters = pick([["i"], ["j"], ["i", "j"], ["j", "i"], ["i", "j", "k"], ["k", "i"], ["l", "j"]])
    let anchor = letters.map { ["i": "a[i]", "j": "b[j]", "k": "c[k]", "l": "D[l,0,0]"][$0]! }.joined(separator: " + ")
    return "z[\(letters.joined(separator: ","))] = \(anchor) + \(sum(2, letters))"
  }

  /// Windows, strides, shifts: subscripts with two indices.
  mutating func window() -> String {
    let first = pick(["i+k", "i+k+1", "2i+k", "i-k+1", "i+1-k"])
    let second = pick(["j+l", "j+l+2", "3j+l", "j-l+1"])
    let op = pick(["∑", "∑", "∑", "max", "mean"])
    let weight = pick(["w[k,l]", "w[1-k, l]", "w[l,k]", "w[k,l] * w[l,k]", "w[k,l] * a[i]", "tanh(w[k,l])"])
    let body = "F[\(first), \(second)] * \(weight)"
    switch below(4) {
    case 0: return "z[i,j] = \(op)[k in 0..<2, l in 0..<2] \(body)"
    case 1: return "z[i] = ∑[k] F[\(first), 1] * c[k]"
    case 2: return "z[i,j] = tanh(∑[k,l] \(body)) + s"
    default: return "z[j,i] = \(op)[k,l] \(body)"
    }
  }
}

@Suite("Index equations")
struct IndexEquationTests {
  private static let programs = """
    f(x) = x^2 + 1
    g(x, y) = if y > 0 then x * y else y
    """

  private static func interpreter(_ seed: UInt64) -> (Interpreter, DirectEvaluator) {
    let interpreter = Interpreter(settings: Settings())
    var numbers = SeededNumbers(seed: seed)
    var tensors: [String: DirectEvaluator.Numbers] = [:]
    for (name, shape) in EquationGenerator.tensors.sorted(by: { $0.key < $1.key }) {
      let count = shape.reduce(1, *)
      let elements = (0..<count).map { _ in
        name == "p"
          ? Double(Int.random(in: 0..<5, using: &numbers)) : Double(Int.random(in: -40...40, using: &numbers)) / 16
      }
      tensors[name] = .init(shape: shape, elements: elements)
      let list: String = elements.map { "\($0)" }.joined(separator: ", ")
      let sizes: String = shape.map { "\($0)" }.joined(separator: ", ")
      let text = shape.isEmpty ? "\(elements[0])" : "reshape([\(list)], \(sizes))"
      _ = interpreter.evaluate("\(name) = \(text)")
    }
    _ = interpreter.evaluate(programs)
    return (interpreter, DirectEvaluator(tensors: tensors))
  }

  private static func parts(_ text: String) -> (letters: [String], value: Expression, stated: [Index])? {
    guard case .bind(let targets, let values, let stated)? = Parser.parse(SourceText(text)).statements.first?.kind,
      case .indexed(_, let places, _)? = targets.first
    else { return nil }
    let letters = places.compactMap { if case .index(let name, _) = $0.kind { name.text } else { nil } }
    return (letters, values[0], stated)
  }

  @Test("agree with a slow direct reading, element by element", arguments: 0..<20)
  func directReading(_ seed: Int) throws {
    let (interpreter, direct) = Self.interpreter(UInt64(seed))
    var generator = EquationGenerator(numbers: SeededNumbers(seed: UInt64(1000 + seed)))
    var compared = 0
    for _ in 0..<150 {
      let text = generator.equation()
      guard let (letters, value, stated) = Self.parts(text) else {
        Issue.record("does not parse: \(text)")
        continue
      }
      let expected = Result { try direct.evaluate(letters, value, stated) }
      let outcome = interpreter.evaluate(text)
      switch (expected, outcome) {
      case (.success(let expected), .done):
        guard let got = interpreter.value(named: "z")?.tensor(.float64) else { continue }
        #expect(got.shape.dimensions == expected.shape, "\(text)")
        guard got.shape.dimensions == expected.shape else { continue }
        let scale = expected.elements.reduce(1) { max($0, $1.isFinite ? abs($1) : 0) }
        for (p, q) in zip(got.elements, expected.elements) where !(p.isNaN && q.isNaN) && p != q {
          #expect(abs(p - q) <= 1e-11 * scale, "\(text): \(p), not \(q)")
          if abs(p - q) > 1e-11 * scale { break }
        }
        compared += 1
      case (.failure, .failed): break
      case (.success(let expected), .failed(let diagnostic, _)):
        // A left index may not begin elsewhere than at 0, which the direct reading does not mind.
        #expect(
          ["E0223", "E0222"].contains(diagnostic.code) || expected.elements.isEmpty,
          "\(text): \(diagnostic.code) \(diagnostic.message)")
      default: Issue.record("\(text): \(expected), \(outcome)")
      }
    }
    #expect(compared > 80)
  }

  @Test("have the gradients that central differences show", arguments: 0..<10)
  func gradients(_ seed: Int) throws {
    let (interpreter, direct) = Self.interpreter(UInt64(50 + seed))
    var generator = EquationGenerator(numbers: SeededNumbers(seed: UInt64(2000 + seed)))
    var compared = 0
    for _ in 0..<40 {
      let text = generator.equation()
      guard let (letters, value, stated) = Self.parts(text), (try? direct.evaluate(letters, value, stated)) != nil,
        let name = ["A", "F", "w", "b", "s", "a"].first(where: { name in value.mentions { $0 == name } })
      else { continue }
      _ = interpreter.evaluate("loss(\(name)) = { \(text); sum(tanh(0.1z)) }")
      guard case .done = interpreter.evaluate("dz = ∇loss(\(name))"),
        let gradient = interpreter.value(named: "dz")?.tensor(.float64)
      else { continue }
      func loss(_ evaluator: DirectEvaluator) throws -> Double {
        try evaluator.evaluate(letters, value, stated).elements.reduce(0) { $0 + tanh(0.1 * $1) }
      }
      let step = 1e-6
      let own = gradient.elements
      for place in own.indices {
        var (above, below) = (direct, direct)
        above.tensors[name]!.elements[place] += step
        below.tensors[name]!.elements[place] -= step
        let (up, here, down) = (try loss(above), try loss(direct), try loss(below))
        // Where the two sides differ there is a corner, and no derivative.
        let (right, left) = ((up - here) / step, (here - down) / step)
        guard right.isFinite, left.isFinite, abs(right - left) < 1e-3 * max(1, abs(right)) else { continue }
        let central = (up - down) / (2 * step)
        #expect(
          abs(central - own[place]) <= 1e-4 * max(1, abs(central)),
          "\(text): ∂/∂\(name)[\(place)] \(own[place]), not \(central)")
        compared += 1
      }
    }
    #expect(compared > 50)
  }

  @Test("that are changed at random are computed or refused, and nothing traps", arguments: 0..<8)
  func changed(_ seed: Int) {
    let (interpreter, _) = Self.interpreter(UInt64(seed))
    var generator = EquationGenerator(numbers: SeededNumbers(seed: UInt64(3000 + seed)))
    let pieces = [
      "i", "j", "k", "l", "+1", "-1", "2", "0", "[", "]", ",", "∑[k]", "max[m]", "argmin[i,j]", "A", "D", "F[i,j]", "a",
      "p", "s", "·",
      "ᵀ", "++", "if", "then", "else", " where i in 0..<2", " where j in 0...9", "0...i", "end", ":", "...", "-", "*",
      "/", "^2", "z", "rand()",
      "sum(", ")", "z[i-1]", "z[i+1]", "∇f", "f'", "100000", "mean[q in 0...i]", "E[i,i]", "[i]", "x -> x",
    ]
    let others = [
      "h[-1] = 0", "h[0] = a", "h[t] = 0.5 * h[t-1] + a[t]", "h[t] = h[t-1] * a where t in 1..<3",
      "for t in 0..<3 { h[t] = h[t-1] + a[t] ; u[t] = h[t] ^2 }", "z[i,j] = h[i] * A[i,j]", "δ[(2)] = 1",
      "δ[l] = δ[l+1] * a[l] where l in 0..<2", "L = ∑[t] h[t]", "L = sum( h )", "∂L/∂h[1]", "∂L/∂a", "∂h[2]/∂h[0]",
      "v[t+1], r[t+1] = r[t], v[t] + 1 where t in 0..<3", "v[0] = 0 ; r[0] = 1", "h[0,j] = b[j]",
      "h[t,j] = h[t-1,j] * b[j] where t in 1..<3", "h[end]", "h[0...1]", "y(c) = { q[i] = c[i] * a[i] ; q }", "y( a )",
    ]
    var answered = 0
    for _ in 0..<400 {
      var text = Array(
        (generator.below(3) == 0 ? generator.pick(others) : generator.equation()).split(
          separator: " ", omittingEmptySubsequences: false
        ).map(String.init))
      for _ in 0...generator.below(2) {
        let place = generator.below(text.count)
        switch generator.below(4) {
        case 0: text[place] = generator.pick(pieces)
        case 1: text.insert(generator.pick(pieces), at: place)
        case 2: if text.count > 1 { text.remove(at: place) }
        default:
          var letters = Array(text[place])
          if !letters.isEmpty {
            letters[generator.below(letters.count)] =
              Array(generator.pick(["i", "j", "k", "l", "1", "+", "*", "A"]))[0]
          }
          text[place] = String(letters)
        }
      }
      switch interpreter.evaluate(text.joined(separator: " ")) {
      case .done: answered += 1
      case .failed(let diagnostic, _): #expect(!diagnostic.code.isEmpty && diagnostic.code != "E0999", "\(text)")
      default: break
      }
      _ = interpreter.clear("z")
    }
    #expect(answered > 5)
  }
}
