import Language

/// A built-in that has a definition in the language itself: what it gives, and what the letters in it are.
struct DefinedLaw: Law {
  let names: [String]
  /// `mean((p - t)^2)`; with `[i,j] ` before it, for the element at these letters.
  let text: String
  /// The letters of the parameters, in their order: `p`, `t`.
  let parameters: [String]
  /// Letters the definition brings in: `p = softmax(z)`.
  let letters: [(name: String, text: String)]
  /// The id of a card of the catalogue; empty for none.
  let card: String
  /// The ranks of the operands for which it holds; nil for any.
  let ranks: [Int]?
  /// The label of an argument that must not be given.
  let unless: [String]

  private init(
    _ name: String, _ text: String, of parameters: [String], where letters: [(String, String)] = [], card: String = "",
    ranks: [Int]? = nil, unless: [String] = []
  ) {
    names = [name]
    self.text = text
    self.parameters = parameters
    self.letters = letters.map { (name: $0.0, text: $0.1) }
    self.card = card
    self.ranks = ranks
    self.unless = unless
  }

  static let classOptions = ["weight", "ignore", "smoothing"]

  /// The definitions; of several for one name the first that fits is taken.
  static let definitions: [DefinedLaw] = [
    DefinedLaw("mse", "mean((p - t)^2)", of: ["p", "t"], card: "D1.mse"),
    DefinedLaw("mae", "mean(abs(p - t))", of: ["p", "t"]),
    DefinedLaw(
      "huber", "mean(q * (d - q / 2))", of: ["p", "t"], where: [("q", "min(d, δ)"), ("d", "abs(p - t)"), ("δ", "1")],
      unless: ["delta"]),
    DefinedLaw(
      "cross_entropy", "-log(p[t])", of: ["z", "t"], where: [("p", "softmax(z)")], card: "D1.ce", ranks: [1, 0],
      unless: classOptions),
    DefinedLaw(
      "cross_entropy", "-sum(t * log(p))", of: ["z", "t"], where: [("p", "softmax(z)")], card: "D1.ce", ranks: [1, 1],
      unless: classOptions),
    DefinedLaw(
      "cross_entropy", "mean[n] -log(p[n, t[n]])", of: ["z", "t"], where: [("p", "softmax(z)")], card: "D1.ce",
      ranks: [2, 1], unless: classOptions),
    DefinedLaw(
      "cross_entropy", "-sum(t * log(p)) / shape(z)[0]", of: ["z", "t"], where: [("p", "softmax(z)")], card: "D1.ce",
      ranks: [2, 2], unless: classOptions),
    DefinedLaw("nll", "-p[t]", of: ["p", "t"], ranks: [1, 0], unless: classOptions),
    DefinedLaw("nll", "mean[n] -p[n, t[n]]", of: ["p", "t"], ranks: [2, 1], unless: classOptions),
    DefinedLaw("bce", "mean(-(t * log(p) + (1 - t) * log(1 - p)))", of: ["p", "t"], card: "D1.ce"),
    DefinedLaw(
      "bce_logits", "mean(-(t * log(p) + (1 - t) * log(1 - p)))", of: ["z", "t"], where: [("p", "sigmoid(z)")],
      card: "D1.ce", unless: ["positive"]),
    DefinedLaw("kl", "sum(p * (log(p) - q)) / shape(p)[0]", of: ["q", "p"], ranks: [2, 2]),
    DefinedLaw("kl", "∑[k] if p[k] > 0 then p[k] * (log(p[k]) - q[k]) else 0", of: ["q", "p"], ranks: [1, 1]),
    DefinedLaw("hinge", "mean(max(0, 1 - t * s))", of: ["s", "t"], ranks: [1, 1]),
    DefinedLaw("hinge", "max(0, 1 - t * s)", of: ["s", "t"], ranks: [0, 0]),
    DefinedLaw("dot", "∑[k] a[k] * b[k]", of: ["a", "b"], ranks: [1, 1]),
    DefinedLaw("outer", "[i,j] a[i] * b[j]", of: ["a", "b"], ranks: [1, 1]),
    DefinedLaw("trace", "∑[i] A[i,i]", of: ["A"], ranks: [2]),
    DefinedLaw("var", "mean((x - μ)^2)", of: ["x"], where: [("μ", "mean(x)")], unless: ["axis"]),
    DefinedLaw("std", "√(mean((x - μ)^2))", of: ["x"], where: [("μ", "mean(x)")], unless: ["axis"]),
    DefinedLaw("norm", "√(sum(x^2))", of: ["x"], unless: ["axis", "p", "order"]),
    DefinedLaw(
      "attention", "A @ V", of: ["Q", "K", "V"],
      where: [("A", "softmax(S)"), ("S", "Q @ Kᵀ / √d"), ("d", "shape(Q)[1]")], card: "D3.attn", ranks: [2, 2, 2],
      unless: ["mask", "causal", "scaled"]),
    DefinedLaw(
      "layer_norm", "[j] (x[j] - μ) / √(v + ε)", of: ["x"],
      where: [("μ", "mean(x)"), ("v", "var(x)"), ("ε", "0.00001")], ranks: [1], unless: ["gain", "shift", "epsilon"]),
    DefinedLaw(
      "layer_norm", "[i,j] (x[i,j] - μ[i]) / √(v[i] + ε)", of: ["x"],
      where: [("μ", "mean(x, axis: 1)"), ("v", "var(x, axis: 1)"), ("ε", "0.00001")], ranks: [2],
      unless: ["gain", "shift", "epsilon"]),
    DefinedLaw(
      "layer_norm", "[j] γ[j] * (x[j] - μ) / √(v + ε) + β[j]", of: ["x", "γ", "β"],
      where: [("μ", "mean(x)"), ("v", "var(x)"), ("ε", "0.00001")], ranks: [1, 1, 1], unless: ["epsilon"]),
    DefinedLaw(
      "layer_norm", "[i,j] γ[j] * (x[i,j] - μ[i]) / √(v[i] + ε) + β[j]", of: ["x", "γ", "β"],
      where: [("μ", "mean(x, axis: 1)"), ("v", "var(x, axis: 1)"), ("ε", "0.00001")], ranks: [2, 1, 1],
      unless: ["epsilon"]),
    DefinedLaw(
      "batch_norm", "[i,j] (x[i,j] - μ[j]) / √(v[j] + ε)", of: ["x"],
      where: [("μ", "mean(x, axis: 0)"), ("v", "var(x, axis: 0)"), ("ε", "0.00001")], ranks: [2],
      unless: ["gain", "shift", "epsilon"]),
    DefinedLaw("perplexity", "exp(cross_entropy(z, t))", of: ["z", "t"]),
    DefinedLaw(
      "r2", "1 - sum((t - p)^2) / sum((t - μ)^2)", of: ["p", "t"], where: [("μ", "mean(t)")]),
    DefinedLaw("eye", "[i,j] if i == j then 1 else 0", of: ["n"]),
    DefinedLaw("linspace", "[i] a + i * (b - a) / (n - 1)", of: ["a", "b", "n"]),
    DefinedLaw("range", "[i] i", of: ["n"], ranks: [0]),
    DefinedLaw("range", "[i] a + i", of: ["a", "b"], ranks: [0, 0], unless: ["step"]),
    DefinedLaw("range", "[i] a + i * s", of: ["a", "b", "s"], ranks: [0, 0, 0]),
    DefinedLaw("one_hot", "[i,j] if t[i] == j then 1 else 0", of: ["t", "k"]),
  ]

  /// The laws, one for each name.
  static let all: [any Law] = {
    var seen: Set<String> = []
    return definitions.filter { seen.insert($0.names[0]).inserted }
  }()

  func element(_ call: LawCall) throws -> Calculation? {
    for definition in Self.definitions where definition.names == names {
      if let found = try definition.apply(call) { return found }
    }
    return nil
  }

  private func apply(_ call: LawCall) throws -> Calculation? {
    let operands = parameters.indices.compactMap { index in
      index < call.builtin.parameters.count ? call[call.builtin.parameters[index].name] : nil
    }
    guard operands.count == parameters.count else { return nil }
    let given = call.arguments.count
    let words = Set(call.arguments.compactMap { $0.label?.text })
    guard unless.allSatisfy({ !words.contains($0) }) else { return nil }
    let reduction = try call.word("reduction") ?? "mean"
    guard
      given == parameters.count + words.subtracting(call.builtin.parameters.prefix(parameters.count).map(\.name)).count
    else { return nil }
    if let ranks {
      let found = try operands.map { try call.elements.extents($0, call.around).count }
      guard found == ranks else { return nil }
    }
    var body = text
    if reduction != "mean" {
      if reduction == "sum" {
        body = body.replacingFirst("mean[", with: "sum[").replacingFirst("mean(", with: "sum(")
      } else {
        return nil
      }
    }
    var inner: Meanings
    var places: [String: Coordinate] = [:]
    var at = call.at
    if body.hasPrefix("["), let close = body.firstIndex(of: "]") {
      let names = body[body.index(after: body.startIndex)..<close].split(separator: ",").map(String.init)
      guard names.count == at.count else { return nil }
      for (name, place) in zip(names, at) { places[name] = place }
      at = []
      body = String(body[body.index(after: close)...].drop { $0 == " " })
    }
    let source = SourceText(body)
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
    inner = Meanings(call.around.interpreter, source)
    for (letter, operand) in zip(parameters, operands) {
      inner.locals[letter] = known(letter, operand, call)
    }
    for (name, text) in letters.reversed() {
      let source = SourceText(text)
      guard case .expression(let definition)? = Parser.parse(source).statements.first?.kind else { return nil }
      let around = Meanings(call.around.interpreter, source, locals: inner.locals)
      if names == ["attention"] { around.preferredLetter = name == "S" ? "j" : nil }
      let letter = Known(name, nil, .expression(definition, around))
      letter.isLetter = true
      inner.locals[name] = letter
      let shown = definition.replacing { part in
        if case .name(let name) = part.kind, let known = inner.locals[name], known.label.isEmpty,
          case .expression(let expression, _) = known.how
        {
          return expression.kind
        }
        return nil
      }
      call.elements.reads.letters.insert((name, "\(name) = \(Printer().text(shown))", letter), at: 0)
    }
    if !card.isEmpty { call.elements.reads.margins.append(card) } else { call.elements.reads.margins.append(names[0]) }
    if !places.isEmpty { inner = inner.with(letters: places) }
    return try call.elements.element(expression, try call.elements.fit(at, expression, inner), inner)
  }

  /// What a parameter stands for: a name of the user's is itself, anything else is said in the answer.
  private func known(_ letter: String, _ operand: Expression, _ call: LawCall) -> Known {
    switch operand.kind {
    case .name, .number, .index: return Known("", nil, .expression(operand, call.around))
    case .binary(let op, _, _) where op.kind == .join: return Known("", nil, .expression(operand, call.around))
    // The factors of an outer product are numbers of their own.
    case _ where names == ["outer"] && operand.isStep: return Known("", nil, .expression(operand, call.around))
    default:
      let text = "\(letter) = \(call.around.text(operand))"
      if !call.elements.reads.standings.contains(text) { call.elements.reads.standings.append(text) }
      return Known(letter, nil, .expression(operand, call.around))
    }
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, with new: String) -> String {
    guard let start = indices.first(where: { self[$0...].hasPrefix(old) }) else { return self }
    return self[..<start] + new + self[index(start, offsetBy: old.count)...]
  }
}
