/// Every loss. What is not in this list does not exist for the language, help and the law tests.
public enum LossCatalogue {
  public static let all: [any LossKind.Type] = [
    MeanSquaredError.self, MeanAbsoluteError.self, Huber.self, CrossEntropy.self, NegativeLogLikelihood.self,
    BinaryCrossEntropy.self, BinaryCrossEntropyWithLogits.self, ConnectionistTemporal.self, KullbackLeibler.self,
    Hinge.self,
  ]

  /// The loss of this name.
  public static func loss(named name: String) -> (any LossKind.Type)? { all.first { $0.card.name == name } }
}
