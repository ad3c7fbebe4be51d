import Tensors

extension Dataset {
  /// Everything a dataset holds, so that it can be stored and made again: the samples of its own, in its order.
  public struct Contents: Sendable {
    public enum Inputs: Sendable {
      case bytes([UInt8], divisor: Double)
      case tensor(Tensor)
    }
    public enum Targets: Sendable {
      case labels([Int32])
      case tensor(Tensor)
    }
    public var inputs: Inputs
    public var targets: Targets
    public var sampleShape: Shape
    public var classNames: [String]
    public var name: String
    public var normalization: Normalization?

    public init(
      inputs: Inputs, targets: Targets, sampleShape: Shape, classNames: [String], name: String,
      normalization: Normalization?
    ) {
      self.inputs = inputs
      self.targets = targets
      self.sampleShape = sampleShape
      self.classNames = classNames
      self.name = name
      self.normalization = normalization
    }
  }

  public var contents: Contents {
    func chosen(_ x: Tensor) -> Tensor { selection.map { Gather(axis: 0, places: $0)(x) } ?? x }
    let width = sampleShape.count
    let ownInputs: Contents.Inputs =
      switch inputs {
      case .bytes(let bytes, let divisor):
        .bytes(selection.map { $0.flatMap { bytes[($0 * width)..<(($0 + 1) * width)] } } ?? bytes, divisor: divisor)
      case .tensor(let tensor): .tensor(chosen(tensor))
      }
    let ownTargets: Contents.Targets =
      switch targets {
      case .labels(let labels): .labels(selection.map { $0.map { labels[$0] } } ?? labels)
      case .tensor(let tensor): .tensor(chosen(tensor))
      }
    return Contents(
      inputs: ownInputs, targets: ownTargets, sampleShape: sampleShape, classNames: classNames, name: name,
      normalization: normalization)
  }

  /// A dataset of stored contents; nil if they contradict each other.
  public init?(_ contents: Contents) {
    let count: Int
    switch contents.targets {
    case .labels(let labels): count = labels.count
    case .tensor(let y):
      guard y.rank > 0 else { return nil }
      count = y.shape[0]
    }
    let labels: [Int32] = if case .labels(let labels) = contents.targets { labels } else { [] }
    switch contents.inputs {
    case .bytes(let bytes, let divisor):
      // Bytes come with labels only.
      guard case .labels = contents.targets, bytes.count == count * contents.sampleShape.count, divisor != 0 else {
        return nil
      }
      self.init(bytes: bytes, sampleShape: contents.sampleShape, divisor: divisor, labels: labels)
    case .tensor(let x):
      guard x.rank > 0, x.shape[0] == count, x.count == count * contents.sampleShape.count else { return nil }
      switch contents.targets {
      case .labels: self.init(x: x, labels: labels)
      case .tensor(let y):
        guard let made = try? Dataset(x: x, y: y) else { return nil }
        self = made
      }
      guard let shaped = try? reshaped(sample: contents.sampleShape) else { return nil }
      self = shaped
    }
    classNames = contents.classNames
    name = contents.name
    guard let normalization = contents.normalization else { return }
    guard let normal = try? normalized(normalization) else { return nil }
    self = normal
  }
}
