import Tensors

/// Samples and their targets: `d.x` and `d.y`, drawn in batches.
///
/// Inputs that come as bytes stay bytes until a batch is drawn, so that sixty thousand images take their 47 MB and no more.
/// Subsets share their samples.
///
/// **Shapes** inputs `[count, …sample]`; targets `[count]` for labels, else `[count, …]`.
public struct Dataset: Sendable {
  /// Where the samples are.
  enum Inputs: Sendable {
    /// One byte a number; `divisor` is what becomes 1.
    case bytes([UInt8], divisor: Double)
    /// All samples along the first axis.
    case tensor(Tensor)
  }

  /// What the samples are to give.
  enum Targets: Sendable {
    /// Whole numbers from 0.
    case labels([Int32])
    /// All targets along the first axis.
    case tensor(Tensor)
  }

  let inputs: Inputs
  let targets: Targets
  /// Which samples of the storage belong to the set; nil for all of them, in their order.
  var selection: [Int]?
  let total: Int
  /// The shape of one sample.
  public let sampleShape: Shape
  /// The names of the classes, in the order of their labels; empty where there are none.
  public var classNames: [String]
  /// What data this is, for people: `digits`.
  public var name: String
  /// How bytes become numbers, or tensors other tensors: `(x - mean) / deviation`; one number each, or one for each channel.
  var normalization: Normalization?

  /// A dataset of bytes, each divided by `divisor` when it is drawn.
  /// - Precondition: as many bytes as samples of that shape for all labels.
  public init(
    bytes: [UInt8], sampleShape: Shape, divisor: Double = 255, labels: [Int32], classNames: [String] = [],
    name: String = "data"
  ) {
    precondition(bytes.count == labels.count * sampleShape.count, "as many samples as labels")
    inputs = .bytes(bytes, divisor: divisor)
    targets = .labels(labels)
    total = labels.count
    self.sampleShape = sampleShape
    self.classNames = classNames
    self.name = name
  }

  /// A dataset of tensors with the samples along their first axis.
  /// - Throws: `ShapeError` if a tensor is a number or the numbers of samples differ.
  public init(x: Tensor, y: Tensor, classNames: [String] = [], name: String = "data") throws(ShapeError) {
    guard x.rank > 0 else { throw .rank(x.shape, expected: "[n, …]") }
    guard y.rank > 0 else { throw .rank(y.shape, expected: "[n] or [n, …]") }
    guard x.shape[0] == y.shape[0] else { throw .extent(y.shape, axis: 0, expected: x.shape[0]) }
    inputs = .tensor(x.detached.contiguous())
    targets = .tensor(y.detached.contiguous())
    total = x.shape[0]
    sampleShape = x.shape.removing(axis: 0)
    self.classNames = classNames
    self.name = name
  }

  /// A dataset of a tensor and labels.
  /// - Precondition: as many samples as labels.
  public init(x: Tensor, labels: [Int32], classNames: [String] = [], name: String = "data") {
    precondition(x.rank > 0 && x.shape[0] == labels.count, "as many samples as labels")
    inputs = .tensor(x.detached.contiguous())
    targets = .labels(labels)
    total = labels.count
    sampleShape = x.shape.removing(axis: 0)
    self.classNames = classNames
    self.name = name
  }

  /// The number of samples.
  public var count: Int { selection?.count ?? total }

  /// The shape of one target: `[]` for labels.
  public var targetShape: Shape {
    switch targets {
    case .labels: .scalar
    case .tensor(let tensor): tensor.shape.removing(axis: 0)
    }
  }

  /// The labels, if the targets are whole numbers from 0, one a sample.
  public var labels: [Int]? {
    switch targets {
    case .labels(let labels): return places.map { Int(labels[$0]) }
    case .tensor(let tensor):
      guard tensor.rank == 1 else { return nil }
      let elements = tensor.elements
      let chosen = places.map { elements[$0] }
      guard chosen.allSatisfy({ $0 >= 0 && $0 == $0.rounded() && $0 <= 1e9 }) else { return nil }
      return chosen.map { Int($0) }
    }
  }

  /// The number of classes: of their names, or one more than the largest label; nil where the targets are no labels.
  public var classCount: Int? {
    if !classNames.isEmpty { return classNames.count }
    return labels.map { ($0.max() ?? -1) + 1 }
  }

  /// Where the samples of the set are in the storage.
  var places: [Int] { selection ?? Array(0..<total) }

  /// Some samples, in the order given; a sample may stand more than once.
  /// - Throws: `ShapeError.indexOutOfRange`.
  public func subset(_ indices: [Int]) throws(ShapeError) -> Dataset {
    var copy = self
    for index in indices where index < 0 || index >= count {
      throw .indexOutOfRange(index: index, axis: 0, extent: count)
    }
    copy.selection = selection.map { selection in indices.map { selection[$0] } } ?? indices
    return copy
  }

  /// The samples of a range.
  /// - Throws: `ShapeError.indexOutOfRange`.
  public func subset(_ range: Range<Int>) throws(ShapeError) -> Dataset { try subset(Array(range)) }

  /// Two parts without a sample in common, drawn at random: the first holds the share `fraction`, rounded.
  public func split(_ fraction: Double, random: inout RandomGenerator) -> (Dataset, Dataset) {
    let order = random.permutation(count)
    let cut = max(0, min(count, Int((Double(count) * fraction).rounded())))
    var (first, second) = (self, self)
    let places = places
    first.selection = order[..<cut].map { places[$0] }
    second.selection = order[cut...].map { places[$0] }
    return (first, second)
  }

  /// The same samples in another shape of as many numbers, such as `[1, 8, 8]` for digits.
  /// - Throws: `ShapeError.count`.
  public func reshaped(sample shape: Shape) throws(ShapeError) -> Dataset {
    guard shape.count == sampleShape.count else { throw .count(from: sampleShape, to: shape.dimensions) }
    return Dataset(self, sampleShape: shape)
  }

  private init(_ other: Dataset, sampleShape: Shape) {
    inputs = other.inputs
    targets = other.targets
    selection = other.selection
    total = other.total
    self.sampleShape = sampleShape
    classNames = other.classNames
    name = other.name
    normalization = other.normalization
  }
}
