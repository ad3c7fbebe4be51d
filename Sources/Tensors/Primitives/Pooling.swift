import KernelInterface

/// How a pooling cuts images into windows; an incomplete last window is dropped.
public struct PoolWindow: Sendable, Hashable {
  public var height: Int
  public var width: Int
  public var strideHeight: Int
  public var strideWidth: Int
  public var padding: WindowPadding

  public init(_ size: Int, stride: Int? = nil, padding: WindowPadding = WindowPadding()) {
    (height, width) = (size, size)
    (strideHeight, strideWidth) = (stride ?? size, stride ?? size)
    self.padding = padding
  }

  func geometry(_ shape: Shape) -> Pool2dGeometry {
    Pool2dGeometry(
      planes: shape[0] * shape[1], inputHeight: shape[2], inputWidth: shape[3], windowHeight: height,
      windowWidth: width,
      strideHeight: strideHeight, strideWidth: strideWidth, padding: padding)
  }

  func shape(of input: Shape) throws(ShapeError) -> Shape {
    guard input.rank == 4 else { throw .rank(input, expected: "[n, c, h, w]") }
    let geometry = geometry(input)
    guard geometry.outputHeight > 0, geometry.outputWidth > 0 else { throw .window(input, window: [height, width]) }
    return [input[0], input[1], geometry.outputHeight, geometry.outputWidth]
  }
}

/// The largest number of each window; the first in row-major order takes a tie, forward and backward.
///
/// **Shapes**: `x: [n, c, h, w] → [n, c, h', w']`.
public struct MaxPool2d: Primitive {
  public let window: PoolWindow
  public init(_ window: PoolWindow) { self.window = window }

  public static let card = PrimitiveCard(
    name: "max_pool2d", theme: "neural", summary: "The largest number of each window.",
    formula: "y_{ncij} = \\max_{kl} x_{nc,si+k,sj+l}", shapes: "x: [n, c, h, w]",
    example: ("shape(max_pool2d(ones(1, 2, 5, 5), 2))", "(1, 2, 2, 2)"))
  public static let samples = [
    PrimitiveSample(MaxPool2d(PoolWindow(2)), [[1, 2, 4, 5]]),
    PrimitiveSample(MaxPool2d(PoolWindow(3, stride: 1)), [[1, 1, 4, 4]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape { try window.shape(of: inputs[0].shape) }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor { pool(inputs[0], shape).0 }

  private func pool(_ x: Tensor, _ shape: Shape) -> (Tensor, [Int32]) {
    var winners = [Int32](repeating: 0, count: shape.count)
    let geometry = window.geometry(x.shape)
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { x in
        Tensor(shape, as: T.self) { out in
          winners.withUnsafeMutableBufferPointer { winners in
            guard let start = winners.baseAddress else { return }
            T.kernels.maxPool2d(geometry, x, out, start)
          }
        }
      }
    }
    let y = x.elementType == .float64 ? run(Double.self) : run(Float.self)
    return (y, winners)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let x = call.inputs[0].detached
    let winners = pool(x, call.output.shape).1
    return [PoolScatter(geometry: window.geometry(x.shape), input: x.shape, winners: winners)(g)]
  }
}

/// Each number of a pooled image at the place it was taken from.
struct PoolScatter: Primitive {
  let geometry: Pool2dGeometry
  let input: Shape
  let winners: [Int32]

  static let card = PrimitiveCard(
    name: "max_pool2d_scatter", theme: "internal", summary: "Each number at the place it was taken from.",
    formula: "x_{w(i)} \\mathrel{+}= g_i", shapes: "g: [n, c, h', w']", example: ("1", "1"))

  func shape(of inputs: Operands) -> Shape { input }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      inputs[0].read(as: T.self) { g in
        Tensor(input, as: T.self) { out in
          winners.withUnsafeBufferPointer { winners in
            guard let start = winners.baseAddress else { return T.kernels.fill(0, out, input.count) }
            T.kernels.maxPool2dScatter(geometry, g, start, out)
          }
        }
      }
    }
    return inputs[0].elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    [PoolGather(geometry: geometry, input: input, winners: winners, output: call.inputs[0].shape)(h)]
  }
}

/// The transpose of `PoolScatter`.
struct PoolGather: Primitive {
  let geometry: Pool2dGeometry
  let input: Shape
  let winners: [Int32]
  let output: Shape

  static let card = PrimitiveCard(
    name: "max_pool2d_gather", theme: "internal", summary: "The numbers at the winners' places.",
    formula: "y_i = x_{w(i)}",
    shapes: "x: [n, c, h, w]", example: ("1", "1"))

  func shape(of inputs: Operands) -> Shape { output }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      inputs[0].read(as: T.self) { x in
        Tensor(output, as: T.self) { out in
          winners.withUnsafeBufferPointer { winners in
            guard let start = winners.baseAddress else { return }
            T.kernels.maxPool2dGather(geometry, x, start, out)
          }
        }
      }
    }
    return inputs[0].elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    [PoolScatter(geometry: geometry, input: input, winners: winners)(h)]
  }
}

/// The mean of each window; padding counts as zeros.
///
/// **Shapes**: `x: [n, c, h, w] → [n, c, h', w']`.
public struct AveragePool2d: Primitive {
  public let window: PoolWindow
  public init(_ window: PoolWindow) { self.window = window }

  public static let card = PrimitiveCard(
    name: "avg_pool2d", theme: "neural", summary: "The mean of each window.",
    formula: "y_{ncij} = \\frac{1}{K^2} \\sum_{kl} x_{nc,si+k,sj+l}", shapes: "x: [n, c, h, w]",
    example: ("shape(avg_pool2d(ones(1, 2, 5, 5), 2))", "(1, 2, 2, 2)"))
  public static let samples = [
    PrimitiveSample(AveragePool2d(PoolWindow(2)), [[1, 2, 4, 5]]),
    PrimitiveSample(AveragePool2d(PoolWindow(3, stride: 1)), [[1, 1, 4, 4]]),
  ]

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape { try window.shape(of: inputs[0].shape) }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let geometry = window.geometry(inputs[0].shape)
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      inputs[0].read(as: T.self) { x in Tensor(shape, as: T.self) { T.kernels.averagePool2d(geometry, x, $0) } }
    }
    return inputs[0].elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    [AveragePoolSpread(window: window, input: call.inputs[0].shape)(g)]
  }
}

/// The transpose of `AveragePool2d`.
struct AveragePoolSpread: Primitive {
  let window: PoolWindow
  let input: Shape

  static let card = PrimitiveCard(
    name: "avg_pool2d_spread", theme: "internal", summary: "Each number spread evenly over its window.",
    formula: "x_{ij} = \\frac{1}{K^2} \\sum g", shapes: "g: [n, c, h', w']", example: ("1", "1"))
  static let samples = [
    PrimitiveSample(AveragePoolSpread(window: PoolWindow(2), input: [1, 2, 4, 5]), [[1, 2, 2, 2]])
  ]

  func shape(of inputs: Operands) -> Shape { input }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let geometry = window.geometry(input)
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      inputs[0].read(as: T.self) { g in Tensor(input, as: T.self) { T.kernels.averagePool2dGradient(geometry, g, $0) } }
    }
    return inputs[0].elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  func pullback(_ h: Tensor, _ call: Application) -> Cotangents { [AveragePool2d(window)(h)] }
}
