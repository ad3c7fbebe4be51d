extension Entry {
  /// The formulas of D4.
  static let document4 = [
    layers4, net4, compose, delta, relu, drelu, sigmoid, tanh4, conv4, rnn4, lstmForget, lstmInput, lstmCandidate,
    lstmCell, lstmOutput, lstmState,
  ]

  /// A network of three layers, one unit at the end.
  private static let threeLayers = [
    Input("x", "[2, 1]"), Input("θ₁", "(W: [1, -1; 0.5, 1], b: [0, -1])"),
    Input("θ₂", "(W: [2, 1; 0, -1], b: [0.5, 0])"), Input("θ₃", "(W: [1, -1], b: 0)"),
  ]
  private static let threeFunctions = [
    "f₁(x, θ) = relu(θ.W · x + θ.b)", "f₂(x, θ) = θ.W · x + θ.b", "f₃(x, θ) = σ(θ.W · x + θ.b)",
  ]

  private static let layers4 = Entry(
    id: "D4.layers", title: "layers, as a diagram", gist: "input → hidden → output", themes: [.networks],
    section: "§2.1",
    verdict: .correct,
    printed: Form(
      #"\text{Input Layer} \rightarrow \text{Hidden Layer} \rightarrow \text{Output Layer}"#,
      [
        "hidden(x) = relu([1, -1; 0.5, 1] · x + [0, -1])", "output(a) = σ([2, 1] · a + 0.5)", "y = output(hidden(x))",
      ],
      gives: [Quantity("hidden(x)", [1, 1]), Quantity("y", [0.970688])]),
    remark: "A picture with nothing to evaluate; these numbers are ours. In formulas: a = f₁(x), y = f₂(a).",
    symbols: ["x : [n] input    a : [m] hidden    y output"],
    typeIt: ("net = Dense(2, 2) >> relu >> Dense(2, 1) >> sigmoid", ""), inputs: [Input("x", "[2, 1]")],
    offer: "x: [1, 2]")

  private static let net4 = Entry(
    id: "D4.net", title: "a network is a function", gist: "f(x; θ)", themes: [.networks], section: "§3.1",
    verdict: .correct,
    printed: Form(
      #"y = f(x; \theta)"#,
      threeFunctions + ["f(x, θ) = f₃(f₂(f₁(x; θ.first); θ.second); θ.third)", "y = f(x; θ)"],
      gives: [Quantity("y", [0.989013])]),
    remark: "θ is all parameters together, here a record of three layers' W and b.",
    symbols: ["x : [n]    θ all parameters    y : [k]"], typeIt: ("y = f(x; θ)", "the ; may be a comma"),
    inputs: threeLayers.map { Input($0.name, $0.value, isShown: $0.name == "x") } + [
      Input("θ", "(first: θ₁, second: θ₂, third: θ₃)", isShown: false)
    ], example: "x = [2, 1], and three small layers (D4.compose)", offer: "x: [1, 2]")

  private static let compose = Entry(
    id: "D4.compose", title: "layers within layers", gist: "f₃(f₂(f₁(x; θ₁); θ₂); θ₃)", themes: [.networks],
    section: "§3.1", verdict: .ambiguous,
    printed: Form(
      #"y = f^{(L)}(f^{(L-1)}(...f^{(1)}(x;\theta^{(1)});\theta^{(2)})...\theta^{(L)})"#,
      threeFunctions + ["y = f₃(f₂(f₁(x; θ₁); θ₂); θ₃)"], gives: [Quantity("y", [0.989013])]),
    right: Form(
      #"y = f^{(L)}\big(\cdots f^{(2)}(f^{(1)}(x;\theta^{(1)});\theta^{(2)})\cdots;\theta^{(L)}\big)"#,
      threeFunctions + ["a₁ = f₁(x; θ₁)", "a₂ = f₂(a₁; θ₂)", "y = f₃(a₂; θ₃)"],
      gives: [.hidden("a₁", [1, 1]), .hidden("a₂", [3.5, -1]), Quantity("y", [0.989013])]),
    remark: "The meaning is clear, the writing not: f⁽²⁾( is lost in the dots, θ⁽²⁾ closes another layer's bracket.",
    symbols: ["f⁽ˡ⁾ layer l    θ⁽ˡ⁾ its parameters    x : [n]    y : [k]"],
    typeIt: ("y = f₃(f₂(f₁(x; θ₁); θ₂); θ₃)", "or  (f₁ >> f₂ >> f₃)(x), of layers"), inputs: threeLayers,
    example: "x = [2, 1], three layers: relu, none, σ", offer: "x: [1, 2]")

  private static let delta = Entry(
    id: "D4.delta", title: "back-propagation, one layer", gist: "(W[l+1]ᵀ·δ[l+1]) ⊙ φ'(z[l])",
    themes: [.backpropagation], section: "§3.2", verdict: .wrong,
    printed: Form(
      #"\frac{\partial J}{\partial \theta^{(l)}} = \delta^{(l+1)} \cdot (f^{(l)})'"#,
      [
        "z₁ = W₁ · x;  a₁ = relu(z₁);  a₂ = W₂ · a₁;", "δ₂ = a₂ - y;", "dW₁ = δ₂ ⊙ relu'(z₁)",
        "dot = δ₂ · relu'(z₁)",
      ],
      gives: [Quantity("∂J/∂W₁", "dW₁", [0, 3.5]), .hidden("dot", [3.5])]),
    right: Form(
      #"\delta^{(l)} = \big(W^{(l+1)\top}\delta^{(l+1)}\big)\odot\phi'(z^{(l)}), \quad \frac{\partial J}{\partial W^{(l)}}=\delta^{(l)}a^{(l-1)\top}"#,
      [
        "z₁ = W₁ · x;  a₁ = relu(z₁);  a₂ = W₂ · a₁;  J = 1/2 * sum((a₂ - y)²);", "δ₂ = a₂ - y",
        "δ₁ = (W₂ᵀ · δ₂) ⊙ relu'(z₁)", "dW₁ = δ₁ · xᵀ", "dW₂ = δ₂ · a₁ᵀ",
      ],
      gives: [
        .hidden("z₁", [-0.5, 2.25]), .hidden("a₂", [-2.25, 4.5]), .hidden("δ₂", [-2.25, 3.5]),
        .hidden("δ₁", [0, 9.25]),
        Quantity("∂J/∂W₁", "dW₁", [0, 0, 9.25, 18.5]), .hidden("dW₂", [0, -5.0625, 0, 7.875]),
        .hidden("∂J/∂W₁", [0, 0, 9.25, 18.5]), .hidden("∂J/∂W₂", [0, -5.0625, 0, 7.875]),
      ]),
    remark:
      "A weight's gradient is its layer's error times the layer's input. The print has no input, and no W to bring the "
      + "error back.",
    symbols: ["δ⁽ˡ⁾, z⁽ˡ⁾, a⁽ˡ⁾ : [n of l]    W⁽ˡ⁾ : [n of l, n of l-1]    φ elementwise"],
    typeIt: ("δ₁ = (W₂ᵀ · δ₂) ⊙ relu'(z₁)", "then  dW₁ = δ₁ · xᵀ"),
    inputs: [
      Input("x", "[1, 2]"), Input("y", "[0, 1]"), Input("W₁", "[0.5, -0.5; 0.25, 1]"), Input("W₂", "[1, -1; 0.5, 2]"),
    ], symptom: "two numbers as printed, and W₁ has four", offer: "x: [2, 1]")

  private static let points = [Input("x", "[-2, -0.5, 0, 0.5, 2]")]

  private static let relu = Entry(
    id: "D4.relu", title: "relu", gist: "max(0, x)", themes: [.activations], section: "§3.3", verdict: .correct,
    printed: Form(#"f(x) = \max(0, x)"#, ["f(x) = max(0, x)"], gives: [Quantity("f(x)", [0, 0, 0, 0.5, 2])]),
    symbols: ["x any shape, elementwise"], typeIt: ("f(x) = max(0, x)", "or  relu"), inputs: points, offer: "x: [-1, 3]"
  )

  private static let drelu = Entry(
    id: "D4.drelu", title: "the slope of relu", gist: "f'(x) = x > 0", themes: [.activations, .backpropagation],
    section: "§3.3", verdict: .ambiguous,
    printed: Form(
      #"f'(x) = \begin{cases} 1 & x \geq 0 \\ 0 & x < 0 \end{cases}"#,
      ["f(x) = max(0, x)", "f'(x) = if x ≥ 0 then 1 else 0"], gives: [Quantity("f'", "f'(x)", [0, 0, 1, 1, 1])]),
    right: Form(
      #"f'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \leq 0 \end{cases}"#, ["f(x) = max(0, x)"],
      gives: [Quantity("f'", "f'(x)", [0, 0, 0, 1, 1]), .hidden("relu'(x)", [0, 0, 0, 1, 1])]),
    remark:
      "At 0 there is no derivative; any number in [0, 1] would do. The frameworks and nabla take 0, the document 1.",
    symbols: ["x any shape, elementwise"], typeIt: ("f'(x) = x > 0", "your own derivative of your own f"),
    inputs: points, symptom: "they differ at x = 0 only, where units are exactly 0",
    offer: "x: [-1, 0, 1]")

  private static let sigmoid = Entry(
    id: "D4.sigmoid", title: "sigmoid", gist: "1 / (1 + exp(-x))", themes: [.activations], section: "§3.3",
    verdict: .supplied,
    right: Form(
      #"\sigma(x)=\frac1{1+e^{-x}}, \quad \sigma'=\sigma(1-\sigma)"#, ["f(x) = 1 / (1 + exp(-x))"],
      gives: [
        Quantity("f(x)", [0.119203, 0.377541, 0.5, 0.622459, 0.880797]),
        Quantity("f'(x)", [0.104994, 0.235004, 0.25, 0.235004, 0.104994]),
        .hidden("σ(x)", [0.119203, 0.377541, 0.5, 0.622459, 0.880797]),
      ]),
    remark: "The slope is at most 0.25: through many layers it shrinks what comes back.",
    symbols: ["x any shape, elementwise    σ(x) in (0, 1)"], typeIt: ("f(x) = 1 / (1 + exp(-x))", "or  σ"),
    inputs: points,
    offer: "x: [-10, 10]")

  private static let tanh4 = Entry(
    id: "D4.tanh", title: "tanh", gist: "(exp(x) - exp(-x)) / (exp(x) + exp(-x))", themes: [.activations],
    section: "§3.3", verdict: .supplied,
    right: Form(
      #"\tanh x=\frac{e^x-e^{-x}}{e^x+e^{-x}}, \quad \tanh'=1-\tanh^2"#,
      ["f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"],
      gives: [
        Quantity("f(x)", [-0.964028, -0.462117, 0, 0.462117, 0.964028]),
        Quantity("f'(x)", [0.0706508, 0.786448, 1, 0.786448, 0.0706508]),
        .hidden("tanh(x)", [-0.964028, -0.462117, 0, 0.462117, 0.964028]),
      ]),
    symbols: ["x any shape, elementwise    tanh x in (-1, 1)"],
    typeIt: ("f(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))", "or  tanh"), inputs: points, offer: "x: [-3, 3]")

  private static let conv4 = Entry(
    id: "D4.conv", title: "convolution, or correlation", gist: "f(∑[m,n] x[i+m, j+n]·w[m,n] + b)",
    themes: [.convolution], section: "§4.1", verdict: .ambiguous,
    printed: Form(
      #"y = f(x * w + b)"#,
      ["z[i,j] = ∑[m,n] x[i+m, j+n] * w[1-m, 1-n] + b", "y = relu(z)"],
      gives: [.hidden("z", [7, 1, 4, -2, 5, 1, 4, 2, 6]), Quantity("y", [7, 1, 4, 0, 5, 1, 4, 2, 6])]),
    right: Form(
      #"y_{ij}=f\big(\sum_{m,n}x_{i+m,j+n}\,w_{mn} + b\big)"#,
      ["z[i,j] = ∑[m,n] x[i+m, j+n] * w[m,n] + b", "y = relu(z)"],
      gives: [.hidden("z", [3, -1, 4, 2, 3, 1, 4, 0, 4]), Quantity("y", [3, 0, 4, 2, 3, 1, 4, 0, 4])]),
    remark:
      "Read literally, * turns the kernel around. Every framework, and the document's own code, does not: it correlates.",
    symbols: ["x [C, H, W]    w [O, C, K, K]    b [O]    f elementwise"],
    typeIt: ("y[i,j] = relu(∑[m,n] x[i+m, j+n] * w[m,n] + b)", "one channel"),
    inputs: [
      Input("x", "[1, 2, 0, 3; 4, 1, 2, 1; 0, 3, 1, 2; 2, 1, 4, 0]"), Input("w", "[1, 2; 0, -1]"), Input("b", "-1"),
    ], example: "x, w = [1, 2; 0, -1], b = -1, f = relu;  as printed: * flips w", shownInput: "x")

  private static let rnn4 = Entry(
    id: "D4.rnn", title: "recurrent network, in general", gist: "f(x[t], h[t-1]), g(h[t])", themes: [.recurrence],
    section: "§4.2", verdict: .correct,
    printed: Form(
      #"h_t = f(x_t, h_{t-1}) \\ y_t = g(h_t)"#,
      [
        "f(x, h) = tanh(W · x + U · h + b)", "g(h) = softmax(V · h + c)", "h[-1] = h₀;", "h[t] = f(x[t], h[t-1])",
        "y[t] = g(h[t])",
      ],
      gives: [
        Quantity("h[0]", [-0.895693, 0.739783]), Quantity("y[0]", [0.0375314, 0.597272, 0.365197]),
        .hidden("V · h[0] + c", [-1.63548, 1.13172, 0.639783]),
      ]),
    remark: "f and g hold the parameters; here f(x, h) = tanh(W·x + U·h + b), g(h) = softmax(V·h + c).",
    symbols: ["x[t] : [d]    h[t] : [m]    y[t] : [k]"], typeIt: ("h[t] = f(x[t], h[t-1])", "after h[-1] = zeros(m)"),
    inputs: recurrentInputs("W", "U") + [Input("V", "[1, -1; 0.5, 2; 0, 1]"), Input("c", "[0, 0.1, -0.1]")],
    example: "x = [1, 2; -1, 0.5], h₀ = [0.5, -0.5], and D1.rnn's W, U, b", offer: "h₀: [0, 0]")
}
