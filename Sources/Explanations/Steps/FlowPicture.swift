import Display
import Language
import Tensors

/// What comes in at a statement on the way back, the local derivative, and what goes out.
struct FlowPicture {
  struct Out {
    let name: String
    let value: Tensor
    let gradient: Tensor
  }

  let loss: String
  let name: String
  let expression: Expression
  let incoming: Tensor
  let outgoing: [Out]
  /// The names that hold samples, by which nobody wants a derivative where there are weights.
  let data: [String]
  let around: Surroundings
  /// The step that sent on what comes in here, and those that what goes out comes in at.
  var cameFrom: Int?
  var goesTo: [String: Int] = [:]

  var isElementwise: Bool { elementwise != nil }

  /// What a product of matrices gives to its weights.
  var laws: [String] {
    guard let product else { return [] }
    var laws: [String] = []
    if let right = product.right.name?.text { laws.append("\(d(right)) = \(around.text(product.left))ᵀ @ \(d(name))") }
    for added in product.added {
      if let text = added.name?.text { laws.append("\(d(text)) = ∑[n] \(d(name))[n,:]") }
    }
    return laws
  }

  private func d(_ name: String) -> String { "∂\(loss)/∂\(name)" }
  private func out(_ name: String) -> Out? { outgoing.first { $0.name == name } }

  /// The name that the drawing leads to.
  var main: String? {
    if let product {
      return (product.left.name.flatMap { data.contains($0.text) ? nil : $0.text }) ?? product.right.name?.text
    }
    return outgoing.first { !data.contains($0.name) }?.name
  }

  /// The product of matrices that a statement is, whatever is added to it.
  private var product: (left: Expression, right: Expression, added: [Expression])? {
    var core = expression
    var added: [Expression] = []
    while case .binary(let op, let left, let right) = core.kind, op.kind == .add {
      let isLeft = left.hasProduct
      added.append(isLeft ? right : left)
      core = isLeft ? left : right
    }
    guard case .binary(let op, let left, let right) = core.kind, op.kind == .matrixProduct,
      !added.contains(where: \.hasProduct)
    else { return nil }
    return (left, right, added)
  }

  func document(_ style: Style) -> Document {
    if let unary = unary(style) { return unary }
    if let falk = falk(style) { return falk }
    if let loss = loss(style) { return loss }
    return plain(style)
  }

  func remark(_ style: Style) -> [String] {
    if let (function, input) = elementwise, function == "relu", let before = around.tensor(input) {
      let cut = before.elements.enumerated().filter { $0.element <= 0 }
      guard let first = cut.first else { return [] }
      let place = before.place(of: first.offset)
      let number = style.number(first.element)
      if cut.count == 1 {
        return ["\(around.text(input))\(place) = \(number) was cut to 0 going forward, so nothing comes back there."]
      }
      return [
        "\(cut.count) were cut to 0 going forward, such as \(around.text(input))\(place) = \(number): nothing comes back there."
      ]
    }
    guard let product else { return [] }
    var parts: [String] = []
    if let right = product.right.name?.text, out(right) != nil, main != right {
      parts.append("\(d(right)) = \(around.text(product.left))ᵀ @ \(d(name))")
    }
    for added in product.added {
      guard let text = added.name?.text, let own = out(text), own.gradient.rank < incoming.rank else { continue }
      if main == product.right.name?.text {
        let numbers = own.gradient.elements.prefix(4).map { style.number($0) }.joined(separator: ", ")
        let dots = own.gradient.count > 4 ? ", …" : ""
        parts.append("\(d(text)) = ∑[n] \(d(name))[n,:] = [\(numbers)\(dots)]")
      } else {
        parts.append("\(d(text)) = ∑[n] \(d(name))[n,:]")
      }
    }
    return parts.isEmpty
      ? [] : [(main == product.right.name?.text ? "and  " : "here too:  ") + parts.joined(separator: "      ")]
  }

  // MARK: One element at a time

  private var elementwise: (function: String, input: Expression)? {
    guard case .call(let callee, let arguments) = expression.kind, arguments.count == 1,
      let function = callee.name?.text,
      let input = around.tensor(arguments[0].value), input.shape == incoming.shape, incoming.rank > 0,
      !["softmax", "log_softmax", "cumsum", "sort"].contains(function)
    else { return nil }
    return (function, arguments[0].value)
  }

  private func unary(_ style: Style) -> Document? {
    guard let (function, input) = elementwise,
      let local = Flow.back(
        Tensor.ones(incoming.shape),
        Expression(.call(Expression(.name(function)), [Language.Argument(nil, Expression(.name("q")))])),
        to: "q", around.adding("q", around.value(input) ?? .nothing))
    else { return nil }
    let own = out(around.text(input))
    let outgoing = own?.gradient ?? incoming * local
    let z = around.text(input)
    let rule: String
    switch function {
    case "relu": rule = "1 where \(z) > 0, else 0"
    case "σ", "sigmoid": rule = "\(name) ⊙ (1 - \(name))"
    case "tanh": rule = "1 - \(name)²"
    case "exp": rule = name
    default: rule = "\(function)'(\(z))"
    }
    let isMask = local.elements.allSatisfy { $0 == 0 || $0 == 1 }
    return MatrixStack(
      [
        .init("incoming", incoming.grid, d(name) + (cameFrom.map { ", from step \($0)" } ?? ""), role: .operandA),
        .init(
          style.glyph("⊙ local", "* local"), local.grid, "∂\(name)/∂\(z): \(rule)", role: .operandB,
          hasOwnDecimals: isMask),
        .init("= outgoing", outgoing.grid, d(z) + (goesTo[z].map { ", on to step \($0)" } ?? ""), role: .result),
      ], leads: .left
    ).drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
  }

  // MARK: Products of matrices

  private func falk(_ style: Style) -> Document? {
    guard let product, let a = around.tensor(product.left), let b = around.tensor(product.right),
      a.rank == 2 || b.rank == 2,
      (1...2).contains(a.rank), (1...2).contains(b.rank), incoming.count > 0
    else { return nil }
    let (left, right) = (around.text(product.left), around.text(product.right))
    let scheme: FalkScheme
    let isColumn = b.rank == 1
    let delta = isColumn ? incoming.column : incoming.grid
    if main == product.right.name?.text, let own = out(right), a.rank == 2 {
      // Samples go no further: the derivative by the weights.
      scheme = FalkScheme(
        left: a.turned, "\(left)ᵀ \([a.shape[1], a.shape[0]])", right: delta, "\(d(name)), incoming",
        product: isColumn ? own.gradient.column : own.gradient.grid,
        "\(d(right)), outgoing")
    } else if isColumn, a.rank == 2, let own = out(right) {
      scheme = FalkScheme(
        left: a.turned, "\(left)ᵀ \([a.shape[1], a.shape[0]])", right: delta, "\(d(name)), incoming",
        product: own.gradient.column,
        "\(d(right)), outgoing")
    } else if b.rank == 2, let own = out(left) {
      scheme = FalkScheme(
        left: delta, "\(d(name)), incoming", right: b.turned, "\(right)ᵀ \([b.shape[1], b.shape[0]]), local",
        product: own.gradient.grid,
        "\(d(left)), outgoing")
    } else {
      return nil
    }
    return scheme.drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
  }

  // MARK: Losses

  private func loss(_ style: Style) -> Document? {
    guard case .call(let callee, let arguments) = expression.kind, let function = callee.name?.text, incoming.rank == 0,
      let y = arguments.first.flatMap({ around.tensor($0.value) })
    else { return nil }
    let text = around.text(arguments[0].value)
    guard let own = out(text) else { return nil }
    var rows: [MatrixStack.Row] = []
    let scale = incoming.item
    func number(_ value: Double) -> NumberGrid { NumberGrid([[value]]) }
    switch function {
    case "cross_entropy":
      guard arguments.count == 2, y.rank == 2, let t = around.tensor(arguments[1].value), t.rank == 1 else {
        return nil
      }
      let p = Softmax()(y)
      let columns = y.shape[1]
      let hot = NumberGrid(rows: y.shape[0], columns: columns) { Int(t[flat: $0]) == $1 ? 1 : 0 }
      rows = [
        .init("", p.grid, "p = softmax(\(text))", role: .operandA),
        .init(
          "-", hot, "1 at the right class \(around.text(arguments[1].value))", role: .operandB, hasOwnDecimals: true),
        .init("/", number(Double(y.shape[0])), "rows", hasOwnDecimals: true),
      ]
    case "mse":
      guard arguments.count == 2, let t = around.tensor(arguments[1].value), t.shape == y.shape, y.rank > 0 else {
        return nil
      }
      rows = [
        .init("", y.grid, y.label(text), role: .operandA),
        .init("-", t.grid, t.label(around.text(arguments[1].value)), role: .operandB),
        .init(style.glyph("·", "*"), number(2 / Double(y.count)), "2 over \(y.count) numbers", hasOwnDecimals: true),
      ]
    case "mean" where arguments.count == 1:
      rows = [.init("", number(1 / Double(max(1, y.count))), "1 over \(y.count) numbers, for each of them")]
    case "sum" where arguments.count == 1:
      rows = [.init("", number(1), "each number counts once")]
    default: return nil
    }
    if scale != 1 {
      rows.append(.init(style.glyph("·", "*"), number(scale), "\(d(name)), incoming", hasOwnDecimals: true))
    }
    rows.append(.init("=", own.gradient.grid, own.gradient.label(d(text)) + ", outgoing", role: .result))
    return MatrixStack(rows).drawing(width: style.width - 2, height: StepPicture.mostLines, style).document()
  }

  // MARK: Anything else

  private func plain(_ style: Style) -> Document {
    var document = Document()
    func add(_ title: String, _ name: String, _ tensor: Tensor, _ role: Role, _ height: Int) {
      if tensor.rank == 0 {
        document.append("  \(title.padded(to: 10), .dim)\(name, .name) = \(style.number(tensor.item), role)")
        return
      }
      let row = MatrixStack.Row(title, tensor.grid, tensor.label(name), role: role)
      document.append(
        MatrixStack([row], leads: .left).drawing(width: style.width - 2, height: height, style).document())
    }
    let shown = outgoing.filter { !data.contains($0.name) || outgoing.count == 1 }
    let height = max(3, 14 / max(1, min(4, shown.count) + 1))
    add("incoming", d(name), incoming, .operandA, height)
    for own in shown.prefix(4) { add("outgoing", d(own.name), own.gradient, .result, height) }
    if shown.count > 4 {
      document.append(
        Line("  and \(shown.count - 4) more: \(shown.dropFirst(4).map { d($0.name) }.joined(separator: ", "))"))
    }
    return document
  }
}

extension Expression {
  /// Whether a product of matrices stands in it.
  fileprivate var hasProduct: Bool {
    var has = false
    walk { if case .binary(let op, _, _) = $0.kind, op.kind == .matrixProduct { has = true } }
    return has
  }
}

extension Tensor {
  /// The matrix with rows for columns.
  fileprivate var turned: NumberGrid {
    let grid = grid
    return NumberGrid(rows: grid.columns, columns: grid.rows) { grid.element($1, $0) }
  }
}
