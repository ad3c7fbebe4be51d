import Tensors

@testable import Language

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A slow and direct reading of index equations: every element by itself, every sum as a loop over numbers. Written from LANGUAGE.md
/// and not from the implementation, so that the two can be held against each other.
struct DirectEvaluator {
  struct Outside: Error {}
  struct NoRange: Error {}

  /// Numbers in row-major order, with a shape.
  struct Numbers {
    var shape: [Int]
    var elements: [Double]
  }

  var tensors: [String: Numbers]

  /// The tensor that `name[i,j] = value where …` defines.
  func evaluate(_ letters: [String], _ value: Expression, _ stated: [Index]) throws -> Numbers {
    let ranges = try self.ranges(letters, value, stated)
    var result = Numbers(shape: letters.map { ranges[$0]!.count }, elements: [])
    try forEach(letters, ranges) { places in
      result.elements.append(try self.value(value, places, ranges))
    }
    return result
  }

  private func forEach(
    _ letters: [String], _ ranges: [String: Range<Int>], _ places: [String: Int] = [:],
    _ body: ([String: Int]) throws -> Void
  ) throws {
    guard let letter = letters.first else { return try body(places) }
    for number in ranges[letter]! {
      var inner = places
      inner[letter] = number
      try forEach(Array(letters.dropFirst()), ranges, inner, body)
    }
  }

  // MARK: Values

  private func value(_ expression: Expression, _ places: [String: Int], _ ranges: [String: Range<Int>]) throws -> Double
  {
    func of(_ inner: Expression) throws -> Double { try value(inner, places, ranges) }
    switch expression.kind {
    case .number(let number): return number
    case .name(let name): return places[name].map(Double.init) ?? tensors[name]!.elements[0]
    case .negate(let inner): return try -of(inner)
    case .binary(let op, let left, let right):
      let (x, y) = (try of(left), try of(right))
      switch op.kind {
      case .add: return x + y
      case .subtract: return x - y
      case .multiply, .matrixProduct: return x * y
      case .divide: return x / y
      case .power: return y == 2 ? x * x : .nan
      case .greater: return x > y ? 1 : 0
      case .lessOrEqual: return x <= y ? 1 : 0
      case .equal: return x == y ? 1 : 0
      default: return .nan
      }
    case .choice(let condition, let yes, let no): return try of(condition) != 0 ? of(yes) : of(no)
    case .call(let callee, let arguments):
      let values = try arguments.map { try of($0.value) }
      switch callee.name?.text {
      case "tanh": return tanh(values[0])
      case "exp": return exp(values[0])
      case "relu": return values[0] > 0 ? values[0] : 0
      case "max": return Swift.max(values[0], values[1])
      case "f": return values[0] * values[0] + 1
      case "g": return values[1] > 0 ? values[0] * values[1] : values[1]
      default: return .nan
      }
    case .index(let base, let items):
      let tensor = tensors[base.name!.text]!
      var flat = 0
      for (axis, item) in items.enumerated() {
        let place = Int(try of(item.value!))
        guard place >= 0, place < tensor.shape[axis] else { throw Outside() }
        flat = flat * tensor.shape[axis] + place
      }
      return tensor.elements[flat]
    case .big(let op, let indices, let body):
      var values: [Double] = []
      var own = ranges
      for index in indices {
        // A range that depends on other indices has its own ends here.
        if case .binary(let between, let low, let high)? = index.range?.kind {
          let end = Int(try of(high)) + (between.kind == .rangeThrough ? 1 : 0)
          let start = Int(try of(low))
          own[index.name.text] = start..<Swift.max(start, end)
        }
      }
      try forEach(indices.map(\.name.text), own, places) { values.append(try value(body, $0, own)) }
      switch op {
      case .sum: return values.reduce(0, +)
      case .prod: return values.reduce(1, *)
      case .mean: return values.reduce(0, +) / Double(values.count)
      case .max: return values.max() ?? .nan
      case .min: return values.min() ?? .nan
      case .argmax: return Double(values.firstIndex(of: values.max()!)!)
      case .argmin: return Double(values.firstIndex(of: values.min()!)!)
      }
    default: return .nan
    }
  }

  // MARK: Ranges

  private func ranges(_ letters: [String], _ value: Expression, _ stated: [Index]) throws -> [String: Range<Int>] {
    var order = letters
    var said: [String: Expression] = [:]
    for index in stated { said[index.name.text] = index.range }
    var reads: [(form: [String: Int], constant: Int, extent: Int, isGuarded: Bool)] = []
    func collect(_ expression: Expression, _ isGuarded: Bool) {
      switch expression.kind {
      case .index(let base, let items):
        for (axis, item) in items.enumerated() {
          if let (form, constant) = affine(item.value!, Set(order)) {
            reads.append((form, constant, tensors[base.name!.text]!.shape[axis], isGuarded))
          }
          collect(item.value!, isGuarded)
        }
      case .big(_, let indices, let body):
        for index in indices {
          order.append(index.name.text)
          if let range = index.range { said[index.name.text] = range }
        }
        collect(body, isGuarded)
      case .choice(let condition, let yes, let no):
        collect(condition, isGuarded)
        collect(yes, true)
        collect(no, true)
      default: for child in expression.children { collect(child, isGuarded) }
      }
    }
    collect(value, false)
    var ranges: [String: Range<Int>] = [:]
    var waiting: Set<String> = []
    for (letter, expression) in said {
      guard case .binary(let op, let low, let high) = expression.kind else { throw NoRange() }
      guard let a = affine(low, Set(order)), let b = affine(high, Set(order)) else { throw NoRange() }
      if a.0.isEmpty && b.0.isEmpty {
        ranges[letter] = a.1..<(b.1 + (op.kind == .rangeThrough ? 1 : 0))
      } else {
        waiting.insert(letter)
      }
    }
    for read in reads where read.constant == 0 && read.form.count == 1 && read.form.first!.value == 1 {
      if said[read.form.first!.key] == nil { ranges[read.form.first!.key] = 0..<read.extent }
    }
    func inside(_ letter: String, _ uses: [(form: [String: Int], constant: Int, extent: Int, isGuarded: Bool)])
      -> Range<Int>
    {
      let candidates = (ranges[letter] ?? -60..<60).filter { number in
        uses.allSatisfy { use in
          var (low, high) = (use.constant, use.constant)
          for (other, factor) in use.form {
            let ends =
              other == letter
              ? [factor * number] : [factor * ranges[other]!.lowerBound, factor * (ranges[other]!.upperBound - 1)]
            low += ends.min()!
            high += ends.max()!
          }
          return low >= 0 && high < use.extent
        }
      }
      return candidates.isEmpty ? 0..<0 : candidates.first!..<(candidates.last! + 1)
    }
    for read in reads where read.form.count == 1 && !read.isGuarded {
      let (letter, factor) = read.form.first!
      if said[letter] != nil || read.constant == 0 && factor == 1 { continue }
      ranges[letter] = inside(letter, [read])
    }
    while let letter = order.first(where: { letter in
      ranges[letter] == nil && said[letter] == nil
        && reads.contains { !$0.isGuarded && $0.form[letter] != nil }
        && reads.allSatisfy {
          $0.isGuarded || $0.form[letter] == nil || $0.form.keys.allSatisfy { $0 == letter || ranges[$0] != nil }
        }
    }) {
      ranges[letter] = inside(letter, reads.filter { !$0.isGuarded && $0.form[letter] != nil })
    }
    guard order.allSatisfy({ ranges[$0] != nil || waiting.contains($0) }) else { throw NoRange() }
    return ranges
  }

  private func affine(_ expression: Expression, _ letters: Set<String>) -> ([String: Int], Int)? {
    switch expression.kind {
    case .number(let number): return ([:], Int(number))
    case .name(let name): return letters.contains(name) ? ([name: 1], 0) : nil
    case .negate(let inner): return affine(inner, letters).map { ($0.0.mapValues { -$0 }, -$0.1) }
    case .binary(let op, let left, let right):
      guard let a = affine(left, letters), let b = affine(right, letters) else { return nil }
      switch op.kind {
      case .add: return (a.0.merging(b.0, uniquingKeysWith: +), a.1 + b.1)
      case .subtract: return (a.0.merging(b.0.mapValues { -$0 }, uniquingKeysWith: +), a.1 - b.1)
      case .multiply:
        if a.0.isEmpty { return (b.0.mapValues { $0 * a.1 }, b.1 * a.1) }
        return b.0.isEmpty ? (a.0.mapValues { $0 * b.1 }, a.1 * b.1) : nil
      default: return nil
      }
    default: return nil
    }
  }
}
