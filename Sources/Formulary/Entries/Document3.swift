extension Entry {
  /// The formulas of D3.
  static let document3 = [dense3, rnn3, attn3]

  private static let dense3 = Entry(
    id: "D3.dense", title: "a dense layer, called a CNN", gist: "f(W·x + b)", themes: [.networks, .convolution],
    section: "§3.1", verdict: .ambiguous,
    printed: Form(
      #"y = f(Wx + b)"#, ["z = W · x + b", "y = relu(z)"], gives: [.hidden("z", [4, -2]), Quantity("y", [4, 0])]),
    right: Form(
      #"y=f(x\star w+b)"#,
      [
        "y[i,j] = ∑[k,l] a[i+k, j+l] * w[k,l]", "T = reshape(∂y/∂a, 4, 9)", "flat = T @ reshape(a, 9)",
      ],
      gives: [
        Quantity("y", [1, 4, 6, 8]), .hidden("flat", [1, 4, 6, 8]),
        .hidden(
          "T",
          [
            1, -1, 0, 0, 2, 0, 0, 0, 0, 0, 1, -1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, -1, 0, 0, 2, 0, 0, 0, 0, 0, 1, -1, 0, 0,
            2,
          ]),
      ]),
    remark:
      "A dense layer. It is a convolution only if W's rows all repeat one kernel, shifted, with zeros elsewhere; nothing "
      + "says so, and pooling is missing.",
    symbols: ["printed x : [n], W : [k, n], b, y : [k]    right x : [H, W], w : [K, K]    f elementwise"],
    typeIt: ("y = relu(W · x + b)", "a layer:  Dense(n, k)"),
    inputs: [
      Input("W", "[1, -1, 2; 0.5, 0, -1]"), Input("x", "[1, 2, 3]"), Input("b", "[-1, 0.5]"),
      Input("a", "[1, 2, 0; 3, 1, 1; 0, 2, 4]"), Input("w", "[1, -1; 0, 2]"),
    ], example: "printed x = [1, 2, 3];  right x = [1, 2, 0; 3, 1, 1; 0, 2, 4], w = [1, -1; 0, 2]")

  private static let rnn3 = Entry(
    id: "D3.rnn", title: "recurrent network", gist: "f(W·x[t] + R·h[t-1] + b)", themes: [.recurrence], section: "§3.2",
    verdict: .correct,
    printed: Form(
      #"h_t = f(Wx_t + Rh_{t-1} + b)"#, ["h[-1] = h₀;", "h[t] = tanh(W · x[t] + R · h[t-1] + b)"],
      gives: [Quantity("h[0]", [-0.895693, 0.739783]), Quantity("h[1]", [-0.686662, -0.47024])]),
    remark: "The text applies the activation once more afterwards; f is in the formula already.",
    symbols: ["x[t] : [d]    h[t], b : [m]    W : [m, d]    R : [m, m]    f elementwise"],
    typeIt: ("h[t] = tanh(W · x[t] + R · h[t-1] + b)", "after h[-1] = zeros(m)"), inputs: recurrentInputs("W", "R"),
    offer: "h₀: [0, 0]")

  private static let attn3 = Entry(
    id: "D3.attn", title: "additive attention", gist: "softmax(v·tanh(W·q[i] + R·k[j] + b))", themes: [.attention],
    section: "§3.3", verdict: .wrong,
    printed: Form(
      #"A = softmax(v^T \cdot tanh(WQ + RH + b))"#,
      [
        "q = Qᵀ;  H = Kᵀ;  β = reshape(b, 2, 1);", "A = softmax(vᵀ · tanh(W · q + R · H + β))",
        "one = softmax(vᵀ · tanh(W · reshape(Q[0], 2, 1) + R · H + β))",
      ],
      gives: [Quantity("A", [0.0416421, 0.894026, 0.0643318]), .hidden("one", [0.0202257, 0.847166, 0.132608])]),
    right: Form(
      #"e_{ij}=v^\top\tanh(Wq_i+Rk_j+b), \quad A_{ij}=\operatorname{softmax}_j(e_{ij}), \quad C=AV"#,
      [
        "e[i,j] = vᵀ · tanh(W · Q[i] + R · K[j] + b);", "A[i] = softmax(e[i])", "C = A @ V",
        "scaled = softmax(Q @ Kᵀ / √2);",
      ],
      gives: [
        .hidden(
          "e", [-1.00639, 2.72855, 0.874053, -1.18961, 2.06024, -0.832119, -1.01966, 2.44486, -0.571442]),
        Quantity(
          "A", [0.0202257, 0.847166, 0.132608, 0.0354407, 0.913888, 0.0506709, 0.0289633, 0.925694, 0.0453425]),
        Quantity("C", [0.285441, 1.11238, 0.136782, 1.01523, 0.119648, 1.01638], isShown: false),
        .hidden(
          "scaled", [0.455527, 0.224606, 0.319866, 0.0817633, 0.682082, 0.236155, 0.140029, 0.575975, 0.283995]),
        .hidden("scaled @ V", [1.09526, 0.864339, 0.554074, 1.15439, 0.70802, 1.14397]),
      ]),
    remark:
      "H and v are not defined, K and V not used. WQ + RH pairs query j with state j alone: one row of weights, no query "
      + "meets all keys. The axis of softmax and A·V are missing.",
    symbols: ["q[i], k[j] : [d]    W, R : [a, d]    v, b : [a]    A : [Tq, Tk], rows add to 1"],
    typeIt: ("e[i,j] = vᵀ · tanh(W · Q[i] + R · K[j] + b)", "then  softmax(e) @ V"),
    inputs: [
      Input("Q", "[1, 0; 0, 1; 1, 1]"), Input("K", "[1, -1; 0, 2; 0.5, 0.5]"), Input("V", "[1, 0; 0, 1; 2, 2]"),
      Input("W", "[1, 0.5; 0, 1]"), Input("R", "[0.5, 0; 1, -1]"), Input("b", "[0.1, 0]"), Input("v", "[1, -2]"),
    ], example: "Q = [1, 0; 0, 1; 1, 1], K = [1, -1; 0, 2; 0.5, 0.5], v = [1, -2], b = [0.1, 0]")
}
