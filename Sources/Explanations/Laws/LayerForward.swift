import Language
import Networks
import Tensors

/// What one number that a layer gives is made of, where the layer computes more than one sum: its inside as letters with laws.
///
/// Layers that are one sum or one function of each number are in `LayerLaws`.
struct LayerForward {
  let layer: any Layer
  /// `net[0]`
  let path: String
  /// What the layer is given, and its numbers.
  let x: Known
  let value: Tensor
  let standings: [String]
  let interpreter: Interpreter
  /// What the layer was called with beside its input.
  var context = Context.evaluation

  private var inside: LayerDerivatives {
    let stage = NetworkTrace.Stage(
      path: path, layer: layer, x: value, y: value, dx: value, dy: value, isOutermost: false, context: context)
    return LayerDerivatives(
      stage: stage, x: x, delta: Known("δ", nil, .given), standings: standings, meaning: "", interpreter: interpreter)
  }

  /// The law, and the places at which it is taken for a place of what the layer gives.
  func law() throws -> (law: LetterLaw, places: ([Int]) -> [Int])? {
    switch layer {
    case let layer as any RecurrentLayer: return try recurrent(layer)
    case is Dropout where context.isTraining:
      guard let mask = try inside.mask() else { return nil }
      let index = inside.list(LayerDerivatives.letters(value.rank))
      let law = try inside.law(
        LayerDerivatives.letters(value.rank), "m\(index) * x\(index)", ["m": mask],
        where: [LayerDerivatives.maskMeaning],
        letters: [mask, x])
      return (law, { $0 })
    case let layer as MultiHeadAttention where inside.stage.isPlain:
      let letters = try AttentionLetters(
        layer, path: path, x: x, xValue: value, delta: nil, interpreter: interpreter,
        margin: inside.margin(""), standings: standings)
      return try letters?.law("y").map { ($0, { $0 }) }
    case is LayerNorm, is BatchNorm: return try inside.normForward().map { ($0, { $0 }) }
    case let layer as PositionalEncoding: return (encoding(layer), { $0 })
    case let layer as TransformerBlock: return try block(layer).map { ($0, { $0 }) }
    case is Dense:
      let places = LayerDerivatives.letters(value.rank)
      let lead = Array(places.dropLast())
      let bias = layer.parameters.count > 1 ? " + b[\(places[places.count - 1])]" : ""
      let text = "∑[k] x\(inside.list(lead + ["k"])) * W[k,\(places[places.count - 1])]\(bias)"
      return (try inside.law(places, text, card: "D4.net", letters: [x]), { $0 })
    default: return nil
    }
  }

  // MARK: Recurrent layers

  private func recurrent(_ layer: any RecurrentLayer) throws -> (law: LetterLaw, places: ([Int]) -> [Int])? {
    let stack = layer.stack
    guard value.rank == 3 else { return nil }
    guard let passes = try RecurrentTrace.passes(stack, layer.parameters, value, nil, context) else { return nil }
    let directions = stack.isBidirectional ? 2 : 1
    let last = passes.indices.suffix(directions)
    guard let first = last.first else { return nil }
    let steps = passes[first].steps
    func letters(_ pass: Int) -> RecurrentLetters { inside.letters(stack, passes, pass, isBackward: false) }
    /// Of the two directions side by side the one that a number belongs to.
    func direction(_ at: [Int]) -> Int { at[at.count - 1] / stack.hidden }
    func places(_ at: [Int]) -> [Int] {
      let step = at.count == 3 ? at[1] : direction(at) == 1 ? 0 : steps - 1
      return [at[0], step, at[at.count - 1]]
    }
    let laws = try last.map { try letters($0).law("h") }
    guard laws.allSatisfy({ $0 != nil }), let forward = try letters(first).law("h") else { return nil }
    guard directions == 2, let backward = laws[1] else { return (forward, places) }
    let law = LetterLaw(
      forward.places, formula: forward.formula, margin: forward.margin,
      standings: forward.standings + ["units from \(stack.hidden) on read from the end"],
      letters: forward.letters + [],
      rule: { at, elements in
        let unit = at[2].number ?? 0
        guard unit >= stack.hidden else { return try forward.element(at, elements) }
        return try backward.element([at[0], at[1], Coordinate(unit - stack.hidden)], elements)
      })
    return (law, places)
  }

  /// The law of a state of a recurrent layer in one direction: `h`, `C`.
  func state(_ name: String) throws -> LetterLaw? {
    guard let stack = (layer as? any RecurrentLayer)?.stack, value.rank == 3,
      let passes = try RecurrentTrace.passes(stack, layer.parameters, value, nil, context)
    else { return nil }
    return try inside.letters(stack, passes, 0, isBackward: false).law(name)
  }

  // MARK: Places

  /// `x[n,t,i] + sin(t / 10000^(i/d))`, cosines at odd features.
  private func encoding(_ layer: PositionalEncoding) -> LetterLaw {
    let places = LayerDerivatives.letters(value.rank)
    let index = inside.list(places)
    let (t, i) = (places[places.count - 2], places[places.count - 1])
    let known = x
    return LetterLaw(
      places, formula: "\(x.label)\(index) + sin(\(t) / 10000^(\(i)/\(layer.width)))",
      margin: inside.margin(""), standings: standings + ["at odd \(i) cos for sin and \(i)-1 for \(i)"]
    ) { at, elements in
      let numbers = try at.allNumbers()
      let (step, feature) = (numbers[numbers.count - 2], numbers[numbers.count - 1])
      let name = feature % 2 == 0 ? "sin" : "cos"
      let power = Calculation.power(
        .number(10_000), .quotient(.number(Double(feature / 2 * 2)), .number(Double(layer.width))))
      let own = try elements.read(known, at, Meanings(self.interpreter, SourceText(known.label)))
      guard let function = elementaryFunction(name) else { return own }
      return own + .call(name, [.quotient(.number(Double(step)), power)], function)
    }
  }

  // MARK: A transformer block

  /// Its parts by letters: `a` attention, `s = x + a`, `u` normalised, `m` the hidden units, `f` what they give, `r = u + f`.
  private func block(_ layer: TransformerBlock) throws -> LetterLaw? {
    let parts = Dictionary(uniqueKeysWithValues: layer.parts.map { ($0.name, $0.layer) })
    guard let attention = parts["attention"], let norm1 = parts["norm1"], let expand = parts["expand"],
      let contract = parts["contract"], let norm2 = parts["norm2"]
    else { return nil }
    let places = LayerDerivatives.letters(value.rank)
    let index = inside.list(places)
    let isGelu = layer.description.contains("gelu")
    let isBefore = layer.description.contains("norm: \"before\"")
    let here = inside
    var made: [String: Known] = ["x": x]
    func letter(_ name: String, _ value: Tensor, _ law: @escaping () throws -> LetterLaw?) -> Known {
      let known = here.letter(name, value.detached, law)
      made[name] = known
      return known
    }
    func part(_ name: String, _ layer: any Layer, _ input: Known, _ value: Tensor) -> LayerForward {
      let stands = input === x ? standings : []
      return LayerForward(
        layer: layer, path: "\(path).\(name)", x: input, value: value.detached, standings: stands,
        interpreter: interpreter)
    }
    func result(_ name: String, of inner: LayerForward, _ tensor: Tensor) -> Known {
      letter(name, tensor) { try inner.law()?.law }
    }
    func sum(_ name: String, _ a: Known, _ b: Known, _ tensor: Tensor, _ meaning: String) -> Known {
      letter(name, tensor) {
        try here.law(
          places, "\(a.label)\(index) + \(b.label)\(index)", [a.label: a, b.label: b], where: [meaning],
          letters: [a, b])
      }
    }
    func small(_ input: Known, _ tensor: Tensor) throws -> (known: Known, value: Tensor) {
      let dense = try expand(tensor)
      let e = result("e", of: part("expand", expand, input, tensor), dense)
      let active = isGelu ? dense.gelu() : dense.relu()
      let m = letter("m", active) {
        try here.law(
          places, "\(isGelu ? "gelu" : "relu")(e\(index))", ["e": e], where: ["e = what \(path).expand gives"],
          letters: [e])
      }
      let out = try contract(active)
      return (result("f", of: part("contract", contract, m, active), out), out)
    }
    if isBefore {
      let first = try norm1(value)
      let v = result("v", of: part("norm1", norm1, x, value), first)
      let seen = try attention(first)
      let a = result("a", of: part("attention", attention, v, first), seen)
      let u = sum("u", x, a, value + seen, "a = what attention gives")
      let second = try norm2(value + seen)
      let w = result("w", of: part("norm2", norm2, u, value + seen), second)
      let f = try small(w, second)
      return try here.law(
        places, "u\(index) + f\(index)", ["u": u, "f": f.known],
        where: ["u = x + attention", "f = what the small network gives"], letters: Array(made.values))
    }
    let seen = try attention(value)
    let a = result("a", of: part("attention", attention, x, value), seen)
    let s = sum("s", x, a, value + seen, "a = what attention gives")
    let first = try norm1(value + seen)
    let u = result("u", of: part("norm1", norm1, s, value + seen), first)
    let f = try small(u, first)
    let r = sum("r", u, f.known, first + f.value, "u = norm of x + attention, f = the small network of u")
    let last = part("norm2", norm2, r, first + f.value)
    guard let law = try last.law()?.law else { return nil }
    return LetterLaw(
      law.places, formula: law.formula, margin: law.margin,
      standings: law.standings + ["r = u + f, the sum before the last norm"], letters: law.letters + Array(made.values),
      rule: law.element)
  }
}
