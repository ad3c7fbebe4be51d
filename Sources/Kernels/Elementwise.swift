import KernelInterface

/// Elements one thread takes at a time; below it a loop is not worth sharing.
private let grain = 32768

/// Calls `body(start, count)` for parts of a loop whose every element stands by itself.
@inline(__always)
func inParts(_ count: Int, _ grain: Int, _ body: (Int, Int) -> Void) {
  if count <= grain {
    body(0, count)
  } else {
    Parallel.forEach((count + grain - 1) / grain) { part in
      body(part * grain, min(grain, count - part * grain))
    }
  }
}

/// `out[i] = rule(x[i])`, a register at a time.
@inline(never)
private func mapLanes<V: Lanes, Rule: UnaryRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _: V.Type
) {
  var i = 0
  while i + V.count <= count {
    rule.of(V(load: x + i)).store(out + i)
    i += V.count
  }
  if i < count { rule.of(V(load: x + i, first: count - i)).store(out + i, first: count - i) }
}

func unary<T: VectorScalar>(
  _ op: UnaryOperation, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  let costsMuch = op.rawValue >= UnaryOperation.exp.rawValue && op.rawValue <= UnaryOperation.softplus.rawValue
  inParts(count, costsMuch && op != .relu ? grain / 4 : grain) { unaryPart(op, x + $0, out + $0, $1, T.Vector.self) }
}

private func unaryPart<V: Lanes>(
  _ op: UnaryOperation, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _: V.Type
) {
  @inline(__always) func map<Rule: UnaryRule>(_ rule: Rule.Type) { mapLanes(rule, x, out, count, V.self) }
  switch op {
  case .negate: map(UnaryRules.Negate.self)
  case .absolute: map(UnaryRules.Absolute.self)
  case .sign: map(UnaryRules.Sign.self)
  case .square: map(UnaryRules.Square.self)
  case .reciprocal: map(UnaryRules.Reciprocal.self)
  case .sqrt: map(UnaryRules.Sqrt.self)
  case .exp: map(UnaryRules.Exp.self)
  case .expm1: map(UnaryRules.Expm1.self)
  case .log: map(UnaryRules.Log.self)
  case .log1p: map(UnaryRules.Log1p.self)
  case .sin: periodic(UnaryRules.Sin.self, x, out, count, V.self, librarySine)
  case .cos: periodic(UnaryRules.Cos.self, x, out, count, V.self, libraryCosine)
  case .tan: periodic(UnaryRules.Tan.self, x, out, count, V.self, libraryTangent)
  case .tanh: map(UnaryRules.Tanh.self)
  case .erf: map(UnaryRules.Erf.self)
  case .sigmoid: map(UnaryRules.Sigmoid.self)
  case .relu: map(UnaryRules.Relu.self)
  case .softplus: map(UnaryRules.Softplus.self)
  case .floor: map(UnaryRules.Floor.self)
  case .ceil: map(UnaryRules.Ceil.self)
  case .round: map(UnaryRules.Round.self)
  }
}

/// A periodic function: blocks with an argument too large for the lanes' reduction go number by number, and those arguments to
/// the C library.
private func periodic<V: Lanes, Rule: UnaryRule>(
  _ rule: Rule.Type, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _: V.Type,
  _ library: (Double) -> Double
) {
  let block = 1024
  var start = 0
  while start < count {
    let length = min(block, count - start)
    let (x, out) = (x + start, out + start)
    if largestMagnitude(x, length, V.self) <= V.periodicLimit {
      mapLanes(rule, x, out, length, V.self)
    } else {
      for i in 0..<length {
        if x[i].magnitude > V.periodicLimit {
          out[i] = V.Scalar(library(Double(x[i])))
        } else {
          mapLanes(rule, x + i, out + i, 1, V.self)
        }
      }
    }
    start += length
  }
}

private func largestMagnitude<V: Lanes>(_ x: UnsafePointer<V.Scalar>, _ count: Int, _: V.Type) -> V.Scalar {
  var largest = V(0)
  var i = 0
  while i + V.count <= count {
    largest = V.maximumNumber(largest, V(load: x + i).magnitude)
    i += V.count
  }
  if i < count { largest = V.maximumNumber(largest, V(load: x + i, first: count - i, filler: 0).magnitude) }
  return largest.folded { $0 < $1 ? $1 : $0 }
}

func clamp<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ lower: T, _ upper: T, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  typealias V = T.Vector
  inParts(count, grain) { start, count in
    let (x, out) = (x + start, out + start)
    var i = 0
    while i + V.count <= count {
      V(load: x + i).atLeast(lower).atMost(upper).store(out + i)
      i += V.count
    }
    let rest = count - i
    if rest > 0 { V(load: x + i, first: rest).atLeast(lower).atMost(upper).store(out + i, first: rest) }
  }
}

func accumulate<T: VectorScalar>(
  _ scale: T, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  typealias V = T.Vector
  let factor = V(scale)
  inParts(count, grain) { start, count in
    let (x, out) = (x + start, out + start)
    var i = 0
    while i + V.count <= count {
      V(load: x + i).times(factor, plus: V(load: out + i)).store(out + i)
      i += V.count
    }
    let rest = count - i
    if rest > 0 {
      V(load: x + i, first: rest).times(factor, plus: V(load: out + i, first: rest)).store(out + i, first: rest)
    }
  }
}

func select<T: VectorScalar>(
  _ condition: UnsafePointer<T>, _ conditionStep: Int, _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>,
  _ bStep: Int, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  typealias V = T.Vector
  inParts(count, grain) { start, count in
    let (c, a, b) = (condition + start * conditionStep, a + start * aStep, b + start * bStep)
    let out = out + start
    var i = 0
    while i + V.count <= count {
      let mask = operand(c, conditionStep, i) != V(0)
      V.choose(mask, operand(a, aStep, i), operand(b, bStep, i)).store(out + i)
      i += V.count
    }
    while i < count {
      out[i] = c[i * conditionStep] != 0 ? a[i * aStep] : b[i * bStep]
      i += 1
    }
  }
}

/// The lanes at `i` of an operand with a step of 0 or 1.
@inline(__always)
private func operand<V: Lanes>(_ x: UnsafePointer<V.Scalar>, _ step: Int, _ i: Int) -> V {
  step == 0 ? V(x.pointee) : V(load: x + i)
}
