import Tensors
import Testing

/// Whether numbers agree to 1e-9 of the larger of 1 and the largest reference.
func expectClose(
  _ found: [Double], _ wanted: [Double], tolerance: Double = 1e-9, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.count == wanted.count, comment, sourceLocation: sourceLocation)
  let largest = wanted.map(abs).max() ?? 0
  let worst = zip(found, wanted).map { abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance * max(1, largest), comment, sourceLocation: sourceLocation)
}

func expectClose(
  _ found: Tensor, _ wanted: Tensor, tolerance: Double = 1e-9, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.shape == wanted.shape, comment, sourceLocation: sourceLocation)
  expectClose(found.elements, wanted.elements, tolerance: tolerance, comment, sourceLocation: sourceLocation)
}

/// Both precisions.
let precisions: [ElementType] = [.float64, .float32]
