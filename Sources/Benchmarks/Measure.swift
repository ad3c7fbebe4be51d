import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The word that the names of what is measured must have, if there is one.
private let asked = CommandLine.arguments.count > 3 ? CommandLine.arguments[3] : nil

func isAsked(_ name: String) -> Bool { asked.map(name.contains) ?? true }

/// Runs `work` again and again for about a third of a second, at least five times, and prints the name and the least microseconds.
///
/// With a `peer` it is other work that is held beside ours of the same name. Work of less than some microseconds is timed several runs at once.
func measure(_ name: String, peer: String? = nil, _ work: () -> Void) {
  guard isAsked(name) else { return }
  work()
  let first = seconds()
  work()
  let once = seconds() - first
  let together = max(1, min(1000, Int(2e-5 / max(once, 1e-9))))
  var least = Double.infinity
  var runs = 0
  let start = seconds()
  while runs < 5 || seconds() - start < 0.3 {
    let begin = seconds()
    for _ in 0..<together { work() }
    least = min(least, (seconds() - begin) / Double(together))
    runs += 1
  }
  print("\(name)\t\((least * 1e8).rounded() / 100)" + (peer.map { "\t\($0)" } ?? ""))
}

/// Numbers between -1 and 1, in memory as tensors have it, until the program ends.
struct Field<T: BinaryFloatingPoint> {
  let start: UnsafeMutablePointer<T>

  init(_ count: Int) {
    start = BufferPool.take(count * MemoryLayout<T>.stride).bindMemory(to: T.self, capacity: count)
    for i in 0..<count { start[i] = T((i * 7919 + i / 101) % 1009) / 504.5 - 1 }
  }
}
