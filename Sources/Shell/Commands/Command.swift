import Display
import Language

/// Something the shell does that is not mathematics: a line that begins with `:`.
///
/// A new command is one type that conforms to this protocol, in one file, and one line in `CommandCatalogue`. Its help, its
/// completion and its answer to a misspelling derive from that.
package protocol Command: Sendable {
  /// The word after the colon.
  static var name: String { get }
  /// What may stand behind it, as help shows it: `NAME`, `[NAME]`.
  static var argument: String { get }
  /// One line that says what it does.
  static var summary: String { get }
  /// More, if there is more to say, one string a line.
  static var details: [String] { get }

  /// Carries the command out.
  /// - Throws: a `Diagnostic` that says what is wrong with the argument.
  static func run(_ argument: String, on console: Console) throws(Diagnostic) -> CommandOutcome
}

/// What a command comes to.
package enum CommandOutcome {
  case shown(Document)
  /// The session ends.
  case quit
}

extension Command {
  package static var argument: String { "" }
  package static var details: [String] { [] }
  /// What stands behind the command.
  /// - Throws: E0804 if nothing does: what is wanted there, and an example.
  static func required(
    _ argument: String, _ what: String, try example: String
  ) throws(Diagnostic) -> String {
    let text = argument.trimmed
    guard !text.isEmpty else {
      throw Diagnostic("E0804", ":\(name) wants \(what)", suggestions: [.init(.try, ":\(name) \(example)")])
    }
    return text
  }
  /// As it is typed: `:time EXPR`.
  package static var usage: String { argument.isEmpty ? ":\(name)" : ":\(name) \(argument)" }
}

/// Every command, in the order of help.
package enum CommandCatalogue {
  package static let all: [any Command.Type] = [
    Help.self, WhyCommand.self, Vars.self, Summary.self, Time.self, Load.self, SaveSession.self, RecordSession.self,
    ExportSession.self,
    Replay.self,
    Tutorial.self, NextStep.self, BackStep.self, PlayFreely.self, DonePlaying.self, RunSlowly.self, Hint.self,
    QuizAnswer.self,
    Undo.self, ShowHistory.self, Setting.self, Clear.self, ListFormulas.self, ShowFormula.self, StepThrough.self,
    Backward.self,
    Grads.self, Optim.self, What.self, Check.self, Graph.self, RunDemo.self, Explain.self, Tree.self, ShapeOf.self,
    Quit.self,
  ]

  /// What a typed word can mean.
  enum Match {
    case one(any Command.Type)
    case several([any Command.Type])
    /// Nothing begins so; the nearest, if one is near.
    case none(nearest: (any Command.Type)?)
  }

  /// The command of a word or of an unambiguous beginning of one.
  static func match(_ word: String) -> Match {
    if let exact = all.first(where: { $0.name == word }) { return .one(exact) }
    let begun = all.filter { $0.name.hasPrefix(word) }
    if begun.count == 1 { return .one(begun[0]) }
    if begun.count > 1 { return .several(begun) }
    let near = Spelling.nearest(to: word, in: all.map { $0.name })
    return .none(nearest: all.first { $0.name == near })
  }

  /// The command that a line is when its colon is put before it: of `quit`, `exit()`, `help(sum)`, `why A[0,1]`.
  static func meant(by line: String) -> Diagnostic.Suggestion? {
    let word = String(line.prefix { $0.isLetter })
    let name = word == "exit" ? Quit.name : word
    guard let command = all.first(where: { $0.name == name }) else { return nil }
    var rest = line.dropFirst(word.count).drop { $0 == " " }
    if rest.first == "(", rest.last == ")" { rest = rest.dropFirst().dropLast() }
    return .init(.try, rest.isEmpty ? ":\(command.name)" : ":\(command.name) \(rest)", remark: command.summary)
  }
}
