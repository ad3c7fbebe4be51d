/// The extents of a tensor, one for each axis, outermost first: `[2, 3]` is two rows of three.
///
/// At most eight axes, each of at most 2³¹ - 1 places, kept inline so that a shape costs no allocation.
public struct Shape: Sendable, Hashable {
  /// The most axes a tensor may have.
  public static let maximumRank = 8
  /// The most elements a tensor may have.
  public static let maximumCount = Int(Int32.max)

  private var perAxis = PerAxis(.zero)
  var axes: UInt8

  /// Extents of the used axes; 0 beyond them, so that equality and hashing need no rank.
  var extents: SIMD8<Int32> {
    get { perAxis.numbers }
    set { perAxis = PerAxis(newValue) }
  }

  /// The shape of a number: no axes, one element.
  public static let scalar = Shape(unchecked: [])

  /// A shape from extents that are known to fit.
  /// - Precondition: at most eight extents, each from 0 to 2³¹ - 1.
  public init(_ extents: [Int]) { self.init(unchecked: extents) }

  /// A shape from extents a user gave.
  /// - Throws: `ShapeError.tooManyAxes`, `.negativeExtent` or `.tooManyElements`.
  public init(checking extents: [Int]) throws(ShapeError) {
    guard extents.count <= Self.maximumRank else { throw .tooManyAxes(rank: extents.count) }
    var count = 1
    for extent in extents {
      guard extent >= 0 else { throw .negativeExtent(extent) }
      let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(extent, 1))
      guard !overflow, product <= Self.maximumCount else { throw .tooManyElements(extents: extents) }
      count = product
    }
    self.init(unchecked: extents)
  }

  private init(unchecked extents: [Int]) {
    precondition(extents.count <= Self.maximumRank, "a tensor has at most eight axes")
    axes = UInt8(extents.count)
    var packed = SIMD8<Int32>.zero
    for axis in extents.indices { packed[axis] = Int32(extents[axis]) }
    self.extents = packed
  }

  /// The number of axes.
  public var rank: Int { Int(axes) }

  /// The number of elements: the product of the extents, 1 for a scalar.
  public var count: Int {
    var product = 1
    for axis in 0..<rank { product *= Int(extents[axis]) }
    return product
  }

  /// The extent of an axis.
  /// - Precondition: `axis` is in `0..<rank`.
  public subscript(axis: Int) -> Int {
    get {
      precondition(axis >= 0 && axis < rank, "no such axis")
      return Int(extents[axis])
    }
    set {
      precondition(axis >= 0 && axis < rank, "no such axis")
      extents[axis] = Int32(newValue)
    }
  }

  /// The extents as an array.
  public var dimensions: [Int] { (0..<rank).map { Int(extents[$0]) } }

  /// The extent of the last axis, 1 for a scalar.
  public var last: Int { rank == 0 ? 1 : self[rank - 1] }

  /// The shape without one axis.
  public func removing(axis: Int) -> Shape {
    precondition(axis >= 0 && axis < rank, "no such axis")
    var (result, rest) = (self, extents)
    for place in axis..<(rank - 1) { rest[place] = rest[place + 1] }
    rest[rank - 1] = 0
    (result.extents, result.axes) = (rest, axes - 1)
    return result
  }

  /// The shape with one more axis before `axis`.
  public func inserting(_ extent: Int, at axis: Int) -> Shape {
    precondition(axis >= 0 && axis <= rank && rank < Self.maximumRank, "a tensor has at most eight axes")
    var (result, rest) = (self, extents)
    for place in stride(from: rank, to: axis, by: -1) { rest[place] = rest[place - 1] }
    rest[axis] = Int32(extent)
    (result.extents, result.axes) = (rest, axes + 1)
    return result
  }

  /// Element strides of this shape laid out row by row, the last axis fastest, and the number of elements.
  var rowMajor: (strides: SIMD8<Int32>, count: Int) {
    let extents = extents
    var strides = SIMD8<Int32>.zero
    var (step, count) = (Int32(1), 1)
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      strides[axis] = step
      step &*= Swift.max(extents[axis], 1)
      count *= Int(extents[axis])
    }
    return (strides, count)
  }

  /// The axis counted from the front; negative axes count from the back, as in PyTorch.
  /// - Throws: `ShapeError.axisOutOfRange`.
  public func resolve(axis: Int) throws(ShapeError) -> Int {
    let resolved = axis < 0 ? axis + rank : axis
    guard resolved >= 0, resolved < rank else { throw .axisOutOfRange(axis: axis, shape: self) }
    return resolved
  }
}

extension Shape: CustomStringConvertible, ExpressibleByArrayLiteral {
  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// `[2, 3]`.
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ", ") + "]" }
}

extension Shape {
  /// What two operands of an elementwise operation give: the shape of one of them, to which the other stretches.
  ///
  /// Axes are aligned at the back; an extent of 1 or a missing axis stretches. One side may stretch, not both.
  /// - Throws: `ShapeError.bothStretch` where NumPy would stretch both sides, `.mismatch` where sizes do not agree.
  public static func stretching(_ a: Shape, _ b: Shape) throws(ShapeError) -> Shape {
    if a == b { return a }
    if a.rank == 0 { return b }
    if b.rank == 0 { return a }
    if b.stretches(to: a) { return a }
    if a.stretches(to: b) { return b }
    for offset in 1...Swift.min(a.rank, b.rank) {
      let (p, q) = (a[a.rank - offset], b[b.rank - offset])
      if p != q && p != 1 && q != 1 { throw .mismatch(a, b, axisFromBack: offset) }
    }
    throw .bothStretch(a, b)
  }

  /// Whether a tensor of this shape stretches to `target`.
  public func stretches(to target: Shape) -> Bool {
    guard rank <= target.rank else { return false }
    let shift = target.rank - rank
    for axis in 0..<rank where extents[axis] != target.extents[axis + shift] && extents[axis] != 1 { return false }
    return true
  }
}

/// One number for each of eight axes.
///
/// Kept in words: a vector would be aligned to more than 8 bytes, and every list or object that holds a tensor with it, which Swift's
/// allocator gives only on a slow path.
struct PerAxis: Sendable, Hashable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  init(_ numbers: SIMD8<Int32>) { words = unsafeBitCast(numbers, to: (UInt64, UInt64, UInt64, UInt64).self) }

  var numbers: SIMD8<Int32> { unsafeBitCast(words, to: SIMD8<Int32>.self) }

  @inline(__always)
  static func == (left: PerAxis, right: PerAxis) -> Bool { left.words == right.words }

  func hash(into hasher: inout Hasher) { hasher.combine(numbers) }
}
