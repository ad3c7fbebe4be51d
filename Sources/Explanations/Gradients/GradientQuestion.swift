import Display
import Language
import Networks
import Tensors

/// `:grads`: whose gradients are asked for, on what, and the table of them.
package struct GradientQuestion {
  private let interpreter: Interpreter
  private var name = ""
  private var isWhole = false
  private var isOverEpochs = false
  /// What stands behind `on`.
  private var data: String?

  private var style: Style { interpreter.settings.style }

  /// Reads what stands behind `:grads`: `net`, `L`, `net all`, `net over`, `net on X, t`, `net on d, loss: mse`.
  package init(_ text: String, _ interpreter: Interpreter) throws(Diagnostic) {
    self.interpreter = interpreter
    var rest = text.words[...]
    while let word = rest.popFirst() {
      switch word {
      case "all" where !name.isEmpty: isWhole = true
      case "over" where !name.isEmpty:
        isOverEpochs = true
        if ["training", "epochs", "steps"].contains(rest.first) { rest = rest.dropFirst() }
      case "on":
        if rest.last == "all", rest.count > 1 { isWhole = rest.popLast() != nil }
        data = rest.joined(separator: " ")
        rest = []
      case _ where name.isEmpty: name = word
      default:
        throw Diagnostic(
          "E0804", ":grads does not know \(word)",
          suggestions: [.init(.try, ":grads \(name)"), .init(.see, ":help grads")])
      }
    }
    if name.isEmpty { name = try Self.onlyNetwork(interpreter) }
  }

  /// The network that was trained last, or the only one there is.
  private static func onlyNetwork(_ interpreter: Interpreter) throws(Diagnostic) -> String {
    if let record = interpreter.optimizerRecord(), record.isTraining { return record.name }
    let networks = interpreter.names.filter { $0.kind == "network" && $0.name != "ans" }
    guard networks.count == 1 else {
      throw Diagnostic(
        "E0804", ":grads wants the name of a network or of a loss",
        suggestions: networks.prefix(2).map { .init(.try, ":grads \($0.name)") })
    }
    return networks[0].name
  }

  package func answer() throws(Diagnostic) -> Document {
    let value = try interpreter.bound(name, for: ":grads")
    if case .network(let network) = value {
      if isOverEpochs { return try GradientHistory(network.network, name, style).document() }
      return try answer(network.network)
    }
    if value.shape == .scalar, data != nil || isOverEpochs {
      throw Diagnostic(
        "E0830",
        "\(name) is a number: it was computed from its own values, in one step, and \(data == nil ? "over" : "on") is for networks",
        suggestions: [.init(.try, ":grads \(name)")])
    }
    guard value.shape == .scalar else {
      throw Diagnostic(
        "E0830", "\(name) is \(value.outline), and :grads shows the gradients of a network or of a loss, one number",
        suggestions: interpreter.names.filter { $0.kind == "network" }.prefix(1).map {
          .init(.try, ":grads \($0.name)")
        })
    }
    return try answerLoss()
  }

  // MARK: Networks

  private func answer(_ network: Network) throws(Diagnostic) -> Document {
    guard !network.parameters.isEmpty else {
      throw Diagnostic("E0830", "\(name) has no weights, so it has no gradients")
    }
    let found: NetworkGradients
    var source: String?
    if data == nil, network.task == nil, let behind = try behind(network) {
      (found, source) = behind
      return table(network, found, source)
    }
    let task = try task(for: network)
    do {
      found = try NetworkGradients(network, on: task)
    } catch {
      throw Diagnostic(
        "E0831", "\(name) and what stands behind on do not fit: \(interpreter.words(for: error))",
        notes: [.init(name, "\(network.inputShape.map { "takes \($0.batched)" } ?? "takes any shape")")])
    }
    return table(network, found, nil)
  }

  private func table(_ network: Network, _ found: NetworkGradients, _ source: String?) -> Document {
    var rows: [GradientRow] = []
    for (parameter, gradient) in zip(found.parameters, found.gradients) {
      rows.append(
        GradientRow(
          name + parameter.name, layer: Self.layer(of: parameter.name), value: parameter.value, gradient: gradient,
          style))
    }
    rows.mark()
    let format = NumberFormat(style)
    let count = NumberFormat.count(found.used)
    return GradientTable(
      title: "\(network.outline), L = \(format.text(found.loss))",
      source: source
        ?? (found.used == found.samples
          ? "\(count) sample\(found.used == 1 ? "" : "s")"
          : "first \(count) of \(NumberFormat.count(found.samples)) samples"),
      rows: rows, verdict: GradientDiagnosis(found: found, rows: rows, name: name, style: style).lines,
      isWhole: isWhole, style: style
    ).document()
  }

  /// What a loss of the session says of a network that was not trained: the last one that was computed with it.
  private func behind(_ network: Network) throws(Diagnostic) -> (NetworkGradients, String)? {
    guard let version = interpreter.version(of: name) else { return nil }
    for candidate in interpreter.names.sorted(by: { $0.line > $1.line }) where candidate.name != "ans" {
      guard interpreter.value(named: candidate.name)?.shape == .scalar,
        let ancestry = interpreter.ancestry(of: candidate.name), !ancestry.path(from: [version]).isEmpty,
        let x = input(to: version, in: ancestry), let loss = ancestry.root.value.asTensor(.float64)?.item
      else { continue }
      let gradients = try interpreter.clearedGradients(of: ancestry, by: [version])[0]
      guard let found = try? NetworkGradients(network, on: x, loss: loss, gradients) else { continue }
      return (
        found, "of \(candidate.name), \(NumberFormat.count(found.samples)) sample\(found.samples == 1 ? "" : "s")"
      )
    }
    return nil
  }

  /// What a network is called with on the way to a loss.
  private func input(to network: Version, in ancestry: Ancestry) -> Tensor? {
    for origin in ancestry.origins where Ancestry.inputs(of: origin).contains(where: { $0 === network }) {
      var found: Tensor?
      for expression in origin.statement.expressions {
        expression.walk { part in
          guard found == nil, case .call(let callee, let arguments) = part.kind, callee.name?.text == network.name,
            let argument = arguments.first?.value
          else { return }
          found = (try? interpreter.value(of: argument, within: origin))?.asTensor(.float64)?.detached
        }
      }
      if let found { return found }
    }
    return nil
  }

  /// The number at the start of `[12].W`.
  private static func layer(of name: String) -> Int? { Int(name.dropFirst().prefix { $0 != "]" }) }

  /// What the gradients are to be taken on: what was said, else what the network was trained on.
  private func task(for network: Network) throws(Diagnostic) -> TrainingTask {
    guard let data else {
      if let task = network.task { return task }
      throw Diagnostic(
        "E0831", "\(name) has not been trained, so :grads does not know on what data",
        suggestions: fittingData(network).map { .init(.try, ":grads \(name) on \($0)") },
        notes: [.init("hint", ":grads \(name) on X, t  takes inputs and targets of your own")])
    }
    return try task(from: data, for: network)
  }

  private func task(from text: String, for network: Network) throws(Diagnostic) -> TrainingTask {
    let source = SourceText("on(\(text))")
    let program = Parser.parse(source)
    guard program.diagnostics.isEmpty, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind, case .call(_, let arguments) = expression.kind
    else { throw Diagnostic("E0804", "behind on stands a dataset, or inputs and targets:  on X, t") }
    var values: [Value] = []
    var loss: (any Loss)?
    for argument in arguments {
      let value = try interpreter.value(of: argument.value, in: source, strippingPlaces: true)
      switch argument.label?.text {
      case nil: values.append(value)
      case "loss": loss = try interpreter.loss(value)
      case let label?: throw Diagnostic("E0804", "behind on there is no \(label), only loss")
      }
    }
    let type = network.elementType ?? .float64
    let dataset: Dataset?
    if values.count == 1, case .dataset(let set) = values[0] {
      dataset = set.dataset
    } else {
      let parts = values.count == 1 ? values[0].parts : values
      let tensors = parts.compactMap { $0.asTensor(type) }
      dataset = tensors.count == 2 ? try? Dataset(x: tensors[0], y: tensors[1]) : nil
    }
    guard let dataset, dataset.count > 0 else {
      throw Diagnostic(
        "E0831", "behind on stands a dataset, or inputs and targets with as many rows",
        suggestions: fittingData(network).map { .init(.try, ":grads \(name) on \($0)") })
    }
    let fallback = network.task?.loss ?? Interpreter.loss(named: dataset.labels == nil ? "mse" : "cross_entropy")
    guard let loss = loss ?? fallback else { throw Diagnostic("E0831", "no loss is given") }
    return TrainingTask(data: dataset, loss: loss, batch: network.task?.batch ?? 32)
  }

  /// Data of the session, or data that comes with nabla, on which the network can be run.
  private func fittingData(_ network: Network) -> [String] {
    let names = interpreter.names.filter { $0.kind == "dataset" }.map(\.name) + ["iris()", "digits()"]
    let fitting = names.first { name in
      guard case .dataset(let data)? = try? interpreter.value(of: name), let shape = network.inputShape else {
        return false
      }
      return Array(shape.dimensions.dropFirst()) == data.dataset.sampleShape.dimensions
    }
    return fitting.map { [$0] } ?? []
  }

  // MARK: Losses

  private func answerLoss() throws(Diagnostic) -> Document {
    guard let ancestry = interpreter.ancestry(of: name) else { throw Diagnostic("E0830", "\(name) is built in") }
    let leaves = try interpreter.parameters(of: ancestry)
    let gradients = try interpreter.clearedGradients(of: ancestry, by: leaves)
    var rows: [GradientRow] = []
    for (leaf, slopes) in zip(leaves, gradients) {
      var names: [String] = []
      leaf.value.nameLeaves(leaf.name, into: &names)
      for ((label, value), slope) in zip(zip(names, leaf.value.tensors), slopes) {
        rows.append(GradientRow(label, value: value, gradient: slope, style))
      }
    }
    rows.mark()
    let value = ancestry.root.value.asTensor(.float64)?.item ?? .nan
    let total = rows.reduce(0) { $0 + $1.gradient * $1.gradient }.squareRoot()
    var verdict: [Line] = []
    if let bad = rows.first(where: { $0.mark == .notFinite }) {
      verdict = [
        "\("!", .mark) nan: the gradient by \(bad.name) is not finite.",
        "  \("try", .hint)  :why \(name)   :graph \(name);  :help nan",
      ]
    } else {
      let zeros = rows.filter { $0.mark == .zero }.map(\.name)
      verdict = [Line("  all together ‖∇‖ = \(NumberFormat.norm(total))".shown(style))]
      if !zeros.isEmpty {
        let more = zeros.count > 4 ? " and \(zeros.count - 4) more" : ""
        verdict.append(
          Line("0 the slope of \(name) by \(zeros.prefix(4).joined(separator: ", "))\(more) is 0 here"))
      }
    }
    let law = ancestry.origins.last?.text ?? name
    return GradientTable(
      title: "\(law.hasPrefix(name) ? law : name) = \(NumberFormat(style).text(value))",
      source: "by \(leaves.count) name\(leaves.count == 1 ? "" : "s")", rows: rows, verdict: verdict, isWhole: isWhole,
      style: style
    ).document()
  }
}
