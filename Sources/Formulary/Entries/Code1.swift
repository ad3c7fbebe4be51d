extension Entry {
  /// The formulas in the code of D1.
  static let code1 = [data, linregCode, logisticCode, scale, cnn, rnnCode, attnCode]

  private static let data = Entry(
    id: "D1.code.data", title: "noisy line, and labels", gist: "3x + u", themes: [.data, .regression],
    section: "§4.1, §4.2", verdict: .correct,
    printed: Form(
      #"y = 3x + u,\; u\sim U[0,1);\qquad y=\mathbf 1[x>0.5]"#, ["y = 3x + u", "label = x > 0.5"],
      gives: [Quantity("y", [0.5, 1.25, 2.75]), Quantity("label", [0, 0, 1])]),
    remark:
      "The noise has mean 0.5, so what is fitted is 3x + 0.5. The labels are split by one point: cross-entropy has no "
      + "minimum there, w grows for ever, slowly.",
    symbols: ["x, u : [n], uniform in [0, 1)    y : [n]"], typeIt: ("y = 3x + rand(3)", ""),
    inputs: [Input("x", "[0, 0.25, 0.75]"), Input("u", "[0.5, 0.5, 0.5]")], offer: "u: [0, 0, 0]")

  private static let linregCode = Entry(
    id: "D1.code.linreg", title: "linear regression, one step", gist: "W - 0.01·∂J/∂W",
    themes: [.regression, .optimizers],
    section: "§4.1", verdict: .correct,
    printed: Form(
      #"\hat y = xW + b, \quad J=\frac1B\sum(\hat y-y)^2 \\ (W,b)\leftarrow(W,b)-0.01\,\nabla J"#,
      [
        "ŷ = x @ W + b", "J = mean((ŷ - y)²)", "W₁ = W - 0.01 * ∂J/∂W", "b₁ = b - 0.01 * ∂J/∂b",
      ],
      gives: [
        Quantity("J", [2.91667]), Quantity("∂J/∂W", [-2.16667]), Quantity("∂J/∂b", [-3]), Quantity("W₁", [1.02167]),
        Quantity("b₁", [0.03]),
      ]),
    remark: "Keras takes batches of B = 32 and the rate 0.01 where the code says nothing.",
    symbols: ["x, y : [B, 1]    W : [1, 1]    b : [1]    J a number"],
    typeIt: ("W₁ = W - 0.01 * ∂J/∂W", "after the two lines for ŷ and J"),
    inputs: [Input("x", "[0; 0.5; 1]"), Input("y", "[0.5; 2; 3.5]"), Input("W", "[[1]]"), Input("b", "[0]")],
    offer: "W: [[3]], b: [0.5]")

  private static let logisticCode = Entry(
    id: "D1.code.logistic", title: "logistic regression, one batch", gist: "-mean(y·ln p + (1-y)·ln(1-p))",
    themes: [.regression, .losses], section: "§4.2", verdict: .correct,
    printed: Form(
      #"p=\sigma(xW+b), \quad J=-\frac1B\sum[y\ln p+(1-y)\ln(1-p)]"#,
      ["p = σ(x @ W + b)", "J = -mean(y * log(p) + (1 - y) * log(1 - p))"],
      gives: [
        Quantity("p", [0.268941, 0.622459, 0.880797]), Quantity("J", [0.471422]), Quantity("∂J/∂W", [-0.0653725]),
        Quantity("∂J/∂b", [0.257399]),
      ]),
    remark: "σ and ln cancel backward: ∂J/∂z = (p - y)/B.", symbols: ["x, y, p : [B, 1]    W : [1, 1]    b : [1]"],
    typeIt: ("J = -mean(y * log(p) + (1 - y) * log(1 - p))", "or  bce(p, y)"),
    inputs: [Input("x", "[-1; 0.5; 2]"), Input("y", "[0; 0; 1]"), Input("W", "[[1]]"), Input("b", "[0]")],
    offer: "b: [-1]")

  private static let scale = Entry(
    id: "D1.code.scale", title: "pixels to [0, 1], and their shape", gist: "x / 255", themes: [.data, .recurrence],
    section: "§4.3, §4.4", verdict: .wrong,
    printed: Form(
      #"x \leftarrow \mathrm{reshape}(x, -1,28,28,1)/255"#,
      ["scaled = pixels / 255", "x = reshape(images, 2, 28, 28, 1) / 255;"], failing: "RNN(28, 100)(x)",
      gives: [Quantity("scaled", [0, 0.2, 1])]),
    right: Form(
      #"x \leftarrow x/255, \quad x : (N,28,28)\text{ for the RNN}"#,
      ["scaled = pixels / 255", "x = images / 255;"],
      gives: [Quantity("scaled", [0, 0.2, 1]), .hidden("size(RNN(28, 100)(x))", [5600])]),
    remark:
      "Right for the CNN of §4.3. The RNN of §4.4 takes 28 rows of 28 numbers a step; the axis of 1 at the end makes it fail.",
    symbols: ["x : [N, 28, 28], bytes 0 to 255"], typeIt: ("x = images / 255", ""),
    inputs: [Input("pixels", "[0, 51, 255]"), Input("images", "ones(2, 28, 28)", isShown: false)])

  private static let cnn = Entry(
    id: "D1.code.cnn", title: "a small CNN", gist: "Conv2d >> relu >> MaxPool2d >> Dense",
    themes: [.networks, .convolution], section: "§4.3", verdict: .correct,
    printed: Form(
      #"\operatorname{softmax}\big(W_d\operatorname{flat}(\operatorname{maxpool}_2(\operatorname{relu}(x\star w+b)))+b_d\big)"#,
      [
        "block = Conv2d(1, 32, 3) >> relu >> MaxPool2d(2);", "z = Conv2d(1, 32, 3)(zeros(1, 1, 28, 28));",
        "a = block(zeros(1, 1, 28, 28));", "conv = size(z, axis: 3)", "pool = size(a, axis: 3)", "flat = size(a)",
        "parameters = 32 * (3*3*1 + 1) + (flat + 1) * 10",
      ],
      gives: [
        Quantity("conv", [26]), Quantity("pool", [13]), Quantity("flat", [5408]), Quantity("parameters", [54410]),
      ]),
    remark: "28 - 3 + 1 = 26, 26/2 = 13, 13·13·32 = 5408 numbers into the dense layer.",
    symbols: ["x : [N, 1, 28, 28]    w : [32, 1, 3, 3]    b : [32]    W_d : [5408, 10]"],
    typeIt: ("net = block >> Flatten() >> Dense(5408, 10)", "block = Conv2d(1, 32, 3) >> …"))

  private static let rnnCode = Entry(
    id: "D1.code.rnn", title: "an RNN that reads an image row by row", gist: "RNN(28, 100) >> Dense(100, 10)",
    themes: [.networks, .recurrence], section: "§4.4", verdict: .wrong,
    printed: Form(
      #"\text{SimpleRNN}(100,\mathrm{relu},\ \mathrm{input\_shape}=(28,28,1))"#,
      ["net = RNN(28, 100, activation: \"relu\", last: true);"], failing: "net(images)"),
    right: Form(
      #"h_t=\operatorname{relu}(x_tW+h_{t-1}U+b),\; t=1..28 \\ p=\operatorname{softmax}(h_{28}V+c)"#,
      [
        "rnn = RNN(28, 100, activation: \"relu\", last: true);", "x = images[:, :, :, 0];", "steps = size(x, axis: 1)",
        "recurrent = size(rnn[0].W) + size(rnn[0].U) + size(rnn[0].b)", "parameters = recurrent + 100*10 + 10",
      ],
      gives: [
        Quantity("steps", [28]), Quantity("recurrent", [12900]), Quantity("parameters", [13910]),
        .hidden("size(rnn(x))", [200]),
      ]),
    remark: "A recurrent layer takes [N, time, features]; with input_shape of three axes the batch has four.",
    symbols: ["x : [N, 28, 28], a row of pixels a step    h : [N, 100]"],
    typeIt: ("net = RNN(28, 100, activation: \"relu\", last: true) >> Dense(100, 10)", ""),
    inputs: [Input("images", "ones(2, 28, 28, 1)")])

  private static let attnCode = Entry(
    id: "D1.code.attn", title: "an LSTM with attention", gist: "mean(softmax(h·hᵀ)·h)·W + b",
    themes: [.networks, .attention, .recurrence], section: "§4.5", verdict: .wrong,
    printed: Form(
      #"\text{Sequential}[\text{LSTM}(100,\text{seq}),\ \text{Attention}(),\ \text{Dense}(1)]"#,
      ["h = LSTM(1, 100)(x);"], failing: "attention(h)"),
    right: Form(
      #"c=\operatorname{softmax}(hh^\top)h, \quad \bar c=\frac1T\sum_tc_t, \quad \hat y=\bar cW+b"#,
      [
        "lstm = LSTM(1, 100);  dense = Dense(100, 1);", "h = lstm(x);", "a[n,s,t] = ∑[d] h[n,s,d] * h[n,t,d];",
        "c = softmax(a) @ h;", "ŷ = dense(mean(c, axis: 1));", "predictions = size(ŷ)",
        "parameters = size(lstm[0].W) + size(lstm[0].U) + size(lstm[0].b) + size(dense[0].W) + size(dense[0].b)",
      ],
      gives: [Quantity("predictions", [10]), Quantity("parameters", [40901])]),
    remark:
      "Attention needs a query and a value; in a chain it gets one tensor. And Dense(1) on every step would hold 10 "
      + "predictions against one y.",
    symbols: ["x : [10, 10, 1]    h, c : [N, T, 100]    W : [100, 1]    ŷ : [N, 1]"],
    typeIt: ("c = attention(h, h, h)", "scaled by √d, as most do it"), inputs: [Input("x", "ones(10, 10, 1)")])
}
