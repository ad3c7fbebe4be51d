import KernelInterface
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The signals a shell answers: one atomic set of those that arrived and a pipe that wakes the reader.
///
/// A handler may do almost nothing: it sets bits, writes one byte into a pipe and leaves `errno` as it was. Everything else
/// happens in the reader, which polls the pipe beside the terminal, so that no signal can fall between looking and waiting.
package enum Signals {
  /// Signals that arrived and have not been answered.
  struct Pending: OptionSet, Sendable {
    let rawValue: UInt32
    static let interrupt = Pending(rawValue: 1)
    static let resize = Pending(rawValue: 2)
    static let resume = Pending(rawValue: 4)
    static let terminate = Pending(rawValue: 8)
    static let suspend = Pending(rawValue: 16)
  }

  private static let arrived = Atomic<UInt32>(0)
  private static let wakeUp = Atomic<Int32>(-1)
  private static let waiting = Atomic<Int32>(-1)

  /// The readable end of the pipe, -1 before ``install()``.
  static var descriptor: Int32 { waiting.load(ordering: .relaxed) }

  /// Whether SIGTERM or SIGHUP arrived: the loop ends, the terminal is put back, the history is on disk already.
  package static var isTerminating: Bool {
    Pending(rawValue: arrived.load(ordering: .relaxed)).contains(.terminate)
  }

  /// Whether a signal asks to stop reading: Ctrl-C or the end of the program.
  static var isStopRequested: Bool { isTerminating || Interrupt.isRequested }

  /// Installs the handlers, once, before the first prompt.
  ///
  /// No `SA_RESTART`: a read of a pipe must come back, too. The flags are touched here first, since a lazy initialiser must
  /// not run inside a handler.
  package static func install() {
    guard descriptor < 0 else { return }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    Interrupt.clear()
    _ = arrived.load(ordering: .relaxed)
    waiting.store(ends[0], ordering: .relaxed)
    wakeUp.store(ends[1], ordering: .relaxed)
    for signal in [SIGINT, SIGWINCH, SIGCONT, SIGTERM, SIGHUP] { handle(signal) }
  }

  /// Calls ``note(_:)`` when `signal` arrives.
  private static func handle(_ signal: Int32) {
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = { Signals.note($0) }
    #else
      action.__sigaction_handler.sa_handler = { Signals.note($0) }
    #endif
    sigemptyset(&action.sa_mask)
    sigaction(signal, &action, nil)
  }

  /// What the handler does.
  private static func note(_ signal: Int32) {
    let saved = errno
    let pending: Pending
    switch signal {
    case SIGINT:
      pending = .interrupt
      Interrupt.request()
    case SIGWINCH: pending = .resize
    case SIGCONT: pending = .resume
    case SIGTSTP: pending = .suspend
    default:
      pending = .terminate
      Interrupt.request()
    }
    _ = arrived.bitwiseOr(pending.rawValue, ordering: .relaxed)
    var byte: UInt8 = 0
    _ = write(wakeUp.load(ordering: .relaxed), &byte, 1)
    errno = saved
  }

  /// Whether a Ctrl-C arrived that nobody has answered.
  static var isInterrupted: Bool { Pending(rawValue: arrived.load(ordering: .relaxed)).contains(.interrupt) }

  /// Forgets a Ctrl-C that a computation has answered, so that the next prompt does not answer it again.
  static func forgetInterrupt() {
    _ = arrived.bitwiseAnd(~Pending.interrupt.rawValue, ordering: .relaxed)
    Interrupt.clear()
  }

  /// Empties the pipe and says what arrived; a termination stays, since it must end every loop on the way out.
  static func take() -> Pending {
    var bytes: UInt64 = 0
    while read(descriptor, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    return Pending(rawValue: arrived.bitwiseAnd(Pending.terminate.rawValue, ordering: .relaxed).oldValue)
  }

  /// While a line is edited, Ctrl-Z is answered by the reader, which puts the terminal back first.
  static func holdSuspension() { handle(SIGTSTP) }

  /// Elsewhere it stops the program at once, as everywhere.
  static func releaseSuspension() { signal(SIGTSTP, SIG_DFL) }

  /// Stops this process as Ctrl-Z does and returns when it goes on.
  static func suspend() {
    releaseSuspension()
    kill(getpid(), SIGTSTP)
    holdSuspension()
  }
}
