import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The most bytes one tensor may take, and all together, so that a slip of the finger is an error and not a machine that swaps.
public enum MemoryLimit {
  private static let limit = Atomic<Int>(4 << 30)
  /// What all tensors of the process may take together.
  private static let whole = Atomic<Int>(Int.max)
  /// What the process took when the limit for all was set.
  private static let start = Atomic<Int>(0)

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

  /// Sets what everything the process makes from now on may take together; `Int.max` for all there is.
  public static func setWhole(bytes: Int) {
    start.store(resident - BufferPool.idleBytes, ordering: .relaxed)
    whole.store(bytes, ordering: .relaxed)
  }

  /// Whether there is a limit for everything together.
  public static var hasWhole: Bool { whole.load(ordering: .relaxed) != Int.max }

  /// - Throws: `ShapeError` if a tensor of this shape would be past the limit, alone or with all that are there.
  public static func check(_ shape: Shape, _ type: @autoclosure () -> ElementType) throws(ShapeError) {
    if shape.count < 8192 { return }
    let (bytes, limit) = (shape.count * type().byteCount, Self.bytes)
    guard bytes <= limit else { throw .memory(shape: shape, bytes: bytes, limit: limit) }
    let whole = Self.whole.load(ordering: .relaxed)
    guard whole != Int.max else { return }
    let held = BufferPool.bytesInUse
    guard held + bytes <= whole else { throw .memoryInAll(shape: shape, bytes: bytes, held: held, limit: whole) }
  }

  /// What everything takes, small values too, where that is past the limit for it; nil if it is not.
  ///
  /// Asks the system, so it is looked at now and then.
  public static func excess() -> (held: Int, limit: Int)? {
    let limit = whole.load(ordering: .relaxed)
    guard limit != Int.max else { return nil }
    let held = resident - BufferPool.idleBytes - start.load(ordering: .relaxed)
    return held > limit ? (held, limit) : nil
  }

  /// The memory of the process in bytes, as the system counts it.
  private static var resident: Int {
    #if canImport(Glibc)
      let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return 0 }
      defer { close(file) }
      var text = [UInt8](repeating: 0, count: 128)
      let count = read(file, &text, text.count)
      guard count > 0 else { return 0 }
      let fields = text[..<count].split(separator: UInt8(ascii: " "))
      guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
      return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    #else
      var info = mach_task_basic_info()
      var count = mach_msg_type_number_t(MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
      let result = withUnsafeMutablePointer(to: &info) {
        $0.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
          task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
        }
      }
      return result == KERN_SUCCESS ? Int(info.resident_size) : 0
    #endif
  }
}
