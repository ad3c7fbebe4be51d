import KernelInterface
import Tensors

// Stands in for primitives that `Tensors` does not have yet; goes when they land.

private func card(_ name: String) -> PrimitiveCard {
  PrimitiveCard(name: name, theme: "internal", summary: "", formula: "", shapes: "", example: ("", ""))
}

private func unary(_ op: UnaryOperation, _ x: Tensor) -> Tensor {
  func run<T: Scalar>(_: T.Type) -> Tensor {
    x.read(as: T.self) { source in Tensor(x.shape, as: T.self) { T.kernels.unary(op, source, $0, x.count) } }
  }
  return x.elementType == .float64 ? run(Double.self) : run(Float.self)
}

private func binary(_ op: BinaryOperation, _ a: Tensor, _ b: Tensor) -> Tensor {
  func run<T: Scalar>(_: T.Type) -> Tensor {
    a.read(as: T.self) { p in
      b.read(as: T.self) { q in Tensor(a.shape, as: T.self) { T.kernels.binary(op, p, 1, q, 1, $0, a.count) } }
    }
  }
  return a.elementType == .float64 ? run(Double.self) : run(Float.self)
}

struct InterimUnary: Primitive {
  let operation: UnaryOperation
  static let card = Networks.card("unary")
  func shape(of inputs: [Tensor]) -> Shape { inputs[0].shape }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor { unary(operation, inputs[0]) }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    switch operation {
    case .relu: [binary(.reluGradient, g, call.inputs[0])]
    case .tanh: [binary(.tanhGradient, g, call.output)]
    case .sigmoid: [binary(.sigmoidGradient, g, call.output)]
    case .softplus: [g * unary(.sigmoid, call.inputs[0])]
    case .log: [g / call.inputs[0]]
    case .exp: [g * call.output]
    case .absolute: [g * unary(.sign, call.inputs[0])]
    default: [nil]
    }
  }
}

struct InterimSoftmax: Primitive {
  let logarithm: Bool
  static let card = Networks.card("softmax")
  func shape(of inputs: [Tensor]) -> Shape { inputs[0].shape }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let x = inputs[0]
    func run<T: Scalar>(_: T.Type) -> Tensor {
      x.read(as: T.self) { source in
        Tensor(x.shape, as: T.self) { T.kernels.softmax(logarithm, source, $0, x.count / x.shape.last, x.shape.last) }
      }
    }
    return x.elementType == .float64 ? run(Double.self) : run(Float.self)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    let y = call.output
    func run<T: Scalar>(_: T.Type) -> Tensor {
      g.read(as: T.self) { p in
        y.read(as: T.self) { q in
          Tensor(y.shape, as: T.self) {
            T.kernels.softmaxGradient(logarithm, p, q, $0, y.count / y.shape.last, y.shape.last)
          }
        }
      }
    }
    return [y.elementType == .float64 ? run(Double.self) : run(Float.self)]
  }
}

/// `-log_softmax(x)[n, label[n]]`.
struct InterimPick: Primitive {
  let labels: [Int]
  static let card = Networks.card("pick")
  func shape(of inputs: [Tensor]) -> Shape { [labels.count] }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let x = inputs[0]
    let elements = labels.enumerated().map { x[flat: $0 * x.shape.last + $1] }
    return Tensor(elements, shape: shape, x.elementType)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    let x = call.inputs[0]
    var elements = [Double](repeating: 0, count: x.count)
    for (row, label) in labels.enumerated() { elements[row * x.shape.last + label] = g[flat: row] }
    return [Tensor(elements, shape: x.shape, x.elementType)]
  }
}

struct InterimConv2d: Primitive {
  let geometry: Conv2dGeometry
  static let card = Networks.card("conv2d")
  func shape(of inputs: [Tensor]) -> Shape {
    [geometry.batch, geometry.outputChannels, geometry.outputHeight, geometry.outputWidth]
  }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    func run<T: Scalar>(_: T.Type) -> Tensor {
      inputs[0].read(as: T.self) { x in
        inputs[1].read(as: T.self) { k in
          inputs[2].read(as: T.self) { b in Tensor(shape, as: T.self) { T.kernels.conv2d(geometry, x, k, b, $0) } }
        }
      }
    }
    return inputs[0].elementType == .float64 ? run(Double.self) : run(Float.self)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    func run<T: Scalar>(_: T.Type) -> [Tensor?] {
      g.read(as: T.self) { gradient in
        call.inputs[0].read(as: T.self) { x in
          call.inputs[1].read(as: T.self) { k in
            [
              call.wants(0)
                ? Tensor(call.inputs[0].shape, as: T.self) {
                  T.kernels.conv2dInputGradient(geometry, gradient, k, $0)
                } : nil,
              call.wants(1)
                ? Tensor(call.inputs[1].shape, as: T.self) {
                  T.kernels.conv2dKernelGradient(geometry, x, gradient, $0)
                } : nil,
              Tensor([geometry.outputChannels], as: T.self) { out in
                let plane = geometry.outputHeight * geometry.outputWidth
                let rows = geometry.batch * geometry.outputChannels
                let sums = Tensor([rows], as: T.self) { T.kernels.reduce(.sum, gradient, $0, rows, plane, 1) }
                sums.read(as: T.self) {
                  T.kernels.reduce(.sum, $0, out, 1, geometry.batch, geometry.outputChannels)
                }
              },
            ]
          }
        }
      }
    }
    return g.elementType == .float64 ? run(Double.self) : run(Float.self)
  }
}

struct InterimPool: Primitive {
  let geometry: Pool2dGeometry
  let target: Shape
  static let card = Networks.card("max_pool2d")
  func shape(of inputs: [Tensor]) -> Shape { target }
  private func winners<T: Scalar>(_ x: Tensor, _: T.Type) -> (Tensor, [Int32]) {
    var winners = [Int32](repeating: 0, count: target.count)
    let y = x.read(as: T.self) { source in
      Tensor(target, as: T.self) { out in
        winners.withUnsafeMutableBufferPointer {
          T.kernels.maxPool2d(geometry, source, out, $0.baseAddress.unsafelyUnwrapped)
        }
      }
    }
    return (y, winners)
  }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    inputs[0].elementType == .float64 ? winners(inputs[0], Double.self).0 : winners(inputs[0], Float.self).0
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    let x = call.inputs[0]
    func run<T: Scalar>(_: T.Type) -> Tensor {
      let places = winners(x, T.self).1
      return g.read(as: T.self) { source in
        Tensor(x.shape, as: T.self) { out in
          places.withUnsafeBufferPointer {
            T.kernels.maxPool2dScatter(geometry, source, $0.baseAddress.unsafelyUnwrapped, out)
          }
        }
      }
    }
    return [x.elementType == .float64 ? run(Double.self) : run(Float.self)]
  }
}

extension Tensor {
  func sum() -> Tensor {
    reshaped(to: [1, count]).matmul(.ones([count, 1], elementType)).reshaped(to: .scalar)
  }
  func mean() -> Tensor { sum() / Double(count) }
  func applying(_ operation: UnaryOperation) -> Tensor { InterimUnary(operation: operation)(self) }
}

extension Tensor {
  func relu() -> Tensor { applying(.relu) }
  func tanh() -> Tensor { applying(.tanh) }
  func sigmoid() -> Tensor { applying(.sigmoid) }
  func softplus() -> Tensor { applying(.softplus) }
  func softmax() -> Tensor { InterimSoftmax(logarithm: false)(self) }
  func logSoftmax() -> Tensor { InterimSoftmax(logarithm: true)(self) }
  func boundedLog() -> Tensor { applying(.log) }
  func sumLast() -> Tensor { matmul(.ones([shape.last, 1], elementType)).reshaped(to: shape.removing(axis: rank - 1)) }
  func picked(_ labels: Tensor) throws(ShapeError) -> Tensor {
    let classes = shape.last
    var places: [Int] = []
    for label in labels.elements {
      guard label == label.rounded() else { throw .fractionalIndex(label) }
      guard label >= 0, label < Double(classes) else {
        throw .indexOutOfRange(index: Int(label), axis: rank - 1, extent: classes)
      }
      places.append(Int(label))
    }
    return InterimPick(labels: places)(self).reshaped(to: labels.shape)
  }
}

func convolve(
  _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, stride: (Int, Int), padding: (Padding, Padding)
) throws -> Tensor {
  let vertical = padding.0.edges(extent: x.shape[2], window: weight.shape[2], stride: stride.0)
  let horizontal = padding.1.edges(extent: x.shape[3], window: weight.shape[3], stride: stride.1)
  let geometry = Conv2dGeometry(
    batch: x.shape[0], inputChannels: x.shape[1], inputHeight: x.shape[2], inputWidth: x.shape[3],
    outputChannels: weight.shape[0], kernelHeight: weight.shape[2], kernelWidth: weight.shape[3],
    strideHeight: stride.0, strideWidth: stride.1,
    padding: WindowPadding(
      top: vertical.before, left: horizontal.before, bottom: vertical.after, right: horizontal.after))
  return InterimConv2d(geometry: geometry)(x, weight, bias ?? .zeros([weight.shape[0]], weight.elementType))
}

func maxPool(_ x: Tensor, _ side: Int, _ stride: Int, _ output: Shape) throws -> Tensor {
  InterimPool(
    geometry: Pool2dGeometry(
      planes: x.shape[0] * x.shape[1], inputHeight: x.shape[2], inputWidth: x.shape[3], windowHeight: side,
      windowWidth: side, strideHeight: stride, strideWidth: stride), target: output)(x)
}

func averagePool(_ x: Tensor, _ side: Int, _ stride: Int, _ output: Shape) throws -> Tensor {
  try maxPool(x, side, stride, output)
}
