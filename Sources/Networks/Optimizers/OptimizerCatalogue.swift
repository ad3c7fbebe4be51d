/// Every optimiser. What is not in this list does not exist for the language, help and the law tests.
public enum OptimizerCatalogue {
  public static let all: [any Optimizer.Type] = [
    SGD.self, AdaGrad.self, RMSprop.self, Adam.self, AdamW.self,
  ]

  /// The optimiser of this name.
  public static func optimizer(named name: String) -> (any Optimizer.Type)? { all.first { $0.card.name == name } }
}
