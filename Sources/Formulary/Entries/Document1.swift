extension Entry {
  /// The formulas of D1.
  static let document1 = [linreg, logistic, conv, rnn1, attn1, mse, ce]

  private static let linreg = Entry(
    id: "D1.linreg", title: "linear regression", gist: "w₀ + ∑[k] w[k]·x[k]", themes: [.regression], section: "§3.1",
    verdict: .correct,
    printed: Form(
      #"y = w_0 + w_1x_1 + w_2x_2 + ... + w_nx_n"#, ["y = w₀ + ∑[k] w[k] * x[k]"], gives: [Quantity("y", [-1.5])]),
    remark: "The loss it is fitted with is named and not printed: D1.mse.",
    symbols: ["x, w : [n] inputs, weights    w₀ bias    y the prediction, often ŷ"],
    typeIt: ("y = w₀ + ∑[k] w[k] * x[k]", "or  y = w₀ + wᵀ · x"),
    inputs: [Input("w₀", "0.5"), Input("w", "[1, -2, 3]"), Input("x", "[2, 0.5, -1]")], offer: "x: [1, 1, 1]")

  private static let logistic = Entry(
    id: "D1.logistic", title: "logistic regression", gist: "1 / (1 + exp(-z))", themes: [.regression, .activations],
    section: "§3.2", verdict: .correct,
    printed: Form(
      #"P(y=1) = \frac{1}{1 + e^{-(w_0 + w_1x_1 + w_2x_2 + ... + w_nx_n)}}"#,
      ["z = w₀ + ∑[k] w[k] * x[k]", "P = 1 / (1 + exp(-z))"],
      gives: [
        Quantity("z", [-1.5]), Quantity("P", [0.182426]), Quantity("1 - P", [0.817574]), Quantity("∂P/∂z", [0.149146]),
      ]),
    remark: "P is the probability of class 1 given x. Its slope is P·(1 - P), at most 0.25.",
    symbols: ["x, w : [n]    w₀ bias    z any number    P in (0, 1)"],
    typeIt: ("P = σ(w₀ + wᵀ · x)", "σ keeps to numbers a computer has"),
    inputs: [Input("w₀", "0.5"), Input("w", "[1, -2, 3]"), Input("x", "[2, 0.5, -1]")], offer: "w₀: 2")

  private static let conv = Entry(
    id: "D1.conv", title: "convolution of one image", gist: "∑[k,l] x[i+k, j+l]·w[k,l]", themes: [.convolution],
    section: "§3.3", verdict: .wrong,
    printed: Form(
      #"z_{ij} = \sum_{k=1}^{K} \sum_{l=-(s-1)}^{s-1} x_{k+l,j+i}w_{kl}"#,
      [
        "K = 2;  s = 1;  w = [1; 2];",
        "z[i,j] = ∑[k in 0..<K, l in -(s-1)...(s-1)] x[k+l, j+i+1] * w[k, l+s-1]  where i in 0..<2, j in 0..<2",
        "u = [1, -1, 0; 2, 1, -1];  p = pad(x, 1);",
        "z2[i,j] = ∑[k in 0..<2, l in 0..<3] p[k+l, j+i+2] * u[k,l]  where i in 0..<2, j in 0..<2",
      ],
      gives: [Quantity("z", [4, 4, 4, 5]), Quantity("z with s = 2", "z2", [0, 1, 1, 2], isShown: false)]),
    right: Form(
      #"z_{oij} = b_o + \sum_{c=1}^C\sum_{m=1}^K\sum_{n=1}^K x_{c,S(i-1)+m-P,S(j-1)+n-P}\,w_{ocmn}"#,
      [
        "w = [1, -1; 2, 1];", "z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]", "v = [0, 1, 0; 1, -4, 1; 0, 1, 0];",
        "c[i,j] = ∑[k,l] x[i+k, j+l] * v[k,l]",
      ],
      gives: [
        Quantity("z", [8, 6, 2, 6, 6, 5, 2, 8, 7]),
        Quantity("with a kernel around its centre", "c", [7, -5, -9, 7], isShown: false),
        .hidden("conv2d(reshape(x, 1, 1, 4, 4), reshape(w, 1, 1, 2, 2))", [8, 6, 2, 6, 6, 5, 2, 8, 7]),
      ]),
    remark:
      "x's row k+l has no i, its column j+i no k or l: the sum runs down one column, and z depends on i+j alone. "
      + "K and s are not defined.",
    symbols: ["x [C, H, W], 0 outside  w [O, C, K, K]  b [O]  S stride  P padding"],
    typeIt: ("z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]", "from 0, one channel"),
    inputs: [Input("x", "[1, 2, 0, 3; 4, 1, 2, 1; 0, 3, 1, 2; 2, 1, 4, 0]")],
    example: "x, b = 0;  printed K = 2, s = 1, w = [1; 2];  right w = [1, -1; 2, 1]",
    symptom: "z₁₂ = z₂₁ = 4 as printed, every anti-diagonal is one number", shownInput: "x")

  private static let rnn1 = Entry(
    id: "D1.rnn", title: "recurrent network", gist: "f(W·x[t] + U·h[t-1] + b)", themes: [.recurrence], section: "§3.4",
    verdict: .correct,
    printed: Form(
      #"h_t = f(Wx_t + Uh_{t-1} + b)"#, ["h[-1] = h₀;", "h[t] = tanh(W · x[t] + U · h[t-1] + b)"],
      gives: [
        Quantity("h[0]", [-0.895693, 0.739783]), Quantity("h[1]", [-0.686662, -0.47024]),
        .hidden("W · x[0] + U · h₀ + b", [-1.45, 0.95]),
        Quantity("with relu", "relu(W · x[0] + U · h₀ + b)", [0, 0.95]),
      ]),
    remark: "f is not named: tanh by custom, relu in the document's own code. h[-1] is 0 if nothing is said.",
    symbols: ["x[t] : [d]    h[t], b : [m]    W : [m, d]    U : [m, m]    f elementwise"],
    typeIt: ("h[t] = tanh(W · x[t] + U · h[t-1] + b)", "after h[-1] = zeros(m)"), inputs: recurrentInputs("W", "U"),
    offer: "h₀: [0, 0]")

  /// The numbers all recurrent examples share, under the names a document gives them.
  static func recurrentInputs(_ input: String, _ state: String, _ bias: String = "b") -> [Input] {
    [
      Input(input, "[0.5, -1; 1, 0.25]"), Input(state, "[0.1, 0.2; -0.3, 0.4]"), Input(bias, "[0.1, -0.2]"),
      Input("h₀", "[0.5, -0.5]"), Input("x", "[1, 2; -1, 0.5]"),
    ]
  }

  private static let attn1 = Entry(
    id: "D1.attn", title: "attention weights", gist: "softmax(s(h[i], h[j]))", themes: [.attention], section: "§3.5",
    verdict: .correct,
    printed: Form(
      #"a_{ij} = \frac{\exp(s(h_i, h_j))}{\sum_{k=1}^{T} \exp(s(h_i, h_k))}"#,
      [
        "s[i,j] = ∑[d] h[i,d] * h[j,d]", "a[i,j] = exp(s[i,j]) / ∑[k] exp(s[i,k])", "c[i] = ∑[j] a[i,j] * h[j]",
      ],
      gives: [
        .hidden("s", [1, 0, 1, 0, 1, 1, 1, 1, 2]),
        Quantity(
          "a", [0.422319, 0.155362, 0.422319, 0.155362, 0.422319, 0.422319, 0.211942, 0.211942, 0.576117]),
        .hidden("c", [0.844638, 0.577681, 0.577681, 0.844638, 0.788058, 0.788058]),
        .hidden("softmax(s / √2)[0]", [0.401112, 0.197776, 0.401112]),
      ]),
    remark: "The score s and the output c are not said. Here s is the dot product and c[i] = ∑[j] a[i,j]·h[j].",
    symbols: ["h[i] : [d], i in 0..<T    s a score of two states    a : [T, T], rows add to 1"],
    typeIt: ("a[i,j] = exp(s[i,j]) / ∑[k] exp(s[i,k])", "or  softmax(h @ hᵀ)"),
    inputs: [Input("h", "[1, 0; 0, 1; 1, 1]")],
    offer: "h: [2, 0; 0, 2]")

  private static let mse = Entry(
    id: "D1.mse", title: "mean squared error", gist: "mean((ŷ - y)²)", themes: [.losses, .regression], section: "§2.2",
    verdict: .supplied,
    right: Form(
      #"J = \frac1N\sum_{n=1}^N(\hat y_n-y_n)^2, \quad \frac{\partial J}{\partial\hat y_n}=\frac2N(\hat y_n-y_n)"#,
      ["N = size(y);", "J = 1/N * ∑[n] (ŷ[n] - y[n])²"],
      gives: [
        Quantity("J", [0.166667]), Quantity("∂J/∂ŷ", [-0.333333, 0.333333, 0]), .hidden("mse(ŷ, y)", [0.166667]),
      ]),
    symbols: ["y, ŷ : [N] what is, what is predicted    J a number"],
    typeIt: ("J = 1/N * ∑[n] (ŷ[n] - y[n])²", "or  mse(ŷ, y)"),
    inputs: [Input("y", "[3, -0.5, 2]"), Input("ŷ", "[2.5, 0, 2]")], offer: "ŷ: [3, 0, 3]")

  private static let ce = Entry(
    id: "D1.ce", title: "cross-entropy", gist: "-mean(ln p[t])", themes: [.losses], section: "§2.2", verdict: .supplied,
    right: Form(
      #"J_b = -\frac1N\sum_n\big[y_n\ln p_n+(1-y_n)\ln(1-p_n)\big] \\ J_c = -\frac1N\sum_n\ln\operatorname{softmax}(z_n)_{t_n}"#,
      [
        "J_b = -mean[n] (y[n] * log(p[n]) + (1 - y[n]) * log(1 - p[n]))", "J_c = -mean[n] log_softmax(z)[n, t[n]]",
      ],
      gives: [
        Quantity("J_b", [0.279777]), Quantity("J_c", [2.0351]),
        Quantity("∂J_c/∂z", [-0.170499, 0.121216, 0.0492829, 0.0580573, 0.428988, -0.487046]),
        .hidden("softmax(z)", [0.659001, 0.242433, 0.0985659, 0.116115, 0.857977, 0.0259087]),
        .hidden("bce(p, y)", [0.279777]), .hidden("cross_entropy(z, t)", [2.0351]),
      ]),
    remark: "Of two classes J_b, of many J_c: the mean of -ln p of what is right.",
    symbols: ["y, p : [N]    z scores : [N, K]    t right classes : [N]    ∂J_c/∂z = (p - Y)/N"],
    typeIt: ("J = -mean[n] log_softmax(z)[n, t[n]]", "or  cross_entropy(z, t)"),
    inputs: [
      Input("y", "[1, 0, 1]"), Input("p", "[0.9, 0.2, 0.6]"), Input("z", "[2, 1, 0.1; 0.5, 2.5, -1]"),
      Input("t", "[0, 2]"),
    ])
}
