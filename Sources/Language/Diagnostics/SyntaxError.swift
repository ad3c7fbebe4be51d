/// A diagnostic of the parser, with the changes of the text that could be meant.
///
/// The parser knows where and what; what it says stands in `SyntaxError+…` and nowhere else.
/// It is kept out of line: the parser's functions mention many, and each would make their frames larger.
struct SyntaxError: Sendable {
  private indirect enum Box: Sendable {
    case contents(Contents)
  }

  private struct Contents: Sendable {
    var diagnostic: Diagnostic
    var edits: [Edit]
    var asksForMore = false
    var isOpenString = false
  }

  private var box: Box

  private var contents: Contents {
    get {
      switch box {
      case .contents(let contents): contents
      }
    }
    set { box = .contents(newValue) }
  }

  var diagnostic: Diagnostic {
    get { contents.diagnostic }
    set { contents.diagnostic = newValue }
  }
  /// The first two that work are shown.
  var edits: [Edit] { contents.edits }
  /// Whether more text could make it right, if the text ends here.
  var asksForMore: Bool { contents.asksForMore }
  /// Whether a string is open at the end of the text.
  var isOpenString: Bool {
    get { contents.isOpenString }
    set { contents.isOpenString = newValue }
  }

  init(
    _ code: String, _ message: String, at range: SourceRange, labels: [Diagnostic.Label] = [], edits: [Edit] = [],
    notes: [Diagnostic.Note] = [], asksForMore: Bool = false
  ) {
    let diagnostic = Diagnostic(code, message, at: range, labels: labels, notes: notes)
    box = .contents(Contents(diagnostic: diagnostic, edits: edits, asksForMore: asksForMore))
  }

  /// The diagnostic with those edits as suggestions that can be parsed, each shown as the line it gives.
  func diagnostic(in source: SourceText, statement: SourceRange) -> Diagnostic {
    var result = diagnostic
    for edit in edits where result.suggestions.count < 2 {
      guard let code = edit.shown(in: source, statement: statement) else { continue }
      result.suggestions.append(
        Diagnostic.Suggestion(result.suggestions.isEmpty ? .try : .or, code, remark: edit.remark))
    }
    return result
  }
}

/// A change of the text: what stands in a range, replaced.
package struct Edit: Sendable, Equatable {
  package let range: SourceRange
  package let text: String
  package let remark: String

  package init(_ range: SourceRange, _ text: String, remark: String = "") {
    self.range = range
    self.text = text
    self.remark = remark
  }

  /// Longer lines are not offered whole.
  private static let longestLine = 400

  /// The changed line if all of the statement can be parsed then, the changed part alone if only that can be, else nil.
  func shown(in source: SourceText, statement: SourceRange) -> String? {
    if statement.count <= Edit.longestLine, statement.start <= range.start, range.end <= statement.end {
      let before = SourceText(bytes: Array(source.bytes[statement.start..<range.start]))
      let changed = SourceText(
        bytes: before.bytes + Array(text.utf8) + source.bytes[range.end..<statement.end])
      if changed.isWellFormed {
        let line = changed.lineRange(changed.lineIndex(at: before.bytes.count))
        return changed.text(line).trimmed
      }
    }
    // A part alone says something only if it is more than a word.
    let isPart = text.utf8.count <= Edit.longestLine && text.contains { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return isPart && SourceText(text).isWellFormed ? text : nil
  }
}

extension SourceText {
  fileprivate var isWellFormed: Bool {
    let program = Parser.parse(self, offeringEdits: false)
    return program.diagnostics.isEmpty && !program.statements.isEmpty
  }
}

extension String {
  /// Without the spaces around it.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
