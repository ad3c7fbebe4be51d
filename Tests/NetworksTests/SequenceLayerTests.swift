import KernelInterface
import Networks
import Tensors
import Testing

private func draw(_ shape: Shape, _ seed: UInt64) -> Tensor {
  var random = RandomGenerator(seed: seed)
  return Tensor((0..<shape.count).map { _ in random.normal() }, shape: shape)
}

/// A layer of each recurrent kind.
private func recurrent(
  _ kind: String, _ inputs: Int, _ hidden: Int, layers: Int = 1, isBidirectional: Bool = false, givesLast: Bool = false
) throws -> any LayerKind {
  var random = RandomGenerator(seed: 5)
  switch kind {
  case "LSTM":
    return try LSTM(
      inputs, hidden, layers: layers, isBidirectional: isBidirectional, givesLast: givesLast, random: &random)
  case "GRU":
    return try GRU(
      inputs, hidden, layers: layers, isBidirectional: isBidirectional, givesLast: givesLast, random: &random)
  default:
    return try RNN(
      inputs, hidden, isRelu: kind == "relu", layers: layers, isBidirectional: isBidirectional, givesLast: givesLast,
      random: &random)
  }
}

private let kinds = ["tanh", "relu", "LSTM", "GRU"]

/// Serialized: a test sets the number of threads, which the whole process shares.
@Suite("Layers over sequences", .serialized) struct SequenceLayerTests {
  @Test("carry their state: two halves of a sequence give what the whole gives", arguments: kinds, [1, 2])
  func statesCarry(kind: String, layers: Int) throws {
    let layer = try recurrent(kind, 3, 4, layers: layers)
    let x = draw([2, 6, 3], 1)
    let whole = try layer(x)
    var context = Context.evaluation
    context.states = []
    let first = try layer(x.slice(axis: 1, 0..<2), context: &context)
    #expect(context.finalStates.count == layer.stateCount)
    context.states = context.finalStates
    context.finalStates = []
    let second = try layer(x.slice(axis: 1, 2..<6), context: &context)
    expectClose(Concatenate(axis: 1)(first, second), whole)
    #expect(context.states?.isEmpty == true)
  }

  @Test("read backward what is written backward", arguments: kinds)
  func reversal(kind: String) throws {
    let both = try recurrent(kind, 3, 2, isBidirectional: true)
    let count = both.parameters.count / 2
    let x = draw([2, 5, 3], 2)
    let turned = Gather(axis: 1, places: [4, 3, 2, 1, 0])(x)
    let weights = both.parameters.map(\.value)
    let exchanged = both.replacing(Array(weights[count...] + weights[..<count]))
    let found = Gather(axis: 1, places: [4, 3, 2, 1, 0])(try exchanged(turned))
    let wanted = try both(x)
    expectClose(found.slice(axis: 2, 0..<2), wanted.slice(axis: 2, 2..<4))
    expectClose(found.slice(axis: 2, 2..<4), wanted.slice(axis: 2, 0..<2))
  }

  @Test("of both directions give each where it ends, if asked for the last", arguments: kinds)
  func lastOfBoth(kind: String) throws {
    let every = try recurrent(kind, 3, 2, isBidirectional: true)
    let last = try recurrent(kind, 3, 2, isBidirectional: true, givesLast: true).replacing(
      every.parameters.map(\.value))
    let x = draw([3, 4, 3], 3)
    let y = try every(x)
    let found = try last(x)
    expectClose(found.slice(axis: 1, 0..<2), y.slice(axis: 1, 3..<4).slice(axis: 2, 0..<2).reshaped(to: [3, 2]))
    expectClose(found.slice(axis: 1, 2..<4), y.slice(axis: 1, 0..<1).slice(axis: 2, 2..<4).reshaped(to: [3, 2]))
  }

  @Test("do not see padding: a masked sequence gives what the short one gives, and its gradients", arguments: kinds)
  func masks(kind: String) throws {
    let layer = try recurrent(kind, 3, 2, layers: 2, isBidirectional: true, givesLast: true)
    let short = draw([1, 3, 3], 4)
    let long = Concatenate(axis: 1)(short, draw([1, 2, 3], 5))
    var context = Context.evaluation
    context.mask = Tensor([1, 1, 1, 0, 0], shape: [1, 5])
    let weights = layer.parameters.map { $0.value.variable() }
    let (a, b) = (try layer.replacing(weights)(short), try layer.replacing(weights)(long, context: &context))
    expectClose(b, a)
    let wanted = gradients(of: a.square().sum(), withRespectTo: weights)
    for (found, slope) in zip(gradients(of: b.square().sum(), withRespectTo: weights), wanted) {
      expectClose(found, slope)
    }
    // A derivative of the gradient goes through the mask too.
    func squared(_ y: Tensor) -> Tensor {
      gradients(of: y.square().sum(), withRespectTo: weights, keepingGraph: true).reduce(Tensor(0)) {
        $0 + $1.square().sum()
      }
    }
    let again = zip(
      gradients(of: squared(a), withRespectTo: weights), gradients(of: squared(b), withRespectTo: weights))
    for (wanted, found) in again { expectClose(found, wanted) }
  }

  @Test("give the same digits on one thread and on two, forward and back", arguments: kinds)
  func threads(kind: String) throws {
    let layer = try recurrent(kind, 16, 24, layers: 2)
    let x = draw([50, 7, 16], 6)
    func run(_ threads: Int) throws -> [[Double]] {
      let before = Parallel.threads
      Parallel.threads = threads
      defer { Parallel.threads = before }
      let weights = layer.parameters.map { $0.value.variable() }
      let y = try layer.replacing(weights)(x)
      return [y.elements] + gradients(of: y.square().sum(), withRespectTo: weights).map(\.elements)
    }
    #expect(try run(1) == run(2))
  }

  @Test("start with orthogonal rows in U, and forget gates that keep") func initialWeights() throws {
    var random = RandomGenerator(seed: 3)
    let layers: [any Layer] = [try RNN(4, 32, random: &random), try LSTM(4, 32, random: &random)]
    for layer in layers {
      let u = layer.parameters[1].value
      expectClose(u.matmul(u.transposed).elements, (0..<1024).map { $0 % 33 == 0 ? 1 : 0 }, tolerance: 1e-12)
    }
    let bias = try LSTM(2, 3, random: &random).parameters[2].value.elements
    #expect(bias == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
  }

  @Test("say what is wrong with a state, a mask, a sequence") func wrongInputs() throws {
    let layer = try recurrent("LSTM", 3, 4)
    func error(_ change: (inout Context) -> Void) -> StateError? {
      var context = Context.evaluation
      change(&context)
      return #expect(throws: StateError.self) { try layer(draw([2, 5, 3], 1), context: &context) }
    }
    #expect(error { $0.states = [.zeros([2, 4])] } == .count(given: 1, expected: 2))
    #expect(error { $0.states = [.zeros([2, 4]), .zeros([2, 5])] } == .shape([2, 5], expected: [2, 4]))
    var context = Context.evaluation
    context.mask = .ones([2, 4])
    #expect(throws: ShapeError.unequal([2, 4], [2, 5])) { try layer(draw([2, 5, 3], 1), context: &context) }
    #expect(throws: ShapeError.empty([2, 0, 3])) { try layer(.zeros([2, 0, 3])) }
    #expect(throws: ShapeError.extent([2, 5, 2], axis: 2, expected: 3)) { try layer(.zeros([2, 5, 2])) }
    #expect(throws: ShapeError.rank([5, 3], expected: "[n, t, 3]")) { try layer(.zeros([5, 3])) }
  }

  @Test("with a causal mask know nothing of the future", arguments: [1, 4])
  func causality(heads: Int) throws {
    var random = RandomGenerator(seed: 8)
    let layers: [any Layer] = [
      Attention(isCausal: true), MultiHeadAttention(4, heads, isCausal: true, random: &random),
      TransformerBlock(4, heads, isCausal: true, random: &random),
      TransformerBlock(4, heads, isCausal: true, normalizesFirst: true, activation: "gelu", random: &random),
    ]
    let x = draw([2, 5, 4], 9)
    let other = Concatenate(axis: 1)(x.slice(axis: 1, 0..<3), draw([2, 2, 4], 10))
    for layer in layers {
      let (a, b) = (try layer(x), try layer(other))
      #expect(a.slice(axis: 1, 0..<3).elements == b.slice(axis: 1, 0..<3).elements)
      #expect(a.slice(axis: 1, 3..<5).elements != b.slice(axis: 1, 3..<5).elements)
    }
  }

  @Test("do not look at what a padding mask hides") func paddedAttention() throws {
    var random = RandomGenerator(seed: 8)
    let layers: [any Layer] = [
      Attention(), MultiHeadAttention(4, 2, random: &random),
      try AdditiveAttention(
        Arguments([.number(4), .number(3)], for: AdditiveAttention.card), random: &random, elementType: .float64),
    ]
    let x = draw([1, 3, 4], 11)
    let long = Concatenate(axis: 1)(x, draw([1, 2, 4], 12))
    for layer in layers {
      var context = Context.evaluation
      context.mask = Tensor([1, 1, 1, 0, 0], shape: [1, 5])
      expectClose(try layer(long, context: &context).slice(axis: 1, 0..<3), try layer(x))
      // With everything hidden there is still a number, the mean of all.
      context.mask = .zeros([1, 5])
      #expect(try layer(long, context: &context).elements.allSatisfy(\.isFinite))
    }
  }

  @Test("that are Transformer blocks are made of their parts, normalised after or before", arguments: [false, true])
  func transformer(normalizesFirst: Bool) throws {
    var random = RandomGenerator(seed: 9)
    let block = TransformerBlock(4, 2, hidden: 6, normalizesFirst: normalizesFirst, random: &random)
    let parts = block.parts.map(\.layer)
    let x = draw([2, 3, 4], 13)
    func feed(_ x: Tensor) throws -> Tensor { try parts[3](parts[2](x).relu()) }
    let wanted: Tensor
    if normalizesFirst {
      let u = x + (try parts[0](parts[1](x)))
      wanted = u + (try feed(parts[4](u)))
    } else {
      let u = try parts[1](x + parts[0](x))
      wanted = try parts[4](u + feed(u))
    }
    expectClose(try block(x), wanted)
    #expect(block.parts.map(\.name) == ["attention", "norm1", "expand", "contract", "norm2"])
  }

  @Test("that add places give each step its own") func places() throws {
    let y = try PositionalEncoding(4)(.zeros([3, 4])).elements
    expectClose(Array(y[..<4]), [0, 1, 0, 1])
    expectClose(
      Array(y[8...]),
      [0.909_297_426_825_681_7, -0.416_146_836_547_142_4, 0.019_998_666_693_333_08, 0.999_800_006_666_577_8])
  }
}

@Suite("Functions of a sequence as layers") struct SequenceFunctionTests {
  private func shapes(_ layers: any Layer...) throws -> [Shape?] { Network(layers).table.map(\.output) }

  @Test("have their place in the table whatever the length") func table() throws {
    var random = RandomGenerator(seed: 3)
    let recurrent = try LSTM(1, 4, random: &random)
    let scores = FunctionLayer("scores") { $0.matmul(Permute([0, 2, 1])($0)) }
    let attend = FunctionLayer("attend") { $0.matmul(Permute([0, 2, 1])($0)).softmax().matmul($0) }
    let mean = FunctionLayer("mean") { $0.mean(axis: 1) }
    let first = FunctionLayer("first three") { $0.slice(axis: 1, 0..<3) }
    #expect(try shapes(recurrent, attend, Dense(4, 1, random: &random)) == [[1, 0, 4], [1, 0, 4], [1, 0, 1]])
    #expect(try shapes(recurrent, scores) == [[1, 0, 4], [1, 0, 0]])
    #expect(try shapes(recurrent, mean) == [[1, 0, 4], [1, 4]])
    #expect(try shapes(recurrent, first) == [[1, 0, 4], [1, 3, 4]])
  }

  @Test("whose length is not that of the sequence are left open") func open() throws {
    var random = RandomGenerator(seed: 3)
    let doubled = FunctionLayer("doubled") { Concatenate(axis: 1)($0, $0) }
    #expect(try shapes(try LSTM(1, 4, random: &random), doubled) == [[1, 0, 4], nil])
  }
}

@Suite("Batch normalisation") struct BatchNormTests {
  private func network() -> Network {
    var random = RandomGenerator(seed: 2)
    return Network(Dense(2, 3, random: &random), BatchNorm(3), FunctionLayer.relu, Dense(3, 1, random: &random))
  }

  private let data: Dataset = {
    let x = draw([40, 2], 1)
    do { return try Dataset(x: x, y: x.sum(axis: 1, keep: true)) } catch { preconditionFailure("\(error)") }
  }()

  @Test("moves its running statistics in training, step by step, and nowhere else") func training() throws {
    let start = network()
    let plan = TrainingPlan(loss: MeanSquaredError(), optimizer: SGD(0), epochs: 1, batch: 40)
    let trained = try train(start, on: data, plan).network
    #expect(start.buffers.map(\.value.elements) == [[0, 0, 0], [1, 1, 1]])
    // With a rate of 0 the weights stay, so one step is one observation.
    var context = Context.evaluation
    let observed = try start.observing(data.x(), context: &context)
    #expect(observed.parameters.map(\.value.elements) == start.parameters.map(\.value.elements))
    for (found, wanted) in zip(trained.buffers, observed.buffers) {
      expectClose(found.value.elements, wanted.value.elements)
      #expect(found.name == wanted.name && found.name.hasPrefix("[1].running_"))
    }
    #expect(trained.buffers[0].value.elements != [0, 0, 0])
  }

  @Test("lets a failed step leave the statistics as they were") func failure() throws {
    let broken = try Dataset(x: Tensor([1, 2, .nan, 4], shape: [2, 2]), y: .zeros([2, 1]))
    let plan = TrainingPlan(loss: MeanSquaredError(), epochs: 1, batch: 2)
    let failure = #expect(throws: TrainingFailure.self) { try train(network(), on: broken, plan) }
    #expect(failure?.network.buffers.map(\.value.elements) == [[0, 0, 0], [1, 1, 1]])
  }

  @Test("in use is the same for a sample alone as in a batch") func use() throws {
    var context = Context.evaluation
    let observed = try network().observing(data.x(), context: &context)
    let all = try observed(data.x())
    let alone = try observed(data.batch([7]).x)
    expectClose(alone.elements, [all[flat: 7]])
    #expect(observed.cast(to: .float32).buffers.allSatisfy { $0.value.elementType == .float32 })
  }

  @Test("of a batch of one gives the shift, and its variance says nothing") func single() throws {
    let layer = BatchNorm(2)
    var context = Context(isTraining: true, random: RandomGenerator(seed: 1))
    #expect(try layer(Tensor([3, 4], shape: [1, 2]), context: &context).elements == [0, 0])
    #expect(context.movedBuffers[1].elements == [1, 1])
  }
}

@Suite("The documents' networks") struct SystemCountTests {
  @Test("over sequences have the parameters of the documents, with one bias a gate") func sequences() throws {
    var random = RandomGenerator(seed: 1)
    func count(_ layers: any Layer...) -> Int { Network(layers).parameterCount }
    func dense(_ inputs: Int, _ outputs: Int) -> Dense { Dense(inputs, outputs, random: &random) }
    #expect(count(try RNN(28, 100, isRelu: true, givesLast: true, random: &random), dense(100, 10)) == 13_910)
    #expect(count(try LSTM(1, 100, random: &random), Attention(isScaled: false), dense(100, 1)) == 40_901)
    #expect(
      count(
        Embedding(1000, 32, random: &random), try LSTM(32, 64, layers: 2, random: &random), dense(64, 1000)) == 154_856)
    // PyTorch's 62,301 less the second bias of each gate.
    #expect(count(try LSTM(40, 64, layers: 2, random: &random), dense(64, 29)) == 62_301 - 2 * 256)
    #expect(MultiHeadAttention(64, 4, random: &random).parameterCount == 16_640)
    let additive = try Arguments([.number(64), .number(32)], for: AdditiveAttention.card)
    #expect(try AdditiveAttention(additive, random: &random, elementType: .float64).parameterCount == 4160)
    let tagger = try LSTM(32, 64, isBidirectional: true, random: &random)
    #expect(count(Embedding(1000, 31, random: &random), tagger, dense(128, 20)) == 83_756 - 2 * 256)
  }

  @Test("for ImageNet have the parameters and the shapes of the documents") func imageNet() throws {
    var random = RandomGenerator(seed: 1)
    let relu = FunctionLayer.relu
    func convolution(
      _ inputs: Int, _ outputs: Int, _ side: Int, stride: Int = 1, padding: Int = 0
    ) -> Networks.Conv2d {
      // Drawn as zeros: only shapes are looked at.
      Conv2d(
        inputs, outputs, side, stride: stride, padding: .places(padding), initializer: .zeros, bias: false,
        elementType: .float32, random: &random)
    }
    func norm(_ channels: Int) -> BatchNorm { BatchNorm(channels, elementType: .float32) }
    func block(_ inputs: Int, _ outputs: Int, _ stride: Int) -> [any Layer] {
      let body = Network(
        convolution(inputs, outputs, 3, stride: stride, padding: 1), norm(outputs), relu,
        convolution(outputs, outputs, 3, padding: 1), norm(outputs))
      let shortcut = stride == 1 ? nil : Network(convolution(inputs, outputs, 1, stride: stride), norm(outputs))
      return [Residual(body, shortcut: shortcut), relu]
    }
    var layers: [any Layer] = [
      convolution(3, 64, 7, stride: 2, padding: 3), norm(64), relu, MaxPool2d(3, stride: 2, padding: 1),
    ]
    for (inputs, outputs) in [(64, 64), (64, 128), (128, 256), (256, 512)] {
      layers += block(inputs, outputs, inputs == outputs ? 1 : 2) + block(outputs, outputs, 1)
    }
    let features = Network(layers)
    #expect(try features.outputShape(for: [1, 3, 224, 224]) == [1, 512, 7, 7])
    let network = Network(
      [features, AvgPool2d(7), Flatten(), Dense(512, 1000, elementType: .float32, random: &random)])
    #expect(try network.outputShape(for: [1, 3, 224, 224]) == [1, 1000])
    #expect(network.parameterCount == 11_689_512)
    // A step through it, on an image small enough for a test.
    var context = Context(isTraining: true, random: random)
    #expect(try features(.ones([1, 3, 32, 32], .float32), context: &context).shape == [1, 512, 1, 1])
    #expect(context.movedBuffers.count == features.buffers.count)
  }
}
