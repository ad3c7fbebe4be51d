/// A word the user typed as a name, and where.
///
/// Two names are equal when they are spelled the same up to canonical equivalence, wherever they stand: `Å` typed as one
/// character or as two is one name.
package struct Name: Sendable, Equatable, CustomStringConvertible {
  package let text: String
  package let range: SourceRange

  package init(_ text: String, _ range: SourceRange = SourceRange(0, 0)) {
    self.text = text
    self.range = range
  }

  package static func == (left: Name, right: Name) -> Bool { left.text == right.text }
  package var description: String { text }
}
