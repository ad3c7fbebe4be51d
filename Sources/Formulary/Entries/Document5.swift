extension Entry {
  /// The formulas of D5.
  static let document5 = [gd5, sgd5, adamM, adamV, adamMHat, adamVHat, adamW]

  private static let gd5 = Entry(
    id: "D5.gd", title: "gradient descent", gist: "w - α·∇J(w)", themes: [.optimizers], section: "§3.1",
    verdict: .correct,
    printed: Form(
      #"w_{new} = w_{old} - \alpha \nabla J(w)"#, ["w_new = w_old - α * ∇J(w_old)"],
      gives: [Quantity("∇J(w_old)", [-4]), Quantity("w_new", [1.4])]),
    remark: "The gradient is the one at w_old; only w is written.",
    symbols: ["w, ∇J(w) : [n]    α > 0 rate    J a number"], typeIt: ("w_new = w_old - α * ∇J(w_old)", ""),
    inputs: [Input("J(w)", "(w - 3)²"), Input("w_old", "1"), Input("α", "0.1")], offer: "w_old: 5, α: 0.5")

  private static let sgd5 = Entry(
    id: "D5.sgd", title: "stochastic, one sample", gist: "w - α·∇J[i](w)", themes: [.optimizers], section: "§3.2",
    verdict: .supplied,
    right: Form(
      #"w\leftarrow w-\alpha\nabla J_i(w), \quad J_i=(x_iw-y_i)^2, \quad E_i[\nabla J_i]=\nabla J"#,
      [
        "J(w, i) = (x[i] * w - y[i])²", "g = (∇J)(w, i)", "w₁ = w - α * g",
        "all = 2 * (x * w - y) * x", "average = mean(all)",
      ],
      gives: [
        Quantity("g", [-20]), Quantity("w₁", [1.2]), Quantity("all", [-8, -20, -42]), Quantity("average", [-23.3333]),
      ]),
    remark: "One sample's gradient is a noisy one; its mean over all samples is the gradient of the mean loss.",
    symbols: ["x, y : [N]    i drawn anew for each step    w, g numbers    α > 0 rate"],
    typeIt: ("w₁ = w - α * ∇J(w, i)", "i = randint(0, 3) draws one"),
    inputs: [
      Input("x", "[1, 2, 3]"), Input("y", "[5, 7, 10]"), Input("w", "1"), Input("α", "0.01"), Input("i", "1"),
    ], offer: "i: 2")

  private static let adamSymbols = "g, m, v : [n], elementwise    t = 1, 2, …    β₁, β₂ in [0, 1)    m[0] = v[0] = 0"
  private static let gradient = Input("g", "[1, 0.01]", remark: "each time")

  private static let adamM = Entry(
    id: "D5.adam.m", title: "Adam, mean of g", gist: "β₁·m + (1 - β₁)·g", themes: [.optimizers], section: "§3.3",
    verdict: .correct,
    printed: Form(
      #"m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t"#,
      ["m[0] = 0;", "m[t] = β₁ * m[t-1] + (1 - β₁) * g  where t in 1...3"],
      gives: [Quantity("m[1]", [0.1, 0.001]), Quantity("m[2]", [0.19, 0.0019]), Quantity("m[3]", [0.271, 0.00271])]),
    remark: "A running mean of gradients. It begins at 0, so it is too small at first: D5.adam.mhat.",
    symbols: [adamSymbols], typeIt: ("m[t] = β₁ * m[t-1] + (1 - β₁) * g  where t in 1...3", "after m[0] = 0"),
    inputs: [gradient, Input("β₁", "0.9")], offer: "β₁: 0.5")

  private static let adamV = Entry(
    id: "D5.adam.v", title: "Adam, mean of g²", gist: "β₂·v + (1 - β₂)·g²", themes: [.optimizers], section: "§3.3",
    verdict: .correct,
    printed: Form(
      #"v_t = \beta_2 v_{t-1} + (1 - \beta_2) (g_t^2)"#,
      ["v[0] = 0;", "v[t] = β₂ * v[t-1] + (1 - β₂) * g²  where t in 1...3"],
      gives: [Quantity("v[1]", [0.001, 1e-07]), Quantity("v[2]", [0.001999, 1.999e-07])]),
    remark: "A running mean of squares, as RMSprop keeps it.", symbols: [adamSymbols],
    typeIt: ("v[t] = β₂ * v[t-1] + (1 - β₂) * g²  where t in 1...3", "after v[0] = 0"),
    inputs: [gradient, Input("β₂", "0.999")], offer: "β₂: 0.9")

  private static let adamMHat = Entry(
    id: "D5.adam.mhat", title: "Adam, bias of m", gist: "m / (1 - β₁ᵗ)", themes: [.optimizers], section: "§3.3",
    verdict: .wrong,
    printed: Form(
      #"m_t = \frac{m_t}{1 - \beta_1^t}"#,
      [
        "m[0] = 0;",
        """
        for t in 1...30 {
          m[t] = β₁ * m[t-1] + (1 - β₁) * g
          m[t] = m[t] / (1 - β₁ᵗ)
        }
        """,
      ],
      gives: [
        Quantity("t = 1", "m[1]", [1, 0.01]), Quantity("t = 2", "m[2]", [5.26316, 0.0526316]),
        Quantity("t = 3", "m[3]", [17.8481, 0.178481]), .hidden("max(m)", [3945.1]), .hidden("m[21][0]", [3945.1]),
      ]),
    right: Form(
      #"\hat m_t = \frac{m_t}{1 - \beta_1^t}"#,
      [
        "m[0] = 0;", "m[t] = β₁ * m[t-1] + (1 - β₁) * g  where t in 1...3", "m̂[t] = m[t] / (1 - β₁ᵗ)  where t in 1...3",
      ],
      gives: [
        Quantity("t = 1", "m̂[1]", [1, 0.01]), Quantity("t = 2", "m̂[2]", [1, 0.01]),
        Quantity("t = 3", "m̂[3]", [1, 0.01]),
      ]),
    remark:
      "The corrected mean needs a name of its own: as printed the next step averages what was corrected already, and the "
      + "correction piles up, to 3945 at t = 21.",
    symbols: [adamSymbols], typeIt: ("m̂[t] = m[t] / (1 - β₁ᵗ)  where t in 1...3", ""),
    inputs: [gradient, Input("β₁", "0.9")], offer: "β₁: 0.5")

  private static let adamVHat = Entry(
    id: "D5.adam.vhat", title: "Adam, bias of v", gist: "v / (1 - β₂ᵗ)", themes: [.optimizers], section: "§3.3",
    verdict: .wrong,
    printed: Form(
      #"v_t = \frac{v_t}{1 - \beta_2^t}"#,
      [
        "v[0] = 0;",
        """
        for t in 1...3 {
          v[t] = β₂ * v[t-1] + (1 - β₂) * g²
          v[t] = v[t] / (1 - β₂ᵗ)
        }
        """,
      ],
      gives: [
        Quantity("t = 1", "v[1]", [1, 0.0001]), Quantity("t = 2", "v[2]", [500.25, 0.050025]),
        Quantity("t = 3", "v[3]", [166750, 16.6750]),
      ]),
    right: Form(
      #"\hat v_t = \frac{v_t}{1 - \beta_2^t}"#,
      [
        "v[0] = 0;", "v[t] = β₂ * v[t-1] + (1 - β₂) * g²  where t in 1...3",
        "v̂[t] = v[t] / (1 - β₂ᵗ)  where t in 1...3",
      ],
      gives: [
        Quantity("t = 1", "v̂[1]", [1, 0.0001]), Quantity("t = 2", "v̂[2]", [1, 0.0001]),
        Quantity("t = 3", "v̂[3]", [1, 0.0001]),
      ]),
    remark:
      "As with D5.adam.mhat, and worse: past the range of f64 at t = 329. And D5.adam.w as printed never uses it.",
    symbols: [adamSymbols], typeIt: ("v̂[t] = v[t] / (1 - β₂ᵗ)  where t in 1...3", ""),
    inputs: [gradient, Input("β₂", "0.999")], offer: "β₂: 0.9")

  private static let adamW = Entry(
    id: "D5.adam.w", title: "Adam: the new weights", brief: "Adam, new weights", gist: "w - η·m̂ / (√v̂ + ε)",
    themes: [.optimizers], section: "§3.3",
    verdict: .wrong,
    printed: Form(
      #"w_{t+1} = w_t - \eta \frac{m_t}{\sqrt{1 - \beta_2^t} + \epsilon}"#,
      [
        "m[0] = 0;  v[0] = 0;  w[1] = w₁;",
        """
        for t in 1...3 {
          m[t] = β₁ * m[t-1] + (1 - β₁) * g
          m̂[t] = m[t] / (1 - β₁ᵗ)
          w[t+1] = w[t] - η * m̂[t] / (√(1 - β₂ᵗ) + ε)
        }
        """,
      ],
      gives: [
        Quantity("w₂", "w[2]", [-0.0316228, -0.000316228]), Quantity("w₃", "w[3]", [-0.053989, -0.00053989]),
        Quantity("w₄", "w[4]", [-0.0722556, -0.000722556]),
        Quantity("first step", "(w[1] - w[2]) / η", [31.6228, 0.316228], unit: "·η"),
      ]),
    right: Form(
      #"w_{t+1} = w_t - \eta \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}"#,
      [
        "m[0] = 0;  v[0] = 0;  w[1] = w₁;",
        """
        for t in 1...3 {
          m[t] = β₁ * m[t-1] + (1 - β₁) * g
          v[t] = β₂ * v[t-1] + (1 - β₂) * g²
          m̂[t] = m[t] / (1 - β₁ᵗ)
          v̂[t] = v[t] / (1 - β₂ᵗ)
          w[t+1] = w[t] - η * m̂[t] / (√v̂[t] + ε)
        }
        """,
      ],
      gives: [
        Quantity("w₂", "w[2]", [-0.001, -0.000999999]), Quantity("w₃", "w[3]", [-0.002, -0.002]),
        Quantity("w₄", "w[4]", [-0.003, -0.003]),
        Quantity("first step", "(w[1] - w[2]) / η", [1, 0.999999], unit: "·η"),
      ]),
    remark:
      "The root holds 1 - β₂ᵗ where v̂ₜ belongs, so v has no effect: the step grows with the gradient instead of being the "
      + "same for every weight.",
    symbols: [
      "w, m, v : [n]    m̂ₜ = mₜ/(1 - β₁ᵗ)    v̂ₜ = vₜ/(1 - β₂ᵗ)",
      "η > 0 rate       β₁, β₂ in [0, 1)     ε > 0, against division by 0",
    ],
    typeIt: ("w[t+1] = w[t] - η * m̂[t] / (√v̂[t] + ε)", ""),
    inputs: [
      Input("w₁", "[0, 0]"), gradient, Input("η", "0.001"), Input("β₁", "0.9"), Input("β₂", "0.999"),
      Input("ε", "1e-8", isShown: false),
    ], offer: "g: [2, -1], η: 0.1")
}
