import Display
import Language
import Networks
import Tensors

/// The gradient of a loss by one value against central differences, number by number.
///
/// Where the session computes in single precision, the lines are run again in double, so that what is found is the error of the
/// gradient and not that of a difference of two neighbours.
struct GradientCheck {
  /// What came of comparing one tensor.
  struct Outcome {
    var tried = 0
    /// Those within the bound, and those at a kink whose gradient is the slope right beside it.
    var (good, bent) = (0, 0)
    /// The first that is neither, with the slope that was found there.
    var worst: (element: Int, slope: Double?)?
    /// `1e-8`, more where rounding hides that much.
    var bound = ""

    var isGood: Bool { good + bent == tried }
  }

  private let interpreter: Interpreter
  private let ancestry: Ancestry
  /// How far a difference may be from a gradient, relative where that is above 1.
  private let tolerance: Double
  /// In a session in single precision: what the lines begin with, in double.
  private let doubled: [(version: Version, value: Value)]

  /// At most as many numbers of a tensor are tried; they lie evenly.
  private static let most = 200

  init(_ interpreter: Interpreter, _ ancestry: Ancestry, isSingle: Bool) {
    self.interpreter = interpreter
    self.ancestry = ancestry
    tolerance = isSingle ? 1e-4 : 1e-8
    doubled =
      isSingle
      ? ancestry.givenValues.filter { !$0.value.tensors.isEmpty }.map { version in
        (version, version.value.replacing(version.value.tensors.map { $0.cast(to: .float64) }))
      } : []
  }

  /// - Parameter goesOn: asked before each number.
  mutating func compare(_ gradient: Tensor, _ leaf: Version, _ index: Int, while goesOn: () -> Bool) -> Outcome {
    let exact = gradient.detached.elements
    let tensor = leaf.value.tensors[index]
    var outcome = Outcome()
    var widest = tolerance
    let wanted = min(exact.count, Self.most)
    for number in 0..<wanted {
      guard goesOn() else { break }
      let element = number * exact.count / wanted
      outcome.tried += 1
      let difference = CentralDifference(of: tensor, at: element) { value(leaf, index, $0) }
      let bound = max(tolerance * max(1, exact[element].magnitude), difference?.noise ?? 0)
      if let difference, !difference.isBent, (difference.mean - exact[element]).magnitude <= bound {
        outcome.good += 1
        widest = max(widest, difference.noise / max(1, exact[element].magnitude))
      } else if difference?.isBent != false, isRightBeside(leaf, index, element, bound) {
        outcome.bent += 1
      } else if outcome.worst == nil {
        outcome.worst = (element, difference?.mean)
      }
    }
    outcome.bound = Self.powerOfTen(above: widest)
    return outcome
  }

  /// The loss with one tensor of a value changed; all that is not changed is as precise as what is.
  private func value(_ leaf: Version, _ index: Int, _ changed: Tensor) -> Tensor? {
    var leaves = leaf.value.tensors.map { $0.cast(to: changed.elementType) }
    leaves[index] = changed
    let others = doubled.filter { $0.version !== leaf }
    let rerun = try? interpreter.rerun(ancestry, changing: others + [(leaf, leaf.value.replacing(leaves))])
    return rerun?[ancestry.root].asTensor(.float64)?.detached
  }

  /// Whether the gradient is the slope a little to one side of where a function bends.
  private func isRightBeside(_ leaf: Version, _ index: Int, _ element: Int, _ bound: Double) -> Bool {
    let unit = max(1, leaf.value.tensors[index][flat: element].magnitude)
    return [2e-4, -2e-4].contains { side in
      func moved(_ tensor: Tensor) -> Tensor {
        var numbers = tensor.detached.elements
        numbers[element] += side * unit
        return Tensor(numbers, shape: tensor.shape, .float64)
      }
      var place = -1
      let gradients = try? interpreter.gradients(of: ancestry, by: [leaf]) { tensor in
        place += 1
        return place == index ? moved(tensor) : tensor
      }
      guard let exact = gradients?.first?[index][flat: element],
        let difference = CentralDifference(
          of: moved(leaf.value.tensors[index]), at: element, { value(leaf, index, $0) })
      else { return false }
      return (difference.mean - exact).magnitude <= 10 * max(bound, difference.noise)
    }
  }

  private static func powerOfTen(above number: Double) -> String {
    var (exponent, power) = (-8, 1e-8)
    // A power that was reached by multiplying is a little off.
    while power < 0.999 * number, exponent < 300 { (exponent, power) = (exponent + 1, power * 10) }
    return "1e\(exponent)"
  }
}
