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
    // Run twice: the samples of both are one sum.
    Case(
      network: "Dense(2, 2) >> tanh >> Dense(2, 1) >> sigmoid", input: "randn(2, 2)",
      loss: "bce(net(X), [1; 0]) + bce(net(X + 1), [0; 0])", questions: ["net[0].W[0,1]", "net[2].b[0]"]),
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

  /// What layers give, what algorithms find, what functions of the user return: the value, and all that is offered next.
  @Test(
    "numbers from the inside of layers, algorithms and functions hold on a pocket calculator",
    arguments: [
      "Dense(2, 3) >> sigmoid", "RNN(2, 2)", "LSTM(2, 2)", "GRU(2, 2)", "LSTM(2, 2, bidirectional: true, layers: 2)",
      "GRU(2, 2, bidirectional: true, last: true)", "MultiHeadAttention(2, 1)",
      "MultiHeadAttention(2, 2, causal: true)",
      "TransformerBlock(2, 1, hidden: 3)", "TransformerBlock(2, 2, norm: \"before\", activation: \"gelu\")",
      "PositionalEncoding(2)", "LayerNorm(2)", "Residual(Dense(2, 2))",
    ])
  func forward(network: String) {
    for seed in 1...3 {
      let console = WhyTests.console()
      _ = WhyTests.type(":set seed \(seed)\nnet = \(network);\nX = randn(1, 3, 2);\nY = net(X);", into: console)
      let rank = network.contains("last: true") ? 2 : 3
      var next = rank == 2 ? ["Y[0,1]", "Y[0,3]"] : ["Y[0,0,0]", "Y[0,1,1]", "Y[0,2,1]", "net(X)[0,1,0]"]
      var asked: Set<String> = []
      var checked = 0
      while let text = next.popLast(), asked.count < 40 {
        guard asked.insert(text).inserted else { continue }
        let (lines, error) = console.respond(to: ":why \(text)")
        let screen = lines.joined(separator: "\n")
        #expect(error == nil, "\(text): \(screen)")
        #expect(lines.allSatisfy { $0.displayWidth <= 80 } && lines.count <= 24, "\(text):\n\(screen)")
        checked += PocketCalculator.check(lines, "\(network), \(text)")
        if let offer = lines.last(where: { $0.contains("next  :why ") }), let rest = offer.splitOnce(":why ")?.1 {
          next.append(rest.splitOnce("   ")?.0 ?? rest)
        }
      }
      #expect(checked > 3, "only \(checked) lines were looked at")
    }
  }

  @Test("what decompositions, determinants and functions with loops give", arguments: 1...5)
  func algorithms(seed: Int) {
    let console = WhyTests.console()
    _ = WhyTests.type(
      """
      :set seed \(seed)
      M = randn(3, 3);  A = M @ Mᵀ + eye(3);  b = randn(3);  P = randn(4, 3);  t = [0, 1, 2, 1];
      B = inv(A);  x = solve(A, b);  Q, R = qr(A);  v, E = eigh(A);  U, s, V = svd(P);  K = cholesky(A);
      f(x) = { u = tanh(x @ A); u * 2 + b }
      g(x) = { s = 0; for i in 0..<3 { s = s + x[i]^2 }; s }
      y = f(b);  z = g(b)
      """, into: console)
    var checked = 0
    for question in [
      "B[0,1]", "x[2]", "Q[1,1]", "R[0,2]", "v[1]", "E[0,2]", "U[3,1]", "s[0]", "V[1,2]", "K[2,1]", "K[1,1]", "det(A)",
      "det(P[0..<2, 0..<2])", "accuracy(P, t)", "y[1]", "u[1]", "y[1] 2", "z", "s", "inv(A)[2,2]", "solve(A, M)[0,1]",
    ] {
      let (lines, error) = console.respond(to: ":why \(question)")
      let screen = lines.joined(separator: "\n")
      #expect(error == nil, "\(question): \(screen)")
      #expect(lines.allSatisfy { $0.displayWidth <= 80 } && lines.count <= 24, "\(question):\n\(screen)")
      // An algorithm is not its own explanation.
      #expect(!lines.contains { $0.hasSuffix("= \(question)") }, "\(screen)")
      checked += PocketCalculator.check(lines, "seed \(seed), \(question)")
    }
    #expect(checked > 20, "only \(checked) lines were looked at")
  }

  @Test("back through the lines of a loop over time", arguments: ["rnn", "lstm", "gru"])
  func recurrences(demo: String) {
    let console = WhyTests.console()
    _ = console.respond(to: "demo(\"\(demo)\")")
    let weights = [
      "rnn": ["Wh[0,1]", "Wx[1,0]", "b[0]"], "lstm": ["Wf[0,0]", "Wi[1,2]", "WC[0,1]", "Wo[1,2]", "bf[1]", "bo[0]"],
      "gru": ["Wz[0,2]", "Wr[1,1]", "Wn[0,0]"],
    ]
    for weight in weights[demo] ?? [] {
      let (lines, error) = console.respond(to: ":why ∂L/∂\(weight)")
      let screen = lines.joined(separator: "\n")
      #expect(error == nil && screen.contains("∑[t]") && screen.contains("✓"), "\(weight): \(screen)")
      #expect(lines.allSatisfy { $0.displayWidth <= 80 } && lines.count <= 24, "\(screen)")
      #expect(PocketCalculator.check(lines, weight) > 0, "\(screen)")
    }
  }

  @Test("many terms in single precision are answered, and checked in double")
  func single() {
    let console = WhyTests.console()
    for line in [
      ":set precision f32",
      "net = Conv2d(1, 4, 3) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(676, 3) >> log_softmax",
      "X = randn(16, 1, 28, 28)", "L = nll(net(X), zeros(16))",
    ] { _ = console.respond(to: line) }
    for weight in ["net[0].W[0,0,0,0]", "net[0].b[1]", "net[4].W[3,1]"] {
      let (lines, error) = console.respond(to: ":why ∂L/∂\(weight)")
      let screen = lines.joined(separator: "\n")
      #expect(error == nil && screen.contains("✓") && !screen.contains("✗"), "\(screen)")
    }
  }
}
