/// An elementwise operation of one operand.
public enum UnaryOperation: UInt8, Sendable, CaseIterable {
  case negate, absolute, sign, square, reciprocal, sqrt
  case exp, expm1, log, log1p, sin, cos, tan, tanh, erf
  /// The inverse of the exponential's odds: 1 / (1 + exp(-x)), computed without overflow on either side.
  case sigmoid
  /// max(0, x); 0 at 0 and for -0; nan stays nan.
  case relu
  /// ln(1 + exp(x)), computed without overflow.
  case softplus
  /// Half to even, as IEEE 754 rounds.
  case floor, ceil, round
}

/// An elementwise operation of two operands. Comparisons give 0 or 1.
public enum BinaryOperation: UInt8, Sendable, CaseIterable {
  case add, subtract, multiply, divide, power
  /// The larger or the smaller; the first at a tie; nan if either is nan.
  case maximum, minimum
  /// The remainder with the sign of the divisor, as Python's `%`.
  case modulo
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  /// `g` where `x > 0`, else 0: operands g, x. The pullback of relu.
  case reluGradient
  /// `g * (1 - y * y)`: operands g, y = tanh(x). The pullback of tanh.
  case tanhGradient
  /// `g * y * (1 - y)`: operands g, y = sigmoid(x). The pullback of sigmoid.
  case sigmoidGradient
}

/// A reduction of many numbers to one, in a fixed order that depends on the count alone.
public enum ReduceOperation: UInt8, Sendable, CaseIterable {
  case sum, product, maximum, minimum
}
