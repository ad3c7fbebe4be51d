import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The only place with threads: a small pool that runs the indices of a loop, and memory that each thread keeps.
///
/// The pool starts at the first loop that can use it, so start-up does not pay. A loop called from inside a loop, or while another
/// thread's loop holds the pool, runs on the calling thread alone. Which thread runs an index is left open: callers split work
/// by size, give each index its own part of the result, and so get the same bits from any number of threads.
public enum Parallel {
  /// How many threads a loop may use, the caller's included: at first as many as the machine has cores, at most 8. 1 means none.
  public static var threads: Int {
    get { limit.load(ordering: .relaxed) }
    set { limit.store(max(1, min(newValue, most)), ordering: .relaxed) }
  }

  /// Calls `body` once with each index in `0..<count`, in no order, and returns when all are done.
  public static func forEach(_ count: Int, _ body: (Int) -> Void) {
    if count > 1 && limit.load(ordering: .relaxed) > 1 {
      share(count, body)
    } else {
      for index in 0..<count { body(index) }
    }
  }

  private static let most = 8
  private static let limit = Atomic<Int>(max(1, min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), most)))

  private static func share(_ count: Int, _ body: (Int) -> Void) {
    let memory = ThreadMemory.current
    if memory.pointee.isInLoop || !Pool.shared.run(count, threads: limit.load(ordering: .relaxed), body, memory) {
      for index in 0..<count { body(index) }
    }
  }
}

/// The threads that wait for loops.
///
/// `@unchecked Sendable`: `body` is written only by the holder of `owner` while `ticket` offers no index, and read only by a thread
/// that has taken an index, which keeps the holder waiting; the atomics order the two. The rest is atomics, a mutex and conditions.
private final class Pool: @unchecked Sendable {
  static let shared = Pool()

  /// The loop's count in the upper half, the next index to take in the lower; nothing to take when they are equal.
  private let ticket = Atomic<UInt64>(0)
  /// Indices taken or not, but not yet done.
  private let remaining = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let isOwnerAsleep = Atomic<Bool>(false)
  /// True while some thread's loop holds the pool.
  private let isOwned = Atomic<Bool>(false)
  private var body: UnsafeRawPointer?
  private var started = 0
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  private init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(work, nil)
    pthread_cond_init(done, nil)
  }

  /// Looks again and again for what `isThere` says, `rounds` times a thousand, letting others run between the rounds: on a busy machine
  /// the thread that is waited for may stand in line for this very core.
  @inline(__always)
  private func look(rounds: Int, _ isThere: () -> Bool) -> Bool {
    for _ in 0..<rounds {
      for _ in 0..<1000 where isThere() { return true }
      sched_yield()
    }
    return isThere()
  }

  /// Runs the loop here and on the pool's threads; false, having done nothing, when another thread holds the pool.
  func run(_ count: Int, threads: Int, _ body: (Int) -> Void, _ memory: UnsafeMutablePointer<ThreadMemory>) -> Bool {
    guard isOwned.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
      return false
    }
    while started < threads - 1 { start() }
    memory.pointee.isInLoop = true
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        self.body = UnsafeRawPointer(pointer)
        remaining.store(count, ordering: .relaxed)
        ticket.store(UInt64(count) << 32, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
          pthread_mutex_lock(mutex)
          pthread_cond_broadcast(work)
          pthread_mutex_unlock(mutex)
        }
        drain()
        waitForOthers()
      }
    }
    memory.pointee.isInLoop = false
    isOwned.store(false, ordering: .releasing)
    return true
  }

  /// Takes indices and runs them until none is left to take.
  private func drain() {
    while let index = take() {
      perform(index)
      if remaining.subtract(1, ordering: .sequentiallyConsistent).newValue == 0,
        isOwnerAsleep.load(ordering: .sequentiallyConsistent)
      {
        pthread_mutex_lock(mutex)
        pthread_cond_signal(done)
        pthread_mutex_unlock(mutex)
      }
    }
  }

  /// Not inlined: what it holds of the closure is let go before the index counts as done, after which the closure is no more.
  @inline(never)
  private func perform(_ index: Int) {
    body.unsafelyUnwrapped.assumingMemoryBound(to: ((Int) -> Void).self).pointee(index)
  }

  private func take() -> Int? {
    var seen = ticket.load(ordering: .acquiring)
    while seen >> 32 > seen & 0xffff_ffff {
      let result = ticket.weakCompareExchange(expected: seen, desired: seen + 1, ordering: .acquiringAndReleasing)
      if result.exchanged { return Int(seen & 0xffff_ffff) }
      seen = result.original
    }
    return nil
  }

  private var hasWork: Bool {
    let seen = ticket.load(ordering: .sequentiallyConsistent)
    return seen >> 32 > seen & 0xffff_ffff
  }

  private func waitForOthers() {
    if look(rounds: 20, { remaining.load(ordering: .acquiring) == 0 }) { return }
    pthread_mutex_lock(mutex)
    isOwnerAsleep.store(true, ordering: .sequentiallyConsistent)
    while remaining.load(ordering: .sequentiallyConsistent) != 0 { pthread_cond_wait(done, mutex) }
    isOwnerAsleep.store(false, ordering: .relaxed)
    pthread_mutex_unlock(mutex)
  }

  /// A pool thread's life: look for work a while, sleep, be woken. With fewer threads asked for than were once started, the last ones
  /// only sleep.
  private func serve(_ number: Int) {
    ThreadMemory.current.pointee.isInLoop = true
    func isWanted() -> Bool { hasWork && number < Parallel.threads }
    while true {
      // About a tenth of a millisecond, the pause between two layers; to be woken costs the caller tens of microseconds.
      if !look(rounds: 100, isWanted) {
        pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while !isWanted() { pthread_cond_wait(work, mutex) }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
      }
      drain()
    }
  }

  /// Adds one thread, with every signal blocked so that Ctrl-C reaches the thread that runs the program.
  private func start() {
    started += 1
    var every = sigset_t()
    var before = sigset_t()
    sigfillset(&every)
    pthread_sigmask(SIG_SETMASK, &every, &before)
    let number = UnsafeMutableRawPointer(bitPattern: started)
    #if canImport(Glibc)
      var thread = pthread_t()
      pthread_create(
        &thread, nil,
        { number in
          Pool.shared.serve(Int(bitPattern: number))
          return nil
        }, number)
    #else
      var thread: pthread_t?
      pthread_create(
        &thread, nil,
        { number in
          Pool.shared.serve(Int(bitPattern: number))
          return nil
        }, number)
    #endif
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }
}

/// What one thread keeps between kernel calls: whether it is inside a loop, and its scratch blocks.
private struct ThreadMemory {
  var isInLoop = false
  let blocks: UnsafeMutablePointer<(start: UnsafeMutableRawPointer?, size: Int)>

  private init() {
    blocks = .allocate(capacity: Scratch.Slot.allCases.count)
    blocks.initialize(repeating: (nil, 0), count: Scratch.Slot.allCases.count)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { pointer in
      #if canImport(Glibc)
        guard let pointer else { return }
      #endif
      let memory = pointer.assumingMemoryBound(to: ThreadMemory.self)
      for slot in Scratch.Slot.allCases { free(memory.pointee.blocks[slot.rawValue].start) }
      memory.pointee.blocks.deallocate()
      memory.deallocate()
    }
    return key
  }()

  static var current: UnsafeMutablePointer<ThreadMemory> {
    if let known = pthread_getspecific(key) { return known.assumingMemoryBound(to: ThreadMemory.self) }
    let memory = UnsafeMutablePointer<ThreadMemory>.allocate(capacity: 1)
    memory.initialize(to: ThreadMemory())
    pthread_setspecific(key, memory)
    return memory
  }
}

/// Working memory of the calling thread, kept from call to call: kernels that pack their operands use it.
///
/// A slot is one block that grows to the largest size asked for; its contents do not survive the next request for the same slot. A
/// kernel that calls another must use slots the other does not.
public enum Scratch {
  public enum Slot: Int, Sendable, CaseIterable {
    /// The matrix product's packed operands, the tile that overlaps an edge, and its vectors.
    case rows, panel, edge, vector
    /// The convolution's images and sums.
    case image, gradient, sums
  }

  /// At least `count` bytes, aligned to a page, not initialised.
  public static func bytes(_ slot: Slot, _ count: Int) -> UnsafeMutableRawPointer {
    let block = ThreadMemory.current.pointee.blocks + slot.rawValue
    if let start = block.pointee.start, block.pointee.size >= count { return start }
    free(block.pointee.start)
    block.pointee = (nil, (count + 0xffff) & ~0xffff)
    posix_memalign(&block.pointee.start, 4096, block.pointee.size)
    return block.pointee.start.unsafelyUnwrapped
  }
}
