import Testing

@testable import Tensors

/// Laws that hold for every primitive of the catalogue.
@Suite("Every primitive")
struct PrimitiveLawTests {
  static let samples = PrimitiveCatalogue.all.flatMap { $0.samples }

  @Test("computes the shape its rule promises", arguments: samples.indices)
  func shapeRule(index: Int) throws {
    let sample = Self.samples[index]
    let inputs = draw(sample, seed: 1)
    let promised = try sample.primitive.shape(of: inputs)
    #expect(try sample.primitive.apply(inputs).shape == promised)
  }

  @Test("has a derivative that agrees with central differences", arguments: samples.indices)
  func firstDerivative(index: Int) throws {
    let sample = Self.samples[index]
    guard sample.isDifferentiable else { return }
    try checkDerivative(of: { try sample.primitive.apply($0) }, at: draw(sample, seed: 2), named: "\(sample.primitive)")
  }

  @Test("has a second derivative that agrees with central differences", arguments: samples.indices)
  func secondDerivative(index: Int) throws {
    let sample = Self.samples[index]
    guard sample.isDifferentiable else { return }
    let inputs = draw(sample, seed: 3)
    let weights = numbers(try sample.primitive.shape(of: inputs).count, seed: 4, in: -1...1)
    // The gradient of a nonlinear function of the output, by the first input, is differentiated again by all.
    try checkDerivative(
      of: { inputs in
        let variables = inputs.map { $0.variable() }
        let y = try sample.primitive.apply(variables)
        let loss = SumTo(.scalar)(y * y * Tensor(weights, shape: y.shape))
        let all = gradients(of: loss, withRespectTo: variables, keepingGraph: true)
        return SumTo(.scalar)(all.reduce(Tensor(0)) { $0 + SumTo(.scalar)($1 * $1) })
      }, at: inputs, named: "\(sample.primitive), second")
  }
}

/// Numbers that look random and are the same on every run.
func numbers(_ count: Int, seed: UInt64, in range: ClosedRange<Double>) -> [Double] {
  var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + (range.upperBound - range.lowerBound) * Double(state >> 33) / Double(1 << 31)
  }
}

func draw(_ sample: PrimitiveSample, seed: UInt64) -> [Tensor] {
  zip(sample.shapes, sample.domains).enumerated().map { index, operand in
    Tensor(numbers(operand.0.count, seed: seed &* 31 &+ UInt64(index), in: operand.1), shape: operand.0)
  }
}

/// Compares the gradient of a weighted sum of `f`'s elements with central differences, at every input element.
func checkDerivative(
  of f: ([Tensor]) throws -> Tensor, at inputs: [Tensor], named name: String, tolerance: Double = 1e-6
) throws {
  let shape = try f(inputs).shape
  let weights = Tensor(numbers(shape.count, seed: 9, in: -1...1), shape: shape)
  func value(_ inputs: [Tensor]) throws -> Double { SumTo(.scalar)(try f(inputs) * weights).item }
  let variables = inputs.map { $0.variable() }
  let found = gradients(of: SumTo(.scalar)(try f(variables) * weights), withRespectTo: variables)
  for (position, input) in inputs.enumerated() {
    #expect(found[position].shape == input.shape, "\(name): shape of the gradient by input \(position)")
    let elements = input.elements
    for index in elements.indices {
      let step = 1e-5 * max(1, abs(elements[index]))
      var (up, down) = (elements, elements)
      up[index] += step
      down[index] -= step
      var (above, below) = (inputs, inputs)
      above[position] = Tensor(up, shape: input.shape)
      below[position] = Tensor(down, shape: input.shape)
      let expected = (try value(above) - value(below)) / (2 * step)
      let got = found[position][flat: index]
      #expect(
        abs(got - expected) <= tolerance * max(1, abs(expected)),
        "\(name): input \(position), element \(index): \(got) against \(expected)")
    }
  }
}
