/// What a text says, as far as it could be read.
package struct ParsedProgram: Sendable, Equatable {
  package var statements: [Statement]
  package var diagnostics: [Diagnostic]
  /// Whether more lines could make it right: a bracket, a block, a string is open, or an operator waits for its operand.
  package var isIncomplete: Bool
}

package enum Parser {
  /// More levels than this are an error, so that no walk over a tree can run out of stack.
  package static let depthLimit = 500

  package static func parse(_ source: SourceText) -> ParsedProgram {
    ParsedProgram(statements: [], diagnostics: [], isIncomplete: false)
  }
}
