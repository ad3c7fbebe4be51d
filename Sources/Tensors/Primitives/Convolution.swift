import KernelInterface

/// Cross-correlation of images with kernels, as the frameworks' convolution layers compute it.
///
/// `y[n,o,i,j] = b[o] + ∑[c,k,l] x[n, c, i·S + k - top, j·S + l - left]·w[o,c,k,l]`, zero outside the image. The bias is a third
/// operand, or none.
///
/// **Shapes**: `x: [n, c, h, w]`, `w: [o, c, kh, kw]`, `b: [o] → [n, o, h', w']`.
public struct Conv2d: Primitive {
  public let strides: (height: Int, width: Int)
  public let padding: WindowPadding

  public init(strides: (height: Int, width: Int) = (1, 1), padding: WindowPadding = WindowPadding()) {
    (self.strides, self.padding) = (strides, padding)
  }

  public static let card = PrimitiveCard(
    name: "conv2d", theme: "neural", summary: "Cross-correlation of images with kernels.",
    formula: "y_{noij} = \\sum_{ckl} x_{nc,i+k,j+l} w_{ockl}", shapes: "x: [n, c, h, w], w: [o, c, kh, kw]",
    example: ("shape(conv2d(ones(1, 1, 4, 4), ones(2, 1, 3, 3)))", "(1, 2, 2, 2)"))
  public static let samples = [
    PrimitiveSample(Conv2d(), [[2, 2, 4, 4], [3, 2, 3, 2]]),
    PrimitiveSample(
      Conv2d(strides: (2, 1), padding: WindowPadding(top: 1, left: 0, bottom: 1, right: 1)),
      [[1, 2, 4, 3], [2, 2, 3, 2]]),
    PrimitiveSample(Conv2d(), [[2, 1, 3, 3], [2, 1, 2, 2], [2]]),
  ]

  func geometry(_ x: Shape, _ w: Shape) -> Conv2dGeometry {
    Conv2dGeometry(
      batch: x[0], inputChannels: x[1], inputHeight: x[2], inputWidth: x[3], outputChannels: w[0], kernelHeight: w[2],
      kernelWidth: w[3], strideHeight: strides.height, strideWidth: strides.width, padding: padding)
  }

  public func shape(of inputs: Operands) throws(ShapeError) -> Shape {
    let (x, w) = (inputs[0].shape, inputs[1].shape)
    guard x.rank == 4 else { throw .rank(x, expected: "[n, c, h, w]") }
    guard w.rank == 4 else { throw .rank(w, expected: "[out, in, kh, kw]") }
    guard x[1] == w[1] else { throw .extent(x, axis: 1, expected: w[1]) }
    let geometry = geometry(x, w)
    guard w[2] > 0, w[3] > 0, geometry.outputHeight > 0, geometry.outputWidth > 0 else {
      throw .window(x, window: [w[2], w[3]])
    }
    if inputs.count > 2, inputs[2].shape != [w[0]] { throw .unequal(inputs[2].shape, [w[0]]) }
    return try Shape(checking: [x[0], w[0], geometry.outputHeight, geometry.outputWidth])
  }

  public func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let type = ElementType.joining(inputs[0].elementType, inputs[1].elementType)
    let (x, w) = (inputs[0].detached.cast(to: type), inputs[1].detached.cast(to: type))
    let bias = inputs.count > 2 ? inputs[2].detached.cast(to: type) : nil
    let geometry = geometry(x.shape, w.shape)
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { x in
        w.read(as: T.self) { w in
          Tensor(shape, as: T.self) { out in
            guard let bias else { return T.kernels.conv2d(geometry, x, w, nil, out) }
            bias.read(as: T.self) { T.kernels.conv2d(geometry, x, w, $0, out) }
          }
        }
      }
    }
    return type == .float64 ? run(Double.self) : run(Float.self)
  }

  public func pullback(_ g: Tensor, _ call: Application) -> Cotangents {
    let (x, w) = (call.inputs[0], call.inputs[1])
    let toInput = call.wants(0) ? Conv2dInputGradient(convolution: self, input: x.shape)(g, w) : nil
    let toKernel = call.wants(1) ? Conv2dKernelGradient(convolution: self, kernel: w.shape)(x, g) : nil
    guard call.inputs.count > 2 else { return [toInput, toKernel] }
    return [toInput, toKernel, call.wants(2) ? biasGradient(g, call.inputs[2]) : nil]
  }

  /// The sum over images and places, first over each plane.
  private func biasGradient(_ g: Tensor, _ bias: Tensor) -> Tensor {
    g.reshaped(to: [g.shape[0], g.shape[1], g.shape[2] * g.shape[3]]).sum(axis: 2).sum(axis: 0)
      .cast(to: bias.elementType)
  }
}

/// What flows back through a convolution to its images.
struct Conv2dInputGradient: Primitive {
  let convolution: Conv2d
  let input: Shape

  static let card = PrimitiveCard(
    name: "conv2d_input_gradient", theme: "internal", summary: "What flows back to the images.",
    formula: "\\sum_{okl} g_{no,i-k,j-l} w_{ockl}", shapes: "g: [n, o, h', w'], w: [o, c, kh, kw]", example: ("1", "1"))
  static let samples = [
    PrimitiveSample(Conv2dInputGradient(convolution: Conv2d(), input: [1, 2, 4, 4]), [[1, 2, 2, 3], [2, 2, 3, 2]])
  ]

  func shape(of inputs: Operands) -> Shape { input }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let (g, w) = (inputs[0], inputs[1].detached.cast(to: inputs[0].elementType))
    let geometry = convolution.geometry(input, w.shape)
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      g.read(as: T.self) { g in
        w.read(as: T.self) { w in Tensor(input, as: T.self) { T.kernels.conv2dInputGradient(geometry, g, w, $0) } }
      }
    }
    return g.elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    let (g, w) = (call.inputs[0], call.inputs[1])
    return [
      call.wants(0) ? convolution(h, w) : nil,
      call.wants(1) ? Conv2dKernelGradient(convolution: convolution, kernel: w.shape)(h, g) : nil,
    ]
  }
}

/// What flows back through a convolution to its kernels.
struct Conv2dKernelGradient: Primitive {
  let convolution: Conv2d
  let kernel: Shape

  static let card = PrimitiveCard(
    name: "conv2d_kernel_gradient", theme: "internal", summary: "What flows back to the kernels.",
    formula: "\\sum_{nij} x_{nc,i+k,j+l} g_{noij}", shapes: "x: [n, c, h, w], g: [n, o, h', w']", example: ("1", "1"))
  static let samples = [
    PrimitiveSample(Conv2dKernelGradient(convolution: Conv2d(), kernel: [2, 2, 3, 2]), [[1, 2, 4, 4], [1, 2, 2, 3]])
  ]

  func shape(of inputs: Operands) -> Shape { kernel }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let (x, g) = (inputs[0], inputs[1].detached.cast(to: inputs[0].elementType))
    let geometry = convolution.geometry(x.shape, kernel)
    func run<T: Scalar>(_ type: T.Type) -> Tensor {
      x.read(as: T.self) { x in
        g.read(as: T.self) { g in Tensor(kernel, as: T.self) { T.kernels.conv2dKernelGradient(geometry, x, g, $0) } }
      }
    }
    return x.elementType == .float64 ? run(Double.self) : run(Float.self)
  }

  func pullback(_ h: Tensor, _ call: Application) -> Cotangents {
    let (x, g) = (call.inputs[0], call.inputs[1])
    return [
      call.wants(0) ? Conv2dInputGradient(convolution: convolution, input: x.shape)(g, h) : nil,
      call.wants(1) ? convolution(x, h) : nil,
    ]
  }
}
