extension Tensor {
  /// A tensor whose elements `write` fills in, row-major.
  public init<T: Scalar>(_ shape: Shape, as type: T.Type = T.self, writing write: (UnsafeMutablePointer<T>) -> Void) {
    let storage = Storage.taking(shape, T.elementType)
    withExtendedLifetime(storage) { write(storage.pointer(as: T.self)) }
    self.init(storage)
  }

  /// A tensor of the shape of another, whose elements `write` fills in, row-major.
  @inline(__always)
  init<T: Scalar>(like other: Tensor, as type: T.Type = T.self, writing write: (UnsafeMutablePointer<T>) -> Void) {
    let storage = other.storage.takingAlike(T.elementType)
    withExtendedLifetime(storage) { write(storage.pointer(as: T.self)) }
    self.init(storage)
  }

  /// A number as a tensor without axes.
  public init(_ value: Double, _ type: ElementType = .float64) {
    self = Tensor.filled(.scalar, value, type)
  }

  /// A tensor from its elements in row-major order.
  /// - Precondition: as many elements as the shape has.
  public init(_ elements: [Double], shape: Shape, _ type: ElementType = .float64) {
    precondition(elements.count == shape.count, "the number of elements is the product of the extents")
    switch type {
    case .float64:
      self.init(shape, as: Double.self) { out in for (i, x) in elements.enumerated() { out[i] = x } }
    case .float32:
      self.init(shape, as: Float.self) { out in for (i, x) in elements.enumerated() { out[i] = Float(x) } }
    }
  }

  /// A vector.
  public init(_ elements: [Double], _ type: ElementType = .float64) {
    self.init(elements, shape: [elements.count], type)
  }

  /// A tensor with the same number everywhere.
  public static func filled(_ shape: Shape, _ value: Double, _ type: ElementType = .float64) -> Tensor {
    switch type {
    case .float64: Tensor(shape, as: Double.self) { $0.update(repeating: value, count: shape.count) }
    case .float32: Tensor(shape, as: Float.self) { $0.update(repeating: Float(value), count: shape.count) }
    }
  }

  public static func zeros(_ shape: Shape, _ type: ElementType = .float64) -> Tensor { filled(shape, 0, type) }
  public static func ones(_ shape: Shape, _ type: ElementType = .float64) -> Tensor {
    shape.rank == 0 ? (type == .float64 ? one : oneFloat) : filled(shape, 1, type)
  }

  // Every differentiation begins with a one.
  private static let one = filled(.scalar, 1, .float64)
  private static let oneFloat = filled(.scalar, 1, .float32)
}
