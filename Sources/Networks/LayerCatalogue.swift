/// Every layer that is made by name. What is not in this list does not exist for the language, help and the law tests.
public enum LayerCatalogue {
  public static let all: [any LayerKind.Type] = [
    Dense.self, Conv2d.self, Conv1d.self, MaxPool2d.self, AvgPool2d.self, Flatten.self, Dropout.self,
    Embedding.self, RNN.self, LSTM.self, GRU.self, LayerNorm.self, BatchNorm.self, Attention.self,
    AdditiveAttention.self, MultiHeadAttention.self, Residual.self, PositionalEncoding.self, TransformerBlock.self,
    Input.self,
  ]

  /// The layer of this name.
  public static func layer(named name: String) -> (any LayerKind.Type)? { all.first { $0.card.name == name } }
}
