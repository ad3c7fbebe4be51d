extension Entry {
  /// The formulas in the code of D4.
  static let code4 = [netCode, languageModel, speech]

  private static let netCode = Entry(
    id: "D4.code.net", title: "a CNN with dropout", gist: "relu after conv2", themes: [.networks, .convolution],
    section: "§5.1", verdict: .wrong,
    printed: Form(
      #"\log\operatorname{softmax}\big(W_2\operatorname{relu}(W_1\operatorname{flat}(\operatorname{pool}_2(\operatorname{conv}_2(\operatorname{relu}(\operatorname{conv}_1x)))))\big)"#,
      [
        "net = Conv2d(1, 32, 3) >> relu >> Conv2d(32, 64, 3) >> MaxPool2d(2) >> Flatten();", "flat = size(net(x))",
        "parameters = 320 + 64 * (32*3*3 + 1) + (flat + 1) * 128 + 129 * 10",
      ],
      gives: [Quantity("flat", [9216]), Quantity("parameters", [1_199_882])]),
    right: Form(
      #"\log\operatorname{softmax}\big(W_2\operatorname{relu}(W_1\operatorname{flat}(\operatorname{pool}_2(\operatorname{relu}(\operatorname{conv}_2(\operatorname{relu}(\operatorname{conv}_1x))))))\big)"#,
      [
        "net = Conv2d(1, 32, 3) >> relu >> Conv2d(32, 64, 3) >> relu >> MaxPool2d(2) >> Flatten();",
        "flat = size(net(x))",
        "conv1 = size(net[0].W) + size(net[0].b);  conv2 = size(net[2].W) + size(net[2].b);",
        "parameters = conv1 + conv2 + (flat + 1) * 128 + 129 * 10",
      ],
      gives: [Quantity("flat", [9216]), Quantity("parameters", [1_199_882])]),
    remark:
      "torch is used and not imported. conv2 has no relu: it trains, with one bend less. The output is log-probabilities, so "
      + "the loss is nll.",
    symbols: ["x : [N, 1, 28, 28]    conv₁ 32, conv₂ 64 maps, 3 × 3    W₁ : [9216, 128]    W₂ : [128, 10]"],
    typeIt: ("head = Dense(9216, 128) >> relu >> Dense(128, 10) >> log_softmax", ""),
    inputs: [Input("x", "zeros(1, 1, 28, 28)")])

  private static let languageModel = Entry(
    id: "D4.code.lm", title: "a language model, and perplexity", gist: "exp(-mean ln p[next])",
    themes: [.networks, .recurrence, .losses], section: "§5.2", verdict: .correct,
    printed: Form(
      #"e=E[x], \quad o, h, c=\text{LSTM}(e,h_0,c_0), \quad z=W\,o_{\text{last}}+b"#,
      ["J = cross_entropy(z, [next])", "perplexity = exp(J)"],
      gives: [Quantity("J", [2.07944]), Quantity("perplexity", [8])]),
    remark:
      "Only the last step is scored; a language model is trained on every step. Scores that know nothing have a perplexity of "
      + "the number of words.",
    symbols: ["x : [N, T] words    E : [V, e]    z : [N, V] scores of the next word"],
    typeIt: ("perplexity = exp(cross_entropy(z, [next]))", ""),
    inputs: [Input("z", "zeros(1, 8)"), Input("next", "3")],
    example: "z = zeros(1, 8): a model of 8 words that has learnt nothing", offer: "z: [[0, 0, 0, 3, 0, 0, 0, 0]]")

  private static let speech = Entry(
    id: "D4.code.speech", title: "speech recognition", gist: "-ln ∑ over alignments ∏[t] p[t]",
    themes: [.networks, .recurrence, .losses], section: "§5.3", verdict: .wrong,
    printed: Form(
      #"o=\text{LSTM}(x), \quad z=W\,o_{\text{last}}+b"#,
      ["o = LSTM(4, 8, last: true)(x);", "labels = size(o, axis: 0)"], gives: [Quantity("labels", [1])]),
    right: Form(
      #"z_t=Wh_t+b, \quad J=-\ln\sum_{\pi\in\mathcal B^{-1}(y)}\prod_tp_t(\pi_t)"#,
      [
        "P = p[0,1] * p[1,1] + p[0,1] * p[1,0] + p[0,0] * p[1,1]", "J = -log(P)",
        "h = LSTM(4, 8)(x);", "labels = size(h, axis: 1)",
      ],
      gives: [Quantity("labels", [2]), Quantity("P", [0.75]), Quantity("J", [0.287682])]),
    remark:
      "One label for a whole recording. Every frame needs one, and the loss adds up all alignments with the text.",
    symbols: [
      "x : [N, T, d]    z : [N, T, V]    p[t] = softmax(z[t])    y the text    π an alignment, blanks removed by B"
    ],
    typeIt: ("P = p[0,1] * p[1,1] + p[0,1] * p[1,0] + p[0,0] * p[1,1]", "aa, a-, -a"),
    inputs: [Input("p", "[0.5, 0.5; 0.5, 0.5]"), Input("x", "ones(1, 2, 4)", isShown: false)],
    example: "2 frames, p[t] = [0.5 blank, 0.5 a], the text \"a\": alignments aa, a-, -a",
    offer: "p: [0.1, 0.9; 0.8, 0.2]")
}
