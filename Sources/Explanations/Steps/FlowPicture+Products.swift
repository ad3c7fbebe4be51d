import Display
import Language
import Tensors

/// Products of matrices on the way back: the transposed factor on the other side.
extension FlowPicture {
  /// The product of matrices that a statement is, whatever is added to it.
  struct Product {
    let left, right: Expression
    let added: [Expression]

    /// The right factor without its `ᵀ`.
    var rightCore: Expression {
      if case .transpose(let inner) = right.kind { inner } else { right }
    }
    var isTurned: Bool { rightCore != right }
  }

  var product: Product? { Product(expression) }

  /// What a product of matrices gives to its factors and to what is added: `∂L/∂W = Xᵀ @ ∂L/∂z`.
  var laws: [String] {
    guard let product, let a = around.tensor(product.left), let b = around.tensor(product.right) else { return [] }
    let rank = around.tensor(expression)?.rank ?? 0
    var laws: [String] = []
    for part in [product.left, product.rightCore] where out(part) != nil && !data.contains(around.text(part)) {
      laws.append("\(d(around.text(part))) = \(law(to: around.text(part), product, a, b))")
    }
    for added in product.added {
      guard let own = out(added), own.value.rank < rank, rank == 1 || own.value.rank == 1 else { continue }
      laws.append("\(d(around.text(added))) = ∑[n] \(d(name))\(rank == 1 ? "[n]" : "[n,:]")")
    }
    return laws
  }

  func productRemark(_ style: Style) -> [String] {
    guard !isDot, let product, let a = around.tensor(product.left), let b = around.tensor(product.right) else {
      return []
    }
    let (left, right) = (around.text(product.left), around.text(product.rightCore))
    let isColumn = b.rank == 1
    var parts: [String] = []
    for name in [left, right] where out(name) != nil && name != drawn && !data.contains(name) {
      parts.append("\(d(name)) = \(law(to: name, product, a, b))")
    }
    for added in product.added {
      guard let own = out(added) else { continue }
      let text = around.text(added)
      if own.gradient.shape == incoming.shape {
        parts.append("\(d(text)) = \(d(name))")
      } else if own.gradient.rank == 0 {
        let letters = incoming.rank == 1 ? "n" : "n,j"
        parts.append("\(d(text)) = ∑[\(letters)] \(d(name))[\(letters)] = \(style.number(own.gradient.item))")
      } else if drawn == right, !isColumn {
        let numbers = own.gradient.elements.prefix(4).map { style.number($0) }.joined(separator: ", ")
        let dots = own.gradient.count > 4 ? ", …" : ""
        parts.append("\(d(text)) = ∑[n] \(d(name))[n,:] = [\(numbers)\(dots)]")
      } else {
        parts.append("\(d(text)) = ∑[n] \(d(name))[n,:]")
      }
    }
    let start = drawn == right ? "and  " : "here too:  "
    let line = start + parts.joined(separator: "      ")
    if parts.isEmpty { return [] }
    return line.shown(style).displayWidth <= style.width - 4 ? [line] : [start + parts[0]] + parts.dropFirst()
  }

  /// `δ @ Wᵀ`: what comes back to one factor.
  private func law(to factor: String, _ product: Product, _ a: Tensor, _ b: Tensor) -> String {
    let (left, right) = (around.text(product.left).asFactor, around.text(product.rightCore).asFactor)
    let delta = d(name)
    if b.rank == 1, a.rank == 1 { return "\(delta) * \(factor == left ? right : left)" }
    if b.rank == 1 { return factor == left ? "outer(\(delta), \(right))" : "\(left.transposed) @ \(delta)" }
    if a.rank == 1 { return factor == left ? "\(right) @ \(delta)" : "outer(\(left), \(delta))" }
    if factor == around.text(product.left) { return product.isTurned ? "\(delta) @ \(right)" : "\(delta) @ \(right)ᵀ" }
    return product.isTurned ? "\(delta)ᵀ @ \(left)" : "\(left.transposed) @ \(delta)"
  }

  /// The factor whose derivative is drawn.
  private var drawn: String? {
    guard let product, let a = around.tensor(product.left), let b = around.tensor(product.right) else { return nil }
    let (left, right) = (around.text(product.left), around.text(product.rightCore))
    func wanted(_ name: String) -> Bool { out(name) != nil && !data.contains(name) }
    // A vector goes on through the matrix; of two matrices the one that is no samples.
    if b.rank == 1, a.rank == 2, wanted(right) { return right }
    return wanted(left) ? left : wanted(right) ? right : out(left) != nil ? left : out(right) != nil ? right : nil
  }

  func falk(_ style: Style) -> Document? { drawn.flatMap { falk(to: $0, style) } }

  /// The product that gives the derivative by one factor, in Falk's scheme.
  func falk(to factor: String, _ style: Style) -> Document? {
    guard let product, let a = around.tensor(product.left), let b = around.tensor(product.right),
      let own = out(factor), a.rank == 2 || b.rank == 2, (1...2).contains(a.rank), (1...2).contains(b.rank),
      incoming.count > 0
    else { return nil }
    let isLeft = factor == around.text(product.left)
    let whole = scheme(
      a, b, own, isLeft, "\(d(name)), incoming", goesTo[own.name] == nil ? label(own) + ", outgoing" : label(own))
    // What is long gives way to the numbers.
    let short = scheme(a, b, own, isLeft, "incoming", d(own.name))
    var drawing = whole.drawing(width: style.width - 2, height: StepPicture.mostLines, style)
    let isOnlyNamed = drawing.height == 1
    if isOnlyNamed || whole.drawing(width: .max, height: .max, style).width > style.width - 2 {
      drawing = short.drawing(width: style.width - 2, height: StepPicture.mostLines, style)
    }
    return drawing.document()
  }

  private func scheme(_ a: Tensor, _ b: Tensor, _ own: Out, _ isLeft: Bool, _ delta: String, _ result: String)
    -> FalkScheme
  {
    let (left, right) = (product.map { around.text($0.left) } ?? "", product.map { around.text($0.rightCore) } ?? "")
    let isTurned = product?.isTurned == true
    func turned(_ text: String, _ tensor: Tensor) -> String {
      "\(text.count > 16 ? text.shortOperand + "ᵀ" : text.transposed) "
        + (tensor.rank == 1 ? "[1, \(tensor.count)]" : "\([tensor.shape[1], tensor.shape[0]])")
    }
    switch (a.rank, b.rank, isLeft) {
    case (2, 2, true):
      let local = isTurned ? "\(right.shortOperand) \([b.shape[1], b.shape[0]])" : turned(right, b)
      return FalkScheme(
        left: incoming.grid, delta, right: b.turned, local + (delta == "incoming" ? "" : ", local"),
        product: own.gradient.grid, result)
    case (2, 2, false) where isTurned:
      return FalkScheme(
        left: incoming.turned, "(\(delta))ᵀ", right: a.grid, a.label(left.shortOperand), product: own.gradient.grid,
        result)
    case (2, 2, false):
      return FalkScheme(
        left: a.turned, turned(left, a), right: incoming.grid, delta, product: own.gradient.grid, result)
    case (2, 1, false):
      return FalkScheme(
        left: a.turned, turned(left, a), right: incoming.column, delta, product: own.gradient.column, result)
    case (2, 1, true):
      return FalkScheme(
        left: incoming.column, delta, right: b.grid, turned(right, b), product: own.gradient.grid, result)
    case (1, 2, true):
      return FalkScheme(
        left: b.grid, b.label(right.shortOperand), right: incoming.column, delta, product: own.gradient.column, result)
    default:
      return FalkScheme(
        left: a.column, a.label(left.shortOperand), right: incoming.grid, delta, product: own.gradient.grid, result)
    }
  }

  /// The products that one frame has no room for: one frame for each factor.
  func productFrames(_ names: [(name: String, value: Value)], _ statement: String) -> [Step] {
    guard let product, !isDot else { return [] }
    var factors: [String] = []
    for part in [product.left, product.rightCore] {
      let text = around.text(part)
      if out(text) != nil, !factors.contains(text) { factors.append(text) }
    }
    guard factors.count > 1 else { return [] }
    return factors.map { factor in
      var step = Step(.words("to \(d(factor))"), statement) { style in falk(to: factor, style) ?? plain(style) }
      step.names = names
      if let a = around.tensor(product.left), let b = around.tensor(product.right) {
        step.remark = { _ in ["\(d(factor)) = \(law(to: factor, product, a, b))"] }
      }
      return step
    }
  }
}

extension FlowPicture.Product {
  init?(_ expression: Expression) {
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
    (self.left, self.right, self.added) = (left, right, added)
  }
}

extension Expression {
  /// Whether a product of matrices stands in it.
  var hasProduct: Bool {
    var has = false
    walk { if case .binary(let op, _, _) = $0.kind, op.kind == .matrixProduct { has = true } }
    return has
  }
}

extension String {
  /// What it is called with rows for columns: `X` of `Xᵀ` and of `X.T`, else with a `ᵀ` behind it.
  fileprivate var transposed: String {
    if hasSuffix("ᵀ") { return String(dropLast()) }
    if hasSuffix(".T") { return String(dropLast(2)) }
    return asFactor + "ᵀ"
  }
}

extension Tensor {
  /// The matrix with rows for columns.
  var turned: NumberGrid {
    let grid = grid
    return NumberGrid(rows: grid.columns, columns: grid.rows) { grid.element($1, $0) }
  }
}
