extension Entry {
  /// The formulas in the code of D5.
  static let code5 = [dataCode, forward, lossCode, gdCode, sgdCode, adamCode, train]

  private static let dataCode = Entry(
    id: "D5.code.data", title: "a noisy line, and no bias", gist: "3X + u", themes: [.data, .regression], section: "§4",
    verdict: .correct,
    printed: Form(
      #"y=3X+u, \quad u\sim U[0,1)"#, ["w = mean(x * (3x + 1/2)) / mean(x²)"], gives: [Quantity("w", [3.75])]),
    remark:
      "u has mean 1/2 and the model x·w no bias, so the best w is 3 + (1/2)·E[x]/E[x²] = 3.75, not 3.",
    symbols: ["x, y : [100, 1]    E[x] = 1/2, E[x²] = 1/3 over [0, 1)"], typeIt: ("y = 3x + rand(2)", ""),
    inputs: [Input("x", "1/2 + [-1, 1] / √12")],
    example: "two points with E[x] = 1/2 and E[x²] = 1/3, noise at its mean")

  private static let forward = Entry(
    id: "D5.code.forward", title: "one weight", gist: "X·W", themes: [.regression], section: "§4", verdict: .correct,
    printed: Form(#"\hat y=XW"#, ["ŷ = X @ W"], gives: [Quantity("ŷ", [1.5, 3, 4.5])]),
    remark: "One weight, no bias, no activation; the text speaks of weights and biases.",
    symbols: ["X : [N, 1]    W : [1, 1]    ŷ : [N, 1]"], typeIt: ("ŷ = X @ W", ""),
    inputs: [Input("X", "[1; 2; 3]"), Input("W", "[[1.5]]")], offer: "W: [[3]]")

  private static let lossCode = Entry(
    id: "D5.code.loss", title: "mean squared error", gist: "mean((y - ŷ)²)", themes: [.losses], section: "§4",
    verdict: .correct,
    printed: Form(#"\frac1N\sum_n(y_n-\hat y_n)^2"#, ["loss = mean((y - ŷ)²)"], gives: [Quantity("loss", [19.5])]),
    remark: "Defined, and never called.", symbols: ["y, ŷ : [N, 1]"],
    typeIt: ("loss = mean((y - ŷ)²)", "or  mse(ŷ, y)"),
    inputs: [Input("y", "[5; 7; 10]"), Input("ŷ", "[1.5; 3; 4.5]")], offer: "ŷ: [5; 7; 9]")

  private static let points = [
    Input("X", "[1; 2; 3]"), Input("y", "[5; 7; 10]"), Input("w", "[[1]]"), Input("α", "0.01"),
  ]

  private static let gdCode = Entry(
    id: "D5.code.gd", title: "gradient descent", gist: "w - α·2/N·Xᵀ·(X·w - y)", themes: [.optimizers, .regression],
    section: "§4", verdict: .wrong,
    printed: Form(
      #"g=2(Xw-y)\odot X, \quad w\leftarrow w-\alpha g"#, ["g = 2 * (X @ w - y) ⊙ X", "w₁ = w - α * g"],
      failing: "X @ w₁",
      gives: [Quantity("g", [-8, -20, -42]), Quantity("w₁", [1.08, 1.2, 1.42])]),
    right: Form(
      #"g=\frac2NX^\top(Xw-y), \quad w\leftarrow w-\alpha g"#,
      ["N = size(y);", "g = 2/N * Xᵀ @ (X @ w - y)", "w₁ = w - α * g"],
      gives: [Quantity("g", [-23.3333]), Quantity("w₁", [1.23333])]),
    remark: "The samples' gradients are not added up: w becomes N numbers, and the next forward pass fails.",
    symbols: ["X, y : [N, 1]    w, g : [1, 1]    α > 0 rate"], typeIt: ("g = 2/N * Xᵀ @ (X @ w - y)", ""),
    inputs: points,
    offer: "α: 0.05")

  private static let sgdCode = Entry(
    id: "D5.code.sgd", title: "stochastic gradient descent", gist: "w - α·2·(x[i]·w - y[i])·x[i]",
    themes: [.optimizers, .regression], section: "§4", verdict: .wrong,
    printed: Form(
      #"g=2(x_0w-y_0)x_0, \quad w\leftarrow w-\alpha g"#,
      [
        "w[0] = 1;", "w[t+1] = w[t] - α * 2 * (x[0] * w[t] - y[0]) * x[0]  where t in 0..<1500",
      ],
      gives: [
        Quantity("one step", "w[1]", [1.08]), .hidden("w[2]", [1.1584]), Quantity("goes to", "w[1500]", [5]),
      ]),
    right: Form(
      #"i\sim U\{1..N\}\text{ each step}, \quad g=2(x_iw-y_i)x_i"#,
      [
        "i = 2;", "one = 1 - α * 2 * (x[i] * 1 - y[i]) * x[i]", "best = sum(x * y) / sum(x²)", "w = 1;  steps = 0;",
        """
        while steps < 1500 {
          j = randint(0, 3)
          w = w - α * 2 * (x[j] * w - y[j]) * x[j]
          steps = steps + 1
        }
        """, "near = abs(w - best) < 0.5",
      ],
      gives: [
        Quantity("one step", "one", [1.42]), Quantity("goes to", "best", [3.5]), .hidden("near", [1]),
      ]),
    remark: "Always sample 0: nothing is drawn, and w goes to y[0]/x[0], whatever the other samples say.",
    symbols: ["x, y : [N]    i drawn anew for each step    w, g numbers"],
    typeIt: ("i = randint(0, 3)", "draws one of three; i = 2 in the step below"),
    inputs: [Input("x", "[1, 2, 3]"), Input("y", "[5, 7, 10]"), Input("α", "0.01")], offer: "α: 0.02")

  private static let adamCode = Entry(
    id: "D5.code.adam", title: "Adam", gist: "D5.adam.m … D5.adam.w, g of all samples",
    themes: [.optimizers, .regression],
    section: "§4", verdict: .wrong,
    printed: Form(
      #"m=(1-\beta_1)(\hat y-y), \quad v=(1-\beta_2)m^2, \quad\beta_1^N,\beta_2^N\text{ for }\beta_1^t,\beta_2^t"#,
      [
        "N = size(y);", "m = (1 - β₁) * (X @ w - y);", "v = (1 - β₂) * m²;", "m = m / (1 - β₁^N);",
        "v = v / (1 - β₂^N);", "w₁ = w - α * m / (√v + ε)",
      ],
      failing: "X @ w₁", gives: [Quantity("w₁", [1.06388, 1.06388, 1.06388])]),
    right: Form(
      #"g_t=\frac2NX^\top(Xw_t-y), \quad w_{t+1}=w_t-\alpha\frac{\hat m_t}{\sqrt{\hat v_t}+\epsilon}"#,
      [
        "N = size(y);", "g = 2/N * Xᵀ @ (X @ w - y)", "m = (1 - β₁) * g;  v = (1 - β₂) * g²;",
        "m̂ = m / (1 - β₁);  v̂ = v / (1 - β₂);", "w₁ = w - α * m̂ / (√v̂ + ε)",
      ],
      gives: [Quantity("w₁", [1.01])]),
    remark:
      "The residual where the gradient belongs, v from m², nothing kept from step to step, N where t belongs, and N weights "
      + "instead of one.",
    symbols: ["X, y : [N, 1]    w, g, m, v : [1, 1]    t counts steps"],
    typeIt: ("w₁ = w - α * m̂ / (√v̂ + ε)", ""),
    inputs: points + [
      Input("β₁", "0.9", isShown: false), Input("β₂", "0.999", isShown: false), Input("ε", "1e-8", isShown: false),
    ], offer: "α: 0.1")

  private static let train = Entry(
    id: "D5.code.train", title: "1000 steps of gradient descent", gist: "minimize(J, w, optimizer: SGD(0.01))",
    themes: [.optimizers], section: "§4", verdict: .wrong,
    printed: Form(
      #"\text{GradientDescentOptimizer}(0.01)\text{ on the data, 1000 times}"#,
      ["once(w) = w - α * 2 * (X @ w - y) ⊙ X", "w₁ = once([[1]])"], failing: "once(w₁)",
      gives: [Quantity("after 1", "w₁", [1.08, 1.2, 1.42])]),
    right: Form(
      #"w_{t+1}=w_t-\alpha\frac2NX^\top(Xw_t-y), \quad t=0..999"#,
      [
        "w[0] = 1;  u = X[:, 0];  v = y[:, 0];", "J(w) = mean((u * w - v)²)",
        "w[t+1] = w[t] - α * ∇J(w[t])  where t in 0..<1000",
      ],
      gives: [
        Quantity("after 1", "w[1]", [1.23333]), Quantity("after 1000", "w[1000]", [3.5]),
        .hidden("sum(u * v) / sum(u²)", [3.5]),
      ]),
    remark: "Fails at the second step, as D5.code.gd does; SGD and Adam are never run, though the text says so.",
    symbols: ["X, y : [N, 1]    w a number    α = 0.01"],
    typeIt: ("w[t+1] = w[t] - α * ∇J(w[t])  where t in 0..<1000", ""),
    inputs: points.filter { $0.name != "w" }, offer: "α: 0.05")
}
