import Display
import Language
import Tensors

/// The answer for a whole tensor: matrix products as Falk draws them, steps on each number stacked, softmax as a table; of anything else
/// the law, the shapes, and one element.
struct WholeAnswer {
  let why: Why

  private var style: Style { why.style }
  private var interpreter: Interpreter { why.interpreter }

  func document(_ question: Why.Question, _ extents: [Int]) throws -> Document {
    let value = try why.value(of: question)
    guard let tensor = value.numbers(interpreter.elementType), tensor.count > 0 else {
      throw Diagnostic("E0811", "\(question.subject) has no numbers: its shape is \(Shape(extents))")
    }
    let known = why.known(question)
    let zeros = extents.map { _ in Coordinate(0) }
    let path = try why.path(known, zeros)
    if let path, let step = path.steps.last, path.steps.count == 1,
      let table = try Special(why: why).softmaxTable(question, step, tensor)
    {
      return table
    }
    if let path, path.given == nil, tensor.rank == 2, let falk = try falk(question, path, tensor) { return falk }
    if let path, path.given == nil, let stack = try stack(question, path, tensor) { return stack }
    return try element(question, path, tensor)
  }

  /// The law, and one element in full.
  func element(_ question: Why.Question, _ path: Why.Path?, _ tensor: Tensor) throws -> Document {
    let subject = question.base.isPartial ? Printer().text(question.base) + question.places.text : question.subject
    // Of `h[2]` the places go on behind the 2.
    let name =
      question.base.isPathText || question.base.isPartial
      ? Printer().text(question.base) : "(\(Printer().text(question.base)))"
    let places = question.places + tensor.shape.dimensions.map { _ in Coordinate(0) }
    var document = Document()
    var head: Line = "  \(subject, .name)\(" : \(tensor.shape)", .dim), one element of it:"
    if let line = path?.steps.first?.line { head = head.with(margin: "your line \(line)") }
    document.append(head)
    document.append(try why.answer(name + places.text))
    if tensor.count > 1 {
      let last = question.places + tensor.shape.dimensions.map { Coordinate($0 - 1) }
      let offer = ":why \(name)\(last.text)"
      if offer.shown(style).displayWidth + 10 <= style.width { document.append("  \("or", .hint)    \(offer, .name)") }
    }
    return document
  }

  /// Steps that change each number by itself, one below the other (R9): `z`, `tanh`, `⊙ m`, `=`.
  private func stack(_ question: Why.Question, _ path: Why.Path, _ tensor: Tensor) throws -> Document? {
    guard let step = path.steps.first, tensor.rank == 1 || tensor.rank == 2, tensor.count > 1 else { return nil }
    func grid(_ numbers: Tensor) -> NumberGrid? {
      // A number and a row stretch over the whole.
      let (rows, columns) = (tensor.rank == 2 ? tensor.shape[0] : 1, tensor.shape[tensor.rank - 1])
      guard numbers.shape.stretches(to: tensor.shape) else { return nil }
      let whole = numbers.shape == tensor.shape ? numbers : Broadcast(to: tensor.shape)(numbers)
      return NumberGrid(rows: rows, columns: columns) { whole[flat: $0 * columns + $1] }
    }
    var rows: [MatrixStack.Row] = []
    /// The operands of the outermost steps from the inside to the outside; false where something else stands there.
    func take(_ part: Expression) throws -> Bool {
      func own(_ lead: String, _ part: Expression) throws -> Bool {
        guard let value = try step.around.tensor(part), let grid = grid(value.detached) else { return false }
        let shape = value.rank == 0 ? "" : " \(value.shape)"
        rows.append(.init(lead, grid, step.around.text(part) + shape))
        return true
      }
      switch part.kind {
      case .name, .index: return try own("", part)
      case .binary(let op, let left, let right):
        guard let sign = Self.signs[op.kind], left.isStep || left.isPathText, right.isStep || right.isPathText else {
          return false
        }
        return try take(left) && own(sign, right)
      case .call(let callee, let arguments):
        guard arguments.count == 1, let name = callee.name?.text, let builtin = BuiltinCatalogue.builtin(named: name),
          builtin.theme == .elementwise, try take(arguments[0].value), let value = try step.around.tensor(part),
          let grid = grid(value.detached)
        else { return false }
        rows.append(.init(name, grid, "\(value.shape)"))
        return true
      default: return false
      }
    }
    guard !step.expression.isPathText || step.expression.isStep, try take(step.expression), rows.count > 1,
      let result = grid(tensor)
    else { return nil }
    if case .call = step.expression.kind {
      let last = rows.removeLast()
      rows.append(.init(last.lead, result, "\(question.subject) \(tensor.shape)"))
    } else {
      rows.append(.init("=", result, "\(question.subject) \(tensor.shape)"))
    }
    var document = Document()
    if let law = why.law(question, path) {
      document.append(law)
      document.append(Line())
    }
    document.append(MatrixStack(rows).drawing(width: style.width - 2, height: 17, style).document(indent: 2))
    document.append(Line())
    let name = question.base.isPathText ? question.subject : "(\(question.subject))"
    let place = tensor.shape.dimensions.map { Coordinate($0 - 1) }
    document.append("  \("next", .hint)  \(":why \(name)\(place.text)", .name)")
    return document
  }

  private static let signs: [BinaryOperator: String] = [.add: "+", .subtract: "-", .multiply: "⊙", .divide: "/"]

  /// `X @ W`, and what follows it in the same columns.
  private func falk(_ question: Why.Question, _ path: Why.Path, _ tensor: Tensor) throws -> Document? {
    guard var last = path.steps.last else { return nil }
    // A function of the user is its body.
    if case .call(let callee, let arguments) = last.expression.kind,
      case .function(let function)? = try? last.around.value(callee), case .user(let user) = function.kind,
      let inner = try Elements().entering(user, function.name, arguments, last.around)
    {
      (last.expression, last.around) = (inner.body, inner.around)
    }
    var rows: [MatrixStack.Row] = []
    // From the product outwards: what is added, what the line is called, what the next line does.
    var product: (left: Expression, right: Expression, whole: Expression)?
    func take(_ expression: Expression) throws -> Bool {
      switch expression.kind {
      case .binary(let op, let left, let right) where op.kind == .matrixProduct:
        guard try Elements().extents(left, last.around).count == 2,
          try Elements().extents(right, last.around).count == 2
        else { return false }
        product = (left, right, expression)
        return true
      case .binary(let op, let left, let right) where op.kind == .add || op.kind == .subtract:
        guard try take(left), let added = try last.around.tensor(right) else { return false }
        let text = last.around.text(right)
        let sign = op.kind == .add ? "+" : "-"
        if added.rank == 1, added.count == tensor.shape[1] {
          rows.append(
            .init(
              sign, NumberGrid(rows: 1, columns: added.count) { added[flat: $1] },
              "\(text) \(added.shape), to every row"))
        } else if added.rank == 2, added.shape == tensor.shape {
          rows.append(.init(sign, grid(added), "\(text) \(added.shape)"))
        } else {
          return false
        }
        return true
      case .call(let callee, let arguments) where arguments.count == 1:
        guard try take(arguments[0].value), let value = try last.around.tensor(expression) else { return false }
        rows.append(.init(last.around.text(callee), grid(value), "\(value.shape)"))
        return true
      default: return false
      }
    }
    guard try take(last.expression), let product, let left = try last.around.tensor(product.left),
      let right = try last.around.tensor(product.right), let inner = try last.around.tensor(product.whole)
    else { return nil }
    // Names of the lines: z behind the sum, h behind relu.
    for step in path.steps.reversed() {
      guard let statement = step.statement, case .bind(let targets, _, _) = statement.kind, targets.count == 1 else {
        continue
      }
      let name = targets[0].rootText
      if step.law == last.law {
        guard let value = try last.around.tensor(last.expression) else { return nil }
        let text = "\(name) \(value.shape)"
        if let top = rows.last, case .call = last.expression.kind {
          rows[rows.count - 1] = .init(top.lead, top.grid, text)
        } else if !rows.isEmpty {
          rows.append(.init("=", grid(value), text))
        }
      } else if case .call(let callee, let arguments) = step.expression.kind, arguments.count == 1,
        let value = try step.around.tensor(step.expression)
      {
        rows.append(.init(step.around.text(callee), grid(value), "\(name) \(value.shape)"))
      } else {
        return nil
      }
    }
    let scheme = FalkScheme(
      left: grid(left), "\(last.around.text(product.left)) \(left.shape)", right: grid(right),
      "\(last.around.text(product.right)) \(right.shape)", product: grid(inner), last.around.text(product.whole),
      following: rows)
    var document = Document()
    if let law = why.law(question, path) {
      document.append(law)
      document.append(Line())
    }
    document.append(scheme.drawing(width: style.width - 2, height: 17, style).document(indent: 2))
    document.append(Line())
    let (a, b) = (last.around.text(product.left), last.around.text(product.right))
    if product.left.isPathText, product.right.isPathText {
      document.append(
        "  Each number of \(last.around.text(product.whole)) stands where its row of \(a) meets its column of \(b).")
    }
    let place = [Coordinate(0), Coordinate(min(2, tensor.shape[1] - 1))]
    let name = question.base.isPathText ? question.subject : "(\(question.subject))"
    document.append("  \("next", .hint)  \(":why \(name)\(place.text)", .name)")
    return document
  }

  private func grid(_ tensor: Tensor) -> NumberGrid {
    let columns = tensor.shape[1]
    return NumberGrid(rows: tensor.shape[0], columns: columns) { tensor[flat: $0 * columns + $1] }
  }
}

extension Tensor {
  /// What stands behind the first places: a row of a matrix; nil if these are outside.
  func part(at places: [Coordinate]) -> Tensor? {
    guard let numbers = places.numbers, numbers.count <= rank else { return nil }
    var part = detached
    for number in numbers {
      guard number >= 0, number < part.shape[0] else { return nil }
      part = part.slice(axis: 0, number..<(number + 1)).reshaped(to: Shape(Array(part.shape.dimensions.dropFirst())))
    }
    return part
  }
}
