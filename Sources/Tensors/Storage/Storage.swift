#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The memory behind tensors: reference-counted, aligned to 64 bytes when large, given back to `BufferPool` for reuse; what is small
/// lies in the object itself.
///
/// Tensors share it between threads unchecked: the bytes are written only while one owner holds the storage, when it is new or after
/// `isKnownUniquelyReferenced` said so (copy on write). From then on it is only read.
public final class Storage: ManagedBuffer<Storage.Block, UInt64> {
  /// Where the bytes are.
  public struct Block {
    let bytes: UnsafeMutableRawPointer
    let byteCount: Int
  }

  /// The most bytes that lie in the object.
  private static let smallest = 1024

  var bytes: UnsafeMutableRawPointer { header.bytes }
  var byteCount: Int { header.byteCount }

  /// Uninitialised memory for `byteCount` bytes.
  static func taking(_ byteCount: Int) -> Storage {
    let isSmall = byteCount <= smallest
    let storage = create(minimumCapacity: isSmall ? (byteCount + 7) / 8 : 0) { buffer in
      Block(
        bytes: isSmall
          ? buffer.withUnsafeMutablePointerToElements { UnsafeMutableRawPointer($0) } : BufferPool.take(byteCount),
        byteCount: byteCount)
    }
    return unsafeDowncast(storage, to: Storage.self)
  }

  deinit {
    if byteCount > Self.smallest { BufferPool.give(bytes, byteCount) }
  }

  /// The elements as `T`s. The caller keeps the storage alive while the pointer is used.
  func pointer<T: Scalar>(as type: T.Type) -> UnsafeMutablePointer<T> { bytes.assumingMemoryBound(to: T.self) }
}
