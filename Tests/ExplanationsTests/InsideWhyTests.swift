import Testing

@testable import Shell

/// What comes back to the parts of layers that are made of parts: each number a screen prints can be asked for.
@Suite(":why inside of composite and recurrent layers")
struct InsideWhyTests {
  static let systems: [(lines: String, questions: [String])] = [
    (
      "net = LSTM(2, 2, layers: 2, bidirectional: true);  x = randn(1, 3, 2);  L = mean(net(x)^2);",
      ["∂L/∂net.W0[0,1]", "∂L/∂net.U1_reverse[0,1]", "∂L/∂net.W1_reverse[3,2]", "∂L/∂x[0,1,0]", "net(x)[0,1,3]"]
    ),
    (
      "net = GRU(2, 2, layers: 3);  x = randn(1, 3, 2);  L = mean(net(x)^2);",
      ["∂L/∂net.W0[0,1]", "∂L/∂net.U1[0,5]", "∂L/∂net.c0[1]", "∂L/∂x[0,1,0]", "net(x)[0,1,1]"]
    ),
    (
      "net = RNN(2, 2, layers: 2, last: true) >> Dense(2, 1);  x = randn(2, 3, 2);  L = mean(net(x)^2);",
      ["∂L/∂net[0].W0[0,1]", "∂L/∂net[0].U0[0,1]", "∂L/∂net[0].b1[0]", "∂L/∂x[0,1,0]"]
    ),
    (
      "net = RNN(2, 2, bidirectional: true, last: true) >> Dense(4, 1);  x = randn(2, 3, 2);  L = mean(net(x)^2);",
      ["∂L/∂net[0].W[0,1]", "∂L/∂net[0].U_reverse[0,1]", "∂L/∂x[0,1,0]"]
    ),
    (
      "net = TransformerBlock(4, 2);  x = randn(1, 3, 4);  L = sum(net(x) * randn(1, 3, 4));",
      [
        "∂L/∂net.attention.Wq[0,1]", "∂L/∂net.attention.Wo[0,1]", "∂L/∂net.norm1.gain[1]", "∂L/∂net.expand.W[0,1]",
        "∂L/∂net.contract.b[2]", "∂L/∂net.norm2.shift[0]", "∂L/∂x[0,1,1]",
      ]
    ),
    (
      "net = TransformerBlock(4, 2, norm: \"before\", activation: \"gelu\", causal: true) >> Dense(4, 1);  x = randn(2, 3, 4);  L = mean(net(x)^2);",
      [
        "∂L/∂net[0].attention.Wk[0,1]", "∂L/∂net[0].norm1.gain[1]", "∂L/∂net[0].expand.W[0,1]",
        "∂L/∂net[0].contract.b[2]", "∂L/∂net[0].norm2.shift[0]", "∂L/∂x[0,1,1]",
      ]
    ),
    (
      "net = Residual(Dense(3, 3) >> tanh) >> Residual(Dense(3, 3)) >> Dense(3, 1);  x = randn(2, 3);  L = mean(net(x)^2);",
      ["∂L/∂net[0].body[0].W[0,1]", "∂L/∂net[1].body.W[0,1]", "∂L/∂x[0,1]"]
    ),
    (
      "net = Residual(Dense(3, 2) >> relu, shortcut: Dense(3, 2)) >> Dense(2, 1);  x = randn(2, 3);  L = mean(net(x)^2);",
      ["∂L/∂net[0].body[0].W[0,1]", "∂L/∂net[0].shortcut.W[0,1]", "∂L/∂x[0,1]"]
    ),
    (
      "net = MultiHeadAttention(4, 2) >> LayerNorm(4);  x = randn(1, 3, 4);  L = sum(net(x)^3);",
      ["∂L/∂net[0].Wq[0,1]", "∂L/∂net[0].bv[1]", "∂L/∂net[1].gain[1]", "∂L/∂x[0,1,1]"]
    ),
  ]

  @Test("Each δ has a law, numbers and a central difference, to the end of the way", arguments: systems.indices)
  func inside(_ index: Int) {
    let (lines, questions) = Self.systems[index]
    let session = Session(lines)
    for question in questions {
      var walk = WhyWalk(session, lines)
      walk.follow(question, most: 14)
      for (asked, text) in walk.answers where asked.hasPrefix("δ") {
        #expect(text.contains("central difference"), "no check: \(lines)\n:why \(asked)\n\(text)")
      }
    }
  }

  @Test("Two long sums side by side are both counted: the column adds up to the number")
  func twoSums() {
    let session = Session(Self.systems[0].lines)
    let text = session.answer(":why ∂L/∂x[0,1,0]")
    #expect(text.contains("  ∂L/∂x[0,1,0]") && text.contains("∑[j] δa_0_reverse"), "\(text)")
    let check = text.split(separator: "\n").first { $0.contains("central difference") } ?? ""
    let number = check.split(separator: " ").dropLast().last.map(String.init) ?? "?"
    let total = text.split(separator: "\n").first { $0.hasPrefix("  ∂L/∂x[0,1,0]  ") } ?? ""
    let shown = Double(total.split(separator: " ").dropFirst().first ?? "") ?? .nan
    #expect((shown - (Double(number) ?? 0)).magnitude < 1e-3 * shown.magnitude, "\(text)")
  }
}
