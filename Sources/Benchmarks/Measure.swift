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

/// Runs `work` again and again for about a third of a second, at least five times, and prints the name and the least microseconds.
///
/// With a `peer` it is other work that is held beside ours of the same name. Work of less than some microseconds is timed several runs at once.
func measure(_ name: String, peer: String? = nil, _ work: () -> Void) {
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

/// `count` numbers between -1 and 1.
func numbers<T: BinaryFloatingPoint>(_ count: Int, _: T.Type) -> [T] {
  (0..<count).map { T(($0 * 7919 + $0 / 101) % 1009) / 504.5 - 1 }
}
