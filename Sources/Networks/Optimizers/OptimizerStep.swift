import Tensors

/// One step of an optimiser as it was taken: where it began, the gradients, where it came to.
///
/// Training and `minimize` keep their last one, so that it can be shown with every quantity of its rule, and another rule can be
/// tried on the same gradients.
public struct OptimizerStep: Sendable {
  /// The rule, with the state and rate it had before the step.
  public let optimizer: any Optimizer
  /// The rate of this step: a schedule may have set it.
  public let rate: Double
  /// The name of each parameter below the whole, such as `[0].W`; empty names where the parameters have none.
  public let names: [String]
  /// Each parameter before the step and after it.
  public let before, after: [Tensor]
  /// The gradients as they came, before anything is clipped.
  public let gradients: [Tensor]
  /// The step, counted from 1, and how many there were.
  public let number, count: Int

  /// Takes a step and keeps what there is to know of it.
  ///
  /// - Complexity: parameters and buffers are copied once, since what was before is kept.
  /// - Throws: what a schedule written by the user throws.
  public static func taking(
    _ optimizer: inout any Optimizer, _ parameters: inout [Tensor], _ gradients: [Tensor], names: [String] = [],
    number: Int, of count: Int
  ) throws -> OptimizerStep {
    let (before, rule) = (parameters, optimizer)
    try optimizer.update(&parameters, gradients)
    return OptimizerStep(
      optimizer: rule, rate: optimizer.rate, names: names.isEmpty ? before.map { _ in "" } : names, before: before,
      after: parameters, gradients: gradients.map(\.detached), number: number, count: count)
  }

  /// The same gradients at the same place under another rule, as its first step.
  public func trying(_ other: any Optimizer) throws -> OptimizerStep {
    var (optimizer, parameters): (any Optimizer, [Tensor]) = (other.restarted, before)
    return try .taking(&optimizer, &parameters, gradients, names: names, number: 1, of: 1)
  }
}
