import Language
import Tensors

extension Surroundings {
  /// The expression with a name of its own for each part of a record or list, `p.W`, each value of a sequence, `h[2]`, and each element
  /// of a tensor that a loop reads by its variable.
  func naming(
    partsOf expression: Expression, _ letters: [String] = [], _ sequences: [String: [Int: Value]] = [:]
  ) -> (expression: Expression, around: Surroundings, elements: [String: Trace.Element]) {
    var (inside, elements) = (self, [String: Trace.Element]())
    func number(_ item: Subscript, _ last: Int) -> Int? {
      guard let value = item.value else { return nil }
      let plain = value.replacing { $0.kind == .end ? .number(Double(last)) : nil }
      guard let tensor = tensor(plain), tensor.count == 1 else { return nil }
      return Int(exactly: tensor.item)
    }
    func element(_ name: String, _ item: Subscript) -> (number: Int, value: Value, isOfSequence: Bool)? {
      if let own = sequences[name] {
        return number(item, own.keys.max() ?? 0).flatMap { place in own[place].map { (place, $0, true) } }
      }
      switch value(Expression(.name(name))) {
      case .sequence(let known)?:
        return number(item, known.numbers.upperBound - 1).flatMap { place in known[place].map { (place, $0, true) } }
      case .list(let items)?:
        guard let place = number(item, items.count - 1), items.indices.contains(place), items[place].numbers != nil
        else { return nil }
        return (place, items[place], true)
      case .tensor(let tensor)? where item.value?.freeNames.contains(where: letters.contains) == true:
        guard let place = number(item, tensor.shape[0] - 1), (0..<tensor.shape[0]).contains(place) else { return nil }
        return (place, Value(tensor.detached[place]), false)
      default: return nil
      }
    }
    func named(_ part: Expression) -> Expression.Kind? {
      switch part.kind {
      case .index(let base, let items):
        guard let name = base.name?.text, let first = items.first,
          let (number, value, isOfSequence) = element(name, first), isOfSequence || items.count == 1
        else { return nil }
        let own = "\(name)[\(number)]"
        inside = inside.adding(own, value)
        elements[own] = Trace.Element(base: name, number: number, isOfSequence: isOfSequence)
        if items.count == 1 { return .name(own) }
        return .index(Expression(.name(own)), Array(items.dropFirst()))
      case .field(let base, let field):
        guard let path = base.path, let value = value(part), value.numbers != nil,
          case .record? = self.value(base)
        else { return nil }
        inside = inside.adding("\(path).\(field.text)", value)
        return .name("\(path).\(field.text)")
      case .name(let name):
        guard let own = sequences[name] else { return nil }
        let values = own.keys.sorted().filter { $0 >= 0 }.compactMap { own[$0]?.numbers }
        if let whole = try? Tensor.stack(values) { inside = inside.adding(name, Value(whole)) }
        return part.kind
      case .big(let op, let indices, let body): return .big(op, indices, body.replacing(named))
      default: return nil
      }
    }
    let changed = inside.naming(drawsOf: expression).replacing(named)
    return (changed, inside.sourceless(changed != expression), elements)
  }

  /// The expression with several draws named, and what the names mean.
  func namingDraws(of expression: Expression) -> (expression: Expression, around: Surroundings) {
    var inside = self
    let changed = inside.naming(drawsOf: expression)
    return (changed, inside.sourceless(changed != expression))
  }

  /// The expression with a name for each of several draws: drawn alone, each would begin where the first does.
  fileprivate mutating func naming(drawsOf expression: Expression) -> Expression {
    // What functions of the user draw in between counts too.
    let draws = expression.nestedCalls.filter { call in
      guard case .call(let callee, _) = call.kind, call.range.end > 0 else { return false }
      if case .function(let function)? = value(callee), case .user = function.kind { return true }
      return call.isDraw && isBuiltinCall(call)
    }
    guard draws.count > 1, draws.contains(where: \.isDraw), case .list(let values)? = value(Expression(.list(draws)))
    else { return expression }
    var named: [(range: SourceRange, name: String)] = []
    for (draw, value) in zip(draws, values) where draw.isDraw {
      let text = text(draw)
      let count = named.count { $0.name.hasPrefix(text) }
      let name = count == 0 ? text : "\(text) (\(count + 1))"
      named.append((draw.range, name))
      self = adding(name, value)
    }
    return expression.replacing { part in
      guard case .call = part.kind else { return nil }
      return named.first { $0.range == part.range }.map { .name($0.name) }
    }
  }

  /// Without the text that was typed, where an expression's parts stand nowhere in it.
  func sourceless(_ isChanged: Bool) -> Surroundings {
    var copy = self
    if isChanged { copy.source = SourceText("") }
    return copy
  }
}

extension Expression {
  /// Whether it is a call of a built-in that draws.
  fileprivate var isDraw: Bool {
    guard case .call(let callee, _) = kind, let name = callee.name?.text else { return false }
    return ["rand", "randn", "randint", "permutation", "dropout"].contains(name)
  }

  /// `p.layer` of names and fields alone.
  fileprivate var path: String? {
    switch kind {
    case .name(let name): name
    case .field(let base, let field): base.path.map { "\($0).\(field.text)" }
    default: nil
    }
  }
}
