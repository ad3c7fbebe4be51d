import KernelInterface

/// A primitive that makes one number of the numbers along one axis.
///
/// **Shapes**: `x: […, n, …]`; the axis is dropped, or kept with extent 1.
public protocol Reduction: Primitive {
  var axis: Int { get }
  var keep: Bool { get }
}

extension Reduction {
  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let shape = inputs[0].shape
    let axis = try shape.resolve(axis: axis)
    var result = shape
    if keep { result[axis] = 1 } else { result = shape.removing(axis: axis) }
    return result
  }

  /// The axis counted from the front.
  fileprivate func place(in x: Tensor) -> Int { axis < 0 ? axis + x.rank : axis }

  /// A result of this reduction with the axis back, so that it stretches to the operand.
  fileprivate func restored(_ y: Tensor, like x: Tensor) -> Tensor {
    keep ? y : y.reshaped(to: y.shape.inserting(1, at: place(in: x)))
  }

  fileprivate func reduce(_ x: Tensor, _ operation: ReduceOperation, shape: Shape) -> Tensor {
    let axis = place(in: x)
    let outer = x.shape.dimensions[..<axis].reduce(1, *)
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    let count = x.shape[axis]
    func reduce<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { source in
        Tensor(shape, as: T.self) { T.kernels.reduce(operation, source, $0, outer, count, inner) }
      }
    }
    return marked(x.elementType == .float64 ? reduce(Double.self) : reduce(Float.self), x)
  }

  /// A result that lost an axis other than the first does not stretch back.
  fileprivate func marked(_ y: Tensor, _ x: Tensor) -> Tensor {
    var y = y
    y.mayStretch = x.mayStretch && (keep || place(in: x) == 0 || y.rank == 0)
    return y
  }

  fileprivate func checkNotEmpty(_ x: Tensor) throws(ShapeError) {
    let axis = try x.shape.resolve(axis: axis)
    guard x.shape[axis] > 0 || x.count > 0 else { throw .empty(x.shape) }
  }
}

/// The sum along an axis.
public struct Sum: Reduction {
  public let axis: Int
  public let keep: Bool
  public init(axis: Int, keep: Bool = false) { (self.axis, self.keep) = (axis, keep) }
  public static let card = PrimitiveCard(
    name: "sum", theme: "reduce", summary: "The sum.", formula: "\\sum_i x_i", shapes: "x: any",
    example: ("sum([1, 2; 3, 4], axis: 0)", "[4, 6]"))
  public static let samples = [
    PrimitiveSample(Sum(axis: 0), [[2, 3]]), PrimitiveSample(Sum(axis: 1, keep: true), [[2, 3]]),
    PrimitiveSample(Sum(axis: -1), [[2, 3, 2]]),
  ]
  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { reduce(inputs[0], .sum, shape: shape) }
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let x = call.inputs[0]
    return [Broadcast(to: x.shape)(restored(g, like: x))]
  }
}

/// The product along an axis.
public struct Product: Reduction {
  public let axis: Int
  public let keep: Bool
  public init(axis: Int, keep: Bool = false) { (self.axis, self.keep) = (axis, keep) }
  public static let card = PrimitiveCard(
    name: "prod", theme: "reduce", summary: "The product.", formula: "\\prod_i x_i", shapes: "x: any",
    example: ("prod([2, 3, 4])", "24"))
  public static let samples = [PrimitiveSample(Product(axis: 1), [[2, 3]]), PrimitiveSample(Product(axis: 0), [[3]])]
  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { reduce(inputs[0], .product, shape: shape) }
  /// Each element gets the product of the others: of those before it times those behind it, so that a zero is no trouble.
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let x = call.inputs[0]
    let axis = place(in: x)
    let count = x.shape[axis]
    let one = Tensor(1, x.elementType)
    let parts = (0..<count).map { x.slice(axis: axis, $0..<($0 + 1)) }
    var before: [Tensor] = [one]
    for part in parts.dropLast() { before.append(before[before.count - 1] * part) }
    var behind: [Tensor] = [one]
    for part in parts.dropFirst().reversed() { behind.append(behind[behind.count - 1] * part) }
    let g = restored(g, like: x)
    return [Concatenate(axis: axis)(list: zip(before, behind.reversed()).map { g * $0 * $1 })]
  }
}

/// The largest or the smallest along an axis; the first takes a tie, forward and backward.
public struct Extreme: Reduction {
  public let axis: Int
  public let keep: Bool
  public let isMaximum: Bool
  public init(isMaximum: Bool, axis: Int, keep: Bool = false) {
    (self.axis, self.keep, self.isMaximum) = (axis, keep, isMaximum)
  }
  public static let card = PrimitiveCard(
    name: "max", theme: "reduce", summary: "The largest number.", formula: "\\max_i x_i", shapes: "x: any",
    example: ("max([1, 5, 3])", "5"))
  public static let samples = [
    PrimitiveSample(Extreme(isMaximum: true, axis: 1), [[2, 3]]),
    PrimitiveSample(Extreme(isMaximum: false, axis: 0, keep: true), [[3, 2]]),
  ]
  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let axis = try inputs[0].shape.resolve(axis: axis)
    guard inputs[0].shape[axis] > 0 else { throw .empty(inputs[0].shape) }
    var result = inputs[0].shape
    if keep { result[axis] = 1 } else { result = result.removing(axis: axis) }
    return result
  }
  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    reduce(inputs[0], isMaximum ? .maximum : .minimum, shape: shape)
  }
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let x = call.inputs[0]
    let winners = Argument(ofMaximum: isMaximum, axis: axis, keep: true)(x.detached)
    let places = Tensor((0..<x.shape[place(in: x)]).map(Double.init), x.elementType)
    let column = places.reshaped(to: Shape([places.count] + Array(repeating: 1, count: x.rank - 1 - place(in: x))))
    let mask = Comparison(.equal)(Broadcast(to: x.shape)(winners), column)
    return [Choose()(mask, Broadcast(to: x.shape)(restored(g, like: x)), Tensor(0, g.elementType))]
  }
}

/// Where the largest or the smallest stands, the first at a tie; no derivative flows through it.
public struct Argument: Reduction {
  public let axis: Int
  public let keep: Bool
  public let ofMaximum: Bool
  public init(ofMaximum: Bool, axis: Int, keep: Bool = false) {
    (self.axis, self.keep, self.ofMaximum) = (axis, keep, ofMaximum)
  }
  public static let card = PrimitiveCard(
    name: "argmax", theme: "reduce", summary: "Where the largest number stands, the first at a tie.",
    formula: "\\arg\\max_i x_i", shapes: "x: any", example: ("argmax([1, 5, 3])", "1"))
  public static let samples = [PrimitiveSample(Argument(ofMaximum: true, axis: 1), [[2, 3]], isDifferentiable: false)]
  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    try Extreme(isMaximum: ofMaximum, axis: axis, keep: keep).shape(of: inputs)
  }
  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    let axis = place(in: x)
    let outer = x.shape.dimensions[..<axis].reduce(1, *)
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    var places = [Int](repeating: 0, count: outer * inner)
    func find<T: Scalar>(_ type: T.Type) {
      x.read(as: T.self) { source in
        places.withUnsafeMutableBufferPointer { out in
          guard let start = out.baseAddress else { return }
          T.kernels.argument(ofMaximum, source, start, outer, x.shape[axis], inner)
        }
      }
    }
    x.elementType == .float64 ? find(Double.self) : find(Float.self)
    return marked(Tensor(places.map(Double.init), shape: shape, x.elementType), x)
  }
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [nil] }
}

/// The sum of the elements up to each place along an axis.
public struct CumulativeSum: Primitive {
  public let axis: Int
  /// From the back instead.
  public let isReversed: Bool
  public init(axis: Int, isReversed: Bool = false) { (self.axis, self.isReversed) = (axis, isReversed) }
  public static let card = PrimitiveCard(
    name: "cumsum", theme: "shape", summary: "The sum of everything up to each place.",
    formula: "y_i = \\sum_{j \\le i} x_j",
    shapes: "x: any", example: ("cumsum([1, 2, 3])", "[1, 3, 6]"))
  public static let samples = [
    PrimitiveSample(CumulativeSum(axis: 1), [[2, 3]]),
    PrimitiveSample(CumulativeSum(axis: 0, isReversed: true), [[3, 2]]),
  ]
  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    _ = try inputs[0].shape.resolve(axis: axis)
    return inputs[0].shape
  }
  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    let axis = axis < 0 ? axis + x.rank : axis
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let count = shape[axis]
    let outer = shape.dimensions[..<axis].reduce(1, *)
    func add<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { source in
        Tensor(shape, as: T.self) { out in
          for o in 0..<outer {
            for i in 0..<inner {
              var total: T = 0
              for k in 0..<count {
                let place = (o * count + (isReversed ? count - 1 - k : k)) * inner + i
                total += source[place]
                out[place] = total
              }
            }
          }
        }
      }
    }
    return x.elementType == .float64 ? add(Double.self) : add(Float.self)
  }
  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [CumulativeSum(axis: axis, isReversed: !isReversed)(g)]
  }
}

extension Tensor {
  /// The sum of all elements.
  public func sum() -> Tensor { Total()(self) }

  /// The sum along one axis.
  public func sum(axis: Int, keep: Bool = false) -> Tensor { Sum(axis: axis, keep: keep)(self) }

  /// The sum along several axes.
  public func sum(axes: [Int], keep: Bool = false) -> Tensor {
    axes.sorted(by: >).reduce(self) { $0.sum(axis: $1, keep: keep) }
  }

  /// The mean of all elements; nan of none.
  public func mean() -> Tensor { sum() / Double(count) }

  /// The mean along one axis.
  public func mean(axis: Int, keep: Bool = false) -> Tensor {
    sum(axis: axis, keep: keep) / Double(shape[axis < 0 ? axis + rank : axis])
  }

  /// The mean along several axes.
  public func mean(axes: [Int], keep: Bool = false) -> Tensor {
    axes.sorted(by: >).reduce(self) { $0.mean(axis: $1, keep: keep) }
  }

  /// The largest along one axis.
  public func max(axis: Int, keep: Bool = false) -> Tensor { Extreme(isMaximum: true, axis: axis, keep: keep)(self) }

  /// The smallest along one axis.
  public func min(axis: Int, keep: Bool = false) -> Tensor { Extreme(isMaximum: false, axis: axis, keep: keep)(self) }

  /// Where the largest stands along one axis.
  public func argmax(axis: Int, keep: Bool = false) -> Tensor {
    Argument(ofMaximum: true, axis: axis, keep: keep)(self)
  }

  /// The variance along one axis, dividing by n.
  public func variance(axis: Int, keep: Bool = false) -> Tensor {
    let centred = self - mean(axis: axis, keep: true)
    return centred.square().mean(axis: axis, keep: keep)
  }

  /// ln ∑ exp along one axis, without overflow.
  public func logSumExp(axis: Int, keep: Bool = false) -> Tensor {
    // The maximum is a constant here: what flows through it cancels.
    let top = detached.max(axis: axis, keep: true)
    let finite = Choose()(Comparison(.less)(top.abs(), Tensor(.infinity, elementType)), top, Tensor(0, elementType))
    let sum = (self - finite).exp().sum(axis: axis, keep: true).log() + finite
    return keep ? sum : sum.reshaped(to: shape.removing(axis: axis < 0 ? axis + rank : axis))
  }
}
