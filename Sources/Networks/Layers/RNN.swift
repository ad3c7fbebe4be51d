import Tensors

/// A recurrent layer: each state is a function of the step's input and of the state before.
///
/// `y, s = rnn(x, state: s)` carries the state `h: [n, hidden]` on, or `[layers·directions, n, hidden]`.
///
/// **Shapes** `x: [n, t, in]`, `W: [in, hidden]`, `U: [hidden, hidden]`, `b: [hidden]` → `[n, t, hidden]`
public struct RNN: RecurrentLayer {
  public var stack: RecurrentStack

  public static let card = Card(
    name: "RNN", summary: "A recurrent layer: each state is a function of the step's input and of the state before.",
    formula: "h_t = \\tanh(x_t W + h_{t-1} U + b)",
    shapes: "x: [n, t, in] → [n, t, hidden], or [n, hidden] with last: true; "
      + "y, s = rnn(x, state: s) carries s: [n, hidden], state: 0 begins",
    arguments: RecurrentStack.arguments(
      gates: "", [.optional("activation", .word(["tanh", "relu"]), "\"tanh\"", "the function")]),
    example: ("RNN(1, 1, activation: \"relu\", W: [[1]], U: [[2]])([[1; 1; 1]])[0]", "[1; 3; 7]"),
    source: "D1 §3.4, D2 §3.4, D4 §4.2; drawn as in Keras' SimpleRNN")

  /// A layer with weights drawn from `random`.
  /// - Throws: `ShapeError` if no tensor can have the weights' shapes.
  public init(
    _ inputs: Int, _ hidden: Int, isRelu: Bool = false, layers: Int = 1, isBidirectional: Bool = false,
    givesLast: Bool = false, dropout: Double = 0, initializer: Initializer = .xavier,
    elementType: ElementType = .float64, random: inout RandomGenerator
  ) throws {
    stack = try RecurrentStack(
      isRelu ? .relu : .tanh, inputs, hidden, layers: layers, isBidirectional: isBidirectional, givesLast: givesLast,
      dropout: dropout, initializer: initializer, elementType: elementType, random: &random)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    let isRelu = arguments.word("activation") == "relu"
    stack = try RecurrentStack(isRelu ? .relu : .tanh, arguments, random: &random, elementType: elementType)
  }

  public var description: String {
    let activation = stack.cell == .relu ? ", activation: \"relu\"" : ""
    return "RNN(\(stack.inputs), \(stack.hidden)\(stack.options)\(activation))"
  }
}

/// Long short-term memory: gates decide what a memory cell forgets, takes in and shows.
///
/// `y, s = lstm(x, state: s)` carries the state `s = (h, C)` on, each `[n, hidden]`, or `[layers·directions, n, hidden]`. The columns of
/// W, U and b are the gates i, f, g (the documents' C̃), o.
///
/// **Shapes** `x: [n, t, in]`, `W: [in, 4·hidden]`, `U: [hidden, 4·hidden]`, `b: [4·hidden]` → `[n, t, hidden]`
public struct LSTM: RecurrentLayer {
  public var stack: RecurrentStack

  public static let card = Card(
    name: "LSTM", summary: "Long short-term memory: gates decide what a memory cell forgets, takes in and shows.",
    formula: "C_t = f_t \\odot C_{t-1} + i_t \\odot g_t, \\quad h_t = o_t \\odot \\tanh(C_t), \\quad "
      + "i, f, o = \\sigma(x_t W + h_{t-1} U + b), \\quad g = \\tanh(x_t W + h_{t-1} U + b)",
    shapes: "x: [n, t, in], W: [in, 4·hidden], gates i f g o → [n, t, hidden], or [n, hidden] with last: true; "
      + "y, s = lstm(x, state: s) carries s = (h, C), state: 0 begins",
    arguments: RecurrentStack.arguments(gates: "4·"),
    example: ("shape(LSTM(3, 4, last: true)(zeros(2, 5, 3)))", "(2, 4)"),
    source: "D4 §4.3; Hochreiter and Schmidhuber 1997; one bias a gate, drawn as in Keras, forget gates 1")

  /// A layer with weights drawn from `random`.
  /// - Throws: `ShapeError` if no tensor can have the weights' shapes.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, isBidirectional: Bool = false, givesLast: Bool = false,
    dropout: Double = 0, initializer: Initializer = .xavier, elementType: ElementType = .float64,
    random: inout RandomGenerator
  ) throws {
    stack = try RecurrentStack(
      .lstm, inputs, hidden, layers: layers, isBidirectional: isBidirectional, givesLast: givesLast, dropout: dropout,
      initializer: initializer, elementType: elementType, random: &random)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    stack = try RecurrentStack(.lstm, arguments, random: &random, elementType: elementType)
  }
}

/// A gated recurrent unit: one gate decides how much of the state stays, another how much of it goes into what is new.
///
/// `y, s = gru(x, state: s)` carries the state `h: [n, hidden]` on, or `[layers·directions, n, hidden]`. The columns of W, U and b are
/// the gates r, z and the new state n; c is the bias inside the reset.
///
/// **Shapes** `x: [n, t, in]`, `W: [in, 3·hidden]`, `U: [hidden, 3·hidden]`, `b: [3·hidden]`, `c: [hidden]` → `[n, t, hidden]`
public struct GRU: RecurrentLayer {
  public var stack: RecurrentStack

  public static let card = Card(
    name: "GRU", summary: "A gated recurrent unit: gates decide how much of the state stays and what of it is used.",
    formula: "n_t = \\tanh(x_t W_n + b_n + r_t \\odot (h_{t-1} U_n + c)), \\quad "
      + "h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}, \\quad r, z = \\sigma(x_t W + h_{t-1} U + b)",
    shapes: "x: [n, t, in], W: [in, 3·hidden], gates r z n → [n, t, hidden], or [n, hidden] with last: true; "
      + "y, s = gru(x, state: s) carries s: [n, hidden], state: 0 begins",
    arguments: RecurrentStack.arguments(gates: "3·")
      + [.optional("c", .tensor, nil, "[hidden], the bias inside the reset")],
    example: ("shape(GRU(3, 4, bidirectional: true)(zeros(2, 5, 3)))", "(2, 5, 8)"),
    source: "Cho et al. 2014; torch.nn.GRU, one bias a gate and c; drawn as in Keras")

  /// A layer with weights drawn from `random`.
  /// - Throws: `ShapeError` if no tensor can have the weights' shapes.
  public init(
    _ inputs: Int, _ hidden: Int, layers: Int = 1, isBidirectional: Bool = false, givesLast: Bool = false,
    dropout: Double = 0, initializer: Initializer = .xavier, elementType: ElementType = .float64,
    random: inout RandomGenerator
  ) throws {
    stack = try RecurrentStack(
      .gru, inputs, hidden, layers: layers, isBidirectional: isBidirectional, givesLast: givesLast, dropout: dropout,
      initializer: initializer, elementType: elementType, random: &random)
  }

  public init(_ arguments: Arguments, random: inout RandomGenerator, elementType: ElementType) throws {
    stack = try RecurrentStack(.gru, arguments, random: &random, elementType: elementType)
  }
}
