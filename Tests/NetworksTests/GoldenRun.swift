import Networks
import Tensors

/// One calculation of a golden case in one precision.
///
/// It hands out the case's tensors, as variables where the case has their gradients, and notes every result the case has numbers of.
/// What was not looked at in any calculation of the case is found afterwards, so nothing can go unchecked.
final class GoldenRun {
  let file: GoldenFile
  let type: ElementType
  /// What is added to the variables, to see how gradients change.
  let shift: [String: Tensor]
  private(set) var variables: [String: Tensor] = [:]
  private var results: [(name: String, steps: [Tensor], isSequence: Bool)] = []
  /// The outputs and gradients that were compared.
  private(set) var seenOutputs: Set<String> = []
  private(set) var seenGradients: Set<String> = []
  /// What differed, in words.
  private(set) var differences: [String] = []

  init(_ file: GoldenFile, _ type: ElementType, shift: [String: Tensor] = [:]) {
    (self.file, self.type, self.shift) = (file, type, shift)
  }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// 1e-9 of the larger of 1 and the largest reference in f64, 1e-4 in f32.
  var tolerance: Double { type == .float64 ? 1e-9 : 1e-4 }
  /// Of optimisers' ways: rounding adds up over the steps, and roots of small differences enlarge it.
  var trajectoryTolerance: Double { type == .float64 ? 1e-9 : 2e-3 }

  /// An input or a parameter, as a variable if the case has the gradient by it.
  func callAsFunction(_ name: String) throws -> Tensor {
    guard file.grads[name] != nil else { return try constant(name) }
    if let known = variables[name] { return known }
    var value = try constant(name)
    if let shift = shift[name] { value = value + shift.cast(to: type) }
    let variable = value.variable()
    variables[name] = variable
    return variable
  }

  /// An input or a parameter that no gradient is asked by.
  func constant(_ name: String) throws -> Tensor {
    guard let numbers = file.inputs[name] ?? file.params[name] else {
      throw Missing(description: "no input or parameter \(name)")
    }
    return numbers.tensor.cast(to: type)
  }

  /// Notes a result, and that the gradient by it is asked for where the case has one.
  func expect(_ found: Tensor, _ name: String, gradient: Bool = true, tolerance: Double? = nil) {
    guard let wanted = file.outputs[name] else { return }
    seenOutputs.insert(name)
    compare(found, wanted, name, tolerance ?? self.tolerance)
    if gradient, file.grads[name] != nil { results.append((name, [found], false)) }
  }

  /// Notes the steps of a sequence, each `[n, ...]`, which the case keeps as `[n, t, ...]`.
  func expect(steps: [Tensor], _ name: String) {
    expect(GoldenRun.sequence(steps), name, gradient: false)
    if file.grads[name] != nil { results.append((name, steps, true)) }
  }

  /// Compares a final state with the last step of a sequence.
  func expect(end found: Tensor, of name: String) {
    guard let whole = file.outputs[name], let steps = whole.shape.dropFirst().first else { return }
    let last = whole.tensor.slice(axis: 1, (steps - 1)..<steps)
    let shape = [whole.shape[0]] + whole.shape.dropFirst(2)
    compare(found, .init(shape: shape, data: last.elements), "the state after the last step of \(name)", tolerance)
  }

  /// Notes gradients that were found on the way, such as those of every step of an optimiser.
  func expectGradient(_ found: Tensor, _ name: String, tolerance: Double? = nil) {
    guard let wanted = file.grads[name] else { return }
    seenGradients.insert(name)
    compare(found, wanted, "gradient by \(name)", tolerance ?? self.tolerance)
  }

  /// Steps `[n, ...]` as one sequence `[n, t, ...]`.
  static func sequence(_ steps: [Tensor]) -> Tensor {
    Concatenate(axis: 1)(list: steps.map { $0.reshaped(to: $0.shape.inserting(1, at: 1)) })
  }

  /// The variables in the order of their names.
  var names: [String] { variables.keys.sorted() }

  /// Compares the loss and the gradients by all variables and by all results on the way.
  func finish(_ loss: Tensor) {
    expect(loss, "loss", gradient: false)
    // Every gradient by an input or a parameter belongs to every calculation that ends in the loss.
    for name in file.grads.keys.sorted() where (file.inputs[name] ?? file.params[name]) != nil {
      if variables[name] == nil { differences.append("gradient by \(name): the calculation did not use \(name)") }
    }
    let all = names.map { ($0, [variables[$0]!], false) } + results
    let found = gradients(of: loss, withRespectTo: all.flatMap(\.1))
    var place = 0
    for (name, steps, isSequence) in all {
      let own = Array(found[place..<(place + steps.count)])
      place += steps.count
      expectGradient(isSequence ? GoldenRun.sequence(own) : own[0], name)
    }
  }

  private func compare(_ tensor: Tensor, _ wanted: GoldenFile.Numbers, _ name: String, _ tolerance: Double) {
    if tensor.elementType != type { differences.append("\(name): computed in \(tensor.elementType)") }
    guard tensor.shape.dimensions == wanted.shape else {
      differences.append("\(name): shape \(tensor.shape.dimensions), the reference has \(wanted.shape)")
      return
    }
    let bound = tolerance * max(1, wanted.data.map(abs).max() ?? 0)
    compare(tensor, wanted, name, bounds: [Double](repeating: bound, count: wanted.data.count))
  }

  /// Notes a result whose every number has its own bound.
  func expect(_ found: Tensor, _ name: String, bound: (Double) -> Double) {
    guard let wanted = file.outputs[name] else { return }
    seenOutputs.insert(name)
    compare(found, wanted, name, bounds: wanted.data.map(bound))
  }

  private func compare(_ tensor: Tensor, _ wanted: GoldenFile.Numbers, _ name: String, bounds: [Double]) {
    let found = tensor.elements
    guard found.count == wanted.data.count else {
      differences.append("\(name): \(found.count) numbers, the reference has \(wanted.data.count)")
      return
    }
    // Differences that are no number count as the largest.
    let excess = found.indices.map { place in
      let ratio = abs(found[place] - wanted.data[place]) / bounds[place]
      return ratio.isNaN ? Double.infinity : ratio
    }
    guard let worst = excess.indices.max(by: { excess[$0] < excess[$1] }), excess[worst] > 1 else { return }
    let count = excess.count { $0 > 1 }
    differences.append(
      """
      \(name): largest difference \(abs(found[worst] - wanted.data[worst])) at \(index(of: worst, in: wanted.shape)): \
      \(found[worst]), the reference has \(wanted.data[worst]); allowed \(bounds[worst]); \
      \(count) of \(excess.count) numbers differ
      """)
  }

  private func index(of place: Int, in shape: [Int]) -> [Int] {
    var (rest, index) = (place, [Int]())
    for extent in shape.reversed() {
      index.append(rest % extent)
      rest /= extent
    }
    return index.reversed()
  }
}
