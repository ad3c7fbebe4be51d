import Testing

@testable import Explanations
@testable import Shell

/// What `:why` says of layers, and of the letters inside of them, is what PyTorch computed: forward and backward.
@Suite("What :why says of layers are the reference numbers")
struct LayerReferenceTests {
  /// The number that the ladder of an answer ends with, if the answer has a law above it and every check holds.
  private func value(_ question: String, _ session: Session) -> ShownNumber? {
    let screen = session.answer(":why \(question)")
    guard !screen.contains("✗") else { return nil }
    // A long sum is a column: its total stands behind the name, without a sign.
    for line in screen.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.first.map(String.init) == question, let total = words.dropFirst().first.flatMap({ ShownNumber($0) }) {
        return total
      }
    }
    let rungs = screen.split(separator: "\n").map(String.init).filter { $0.contains("= ") }
    // A law stands alone: what has been worked out has more than its name and its value.
    guard rungs.count > 2, let last = rungs.last(where: { line in result(line) != nil }) else { return nil }
    return result(last)
  }

  private func result(_ line: String) -> ShownNumber? {
    guard let text = line.splitOnce("= ")?.1.split(separator: " ").first else { return nil }
    return ShownNumber(text)
  }

  private func agree(
    _ session: Session, _ name: String, _ wanted: ReferenceNumbers.Numbers, at places: [[Int]],
    from: SourceLocation = #_sourceLocation
  ) {
    for place in places {
      let flat = zip(place, wanted.shape).reduce(0) { $0 * $1.1 + $1.0 }
      let question = name + "[" + place.map(String.init).joined(separator: ",") + "]"
      let shown = value(question, session)
      #expect(
        shown?.isNear(wanted.data[flat]) == true,
        "\(question) is \(wanted.data[flat]):\n\(session.answer(":why \(question)"))", sourceLocation: from)
    }
  }

  @Test("Dense layers and relu: every δ on the way back")
  func dense() throws {
    let case_ = try ReferenceNumbers("mlp_deep_relu")
    let session = Session(
      case_.lines(["X", "y", "W1", "b1", "W2", "b2", "W3", "b3"])
        + """

        net = Dense(4, 6, W: W1, b: b1) >> relu >> Dense(6, 5, W: W2, b: b2) >> relu >> Dense(5, 2, W: W3, b: b3);
        J = mse(net(X), y);
        """)
    for (layer, number) in [(0, "1"), (2, "2"), (4, "3")] {
      let (W, b) = (case_.grads["W" + number]!, case_.grads["b" + number]!)
      agree(session, "∂J/∂net[\(layer)].W", W, at: [[0, 1], [3, 0], [W.shape[0] - 1, W.shape[1] - 1]])
      agree(session, "∂J/∂net[\(layer)].b", b, at: [[0], [1]])
      _ = session.answer(":why ∂J/∂net[\(layer)].W[0,0]")
      agree(session, "δ\(layer)", case_.grads["z" + number]!, at: [[2, 1]])
    }
    agree(session, "∂J/∂X", case_.grads["X"]!, at: [[0, 0], [3, 2]])
  }

  @Test("Convolution, pool, flatten: kernels, images, windows")
  func convolution() throws {
    let case_ = try ReferenceNumbers("cnn_valid_s1")
    let session = Session(
      case_.lines(["X", "labels", "Wc", "bc", "Wd", "bd"])
        + """

        net = Conv2d(2, 3, 3, W: Wc, b: bc) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(27, 4, W: Wd, b: bd);
        J = cross_entropy(net(X), labels);
        """)
    agree(session, "∂J/∂net[0].W", case_.grads["Wc"]!, at: [[0, 0, 0, 0], [2, 1, 2, 1], [1, 0, 1, 2]])
    agree(session, "∂J/∂net[0].b", case_.grads["bc"]!, at: [[0], [2]])
    agree(session, "∂J/∂net[4].W", case_.grads["Wd"]!, at: [[0, 0], [26, 3]])
    agree(session, "∂J/∂X", case_.grads["X"]!, at: [[0, 0, 3, 3], [1, 1, 4, 5]])
    agree(session, "net[0](X)", case_.outputs["conv"]!, at: [[1, 2, 3, 4]])
  }

  @Test("A recurrent layer: its weights, and the state at each step")
  func recurrent() throws {
    let case_ = try ReferenceNumbers("rnn_relu_classifier")
    let session = Session(
      case_.lines(["X", "labels", "kernel", "recurrent_kernel", "bias", "Wd", "bd"])
        + """

        rnn = RNN(4, 5, activation: "relu", last: true, W: kernel, U: recurrent_kernel, b: bias);
        net = rnn >> Dense(5, 3, W: Wd, b: bd);
        J = cross_entropy(net(X), labels);
        """)
    agree(session, "∂J/∂net[0].W", case_.grads["kernel"]!, at: [[0, 0], [3, 2]])
    agree(session, "∂J/∂net[0].U", case_.grads["recurrent_kernel"]!, at: [[1, 0], [4, 4]])
    agree(session, "∂J/∂net[0].b", case_.grads["bias"]!, at: [[1]])
    agree(session, "δa", case_.grads["a"]!, at: [[0, 1, 1], [2, 3, 4]])
    agree(session, "h", case_.outputs["h"]!, at: [[1, 2, 3]])
  }

  @Test("Two LSTM layers: the gates, the cell, and what comes back to them")
  func lstm() throws {
    let case_ = try ReferenceNumbers("lstm_d4_2layer")
    let gates = ["i", "f", "C", "o"]
    let hidden = 3
    /// The gates side by side, the rows for the input (or for the state).
    func weight(_ layer: Int, _ isState: Bool) -> String {
      "concat("
        + gates.map { gate in
          let all = case_.params["l\(layer).W_\(gate)"]!
          let range = isState ? "0..<\(hidden)" : "\(hidden)..<\(all.shape[1])"
          return "(\(all.literal))[:, \(range)].T"
        }.joined(separator: ", ") + ", axis: 1)"
    }
    func bias(_ layer: Int) -> String {
      "concat(" + gates.map { case_.params["l\(layer).b_\($0)"]!.literal }.joined(separator: ", ") + ", axis: 0)"
    }
    let session = Session(
      case_.lines(["X", "y", "V", "c"])
        + """

        first = LSTM(2, 3, W: \(weight(1, false)), U: \(weight(1, true)), b: \(bias(1)));
        second = LSTM(3, 3, last: true, W: \(weight(2, false)), U: \(weight(2, true)), b: \(bias(2)));
        net = first >> second >> Dense(3, 2, W: V, b: c);
        J = mse(net(X), y);
        """)
    for layer in [1, 2] {
      for (block, gate) in gates.enumerated() {
        let wanted = case_.grads["l\(layer).W_\(gate)"]!
        for (unit, column) in [(0, 1), (2, 4)] {
          // The state stands first in the reference, the input behind it.
          let (name, row) = column < hidden ? ("U", column) : ("W", column - hidden)
          let number = wanted.data[unit * wanted.shape[1] + column]
          let question = "∂J/∂net[\(layer - 1)].\(name)[\(row),\(block * hidden + unit)]"
          #expect(value(question, session)?.isNear(number) == true, "\(question) is \(number)")
        }
      }
      for (letter, key) in [("i", "i"), ("f", "f"), ("g", "C_tilde"), ("o", "o"), ("C", "C"), ("h", "h")] {
        agree(session, letter, case_.outputs["l\(layer).\(key)"]!, at: [[0, 2, 1]])
        _ = session.answer(":why ∂J/∂net[\(layer - 1)].W[0,0]")
      }
      for (letter, key) in [("δC", "C"), ("δh", "h")] {
        agree(session, letter, case_.grads["l\(layer).\(key)"]!, at: [[1, 1, 2]])
        _ = session.answer(":why ∂J/∂net[\(layer - 1)].W[0,0]")
      }
    }
  }

  @Test("Multi-head attention: weights, queries, keys, values, and what comes back to them")
  func attention() throws {
    let case_ = try ReferenceNumbers("attention_multihead")
    let names = ["Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "bo"]
    let session = Session(
      case_.lines(["X", "g"] + names)
        + "\nnet = MultiHeadAttention(6, 2);\n"
        + names.map { "net.\($0) = \($0);\n" }.joined() + "J = sum(net(X) * g);")
    for name in ["Wq", "Wk", "Wv", "Wo"] {
      agree(session, "∂J/∂net.\(name)", case_.grads[name]!, at: [[0, 1], [5, 4]])
    }
    for name in ["bq", "bv", "bo"] { agree(session, "∂J/∂net.\(name)", case_.grads[name]!, at: [[3]]) }
    agree(session, "A", case_.outputs["A"]!, at: [[1, 0, 2, 3]])
    _ = session.answer(":why ∂J/∂net.Wq[0,0]")
    agree(session, "δA", case_.grads["A"]!, at: [[1, 0, 2, 3]])
    _ = session.answer(":why net(X)[0,0,0]")
    agree(session, "c", case_.outputs["heads"]!, at: [[1, 3, 4]])
  }

  @Test("Layer norm and embedding")
  func others() throws {
    let norm = try ReferenceNumbers("layer_norm")
    let first = Session(
      norm.lines(["x", "g", "gamma", "beta"])
        + "\nnet = LayerNorm(5);\nnet.gain = gamma;\nnet.shift = beta;\nJ = sum(net(x) * g);")
    agree(first, "∂J/∂net.gain", norm.grads["gamma"]!, at: [[1], [4]])
    agree(first, "∂J/∂net.shift", norm.grads["beta"]!, at: [[2]])
    agree(first, "∂J/∂x", norm.grads["x"]!, at: [[0, 0], [2, 3]])
    agree(first, "x̂", norm.outputs["x_hat"]!, at: [[1, 1]])
    let table = try ReferenceNumbers("embedding")
    let second = Session(
      table.lines(["tokens", "g", "E"]) + "\nnet = Embedding(6, 3, W: E);\nJ = sum(net(tokens) * g);")
    let word = Int(table.inputs["tokens"]!.data[0])
    agree(second, "∂J/∂net.W", table.grads["E"]!, at: [[word, 0], [word, 2]])
  }
}
