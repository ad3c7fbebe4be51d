import Tensors

extension Value {
  /// Whether it is the same as another within a relative tolerance: numbers and tensors of one shape by their elements, strings by
  /// their text, lists and records part by part.
  package func isSame(as other: Value, tolerance: Double) -> Bool {
    switch (self, other) {
    case (.string(let a), .string(let b)): return a == b
    case (.list(let a), .list(let b)): return Self.areSame(a, b, tolerance)
    case (.record(let a), .record(let b)): return a.names == b.names && Self.areSame(a.values, b.values, tolerance)
    default:
      guard let a = tensor(.float64)?.detached, let b = other.tensor(.float64)?.detached, a.shape == b.shape else {
        return false
      }
      for index in 0..<a.shape.count {
        let (x, y) = (a[flat: index], b[flat: index])
        if x == y || x.isNaN && y.isNaN { continue }
        guard abs(x - y) <= max(tolerance * max(abs(x), abs(y)), 1e-9) else { return false }
      }
      return true
    }
  }

  private static func areSame(_ a: [Value], _ b: [Value], _ tolerance: Double) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1, tolerance: tolerance) }
  }
}
