import Display
import Language
import Networks
import Tensors

/// Losses, sums and softmax on the way back: rows that can be calculated from top to bottom.
extension FlowPicture {
  func lossRows(_ style: Style) -> Document? {
    guard case .call(let callee, let arguments) = expression.kind, let function = callee.name?.text, incoming.rank == 0,
      let y = arguments.first.flatMap({ around.tensor($0.value) }), let own = out(arguments[0].value), y.rank > 0
    else { return nil }
    let text = around.text(arguments[0].value)
    let target = arguments.count == 2 ? around.tensor(arguments[1].value) : nil
    let t = arguments.count == 2 ? around.text(arguments[1].value) : ""
    func number(_ value: Double) -> NumberGrid { NumberGrid([[value]]) }
    let times = style.glyph("·", "*")
    var rows: [MatrixStack.Row]
    switch function {
    case "cross_entropy":
      guard let target, y.rank <= 2 else { return nil }
      let p = Softmax()(y)
      let columns = y.shape[y.rank - 1]
      rows = [.init("", p.grid, "p = softmax(\(text))", role: .operandA)]
      if target.shape == y.shape {
        rows.append(.init("-", target.grid, target.label(t), role: .operandB))
      } else {
        let hot = NumberGrid(rows: y.count / columns, columns: columns) { Int(target[flat: $0]) == $1 ? 1 : 0 }
        rows.append(.init("-", hot, "1 at the right class \(t)", role: .operandB, hasOwnDecimals: true))
      }
      if y.rank == 2 { rows.append(.init("/", number(Double(y.shape[0])), "rows", hasOwnDecimals: true)) }
    case "mse", "bce", "bce_logits":
      guard let target, target.shape == y.shape else { return nil }
      let first = function == "bce_logits" ? Sigmoid()(y) : y
      rows = [
        .init("", first.grid, function == "bce_logits" ? "σ(\(text))" : y.label(text), role: .operandA),
        .init("-", target.grid, target.label(t), role: .operandB),
      ]
      if function == "bce" {
        let slope = NumberGrid(rows: y.grid.rows, columns: y.grid.columns) { row, column in
          let p = y.grid.element(row, column)
          return p * (1 - p)
        }
        rows.append(.init("/", slope, "\(text.asFactor) ⊙ (1 - \(text.asFactor))"))
      }
      let count = Double(y.count)
      rows.append(
        function == "mse"
          ? .init(times, number(2 / count), "2 over \(y.count) numbers", hasOwnDecimals: true)
          : .init("/", number(count), "numbers", hasOwnDecimals: true))
    case "mae":
      guard let target, target.shape == y.shape else { return nil }
      let sign = NumberGrid(rows: y.grid.rows, columns: y.grid.columns) { row, column in
        let difference = y.grid.element(row, column) - target.grid.element(row, column)
        return difference > 0 ? 1 : difference < 0 ? -1 : 0
      }
      rows = [
        .init("", sign, "the sign of \(text) - \(t)", role: .operandA),
        .init("/", number(Double(y.count)), "numbers", hasOwnDecimals: true),
      ]
    case "mean" where arguments.count == 1:
      rows = [.init("", number(1 / Double(max(1, y.count))), "1 over \(y.count) numbers, for each of them")]
    case "sum" where arguments.count == 1:
      rows = [.init("", number(1), "each number counts once")]
    default: return nil
    }
    if incoming.item != 1 {
      rows.append(.init(times, number(incoming.item), "\(d(name)), incoming", hasOwnDecimals: true))
    }
    rows.append(
      .init(
        "=", own.gradient.grid,
        own.gradient.label(d(own.name)) + (rest(of: own).isEmpty ? ", outgoing" : rest(of: own)), role: .result))
    return stack(rows, leads: .right, style)
  }

  /// `∂L/∂S = A ⊙ (∂L/∂A - ∑ ∂L/∂A ⊙ A)`: a share that grows takes from the others in its row.
  func softmax(_ style: Style) -> Document? {
    guard case .call(let callee, let arguments) = expression.kind, arguments.count == 1,
      callee.name?.text == "softmax", let own = out(arguments[0].value), let value = around.tensor(expression),
      (1...2).contains(value.rank), value.shape == incoming.shape
    else { return nil }
    let (s, g) = (value.grid, incoming.grid)
    let shared = NumberGrid(rows: s.rows, columns: 1) { row, _ in
      (0..<s.columns).reduce(0.0) { $0 + g.element(row, $1) * s.element(row, $1) }
    }
    return stack(
      [
        .init("incoming", g, incomingLabel, role: .operandA),
        .init(style.glyph("- ∑", "- sum"), shared, "∑[k] \(d(name)) ⊙ \(name.asFactor), one for each row"),
        .init(style.glyph("⊙ local", "* local"), s, value.label(name), role: .operandB),
        .init("= outgoing", own.gradient.grid, label(own), role: .result),
      ], style)
  }

  /// `∂L/∂x = (∂L/∂y - mean(∂L/∂y) - y ⊙ mean(∂L/∂y ⊙ y)) / σ`: what a row gains as a whole is taken away again.
  func layerNorm(_ style: Style) -> Document? {
    guard case .call(let callee, let arguments) = expression.kind, arguments.count == 1,
      callee.name?.text == "layer_norm", let own = out(arguments[0].value), let value = around.tensor(expression),
      (1...2).contains(value.rank), value.shape == incoming.shape
    else { return nil }
    let (x, y, g) = (own.value.grid, value.grid, incoming.grid)
    func mean(_ row: Int, _ number: (Int) -> Double) -> Double {
      (0..<y.columns).reduce(0.0) { $0 + number($1) } / Double(y.columns)
    }
    let rows = 0..<y.rows
    let shares = rows.map { row in mean(row) { g.element(row, $0) * y.element(row, $0) } }
    let means = rows.map { row in [mean(row) { g.element(row, $0) }] }
    let widths = rows.map { row in
      let middle = mean(row) { x.element(row, $0) }
      return [(mean(row) { (x.element(row, $0) - middle) * (x.element(row, $0) - middle) } + 1e-5).squareRoot()]
    }
    let part = NumberGrid(rows.map { row in (0..<y.columns).map { y.element(row, $0) * shares[row] } })
    return stack(
      [
        .init("incoming", g, incomingLabel, role: .operandA),
        .init("- mean", NumberGrid(means), "of each row of it"),
        .init("- share", part, "\(name.asFactor) ⊙ the mean of \(d(name)) ⊙ \(name.asFactor)"),
        .init("/ width", NumberGrid(widths), "√(variance + 1e-5) of each row of \(own.name)"),
        .init("= outgoing", own.gradient.grid, label(own), role: .result),
      ], style)
  }
}
