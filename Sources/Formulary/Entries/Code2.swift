extension Entry {
  /// The formulas in the code of D2.
  static let code2 = [gdCode2, backprop, cnnCode2, rnnCode2]

  private static let gdCode2 = Entry(
    id: "D2.code.gd", title: "gradient descent, least squares", gist: "θ - α/m·Xᵀ·(X·θ - y)",
    themes: [.optimizers, .regression], section: "§4.1", verdict: .correct,
    printed: Form(
      #"\theta \leftarrow \theta-\frac\alpha m X^\top(X\theta-y)"#,
      [
        "m = size(y);", "g = 1/m * Xᵀ @ (X @ θ₀ - y)", "θ[0] = θ₀;",
        "θ[t+1] = θ[t] - α/m * Xᵀ @ (X @ θ[t] - y)  where t in 0..<2",
      ],
      gives: [
        Quantity("g", [-2.66667, -3.66667]), Quantity("θ[1]", [0.266667, 0.366667]),
        Quantity("θ[2]", [0.47, 0.645556]),
        Quantity("least squares", "solve(Xᵀ @ X, Xᵀ @ y)", [1.16667, 1.5]),
      ]),
    remark:
      "Right for J = |Xθ - y|²/(2m), half the mean squared error. A column y against a column θ is where NumPy would "
      + "silently make a matrix.",
    symbols: ["X : [m, n]    y : [m]    θ : [n]    α > 0 rate"],
    typeIt: ("θ[t+1] = θ[t] - α/m * Xᵀ @ (X @ θ[t] - y)  where t in 0..<500", ""),
    inputs: [Input("X", "[1, 0; 1, 1; 1, 2]"), Input("y", "[1, 3, 4]"), Input("θ₀", "[0, 0]"), Input("α", "0.1")],
    offer: "α: 0.5")

  private static let backprop = Entry(
    id: "D2.code.backprop", title: "back-propagation, two layers", gist: "δ₂·a₁ᵀ/m, (θ₂ᵀ·δ₂ ⊙ (1 - a₁²))·X/m",
    themes: [.backpropagation], section: "§4.2", verdict: .wrong,
    printed: Form(
      #"z_2=\theta_2(\theta_1X^\top+\theta_{2b}), \quad z_1=\theta_1X^\top+\theta_{1b}, \\ dA_1=a_2(1-a_1)(y-a_2), \quad d\Theta_2=dA_2X^\top/m"#,
      failing: "z₂ = θ₂ @ (θ₁ @ Xᵀ + θ₂b)"),
    right: Form(
      #"\delta_2=(a_2-y)\odot a_2\odot(1-a_2), \quad \delta_1=(\theta_2^\top\delta_2)\odot(1-a_1^2), \\ \partial J/\partial\theta_2=\delta_2a_1^\top/m, \quad \partial J/\partial\theta_1=\delta_1X/m"#,
      [
        "m = size(X, axis: 0);", "z₁ = θ₁ @ Xᵀ + b₁;  a₁ = tanh(z₁);", "z₂ = θ₂ @ a₁ + b₂;  a₂ = σ(z₂);",
        "J = 1/(2m) * sum((a₂ - y)²)", "δ₂ = (a₂ - y) ⊙ a₂ ⊙ (1 - a₂)", "δ₁ = (θ₂ᵀ @ δ₂) ⊙ (1 - a₁²);",
        "dθ₂ = 1/m * δ₂ @ a₁ᵀ", "dθ₁ = 1/m * δ₁ @ X", "ε₂ = a₂ - y;  ε₁ = (θ₂ᵀ @ ε₂) ⊙ (1 - a₁²);",
      ],
      gives: [
        .hidden("a₁", [-0.379949, -0.57167, 0.978026, 0.244919, 0.716298, -0.800499]),
        .hidden("a₂", [0.310063, 0.265644]), Quantity("J", [0.136645]), Quantity("δ₂", [-0.147594, 0.051821]),
        Quantity("dθ₂", [0.0132268, -0.0658294, -0.073602]), .hidden("∂J/∂θ₂", [0.0132268, -0.0658294, -0.073602]),
        .hidden("dθ₁", [-0.0805864, -0.117566, 0.0275638, -0.00576297, -0.0226201, -0.0336063]),
        .hidden("∂J/∂θ₁", [-0.0805864, -0.117566, 0.0275638, -0.00576297, -0.0226201, -0.0336063]),
        .hidden("1/m * ε₂ @ a₁ᵀ", [0.0551402, -0.304858, -0.353424]),
        .hidden("1/m * ε₁ @ X", [-0.384583, -0.54563, 0.139849, -0.0324392, -0.107841, -0.156044]),
      ]),
    remark:
      "Biases without a value, z₂ past the hidden layer, the sign of y - a₂, deltas in each other's place, Xᵀ for X.",
    symbols: ["X : [m, n]    θ₁ : [h, n]    θ₂ : [o, h]    y, a₂, δ₂ : [o, m]    b₁ : [h, 1]"],
    typeIt: ("δ₁ = (θ₂ᵀ @ δ₂) ⊙ (1 - a₁²)", "or ask  ∂J/∂θ₁"),
    inputs: [
      Input("X", "[1, 2; -1, 0.5]"), Input("θ₁", "[0.5, -0.5; 0.25, 1; 1, 0]"), Input("b₁", "[0.1; 0; -0.1]"),
      Input("θ₂", "[[1, -1, 0.5]]"), Input("b₂", "[[0.2]]"), Input("y", "[[1, 0]]"),
    ], example: "X = [1, 2; -1, 0.5], y = [[1, 0]], θ₁ 3 × 2, θ₂ 1 × 3, tanh then σ")

  private static let cnnCode2 = Entry(
    id: "D2.code.cnn", title: "a CNN of two blocks", gist: "max_pool2d(relu(conv2d(p, W) + b))",
    themes: [.networks, .convolution, .pooling], section: "§4.3", verdict: .correct,
    printed: Form(
      #"p_l=\operatorname{maxpool}_{2,2}\big(\operatorname{relu}(\operatorname{conv}(p_{l-1},W_l)+b_l)\big),\ l=1,2"#,
      [
        "first = Conv2d(1, 32, 3) >> relu >> MaxPool2d(2);", "second = Conv2d(32, 64, 3) >> relu >> MaxPool2d(2);",
        "p₁ = first(x);", "p₂ = second(p₁);", "after1 = size(p₁, axis: 2)", "side = size(p₂, axis: 2)",
        "channels = size(p₂, axis: 1)",
      ],
      gives: [Quantity("after1", [13]), Quantity("side", [5]), Quantity("channels", [64])]),
    remark: "28 → 26 → 13 → 11 → 5. It ends with the maps; the dense layer of the text is not there.",
    symbols: ["x : [N, 1, 28, 28]    W₁ : [32, 1, 3, 3]    W₂ : [64, 32, 3, 3]    p₂ : [N, 64, 5, 5]"],
    typeIt: ("p₂ = (first >> second)(x)", ""), inputs: [Input("x", "zeros(2, 1, 28, 28)")])

  private static let rnnCode2 = Entry(
    id: "D2.code.rnn", title: "called recurrent, and is not", gist: "tanh(Whh·h[t-1] + Wxh·x[t] + bh)",
    themes: [.networks, .recurrence], section: "§4.4", verdict: .wrong,
    printed: Form(
      #"x\leftarrow[\mathbf 1,X],\quad \operatorname{relu}(xW_1+b_1)W_2+b_2"#,
      [
        "h = relu(([1] ++ X) @ W₁ + b₁)", "o = h @ W₂ + b₂", "same = relu(X @ W₁[1...2] + (W₁[0] + b₁)) @ W₂ + b₂",
      ],
      gives: [Quantity("h", [2, 1.5]), Quantity("o", [5]), .hidden("same", [5])]),
    right: Form(
      #"h_t=\tanh(W_{hh}h_{t-1}+W_{xh}x_t+b_h), \quad y_t=W_{hy}h_t+b_y"#,
      ["h[-1] = h₀;", "h[t] = tanh(Whh · h[t-1] + Wxh · x[t] + bh)", "y[t] = Why · h[t] + by"],
      gives: [Quantity("h[0]", [-0.895693, 0.739783]), Quantity("y[0]", [-1.63548, 1.13172, 0.639783])]),
    remark: "A perceptron of two layers: no state, no time. The column of ones is a second bias beside b₁.",
    symbols: ["printed X : [n]    right x : [T, d], h[t] : [m], y[t] : [k]"],
    typeIt: ("h[t] = tanh(Whh · h[t-1] + Wxh · x[t] + bh)", "after h[-1] = zeros(m)"),
    inputs: recurrentInputs("Wxh", "Whh", "bh") + [
      Input("Why", "[1, -1; 0.5, 2; 0, 1]"), Input("by", "[0, 0.1, -0.1]"), Input("X", "[1, 2]"),
      Input("W₁", "[0.5, -1; 1, 0; 0, 1]"), Input("b₁", "[0.5, 0.5]"), Input("W₂", "[1; 2]"), Input("b₂", "[0]"),
    ], example: "printed X = [1, 2], W₁ = [0.5, -1; 1, 0; 0, 1], b₁ = [0.5, 0.5];  right: D1.rnn's")
}
