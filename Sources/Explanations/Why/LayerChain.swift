import Language
import Networks
import Tensors

/// The way back through a network, layer by layer, as letters that can be asked for: `δ2 = ∂L/∂net[0..<3](X)`.
struct LayerChain {
  let trace: NetworkTrace
  let interpreter: Interpreter

  var use: NetworkUse { trace.use }
  /// The layers of the network in their order.
  let stages: [NetworkTrace.Stage]

  init(trace: NetworkTrace, interpreter: Interpreter) {
    (self.trace, self.interpreter) = (trace, interpreter)
    stages = trace.stages.filter(\.isOutermost)
  }

  /// The derivative by one weight: `net[0].W`; nil where no layer has it or its layer has no law.
  func law(of parameter: String) throws -> LetterLaw? {
    // The layer of a network of one is the network.
    var parameter = parameter
    let first = "\(use.name)[0]."
    if use.network.count == 1, parameter.hasPrefix(first) {
      parameter = "\(use.name).\(parameter.dropFirst(first.count))"
    }
    for stage in trace.stages where !(stage.layer is any CompositeLayer) {
      // A body of one layer is that layer: `net[1].body.W`.
      let isOnly = stage.path.hasSuffix("[0]") && !trace.stages.contains { $0.path == stage.path.dropLast(3) + "[1]" }
      let paths = [stage.path] + (isOnly ? [String(stage.path.dropLast(3))] : [])
      guard
        let own = stage.layer.parameters.first(where: { part in paths.contains { "\($0).\(part.name)" == parameter } })
      else { continue }
      if let index = stages.firstIndex(where: { $0.path == stage.path }) { return try derivatives(index).law(own) }
      return try inside(stage).law(own)
    }
    return nil
  }

  /// The derivative by what the network is given.
  func inputLaw() throws -> LetterLaw? { try inputLaw(of: stages[0]) }

  func derivatives(_ index: Int) throws -> LayerDerivatives {
    let stage = stages[index]
    let input = input(index)
    var standings: [String] = []
    if !use.options.isEmpty, index > 0, input.isLetter {
      standings.append("\(input.label) = what \(stage.path) is given \(stage.x.shape)")
    } else if input.label != input.asked {
      standings.append(
        "x = \(use.isRepeated ? "\(input.asked), run after run," : outputText(index - 1) ?? use.text(use.argument)) \(stage.x.shape)"
      )
    }
    let body = trace.stages.first { $0.path.hasPrefix(stage.path + ".body") }
    return LayerDerivatives(
      stage: stage, x: input, delta: delta(index), standings: standings, meaning: meaning(index), bodyFlow: body?.dx,
      interpreter: interpreter, moved: { [trace] in trace.loss(stage, moving: $0) })
  }

  /// What a layer is given: a name of the user's, or `x`, which can be asked for as `net[0](X)`.
  private func input(_ index: Int) -> Known {
    let stage = stages[index]
    // A network that is given the user's x has another letter for what its layers are given.
    let letter = use.text(use.argument).replacingWord("x", with: "") != use.text(use.argument) ? "a" : "x"
    if use.isRepeated { return Known("x", .tensor(stage.x), .given, asked: "what \(stage.path) is given") }
    if index == 0, let name = use.argument.name?.text, let known = use.around.known(name), !known.label.isEmpty {
      return known
    }
    // What was drawn or carried in this call, another call would not draw again.
    if index > 0, !use.options.isEmpty, let run = try? run(), run.passes.count == stages.count {
      return run.input(index)
    }
    guard let text = outputText(index - 1) ?? (index == 0 ? use.text(use.argument) : nil) else {
      return Known(letter, .tensor(stage.x), .given)
    }
    if index == 0, let parsed = Why.parsed(text), case .name(let name) = parsed.kind,
      let version = interpreter.version(of: name)
    {
      return Known(name, .tensor(stage.x), .version(version))
    }
    guard let expression = Why.parsed(text) else { return Known(letter, .tensor(stage.x), .given, asked: text) }
    let asked = expression.isPathText ? text : "(\(text))"
    let around = Meanings(interpreter, SourceText(text))
    return Known(letter, .tensor(stage.x), .expression(expression, around), asked: asked)
  }

  /// The call of the network, opened forward.
  private func run() throws -> NetworkRun? {
    guard case .call(let callee, let arguments) = use.call.kind else { return nil }
    return try NetworkRun(NetworkValue(use.network), callee, arguments, use.around)
  }

  /// What the layers up to one give, as it is typed: `net[0..<3](X)`.
  private func outputText(_ index: Int) -> String? {
    guard stages.indices.contains(index), !use.isRepeated else { return nil }
    let given = use.text(use.argument) + use.options
    if index == stages.count - 1 { return "\(use.name)(\(given))" }
    return index == 0 ? "\(use.name)[0](\(given))" : "\(use.name)[0..<\(index + 1)](\(given))"
  }

  /// The derivative by what a layer gives: a letter with a law of its own.
  private func delta(_ index: Int) -> Known {
    let isLast = index == stages.count - 1
    if isLast, let target = use.target, use.body == use.call {
      // What the network gives has a name: its derivative can be asked for by it.
      let text = "∂\(use.lossName)/∂\(target)"
      if let expression = Why.parsed(text) {
        let known = Known(
          "δ", .tensor(stages[index].dy), .expression(expression, Meanings(interpreter, SourceText(text))), asked: text)
        known.isLetter = true
        return known
      }
    }
    let name = stages.count == 1 ? "δ" : "δ\(index)"
    let known = Known(name, .tensor(stages[index].dy), .law { try self.law(ofDelta: index) })
    known.isLetter = true
    return known
  }

  /// `δ0 = ∂L/∂net[0](X)`
  func meaning(_ index: Int) -> String {
    let isNamed = index == stages.count - 1 && use.target != nil && use.body == use.call
    let text = isNamed ? use.target ?? "" : outputText(index) ?? "(what \(stages[index].path) gives)"
    return "∂\(use.lossName)/∂\(text)"
  }

  /// The derivative by what a layer gives is what the layer behind it sends back, of the last what the loss does.
  private func law(ofDelta index: Int) throws -> LetterLaw? {
    let stage = stages[index]
    let found: LetterLaw?
    if index == stages.count - 1 {
      found = try lossLaw(stage)
    } else {
      found = try inputLaw(of: stages[index + 1])
    }
    // A run of its own cannot be moved where several are taken together.
    return found?.checked { [trace] in trace.use.isRepeated ? nil : trace.difference(stage, $0) }
  }

  /// The derivative by what the network gives, by the line or function that the network is called in.
  private func lossLaw(_ stage: NetworkTrace.Stage) throws -> LetterLaw? {
    guard let body = use.body, body != use.call else { return nil }
    let letter = ["y", "u", "z"].first { !body.mentions($0) } ?? "y"
    let written = body.replacing(use.call, by: Expression(.name(letter), use.call.range))
    let around = Meanings(
      interpreter, use.around.source, origin: use.around.origin, locals: use.around.locals)
    let text = use.text(use.call)
    let output = Known(
      letter, .tensor(stage.y),
      Why.parsed(text).map { .expression($0, Meanings(interpreter, SourceText(text))) } ?? .given,
      asked: text)
    around.locals[letter] = output
    var rule = Derivatives(around: around, name: letter)
    var incoming = "1"
    if let target = use.target {
      let text = "∂\(use.lossName)/∂\(target)"
      let known = Known("δ", try interpreter.value(of: text), .given, asked: text)
      around.locals["δ"] = known
      incoming = "δ"
    }
    guard let found = try rule.cotangent(of: written, incoming) else { return nil }
    var locals = around.locals
    var letters: [Known] = []
    var standings = ["\(letter) = \(text)"]
    for (name, definition) in rule.letters {
      guard let expression = Why.parsed(definition) else { return nil }
      let inner = Meanings(interpreter, SourceText(definition), origin: use.around.origin, locals: around.locals)
      let known = Known(name, nil, .expression(expression, inner))
      known.isLetter = true
      locals[name] = known
      letters.append(known)
      standings.append("\(name) = \(definition)")
    }
    for known in rule.given where locals[known.label] == nil {
      locals[known.label] = known
      letters.append(known)
    }
    standings += rule.meanings
    around.locals = locals
    return try LetterLaw(
      whole: found, stage.y.rank, around, margin: rule.card, standings: standings, letters: letters)
  }
}
