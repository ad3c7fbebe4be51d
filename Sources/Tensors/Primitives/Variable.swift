/// The start of a differentiation: the identity, in a node of its own.
struct Variable: Primitive {
  static let card = PrimitiveCard(
    name: "variable", theme: "internal", summary: "The operand itself, as something to differentiate by.",
    formula: "y = x", shapes: "x: any", example: ("[1, 2]", "[1, 2]"))

  func shape(of inputs: Operands) -> Shape { inputs[0].shape }
  func forward(_ inputs: Operands, shape: Shape) -> Tensor { inputs[0] }
  func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g] }
}

/// The operand in another precision.
struct Cast: Primitive {
  let elementType: ElementType
  init(to elementType: ElementType) { self.elementType = elementType }

  static let card = PrimitiveCard(
    name: "cast", theme: "internal", summary: "The operand in another precision.",
    formula: "y = x", shapes: "x: any", example: ("f64([1, 2])", "[1, 2]"))
  static let samples = [PrimitiveSample(Cast(to: .float64), [[2, 3]])]

  func shape(of inputs: Operands) -> Shape { inputs[0].shape }

  func forward(_ inputs: Operands, shape: Shape) -> Tensor {
    let x = inputs[0]
    switch (x.elementType, elementType) {
    case (.float32, .float64):
      return x.read(as: Float.self) { source in
        Tensor(shape, as: Double.self) { Float.kernels.toDouble(source, $0, shape.count) }
      }
    case (.float64, .float32):
      return x.read(as: Double.self) { source in
        Tensor(shape, as: Float.self) { Double.kernels.toFloat(source, $0, shape.count) }
      }
    default: return x
    }
  }

  func pullback(_ g: Tensor, _ call: Application) -> Cotangents { [g.cast(to: call.inputs[0].elementType)] }
}
