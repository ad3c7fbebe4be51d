import Language

/// The letters that answers brought in, so that they can be asked for until the next answer brings others.
///
/// A name that a line binds afterwards is the line's again.
package final class AnswerLetters {
  private var letters: [String: Known] = [:]
  /// What the session had bound by the same names when the answer was given.
  private var versions: [String: ObjectIdentifier] = [:]
  package init() {}

  /// The letters that still mean what the answer said.
  func known(_ interpreter: Interpreter) -> [String: Known] {
    letters.filter { name, _ in interpreter.version(of: name).map { ObjectIdentifier($0) } == versions[name] }
  }

  func add(_ letter: Known, _ interpreter: Interpreter) {
    letters[letter.label] = letter
    versions[letter.label] = interpreter.version(of: letter.label).map { ObjectIdentifier($0) }
  }

  func replace(_ new: [String: Known], _ interpreter: Interpreter) {
    letters = new
    versions = new.reduce(into: [:]) { found, letter in
      found[letter.key] = interpreter.version(of: letter.key).map { ObjectIdentifier($0) }
    }
  }
}
