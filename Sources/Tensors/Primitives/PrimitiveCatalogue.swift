/// Every primitive, by theme. What is not in this list does not exist for the law tests.
public enum PrimitiveCatalogue {
  public static let all: [any Primitive.Type] = [
    Add.self, Subtract.self, Multiply.self, Divide.self, MatrixProduct.self, Power.self, Remainder.self,
    Comparison.self,
    Choose.self, Maximum.self, Minimum.self,
    Negate.self, Affine.self, Absolute.self, Sign.self, Exp.self, Expm1.self, Log.self, Log1p.self, SquareRoot.self,
    Square.self, Reciprocal.self,
    Sine.self, Cosine.self, Tangent.self, Tanh.self, Sigmoid.self, Relu.self, Softplus.self, ErrorFunction.self,
    Floor.self, Ceiling.self, Round.self,
    Sum.self, Product.self, Extreme.self, Argument.self, CumulativeSum.self,
    Broadcast.self, Reshape.self, Permute.self, Concatenate.self, Gather.self,
    Softmax.self, Recurrence.self, RecurrentStates.self, Conv2d.self, MaxPool2d.self, AveragePool2d.self, Inverse.self,
    Solve.self,
    Determinant.self,
    Cholesky.self,
    EigenValues.self, EigenVectors.self, OrthonormalFactor.self, TriangularFactor.self,
    SingularValues.self, LeftSingularVectors.self, RightSingularVectors.self,
    Variable.self, Cast.self, Total.self, SumTo.self, AffineView.self, AffineScatter.self, Scatter.self,
    ReluGradient.self,
    TanhGradient.self, SigmoidGradient.self, SoftmaxGradient.self, Conv2dInputGradient.self, Conv2dKernelGradient.self,
    PoolScatter.self, PoolGather.self, AveragePoolSpread.self,
  ]
}
