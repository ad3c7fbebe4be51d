import Networks
import Tensors
import Testing

@Suite struct LayerLawTests {
  /// Each layer of the catalogue, made by name, and the shape of an input.
  static let calls:
    [(name: String, arguments: [ArgumentValue], named: [(name: String, value: ArgumentValue)], input: Shape)] =
      [
        ("Dense", [.number(4), .number(3)], [], [5, 4]),
        ("Dense", [.number(4), .number(3)], [("bias", .number(0)), ("init", .word("he"))], [2, 5, 4]),
        ("Conv2d", [.number(2), .number(3), .number(3)], [], [2, 2, 6, 5]),
        (
          "Conv2d", [.number(1), .number(2), .number(2)], [("stride", .number(2)), ("padding", .word("same"))],
          [1, 1, 5, 5]
        ),
        (
          "Conv2d", [.number(1), .number(2), .number(3)], [("padding", .number(1)), ("bias", .number(0))], [2, 1, 4, 4]
        ),
        ("Conv1d", [.number(2), .number(3), .number(3)], [("padding", .word("same"))], [2, 2, 7]),
        ("Conv1d", [.number(2), .number(3), .number(2)], [("stride", .number(2))], [2, 2, 7]),
        ("MaxPool2d", [.number(2)], [], [2, 3, 5, 4]),
        ("MaxPool2d", [.number(3)], [("stride", .number(2))], [1, 2, 7, 7]),
        ("MaxPool2d", [.number(3)], [("stride", .number(2)), ("padding", .number(1))], [1, 2, 6, 5]),
        (
          "Conv2d", [.number(1), .number(2), .number(2)], [("stride", .number(2)), ("padding", .word("same_lower"))],
          [1, 1, 5, 5]
        ),
        ("AvgPool2d", [.number(2)], [], [2, 3, 5, 4]),
        ("Flatten", [], [], [2, 3, 4, 5]),
        ("Dropout", [.number(0.5)], [], [3, 4]),
        ("Input", [.tensor(Tensor([2, 3]))], [], [4, 2, 3]),
        ("Input", [.number(3)], [], [2, 3]),
        ("Embedding", [.number(3), .number(2)], [], [2, 4]),
        ("RNN", [.number(2), .number(3)], [], [2, 4, 2]),
        (
          "RNN", [.number(2), .number(3)],
          [("activation", .word("relu")), ("bidirectional", .number(1)), ("last", .number(1))], [2, 3, 2]
        ),
        ("LSTM", [.number(2), .number(3)], [("layers", .number(2)), ("dropout", .number(0.5))], [2, 3, 2]),
        ("LSTM", [.number(3), .number(2)], [("bidirectional", .number(1)), ("layers", .number(2))], [1, 3, 3]),
        ("LSTM", [.number(3), .number(2)], [("last", .number(1)), ("init", .word("normal"))], [17, 2, 3]),
        ("GRU", [.number(2), .number(3)], [("init", .word("he"))], [2, 4, 2]),
        ("GRU", [.number(2), .number(2)], [("bidirectional", .number(1)), ("last", .number(1))], [2, 3, 2]),
        ("LayerNorm", [.number(4)], [], [2, 3, 4]),
        ("BatchNorm", [.number(3)], [], [5, 3]),
        ("BatchNorm", [.number(2)], [("epsilon", .number(0.1))], [2, 2, 3, 3]),
        ("Attention", [], [], [2, 3, 4]),
        ("Attention", [], [("scaled", .number(0)), ("causal", .number(1))], [3, 2]),
        ("AdditiveAttention", [.number(3), .number(2)], [], [2, 4, 3]),
        ("MultiHeadAttention", [.number(4), .number(2)], [], [2, 3, 4]),
        ("MultiHeadAttention", [.number(6), .number(3)], [("causal", .number(1))], [4, 6]),
        (
          "Residual", [.layer(Dense(weight: Tensor([1, 2, 3, 4], shape: [2, 2]), bias: Tensor([1, 2])))], [], [3, 2]
        ),
        (
          "Residual", [.layer(FunctionLayer.tanh)],
          [("shortcut", .layer(Network(FunctionLayer.sigmoid, BatchNorm(2))))], [3, 2]
        ),
        ("PositionalEncoding", [.number(5)], [], [2, 3, 5]),
        ("TransformerBlock", [.number(4), .number(2)], [("hidden", .number(3))], [2, 3, 4]),
        (
          "TransformerBlock", [.number(4), .number(1)],
          [
            ("causal", .number(1)), ("norm", .word("before")), ("activation", .word("gelu")), ("dropout", .number(0.2)),
          ], [1, 3, 4]
        ),
      ]

  private func make(_ index: Int, _ type: ElementType = .float64) throws -> (any LayerKind, Shape) {
    let call = Self.calls[index]
    let kind = try #require(LayerCatalogue.layer(named: call.name))
    var random = RandomGenerator(seed: UInt64(index))
    func cast(_ value: ArgumentValue) -> ArgumentValue {
      if case .layer(let layer) = value { .layer(Network([layer]).cast(to: type)) } else { value }
    }
    let named = call.named.map { (name: $0.name, value: cast($0.value)) }
    let arguments = try Arguments(call.arguments.map(cast), named: named, for: kind.card)
    return (try kind.init(arguments, random: &random, elementType: type), call.input)
  }

  /// What goes into a layer: for an embedding, whole numbers.
  private func draw(_ layer: any Layer, _ shape: Shape, _ seed: UInt64) -> Tensor {
    guard let table = layer as? Embedding else { return draw(shape, seed) }
    var random = RandomGenerator(seed: seed)
    return Tensor((0..<shape.count).map { _ in Double(Int(random.next() % UInt64(table.words))) }, shape: shape)
  }

  private func draw(_ shape: Shape, _ seed: UInt64) -> Tensor {
    var random = RandomGenerator(seed: seed)
    return Tensor((0..<shape.count).map { _ in random.normal() }, shape: shape)
  }

  @Test("Every layer of the catalogue is tested here") func complete() {
    #expect(Set(LayerCatalogue.all.map { $0.card.name }) == Set(Self.calls.map(\.name)))
  }

  @Test("The shape that is foretold is the shape that comes", arguments: calls.indices)
  func shapes(index: Int) throws {
    let (layer, input) = try make(index)
    #expect(try layer(draw(layer, input, 1)).shape == layer.outputShape(for: input))
  }

  @Test("Gradients by weights and input agree with central differences", arguments: calls.indices)
  func derivatives(index: Int) throws {
    let (layer, input) = try make(index)
    let points = [draw(layer, input, 2)] + layer.parameters.map(\.value)
    let upstream = draw(try layer.outputShape(for: input), 3)
    func value(_ points: [Tensor]) throws -> Tensor {
      var context = Context(isTraining: true, random: RandomGenerator(seed: 4))
      let y = try layer.replacing(Array(points.dropFirst()))(points[0], context: &context)
      return try y.reshaped(to: [y.count]).product(upstream.reshaped(to: [y.count]))
    }
    let variables = points.map { $0.variable() }
    let slopes = gradients(of: try value(variables), withRespectTo: variables)
    for (which, slope) in slopes.enumerated() where !(which == 0 && layer is Embedding) {
      for place in stride(from: 0, to: slope.count, by: max(1, slope.count / 7)) {
        func moved(_ step: Double) throws -> Double {
          var elements = points[which].elements
          elements[place] += step
          var points = points
          points[which] = Tensor(elements, shape: points[which].shape)
          return try value(points).item
        }
        let difference = (try moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(difference - slope[flat: place]) < 1e-6 * max(1, abs(difference)), "input \(which) at \(place)")
      }
    }
  }

  @Test("Second derivatives agree with central differences of the first", arguments: calls.indices)
  func secondDerivatives(index: Int) throws {
    let (layer, input) = try make(index)
    let points = [draw(layer, input, 2)] + layer.parameters.map(\.value)
    let upstream = draw(try layer.outputShape(for: input), 3)
    // The square of the gradient of a function that is not linear in the result.
    func value(_ points: [Tensor]) throws -> Tensor {
      var context = Context(isTraining: true, random: RandomGenerator(seed: 4))
      let variables = points.map { $0.variable() }
      let y = try layer.replacing(Array(variables.dropFirst()))(variables[0], context: &context)
      let all = gradients(of: (y * y * upstream).sum(), withRespectTo: variables, keepingGraph: true)
      return all.reduce(Tensor(0)) { $0 + ($1 * $1).sum() }
    }
    let variables = points.map { $0.variable() }
    let slopes = gradients(of: try value(variables), withRespectTo: variables)
    for (which, slope) in slopes.enumerated() where !(which == 0 && layer is Embedding) {
      for place in stride(from: 0, to: slope.count, by: max(1, slope.count / 3)) {
        func moved(_ step: Double) throws -> Double {
          var elements = points[which].elements
          elements[place] += step
          var points = points
          points[which] = Tensor(elements, shape: points[which].shape)
          return try value(points).item
        }
        let difference = (try moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(difference - slope[flat: place]) < 1e-5 * max(1, abs(difference)), "input \(which) at \(place)")
      }
    }
  }

  @Test("A layer is a value: replacing its weights leaves the first as it was", arguments: calls.indices)
  func values(index: Int) throws {
    let (layer, input) = try make(index)
    let before = layer.parameters.map(\.value.elements)
    let x = draw(layer, input, 1)
    let y = try layer(x).elements
    _ = layer.replacing(layer.parameters.map { $0.value * 2 })
    #expect(layer.parameters.map(\.value.elements) == before)
    #expect(try layer(x).elements == y)
  }

  @Test("The count of the formula is the count of the weights, in either precision", arguments: calls.indices)
  func counts(index: Int) throws {
    for type in ElementType.allCases {
      let (layer, input) = try make(index, type)
      let sum = layer.countFormula.split(separator: " + ").reduce(0) { sum, term in
        sum + term.split(separator: "·").reduce(1) { $0 * (Int($1) ?? 0) }
      }
      #expect(sum == layer.parameterCount)
      #expect(layer.parameters.allSatisfy { $0.value.elementType == type })
      #expect(try layer(draw(layer, input, 1).cast(to: type)).elementType == type)
    }
  }

  @Test("Wrong shapes are errors that name the layer") func wrongShapes() throws {
    var random = RandomGenerator(seed: 1)
    let network = Network(Dense(4, 3, random: &random), FunctionLayer.relu, Dense(5, 2, random: &random))
    let inner = #expect(throws: LayerError.self) { try network(.zeros([2, 4])) }
    #expect(inner?.path == [2] && inner?.kind == "Dense" && inner?.problem == .extent([2, 3], axis: 1, expected: 5))
    #expect(throws: LayerError.self) { try network.outputShape(for: [2, 7]) }
    #expect(throws: ShapeError.self) { try MaxPool2d(3)(.zeros([1, 1, 2, 5])) }
    #expect(throws: ShapeError.self) { try Conv2d(1, 1, 3, random: &random)(.zeros([1, 2, 5, 5])) }
  }

  @Test("Wrong arguments are errors that name the argument") func wrongArguments() throws {
    func problem(_ positional: [ArgumentValue], _ named: [(name: String, value: ArgumentValue)] = []) -> ArgumentError?
    {
      #expect(throws: ArgumentError.self) { try Arguments(positional, named: named, for: Dense.card) }
    }
    #expect(problem([.number(4)]) == .missing("out"))
    #expect(problem([.number(4.5), .number(1)]) == .unsuitable("in", expected: .count(atLeast: 1)))
    #expect(problem([.number(4), .number(1)], [("in", .number(2))]) == .repeated("in"))
    #expect(problem([.number(4), .number(1)], [("inti", .word("he"))])?.isUnknown == true)
    #expect(problem([.number(4), .number(1)], [("init", .word("hee"))])?.isUnknown == false)
    var random = RandomGenerator(seed: 1)
    let shape = try Arguments([.number(2), .number(3)], named: [("W", .tensor(.zeros([3, 2])))], for: Dense.card)
    #expect(throws: ArgumentError.shape("W", [3, 2], expected: [2, 3])) {
      try Dense(shape, random: &random, elementType: .float64)
    }
  }

  @Test("New weights have the spread their rule names, the same for the same seed", arguments: Initializer.allCases)
  func initializers(rule: Initializer) {
    var (first, second) = (RandomGenerator(seed: 5), RandomGenerator(seed: 5))
    let weights = rule.draw([200, 100], fanIn: 200, fanOut: 100, .float64, from: &first).elements
    #expect(weights == rule.draw([200, 100], fanIn: 200, fanOut: 100, .float64, from: &second).elements)
    let deviation = (weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)).squareRoot()
    let wanted: Double =
      switch rule {
      case .xavier: (2.0 / 300).squareRoot()
      case .he: 0.1
      case .normal: 0.05
      case .zeros: 0
      }
    #expect(abs(deviation - wanted) <= 0.02 * wanted)
  }

  @Test("Dropout keeps its share, scales what stays, and does nothing in use") func dropout() throws {
    let x = Tensor.ones([100, 100])
    var context = Context(isTraining: true, random: RandomGenerator(seed: 3))
    let y = try Dropout(0.25)(x, context: &context).elements
    #expect(y.allSatisfy { $0 == 0 || $0 == 1 / 0.75 })
    #expect(abs(Double(y.count { $0 == 0 }) / 10_000 - 0.25) < 0.02)
    #expect(context.random.position == 10_000)
    #expect(try Dropout(0.25)(x).elements == x.elements)
  }
}

extension ArgumentError {
  var isUnknown: Bool { if case .unknown = self { true } else { false } }
}

@Suite struct NetworkTests {
  private func d4() -> Network {
    var random = RandomGenerator(seed: 1)
    return Network(
      Conv2d(1, 32, 3, random: &random), FunctionLayer.relu, Conv2d(32, 64, 3, random: &random), MaxPool2d(2),
      Dropout(0.25), Flatten(), Dense(9216, 128, random: &random), FunctionLayer.relu, Dropout(0.5),
      Dense(128, 10, random: &random), FunctionLayer.logSoftmax)
  }

  @Test("An input in front says the size of image that convolutions leave open") func input() throws {
    var random = RandomGenerator(seed: 1)
    let layers = Network(Conv2d(3, 4, 3, stride: 2, random: &random), Flatten(), Dense(36, 2, random: &random))
    #expect(layers.inputShape == [1, 3, 7, 7])
    let network = Network(Input([3, 8, 8]), layers)
    #expect(network.inputShape == [1, 3, 8, 8] && network.parameterCount == layers.parameterCount)
    #expect(network.table.map(\.output) == [[1, 3, 8, 8], [1, 4, 3, 3], [1, 36], [1, 2]])
    #expect(try network.outputShape(for: [5, 3, 8, 8]) == [5, 2])
    #expect(throws: LayerError.self) { try network.outputShape(for: [5, 3, 7, 7]) }
    #expect(throws: LayerError.self) { try network.outputShape(for: [3, 8, 8]) }
  }

  @Test("The table of D4's network is the one in the documents") func table() {
    let table = d4().table
    #expect(d4().inputShape == [1, 1, 28, 28] && d4().outputShape == [1, 10])
    #expect(
      table.map(\.description) == [
        "Conv2d(1, 32, 3)", "relu", "Conv2d(32, 64, 3)", "MaxPool2d(2)", "Dropout(0.25)", "Flatten()",
        "Dense(9216, 128)", "relu", "Dropout(0.5)", "Dense(128, 10)", "log_softmax",
      ])
    #expect(table.map(\.count) == [320, 0, 18_496, 0, 0, 0, 1_179_776, 0, 0, 1290, 0])
    #expect(d4().parameterCount == 1_199_882)
    #expect(table[3].output == [1, 64, 12, 12] && table[5].output == [1, 9216])
    #expect(table[0].countFormula == "32·1·3·3 + 32" && table[6].parameterNames == ["W", "b"])
  }

  @Test("A small network says its shapes and names its weights by their paths") func names() {
    var random = RandomGenerator(seed: 1)
    let network = Network(Dense(4, 16, random: &random), FunctionLayer.relu, Dense(16, 3, random: &random))
    #expect(network.inputShape == [1, 4] && network.outputShape == [1, 3])
    #expect(network.parameters.map(\.name) == ["[0].W", "[0].b", "[2].W", "[2].b"])
    #expect(network.table.map(\.countFormula) == ["4·16 + 16", "", "16·3 + 3"])
    #expect(network.description == "Dense(4, 16) >> relu >> Dense(16, 3)")
  }

  @Test("Composition takes networks apart and changes neither side") func composition() {
    var random = RandomGenerator(seed: 1)
    let first = Network(Dense(2, 3, random: &random), FunctionLayer.relu)
    let whole = Network(first, Dense(3, 3, random: &random), FunctionLayer.tanh)
    #expect(first.count == 2 && whole.count == 4)
    var changed = whole
    changed[0] = Dense(weight: .zeros([2, 3]), bias: nil)
    #expect(whole.parameterCount == 9 + 12 && changed.parameterCount == 6 + 12)
  }
}
