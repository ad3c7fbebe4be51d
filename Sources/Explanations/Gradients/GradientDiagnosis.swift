import Display
import Networks

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Why a network's gradients are as they are, and what to try.
struct GradientDiagnosis {
  let found: NetworkGradients
  let rows: [GradientRow]
  /// The network's name: `net`.
  let name: String
  let style: Style

  /// The worst mark decides; the lines that say so.
  var lines: [Line] {
    let marks = rows.map(\.mark)
    if marks.contains(.notFinite) || !found.loss.isFinite { return notFinite }
    if marks.contains(.zero), let lines = zero { return lines }
    if marks.contains(.exploding) { return exploding }
    if marks.contains(.vanishing) { return vanishing }
    return even
  }

  private func label(_ layer: Int) -> String { "\(name)[\(layer)] \(found.network.layers[layer].kind)" }

  private func cause(_ mark: GradientRow.Mark, _ text: String, try offer: String) -> [Line] {
    let wrapped = text.shown(style).wrapped(to: style.width - 2)
    return wrapped.enumerated().map { index, line in
      index == 0 ? "\(mark.rawValue.shown(style), .mark) \(line)" : "  \(line)"
    } + ["  \("try", .hint)  \(offer)"]
  }

  // MARK: Verdicts

  private var notFinite: [Line] {
    let text: String
    if let parameter = found.parameters.first(where: { !$0.value.elements.allSatisfy(\.isFinite) }) {
      text = "nan: \(name)\(parameter.name) itself holds nan or inf, and everything behind it does."
    } else if !found.values[0].elements.allSatisfy(\.isFinite) {
      text = "nan: the samples themselves hold nan or inf."
    } else if let layer = found.firstNotFinite {
      let largest = found.values[layer].elements.reduce(0) { max($0, $1.magnitude) }
      text =
        "nan: \(label(layer)) is the first layer that gives nan or inf; the largest number it was given is "
        + "\(NumberFormat.norm(largest))."
    } else if !found.loss.isFinite {
      text = "nan: every layer is finite, the loss of what they give is not."
    } else {
      text = "nan: the loss is finite, its derivative is not: somewhere √ or log has the slope of 0."
    }
    return cause(.notFinite, text, try: "a smaller rate, clip: 1, cross_entropy for log of softmax;  :help nan")
  }

  /// Exact zeros have a cause in the values that went forward.
  private var zero: [Line]? {
    let zeros = rows.filter { $0.mark == .zero && !$0.isMinor }
    guard !zeros.isEmpty else { return nil }
    if let layer = found.deadLayer {
      let (alive, largest) = found.positives(layer)
      let count = found.values[layer + 1].shape.dimensions
      var text =
        "dead: \(label(layer)) gives \(alive) numbers above 0 out of \(count.map(String.init).joined(separator: "·")) = "
        + "\(count.reduce(1, *)) (largest input \(NumberFormat.norm(largest))), so no gradient passes it"
      if let next = zeros.first(where: { ($0.layer ?? 0) > layer }) { text += ", and \(next.name) multiplies zeros" }
      return cause(.zero, text + ".", try: "a smaller rate, b near 0, leaky_relu;  :help dead")
    }
    if let layer = found.saturatedLayer {
      let kind = found.network.layers[layer].kind
      return cause(
        .zero,
        "saturated: every number of \(label(layer)) is \(kind == "tanh" ? "-1 or 1" : "0 or 1"), where \(kind)' is 0.",
        try: "normalize the data, smaller weights, LayerNorm;  :help vanishing")
    }
    if let empty = rows.first(where: { $0.weight == 0 && !$0.isMinor && $0.layer != rows.first?.layer }) {
      return cause(
        .zero, "zero: \(empty.name) is all zeros, so nothing comes back through it.",
        try: "init: \"xavier\" or \"he\";  :help vanishing")
    }
    if found.values[0].elements.allSatisfy({ $0 == 0 }) {
      return cause(.zero, "zero: the samples are all zeros.", try: "other data")
    }
    let names = zeros.prefix(3).map(\.name).joined(separator: ", ")
    return cause(
      .zero, "zero: the loss does not depend on \(names)\(zeros.count > 3 ? " and \(zeros.count - 3) more" : "") here.",
      try: "more samples, or a loss with a slope: accuracy, argmax and rounding have none")
  }

  private var vanishing: [Line] {
    // One layer alone, fed with small numbers, is no matter of depth.
    let marked = rows.leading.filter { $0.mark == .vanishing }
    let largest = found.values[0].elements.reduce(0) { max($0, $1.magnitude) }
    if marked.count == 1, marked[0].layer == rows.leading.first?.layer, largest < 0.1 {
      return cause(
        .vanishing,
        "small: \(marked[0].name) gets little, for the samples are small: the largest number is "
          + "\(NumberFormat.norm(largest)).", try: "normalize the data;  :help vanishing")
    }
    let kinds = found.network.activations
    let bound =
      kinds.contains("sigmoid")
      ? "; σ' is at most 0.25" : kinds.contains("tanh") ? "; tanh' is near 0 where tanh is near -1 or 1" : ""
    let offer =
      kinds.contains("sigmoid")
      ? "tanh or relu, Residual" : kinds.contains("tanh") ? "relu, smaller weights, Residual" : "init: \"he\", Residual"
    return cause(
      .vanishing, "vanishing: ‖∇‖ shrinks \(number(1 / growth)) times a layer on its way back\(bound).",
      try: "\(offer);  :help vanishing")
  }

  private var exploding: [Line] {
    let text: String
    if growth > 1.5 {
      text =
        "exploding: ‖∇‖ grows \(number(growth)) times a layer on its way back; each layer multiplies by its weights."
    } else {
      let largest = found.values[0].elements.reduce(0) { max($0, $1.magnitude) }
      text =
        "exploding: ‖∇‖ is above 1000. The largest number in the samples is \(NumberFormat.norm(largest)), the loss "
        + "\(NumberFormat.norm(found.loss))."
    }
    return cause(.exploding, text, try: "smaller weights, clip: 1, LayerNorm, normalize the data;  :help exploding")
  }

  private var even: [Line] {
    let norms = rows.leading.map(\.gradient).filter { $0 > 0 }
    var text = "all together ‖∇‖ = \(NumberFormat.norm(total))"
    if norms.count > 1, let low = norms.min(), let high = norms.max() {
      let ratio = high / low
      text += "; smallest and largest layer differ \(number(ratio)) times: "
      text +=
        ratio < 50 ? "healthy" : "uneven, \(rows.leading.min { $0.gradient < $1.gradient }?.name ?? "") gets least"
    }
    var lines = text.shown(style).wrapped(to: style.width - 2).map { Line("  " + $0) }
    let zeros = rows.filter { $0.mark == .zero }.map(\.name)
    if !zeros.isEmpty {
      let more = zeros.count > 3 ? " and \(zeros.count - 3) more" : ""
      lines.append("\("0", .mark) the slope of the loss by \(zeros.prefix(3).joined(separator: ", "))\(more) is 0 here")
    }
    for layer in found.network.layers.indices where found.network.layers[layer].kind.contains("relu") && lines.count < 3
    {
      let (dead, all) = found.deadUnits(layer)
      if dead > 0 {
        lines.append(Line("  \(label(layer)): \(dead) of \(all) units give 0 for every sample".shown(style)))
      }
    }
    return lines
  }

  // MARK: Numbers

  private var total: Double { rows.reduce(0) { $0 + $1.gradient * $1.gradient }.squareRoot() }

  /// By how much ‖∇‖ grows from a layer to the one before it; the ends, where inputs and loss have their say, left aside.
  private var growth: Double {
    var norms = rows.leading.map(\.gradient)
    if norms.count > 3 { norms = Array(norms.dropFirst().dropLast()) }
    guard norms.count > 1, let first = norms.first, let last = norms.last, first > 0, last > 0 else { return 1 }
    return exp(log(first / last) / Double(norms.count - 1))
  }

  private func number(_ value: Double) -> String { NumberFormat(digits: 2).text(value) }
}

extension Network {
  /// The functions between its layers, each once.
  var activations: [String] {
    var kinds: [String] = []
    for layer in layers where layer is FunctionLayer && !kinds.contains(layer.kind) { kinds.append(layer.kind) }
    return kinds
  }

  /// `4 layers, tanh`: how many have weights, and what stands between them.
  var outline: String {
    let weighted = layers.filter { $0.parameterCount > 0 }
    var kinds = activations
    if kinds.isEmpty {
      for layer in weighted where !kinds.contains(layer.kind) { kinds.append(layer.kind) }
    }
    return "\(weighted.count) layer\(weighted.count == 1 ? "" : "s"), \(kinds.joined(separator: ", "))"
  }
}
