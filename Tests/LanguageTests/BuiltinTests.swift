import Display
import Tensors
import Testing

@testable import Language

@Suite("Every built-in")
struct BuiltinTests {
  /// Every name that LANGUAGE.md gives to a built-in, a layer or an optimiser.
  static let named = """
    zeros ones full eye linspace range rand randn randint permutation one_hot diag f32 f64
    shape rank size reshape flatten transpose permute squeeze unsqueeze concat stack split flip roll pad tile broadcast
    sort argsort topk gather tril triu cumsum unique
    abs sign exp log log1p expm1 sqrt sin cos tan tanh sigmoid relu leaky_relu elu gelu silu softplus erf clamp floor
    ceil round min max pow mod
    sum mean prod var std argmax argmin norm all any logsumexp
    dot outer trace det inv solve cholesky qr svd eigh
    softmax log_softmax conv1d conv2d max_pool2d avg_pool2d dropout embedding layer_norm batch_norm attention
    mse mae huber cross_entropy nll bce bce_logits ctc kl hinge
    accuracy confusion precision recall f1
    load save digits iris idx cifar10 csv text wav png partition batches normalize
    plot scatter hist heatmap image bars print gradcheck
    train minimize update history hessian jacobian step cosine warmup
    SGD AdaGrad RMSprop Adam AdamW
    Dense Conv1d Conv2d MaxPool2d AvgPool2d Flatten Dropout
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)

  @Test("that LANGUAGE.md names exists, with help on it", arguments: named)
  func exists(name: String) throws {
    let builtin = try #require(BuiltinCatalogue.builtin(named: name))
    #expect(!builtin.summary.isEmpty && !builtin.derivative.isEmpty && !builtin.example.input.isEmpty)
    let hasNoNumbers: Set<Builtin.Theme> = [.plots, .output]
    #expect(!builtin.shapes.isEmpty || hasNoNumbers.contains(builtin.theme) || builtin.theme == .optimizers)
  }

  @Test("has an example that gives what it says", arguments: BuiltinCatalogue.all.map(\.name))
  func example(name: String) throws {
    let builtin = try #require(BuiltinCatalogue.builtin(named: name))
    let folder = try BuiltinFolder()
    let interpreter = Interpreter(settings: Settings(folder: folder.path))
    guard case .done = interpreter.evaluate("left = (\(builtin.example.input),)") else {
      // An example that gives nothing, such as print, is run by itself.
      let outcome = interpreter.evaluate(builtin.example.input)
      if case .done = outcome, builtin.example.output.isEmpty { return }
      Issue.record("\(builtin.example.input): \(outcome)")
      return
    }
    if builtin.example.output.isEmpty { return }
    let outcome = interpreter.evaluate("right = (\(builtin.example.output),)")
    guard case .done = outcome else {
      Issue.record("\(builtin.example.output): \(outcome)")
      return
    }
    let left = try #require(interpreter.value(named: "left")?.leaves(.float64))
    let right = try #require(interpreter.value(named: "right")?.leaves(.float64))
    // A shape may be written as a list or as a vector, and numbers with the digits a card has room for.
    if left.count == right.count { #expect(left.map(\.shape) == right.map(\.shape)) }
    let (given, promised) = (left.flatMap(\.elements), right.flatMap(\.elements))
    #expect(given.count == promised.count)
    for (x, y) in zip(given, promised) {
      #expect(abs(x - y) <= 1e-5 * max(1, abs(y)), "\(builtin.example.input) gives \(given)")
    }
  }

  @Test("has a sentence of help and a theme of its own", arguments: BuiltinCatalogue.all.map(\.name))
  func help(name: String) throws {
    let builtin = try #require(BuiltinCatalogue.builtin(named: name))
    #expect(builtin.summary.hasSuffix("."))
    #expect(builtin.signature.hasPrefix(name + "("))
  }

  /// Built-ins whose example is not where their derivative is to be looked at, or whose operand is of a kind.
  static let places: [String: (call: String, at: String)] = [
    // Only one triangle is read, and the flow is symmetric.
    "cholesky": ("cholesky((v + vᵀ)/2)", "[4, 2; 2, 5]"),
    "inv": ("inv(v)", "[2, 1; 0, 4]"),
    "embedding": ("embedding([1, 0, 1], v)", "[1, 2; 3, 4]"),
    "eigh": ("eigh(v)", "[2, 1; 1, 3]"),
    "svd": ("svd(v)", "[1, 2; 3, 4; 5, 7]"),
    "batch_norm": ("batch_norm(v)", "[-1, 2; 1, 0.5; 0, 3]"),
    "layer_norm": ("layer_norm(v)", "[-1, 2; 1, 0.5]"),
    "attention": ("attention(v, [1, 0; 1, 2], [2, 0; 4, 0])", "[1, 0.5; 0, 1]"),
    "var": ("var(v)", "[1, 3, 7]"), "std": ("std(v)", "[1, 3, 7]"),
    "bce": ("bce(v, [0, 1])", "[0.4, 0.7]"), "hinge": ("hinge(v, [1, -1])", "[0.2, 0.5]"),
    "mae": ("mae(v, [0, 1])", "[0.4, 0.7]"), "ctc": ("ctc(v, [1])", "[-0.4, -1; -0.7, -2]"),
    "transpose": ("transpose(v)", "[1, 2; 3, 4]"),
    "normalize": ("normalize(v)", "[1, 10; 3, 30; 4, 5]"),
    "jacobian": ("jacobian(x -> x^3, v)", "[1, 2]"), "hessian": ("hessian(x -> sum(x^4), v)", "[1, 2]"),
    "f32": ("f64(v)", "[1, 2]"), "r2": ("r2(v, [1, 2, 3])", "[1, 2, 4]"),
    "clamp": ("clamp(v, 0, 1)", "[-2, 0.5, 3]"), "mod": ("mod(v, 3)", "[4.5, -5.5]"),
    "floor": ("floor(v)", "[1.5]"), "ceil": ("ceil(v)", "[1.5]"), "round": ("round(v)", "[1.2]"),
    "sign": ("sign(v)", "[1.2, -3]"), "relu": ("relu(v)", "[1.2, -3]"), "elu": ("elu(v)", "[1.2, -3]"),
    "abs": ("abs(v)", "[1.2, -3]"), "concat": ("concat(v, [3])", "[1, 2]"), "stack": ("stack(v, [3, 4])", "[1, 2]"),
    "perplexity": ("perplexity(v, [0, 1])", "[0.5, 0; 0, 1]"),
    "cross_entropy": ("cross_entropy(v, [0, 1], smoothing: 0.1, weight: [1, 3])", "[0.5, 0; 0, 1]"),
    "logsumexp": ("logsumexp(v)", "[0.5, 1]"), "dropout": ("dropout(v, 0)", "[1, 2]"),
  ]

  @Test(
    "that claims a derivative has the one that central differences find",
    arguments: BuiltinCatalogue.all.filter { $0.isDifferentiable && $0.theme != .layers }.map(\.name))
  func derivative(name: String) throws {
    let builtin = try #require(BuiltinCatalogue.builtin(named: name))
    let call: String
    let point: String
    if let place = Self.places[name] {
      (call, point) = place
    } else if builtin.parameters.count == 1, builtin.theme == .elementwise {
      (call, point) = ("\(name)(v)", "[0.3, 0.7, 1.2]")
    } else {
      // The call in the example, with a variable for its first operand.
      let program = Parser.parse(SourceText(builtin.example.input))
      guard case .expression(let whole)? = program.statements.first?.kind,
        let found = whole.firstCall(of: name), case .call(let callee, let arguments) = found.kind
      else {
        Issue.record("\(builtin.example.input) calls no \(name)")
        return
      }
      point = Printer().text(arguments[0].value)
      let rest = [Argument(nil, Expression(.name("v")))] + arguments.dropFirst()
      call = Printer().text(Expression(.call(callee, rest)))
    }
    let interpreter = Interpreter(settings: Settings())
    let text = "agrees = gradcheck(v -> sum(sin(\(call))), \(point))"
    if case .failed(let diagnostic, _) = interpreter.evaluate(text) {
      Issue.record("\(text): \(diagnostic.message)")
      return
    }
    guard case .number(let agrees)? = interpreter.value(named: "agrees") else {
      Issue.record("\(text) gives a number")
      return
    }
    #expect(agrees == 1, "\(text)")
  }
}

extension Expression {
  /// The first call of a built-in in the tree.
  fileprivate func firstCall(of name: String) -> Expression? {
    if case .call(let callee, let arguments) = kind, case .name(let called) = callee.kind, called == name,
      arguments.first.map({ $0.label == nil }) == true
    {
      return self
    }
    for child in children { if let found = child.firstCall(of: name) { return found } }
    return nil
  }
}
