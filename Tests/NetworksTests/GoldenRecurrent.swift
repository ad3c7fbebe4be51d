import Networks
import Tensors

extension GoldenCase {
  static let recurrent: [GoldenCase] = [
    GoldenCase("rnn_tanh", ("layer", rnnTanh), ("formula", rnnTanhSteps)),
    GoldenCase("rnn_relu_classifier", ("layer", rnnRelu), ("formula", rnnReluSteps)),
    GoldenCase("bptt_vanishing", ("steps of the layer", vanishing), ("layer", vanishingAtOnce)),
    GoldenCase("residual_rnn", ("layers", residualRNN), ("formula", residualRNNSteps)),
    GoldenCase("lstm_d4", ("layer", lstmD4), ("formula", lstmD4Steps)),
    GoldenCase("lstm_d4_2layer", ("layers", lstmStack), ("formula", lstmStackSteps)),
    GoldenCase("gru", ("layer", gru), ("formula", gruSteps)),
    GoldenCase("lm_lstm_last_step", ("network", languageModel), ("formula", languageModelSteps)),
    GoldenCase("lm_lstm_all_steps", ("network", languageModel), ("formula", languageModelSteps)),
  ]

  /// The steps of a sequence `[n, t, d]`, each `[n, d]`.
  static func steps(_ x: Tensor) -> [Tensor] {
    (0..<x.shape[1]).map { x.slice(axis: 1, $0..<($0 + 1)).reshaped(to: [x.shape[0], x.shape[2]]) }
  }

  // MARK: RNN

  private static func rnn(
    _ run: GoldenRun, _ weights: [Tensor], isRelu: Bool = false, givesLast: Bool = false
  ) throws -> RNN {
    var random = RandomGenerator(seed: 1)
    return try RNN(
      weights[0].shape[0], weights[1].shape[0], isRelu: isRelu, givesLast: givesLast, elementType: run.type,
      random: &random
    ).replacing(weights)
  }

  /// The states, and what they are the activations of.
  private static func rnnSteps(
    _ x: [Tensor], _ start: Tensor, _ w: Tensor, _ u: Tensor, _ b: Tensor, _ activation: (Tensor) -> Tensor
  ) throws -> (a: [Tensor], h: [Tensor]) {
    var (sums, states, h): ([Tensor], [Tensor], Tensor) = ([], [], start)
    for step in x {
      let a = try step.product(w) + h.product(u) + b
      h = activation(a)
      sums.append(a)
      states.append(h)
    }
    return (sums, states)
  }

  private static func zeros(_ x: Tensor, _ hidden: Int) -> Tensor { .zeros([x.shape[0], hidden], x.elementType) }

  private static func rnnTanh(_ run: GoldenRun) throws -> Tensor? {
    let layer = try rnn(run, [run("W").transposed, run("U").transposed, run("b")])
    var context = Context.evaluation
    context.states = [try run("h0")]
    let h = try layer(run("X"), context: &context)
    run.expect(h, "h", gradient: false)
    guard context.finalStates[0].elements == (steps(h).last?.elements ?? []) else {
      throw GoldenRun.Missing(description: "the final state is not the last step")
    }
    let y = try h.product(run("V").transposed) + run("c")
    run.expect(y, "y_hat")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func rnnTanhSteps(_ run: GoldenRun) throws -> Tensor? {
    let (a, h) = try rnnSteps(
      steps(run("X")), run("h0"), run("W").transposed, run("U").transposed, run("b")
    ) { $0.tanh() }
    run.expect(steps: a, "a")
    run.expect(steps: h, "h")
    let y = try GoldenRun.sequence(h).product(run("V").transposed) + run("c")
    run.expect(y, "y_hat")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func classified(_ run: GoldenRun, _ state: Tensor) throws -> Tensor {
    let logits = try Dense(weight: run("Wd"), bias: run("bd"))(state)
    run.expect(logits, "logits")
    run.expect(logits.softmax(), "probs")
    return try CrossEntropy()(logits, run.constant("labels"))
  }

  private static func rnnRelu(_ run: GoldenRun) throws -> Tensor? {
    let weights = [try run("kernel"), try run("recurrent_kernel"), try run("bias")]
    run.expect(try rnn(run, weights, isRelu: true)(run("X")), "h", gradient: false)
    return try classified(run, rnn(run, weights, isRelu: true, givesLast: true)(run("X")))
  }

  private static func rnnReluSteps(_ run: GoldenRun) throws -> Tensor? {
    let (x, u) = (try run("X"), try run("recurrent_kernel"))
    let (a, h) = try rnnSteps(steps(x), zeros(x, u.shape[0]), run("kernel"), u, run("bias")) { $0.relu() }
    run.expect(steps: a, "a")
    run.expect(steps: h, "h")
    return try classified(run, h[h.count - 1])
  }

  /// The gradient of the last state by every earlier one.
  private static func vanishing(_ run: GoldenRun) throws -> Tensor? {
    let x = try run("x")
    let layer = try rnn(
      run, [run("u").reshaped(to: [1, 1]), run("w").reshaped(to: [1, 1]), .zeros([1], run.type)])
    var h = try run("h0").reshaped(to: .scalar)
    for t in 0..<x.count {
      var context = Context.evaluation
      context.states = [h.reshaped(to: [1, 1])]
      h = try layer(x.slice(axis: 0, t..<(t + 1)).reshaped(to: [1, 1, 1]), context: &context).reshaped(to: .scalar)
      run.expect(h, "h\(t + 1)")
    }
    return h
  }

  private static func vanishingAtOnce(_ run: GoldenRun) throws -> Tensor? {
    let x = try run("x")
    let layer = try rnn(
      run, [run("u").reshaped(to: [1, 1]), run("w").reshaped(to: [1, 1]), .zeros([1], run.type)], givesLast: true)
    var context = Context.evaluation
    context.states = [try run("h0").reshaped(to: [1, 1])]
    return try layer(x.reshaped(to: [1, x.count, 1]), context: &context).reshaped(to: .scalar)
  }

  private static func residualRNN(_ run: GoldenRun) throws -> Tensor? {
    let first = try rnn(run, [run("W1"), run("U1"), run("b1")])
    let second = try rnn(run, [run("W2"), run("U2"), run("b2")])
    let h1 = try first(run("X"))
    run.expect(h1, "h1", gradient: false)
    run.expect(try second(h1), "h2", gradient: false)
    let out = try Network(first, Residual(second))(run("X"))
    run.expect(out, "out")
    return (out * (try run.constant("g"))).sum()
  }

  private static func residualRNNSteps(_ run: GoldenRun) throws -> Tensor? {
    let (x, u1, u2) = (try run("X"), try run("U1"), try run("U2"))
    let h1 = try rnnSteps(steps(x), zeros(x, u1.shape[0]), run("W1"), u1, run("b1")) { $0.tanh() }.h
    run.expect(steps: h1, "h1")
    let h2 = try rnnSteps(h1, zeros(x, u2.shape[0]), run("W2"), u2, run("b2")) { $0.tanh() }.h
    run.expect(steps: h2, "h2")
    let out = zip(h1, h2).map { $0 + $1 }
    run.expect(steps: out, "out")
    return (GoldenRun.sequence(out) * (try run.constant("g"))).sum()
  }

  // MARK: LSTM

  /// `W U b` of an LSTM from D4's matrices `W_i, W_f, W_C, W_o: [hidden, hidden + in]`, which act on the columns `[h, x]`.
  static func lstmWeights(_ run: GoldenRun, _ prefix: String = "") throws -> [Tensor] {
    let gates = try ["i", "f", "C", "o"].map { try run("\(prefix)W_\($0)") }
    let hidden = gates[0].shape[0]
    let whole = Concatenate(axis: 0)(list: gates).transposed
    let biases = try ["i", "f", "C", "o"].map { try run("\(prefix)b_\($0)") }
    return [
      whole.slice(axis: 0, hidden..<whole.shape[0]), whole.slice(axis: 0, 0..<hidden),
      Concatenate(axis: 0)(list: biases),
    ]
  }

  /// An LSTM of these weights, layer by layer.
  static func lstm(
    _ run: GoldenRun, _ weights: [[Tensor]], isBidirectional: Bool = false, givesLast: Bool = false
  ) throws -> LSTM {
    var random = RandomGenerator(seed: 1)
    let layer = try LSTM(
      weights[0][0].shape[0], weights[0][1].shape[0], layers: isBidirectional ? weights.count / 2 : weights.count,
      isBidirectional: isBidirectional, givesLast: givesLast, elementType: run.type, random: &random)
    return layer.replacing(weights.flatMap { $0 })
  }

  /// The numbers of LSTM layers a case has: `l1.`, `l2.`, …
  private static func layers(_ run: GoldenRun) -> [String] {
    let numbers = run.file.params.keys.compactMap { name -> Int? in
      guard name.hasPrefix("l"), name.hasSuffix(".W_i") else { return nil }
      return Int(name.dropFirst().dropLast(4))
    }
    return numbers.sorted().map { "l\($0)." }
  }

  /// D4's six equations, step by step; where the mask is 0 the state stays. The case's gates and states are noted by their names.
  static func lstmSteps(
    _ run: GoldenRun, _ x: [Tensor], _ prefix: String = "", start: (h: Tensor, C: Tensor)? = nil,
    mask: [Tensor]? = nil, named name: String = "h"
  ) throws -> (h: [Tensor], C: [Tensor]) {
    var gates: [String: [Tensor]] = [:]
    let hidden = try run("\(prefix)b_i").count
    var (h, memory) = start ?? (zeros(x[0], hidden), zeros(x[0], hidden))
    for (t, step) in x.enumerated() {
      let both = Concatenate(axis: 1)(h, step)
      func gate(_ letter: String) throws -> Tensor {
        try both.product(run("\(prefix)W_\(letter)").transposed) + run("\(prefix)b_\(letter)")
      }
      let (f, i, o) = (try gate("f").sigmoid(), try gate("i").sigmoid(), try gate("o").sigmoid())
      let tilde = try gate("C").tanh()
      var next = f * memory + i * tilde
      var state = o * next.tanh()
      if let mask {
        next = mask[t] * next + (1 - mask[t]) * memory
        state = mask[t] * state + (1 - mask[t]) * h
      }
      (memory, h) = (next, state)
      for (gate, value) in [("f", f), ("i", i), ("C_tilde", tilde), ("C", memory), ("o", o), ("h", h)] {
        gates[gate, default: []].append(value)
      }
    }
    for (gate, values) in gates { run.expect(steps: values, gate == "h" ? prefix + name : prefix + gate) }
    return (gates["h"] ?? [], gates["C"] ?? [])
  }

  private static func lstmD4(_ run: GoldenRun) throws -> Tensor? {
    let layer = try lstm(run, [lstmWeights(run)])
    var context = Context.evaluation
    context.states = [try run("h0"), try run("C0")]
    let h = try layer(run("X"), context: &context)
    run.expect(h, "h", gradient: false)
    run.expect(end: context.finalStates[0], of: "h")
    run.expect(end: context.finalStates[1], of: "C")
    let y = try h.product(run("V")) + run("c")
    run.expect(y, "y_hat")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func lstmD4Steps(_ run: GoldenRun) throws -> Tensor? {
    let h = try lstmSteps(run, steps(run("X")), start: (run("h0"), run("C0"))).h
    let y = try GoldenRun.sequence(h).product(run("V")) + run("c")
    run.expect(y, "y_hat")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func lstmStack(_ run: GoldenRun) throws -> Tensor? {
    let weights = try layers(run).map { try lstmWeights(run, $0) }
    for (place, name) in layers(run).enumerated() {
      run.expect(try lstm(run, Array(weights[0...place]))(run("X")), "\(name)h", gradient: false)
    }
    let y = try lstm(run, weights, givesLast: true)(run("X")).product(run("V")) + run("c")
    run.expect(y, "y_hat")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func lstmStackSteps(_ run: GoldenRun) throws -> Tensor? {
    var h = steps(try run("X"))
    for name in layers(run) { h = try lstmSteps(run, h, name).h }
    let y = try h[h.count - 1].product(run("V")) + run("c")
    run.expect(y, "y_hat")
    return try MeanSquaredError()(y, run.constant("y"))
  }

  // MARK: GRU

  /// PyTorch's two outer biases are one here.
  private static func gru(_ run: GoldenRun) throws -> Tensor? {
    func joined(_ names: [String]) throws -> Tensor { Concatenate(axis: 0)(list: try names.map { try run($0) }) }
    let outer = try run("b_ir") + run("b_hr")
    let bias = Concatenate(axis: 0)(list: [outer, try run("b_iz") + run("b_hz"), try run("b_in")])
    let weights = [
      try joined(["W_ir", "W_iz", "W_in"]).transposed, try joined(["W_hr", "W_hz", "W_hn"]).transposed, bias,
      try run("b_hn"),
    ]
    var random = RandomGenerator(seed: 1)
    let layer = try GRU(weights[0].shape[0], weights[1].shape[0], elementType: run.type, random: &random)
    var context = Context.evaluation
    if run.file.inputs["h0"] != nil { context.states = [try run("h0")] }
    let h = try layer.replacing(weights)(run("X"), context: &context)
    run.expect(h, "h", gradient: false)
    return (h * (try run.constant("g"))).sum()
  }

  private static func gruSteps(_ run: GoldenRun) throws -> Tensor? {
    let x = try run("X")
    var h = run.file.inputs["h0"] != nil ? try run("h0") : zeros(x, try run("b_hn").count)
    var parts: [String: [Tensor]] = [:]
    for step in steps(x) {
      func input(_ gate: String) throws -> Tensor {
        try step.product(run("W_i\(gate)").transposed) + run("b_i\(gate)")
      }
      func inner(_ gate: String) throws -> Tensor { try h.product(run("W_h\(gate)").transposed) + run("b_h\(gate)") }
      let (r, z) = (try (input("r") + inner("r")).sigmoid(), try (input("z") + inner("z")).sigmoid())
      let n = try (input("n") + r * inner("n")).tanh()
      h = (1 - z) * n + z * h
      for (name, value) in [("r", r), ("z", z), ("n", n), ("h", h)] { parts[name, default: []].append(value) }
    }
    for (name, values) in parts { run.expect(steps: values, name) }
    return (GoldenRun.sequence(parts["h"] ?? []) * (try run.constant("g"))).sum()
  }

  // MARK: Language models

  /// The last step is read out where the targets are one a row, else every step.
  private static func languageModel(_ run: GoldenRun) throws -> Tensor? {
    let targets = try run.constant("targets")
    let weights = try layers(run).map { try lstmWeights(run, $0) }
    let network = Network(
      Embedding(weight: try run("embed")), try lstm(run, weights, givesLast: targets.rank == 1),
      Dense(weight: try run("fc.W"), bias: try run("fc.b")))
    var context = Context.evaluation
    context.states = [try run("h0"), try run("c0")]
    let logits = try network(run.constant("tokens"), context: &context)
    for (state, name) in zip(context.finalStates, ["hn", "cn"]) {
      // Of one layer the state comes without the axis of layers.
      run.expect(state.reshaped(to: Shape(run.file.outputs[name]?.shape ?? state.shape.dimensions)), name)
    }
    return try predicted(run, logits, targets)
  }

  private static func predicted(_ run: GoldenRun, _ logits: Tensor, _ targets: Tensor) throws -> Tensor {
    run.expect(logits, "logits")
    run.expect(logits.softmax(), "probs")
    let loss = try CrossEntropy()(logits, targets)
    run.expect(loss.exp(), "perplexity")
    run.expect(try perplexity(logits, targets), "perplexity")
    return loss
  }

  private static func languageModelSteps(_ run: GoldenRun) throws -> Tensor? {
    let targets = try run.constant("targets")
    let embedded = try Embedding(weight: run("embed"))(run.constant("tokens"))
    run.expect(embedded, "embedded")
    let (h0, c0) = (try run("h0"), try run("c0"))
    var h = steps(embedded)
    var ends: (h: [Tensor], C: [Tensor]) = ([], [])
    for (place, name) in layers(run).enumerated() {
      let found = try lstmSteps(run, h, name, start: (h0[place], c0[place]))
      h = found.h
      ends.h.append(h[h.count - 1])
      ends.C.append(found.C[h.count - 1])
    }
    run.expect(try Tensor.stack(ends.h), "hn")
    run.expect(try Tensor.stack(ends.C), "cn")
    let read = targets.rank == 1 ? h[h.count - 1] : GoldenRun.sequence(h)
    let logits = try Dense(weight: run("fc.W"), bias: run("fc.b"))(read)
    return try predicted(run, logits, targets)
  }
}
