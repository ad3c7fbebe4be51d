import Language
import Tensors

/// Built-ins that mix numbers of a row, move them, or add along an axis, turned round.
extension Derivatives {
  /// Nil for other built-ins, and for operands that no rule holds for.
  mutating func several(
    _ builtin: Builtin, _ callee: Expression, _ arguments: [Language.Argument], _ incoming: String
  ) throws -> String? {
    guard let x = arguments.first?.value, arguments.first?.label == nil else { return nil }
    let extents = try elements.extents(x, around)
    let isUnit = incoming == "1"
    switch builtin.name {
    case "softmax", "log_softmax":
      guard arguments.count == 1, !extents.isEmpty else { return nil }
      let p = letter("softmax(\(said(x)))")
      let row = extents.count == 1 ? "" : ", axis: \(extents.count - 1), keep: true"
      let g = closed(incoming)
      isProduct = true
      return try cotangent(
        of: x,
        builtin.name == "softmax"
          ? "\(p) * (\(incoming) - sum(\(g) * \(p)\(row)))" : "\(incoming) - \(p) * sum(\(incoming)\(row))")
    case "logsumexp" where arguments.count == 1 && extents.count == 1:
      let p = letter("softmax(\(said(x)))")
      return try cotangent(of: x, isUnit ? p : "\(closed(incoming)) * \(p)")
    case "flatten", "reshape", "squeeze", "unsqueeze":
      guard !isUnit, extents.count > 0 else { return nil }
      return try cotangent(of: x, "reshape(\(incoming), \(extents.map(String.init).joined(separator: ", ")))")
    case "transpose" where arguments.count == 1: return try cotangent(of: x, "\(closed(incoming))ᵀ")
    case "sum" where arguments.count > 1, "mean" where arguments.count > 1:
      return try reduced(builtin.name, x, extents, arguments, incoming)
    case "var", "std", "norm": return try spread(builtin.name, x, extents, arguments, incoming)
    case "ctc": return try alignments(callee, builtin, arguments, x, incoming)
    default: return nil
    }
  }

  /// A letter for a text, the same for the same text.
  private mutating func letter(_ text: String) -> String {
    if let known = letters.first(where: { $0.text == text }) { return known.name }
    let name =
      ["p", "q", "s"].first { name in around.known(name) == nil && !letters.contains { $0.name == name } } ?? "p"
    letters.append((name, text))
    return name
  }

  /// What comes back to every number that was added along an axis.
  private mutating func reduced(
    _ name: String, _ x: Expression, _ extents: [Int], _ arguments: [Language.Argument], _ incoming: String
  ) throws -> String? {
    guard arguments.count == 2 || arguments.count == 3, arguments[1].label?.text == "axis", incoming != "1",
      case .number(let number) = try around.value(arguments[1].value), let place = Int(exactly: number)
    else { return nil }
    let axis = place < 0 ? place + extents.count : place
    guard extents.indices.contains(axis) else { return nil }
    var isKept = false
    if arguments.count == 3 {
      guard arguments[2].label?.text == "keep", case .number(let flag) = try around.value(arguments[2].value) else {
        return nil
      }
      isKept = flag != 0
    }
    let share = name == "sum" ? incoming : "\(closed(incoming)) / \(extents[axis])"
    // Dropped and not the first, an axis does not stretch back by itself.
    return try cotangent(of: x, isKept || axis == 0 ? share : "unsqueeze(\(share), \(axis))")
  }

  /// What variance, deviation and length send back: `2 / n·(x - μ)`, `(x - μ) / (n·s)`, `x / l`, along an axis with what comes back
  /// to each row.
  private mutating func spread(
    _ name: String, _ x: Expression, _ extents: [Int], _ arguments: [Language.Argument], _ incoming: String
  ) throws -> String? {
    var (row, count) = ("", extents.reduce(1, *))
    var g = incoming
    if arguments.count == 2, arguments[1].label?.text == "axis",
      case .number(let number) = try around.value(arguments[1].value), let place = Int(exactly: number)
    {
      let axis = place < 0 ? place + extents.count : place
      guard extents.indices.contains(axis), incoming != "1" else { return nil }
      (row, count) = (", axis: \(axis), keep: true", extents[axis])
      if axis > 0 { g = "unsqueeze(\(incoming), \(axis))" }
    } else if arguments.count != 1 {
      return nil
    }
    let own = said(x)
    let centred = "(\(own) - mean(\(own)\(row)))"
    let slope =
      name == "var"
      ? "2 / \(count) * \(centred)"
      : name == "std" ? "\(centred) / (\(count) * std(\(own)\(row)))" : "\(own) / norm(\(own)\(row))"
    isProduct = true
    return try cotangent(of: x, incoming == "1" ? slope : "\(slope) * \(closed(g))")
  }

  /// A loss over alignments: the probabilities less the share of the ways through each label.
  private mutating func alignments(
    _ callee: Expression, _ builtin: Builtin, _ arguments: [Language.Argument], _ x: Expression, _ incoming: String
  ) throws -> String? {
    let call = LawCall(
      builtin: builtin, callee: callee, arguments: arguments, expression: callee, at: [], around: around,
      elements: Elements())
    let reduction = try call.word("reduction") ?? "mean"
    guard reduction != "none", let own = try AlignmentLetters(call) else { return nil }
    let samples = own.trace.samples
    let lengths = samples.map { reduction == "sum" ? 1 : $0.length * samples.count }
    given += own.all
    meanings.append("γ the share of the ways that are at label k at frame t")
    var scale = lengths[0] == 1 ? "" : " / \(lengths[0])"
    if Set(lengths).count > 1 {
      given.append(
        Known("c", .tensor(Tensor(lengths.map { 1 / Double($0) }, shape: [samples.count, 1, 1])), .given))
      meanings.append("c = 1 / (\(samples.count)·the number of labels of each sample)")
      scale = " * c"
    }
    let times = incoming == "1" ? "" : " * \(closed(incoming))"
    card = "ctc"
    if case .call(let function, let inner) = x.kind, function.name?.text == "log_softmax", inner.count == 1,
      samples.allSatisfy({ $0.steps == own.trace.shape[1] })
    {
      // ∑[k] γ[t,k] is 1: so of the softmax and the logarithm the difference is left.
      given.removeAll { $0.label == "p" }
      let p = letter("softmax(\(said(inner[0].value)))")
      return try cotangent(of: inner[0].value, "(\(p) - γ)\(scale)\(times)")
    }
    return try cotangent(of: x, "-γ\(scale)\(times)")
  }
}
