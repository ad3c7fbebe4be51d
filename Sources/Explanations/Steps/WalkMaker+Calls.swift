import Display
import Language
import Networks
import Tensors

extension WalkMaker {
  /// The walk through a call of a network or of a function of the user; nil for anything else.
  func callWalk(_ expression: Expression, _ around: Surroundings) -> Walk? {
    guard let (start, entries) = callEntries(expression, around), !entries.isEmpty else { return nil }
    return Self.walk(from: start, entries)
  }

  /// The walk through all calls of networks and functions of the user in an expression, in the order in which they are computed.
  func nestedWalk(_ expression: Expression, _ around: Surroundings) -> Walk? {
    var (start, entries) = (String?.none, [Entry]())
    for call in expression.nestedCalls {
      guard let found = callEntries(call, around), !found.entries.isEmpty else { continue }
      start = start ?? found.start
      entries += found.entries
    }
    return entries.isEmpty ? nil : Self.walk(from: start ?? "", entries)
  }

  func callEntries(_ expression: Expression, _ around: Surroundings) -> (start: String, entries: [Entry])? {
    guard case .call(let callee, let arguments) = expression.kind, let called = around.value(callee),
      let first = arguments.first
    else { return nil }
    switch called {
    case .network(let network):
      guard let x = around.tensor(first.value) else { return nil }
      return (
        around.text(first.value), layers(network.network, x, around.text(callee), around.text(first.value), around)
      )
    case .function(let function):
      switch function.kind {
      case .user(let user): return statements(of: user, arguments, around)
      case .builtin where function.name == "attention" && arguments.count == 3: return attention(arguments, around)
      default: return nil
      }
    default: return nil
    }
  }

  // MARK: Functions

  /// The statements of a function, its parameters bound to the arguments of a call.
  private func statements(of user: UserFunction, _ arguments: [Language.Argument], _ around: Surroundings)
    -> (start: String, entries: [Entry])?
  {
    guard let inside = inside(of: user, arguments, around) else { return nil }
    let start = user.parameterNames.first ?? ""
    switch user.definition {
    case .expression(let expression):
      guard let value = inside.value(expression) else { return nil }
      return (start, [entry("ans", expression, value, inside, statement: inside.text(expression), isLocal: true)])
    case .block(let block): return (start, entries(block.statements, inside))
    }
  }

  /// What the names of a function mean in a call of it.
  func inside(of user: UserFunction, _ arguments: [Language.Argument], _ around: Surroundings) -> Surroundings? {
    var inside = around
    inside.source = user.source
    // What the arguments draw is drawn before.
    var moved = around.random
    if around.value(Expression(.list(arguments.map(\.value))), movedTo: &moved) != nil { inside.random = moved }
    for (name, value) in user.capturedValues { inside = inside.adding(name, value) }
    for (index, parameter) in user.parameterNames.enumerated() {
      if let argument = argument(parameter, index, arguments), let value = around.value(argument) {
        inside = inside.adding(parameter, value)
      } else if let text = user.defaultText(of: parameter), let value = inside.value(text) {
        inside = inside.adding(parameter, value)
      }
    }
    return inside
  }

  /// What a call gives for a parameter.
  func argument(_ parameter: String, _ index: Int, _ arguments: [Language.Argument]) -> Expression? {
    (arguments.first { $0.label?.text == parameter }
      ?? (index < arguments.count && arguments[index].label == nil ? arguments[index] : nil))?.value
  }

  /// Statements that run one after the other, each pass of a loop one step; what cannot be followed so is one step as a whole.
  func entries(_ statements: [Statement], _ around: Surroundings) -> [Entry] {
    guard let trace = Trace(statements, around, result: "ans") else { return unfollowed(statements, around) }
    return entries(trace.lines)
  }

  func entries(_ lines: [Trace.Line]) -> [Entry] {
    lines.flatMap { line -> [Entry] in
      switch line {
      case .pass(let pass): return pass.lines.isEmpty ? [] : [entry(pass)]
      case .bound(let bound):
        return bound.pieces.compactMap { piece in
          // A name alone is what a line before has shown.
          if piece.name == "ans", piece.expression.name != nil { return nil }
          let statement = [bound.text, bound.reason].filter { !$0.isEmpty }.joined(separator: "   ")
          let isPart = bound.isUnpacking || piece.value.numbers == nil
          guard !isPart else { return partEntry(piece.name, piece.expression, piece.value, bound.around, statement) }
          return entry(
            piece.name, piece.expression, piece.value, bound.around, statement: statement, equation: bound.places,
            isLocal: true)
        }
      }
    }
  }

  /// A pass of a loop: what it bound, its lines inside.
  func entry(_ pass: Trace.Pass) -> Entry {
    Entry(name: pass.name) { title in
      var statement = "\(pass.lines.count) lines of a loop"
      if pass.lines.count == 1, case .bound(let bound) = pass.lines[0] { statement = bound.text }
      let bound = pass.boundNames.compactMap { name in
        pass.around.names.last { $0.name == name }.map { ($0.name, $0.value) }
      }
      var step = Step(title, statement.firstLineOnly) { style in
        var document = Document()
        let numeric = bound.compactMap { name, value in value.numbers.map { (name, $0) } }
        let rows = numeric.prefix(5).map { MatrixStack.Row("", $1.grid, $1.label($0), role: .result) }
        if !rows.isEmpty {
          document.append(
            MatrixStack(rows).drawing(width: style.width - 2, height: StepPicture.mostLines, style).document())
        }
        if numeric.count > 5 { document.append(Line("  and \(numeric.count - 5) more")) }
        return document
      }
      step.remark = { _ in ["what it left; into shows its lines"] }
      step.names = pass.around.names
      step.inners = [("", { Self.walk(from: "", entries(pass.lines)) })]
      return step
    }
  }

  /// Of a call that gives several values one of them.
  func partEntry(
    _ name: String, _ expression: Expression, _ value: Value, _ around: Surroundings, _ statement: String
  ) -> Entry {
    Entry(name: name) { title in
      var step = Step(title, statement.firstLineOnly) { _ in
        Document(around.interpreter.echo(value, named: name).lines.prefix(StepPicture.mostLines).map { $0 })
          .indented(by: 2)
      }
      step.names = around.names + [(name, value)]
      if callEntries(expression, around) != nil { step.inners = [("", { callWalk(expression, around) })] }
      return step
    }
  }

  private func unfollowed(_ statements: [Statement], _ around: Surroundings) -> [Entry] {
    var inside = around
    var entries: [Entry] = []
    for (index, statement) in statements.enumerated() {
      let text = inside.source.text(statement.range)
      let shown = text.isEmpty ? Printer().text(statement) : text
      if case .expression(let expression) = statement.kind {
        guard let value = inside.value(expression) else { continue }
        if expression.name == nil || index < statements.count - 1 {
          entries.append(entry("ans", expression, value, inside, statement: shown))
        }
        continue
      }
      let names = statement.boundNames
      guard !names.isEmpty else { continue }
      // The statement and what it bound, as one expression.
      let parts = names.map { Expression(.name($0)) }
      let block = Block([statement, Statement(.expression(parts.count == 1 ? parts[0] : Expression(.list(parts))))])
      let call = Expression(.call(Expression(.lambda([], .block(block))), []))
      guard let value = inside.value(call) else { continue }
      var values = [value]
      if parts.count > 1, case .list(let items) = value { values = items }
      for (name, value) in zip(names, values) {
        let expression = statement.expression(for: name)
        if let expression {
          entries.append(entry(name, expression, value, inside, statement: shown, equation: statement.places(of: name)))
        } else {
          let echo = value
          let around = inside
          entries.append(
            Entry(name: name) { title in
              var step = Step(title, shown.firstLineOnly) { _ in
                Document(around.interpreter.echo(echo, named: name).lines.prefix(StepPicture.mostLines).map { $0 })
                  .indented(by: 2)
              }
              step.names = around.names + [(name, echo)]
              step.example = nil
              return step
            })
        }
        inside = inside.adding(name, value)
      }
    }
    return entries
  }

  /// Statements written here, in names of their own.
  func entries(_ text: String, _ around: Surroundings) -> [Entry] {
    let source = SourceText(text)
    var inside = around
    inside.source = source
    inside.origin = nil
    return entries(Parser.parse(source).statements, inside)
  }

  /// Scores, weights and context.
  private func attention(_ arguments: [Language.Argument], _ around: Surroundings) -> (start: String, entries: [Entry])?
  {
    var inside = around
    for (name, argument) in zip(["Q", "K", "V"], arguments) {
      guard let value = around.value(argument.value) else { return nil }
      inside = inside.adding(name, value)
    }
    guard let keys = around.tensor(arguments[1].value), keys.rank == 2 else { return nil }
    inside = inside.adding("d", .number(Double(keys.shape[1])))
    return ("Q", entries("S = Q @ Kᵀ / √d\nA = softmax(S)\nc = A @ V", inside))
  }

  // MARK: Layers

  /// A network's layers, one step each.
  func layers(_ network: Network, _ x: Tensor, _ name: String, _ input: String, _ around: Surroundings) -> [Entry] {
    var entries: [Entry] = []
    var x = x.detached.cast(to: network.elementType ?? x.elementType)
    var before = input
    for (index, layer) in network.layers.enumerated() {
      guard let y = try? layer(x) else { break }
      // What only says the shape is no step.
      if layer is Input { continue }
      let own = network.count == 1 ? name : "\(name)[\(index)]"
      entries.append(self.layer(layer, own, x, y.detached, before, around, isLast: index == network.count - 1))
      x = y.detached
      before = network.count == 1 ? name : "\(name)[\(index)]"
    }
    return entries
  }

  func layer(
    _ layer: any Layer, _ name: String, _ x: Tensor, _ y: Tensor, _ before: String, _ around: Surroundings, isLast: Bool
  ) -> Entry {
    Entry(name: name) { title in
      var inside = around.adding("x", .tensor(x)).adding("y", .tensor(y))
      for parameter in layer.parameters { inside = inside.adding(parameter.name, Value(parameter.value)) }
      let margin = "\(layer.description) → \(y.shape)"
      var step: Step
      if let text = equation(of: layer, x), let own = self.entries(text, inside).last {
        step = own.make(title)
        step.statement = margin
      } else {
        step = Step(title, margin) { style in
          var document = Document()
          let rows: [MatrixStack.Row] = [
            .init(layer.kind, x.grid, x.label("x"), role: .operandA), .init("=", y.grid, y.label("y"), role: .result),
          ]
          document.append(
            MatrixStack(rows).drawing(width: style.width - 2, height: StepPicture.mostLines, style).document())
          return document
        }
        step.example = nil
      }
      step.names = inside.names
      if step.example?.hasPrefix("y[") == true { step.example = "y" + y.subscripts() }
      step.remark = Self.joined(
        step.remark,
        before == "x"
          ? "here y is what the layer gives"
          : "here x is \(before == "" ? "the input" : before), y what the layer gives")
      step.inners = self.inners(of: layer, x, y, inside) ?? step.inners
      return step
    }
  }

  private static func joined(_ remark: @escaping (Style) -> [String], _ text: String) -> (Style) -> [String] {
    { style in
      let own = remark(style)
      return own.isEmpty || own[0].contains("is the result") ? [text] : own
    }
  }

  /// What a layer computes, in the language, with its weights by their names; nil where its inner steps say it.
  private func equation(of layer: any Layer, _ x: Tensor) -> String? {
    switch layer {
    case let dense as Dense where x.rank == 2: return dense.bias == nil ? "y = x @ W" : "y = x @ W + b"
    case is FunctionLayer:
      guard case .function(let function)? = interpreter.value(named: layer.kind), case .builtin = function.kind else {
        return nil
      }
      return "y = \(layer.kind)(x)"
    default: return nil
    }
  }
}

extension Expression {
  /// The calls in it, the inner ones first.
  var nestedCalls: [Expression] {
    let inner = children.flatMap(\.nestedCalls)
    if case .call = kind { return inner + [self] }
    if case .lambda = kind { return [] }
    return inner
  }
}

extension String {
  var firstLineOnly: String { String(prefix { $0 != "\n" }) + (contains("\n") ? " …" : "") }
}

extension Statement {
  /// The names that it binds.
  var boundNames: [String] {
    switch kind {
    case .bind(let targets, _, _):
      var names: [String] = []
      for name in targets.compactMap(\.root) where !names.contains(name) { names.append(name) }
      return names
    case .forLoop(_, _, let block), .whileLoop(_, let block), .repeatLoop(_, let block):
      var names: [String] = []
      for name in block.statements.flatMap(\.boundNames) where !names.contains(name) { names.append(name) }
      return names
    case .define(let function): return [function.name.text]
    case .conditional(let conditional):
      var names: [String] = []
      for name in conditional.arms.flatMap({ $0.block.statements.flatMap(\.boundNames) }) where !names.contains(name) {
        names.append(name)
      }
      return names
    default: return []
    }
  }
}
