import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Recycles large buffers by size: the C library gives large blocks back to the kernel and faults them in again, which costs
/// more than the arithmetic on them.
package enum BufferPool {
  /// Blocks below this many bytes go straight to the C library, which keeps them itself.
  private static let smallest = 32_768
  /// Blocks of at least this many bytes lie on pages of this size where the system has them: fewer address translations to wait for.
  private static let hugePage = 2 << 20
  /// The most bytes kept for reuse.
  private static let capacity = 512 << 20

  private struct Free {
    var blocks: [Int: [UInt]] = [:]
    var bytes = 0
  }
  private static let free = Mutex(Free())
  private static let inUse = Atomic<Int>(0)

  /// What large tensors take now.
  static var bytesInUse: Int { inUse.load(ordering: .relaxed) }
  /// What is kept for reuse.
  static var idleBytes: Int { free.withLock { $0.bytes } }

  /// Sizes are rounded up to eighths of a power of two, so that nearly equal buffers share a bucket.
  private static func bucket(_ byteCount: Int) -> Int {
    let step = max(4096, (1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount)) / 8)
    return (byteCount + step - 1) / step * step
  }

  package static func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= smallest else { return allocate(byteCount, alignment: 16) }
    let size = bucket(byteCount)
    inUse.add(size, ordering: .relaxed)
    let kept = free.withLock { free -> UInt? in
      guard let address = free.blocks[size]?.popLast() else { return nil }
      free.bytes -= size
      return address
    }
    if let kept { return UnsafeMutableRawPointer(bitPattern: kept).unsafelyUnwrapped }
    return allocate(size, alignment: size < hugePage ? 64 : hugePage)
  }

  static func give(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    guard byteCount >= smallest else { return Self.release(block) }
    let size = bucket(byteCount)
    inUse.subtract(size, ordering: .relaxed)
    let address = UInt(bitPattern: block)
    let kept = free.withLock { free in
      guard free.bytes + size <= capacity else { return false }
      free.blocks[size, default: []].append(address)
      free.bytes += size
      return true
    }
    if !kept { release(block) }
  }

  private static func allocate(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer {
    if alignment <= 16 {
      guard let block = malloc(max(byteCount, 1)) else { fatalError("out of memory: \(byteCount) bytes") }
      return block
    }
    var block: UnsafeMutableRawPointer?
    guard posix_memalign(&block, alignment, byteCount) == 0, let block else {
      fatalError("out of memory: \(byteCount) bytes")
    }
    #if os(Linux)
      if alignment == hugePage { madvise(block, byteCount, MADV_HUGEPAGE) }
    #endif
    return block
  }

  private static func release(_ block: UnsafeMutableRawPointer) { free(block) }

  private static func free(_ block: UnsafeMutableRawPointer) {
    #if canImport(Glibc)
      Glibc.free(block)
    #else
      Darwin.free(block)
    #endif
  }
}
