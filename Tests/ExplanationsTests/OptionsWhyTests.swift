import Testing

@testable import Shell

/// A network called with more than its input has the laws it has without.
@Suite(":why through net(x, training: true) and net(x, state: s)")
struct OptionsWhyTests {
  static let systems: [(lines: String, questions: [String])] = [
    (
      "net = Dense(3, 4) >> relu >> Dropout(0.5) >> Dense(4, 2);  X = [1, 2, 0.5; -1, 0.3, 1];\ny = net(X, training: true);  L = cross_entropy(y, [0, 1]);",
      ["y[0,0]", "∂L/∂net[0].W[1,1]", "∂L/∂net[3].W[1,0]", "∂L/∂X[0,0]", "∂L/∂y[0,1]"]
    ),
    (
      "net = Dense(3, 4) >> BatchNorm(4) >> tanh >> Dense(4, 1);  X = [1, 2, 0.5; -1, 0.3, 1; 0.2, 0.1, -2];\nL = mean(net(X, training: true)^2);",
      ["∂L/∂net[0].W[1,1]", "∂L/∂net[1].gain[2]", "∂L/∂net[1].shift[0]", "∂L/∂X[0,0]"]
    ),
    (
      "net = Conv2d(1, 2, 2) >> BatchNorm(2) >> Flatten() >> Dense(8, 1);  X = randn(2, 1, 3, 3);\nL = mean(net(X, training: true)^2);",
      ["∂L/∂net[0].W[0,0,1,1]", "∂L/∂net[1].gain[1]", "∂L/∂X[0,0,1,1]"]
    ),
    (
      "lstm = LSTM(2, 3);  x = [[1, 2; 0.5, -0.3], [0.3, 0.1; 0.2, 0.9]];  h0 = randn(2, 3);  c0 = randn(2, 3);\ny, s = lstm(x, state: (h0, c0));  L = mean(y^2);",
      [
        "y[0,1,2]", "s[0][0,1]", "s[1][1,2]", "∂L/∂lstm.W[0,4]", "∂L/∂lstm.U[1,2]", "∂L/∂lstm.b[3]", "∂L/∂x[0,0,1]",
        "∂L/∂h0[0,1]",
      ]
    ),
    (
      "gru = GRU(2, 2);  x = [[1, 2; 0.5, -0.3]];  h0 = [0.3, -0.2];\ny, s = gru(x, state: [h0]);  L = sum(y^2);",
      [
        "y[0,0,1]", "s[0,1]", "∂L/∂gru.W[0,4]", "∂L/∂gru.U[1,2]", "∂L/∂gru.U[1,5]", "∂L/∂gru.c[1]", "∂L/∂x[0,0,1]",
        "∂L/∂h0[1]",
      ]
    ),
    (
      "rnn = RNN(2, 3);  x = [[1, 2; 0.5, -0.3; 1, 1]];\ny, s = rnn(x, state: 0);  L = mean(y^2);",
      ["y[0,1,2]", "s[0,2]", "∂L/∂rnn.U[0,1]", "∂L/∂x[0,0,1]"]
    ),
    (
      "net = RNN(2, 3) >> Dense(3, 1);  x = [[1, 2; 0.5, -0.3; 1, 1]];\nL = mean(net(x, mask: ones(1, 3) - [0, 0, 1])^2);",
      ["∂L/∂net[0].W[0,1]", "∂L/∂net[1].W[1,0]", "∂L/∂x[0,0,1]"]
    ),
    (
      "net = MultiHeadAttention(4, 2);  x = randn(1, 3, 4);  k = randn(1, 2, 4);\ny = net(x, keys: k);  L = mean(y^2);",
      ["y[0,1,2]", "∂L/∂net.Wq[0,1]", "∂L/∂x[0,0,1]", "∂L/∂k[0,0,1]"]
    ),
  ]

  @Test("Every question has a formula, and so has what it offers, to the end", arguments: systems.indices)
  func options(_ index: Int) {
    let (lines, questions) = Self.systems[index]
    let session = Session(lines)
    for question in questions {
      var walk = WhyWalk(session, lines)
      walk.follow(question, most: 10)
    }
  }

  @Test("With dropout in training the mask that was drawn is shown, and it is the one that was")
  func mask() {
    let session = Session(Self.systems[0].lines)
    _ = session.answer(":why ∂L/∂net[0].W[1,1]")
    _ = session.answer(":why δ0[0,1]")
    let text = session.answer(":why δ1[0,1]")
    #expect(text.contains("m[n,i]·δ2[n,i]") && text.contains("m the mask that was drawn"), "\(text)")
    #expect(text.contains("✓"), "\(text)")
    // Forward the same mask stands before what the layer was given.
    _ = session.answer(":why y[0,0]")
    let forward = session.answer(":why x3[0,1]")
    #expect(forward.contains("m[0,1]·x2[0,1]") && forward.contains("mask"), "\(forward)")
  }
}
