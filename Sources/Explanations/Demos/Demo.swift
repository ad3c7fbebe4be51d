/// A small system whose every number fits the screen: lines that are run as if they had been typed.
///
/// A new demo is one value in `Demo.all`; a test runs its lines and everything it offers to ask next.
package struct Demo: Sendable {
  /// `lstm`
  package let name: String
  /// What it is, in one line.
  package let title: String
  /// The document's formula or system it belongs to: `D4.lstm`; empty where no document has it.
  package let source: String
  /// Inputs, each as it is typed; one that ends in `;` shows nothing.
  package let lines: [String]
  /// What to ask next.
  package let next: [String]

  init(_ name: String, _ title: String, _ source: String, next: [String], _ lines: String) {
    (self.name, self.title, self.source, self.next) = (name, title, source, next)
    var inputs: [String] = []
    var isOpen = false
    for line in lines.split(separator: "\n") {
      // The lines of a loop belong together.
      if isOpen { inputs[inputs.count - 1] += "\n" + line } else { inputs.append(String(line)) }
      if line.hasSuffix("{") { isOpen = true }
      if line == "}" { isOpen = false }
    }
    self.lines = inputs
  }

  package static func named(_ name: String) -> Demo? {
    all.first { $0.name == name } ?? all.first { $0.name == name.lowercased() }
  }
}

extension Demo {
  package static let all: [Demo] = [
    Demo(
      "linear", "a line through four points", "D1.linreg", next: [":why ∂L/∂w", ":what w = 2", ":check L"],
      """
      x = [1, 2, 3, 4];  t = [3, 5, 6, 9];
      w = 1.5;  b = 0.5;
      y = w * x + b
      L = mse(y, t)
      ∂L/∂w
      """),
    Demo(
      "logistic", "two classes, one neuron, a probability", "D1.logistic",
      next: [":why p[0]", ":why ∂L/∂w[0]", ":check L"],
      """
      X = [0.5, 1; -1, 2; 2, -0.5];  t = [1, 0, 1];
      w = [1, -0.5];  b = 0.25;
      z = X @ w + b
      p = σ(z)
      L = bce(p, t)
      """),
    Demo(
      "softmax", "three scores, their probabilities, a loss", "D1.ce",
      next: [":why p", ":why E", ":what z[0] = 3"],
      """
      z = [2, 1, 0.1]
      p = softmax(z)
      E = cross_entropy(z, 0)
      ∂E/∂z
      """),
    Demo(
      "mlp", "two flowers, three hidden units, two classes", "D4.delta",
      next: [":why h[0,2]", ":why ∂L/∂W[0,2]", ":step y", ":backward L", ":graph L"],
      """
      X = [5.1, 3.5, 1.4, 0.2; 6.2, 3.4, 5.4, 2.3];  t = [0, 1];
      W = [0.2, -0.5, 0.31; -0.4, 0.1, -0.12; 0.6, 0.7, 0.77; 0.1, -0.2, 0.05];
      b = [0.1, -0.3, 0.1];
      V = [0.5, -0.2; 0.3, 0.8; -0.6, 0.4];  c = [0.2, -0.1];
      z = X @ W + b;  h = relu(z);  y = h @ V + c
      L = cross_entropy(y, t)
      """),
    Demo(
      "cnn", "a 4 × 4 picture, a kernel, relu, a pool, a class", "D1.conv",
      next: [":why z[1,2]", ":step L", ":what w[0,1] = 1", ":check L"],
      """
      x = [1, 2, 0, 3; 4, 1, 2, 1; 0, 3, 1, 2; 2, 1, 4, 0];  w = [1, -1; 2, 1];
      z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]
      r = relu(z - 5);
      p = max_pool2d(r, 2, stride: 1)
      V = [0.1, -0.2; 0.3, 0.1; -0.1, 0.2; 0.2, 0.1];
      y = flatten(p) @ V
      L = cross_entropy(y, 0)
      """),
    Demo(
      "rnn", "two units that read three steps and remember", "D1.rnn",
      next: [":why h[1,0]", ":step h", ":graph L", ":what Wh[0,0] = 0"],
      """
      x = [1; -0.5; 2];  Wx = [0.5; -0.3];  b = [0.1, -0.1];
      Wh = [0.1, 0.4; -0.6, 0.2];
      h[-1] = zeros(2);
      for t in 0..<3 { h[t] = tanh(Wh @ h[t-1] + Wx @ x[t] + b) }
      h
      L = sum(h[end]^2)
      ∂L/∂Wh
      """),
    Demo(
      "lstm", "two units, two steps: forget, write, show", "D4.lstm",
      next: [":why f[0,0]", ":why C[0,0]", ":step h", ":graph L"],
      """
      x = [1; -0.5];  h[-1] = [0.5, -0.25];  C[-1] = [0.2, -0.4];
      Wf = [0.5, 0, 1; 0, 0.5, -1];  Wi = [1, 0, 0.5; 0, 1, 0.5];
      WC = [0.2, -0.3, 1; 0.4, 0.1, -0.5];  Wo = [-0.5, 0.5, 0; 1, 1, 0.25];
      bf = [1, 1];  bi = [0, 0];  bC = [0.1, -0.1];  bo = [0, 0.5];
      for t in 0..<2 {
        f[t] = σ(Wf @ (h[t-1] ++ x[t]) + bf)
        i[t] = σ(Wi @ (h[t-1] ++ x[t]) + bi)
        C̃[t] = tanh(WC @ (h[t-1] ++ x[t]) + bC)
        C[t] = f[t] ⊙ C[t-1] + i[t] ⊙ C̃[t]
        o[t] = σ(Wo @ (h[t-1] ++ x[t]) + bo)
        h[t] = o[t] ⊙ tanh(C[t])
      }
      h
      L = sum(h[end]^2);
      """),
    Demo(
      "gru", "two units, two steps: one state, two gates", "",
      next: [":why h[0,0]", ":step h", ":graph L"],
      """
      x = [1; -0.5];  h[-1] = [0.5, -0.25];
      Wz = [0.5, 0, 1; 0, 0.5, -1];  Wr = [1, 0, 0.5; 0, 1, 0.5];
      Wn = [0.2, -0.3, 1; 0.4, 0.1, -0.5];
      for t in 0..<2 {
        z[t] = σ(Wz @ (h[t-1] ++ x[t]))
        r[t] = σ(Wr @ (h[t-1] ++ x[t]))
        n[t] = tanh(Wn @ ((r[t] ⊙ h[t-1]) ++ x[t]))
        h[t] = (1 - z[t]) ⊙ n[t] + z[t] ⊙ h[t-1]
      }
      h
      L = sum(h[end]^2);
      """),
    Demo(
      "attention", "three queries look at three keys and mix three values", "D3.attn",
      next: [":why c[0,1]", ":why S[0,2]", ":step c", ":check L"],
      """
      Q = [1, 0; 0, 1; 1, 1];  K = [1, -1; 0, 2; 0.5, 0.5];
      V = [1, 0; 0, 1; 2, 2];
      S = Q @ Kᵀ / √2
      A = softmax(S)
      c = A @ V
      L = sum(c^2);
      """),
    Demo(
      "transformer", "one block, three tokens: look around, then think", "",
      next: [":why A[2,0]", ":step y", ":graph L", ":check L"],
      """
      X = [1, 0, 0.5; 0, 1, -0.5; 1, -1, 0];
      Wq = [1, 0; 0, 1; 0.5, 0.5];  Wk = [0.5, -0.5; 0.5, 0.5; 0, 1];
      Wv = [1, 0.5, 0; -0.5, 1, 0; 0, 0, 1];
      A = softmax((X @ Wq) @ (X @ Wk).T / √2)
      u = layer_norm(X + A @ (X @ Wv))
      W1 = [1, -1; 0.5, 1; -0.5, 0.5];  W2 = [0.5, 0, 0.5; 0, 0.5, -1];
      y = layer_norm(u + relu(u @ W1) @ W2)
      L = mse(y, X)
      """),
    Demo(
      "sgd", "momentum on a long valley: two steps", "D5.sgd", next: [":optim", ":optim SGD(0.05)", ":why w[1]"],
      """
      J(w) = w[0]^2 + 10 * w[1]^2
      w = minimize(J, [4, 1], optimizer: SGD(0.05, momentum: 0.9), steps: 2)
      J(w)
      """),
    Demo(
      "adam", "two steps of Adam on three points", "D5.adam", next: [":optim", ":why w", ":optim SGD(0.01)"],
      """
      J(w) = mean(([1, 2, 3] * w - [5, 7, 10])^2)
      w = minimize(J, 1, optimizer: Adam(0.01), steps: 2)
      J(w)
      """),
    Demo(
      "training", "a network learns XOR", "D2.code.backprop",
      next: [":grads net", ":grads net over", ":optim net[0].W", ":summary net"],
      """
      X = [0, 0; 0, 1; 1, 0; 1, 1];  t = [0, 1, 1, 0];
      W = [1, -1, 0.5, 0.2; -1, 1, 0.5, -0.3];  V = [1, 0; 1, 0; 0, 1; 0, 1] / 2;
      net = Dense(2, 4, W: W) >> tanh >> Dense(4, 2, W: V);
      net = train(net, (X, t), optimizer: Adam(0.1), epochs: 40, batch: 4)
      net(X)
      """),
    Demo(
      "batchnorm", "four samples, each feature to mean 0, width 1", "",
      next: [":why y[0,0]", ":what x[0,0] = 5", ":check L"],
      """
      x = [1, 10; 2, 20; 3, 10; 6, 40];  γ = [1, 0.5];  β = [0, 1];
      μ = mean(x, axis: 0)
      v = var(x, axis: 0)
      y = γ * (x - μ) / √(v + 0.00001) + β
      L = sum(y^3);
      """),
    Demo(
      "autoencoder", "four numbers through two and back", "",
      next: [":why y[0,1]", ":graph L", ":what E[0,0] = 0", ":check L"],
      """
      x = [1, 0, 0.5, -0.5; 0, 1, -0.5, 0.5];
      E = [0.5, 0; 0, 0.5; 0.2, -0.2; -0.2, 0.2];
      D = [1, 0, 0.5, -0.5; 0, 1, -0.5, 0.5];
      c = tanh(x @ E)
      y = c @ D
      L = mse(y, x)
      """),
    Demo(
      "vae", "a code that is a cloud: mean, width, draw, losses", "",
      next: [":why K", ":graph L", ":what s[0] = 0.5", ":check L"],
      """
      x = [1, -0.5];  ε = [0.3, -1];
      m = [0.5, -0.2];  s = [-1, -2];
      z = m + exp(s / 2) ⊙ ε
      D = [1, 0.5; -0.5, 1];
      K = -0.5 * sum(1 + s - m^2 - exp(s))
      L = mse(D @ z, x) + K
      """),
    Demo(
      "gan", "a forger and a judge, one number each", "", next: [":why G", ":what a = 2", ":check G", ":check J"],
      """
      z = [-1, 0.5];  real = [1.8, 2.2];
      a = 1;  b = 0.5;  u = 1;  c = -1.5;
      fake = a * z + b
      J = -mean(log(σ(u * real + c))) - mean(log(1 - σ(u * fake + c)))
      G = -mean(log(σ(u * fake + c)))
      ∂G/∂a
      """),
  ]
}
