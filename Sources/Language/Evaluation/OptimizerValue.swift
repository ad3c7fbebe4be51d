import Networks
import Tensors

/// An optimiser with its state, as a value: `Adam(0.001)`.
package struct OptimizerValue {
  package var optimizer: any Optimizer

  var description: String { optimizer.description }

  func field(_ name: String) -> Value? {
    if name == "rate" { return .number(optimizer.rate) }
    if name == "steps" { return .number(Double(optimizer.state.number)) }
    let names = type(of: optimizer).bufferNames
    guard let index = names.firstIndex(of: name) else { return nil }
    let buffers = optimizer.state.buffers.compactMap { $0.indices.contains(index) ? $0[index] : nil }
    if buffers.count == 1 { return Value(buffers[0]) }
    return buffers.isEmpty ? nil : .list(buffers.map { Value($0) })
  }
}
