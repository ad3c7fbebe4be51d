import Display

/// What answers at the prompt in place of the language: a lesson, a session that is played, a stepper.
///
/// A command begins one by setting ``Console/mode``; from then on each line goes to it, an empty one too, until it says that it is
/// over. It shows what there is to see by `console.show`.
package protocol Mode: AnyObject {
  /// What stands before the next line, with its space: `lesson> `.
  var prompt: String { get }
  /// Whether its lines and answers belong to the session's record: false where they are another session's.
  var isRecorded: Bool { get }
  /// Answers a line; Enter alone is an empty one.
  func answer(_ line: String, on console: Console) -> ModeAnswer
}

/// What becomes of a mode after a line.
package enum ModeAnswer {
  /// It goes on.
  case stays
  /// It is over: the next line is the language's.
  case leaves
  /// It goes on, and the line ended in an error, which was shown.
  case failed(code: String)
  /// The whole session ends.
  case quit
  /// The line is not for it: the console answers as ever, and the mode goes on.
  case passes
}
