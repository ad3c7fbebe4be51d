import KernelInterface

private let grain = 32768

/// `out[i] = rule(a[i * aStep], b[i * bStep])` for each row, a register at a time.
@inline(never)
private func mapLanes<V: Lanes, Rule: BinaryRule>(
  _ rule: Rule.Type, _ a: Operand<V.Scalar>, _ b: Operand<V.Scalar>, _ out: UnsafeMutablePointer<V.Scalar>,
  _ rows: Int, _ count: Int, _: V.Type
) {
  let whole = count - V.count
  for r in 0..<rows {
    let (x, y, out) = (a.start + r * a.rowStep, b.start + r * b.rowStep, out + r * count)
    var i = 0
    if a.step == 0 {
      let first = V(x.pointee)
      while i <= whole {
        rule.of(first, V(load: y + i)).store(out + i)
        i += V.count
      }
      if i < count { rule.of(first, V(load: y + i, first: count - i)).store(out + i, first: count - i) }
    } else if b.step == 0 {
      let second = V(y.pointee)
      while i <= whole {
        rule.of(V(load: x + i), second).store(out + i)
        i += V.count
      }
      if i < count { rule.of(V(load: x + i, first: count - i), second).store(out + i, first: count - i) }
    } else {
      while i <= whole {
        rule.of(V(load: x + i), V(load: y + i)).store(out + i)
        i += V.count
      }
      let rest = count - i
      if rest > 0 { rule.of(V(load: x + i, first: rest), V(load: y + i, first: rest)).store(out + i, first: rest) }
    }
  }
}

/// One operand of a binary operation over rows: steps along a row 0 or 1, from row to row any.
private struct Operand<Scalar> {
  var start: UnsafePointer<Scalar>
  var rowStep: Int
  var step: Int
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

private func binaryRowsPart<V: Lanes>(
  _ op: BinaryOperation, _ a: UnsafePointer<V.Scalar>, _ aRowStep: Int, _ aStep: Int, _ b: UnsafePointer<V.Scalar>,
  _ bRowStep: Int, _ bStep: Int, _ out: UnsafeMutablePointer<V.Scalar>, _ rows: Int, _ count: Int, _: V.Type
) {
  let x = Operand(start: a, rowStep: aRowStep, step: aStep)
  let y = Operand(start: b, rowStep: bRowStep, step: bStep)
  @inline(__always) func map<Rule: BinaryRule>(_ rule: Rule.Type) { mapLanes(rule, x, y, out, rows, count, V.self) }
  switch op {
  case .add: map(BinaryRules.Add.self)
  case .subtract: map(BinaryRules.Subtract.self)
  case .multiply: map(BinaryRules.Multiply.self)
  case .divide: map(BinaryRules.Divide.self)
  case .power:
    // The exponents people write most are products and roots, exact or nearly so.
    switch bStep == 0 && bRowStep == 0 ? b.pointee : .nan {
    case 0: map(BinaryRules.PowerZero.self)
    case 1: map(BinaryRules.PowerOne.self)
    case 2: map(BinaryRules.PowerTwo.self)
    case 3: map(BinaryRules.PowerThree.self)
    case -1: map(BinaryRules.PowerMinusOne.self)
    case 0.5: map(BinaryRules.PowerHalf.self)
    default: map(BinaryRules.Power.self)
    }
  case .modulo: modulo(x, y, out, rows, count)
  case .maximum: map(BinaryRules.Maximum.self)
  case .minimum: map(BinaryRules.Minimum.self)
  case .less: map(BinaryRules.Less.self)
  case .lessOrEqual: map(BinaryRules.LessOrEqual.self)
  case .greater: map(BinaryRules.Greater.self)
  case .greaterOrEqual: map(BinaryRules.GreaterOrEqual.self)
  case .equal: map(BinaryRules.Equal.self)
  case .notEqual: map(BinaryRules.NotEqual.self)
  case .reluGradient: map(BinaryRules.ReluGradient.self)
  case .tanhGradient: map(BinaryRules.TanhGradient.self)
  case .sigmoidGradient: map(BinaryRules.SigmoidGradient.self)
  }
}

private func modulo<T: VectorScalar>(
  _ a: Operand<T>, _ b: Operand<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  for r in 0..<rows {
    let (x, y, out) = (a.start + r * a.rowStep, b.start + r * b.rowStep, out + r * count)
    for i in 0..<count {
      let divisor = y[i * b.step]
      let rest = x[i * a.step].truncatingRemainder(dividingBy: divisor)
      out[i] =
        rest == 0 ? T(signOf: divisor, magnitudeOf: 0) : (rest < 0) != (divisor < 0) ? rest + divisor : rest
    }
  }
}
