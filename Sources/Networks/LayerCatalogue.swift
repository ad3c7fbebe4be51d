/// Every layer that is made by name. What is not in this list does not exist for the language, help and the law tests.
public enum LayerCatalogue {
  public static let all: [any LayerKind.Type] = [
    Dense.self, Conv2d.self, Conv1d.self, MaxPool2d.self, AvgPool2d.self, Flatten.self, Dropout.self,
  ]

  /// The layer of this name.
  public static func layer(named name: String) -> (any LayerKind.Type)? { all.first { $0.card.name == name } }
}
