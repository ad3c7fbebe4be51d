/// One step of stochastic gradient descent over a whole parameter, as PyTorch's `SGD` takes it:
///
///     g ← g + weightDecay · p
///     v ← momentum · v + (1 - dampening) · g        at the first step v ← g
///     p ← p - rate · (nesterov ? g + momentum · v : v)
///
/// Without a velocity buffer the last line is `p ← p - rate · g`.
public struct DescentStep<Scalar: Sendable> {
  public var parameter: UnsafeMutablePointer<Scalar>
  public var gradient: UnsafePointer<Scalar>
  public var velocity: UnsafeMutablePointer<Scalar>?
  public var count: Int
  public var rate: Double
  public var momentum: Double
  public var dampening: Double
  public var weightDecay: Double
  public var nesterov: Bool
  /// The velocity holds nothing yet: it becomes the gradient.
  public var isFirst: Bool

  public init(
    parameter: UnsafeMutablePointer<Scalar>, gradient: UnsafePointer<Scalar>,
    velocity: UnsafeMutablePointer<Scalar>? = nil, count: Int, rate: Double, momentum: Double = 0,
    dampening: Double = 0,
    weightDecay: Double = 0, nesterov: Bool = false, isFirst: Bool = false
  ) {
    self.parameter = parameter
    self.gradient = gradient
    self.velocity = velocity
    self.count = count
    self.rate = rate
    self.momentum = momentum
    self.dampening = dampening
    self.weightDecay = weightDecay
    self.nesterov = nesterov
    self.isFirst = isFirst
  }
}

/// One step of Adam over a whole parameter, as PyTorch's `Adam` and `AdamW` take it, with step number `t` counted from 1:
///
///     p ← p - rate · weightDecay · p                 decoupled (AdamW); else g ← g + weightDecay · p
///     m ← β₁ m + (1 - β₁) g
///     v ← β₂ v + (1 - β₂) g²
///     p ← p - rate / (1 - β₁ᵗ) · m / (√v / √(1 - β₂ᵗ) + ε)
///
/// With a `largest` buffer (AMSGrad) `v` in the last line is the largest so far.
public struct AdamStep<Scalar: Sendable> {
  public var parameter: UnsafeMutablePointer<Scalar>
  public var gradient: UnsafePointer<Scalar>
  public var mean: UnsafeMutablePointer<Scalar>
  public var square: UnsafeMutablePointer<Scalar>
  public var largest: UnsafeMutablePointer<Scalar>?
  public var count: Int
  /// The number of this step, from 1.
  public var number: Int
  public var rate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double
  public var decoupled: Bool

  public init(
    parameter: UnsafeMutablePointer<Scalar>, gradient: UnsafePointer<Scalar>, mean: UnsafeMutablePointer<Scalar>,
    square: UnsafeMutablePointer<Scalar>, largest: UnsafeMutablePointer<Scalar>? = nil, count: Int, number: Int,
    rate: Double, beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double = 0, decoupled: Bool = false
  ) {
    self.parameter = parameter
    self.gradient = gradient
    self.mean = mean
    self.square = square
    self.largest = largest
    self.count = count
    self.number = number
    self.rate = rate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.decoupled = decoupled
  }
}
