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
  var check: (String, [Int]) -> CentralDifference? = { _, _ in nil }
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
