/// What Python, NumPy, PyTorch and Keras call things that have another name here, for those who type them out of habit.
///
/// A name is only ever offered in an error, as a line that was tried and works.
enum NamesElsewhere {
  /// What stands before a point there and is nothing here: `np.exp`, `torch.nn.Linear`.
  static let modules: Set<String> = [
    "np", "numpy", "math", "torch", "nn", "F", "optim", "tf", "keras", "layers", "jnp", "jax", "scipy", "sklearn",
  ]

  /// Our arguments by theirs.
  static let arguments = [
    "dim": "axis", "axes": "axis", "keepdim": "keep", "keepdims": "keep", "lr": "rate", "learning_rate": "rate",
    "eps": "epsilon", "batch_size": "batch", "n_epochs": "epochs",
  ]

  /// Our names by theirs; an empty one where the argument alone is meant, as in `np.array([1, 2])`.
  static let names = [
    // Python
    "len": "size", "None": "none",
    // Arrays
    "array": "", "asarray": "", "tensor": "", "Tensor": "", "constant": "", "arange": "range", "ndim": "rank",
    "numel": "size", "view": "reshape", "ravel": "flatten", "expand_dims": "unsqueeze", "cat": "concat",
    "concatenate": "concat", "minimum": "min", "maximum": "max", "amin": "min", "amax": "max", "absolute": "abs",
    "power": "pow", "clip": "clamp", "matmul": "dot", "t": "transpose", "onehot": "one_hot", "normal": "randn",
    "random": "rand", "uniform": "rand", "item": "", "numpy": "", "detach": "", "clone": "", "copy": "",
    // Layers
    "Linear": "Dense", "Conv1D": "Conv1d", "Conv2D": "Conv2d", "MaxPooling2D": "MaxPool2d",
    "AveragePooling2D": "AvgPool2d", "SimpleRNN": "RNN", "BatchNormalization": "BatchNorm", "BatchNorm1d": "BatchNorm",
    "BatchNorm2d": "BatchNorm", "LayerNormalization": "LayerNorm", "MultiheadAttention": "MultiHeadAttention",
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softmax": "softmax", "LogSoftmax": "log_softmax",
    "GELU": "gelu", "SiLU": "silu", "ELU": "elu", "LeakyReLU": "leaky_relu", "Softplus": "softplus",
    // Losses, metrics, optimisers
    "CrossEntropyLoss": "cross_entropy", "categorical_crossentropy": "cross_entropy",
    "sparse_categorical_crossentropy": "cross_entropy", "MSELoss": "mse", "mse_loss": "mse",
    "mean_squared_error": "mse", "L1Loss": "mae", "HuberLoss": "huber", "NLLLoss": "nll", "nll_loss": "nll",
    "BCELoss": "bce", "binary_cross_entropy": "bce", "binary_crossentropy": "bce", "BCEWithLogitsLoss": "bce_logits",
    "binary_cross_entropy_with_logits": "bce_logits", "KLDivLoss": "kl", "CTCLoss": "ctc",
    "accuracy_score": "accuracy", "confusion_matrix": "confusion", "Adagrad": "AdaGrad", "RMSProp": "RMSprop",
  ]
}

extension Machine {
  /// Changes of the text that make a name of another library one of ours, the likeliest first.
  func changes(ofNameElsewhere name: String, at site: Fault.Site) -> [[(range: SourceRange, text: String)]] {
    var path = site.range
    var word = name
    if NamesElsewhere.modules.contains(name) {
      let rest = site.source.bytes[path.end...].prefix { $0.isPartOfPath }
      guard rest.count > 1, rest.first == UInt8(ascii: "."), rest.last != UInt8(ascii: ".") else { return [] }
      path.end += rest.count
      word = String(decoding: rest.split(separator: UInt8(ascii: ".")).last ?? [], as: UTF8.self)
      if NamesElsewhere.names[word] == nil { return [[(path, word)]] }
    }
    guard let ours = NamesElsewhere.names[word] else { return [] }
    guard let brackets = brackets(after: path, in: site.source) else { return [[(path, ours)]] }
    // Of `ReLU()` the function is meant, of `array(x)` what stands inside.
    if brackets.end == brackets.start + 2 { return [[(path.union(brackets), ours)], [(path, ours)]] }
    if !ours.isEmpty { return [[(path, ours)]] }
    return [[(SourceRange(path.start, brackets.start + 1), ""), (SourceRange(brackets.end - 1, brackets.end), "")]]
  }

  /// Changes that make a method of another library a function of ours: of `x.reshape(2, 3)` that is `reshape(x, 2, 3)`.
  func changes(ofMethod name: String, at site: Fault.Site) -> [[(range: SourceRange, text: String)]] {
    let ours = NamesElsewhere.names[name] ?? name
    let base = SourceRange(site.range.start, site.range.end - name.utf8.count - 1)
    guard base.count > 0, ours.isEmpty || BuiltinCatalogue.names.contains(ours) else { return [] }
    let text = site.source.text(base)
    guard let brackets = brackets(after: site.range, in: site.source) else {
      return [[(site.range, ours.isEmpty ? text : "\(ours)(\(text))")]]
    }
    if ours.isEmpty { return [[(site.range.union(brackets), text)]] }
    let isEmpty = brackets.end == brackets.start + 2
    return [[(SourceRange(site.range.start, brackets.start + 1), isEmpty ? "\(ours)(\(text)" : "\(ours)(\(text), ")]]
  }

  /// The parentheses that open where a range ends, with what stands in them.
  private func brackets(after range: SourceRange, in source: SourceText) -> SourceRange? {
    guard range.end < source.bytes.count, source.bytes[range.end] == UInt8(ascii: "(") else { return nil }
    var depth = 0
    for place in range.end..<source.bytes.count {
      switch source.bytes[place] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      default: break
      }
      if depth == 0 { return SourceRange(range.end, place + 1) }
    }
    return nil
  }
}

extension UInt8 {
  /// Whether it stands in a path such as `nn.functional.log_softmax`.
  fileprivate var isPartOfPath: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
