import KernelInterface

/// Numbers one thread takes at a time.
private let grain = 16384

/// Rows of one thread's part.
@inline(__always)
private func rowsTogether(_ count: Int) -> Int { max(1, grain / max(count, 1)) }

func softmax<T: VectorScalar>(
  _ logarithm: Bool, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  typealias V = T.Vector
  inParts(rows, rowsTogether(count)) { start, length in
    for r in start..<start + length {
      let (row, target) = (x + r * count, out + r * count)
      let top = total(ReductionRules.Maximum.self, row, count, V.self)
      if logarithm {
        let rest = V(sumOfExponentials(row, top, nil, count, V.self)).log
        var i = 0
        while i + V.count <= count {
          ((V(load: row + i) - V(top)) - rest).store(target + i)
          i += V.count
        }
        if i < count { ((V(load: row + i, first: count - i) - V(top)) - rest).store(target + i, first: count - i) }
      } else {
        let scale = V(1) / V(sumOfExponentials(row, top, target, count, V.self))
        var i = 0
        while i + V.count <= count {
          (V(load: target + i) * scale).store(target + i)
          i += V.count
        }
        if i < count { (V(load: target + i, first: count - i) * scale).store(target + i, first: count - i) }
      }
    }
  }
}

/// `∑ exp(x[i] - top)`, and the terms themselves into `out` if there is one.
private func sumOfExponentials<V: Lanes>(
  _ x: UnsafePointer<V.Scalar>, _ top: V.Scalar, _ out: UnsafeMutablePointer<V.Scalar>?, _ count: Int, _: V.Type
) -> V.Scalar {
  let shift = V(top)
  var sum = V(0)
  var i = 0
  // Accumulators of at most 1024 terms a lane, added up side by side.
  while i + V.count <= count {
    var part = V(0)
    let end = min(count, i + 1024 * V.count)
    while i + V.count <= end {
      let term = (V(load: x + i) - shift).exp
      if let out { term.store(out + i) }
      part = part + term
      i += V.count
    }
    sum = sum + part
  }
  if i < count {
    let term = (V(load: x + i, first: count - i, filler: -.infinity) - shift).exp
    if let out { term.store(out + i, first: count - i) }
    sum = sum + term
  }
  return sum.folded { $0 + $1 }
}

func logSumExp<T: VectorScalar>(
  _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int, _ count: Int
) {
  typealias V = T.Vector
  inParts(rows, rowsTogether(count)) { start, length in
    for r in start..<start + length {
      let row = x + r * count
      let top = total(ReductionRules.Maximum.self, row, count, V.self)
      let shift = top.isFinite ? top : 0
      let sum = sumOfExponentials(row, shift, nil, count, V.self)
      out[r] = shift + V(sum).log.folded { first, _ in first }
    }
  }
}

func softmaxGradient<T: VectorScalar>(
  _ logarithm: Bool, _ g: UnsafePointer<T>, _ y: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, _ rows: Int,
  _ count: Int
) {
  typealias V = T.Vector
  inParts(rows, rowsTogether(count)) { start, length in
    for r in start..<start + length {
      let (g, y, out) = (g + r * count, y + r * count, out + r * count)
      let sum = V(
        logarithm ? total(ReductionRules.Sum.self, g, count, V.self) : dotTotal(g, y, count, V.self))
      var i = 0
      while i + V.count <= count {
        let (gradient, value) = (V(load: g + i), V(load: y + i))
        (logarithm ? gradient - value.exp * sum : value * (gradient - sum)).store(out + i)
        i += V.count
      }
      let n = count - i
      if n > 0 {
        let (gradient, value) = (V(load: g + i, first: n), V(load: y + i, first: n))
        (logarithm ? gradient - value.exp * sum : value * (gradient - sum)).store(out + i, first: n)
      }
    }
  }
}
