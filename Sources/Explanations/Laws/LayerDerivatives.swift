import Language
import Networks
import Tensors

/// The derivatives of a loss by what a layer is made of and by what it is given, from that by what it gives.
///
/// | layer | by its weights | by its input |
/// |---|---|---|
/// | Dense | `∑[n] x[n,i]·δ[n,j]`, `∑[n] δ[n,j]` | `∑[j] δ[n,j]·W[i,j]` |
/// | a function of each number | | `f'(x[n,i])·δ[n,i]` |
/// | softmax | | `y[n,i]·(δ[n,i] - ∑[k] δ[n,k]·y[n,k])` |
/// | any other | `∑[q] δ[q]·∂y[q]/∂W`, over all it gives | the same |
struct LayerDerivatives {
  let stage: NetworkTrace.Stage
  /// What the layer is given, and what comes back from behind it.
  let x, delta: Known
  /// What `x` stands for, if it is no name of the user's.
  let standings: [String]
  /// What comes back is: `∂L/∂net[0](X)`.
  let meaning: String
  /// What comes back through the body of a residual layer.
  var bodyFlow: Tensor?
  let interpreter: Interpreter
  /// The loss if what the layer gives were larger by some numbers; nil where that cannot be found.
  var moved: (Tensor) -> Tensor? = { _ in nil }

  /// Letters for so many axes: `n, i`, `n, t, i`.
  static func letters(_ rank: Int) -> [String] {
    switch rank {
    case 0: []
    case 1: ["i"]
    case 2: ["n", "i"]
    case 3: ["n", "t", "i"]
    default: Array(["n", "c", "p", "q", "r", "s", "u", "v"].prefix(rank))
    }
  }

  var layer: any Layer { stage.layer }
  var d: String { delta.label }
  private var lead: [String] { Array(Self.letters(stage.x.rank).dropLast()) }

  /// `x[n,i]` without its last letter.
  func list(_ letters: [String]) -> String { "[\(letters.joined(separator: ","))]" }

  /// A sum over the letters of the samples, if there are any.
  func overSamples(_ term: String) -> String { lead.isEmpty ? term : "∑\(list(lead)) \(term)" }

  func weight(_ name: String) -> Known? {
    layer.parameters.first { $0.name == name }.map { Known(name, .tensor($0.value), .given) }
  }

  func stands(_ name: String) -> String {
    let shape = layer.parameters.first { $0.name == name }?.value.shape
    return "\(name) = \(stage.path).\(name)" + (shape.map { " \($0)" } ?? "")
  }

  func law(
    _ places: [String], _ text: String, _ more: [String: Known] = [:], card: String = "", where meanings: [String] = [],
    letters: [Known] = [], remark: @escaping ([Int], Double) -> String? = { _, _ in nil }
  ) throws -> LetterLaw {
    var locals = ["x": x, "δ": delta].merging(more) { $1 }
    for parameter in layer.parameters where locals[parameter.name] == nil {
      locals[parameter.name] = weight(parameter.name)
    }
    return try LetterLaw(
      places, text, locals, interpreter, margin: margin(card), standings: standings(of: text, meanings),
      letters: letters + [delta, x].filter(\.isLetter), remark: remark)
  }

  func margin(_ card: String) -> String {
    (stage.path + " " + (layer is FunctionLayer ? layer.kind : layer.description)) + (card.isEmpty ? "" : " · \(card)")
  }

  /// What the letters of a text stand for.
  func standings(of text: String, _ more: [String]) -> [String] {
    let names = Why.parsed(text)?.unboundNames ?? []
    var result = names.contains("x") ? standings : []
    for parameter in layer.parameters where names.contains(parameter.name) { result.append(stands(parameter.name)) }
    result += more
    if names.contains("δ") { result.append("\(delta.label) = \(meaning)") }
    return result
  }

  // MARK: By a weight

  func law(_ parameter: Networks.Parameter) throws -> LetterLaw? {
    let index = list(Self.letters(stage.x.rank))
    let output = list(lead + ["j"])
    switch layer {
    case is Dense where parameter.name == "W":
      return try law(["i", "j"], overSamples("x\(index) * δ\(output)"), card: "D4.delta")
    case is Dense:
      return try law(["j"], overSamples("δ\(output)"), card: "D4.delta")
    case let layer as Networks.Conv2d:
      return try window(layer.weight, layer.stride, layer.padding, parameter)
    case let layer as Networks.Conv1d:
      return try window(layer.weight, layer.stride, layer.padding, parameter)
    case is Embedding:
      return try embedding()
    case is LayerNorm, is BatchNorm:
      return try norm(parameter.name)
    case is any RecurrentLayer:
      return try recurrent(parameter) ?? chain(parameter)
    case let layer as MultiHeadAttention where stage.isPlain:
      return try attention(layer, parameter) ?? chain(parameter)
    default:
      return try chain(parameter)
    }
  }

  // MARK: By anything

  /// The chain rule over everything the layer gives, with the engine's local derivatives.
  func chain(_ parameter: Networks.Parameter?) throws -> LetterLaw? {
    guard stage.y.count <= Self.mostOutputs else { return nil }
    let place = layer.parameters.firstIndex { $0.name == parameter?.name }
    let value = parameter?.value ?? stage.x
    let places = parameter == nil ? Self.letters(value.rank) : Array(["i", "j", "k", "l"].prefix(value.rank))
    guard places.count == value.rank else { return nil }
    let name = parameter?.name ?? "x"
    let (x, weights) = (stage.x.variable(), layer.parameters.map { $0.value.detached.variable() })
    guard var context = stage.context, let y = try? layer.replacing(weights)(x, context: &context) else { return nil }
    let seed = Tensor.zeros(y.shape, y.elementType).variable()
    let by = place.map { weights[$0] } ?? x
    let back = Tensors.gradients(of: y, withRespectTo: [by], seed: seed, keepingGraph: true)[0]
    guard back.isTracked else { return nil }
    let (d, flows, extents) = (d, stage.dy, y.shape.dimensions)
    let subject = "\(name)\(list(places))"
    return LetterLaw(
      places, formula: "∑[q] \(d)[q]·∂y[q]/∂\(subject)", margin: margin("D2.chain"),
      standings: [
        "y = what \(stage.path) gives \(y.shape)", "q its places where the product is not 0", "\(d) = \(meaning)",
      ],
      letters: [delta]
    ) { at, elements in
      let numbers = try at.allNumbers()
      var one = [Double](repeating: 0, count: value.count)
      let flat = zip(numbers, value.shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }
      one[flat] = 1
      let seedBack = Tensor(one, shape: value.shape, y.elementType)
      let column = Tensors.gradients(of: back, withRespectTo: [seed], seed: seedBack)[0]
      let own = (0..<y.count).filter { column[flat: $0] != 0 && flows[flat: $0] != 0 }
      func text(_ place: Int) -> [Coordinate] {
        var (rest, found): (Int, [Coordinate]) = (place, [])
        for extent in extents.reversed() {
          found.append(Coordinate(rest % max(1, extent)))
          rest /= max(1, extent)
        }
        return found.reversed()
      }
      let local = "∂\(name)\(at.text)"
      if let first = own.first { elements.reads.add("\(d)\(text(first).text)", delta, text(first)) }
      return .series(
        .init(
          "q", count: own.count,
          body: .product([.read("\(d)[q]", .nan), .read("∂y[q]/\(local)", .nan)]),
          place: { text(own[$0]).map(\.text).joined(separator: ",") },
          term: { index in
            let at = text(own[index]).text
            return .product([
              .read("\(d)\(at)", flows[flat: own[index]]), .read("∂y\(at)/\(local)", column[flat: own[index]]),
            ])
          }))
    }
  }

  /// More numbers than this a layer may give, and the chain rule over all of them is no explanation.
  static let mostOutputs = 200_000

  // MARK: By the input

  func inputLaw() throws -> LetterLaw? {
    let places = Self.letters(stage.x.rank)
    switch layer {
    case is Dense:
      return try law(places, "∑[j] δ\(list(lead + ["j"])) * W[i,j]", card: "D4.delta")
    case is Dropout where stage.isTraining:
      guard let mask = try mask() else { return nil }
      return try law(
        places, "m\(list(places)) * δ\(list(places))", ["m": mask], where: [Self.maskMeaning], letters: [mask])
    case is Dropout, is Input, is PositionalEncoding:
      return try law(places, "δ\(list(places))")
    case let layer as Residual where layer.parts.count == 1 && bodyFlow != nil:
      let body = Known("δbody", bodyFlow.map { .tensor($0) }, .given)
      return try law(
        places, "δ\(list(places)) + δbody\(list(places))", ["δbody": body],
        where: ["δbody = what comes back through \(stage.path).body"])
    case let layer as FunctionLayer:
      return try functionLaw(layer, places)
    case is Flatten where places.count > 1:
      return try flat(places)
    case let layer as Networks.Conv2d:
      return try window(layer.weight, layer.stride, layer.padding, nil)
    case let layer as Networks.Conv1d:
      return try window(layer.weight, layer.stride, layer.padding, nil)
    case let layer as Networks.MaxPool2d:
      return pool(layer.side, layer.stride, layer.padding, isMax: true)
    case let layer as Networks.AvgPool2d:
      return pool(layer.side, layer.stride, 0, isMax: false)
    case is LayerNorm, is BatchNorm:
      return try norm(nil)
    case is any RecurrentLayer:
      return try recurrent(nil) ?? chain(nil)
    case let layer as MultiHeadAttention where stage.isPlain:
      return try attention(layer, nil) ?? chain(nil)
    default:
      return try chain(nil)
    }
  }

  /// What a layer that drops numbers multiplied them with in this run.
  func mask() throws -> Known? {
    guard var context = stage.context else { return nil }
    let ones = Tensor.filled(stage.x.shape, 1, stage.x.elementType)
    return Known("m", .tensor(try layer(ones, context: &context).detached), .given)
  }

  static let maskMeaning = "m the mask that was drawn: 0, or 1/(1 - p)"

  private func functionLaw(_ layer: FunctionLayer, _ places: [String]) throws -> LetterLaw? {
    let index = list(places)
    let y = Known("y", .tensor(stage.y), .given)
    let others = list(places.dropLast() + ["k"])
    switch layer.kind {
    case "softmax" where !places.isEmpty:
      return try law(
        places, "y\(index) * (δ\(index) - ∑[k] δ\(others) * y\(others))", ["y": y],
        where: ["y = what it gives"])
    case "log_softmax" where !places.isEmpty:
      return try law(
        places, "δ\(index) - exp(y\(index)) * (∑[k] δ\(others))", ["y": y], where: ["y = what it gives"])
    default: break
    }
    guard stage.x.shape == stage.y.shape,
      let function = interpreter.function(of: layer) ?? interpreter.value(named: layer.kind)
    else { return try chain(nil) }
    let locals = [layer.kind: Known(layer.kind, function, .given)]
    guard Why.parsed(layer.kind)?.name != nil,
      let found = try? law(places, "\(layer.kind)'(x\(index)) * δ\(index)", locals, card: "D4.delta")
    else { return try chain(nil) }
    // A function of the user may mix numbers: then it has no slope of its own at each.
    guard (try? found.element(places.map { _ in Coordinate(0) }, Elements())) != nil else { return try chain(nil) }
    return found
  }
}
