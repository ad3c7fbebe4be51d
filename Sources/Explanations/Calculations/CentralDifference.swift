import Tensors

/// A slope from the values of a function at both sides, `(f(x + s) - f(x - s)) / 2s`: the check of a derivative.
struct CentralDifference {
  /// The mean of the slopes to both sides.
  let mean: Double
  /// By how much rounding may have changed it.
  let noise: Double
  /// Whether the slopes to both sides differ however small the step: a bend at `x` itself, where no mean is the derivative.
  let isBent: Bool

  /// The slope along one number of a tensor.
  ///
  /// A function with many bends, as a network of relus has, may bend between `x - s` and `x + s` though not at `x`: then a tenth of the
  /// step gives another slope, and smaller steps are taken. A large number is moved by more. Nil where the function gives no number.
  ///
  /// - Parameter function: is given numbers in double precision also where the session computes in single, since what is checked is the
  ///   derivative, not the rounding; what it gives in single precision is taken at larger steps.
  init?(of tensor: Tensor, at element: Int, _ function: (Tensor) -> Tensor?) {
    guard tensor.detached.elements.indices.contains(element) else { return nil }
    let numbers = tensor.detached.elements
    let unmoved = function(Tensor(numbers, shape: tensor.shape, .float64))
    let isDouble = unmoved?.elementType == .float64
    func number(_ result: Tensor?) -> Double? {
      result.flatMap { $0.count == 1 ? $0[flat: 0] : nil }.flatMap { $0.isFinite ? $0 : nil }
    }
    func value(_ change: Double) -> Double? {
      var changed = numbers
      changed[element] += change
      return number(function(Tensor(changed, shape: tensor.shape, isDouble ? .float64 : tensor.elementType)))
    }
    guard let here = isDouble ? number(unmoved) : value(0) else { return nil }
    let unit = max(1, numbers[element].magnitude)
    func rounding(_ step: Double) -> Double { 8 * max(1e-6, here.magnitude) * (isDouble ? 1.2e-16 : 6e-8) / step }
    func sides(_ step: Double) -> (mean: Double, jump: Double)? {
      guard let below = value(-step), let above = value(step) else { return nil }
      return ((above - below) / (2 * step), ((above - here) - (here - below)).magnitude / step)
    }
    let steps = (isDouble ? [1e-5, 1e-6, 1e-7, 1e-8, 1e-9] : [1e-2, 1e-3]).map { $0 * unit }
    guard var found = sides(steps[0]) else { return nil }
    var (step, isBent) = (steps[0], false)
    for smaller in steps.dropFirst() {
      guard let next = sides(smaller) else { break }
      // A curve's two slopes come together as the step shrinks; those of a bend do not.
      isBent = next.jump > 0.5 * found.jump && next.jump > 100 * rounding(smaller)
      let isSame =
        (next.mean - found.mean).magnitude <= (isDouble ? 1e-9 : 1e-3) * next.mean.magnitude + rounding(smaller)
      if isSame { break }
      (found, step) = (next, smaller)
    }
    (mean, noise, self.isBent) = (found.mean, rounding(step), isBent)
  }

  /// The slope along the number at a place, by its index on each axis.
  init?(of tensor: Tensor, at places: [Int], _ function: (Tensor) -> Tensor?) {
    guard tensor.rank == places.count else { return nil }
    var element = 0
    for (axis, place) in places.enumerated() { element = element * tensor.shape[axis] + place }
    self.init(of: tensor, at: element, function)
  }
}
