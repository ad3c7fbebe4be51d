import Display
import Language

/// A page of help on a word that is no built-in and no command.
struct HelpTopic {
  /// The first is the one listed.
  let names: [String]
  let lines: [String]
  /// What a screen shows that can draw only ASCII, if that is something else and not the same spelled out.
  var asciiLines: [String]?

  func document(_ style: Style) -> Document {
    Document((style.ascii ? asciiLines ?? lines : lines).map { Line("  \($0.shown(style))") })
  }

  static let all: [HelpTopic] = [
    HelpTopic(
      names: ["typing", "symbols"],
      lines: [
        "Every symbol has an ASCII twin, and \\name<Tab> types the symbol:",
        "  \\sigma<Tab> σ   \\nabla<Tab> ∇   \\odot<Tab> ⊙   \\sum<Tab> ∑",
        "  ∇f  grad(f)     ⊙  *     ·  @     xᵀ  x.T     √x  sqrt(x)     x²  x^2",
        "  ≤ ≥ ≠ ≈  <= >= != ~~     σ(x)  sigmoid(x)     π  pi     ∞  inf",
        "Tab completes names, commands and files; Tab twice lists. Up and Down search",
        "the history for what begins as the line does, Ctrl-R for what contains it.",
        "An open bracket continues on the next line. Ctrl-C cancels a line or a",
        "computation; Ctrl-D on an empty line leaves.",
      ],
      asciiLines: [
        "Every symbol of the formulas has an ASCII twin; this screen shows the twins:",
        "  grad(f)   partial(L, W)   x.T   sqrt(x)   sigmoid(x)   sum[k]   pi   inf",
        "  * element by element, @ the matrix product, ^ a power, != <= >= ~~",
        "Tab completes names, commands and files; Tab twice lists. Up and Down search",
        "the history for what begins as the line does, Ctrl-R for what contains it.",
        "An open bracket continues on the next line. Ctrl-C cancels a line or a",
        "computation; Ctrl-D on an empty line leaves.",
      ]),
    HelpTopic(
      names: ["tensors", "indexing"],
      lines: [
        "[1, 2, 3] is a vector, [1, 2; 3, 4] a matrix, [a, b] stacks equal shapes.",
        "x[0]  x[1, 2]  x[0..<3]  x[:, 1]  x[..., k]  x[end]  x[new, :]  x[x > 0]",
        "Indices start at 0 and do not wrap. h ++ x joins along the last axis.",
        "a + b: one side may stretch to the other's shape, [3] to [2, 3], a number",
        "to anything.",
        "* multiplies element by element, @ is the matrix product (:help typing has",
        "their symbols). Tensors never change; names can be bound again.",
      ]),
    HelpTopic(
      names: ["functions"],
      lines: [
        "f(x, η: 0.1) = x^2 + η     g(x) = { a = f(x); a * 2 }     x -> x^2",
        "f(3)   f(3, η: 0)   x |> f   f >> g",
        "for i in 0..<9 { … }   while c { … }   repeat n { … }   if c { … } else { … }",
        "if c then a else b works element by element when c is a tensor.",
      ]),
    HelpTopic(
      names: ["index equations", "index", "∑", "sum over an index", "indices"],
      lines: [
        "z[i,j] = ∑[k] A[i,k] * B[k,j]   defines z element by element; also sum[k]",
        "Big operators: ∑ ∏ max min mean argmax argmin, as in max[k] x[i,k]. They take",
        "in * / @ and stop at + -. Every index on the right stands on the left or under",
        "a big operator. Ranges come from the axes; x[i+k] gives the index still",
        "without a range the largest that stays inside.",
        "  d[i] = x[i+1] - x[i]                     i is cut to what stays inside",
        "  z[i,j] = ∑[k,l] x[i+k, j+l] * w[k,l]     a convolution",
        "  s[i] = i^2 where i in 0..<5              a range that nothing gives",
        "  c[i] = ∑[k in 0...i] x[k] * w[i]         it may depend on other indices",
        "  l[n] = -log(p[n, t[n]])                  a tensor of indices gathers",
        "  y[i] = if i > 0 then x[i-1] else 0       reads only the branch taken",
      ]),
    HelpTopic(
      names: ["sequences", "recurrences", "recurrence"],
      lines: [
        "θ[0] = [4, -2]                                             a first value",
        "θ[t+1] = θ[t] - 0.1 * ∇J(θ[t])  where t in 0..<50          the others",
        "h[-1] = zeros(4)",
        "for t in 0..<3 { h[t] = tanh(W @ h[t-1] + U @ x[t]) }      in a loop",
        "δ[(L)] = y - t;  δ[l] = W[l+1]ᵀ @ δ[l+1] where l in 1..<L  downward",
        "",
        "h is the tensor of its values from number 0 on, h[-1] the value at -1,",
        "h[end] the last.",
        "Run again, a loop keeps only the first values; giving one starts anew.",
      ]),
    HelpTopic(
      names: ["partial", "∂", "∂y/∂x"],
      lines: [
        "∂L/∂W   the derivative of one bound name by another, through the lines",
        "        between them; in ASCII partial(L, W). Of a number: the shape of W.",
        "        Of a tensor z the Jacobian: the shape of z, then that of W.",
        "  x = [1, 2]; L = sum(x^2); ∂L/∂x        [2, 4]",
        "  ∂J/∂θ.W   ∂J/∂net   ∂J/∂net[0].W       a field, a network, a weight",
        "  ∂L/∂h[2]                               a value of a sequence",
        "  c[j] = ∑[i] ∂J/∂z[i] * ∂z[i]/∂w[j]     element by element",
        "  g = ∂L/∂x; ∂g/∂x                       once more",
        "A line keeps the values and draws it used. ∂ is by the x bound now: if x is",
        "bound again, run the lines that compute y again. A loop is one line; inside",
        "it, ∂ sees the current pass.",
      ]),
    HelpTopic(
      names: ["derivatives", "gradient", "∇"],
      lines: [
        "f'(x)          the derivative, element by element; f''(x) again",
        "∇f(x)          the gradient of a scalar f by its first argument; grad(f)(x)",
        "∇[w, b] f      by the named arguments, as a record",
        "jacobian(f, x)   hessian(f, x)   gradcheck(f, x)",
        "Derivatives are exact and go through loops, functions, records and networks,",
        "to any order.",
      ]),
    HelpTopic(
      names: ["training", "networks"],
      lines: [
        "train_set, test_set = partition(digits(), 0.8, seed: 7)",
        "net = Dense(64, 64) >> relu >> Dense(64, 10)",
        "net = train(net, train_set, optimizer: Adam(0.003), epochs: 30)",
        "accuracy(net, test_set)   net(test_set.x[0..<3])   :summary net   net[1].W",
        "",
        "Ctrl-C stops after the current step and keeps what was learned.",
        "digits() and iris() come with nabla; idx(\"folder\") reads MNIST-format files,",
        "gzipped or not, and idx() finds Fashion-MNIST where Debian's package",
        "dataset-fashion-mnist puts it.",
      ]),
    HelpTopic(
      names: ["vanishing", "exploding"],
      lines: [
        "A gradient on its way back is multiplied by each layer's slope and weights.",
        "Below 1 again and again it vanishes: σ' is at most 0.25, twenty sigmoid layers",
        "leave less than 0.25^20 = 1e-12 of it. Above 1 it explodes.",
        "  ↓ in :grads   below 1e-6 of the largest layer: the first ones do not learn",
        "  ↑ in :grads   above 1e3, or 1e6 times the last layer: a step overshoots",
        "Against vanishing: tanh or relu, Residual, LayerNorm, init: \"he\".",
        "Against exploding: smaller weights, clip: 1, LayerNorm, normalize(data).",
        "  f = sigmoid >> sigmoid >> sigmoid; f'(0)     0.01335, three slopes at once",
      ]),
    HelpTopic(
      names: ["dead", "nan"],
      lines: [
        "A relu gives 0 for every input below 0, and its slope there is 0. If that is",
        "so for all samples the unit is dead: no gradient reaches it, it stays dead.",
        "  0 in :grads   exactly zero; the line below names the layer",
        "Against it: a smaller rate, a bias near 0, leaky_relu.",
        "nan comes of inf - inf, 0 / 0, 0 · inf, log and √ of what is below 0.",
        "  ! in :grads   nan or inf; the line below names the first layer with it",
        "Against it: a smaller rate, clip: 1, cross_entropy for log of softmax.",
      ]),
    HelpTopic(
      names: ["explanations", "demo", "demos", "questions"],
      lines: [
        "demo()                 small systems, every number on the screen: demo(\"lstm\")",
        ":graph L               what L was computed from, as a tree",
        ":what W[0,2] = 0.5     one number changed and what follows",
        ":check L               each step a second way, gradients by small steps",
        ":grads net   :grads L  gradients by parameter, what is wrong with them",
        ":grads net over        through the epochs of a training",
        ":optim                 the last optimiser step; :optim SGD(0.1) another rule",
        ":summary net           a network's layers, shapes, parameters",
        ":formula D5.adam.w     a formula of the documents, on your numbers too",
      ]),
    HelpTopic(
      names: ["precision", "random"],
      lines: [
        ":set precision f32 makes new tensors single precision; f64 is the default.",
        ":set seed 7 starts the random numbers anew. The same lines draw the same",
        "numbers on every run, on one thread or many; a line that fails gives its draws",
        "back.",
      ]),
  ]
}
