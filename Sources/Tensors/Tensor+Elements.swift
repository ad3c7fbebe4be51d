extension Tensor {
  /// Reads the elements row by row: `body` gets a pointer to `count` contiguous elements.
  /// - Precondition: `T` is the tensor's element type.
  public func read<T: Scalar, Result>(as type: T.Type, _ body: (UnsafePointer<T>) -> Result) -> Result {
    precondition(T.elementType == elementType, "the tensor holds another precision")
    return isContiguous ? readInPlace(as: T.self, body) : copied().readInPlace(as: T.self, body)
  }

  /// Lends the storage as it is: a pointer to the first element; the strides tell the rest.
  func readInPlace<T: Scalar, Result>(as type: T.Type, _ body: (UnsafePointer<T>) -> Result) -> Result {
    precondition(T.elementType == elementType, "the tensor holds another precision")
    return withExtendedLifetime(storage) { body(UnsafePointer(storage.pointer(as: T.self))) }
  }

  /// Changes the elements in place, row-major, after making sure that nobody else sees it. The history is dropped.
  public mutating func mutate<T: Scalar, Result>(as type: T.Type, _ body: (UnsafeMutablePointer<T>) -> Result) -> Result
  {
    precondition(T.elementType == elementType, "the tensor holds another precision")
    node = nil
    if !isContiguous || !Storage.isUnshared(&storage) { self = copied() }
    return withExtendedLifetime(storage) { body(storage.pointer(as: T.self)) }
  }

  /// The elements in row-major order, as `Double`s.
  public var elements: [Double] {
    switch elementType {
    case .float64:
      read(as: Double.self) { [Double](UnsafeBufferPointer(start: $0, count: count)) }
    case .float32:
      read(as: Float.self) { UnsafeBufferPointer(start: $0, count: count).map(Double.init) }
    }
  }

  /// One element by its row-major number, without copying the rest.
  public subscript(flat index: Int) -> Double {
    precondition(index >= 0 && index < count, "no such element")
    var position = 0
    if isContiguous {
      position = index
    } else {
      let strides = strides
      var rest = index
      for axis in stride(from: rank - 1, through: 0, by: -1) {
        position += rest % shape[axis] * Int(strides[axis])
        rest /= shape[axis]
      }
    }
    return withExtendedLifetime(storage) {
      switch elementType {
      case .float64: storage.pointer(as: Double.self)[position]
      case .float32: Double(storage.pointer(as: Float.self)[position])
      }
    }
  }

  /// The only element.
  /// - Precondition: the tensor has one element.
  public var item: Double {
    precondition(count == 1, "item is for tensors of one element")
    return self[flat: 0]
  }

  /// The same tensor laid out row by row; itself if it is already.
  public func contiguous() -> Tensor { isContiguous ? self : copied() }

  /// A copy that owns its storage, laid out row by row; the history stays.
  func copied() -> Tensor {
    let (extents, own) = (shape.dimensions, strides)
    let steps = (0..<rank).map { Int(own[$0]) }
    func copy<T: Scalar>(_ type: T.Type) -> Tensor {
      Tensor(shape, as: T.self) { out in
        readInPlace(as: T.self) { source in
          guard count > 0 else { return }
          if rank == 0 { out[0] = source[0] } else { T.kernels.copy(source, out, extents, steps, rank) }
        }
      }
    }
    var result = elementType == .float64 ? copy(Double.self) : copy(Float.self)
    result.node = node
    result.mayStretch = mayStretch
    return result
  }

  /// The same numbers in another precision; its derivative is the identity, in the operand's precision.
  public consuming func cast(to type: ElementType) -> Tensor { type == elementType ? self : Cast(to: type)(self) }
}
