import Networks
import Tensors
import Testing

/// Cases that put layers, losses and plain operations together.
@Suite struct GoldenSystemTests {
  @Test("D4's speech recogniser, corrected: every frame keeps its logits, and CTC reads them", arguments: precisions)
  func speech(type: ElementType) throws {
    let run = try GoldenRun("speech_lstm_ctc", type)
    let network = Network(
      try run.lstm([run.lstmWeights()]), Dense(weight: try run("fc.W"), bias: try run("fc.b")))
    let logits = try network(run("X"))
    try run.expect(logits, "logits")
    try run.expect(
      logits.slice(axis: 1, (logits.shape[1] - 1)..<logits.shape[1]).reshaped(
        to: logits.shape.removing(axis: 1)), "last_frame_logits")
    let logarithms = logits.logSoftmax()
    try run.expect(logarithms, "log_probs")
    let loss = try ConnectionistTemporal()(logarithms, run.constant("targets"))
    try run.expectGradients(of: loss, and: ["logits": logits, "log_probs": logarithms])
  }

  @Test("A GAN: the losses of both players and the gradients of each", arguments: precisions)
  func gan(type: ElementType) throws {
    let run = try GoldenRun("gan", type)
    func dense(_ name: String) throws -> Dense { Dense(weight: try run("W\(name)"), bias: try run("b\(name)")) }
    let generator = Network(try dense("g1"), FunctionLayer.tanh, try dense("g2"), FunctionLayer.tanh)
    let leaky = FunctionLayer("leaky_relu") { $0.leakyRelu(slope: 0.2) }
    let discriminator = Network(try dense("d1"), leaky, try dense("d2"))
    let fake = try generator(run("z"))
    try run.expect(fake, "fake")
    let (real, made) = (try discriminator(run("real")), try discriminator(fake))
    try run.expect(real, "D_real_logit")
    try run.expect(made.sigmoid(), "D_fake")
    let bce = BinaryCrossEntropyWithLogits()
    let (ones, zeros) = (Tensor.ones(made.shape, type), Tensor.zeros(made.shape, type))
    let generatorLoss = try bce(made, ones)
    try run.expect(generatorLoss, "loss_G")
    try run.expect(-(try bce(made, zeros)), "loss_G_minimax")
    let names = ["Wg1", "bg1", "Wg2", "bg2"]
    for (slope, name) in zip(gradients(of: generatorLoss, withRespectTo: try names.map { try run($0) }), names) {
      try run.expect(slope, "dG_\(name)")
    }
    try run.expectGradients(
      of: bce(real, ones) + bce(made, zeros), and: ["fake": fake, "D_real_logit": real, "D_fake_logit": made])
  }

  @Test("A variational auto-encoder with given noise", arguments: precisions)
  func vae(type: ElementType) throws {
    let run = try GoldenRun("vae", type)
    func dense(_ x: Tensor, _ name: String) throws -> Tensor { try x.product(run("W\(name)")) + run("b\(name)") }
    let x = try run.constant("x")
    let h = try dense(x, "e").tanh()
    let (mu, logvar) = (try dense(h, "m"), try dense(h, "v"))
    let z = mu + (try run.constant("eps")) * (logvar * 0.5).exp()
    try run.expect(z, "z")
    let logits = try dense(z, "d")
    try run.expect(logits.sigmoid(), "xhat")
    let reconstruction = try BinaryCrossEntropyWithLogits()(logits, x, reduction: .none).sum(axis: 1)
    try run.expect(reconstruction, "reconstruction")
    let divergence = (1 + logvar - mu.square() - logvar.exp()).sum(axis: 1) * -0.5
    try run.expect(divergence, "kl")
    try run.expectGradients(
      of: (reconstruction + divergence).mean(),
      and: ["h": h, "mu": mu, "logvar": logvar, "z": z, "reconstruction": reconstruction, "kl": divergence])
  }

  @Test("Word embeddings by negative sampling", arguments: precisions)
  func negativeSampling(type: ElementType) throws {
    let run = try GoldenRun("word2vec_negative_sampling", type)
    let center = try Embedding(weight: run("V_in"))(run.constant("center"))
    let outer = Embedding(weight: try run("U_out"))
    let positive = (try outer(run.constant("context")) * center).sum(axis: 1)
    try run.expect(positive, "pos_score")
    let words = try outer(run.constant("negatives"))
    let negative = try words.product(center.reshaped(to: [center.shape[0], center.shape[1], 1]))
      .reshaped(to: words.shape.removing(axis: 2))
    try run.expect(negative, "neg_score")
    // -ln σ(s) is softplus(-s).
    let losses = (-positive).softplus() + negative.softplus().sum(axis: 1)
    try run.expect(losses, "pair_loss")
    try run.expectGradients(
      of: losses.mean(), and: ["pos_score": positive, "neg_score": negative, "pair_loss": losses])
  }

  @Test("A penalty on the weights beside the loss", arguments: precisions)
  func penalty(type: ElementType) throws {
    let run = try GoldenRun("l2_regularisation", type)
    let share = try #require(run.golden.meta.lam)
    let loss = try MeanSquaredError()(run("X").product(run("W")) + run("b"), run.constant("y"))
    let squares = try run("W").square().sum()
    try run.expect(loss, "data_loss")
    try run.expect(squares * share, "penalty")
    try run.expect(loss + squares * (share / 2), "total_half")
    try run.expect(try run("W").abs().sum() * share, "penalty_l1")
    try run.expectGradients(of: loss + squares * share)
  }

  @Test("D5's linear model without a bias", arguments: precisions)
  func withoutBias(type: ElementType) throws {
    let run = try GoldenRun("linear_regression_d5_nobias", type)
    let y = try Dense(weight: run("weights"), bias: nil)(run("X"))
    try run.expect(y, "pred")
    try run.expectGradients(of: MeanSquaredError()(y, run.constant("y")), and: ["pred": y])
  }

  @Test("D2's two layers on columns, half the mean of the squares", arguments: precisions)
  func columns(type: ElementType) throws {
    let run = try GoldenRun("mlp2_d2_columns_halfmse", type)
    func layer(_ x: Tensor, _ number: Int) throws -> Tensor {
      try run("theta\(number)").product(x) + run("theta\(number)_bias")
    }
    let z1 = try layer(run("X").transposed, 1)
    let a1 = z1.tanh()
    let z2 = try layer(a1, 2)
    let a2 = z2.sigmoid()
    let loss = try MeanSquaredError()(a2, run.constant("y")) * 0.5
    try run.expectGradients(of: loss, and: ["z1": z1, "a1": a1, "z2": z2, "a2": a2])
  }

  @Test("Adam as D5 prints it goes elsewhere than Adam, in both readings", arguments: ["A", "B"])
  func printedAdam(reading: String) throws {
    let golden = try Golden("opt_quadratic_adam_d5_printed_\(reading)")
    let (a, c) = (try golden.input("A"), try golden.input("c"))
    let betas = try #require(golden.pair("betas"))
    let (rate, epsilon) = (try #require(golden.number("lr")), try #require(golden.number("eps")))
    var w = try golden.parameter("w")
    var (m, v) = (Tensor.zeros(w.shape), Tensor.zeros(w.shape))
    var (power1, power2) = (1.0, 1.0)
    let steps = try #require(golden.outputs["w_traj"]).shape[0] - 1
    for t in 1...steps {
      let x = w.variable()
      let value = try 0.5 * x.product(a).product(x) - c.product(x)
      expectClose([value.item], try golden.row(t - 1, "loss_traj"))
      let g = gradients(of: value, withRespectTo: [x])[0]
      m = m * betas[0] + g * (1 - betas[0])
      v = v * betas[1] + g * g * (1 - betas[1])
      power1 *= betas[0]
      power2 *= betas[1]
      let corrected = m / (1 - power1)
      // Reading B feeds the corrected values into the next step.
      if reading == "B" { (m, v) = (corrected, v / (1 - power2)) }
      w = w - corrected * (rate / ((1 - power2).squareRoot() + epsilon))
      expectClose(w.elements, try golden.row(t, "w_traj"), "step \(t)")
    }
    var optimizer: any Optimizer = Adam(rate, beta1: betas[0], beta2: betas[1])
    let right = try minimize([golden.parameter("w")], optimizer: &optimizer, steps: steps) { p in
      try 0.5 * p[0].product(a).product(p[0]) - c.product(p[0])
    }
    #expect(zip(right[0].elements, w.elements).contains { abs($0 - $1) > 0.1 })
  }

  @Test("What a model loses when one column is shuffled", arguments: precisions)
  func permutationImportance(type: ElementType) throws {
    let run = try GoldenRun("permutation_importance", type)
    let (x, y) = (try run.constant("X"), try run.constant("y"))
    let model = Dense(weight: try run.constant("W"), bias: nil)
    let loss = MeanSquaredError()
    let base = try loss(model(x), y)
    try run.expect(base, "base_mse")
    let order = try run.constant("perm").wholeNumbers()
    let importance = try (0..<x.shape[1]).map { column in
      let parts = (0..<x.shape[1]).map { k -> Tensor in
        let own = x.slice(axis: 1, k..<(k + 1))
        return k == column ? Gather(axis: 0, places: order)(own) : own
      }
      return try loss(model(Concatenate(axis: 1)(list: parts)), y) - base
    }
    try run.expect(Tensor.stack(importance), "importance")
  }

  @Test("Scaling, standardising and one-hot rows", arguments: precisions)
  func preprocessing(type: ElementType) throws {
    let run = try GoldenRun("preprocessing", type)
    let pixels = try run.constant("pixels")
    let bytes = Dataset(
      bytes: pixels.elements.map { UInt8($0) }, sampleShape: [pixels.shape[1]],
      labels: [Int32](repeating: 0, count: pixels.shape[0]))
    try run.expect(bytes.x(type), "pixels_scaled")
    let x = try run.constant("X")
    let (low, high) = (x.min(axis: 0), x.max(axis: 0))
    try run.expect((x - low) / (high - low), "minmax")
    let table = try Dataset(x: x, y: .zeros([x.shape[0]], type))
    try run.expect(table.normalized(table.statistics).x(type), "standardised")
    let labels = try run.constant("labels")
    let classes = try run.golden.output("one_hot").shape[1]
    let rows = try embedding(
      labels,
      Tensor((0..<(classes * classes)).map { $0 % (classes + 1) == 0 ? 1 : 0 }, shape: [classes, classes], type))
    try run.expect(rows, "one_hot")
    // Sequences cut by their lengths, padded with 0 behind or in front.
    let flat = try run.constant("sequences_flat")
    var (start, behind, before, mask) = (0, [Tensor](), [Tensor](), [Tensor]())
    let longest = try run.golden.output("pad_post").shape[1]
    for length in try run.constant("lengths").wholeNumbers() {
      let sequence = flat.slice(axis: 0, start..<(start + length))
      let zeros = Tensor.zeros([longest - length], type)
      start += length
      behind.append(Concatenate(axis: 0)(sequence, zeros))
      before.append(Concatenate(axis: 0)(zeros, sequence))
      mask.append(Concatenate(axis: 0)(.ones([length], type), zeros))
    }
    try run.expect(Tensor.stack(behind), "pad_post")
    try run.expect(Tensor.stack(before), "pad_pre")
    try run.expect(Tensor.stack(mask), "mask_post")
  }

  @Test("Drawing a small class more often, and changing images", arguments: precisions)
  func augmentation(type: ElementType) throws {
    let run = try GoldenRun("resampling_augmentation", type)
    let labels = try run.constant("labels").wholeNumbers()
    let minority = Int(try #require(run.golden.meta.minority))
    let small = labels.indices.filter { labels[$0] == minority }
    let drawn = try run.constant("draws").wholeNumbers().map { small[$0] }
    let all = Array(labels.indices) + drawn
    #expect(all.map(Double.init) == (try run.golden.output("oversampled_index").elements))
    let set = Dataset(x: .zeros([labels.count, 1], type), labels: labels.map(Int32.init))
    let more = try #require(try set.subset(all).labels)
    let counts = (0...1).map { label in Double(more.count { $0 == label }) }
    #expect(counts == (try run.golden.output("oversampled_counts").elements))

    let image = try run.constant("img")
    let (h, w) = (image.shape[0], image.shape[1])
    func columns(_ places: [Int]) -> Tensor { Gather(axis: 1, places: places)(image) }
    let mirrored = columns((0..<w).reversed())
    try run.expect(mirrored, "flip_lr")
    let right = Concatenate(axis: 1)(image.slice(axis: 1, 1..<w), .zeros([h, 1], type))
    let shifted = Concatenate(axis: 0)(.zeros([1, w], type), right.slice(axis: 0, 0..<(h - 1)))
    try run.expect(shifted, "shift_down1_left1")
    try run.expect(image.slice(axis: 0, 1..<3).slice(axis: 1, 1..<4), "crop_1_1_2x3")
    try run.expect(mirrored.transposed, "rot90_ccw")
    let nearest = try run.golden.output("nearest").shape
    let rows = Gather(axis: 0, places: (0..<nearest[0]).map { $0 * h / nearest[0] })(image)
    try run.expect(Gather(axis: 1, places: (0..<nearest[1]).map { $0 * w / nearest[1] })(rows), "nearest")
    let smooth = try run.golden.output("bilinear").shape
    let (down, across) = (interpolation(h, smooth[0], type), interpolation(w, smooth[1], type))
    try run.expect(down.matmul(image).matmul(across.transposed), "bilinear")
  }

  /// The matrix that interpolates between the centres of `count` places along an axis, for `target` of them.
  private func interpolation(_ count: Int, _ target: Int, _ type: ElementType) -> Tensor {
    var weights = [Double](repeating: 0, count: target * count)
    for place in 0..<target {
      let source = max(0, (Double(place) + 0.5) * Double(count) / Double(target) - 0.5)
      let low = min(Int(source), count - 1)
      let share = source - Double(low)
      weights[place * count + low] += 1 - share
      weights[place * count + min(low + 1, count - 1)] += share
    }
    return Tensor(weights, shape: [target, count], type)
  }
}
