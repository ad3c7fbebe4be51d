import Language

/// The derivative of a line by one name in it, as an expression of what comes back from behind.
struct Derivatives {
  let around: Meanings
  let name: String
  /// Whether a product of tensors or a sum was gone through: there an answer stops.
  var isProduct = false
  var card = ""
  /// Letters that the derivative brings in: `p = softmax(y)`.
  var letters: [(name: String, text: String)] = []
  /// Letters whose laws no expression says: the share of the ways through a label.
  var given: [Known] = []
  /// What these are.
  var meanings: [String] = []
  /// The function of one number that was gone through, and what it was applied to.
  var function: (name: String, operand: String)?
  /// How the name is written, where it stands for a part of the line such as `h[t-1]`.
  private let spelling: String?
  let elements = Elements()

  init(around: Meanings, name: String, as spelling: String? = nil) {
    (self.around, self.name, self.spelling) = (around, name, spelling)
  }

  /// What comes back to the name, if `incoming` comes back to the expression; nil where there is no rule.
  mutating func cotangent(of expression: Expression, _ incoming: String) throws -> String? {
    switch expression.kind {
    case .name(name): return incoming
    case .negate(let inner): return try cotangent(of: inner, "-\(closed(incoming))")
    case .transpose(let inner): return try cotangent(of: inner, "\(closed(incoming))ᵀ")
    case .binary(let op, let left, let right): return try binary(op, left, right, expression, incoming)
    case .call(let callee, let arguments): return try call(callee, arguments, incoming)
    case .choice(let condition, let yes, let no): return try choice(condition, yes, no, incoming)
    default: return nil
    }
  }

  /// What is written for a part of the line.
  func said(_ part: Expression) -> String {
    let text = around.text(part)
    return spelling.map { text.replacingWord(name, with: $0) } ?? text
  }

  func closed(_ text: String) -> String {
    if let expression = Why.parsed(text) {
      switch expression.kind {
      case .name, .number, .call, .index, .partial, .tensor: return text
      default: break
      }
    }
    return "(\(text))"
  }

  private func text(_ part: Expression) -> String {
    switch part.kind {
    case .name, .number, .call, .index, .field, .transpose, .tensor: said(part)
    default: "(\(said(part)))"
    }
  }

  /// Only the branch that is taken sends something back; where the condition is of each number, each has its own.
  private mutating func choice(_ condition: Expression, _ yes: Expression, _ no: Expression, _ incoming: String) throws
    -> String?
  {
    let varies = condition.uses(around.letters) || condition.mentions(name) && spelling != nil
    if !varies, case .number(let holds)? = try? around.value(condition) {
      return try cotangent(of: holds != 0 ? yes : no, incoming)
    }
    var parts: [String] = []
    for (branch, isThen) in [(yes, true), (no, false)] where branch.mentions(name) {
      let share =
        isThen
        ? "(if \(said(condition)) then \(incoming) else 0)" : "(if \(said(condition)) then 0 else \(incoming))"
      guard let found = try cotangent(of: branch, share) else { return nil }
      parts.append(found)
    }
    return parts.isEmpty ? nil : Self.added(parts)
  }

  private static func added(_ parts: [String]) -> String {
    parts.dropFirst().reduce(parts[0]) { $1.hasPrefix("-") ? "\($0) - \($1.dropFirst())" : "\($0) + \($1)" }
  }

  private mutating func binary(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression, _ incoming: String
  ) throws -> String? {
    let (inLeft, inRight) = (left.mentions(name), right.mentions(name))
    guard inLeft && inRight else { return try binary(op, left, right, whole, incoming, inLeft: inLeft) }
    guard op.kind != .power, let first = try binary(op, left, right, whole, incoming, inLeft: true),
      let second = try binary(op, left, right, whole, incoming, inLeft: false)
    else { return nil }
    return Self.added([first, second])
  }

  /// What comes back to one of the two operands.
  private mutating func binary(
    _ op: Operator, _ left: Expression, _ right: Expression, _ whole: Expression, _ incoming: String, inLeft: Bool
  ) throws -> String? {
    let inRight = !inLeft
    let part = inLeft ? left : right
    let other = inLeft ? right : left
    let isUnit = incoming == "1"
    switch op.kind {
    case .add, .subtract:
      guard let fitted = try narrowed(incoming, part, whole) else { return nil }
      return try cotangent(of: part, op.kind == .subtract && inRight ? "-\(closed(fitted))" : fitted)
    case .multiply:
      let product = isUnit ? text(other) : "\(closed(incoming)) * \(text(other))"
      guard let fitted = try narrowed(product, part, whole) else { return nil }
      return try cotangent(of: part, fitted)
    case .divide where inLeft:
      guard let fitted = try narrowed("\(closed(incoming)) / \(text(other))", part, whole) else { return nil }
      return try cotangent(of: part, fitted)
    case .divide:
      let above = isUnit ? text(other) : "\(closed(incoming)) * \(text(other))"
      guard let fitted = try narrowed("-\(above) / \(text(part))^2", part, whole) else { return nil }
      return try cotangent(of: part, fitted)
    case .join:
      let (own, first) = (try elements.extents(part, around), try elements.extents(left, around))
      guard !isUnit, let width = own.last, let start = inLeft ? 0 : first.last else { return nil }
      let lead = Array(repeating: ":", count: own.count - 1)
      let places = (lead + ["\(start)..<\(start + width)"]).joined(separator: ", ")
      return try cotangent(of: part, "\(closed(incoming))[\(places)]")
    case .power where inLeft:
      guard case .number(let power) = other.kind else { return nil }
      let base = letter(for: part) ?? text(part)
      let raised = power == 2 ? base : "\(base)^\(around.text(Expression(.number(power - 1))))"
      let slope = "\(around.text(Expression(.number(power)))) * \(raised)"
      return try cotangent(of: part, isUnit ? slope : "\(slope) * \(closed(incoming))")
    case .matrixProduct:
      let (a, b) = (try elements.extents(left, around).count, try elements.extents(right, around).count)
      let g = closed(incoming)
      isProduct = true
      let next: String
      switch (a, b, inLeft) {
      case (0, 0, _), (1, 1, _): next = isUnit ? text(other) : "\(g) * \(text(other))"
      case (2, 2, false), (2, 1, false): next = "\(transposed(left)) @ \(g)"
      case (2, 2, true): next = "\(g) @ \(transposed(right))"
      case (1, 2, true): next = "\(text(right)) @ \(g)"
      case (2, 1, true): next = "outer(\(incoming), \(said(right)))"
      case (1, 2, false): next = "outer(\(said(left)), \(incoming))"
      default: return nil
      }
      return try cotangent(of: part, next)
    default: return nil
    }
  }

  /// A letter for a part that adds up products, so that one sum stands in the answer.
  private mutating func letter(for part: Expression) -> String? {
    var hasProduct = false
    part.walk { if case .binary(let op, _, _) = $0.kind, op.kind == .matrixProduct { hasProduct = true } }
    guard hasProduct else { return nil }
    let text = said(part)
    if let known = letters.first(where: { $0.text == text }) { return known.name }
    guard
      let name = ["z", "e", "u", "a", "s", "v", "q", "g", "m", "d"].first(where: { name in
        around.known(name) == nil && !letters.contains { $0.name == name }
      })
    else { return nil }
    letters.append((name, text))
    return name
  }

  private func transposed(_ part: Expression) -> String {
    if case .transpose(let inner) = part.kind { return text(inner) }
    return "\(text(part))ᵀ"
  }

  /// What comes back to an operand that stretched: the sum over what it stretched along.
  private mutating func narrowed(_ incoming: String, _ part: Expression, _ whole: Expression) throws -> String? {
    let (own, all) = (try elements.extents(part, around), try elements.extents(whole, around))
    if own == all { return incoming }
    guard incoming != "1" else { return nil }
    isProduct = true
    if own.isEmpty { return "sum(\(incoming))" }
    if own.count == 1, all.count == 2, own[0] == all[1] { return "sum(\(incoming), axis: 0)" }
    return nil
  }

  private mutating func call(_ callee: Expression, _ arguments: [Language.Argument], _ incoming: String) throws
    -> String?
  {
    guard case .function(let function) = try around.value(callee) else { return nil }
    if case .user(let user) = function.kind { return try entering(user, arguments, incoming) }
    guard case .builtin(let builtin) = function.kind,
      let argument = arguments.first?.value, argument.mentions(name),
      !arguments.dropFirst().contains(where: { $0.value.mentions(name) })
    else { return nil }
    let isUnit = incoming == "1"
    let extents = try elements.extents(argument, around)
    let count = extents.reduce(1, *)
    func times(_ slope: String) -> String { isUnit ? slope : "\(slope) * \(closed(incoming))" }
    if builtin.theme == .elementwise, arguments.count == 1, builtin.isDifferentiable {
      self.function = (callee.name?.text ?? builtin.name, said(argument))
      let operand = letter(for: argument) ?? said(argument)
      return try cotangent(of: argument, times("\(around.text(callee))'(\(operand))"))
    }
    if let found = try several(builtin, callee, arguments, incoming) { return found }
    guard arguments.allSatisfy({ $0.label == nil }) else { return nil }
    let x = text(argument)
    func target() -> String { arguments.count > 1 ? text(arguments[1].value) : "" }
    switch builtin.name {
    case "sum" where arguments.count == 1 && !isUnit, "mean" where arguments.count == 1:
      // A number comes back to every element alike.
      guard extents.isEmpty == false else { return nil }
      let share = builtin.name == "sum" ? closed(incoming) : isUnit ? "1 / \(count)" : "\(closed(incoming)) / \(count)"
      guard case .name = argument.kind else {
        var inner = Derivatives(around: around, name: name, as: spelling)
        // Steps that change each number by itself take a number as it is.
        inner.letters = letters
        // Behind a step a number has become a tensor, which a product of matrices may take back.
        guard let found = try inner.cotangent(of: argument, closed(share)),
          !found.contains("@") || argument.isStep || argument.changesEach
        else {
          return nil
        }
        (isProduct, self.function) = (isProduct || inner.isProduct, inner.function ?? self.function)
        letters = inner.letters
        return found
      }
      return share
    case "sum" where arguments.count == 1:
      guard argument.name == nil else { return nil }
      return try cotangent(of: argument, "1")
    case "mse":
      card = "D1.mse"
      return try cotangent(of: argument, times("2 / \(count) * (\(x) - \(target()))"))
    case "mae": return try cotangent(of: argument, times("sign(\(x) - \(target())) / \(count)"))
    case "bce":
      card = "D1.ce"
      return try cotangent(of: argument, times("(\(x) - \(target())) / (\(x) * (1 - \(x))) / \(count)"))
    case "bce_logits":
      card = "D1.ce"
      return try cotangent(of: argument, times("(sigmoid(\(x)) - \(target())) / \(count)"))
    case "cross_entropy":
      card = "D1.ce"
      guard arguments.count == 2 else { return nil }
      let labels = try elements.extents(arguments[1].value, around)
      let right = labels == extents ? target() : "one_hot(\(said(arguments[1].value)), \(extents.last ?? 1))"
      let rows = extents.dropLast().reduce(1, *)
      let letter = ["p", "q", "s"].first { around.known($0) == nil } ?? "p"
      letters.append((letter, "softmax(\(said(argument)))"))
      let slope = "\(letter) - \(right)"
      return try cotangent(of: argument, times(rows == 1 ? "(\(slope))" : "(\(slope)) / \(rows)"))
    default: return nil
    }
  }
}

extension Derivatives {
  /// Through a function of the user: its body with the arguments put in; nil where the text alone does not tell what it does.
  private mutating func entering(
    _ user: UserFunction, _ arguments: [Language.Argument], _ incoming: String
  ) throws -> String? {
    var meant: [String: Expression] = [:]
    for (position, argument) in arguments.enumerated() {
      let parameter = argument.label?.text ?? (position < user.parameters.count ? user.parameters[position].name : "")
      guard user.parameters.contains(where: { $0.name == parameter }) else { return nil }
      meant[parameter] = argument.value
    }
    for parameter in user.parameters where meant[parameter.name] == nil {
      guard let text = parameter.text.splitOnce(":")?.1, let value = Why.parsed(text) else { return nil }
      meant[parameter.name] = value
    }
    guard let body = body(of: user, &meant) else { return nil }
    // Said again, so that each part of it stands at a place of its own.
    let text = around.text(body)
    guard text.count < Self.longestBody, let expression = Why.parsed(text) else { return nil }
    var locals = around.locals
    for capture in user.captures { locals[capture.name] = Known(capture.name, capture.value, .given) }
    let around = Meanings(around.interpreter, SourceText(text), origin: around.origin, locals: locals)
      .with(letters: around.letters)
    var inner = Derivatives(around: around, name: name, as: spelling)
    (inner.letters, inner.given, inner.meanings) = (letters, given, meanings)
    defer { (given, meanings) = (inner.given, inner.meanings) }
    guard let found = try inner.cotangent(of: expression, incoming) else { return nil }
    (letters, function) = (inner.letters, inner.function ?? function)
    (isProduct, card) = (isProduct || inner.isProduct, card.isEmpty ? inner.card : card)
    return found
  }

  private static let longestBody = 2000

  /// What the function gives, as an expression of its arguments: the lines of a block are put into those that use them.
  private func body(of user: UserFunction, _ meant: inout [String: Expression]) -> Expression? {
    func put(_ expression: Expression) -> Expression? {
      let found = expression.replacing { part in
        if case .name(let name) = part.kind { meant[name]?.kind } else { nil }
      }
      // What stands in a function within it is not replaced.
      var isClosed = true
      expression.walk { part in if case .lambda = part.kind { isClosed = false } }
      return isClosed ? found : nil
    }
    switch user.definition {
    case .expression(let body): return put(body)
    case .block(let block):
      for (index, statement) in block.statements.enumerated() {
        switch statement.kind {
        case .bind(let targets, let values, _):
          guard targets.count == 1, values.count == 1, case .name(let name) = targets[0], let value = put(values[0])
          else { return nil }
          meant[name.text] = value
          if index == block.statements.count - 1 { return value }
        case .expression(let body) where index == block.statements.count - 1: return put(body)
        default: return nil
        }
      }
      return nil
    }
  }
}

extension Expression {
  /// Whether its last step is a function or a power of each number.
  fileprivate var changesEach: Bool {
    switch kind {
    case .binary(let op, _, _): op.kind == .power
    case .call(let callee, let arguments):
      arguments.count == 1 && callee.name.flatMap { BuiltinCatalogue.builtin(named: $0.text) }?.theme == .elementwise
    default: false
    }
  }

  /// Whether it changes each number of a name by itself.
  var isStep: Bool {
    switch kind {
    case .name, .number, .index: true
    case .binary(let op, let left, let right): op.kind != .matrixProduct && left.isStep && right.isStep
    case .negate(let inner): inner.isStep
    case .call(_, let arguments): arguments.count == 1 && arguments[0].value.isStep
    default: false
    }
  }
}
