/// What can be wrong with the shapes, axes or indices of a tensor operation: facts without text; `Language` words them.
public enum ShapeError: Error, Sendable, Equatable {
  /// Elementwise operands whose sizes differ at an axis, counted from the back, starting with 1.
  case mismatch(Shape, Shape, axisFromBack: Int)
  /// Elementwise operands that would both have to stretch.
  case bothStretch(Shape, Shape)
  /// A reduction dropped an axis other than the first of this operand, so it does not stretch back.
  case reducedOperand(Shape, to: Shape)
  /// The inner sizes of a matrix product differ.
  case innerSizes(Shape, Shape)
  /// A matrix product of operands that it is not defined for, such as a number.
  case productRank(Shape, Shape)
  /// An operand with the wrong number of axes; `expected` in words of the field, such as "[n, c, h, w]".
  case rank(Shape, expected: String)
  /// An operand with the wrong extent at an axis.
  case extent(Shape, axis: Int, expected: Int)
  /// Two operands that must have the same shape.
  case unequal(Shape, Shape)
  /// An axis that the operand does not have.
  case axisOutOfRange(axis: Int, shape: Shape)
  /// The same axis named twice.
  case repeatedAxis(Int)
  /// An index outside an axis.
  case indexOutOfRange(index: Int, axis: Int, extent: Int)
  /// An index that is no whole number.
  case fractionalIndex(Double)
  /// More subscripts than axes.
  case tooManySubscripts(count: Int, shape: Shape)
  /// A reshape that changes the number of elements.
  case count(from: Shape, to: [Int])
  /// More axes than a tensor can have.
  case tooManyAxes(rank: Int)
  /// A negative extent.
  case negativeExtent(Int)
  /// More elements than a tensor can have.
  case tooManyElements(extents: [Int])
  /// More memory than the session allows; both in bytes.
  case memory(shape: Shape, bytes: Int, limit: Int)
  /// More memory than all tensors may take together, with what the others hold.
  case memoryInAll(shape: Shape, bytes: Int, held: Int, limit: Int)
  /// A reduction that needs at least one element found none.
  case empty(Shape)
  /// A window larger than the padded image.
  case window(Shape, window: [Int])
  /// A square matrix was needed.
  case notSquare(Shape)
  /// The matrix has no inverse.
  case singular(Shape)
  /// An operation that has no derivative here, on a tensor that a derivative is asked by.
  case noDerivative(of: String)
}
