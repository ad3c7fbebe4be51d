/// What a primitive is applied to: tensors lent for the time of one call, where they stand. Nothing is copied and nothing counted.
///
/// Never kept: a primitive takes out of it the tensors that it needs longer.
public struct Operands: RandomAccessCollection {
  private let first: UnsafePointer<Tensor>
  /// Where the second stands; it need not stand behind the first.
  private let second: UnsafePointer<Tensor>
  public let count: Int

  @inline(__always)
  private init(_ first: UnsafePointer<Tensor>, _ second: UnsafePointer<Tensor>, count: Int) {
    (self.first, self.second, self.count) = (first, second, count)
  }

  /// Tensors one behind the other.
  @inline(__always)
  init(_ start: UnsafePointer<Tensor>, count: Int) { self.init(start, start + 1, count: count) }

  /// Lends one tensor.
  @inline(__always)
  static func lending<Result, Failure>(
    _ x: Tensor, _ body: (Operands) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafePointer(to: x) { x throws(Failure) in try body(Operands(x, count: 1)) }
  }

  /// Lends two tensors.
  @inline(__always)
  static func lending<Result, Failure>(
    _ x: Tensor, _ y: Tensor, _ body: (Operands) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withUnsafePointer(to: x) { x throws(Failure) in
      try withUnsafePointer(to: y) { y throws(Failure) in try body(Operands(x, y, count: 2)) }
    }
  }

  /// Lends a list.
  /// - Precondition: it is not empty.
  @inline(__always)
  static func lending<Result, Failure>(
    _ tensors: [Tensor], _ body: (Operands) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try tensors.withUnsafeBufferPointer { tensors throws(Failure) in
      guard let start = tensors.baseAddress, !tensors.isEmpty else { preconditionFailure("a primitive has an operand") }
      return try body(Operands(start, count: tensors.count))
    }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }
  public var indices: Range<Int> { 0..<count }

  public subscript(index: Int) -> Tensor {
    @inline(__always) unsafeAddress {
      precondition(index >= 0 && index < count, "no such operand")
      return index == 1 ? second : first + index
    }
  }

  /// Whether one of them depends on a variable.
  var areTracked: Bool {
    @inline(__always) get {
      for index in 0..<count where self[index].isTracked { return true }
      return false
    }
  }
}

/// What flows back to each operand; nil where nothing does. One or two lie in place, where an array would be memory taken and given
/// back.
public enum Cotangents: ExpressibleByArrayLiteral {
  case one(Tensor?)
  case two(Tensor?, Tensor?)
  case list([Tensor?])

  // Inlined, an array literal that is only taken apart here never comes to be.
  @inline(__always)
  init(_ flows: [Tensor?]) {
    self =
      switch flows.count {
      case 1: .one(flows[0])
      case 2: .two(flows[0], flows[1])
      default: .list(flows)
      }
  }

  @inline(__always)
  public init(arrayLiteral flows: Tensor?...) { self.init(flows) }

  subscript(index: Int) -> Tensor? {
    switch self {
    case .one(let flow): flow
    case .two(let first, let second): index == 0 ? first : second
    case .list(let flows): flows[index]
    }
  }
}
