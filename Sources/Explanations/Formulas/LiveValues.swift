import Display
import Formulary
import Language
import Networks
import Tensors

/// The numbers with which the session has run what a formula says: those of its last line that did, in place of the entry's example.
package struct LiveValues {
  /// As they stand behind `with`: `Q: [1, 0; 0, 1], K: …`.
  package let text: String
  /// Where they come from: `line 5`, `the last step of w, line 3`.
  package let source: String

  /// Nil if no line of the session has run it, or its numbers are too many to read.
  package init?(_ entry: Entry, _ interpreter: Interpreter) {
    let found =
      Self.optimizer(entry, interpreter) ?? Self.recurrence(entry, interpreter) ?? Self.call(entry, interpreter)
    guard let found, !found.values.isEmpty else { return nil }
    // What is shown is what is computed with: the session's digits (R1).
    let format = NumberFormat(interpreter.settings.style)
    var parts: [String] = []
    for (name, value) in found.values {
      guard entry.inputs.contains(where: { $0.name == name }) else { continue }
      guard let literal = value.shortLiteral(format) else { return nil }
      parts.append("\(name): \(literal)")
    }
    guard !parts.isEmpty else { return nil }
    text = parts.joined(separator: ", ")
    source = found.source
  }

  private typealias Found = (values: [(name: String, value: Value)], source: String)

  // MARK: Optimisers

  /// Adam's entries on the gradient, the weight and the constants of the last step.
  private static func optimizer(_ entry: Entry, _ interpreter: Interpreter) -> Found? {
    guard entry.id.hasPrefix("D5.adam."), let record = interpreter.optimizerRecord(),
      let adam = record.step.optimizer as? Adam
    else { return nil }
    // Of many numbers the first four.
    func few(_ tensor: Tensor) -> Value {
      tensor.rank == 0 ? Value(tensor.detached) : Value(Tensor(Array(tensor.detached.elements.prefix(4))))
    }
    let values: [(String, Value)] = [
      ("w₁", few(record.step.before[0])), ("g", few(record.step.gradients[0])), ("η", .number(record.step.rate)),
      ("β₁", .number(adam.beta1)), ("β₂", .number(adam.beta2)), ("ε", .number(adam.epsilon)),
    ]
    let name = record.parameterNames[0]
    return (values, "step \(record.step.number) of \(name), line \(record.origin.line)")
  }

  // MARK: Recurrences

  /// The LSTM's entries on the matrices and first states of a loop that has run them.
  private static func recurrence(_ entry: Entry, _ interpreter: Interpreter) -> Found? {
    guard entry.id.hasPrefix("D4.lstm."), let origin = interpreter.origin(of: "h"),
      interpreter.origin(of: "C") === origin
    else { return nil }
    var values: [(String, Value)] = []
    for input in entry.inputs {
      let own = input.name == "h₀" ? "h[-1]" : input.name == "C₀" ? "C[-1]" : input.name
      guard let value = try? interpreter.value(of: own), interpreter.names.contains(where: { own.hasPrefix($0.name) })
      else {
        return nil
      }
      values.append((input.name, value))
    }
    return (values, "line \(origin.line)")
  }

  // MARK: Calls

  /// Which arguments of which function are an entry's inputs.
  private static let calls: [(id: String, functions: [String], inputs: [String])] = [
    ("D3.attn", ["attention"], ["Q", "K", "V"]), ("D1.attn", ["attention"], ["h"]),
    ("D1.mse", ["mse"], ["ŷ", "y"]), ("D1.ce", ["cross_entropy"], ["z", "t"]),
    ("D4.relu", ["relu"], ["x"]), ("D4.drelu", ["relu"], ["x"]), ("D4.sigmoid", ["sigmoid", "σ"], ["x"]),
    ("D4.tanh", ["tanh"], ["x"]),
  ]

  private static func call(_ entry: Entry, _ interpreter: Interpreter) -> Found? {
    // The last line first.
    for name in interpreter.names.sorted(by: { $0.line > $1.line }) {
      guard let origin = interpreter.origin(of: name.name) else { continue }
      for expression in origin.statement.expressions {
        if let found = window(entry, expression, origin, interpreter) ?? layer(entry, expression, origin, interpreter)
          ?? arguments(entry, expression, origin, interpreter)
        {
          return (found, "line \(origin.line)")
        }
      }
    }
    return nil
  }

  private static func arguments(
    _ entry: Entry, _ expression: Expression, _ origin: Origin, _ interpreter: Interpreter
  ) -> [(String, Value)]? {
    guard let call = calls.first(where: { $0.id == entry.id }) else { return nil }
    guard
      let arguments = expression.firstCall({ callee, arguments in
        call.functions.contains(callee) && arguments.count >= call.inputs.count
      })
    else { return nil }
    var values: [(String, Value)] = []
    for (input, argument) in zip(call.inputs, arguments) {
      guard let value = try? interpreter.value(of: argument.value, within: origin) else { return nil }
      values.append((input, value))
    }
    // One sample by itself is a batch of one.
    if entry.id == "D1.ce", let z = values[0].1.asTensor(.float64), z.rank == 1 {
      values[0].1 = .tensor(z.detached.reshaped(to: [1, z.count]))
      if let t = values[1].1.asTensor(.float64) { values[1].1 = .tensor(t.detached.reshaped(to: [1])) }
    }
    return values
  }

  /// The first layer of a network on the first sample it was given.
  private static func layer(
    _ entry: Entry, _ expression: Expression, _ origin: Origin, _ interpreter: Interpreter
  ) -> [(String, Value)]? {
    guard entry.id == "D3.dense" else { return nil }
    var dense: Dense?
    let arguments = expression.firstCall { callee, _ in
      guard case .network(let network)? = interpreter.value(named: callee) else { return false }
      dense = network.network.layers.first as? Dense
      return dense != nil
    }
    guard let argument = arguments?.first, let dense, let bias = dense.bias,
      let x = try? interpreter.value(of: argument.value, within: origin).asTensor(.float64)?.detached, x.count > 0
    else { return nil }
    let sample = Array(x.elements.prefix(dense.inputs))
    let weights = dense.weight.detached.elements
    let turned = (0..<dense.inputs * dense.outputs).map {
      weights[$0 % dense.inputs * dense.outputs + $0 / dense.inputs]
    }
    return [
      ("W", .tensor(Tensor(turned, shape: [dense.outputs, dense.inputs], .float64))),
      ("x", .tensor(Tensor(sample))), ("b", .tensor(bias.detached)),
    ]
  }

  /// The picture and the kernel of an equation that slides a window: `∑[k,l] x[i+k, j+l] * w[k,l]`.
  private static func window(
    _ entry: Entry, _ expression: Expression, _ origin: Origin, _ interpreter: Interpreter
  ) -> [(String, Value)]? {
    guard entry.id == "D1.conv" || entry.id == "D4.conv", case .big(.sum, let bound, let body) = expression.kind,
      bound.count == 2,
      case .binary(let op, let left, let right) = body.kind, op.kind == .multiply,
      case .index(let picture, let places) = left.kind, case .index(let kernel, _) = right.kind,
      places.contains(where: { if case .binary? = $0.value?.kind { true } else { false } }),
      let x = try? interpreter.value(of: picture, within: origin),
      let w = try? interpreter.value(of: kernel, within: origin)
    else { return nil }
    return [("x", x), ("w", w)]
  }
}

extension Expression {
  /// The arguments of the first call in it that is wanted.
  fileprivate func firstCall(_ isWanted: (String, [Language.Argument]) -> Bool) -> [Language.Argument]? {
    if case .call(let callee, let arguments) = kind, case .name(let name) = callee.kind, isWanted(name, arguments) {
      return arguments
    }
    for child in children { if let found = child.firstCall(isWanted) { return found } }
    return nil
  }
}

extension Value {
  /// The value as it can be typed, if that is short: up to 24 numbers, a matrix with `;`.
  fileprivate func shortLiteral(_ format: NumberFormat) -> String? {
    guard let tensor = asTensor(.float64)?.detached, tensor.count > 0, tensor.count <= 24, tensor.rank <= 2 else {
      return nil
    }
    let numbers = tensor.elements.map(format.exactText)
    guard tensor.rank > 0 else { return numbers[0] }
    guard tensor.rank == 2 else { return "[" + numbers.joined(separator: ", ") + "]" }
    let columns = tensor.shape[1]
    let rows = stride(from: 0, to: numbers.count, by: columns).map {
      numbers[$0..<$0 + columns].joined(separator: ", ")
    }
    return rows.count == 1 ? "[[\(rows[0])]]" : "[" + rows.joined(separator: "; ") + "]"
  }
}
