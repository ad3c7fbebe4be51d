import Interchange
import Networks
import Tensors

/// Trains the documents' networks on Fashion-MNIST and prints the accuracy on its 10,000 test images after each epoch.
func trainOnFashion() {
  do {
    let (training, test) = (try IDXFolder.load(nil, .train), try IDXFolder.load(nil, .test))
    var random = RandomGenerator(seed: 1)
    func dense(_ inputs: Int, _ outputs: Int) -> Dense {
      Dense(inputs, outputs, elementType: .float32, random: &random)
    }
    let relu = FunctionLayer.relu
    let small = Network(Flatten(), dense(784, 128), relu, dense(128, 10))
    try fashion("784-128-10", small, training, test, epochs: 5, batch: 64)
    let convolution = Networks.Conv2d(1, 32, 3, elementType: .float32, random: &random)
    let images = Network(convolution, relu, Networks.MaxPool2d(2), Flatten(), dense(5408, 10))
    try fashion("CNN of D1", images, training, test, epochs: 3, batch: 32)
  } catch {
    print("\(error)")
  }
}

private func fashion(
  _ name: String, _ network: Network, _ training: Dataset, _ test: Dataset, epochs: Int, batch: Int
) throws {
  let plan = TrainingPlan(
    loss: CrossEntropy(), optimizer: Adam(0.001), epochs: epochs, batch: batch, validation: test)
  _ = try train(network, on: training, plan) { progress in
    if let measured = progress.validation, let accuracy = measured.accuracy {
      print(
        "\(name), epoch \(progress.epoch): loss \(progress.loss), accuracy \(progress.accuracy ?? 0), "
          + "of the test images \(accuracy), \(Int(progress.rate)) images/s")
    }
    return .proceed
  }
}
