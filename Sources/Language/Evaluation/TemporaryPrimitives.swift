import KernelInterface
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Stand-ins for operations that the engine does not have yet; each goes when the engine's own lands.
private let card = PrimitiveCard(
  name: "temporary", theme: "internal", summary: "", formula: "", shapes: "", example: ("", ""))

func mapped(_ x: Tensor, _ shape: Shape, _ f: (Double) -> Double) -> Tensor {
  let e = x.elements
  return .filled(shape, x.elementType) { f(e[$0]) }
}

struct TUnary: Primitive {
  static var card: PrimitiveCard { Language.card }
  let op: UnaryOperation
  func shape(of inputs: [Tensor]) -> Shape { inputs[0].shape }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let x = inputs[0].detached
    func run<T: Scalar>(_: T.Type) -> Tensor {
      x.read(as: T.self) { s in Tensor(shape, as: T.self) { T.kernels.unary(op, s, $0, shape.count) } }
    }
    return x.elementType == .float64 ? run(Double.self) : run(Float.self)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    let (x, y) = (call.inputs[0], call.output)
    switch op {
    case .negate: return [-g]
    case .absolute: return [g * TUnary(op: .sign)(x)]
    case .square: return [g * x * 2]
    case .reciprocal: return [-(g * y * y)]
    case .sqrt: return [g / (y * 2)]
    case .exp: return [g * y]
    case .expm1: return [g * (y + 1)]
    case .log: return [g / x]
    case .log1p: return [g / (x + 1)]
    case .sin: return [g * TUnary(op: .cos)(x)]
    case .cos: return [-(g * TUnary(op: .sin)(x))]
    case .tan: return [g * (y * y + 1)]
    case .tanh: return [g * (1 - y * y)]
    case .erf: return [g * TUnary(op: .exp)(-(x * x)) * 1.1283791670955126]
    case .sigmoid: return [g * y * (1 - y)]
    case .relu: return [g * TBinary(op: .greater)(x, Tensor(0, x.elementType))]
    case .softplus: return [g * TUnary(op: .sigmoid)(x)]
    case .sign, .floor, .ceil, .round: return [nil]
    }
  }
}

struct TBinary: Primitive {
  static var card: PrimitiveCard { Language.card }
  let op: BinaryOperation
  func shape(of inputs: [Tensor]) throws(ShapeError) -> Shape { try Add().shape(of: inputs) }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let type = ElementType.joining(inputs[0].elementType, inputs[1].elementType)
    let (a, b) = (
      Broadcast(to: shape)(inputs[0].detached.cast(to: type)), Broadcast(to: shape)(inputs[1].detached.cast(to: type))
    )
    func run<T: Scalar>(_: T.Type) -> Tensor {
      a.read(as: T.self) { p in
        b.read(as: T.self) { q in Tensor(shape, as: T.self) { T.kernels.binary(op, p, 1, q, 1, $0, shape.count) } }
      }
    }
    return type == .float64 ? run(Double.self) : run(Float.self)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    let (x, y) = (call.inputs[0], call.inputs[1])
    func back(_ t: Tensor, _ like: Tensor) -> Tensor { t.shape == like.shape ? t : TSumTo(target: like.shape)(t) }
    switch op {
    case .power:
      return [
        call.wants(0) ? back(g * y * TBinary(op: .power)(x, y - 1), x) : nil,
        call.wants(1) ? back(g * call.output * TUnary(op: .log)(x), y) : nil,
      ]
    case .maximum, .minimum:
      let first = TBinary(op: op == .maximum ? .greaterOrEqual : .lessOrEqual)(x, y)
      return [back(g * first, x), back(g * (1 - first), y)]
    case .modulo: return [back(g, x), nil]
    default: return [nil, nil]
    }
  }
}

struct TSumTo: Primitive {
  static var card: PrimitiveCard { Language.card }
  let target: Shape
  func shape(of inputs: [Tensor]) -> Shape { target }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let x = inputs[0].detached
    var out = [Double](repeating: 0, count: target.count)
    let places = Broadcast(to: x.shape)(Tensor((0..<target.count).map(Double.init), shape: target))
    for (e, p) in zip(x.elements, places.elements) { out[Int(p)] += e }
    return Tensor(out, shape: target, x.elementType)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] { [Broadcast(to: call.inputs[0].shape)(g)] }
}

struct TGather: Primitive {
  static var card: PrimitiveCard { Language.card }
  let axis: Int
  let places: [Int]
  func shape(of inputs: [Tensor]) -> Shape {
    var s = inputs[0].shape
    s[axis] = places.count
    return s
  }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let x = inputs[0].detached
    let e = x.elements
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    let n = x.shape[axis]
    return .filled(shape, x.elementType) { i in
      let (o, r) = (i / (inner * places.count), i % (inner * places.count))
      return e[(o * n + places[r / inner]) * inner + r % inner]
    }
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    [TScatter(axis: axis, places: places, extent: call.inputs[0].shape[axis])(g)]
  }
}

struct TScatter: Primitive {
  static var card: PrimitiveCard { Language.card }
  let axis: Int
  let places: [Int]
  let extent: Int
  func shape(of inputs: [Tensor]) -> Shape {
    var s = inputs[0].shape
    s[axis] = extent
    return s
  }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let x = inputs[0].detached
    var out = [Double](repeating: 0, count: shape.count)
    let inner = x.shape.dimensions[(axis + 1)...].reduce(1, *)
    for (i, e) in x.elements.enumerated() {
      let (o, r) = (i / (inner * places.count), i % (inner * places.count))
      out[(o * extent + places[r / inner]) * inner + r % inner] += e
    }
    return Tensor(out, shape: shape, x.elementType)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] { [TGather(axis: axis, places: places)(g)] }
}

struct TConcat: Primitive {
  static var card: PrimitiveCard { Language.card }
  let axis: Int
  func shape(of inputs: [Tensor]) throws(ShapeError) -> Shape {
    var s = inputs[0].shape
    guard s.rank > 0 else { throw .rank(s, expected: "tensors with axes") }
    for x in inputs.dropFirst() {
      guard x.rank == s.rank else { throw .unequal(inputs[0].shape, x.shape) }
      for a in 0..<s.rank where a != axis && s[a] != x.shape[a] { throw .extent(x.shape, axis: a, expected: s[a]) }
      s[axis] += x.shape[axis]
    }
    return s
  }
  func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
    let outer = shape.dimensions[..<axis].reduce(1, *)
    var out: [Double] = []
    let all = inputs.map(\.detached.elements)
    for o in 0..<outer {
      for (x, e) in zip(inputs, all) {
        let w = x.shape[axis] * inner
        out += e[(o * w)..<((o + 1) * w)]
      }
    }
    return Tensor(out, shape: shape, inputs[0].elementType)
  }
  func pullback(_ g: Tensor, _ call: Application) -> [Tensor?] {
    var start = 0
    return call.inputs.map { x in
      defer { start += x.shape[axis] }
      return TGather(axis: axis, places: Array(start..<(start + x.shape[axis])))(g)
    }
  }
}
