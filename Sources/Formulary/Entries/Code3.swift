extension Entry {
  /// The formulas in the code of D3.
  static let code3 = [prep, model, evaluation]

  private static let prep = Entry(
    id: "D3.code.prep", title: "preparing CIFAR-10", gist: "Y[n,k] = y[n] == k", themes: [.data], section: "§4",
    verdict: .wrong,
    printed: Form(
      #"x\leftarrow x/255;\quad x\leftarrow\mathrm{expand\_dims}(x,3);\quad Y=\mathrm{onehot}(y,10)"#,
      ["Y = one_hot(y, 3)", "x = unsqueeze(images / 255, 3);"], failing: "Conv2d(3, 32, 3)(x)",
      gives: [Quantity("Y", [0, 0, 1, 1, 0, 0])]),
    right: Form(
      #"x\leftarrow x/255, \quad Y_{nk}=\mathbf 1[y_n=k]"#,
      ["Y[n,k] = y[n] == k  where k in 0..<3", "x = images / 255;"],
      gives: [Quantity("Y", [0, 0, 1, 1, 0, 0]), .hidden("size(Conv2d(3, 32, 3)(x))", [57600])]),
    remark: "The images have their three channels already; one more axis makes five, and fit fails.",
    symbols: ["images : [N, 3, 32, 32], bytes    y : [N] classes    Y : [N, K], rows of one 1"],
    typeIt: ("Y[n,k] = y[n] == k  where k in 0..<3", "or  one_hot(y, 3)"),
    inputs: [Input("y", "[2, 0]"), Input("images", "ones(2, 3, 32, 32)")], offer: "y: [1, 1]")

  private static let model = Entry(
    id: "D3.code.model", title: "a CNN for CIFAR-10", gist: "2 × (Conv2d >> relu >> MaxPool2d) >> Dense",
    themes: [.networks, .convolution], section: "§4", verdict: .correct,
    printed: Form(
      #"\text{Conv}_{32}^{3\times3}\to\text{relu}\to\text{pool}_2\to\text{Conv}_{64}^{3\times3}\to\text{relu}\to\text{pool}_2\to\text{flat}\to\text{Dense}_{10}\to\text{softmax}"#,
      [
        "net = Conv2d(3, 32, 3) >> relu >> MaxPool2d(2) >> Conv2d(32, 64, 3) >> relu >> MaxPool2d(2) >> Flatten();",
        "flat = size(net(x))", "conv1 = size(net[0].W) + size(net[0].b)", "conv2 = size(net[3].W) + size(net[3].b)",
        "dense = (flat + 1) * 10", "parameters = conv1 + conv2 + dense",
      ],
      gives: [
        Quantity("flat", [2304]), Quantity("conv1", [896]), Quantity("conv2", [18496]), Quantity("dense", [23050]),
        Quantity("parameters", [42442]),
      ]),
    remark: "32 → 30 → 15 → 13 → 6, and 6·6·64 = 2304 numbers into the dense layer.",
    symbols: ["x : [N, 3, 32, 32]    kernels 3 × 3, windows 2 × 2    out : [N, 10]"],
    typeIt: ("head = Dense(2304, 10) >> softmax", "behind net"), inputs: [Input("x", "zeros(1, 3, 32, 32)")])

  private static let evaluation = Entry(
    id: "D3.code.eval", title: "loss and accuracy", gist: "mean[n] (argmax(p[n]) == y[n])",
    themes: [.evaluation, .losses],
    section: "§4", verdict: .correct,
    printed: Form(
      #"\text{loss} = -\frac1N\sum_n\ln p_{n,y_n}, \quad \text{accuracy}=\frac1N\sum_n\mathbf 1[\arg\max_kp_{nk}=y_n]"#,
      ["loss = -mean[n] log(p[n, y[n]])", "right = mean[n] (argmax[k] p[n,k] == y[n])"],
      gives: [Quantity("loss", [0.594597]), Quantity("right", [0.666667]), .hidden("accuracy(p, y)", [0.666667])]),
    remark: "The test images are watched while training and reported as the result; choices made by watching leak.",
    symbols: ["p : [N, K] probabilities    y : [N] right classes"],
    typeIt: ("right = mean[n] (argmax[k] p[n,k] == y[n])", "or  accuracy(p, y)"),
    inputs: [Input("p", "[0.7, 0.2, 0.1; 0.3, 0.4, 0.3; 0.1, 0.1, 0.8]"), Input("y", "[0, 2, 2]")],
    offer: "y: [0, 1, 2]"
  )
}
