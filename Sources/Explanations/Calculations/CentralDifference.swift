import Tensors

/// A slope from the values of a function at both sides, as a check of a derivative.
enum CentralDifference {
  /// The slope along one number of a tensor, `(f(x + s) - f(x - s)) / 2s`.
  ///
  /// A function with many bends, as a network of relus has, may bend between `x - s` and `x + s` though not at `x`: then a tenth of the
  /// step gives another slope, and smaller steps are taken. Nil where it bends at `x` itself, and where the function gives no number.
  static func slope(of tensor: Tensor, at places: [Int], _ function: (Tensor) -> Tensor?) -> Double? {
    guard tensor.rank == places.count else { return nil }
    var flat = 0
    for (axis, place) in places.enumerated() { flat = flat * tensor.shape[axis] + place }
    guard flat < tensor.count else { return nil }
    let numbers = tensor.detached.elements
    // In double precision also where the session computes in single: what is checked is the derivative, not the rounding.
    let unmoved = function(Tensor(numbers, shape: tensor.shape, .float64))
    let isDouble = unmoved?.elementType == .float64
    let type = isDouble ? ElementType.float64 : tensor.elementType
    func number(_ result: Tensor?) -> Double? { result.flatMap { $0.count == 1 ? $0[flat: 0] : nil } }
    func value(_ change: Double) -> Double? {
      var changed = numbers
      changed[flat] += change
      let moved = Tensor(changed, shape: tensor.shape, type)
      return number(function(moved))
    }
    guard let here = isDouble ? number(unmoved) : value(0) else { return nil }
    func sides(_ step: Double) -> (left: Double, right: Double)? {
      guard let below = value(-step), let above = value(step) else { return nil }
      return ((here - below) / step, (above - here) / step)
    }
    let step = isDouble ? 1e-5 : 1e-2
    guard var found = sides(step) else { return nil }
    func mean(_ sides: (left: Double, right: Double)) -> Double { (sides.left + sides.right) / 2 }
    /// What rounding makes of a slope with such a step.
    func noise(_ step: Double) -> Double { 8 * max(1e-6, here.magnitude) * (isDouble ? 1.2e-16 : 6e-8) / step }
    if isDouble {
      for smaller in [1e-6, 1e-7] {
        guard let next = sides(smaller) else { return nil }
        let isSmooth = (mean(next) - mean(found)).magnitude <= 1e-6 * mean(next).magnitude + noise(smaller)
        if isSmooth { break }
        found = next
      }
    }
    let difference = (found.left - found.right).magnitude
    let scale = max(found.left.magnitude, found.right.magnitude)
    return difference > 0.05 * scale && difference > 100 * noise(isDouble ? 1e-7 : step) ? nil : mean(found)
  }
}
