import Testing

@Suite(":check, a second way and both sides of a kink")
struct CheckTests {
  @Test(
    "Every demo's loss is computed a second way, line by line, loops too",
    arguments: [
      ("linear", "L"), ("logistic", "L"), ("softmax", "E"), ("mlp", "L"), ("cnn", "L"), ("rnn", "L"), ("lstm", "L"),
      ("gru", "L"), ("attention", "L"), ("transformer", "L"), ("autoencoder", "L"), ("vae", "L"), ("gan", "J"),
    ])
  func demos(_ name: String, _ loss: String) {
    let answer = Session("demo(\"\(name)\")").answer(":check \(loss)")
    #expect(answer.contains("computed a second way, all agree ✓"), "\(answer)")
    #expect(!answer.contains("no second way") && !answer.contains("✗"), "\(answer)")
  }

  @Test(
    "Every layer that has a formula is computed by it",
    arguments: [
      ("Conv2d(1, 2, 3, padding: 1) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(8, 3)", "randn(2, 1, 4, 4)"),
      ("Conv2d(2, 2, 2, stride: 2) >> AvgPool2d(2)", "randn(1, 2, 8, 8)"), ("RNN(2, 3)", "randn(2, 4, 2)"),
      ("LSTM(2, 3, last: 1) >> Dense(3, 1)", "randn(2, 4, 2)"), ("GRU(2, 3)", "randn(2, 4, 2)"),
      ("RNN(2, 3, layers: 2)", "randn(2, 4, 2)"), ("LSTM(2, 3, bidirectional: true)", "randn(2, 4, 2)"),
      ("GRU(2, 3, layers: 2, bidirectional: true, dropout: 0.5)", "randn(2, 4, 2)"),
      ("LSTM(2, 3, layers: 2, bidirectional: true, last: true) >> Dense(6, 1)", "randn(2, 4, 2)"),
      ("RNN(2, 3, activation: \"relu\", bidirectional: true, last: true)", "randn(2, 4, 2)"),
      ("Embedding(5, 4) >> MultiHeadAttention(4, 2, causal: 1)", "[1, 2, 0; 3, 4, 4]"),
      ("TransformerBlock(4, 2)", "randn(2, 3, 4)"), ("TransformerBlock(4, 1, norm: \"before\")", "randn(2, 3, 4)"),
      ("LayerNorm(4) >> BatchNorm(4) >> Residual(Dense(4, 4) >> tanh)", "randn(3, 4)"),
    ])
  func layers(_ layers: String, _ input: String) {
    let session = Session("net = \(layers);  x = \(input);  L = mean(net(x)^2);")
    let answer = session.answer(":check L")
    #expect(answer.contains("1 step computed a second way, all agree ✓"), "\(answer)")
    #expect(!answer.contains("✗"), "\(answer)")
  }

  @Test("Why says of a derivative at a kink that there is no central difference, and of others what it is")
  func whyAtAKink() {
    let session = Session("x = [1, 0, -2];  L = sum(relu(x) * x)")
    let bent = Session("x = [1, 0, -2];  L = sum(relu(x))")
    #expect(session.answer(":why ∂L/∂x[0]").contains("central difference 2 ✓"))
    #expect(bent.answer(":why ∂L/∂x[0]").contains("central difference 1 ✓"))
    #expect(bent.answer(":why ∂L/∂x[1]").contains("a bend: no central difference"))
  }

  @Test("At a kink no central difference agrees: it is said apart, and the gradient checked right beside it")
  func kinks() {
    let session = Session("x = [0, 1, -1];  L = sum(relu(x) + abs(x));")
    let answer = session.answer(":check L")
    #expect(answer.contains("2 of 3 within 1e-8, 1 beside a kink ✓"), "\(answer)")
    // Ties of a maximum bend too.
    let tie = Session("r = [1, 1; 0, 1];  L = sum(max_pool2d(r, 2)^2);").answer(":check L")
    #expect(tie.contains("1 of 4 within 1e-8, 3 beside a kink ✓"), "\(tie)")
  }

  @Test("A network made of weights that have names is checked by its own weights")
  func copied() {
    let session = Session(
      "W = [1, 2; 3, 4];  net = Dense(2, 2, W: W);  X = [1, 2; 0, 1];  L = mean(net(X)^2);")
    let answer = session.answer(":check L")
    #expect(answer.contains("∂L/∂net[0].W") && !answer.contains("∂L/∂W"), "\(answer)")
    #expect(!answer.contains("✗"), "\(answer)")
  }

  @Test(
    "The state that a recurrent layer begins with, and the one it ends with, are computed a second way too",
    arguments: [
      ("LSTM(2, 3, layers: 2, bidirectional: true)", "mean(y^2) + sum(s[0]) + sum(s[1]^2)"),
      ("GRU(2, 3, bidirectional: true, last: true)", "mean(y^2) + sum(s)"),
      ("RNN(2, 3) >> Dense(3, 2)", "mean(y^2) + sum(s)"), ("LSTM(2, 3) >> GRU(3, 2)", "mean(y^2) + sum(s[2])"),
    ])
  func states(_ layers: String, _ loss: String) {
    let session = Session(
      """
      net = \(layers);  x = randn(2, 4, 2);
      y, s = net(x, state: 0);
      y, s = net(x, state: s);
      L = \(loss);
      """)
    let answer = session.answer(":check L")
    #expect(answer.contains("steps computed a second way, all agree ✓"), "\(answer)")
    #expect(!answer.contains("no second way") && !answer.contains("✗"), "\(answer)")
  }

  @Test(
    "In single precision the differences are taken in double, so that they agree as far as the gradients are exact",
    arguments: [
      "net = LSTM(2, 3, last: 1) >> Dense(3, 1);  x = randn(3, 4, 2);  L = mean(net(x)^2);",
      "W = randn(3, 3);  V = randn(3, 2);  x = randn(5, 3);  L = 1000 + sum((tanh(x @ W) @ V)^2);",
      "W = randn(4, 4) * 300;  x = randn(2, 4);  L = mean((x @ W)^2);",
    ])
  func single(_ program: String) {
    let session = Session(":set precision f32\n" + program)
    let answer = session.answer(":check L")
    #expect(answer.contains("within 1e-4 ✓"), "\(answer)")
    #expect(!answer.contains("✗"), "\(answer)")
  }

  @Test(
    "Large numbers are moved by more and small ones by less: a right gradient is never called wrong",
    arguments: [
      "x = [1e9, 3e5];  L = sum(x^2);", "x = [1e-4, 2e-4];  L = sum(1 / x);", "x = [2, 3];  L = 1e10 + sum(x);",
      "x = [1e-3];  L = sum(log(x));", "x = [300, 20];  L = sum(exp(x / 10));",
    ])
  func sizes(_ program: String) {
    let answer = Session(program).answer(":check L")
    #expect(answer.contains("✓") && !answer.contains("✗") && !answer.contains("kink"), "\(answer)")
  }

  @Test("Of a loss that is no number no gradient is checked", arguments: ["[nan, 1]", "[1/0, 1]"])
  func noNumber(_ x: String) {
    let answer = Session("x = \(x);  L = sum(x^2);").answer(":check L")
    #expect(answer.contains("no gradient to check where L is"), "\(answer)")
    #expect(answer.contains("see :why L") && !answer.contains("✗"), "\(answer)")
  }

  @Test(
    "Functions are computed a second way line by line, with their loops, choices, defaults and networks",
    arguments: [
      "f(v) = { s = v; for k in 0..<3 { s = tanh(W @ s) }; if sum(s) > 0 { r = s } else { r = -s }; sum(r^2) }\nL = f(x);",
      "f(v) = { s = v; while sum(s) < 20 { s = 2 * s }; repeat 2 { s = s * 0.5 }; sum(s) }\nL = f(x);",
      "n = Dense(2, 2) >> tanh;  f(m, v, k: 2) = { a = m(v); mean(a^2) * k }\nL = f(n, W) + f(n, W, k: 3);",
      "y = (if x > 1 then x^2 else -x);  L = sum(y);", "g(a) = { b, c = a, 2a; b = b + c; b }\nL = sum(g(x) * g(x));",
      "f(v) = { s = 0; for q in v { s = s + q^2 }; s }\nL = f(x);",
    ])
  func functions(_ program: String) {
    let session = Session("W = [0.5, -1; 2, 0.25];  x = [1, 2];\n" + program)
    let answer = session.answer(":check L")
    #expect(answer.contains("computed a second way, all agree ✓"), "\(answer)")
    #expect(!answer.contains("no second way") && !answer.contains("✗"), "\(answer)")
  }
}
