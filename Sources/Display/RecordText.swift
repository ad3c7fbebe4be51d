/// The echo of a record: how many numbers it holds, and its fields, one a line.
///
/// ```
/// θ : record, 7 numbers
///   W    : [2, 2] = [1, 2; 3, 4]
///   b    : [2] = [0, 0]
///   rate = 0.1
/// ```
package struct RecordText {
  package struct Field {
    package var name: String
    package var value: ValueText

    package init(_ name: String, _ value: ValueText) {
      self.name = name
      self.value = value
    }
  }

  package var name: String
  package var fields: [Field]

  package init(name: String = "ans", fields: [Field]) {
    self.name = name
    self.fields = fields
  }

  package func document(_ style: Style = .plain) -> Document {
    var result = Document([heading(style)])
    result.append(Self.lines(fields, style))
    return result
  }

  /// `θ : record, 7 numbers`.
  func heading(_ style: Style) -> Line {
    let count = fields.reduce(0) { $0 + $1.value.numberCount }
    let numbers = count == 0 ? "" : ", \(NumberFormat.count(count)) number\(count == 1 ? "" : "s")"
    return Line("\(name.shown(style))\(name.isEmpty ? "" : " : ")record\(numbers)", .dim)
  }

  /// One line a field, the names padded to the longest; of more than 12 the first 11 and how many are left.
  static func lines(_ fields: [Field], _ style: Style) -> Document {
    let most = TensorLayout.mostRows
    let shown = fields.count > most ? fields.prefix(most - 1) : fields[...]
    let width = shown.map { $0.name.shown(style).displayWidth }.max() ?? 0
    var inner = style
    inner.width = max(20, style.width - 2)
    var result = Document()
    for field in shown {
      let name = field.name.shown(style).padded(to: width)
      result.append(field.value.line(name: name, inner).indented(by: 2))
    }
    if shown.count < fields.count {
      result.append(Line("  \(style.glyph("…", "...")) \(NumberFormat.count(fields.count - shown.count)) more", .dim))
    }
    return result
  }
}
