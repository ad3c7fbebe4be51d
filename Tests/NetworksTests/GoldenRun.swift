import Networks
import Tensors
import Testing

/// One run of a golden case in one precision: hands out its tensors as variables, and compares results and every gradient.
final class GoldenRun {
  let golden: Golden
  let type: ElementType
  private var variables: [String: Tensor] = [:]

  init(_ name: String, _ type: ElementType) throws {
    golden = try Golden(name)
    self.type = type
  }

  /// 1e-9 of the larger of 1 and the reference in f64, 1e-4 in f32.
  var tolerance: Double { type == .float64 ? 1e-9 : 1e-4 }

  /// An input or a parameter, as the variable that gradients are asked by.
  func callAsFunction(_ name: String) throws -> Tensor {
    if let known = variables[name] { return known }
    let value = try constant(name).variable()
    variables[name] = value
    return value
  }

  /// An input or a parameter that no gradient is asked by.
  func constant(_ name: String) throws -> Tensor {
    Tensor(try #require(golden.inputs[name] ?? golden.params[name], "\(name)")).cast(to: type)
  }

  func expect(_ found: Tensor, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(found.elementType == type, "\(name)", sourceLocation: sourceLocation)
    expectClose(
      found.detached.cast(to: .float64), try golden.output(name), tolerance: tolerance, "\(name)",
      sourceLocation: sourceLocation)
  }

  /// Compares the loss and the gradients by all variables handed out, and by some results on the way.
  ///
  /// Every gradient the case has by an input or a parameter must have been asked for.
  func expectGradients(
    of loss: Tensor, and results: [String: Tensor] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expect(loss, "loss", sourceLocation: sourceLocation)
    let wanted = golden.grads.keys.filter { golden.inputs[$0] != nil || golden.params[$0] != nil }
    #expect(Set(wanted).subtracting(variables.keys) == [], "gradients not asked for", sourceLocation: sourceLocation)
    let names = (Array(results.keys) + wanted).sorted()
    let found = gradients(of: loss, withRespectTo: try names.map { try #require(results[$0] ?? variables[$0]) })
    for (name, slope) in zip(names, found) {
      expectClose(
        slope.cast(to: .float64), try golden.gradient(name), tolerance: tolerance, "gradient by \(name)",
        sourceLocation: sourceLocation)
    }
  }

  /// The loss of operator cases: the sum of the result times an upstream cotangent.
  func upstream(_ y: Tensor, _ name: String = "g") throws -> Tensor { (y * (try constant(name))).sum() }

  /// `W U b` of an LSTM from D4's matrices `W_i, W_f, W_C, W_o: [hidden, hidden + in]`, which act on the columns `[h, x]`.
  func lstmWeights(_ prefix: String = "") throws -> [Tensor] {
    let gates = try ["i", "f", "C", "o"].map { try self("\(prefix)W_\($0)") }
    let hidden = gates[0].shape[0]
    let whole = Concatenate(axis: 0)(list: gates).transposed
    let biases = try ["i", "f", "C", "o"].map { try self("\(prefix)b_\($0)") }
    return [
      whole.slice(axis: 0, hidden..<whole.shape[0]), whole.slice(axis: 0, 0..<hidden),
      Concatenate(axis: 0)(list: biases),
    ]
  }

  /// An LSTM of these weights, layer by layer.
  func lstm(_ weights: [[Tensor]], isBidirectional: Bool = false, givesLast: Bool = false) throws -> LSTM {
    var random = RandomGenerator(seed: 1)
    let layer = try LSTM(
      weights[0][0].shape[0], weights[0][1].shape[0], layers: isBidirectional ? weights.count / 2 : weights.count,
      isBidirectional: isBidirectional, givesLast: givesLast, elementType: type, random: &random)
    return layer.replacing(weights.flatMap { $0 })
  }
}

/// Both precisions.
let precisions: [ElementType] = [.float64, .float32]
