// What each elementwise operation does to lanes: one type a rule, so that a loop that is generic over the rule is compiled once for
// each and holds nothing else.

protocol UnaryRule {
  static func of<V: Lanes>(_ x: V) -> V
}

protocol BinaryRule {
  static func of<V: Lanes>(_ a: V, _ b: V) -> V
}

enum UnaryRules {
  enum Negate: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { -x } }
  enum Absolute: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.magnitude } }
  enum Sign: UnaryRule {
    @inline(__always) static func of<V: Lanes>(_ x: V) -> V { V.choose(V(0) < x, V(1), V.choose(x < V(0), -V(1), x)) }
  }
  enum Square: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x * x } }
  enum Reciprocal: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { V(1) / x } }
  enum Sqrt: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.squareRoot } }
  enum Exp: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.exp } }
  enum Expm1: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.expm1 } }
  enum Log: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.log } }
  enum Log1p: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.log1p } }
  enum Sin: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.sin } }
  enum Cos: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.cos } }
  enum Tan: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.tan } }
  enum Tanh: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.tanh } }
  enum Erf: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.erf } }
  enum Sigmoid: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.sigmoid } }
  enum Relu: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { V.choose(x <= V(0), V(0), x) } }
  enum Softplus: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.softplus } }
  enum Floor: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.floor } }
  enum Ceil: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.ceil } }
  enum Round: UnaryRule { @inline(__always) static func of<V: Lanes>(_ x: V) -> V { x.rounded } }
}

enum BinaryRules {
  enum Add: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a + b } }
  enum Subtract: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a - b } }
  enum Multiply: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a * b } }
  enum Divide: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a / b } }
  enum Power: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a.power(b) } }
  enum Maximum: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.maximum(a, b) } }
  enum Minimum: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.minimum(a, b) } }
  enum Less: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(a < b, V(1), V(0)) }
  }
  enum LessOrEqual: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(a <= b, V(1), V(0)) }
  }
  enum Greater: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(b < a, V(1), V(0)) }
  }
  enum GreaterOrEqual: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(b <= a, V(1), V(0)) }
  }
  enum Equal: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(a == b, V(1), V(0)) }
  }
  enum NotEqual: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(a != b, V(1), V(0)) }
  }
  enum ReluGradient: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(V(0) < b, a, V(0)) }
  }
  enum TanhGradient: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { a * (V(1) - b * b) }
  }
  enum SigmoidGradient: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { a * b * (V(1) - b) }
  }
  enum PowerZero: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { V(1) } }
  enum PowerOne: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a } }
  enum PowerTwo: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a * a } }
  enum PowerThree: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { a * a * a } }
  enum PowerMinusOne: BinaryRule { @inline(__always) static func of<V: Lanes>(_ a: V, _ b: V) -> V { V(1) / a } }
  enum PowerHalf: BinaryRule {
    @inline(__always)
    static func of<V: Lanes>(_ a: V, _ b: V) -> V { V.choose(a == V(-.infinity), V(.infinity), (a + V(0)).squareRoot) }
  }
}
