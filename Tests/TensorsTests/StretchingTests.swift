import Tensors
import Testing

@Suite("Stretching")
struct StretchingTests {
  /// Whether each axis of the smaller operand is there, 1 or left out, for all shapes up to three axes.
  static let masks = (0..<8).flatMap { mask in (0..<4).map { (mask, $0) } }

  @Test("of rows, columns, planes and views gives what element by element gives", arguments: masks)
  func everyShape(mask: Int, dropped: Int) {
    let extents = [3, 4, 5]
    let large = Tensor((0..<60).map { Double($0 % 7) - 3 }, shape: Shape(extents))
    let own = (0..<3).map { mask & (1 << $0) != 0 ? extents[$0] : 1 }
    let small = Tensor((0..<own.reduce(1, *)).map { Double($0) / 4 + 1 }, shape: Shape(own))
    // Leading axes of extent 1 may also be missing.
    let missing = min(dropped, own.prefix { $0 == 1 }.count)
    let operand = small.reshaped(to: Shape(Array(own.dropFirst(missing))))
    func place(_ index: [Int]) -> Int { zip(index, own).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) } }
    for view in [large, Permute([1, 2, 0])(Permute([2, 0, 1])(large))] {
      let sum = (view - operand).elements
      let other = (operand / (view + 10)).elements
      for i in 0..<3 {
        for j in 0..<4 {
          for k in 0..<5 {
            let flat = (i * 4 + j) * 5 + k
            let (x, y) = (large[flat: flat], small[flat: place([i, j, k])])
            #expect(sum[flat] == x - y)
            #expect(other[flat] == y / (x + 10))
          }
        }
      }
    }
    // A transposed operand on both sides.
    let turned = Permute([0, 2, 1])(large)
    let turnedSmall = Permute([0, 2, 1])(small)
    let product = (turned * turnedSmall).elements
    for i in 0..<3 {
      for k in 0..<5 {
        for j in 0..<4 {
          #expect(product[(i * 5 + k) * 4 + j] == large[flat: (i * 4 + j) * 5 + k] * small[flat: place([i, j, k])])
        }
      }
    }
  }

  @Test("sends back what flows through a view of one row: a bias in a batch of one sequence of one step")
  func oneRow() {
    let upstream = Tensor([5, 2, -1], shape: [1, 1, 1, 3])
    let bias = Tensor([1, 2, 3]).variable()
    let y = Tensor.zeros([1, 1, 3]) + bias
    // Split into heads and turned, as attention does: the gradient comes back as a view of three axes.
    let heads = Permute([0, 2, 1, 3])(y.reshaped(to: [1, 1, 1, 3]))
    #expect(gradients(of: (heads * upstream).sum(), withRespectTo: [bias])[0].elements == [5, 2, -1])
    // The second half of a storage: nothing is summed, and the offset stays.
    let late = Tensor([9, 9, 9, 5, 2, -1], shape: [2, 1, 3]).slice(axis: 0, 1..<2)
    #expect(gradients(of: y, withRespectTo: [bias], seed: late)[0].elements == [5, 2, -1])
  }
}
