import Networks
import Tensors

extension GoldenCase {
  static let networks: [GoldenCase] = [
    GoldenCase("linear_regression", ("network", linearRegression)),
    GoldenCase("linear_regression_d5_nobias", ("network", withoutBias)),
    GoldenCase("logistic_regression", ("probabilities", logisticRegression), ("logits", logisticRegressionLogits)),
    GoldenCase("softmax_regression", ("network", softmaxRegression)),
    GoldenCase("mlp_deep_relu", ("network", deep)),
    GoldenCase("mlp2_tanh_sigmoid_bce", ("network", twoLayers)),
    GoldenCase("mlp2_d2_columns_halfmse", ("columns", columns)),
    GoldenCase("cnn_valid", ("network", convolutional)),
    GoldenCase("cnn_same", ("network", convolutional)),
    GoldenCase("cnn_keras_mnist_small", ("network", channelsLast)),
    GoldenCase("cnn_cifar_small", ("network", channelsLast)),
    GoldenCase("cnn_tf_two_blocks", ("network", channelsLast)),
    GoldenCase("d4_net_small", ("network", d4)),
    GoldenCase("d4_net_small_dropout_masks", ("network", d4)),
    GoldenCase("vgg_block", ("network", vggBlock)),
    GoldenCase("resnet_basic_block", ("residual", residualBlock), ("step by step", residualBlockSteps)),
  ]

  /// Runs a network layer by layer and notes the results by their names; an empty name is not looked at.
  private static func walk(
    _ run: GoldenRun, _ x: Tensor, _ stages: [(any Layer, String)], isTraining: Bool = false
  ) throws -> Tensor {
    var context = isTraining ? Context(isTraining: true, random: RandomGenerator(seed: 1)) : .evaluation
    // The whole network in one call gives the same numbers.
    var again = context
    let whole = try Network(stages.map(\.0))(x, context: &again)
    var y = x
    for (layer, name) in stages {
      y = try layer(y, context: &context)
      if !name.isEmpty { run.expect(y, name) }
    }
    if whole.elements != y.elements { throw GoldenRun.Missing(description: "the network is not its layers in a row") }
    return y
  }

  private static func dense(_ run: GoldenRun, _ weight: String, _ bias: String) throws -> Dense {
    Dense(weight: try run(weight), bias: try run(bias))
  }

  private static func linearRegression(_ run: GoldenRun) throws -> Tensor? {
    let y = try walk(run, run("X"), [(dense(run, "W", "b"), "pred")])
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func withoutBias(_ run: GoldenRun) throws -> Tensor? {
    let y = try walk(run, run("X"), [(Dense(weight: try run("weights"), bias: nil), "pred")])
    return try MeanSquaredError()(y, run.constant("y"))
  }

  private static func logisticRegression(_ run: GoldenRun) throws -> Tensor? {
    let p = try walk(run, run("X"), [(dense(run, "W", "b"), "z"), (FunctionLayer.sigmoid, "p")])
    return try BinaryCrossEntropy()(p, run.constant("y"))
  }

  private static func logisticRegressionLogits(_ run: GoldenRun) throws -> Tensor? {
    let z = try walk(run, run("X"), [(dense(run, "W", "b"), "z")])
    return try BinaryCrossEntropyWithLogits()(z, run.constant("y"))
  }

  /// The labels, or rows of shares.
  private static func target(_ run: GoldenRun) throws -> Tensor {
    try run.constant(run.file.inputs["labels"] != nil ? "labels" : "Y")
  }

  private static func softmaxRegression(_ run: GoldenRun) throws -> Tensor? {
    let logits = try walk(run, run("X"), [(dense(run, "W", "b"), "logits")])
    run.expect(logits.softmax(), "probs")
    return try CrossEntropy()(logits, target(run))
  }

  private static func deep(_ run: GoldenRun) throws -> Tensor? {
    let count = run.file.params.keys.count { $0.hasPrefix("W") }
    var stages: [(any Layer, String)] = []
    for l in 1...count {
      stages.append((try dense(run, "W\(l)", "b\(l)"), "z\(l)"))
      stages.append((l < count ? FunctionLayer.relu : FunctionLayer("linear") { $0 * 1 }, "a\(l)"))
    }
    return try MeanSquaredError()(walk(run, run("X"), stages), run.constant("y"))
  }

  private static func twoLayers(_ run: GoldenRun) throws -> Tensor? {
    let stages: [(any Layer, String)] = [
      (try dense(run, "W1", "b1"), "z1"), (FunctionLayer.tanh, "a1"), (try dense(run, "W2", "b2"), "z2"),
      (FunctionLayer.sigmoid, "a2"),
    ]
    return try BinaryCrossEntropy()(walk(run, run("X"), stages), run.constant("y"))
  }

  /// D2's two layers on columns, half the mean of the squares over the samples.
  private static func columns(_ run: GoldenRun) throws -> Tensor? {
    func layer(_ x: Tensor, _ number: Int) throws -> Tensor {
      try run("theta\(number)").product(x) + run("theta\(number)_bias")
    }
    let x = try run("X")
    let z1 = try layer(x.transposed, 1)
    run.expect(z1, "z1")
    let a1 = z1.tanh()
    run.expect(a1, "a1")
    let z2 = try layer(a1, 2)
    run.expect(z2, "z2")
    let a2 = z2.sigmoid()
    run.expect(a2, "a2")
    return (a2 - (try run.constant("y"))).square().sum() / Double(2 * x.shape[0])
  }

  // MARK: Images

  /// The pooling a case says, `2x2 stride 2`.
  private static func pool(_ run: GoldenRun) -> Networks.MaxPool2d {
    let words = run.file.text("pool") ?? ""
    let size = Int(words.prefix { $0.isNumber }) ?? 2
    let stride = run.file.number(after: "stride ", in: words).map { Int($0) }
    return Networks.MaxPool2d(size, stride: stride)
  }

  private static func convolutional(_ run: GoldenRun) throws -> Tensor? {
    let isSame = run.file.text("padding") == "same"
    let convolution = Networks.Conv2d(
      weight: try run("Wc"), bias: try run("bc"), stride: run.file.wholes("stride")?[0] ?? 1,
      padding: isSame ? .same : .places(0))
    if let edges = run.file.wholes("pads_left_right_top_bottom") {
      let x = try run.constant("X").shape
      let padding = convolution.padding
      let (kernel, stride) = (convolution.weight.shape, convolution.stride)
      let across = padding.edges(extent: x[3], window: kernel[3], stride: stride)
      let down = padding.edges(extent: x[2], window: kernel[2], stride: stride)
      guard edges == [across.before, across.after, down.before, down.after] else {
        throw GoldenRun.Missing(description: "padding \([across, down]), the reference has \(edges)")
      }
    }
    let logits = try walk(
      run, run("X"),
      [
        (convolution, "conv"), (FunctionLayer.relu, "relu"), (pool(run), "pool"), (Flatten(), "flat"),
        (dense(run, "Wd", "bd"), "logits"),
      ])
    run.expect(logits.softmax(), "probs")
    return try CrossEntropy()(logits, target(run))
  }

  /// Blocks of convolution, relu and pooling in TensorFlow's layout, channels last; a dense layer if the case has one.
  private static func channelsLast(_ run: GoldenRun) throws -> Tensor? {
    func images(_ layer: any Layer) -> any Layer {
      Network(
        FunctionLayer("channels first") { Permute([0, 3, 1, 2])($0) }, layer,
        FunctionLayer("channels last") { Permute([0, 2, 3, 1])($0) })
    }
    let padding: Networks.Padding = run.file.text("padding") == "same" ? .same : .places(0)
    var stages: [(any Layer, String)] = []
    var number = 1
    while run.file.params["W\(number)"] != nil {
      let kernel = Permute([3, 2, 0, 1])(try run("W\(number)"))
      let stride = run.file.wholes("stride")?[0] ?? 1
      let convolution = Networks.Conv2d(
        weight: kernel, bias: try run("b\(number)"), stride: stride, padding: padding)
      stages.append((images(convolution), "conv\(number)"))
      stages.append((FunctionLayer.relu, "relu\(number)"))
      stages.append((images(pool(run)), "pool\(number)"))
      number += 1
    }
    guard run.file.params["Wd"] != nil else {
      return (try walk(run, run("X"), stages) * run.constant("g")).sum()
    }
    stages.append((Flatten(), "flat"))
    stages.append((try dense(run, "Wd", "bd"), "logits"))
    let logits = try walk(run, run("X"), stages)
    run.expect(logits.softmax(), "probs")
    return try CrossEntropy()(logits, target(run))
  }

  /// D4's network, its dense weights kept [out, in] as PyTorch does; with masks where the case has them, dropping what it says.
  private static func d4(_ run: GoldenRun) throws -> Tensor? {
    func convolution(_ name: String) throws -> Networks.Conv2d {
      Networks.Conv2d(weight: try run("\(name).weight"), bias: try run("\(name).bias"))
    }
    func dense(_ name: String) throws -> Dense {
      Dense(weight: try run("\(name).weight").transposed, bias: try run("\(name).bias"))
    }
    let shares = [
      run.file.number(after: "p=") ?? 0.25,
      run.file.number(after: " and ", in: tail(run.file.description, "p=")) ?? 0.5,
    ]
    func dropout(_ number: Int) throws -> (any Layer, String) {
      let p = shares[number - 1]
      guard run.file.inputs["mask\(number)"] != nil else { return (Networks.Dropout(p), "drop\(number)") }
      let mask = try run.constant("mask\(number)")
      return (FunctionLayer("mask") { $0 * mask * (1 / (1 - p)) }, "drop\(number)")
    }
    let logarithms = try walk(
      run, run("X"),
      [
        (convolution("conv1"), "conv1"), (FunctionLayer.relu, "relu1"), (convolution("conv2"), "conv2"),
        (pool(run), "pool"), dropout(1), (Flatten(), "flat"), (dense("fc1"), "fc1"), (FunctionLayer.relu, "relu2"),
        dropout(2), (dense("fc2"), "fc2"), (FunctionLayer.logSoftmax, "log_probs"),
      ])
    return try NegativeLogLikelihood()(logarithms, run.constant("labels"))
  }

  /// What follows some words.
  private static func tail(_ text: String?, _ words: String) -> String {
    guard let text, let place = text.range(of: words) else { return "" }
    return String(text[place.lowerBound...])
  }

  private static func vggBlock(_ run: GoldenRun) throws -> Tensor? {
    func convolution(_ number: Int) throws -> Networks.Conv2d {
      Networks.Conv2d(weight: try run("W\(number)"), bias: try run("b\(number)"), padding: .same)
    }
    let y = try walk(
      run, run("X"),
      [
        (convolution(1), ""), (FunctionLayer.relu, "relu1"), (convolution(2), ""), (FunctionLayer.relu, "relu2"),
        (pool(run), "y"),
      ])
    return (y * (try run.constant("g"))).sum()
  }

  // MARK: A block of a residual network

  private static func norm(_ run: GoldenRun, _ name: String) throws -> BatchNorm {
    let (gain, shift) = (try run("\(name).gamma"), try run("\(name).beta"))
    return BatchNorm(
      gain: gain, shift: shift, runningMean: .zeros(gain.shape, run.type), runningVariance: .ones(gain.shape, run.type),
      epsilon: epsilon(run))
  }

  /// The convolutions: strides and paddings as the description says, `conv1 3x3 stride 2 pad 1`.
  private static func convolution(_ run: GoldenRun, _ name: String) throws -> Networks.Conv2d {
    let words = ["conv1": "conv1 ", "conv2": "conv2 ", "convs": "shortcut "][name] ?? name
    let said = (run.file.description ?? "").split(separator: ";").joined(separator: ",").split(separator: ",")
    let own = said.first { $0.drop(while: { $0 == " " }).hasPrefix(words) }.map(String.init) ?? ""
    let stride = run.file.number(after: "stride ", in: own) ?? 1
    let padding = run.file.number(after: "pad ", in: own) ?? 0
    return Networks.Conv2d(weight: try run(name), bias: nil, stride: Int(stride), padding: .places(Int(padding)))
  }

  private static func residualBlock(_ run: GoldenRun) throws -> Tensor? {
    let body = Network(
      try convolution(run, "conv1"), try norm(run, "bn1"), FunctionLayer.relu, try convolution(run, "conv2"),
      try norm(run, "bn2"))
    let shortcut = Network(try convolution(run, "convs"), try norm(run, "bns"))
    let network = Network(Residual(body, shortcut: shortcut), FunctionLayer.relu)
    var context = Context(isTraining: true, random: RandomGenerator(seed: 1))
    let y = try network(run("X"), context: &context)
    run.expect(y, "y")
    guard context.movedBuffers.count == network.buffers.count else {
      throw GoldenRun.Missing(description: "\(context.movedBuffers.count) running statistics moved")
    }
    return (y * (try run.constant("g"))).sum()
  }

  private static func residualBlockSteps(_ run: GoldenRun) throws -> Tensor? {
    let x = try run("X")
    let b2 = try walk(
      run, x,
      [
        (convolution(run, "conv1"), "c1"), (norm(run, "bn1"), "b1"), (FunctionLayer.relu, "r1"),
        (convolution(run, "conv2"), "c2"), (norm(run, "bn2"), "b2"),
      ], isTraining: true)
    let shortcut = try walk(
      run, x, [(convolution(run, "convs"), ""), (norm(run, "bns"), "shortcut")], isTraining: true)
    let sum = b2 + shortcut
    run.expect(sum, "pre")
    let y = sum.relu()
    run.expect(y, "y")
    return (y * (try run.constant("g"))).sum()
  }
}
