#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What tensors share: their numbers and how these lie. One object, so that a copy of a tensor counts few references; the memory is
/// aligned to 64 bytes when large and goes back to `BufferPool` for reuse, what is small lies in the object itself.
///
/// Tensors share it between threads unchecked: the bytes are written only while one owner holds the storage, when it is new or after
/// `isUnshared` said so (copy on write). From then on it is only read.
final class Storage: ManagedBuffer<Storage.Header, UInt64> {
  struct Header {
    let shape: Shape
    let elementType: ElementType
    /// Whether the elements stand row by row without gaps.
    let isContiguous: Bool
    let strides: PerAxis
    let count: Int
    /// Where the first element is.
    let first: UnsafeMutableRawPointer
    /// Whose memory a view looks at; nil where it is the storage's own.
    var owner: Storage?
  }

  /// The most bytes that lie in the object.
  private static let smallest = 1024

  /// Uninitialised memory for a tensor of this shape, row by row.
  static func taking(_ shape: Shape, _ type: ElementType) -> Storage {
    let (strides, count) = shape.rowMajor
    return taking(shape, type, PerAxis(strides), count)
  }

  /// Uninitialised memory for a tensor of this one's shape, row by row.
  func takingAlike(_ type: ElementType) -> Storage {
    header.isContiguous
      ? Storage.taking(header.shape, type, header.strides, header.count) : .taking(header.shape, type)
  }

  private static func taking(_ shape: Shape, _ type: ElementType, _ strides: PerAxis, _ count: Int) -> Storage {
    let byteCount = count * type.byteCount
    let isSmall = byteCount <= smallest
    let storage = create(minimumCapacity: isSmall ? (byteCount + 7) / 8 : 0) { buffer in
      Header(
        shape: shape, elementType: type, isContiguous: true, strides: strides, count: count,
        first: isSmall
          ? buffer.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) } : BufferPool.take(byteCount))
    }
    return unsafeDowncast(storage, to: Storage.self)
  }

  /// The same memory looked at in another shape: element strides of each axis, and the first element's place behind this one's.
  func viewed(as shape: Shape, strides: SIMD8<Int32>, from place: Int = 0) -> Storage {
    let (rowMajor, count) = shape.rowMajor
    var isContiguous = true
    for axis in 0..<shape.rank where shape.extents[axis] != 1 && strides[axis] != rowMajor[axis] {
      isContiguous = false
    }
    let storage = Self.create(minimumCapacity: 0) { _ in
      Header(
        shape: shape, elementType: header.elementType, isContiguous: isContiguous, strides: PerAxis(strides),
        count: count, first: header.first + place * header.elementType.byteCount, owner: header.owner ?? self)
    }
    return unsafeDowncast(storage, to: Storage.self)
  }

  /// Whether nobody else sees this memory.
  static func isUnshared(_ storage: inout Storage) -> Bool {
    guard isKnownUniquelyReferenced(&storage) else { return false }
    return storage.header.owner == nil || isKnownUniquelyReferenced(&storage.header.owner)
  }

  deinit {
    let byteCount = header.count * header.elementType.byteCount
    if header.owner == nil, byteCount > Self.smallest { BufferPool.give(header.first, byteCount) }
  }

  /// The elements as `T`s, from the first. The caller keeps the storage alive while the pointer is used.
  func pointer<T: Scalar>(as type: T.Type) -> UnsafeMutablePointer<T> { header.first.assumingMemoryBound(to: T.self) }
}
