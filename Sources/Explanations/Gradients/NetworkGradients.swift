import KernelInterface
import Networks
import Tensors

/// A network's gradients on some samples, with what went through its layers on the way.
struct NetworkGradients {
  let network: Network
  let loss: Double
  let parameters: [Parameter]
  let gradients: [Tensor]
  /// What each layer was given; after the last what the network gives.
  let values: [Tensor]
  /// How many samples there were, and how many of them were used.
  let samples, used: Int

  /// The multiplications that one table may cost, so that it answers within a second.
  static let budget = 3_000_000_000.0

  /// - Throws: `LayerError` or `ShapeError` where network, data and loss do not fit, and what the user's own functions throw.
  init(_ network: Network, on task: TrainingTask) throws {
    let cost = 3 * Self.cost(network, Shape([1] + task.data.sampleShape.dimensions))
    let affordable = max(1, Int(min(1e9, Self.budget / max(cost, 1))))
    let count = task.data.count <= affordable ? task.data.count : min(affordable, max(1, task.batch))
    let (x, y) = task.data.batch(0..<count, network.elementType ?? .float64)
    (samples, used) = (task.data.count, count)
    self.network = network
    parameters = network.parameters
    let variables = parameters.map { $0.value.detached.variable() }
    // Running statistics are moved by training steps; where there are none, a step differs from use by dropout alone, which is left out.
    var context = Context(isTraining: !network.buffers.isEmpty, random: RandomGenerator(seed: 0))
    var values = [x]
    for layer in network.replacing(variables).layers {
      values.append(try layer(values[values.count - 1], context: &context))
    }
    let loss = try task.loss(values[values.count - 1], y)
    guard loss.count == 1 else { throw ShapeError.rank(loss.shape, expected: "a number") }
    self.loss = loss.item
    let output = values[values.count - 1]
    let flows = Tensors.gradients(of: loss, withRespectTo: variables + [output]).map(\.detached)
    gradients = RoundingNoise.cleared(Array(flows.dropLast()), of: flows[variables.count]) { changed in
      Tensors.gradients(of: (output * changed).sum(), withRespectTo: variables).map(\.detached)
    }
    self.values = values.map(\.detached)
  }

  /// The gradients of a loss that the session computed with the network.
  ///
  /// - Parameters:
  ///   - x: what the network was called with there.
  ///   - gradients: those by its parameters, in their order.
  init(_ network: Network, on x: Tensor, loss: Double, _ gradients: [Tensor]) throws {
    self.network = network
    self.loss = loss
    self.gradients = gradients
    parameters = network.parameters
    samples = x.shape.dimensions.first ?? 1
    used = samples
    var values = [x.detached.cast(to: network.elementType ?? x.elementType)]
    for layer in network.layers { values.append(try layer(values[values.count - 1]).detached) }
    self.values = values
  }

  /// About how many multiplications one sample costs going forward: each weight is used once for every place of the layer's output.
  static func cost(_ network: Network, _ input: Shape) -> Double {
    var (shape, sum) = (Optional(input), 0.0)
    for layer in network.layers {
      let output = shape.flatMap { try? layer.outputShape(for: $0) }
      let weights = Double(layer.parameterCount)
      // Images have their places behind the channels, sequences and all others before the last axis.
      let places =
        layer.kind.hasPrefix("Conv")
        ? output.map { Double($0.dimensions.dropFirst(2).reduce(1, *)) }
        : shape.map { Double($0.dimensions.dropFirst().dropLast().reduce(1, *)) }
      sum += weights * max(1, places ?? 1) + Double(output?.count ?? 0)
      shape = output
    }
    return sum
  }
}

extension NetworkGradients {
  /// The numbers of a layer's output that are above 0, and how many there are.
  func positives(_ layer: Int) -> (count: Int, largestInput: Double) {
    let input = values[layer].elements
    return (values[layer + 1].elements.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }, input.max() ?? 0)
  }

  /// A layer whose output is all zeros though its input is not.
  var deadLayer: Int? {
    network.layers.indices.first { layer in
      let isZero = values[layer + 1].elements.allSatisfy { $0 == 0 }
      return isZero && network.layers[layer].parameterCount == 0 && !values[layer].elements.allSatisfy { $0 == 0 }
    }
  }

  /// A layer that gives nothing but its two ends, so that its derivative is 0.
  var saturatedLayer: Int? {
    network.layers.indices.first { layer in
      let kind = network.layers[layer].kind
      guard kind == "sigmoid" || kind == "tanh" else { return false }
      return values[layer + 1].elements.allSatisfy { $0 == 1 || $0 == (kind == "tanh" ? -1 : 0) }
    }
  }

  /// Of the units of a layer those that are 0 for every sample, and how many units there are; images count by channel.
  func deadUnits(_ layer: Int) -> (dead: Int, all: Int) {
    let output = values[layer + 1]
    guard output.rank >= 2, output.count > 0 else { return (0, 0) }
    let units = output.rank == 4 ? output.shape[1] : output.shape[output.rank - 1]
    let places = output.rank == 4 ? output.shape[2] * output.shape[3] : 1
    var alive = [Bool](repeating: false, count: units)
    for (index, number) in output.elements.enumerated() where number != 0 { alive[index / places % units] = true }
    return (alive.reduce(0) { $0 + ($1 ? 0 : 1) }, units)
  }

  /// The first layer whose output holds what is no finite number; nil if all are finite.
  var firstNotFinite: Int? {
    network.layers.indices.first { layer in !values[layer + 1].elements.allSatisfy(\.isFinite) }
  }
}
