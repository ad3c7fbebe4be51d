import KernelInterface
import Tensors

/// Makes a scalar function of some tensors small: as many steps of the optimiser along its gradient.
///
/// - Parameters:
///   - parameters: where to begin.
///   - optimizer: moves on in place, so that its state can be looked at.
///   - objective: a number computed from the parameters, which are variables when it is called.
///   - observer: called before each update with the step, from 1, and the value.
///   - keep: called with the last step, also where the user or the observer stops between two steps.
///   - isStop: whether an error of the objective is the user's wish to stop, in the middle of a step; what the steps before reached
///     is kept.
/// - Returns: the parameters after the last step; after the current one if the user interrupted.
/// - Throws: `ShapeError` if the objective gives no number, `MinimizationFailure`, and what objective or observer throw.
public func minimize(
  _ parameters: [Tensor], optimizer: inout any Optimizer, steps: Int,
  observer: (_ step: Int, _ value: Double) throws -> Verdict = { _, _ in .proceed },
  keeping keep: (OptimizerStep) -> Void = { _ in },
  isStop: (any Error) -> Bool = { _ in false },
  _ objective: ([Tensor]) throws -> Tensor
) throws -> [Tensor] {
  var parameters = parameters.map(\.detached)
  for step in 0..<max(0, steps) {
    let value: Double
    let slopes: [Tensor]
    do {
      (value, slopes) = try valueAndGradients(parameters, objective)
    } catch  where step > 0 && isStop(error) {
      // In the middle of a step: it is not taken, those before it were.
      Interrupt.clear()
      break
    }
    guard value.isFinite, slopes.allSatisfy(\.isFinite) else {
      throw MinimizationFailure(value: value, step: step + 1, parameters: parameters)
    }
    let verdict = try observer(step + 1, value)
    if step + 1 == steps || verdict == .stop || Interrupt.isRequested {
      keep(try .taking(&optimizer, &parameters, slopes, number: step + 1, of: steps))
    } else {
      try optimizer.update(&parameters, slopes)
    }
    if verdict == .stop || Interrupt.isRequested {
      Interrupt.clear()
      break
    }
  }
  return parameters
}

/// The function to be made small gave nan or infinity, or its gradient did.
public struct MinimizationFailure: Error, Sendable {
  public let value: Double
  /// From 1.
  public let step: Int
  /// As they were before the step.
  public let parameters: [Tensor]
}

/// A scalar function and its gradients at some tensors; the graph is gone when this returns.
func valueAndGradients(
  _ parameters: [Tensor], _ objective: ([Tensor]) throws -> Tensor
) throws -> (Double, [Tensor]) {
  let variables = parameters.map { $0.variable() }
  let value = try objective(variables)
  guard value.count == 1 else { throw ShapeError.rank(value.shape, expected: "a number") }
  return (value.item, gradients(of: value, withRespectTo: variables))
}
