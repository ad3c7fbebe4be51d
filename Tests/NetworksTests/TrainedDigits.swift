import Interchange
import KernelInterface
import Networks
import Tensors

/// A short training of a network of one kind, down to one number that every bit of its weights and losses goes into.
enum TrainedDigits: String, CaseIterable {
  case dense, convolutional, recurrent

  /// The FNV-1a checksum of the bits of all losses and weights after the training.
  func checksum(_ type: ElementType) throws -> UInt64 {
    var random = RandomGenerator(seed: 5)
    let images = try BundledData.digits.subset(0..<150)
    let (network, data, optimizer): (Network, Dataset, any Optimizer)
    switch self {
    case .dense:
      network = Network(
        Dense(64, 33, elementType: type, random: &random), FunctionLayer.tanh, Dropout(0.2),
        Dense(33, 17, elementType: type, random: &random), FunctionLayer("gelu") { $0.gelu() },
        LayerNorm(17, elementType: type), Dense(17, 10, elementType: type, random: &random))
      (data, optimizer) = (images, AdamW(0.01, clip: 1))
    case .convolutional:
      network = Network(
        Conv2d(1, 7, 3, padding: .same, elementType: type, random: &random), BatchNorm(7, elementType: type),
        FunctionLayer.relu, MaxPool2d(2), Conv2d(7, 9, 3, elementType: type, random: &random),
        FunctionLayer.sigmoid, Flatten(), Dense(36, 10, elementType: type, random: &random))
      (data, optimizer) = (try images.reshaped(sample: [1, 8, 8]), SGD(0.05, momentum: 0.9, nesterov: true))
    case .recurrent:
      network = try Network(
        LSTM(8, 13, isBidirectional: true, elementType: type, random: &random),
        MultiHeadAttention(26, 2, isCausal: true, elementType: type, random: &random),
        GRU(26, 11, givesLast: true, elementType: type, random: &random),
        Dense(11, 10, elementType: type, random: &random))
      (data, optimizer) = (try images.reshaped(sample: [8, 8]), RMSprop(0.01, momentum: 0.5, centered: true))
    }
    let plan = TrainingPlan(
      loss: CrossEntropy(), optimizer: optimizer, epochs: 2, batch: 32, random: RandomGenerator(seed: 6))
    let result = try train(network, on: data, plan)
    let numbers = result.history.losses + result.network.parameters.flatMap(\.value.elements)
    return numbers.reduce(0xcbf2_9ce4_8422_2325) { sum, number in
      (0..<8).reduce(sum) { sum, byte in (sum ^ (number.bitPattern >> (8 * byte) & 0xff)) &* 0x100_0000_01b3 }
    }
  }
}
