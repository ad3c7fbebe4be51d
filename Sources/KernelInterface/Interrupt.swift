import Synchronization

/// The wish to stop what is being computed: one atomic flag that Ctrl-C sets and that the evaluator and long kernels read.
///
/// Setting it is all a signal handler may do. Whoever answers the wish (the prompt, the end of a cancelled statement) clears it.
public enum Interrupt {
  private static let flag = Atomic<Bool>(false)

  /// Asks for the computation to stop; safe inside a signal handler once any member of this type has been used.
  public static func request() { flag.store(true, ordering: .relaxed) }

  /// Whether somebody asked since the last ``clear()``.
  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Forgets the wish.
  public static func clear() { flag.store(false, ordering: .relaxed) }
}
