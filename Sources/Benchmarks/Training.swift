import Networks
import Tensors

/// Steps of training of the documents' networks, as a user gets them: drawing the batch from bytes, forward, back and the update.
func benchmarkTraining() {
  var random = RandomGenerator(seed: 1)
  func dense(_ inputs: Int, _ outputs: Int) -> Dense {
    Dense(inputs, outputs, elementType: .float32, random: &random)
  }
  func convolution(_ inputs: Int, _ outputs: Int) -> Networks.Conv2d {
    Conv2d(inputs, outputs, 3, elementType: .float32, random: &random)
  }
  let relu = FunctionLayer.relu
  let line = (0..<100).map { Double($0) / 100 }
  step(
    "linear regression, 100", Network(dense(1, 1)), MeanSquaredError(), SGD(0.01), batch: 100,
    Dataset(
      unchecked: Tensor(line, shape: [100, 1], .float32), Tensor(line.map { 3 * $0 + 0.5 }, shape: [100, 1], .float32)))
  step(
    "784-128-10, batch 64, Adam", Network(Flatten(), dense(784, 128), relu, dense(128, 10)), CrossEntropy(),
    Adam(0.001), batch: 64, images([1, 28, 28]))
  step(
    "CNN of D1, batch 32, Adam",
    Network(convolution(1, 32), relu, MaxPool2d(2), Flatten(), dense(5408, 10)), CrossEntropy(), Adam(0.001), batch: 32,
    images([1, 28, 28]))
  step(
    "CNN of D3, batch 128, Adam",
    Network(
      convolution(3, 32), relu, MaxPool2d(2), convolution(32, 64), relu, MaxPool2d(2), Flatten(), dense(2304, 10)),
    CrossEntropy(), Adam(0.001), batch: 128, images([3, 32, 32]))
  step(
    "CNN of D4, batch 64, Adam", networkOfD4(&random), NegativeLogLikelihood(), Adam(0.001), batch: 64,
    images([1, 28, 28]))
}

/// The network that D4 prints, 1,199,882 parameters.
func networkOfD4(_ random: inout RandomGenerator) -> Network {
  let relu = FunctionLayer.relu
  return Network(
    Conv2d(1, 32, 3, elementType: .float32, random: &random), relu,
    Conv2d(32, 64, 3, elementType: .float32, random: &random), MaxPool2d(2), Dropout(0.25), Flatten(),
    Dense(9216, 128, elementType: .float32, random: &random), relu, Dropout(0.5),
    Dense(128, 10, elementType: .float32, random: &random), FunctionLayer.logSoftmax)
}

/// The least time from one step to the next within about a second.
func step(
  _ name: String, _ network: Network, _ loss: any Loss, _ optimizer: any Optimizer, batch: Int, _ data: Dataset
) {
  guard isAsked(name) else { return }
  var least = Double.infinity
  var (last, start) = (seconds(), seconds())
  var steps = 0
  let plan = TrainingPlan(loss: loss, optimizer: optimizer, epochs: 1_000_000, batch: batch)
  do {
    _ = try train(network, on: data, plan) { _ in
      let now = seconds()
      if steps > 0 { least = min(least, now - last) } else { start = now }
      steps += 1
      last = now
      return steps > 5 && now - start > 1 ? .stop : .proceed
    }
    print("\(name)\t\((least * 1e8).rounded() / 100)")
  } catch {
    print("\(name): \(error)")
  }
}

/// A thousand samples of noise in ten classes.
func images(_ shape: Shape) -> Dataset {
  var random = RandomGenerator(seed: 2)
  let bytes = (0..<(1024 * shape.count)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  return Dataset(bytes: bytes, sampleShape: shape, labels: (0..<1024).map { Int32($0 % 10) })
}

extension Dataset {
  init(unchecked x: Tensor, _ y: Tensor) {
    do { try self.init(x: x, y: y) } catch { preconditionFailure("\(error)") }
  }
}
