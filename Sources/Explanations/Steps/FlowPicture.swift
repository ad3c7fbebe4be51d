import Display
import Language
import Tensors

/// One operation on the way back: what comes in at it, its local derivative, what goes out, and the product that joins them.
struct FlowPicture {
  struct Out {
    let name: String
    let value: Tensor
    /// What goes out through this operation.
    let gradient: Tensor
    /// Whether that is all that comes back to the name: it may be used elsewhere too.
    var isAll = true
  }

  let loss: String
  let name: String
  let expression: Expression
  let incoming: Tensor
  let outgoing: [Out]
  /// The names that hold samples, by which nobody wants a derivative where there are weights.
  let data: [String]
  let around: Surroundings
  /// The indices on the left, where the line is an index equation.
  var places: [Place]?
  /// The step that sent on what comes in here, and those that what goes out comes in at.
  var cameFrom: Int?
  var goesTo: [String: Int] = [:]

  func d(_ name: String) -> String {
    let short = name.shortOperand
    // What would look like another one is written further.
    let isAlone = !outgoing.contains { $0.name != name && $0.name.shortOperand == short }
    return "∂\(loss)/∂"
      + (isAlone ? short : name.asOperand.count > 30 ? name.asOperand.prefix(27) + "…)" : name.asOperand)
  }
  func out(_ name: String) -> Out? { outgoing.first { $0.name == name } }
  func out(_ part: Expression) -> Out? { out(around.text(part)) }
  /// What goes out, as a label: with the step it goes to, and whether there is more of it.
  func label(_ own: Out) -> String {
    d(own.name) + rest(of: own)
  }
  func rest(of own: Out) -> String {
    (own.isAll ? "" : ", this way") + (goesTo[own.name].map { ", on to step \($0)" } ?? "")
  }
  var incomingLabel: String { d(name) + (cameFrom.map { ", from step \($0)" } ?? "") }

  /// The name that the drawing leads to.
  var main: String? {
    if let product {
      return (around.text(product.left).unless { data.contains($0) || out($0) == nil })
        ?? around.text(product.rightCore)
    }
    return outgoing.first { !data.contains($0.name) }?.name
  }

  func document(_ style: Style) -> Document {
    if let places, let equation = equation(places, style) { return equation }
    if let unary = unary(style) { return unary }
    if let softmax = softmax(style) { return softmax }
    if let norm = layerNorm(style) { return norm }
    if let dot = dot(style) { return dot }
    if let falk = falk(style) { return falk }
    if let loss = lossRows(style) { return loss }
    if let binary = binary(style) { return binary }
    return plain(style)
  }

  /// What is to be said of it.
  func remark(_ style: Style) -> [String] {
    var remark = cutRemark(style)
    if remark.isEmpty { remark = productRemark(style) }
    if remark.isEmpty { remark = movementRemark(style) }
    if remark.isEmpty, let part = outgoing.first(where: { !$0.isAll && !data.contains($0.name) }) {
      remark = ["\(part.name) is used elsewhere too: \(d(part.name)) is the sum of what comes back each way"]
    }
    return remark
  }

  // MARK: One element at a time

  var isElementwise: Bool { elementwise != nil }

  var elementwise: (function: String, input: Expression)? {
    guard case .call(let callee, let arguments) = expression.kind, arguments.count == 1,
      let function = callee.name?.text, case .function(let called)? = around.value(callee),
      case .builtin(let builtin) = called.kind, builtin.theme == .elementwise,
      let input = around.tensor(arguments[0].value), input.shape == incoming.shape, incoming.rank > 0
    else { return nil }
    return (function, arguments[0].value)
  }

  /// The slope of a function of one number, as it is written.
  func slope(_ function: String, _ z: String) -> String {
    switch function {
    case "relu": z.count > 9 ? "1 where it is > 0" : "1 where \(z) > 0, else 0"
    case "σ", "sigmoid": "\(name.asFactor) ⊙ (1 - \(name.asFactor))"
    case "tanh": "1 - \(name.asFactor)²"
    case "exp": name
    case "sin": "cos(\(z))"
    case "cos": "-sin(\(z))"
    case "log", "ln": "1 / \(z.asFactor)"
    case "sqrt", "√": "1 / (2 \(name.asFactor))"
    default: "\(function)'(\(z))"
    }
  }

  private func unary(_ style: Style) -> Document? {
    guard let (function, input) = elementwise, let local = self.local(function, input) else { return nil }
    let z = around.text(input)
    let own = out(z) ?? Out(name: z, value: incoming, gradient: incoming * local)
    let isMask = local.elements.allSatisfy { $0 == 0 || $0 == 1 }
    return stack(
      [
        .init("incoming", incoming.grid, incomingLabel, role: .operandA),
        .init(
          style.glyph("⊙ local", "* local"), local.grid,
          "∂\(name.shortOperand)/∂\(z.shortOperand): \(slope(function, z))",
          role: .operandB, hasOwnDecimals: isMask),
        .init("= outgoing", own.gradient.grid, label(own), role: .result),
      ], style)
  }

  /// The slope of a function of one number at each of them.
  func local(_ function: String, _ input: Expression) -> Tensor? {
    guard let value = around.value(input) else { return nil }
    let call = Expression(.call(Expression(.name(function)), [Language.Argument(nil, Expression(.name("q")))]))
    return Flow.back(Tensor.ones(incoming.shape), call, to: "q", around.adding("q", value))
  }

  private func cutRemark(_ style: Style) -> [String] {
    guard let (function, input) = elementwise, function == "relu", let before = around.tensor(input) else { return [] }
    let cut = before.elements.enumerated().filter { $0.element <= 0 }
    guard let first = cut.first else { return [] }
    let place = before.place(of: first.offset)
    let what = "\(around.text(input).asOperand)\(place) = \(style.number(first.element))"
    if cut.count == 1 { return ["\(what) was cut to 0 going forward, so nothing comes back there."] }
    return ["\(cut.count) were cut to 0 going forward, such as \(what): nothing comes back there."]
  }

  // MARK: Anything else

  func stack(_ rows: [MatrixStack.Row], leads: MatrixStack.Leads = .left, _ style: Style) -> Document {
    let width = style.width - 2
    var rows = rows
    // What is long gives way to the numbers.
    for room in [46, 40, 34, 28, 22] {
      if MatrixStack(rows, leads: leads).drawing(width: .max, height: .max, style).width <= width { break }
      for index in rows.indices { rows[index].label = rows[index].label.shown(style).cut(to: room, style: style) }
    }
    return MatrixStack(rows, leads: leads).drawing(width: width, height: StepPicture.mostLines, style).document()
  }

  /// In and out, where the joining formula says more than the local numbers would.
  func plain(_ style: Style) -> Document {
    var document = Document()
    let shown = outgoing.filter { !data.contains($0.name) || outgoing.count == 1 }
    let height = max(3, 14 / max(1, min(4, shown.count) + 1))
    func add(_ title: String, _ label: String, _ tensor: Tensor, _ role: Role) {
      if tensor.rank == 0 {
        document.append(
          "  \(title.padded(to: 10), .dim)\(label.shown(style), .name) = \(style.number(tensor.item), role)")
        return
      }
      let row = MatrixStack.Row(title, tensor.grid, tensor.label(label), role: role)
      document.append(
        MatrixStack([row], leads: .left).drawing(width: style.width - 2, height: height, style).document())
    }
    add("incoming", d(name), incoming, .operandA)
    for own in shown.prefix(4) { add("outgoing", d(own.name) + (own.isAll ? "" : ", this way"), own.gradient, .result) }
    if shown.count > 4 {
      let names = shown.dropFirst(4).map { d($0.name) }.joined(separator: ", ")
      document.append(Line("  and \(shown.count - 4) more: \(names)".shown(style).cut(to: style.width, style: style)))
    }
    return document
  }
}

extension String {
  /// The text as something that can stand beside a sign: in parentheses where there is a sign in it.
  var asFactor: String {
    var depth = 0
    for character in self {
      if "([".contains(character) { depth += 1 }
      if ")]".contains(character) { depth -= 1 }
      if depth == 0, " +-*/^@".contains(character) { return "(\(self))" }
    }
    return self
  }

  /// The text as something that can stand behind a ∂: in parentheses where it is more than a name or an element.
  var asOperand: String {
    let isCall = enumerated().contains { $1 == "(" && $0 > 0 } || last == "²"
    return isCall ? "(\(self))" : asFactor
  }

  /// The same, what is long cut: it is the present line's, which stands above.
  var shortOperand: String {
    let text = asOperand
    return text.count > 16 && text.hasSuffix(")") ? text.prefix(11) + "…)" : text
  }

  /// An element of it: `h[1]` and `[0]` are `h[1,0]`.
  func element(_ subscripts: String) -> String {
    hasSuffix("]") && !subscripts.isEmpty ? dropLast() + "," + subscripts.dropFirst() : self + subscripts
  }

  func unless(_ condition: (String) -> Bool) -> String? { condition(self) ? nil : self }
}
