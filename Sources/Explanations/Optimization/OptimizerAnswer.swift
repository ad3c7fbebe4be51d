import Display
import Language
import Networks
import Tensors

/// One parameter of an optimiser's step: which of its numbers are shown, and every quantity of the rule for them.
struct OptimizerAnswer {
  let step: OptimizerStep
  let rule: OptimizerRule
  /// Which of the step's parameters.
  let parameter: Int
  /// As it can be typed: `w`, `net[0].W`.
  let name: String
  private let record: OptimizerRecord

  init?(_ record: OptimizerRecord, parameter: Int, under other: (any Optimizer)? = nil) throws {
    step = try other.map { try record.step.trying($0) } ?? record.step
    let gradients = step.gradients
    let cut =
      step.optimizer.options.clipValue.map { limit in
        gradients.map { $0.clamped(low: -limit, high: limit) }
      } ?? gradients
    let shortening = step.optimizer.options.clip.map { clippingFactor(norm: totalNorm(cut), limit: $0) } ?? 1
    guard let rule = OptimizerRule(step, shortening: shortening) else { return nil }
    self.rule = rule
    self.parameter = parameter
    name = record.parameterNames[parameter]
    self.record = record
  }

  /// How the gradient is written: `∇J(w[2])`.
  func gradient(_ style: Style) -> String {
    let isName = !record.objective.isEmpty && record.objective.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    if record.isTraining { return "∂L/∂w, last batch".shown(style) }
    guard !record.objective.isEmpty else { return "given" }
    let objective = isName ? record.objective : "f"
    let whole = record.parameterNames.count == 1 ? name : record.name
    let slope = style.ascii ? "grad(\(objective))" : "∇\(objective)"
    return "\(slope)(\(whole.shown(style))[\(record.step.number - 1)])"
  }

  var shape: Shape { step.before[parameter].shape }

  /// All of up to four numbers; else the first three and the one that moves furthest.
  var shown: [Int] {
    let count = step.before[parameter].count
    guard count > 4 else { return Array(0..<count) }
    let (before, after) = (step.before[parameter].elements, step.after[parameter].elements)
    let furthest = (0..<count).max { (after[$0] - before[$0]).magnitude < (after[$1] - before[$1]).magnitude } ?? 3
    return [0, 1, 2, furthest < 3 ? 3 : furthest]
  }

  /// What is known of one number before the rule is applied.
  func start(_ element: Int) -> RuleValues {
    let slope = step.gradients[parameter][flat: element]
    let buffers = step.optimizer.state.buffers
    var old = buffers.indices.contains(parameter) ? buffers[parameter].map { $0[flat: element] } : []
    old += [Double](repeating: 0, count: 3 - min(3, old.count))
    var values = RuleValues(
      raw: slope, before: step.before[parameter][flat: element],
      number: Double(step.optimizer.state.number + 1), old: old)
    values.g = slope
    return values
  }

  /// `W[0,2]` of the number with this place in the order of rows.
  func label(_ element: Int) -> String {
    let short = name.split(separator: ".").last.map(String.init) ?? name
    return short + Self.subscripts(element, shape)
  }

  static func subscripts(_ element: Int, _ shape: Shape) -> String {
    guard shape.rank > 0 else { return "" }
    var rest = element
    var indices: [String] = []
    for extent in shape.dimensions.reversed() {
      indices.append("\(rest % extent)")
      rest /= extent
    }
    return "[" + indices.reversed().joined(separator: ",") + "]"
  }

  /// `Adam`, and what of it is not as usual: `SGD with momentum`.
  var ruleName: String {
    let optimizer = step.optimizer
    let kind = type(of: optimizer).card.name
    if let sgd = optimizer as? SGD, sgd.momentum > 0 { return sgd.nesterov ? "SGD, Nesterov" : "SGD, momentum" }
    if let adam = optimizer as? Adam, adam.amsgrad { return "AMSGrad" }
    return kind
  }

  /// `η = 0.001, β₁ = 0.9`.
  func constants(_ style: Style) -> String {
    rule.constants.map { "\($0.symbol) = \(NumberFormat(style).exactText($0.value))" }.joined(separator: ", ")
  }

  /// What stands at the head: the title with the card's id in the margin, wrapped where it is long.
  func heading(_ title: String, _ style: Style) -> Document {
    let (title, margin) = (title.shown(style), source.shown(style))
    guard title.displayWidth + margin.displayWidth + 4 > style.width else {
      return Document([Line("  " + title, margin: margin)])
    }
    var lines: [String] = []
    for part in title.split(separator: ",").map(String.init) {
      if let last = lines.last, last.displayWidth + part.displayWidth + 6 <= style.width {
        lines[lines.count - 1] = last + "," + part
      } else {
        if !lines.isEmpty { lines[lines.count - 1] += "," }
        lines.append(lines.isEmpty ? part : String(part.drop { $0 == " " }))
      }
    }
    return Document(lines.enumerated().map { Line(($0 == 0 ? "  " : "    ") + $1) })
  }

  /// The id of the rule's card, or its paper.
  var source: String {
    type(of: step.optimizer).card.source.split(separator: ";").first.map(String.init) ?? ""
  }
}

extension NumberFormat {
  /// A constant as it was typed: `1e-8`, not `1.0e-8`.
  func exactText(_ number: Double) -> String {
    let text = text(number)
    guard let place = text.range(of: ".0e") else { return text }
    return text.replacingCharacters(in: place)
  }
}

extension String {
  fileprivate func range(of part: String) -> (before: Substring, after: Substring)? {
    guard let start = indices.first(where: { self[$0...].hasPrefix(part) }) else { return nil }
    return (self[..<start], self[index(start, offsetBy: part.count)...])
  }

  fileprivate func replacingCharacters(in place: (before: Substring, after: Substring)) -> String {
    place.before + "e" + place.after
  }
}
