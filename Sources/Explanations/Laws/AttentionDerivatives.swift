import Language
import Networks
import Tensors

/// The inside of a multi-head attention as letters, each with its law, forward and backward.
///
/// | letter | is |
/// |---|---|
/// | `q`, `k`, `v` | queries, keys, values, `[n, t, j]`: the columns of head `h` are `h·e … h·e+e-1`, `e = d / heads` |
/// | `S`, `A` | scores and weights, `[n, h, t, s]` |
/// | `c` | what the heads saw, side by side, `[n, t, j]` |
/// | `δq`, `δk`, `δv`, `δS`, `δA`, `δc` | the derivatives by them |
struct AttentionLetters {
  let layer: MultiHeadAttention
  let path: String
  let x: Known
  let xValue: Tensor
  /// What comes back from behind the layer, with its numbers; nil going forward.
  let delta: (known: Known, value: Tensor)?
  let interpreter: Interpreter
  let margin: String
  let standings: [String]
  private let values: [String: Tensor]
  private let flows: [String: Tensor]
  private let isSample: Bool
  /// The loss if what the layer gives were larger by some numbers.
  private let moved: (Tensor) -> Tensor?

  private var heads: Int { layer.heads }
  private var width: Int { layer.width / layer.heads }

  init?(
    _ layer: MultiHeadAttention, path: String, x: Known, xValue: Tensor, delta: (known: Known, value: Tensor)?,
    interpreter: Interpreter, margin: String, standings: [String], moved: @escaping (Tensor) -> Tensor? = { _ in nil }
  ) throws {
    self.moved = moved
    guard xValue.rank == 2 || xValue.rank == 3 else { return nil }
    (self.layer, self.path, self.x, self.xValue, self.delta) = (layer, path, x, xValue, delta)
    (self.interpreter, self.margin, self.standings) = (interpreter, margin, standings)
    isSample = xValue.rank == 2
    let (y, recorded) = try Self.run(layer, xValue, moving: nil)
    values = Dictionary(uniqueKeysWithValues: recorded.map { ($0.name, $0.tensor.detached) })
    if let delta {
      let all = Tensors.gradients(
        of: (y * delta.value.cast(to: y.elementType)).sum(), withRespectTo: recorded.map(\.tensor))
      flows = Dictionary(uniqueKeysWithValues: zip(recorded.map(\.name), all.map(\.detached)))
    } else {
      flows = [:]
    }
  }

  /// Every step of it as a variable, one of them larger by some numbers where `move` says so.
  private static func run(
    _ layer: MultiHeadAttention, _ xValue: Tensor, moving move: (name: String, offset: Tensor)?
  ) throws -> (y: Tensor, recorded: [(name: String, tensor: Tensor)]) {
    let weights = layer.parameters.map { $0.value.detached }
    let input = xValue.detached
    var recorded: [(name: String, tensor: Tensor)] = []
    func note(_ name: String, _ tensor: Tensor) -> Tensor {
      let tensor = move?.name == name ? tensor + (move?.offset ?? tensor) : tensor
      let variable = tensor.variable()
      recorded.append((name, variable))
      return variable
    }
    func split(_ tensor: Tensor) -> Tensor {
      let lead = Array(tensor.shape.dimensions.dropLast())
      let parts = tensor.reshaped(to: Shape(lead + [layer.heads, layer.width / layer.heads]))
      var order = Array(0..<parts.rank)
      order.swapAt(parts.rank - 3, parts.rank - 2)
      return Permute(order)(parts)
    }
    let q = note("q", try input.product(weights[0]) + weights[1])
    let k = note("k", try input.product(weights[2]) + weights[3])
    let v = note("v", try input.product(weights[4]) + weights[5])
    var S = try split(q).product(split(k).transposed) * (1 / Double(layer.width / layer.heads).squareRoot())
    S = note("S", S)
    var scores = S
    if layer.isCausal {
      // What lies ahead is not looked at.
      let steps = S.shape[S.rank - 1]
      let ahead = Tensor(
        (0..<(steps * steps)).map { $0 % steps <= $0 / steps ? 0 : -1e30 }, shape: [steps, steps], S.elementType)
      scores = S + ahead
    }
    let A = note("A", scores.softmax())
    let seen = try A.product(split(v))
    var order = Array(0..<seen.rank)
    order.swapAt(seen.rank - 3, seen.rank - 2)
    let c = note("c", Permute(order)(seen).reshaped(to: xValue.shape))
    return (try c.product(weights[6]) + weights[7], recorded)
  }

  /// The slope of the loss by a number inside, found by moving that.
  private func check(_ name: String, _ places: [Int]) -> CentralDifference? {
    guard let value = values[name], let before = try? Self.run(layer, xValue, moving: nil).y.detached else {
      return nil
    }
    return CentralDifference(of: Tensor.zeros(value.shape, value.elementType), at: places) { offset in
      guard let y = try? Self.run(layer, xValue, moving: (name, offset)).y else { return nil }
      return moved(y.detached - before)
    }
  }

  private static let names = ["q", "k", "v", "S", "A", "c"]

  func letter(_ name: String) -> Known? {
    let value = name.hasPrefix("δ") ? flows[String(name.dropFirst())] : values[name]
    guard let value else { return nil }
    let known = Known(name, .tensor(value), .law { try self.law(name) })
    known.isLetter = true
    return known
  }

  var all: [Known] {
    Self.names.compactMap(letter) + Self.names.compactMap { letter("δ" + $0) } + (delta.map { [$0.known] } ?? [])
      + (x.isLetter ? [x] : [])
  }

  private var locals: [String: Known] {
    var locals: [String: Known] = ["x": x]
    for parameter in layer.parameters {
      locals[parameter.name] = Known(parameter.name, .tensor(parameter.value), .given)
    }
    for name in Self.names + Self.names.map({ "δ" + $0 }) { locals[name] = letter(name) }
    locals["δ"] = delta?.known
    return locals
  }

  /// `[n,t,j]`, of one sample `[t,j]`.
  private func at(_ rest: String) -> String { isSample ? "[\(rest)]" : "[n,\(rest)]" }
  private func places(_ rest: [String]) -> [String] { isSample ? rest : ["n"] + rest }

  func law(
    _ places: [String], _ formula: String, where more: [String] = [], of name: String? = nil,
    text: @escaping ([Int]) -> String
  ) -> LetterLaw {
    LetterLaw(
      places, formula: formula, locals, interpreter, margin: margin + " · D3.attn", standings: more, letters: all,
      check: { places in name.flatMap { check(String($0.dropFirst()), places) } }, text: text)
  }

  private func plain(_ text: String) -> String {
    text.replacingAll(" * ", with: "·").replacingWord("x", with: x.label).replacingAll(
      "δ[", with: "\(delta?.known.label ?? "δ")[")
  }

  /// The columns of a head: `m in 2..<4`.
  private func columns(_ head: Int) -> String { "m in \(head * width)..<\((head + 1) * width)" }

  func law(_ name: String) throws -> LetterLaw? {
    let heads = heads == 1 ? "" : "head h has the columns \(width)h to \(width)h+\(width - 1)"
    let note = heads.isEmpty ? [] : [heads]
    switch name {
    case "q", "k", "v":
      let text = "∑[i] x\(at("t,i")) * W\(name)[i,j] + b\(name)[j]"
      return law(
        places(["t", "j"]), plain(text),
        where: standings + ["W\(name) = \(path).W\(name)", "b\(name) = \(path).b\(name)"]
      ) { _ in text }
    case "S":
      let formula = "(∑[m] q\(at("t,m"))·k\(at("s,m"))) / √\(width)"
      return law(places(["h", "t", "s"]), formula, where: note) { numbers in
        let head = numbers[numbers.count - 3]
        return "(∑[\(self.columns(head))] q\(self.at("t,m")) * k\(self.at("s,m"))) / √\(self.width)"
      }
    case "A":
      let steps = xValue.shape[xValue.rank - 2]
      let isCausal = layer.isCausal
      let formula = "exp(S\(at("h,t,s"))) / ∑[r] exp(S\(at("h,t,r")))"
      return law(
        places(["h", "t", "s"]), formula, where: isCausal ? ["r up to t: what lies ahead is hidden"] : ["S the scores"]
      ) { numbers in
        let (t, s) = (numbers[numbers.count - 2], numbers[numbers.count - 1])
        if isCausal, s > t { return "0" }
        let most = isCausal ? t + 1 : steps
        return "exp(S\(self.at("h,t,s"))) / (∑[r in 0..<\(most)] exp(S\(self.at("h,t,r"))))"
      }
    case "c":
      let formula = "∑[s] A\(at("h,t,s"))·v\(at("s,j"))"
      return law(places(["t", "j"]), formula, where: note + ["A what query t looks at"]) { numbers in
        "∑[s] A\(self.at("\(numbers[numbers.count - 1] / self.width),t,s")) * v\(self.at("s,j"))"
      }
    case "y":
      let text = "∑[m] c\(at("t,m")) * Wo[m,j] + bo[j]"
      return law(
        places(["t", "j"]), plain(text), where: ["c = what the heads saw", "Wo = \(path).Wo", "bo = \(path).bo"]
      ) { _ in text }
    case "δc":
      let text = "∑[j] δ\(at("t,j")) * Wo[m,j]"
      return law(places(["t", "m"]), plain(text), where: ["Wo = \(path).Wo"], of: name) { _ in text }
    case "δA":
      let formula = "∑[m] δc\(at("t,m"))·v\(at("s,m"))"
      return law(places(["h", "t", "s"]), formula, where: note, of: name) { numbers in
        "∑[\(self.columns(numbers[numbers.count - 3]))] δc\(self.at("t,m")) * v\(self.at("s,m"))"
      }
    case "δS":
      let text = "A\(at("h,t,s")) * (δA\(at("h,t,s")) - ∑[r] δA\(at("h,t,r")) * A\(at("h,t,r")))"
      return law(
        places(["h", "t", "s"]), plain(text), where: ["softmax: what is given to one is taken from the others"],
        of: name
      ) { _ in text }
    case "δv":
      let formula = "∑[t] A\(at("h,t,s"))·δc\(at("t,m"))"
      return law(places(["s", "m"]), formula, where: note, of: name) { numbers in
        "∑[t] A\(self.at("\(numbers[numbers.count - 1] / self.width),t,s")) * δc\(self.at("t,m"))"
      }
    case "δq":
      let formula = "(∑[s] δS\(at("h,t,s"))·k\(at("s,m"))) / √\(width)"
      return law(places(["t", "m"]), formula, where: note, of: name) { numbers in
        "(∑[s] δS\(self.at("\(numbers[numbers.count - 1] / self.width),t,s")) * k\(self.at("s,m"))) / √\(self.width)"
      }
    case "δk":
      let formula = "(∑[t] δS\(at("h,t,s"))·q\(at("t,m"))) / √\(width)"
      return law(places(["s", "m"]), formula, where: note, of: name) { numbers in
        "(∑[t] δS\(self.at("\(numbers[numbers.count - 1] / self.width),t,s")) * q\(self.at("t,m"))) / √\(self.width)"
      }
    default: return nil
    }
  }

  // MARK: By the weights

  /// `∂L/∂Wq[i,j] = ∑[n,t] x[n,t,i]·δq[n,t,j]`; of `Wo` with the context and what comes back.
  func law(of parameter: String, meaning: String) -> LetterLaw? {
    guard let part = parameter.last.map(String.init), ["q", "k", "v", "o"].contains(part) else { return nil }
    let sum = isSample ? "∑[t]" : "∑[n,t]"
    let flow = part == "o" ? "δ" : "δ\(part)"
    let from = part == "o" ? "c" : "x"
    let loss = String(meaning.prefix { $0 != "/" })
    let more =
      part == "o"
      ? ["c = what the heads saw", "\(delta?.known.label ?? "δ") = \(meaning)"]
      : standings + ["δ\(part) = \(loss)/∂(the \(["q": "queries", "k": "keys", "v": "values"][part] ?? ""))"]
    if parameter.first == "b" {
      let text = "\(sum) \(flow)\(at("t,j"))"
      return law(["j"], plain(text), where: Array(more.suffix(1))) { _ in text }
    }
    let text = "\(sum) \(from)\(at("t,i")) * \(flow)\(at("t,j"))"
    return law(["i", "j"], plain(text), where: more) { _ in text }
  }

  // MARK: By the input

  /// What the queries, keys and values send back.
  func inputLaw() -> LetterLaw {
    let text = ["q", "k", "v"].map { "∑[j] δ\($0)\(at("t,j")) * W\($0)[i,j]" }.joined(separator: " + ")
    return law(
      places(["t", "i"]), plain(text), where: ["q, k, v the queries, keys and values", "Wq, Wk, Wv = \(path).Wq, …"]
    ) { _ in text }
  }
}

extension LayerDerivatives {
  /// By a weight, or without one by the input.
  func attention(_ layer: MultiHeadAttention, _ parameter: Networks.Parameter?) throws -> LetterLaw? {
    let letters = try AttentionLetters(
      layer, path: stage.path, x: x, xValue: stage.x, delta: (delta, stage.dy), interpreter: interpreter,
      margin: margin(""), standings: standings, moved: moved)
    return parameter.map { letters?.law(of: $0.name, meaning: meaning) } ?? letters?.inputLaw()
  }
}
