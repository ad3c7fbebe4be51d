#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The memory behind tensors: reference-counted, aligned to 64 bytes when large, given back to `BufferPool` for reuse.
///
/// `@unchecked Sendable` because the bytes are written only while one owner holds the storage: when it is new, or after
/// `isKnownUniquelyReferenced` said so (copy on write). From then on it is only read.
public final class Storage: @unchecked Sendable {
  let bytes: UnsafeMutableRawPointer
  let byteCount: Int

  /// Uninitialised memory for `byteCount` bytes.
  init(byteCount: Int) {
    self.byteCount = byteCount
    bytes = BufferPool.take(byteCount)
  }

  deinit { BufferPool.give(bytes, byteCount) }

  /// The elements as `T`s. The caller keeps the storage alive while the pointer is used.
  func pointer<T: Scalar>(as type: T.Type) -> UnsafeMutablePointer<T> { bytes.assumingMemoryBound(to: T.self) }
}
