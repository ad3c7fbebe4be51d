/// What is wrong with a line, where, and what would work.
package struct Diagnostic: Error, Sendable, Equatable {
  /// `E0203`: the key of `:explain`.
  package var code: String
  /// One line, without a full stop.
  package var message: String
  /// The failing part, if the error is in the text.
  package var range: SourceRange?
  /// Remarks on parts of the line, each under its underline: an operand with its shape and origin.
  package var labels: [Label]
  /// What could have been meant; at most two are shown.
  package var suggestions: [Suggestion]
  /// More facts, each after a short title: `looked in   ~/course`.
  package var notes: [Note]

  package struct Label: Sendable, Equatable {
    package var range: SourceRange
    package var text: String

    package init(_ range: SourceRange, _ text: String) {
      self.range = range
      self.text = text
    }
  }

  package struct Suggestion: Sendable, Equatable {
    package enum Kind: String, Sendable {
      /// Something to type instead; the second of two is shown as `or`.
      case `try`
      case or
      /// Somewhere to read on.
      case see
    }
    package var kind: Kind
    /// What can be typed.
    package var code: String
    /// What it gives, what it means: `gives [150, 3]`.
    package var remark: String

    package init(_ kind: Kind = .try, _ code: String, remark: String = "") {
      self.kind = kind
      self.code = code
      self.remark = remark
    }
  }

  package struct Note: Sendable, Equatable {
    package var title: String
    package var text: String

    package init(_ title: String, _ text: String) {
      self.title = title
      self.text = text
    }
  }

  package init(
    _ code: String, _ message: String, at range: SourceRange? = nil, labels: [Label] = [],
    suggestions: [Suggestion] = [],
    notes: [Note] = []
  ) {
    self.code = code
    self.message = message
    self.range = range
    self.labels = labels
    self.suggestions = suggestions
    self.notes = notes
  }
}
