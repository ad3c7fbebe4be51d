import Testing

@testable import Tensors

@Suite("A contraction")
struct ContractionTests {
  /// Sums over all index values, one product at a time.
  func slow(_ factors: [Indexed], to output: [Int]) -> [Double] {
    let indices = Array(Set(factors.flatMap(\.indices))).sorted()
    let extents = indices.map { index in factors.lazy.compactMap { $0.extent(of: index) }.first! }
    let outputShape = output.map { extents[indices.firstIndex(of: $0)!] }
    var result = [Double](repeating: 0, count: outputShape.reduce(1, *))
    for number in 0..<extents.reduce(1, *) {
      var rest = number
      var values: [Int: Int] = [:]
      for (index, extent) in zip(indices, extents).reversed() {
        values[index] = rest % extent
        rest /= extent
      }
      var product = 1.0
      for factor in factors {
        let place = zip(factor.indices, factor.tensor.shape.dimensions).reduce(0) { $0 * $1.1 + values[$1.0]! }
        product *= factor.tensor[flat: place]
      }
      result[zip(output, outputShape).reduce(0) { $0 * $1.1 + values[$1.0]! }] += product
    }
    return result
  }

  func factor(_ indices: [Int], _ seed: UInt64) -> Indexed {
    let extents = [2, 3, 4, 5, 2, 3]
    let shape = Shape(indices.map { extents[$0] })
    return Indexed(Tensor(numbers(shape.count, seed: seed, in: -1...1), shape: shape), indices)
  }

  @Test(
    "equals the sum over all index values",
    arguments: [
      ([[0, 1], [1, 2]], [0, 2]), ([[0, 1], [1, 2]], [2, 0]), ([[0, 1], [1, 2], [2, 3]], [0, 3]),
      ([[0, 1, 2], [0, 2, 3]], [0, 1, 3]),
      ([[0, 1]], [1]), ([[0, 1], [0, 1]], []), ([[0], [1]], [1, 0]), ([[0, 1], [1]], [0]),
      ([[0, 1, 2], [3, 1], [2, 3, 0]], [0]),
      ([[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]], [5, 0]), ([[0, 1], [2]], [2, 1]),
    ])
  func value(indices: [[Int]], output: [Int]) throws {
    let factors = indices.enumerated().map { factor($0.element, UInt64($0.offset + 1)) }
    let expected = slow(factors, to: output)
    let got = try contraction(of: factors, to: output).elements
    for (e, g) in zip(expected, got) { #expect(abs(e - g) < 1e-12) }
    #expect(expected.count == got.count)
  }

  @Test("of a chain is multiplied in the cheap order")
  func order() {
    func tall(_ a: Int, _ b: Int, _ rows: Int, _ columns: Int) -> Indexed {
      Indexed(Tensor.ones([rows, columns]), [a, b])
    }
    // (10×100)(100×5)(5×50): 10·100·5 + 10·5·50, not 100·5·50 + 10·100·50.
    let plan = ContractionPlan([tall(0, 1, 10, 100), tall(1, 2, 100, 5), tall(2, 3, 5, 50)], output: [0, 3])
    #expect(plan.cost == 7500)
  }

  @Test("is differentiable twice")
  func derivative() throws {
    let factors = [factor([0, 1], 1), factor([1, 2], 2), factor([2], 3)]
    try checkDerivative(
      of: { inputs in
        let indexed = zip(inputs, factors).map { Indexed($0, $1.indices) }
        let y = try contraction(of: indexed, to: [0])
        let g = gradients(of: SumTo(.scalar)(y * y), withRespectTo: inputs, keepingGraph: true)
        return inputs.contains { $0.isTracked } ? g[0] : try gradientsOfSquare(inputs, factors)
      }, at: factors.map(\.tensor), named: "contraction")
  }

  private func gradientsOfSquare(_ inputs: [Tensor], _ factors: [Indexed]) throws -> Tensor {
    let variables = inputs.map { $0.variable() }
    let y = try contraction(of: zip(variables, factors).map { Indexed($0, $1.indices) }, to: [0])
    return gradients(of: SumTo(.scalar)(y * y), withRespectTo: variables)[0]
  }
}

@Suite("Reshaping")
struct ReshapeTests {
  @Test("of a view gives the same elements as of a copy, with or without copying", arguments: 0..<200)
  func views(seed: Int) {
    var rest = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
    func pick(_ n: Int) -> Int {
      rest = rest &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(rest >> 33) % n
    }
    let shape = Shape((0..<(1 + pick(4))).map { _ in [1, 2, 3, 4][pick(4)] })
    var order = Array(0..<shape.rank)
    for i in order.indices where pick(2) == 0 { order.swapAt(i, pick(order.count)) }
    let x = Permute(order)(Tensor((0..<shape.count).map(Double.init), shape: shape))
    // Another factorisation of the same count.
    var factors: [Int] = []
    var count = shape.count
    while count > 1 {
      let divisor = [2, 3, 4, 6].filter { count % $0 == 0 }.randomElement(pick) ?? count
      factors.append(divisor)
      count /= divisor
    }
    if pick(2) == 0 { factors.insert(1, at: pick(factors.count + 1)) }
    #expect(x.reshaped(to: Shape(factors)).elements == x.copied().elements)
  }
}

extension Array {
  fileprivate func randomElement(_ pick: (Int) -> Int) -> Element? { isEmpty ? nil : self[pick(count)] }
}
