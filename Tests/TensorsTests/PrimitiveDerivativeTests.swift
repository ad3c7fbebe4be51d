import Foundation
import Testing

@testable import Tensors

@Suite("Derivatives at the edges")
struct PrimitiveDerivativeTests {
  private func gradient(_ elements: [Double], _ f: (Tensor) -> Tensor) -> [Double] {
    let x = Tensor(elements).variable()
    return gradients(of: f(x).sum(), withRespectTo: [x])[0].elements
  }

  @Test("have the frameworks' values at points where there are two")
  func kinks() {
    #expect(gradient([0], { $0.relu() }) == [0])
    #expect(gradient([0], { $0.abs() }) == [0])
    #expect(gradient([0], { $0.leakyRelu() }) == [0.01])
    #expect(gradient([0], { $0.elu() }) == [1])
    #expect(gradient([2, 2], { $0.max(axis: 0) }) == [1, 0])
    #expect(gradient([3], { Maximum()(Tensor([3]), $0) }) == [0])
  }

  @Test("are 0 in a branch not taken, even where the branch has no value")
  func branchesNotTaken() {
    let half = 0.5
    #expect(gradient([4, 0], { Choose()(Tensor([1, 0]), $0.sqrt(), Tensor(0)) }) == [0.25, 0])
    #expect(gradient([2, 0], { Choose()(Tensor([1, 0]), $0.log(), $0) }) == [half, 1])
    #expect(gradient([2, 0], { Choose()(Tensor([1, 0]), $0 / $0, $0) }) == [0, 1])
    #expect(
      gradient([0], { Choose()(Tensor([0, 0]), Tensor([1, 1]) / Broadcast(to: [2])($0), Tensor([0, 0])) }) == [0])
    #expect(gradient([2, -1], { Choose()(Tensor([1, 0]), ($0.log() * $0.sqrt()).square(), Tensor(0)) })[1] == 0)
  }

  @Test("of powers are right at 0, at exponent 0 and for negative numbers with whole exponents")
  func powers() {
    #expect(Power()(Tensor([0, -2]), Tensor([0, 3])).elements == [1, -8])
    #expect(gradient([-2], { Power()($0, Tensor(3)) }) == [12])
    #expect(gradient([0], { Power()($0, Tensor(2)) }) == [0])
    #expect(gradient([0], { Power()($0, Tensor(1)) }) == [1])
    #expect(gradient([0], { Power()($0, Tensor(0)) }) == [0])
  }

  @Test("of a product with zeros are the products of the other elements")
  func productsWithZeros() {
    #expect(gradient([0, 2, 3], { Product(axis: 0)($0) }) == [6, 0, 0])
    #expect(gradient([0, 0, 3], { Product(axis: 0)($0) }) == [0, 0, 0])
  }

  @Test("of derivatives in a branch taken see a factor that is 0 there and changes")
  func zeroFactors() {
    func slope(_ a: Tensor, _ x: Tensor) -> Tensor {
      let y = Choose()(Tensor([1, 0]), Broadcast(to: [2])(a) * x.sigmoid() * x.sqrt(), Tensor(0))
      return gradients(of: y.sum(), withRespectTo: [x], keepingGraph: true)[0]
    }
    let (a, x) = (Tensor(0).variable(), Tensor([2, 0]).variable())
    let found = gradients(of: slope(a, x).sum(), withRespectTo: [a, x])
    let s = 1 / (1 + exp(-2.0))
    let wanted = s * (1 - s) * 2.0.squareRoot() + s / (2 * 2.0.squareRoot())
    #expect(abs(found[0].item - wanted) < 1e-12)
    #expect(found[1].elements == [0, 0])
  }

  @Test("by a result on the way do not hide those by what it was computed from")
  func resultsOnTheWay() {
    let x = Tensor([2, 3]).variable()
    let y = x * x
    let found = gradients(of: (y * y).sum(), withRespectTo: [y, x])
    #expect(found[0].elements == [8, 18] && found[1].elements == [32, 108])
  }

  @Test("flow through a chain of any length, which is released without recursion")
  func longChains() {
    let x = Tensor([1]).variable()
    var y = x
    for _ in 0..<200_000 { y = y * 1.0 + 0.0 }
    #expect(gradients(of: y.sum(), withRespectTo: [x])[0].elements == [1])
  }

  @Test("of a reduced operand do not stretch back, but the sum over the first axis does")
  func stretching() throws {
    let x = Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(throws: ShapeError.self) { try Subtract().apply(x, x.mean(axis: 1)) }
    #expect(throws: ShapeError.self) { try Subtract().apply(x, x.mean(axis: 1).exp() * 2) }
    #expect(throws: ShapeError.self) { try Choose().apply([x, x, x.sum(axis: 1)]) }
    #expect(try Subtract().apply(x, x.mean(axis: 0)).elements == [-1, -1, 1, 1])
    #expect(try Subtract().apply(x, x.mean(axis: 1, keep: true)).elements == [-0.5, 0.5, -0.5, 0.5])
    #expect(try Subtract().apply(x, x.mean(axis: 1).reshaped(to: [2, 1])).elements == [-0.5, 0.5, -0.5, 0.5])
  }
}
