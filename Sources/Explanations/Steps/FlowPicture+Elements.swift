import Display
import Language
import Tensors

/// Arithmetic on the way back, element by element: what each side gets, summed where it was stretched.
extension FlowPicture {
  /// What an operator does to one of its sides: the factor, as it is written and in numbers.
  private struct Side {
    let own: Out
    let rule: String
    let local: Tensor?
  }

  func binary(_ style: Style) -> Document? {
    let sides = self.sides
    guard !sides.isEmpty, sides.allSatisfy({ $0.own.gradient.shape == $0.own.value.shape }) else { return nil }
    if incoming.rank == 0 { return scalars(sides, style) }
    let wanted = sides.filter { !data.contains($0.own.name) }
    var rows: [MatrixStack.Row] = [.init("incoming", incoming.grid, incomingLabel, role: .operandA)]
    for side in wanted.isEmpty ? sides : wanted {
      let isSame = side.own.value.shape == incoming.shape
      var passed = incoming
      if let local = side.local, let product = try? incoming.multiplied(by: local) {
        passed = product
        let sign = style.glyph("⊙ local", "* local")
        rows.append(
          .init(sign, local.grid, "∂\(name.shortOperand)/∂\(side.own.name.shortOperand): \(side.rule)", role: .operandB)
        )
      }
      guard !isSame else {
        let text = side.local == nil ? "\(d(side.own.name)): \(side.rule)" : label(side.own)
        rows.append(.init("= outgoing", side.own.gradient.grid, text, role: .result))
        continue
      }
      if side.local != nil { rows.append(.init("= each", passed.grid, "")) }
      let how = incoming.count == 0 ? 1 : incoming.count / Swift.max(1, side.own.value.count)
      rows.append(
        .init(
          style.glyph("∑ outgoing", "sum outgoing"), side.own.gradient.grid,
          "\(label(side.own)), the sum over \(how)", role: .result))
    }
    return stack(rows, style)
  }

  /// Two vectors' sum of products: each gets the other, times what comes in.
  func dot(_ style: Style) -> Document? {
    guard let sides = dotSides else { return nil }
    let wanted = sides.filter { !data.contains($0.own.name) }
    var rows: [MatrixStack.Row] = [.init("incoming", incoming.grid, incomingLabel, role: .operandA)]
    for side in wanted.isEmpty ? sides : wanted {
      guard let local = side.local else {
        rows.append(.init("outgoing", side.own.gradient.grid, "\(label(side.own)): \(side.rule)", role: .result))
        continue
      }
      let rule = "∂\(name.shortOperand)/∂\(side.own.name.shortOperand): \(side.rule)"
      rows.append(.init(style.glyph("⊙ local", "* local"), local.grid, rule, role: .operandB))
      rows.append(.init("= outgoing", side.own.gradient.grid, label(side.own), role: .result))
    }
    return stack(rows, style)
  }

  var isDot: Bool { dotSides != nil }

  private var dotSides: [Side]? {
    guard let product, incoming.rank == 0 else { return nil }
    let (left, right) = (vector(product.left), vector(product.right))
    guard let a = around.tensor(left), let b = around.tensor(right), a.rank == 1, a.shape == b.shape else { return nil }
    func side(_ part: Expression, _ other: Expression, _ local: Tensor) -> Side? {
      out(part).map { Side(own: $0, rule: around.text(other).asFactor, local: local) }
    }
    let added = product.added.compactMap { part in
      out(part).map { Side(own: $0, rule: "+ passes it on", local: nil) }
    }
    let sides =
      left == right
      ? out(left).map { [Side(own: $0, rule: "2·\(around.text(left).asFactor)", local: a + a)] } ?? []
      : [side(left, right, b), side(right, left, a)].compactMap { $0 }
    return sides.isEmpty ? nil : sides + added
  }

  /// A vector without the `ᵀ` that says nothing of it.
  private func vector(_ part: Expression) -> Expression {
    if case .transpose(let inner) = part.kind, around.tensor(inner)?.rank == 1 { inner } else { part }
  }

  /// The two sides of an operator, or the one of a minus, as far as something goes back to them.
  private var sides: [Side] {
    func side(_ part: Expression, _ rule: String, _ local: Expression?) -> Side? {
      guard let own = out(part) else { return nil }
      return Side(own: own, rule: rule, local: local.flatMap(around.tensor))
    }
    func made(_ op: BinaryOperator, _ left: Expression, _ right: Expression) -> Expression {
      Expression(.binary(Operator(op), left, right))
    }
    let minusOne = Expression(.negate(Expression(.number(1))))
    switch expression.kind {
    case .negate(let inner): return [side(inner, "-1", minusOne)].compactMap { $0 }
    case .binary(let op, let left, let right):
      let (a, b) = (around.text(left).asFactor, around.text(right).asFactor)
      // A value with itself has one derivative, not two.
      if left == right, op.kind == .multiply {
        return [side(left, "2·\(a)", made(.multiply, Expression(.number(2)), left))].compactMap { $0 }
      }
      guard left != right else { return [] }
      switch op.kind {
      case .add, .subtract:
        return expression.summands.compactMap { summand in
          summand.isNegative
            ? side(summand.part, "-1", minusOne) : side(summand.part, "\(op.symbol) passes it on", nil)
        }
      case .multiply: return [side(left, b, right), side(right, a, left)].compactMap { $0 }
      case .divide:
        return [
          side(left, "1 / \(b)", made(.divide, Expression(.number(1)), right)),
          side(right, "-\(a) / \(b)²", Expression(.negate(made(.divide, left, made(.multiply, right, right))))),
        ].compactMap { $0 }
      case .power:
        guard case .number(let n) = right.kind else { return [] }
        let lower = made(.power, left, Expression(.number(n - 1)))
        let rule = n == 2 ? "2·\(a)" : "\(around.text(right))·\(a)^\(around.style.number(n - 1))"
        return [side(left, rule, made(.multiply, Expression(.number(n)), n == 2 ? left : lower))].compactMap { $0 }
      default: return []
      }
    case .call(let callee, let arguments):
      guard incoming.rank == 0, arguments.count == 1, let function = callee.name?.text,
        let own = out(arguments[0].value), own.value.rank == 0, let local = local(function, arguments[0].value)
      else { return [] }
      return [Side(own: own, rule: slope(function, own.name), local: local)]
    default: return []
    }
  }

  /// Of single numbers each line is a calculation.
  private func scalars(_ sides: [Side], _ style: Style) -> Document? {
    guard sides.allSatisfy({ $0.own.value.rank == 0 && ($0.local?.rank ?? 0) == 0 }) else { return nil }
    var document = Document([
      "  \("incoming".padded(to: 12), .dim)\(d(name).shown(style), .name) = \(style.number(incoming.item), .operandA)"
    ])
    func line(_ lead: String, _ name: String, _ text: String) {
      document.append("  \(lead.padded(to: 12), .dim)\(name.shown(style), .name) = \(text)")
    }
    let format = NumberFormat(style)
    for side in sides {
      guard let local = side.local?.item else {
        line(
          "= outgoing", d(side.own.name),
          "\(format.text(incoming.item))    \(side.rule)\(rest(of: side.own))".shown(style))
        continue
      }
      let number = format.text(local)
      let partial = "∂\(name.shortOperand)/∂\(side.own.name.shortOperand)"
      line(
        style.glyph("⊙ local", "* local"), partial,
        (side.rule == number ? number : "\(side.rule) = \(number)").shown(style))
      let product = PrintedCalculation("#·#", [incoming.item, local], incoming.item * local, format: format) {
        $0[0] * $0[1]
      }
      let sign = product.isExact ? "=" : style.glyph("≈", "~")
      let result = format.text(incoming.item * local) + rest(of: side.own)
      line("= outgoing", d(side.own.name), "\(product.text.shown(style)) \(sign) \(result)")
    }
    return document
  }

  // MARK: Numbers that only move

  func movementRemark(_ style: Style) -> [String] {
    switch expression.kind {
    case .transpose: return ["ᵀ only moves numbers: each comes back to where it was"]
    case .index: return ["what was not read gets 0"]
    case .binary(let op, _, _) where op.kind == .join:
      return ["++ only puts one behind the other: each part gets its own share back"]
    case .call(let callee, let arguments):
      guard let function = callee.name?.text else { return [] }
      let input = arguments.first.map { around.text($0.value) } ?? ""
      switch function {
      case "flatten", "reshape", "transpose", "permute", "squeeze", "unsqueeze", "flip", "concat", "stack":
        return ["\(function) only moves numbers: each comes back to where it was"]
      case "max_pool2d":
        guard let own = out(input), let first = own.gradient.elements.firstIndex(where: { $0 != 0 }) else { return [] }
        let value = own.value[flat: first]
        let place = input + own.value.place(of: first)
        return ["each goes to the winner of its window, as \(place) = \(style.number(value)); all others get 0"]
      case "avg_pool2d": return ["each number of a window gets the same share"]
      case "sum" where incoming.rank > 0: return ["each number counts once: what comes in goes to all that were summed"]
      case "mean" where incoming.rank > 0: return ["what comes in is shared among all that the mean was taken of"]
      default: return []
      }
    default: return []
    }
  }
}

extension Expression {
  /// What a chain of `+` and `-` adds up, from left to right.
  var summands: [(part: Expression, isNegative: Bool)] {
    guard case .binary(let op, let left, let right) = kind, op.kind == .add || op.kind == .subtract else {
      return [(self, false)]
    }
    return left.summands + [(right, op.kind == .subtract)]
  }
}

extension Tensor {
  /// Element by element, the other stretched to this shape.
  fileprivate func multiplied(by other: Tensor) throws -> Tensor {
    guard other.rank <= rank else { throw ShapeError.rank(other.shape, expected: "at most \(rank) axes") }
    return self * other
  }
}
