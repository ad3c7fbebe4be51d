/// The six equations of an LSTM, which D4 prints one by one and all of which are right.
extension Entry {
  private static let lstmInputs = [
    Input("x", "[1; -0.5]"), Input("h₀", "[0.5, -0.25]"), Input("C₀", "[0.2, -0.4]"),
    Input("Wf", "[0.5, 0, 1; 0, 0.5, -1]", isShown: false), Input("Wi", "[1, 0, 0.5; 0, 1, 0.5]", isShown: false),
    Input("WC", "[0.2, -0.3, 1; 0.4, 0.1, -0.5]", isShown: false),
    Input("Wo", "[-0.5, 0.5, 0; 1, 1, 0.25]", isShown: false), Input("bf", "[1, 1]", isShown: false),
    Input("bi", "[0, 0]", isShown: false), Input("bC", "[0.1, -0.1]", isShown: false),
    Input("bo", "[0, 0.5]", isShown: false),
  ]

  private static let lstmProgram = [
    "h[-1] = h₀;  C[-1] = C₀;",
    """
    for t in 0..<2 {
      f[t] = σ(Wf · (h[t-1] ++ x[t]) + bf)
      i[t] = σ(Wi · (h[t-1] ++ x[t]) + bi)
      C̃[t] = tanh(WC · (h[t-1] ++ x[t]) + bC)
      C[t] = f[t] ⊙ C[t-1] + i[t] ⊙ C̃[t]
      o[t] = σ(Wo · (h[t-1] ++ x[t]) + bo)
      h[t] = o[t] ⊙ tanh(C[t])
    }
    """,
  ]

  private static func lstm(
    _ name: String, _ title: String, _ gist: String, _ tex: String, _ quantity: String, _ expected: [Double],
    remark: String, symbols: String, line: String
  ) -> Entry {
    Entry(
      id: "D4.lstm.\(name)", title: title, gist: gist, themes: [.recurrence], section: "§4.3", verdict: .correct,
      printed: Form(tex, lstmProgram, gives: [Quantity(quantity, expected)]), remark: remark,
      symbols: [symbols, "h[t-1] ++ x[t] : [m + d], h first    a gate is a number in (0, 1) for each unit"],
      typeIt: (line, "in for t in 0..<T { … }"), inputs: lstmInputs,
      example: "x = [1; -0.5], h₀ = [0.5, -0.25], C₀ = [0.2, -0.4], and 4 small matrices", offer: "C₀: [0, 0]")
  }

  static let lstmForget = lstm(
    "f", "LSTM: forget gate", "σ(Wf·(h[t-1] ++ x[t]) + bf)", #"f_t = \sigma(W_f \cdot [h_{t-1}, x_t] + b_f)"#, "f[0]",
    [0.904651, 0.468791], remark: "How much of the old cell is kept.", symbols: "f[t], bf : [m]    Wf : [m, m + d]",
    line: "f[t] = σ(Wf · (h[t-1] ++ x[t]) + bf)")

  static let lstmInput = lstm(
    "i", "LSTM: input gate", "σ(Wi·(h[t-1] ++ x[t]) + bi)", #"i_t = \sigma(W_i \cdot [h_{t-1}, x_t] + b_i)"#, "i[0]",
    [0.731059, 0.562177], remark: "How much of the candidate is written.", symbols: "i[t], bi : [m]    Wi : [m, m + d]",
    line: "i[t] = σ(Wi · (h[t-1] ++ x[t]) + bi)")

  static let lstmCandidate = lstm(
    "Ctilde", "LSTM: candidate", "tanh(WC·(h[t-1] ++ x[t]) + bC)",
    #"\tilde{C}_t = \tanh(W_C \cdot [h_{t-1}, x_t] + b_C)"#, "C̃[0]", [0.855147, -0.401134],
    remark: "What could be written into the cell.", symbols: "C̃[t], bC : [m]    WC : [m, m + d]",
    line: "C̃[t] = tanh(WC · (h[t-1] ++ x[t]) + bC)")

  static let lstmCell = lstm(
    "C", "LSTM: new cell", "f[t]·C[t-1] + i[t]·C̃[t]", #"C_t = f_t \odot C_{t-1} + i_t \odot \tilde{C}_t"#, "C[0]",
    [0.806093, -0.413025], remark: "Kept, plus newly written. The slope from C[t] to C[t-1] is f[t].",
    symbols: "C[t], f[t], i[t], C̃[t] : [m]", line: "C[t] = f[t] ⊙ C[t-1] + i[t] ⊙ C̃[t]")

  static let lstmOutput = lstm(
    "o", "LSTM: output gate", "σ(Wo·(h[t-1] ++ x[t]) + bo)", #"o_t = \sigma(W_o \cdot [h_{t-1}, x_t] + b_o)"#, "o[0]",
    [0.407333, 0.731059], remark: "How much of the cell is shown.", symbols: "o[t], bo : [m]    Wo : [m, m + d]",
    line: "o[t] = σ(Wo · (h[t-1] ++ x[t]) + bo)")

  static let lstmState = lstm(
    "h", "LSTM: output", "o[t]·tanh(C[t])", #"h_t = o_t \odot \tanh(C_t)"#, "h[0]", [0.271866, -0.285871],
    remark: "What the layer gives, and what its gates see at the next step.", symbols: "h[t], o[t], C[t] : [m]",
    line: "h[t] = o[t] ⊙ tanh(C[t])")
}
