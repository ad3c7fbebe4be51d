/// What is shown, before how it is shown: lines of spans, each span with a role.
///
/// # How nabla speaks
///
/// Nothing in this program prints. A command, an echo, an error answers with a `Document`: an array of lines; a line is
/// an array of spans; a span is a piece of text and the *role* it plays (`.number`, `.result`, `.error`, `.operandA`).
/// No span knows a colour and no line knows whether it goes to a terminal, a file or a page. A `Writer` turns a
/// document into bytes, and there is one for each place: `PlainWriter` for files, tests and `NO_COLOR`,
/// `TerminalWriter` for people, `HTMLWriter` for pages.
///
/// Roles only repeat what the text says already (rule R14 of the screens), so a plain document loses nothing.
///
/// The one thing left to the writer besides colour is the right margin: remarks, sources and shapes that stand flush
/// with the edge of the screen are in `Line.margin`, and the writer puts as many spaces between as its width asks for.
///
/// Everything else about layout depends on a `Style`: how wide the screen is, how many digits the session shows,
/// whether the screen can draw more than ASCII. Functions that lay out a value take the value and a style and give a
/// document:
///
/// | file | shows |
/// |---|---|
/// | `NumberFormat` | one number, or a family of numbers that share their decimals |
/// | `TensorText` | the echo of a tensor, whole or folded to its corners |
/// | `RecordText`, `NetworkText`, `SummaryText` | values made of parts |
/// | `TrainingText` | the progress line, the summary of a run, what a stop says |
/// | `Table` | aligned columns, folded in the middle |
/// | `Sparkline`, `Plot`, `BarChart`, `ShadeMap` | curves and pictures in characters |
/// | `Ladder`, `Drawing` | a calculation rung by rung; matrices and quotients in two dimensions |
///
/// A style is decided first and the layout follows: in ASCII the glyphs have other widths, so lines are made anew,
/// never translated afterwards (R15).
///
/// Text from a user or a file may hold control characters. They are shown, never obeyed: writers pass every span
/// through `visible`, and every width in this room is the width of what will be seen.
///
/// ```swift
/// var answer = Document()
/// answer.append("  \("z[0,2]", .name) = \("2.349", .result)", margin: "your line 5")
/// print(PlainWriter(style).write(answer), terminator: "")
/// ```
package struct Document: Sendable, Hashable {
  package var lines: [Line]

  package init(_ lines: [Line] = []) {
    self.lines = lines
  }

  /// A document of the lines of `text`, all in one role.
  package init(text: String, role: Role = .plain) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Line(String($0), role) }
    if lines.last?.spans.isEmpty == true { lines.removeLast() }
  }

  package var isEmpty: Bool { lines.isEmpty }

  /// Appends a line, with a dim remark flush right if one is given.
  package mutating func append(_ line: Line, margin: String? = nil) {
    var line = line
    if let margin { line.margin.append(Span(margin, .dim)) }
    lines.append(line)
  }

  package mutating func append(_ document: Document) {
    lines += document.lines
  }

  package mutating func append(contentsOf more: some Sequence<Line>) {
    lines += more
  }

  /// Appends an empty line, unless nothing stands before it.
  package mutating func appendBlank() {
    if !lines.isEmpty { lines.append(Line()) }
  }

  /// The same document moved to the right.
  package func indented(by columns: Int) -> Document {
    Document(lines.map { $0.indented(by: columns) })
  }

  /// The columns its widest line takes, margins left aside.
  package var width: Int { lines.map(\.width).max() ?? 0 }
}

/// One line: spans from the left, and a margin that ends at the right edge.
package struct Line: Sendable, Hashable {
  package var spans: [Span]
  package var margin: [Span]

  package init(_ spans: [Span] = [], margin: [Span] = []) {
    self.spans = spans
    self.margin = margin
  }

  package init(_ text: String, _ role: Role = .plain, margin: String? = nil) {
    spans = text.isEmpty ? [] : [Span(text, role)]
    self.margin = margin.map { [Span($0, .dim)] } ?? []
  }

  /// Appends text, joining it to the last span if the role is the same.
  package mutating func append(_ text: String, _ role: Role = .plain) {
    if text.isEmpty { return }
    if let last = spans.last, last.role == role {
      spans[spans.count - 1].text += text
    } else {
      spans.append(Span(text, role))
    }
  }

  package mutating func append(_ line: Line) {
    for span in line.spans { append(span.text, span.role) }
    margin += line.margin
  }

  /// Appends spaces until the line is `columns` wide; a line already wider stays as it is.
  package mutating func pad(to columns: Int) {
    append(String(repeating: " ", count: max(0, columns - width)))
  }

  package func indented(by columns: Int) -> Line {
    if spans.isEmpty { return self }
    return Line([Span(String(repeating: " ", count: columns), .plain)] + spans, margin: margin)
  }

  /// What the line says, without roles and without the margin.
  package var text: String { spans.map(\.text).joined() }

  /// The columns it takes, without the margin.
  package var width: Int { spans.reduce(0) { $0 + $1.text.displayWidth } }
}

/// A line can be written as a literal whose interpolations carry roles: `"loss \(text, .number)"`.
extension Line: ExpressibleByStringInterpolation {
  package struct StringInterpolation: StringInterpolationProtocol {
    var line = Line()

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) { line.append(literal) }

    package mutating func appendInterpolation(_ text: String, _ role: Role = .plain) { line.append(text, role) }

    package mutating func appendInterpolation(_ number: Int, _ role: Role = .plain) {
      line.append(String(number), role)
    }

    package mutating func appendInterpolation(_ other: Line) { line.append(other) }
  }

  package init(stringLiteral text: String) { self.init(text) }

  package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.line }
}

/// A piece of text in one role.
package struct Span: Sendable, Hashable {
  package var text: String
  package var role: Role

  package init(_ text: String, _ role: Role = .plain) {
    self.text = text
    self.role = role
  }
}

/// What a piece of text is for; a writer decides what that looks like (R14).
package enum Role: Sendable, Hashable, CaseIterable {
  /// Text without a part to play: prose, operators, brackets.
  case plain
  /// Laws, margins, rules, footers, the name and shape in an echo.
  case dim
  /// A name, a number, a keyword, a string, a comment of the language.
  case name, number, keyword, string, comment, builtin
  /// The result of a calculation.
  case result
  /// The first, second and third operand of a law, in the law and in the numbers alike; an index.
  case operandA, operandB, operandC, index
  /// `error E0201` and its underline, a remark of caution, `✓`, and the marks `✗ ↓ ↑ 0 !` of tables.
  case error, warning, success, mark
  /// What introduces something to type: `next try or see go on with`.
  case hint
  /// The prompt.
  case prompt
  /// A bar that shows how far or how much.
  case bar
  /// A title of a lesson or a chapter.
  case heading
}

/// Turns a document into the text of one kind of place.
package protocol Writer: Sendable {
  var style: Style { get }

  /// The text of one line, without its end.
  func write(_ line: Line) -> String
}

extension Writer {
  /// The text of a document, each line with its end.
  package func write(_ document: Document) -> String {
    document.lines.map { write($0) + "\n" }.joined()
  }
}
