#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The machine stack of the calling thread: how much is left of it, and threads that have much.
enum Stack {
  /// What is kept free below the last call of the language, for kernels and for telling what went wrong.
  private static let reserve: UInt = 1 << 20

  /// About where the stack stands now.
  @inline(__always)
  static var position: UInt {
    var mark: UInt8 = 0
    return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
  }

  /// What calls may use of a stack of unknown size.
  private static let allowance: UInt = 512 << 10

  /// Where a thread made by `run` keeps the end of its stack.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Below this address no further call may begin.
  static var end: UInt {
    if let known = pthread_getspecific(key) { return UInt(bitPattern: known) }
    return position - allowance
  }

  /// What a thread made by `run` is to do.
  private struct Job {
    let body: () -> Void
    let byteCount: UInt
  }

  /// Runs `body` on a thread of its own with a stack of `byteCount` bytes, reserved but not touched, and waits for it.
  static func run(_ byteCount: Int, _ body: () -> Void) {
    withoutActuallyEscaping(body) { body in
      let job = UnsafeMutablePointer<Job>.allocate(capacity: 1)
      job.initialize(to: Job(body: body, byteCount: UInt(byteCount)))
      if !startAndJoin(byteCount, job) { body() }
      job.deinitialize(count: 1)
      job.deallocate()
    }
  }

  private static func startAndJoin(_ byteCount: Int, _ job: UnsafeMutableRawPointer) -> Bool {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, byteCount)
    #if canImport(Glibc)
      var thread = pthread_t()
      guard pthread_create(&thread, &attributes, { Stack.begin($0) }, job) == 0 else { return false }
      pthread_join(thread, nil)
    #else
      var thread: pthread_t?
      guard pthread_create(&thread, &attributes, { Stack.begin($0) }, job) == 0, let thread else { return false }
      pthread_join(thread, nil)
    #endif
    return true
  }

  private static func begin(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let job = argument.assumingMemoryBound(to: Job.self).pointee
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: position - job.byteCount + reserve))
    job.body()
    return nil
  }
}
