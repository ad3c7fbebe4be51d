import Networks
import Tensors
import Testing

@Suite struct GoldenNetworkTests {
  /// Runs a network and a loss on a case and compares the loss and the gradients of all weights and of the input.
  private func check(
    _ network: Network, _ loss: any Loss, _ golden: Golden, target: String, weights: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let x = try golden.input("X").variable()
    let variables = network.parameters.map { $0.value.variable() }
    let value = try loss(network.replacing(variables)(x), golden.input(target))
    expectClose(value, try golden.output("loss"), sourceLocation: sourceLocation)
    let slopes = gradients(of: value, withRespectTo: variables + [x])
    for (slope, name) in zip(slopes, weights + ["X"]) {
      expectClose(slope, try golden.gradient(name), "\(name)", sourceLocation: sourceLocation)
    }
  }

  @Test("Softmax regression, with labels and with one-hot rows", arguments: ["int", "onehot"])
  func softmaxRegression(kind: String) throws {
    let golden = try Golden("softmax_regression_\(kind)")
    let network = Network([Dense(weight: try golden.parameter("W"), bias: try golden.parameter("b"))])
    let target = golden.inputs["labels"] == nil ? try #require(golden.inputs.keys.first { $0 != "X" }) : "labels"
    try check(network, CrossEntropy(), golden, target: target, weights: ["W", "b"])
  }

  @Test("Linear and logistic regression") func regressions() throws {
    let linear = try Golden("linear_regression")
    let line = Network([Dense(weight: try linear.parameter("W"), bias: try linear.parameter("b"))])
    try check(line, MeanSquaredError(), linear, target: "y", weights: ["W", "b"])
    let logistic = try Golden("logistic_regression")
    let dense = Dense(weight: try logistic.parameter("W"), bias: try logistic.parameter("b"))
    try check(Network([dense]), BinaryCrossEntropyWithLogits(), logistic, target: "y", weights: ["W", "b"])
    try check(Network(dense, FunctionLayer.sigmoid), BinaryCrossEntropy(), logistic, target: "y", weights: ["W", "b"])
  }

  @Test("A network of three dense layers with relu between") func deep() throws {
    let golden = try Golden("mlp_deep_relu")
    let dense = try (1...3).map {
      Dense(weight: try golden.parameter("W\($0)"), bias: try golden.parameter("b\($0)"))
    }
    let network = Network(dense[0], FunctionLayer.relu, dense[1], FunctionLayer.relu, dense[2])
    #expect(network.count == 5)
    try check(network, MeanSquaredError(), golden, target: "y", weights: ["W1", "b1", "W2", "b2", "W3", "b3"])
  }

  @Test("Tanh, sigmoid and binary cross-entropy") func twoLayers() throws {
    let golden = try Golden("mlp2_tanh_sigmoid_bce")
    let dense = try (1...2).map {
      Dense(weight: try golden.parameter("W\($0)"), bias: try golden.parameter("b\($0)"))
    }
    let network = Network(dense[0], FunctionLayer.tanh, dense[1], FunctionLayer.sigmoid)
    try check(network, BinaryCrossEntropy(), golden, target: "y", weights: ["W1", "b1", "W2", "b2"])
  }

  @Test(
    "Convolution, relu, pooling and a dense layer, with every padding and stride",
    arguments: ["valid_s1", "valid_s2", "same_s1", "same_s2", "same_even_kernel"])
  func convolutions(name: String) throws {
    let golden = try Golden("cnn_\(name)")
    let convolution = Conv2d(
      weight: try golden.parameter("Wc"), bias: try golden.parameter("bc"), stride: golden.meta.stride ?? 1,
      padding: name.hasPrefix("same") ? .same : .places(0))
    let dense = Dense(weight: try golden.parameter("Wd"), bias: try golden.parameter("bd"))
    let network = Network(convolution, FunctionLayer.relu, MaxPool2d(2), Flatten(), dense)
    try check(network, CrossEntropy(), golden, target: "labels", weights: ["Wc", "bc", "Wd", "bd"])
  }

  /// D4's network, its dense weights stored [out, in] as PyTorch does.
  private func d4(_ golden: Golden, _ dropouts: [any Layer]) throws -> Network {
    func convolution(_ name: String) throws -> Networks.Conv2d {
      Conv2d(weight: try golden.parameter(name + ".weight"), bias: try golden.parameter(name + ".bias"))
    }
    func dense(_ name: String) throws -> Dense {
      Dense(weight: try golden.parameter(name + ".weight").transposed, bias: try golden.parameter(name + ".bias"))
    }
    return Network([
      try convolution("conv1"), FunctionLayer.relu, try convolution("conv2"), MaxPool2d(2), dropouts[0], Flatten(),
      try dense("fc1"), FunctionLayer.relu, dropouts[1], try dense("fc2"), FunctionLayer.logSoftmax,
    ])
  }

  private func checkD4(_ network: Network, _ golden: Golden) throws {
    let variables = network.parameters.map { $0.value.variable() }
    let value = try NegativeLogLikelihood()(network.replacing(variables)(golden.input("X")), golden.input("labels"))
    expectClose(value, try golden.output("loss"))
    let names = network.parameters.indices.map {
      ["conv1", "conv2", "fc1", "fc2"][$0 / 2] + [".weight", ".bias"][$0 % 2]
    }
    for (slope, name) in zip(gradients(of: value, withRespectTo: variables), names) {
      let wanted = try golden.gradient(name)
      expectClose(slope, name.hasPrefix("fc") && name.hasSuffix("weight") ? wanted.transposed : wanted, "\(name)")
    }
  }

  @Test("D4's network in use, where dropout does nothing") func d4InUse() throws {
    let golden = try Golden("d4_net_small")
    try checkD4(d4(golden, [Dropout(0.25), Dropout(0.5)]), golden)
  }

  @Test("D4's network with given dropout masks") func d4WithMasks() throws {
    let golden = try Golden("d4_net_small_dropout_masks")
    let (first, second) = (try golden.input("mask1"), try golden.input("mask2"))
    try checkD4(
      d4(golden, [FunctionLayer("mask") { $0 * first / 0.75 }, FunctionLayer("mask") { $0 * second / 0.5 }]), golden)
  }

  @Test(
    "Losses are PyTorch's, element by element and together",
    arguments: [
      "mse", "bce", "bce_with_logits", "cross_entropy", "cross_entropy_soft", "nll", "mae", "huber", "kl", "hinge",
    ])
  func losses(name: String) throws {
    let golden = try Golden("loss_\(name)")
    let kinds = ["bce_with_logits": "bce_logits", "cross_entropy_soft": "cross_entropy"]
    let type = try #require(LossCatalogue.loss(named: kinds[name] ?? name))
    let loss = try type.init(Arguments([.tensor(.zeros([])), .tensor(.zeros([]))], for: type.card))
    let predictionName = try #require(golden.grads.keys.first { golden.inputs[$0] != nil })
    let targetName = try #require(golden.inputs.keys.first { $0 != predictionName })
    let prediction = try golden.input(predictionName).variable()
    let target = try golden.input(targetName)
    let mean = try loss(prediction, target)
    expectClose(mean.elements, try golden.output("mean").elements)
    expectClose(try loss(prediction, target, reduction: .sum).elements, try golden.output("sum").elements)
    expectClose(try loss(prediction, target, reduction: .none).elements, try golden.output("elementwise").elements)
    expectClose(gradients(of: mean, withRespectTo: [prediction])[0], try golden.gradient(predictionName))
  }
}
