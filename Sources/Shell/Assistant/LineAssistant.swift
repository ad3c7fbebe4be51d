import Display

/// What the line editor asks of whoever knows the language. Offsets are UTF-8 offsets into the text.
package struct LineAssistant {
  /// Whether the text wants another line: a bracket is open.
  package var isIncomplete: (_ text: String) -> Bool
  /// What could stand at the cursor.
  package var complete: (_ text: String, _ cursor: Int) -> Completion
  /// The colours of the text; what no span covers is plain.
  package var highlight: (_ text: String, _ cursor: Int) -> [Highlight]

  package init(
    isIncomplete: @escaping (String) -> Bool = { _ in false },
    complete: @escaping (String, Int) -> Completion = { _, cursor in Completion(range: cursor..<cursor, candidates: [])
    },
    highlight: @escaping (String, Int) -> [Highlight] = { _, _ in [] }
  ) {
    self.isIncomplete = isIncomplete
    self.complete = complete
    self.highlight = highlight
  }
}

/// A part of the text and what it is.
package struct Highlight: Equatable, Sendable {
  package var range: Range<Int>
  package var role: Role

  package init(range: Range<Int>, role: Role) {
    self.range = range
    self.role = role
  }
}

/// What could replace a part of the text.
package struct Completion: Equatable, Sendable {
  /// The part that a candidate replaces; it ends at the cursor.
  package var range: Range<Int>
  package var candidates: [Candidate]

  package init(range: Range<Int>, candidates: [Candidate]) {
    self.range = range
    self.candidates = candidates
  }

  /// The beginning that all labels share, by scalars, so that no character is ever cut.
  var commonPrefix: String {
    guard let first = candidates.first else { return "" }
    var prefix = Array(first.label.unicodeScalars)
    for candidate in candidates.dropFirst() {
      let shared = zip(prefix, candidate.label.unicodeScalars).prefix { $0 == $1 }.count
      prefix.removeLast(prefix.count - shared)
    }
    return String(String.UnicodeScalarView(prefix))
  }
}

/// One thing that could be meant.
package struct Candidate: Equatable, Sendable {
  /// What is put into the text.
  package var text: String
  /// What is typed to get it, and listed: differs from `text` for symbols only (`\alpha`, α).
  package var label: String
  /// One line about it.
  package var summary: String

  package init(_ text: String, label: String? = nil, summary: String = "") {
    self.text = text
    self.label = label ?? text
    self.summary = summary
  }
}
