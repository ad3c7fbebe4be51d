import Tensors

extension FunctionLayer {
  /// max(0, x).
  public static let relu = FunctionLayer("relu", keepsShape: true) { $0.relu() }
  /// The hyperbolic tangent.
  public static let tanh = FunctionLayer("tanh", keepsShape: true) { $0.tanh() }
  /// 1 / (1 + exp(-x)).
  public static let sigmoid = FunctionLayer("sigmoid", keepsShape: true) { $0.sigmoid() }
  /// Shares that add up to 1, over the last axis.
  public static let softmax = FunctionLayer("softmax", keepsShape: true) { $0.softmax() }
  /// The logarithm of softmax, over the last axis.
  public static let logSoftmax = FunctionLayer("log_softmax", keepsShape: true) { $0.logSoftmax() }
  /// x times the share of a standard normal distribution below x.
  public static let gelu = FunctionLayer("gelu", keepsShape: true) { $0.gelu() }
  /// x σ(x).
  public static let silu = FunctionLayer("silu", keepsShape: true) { $0.silu() }
  /// ln(1 + exp(x)).
  public static let softplus = FunctionLayer("softplus", keepsShape: true) { $0.softplus() }
  /// x where it is positive, else exp(x) - 1.
  public static let elu = FunctionLayer("elu", keepsShape: true) { $0.elu() }
  /// x where it is positive, else x / 100.
  public static let leakyRelu = FunctionLayer("leaky_relu", keepsShape: true) { $0.leakyRelu() }
}
