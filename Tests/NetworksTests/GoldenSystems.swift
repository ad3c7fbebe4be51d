import Networks
import Tensors

/// Cases that put layers, losses and plain operations together.
extension GoldenCase {
  static let systems: [GoldenCase] = [
    GoldenCase("gan", ("networks", gan)),
    GoldenCase("vae", ("network", vae)),
    GoldenCase("word2vec_negative_sampling", ("lookups", negativeSampling)),
    GoldenCase("l2_regularisation", ("penalty", penalty)),
    GoldenCase("permutation_importance", ("model", permutationImportance)),
    GoldenCase("preprocessing", ("operations", preprocessing)),
    GoldenCase("resampling_augmentation", ("operations", augmentation)),
  ]

  // MARK: Generators

  private static func gan(_ run: GoldenRun) throws -> Tensor? {
    func dense(_ name: String) throws -> Dense { Dense(weight: try run("W\(name)"), bias: try run("b\(name)")) }
    let generator = Network(try dense("g1"), FunctionLayer.tanh, try dense("g2"), FunctionLayer.tanh)
    let slope = run.file.number(after: "leaky_relu_") ?? 0.2
    let leaky = FunctionLayer("leaky_relu") { $0.leakyRelu(slope: slope) }
    let discriminator = Network(try dense("d1"), leaky, try dense("d2"))
    let fake = try generator(run("z"))
    run.expect(fake, "fake")
    let (real, made) = (try discriminator(run("real")), try discriminator(fake))
    run.expect(real, "D_real_logit")
    run.expect(made, "D_fake_logit")
    run.expect(real.sigmoid(), "D_real")
    run.expect(made.sigmoid(), "D_fake")
    let bce = BinaryCrossEntropyWithLogits()
    let (ones, zeros) = (Tensor.ones(made.shape, run.type), Tensor.zeros(made.shape, run.type))
    let generatorLoss = try bce(made, ones)
    run.expect(generatorLoss, "loss_G")
    run.expect(-(try bce(made, zeros)), "loss_G_minimax")
    let names = run.file.outputs.keys.filter { $0.hasPrefix("dG_") }.sorted()
    let slopes = gradients(of: generatorLoss, withRespectTo: try names.map { try run(String($0.dropFirst(3))) })
    for (slope, name) in zip(slopes, names) { run.expect(slope, name) }
    return try bce(real, Tensor.ones(real.shape, run.type)) + bce(made, zeros)
  }

  private static func vae(_ run: GoldenRun) throws -> Tensor? {
    func dense(_ x: Tensor, _ name: String) throws -> Tensor { try x.product(run("W\(name)")) + run("b\(name)") }
    let x = try run("x")
    let h = try dense(x, "e").tanh()
    run.expect(h, "h")
    let (mu, logvar) = (try dense(h, "m"), try dense(h, "v"))
    run.expect(mu, "mu")
    run.expect(logvar, "logvar")
    let z = mu + (try run("eps")) * (logvar * 0.5).exp()
    run.expect(z, "z")
    let logits = try dense(z, "d")
    run.expect(logits.sigmoid(), "xhat")
    let reconstruction = try BinaryCrossEntropyWithLogits()(logits, x, reduction: .none).sum(axis: 1)
    run.expect(reconstruction, "reconstruction")
    let divergence = (1 + logvar - mu.square() - logvar.exp()).sum(axis: 1) * -0.5
    run.expect(divergence, "kl")
    return (reconstruction + divergence).mean()
  }

  private static func negativeSampling(_ run: GoldenRun) throws -> Tensor? {
    let center = try Embedding(weight: run("V_in"))(run.constant("center"))
    let outer = Embedding(weight: try run("U_out"))
    let positive = (try outer(run.constant("context")) * center).sum(axis: 1)
    run.expect(positive, "pos_score")
    let words = try outer(run.constant("negatives"))
    let negative = try words.product(center.reshaped(to: [center.shape[0], center.shape[1], 1]))
      .reshaped(to: words.shape.removing(axis: 2))
    run.expect(negative, "neg_score")
    // -ln σ(s) is softplus(-s).
    let losses = (-positive).softplus() + negative.softplus().sum(axis: 1)
    run.expect(losses, "pair_loss")
    return losses.mean()
  }

  private static func penalty(_ run: GoldenRun) throws -> Tensor? {
    guard let share = run.file.numbers("lam")?.first else { throw GoldenRun.Missing(description: "no lam") }
    let loss = try MeanSquaredError()(run("X").product(run("W")) + run("b"), run.constant("y"))
    let squares = try run("W").square().sum()
    run.expect(loss, "data_loss")
    let penalty = squares * share
    run.expect(penalty, "penalty")
    run.expect(loss + squares * (share / 2), "total_half")
    run.expect(try run("W").abs().sum() * share, "penalty_l1")
    return loss + penalty
  }

  // MARK: Data

  /// What a model loses when one column is shuffled.
  private static func permutationImportance(_ run: GoldenRun) throws -> Tensor? {
    let (x, y) = (try run.constant("X"), try run.constant("y"))
    let model = Dense(weight: try run.constant("W"), bias: nil)
    let loss = MeanSquaredError()
    let base = try loss(model(x), y)
    run.expect(base, "base_mse")
    let order = try run.constant("perm").wholeNumbers()
    let importance = try (0..<x.shape[1]).map { column in
      let parts = (0..<x.shape[1]).map { k -> Tensor in
        let own = x.slice(axis: 1, k..<(k + 1))
        return k == column ? Gather(axis: 0, places: order)(own) : own
      }
      return try loss(model(Concatenate(axis: 1)(list: parts)), y) - base
    }
    run.expect(try Tensor.stack(importance), "importance")
    return nil
  }

  private static func preprocessing(_ run: GoldenRun) throws -> Tensor? {
    let pixels = try run.constant("pixels")
    let bytes = Dataset(
      bytes: pixels.elements.map { UInt8($0) }, sampleShape: Shape(Array(pixels.shape.dimensions.dropFirst())),
      labels: [Int32](repeating: 0, count: pixels.shape[0]))
    run.expect(try bytes.x(run.type), "pixels_scaled")
    let x = try run.constant("X")
    let (low, high) = (x.min(axis: 0), x.max(axis: 0))
    run.expect((x - low) / (high - low), "minmax")
    let table = try Dataset(x: x, y: .zeros([x.shape[0]], run.type))
    run.expect(try table.normalized(table.statistics).x(run.type), "standardised")
    let labels = try run.constant("labels")
    let classes = run.file.outputs["one_hot"]?.shape.last ?? 0
    run.expect(try oneHot(labels, classes, run.type), "one_hot")
    // Sequences cut by their lengths, padded with 0 behind or in front.
    let flat = try run.constant("sequences_flat")
    var (start, behind, before, mask) = (0, [Tensor](), [Tensor](), [Tensor]())
    let longest = run.file.outputs["pad_post"]?.shape.last ?? 0
    for length in try run.constant("lengths").wholeNumbers() {
      let sequence = flat.slice(axis: 0, start..<(start + length))
      let zeros = Tensor.zeros([longest - length], run.type)
      start += length
      behind.append(Concatenate(axis: 0)(sequence, zeros))
      before.append(Concatenate(axis: 0)(zeros, sequence))
      mask.append(Concatenate(axis: 0)(.ones([length], run.type), zeros))
    }
    run.expect(try Tensor.stack(behind), "pad_post")
    run.expect(try Tensor.stack(before), "pad_pre")
    run.expect(try Tensor.stack(mask), "mask_post")
    return nil
  }

  /// Drawing a small class more often, and changing an image as the names of the results say.
  private static func augmentation(_ run: GoldenRun) throws -> Tensor? {
    let labels = try run.constant("labels").wholeNumbers()
    guard let minority = run.file.wholes("minority")?.first else { throw GoldenRun.Missing(description: "no minority") }
    let small = labels.indices.filter { labels[$0] == minority }
    let all = Array(labels.indices) + (try run.constant("draws").wholeNumbers().map { small[$0] })
    run.expect(Tensor(all.map(Double.init), run.type), "oversampled_index")
    let set = Dataset(x: .zeros([labels.count, 1], run.type), labels: labels.map(Int32.init))
    let more = try set.subset(all).labels ?? []
    let classes = run.file.outputs["oversampled_counts"]?.shape.last ?? 0
    let counts = (0..<classes).map { label in Double(more.count { $0 == label }) }
    run.expect(Tensor(counts, run.type), "oversampled_counts")

    let image = try run.constant("img")
    let (h, w) = (image.shape[0], image.shape[1])
    let mirrored = Gather(axis: 1, places: (0..<w).reversed())(image)
    run.expect(mirrored, "flip_lr")
    run.expect(Gather(axis: 0, places: (0..<h).reversed())(image), "flip_ud")
    run.expect(mirrored.transposed, "rot90_ccw")
    for name in run.file.outputs.keys {
      if name.hasPrefix("shift_") {
        var moved = image
        for word in name.split(separator: "_").dropFirst() {
          moved = shift(moved, String(word.prefix { $0.isLetter }), Int(word.drop { $0.isLetter }) ?? 0)
        }
        run.expect(moved, name)
      } else if name.hasPrefix("crop_") {
        // From this row and column on, so many rows and columns: `crop_1_1_2x3`.
        let numbers = name.split { !$0.isNumber }.compactMap { Int($0) }
        guard numbers.count == 4 else { throw GoldenRun.Missing(description: "no crop is called \(name)") }
        let rows = image.slice(axis: 0, numbers[0]..<(numbers[0] + numbers[2]))
        run.expect(rows.slice(axis: 1, numbers[1]..<(numbers[1] + numbers[3])), name)
      } else if name.hasPrefix("nearest"), let target = run.file.outputs[name]?.shape {
        let rows = Gather(axis: 0, places: (0..<target[0]).map { $0 * h / target[0] })(image)
        run.expect(Gather(axis: 1, places: (0..<target[1]).map { $0 * w / target[1] })(rows), name)
      } else if name.hasPrefix("bilinear"), let target = run.file.outputs[name]?.shape {
        let (down, across) = (interpolation(h, target[0], run.type), interpolation(w, target[1], run.type))
        run.expect(down.matmul(image).matmul(across.transposed), name)
      }
    }
    return nil
  }

  /// An image moved so many places, zeros where it was.
  private static func shift(_ image: Tensor, _ direction: String, _ places: Int) -> Tensor {
    let axis = direction == "down" || direction == "up" ? 0 : 1
    var edge = image.shape.dimensions
    edge[axis] = places
    let (count, zeros) = (image.shape[axis], Tensor.zeros(Shape(edge), image.elementType))
    return direction == "down" || direction == "right"
      ? Concatenate(axis: axis)(zeros, image.slice(axis: axis, 0..<(count - places)))
      : Concatenate(axis: axis)(image.slice(axis: axis, places..<count), zeros)
  }

  /// The matrix that interpolates between the centres of `count` places along an axis, for `target` of them.
  private static func interpolation(_ count: Int, _ target: Int, _ type: ElementType) -> Tensor {
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
