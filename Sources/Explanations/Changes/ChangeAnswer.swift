import Display
import Language
import Networks
import Tensors

/// The answer to `:what W[0,2] = 0.5`: what follows from one number changed, the session staying as it is.
package struct ChangeAnswer {
  private let interpreter: Interpreter
  /// The number as it was typed: `W[0,2]`.
  private let place: String
  private let before, after: Double
  /// The name's value, with the number changed.
  private let version: Version
  private let leaf: Int
  private let element: Int
  private var style: Style { interpreter.settings.style }

  /// - Throws: E0833 if the text names no number to change, and what is wrong with either side.
  package init(_ text: String, _ interpreter: Interpreter) throws(Diagnostic) {
    self.interpreter = interpreter
    guard let equals = text.assignment else {
      throw Diagnostic(
        "E0833", ":what wants a number and its new value", suggestions: [.init(.try, Self.offer(interpreter))])
    }
    let left = String(text[..<equals]).trimmedSpaces
    let right = String(text[text.index(after: equals)...]).trimmedSpaces
    let source = SourceText(left)
    let program = Parser.parse(source)
    guard program.diagnostics.isEmpty, program.statements.count == 1,
      case .expression(let expression) = program.statements[0].kind, let root = expression.rootName
    else {
      throw Diagnostic(
        "E0833", "\(left) is no number of something you bound", suggestions: [.init(.try, Self.offer(interpreter))])
    }
    let value = try interpreter.bound(root, for: ":what")
    guard let version = interpreter.version(of: root) else { throw Diagnostic("E0833", "\(root) was bound by no line") }
    var names: [String] = []
    value.nameLeaves(root, into: &names)
    let leaves = version.value.tensors
    let printer = Printer(.unicode)
    let whole = printer.text(expression)
    if let leaf = names.firstIndex(of: whole), leaves.count == names.count {
      guard leaves[leaf].count == 1 else {
        let zeros = Array(repeating: "0", count: leaves[leaf].rank).joined(separator: ",")
        throw Diagnostic(
          "E0833", "\(left) is \(leaves[leaf].shape), and :what changes one number",
          suggestions: [.init(.try, ":what \(whole)[\(zeros)] = \(right)")])
      }
      (self.leaf, element) = (leaf, 0)
    } else {
      guard case .index(let base, let subscripts) = expression.kind, leaves.count == names.count,
        let leaf = names.firstIndex(of: printer.text(base))
      else {
        let what =
          left == root ? "\(root) is \(value.article)" : "\(left) is no number of \(root), which is \(value.article)"
        let first = names.first { !$0.isEmpty && $0 != root }
        throw Diagnostic(
          "E0833", left == root ? what + ", and :what changes one number" : what,
          suggestions: first.map { [.init(.try, ":what \($0) = \(right)")] } ?? [])
      }
      let shape = leaves[leaf].shape
      guard subscripts.count == shape.rank else {
        throw Diagnostic(
          "E0833", "\(printer.text(base)) is \(shape): one number has \(shape.rank) indices, not \(subscripts.count)")
      }
      var element = 0
      for (axis, part) in subscripts.enumerated() {
        guard case .value(let index) = part.kind,
          case .number(let number) = try interpreter.value(of: index, in: source, strippingPlaces: true),
          let place = Int(exactly: number)
        else { throw Diagnostic("E0833", "an index of \(left) is no whole number") }
        guard (0..<shape[axis]).contains(place) else {
          throw Diagnostic(
            "E0206", "index \(place) is outside axis \(axis) of \(printer.text(base)), which has \(shape[axis]) places",
            notes: [.init(printer.text(base), shape.description)])
        }
        element = element * shape[axis] + place
      }
      (self.leaf, self.element) = (leaf, element)
    }
    let new: Value
    do throws(Diagnostic) { new = try interpreter.value(of: right) } catch { throw error.withoutPlaces }
    guard let number = new.asTensor(.float64), number.count == 1 else {
      throw Diagnostic("E0833", "\(left) is one number, \(right) is \(new.outline)")
    }
    place = names[leaf] + OptimizerAnswer.subscripts(element, leaves[leaf].shape)
    before = leaves[leaf][flat: element]
    after = number.item
    self.version = version
  }

  /// Something that can be typed here: a number of the last parameter there is.
  private static func offer(_ interpreter: Interpreter) -> String {
    let name = interpreter.names.first { name in
      guard let shape = interpreter.value(named: name.name)?.shape else { return false }
      return shape.rank == 2 && shape.count > 0
    }
    return ":what \(name?.name ?? "W")[0,0] = 0.5"
  }

  package func document() throws(Diagnostic) -> Document {
    var leaves = version.value.tensors
    var moved = leaves[leaf].detached.elements
    moved[element] = after
    leaves[leaf] = Tensor(moved, shape: leaves[leaf].shape, leaves[leaf].elementType)
    let changed = version.value.replacing(leaves)

    let followers = try followers()
    guard before != after, !(before.isNaN && after.isNaN) else {
      let text = NumberFormat(style).text(before)
      return Document([Line("  \(place) is \(text) already: nothing changes".shown(style))])
    }
    var document = Document([Line("  \(place.shown(style))  \(arrow(before, after))".shown(style))])
    document.lines[0].margin = [Span("the session stays as it is", .dim)]
    var rows: [Line] = []
    var numbers: [(ancestry: Ancestry, before: Double, after: Double)] = []
    let width = max(8, (followers.map { $0.root.name.shown(style).displayWidth }.max() ?? 0) + 2)
    for ancestry in followers {
      let rerun = try interpreter.rerun(ancestry, changing: [(version, changed)])
      let (old, new) = (ancestry.root.value, rerun[ancestry.root])
      rows.append(row(ancestry.root.name, old, new, width))
      if let a = old.asTensor(.float64), let b = new.asTensor(.float64), a.rank == 0, b.rank == 0 {
        numbers.append((ancestry, a.item, b.item))
      }
    }
    if rows.count > 14 {
      let more = rows.count - 10
      rows = Array(rows.prefix(5)) + [Line("  \(style.glyph("…", "...")) \(more) more", .dim)] + Array(rows.suffix(5))
    }
    document.append(contentsOf: rows)
    // Labels are whole numbers: they have no slope.
    if let last = numbers.last(where: { $0.ancestry.isLoss }) ?? numbers.last,
      LeafKind.of(version, in: last.ancestry) != .labels, let slope = try? slope(of: last.ancestry)
    {
      document.append(Line())
      let name = last.ancestry.root.name
      guard last.before.isFinite, last.after.isFinite, after.isFinite, slope.isFinite else {
        let text = NumberFormat(style).text(last.after)
        document.append(Line("  \(name) is \(text) then: no slope foretells that".shown(style)))
        return document
      }
      document.append(contentsOf: foretold(name, slope, last.after - last.before))
    }
    return document
  }

  /// The names that were computed from the one that is changed, in the order in which they were.
  private func followers() throws(Diagnostic) -> [Ancestry] {
    var followers: [Ancestry] = []
    for name in interpreter.names where name.name != "ans" && name.kind != "function" {
      guard let ancestry = interpreter.ancestry(of: name.name), ancestry.root !== version,
        !ancestry.path(from: [version]).isEmpty
      else { continue }
      followers.append(ancestry)
    }
    guard !followers.isEmpty else {
      let name = version.name
      let stale = interpreter.names.first { other in
        other.name != name
          && interpreter.ancestry(of: other.name)?.leaves.contains { $0.name == name && $0 !== version } == true
      }
      throw Diagnostic(
        "E0834",
        stale.map { "\($0.name) was computed with an earlier \(name); nothing with the one there is now" }
          ?? "nothing was computed from \(name), so nothing follows",
        notes: stale.map { [.init("run again", "line \($0.line)")] } ?? [])
    }
    // What one line binds stands in its order there: the gates of a cell as they are computed.
    func place(_ ancestry: Ancestry) -> Int {
      ancestry.root.origin?.statement.boundNames.firstIndex(of: ancestry.root.name) ?? 0
    }
    return followers.sorted { ($0.root.order, place($0)) < ($1.root.order, place($1)) }
  }

  // MARK: Rows

  private func row(_ name: String, _ old: Value, _ new: Value, _ width: Int) -> Line {
    let (before, after) = (old.named(name), new.named(name))
    var line = Line("  " + name.shown(style).padded(to: width))
    guard before.map(\.tensor.shape) == after.map(\.tensor.shape), !before.isEmpty else {
      line.append("its shape or kind changes: \(old.outline) → \(new.outline)".shown(style))
      return line
    }
    var changes: [(String, Double, Double)] = []
    var (changed, all) = (0, 0)
    for (a, b) in zip(before, after) {
      let (x, y) = (a.tensor.detached.elements, b.tensor.detached.elements)
      all += x.count
      for element in x.indices where !Self.isSame(x[element], y[element]) {
        changed += 1
        if changes.count < 2 {
          let place = a.tensor.rank == 0 ? "" : a.tensor.place(of: element)
          changes.append((a.name.element(place), x[element], y[element]))
        }
      }
    }
    let counted = "\(NumberFormat.count(changed)) of \(NumberFormat.count(all)) change\(all == 1 ? "s" : "")"
    line.append(counted.padded(to: max(16, counted.count + 2)))
    guard let first = changes.first else { return line }
    let text = "\(first.0.shown(style)) \(arrow(first.1, first.2))"
    line.append(text, .result)
    if all == 1, !first.1.isFinite || !first.2.isFinite { return line }
    if all == 1 {
      let places = decimals(first.1, first.2)
      let difference = NumberFormat(style).shortText((first.2 - first.1).magnitude, decimals: places)
      line.append(String(repeating: " ", count: max(2, 26 - text.displayWidth)) + difference)
      line.append(first.2 > first.1 ? " more" : " less")
    } else if changes.count > 1 {
      let other = "\(changes[1].0.shown(style)) \(arrow(changes[1].1, changes[1].2))"
      let gap = max(2, 26 - text.displayWidth)
      if line.width + gap + other.displayWidth <= style.width {
        line.append(String(repeating: " ", count: gap))
        line.append(other, .result)
      }
    }
    return line
  }

  private static func isSame(_ x: Double, _ y: Double) -> Bool {
    if x == y || x.isNaN && y.isNaN { return true }
    // Nothing is near to infinity.
    return (x - y).isFinite && (x - y).magnitude <= 1e-12 * max(x.magnitude, y.magnitude)
  }

  private func decimals(_ x: Double, _ y: Double) -> Int {
    max(NumberFormat(style).decimals(for: x), NumberFormat(style).decimals(for: y))
  }

  /// Both in one number of decimals, so that their difference can be taken from the print.
  private func arrow(_ x: Double, _ y: Double) -> String {
    let format = NumberFormat(style)
    let places = decimals(x, y)
    let isPlain = [x, y].allSatisfy { $0 == 0 || (1e-4..<1e9).contains($0.magnitude) } && places <= 9
    let texts =
      isPlain
      ? [format.shortText(x, decimals: places), format.shortText(y, decimals: places)]
      : [format.text(x), format.text(y)]
    return texts[0] + style.glyph(" → ", " -> ") + texts[1]
  }

  // MARK: The slope

  private func slope(of ancestry: Ancestry) throws(Diagnostic) -> Double {
    try interpreter.gradients(of: ancestry, by: [version])[0][leaf][flat: element]
  }

  private func foretold(_ name: String, _ slope: Double, _ actual: Double) -> [Line] {
    let format = NumberFormat(style)
    let step = after - before
    let calculation = PrintedCalculation("#·#", [slope, step], slope * step, format: format) { $0[0] * $0[1] }
    let stepText = format.text(step)
    let partial = style.ascii ? "partial(\(name), \(place.shown(style)))" : "∂\(name)/∂\(place)"
    let sign = calculation.isExact ? "=" : style.glyph("≈", "~")
    let isStraight = (slope * step - actual).magnitude <= 1e-9 * max(actual.magnitude, 1e-12)
    let remark = isStraight ? "as it is: \(name) is straight here" : "\(name) is curved"
    let law = "\(partial)·\(stepText.hasPrefix("-") ? "(\(stepText))" : stepText)"
    var line: Line = "  the slope foretold  \((law + " = " + calculation.text).shown(style)) \(sign) "
    line.append(format.text(slope * step), .result)
    let whole = line.width + 3 + remark.displayWidth <= style.width
    if whole { line.append(";  \(remark)") }
    return whole ? [line] : [line, Line("  \(remark)")]
  }
}

extension Value {
  /// Its tensors by their names; those of a sequence by their numbers.
  fileprivate func named(_ name: String) -> [(name: String, tensor: Tensor)] {
    if case .sequence(let sequence) = self {
      return sequence.numbers.compactMap { number in
        sequence[number]?.numbers.map { ("\(name)[\(number)]", $0) }
      }
    }
    var names: [String] = []
    nameLeaves(name, into: &names)
    return names.count == tensors.count ? zip(names, tensors).map { ($0, $1) } : []
  }
}

extension Ancestry {
  /// Whether its last line computes a loss, by a loss's name or by its own.
  fileprivate var isLoss: Bool {
    if ["L", "E", "J", "loss", "cost"].contains(root.name) { return true }
    var isFound = false
    for expression in root.origin?.statement.expressions ?? [] {
      expression.walk { part in
        if case .call(let callee, _) = part.kind, let name = callee.name?.text, LossCatalogue.loss(named: name) != nil {
          isFound = true
        }
      }
    }
    return isFound
  }
}

extension String {
  /// The place of the `=` that is no part of `==`, `<=`, `>=`, `!=` and stands outside of brackets.
  var assignment: String.Index? {
    var depth = 0
    var before: Character = " "
    for index in indices {
      let character = self[index]
      if "([".contains(character) { depth += 1 }
      if ")]".contains(character) { depth -= 1 }
      if character == "=", depth == 0, !"=<>!".contains(before) {
        let next = self.index(after: index)
        if next == endIndex || self[next] != "=" { return index }
      }
      before = character
    }
    return nil
  }

  var trimmedSpaces: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
