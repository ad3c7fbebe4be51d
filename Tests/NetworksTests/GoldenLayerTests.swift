import Networks
import Tensors
import Testing

@Suite struct GoldenLayerTests {
  @Test("Rows of a table, repeated ones adding up", arguments: precisions)
  func embedding(type: ElementType) throws {
    let run = try GoldenRun("embedding", type)
    let y = try Embedding(weight: run("E"))(run.constant("tokens"))
    try run.expect(y, "y")
    try run.expectGradients(of: run.upstream(y), and: ["y": y])
  }

  @Test("Layer normalisation", arguments: precisions)
  func layerNorm(type: ElementType) throws {
    let run = try GoldenRun("layer_norm", type)
    let layer = try LayerNorm(gain: run("gamma"), shift: run("beta"), epsilon: run.golden.meta.eps ?? 1e-5)
    let y = try layer(run("x"))
    try run.expect(y, "y")
    try run.expectGradients(of: run.upstream(y), and: ["y": y])
  }

  @Test(
    "Batch normalisation in training, and where the running statistics go",
    arguments: ["batch_norm_train", "batch_norm_train_conv"], precisions)
  func batchNormInTraining(name: String, type: ElementType) throws {
    let run = try GoldenRun(name, type)
    let count = try run("gamma").count
    let layer = BatchNorm(
      gain: try run("gamma"), shift: try run("beta"), runningMean: .zeros([count], type),
      runningVariance: .ones([count], type), momentum: run.golden.meta.momentum ?? 0.1,
      epsilon: run.golden.meta.eps ?? 1e-5)
    var context = Context(isTraining: true, random: RandomGenerator(seed: 1))
    let y = try layer(run("x"), context: &context)
    try run.expect(y, "y")
    let moved = layer.replacing(buffers: context.movedBuffers)
    try run.expect(moved.runningMean, "running_mean")
    try run.expect(moved.runningVariance, "running_var")
    #expect(layer.runningMean.elements.allSatisfy { $0 == 0 })
    try run.expectGradients(of: run.upstream(y), and: ["y": y])
  }

  @Test("Batch normalisation in use", arguments: precisions)
  func batchNormInUse(type: ElementType) throws {
    let run = try GoldenRun("batch_norm_eval", type)
    let layer = BatchNorm(
      gain: try run("gamma"), shift: try run("beta"), runningMean: try run.constant("running_mean"),
      runningVariance: try run.constant("running_var"), epsilon: run.golden.meta.eps ?? 1e-5)
    let y = try layer(run("x"))
    try run.expect(y, "y")
    try run.expectGradients(of: run.upstream(y), and: ["y": y])
  }

  @Test("Scaled dot-product attention", arguments: precisions)
  func scaledAttention(type: ElementType) throws {
    let run = try GoldenRun("attention_scaled_dot", type)
    var context = Context.evaluation
    (context.keys, context.values) = (try run("K"), try run("V"))
    let y = try Attention()(run("Q"), context: &context)
    try run.expect(y, "out")
    try run.expectGradients(of: run.upstream(y), and: ["out": y])
  }

  @Test("Dot-product attention of states among themselves", arguments: precisions)
  func dotAttention(type: ElementType) throws {
    let run = try GoldenRun("attention_dot_d1", type)
    let y = try Attention(isScaled: false)(run("H"))
    try run.expect(y, "context")
    try run.expectGradients(of: run.upstream(y), and: ["context": y])
  }

  @Test("Additive attention", arguments: precisions)
  func additiveAttention(type: ElementType) throws {
    let run = try GoldenRun("attention_additive_d3", type)
    let layer = AdditiveAttention(
      queryWeight: try run("W").transposed, keyWeight: try run("R").transposed, bias: try run("b"),
      scores: try run("v"))
    var context = Context.evaluation
    (context.keys, context.values) = (try run("K"), try run("V"))
    let y = try layer(run("Q"), context: &context)
    try run.expect(y, "context")
    try run.expectGradients(of: run.upstream(y), and: ["context": y])
  }

  @Test(
    "Attention of several heads, with and without the causal mask",
    arguments: ["attention_multihead", "attention_multihead_causal"], precisions)
  func multiHeadAttention(name: String, type: ElementType) throws {
    let run = try GoldenRun(name, type)
    let weights = try ["Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "bo"].map { try run($0) }
    let heads = try #require(run.golden.meta.heads)
    let layer = MultiHeadAttention(heads: heads, weights: weights, isCausal: name.hasSuffix("causal"))
    let y = try layer(run("X"))
    try run.expect(y, "out")
    try run.expectGradients(of: run.upstream(y), and: ["out": y])
  }

  @Test("A block of a residual network, with a shortcut of another shape", arguments: precisions)
  func residualBlock(type: ElementType) throws {
    let run = try GoldenRun("resnet_basic_block", type)
    func norm(_ name: String) throws -> BatchNorm {
      let (gain, shift) = (try run("\(name).gamma"), try run("\(name).beta"))
      return BatchNorm(
        gain: gain, shift: shift, runningMean: .zeros(gain.shape, type), runningVariance: .ones(gain.shape, type),
        epsilon: run.golden.meta.eps ?? 1e-5)
    }
    let body = Network(
      Conv2d(weight: try run("conv1"), bias: nil, stride: 2, padding: .places(1)), try norm("bn1"), FunctionLayer.relu,
      Conv2d(weight: try run("conv2"), bias: nil, padding: .places(1)), try norm("bn2"))
    let shortcut = Network(Conv2d(weight: try run("convs"), bias: nil, stride: 2), try norm("bns"))
    let network = Network(Residual(body, shortcut: shortcut), FunctionLayer.relu)
    var context = Context(isTraining: true, random: RandomGenerator(seed: 1))
    let y = try network(run("X"), context: &context)
    try run.expect(y, "y")
    #expect(context.movedBuffers.count == network.buffers.count)
    try run.expectGradients(of: run.upstream(y), and: ["y": y])
  }

  @Test("A block of VGG", arguments: precisions)
  func vggBlock(type: ElementType) throws {
    let run = try GoldenRun("vgg_block", type)
    let network = Network(
      Conv2d(weight: try run("W1"), bias: try run("b1"), padding: .places(1)), FunctionLayer.relu,
      Conv2d(weight: try run("W2"), bias: try run("b2"), padding: .same), FunctionLayer.relu, MaxPool2d(2))
    let y = try network(run("X"))
    try run.expect(y, "y")
    try run.expectGradients(of: run.upstream(y), and: ["y": y])
  }

  /// A convolution given as TensorFlow keeps it, `[kh, kw, in, out]`.
  private func convolution(_ run: GoldenRun, _ number: Int) throws -> Networks.Conv2d {
    Conv2d(weight: Permute([3, 2, 0, 1])(try run("W\(number)")), bias: try run("b\(number)"))
  }

  /// Channels last to channels first, and back.
  private let first = FunctionLayer("channels first") { Permute([0, 3, 1, 2])($0) }
  private let last = FunctionLayer("channels last") { Permute([0, 2, 3, 1])($0) }

  @Test("D1's convolutional network in its own layout", arguments: precisions)
  func kerasMNIST(type: ElementType) throws {
    let run = try GoldenRun("cnn_keras_mnist_small", type)
    let network = Network(
      first, try convolution(run, 1), FunctionLayer.relu, MaxPool2d(2), last, Flatten(),
      Dense(weight: try run("Wd"), bias: try run("bd")))
    let logits = try network(run("X"))
    try run.expect(logits, "logits")
    try run.expectGradients(of: CrossEntropy()(logits, run.constant("labels")), and: ["logits": logits])
  }

  @Test("D3's convolutional network in its own layout", arguments: precisions)
  func cifar(type: ElementType) throws {
    let run = try GoldenRun("cnn_cifar_small", type)
    let network = Network(
      first, try convolution(run, 1), FunctionLayer.relu, MaxPool2d(2), try convolution(run, 2), FunctionLayer.relu,
      MaxPool2d(2), last, Flatten(), Dense(weight: try run("Wd"), bias: try run("bd")))
    let logits = try network(run("X"))
    try run.expect(logits, "logits")
    try run.expectGradients(of: CrossEntropy()(logits, run.constant("Y")), and: ["logits": logits])
  }

  @Test("D2's two blocks of convolution, relu and pooling", arguments: precisions)
  func twoBlocks(type: ElementType) throws {
    let run = try GoldenRun("cnn_tf_two_blocks", type)
    let network = Network(
      first, try convolution(run, 1), FunctionLayer.relu, MaxPool2d(2), try convolution(run, 2), FunctionLayer.relu,
      MaxPool2d(2), last)
    let y = try network(run("X"))
    try run.expect(y, "pool2")
    try run.expectGradients(of: run.upstream(y), and: ["pool2": y])
  }
}
