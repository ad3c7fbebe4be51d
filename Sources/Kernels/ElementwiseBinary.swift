import KernelInterface

private let grain = 32768

/// `out[i] = f(a[i * aStep], b[i * bStep])`, a register at a time.
@inline(__always)
private func mapLanes<V: Lanes>(
  _ a: UnsafePointer<V.Scalar>, _ aStep: Int, _ b: UnsafePointer<V.Scalar>, _ bStep: Int,
  _ out: UnsafeMutablePointer<V.Scalar>, _ count: Int, _ f: (V, V) -> V
) {
  var i = 0
  let whole = count - V.count
  if aStep == 0 {
    let first = V(a.pointee)
    while i <= whole {
      f(first, V(load: b + i)).store(out + i)
      i += V.count
    }
    if i < count { f(first, V(load: b + i, first: count - i)).store(out + i, first: count - i) }
  } else if bStep == 0 {
    let second = V(b.pointee)
    while i <= whole {
      f(V(load: a + i), second).store(out + i)
      i += V.count
    }
    if i < count { f(V(load: a + i, first: count - i), second).store(out + i, first: count - i) }
  } else {
    while i <= whole {
      f(V(load: a + i), V(load: b + i)).store(out + i)
      i += V.count
    }
    if i < count {
      f(V(load: a + i, first: count - i), V(load: b + i, first: count - i)).store(out + i, first: count - i)
    }
  }
}

func binary<T: VectorScalar>(
  _ op: BinaryOperation, _ a: UnsafePointer<T>, _ aStep: Int, _ b: UnsafePointer<T>, _ bStep: Int,
  _ out: UnsafeMutablePointer<T>, _ count: Int
) {
  if aStep == 0 && bStep == 0 {
    guard count > 0 else { return }
    binaryRowsPart(op, a, 0, 1, b, 0, 1, out, 1, 1, T.Vector.self)
    fill(out.pointee, out, count)
    return
  }
  let costsMuch = op == .power || op == .modulo
  inParts(count, costsMuch ? grain / 8 : grain) { start, count in
    binaryRowsPart(op, a + start * aStep, 0, aStep, b + start * bStep, 0, bStep, out + start, 1, count, T.Vector.self)
  }
}

func binaryRows<T: VectorScalar>(
  _ op: BinaryOperation, _ a: UnsafePointer<T>, _ aRowStep: Int, _ aStep: Int, _ b: UnsafePointer<T>, _ bRowStep: Int,
  _ bStep: Int, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  if rows == 1 || (aStep == 0 && bStep == 0) || count > grain {
    for r in 0..<rows { binary(op, a + r * aRowStep, aStep, b + r * bRowStep, bStep, out + r * count, count) }
    return
  }
  inParts(rows, max(1, grain / max(count, 1))) { start, rows in
    binaryRowsPart(
      op, a + start * aRowStep, aRowStep, aStep, b + start * bRowStep, bRowStep, bStep, out + start * count, rows,
      count,
      T.Vector.self)
  }
}

@inline(never)
private func binaryRowsPart<V: Lanes>(
  _ op: BinaryOperation, _ a: UnsafePointer<V.Scalar>, _ aRowStep: Int, _ aStep: Int, _ b: UnsafePointer<V.Scalar>,
  _ bRowStep: Int, _ bStep: Int, _ out: UnsafeMutablePointer<V.Scalar>, _ rows: Int, _ count: Int, _: V.Type
) {
  @inline(__always) func map(_ f: (V, V) -> V) {
    for r in 0..<rows { mapLanes(a + r * aRowStep, aStep, b + r * bRowStep, bStep, out + r * count, count, f) }
  }
  @inline(__always) func each(_ f: (V.Scalar, V.Scalar) -> V.Scalar) {
    for r in 0..<rows {
      let (a, b, out) = (a + r * aRowStep, b + r * bRowStep, out + r * count)
      for i in 0..<count { out[i] = f(a[i * aStep], b[i * bStep]) }
    }
  }
  let (zero, one) = (V(0), V(1))
  switch op {
  case .add: map { $0 + $1 }
  case .subtract: map { $0 - $1 }
  case .multiply: map { $0 * $1 }
  case .divide: map { $0 / $1 }
  case .power:
    // The exponents people write most are products and roots, exact or nearly so.
    switch bStep == 0 && bRowStep == 0 ? b.pointee : .nan {
    case 0: map { _, _ in one }
    case 1: map { x, _ in x }
    case 2: map { x, _ in x * x }
    case 3: map { x, _ in x * x * x }
    case -1: map { x, _ in one / x }
    case 0.5: map { x, _ in V.choose(x == V(-.infinity), V(.infinity), (x + zero).squareRoot) }
    default: map { $0.power($1) }
    }
  case .maximum: map { V.maximum($0, $1) }
  case .minimum: map { V.minimum($0, $1) }
  case .modulo:
    each {
      let r = $0.truncatingRemainder(dividingBy: $1)
      if r == 0 { return V.Scalar(signOf: $1, magnitudeOf: 0) }
      return (r < 0) != ($1 < 0) ? r + $1 : r
    }
  case .less: map { V.choose($0 < $1, one, zero) }
  case .lessOrEqual: map { V.choose($0 <= $1, one, zero) }
  case .greater: map { V.choose($1 < $0, one, zero) }
  case .greaterOrEqual: map { V.choose($1 <= $0, one, zero) }
  case .equal: map { V.choose($0 == $1, one, zero) }
  case .notEqual: map { V.choose($0 != $1, one, zero) }
  case .reluGradient: map { V.choose(zero < $1, $0, zero) }
  case .tanhGradient: map { $0 * (one - $1 * $1) }
  case .sigmoidGradient: map { $0 * $1 * (one - $1) }
  }
}
