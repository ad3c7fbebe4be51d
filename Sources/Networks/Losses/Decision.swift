import Tensors

/// How a prediction becomes an answer that is right or wrong.
public enum Decision: Sendable, Equatable {
  /// The class with the largest number in the last axis; targets are labels or one-hot rows.
  case largest
  /// Yes where the number is above the threshold; targets are 0 and 1.
  case above(Double)
  /// No answers, only numbers.
  case none
}

extension Decision {
  /// How many predictions are right, and of how many; nil where right and wrong mean nothing for these shapes.
  public func count(_ prediction: Tensor, _ target: Tensor) -> (right: Int, of: Int)? {
    switch self {
    case .none: return nil
    case .above(let threshold):
      guard prediction.shape == target.shape else { return nil }
      let (p, t) = (prediction.elements, target.elements)
      guard t.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }
      return (zip(p, t).count { ($0 > threshold) == ($1 == 1) }, p.count)
    case .largest:
      guard prediction.rank > 0, prediction.shape.last > 1 else { return nil }
      let classes = prediction.shape.last
      let rows = prediction.shape.removing(axis: prediction.rank - 1)
      if target.shape == rows {
        let labels = target.elements
        return (zip(largestOfRows(prediction), labels).count { Double($0) == $1 }, labels.count)
      }
      guard target.shape == prediction.shape else { return nil }
      let places = largestOfRows(target)
      let elements = target.elements
      let isOneHot = places.indices.allSatisfy { row in
        (0..<classes).allSatisfy { elements[row * classes + $0] == ($0 == places[row] ? 1 : 0) }
      }
      guard isOneHot else { return nil }
      return (zip(largestOfRows(prediction), places).count { $0 == $1 }, places.count)
    }
  }
}

/// The place of the largest number of each row of the last axis, the first at a tie.
func largestOfRows(_ x: Tensor) -> [Int] {
  let width = x.shape.last
  let rows = x.count / max(width, 1)
  func find<T: Scalar>(_: T.Type) -> [Int] {
    x.read(as: T.self) { source in
      [Int](unsafeUninitializedCapacity: rows) { places, count in
        if rows > 0 { T.kernels.argument(true, source, places.baseAddress.unsafelyUnwrapped, rows, width, 1) }
        count = rows
      }
    }
  }
  return x.elementType == .float64 ? find(Double.self) : find(Float.self)
}
