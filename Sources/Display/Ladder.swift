/// One quantity rewritten rung by rung, `=` under `=` (R5).
///
/// ```
///   h[0,2] = relu(z[0,2])
///          = relu(2.349)
///          = 2.349                            2.349 > 0, so relu keeps it
/// ```
package struct Ladder: Sendable {
  /// One rewriting: what follows the sign, and a remark in the margin or after it.
  package struct Rung: Sendable {
    package var value: Line
    package var remark: String
    /// `≈` where digits were lost by cancellation.
    package var isApproximate: Bool

    package init(_ value: Line, remark: String = "", isApproximate: Bool = false) {
      self.value = value
      self.remark = remark
      self.isApproximate = isApproximate
    }
  }

  package var subject: Line
  package var rungs: [Rung]
  /// The column at which remarks begin, if the rung leaves four spaces before it; else they end at the right edge.
  package var remarkColumn: Int?

  package init(_ subject: Line, _ rungs: [Rung], remarkColumn: Int? = nil) {
    self.subject = subject
    self.rungs = rungs
    self.remarkColumn = remarkColumn
  }

  package func document(indent: Int = 2, _ style: Style = .plain) -> Document {
    let subject = subject.shown(style)
    var result = Document()
    for (index, rung) in rungs.enumerated() {
      var line = Line(String(repeating: " ", count: indent))
      if index == 0 { line.append(subject) }
      line.pad(to: indent + subject.width)
      line.append(" \(rung.isApproximate ? style.glyph("≈", "~~") : "=") ")
      line.append(rung.value.shown(style))
      if !rung.remark.isEmpty {
        if let remarkColumn, line.width + 4 <= remarkColumn {
          line.pad(to: remarkColumn)
          line.append(rung.remark.shown(style), .dim)
        } else {
          line.margin.append(Span(rung.remark, .dim))
        }
      }
      result.append(line)
    }
    return result
  }
}
