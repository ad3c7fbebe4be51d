import Testing

@Suite("Gradients parameter by parameter")
struct GradientTableTests {
  /// Training with the rate 0 leaves every weight as it is, so `:grads net` shows the network as it was made.
  static let still = "optimizer: SGD(0), epochs: 1, batch: 150"

  @Test("A healthy network has nothing marked")
  func healthy() {
    let session = Session(
      Session.weights + """

        net = Dense(4, 16, W: layer(4, 16, 0)) >> tanh >> Dense(16, 16, W: layer(16, 16, 1)) >> tanh;
        net = net >> Dense(16, 16, W: layer(16, 16, 2)) >> tanh >> Dense(16, 3, W: layer(16, 3, 3));
        net = train(net, (X, t), \(Self.still));
        """)
    #expect(
      session.answer(":grads net") == """
          4 layers, tanh, L = 1.1065                                         150 samples
          parameter   shape       ‖w‖     ‖∇‖  ‖∇‖/‖w‖    mean ∇   max |∇|  histogram
          net[0].W    [4, 16]    2.41    0.233   0.0970  -0.00405    0.0883  ▃▃▅▆█▆▄▂▂
          net[0].b    [16]          0   0.0815        -  -0.00512    0.0390  ▅▄▄█▅▅  ▅
          net[2].W    [16, 16]   3.98    0.318   0.0800   -9.1e-4    0.0629  ▂▃▄▆█▅▄▃▂
          net[2].b    [16]          0    0.109        -   0.00459    0.0487  ▆ ▆▄▆█▄▆▆
          net[4].W    [16, 16]   3.98    0.219   0.0551   -4.2e-5    0.0527  ▁▂▄▄█▄▃▂▁
          net[4].b    [16]          0   0.0980        -   0.00385    0.0484   ▆ ▅█▄▄▄▅
          net[6].W    [16, 3]    2.34    0.224   0.0959         0    0.0924   ▄▄██▆▆ ▄
          net[6].b    [3]           0    0.103        -         0    0.0839    █     ▆
          all together ‖∇‖ = 0.541; smallest and largest layer differ 1.5 times: healthy
        """)
  }

  static let deep = """
    net = Dense(4, 8, W: layer(4, 8, 0)) >> sigmoid;
    for l in 1..<19 { net = net >> Dense(8, 8, W: layer(8, 8, l)) >> sigmoid }
    net = net >> Dense(8, 3, W: layer(8, 3, 19));
    net = train(net, (X, t), optimizer: SGD(0), epochs: 1, batch: 150);
    """

  @Test("Twenty sigmoid layers show at a glance that the gradient vanishes")
  func vanishing() {
    let session = Session(Session.weights + "\n" + Self.deep)
    #expect(
      session.answer(":grads net") == """
          20 layers, sigmoid, L = 1.2084                                     150 samples
          parameter   shape       ‖w‖     ‖∇‖  ‖∇‖/‖w‖    mean ∇   max |∇|  histogram
        ↓ net[0].W    [4, 8]     2.27  2.9e-14  1.3e-14  -1.0e-15   9.1e-15  █▆▇▇█▇▅ ▇
        ↓ net[2].W    [8, 8]     2.79  8.8e-14  3.1e-14   2.8e-15   2.9e-14   ▃▆▄▇█▆▃▃
        ↓ net[4].W    [8, 8]     2.85  4.3e-13  1.5e-13  -6.8e-15   1.1e-13  ▅▄▆█▂▄▇▅
        ↓ net[6].W to net[32].W   14 layers   ‖∇‖ from 2.3e-12 to 0.00526
          net[34].W   [8, 8]     2.81   0.0210  0.00747    9.3e-5   0.00623  ▄▅▆██▆█▅▃
          net[36].W   [8, 8]     2.86   0.0978   0.0342   0.00661    0.0362     ▅██▆▃▄
          net[38].W   [8, 3]     2.12    0.398    0.188         0     0.154   ▅▆█▃▃ ▇▄
          ‖∇‖ of the 20 W, log scale  2.9e-14 ▁▁▁▂▂▂▃▃▄▄▅▅▅▆▆▇▇███ 0.398
        ↓ vanishing: ‖∇‖ shrinks 5.1 times a layer on its way back; σ' is at most 0.25.
          try  tanh or relu, Residual;  :help vanishing
        """)
    #expect(session.answer(":grads net all").split(separator: "\n").count == 40 + 5)
  }

  @Test("A dead layer shows exact zeros, and which layer passes nothing")
  func dead() {
    let session = Session(
      Session.weights + """

        net = Dense(4, 8, W: layer(4, 8, 0)) >> relu >> Dense(8, 8, W: layer(8, 8, 1), b: full(8, -20)) >> relu;
        net = net >> Dense(8, 3, W: layer(8, 3, 2));
        net = train(net, (X[0..<120], t[0..<120]), \(Self.still));
        """)
    #expect(
      session.answer(":grads net") == """
          3 layers, relu, L = 1.0986                                         120 samples
          parameter   shape       ‖w‖     ‖∇‖  ‖∇‖/‖w‖    mean ∇   max |∇|  histogram
        0 net[0].W    [4, 8]     2.27        0        0         0         0  all zero
        0 net[0].b    [8]           0        0        -         0         0  all zero
        0 net[2].W    [8, 8]     2.79        0        0         0         0  all zero
        0 net[2].b    [8]        56.6        0        0         0         0  all zero
        0 net[4].W    [8, 3]     2.12        0        0         0         0  all zero
          net[4].b    [3]           0    0.204        -         0     0.167    █     ▆
        0 dead: net[3] relu gives 0 numbers above 0 out of 120·8 = 960 (largest input
          -19.6), so no gradient passes it, and net[4].W multiplies zeros.
          try  a smaller rate, b near 0, leaky_relu;  :help dead
        """)
  }

  @Test("What explodes, is zero or no number is marked, each with its cause")
  func marks() {
    let session = Session(
      Session.weights + """

        net = Dense(4, 8, W: layer(4, 8, 0));
        for l in 1..<9 { net = net >> sin >> Dense(8, 8, W: 8 * layer(8, 8, l)) }
        net = net >> sin >> Dense(8, 3, W: layer(8, 3, 9));
        empty = Dense(4, 8, W: layer(4, 8, 0)) >> tanh >> Dense(8, 3, init: "zeros");
        bad = Dense(4, 3, W: layer(4, 3, 0) / 0);
        lost = Dense(4, 8, W: 1e9 * layer(4, 8, 0)) >> sigmoid >> Dense(8, 3, W: layer(8, 3, 1));
        """)
    #expect(session.answer(":grads net on X, t").contains("↑ exploding: ‖∇‖ grows"))
    #expect(session.answer(":grads empty on X, t").contains("0 zero: empty[2].W is all zeros, so nothing comes back"))
    #expect(session.answer(":grads bad on X, t").contains("! nan: bad[0].W itself holds nan or inf"))
    #expect(session.answer(":grads lost on X, t").contains("0 saturated: every number of lost[1] sigmoid is 0 or 1"))
  }

  @Test(
    "A network whose gradients are of one size is healthy, however deep or of what kind",
    arguments: [
      "Dense(4, 16) >> relu >> Dense(16, 3)", "Dense(4, 8) >> sigmoid >> Dense(8, 3)",
      "Dense(4, 16) >> relu >> Dense(16, 16) >> relu >> Dense(16, 16) >> relu >> Dense(16, 3)",
      "Dense(4, 16) >> tanh >> Dense(16, 16) >> tanh >> Dense(16, 16) >> tanh >> Dense(16, 16) >> tanh >> Dense(16, 3)",
      "Dense(4, 8) >> LayerNorm(8) >> tanh >> Dense(8, 3)", "Dense(4, 8) >> BatchNorm(8) >> relu >> Dense(8, 3)",
      "Dense(4, 8) >> Residual(Dense(8, 8) >> tanh) >> Residual(Dense(8, 8) >> tanh) >> Dense(8, 3)",
    ])
  func healthyKinds(_ layers: String) {
    let session = Session("net = \(layers);  X = iris().x / 8;  t = iris().y;")
    let answer = session.answer(":grads net on X, t")
    #expect(answer.contains("healthy"), "\(answer)")
    #expect(!answer.contains("↓") && !answer.contains("↑") && !answer.contains("e-17"), "\(answer)")
  }

  @Test(
    "Halving at every layer is vanishing from a hundredth on, however the weights were drawn",
    arguments: [4, 6, 12, 20])
  func vanishingDepths(_ depth: Int) {
    let session = Session(
      """
      net = Dense(4, 8) >> sigmoid;
      for l in 0..<\(depth - 2) { net = net >> Dense(8, 8) >> sigmoid }
      net = net >> Dense(8, 3);
      """)
    let lines = session.answer(":grads net on iris().x / 8, iris().y").split(separator: "\n").map(String.init)
    #expect(lines[2].hasPrefix("↓ net[0].W"), "\(lines)")
    #expect(lines.contains { $0.hasPrefix("↓ vanishing: ‖∇‖ shrinks") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("  net[\(2 * depth - 2)].W") }, "the last layer is not marked: \(lines)")
  }

  @Test("A network that was not trained is looked at in the loss that was computed with it")
  func untrained() {
    let session = Session(
      Session.weights + """

        fresh = Dense(4, 3, W: layer(4, 3, 0)) >> tanh >> Dense(3, 3, W: layer(3, 3, 1));
        y = fresh(X);
        L = cross_entropy(y, t);
        """)
    let lines = session.answer(":grads fresh").split(separator: "\n").map(String.init)
    #expect(lines[0].hasSuffix("of L, 150 samples"))
    // The same as on the data themselves.
    #expect(
      lines.dropFirst() == session.answer(":grads fresh on X, t").split(separator: "\n").map(String.init).dropFirst())
    #expect(session.error("other = Dense(4, 3);") == nil && session.error(":grads other") == "E0831")
  }

  @Test(
    "What cancels is 0: a bias in front of a normalisation, a bias behind a dead layer, the keys' bias of attention")
  func noise() {
    let session = Session(
      """
      X = iris().x / 8;  t = iris().y;
      net = Dense(4, 8) >> BatchNorm(8) >> relu >> Dense(8, 3);
      dead = Dense(4, 8) >> relu >> Dense(8, 8, b: full(8, -20)) >> relu >> Dense(8, 3);
      att = MultiHeadAttention(4, 2);
      """)
    func row(_ name: String, _ command: String) -> [String] {
      let line = session.answer(command).split(separator: "\n").first { $0.dropFirst(2).hasPrefix(name) }
      return (line ?? "").split(separator: " ").map(String.init)
    }
    #expect(row("net[0].b", ":grads net on X, t").contains("0"))
    #expect(!session.answer(":grads net on X, t").contains("e-17"))
    #expect(!session.answer(":grads dead on X, t").contains("e-17"))
    #expect(!session.answer(":grads att on randn(2, 3, 4), randn(2, 3, 4) all").contains("e-17"))
  }

  @Test("Classes of one size, weights that are 0: what cancels is 0 in the table of names and on the way back too")
  func balanced() {
    let session = Session(
      "X = iris().x;  t = iris().y;  b = zeros(3);  W = zeros(4, 3);  L = cross_entropy(X @ W + b, t);")
    let answer = session.answer(":grads L")
    #expect(!answer.contains("e-17") && answer.contains("0 the slope of L by b is 0 here"), "\(answer)")
    _ = session.answer(":backward L")
    let end = session.answer("goto 3")
    #expect(end.contains("∂L/∂b") && !end.contains("e-17"), "\(end)")
  }

  @Test("A training keeps the norms of its epochs, and what it was trained on")
  func history() {
    let session = Session(
      Session.weights + "\nnet = Dense(4, 3, W: layer(4, 3, 0));\nnet = train(net, (X, t), epochs: 3, batch: 50);")
    let lines = session.answer(":grads net over").split(separator: "\n")
    #expect(lines.first?.contains("‖∇‖ over 3 epochs") == true)
    #expect(lines.count == 5)
    #expect(session.answer(":grads").contains("150 samples"))
    #expect(session.error(":grads net over") == nil)
  }

  @Test("A loss of the user's own lines has gradients by the names behind it, samples and labels left aside")
  func loss() {
    let session = Session(Session.flowers)
    let lines = session.answer(":grads L").split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("  L = cross_entropy(y, t) = 0.92798"))
    #expect(lines[2...].prefix(4).map { $0.split(separator: " ")[0] } == ["W", "b", "V", "c"])
    // The design's `:check` has the same numbers.
    #expect(lines[2].contains("2.03") && lines[5].contains("0.401"))
  }

  @Test("What has no gradients is refused with a reason")
  func refusals() {
    let session = Session(Session.flowers + "\nnet = Dense(4, 3);  one = relu;\nq = 3")
    #expect(session.error(":grads net") == "E0831")
    #expect(session.error(":grads nett") == "E0101")
    #expect(session.error(":grads X") == "E0830")
    #expect(session.error(":grads relu") == "E0830")
    #expect(session.error(":grads q") == "E0834")
    #expect(session.error(":grads net foo") == "E0804")
    #expect(session.error(":grads net over") == "E0831")
    #expect(session.error(":grads net on X") == "E0831")
    #expect(session.error(":grads net on X, t, loss: 3") == "E0804")
    #expect(session.error(":grads net on y, t") == "E0831")
  }

  @Test("Every line fits 80 columns, also in ASCII")
  func widths() {
    for ascii in [false, true] {
      let session = Session(
        """
        n = Conv2d(1, 8, 3) >> relu >> Flatten() >> Dense(288, 10);
        big = TransformerBlock(8, 2) >> relu;
        d = digits();
        """, ascii: ascii)
      for input in [
        ":grads n on reshape(d.x[0..<9], 9, 1, 8, 8), d.y[0..<9]", ":grads big on randn(2, 3, 8), randn(2, 3, 8)",
      ] {
        for line in session.answer(input).split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
      }
    }
  }
}
