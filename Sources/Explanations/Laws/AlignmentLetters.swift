import Language
import Tensors

/// What a loss over alignments is made of, as letters that can be asked for.
///
/// | letter | is |
/// |---|---|
/// | `p` | the probability of label k at frame t |
/// | `α` | `α[t,s] = p[t,l[s]]·(α[t-1,s] + α[t-1,s-1] + α[t-1,s-2])`, all ways that are at state s after frame t |
/// | `β` | `β[t,s] = ∑ p[t+1,l[s′]]·β[t+1,s′]`, all ways on from there |
/// | `P` | all ways: `α` at the last two states of the last frame |
/// | `γ` | `∑[s: l[s]=k] α[t,s]·β[t,s] / P`, the share of the ways that are at label k at frame t |
struct AlignmentLetters {
  let trace: Alignments
  let call: LawCall
  private let prediction: Expression

  /// Nil where the call has other operands than a loss over alignments, and where the probabilities are too small to be numbers.
  init?(_ call: LawCall) throws {
    guard let prediction = call["prediction"] ?? call.operands.first,
      let target = call["target"] ?? call.operands.dropFirst().first,
      let logs = try call.around.tensor(prediction), let labels = try call.around.tensor(target),
      let trace = Alignments(
        logs.detached.cast(to: .float64), labels, blank: try call.whole("blank") ?? 0,
        frames: try call["frames"].flatMap { try call.around.tensor($0) }),
      trace.hasProbabilities
    else { return nil }
    (self.trace, self.call, self.prediction) = (trace, call, prediction)
  }

  var interpreter: Interpreter { call.around.interpreter }
  var lead: [String] { trace.hasSamples ? ["n"] : [] }

  /// `_ 1 _ 2 _`
  func word(_ sample: Int) -> String {
    trace.samples[sample].states.map { $0 == trace.blank ? "_" : String($0) }.joined(separator: " ")
  }

  /// What the states are.
  func states(_ sample: Int) -> String {
    "l = \(word(sample)) the states\(trace.hasSamples ? " of sample \(sample)" : "") (_ is the blank, label \(trace.blank))"
  }

  private static let rule = "s-2 only if l[s] is no blank and not l[s-2]"

  // MARK: Letters

  /// The probabilities: `q` of `ctc(log(q), y)`, else a letter of the answer.
  var p: Known {
    if case .call(let callee, let arguments) = prediction.kind, arguments.count == 1, arguments[0].label == nil,
      let name = callee.name?.text
    {
      let inner = arguments[0].value
      if name == "log", let own = inner.name?.text, let known = call.around.known(own), !known.label.isEmpty {
        return known
      }
      if name == "log_softmax" { return letter("p", Expression(.call(Expression(.name("softmax")), arguments))) }
      if name == "log" { return letter("p", inner) }
    }
    return letter("p", Expression(.call(Expression(.name("exp")), [Argument(nil, prediction)])))
  }

  private func letter(_ name: String, _ expression: Expression) -> Known {
    let text = call.around.text(expression)
    guard let parsed = Why.parsed(text) else { return Known(name, nil, .expression(expression, call.around)) }
    let around = Meanings(
      interpreter, SourceText(text), origin: call.around.origin, locals: call.around.locals)
    let known = Known(name, nil, .expression(parsed, around))
    known.isLetter = true
    return known
  }

  private func letter(_ name: String, _ shape: [Int], _ number: ([Int]) -> Double, _ law: @escaping () -> LetterLaw)
    -> Known
  {
    let extents = trace.hasSamples ? shape : Array(shape.dropFirst())
    let places = LayerDerivatives.places(shape)
    let value: Value =
      extents.isEmpty
      ? .number(number(places[0])) : .tensor(Tensor(places.map(number), shape: Shape(extents)))
    let known = Known(name, value, .law { law() })
    known.isLetter = true
    return known
  }

  private var stateShape: [Int] { [trace.shape[0], trace.shape[1], trace.samples.map(\.states.count).max() ?? 1] }

  private func exponential(_ rows: [[Double]], _ step: Int, _ state: Int) -> Double {
    guard rows.indices.contains(step), rows[step].indices.contains(state), let exp = elementaryFunction("exp") else {
      return 0
    }
    return exp([rows[step][state]])
  }

  var alpha: Known {
    letter("α", stateShape, { exponential(trace.samples[$0[0]].forward, $0[1], $0[2]) }) { alphaLaw }
  }
  var beta: Known {
    letter("β", stateShape, { exponential(trace.samples[$0[0]].backward, $0[1], $0[2]) }) { betaLaw }
  }
  var total: Known {
    letter("P", [trace.shape[0]], { elementaryFunction("exp")?([trace.samples[$0[0]].total]) ?? .nan }) { totalLaw }
  }
  var share: Known {
    letter("γ", trace.shape, { trace.share($0[0], $0[1], $0[2]) }) { shareLaw }
  }
  var all: [Known] { [p, alpha, beta, total, share].filter(\.isLetter) }

  // MARK: Laws

  /// The places of a letter, that of the sample always in front.
  private func numbers(_ at: [Coordinate]) throws -> [Int] { (trace.hasSamples ? [] : [0]) + (try at.allNumbers()) }

  private func read(_ known: Known, _ sample: Int, _ rest: [Int], _ elements: Elements) throws -> Calculation {
    let places = (trace.hasSamples ? [sample] : []) + rest
    return try elements.read(known, places.map { Coordinate($0) }, call.around)
  }

  private func law(
    _ places: [String], _ formula: String, _ standings: [String] = [],
    rule: @escaping ([Int], Elements) throws -> Calculation
  ) -> LetterLaw {
    let p = p
    let meaning = p.isLetter ? ["p = \(definition(p))"] : []
    let lead = lead.joined()
    // With samples every letter has their place first.
    let shown =
      trace.hasSamples
      ? ["p", "α", "β", "γ"].reduce(formula) { $0.replacingAll("\($1)[", with: "\($1)[\(lead),") } : formula
    return LetterLaw(
      self.lead + places, formula: shown.replacingAll("p[", with: "\(p.label)["), margin: "ctc",
      standings: meaning + standings, letters: all
    ) { at, elements in try rule(numbers(at), elements) }
  }

  private func definition(_ known: Known) -> String {
    if case .expression(let expression, let around) = known.how { around.text(expression) } else { known.label }
  }

  private var alphaLaw: LetterLaw {
    law(
      ["t", "s"], "p[t,l[s]]·(α[t-1,s] + α[t-1,s-1] + α[t-1,s-2])",
      [trace.samples.count == 1 ? states(0) : "l the states of a sample", Self.rule]
    ) { at, elements in
      let (n, t, s) = (at[0], at[1], at[2])
      let sample = trace.samples[n]
      guard s < sample.states.count, t < sample.steps else { return 0 }
      let own = try read(p, n, [t, sample.states[s]], elements)
      if t == 0 { return s < 2 ? own : 0 }
      let terms = try sample.neighbours(s, blank: trace.blank).map { try read(alpha, n, [t - 1, $0], elements) }
      return own * (terms.count == 1 ? terms[0] : .sum(terms))
    }
  }

  private var betaLaw: LetterLaw {
    law(
      ["t", "s"], "p[t+1,l[s]]·β[t+1,s] + p[t+1,l[s+1]]·β[t+1,s+1] + p[t+1,l[s+2]]·β[t+1,s+2]",
      [
        trace.samples.count == 1 ? states(0) : "l the states of a sample",
        "s+2 only if l[s+2] is no blank and not l[s]", "1 at the end",
      ]
    ) { at, elements in
      let (n, t, s) = (at[0], at[1], at[2])
      let sample = trace.samples[n]
      guard s < sample.states.count, t < sample.steps else { return 0 }
      if t == sample.steps - 1 { return sample.ends.contains(s) ? 1 : 0 }
      let terms = try (s...min(s + 2, sample.states.count - 1)).filter { to in
        sample.neighbours(to, blank: trace.blank).contains(s)
      }.map { to in
        try read(p, n, [t + 1, sample.states[to]], elements) * read(beta, n, [t + 1, to], elements)
      }
      return terms.count == 1 ? terms[0] : .sum(terms)
    }
  }

  private var totalLaw: LetterLaw {
    law([], "α at the last two states of the last frame", ["all ways to spell it"]) { at, elements in
      try probability(at[0], elements)
    }
  }

  private var shareLaw: LetterLaw {
    law(
      ["t", "k"], "∑[s: l[s]=k] α[t,s]·β[t,s] / P\(trace.hasSamples ? "[n]" : "")",
      [
        trace.samples.count == 1 ? states(0) : "l the states of a sample",
        "the share of the ways at label k at frame t",
      ]
    ) { at, elements in
      let (n, t, k) = (at[0], at[1], at[2])
      let sample = trace.samples[n]
      guard t < sample.steps else { return 0 }
      let own = sample.states.indices.filter { sample.states[$0] == k }
      guard !own.isEmpty else { return 0 }
      func term(_ s: Int) throws -> Calculation {
        try read(alpha, n, [t, s], elements) * read(beta, n, [t, s], elements)
      }
      let terms = try own.map(term)
      let sum: Calculation =
        terms.count <= 4
        ? terms.count == 1 ? terms[0] : .sum(terms)
        : .series(
          .init(
            "s", count: own.count, body: .read("α[\(t),s]", .nan) * .read("β[\(t),s]", .nan),
            place: { String(own[$0]) },
            term: { terms[$0] }))
      return sum / (try read(total, n, [], elements))
    }
  }

  /// `α[3,3] + α[3,4]`
  func probability(_ sample: Int, _ elements: Elements) throws -> Calculation {
    let own = trace.samples[sample]
    let alpha = alpha
    let terms = try own.ends.map { try read(alpha, sample, [own.steps - 1, $0], elements) }
    return terms.count == 1 ? terms[0] : .sum(terms)
  }

  /// `-ln(α[3,3] + α[3,4])`
  func loss(_ sample: Int, _ elements: Elements) throws -> Calculation {
    guard let ln = elementaryFunction("ln") else { return .number(.nan) }
    let inner = trace.hasSamples ? try read(total, sample, [], elements) : try probability(sample, elements)
    return .negative(.call("ln", [inner], ln))
  }
}

/// The loss over alignments: minus the logarithm of the probability of all ways to spell the target.
struct AlignmentLaw: Law {
  let names = ["ctc"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let letters = try AlignmentLetters(call) else { return nil }
    let elements = call.elements
    let samples = letters.trace.samples
    for letter in letters.all { elements.reads.letters.append((letter.label, "", letter)) }
    elements.reads.margins.append("ctc")
    if letters.trace.hasSamples { elements.reads.standings.append("P[n] the probability of all ways to spell y[n]") }
    func share(_ sample: Int) throws -> Calculation {
      let loss = try letters.loss(sample, elements)
      return samples[sample].length == 1 ? loss : loss / .number(Double(samples[sample].length))
    }
    switch try call.word("reduction") ?? "mean" {
    case "none":
      guard letters.trace.hasSamples, let at = call.at.first?.number else { return try letters.loss(0, elements) }
      return try letters.loss(at, elements)
    case "sum":
      guard letters.trace.hasSamples else { return try letters.loss(0, elements) }
      return .series(try series(samples.count, "-ln(P[n])") { try letters.loss($0, elements) })
    default:
      guard letters.trace.hasSamples else { return try share(0) }
      let isOne = samples.allSatisfy { $0.length == 1 }
      return .series(try series(samples.count, isOne ? "-ln(P[n])" : "-ln(P[n]) / |y[n]|", share))
        / .number(Double(samples.count))
    }
  }

  private func series(_ count: Int, _ body: String, _ term: (Int) throws -> Calculation) throws -> Calculation.Series {
    let terms = try (0..<count).map(term)
    return .init("n", count: count, body: .read(body, .nan), term: { terms[$0] })
  }
}
