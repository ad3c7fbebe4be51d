import Display
import Formulary
import Language

/// The numbers of a catalogue entry: a table of both forms, matrices side by side, or what each form gives, line by line.
struct FormulaNumbers {
  let run: FormulaRun
  let entry: Entry
  let style: Style

  func document() -> Document {
    let both = table ?? drawings
    var document = both ?? lines
    if both != nil {
      for (title, outcome) in outcomes {
        guard let failure = outcome.failure else { continue }
        document.appendBlank()
        document.append(contentsOf: failureLines(title, failure))
      }
    }
    return document
  }

  private var outcomes: [(title: String, outcome: FormulaRun.Outcome)] {
    [("as printed", run.printed), ("right", run.right)].compactMap { title, outcome in outcome.map { (title, $0) } }
  }

  /// Both forms' results under the same labels, if there are two forms that give them.
  private var pairs: [(printed: FormulaRun.Result, right: FormulaRun.Result)]? {
    guard let printed = run.printed?.results, let right = run.right?.results, !printed.isEmpty,
      printed.map(\.quantity.label) == right.map(\.quantity.label)
    else { return nil }
    return Array(zip(printed, right))
  }

  // MARK: A table

  /// Rows of up to three numbers from each form, in columns whose points need not align: each number has its own digits.
  private var table: Document? {
    guard let pairs else { return nil }
    let numbers = pairs.flatMap { [$0.printed.numbers, $0.right.numbers] }
    let counts = Set(numbers.map { $0?.values.count ?? 0 })
    guard counts.count == 1, let count = counts.first, (1...3).contains(count),
      numbers.allSatisfy({ $0!.shape.count <= 1 || count == 1 })
    else { return nil }
    let rows = pairs.map { pair in
      (
        label: pair.printed.quantity.label.shown(style),
        cells: [pair.printed, pair.right].map { result in result.numbers!.values.map { text($0, result.quantity) } },
        hasUnit: !pair.printed.quantity.unit.isEmpty
      )
    }
    // A vector's columns are named after what it is: the letters its label begins with.
    let name = String(rows[0].label.prefix { $0.isLetter })
    let heads = count == 1 ? [""] : (0..<count).map { "\(name.isEmpty || name == "t" ? "" : name)[\($0)]" }
    let widths = (0..<2).map { form in
      (0..<count).map { column in
        max(
          count == 1 ? 5 : heads[column].count + 2,
          rows.map { $0.cells[form][column].displayWidth + ($0.hasUnit ? 1 : 0) }.max() ?? 0)
      }
    }
    let labels = max(rows.map(\.label.displayWidth).max() ?? 0, count == 1 ? 8 : 0)
    // Where each column ends, the gaps between them being 3, and 5 between the forms.
    var ends: [[Int]] = []
    var end = 4 + labels + 4
    for form in widths {
      ends.append([])
      for (column, width) in form.enumerated() {
        end += (column > 0 ? 3 : ends.count > 1 ? 5 : 0) + width
        // The title of the second form begins four columns behind the heads of the first.
        if ends.count > 1 && column == 0 {
          end = max(end, ends[0][count - 1] + (count == 1 ? 9 : 4 + 5 + 2 + heads[0].count))
        }
        ends[ends.count - 1].append(end)
      }
    }
    var document = Document()
    var head = Line()
    for (form, title) in ["as printed", "right"].enumerated() {
      let first = ends[form][0] - (count == 1 ? 0 : heads[0].count + 4)
      head.pad(to: max(head.width + (form > 0 ? 2 : 0), first - title.count))
      head.append(title, .dim)
      guard count > 1 else { continue }
      for (column, text) in heads.enumerated() {
        head.pad(to: ends[form][column] - 2 - text.count)
        head.append(text, .dim)
      }
    }
    document.append(head)
    for row in rows {
      var line: Line = "    \(row.label)"
      for (form, cells) in row.cells.enumerated() {
        for (column, cell) in cells.enumerated() {
          line.pad(to: ends[form][column] - cell.displayWidth - (row.hasUnit ? 1 : 0))
          line.append(cell, form == 0 && entry.verdict == .wrong ? .error : .result)
        }
      }
      document.append(line)
    }
    return document.width <= style.width ? document : nil
  }

  private func text(_ number: Double, _ quantity: Quantity) -> String {
    let isCounted = !quantity.unit.isEmpty
    let format = NumberFormat(digits: isCounted ? 3 : style.digits, precision: style.precision)
    return (format.text(number) + quantity.unit).shown(style)
  }

  // MARK: Matrices

  /// One matrix of each form side by side, behind the input they come from.
  private var drawings: Document? {
    guard let pairs, pairs.count == 1 else { return nil }
    var parts: [(title: String, drawing: Drawing)] = []
    if let name = entry.shownInput, let input = run.input, let drawing = matrix(input) {
      parts.append((name, drawing))
    }
    for (title, result) in [("as printed", pairs[0].printed), ("right", pairs[0].right)] {
      guard let numbers = result.numbers, let drawing = matrix(numbers) else { return nil }
      parts.append((title, drawing))
    }
    let blocks = parts.map { part in
      let block = Drawing.above([Drawing(part.title, .dim), part.drawing], centered: true)
      return Drawing(block.lines, axis: 1 + part.drawing.axis)
    }
    let widths = blocks.map(\.width)
    let gap = min(9, (style.width - 4 - widths.reduce(0, +)) / max(1, blocks.count - 1))
    guard gap >= 2 else { return nil }
    // Titles stand in one line, whatever the heights below them.
    let indent = parts.count > 2 ? 2 : 4
    var titles = Line(String(repeating: " ", count: indent))
    var end = indent
    for (part, width) in zip(parts, widths) {
      titles.pad(to: end + (width - part.title.count + 1) / 2)
      titles.append(part.title, .dim)
      end += width + gap
    }
    let bodies = zip(parts, widths).map { part, width in
      let free = (width - part.drawing.width) / 2
      return Drawing.beside([Drawing(String(repeating: " ", count: free)), part.drawing], gap: 0)
    }
    let gaps = zip(bodies, widths).map { body, width in gap + width - body.width }
    var document = Document([titles])
    document.append(Drawing.beside(bodies, gaps: Array(gaps.dropLast())).document(indent: indent))
    return document
  }

  /// A vector as one row, a matrix of up to eight rows and columns.
  private func matrix(_ numbers: FormulaRun.Numbers) -> Drawing? {
    guard (1...2).contains(numbers.shape.count), let columns = numbers.shape.last, (1...8).contains(columns),
      (1...8).contains(numbers.values.count / columns)
    else { return nil }
    return .matrix(rows: numbers.values.count / columns, columns: columns, style) { numbers.values[$0 * columns + $1] }
  }

  // MARK: Lines

  /// What each form gives, as the session would echo it.
  private var lines: Document {
    var document = Document()
    let isOne = outcomes.count == 1
    for (title, outcome) in outcomes {
      var echoes = Document()
      for result in outcome.results { echoes.append(short(result) ?? result.echo) }
      for (index, line) in echoes.lines.enumerated() {
        var head: Line = isOne ? "    " : "    \((index == 0 ? title : "").padded(to: 12), .dim)"
        head.append(line)
        document.append(head)
      }
      if let failure = outcome.failure {
        document.append(contentsOf: failureLines(echoes.isEmpty ? title : "", failure))
      }
    }
    return document
  }

  /// A small matrix on one line, as it is typed: `g : [3, 1] = [-8; -20; -42]`.
  private func short(_ result: FormulaRun.Result) -> Document? {
    guard let (values, shape) = result.numbers, shape.count == 2, values.count <= 6, shape[1] > 0 else { return nil }
    let family = NumberFamily(of: values, format: NumberFormat(style))
    let rows = stride(from: 0, to: values.count, by: shape[1]).map { start in
      values[start..<start + shape[1]].map(family.text).joined(separator: ", ")
    }
    let text = shape[0] == 1 ? "[[\(rows[0])]]" : "[\(rows.joined(separator: "; "))]"
    let label = result.quantity.label.shown(style)
    let line: Line = "\(label, .name) : [\(shape[0]), \(shape[1])] = \(text, .number)"
    return line.width <= style.width - 16 || outcomes.count == 1 && line.width <= style.width - 4
      ? Document([line]) : nil
  }

  private func failureLines(_ title: String, _ failure: (line: String, diagnostic: Diagnostic)) -> [Line] {
    let line = failure.line.split(separator: "\n").first.map { String($0).shown(style) } ?? ""
    let text = failure.diagnostic.message.shown(style)
    let code = "error \(failure.diagnostic.code)"
    let first: Line = "    \(title.padded(to: 12), .dim)\(line.cut(to: 30, style: style), .builtin)"
    let room = style.width - first.width - 2 - code.count - 2
    if text.displayWidth <= room { return ["\(first)  \(code, .error): \(text)"] }
    return [first] + "\(code): \(text)".wrapped(to: max(20, style.width - 18)).map { "                  \($0, .error)" }
  }
}
