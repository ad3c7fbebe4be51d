import Language
import Networks
import Tensors

/// The way back inside of layers that are made of layers: what comes back to each part, by how the whole puts the parts together.
///
/// | whole | part | what comes back to what it gives |
/// |---|---|---|
/// | any | a layer before another | what that sends back |
/// | `Residual`, `y = f(x) + x` | the last of the body, of the shortcut | `δ`, as it comes to the whole |
/// | `TransformerBlock` | `contract`, `norm2` | what the last norm sends back, or `δ` |
/// | | `expand` | `relu'(e)·∑[j] δcontract·W` |
/// | | `norm1`, `attention` | what is added up behind it |
extension LayerChain {
  /// A layer inside of another, with what it is given and what comes back to it.
  func inside(_ stage: NetworkTrace.Stage) -> LayerDerivatives {
    LayerDerivatives(
      stage: stage, x: Known("x", .tensor(stage.x), .given), delta: delta(of: stage),
      standings: ["x = what \(stage.path) is given \(stage.x.shape)"],
      meaning: "∂\(use.lossName)/∂(what \(stage.path) gives)", interpreter: interpreter,
      moved: { [trace] in trace.loss(stage, moving: $0) })
  }

  private func derivatives(of stage: NetworkTrace.Stage) throws -> LayerDerivatives {
    if let index = stages.firstIndex(where: { $0.path == stage.path }) { return try derivatives(index) }
    return inside(stage)
  }

  /// `body1` of `net[0].body[1]`; where several layers have parts, with their number.
  private func name(_ path: String) -> String {
    let own = path.split(separator: ".").dropFirst().joined().filter { $0.isLetter || $0.isNumber }
    let wholes = stages.filter { $0.layer is any CompositeLayer }
    guard wholes.count > 1 else { return own }
    let place = stages.firstIndex { path.hasPrefix($0.path + ".") }
    return place.map { "\($0)_\(own)" } ?? own
  }

  private func stage(_ path: String) -> NetworkTrace.Stage? { trace.stages.first { $0.path == path } }

  /// What comes back to what a part gives, as a letter.
  private func delta(of stage: NetworkTrace.Stage) -> Known {
    let known = Known(
      "δ" + name(stage.path), .tensor(stage.dy),
      .law { try self.law(to: stage)?.checked { [trace] in trace.difference(stage, $0) } })
    known.isLetter = true
    return known
  }

  /// What comes back through a part to what it is given, as a letter: `δxnorm2`.
  private func flow(through stage: NetworkTrace.Stage) -> Known {
    let known = Known(
      "δx" + name(stage.path), .tensor(stage.dx),
      .law { try self.inputLaw(of: stage)?.checked { [trace] in trace.inputDifference(stage, $0) } })
    known.isLetter = true
    return known
  }

  /// The first layer of a part: the part itself, or what stands first in it.
  private func first(_ path: String) -> NetworkTrace.Stage? { stage(path) ?? stage(path + "[0]") }

  // MARK: By what a layer is given

  /// What a layer sends back to what it is given.
  func inputLaw(of stage: NetworkTrace.Stage) throws -> LetterLaw? {
    let own = try derivatives(of: stage)
    let places = LayerDerivatives.letters(stage.x.rank)
    func sum(_ letters: [Known], _ meanings: [String]) throws -> LetterLaw {
      let names = letters.enumerated().map { ($0.element.label == own.d ? "δ" : "D\($0.offset)", $0.element) }
      return try own.law(
        places, names.map { "\($0.0)\(own.list(places))" }.joined(separator: " + "),
        Dictionary(uniqueKeysWithValues: names.filter { $0.0 != "δ" }), where: meanings, letters: letters)
    }
    switch stage.layer {
    case let layer as Residual:
      guard let body = first(stage.path + ".body") else { return try own.inputLaw() }
      let flow = flow(through: body)
      guard layer.parts.count > 1 else {
        return try sum([own.delta, flow], ["\(flow.label) = what comes back through the body"])
      }
      guard let other = first(stage.path + ".shortcut") else { return nil }
      let shortcut = self.flow(through: other)
      return try sum(
        [flow, shortcut],
        ["\(flow.label) = what comes back through the body", "\(shortcut.label) = through the shortcut"])
    case is TransformerBlock:
      guard let attention = self.stage(stage.path + ".attention"), let norm = self.stage(stage.path + ".norm1") else {
        return try own.inputLaw()
      }
      let isBefore = stage.layer.description.contains("norm: \"before\"")
      let (direct, through) =
        isBefore ? (delta(of: attention), flow(through: norm)) : (flow(through: norm), flow(through: attention))
      return try sum(
        [direct, through],
        ["\(direct.label) at the sum x + attention", "\(through.label) = what comes back through the attention"])
    default: return try own.inputLaw()
    }
  }

  // MARK: By what a part gives

  private func law(to stage: NetworkTrace.Stage) throws -> LetterLaw? {
    var part = stage.path
    // A layer with another behind it in the same body.
    if part.hasSuffix("]"), let open = part.lastIndex(of: "["),
      let place = Int(part[part.index(after: open)...].dropLast())
    {
      part = String(part[..<open])
      if let next = self.stage("\(part)[\(place + 1)]") { return try inputLaw(of: next) }
    }
    guard let dot = part.lastIndex(of: "."), let whole = self.stage(String(part[..<dot])) else { return nil }
    let own = try derivatives(of: whole)
    let places = LayerDerivatives.letters(stage.y.rank)
    switch whole.layer {
    case is Residual: return try own.law(places, "δ\(own.list(places))")
    case is TransformerBlock: return try law(of: String(part[part.index(after: dot)...]), in: whole, own, places)
    default: return nil
    }
  }

  private func law(
    of part: String, in whole: NetworkTrace.Stage, _ own: LayerDerivatives, _ places: [String]
  ) throws -> LetterLaw? {
    func stage(_ name: String) -> NetworkTrace.Stage? { self.stage("\(whole.path).\(name)") }
    guard let attention = stage("attention"), let norm1 = stage("norm1"), let expand = stage("expand"),
      let contract = stage("contract"), let norm2 = stage("norm2")
    else { return nil }
    let isBefore = whole.layer.description.contains("norm: \"before\"")
    let index = own.list(places)
    let lead = Array(places.dropLast())
    func weights(_ stage: NetworkTrace.Stage) -> Known? {
      stage.layer.parameters.first { $0.name == "W" }.map { Known("W", .tensor($0.value), .given) }
    }
    switch part {
    case "norm2" where !isBefore, "contract" where isBefore: return try own.law(places, "δ\(index)")
    case "contract": return try inputLaw(of: norm2)
    case "norm2": return try inputLaw(of: expand)
    case "attention" where !isBefore: return try inputLaw(of: norm1)
    case "norm1" where isBefore: return try inputLaw(of: attention)
    case "expand":
      guard let W = weights(contract) else { return nil }
      let function = whole.layer.description.contains("gelu") ? "gelu" : "relu"
      let back = delta(of: contract)
      let e = Known("e", .tensor(expand.y), .given)
      return try LetterLaw(
        places, "\(function)'(e\(index)) * (∑[j] D\(own.list(lead + ["j"])) * W[\(places[places.count - 1]),j])",
        ["e": e, "D": back, "W": W], interpreter, margin: own.margin("D4.delta"),
        standings: ["e = what \(expand.path) gives", "W = \(contract.path).W"], letters: [back])
    case "attention":
      // u = x + attention goes on as it is, and through the norm into the small network.
      let through = flow(through: norm2)
      return try own.law(
        places, "δ\(index) + D\(index)", ["D": through],
        where: ["\(through.label) = what comes back through the small network"], letters: [own.delta, through])
    case "norm1":
      let (sum, through) = (delta(of: contract), flow(through: expand))
      return try LetterLaw(
        places, "S\(index) + D\(index)", ["S": sum, "D": through], interpreter, margin: own.margin(""),
        standings: [
          "\(sum.label) at the sum behind the small network", "\(through.label) = what comes back through that network",
        ], letters: [sum, through])
    default: return nil
    }
  }
}
