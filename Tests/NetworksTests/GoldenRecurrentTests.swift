import Networks
import Tensors
import Testing

@Suite struct GoldenRecurrentTests {
  private func rnn(_ run: GoldenRun, _ weights: [Tensor], isRelu: Bool = false, givesLast: Bool = false) throws -> RNN {
    var random = RandomGenerator(seed: 1)
    return try RNN(
      weights[0].shape[0], weights[1].shape[0], isRelu: isRelu, givesLast: givesLast, elementType: run.type,
      random: &random
    ).replacing(weights)
  }

  @Test("A tanh RNN with a first state, read out at every step", arguments: precisions)
  func tanhRNN(type: ElementType) throws {
    let run = try GoldenRun("rnn_tanh", type)
    let layer = try rnn(run, [run("W").transposed, run("U").transposed, run("b")])
    var context = Context.evaluation
    context.states = [try run("h0")]
    let h = try layer(run("X"), context: &context)
    try run.expect(h, "h")
    #expect(context.finalStates[0].elements == h.slice(axis: 1, (h.shape[1] - 1)..<h.shape[1]).elements)
    let y = try h.product(run("V").transposed) + run("c")
    try run.expect(y, "y_hat")
    try run.expectGradients(of: MeanSquaredError()(y, run.constant("y")), and: ["y_hat": y])
  }

  @Test("A relu RNN whose last state is classified", arguments: precisions)
  func reluRNN(type: ElementType) throws {
    let run = try GoldenRun("rnn_relu_classifier", type)
    let weights = [try run("kernel"), try run("recurrent_kernel"), try run("bias")]
    try run.expect(rnn(run, weights, isRelu: true)(run("X")), "h")
    let network = Network(
      try rnn(run, weights, isRelu: true, givesLast: true), Dense(weight: try run("Wd"), bias: try run("bd")))
    let logits = try network(run("X"))
    try run.expect(logits, "logits")
    try run.expect(logits.softmax(), "probs")
    try run.expectGradients(of: CrossEntropy()(logits, run.constant("labels")), and: ["logits": logits])
  }

  @Test("The gradient by every earlier state of a scalar RNN", arguments: precisions)
  func vanishing(type: ElementType) throws {
    let run = try GoldenRun("bptt_vanishing", type)
    let x = try run("x")
    let layer = try rnn(
      run, [run("u").reshaped(to: [1, 1]), run("w").reshaped(to: [1, 1]), .zeros([1], type)])
    var h = try run("h0").reshaped(to: [1, 1])
    var states: [String: Tensor] = [:]
    for t in 0..<x.count {
      var context = Context.evaluation
      context.states = [h]
      let state = try layer(x.slice(axis: 0, t..<(t + 1)).reshaped(to: [1, 1, 1]), context: &context)
      let number = state.reshaped(to: .scalar)
      try run.expect(number, "h\(t + 1)")
      states["h\(t + 1)"] = number
      h = number.reshaped(to: [1, 1])
    }
    try run.expectGradients(of: h.reshaped(to: .scalar), and: states)
    // All steps at once give the same.
    var context = Context.evaluation
    context.states = [try run.constant("h0").reshaped(to: [1, 1])]
    let all = try layer(x.reshaped(to: [1, x.count, 1]), context: &context)
    #expect(all[flat: x.count - 1] == h.item)
  }

  @Test("Two RNNs, the second with its input added", arguments: precisions)
  func residual(type: ElementType) throws {
    let run = try GoldenRun("residual_rnn", type)
    let first = try rnn(run, [run("W1"), run("U1"), run("b1")])
    let second = try rnn(run, [run("W2"), run("U2"), run("b2")])
    let h1 = try first(run("X"))
    try run.expect(h1, "h1")
    try run.expect(second(h1), "h2")
    let out = try Network(first, Residual(second))(run("X"))
    try run.expect(out, "out")
    try run.expectGradients(of: run.upstream(out), and: ["out": out])
  }

  @Test("One LSTM layer by D4's six equations, its states given", arguments: precisions)
  func lstm(type: ElementType) throws {
    let run = try GoldenRun("lstm_d4", type)
    let layer = try run.lstm([run.lstmWeights()])
    var context = Context.evaluation
    context.states = [try run("h0"), try run("C0")]
    let h = try layer(run("X"), context: &context)
    try run.expect(h, "h")
    let memory = try run.golden.output("C")
    let last = memory.slice(axis: 1, (memory.shape[1] - 1)..<memory.shape[1]).elements
    expectClose(context.finalStates[1].elements, last, tolerance: run.tolerance)
    let y = try h.product(run("V")) + run("c")
    try run.expect(y, "y_hat")
    try run.expectGradients(of: MeanSquaredError()(y, run.constant("y")), and: ["y_hat": y])
  }

  @Test("Two LSTM layers, the last state read out", arguments: precisions)
  func twoLayers(type: ElementType) throws {
    let run = try GoldenRun("lstm_d4_2layer", type)
    let weights = [try run.lstmWeights("l1."), try run.lstmWeights("l2.")]
    try run.expect(run.lstm([weights[0]])(run("X")), "l1.h")
    try run.expect(run.lstm(weights)(run("X")), "l2.h")
    let y = try run.lstm(weights, givesLast: true)(run("X")).product(run("V")) + run("c")
    try run.expect(y, "y_hat")
    try run.expectGradients(of: MeanSquaredError()(y, run.constant("y")), and: ["y_hat": y])
  }

  @Test("A GRU by PyTorch's equations, its two outer biases as one", arguments: precisions)
  func gru(type: ElementType) throws {
    let run = try GoldenRun("gru", type)
    func joined(_ names: [String]) throws -> Tensor { Concatenate(axis: 0)(list: try names.map { try run($0) }) }
    let outer = try run("b_ir") + run("b_hr")
    let bias = Concatenate(axis: 0)(list: [outer, try run("b_iz") + run("b_hz"), try run("b_in")])
    let weights = [
      try joined(["W_ir", "W_iz", "W_in"]).transposed, try joined(["W_hr", "W_hz", "W_hn"]).transposed, bias,
      try run("b_hn"),
    ]
    var random = RandomGenerator(seed: 1)
    let layer = try GRU(weights[0].shape[0], weights[1].shape[0], elementType: type, random: &random)
    let h = try layer.replacing(weights)(run("X"))
    try run.expect(h, "h")
    try run.expectGradients(of: run.upstream(h))
  }

  @Test("D4's language model: the last step of two layers, states handed in and out", arguments: precisions)
  func languageModel(type: ElementType) throws {
    let run = try GoldenRun("lm_lstm_last_step", type)
    let network = Network(
      Embedding(weight: try run("embed")),
      try run.lstm([run.lstmWeights("l1."), run.lstmWeights("l2.")], givesLast: true),
      Dense(weight: try run("fc.W"), bias: try run("fc.b")))
    var context = Context.evaluation
    context.states = [try run("h0"), try run("c0")]
    let logits = try network(run.constant("tokens"), context: &context)
    try run.expect(logits, "logits")
    try run.expect(context.finalStates[0], "hn")
    try run.expect(context.finalStates[1], "cn")
    let loss = try CrossEntropy()(logits, run.constant("targets"))
    try run.expect(loss.exp(), "perplexity")
    try run.expectGradients(of: loss, and: ["logits": logits])
  }

  @Test("A language model trained on every step", arguments: precisions)
  func everyStep(type: ElementType) throws {
    let run = try GoldenRun("lm_lstm_all_steps", type)
    let network = Network(
      Embedding(weight: try run("embed")), try run.lstm([run.lstmWeights("l1.")]),
      Dense(weight: try run("fc.W"), bias: try run("fc.b")))
    var context = Context.evaluation
    context.states = [try run("h0"), try run("c0")]
    let logits = try network(run.constant("tokens"), context: &context)
    try run.expect(logits, "logits")
    let shape = try run.golden.output("hn").shape
    try run.expect(context.finalStates[0].reshaped(to: shape), "hn")
    try run.expect(context.finalStates[1].reshaped(to: shape), "cn")
    try run.expectGradients(of: CrossEntropy()(logits, run.constant("targets")), and: ["logits": logits])
  }

  @Test("A tagger of both directions, whose padded steps keep the state and count for nothing", arguments: precisions)
  func tagger(type: ElementType) throws {
    let run = try GoldenRun("srl_bilstm_tagger", type)
    let words = try Embedding(weight: run("E"))(run.constant("tokens"))
    let predicate = try run.constant("predicate")
    let x = Concatenate(axis: 2)(words, predicate.reshaped(to: predicate.shape.inserting(1, at: 2)))
    let mask = try run.constant("mask")
    var context = Context.evaluation
    context.mask = mask
    let layer = try run.lstm([run.lstmWeights("fwd."), run.lstmWeights("bwd.")], isBidirectional: true)
    let h = try layer(x, context: &context)
    let half = h.shape[2] / 2
    try run.expect(h.slice(axis: 2, 0..<half), "h_fwd")
    try run.expect(h.slice(axis: 2, half..<(2 * half)), "h_bwd")
    let logits = try h.product(run("W")) + run("b")
    try run.expect(logits, "logits")
    let losses = try CrossEntropy()(logits, run.constant("tags"), reduction: .none)
    try run.expect(losses, "token_nll")
    try run.expectGradients(of: (losses * mask).sum() / mask.sum(), and: ["logits": logits, "token_nll": losses])
  }

  @Test("Sequence to sequence: the decoder begins where the encoder ended and looks back at it", arguments: precisions)
  func translation(type: ElementType) throws {
    let run = try GoldenRun("seq2seq_attention", type)
    var context = Context.evaluation
    context.states = []
    let encoder = Network(Embedding(weight: try run("E_src")), try run.lstm([run.lstmWeights("enc.")]))
    let seen = try encoder(run.constant("src"), context: &context)
    try run.expect(seen, "enc_h")
    context.states = context.finalStates
    let targets = try run.constant("tgt")
    let begin = Tensor.filled([targets.shape[0], 1], Double(run.golden.meta.bos ?? 0), type)
    let shifted = Concatenate(axis: 1)(begin, targets.slice(axis: 1, 0..<(targets.shape[1] - 1)))
    let decoder = Network(Embedding(weight: try run("E_tgt")), try run.lstm([run.lstmWeights("dec.")]))
    let h = try decoder(shifted, context: &context)
    try run.expect(h, "dec_h")
    var looking = Context.evaluation
    looking.keys = seen
    let found = try Attention(isScaled: false)(h, context: &looking)
    try run.expect(found, "context")
    let logits = try Concatenate(axis: 2)(h, found).product(run("V")) + run("c")
    try run.expect(logits, "logits")
    try run.expectGradients(of: CrossEntropy()(logits, targets), and: ["logits": logits, "context": found])
  }

  @Test("D1's LSTM with attention, corrected", arguments: precisions)
  func attentionD1(type: ElementType) throws {
    let run = try GoldenRun("lstm_attention_d1", type)
    let h = try run.lstm([run.lstmWeights()])(run("X"))
    try run.expect(h, "h")
    let found = try Attention(isScaled: false)(h)
    try run.expect(found, "context")
    let pooled = found.mean(axis: 1)
    try run.expect(pooled, "pooled")
    let y = try Dense(weight: run("Wd"), bias: run("bd"))(pooled)
    try run.expect(y, "pred")
    try run.expectGradients(of: MeanSquaredError()(y, run.constant("y")), and: ["pred": y, "context": found])
  }
}
