import Language
import Networks
import Tensors

/// How one element of what a network gives comes about: by its last layer, through those that change each number by itself.
struct LayerLaws {
  let elements: Elements
  let around: Meanings
  /// What the layer was called with beside its input.
  var context = Context.evaluation

  /// - Parameters:
  ///   - callee: what is called: `net`, `net[0]`.
  func element(
    _ network: NetworkValue, _ original: Expression, _ arguments: [Language.Argument], _ whole: Expression,
    _ at: [Coordinate]
  ) throws -> Calculation? {
    let layers = network.network.layers
    guard let last = layers.last, let argument = arguments.first else { return nil }
    if arguments.count > 1 { return try optional(network, original, arguments, whole, at) }
    var callee = original
    // The first layers of a network are counted as the network counts them.
    if case .index(let base, let items) = callee.kind, items.count == 1,
      case .binary(let op, let low, _)? = items[0].value?.kind,
      op.kind == .rangeUpTo, case .number(0) = low.kind
    {
      callee = base
    }
    let isPart = callee != original
    let text = around.text(callee)
    let name = callee.isPathText ? text : "(\(text))"
    let path = layers.count == 1 && !isPart ? name : "\(name)[\(layers.count - 1)]"
    // What the last layer was given, as it can be typed.
    let before = layers.count == 1 ? nil : layers.count == 2 ? "\(name)[0]" : "\(name)[0..<\(layers.count - 1)]"
    let input = before.map { "\($0)(\(around.text(argument.value)))" } ?? around.text(argument.value)
    let source = SourceText(input)
    guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
    let inner =
      before == nil ? around : Meanings(around.interpreter, source, origin: around.origin, locals: around.locals)
    let given = before == nil ? argument.value : expression
    guard let calculation = try element(last, path, given, inner, at) else { return nil }
    // A layer with options that its law does not know is shown as what it gives.
    if let places = at.numbers {
      let type = around.interpreter.elementType
      let value = try Elements.number(in: around.value(whole), places, path, type)
      guard calculation.agrees(value, type) else {
        elements.reads.forget()
        return nil
      }
    }
    return calculation
  }

  /// A call with more than the input, by what went through the layers in that call.
  private func optional(
    _ network: NetworkValue, _ callee: Expression, _ arguments: [Language.Argument], _ whole: Expression,
    _ at: [Coordinate]
  ) throws -> Calculation? {
    guard let run = try NetworkRun(network, callee, arguments, around), let last = run.passes.indices.last else {
      return nil
    }
    func standing() {
      if let text = run.standing(last) { stand(text, first: true) }
      let known = run.input(last)
      if known.isLetter { elements.reads.letters.append((known.label, "", known)) }
    }
    // With a state the call gives a list: what the network gives, and the state it ends with.
    guard arguments.contains(where: { $0.label?.text == "state" }) else {
      guard let found = try run.element(last, at, elements) else {
        elements.reads.forget()
        return nil
      }
      standing()
      return found
    }
    guard let part = at.first?.number else { return nil }
    var found: Calculation?
    if part == 0 {
      found = try run.element(last, Array(at.dropFirst()), elements)
    } else if at.count == 3 || at.count == 4 {
      found = try run.state(at.count == 4 ? at[1].number ?? 0 : 0, Array(at.suffix(2)), elements)
    }
    if let numbers = at.numbers, let own = found {
      let value = try Elements.number(in: around.value(whole), numbers, run.name, around.interpreter.elementType)
      if !own.agrees(value, around.interpreter.elementType) { found = nil }
    }
    if found == nil { elements.reads.forget() } else { standing() }
    return found
  }

  func element(_ layer: any Layer, _ path: String, _ x: Expression, _ inner: Meanings, _ at: [Coordinate])
    throws
    -> Calculation?
  {
    let input = try elements.extents(x, inner)
    func apply(
      _ text: String, _ locals: [String: Known], at places: [Coordinate]? = nil, letters: [String: Coordinate] = [:]
    )
      throws
      -> Calculation?
    {
      let source = SourceText(text)
      guard case .expression(let expression)? = Parser.parse(source).statements.first?.kind else { return nil }
      var around = Meanings(inner.interpreter, source, locals: locals)
      if !letters.isEmpty { around = around.with(letters: letters) }
      return try elements.element(expression, places ?? at, around)
    }
    func weight(_ name: String) -> Known? {
      guard let value = layer.parameters.first(where: { $0.name == name })?.value else { return nil }
      stand("\(name) = \(path).\(name) \(value.shape)")
      return Known(name, .tensor(value), .given)
    }
    switch layer {
    case is Dense:
      guard let W = weight("W"), at.count == input.count else { return nil }
      let lead = Array(at.dropLast())
      let row = lead.isEmpty ? inner.text(x) : "\(inner.text(x))[\((lead.map(\.text) + [":"]).joined(separator: ","))]"
      stand("x = \(row)", first: true)
      let letter = elements.letter()
      let taken = elements.taking([letter])
      let label = Known(inner.text(x), nil, .expression(x, inner))
      let values = try inner.value(x)
      let sum = try elements.series(letter, input[input.count - 1]) { k in
        var value = Double.nan
        if let places = (lead + [k]).numbers {
          value = try Elements.number(in: values, places, row, inner.interpreter.elementType)
          if !elements.reads.all.contains(where: { $0.known === label }) {
            elements.reads.add("x[\(k.text)]", label, lead + [k])
          }
        }
        return .read("x[\(k.text)]", value) * (try taken.read(W, [k, at[at.count - 1]], inner))
      }
      elements.reads.margins.append("D4.net")
      guard let b = layer.parameters.first(where: { $0.name == "b" })?.value else { return sum }
      return sum + (try elements.read(Known("b", .tensor(b), .given), [at[at.count - 1]], inner))
    case let layer as FunctionLayer:
      let source = SourceText("f(x)")
      guard case .expression(let call)? = Parser.parse(source).statements.first?.kind,
        case .call(let callee, let arguments) = call.kind
      else { return nil }
      if let function = inner.interpreter.function(of: layer) {
        let around = Meanings(
          inner.interpreter, source,
          locals: ["f": Known(layer.kind, function, .given), "x": Known("", nil, .expression(x, inner))])
        return try elements.element(call, at, around)
      }
      _ = (callee, arguments)
      guard BuiltinCatalogue.builtin(named: layer.kind) != nil else { return nil }
      return try apply("\(layer.kind)(x)", ["x": Known("", nil, .expression(x, inner))])
    case is Flatten:
      return try apply("flatten(x, from: 1)", ["x": Known("", nil, .expression(x, inner))])
    case is Dropout where context.isTraining: return try inside(layer, path, x, inner, at)
    case is Dropout, is Input:
      return try elements.taken(x, at, inner)
    case let layer as Networks.Conv2d:
      return try convolution(layer.weight, layer.bias, layer.stride, axes: 2, path, x, inner, input, at) {
        layer.padding.edges(extent: $0, window: $1, stride: layer.stride).before
      }
    case let layer as Networks.Conv1d:
      return try convolution(layer.weight, layer.bias, layer.stride, axes: 1, path, x, inner, input, at) {
        layer.padding.edges(extent: $0, window: $1, stride: layer.stride).before
      }
    case let layer as Networks.MaxPool2d:
      elements.reads.margins.append("D2.pool")
      return try PoolLaw.pool(
        elements, isMax: true, side: layer.side, stride: layer.stride, padding: layer.padding, image: input, at: at
      ) { try pooled(x, $0, inner) }
    case let layer as Networks.AvgPool2d:
      return try PoolLaw.pool(elements, isMax: false, side: layer.side, stride: layer.stride, image: input, at: at) {
        try pooled(x, $0, inner)
      }
    case is Embedding:
      guard let W = weight("W"), let last = at.last else { return nil }
      let word = try elements.element(x, Array(at.dropLast()), inner)
      guard let row = Int(exactly: word.value) else { return nil }
      return try elements.read(W, [Coordinate(row), last], inner)
    case let layer as Residual:
      let parts = layer.parts
      let body = Known("\(path).body", .network(NetworkValue(layer: parts[0].layer)), .given)
      let argument = Known(inner.text(x), nil, .expression(x, inner))
      if parts.count > 1 {
        let shortcut = Known("\(path).shortcut", .network(NetworkValue(layer: parts[1].layer)), .given)
        return try apply("f(x) + s(x)", ["f": body, "s": shortcut, "x": argument])
      }
      let value = try inner.value(x)
      let whole = Known(
        "\(path).body(\(inner.text(x)))", try inner.interpreter.call(try body.value(), [value]), .given)
      elements.reads.margins.append("f(x) + x")
      return try elements.read(whole, at, inner) + (try elements.read(argument, at, inner))
    default: return try inside(layer, path, x, inner, at)
    }
  }

  /// A layer that computes more than one sum, by letters that can be asked for.
  private func inside(_ layer: any Layer, _ path: String, _ x: Expression, _ inner: Meanings, _ at: [Coordinate]) throws
    -> Calculation?
  {
    guard let numbers = at.numbers, let value = try inner.tensor(x) else { return nil }
    let isName = x.name != nil
    // A letter of the answer stays itself, so that it can be asked for.
    let letter = x.name.flatMap { inner.locals[$0.text] }
    let input = letter ?? Known(isName ? inner.text(x) : "x", nil, .expression(x, inner), asked: inner.text(x))
    let forward = LayerForward(
      layer: layer, path: path, x: input, value: value,
      standings: isName ? [] : ["x = \(inner.text(x)) \(value.shape)"], interpreter: inner.interpreter, context: context
    )
    guard let (law, places) = try forward.law() else { return nil }
    let calculation = try law.element(places(numbers).map { Coordinate($0) }, elements)
    for text in law.standings { stand(text) }
    let name = layer is any RecurrentLayer ? "h" : "y"
    elements.reads.laws.append("\(name)[\(law.places.joined(separator: ","))] = \(law.formula)")
    elements.reads.margins.append(law.margin.splitOnce(" · ")?.1 ?? law.margin)
    for letter in law.letters { elements.reads.letters.append((letter.label, "", letter)) }
    return calculation
  }

  private func pooled(_ x: Expression, _ places: [Coordinate], _ inner: Meanings) throws -> Calculation {
    // One number a place: what the layer before gave is read, not calculated again.
    let label = inner.text(x) + places.text
    let value = try Elements.number(
      in: inner.value(x), places.numbers ?? [], label, inner.interpreter.elementType)
    elements.reads.add(label, Known(inner.text(x), nil, .expression(x, inner)), places)
    if !elements.reads.standings.contains(where: { $0.hasPrefix("x = ") }) {
      stand("x = \(inner.text(x))", first: true)
    }
    return .read("x" + places.text, value)
  }

  private func convolution(
    _ weight: Tensor, _ bias: Tensor?, _ stride: Int, axes: Int, _ path: String, _ x: Expression, _ inner: Meanings,
    _ input: [Int], _ at: [Coordinate], _ before: (Int, Int) -> Int
  ) throws -> Calculation? {
    let kernel = weight.shape.dimensions
    let edges = (0..<axes).map { before(input[input.count - axes + $0], kernel[2 + $0]) }
    let W = Known("W", .tensor(weight), .given)
    stand("x = \(inner.text(x))[\(at[0].text)]", first: true)
    stand("W = \(path).W \(weight.shape)")
    let sum = try ConvolutionLaw.windows(
      elements, image: input, kernel: kernel, axes: axes, stride: stride, before: edges, at: at,
      x: { _, places in
        let label = "x" + Array(places.dropFirst()).text
        guard let numbers = places.numbers else { return .read(label, .nan) }
        elements.reads.add(label, Known(inner.text(x), nil, .expression(x, inner)), places)
        return .read(label, try Elements.number(in: inner.value(x), numbers, label, inner.interpreter.elementType))
      }, w: { try $0.read(W, $1, inner) })
    elements.reads.margins.append("D1.conv")
    guard let sum, let bias else { return sum }
    return sum + (try elements.read(Known("b", .tensor(bias), .given), [at[1]], inner))
  }

  /// Says in the answer what a letter stands for.
  private func stand(_ text: String, first: Bool = false) {
    guard !elements.reads.standings.contains(text) else { return }
    if first { elements.reads.standings.insert(text, at: 0) } else { elements.reads.standings.append(text) }
  }
}

extension Expression {
  /// Whether its text can be followed by brackets.
  var isPathText: Bool {
    switch kind {
    case .name, .index, .field, .call: true
    default: false
    }
  }
}
