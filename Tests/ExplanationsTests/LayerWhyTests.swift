import Display
import Language
import Shell
import Testing

@testable import Explanations

@Suite("Where a number comes from, back through the layers of a network")
struct LayerWhyTests {
  /// A network, what it is given, and its loss.
  struct Case: Sendable, CustomTestStringConvertible {
    let network: String
    let input: String
    let loss: String
    /// Weights whose derivatives are asked for, by an element.
    let questions: [String]
    var testDescription: String { network }
  }

  static let cases = [
    Case(
      network: "Dense(2, 3) >> relu >> Dense(3, 2)", input: "randn(3, 2)", loss: "cross_entropy(net(X), [0, 1, 1])",
      questions: ["net[0].W[0,1]", "net[0].b[2]", "net[2].W[2,1]", "net[2].b[0]", "X[1,0]"]),
    Case(
      network: "Dense(2, 2) >> tanh >> Dense(2, 1) >> sigmoid", input: "randn(2, 2)", loss: "bce(net(X), [1; 0])",
      questions: ["net[0].W[0,1]", "net[2].b[0]", "X[1,0]"]),
    Case(
      network: "Dense(3, 3) >> softmax", input: "randn(3)", loss: "mse(net(X), [1, 0, 0])",
      questions: ["net[0].W[0,1]", "net[0].b[2]", "X[2]"]),
    Case(
      network: "Conv2d(1, 2, 2) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(2, 2)", input: "randn(1, 1, 3, 3)",
      loss: "cross_entropy(net(X), [1])",
      questions: ["net[0].W[0,0,0,1]", "net[0].W[1,0,1,1]", "net[0].b[1]", "net[4].W[0,1]", "X[0,0,1,1]"]),
    Case(
      network: "Conv2d(1, 2, 3, stride: 2, padding: 1) >> AvgPool2d(2) >> Flatten() >> Dense(2, 1)",
      input: "randn(2, 1, 4, 4)", loss: "mse(net(X), [1; 0])",
      questions: ["net[0].W[1,0,2,0]", "net[0].b[0]", "X[0,0,0,3]"]),
    Case(
      network: "Conv1d(2, 2, 3, padding: 1) >> tanh >> Flatten() >> Dense(8, 1)", input: "randn(1, 2, 4)",
      loss: "mse(net(X), [[1]])", questions: ["net[0].W[1,0,2]", "net[0].b[0]", "X[0,1,3]"]),
    Case(
      network: "RNN(2, 2) >> Dense(2, 1)", input: "randn(2, 3, 2)", loss: "mse(net(X), ones(2, 3, 1))",
      questions: ["net[0].W[0,1]", "net[0].U[1,0]", "net[0].b[0]", "X[0,1,1]"]),
    Case(
      network: "RNN(2, 2, activation: \"relu\", last: true) >> Dense(2, 1)", input: "randn(1, 3, 2)",
      loss: "mse(net(X), [[1]])", questions: ["net[0].W[0,1]", "net[0].U[1,0]", "net[0].b[0]", "X[0,1,1]"]),
    Case(
      network: "LSTM(2, 2) >> Dense(2, 1)", input: "randn(2, 3, 2)", loss: "mse(net(X), ones(2, 3, 1))",
      questions: ["net[0].W[0,1]", "net[0].W[1,3]", "net[0].U[0,4]", "net[0].b[6]", "X[1,0,0]"]),
    Case(
      network: "GRU(2, 2, last: true) >> Dense(2, 1)", input: "randn(1, 3, 2)", loss: "mse(net(X), [[1]])",
      questions: ["net[0].W[0,1]", "net[0].W[1,3]", "net[0].U[0,4]", "net[0].b[5]", "net[0].c[1]", "X[0,0,0]"]),
    Case(
      network: "LSTM(2, 2, layers: 2, bidirectional: true) >> Dense(4, 1)", input: "randn(1, 2, 2)",
      loss: "mse(net(X), ones(1, 2, 1))",
      questions: ["net[0].W0[0,1]", "net[0].U1_reverse[0,3]", "net[0].b0_reverse[2]", "X[0,1,0]"]),
    Case(
      network: "MultiHeadAttention(4, 2) >> Dense(4, 1)", input: "randn(1, 3, 4)", loss: "mse(net(X), ones(1, 3, 1))",
      questions: ["net[0].Wq[0,1]", "net[0].Wk[1,3]", "net[0].Wv[3,3]", "net[0].Wo[0,2]", "net[0].bv[1]", "X[0,0,1]"]),
    Case(
      network: "TransformerBlock(2, 1, hidden: 2, causal: true) >> Dense(2, 1)", input: "randn(1, 2, 2)",
      loss: "mse(net(X), ones(1, 2, 1))",
      questions: [
        "net[0].attention.Wq[0,1]", "net[0].norm1.gain[1]", "net[0].expand.W[0,1]", "net[1].W[1,0]", "X[0,0,1]",
      ]),
    Case(
      network: "Embedding(3, 2) >> LayerNorm(2) >> Dense(2, 2)", input: "[0, 2, 0]",
      loss: "cross_entropy(net(X), [1, 0, 1])",
      questions: ["net[0].W[0,1]", "net[0].W[1,0]", "net[1].gain[0]", "net[1].shift[1]", "net[2].W[0,1]"]),
    Case(
      network: "BatchNorm(2) >> Dense(2, 1)", input: "randn(3, 2)", loss: "mse(net(X), ones(3, 1))",
      questions: ["net[0].gain[0]", "net[0].shift[1]", "X[2,1]"]),
    Case(
      network: "Residual(Dense(2, 2) >> tanh) >> Dropout(0.5) >> Dense(2, 1)", input: "randn(2, 2)",
      loss: "mse(net(X), ones(2, 1))", questions: ["net[0].body[0].W[0,1]", "net[2].W[1,0]", "X[1,1]"]),
  ]

  /// The question, and all that its answer offers to ask next, each on one screen, true as printed.
  @Test(
    "every weight's derivative has its law, its numbers hold, and all that is offered next can be asked",
    arguments: cases)
  func walk(_ example: Case) {
    let console = WhyTests.console()
    _ = WhyTests.type("net = \(example.network);\nX = \(example.input);\nL = \(example.loss);", into: console)
    var checked = 0
    for question in example.questions {
      var asked: Set<String> = []
      var next = ["∂L/∂\(question)"]
      while let text = next.popLast(), asked.count < 24 {
        guard asked.insert(text).inserted else { continue }
        let (lines, error) = console.respond(to: ":why \(text)")
        let screen = lines.joined(separator: "\n")
        #expect(error == nil, "\(text): \(screen)")
        #expect(lines.allSatisfy { $0.displayWidth <= 80 } && lines.count <= 24, "\(text):\n\(screen)")
        #expect(!screen.contains("✗"), "\(text):\n\(screen)")
        if asked.count == 1 {
          #expect(lines.first?.contains("∂L/∂") == true && lines.count > 3, "no law: \(screen)")
          #expect(screen.contains("central difference") && screen.contains("✓"), "\(screen)")
        }
        checked += PocketCalculator.check(lines, text)
        // The letters of this answer can be asked for until one brings others, so what it offers first is walked.
        if let offer = lines.last(where: { $0.contains("next  :why ") }) {
          let first = offer.splitOnce(":why ")?.1.splitOnce("   ")?.0 ?? offer.splitOnce(":why ")?.1 ?? ""
          next.append(first)
        }
      }
    }
    #expect(checked > 5, "only \(checked) lines were looked at")
  }
}
