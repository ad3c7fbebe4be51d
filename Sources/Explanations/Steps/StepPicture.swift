import Display
import Language
import Networks
import Tensors

/// What a statement `name = expression` shows of its numbers: Falk's scheme for a product of matrices, rows below each other for what
/// goes element by element, a table for a loss, else what went in and what came out (R9).
struct StepPicture {
  let name: String
  let expression: Expression
  let value: Value
  let around: Surroundings

  /// What is done to a value one element at a time.
  private struct Operation {
    /// `+`, `relu`
    let sign: String
    let operand: (grid: NumberGrid, label: String)?
    let result: Tensor
  }

  func document(_ style: Style) -> Document {
    if let loss = lossTable(style) { return loss }
    if let stacked = drawing(style) { return stacked.document() }
    return listing(style)
  }

  /// Whether the numbers are drawn rather than listed.
  private func drawing(_ style: Style) -> Drawing? {
    guard let result = value.numbers, result.count > 0 else { return nil }
    var operations: [Operation] = []
    var core = expression
    while let (operation, inner) = operation(core) {
      operations.insert(operation, at: 0)
      core = inner
    }
    if case .binary(let op, let left, let right) = core.kind, op.kind == .matrixProduct,
      let scheme = falk(left, right, core, operations, result)
    {
      return scheme.drawing(width: style.width - 2, height: Self.mostLines, style)
    }
    guard !operations.isEmpty, let start = around.tensor(core), start.rank == result.rank, start.count > 0 else {
      return nil
    }
    var rows: [MatrixStack.Row] = []
    if operations.count == 1, operations[0].operand == nil {
      rows.append(.init(operations[0].sign, start.grid, start.label(around.text(core)), role: .operandA))
      rows.append(.init("=", result.grid, result.label(name), role: .result))
    } else {
      rows.append(.init("", start.grid, start.label(around.text(core)), role: .operandA))
      rows += following(operations, result)
    }
    return MatrixStack(rows).drawing(width: style.width - 2, height: Self.mostLines, style)
  }

  /// The lines a drawing may have: a frame has 24 in all.
  static let mostLines = 16

  private func following(_ operations: [Operation], _ result: Tensor) -> [MatrixStack.Row] {
    var rows: [MatrixStack.Row] = []
    for (index, operation) in operations.enumerated() {
      let isLast = index == operations.count - 1
      let label = isLast ? result.label(name) : ""
      guard let operand = operation.operand else {
        rows.append(.init(operation.sign, operation.result.grid, label, role: isLast ? .result : .plain))
        continue
      }
      rows.append(.init(operation.sign, operand.grid, operand.label, role: index == 0 ? .operandC : .plain))
      // What is only added to further is not shown in between.
      let next = isLast ? nil : operations[index + 1].operand
      if isLast || next == nil {
        rows.append(.init("=", operation.result.grid, label, role: isLast ? .result : .plain))
      }
    }
    return rows
  }

  /// The outermost step of an expression that goes element by element, and what it is done to.
  private func operation(_ expression: Expression) -> (Operation, Expression)? {
    guard let result = around.tensor(expression), result.rank > 0 else { return nil }
    switch expression.kind {
    case .call(let callee, let arguments):
      guard let function = callee.name, arguments.count == 1, arguments[0].label == nil,
        let inner = around.tensor(arguments[0].value), inner.shape == result.shape
      else { return nil }
      return (Operation(sign: function.text, operand: nil, result: result), arguments[0].value)
    case .negate(let inner): return (Operation(sign: "-", operand: nil, result: result), inner)
    case .binary(let op, let left, let right):
      guard [.add, .subtract, .multiply, .divide, .power].contains(op.kind) else { return nil }
      guard let a = around.tensor(left), let b = around.tensor(right) else { return nil }
      // A factor in front is no less elementwise than one behind.
      if a.shape != result.shape, b.shape == result.shape, op.kind == .multiply || op.kind == .add {
        return (Operation(sign: Self.sign(op), operand: operand(a, around.text(left), result), result: result), right)
      }
      guard a.shape == result.shape else { return nil }
      return (Operation(sign: Self.sign(op), operand: operand(b, around.text(right), result), result: result), left)
    default: return nil
    }
  }

  private static func sign(_ op: Operator) -> String {
    switch op.kind {
    case .multiply: "⊙"
    case .power: "^"
    default: op.symbol
    }
  }

  private func operand(_ tensor: Tensor, _ text: String, _ result: Tensor) -> (grid: NumberGrid, label: String) {
    let isStretched = tensor.rank > 0 && tensor.rank < result.rank
    return (tensor.grid, tensor.label(text) + (isStretched ? ", to every row" : tensor.rank == 0 ? ", everywhere" : ""))
  }

  private func falk(
    _ left: Expression, _ right: Expression, _ product: Expression, _ operations: [Operation], _ result: Tensor
  ) -> FalkScheme? {
    guard let a = around.tensor(left), let b = around.tensor(right), let c = around.tensor(product), a.rank > 0,
      b.rank > 0,
      a.rank <= 2, b.rank <= 2, c.count > 0, a.count > 0
    else { return nil }
    // A vector is a row on the left, a column on the right.
    let isColumn = b.rank == 1
    let (leftGrid, rightGrid) = (a.grid, isColumn ? b.column : b.grid)
    func turned(_ grid: NumberGrid) -> NumberGrid {
      guard isColumn, grid.rows == 1, leftGrid.rows > 1, grid.columns == leftGrid.rows else { return grid }
      return NumberGrid(rows: grid.columns, columns: 1) { row, _ in grid.element(0, row) }
    }
    let productGrid = isColumn ? c.column : c.grid
    guard leftGrid.columns == rightGrid.rows, productGrid.rows == leftGrid.rows,
      productGrid.columns == rightGrid.columns
    else { return nil }
    var rows = following(operations, result).map { row in
      var row = row
      row.grid = turned(row.grid)
      return row
    }
    for index in rows.indices where isColumn {
      rows[index].label = rows[index].label.replacing(", to every row", with: "")
    }
    return FalkScheme(
      left: leftGrid, a.label(around.text(left)), right: rightGrid, b.label(around.text(right)), product: productGrid,
      operations.isEmpty ? c.label(name) : around.text(product), following: rows)
  }

  // MARK: Losses

  private func lossTable(_ style: Style) -> Document? {
    guard case .call(let callee, let arguments) = expression.kind, let function = callee.name?.text,
      arguments.count == 2, let total = value.numbers, total.rank == 0, let given = around.tensor(arguments[0].value),
      let target = around.tensor(arguments[1].value)
    else { return nil }
    switch function {
    case "cross_entropy" where given.rank == 2 && target.rank == 1:
      return classes(given, target, arguments, total, style)
    case "cross_entropy" where given.rank == 1 && target.rank == 0:
      let row = Tensor(given.elements, shape: Shape([1, given.count]))
      return classes(row, Tensor([target.item]), arguments, total, style)
    case "mse", "mae", "bce":
      guard given.shape == target.shape, given.rank > 0 else { return nil }
      return differences(function, given, target, arguments, total, style)
    default: return nil
    }
  }

  /// Losses that are a mean over places: what each costs, and their mean.
  private func differences(
    _ function: String, _ given: Tensor, _ target: Tensor, _ arguments: [Language.Argument], _ total: Tensor,
    _ style: Style
  ) -> Document {
    let (y, t) = (around.text(arguments[0].value), around.text(arguments[1].value))
    var rows: [MatrixStack.Row] = [.init("", given.grid, given.label(y), role: .operandA)]
    let difference = given - target
    switch function {
    case "mse":
      rows += [
        .init("-", target.grid, target.label(t), role: .operandB), .init("=", difference.grid, "how far off"),
        .init("^2", (difference * difference).grid, "squared", role: .result),
      ]
    case "mae":
      rows += [
        .init("-", target.grid, target.label(t), role: .operandB), .init("=", difference.grid, "how far off"),
        .init("abs", difference.abs().grid, "without sign", role: .result),
      ]
    default:
      let shares = target * given + (1 - target) * (1 - given)
      rows += [
        .init("", target.grid, target.label(t), role: .operandB, hasOwnDecimals: true),
        .init(
          "=", shares.grid, "\(y.asFactor) where \(t) is 1, else 1 - \(y.asFactor)"),
        .init("-ln", Tensor(shares.elements.map { -logarithm($0) }, shape: shares.shape).grid, "of it", role: .result),
      ]
    }
    var document = MatrixStack(rows).drawing(width: style.width - 2, height: Self.mostLines - 2, style).document()
    document.append(Line())
    document.append(
      "  \(name, .name) = the mean of these \(NumberFormat.count(given.count)) = \(style.number(total.item), .result)")
    return document
  }

  /// `cross_entropy(y, t)`: for each row the probability of the right class and what it costs.
  private func classes(
    _ logits: Tensor, _ labels: Tensor, _ arguments: [Language.Argument], _ total: Tensor, _ style: Style
  ) -> Document {
    let (y, t) = (around.text(arguments[0].value), around.text(arguments[1].value))
    let p = Softmax()(logits)
    let columns = logits.shape[1]
    let shown = MatrixStack([
      .init("", logits.grid, logits.label(y), role: .operandA),
      .init("softmax", p.grid, "p: each row adds to 1"),
    ]).drawing(width: style.width - 2, height: 8, style)
    var document = shown.document()
    document.append(Line())
    let rows = labels.count
    let places: [Int?] = rows <= 4 ? (0..<rows).map { $0 } : [0, 1, 2, nil, rows - 1]
    func cost(_ row: Int) -> (Int, Double, Double) {
      let label = Int(labels[flat: row])
      let share = p[flat: row * columns + min(max(0, label), columns - 1)]
      return (label, share, -logarithm(share))
    }
    let numbers = places.compactMap { $0 }.map(cost)
    let shares = NumberFamily(of: numbers.map(\.1), format: NumberFormat(style))
    let costs = NumberFamily(of: numbers.map(\.2) + [total.item], format: NumberFormat(style))
    var next = 0
    document.append(Line("      n   right class   p[n, \(t)[n]]   -ln of it".shown(style), .dim))
    for place in places {
      guard let row = place else {
        document.append(Line("      \(style.glyph("…", "..."))   \(rows - 4) more", .dim))
        continue
      }
      let (label, share, cost) = numbers[next]
      next += 1
      document.append(
        "  \("\(row)".leftPadded(to: 5))   \("\(label)".leftPadded(to: 11))   \(shares.text(share).leftPadded(to: 10 + t.count), .operandA)   \(costs.text(cost).leftPadded(to: 9), .result)"
      )
    }
    document.append(
      "\("  mean of the last column".padded(to: 34 + t.count))   \(costs.text(total.item).leftPadded(to: 9), .result)   \(name)"
    )
    return document
  }

  // MARK: Anything else

  /// What went in, a line each, and what came out.
  private func listing(_ style: Style) -> Document {
    var document = Document()
    var seen: Set<String> = []
    expression.walk { part in
      guard case .name(let text) = part.kind, seen.insert(text).inserted, seen.count <= 6,
        let value = around.value(part)
      else { return }
      switch value {
      case .function, .nothing: return
      case .network(let network):
        document.append(Line("  \(text) : \(network.network.count) layer\(network.network.count == 1 ? "" : "s")"))
      default:
        document.append(
          Document(around.interpreter.echo(value, named: text).lines.prefix(6).map { $0 }).indented(by: 2))
      }
    }
    if !document.isEmpty { document.append(Line()) }
    let echo = around.interpreter.echo(value, named: name).indented(by: 2).lines
    let room = max(3, Self.mostLines - document.lines.count)
    document.append(contentsOf: echo.prefix(room))
    return document
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

func logarithm(_ x: Double) -> Double { log(x) }
