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
}
