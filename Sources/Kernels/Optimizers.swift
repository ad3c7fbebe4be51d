import KernelInterface

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let grain = 32768

/// The constants of a descent step, in every lane.
private struct DescentRule<V: Lanes> {
  let minusRate: V
  let momentum: V
  let keep: V
  let decay: V
  let isFirst: Bool
  let nesterov: Bool

  init(_ step: DescentStep<V.Scalar>) {
    minusRate = V(V.Scalar(-step.rate))
    momentum = V(V.Scalar(step.momentum))
    keep = V(V.Scalar(1 - step.dampening))
    decay = V(V.Scalar(step.weightDecay))
    (isFirst, nesterov) = (step.isFirst, step.nesterov)
  }

  @inline(__always)
  func plain(_ p: V, _ gradient: V) -> V { decay.times(p, plus: gradient).times(minusRate, plus: p) }

  @inline(__always)
  func withMomentum(_ p: V, _ gradient: V, _ velocity: V) -> (p: V, velocity: V) {
    let g = decay.times(p, plus: gradient)
    let speed = isFirst ? g : momentum.times(velocity, plus: keep * g)
    return ((nesterov ? momentum.times(speed, plus: g) : speed).times(minusRate, plus: p), speed)
  }
}

func descentStep<T: VectorScalar>(_ step: DescentStep<T>) {
  inParts(step.count, grain) { start, count in
    if let velocity = step.velocity {
      descentPart(
        DescentRule<T.Vector>(step), step.parameter + start, step.gradient + start, velocity + start, count)
    } else {
      descentPart(DescentRule<T.Vector>(step), step.parameter + start, step.gradient + start, count)
    }
  }
}

private func descentPart<V: Lanes>(
  _ rule: DescentRule<V>, _ p: UnsafeMutablePointer<V.Scalar>, _ g: UnsafePointer<V.Scalar>, _ count: Int
) {
  var i = 0
  while i + V.count <= count {
    rule.plain(V(load: p + i), V(load: g + i)).store(p + i)
    i += V.count
  }
  let n = count - i
  if n > 0 { rule.plain(V(load: p + i, first: n), V(load: g + i, first: n)).store(p + i, first: n) }
}

private func descentPart<V: Lanes>(
  _ rule: DescentRule<V>, _ p: UnsafeMutablePointer<V.Scalar>, _ g: UnsafePointer<V.Scalar>,
  _ velocity: UnsafeMutablePointer<V.Scalar>, _ count: Int
) {
  var i = 0
  while i + V.count <= count {
    let new = rule.withMomentum(V(load: p + i), V(load: g + i), V(load: velocity + i))
    new.p.store(p + i)
    new.velocity.store(velocity + i)
    i += V.count
  }
  let n = count - i
  if n > 0 {
    let new = rule.withMomentum(V(load: p + i, first: n), V(load: g + i, first: n), V(load: velocity + i, first: n))
    new.p.store(p + i, first: n)
    new.velocity.store(velocity + i, first: n)
  }
}

/// The constants of an Adam step, in every lane.
private struct AdamRule<V: Lanes> {
  let minusSize: V
  let correction: V
  let keep1: V
  let keep2: V
  let new1: V
  let new2: V
  let epsilon: V
  let decay: V
  let shrink: V

  init(_ step: AdamStep<V.Scalar>) {
    let number = Double(step.number)
    minusSize = V(V.Scalar(-step.rate / (1 - pow(step.beta1, number))))
    correction = V(V.Scalar(1 / (1 - pow(step.beta2, number)).squareRoot()))
    (keep1, keep2) = (V(V.Scalar(step.beta1)), V(V.Scalar(step.beta2)))
    (new1, new2) = (V(V.Scalar(1 - step.beta1)), V(V.Scalar(1 - step.beta2)))
    epsilon = V(V.Scalar(step.epsilon))
    decay = V(V.Scalar(step.decoupled ? 0 : step.weightDecay))
    shrink = V(V.Scalar(step.decoupled ? 1 - step.rate * step.weightDecay : 1))
  }

  /// The new parameter, mean and square; `largest` too when there is one.
  @inline(__always)
  func of(_ p: V, _ gradient: V, _ mean: V, _ square: V, _ largest: V?) -> (p: V, mean: V, square: V, largest: V) {
    let old = p * shrink
    let g = decay.times(old, plus: gradient)
    let m = keep1.times(mean, plus: new1 * g)
    let v = keep2.times(square, plus: new2 * (g * g))
    var spread = v
    if let largest { spread = V.maximum(largest, v) }
    return ((m / spread.squareRoot.times(correction, plus: epsilon)).times(minusSize, plus: old), m, v, spread)
  }
}

func adamStep<T: VectorScalar>(_ step: AdamStep<T>) {
  let rule = AdamRule<T.Vector>(step)
  inParts(step.count, grain) { start, count in
    var part = step
    part.parameter += start
    part.gradient += start
    part.mean += start
    part.square += start
    part.largest = step.largest.map { $0 + start }
    part.count = count
    if step.largest == nil { adamPart(rule, part) } else { adamLargestPart(rule, part) }
  }
}

private func adamPart<V: Lanes>(_ rule: AdamRule<V>, _ step: AdamStep<V.Scalar>) {
  let (p, g, m, v) = (step.parameter, step.gradient, step.mean, step.square)
  var i = 0
  while i + V.count <= step.count {
    let new = rule.of(V(load: p + i), V(load: g + i), V(load: m + i), V(load: v + i), nil)
    new.p.store(p + i)
    new.mean.store(m + i)
    new.square.store(v + i)
    i += V.count
  }
  let n = step.count - i
  if n > 0 {
    let new = rule.of(
      V(load: p + i, first: n), V(load: g + i, first: n), V(load: m + i, first: n), V(load: v + i, first: n), nil)
    new.p.store(p + i, first: n)
    new.mean.store(m + i, first: n)
    new.square.store(v + i, first: n)
  }
}

/// Adam that keeps the largest square (AMSGrad): rare, so every register is loaded as if it were partial.
private func adamLargestPart<V: Lanes>(_ rule: AdamRule<V>, _ step: AdamStep<V.Scalar>) {
  guard let largest = step.largest else { return }
  let (p, g, m, v) = (step.parameter, step.gradient, step.mean, step.square)
  var i = 0
  while i < step.count {
    let n = min(V.count - 1, step.count - i)
    let new = rule.of(
      V(load: p + i, first: n), V(load: g + i, first: n), V(load: m + i, first: n), V(load: v + i, first: n),
      V(load: largest + i, first: n))
    new.p.store(p + i, first: n)
    new.mean.store(m + i, first: n)
    new.square.store(v + i, first: n)
    new.largest.store(largest + i, first: n)
    i += n
  }
}
