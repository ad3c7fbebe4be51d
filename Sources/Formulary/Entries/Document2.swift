extension Entry {
  /// The formulas of D2.
  static let document2 = [gd2, chain, pool, rnn2]

  private static let gd2 = Entry(
    id: "D2.gd", title: "gradient descent", gist: "θ - η·∇J(θ)", themes: [.optimizers], section: "§3.1",
    verdict: .correct,
    printed: Form(
      #"\theta_{t+1} = \theta_t - \eta \nabla J(\theta_t)"#,
      ["θ[0] = θ₀;", "θ[t+1] = θ[t] - η * ∇J(θ[t])  where t in 0..<2"],
      gives: [
        Quantity("∇J(θ₀)", [2, -4]), Quantity("θ[1]", [0.8, -0.6]), Quantity("θ[2]", [0.64, -0.36]),
        Quantity("J(θ[0])", [3]), Quantity("J(θ[1])", [1.36]), Quantity("J(θ[2])", [0.6688]),
      ]),
    symbols: ["θ[t], ∇J(θ[t]) : [n]    η > 0 rate    J a number"],
    typeIt: ("θ[t+1] = θ[t] - η * ∇J(θ[t])  where t in 0..<50", "after θ[0] = …"),
    inputs: [Input("J(θ)", "θ[0]^2 + 2 * θ[1]^2"), Input("θ₀", "[1, -1]"), Input("η", "0.1")], offer: "η: 0.3")

  private static let chain = Entry(
    id: "D2.chain", title: "chain rule", gist: "∑[i] ∂J/∂z[i]·∂z[i]/∂w", themes: [.backpropagation], section: "§3.2",
    verdict: .ambiguous,
    printed: Form(
      #"\frac{\partial J}{\partial w} = \frac{\partial J}{\partial z} \cdot \frac{\partial z}{\partial w}"#,
      [
        "z = w * x[0];  J = z²;", "one = ∂J/∂z * ∂z/∂w", "z = w * x;  J = sum(z²);", "first = ∂J/∂z[0] * ∂z[0]/∂w",
        "second = ∂J/∂z[1] * ∂z[1]/∂w",
      ],
      gives: [
        Quantity("J = (3w)²", "one", [36]), Quantity("J = (3w)² + w²", "first", [36]), .hidden("second", [4]),
      ]),
    right: Form(
      #"\frac{\partial J}{\partial w}=\sum_i\frac{\partial J}{\partial z_i}\frac{\partial z_i}{\partial w}"#,
      [
        "z = w * x[0];  J = z²;", "one = ∂J/∂w", "z = w * x;  J = sum(z²);", "g = ∑[i] ∂J/∂z[i] * ∂z[i]/∂w",
        "whole = ∂J/∂w",
      ],
      gives: [
        Quantity("J = (3w)²", "one", [36]), Quantity("J = (3w)² + w²", "g", [40]), .hidden("whole", [40]),
      ]),
    remark:
      "Right for one number w that feeds one number z. Where w reaches J by several z, as shared weights do, the paths add "
      + "up; for matrices order and transposes matter.",
    symbols: ["J a number    z the node's output    w a parameter    i runs over all z that use w"],
    typeIt: ("g = ∑[i] ∂J/∂z[i] * ∂z[i]/∂w", "or  ∂J/∂w"), inputs: [Input("w", "2"), Input("x", "[3, 1]")],
    symptom: "one path gives 36, the other 4; only their sum, 40, is ∂J/∂w", offer: "x: [3, 5]")

  private static let pool = Entry(
    id: "D2.pool", title: "convolution, relu, max pooling", gist: "max[p,q] r[2i+p, 2j+q]",
    themes: [.pooling, .convolution], section: "§3.3", verdict: .wrong,
    printed: Form(
      #"y_{ij} = \max\{a_{ij - k} * w_{k} + b_i\}"#,
      [
        "r = [1, 3, 2, 5];  u = [2, -1];", "A[j] = max[k] (r[j+1-k] * u[k] + 1)  where j in 0..<3",
        "B[j] = max(0, ∑[k] r[j+1-k] * u[k] + 1)  where j in 0..<3",
      ],
      gives: [Quantity("A", [7, 5, 11]), Quantity("B", [6, 2, 9])]),
    right: Form(
      #"z_{ij}=b+\sum_{m,n}a_{i+m,j+n}\,w_{mn}, \quad r=\max(0,z), \quad y_{ij}=\max_{0\le p,q<P}r_{Si+p,Sj+q}"#,
      [
        "z[i,j] = ∑[m,n] a[i+m, j+n] * w[m,n] + b", "r = max(0, z)",
        "y[i,j] = max[p in 0..<2, q in 0..<2] r[2*i+p, 2*j+q]",
      ],
      gives: [
        Quantity("z", [-1, 3, -3, 1, 5, -1, 2, 2, -3, 5, -2, 0, 0, -2, 6, -1], isShown: false),
        Quantity("y", [5, 2, 5, 6]), .hidden("max_pool2d(reshape(r, 1, 1, 4, 4), 2)", [5, 2, 5, 6]),
      ]),
    remark:
      "Pooling has no weights and no bias; ij - k takes a number from a pair; what k runs over is not said. A takes the "
      + "largest product, B reads max as relu of a sum.",
    symbols: ["a [H, W]    w [K, K]    b a number    P window, S stride of pooling"],
    typeIt: ("y[i,j] = max[p in 0..<2, q in 0..<2] r[2*i+p, 2*j+q]", "max_pool2d, of one image"),
    inputs: [
      Input("a", "[1, 2, 0, 3, 1; 4, 1, 2, 1, 0; 0, 3, 1, 2, 2; 2, 1, 4, 0, 1; 1, 0, 2, 3, 1]"),
      Input("w", "[1, -1; 0, 1]"), Input("b", "-1"),
    ],
    example: "printed, one row: a = [1, 3, 2, 5], w = [2, -1], b = 1;  right: w = [1, -1; 0, 1]")

  private static let rnn2 = Entry(
    id: "D2.rnn", title: "recurrent network with tanh", gist: "tanh(Whh·h[t-1] + Wxh·x[t] + bh)", themes: [.recurrence],
    section: "§3.4", verdict: .correct,
    printed: Form(
      #"h_t = \tanh(W_{hh} h_{t-1} + W_{xh} x_t + b_h)"#,
      ["h[-1] = h₀;", "h[t] = tanh(Whh · h[t-1] + Wxh · x[t] + bh)"],
      gives: [Quantity("h[0]", [-0.895693, 0.739783]), Quantity("h[1]", [-0.686662, -0.47024])]),
    remark: "The text around it calls this an LSTM; gates, residuals and attention are not in the formula.",
    symbols: ["x[t] : [d]    h[t], bh : [m]    Wxh : [m, d]    Whh : [m, m]"],
    typeIt: ("h[t] = tanh(Whh · h[t-1] + Wxh · x[t] + bh)", "after h[-1] = zeros(m)"),
    inputs: recurrentInputs("Wxh", "Whh", "bh"), offer: "h₀: [0, 0]")
}
