import Networks
import Tensors

/// Steps of training of networks over sequences, as a user gets them.
func benchmarkSequences() {
  do { try trainSequences() } catch { print("\(error)") }
}

private func trainSequences() throws {
  var random = RandomGenerator(seed: 1)
  func dense(_ inputs: Int, _ outputs: Int) -> Dense {
    Dense(inputs, outputs, elementType: .float32, random: &random)
  }
  func lstm(_ inputs: Int, _ hidden: Int, layers: Int = 1) throws -> LSTM {
    try LSTM(inputs, hidden, layers: layers, elementType: .float32, random: &random)
  }
  let rows = Dataset(
    unchecked: noise([320, 28, 28]), Tensor((0..<320).map { Double($0 % 10) }, .float32))
  let rnn = try RNN(28, 100, isRelu: true, givesLast: true, elementType: .float32, random: &random)
  step("RNN of D1, batch 32, Adam", Network(rnn, dense(100, 10)), CrossEntropy(), Adam(0.001), batch: 32, rows)
  let gru = try GRU(28, 100, givesLast: true, elementType: .float32, random: &random)
  step("GRU 28 to 100, batch 32, Adam", Network(gru, dense(100, 10)), CrossEntropy(), Adam(0.001), batch: 32, rows)
  let mean = FunctionLayer("mean") { $0.mean(axis: 1) }
  step(
    "LSTM and attention of D1, batch 10, Adam",
    Network(try lstm(1, 100), Attention(isScaled: false), mean, dense(100, 1)), MeanSquaredError(), Adam(0.001),
    batch: 10, Dataset(unchecked: noise([100, 10, 1]), noise([100, 1])))
  let words = Dataset(unchecked: words([320, 32]), words([320, 32]))
  step(
    "language model of D4, batch 32, Adam",
    Network(
      Embedding(1000, 64, elementType: .float32, random: &random), try lstm(64, 128, layers: 2), dense(128, 1000)),
    CrossEntropy(), Adam(0.001), batch: 32, words)
  step(
    "Transformer model, batch 32, Adam",
    Network(
      Embedding(1000, 64, elementType: .float32, random: &random), PositionalEncoding(64),
      TransformerBlock(64, 4, isCausal: true, elementType: .float32, random: &random),
      TransformerBlock(64, 4, isCausal: true, elementType: .float32, random: &random), dense(64, 1000)),
    CrossEntropy(), Adam(0.001), batch: 32, words)
}

private func noise(_ shape: Shape) -> Tensor {
  var random = RandomGenerator(seed: 2)
  return Tensor((0..<shape.count).map { _ in random.normal() }, shape: shape, .float32)
}

private func words(_ shape: Shape) -> Tensor {
  var random = RandomGenerator(seed: 3)
  return Tensor((0..<shape.count).map { _ in Double(random.next() % 1000) }, shape: shape, .float32)
}
