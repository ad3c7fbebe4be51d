/// What a text says, as far as it could be read.
package struct ParsedProgram: Sendable, Equatable {
  package var statements: [Statement]
  package var diagnostics: [Diagnostic]
  /// Whether more lines could make it right: a bracket, a block, a string is open, or an operator waits for its operand.
  package var isIncomplete: Bool
}

/// Reads a text as a program, by recursive descent.
///
/// # How a line is read
///
/// Any bytes at all give a `ParsedProgram`: the statements that could be read, a diagnostic for each that could not, and whether
/// the text only stops too early. Nothing is thrown out of here and nothing traps.
///
/// 1. `Lexer` cuts the bytes into tokens. It never fails: what it cannot read is a token of its own kind.
/// 2. Each function here reads one rule of the grammar and leaves `position` after it. Expressions are read by climbing over the
///    levels of precedence (`Parser+Expressions`), operands with what clings to them in `Parser+Operands`, and what stands left
///    of a `=` is read as an expression first and judged afterwards (`Parser+Targets`): until the `=` nobody can know.
/// 3. What cannot be read throws a `Failure`, an empty error: what is wrong was put into `failure` by `fail(_:)`. Only `run` catches
///    it, skips to the next line outside of braces, and goes on. So there is one error for a statement, the first one, and a later
///    line is read whatever came before it.
/// 4. A suggestion is an `Edit` of the text. Before it is shown, the edited text is parsed; what does not work is not offered.
///
/// Line breaks are no tokens. A token knows whether it begins a line, and `endsHere` is asked wherever a statement might go on:
/// after an operator nobody asks, and inside `(` or `[` the answer is no. That is the whole rule of continuation.
///
/// What reads two ways is refused on purpose, with both ways shown: `1/2x`, `x^2y`, `2e`, `f²(x)`, `a < b < c`, `[1 -2]`,
/// `∂L/∂Wᵀ`. A wrong guess here would be a wrong number later.
///
/// Depth is bounded twice, so that 100,000 brackets are an error and not a crash: `nestingLimit` bounds the recursion of the parser
/// and `depthLimit` the height of a tree, since a long sum is a high tree too.
package struct Parser {
  /// Trees higher than this are an error, so that no walk over a tree can run out of stack.
  package static let depthLimit = 500
  /// Brackets, signs and blocks inside each other.
  package static let nestingLimit = 100
  /// More errors than this in one text are not told apart.
  static let diagnosticLimit = 20

  let source: SourceText
  let tokens: [Token]
  var position = 0
  /// Whether a line break ends a statement here: not inside `(` or `[`.
  var lineBreaksCount = true
  /// Whether we are directly inside the brackets of a tensor, where `[1 -2]` reads two ways.
  var isInTensor = false
  /// How many subscripts we are inside of; `end` is a value only there.
  var subscriptDepth = 0
  var nesting = 0
  /// Where the last group in parentheses stood.
  var lastParentheses: SourceRange?
  /// The positions of the brackets that are open.
  var openBrackets: [Int] = []
  var failure: SyntaxError?

  /// Reads a text.
  ///
  /// - Complexity: linear in its length.
  package static func parse(_ source: SourceText) -> ParsedProgram { parse(source, offeringEdits: true) }

  static func parse(_ source: SourceText, offeringEdits: Bool) -> ParsedProgram {
    var parser = Parser(source: source, tokens: Lexer.tokens(of: source))
    return parser.run(offeringEdits: offeringEdits)
  }

  private init(source: SourceText, tokens: [Token]) {
    self.source = source
    self.tokens = tokens
  }

  private mutating func run(offeringEdits: Bool) -> ParsedProgram {
    var program = ParsedProgram(statements: [], diagnostics: [], isIncomplete: false)
    while !current.isEnd {
      if at(.semicolon) {
        advance()
        continue
      }
      let start = position
      do {
        var statement = try line()
        try endOfStatement()
        if at(.semicolon), !current.startsLine {
          statement.isSilenced = true
          advance()
        }
        program.statements.append(statement)
      } catch {
        let error = failure ?? .unexpected(self)
        failure = nil
        if program.diagnostics.isEmpty { program.isIncomplete = stopsTooEarly(error) }
        recover(from: start)
        if program.diagnostics.count < Self.diagnosticLimit {
          program.diagnostics.append(
            offeringEdits ? error.diagnostic(in: source, statement: extent(from: start)) : error.diagnostic)
        }
      }
    }
    return program
  }

  /// Whether the text ended where more was to come.
  private func stopsTooEarly(_ error: SyntaxError) -> Bool {
    if error.isOpenString { return true }
    guard current.isEnd, error.asksForMore, position > 0 else { return false }
    if !openBrackets.isEmpty { return true }
    switch tokens[position - 1].kind {
    case .sign(let sign): return sign.continuesLine
    case .keyword(let keyword): return [.then, .else, .and, .or, .not, .in, .where].contains(keyword)
    default: return false
    }
  }

  /// Skips what is left of a statement that could not be read: to the next line outside of the braces it opened.
  private mutating func recover(from start: Int) {
    var depth = 0
    for token in tokens[start..<position] { depth += token.braceStep }
    depth = max(0, depth)
    while !current.isEnd, depth > 0 || !current.startsLine || position == start {
      depth = max(0, depth + current.braceStep)
      position += 1
    }
    openBrackets = []
    lineBreaksCount = true
    isInTensor = false
    subscriptDepth = 0
    nesting = 0
  }

  /// From the beginning of the line of a statement to the end of the line it was left on.
  private func extent(from start: Int) -> SourceRange {
    let first = source.lineRange(source.lineIndex(at: tokens[start].range.start))
    let last = source.lineRange(source.lineIndex(at: tokens[max(start, position - 1)].range.end))
    return first.union(last)
  }
}

/// What is thrown inside the parser; what is wrong stands in `Parser.failure`.
struct Failure: Error {}

extension Token {
  fileprivate var braceStep: Int {
    switch kind {
    case .sign(.openBrace): 1
    case .sign(.closeBrace): -1
    default: 0
    }
  }
}

// MARK: Tokens

extension Parser {
  var current: Token { tokens[position] }

  /// The token after the current one.
  var next: Token { tokens[min(position + 1, tokens.count - 1)] }

  /// The last token read.
  var previous: Token { tokens[max(position - 1, 0)] }

  func at(_ sign: Sign) -> Bool { current.sign == sign }

  func at(_ keyword: Keyword) -> Bool {
    if case .keyword(let word) = current.kind { word == keyword } else { false }
  }

  /// Whether the statement ends before the current token because a new line begins.
  var endsHere: Bool { current.startsLine && lineBreaksCount }

  mutating func advance() {
    if !current.isEnd { position += 1 }
  }

  mutating func take(_ sign: Sign) -> Bool {
    guard at(sign), !endsHere else { return false }
    position += 1
    return true
  }

  mutating func take(_ keyword: Keyword) -> Bool {
    guard at(keyword), !endsHere else { return false }
    position += 1
    return true
  }

  /// From the token at `start` to the last one read.
  func range(from start: Int) -> SourceRange {
    SourceRange(tokens[start].range.start, max(previous.range.end, tokens[start].range.start))
  }

  /// A token as the user means it: look-alike letters in names folded.
  func text(of token: Token) -> String {
    let bytes = source.bytes[token.range.start..<token.range.end]
    if !token.isName || bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    var result = String.UnicodeScalarView()
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { result.append(scalar.foldedInName) }
    return String(result)
  }

  /// Notes what is wrong and gives the error to throw.
  mutating func fail(_ error: SyntaxError) -> Failure {
    if failure == nil { failure = error }
    return Failure()
  }

  /// Notes that the current token cannot stand here, in the words that fit it.
  mutating func failHere(_ error: SyntaxError) -> Failure {
    if case .unreadable(let reason) = current.kind {
      return fail(.unreadable(reason, current.range, text: source.text(current.range)))
    }
    return fail(error)
  }

  // MARK: Depth and brackets

  mutating func enter() throws(Failure) {
    nesting += 1
    if nesting > Self.nestingLimit { throw fail(.tooDeep(current.range)) }
  }

  mutating func leave() { nesting -= 1 }

  func make(_ kind: Expression.Kind, _ range: SourceRange) -> Expression { Expression(kind, range) }

  /// The expression, unless its tree has become too high.
  mutating func checked(_ expression: Expression) throws(Failure) -> Expression {
    if expression.depth > Self.depthLimit { throw fail(.tooLong(expression.range)) }
    return expression
  }

  /// What is to be put back when a bracket closes.
  struct Surroundings {
    let lineBreaksCount: Bool
    let isInTensor: Bool
  }

  mutating func open(inTensor: Bool = false) throws(Failure) -> Surroundings {
    let surroundings = Surroundings(lineBreaksCount: lineBreaksCount, isInTensor: isInTensor)
    try enter()
    openBrackets.append(position)
    lineBreaksCount = at(.openBrace)
    isInTensor = inTensor
    position += 1
    return surroundings
  }

  mutating func close(_ surroundings: Surroundings) throws(Failure) {
    let opening = openBrackets.last.map { tokens[$0] } ?? current
    guard case .sign(let sign) = opening.kind, let closing = sign.closing, at(closing) else {
      throw failHere(.notClosed(opening, self))
    }
    openBrackets.removeLast()
    // Before the step, so that a line break after the bracket is judged by what surrounds it.
    lineBreaksCount = surroundings.lineBreaksCount
    isInTensor = surroundings.isInTensor
    position += 1
    leave()
  }
}
