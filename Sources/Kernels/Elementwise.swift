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

/// `out[i] = f(x[i])`, a register at a time.
@inline(__always)
func mapLanes<V: Lanes>(
  _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _ f: (V) -> V
) {
  var i = 0
  while i + V.count <= count {
    f(V(load: x + i)).store(out + i)
    i += V.count
  }
  if i < count { f(V(load: x + i, first: count - i)).store(out + i, first: count - i) }
}

func unary<T: VectorScalar>(
  _ op: UnaryOperation, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  let costsMuch = op.rawValue >= UnaryOperation.exp.rawValue && op.rawValue <= UnaryOperation.softplus.rawValue
  inParts(count, costsMuch && op != .relu ? grain / 4 : grain) { unaryPart(op, x + $0, out + $0, $1, T.Vector.self) }
}

@inline(never)
private func unaryPart<V: Lanes>(
  _ op: UnaryOperation, _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _: V.Type
) {
  @inline(__always) func map(_ f: (V) -> V) { mapLanes(x, out, count, f) }
  let (zero, one) = (V(0), V(1))
  switch op {
  case .negate: map { -$0 }
  case .absolute: map { $0.magnitude }
  case .sign: map { V.choose(zero < $0, one, V.choose($0 < zero, -one, $0)) }
  case .square: map { $0 * $0 }
  case .reciprocal: map { one / $0 }
  case .sqrt: map { $0.squareRoot }
  case .exp: map { $0.exp }
  case .expm1: map { $0.expm1 }
  case .log: map { $0.log }
  case .log1p: map { $0.log1p }
  case .sin: periodic(x, out, count, { (x: V) in x.sin }, librarySine)
  case .cos: periodic(x, out, count, { (x: V) in x.cos }, libraryCosine)
  case .tan: periodic(x, out, count, { (x: V) in x.tan }, libraryTangent)
  case .tanh: map { $0.tanh }
  case .erf: map { $0.erf }
  case .sigmoid: map { $0.sigmoid }
  case .relu: map { V.choose($0 <= zero, zero, $0) }
  case .softplus: map { $0.softplus }
  case .floor: map { $0.rounded(.down) }
  case .ceil: map { $0.rounded(.up) }
  case .round: map { $0.rounded(.toNearestOrEven) }
  }
}

/// A periodic function: blocks with an argument too large for the lanes' reduction go number by number, and those arguments to
/// the C library.
@inline(__always)
private func periodic<V: Lanes>(
  _ x: UnsafePointer<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _ f: (V) -> V,
  _ library: (Double) -> Double
) {
  let block = 1024
  var start = 0
  while start < count {
    let length = min(block, count - start)
    let (x, out) = (x + start, out + start)
    var largest = V(0)
    var i = 0
    while i + V.count <= length {
      largest = V.maximumNumber(largest, V(load: x + i).magnitude)
      i += V.count
    }
    if i < length { largest = V.maximumNumber(largest, V(load: x + i, first: length - i).magnitude) }
    if largest.folded({ $0 < $1 ? $1 : $0 }) <= V.periodicLimit {
      mapLanes(x, out, length, f)
    } else {
      for i in 0..<length {
        if x[i].magnitude > V.periodicLimit {
          out[i] = V.Scalar(library(Double(x[i])))
        } else {
          mapLanes(x + i, out + i, 1, f)
        }
      }
    }
    start += length
  }
}

func clamp<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ lower: T, _ upper: T, _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  inParts(count, grain) { start, count in
    mapLanes(x + start, out + start, count) { (x: T.Vector) in x.atLeast(lower).atMost(upper) }
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
