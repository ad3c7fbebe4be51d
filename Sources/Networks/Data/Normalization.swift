import Tensors

/// How samples are brought to a common size: `(x - mean) / deviation`, one number for all or one for each channel or column.
public struct Normalization: Sendable, Equatable {
  /// One mean for each run of `sample count / mean.count` neighbouring numbers.
  public let mean: [Double]
  public let deviation: [Double]

  /// - Precondition: as many deviations as means, at least one, none of them 0.
  public init(mean: [Double], deviation: [Double]) {
    precondition(!mean.isEmpty && mean.count == deviation.count, "as many deviations as means")
    precondition(deviation.allSatisfy { $0 != 0 }, "a deviation is not 0")
    self.mean = mean
    self.deviation = deviation
  }
}

extension Dataset {
  /// The set with every number taken through `(x - mean) / deviation` when it is drawn, after an earlier normalisation.
  /// - Throws: `ShapeError.extent` if there is neither one mean nor one for each place of the sample's first axis.
  public func normalized(_ next: Normalization) throws(ShapeError) -> Dataset {
    let channels = sampleShape.rank == 0 ? 1 : sampleShape[0]
    guard next.mean.count == 1 || next.mean.count == channels else {
      throw .extent([next.mean.count], axis: 0, expected: channels)
    }
    var copy = self
    guard let first = normalization else {
      copy.normalization = next
      return copy
    }
    // (x - m)/d, then (· - M)/D: one step with mean m + d·M and deviation d·D.
    let count = max(first.mean.count, next.mean.count)
    func at(_ values: [Double], _ i: Int) -> Double { values[values.count == 1 ? 0 : i] }
    copy.normalization = Normalization(
      mean: (0..<count).map { at(first.mean, $0) + at(first.deviation, $0) * at(next.mean, $0) },
      deviation: (0..<count).map { at(first.deviation, $0) * at(next.deviation, $0) })
    return copy
  }

  /// The mean and the deviation (with N) of the set: for each column of a table, for each channel of images.
  ///
  /// A column without spread gets deviation 1, so that it becomes 0 and not nan.
  public var statistics: Normalization {
    let channels = sampleShape.rank == 0 ? 1 : sampleShape[0]
    let run = sampleShape.count / max(channels, 1)
    var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    let n = Double(max(1, count * run))
    forEachBatch { x in
      for (i, value) in x.enumerated() { sums[i / run % channels] += value }
    }
    let mean = sums.map { $0 / n }
    forEachBatch { x in
      for (i, value) in x.enumerated() {
        let d = value - mean[i / run % channels]
        squares[i / run % channels] += d * d
      }
    }
    return Normalization(mean: mean, deviation: squares.map { $0 > 0 ? ($0 / n).squareRoot() : 1 })
  }

  private func forEachBatch(_ body: (UnsafeBufferPointer<Double>) -> Void) {
    for start in stride(from: 0, to: count, by: 256) {
      let x = batch(start..<min(start + 256, count)).x
      x.read(as: Double.self) { body(UnsafeBufferPointer(start: $0, count: x.count)) }
    }
  }
}
