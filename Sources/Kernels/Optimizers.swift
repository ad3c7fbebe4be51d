import KernelInterface

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func descentStep<T: BinaryFloatingPoint>(_ step: DescentStep<T>) {
  let (p, gradient) = (step.parameter, step.gradient)
  let (rate, momentum, keep, decay) = (T(step.rate), T(step.momentum), T(1 - step.dampening), T(step.weightDecay))
  for i in 0..<step.count {
    var g = gradient[i] + decay * p[i]
    if let v = step.velocity {
      v[i] = step.isFirst ? g : momentum * v[i] + keep * g
      g = step.nesterov ? g + momentum * v[i] : v[i]
    }
    p[i] -= rate * g
  }
}

func adamStep<T: BinaryFloatingPoint>(_ step: AdamStep<T>) {
  let (p, m, v) = (step.parameter, step.mean, step.square)
  let number = Double(step.number)
  let size = T(step.rate / (1 - pow(step.beta1, number)))
  let correction = T((1 - pow(step.beta2, number)).squareRoot())
  let (keep1, keep2, new1, new2) = (T(step.beta1), T(step.beta2), T(1 - step.beta1), T(1 - step.beta2))
  let (epsilon, decay, shrink) = (T(step.epsilon), T(step.weightDecay), T(1 - step.rate * step.weightDecay))
  for i in 0..<step.count {
    var g = step.gradient[i]
    if step.decoupled { p[i] *= shrink } else { g += decay * p[i] }
    m[i] = keep1 * m[i] + new1 * g
    v[i] = keep2 * v[i] + new2 * g * g
    var spread = v[i]
    if let largest = step.largest {
      largest[i] = max(largest[i], spread)
      spread = largest[i]
    }
    p[i] -= size * (m[i] / (spread.squareRoot() / correction + epsilon))
  }
}
