/// Every primitive, by theme. What is not in this list does not exist for the language, help and the law tests.
public enum PrimitiveCatalogue {
  public static let all: [any Primitive.Type] = [
    Add.self, Subtract.self, Multiply.self, Divide.self, MatrixProduct.self,
    Broadcast.self, Reshape.self, Permute.self,
    AffineView.self, AffineScatter.self, Variable.self, Cast.self, SumTo.self,
  ]
}
