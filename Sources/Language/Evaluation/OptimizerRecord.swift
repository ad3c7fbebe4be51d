import Networks
import Tensors

/// What a line remembers of the optimiser that made its value: the last step, and what was made small.
package struct OptimizerRecord {
  package let step: OptimizerStep
  /// The line that ran it.
  package let origin: Origin
  /// The name it bound: `w`, `net`.
  package let name: String
  /// What was made small, as it was typed: `J`; empty for a training, whose loss has no name, and for `update`.
  package let objective: String
  /// Whether it was `train`, whose parameters are those of a network.
  package let isTraining: Bool
  /// The name of each parameter as it can be typed: `w`, `θ.b`, `net[0].W`.
  package let parameterNames: [String]
}

/// A step as the running line left it, before anybody asks for the name it made.
struct KeptStep {
  let step: OptimizerStep
  let origin: Origin
  let objective: String
  let isTraining: Bool
}

extension Machine {
  /// Remembers the step under the name that the running line binds, in place of an earlier one; in a loop the last one stays.
  func remember(_ step: OptimizerStep, of objective: String, isTraining: Bool = false) {
    guard let running, !isTrial, replays.isEmpty else { return }
    let name = running.firstTarget ?? ""
    if keptSteps[name]?.origin !== running {
      keptSteps = keptSteps.filter { name, kept in name.isEmpty || cells[name]?.origin === kept.origin }
    }
    keptSteps[name] = KeptStep(step: step, origin: running, objective: objective, isTraining: isTraining)
    lastOptimized = name
  }
}

extension Origin {
  /// The first name that its statement binds.
  fileprivate var firstTarget: String? {
    guard case .bind(let targets, _, _) = statement.kind else { return nil }
    return targets.first?.rootName
  }
}

extension Interpreter {
  /// The optimiser's step that gave a name its value; without a name the last one that still stands. Nil if there is none.
  package func optimizerRecord(of name: String? = nil) -> OptimizerRecord? {
    guard let name = name ?? machine.lastOptimized else { return nil }
    if name.isEmpty {
      // A loop made it: which of the names it bound has what the step gave?
      let names = machine.cells.values.filter { $0.origin === machine.keptSteps[""]?.origin }.map(\.name).sorted()
      return names.lazy.compactMap { self.optimizerRecord(of: $0) }.first
    }
    guard let kept = machine.keptSteps[name] ?? machine.keptSteps[""], let cell = machine.cells[name],
      cell.origin === kept.origin
    else { return nil }
    // A function may have gone on computing with what the optimiser gave.
    guard let leaves = cell.value.leaves(machine.elementType), leaves.count == kept.step.after.count,
      zip(leaves, kept.step.after).allSatisfy({ $0.shape == $1.shape && $0.isSame(as: $1) })
    else { return nil }
    var names: [String] = []
    cell.value.nameLeaves(name, into: &names)
    return OptimizerRecord(
      step: kept.step, origin: kept.origin, name: name, objective: kept.objective, isTraining: kept.isTraining,
      parameterNames: names)
  }
}

extension Value {
  /// The names of its leaves, in their order, as parts of `name`.
  package func nameLeaves(_ name: String, into names: inout [String]) {
    switch self {
    case .number, .tensor, .range: names.append(name)
    case .record(let record):
      for (field, value) in zip(record.names, record.values) { value.nameLeaves("\(name).\(field)", into: &names) }
    case .list(let items):
      for (index, value) in items.enumerated() { value.nameLeaves("\(name)[\(index)]", into: &names) }
    case .network(let network): names += network.network.parameters.map { name + $0.name }
    default: break
    }
  }
}

extension Tensor {
  /// Whether two tensors of one shape hold the same numbers; the first few hundred tell.
  fileprivate func isSame(as other: Tensor) -> Bool {
    let (a, b) = (detached, other.detached)
    return (0..<Swift.min(count, 256)).allSatisfy {
      a[flat: $0] == b[flat: $0] || a[flat: $0].isNaN && b[flat: $0].isNaN
    }
  }
}
