import Testing

@testable import Shell

/// What the commands show is what PyTorch computed: forward, backward, in the gates, in the optimisers.
@Suite("The screens show the reference numbers")
struct ReferenceTests {
  /// A session on a wide screen, so that small tensors are shown whole.
  private func session(_ lines: String) -> Session { Session(lines, width: 200) }

  private func expect(_ holds: Bool, _ what: String = "", at place: SourceLocation = #_sourceLocation) {
    #expect(holds, "\(what)", sourceLocation: place)
  }

  /// Every frame of a stepper, and those inside the ones whose number is given.
  private func frames(_ session: Session, _ command: String, into inner: [Int] = []) -> ShownNumbers {
    var screens = [session.answer(command)]
    while true {
      let number = screens.count
      if inner.contains(number) {
        screens[number - 1] += "\n" + session.answer("into")
        while session.console.prompt.contains(",") { screens[number - 1] += "\n" + session.answer("next") }
        _ = session.answer("goto \(number)")
      }
      let next = session.answer("next")
      if session.console.mode == nil { break }
      screens.append(next)
    }
    return ShownNumbers(screens.joined(separator: "\n"))
  }

  /// What `:grads`, `:why` and `:check` say of parameters.
  private func agree(_ session: Session, _ loss: String, _ parameters: [(String, ReferenceNumbers.Numbers)]) {
    let table = session.answer(":grads \(loss)").split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    for (name, gradient) in parameters {
      let row = table.first { $0.first == name || $0.dropFirst().first == name }
      #expect(row != nil, "\(name) in :grads \(loss)")
      let norm = gradient.norm
      #expect(
        row?.contains { Double($0).map { ($0 - norm).magnitude <= 0.006 * norm } ?? false } == true, "‖∇‖ of \(name)")
      let place = gradient.shape.isEmpty ? "" : "[" + gradient.shape.map { "\($0 - 1)" }.joined(separator: ",") + "]"
      let last = gradient.data[gradient.data.count - 1]
      let why = session.answer(":why ∂\(loss)/∂\(name)\(place)")
      expect(ShownNumbers.contains(last, in: why), "\(last) in \(why)")
    }
    let check = session.answer(":check \(loss)")
    #expect(!check.contains("✗") && check.contains("✓"), "\(check)")
  }

  @Test("Linear regression")
  func linear() throws {
    let case_ = try ReferenceNumbers("linear_regression")
    let session = session(case_.lines(["X", "y", "W", "b"]) + "\npred = X @ W + b;\nJ = mse(pred, y);")
    let forward = frames(session, ":step pred")
    expect(forward.shows("pred", case_.outputs["pred"]!))
    let backward = frames(session, ":backward J")
    expect(backward.shows("∂J/∂pred", case_.grads["pred"]!))
    expect(backward.shows("∂J/∂W", case_.grads["W"]!))
    agree(session, "J", [("W", case_.grads["W"]!), ("b", case_.grads["b"]!)])
  }

  @Test("Logistic regression")
  func logistic() throws {
    let case_ = try ReferenceNumbers("logistic_regression")
    let session = session(case_.lines(["X", "y", "W", "b"]) + "\nz = X @ W + b;\np = σ(z);\nJ = bce(p, y);")
    let forward = frames(session, ":step p")
    expect(forward.shows("z", case_.outputs["z"]!) && forward.shows("p", case_.outputs["p"]!))
    let backward = frames(session, ":backward J")
    for name in ["p", "z", "W"] { expect(backward.shows("∂J/∂\(name)", case_.grads[name]!), "\(name)") }
    agree(session, "J", [("W", case_.grads["W"]!), ("b", case_.grads["b"]!)])
  }

  @Test("Two layers")
  func twoLayers() throws {
    let case_ = try ReferenceNumbers("mlp2_tanh_sigmoid_bce")
    let session = session(
      case_.lines(["X", "y", "W1", "b1", "W2", "b2"])
        + "\nz1 = X @ W1 + b1;\na1 = tanh(z1);\nz2 = a1 @ W2 + b2;\na2 = σ(z2);\nJ = bce(a2, y);")
    let forward = frames(session, ":step a2")
    for name in ["z1", "a1", "z2", "a2"] { expect(forward.shows(name, case_.outputs[name]!), "\(name)") }
    let backward = frames(session, ":backward J", into: [3])
    for name in ["a2", "z2", "a1", "z1", "W1", "W2"] {
      expect(backward.shows("∂J/∂\(name)", case_.grads[name]!), "\(name)")
    }
    agree(session, "J", ["W1", "b1", "W2", "b2"].map { ($0, case_.grads[$0]!) })
    // The same in one line and as a function: every operation is a step of its own.
    expect(session.error("f(X) = σ(tanh(X @ W1 + b1) @ W2 + b2)") == nil && session.error("Q = bce(f(X), y)") == nil)
    let inside = frames(session, ":backward Q")
    expect(inside.shows("∂Q/∂W1", case_.grads["W1"]!))
    expect(inside.shows("∂Q/∂(X @ W1 + b1)", case_.grads["z1"]!))
  }

  @Test("A convolutional network")
  func convolution() throws {
    let case_ = try ReferenceNumbers("cnn_valid_s1")
    let session = session(
      case_.lines(["X", "labels", "Wc", "bc", "Wd", "bd"]) + """

        net = Conv2d(2, 3, 3, W: Wc, b: bc) >> relu >> MaxPool2d(2) >> Flatten() >> Dense(27, 4, W: Wd, b: bd);
        J = cross_entropy(net(X), labels);
        """)
    let forward = frames(session, ":step net(X)")
    for (name, label) in [("conv", "y[0,0] of [2, 3, 6, 6]"), ("pool", "y[0,0] of [2, 3, 3, 3]")] {
      expect(forward.shows(label, case_.outputs[name]![0][0]), "\(name)")
    }
    expect(forward.shows("y", case_.outputs["logits"]!))
    let backward = frames(session, ":backward J", into: [2])
    expect(backward.shows("∂J/∂(net(X))", case_.grads["logits"]!))
    expect(backward.shows("∂J/∂W", case_.grads["Wd"]!))
    for (name, shape) in [("conv", "[2, 3, 6, 6]"), ("relu", "[2, 3, 6, 6]"), ("pool", "[2, 3, 3, 3]")] {
      expect(
        backward.shows("∂J/∂x[0,0] of \(shape)", case_.grads[name]![0][0])
          || backward.shows("∂J/∂x", case_.grads[name]![0][0]), "\(name)")
    }
    expect(backward.shows("∂J/∂W[0,0] of [3, 2, 3, 3]", case_.grads["Wc"]![0][0]))
    // Each weight of the first kernel as the sum that it is.
    _ = session.answer(":backward J")
    _ = session.answer("goto 6")
    let sum = session.answer("into")
    expect(ShownNumbers.contains(case_.grads["Wc"]!.data[0], in: sum), sum)
    agree(session, "J", [])
    for (name, key) in [("net[0].W", "Wc"), ("net[0].b", "bc"), ("net[4].W", "Wd"), ("net[4].b", "bd")] {
      let norm = case_.grads[key]!.norm
      let row = session.answer(":grads net").split(separator: "\n").first { $0.contains(name) } ?? ""
      expect(
        row.split(separator: " ").contains { Double($0).map { ($0 - norm).magnitude < 0.006 * norm } ?? false },
        "\(name)")
    }
  }

  @Test("A recurrent network, step by step back in time")
  func recurrent() throws {
    let case_ = try ReferenceNumbers("rnn_tanh")
    let session = session(
      """
      x = \(case_.inputs["X"]![0].literal);  t = \(case_.inputs["y"]![0].literal);  h[-1] = \(case_.inputs["h0"]![0].literal);
      \(case_.lines(["W", "U", "b", "V", "c"]))
      for k in 0..<5 {
        a[k] = W @ x[k] + U @ h[k-1] + b
        h[k] = tanh(a[k])
      }
      J = sum((h @ Vᵀ + c - t)^2) / 20;
      """)
    let forward = frames(session, ":step h")
    let backward = frames(session, ":backward J")
    for time in 0..<5 {
      for name in ["a", "h"] {
        expect(forward.tells("\(name)[\(time)]", case_.outputs[name]![0][time].data), "\(name)[\(time)]")
        expect(backward.tells("∂J/∂\(name)[\(time)]", case_.grads[name]![0][time].data), "∂J/∂\(name)[\(time)]")
      }
    }
    // Each equation of a pass multiplies what came in to what goes out.
    _ = session.answer(":backward J")
    _ = session.answer("goto h[2]")
    var inside = session.answer("into")
    while session.console.prompt.contains(",") { inside += "\n" + session.answer("next") }
    expect(ShownNumbers(inside).shows("∂J/∂a[2]", case_.grads["a"]![0][2]))
  }

  @Test("The gates of an LSTM at each step, forward and back")
  func lstm() throws {
    let case_ = try ReferenceNumbers("lstm_d4")
    func row(_ name: String) -> String { case_.inputs[name]![0].literal }
    let session = session(
      """
      x = \(row("X"));  t = \(row("y"));  h[-1] = \(row("h0"));  C[-1] = \(row("C0"));
      \(case_.lines(["W_f", "b_f", "W_i", "b_i", "W_C", "b_C", "W_o", "b_o", "V", "c"]))
      for k in 0..<5 {
        f[k] = σ(W_f @ (h[k-1] ++ x[k]) + b_f)
        i[k] = σ(W_i @ (h[k-1] ++ x[k]) + b_i)
        C̃[k] = tanh(W_C @ (h[k-1] ++ x[k]) + b_C)
        C[k] = f[k] ⊙ C[k-1] + i[k] ⊙ C̃[k]
        o[k] = σ(W_o @ (h[k-1] ++ x[k]) + b_o)
        h[k] = o[k] ⊙ tanh(C[k])
      }
      J = sum((h @ V + c - t)^2) / 20;
      """)
    let forward = frames(session, ":step h")
    let backward = frames(session, ":backward J")
    for time in 0..<5 {
      for (name, key) in [("f", "f"), ("i", "i"), ("C̃", "C_tilde"), ("C", "C"), ("o", "o"), ("h", "h")] {
        expect(forward.tells("\(name)[\(time)]", case_.outputs[key]![0][time].data), "\(name)[\(time)]")
        expect(backward.tells("∂J/∂\(name)[\(time)]", case_.grads[key]![0][time].data), "∂J/∂\(name)[\(time)]")
      }
    }
  }

  @Test("The gates of a GRU layer, forward and back")
  func gru() throws {
    let case_ = try ReferenceNumbers("gru")
    func side(_ a: String, _ b: String, _ c: String) -> String {
      [a, b, c].map { case_.params[$0]!.turned.literal }.joined(separator: ", ")
    }
    let biases = ["r", "z"].map { "\(case_.params["b_i\($0)"]!.literal) + \(case_.params["b_h\($0)"]!.literal)" }
    let session = session(
      """
      \(case_.lines(["X", "g"]))
      W = concat(\(side("W_ir", "W_iz", "W_in")), axis: 1);
      U = concat(\(side("W_hr", "W_hz", "W_hn")), axis: 1);
      b = concat(\(biases[0]), \(biases[1]), \(case_.params["b_in"]!.literal), axis: 0);
      net = GRU(3, 3, W: W, U: U, b: b, c: \(case_.params["b_hn"]!.literal));
      J = sum(net(X) * g);
      """)
    let forward = frames(session, ":step net(X)", into: [1])
    _ = session.answer(":backward J")
    let layer = session.answer("goto net").contains("GRU") ? "" : "next"
    if !layer.isEmpty { _ = session.answer(layer) }
    var screens = session.answer("into")
    while session.console.prompt.contains(",") { screens += "\n" + session.answer("next") }
    let backward = ShownNumbers(screens)
    for time in 0..<4 {
      for name in ["r", "z", "n", "h"] {
        expect(forward.tells("\(name)[\(time)]", case_.outputs[name]![0][time].data), "\(name)[\(time)]")
        expect(backward.tells("∂J/∂\(name)[\(time)]", case_.grads[name]![0][time].data), "∂J/∂\(name)[\(time)]")
      }
    }
  }

  @Test("Attention: scores, weights, context, and back")
  func attention() throws {
    let case_ = try ReferenceNumbers("attention_scaled_dot")
    let session = session(
      case_.lines(["Q", "K", "V", "g"]) + "\nS = Q @ Kᵀ / √4;\nA = softmax(S);\nc = A @ V;\nJ = sum(c * g);")
    let forward = frames(session, ":step c")
    for (name, key) in [("S", "scores"), ("A", "A"), ("c", "out")] {
      expect(forward.shows(name, case_.outputs[key]!), "\(name)")
    }
    expect(frames(session, ":step attention(Q, K, V)").shows("c", case_.outputs["out"]!))
    let backward = frames(session, ":backward J", into: [3, 6])
    for (name, key) in [("c", "out"), ("A", "A"), ("S", "scores"), ("Q", "Q"), ("K", "K"), ("V", "V")] {
      expect(backward.shows("∂J/∂\(name)", case_.grads[key]!), "\(name)")
    }
    agree(session, "J", ["Q", "K", "V"].map { ($0, case_.grads[$0]!) })
  }

  @Test(
    "Losses and their derivatives",
    arguments: [
      ("loss_mse", "p", "y", "mse"), ("loss_bce", "p", "y", "bce"), ("loss_mae", "p", "y", "mae"),
      ("loss_cross_entropy", "logits", "labels", "cross_entropy"),
    ])
  func losses(_ name: String, _ value: String, _ target: String, _ loss: String) throws {
    let case_ = try ReferenceNumbers(name)
    let session = session(case_.lines([value, target]) + "\nJ = \(loss)(\(value), \(target));")
    expect(ShownNumbers.contains(case_.outputs["mean"]!.data[0], in: session.answer("J")))
    expect(frames(session, ":backward J").shows("∂J/∂\(value)", case_.grads[value]!))
    let check = session.answer(":check J")
    expect(!check.contains("✗"), "\(check)")
  }

  @Test(
    "Every optimiser after ten steps",
    arguments: [
      ("gd_lr0.1", "SGD(0.1)"), ("sgd_momentum_lr0.05", "SGD(0.05, momentum: 0.9)"),
      ("sgd_nesterov_lr0.05", "SGD(0.05, momentum: 0.9, nesterov: 1)"), ("adam", "Adam(0.001)"),
      ("adam_lr0.1", "Adam(0.1)"), ("adamw_lr0.1", "AdamW(0.1, weight_decay: 0.1)"),
      ("adagrad_lr0.5", "AdaGrad(0.5, epsilon: 1e-10)"),
      ("rmsprop", "RMSprop(0.01, alpha: 0.99)"),
    ])
  func optimizers(_ name: String, _ rule: String) throws {
    let case_ = try ReferenceNumbers("opt_linreg_\(name)")
    let session = session(
      case_.lines(["X", "y"]) + """

        J(θ) = mse(X @ θ.W + θ.b, y)
        θ = minimize(J, (W: \(case_.params["W"]!.literal), b: \(case_.params["b"]!.literal)), optimizer: \(rule), steps: 10);
        """)
    for parameter in ["W", "b"] {
      let screen = session.answer(":optim θ.\(parameter)")
      let path = case_.outputs["\(parameter)_traj"]!
      func row(_ words: String) -> [Double] {
        let line = screen.split(separator: "\n").first { $0.contains(words) } ?? ""
        return line.split(separator: " ").reversed().prefix { Double($0) != nil }.reversed().compactMap { Double($0) }
      }
      for (words, step) in [("w  before", 9), ("w  after", 10)] {
        let wanted = path[step].data
        let shown = row(words)
        expect(shown.count == wanted.count, "\(screen)")
        for (a, b) in zip(shown, wanted) { expect((a - b).magnitude <= 1e-4 * b.magnitude, "\(words): \(a), \(b)") }
      }
      for (words, key) in [("m  average of g", "exp_avg"), ("v  average of g²", "exp_avg_sq")] {
        guard let wanted = case_.outputs["\(parameter)_\(key)"], screen.contains(words) else { continue }
        for (a, b) in zip(row(words), wanted[9].data) { expect((a - b).magnitude <= 1e-4 * b.magnitude, "\(words)") }
      }
      // The one number worked out gives the same.
      let place = parameter == "W" ? "[1,0]" : "[0]"
      let why = ShownNumbers(session.answer(":why θ.\(parameter)\(place)"))
      let last = path[10].data[path[10].data.count - 1]
      expect(why.results.contains { $0.number.isNear(last) }, "\(rule) \(parameter)")
    }
  }
}
