import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The most bytes one tensor may take, so that a slip of the finger is an error and not a machine that swaps.
public enum MemoryLimit {
  private static let limit = Atomic<Int>(4 << 30)

  /// Where a thread keeps a limit of its own.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// The limit in bytes: the calling thread's own, else the process's, 4 GiB unless somebody says otherwise.
  public static var bytes: Int {
    if let own = pthread_getspecific(key) { return Int(bitPattern: own) }
    return limit.load(ordering: .relaxed)
  }

  /// Sets the limit for the calling thread alone: sessions that are checked beside each other have their own.
  public static func setForThread(bytes: Int) { pthread_setspecific(key, UnsafeRawPointer(bitPattern: bytes)) }

  /// Sets the limit for the whole process.
  public static func set(bytes: Int) { limit.store(bytes, ordering: .relaxed) }

  /// - Throws: `ShapeError.memory` if a tensor of this shape would be past the limit.
  public static func check(_ shape: Shape, _ type: @autoclosure () -> ElementType) throws(ShapeError) {
    if shape.count < 8192 { return }
    let (bytes, limit) = (shape.count * type().byteCount, Self.bytes)
    guard bytes <= limit else { throw .memory(shape: shape, bytes: bytes, limit: limit) }
  }
}
