import KernelInterface
import Language
import Networks
import Tensors

/// The gates and states of a recurrent layer as letters, each with its law, forward and backward.
///
/// | letter | is |
/// |---|---|
/// | `h`, `C`, `i f g o`, `r z h̃ q` | states and gates, `[n, t, u]` |
/// | `δa` | the derivative by the sums before the gates, `[n, t, gates·u]` |
/// | `δs` | of a GRU, by the state's share `h U` alone |
/// | `δh`, `δC` | the derivatives by the states, through everything that follows |
struct RecurrentLetters {
  let cell: RecurrentCell
  let hidden: Int
  let trace: RecurrentTrace
  /// What the step is given, and its weights by their letters.
  let x: Known
  let weights: [String: Known]
  /// What comes back from behind the layer: `[n, t, u]`, or `[n, u]` where the last state is given; nil going forward.
  let delta: Known?
  let givesLast: Bool
  let interpreter: Interpreter
  let margin: String
  let standings: [String]
  /// What its letters end in, where several layers or directions have letters of the same kind: `δa1`.
  var mark = ""
  /// The slope of the loss by a number inside of it, found by moving that.
  var check: (String, [Int]) -> Double? = { _, _ in nil }
  /// What the steps of the layer are given that are no numbers of the user's: `x1`.
  var others: [Known] = []

  /// The blocks of columns in the order of the weights.
  private var gates: [String] {
    switch cell {
    case .tanh, .relu: ["h"]
    case .lstm: ["i", "f", "g", "o"]
    case .gru: ["r", "z", "h̃"]
    }
  }

  private static let cards = ["i": "D4.lstm.i", "f": "D4.lstm.f", "o": "D4.lstm.o", "C": "D4.lstm.C", "h": "D4.lstm.h"]
  private static let titles = [
    "i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate", "r": "reset gate", "z": "update gate",
    "h̃": "candidate",
  ]

  /// `column 3 is unit 1 of f, the forget gate`
  func remark(_ column: Int) -> String? {
    guard cell == .lstm || cell == .gru, let title = Self.titles[gates[column / hidden]] else { return nil }
    return "column \(column) is unit \(column % hidden) of \(gates[column / hidden]), the \(title)"
  }

  // MARK: Letters

  func letter(_ name: String) -> Known? {
    let value = name.hasPrefix("δ") ? trace.flows[String(name.dropFirst())] : trace.values[name]
    guard let value else { return nil }
    let known = Known(name + mark, .tensor(value), .law { try self.law(name) })
    known.isLetter = true
    return known
  }

  /// The formula with the letters as they are called here.
  private func marked(_ formula: String) -> String {
    guard !mark.isEmpty else { return formula }
    let named = ["W", "U", "b", "c"].reduce(formula.replacingWord("x", with: x.label)) {
      $0.replacingWord($1, with: $1 + trace.suffix)
    }
    // An index i is no gate: what stands in brackets stays.
    var (result, outside, depth) = ("", "", 0)
    func flush() {
      result += (Self.forward + Self.backward).reduce(outside) { $0.replacingWord($1, with: $1 + mark) }
      outside = ""
    }
    for character in named {
      if character == "[" {
        if depth == 0 { flush() }
        depth += 1
      }
      if depth == 0 { outside.append(character) } else { result.append(character) }
      if character == "]" { depth -= 1 }
    }
    flush()
    return result
  }

  private static let forward = ["h", "C", "i", "f", "g", "o", "r", "z", "h̃", "q"]
  private static let backward = ["δa", "δs", "δh", "δC"]

  /// All letters, as an answer lets them be asked for.
  var all: [Known] {
    let names = ["h", "C", "i", "f", "g", "o", "r", "z", "h̃", "q"] + (delta == nil ? [] : Self.backward)
    return names.compactMap(letter) + (delta.map { [$0] } ?? []) + (x.isLetter ? [x] : []) + others
  }

  private var locals: [String: Known] {
    var locals = weights
    locals["x"] = x
    if let delta { locals["δ"] = delta }
    for known in starts { locals[known.label] = known }
    for name in ["h", "C", "i", "f", "g", "o", "r", "z", "h̃", "q"] + Self.backward { locals[name] = letter(name) }
    return locals
  }

  /// A law whose text depends on the place: on the first step there is no state before, each block of columns has its gate.
  func law(
    _ places: [String], _ formula: String, at formulaAt: @escaping ([Int]) -> String? = { _ in nil },
    card: String = "", where more: [String] = [], of isBackward: String? = nil,
    remark: @escaping ([Int], Double) -> String? = { _, _ in nil }, text: @escaping ([Int]) -> String
  ) -> LetterLaw {
    LetterLaw(
      places, formula: marked(formula), at: { formulaAt($0).map(marked) }, locals, interpreter,
      margin: margin + (card.isEmpty ? "" : " · \(card)"), standings: more.map { $0.contains("=") ? $0 : marked($0) },
      letters: all,
      check: isBackward.map { name in { check(String(name.dropFirst()), $0) } } ?? { _ in nil }, remark: remark,
      text: text)
  }

  // MARK: Forward

  /// Whether the states it begins with were given; else they are 0.
  private var hasStart: Bool { trace.starts["h"] != nil }
  private var starts: [Known] { trace.starts.map { Known($0.key + "0", .tensor($0.value), .given) } }
  /// What stands for the state before the first step.
  private func start(_ name: String, _ unit: String) -> String { hasStart ? "\(name)0[n,\(unit)]" : "0" }

  private var earlier: String { trace.isReversed ? "t+1" : "t-1" }
  private var later: String { trace.isReversed ? "t-1" : "t+1" }

  /// `∑[k] x[n,t,k]·W[k,c] + ∑[k] h[n,t-1,k]·U[k,c] + b[c]` for column `c`.
  private func sum(_ column: String, _ t: Int?) -> String {
    let isLater = t == nil || trace.before(t!) != nil
    let state =
      isLater
      ? " + ∑[k] h[n,\(earlier),k] * U[k,\(column)]" : hasStart ? " + ∑[k] h0[n,k] * U[k,\(column)]" : ""
    return "∑[k] x[n,t,k] * W[k,\(column)]\(state) + b[\(column)]"
  }

  /// The columns of a block: `u`, `2+u`.
  private func column(_ block: Int) -> String { block == 0 ? "u" : "\(block * hidden)+u" }

  func law(_ name: String) throws -> LetterLaw? {
    let places = ["n", "t", "u"]
    func plain(_ text: String) -> String { text.replacingAll(" * ", with: "·").replacingAll("^2", with: "²") }
    func isFirst(_ at: [Int]) -> Bool { trace.before(at[1]) == nil }
    if name.hasPrefix("δ") { return try backward(name) }
    if let block = gates.firstIndex(of: name) {
      let function = ["g", "h̃", "h"].contains(name) ? cell == .relu ? "relu" : "tanh" : "σ"
      let card = cell == .lstm ? Self.cards[name] ?? "" : cell == .gru ? "" : "D2.rnn"
      if name == "h̃" {
        let text = "tanh(∑[k] x[n,t,k] * W[k,\(column(2))] + b[\(column(2))] + r[n,t,u] * q[n,t,u])"
        return law(places, plain(text), where: standings + ["q = h U + c, what of the state the reset gate lets in"]) {
          _ in text
        }
      }
      let formula = "\(function)(\(sum(column(block), nil)))"
      return law(places, plain(formula), card: card, where: standings) { at in
        "\(function)(\(self.sum(String(block * self.hidden + at[2]), at[1])))"
      }
    }
    switch name {
    case "C":
      let formula = "f[n,t,u] * C[n,\(earlier),u] + i[n,t,u] * g[n,t,u]"
      return law(places, plain(formula), card: "D4.lstm.C", where: gateMeanings) { at in
        isFirst(at) ? "f[n,t,u] * \(start("C", "u")) + i[n,t,u] * g[n,t,u]" : formula
      }
    case "h" where cell == .lstm:
      return law(places, "o[n,t,u]·tanh(C[n,t,u])", card: "D4.lstm.h", where: gateMeanings) { _ in
        "o[n,t,u] * tanh(C[n,t,u])"
      }
    case "h":
      let formula = "(1 - z[n,t,u]) * h̃[n,t,u] + z[n,t,u] * h[n,\(earlier),u]"
      return law(places, plain(formula), where: gateMeanings) { at in
        isFirst(at) ? "(1 - z[n,t,u]) * h̃[n,t,u] + z[n,t,u] * \(start("h", "u"))" : formula
      }
    case "q":
      let column = column(2)
      return law(places, "∑[k] h[n,\(earlier),k]·U[k,\(column)] + c[u]", where: standings) { at in
        isFirst(at)
          ? hasStart ? "∑[k] h0[n,k] * U[k,\(2 * self.hidden + at[2])] + c[u]" : "c[u] + 0"
          : "∑[k] h[n,\(self.earlier),k] * U[k,\(2 * self.hidden + at[2])] + c[u]"
      }
    default: return nil
    }
  }

  private var gateMeanings: [String] {
    cell == .lstm
      ? ["f, i, o the forget, input and output gate", "g the candidate"]
      : ["z the update gate", "h̃ the candidate"]
  }

  // MARK: Backward

  private func backward(_ name: String) throws -> LetterLaw? {
    switch name {
    case "δa", "δs": return beforeGates(name)
    case "δh": return state()
    case "δC":
      let next = "δC[n,\(later),u] * f[n,\(later),u]"
      let own = "δh[n,t,u] * o[n,t,u] * (1 - tanh(C[n,t,u])^2)"
      return law(
        ["n", "t", "u"], "δh[n,t,u]·o[n,t,u]·(1 - tanh(C[n,t,u])²) + δC[n,\(later),u]·f[n,\(later),u]",
        where: ["o, f the output and the forget gate"], of: name
      ) { at in trace.after(at[1]) == nil ? own : "\(own) + \(next)" }
    default: return nil
    }
  }

  private func beforeGates(_ name: String) -> LetterLaw {
    let places = ["n", "t", "j"]
    let formula: String
    switch cell {
    case .tanh: formula = "(1 - h[n,t,j]²)·δh[n,t,j]"
    case .relu: formula = "relu'·δh[n,t,j]"
    default: formula = "what comes back to the gate of column j, times its slope"
    }
    func text(_ at: [Int]) -> String {
      let (block, u) = (at[2] / hidden, at[2] % hidden)
      let p = "[n,t,\(u)]"
      let isFirst = trace.before(at[1]) == nil
      let before = "[n,\(earlier),\(u)]"
      switch cell {
      case .tanh: return "(1 - h[n,t,j]^2) * δh[n,t,j]"
      case .relu: return "(if h[n,t,j] > 0 then 1 else 0) * δh[n,t,j]"
      case .lstm:
        return [
          "δC\(p) * g\(p) * i\(p) * (1 - i\(p))",
          "δC\(p) * \(isFirst ? start("C", String(u)) : "C\(before)") * f\(p) * (1 - f\(p))",
          "δC\(p) * i\(p) * (1 - g\(p)^2)", "δh\(p) * tanh(C\(p)) * o\(p) * (1 - o\(p))",
        ][block]
      case .gru:
        let candidate = "[n,t,\(2 * hidden + u)]"
        if name == "δs", block == 2 { return "δa[n,t,j] * r\(p)" }
        return [
          "δa\(candidate) * q\(p) * r\(p) * (1 - r\(p))",
          "δh\(p) * (\(isFirst ? start("h", String(u)) : "h\(before)") - h̃\(p)) * z\(p) * (1 - z\(p))",
          "δh\(p) * (1 - z\(p)) * (1 - h̃\(p)^2)",
        ][block]
      }
    }
    /// What comes back to the gate of this column, times the gate's slope.
    func gate(_ at: [Int]) -> String? {
      guard cell == .lstm || cell == .gru else { return nil }
      let (gate, last) = (gates[at[2] / hidden], name == "δs" && at[2] / hidden == 2)
      if last { return "δa·r" }
      return [
        "i": "δC·g·i·(1 - i)", "f": "δC·C[\(earlier)]·f·(1 - f)", "g": "δC·i·(1 - g²)", "o": "δh·tanh(C)·o·(1 - o)",
        "r": "δa·q·r·(1 - r)", "z": "δh·(h[\(earlier)] - h̃)·z·(1 - z)", "h̃": "δh·(1 - z)·(1 - h̃²)",
      ][gate]
    }
    let meaning = cell == .lstm || cell == .gru ? ["what comes back to the gate, times the gate's slope"] : []
    return law(places, formula, at: gate, where: meaning, of: name, remark: { at, _ in self.remark(at[2]) }, text: text)
  }

  private func state() -> LetterLaw {
    let share = cell == .gru ? "δs" : "δa"
    let direct = givesLast ? "δ[n,u]" : "δ[n,t,u]"
    let back = "∑[k] \(share)[n,\(later),k] * U[u,k]"
    let kept = cell == .gru ? "δh[n,\(later),u] * z[n,\(later),u] + " : ""
    let shown = "\(direct) + \(kept)\(back)".replacingAll(" * ", with: "·")
      .replacingAll("δ[", with: "\(delta?.label ?? "δ")[")
    return law(
      ["n", "t", "u"], shown,
      where: ["\(share) what came back to the sums of the next step"]
        + (givesLast ? ["only the last state is given on"] : []), of: "δh"
    ) { at in
      let isLast = trace.after(at[1]) == nil
      let isGiven = !givesLast || isLast
      let parts = (isGiven ? [direct] : []) + (isLast ? [] : [kept + back])
      return parts.isEmpty ? "0" : parts.joined(separator: " + ")
    }
  }
}

extension LayerDerivatives {
  /// Derivatives by the weights or the input of a recurrent layer.
  func recurrent(_ parameter: Networks.Parameter?) throws -> LetterLaw? {
    guard let stack = (layer as? any RecurrentLayer)?.stack, stage.x.rank == 3 else { return nil }
    guard let context = stage.context,
      let passes = try RecurrentTrace.passes(stack, layer.parameters, stage.x, stage.dy, context)
    else { return nil }
    if parameter == nil, stack.isBidirectional { return bothInputs(stack, passes) }
    guard let index = parameter.map({ part in passes.firstIndex { part.name.dropFirst() == $0.suffix } }) ?? 0 else {
      return nil
    }
    let own = passes[index]
    let letters = letters(stack, passes, index)
    let later = own.isReversed ? "t+1" : "t-1"
    let share = stack.cell == .gru ? "δs" : "δa"
    let sums = [.tanh: "the sum in tanh", .relu: "the sum in relu"][stack.cell] ?? "the sums in the gates"
    let meaning = "δa\(letters.mark) = \(self.meaning.prefix { $0 != "/" })/∂(\(sums))"
    let shareMeaning = stack.cell == .gru ? "δs\(letters.mark) = that by h U" : meaning
    func law(
      _ places: [String], _ text: String, column: Int?, where more: [String]
    ) -> LetterLaw {
      letters.law(
        places, text.replacingAll(" * ", with: "·").replacingWord("x", with: letters.x.label),
        card: stack.cell == .lstm ? "D4.lstm.h" : stack.cell == .gru ? "" : "D2.rnn", where: more,
        remark: { at, _ in column.flatMap { letters.remark(at[$0]) } }
      ) { _ in text }
    }
    let steps = own.isReversed ? "t in 0..<\(own.steps - 1)" : "t in 1..<\(own.steps)"
    let samples = stage.x.shape[0]
    let input =
      letters.x.label == "x" ? standings : letters.x === x ? [] : ["\(letters.x.label) = the states of the layer below"]
    guard let parameter else {
      let W = "W\(own.suffix) = \(stage.path).W\(own.suffix)"
      return law(["n", "t", "i"], "∑[j] δa[n,t,j] * W[i,j]", column: nil, where: [W, meaning])
    }
    switch parameter.name.first {
    case "W": return law(["i", "j"], "∑[n,t] x[n,t,i] * δa[n,t,j]", column: 1, where: input + [meaning])
    case "U":
      let text = "∑[n in 0..<\(samples), \(steps)] h[n,\(later),i] * \(share)[n,t,j]"
      let shown = "∑[n,t] h[n,\(later),i]·\(share)[n,t,j]"
      guard own.steps > 1 || own.starts["h"] != nil else { return nil }
      let first = own.isReversed ? own.steps - 1 : 0
      let begin = own.starts["h"] == nil ? "" : "∑[n] h0[n,i] * \(share)[n,\(first),j]"
      let parts = [begin, own.steps > 1 ? text : ""].filter { !$0.isEmpty }.joined(separator: " + ")
      return letters.law(
        ["i", "j"], begin.isEmpty ? shown : "∑[n] h0[n,i]·\(share)[n,\(first),j] + \(shown)",
        where: ["h the states"] + (begin.isEmpty ? [] : ["h0 the state it began with"])
          + [stack.cell == .gru ? shareMeaning : meaning],
        remark: { at, _ in letters.remark(at[1]) }
      ) { _ in parts }
    case "b": return law(["j"], "∑[n,t] δa[n,t,j]", column: 0, where: [meaning])
    case "c":
      let hidden = stack.hidden
      return letters.law(["j"], "∑[n,t] δs[n,t,\(2 * hidden)+j]", where: [shareMeaning]) { at in
        "∑[n,t] δs[n,t,\(2 * hidden + at[0])]"
      }
    default: return nil
    }
  }

  /// Both directions read what the layer is given, and both send something back.
  private func bothInputs(_ stack: RecurrentStack, _ passes: [RecurrentTrace]) -> LetterLaw? {
    let both = [0, 1].map { letters(stack, passes, $0) }
    let sums = both.compactMap { $0.letter("δa") }
    guard sums.count == 2, let W = both[0].weights["W"], let R = both[1].weights["W"] else { return nil }
    let text = "∑[j] A0[n,t,j] * W0[i,j] + ∑[j] A1[n,t,j] * W1[i,j]"
    return LetterLaw(
      ["n", "t", "i"],
      formula: "∑[j] \(sums[0].label)[n,t,j]·\(W.label)[i,j] + ∑[j] \(sums[1].label)[n,t,j]·\(R.label)[i,j]",
      ["A0": sums[0], "A1": sums[1], "W0": W, "W1": R], interpreter, margin: margin(""),
      standings: [
        "\(W.label) = \(stage.path).\(W.label)", "\(R.label) = \(stage.path).\(R.label)", "both directions read it",
      ],
      letters: sums
    ) { _ in text }
  }

  /// The letters of one layer and direction of a stack.
  func letters(_ stack: RecurrentStack, _ passes: [RecurrentTrace], _ index: Int, isBackward: Bool = true)
    -> RecurrentLetters
  {
    let pass = passes[index]
    let directions = stack.isBidirectional ? 2 : 1
    var weights: [String: Known] = [:]
    for name in ["W", "U", "b", "c"] {
      guard let value = layer.parameters.first(where: { $0.name == name + pass.suffix })?.value else { continue }
      weights[name] = Known(name + pass.suffix, .tensor(value), .given)
    }
    let isFirst = index < directions
    let isOnly = passes.count == 1
    let incoming = !isBackward ? nil : isOnly ? delta : incoming(stack, passes, index)
    let input = isFirst ? x : below(stack, passes, index, isBackward)
    var letters = RecurrentLetters(
      cell: stack.cell, hidden: stack.hidden, trace: pass, x: input, weights: weights, delta: incoming,
      givesLast: stack.givesLast && isOnly, interpreter: interpreter, margin: margin(""),
      standings: (isFirst ? standings : ["\(input.label) = the states of the layer below"])
        + ["W", "U", "b"].map { "\($0)\(pass.suffix) = \(stage.path).\($0)\(pass.suffix)" })
    letters.mark = isOnly || pass.suffix.isEmpty ? "" : pass.suffix.hasPrefix("_") ? pass.suffix : "_" + pass.suffix
    if !isOnly { letters.others = [input].filter(\.isLetter) }
    if isBackward, let context = stage.context {
      let (layer, x, moved) = (layer, stage.x, moved)
      letters.check = { name, places in
        guard let value = pass.values[name],
          let before = try? RecurrentTrace.output(stack, layer.parameters, x, context, moving: nil)
        else { return nil }
        return CentralDifference.slope(of: Tensor.zeros(value.shape, value.elementType), at: places) { offset in
          let move = RecurrentTrace.Move(pass: index, name: name, offset: offset)
          let after = try? RecurrentTrace.output(stack, layer.parameters, x, context, moving: move)
          return after.flatMap { moved($0.detached - before.detached) }
        }
      }
    }
    return letters
  }

  /// What comes back to the states of one layer and direction from behind: from the layers above it, or of the last from behind the
  /// whole.
  private func incoming(_ stack: RecurrentStack, _ passes: [RecurrentTrace], _ index: Int) -> Known? {
    let (pass, hidden) = (passes[index], stack.hidden)
    let directions = stack.isBidirectional ? 2 : 1
    guard let value = pass.flows["y"] else { return nil }
    let start = (index % directions) * hidden
    let column = start == 0 ? "u" : "\(start)+u"
    let name = "δy" + (pass.suffix.isEmpty || pass.suffix.hasPrefix("_") ? pass.suffix : "_" + pass.suffix)
    let above = (index / directions + 1) * directions
    let known = Known(
      name, .tensor(value),
      .law {
        if above >= passes.count {
          let last = pass.isReversed ? 0 : pass.steps - 1
          let place = stack.givesLast ? "[n,\(column)]" : "[n,t,\(column)]"
          return LetterLaw(
            ["n", "t", "u"], formula: "\(delta.label)\(place)", ["δ": delta], interpreter, margin: margin(""),
            standings: ["\(delta.label) = \(meaning)"]
              + (stack.givesLast ? ["only the last state is given on: 0 at the others"] : []),
            letters: [delta].filter(\.isLetter), check: { letters(stack, passes, index).check("y", $0) }
          ) { at in
            let column = String(start + at[2])
            return stack.givesLast ? at[1] == last ? "δ[n,\(column)]" : "0" : "δ[n,t,\(column)]"
          }
        }
        // Every direction of the layer above reads these states beside those of the other direction.
        var locals: [String: Known] = [:]
        var (formulas, texts, meanings): ([String], [String], [String]) = ([], [], [])
        for next in above..<(above + directions) {
          let letters = letters(stack, passes, next)
          guard let sums = letters.letter("δa"), let W = letters.weights["W"] else { return nil }
          (locals["A\(next)"], locals["W\(next)"]) = (sums, W)
          formulas.append("∑[j] \(sums.label)[n,t,j]·\(W.label)[\(column),j]")
          texts.append("∑[j] A\(next)[n,t,j] * W\(next)[")
          meanings.append("\(sums.label) what comes back to its sums")
        }
        return LetterLaw(
          ["n", "t", "u"], formula: formulas.joined(separator: " + "), locals, interpreter, margin: margin(""),
          standings: meanings, letters: locals.values.filter(\.isLetter),
          check: { letters(stack, passes, index).check("y", $0) }
        ) { at in texts.map { "\($0)\(start + at[2]),j]" }.joined(separator: " + ") }
      })
    known.isLetter = true
    return known
  }

  /// What a layer above the first reads: the states of the layer below, of both directions side by side.
  private func below(_ stack: RecurrentStack, _ passes: [RecurrentTrace], _ index: Int, _ isBackward: Bool) -> Known {
    let directions = stack.isBidirectional ? 2 : 1
    let (layer, hidden) = (index / directions, stack.hidden)
    let known = Known(
      "x_\(layer)", .tensor(passes[index].x),
      .law {
        let states = try (0..<directions).map { direction in
          let letters = letters(stack, passes, (layer - 1) * directions + direction, isBackward: isBackward)
          guard let state = letters.letter("h") else { throw Diagnostic("E0814", "no states") }
          return state
        }
        let formula = states.count == 1 ? "\(states[0].label)[n,t,i]" : "\(states[0].label) ++ \(states[1].label)"
        return LetterLaw(
          ["n", "t", "i"], formula: formula, margin: margin(""), standings: ["the states of the layer below"],
          letters: states
        ) { at, elements in
          let numbers = try at.allNumbers()
          let place = [numbers[0], numbers[1], numbers[2] % hidden].map { Coordinate($0) }
          return try elements.read(states[numbers[2] / hidden], place, Meanings(interpreter, SourceText("h")))
        }
      })
    known.isLetter = true
    return known
  }
}
