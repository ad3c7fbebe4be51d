/// A half-open stretch of a source text, counted in UTF-8 bytes.
package struct SourceRange: Sendable, Hashable {
  package var start: Int
  package var end: Int

  package init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = Swift.max(start, end)
  }

  package var count: Int { end - start }
  package var isEmpty: Bool { start == end }

  /// The smallest range that covers both.
  package func union(_ other: SourceRange) -> SourceRange {
    SourceRange(Swift.min(start, other.start), Swift.max(end, other.end))
  }

  /// The range with nothing in it, at the end of this one.
  package var atEnd: SourceRange { SourceRange(end, end) }
}
