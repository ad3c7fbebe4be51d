import KernelInterface
import Tensors

extension Dataset {
  /// Some samples and their targets as tensors.
  ///
  /// **Shapes** `[indices.count, …sample]` and `[indices.count, …target]`
  /// - Precondition: the indices are in `0..<count`.
  public func batch(_ indices: some RandomAccessCollection<Int>, _ type: ElementType = .float64) -> (
    x: Tensor, y: Tensor
  ) {
    let places = selection.map { selection in indices.map { selection[$0] } } ?? Array(indices)
    return (drawInputs(places, type), drawTargets(places, type))
  }

  /// All inputs as one tensor.
  /// - Throws: `ShapeError.memory` past the session's limit.
  public func x(_ type: ElementType = .float64) throws(ShapeError) -> Tensor {
    let shape = try Shape(checking: [count] + sampleShape.dimensions)
    try MemoryLimit.check(shape, type)
    return drawInputs(places, type)
  }

  /// All targets as one tensor.
  public func y(_ type: ElementType = .float64) -> Tensor { drawTargets(places, type) }

  private func drawInputs(_ places: [Int], _ type: ElementType) -> Tensor {
    type == .float64 ? drawInputs(places, as: Double.self) : drawInputs(places, as: Float.self)
  }

  private func drawInputs<T: Scalar>(_ places: [Int], as type: T.Type) -> Tensor {
    let shape = sampleShape.inserting(places.count, at: 0)
    let width = sampleShape.count
    let channels = normalization?.mean.count ?? 1
    switch inputs {
    case .bytes(let bytes, let divisor):
      // All a byte can become, for each channel: division and normalisation cost one look-up.
      let table = (0..<channels).flatMap { channel in
        (0..<256).map { T(normalized(Double($0) / divisor, channel)) }
      }
      let run = width / channels
      return Tensor(shape, as: T.self) { out in
        bytes.withUnsafeBufferPointer { bytes in
          table.withUnsafeBufferPointer { table in
            // A part for each 32,768 numbers, so that the split depends on the size alone.
            let perPart = max(1, 32_768 / max(width, 1))
            let parts = (places.count + perPart - 1) / perPart
            Parallel.forEach(parts) { part in
              for row in (part * perPart)..<min((part + 1) * perPart, places.count) {
                for channel in 0..<channels {
                  let source = bytes.baseAddress.unsafelyUnwrapped + places[row] * width + channel * run
                  let target = out + row * width + channel * run
                  let values = table.baseAddress.unsafelyUnwrapped + channel * 256
                  for k in 0..<run { target[k] = values[Int(source[k])] }
                }
              }
            }
          }
        }
      }
    case .tensor(let tensor):
      let rows = gather(tensor, places, width, shape, as: T.self)
      guard let normalization else { return rows }
      var result = rows
      let run = max(1, width / channels)
      result.mutate(as: T.self) { out in
        for row in 0..<places.count {
          for channel in 0..<channels {
            let (mean, deviation) = (T(normalization.mean[channel]), T(normalization.deviation[channel]))
            let target = out + row * width + channel * run
            for k in 0..<run { target[k] = (target[k] - mean) / deviation }
          }
        }
      }
      return result
    }
  }

  private func drawTargets(_ places: [Int], _ type: ElementType) -> Tensor {
    switch targets {
    case .labels(let labels):
      func draw<T: Scalar>(_: T.Type) -> Tensor {
        Tensor([places.count], as: T.self) { out in
          for (row, place) in places.enumerated() { out[row] = T(labels[place]) }
        }
      }
      return type == .float64 ? draw(Double.self) : draw(Float.self)
    case .tensor(let tensor):
      var shape = tensor.shape
      shape[0] = places.count
      let width = tensor.count / max(tensor.shape[0], 1)
      return type == .float64
        ? gather(tensor, places, width, shape, as: Double.self) : gather(tensor, places, width, shape, as: Float.self)
    }
  }

  /// Rows of a tensor, in the precision asked for.
  private func gather<T: Scalar>(
    _ tensor: Tensor, _ places: [Int], _ width: Int, _ shape: Shape, as type: T.Type
  ) -> Tensor {
    func rows<S: Scalar>(_: S.Type) -> Tensor {
      Tensor(shape, as: S.self) { out in
        tensor.read(as: S.self) { source in
          if width == 1 {
            for row in 0..<places.count { out[row] = source[places[row]] }
          } else {
            for row in 0..<places.count { (out + row * width).update(from: source + places[row] * width, count: width) }
          }
        }
      }
    }
    let taken = tensor.elementType == .float64 ? rows(Double.self) : rows(Float.self)
    return taken.cast(to: T.elementType)
  }

  func normalized(_ value: Double, _ channel: Int) -> Double {
    guard let normalization else { return value }
    return (value - normalization.mean[channel]) / normalization.deviation[channel]
  }
}
