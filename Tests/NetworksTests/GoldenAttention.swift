import Networks
import Tensors

/// Cases that look from one sequence at another, or read one frame by frame.
extension GoldenCase {
  static let attention: [GoldenCase] = [
    GoldenCase("attention_scaled_dot", ("layer", scaledAttention), ("formula", scaledAttentionSteps)),
    GoldenCase("attention_dot_d1", ("layer", dotAttention), ("formula", dotAttentionSteps)),
    GoldenCase("attention_additive_d3", ("layer", additiveAttention), ("formula", additiveAttentionSteps)),
    GoldenCase("attention_multihead", ("layer", multiHead), ("formula", multiHeadSteps)),
    GoldenCase("lstm_attention_d1", ("layers", attentionD1), ("formula", attentionD1Steps)),
    GoldenCase("seq2seq_attention", ("layers", translation), ("formula", translationSteps)),
    GoldenCase("srl_bilstm_tagger", ("layer", tagger), ("formula", taggerSteps)),
    GoldenCase("speech_lstm_ctc", ("network", speech), ("formula", speechSteps)),
  ]

  // MARK: Attention

  /// Scores, weights and means of the values by the formula, noted by these names.
  private static func attend(
    _ run: GoldenRun, _ q: Tensor, _ k: Tensor, _ v: Tensor, scale: Double = 1, names: (String, String, String)
  ) throws -> Tensor {
    let scores = try q.product(k.transposed) * scale
    run.expect(scores, names.0)
    let weights = scores.softmax()
    run.expect(weights, names.1)
    let out = try weights.product(v)
    run.expect(out, names.2)
    return out
  }

  private static func scaledAttention(_ run: GoldenRun) throws -> Tensor? {
    var context = Context.evaluation
    (context.keys, context.values) = (try run("K"), try run("V"))
    let y = try Attention()(run("Q"), context: &context)
    run.expect(y, "out")
    return (y * (try run.constant("g"))).sum()
  }

  private static func scaledAttentionSteps(_ run: GoldenRun) throws -> Tensor? {
    let (q, k, v) = (try run("Q"), try run("K"), try run("V"))
    let y = try attend(run, q, k, v, scale: 1 / Double(q.shape.last).squareRoot(), names: ("scores", "A", "out"))
    return (y * (try run.constant("g"))).sum()
  }

  private static func dotAttention(_ run: GoldenRun) throws -> Tensor? {
    let y = try Attention(isScaled: false)(run("H"))
    run.expect(y, "context")
    return (y * (try run.constant("g"))).sum()
  }

  private static func dotAttentionSteps(_ run: GoldenRun) throws -> Tensor? {
    let h = try run("H")
    return (try attend(run, h, h, h, names: ("scores", "a", "context")) * run.constant("g")).sum()
  }

  private static func additiveAttention(_ run: GoldenRun) throws -> Tensor? {
    let layer = AdditiveAttention(
      queryWeight: try run("W").transposed, keyWeight: try run("R").transposed, bias: try run("b"),
      scores: try run("v"))
    var context = Context.evaluation
    (context.keys, context.values) = (try run("K"), try run("V"))
    let y = try layer(run("Q"), context: &context)
    run.expect(y, "context")
    return (y * (try run.constant("g"))).sum()
  }

  private static func additiveAttentionSteps(_ run: GoldenRun) throws -> Tensor? {
    let queries = try run("Q").product(run("W").transposed)
    let keys = try run("K").product(run("R").transposed)
    let all: Shape = [queries.shape[0], keys.shape[0], keys.shape[1]]
    let rows = Broadcast(to: all)(queries.reshaped(to: [all[0], 1, all[2]]))
    let hidden = (rows + Broadcast(to: all)(keys) + Broadcast(to: all)(try run("b"))).tanh()
    run.expect(hidden, "hidden")
    let scores = (hidden * (try run("v"))).sum(axis: 2)
    run.expect(scores, "scores")
    let weights = scores.softmax()
    run.expect(weights, "A")
    let y = try weights.product(run("V"))
    run.expect(y, "context")
    return (y * (try run.constant("g"))).sum()
  }

  private static func heads(_ run: GoldenRun) throws -> Int {
    guard let heads = run.file.wholes("heads")?.first else { throw GoldenRun.Missing(description: "no heads") }
    return heads
  }

  private static func multiHead(_ run: GoldenRun) throws -> Tensor? {
    let weights = try ["Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "bo"].map { try run($0) }
    let layer = MultiHeadAttention(heads: try heads(run), weights: weights, isCausal: run.file.flag("causal"))
    let y = try layer(run("X"))
    run.expect(y, "out")
    return (y * (try run.constant("g"))).sum()
  }

  private static func multiHeadSteps(_ run: GoldenRun) throws -> Tensor? {
    let (x, heads) = (try run("X"), try heads(run))
    let (n, t, width) = (x.shape[0], x.shape[1], x.shape[2])
    func projected(_ letter: String) throws -> Tensor {
      let whole = try x.product(run("W\(letter)")) + run("b\(letter)")
      let parts = Permute([0, 2, 1, 3])(whole.reshaped(to: [n, t, heads, width / heads]))
      run.expect(parts, letter)
      return parts
    }
    let (q, k, v) = (try projected("q"), try projected("k"), try projected("v"))
    var scores = try q.product(k.transposed) * (1 / Double(width / heads).squareRoot())
    if run.file.flag("causal") {
      let hidden = (0..<(t * t)).map { $0 % t > $0 / t ? -1e30 : 0 }
      scores = scores + Tensor(hidden, shape: [t, t], run.type)
    }
    let weights = scores.softmax()
    run.expect(weights, "A")
    let joined = Permute([0, 2, 1, 3])(try weights.product(v)).reshaped(to: x.shape)
    run.expect(joined, "heads")
    let y = try joined.product(run("Wo")) + run("bo")
    run.expect(y, "out")
    return (y * (try run.constant("g"))).sum()
  }

  private static func attentionD1(_ run: GoldenRun) throws -> Tensor? {
    let h = try lstm(run, [lstmWeights(run)])(run("X"))
    run.expect(h, "h", gradient: false)
    let found = try Attention(isScaled: false)(h)
    run.expect(found, "context")
    return try pooled(run, found)
  }

  private static func attentionD1Steps(_ run: GoldenRun) throws -> Tensor? {
    let h = GoldenRun.sequence(try lstmSteps(run, steps(run("X"))).h)
    return try pooled(run, attend(run, h, h, h, names: ("scores", "a", "context")))
  }

  private static func pooled(_ run: GoldenRun, _ context: Tensor) throws -> Tensor {
    let pooled = context.mean(axis: 1)
    run.expect(pooled, "pooled")
    let y = try Dense(weight: run("Wd"), bias: run("bd"))(pooled)
    run.expect(y, "pred")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  // MARK: Sequences to sequences, tags and speech

  /// The target one step later, so that each step is told the one before.
  private static func shifted(_ run: GoldenRun, _ targets: Tensor) -> Tensor {
    let begin = Tensor.filled([targets.shape[0], 1], run.file.numbers("bos")?.first ?? 0, run.type)
    guard targets.shape[1] > 1 else { return begin }
    return Concatenate(axis: 1)(begin, targets.slice(axis: 1, 0..<(targets.shape[1] - 1)))
  }

  private static func translation(_ run: GoldenRun) throws -> Tensor? {
    var context = Context.evaluation
    context.states = []
    let encoder = Network(Embedding(weight: try run("E_src")), try lstm(run, [lstmWeights(run, "enc.")]))
    let seen = try encoder(run.constant("src"), context: &context)
    run.expect(seen, "enc_h", gradient: false)
    (context.states, context.finalStates) = (context.finalStates, [])
    let targets = try run.constant("tgt")
    let decoder = Network(Embedding(weight: try run("E_tgt")), try lstm(run, [lstmWeights(run, "dec.")]))
    let h = try decoder(shifted(run, targets), context: &context)
    run.expect(h, "dec_h", gradient: false)
    var looking = Context.evaluation
    looking.keys = seen
    let found = try Attention(isScaled: false)(h, context: &looking)
    run.expect(found, "context")
    return try translated(run, h, found, targets)
  }

  private static func translationSteps(_ run: GoldenRun) throws -> Tensor? {
    func embedded(_ name: String, _ tokens: Tensor) throws -> [Tensor] {
      steps(try Embedding(weight: run(name))(tokens))
    }
    let encoded = try lstmSteps(run, embedded("E_src", run.constant("src")), "enc.")
    run.expect(steps: encoded.h, "enc_h")
    let targets = try run.constant("tgt")
    let last = encoded.h.count - 1
    let h = try lstmSteps(
      run, embedded("E_tgt", shifted(run, targets)), "dec.", start: (encoded.h[last], encoded.C[last])
    ).h
    run.expect(steps: h, "dec_h")
    let (seen, states) = (GoldenRun.sequence(encoded.h), GoldenRun.sequence(h))
    let found = try attend(run, states, seen, seen, names: ("scores", "attn", "context"))
    return try translated(run, states, found, targets)
  }

  private static func translated(
    _ run: GoldenRun, _ h: Tensor, _ found: Tensor, _ targets: Tensor
  ) throws -> Tensor {
    let logits = try Concatenate(axis: 2)(h, found).product(run("V")) + run("c")
    run.expect(logits, "logits")
    return try CrossEntropy()(logits, targets)
  }

  private static func tagged(_ run: GoldenRun) throws -> Tensor {
    let words = try Embedding(weight: run("E"))(run.constant("tokens"))
    let predicate = try run.constant("predicate")
    return Concatenate(axis: 2)(words, predicate.reshaped(to: predicate.shape.inserting(1, at: 2)))
  }

  private static func tagger(_ run: GoldenRun) throws -> Tensor? {
    var context = Context.evaluation
    context.mask = try run.constant("mask")
    let layer = try lstm(run, [lstmWeights(run, "fwd."), lstmWeights(run, "bwd.")], isBidirectional: true)
    let h = try layer(tagged(run), context: &context)
    let half = h.shape[2] / 2
    run.expect(h.slice(axis: 2, 0..<half), "h_fwd", gradient: false)
    run.expect(h.slice(axis: 2, half..<(2 * half)), "h_bwd", gradient: false)
    return try tags(run, h)
  }

  private static func taggerSteps(_ run: GoldenRun) throws -> Tensor? {
    let x = steps(try tagged(run))
    let mask = try run.constant("mask")
    let shown = (0..<mask.shape[1]).map { mask.slice(axis: 1, $0..<($0 + 1)) }
    let forward = try lstmSteps(run, x, "fwd.", mask: shown).h
    run.expect(steps: forward, "h_fwd")
    let backward = Array(try lstmSteps(run, x.reversed(), "bwd.", mask: shown.reversed()).h.reversed())
    run.expect(steps: backward, "h_bwd")
    return try tags(run, Concatenate(axis: 2)(GoldenRun.sequence(forward), GoldenRun.sequence(backward)))
  }

  private static func tags(_ run: GoldenRun, _ h: Tensor) throws -> Tensor {
    let mask = try run.constant("mask")
    let logits = try h.product(run("W")) + run("b")
    run.expect(logits, "logits")
    let losses = try CrossEntropy()(logits, run.constant("tags"), reduction: .none)
    run.expect(losses, "token_nll")
    return (losses * mask).sum() / mask.sum()
  }

  private static func speech(_ run: GoldenRun) throws -> Tensor? {
    let h = try lstm(run, [lstmWeights(run)])(run("X"))
    run.expect(h, "h", gradient: false)
    let logarithms = try frames(run, h)
    return try ConnectionistTemporal(blank: blank(run))(logarithms, spoken(run))
  }

  private static func speechSteps(_ run: GoldenRun) throws -> Tensor? {
    let h = try lstmSteps(run, steps(run("X"))).h
    let logarithms = try frames(run, GoldenRun.sequence(h))
    let losses = try ConnectionistTemporal(blank: blank(run))(logarithms, spoken(run), reduction: .none)
    run.expect(losses, "nll")
    let targets = try run.constant("targets")
    let lengths =
      run.file.numbers("target_lengths") ?? [Double](repeating: Double(targets.shape[1]), count: losses.count)
    return (losses / Tensor(lengths.map { max($0, 1) }, run.type)).mean()
  }

  private static func blank(_ run: GoldenRun) -> Int { run.file.wholes("blank")?.first ?? 0 }

  /// The targets, with the blank behind each one's end.
  private static func spoken(_ run: GoldenRun) throws -> Tensor {
    let targets = try run.constant("targets")
    guard let lengths = run.file.wholes("target_lengths") else { return targets }
    let width = targets.shape[1]
    let cut = targets.elements.enumerated().map { place, label in
      place % width < lengths[place / width] ? label : Double(blank(run))
    }
    return Tensor(cut, shape: targets.shape, run.type)
  }

  private static func frames(_ run: GoldenRun, _ h: Tensor) throws -> Tensor {
    let logits = try Dense(weight: run("fc.W"), bias: run("fc.b"))(h)
    run.expect(logits, "logits")
    run.expect(steps(logits)[logits.shape[1] - 1], "last_frame_logits")
    let logarithms = logits.logSoftmax()
    run.expect(logarithms, "log_probs")
    return logarithms
  }
}
