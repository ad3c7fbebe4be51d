import Display
import Language
import Tensors

/// The answer to `:graph`: what a name was computed from, as a tree with lines and shapes.
package struct DependencyTree {
  private let interpreter: Interpreter
  private let ancestry: Ancestry
  private var style: Style { interpreter.settings.style }

  /// - Throws: E0101 for an unknown name.
  package init(_ text: String, _ interpreter: Interpreter) throws(Diagnostic) {
    let name = text.words.joined(separator: " ")
    guard !name.isEmpty else {
      throw Diagnostic(
        "E0804", ":graph wants a name", suggestions: interpreter.lastNumber.map { [.init(.try, ":graph \($0)")] } ?? [])
    }
    let root = String(name.prefix { $0 != "[" && $0 != "." })
    guard !root.contains(where: { " ()+-*/^@·,\"".contains($0) }), Double(root) == nil else {
      throw Diagnostic(
        "E0804", ":graph wants a name: a graph goes through the lines behind it",
        suggestions: [.init(.try, "q = \(name)"), .init(.or, ":graph q")])
    }
    _ = try interpreter.bound(root, for: ":graph")
    guard let ancestry = interpreter.ancestry(of: root) else {
      throw Diagnostic("E0834", "\(root) was bound by no line")
    }
    self.interpreter = interpreter
    self.ancestry = ancestry
  }

  /// A value in the tree; one that stands in it already has no children and says so.
  private final class Node {
    let version: Version
    var children: [Node] = []
    var isRepeated = false

    init(_ version: Version) { self.version = version }

    /// Nodes from here down.
    var count: Int { children.reduce(1) { $0 + $1.count } }
    var depth: Int { 1 + (children.map(\.depth).max() ?? 0) }

    /// Lines with everything deeper than `limit` left out, a line for each branch that is cut.
    func lines(limit: Int) -> Int {
      guard limit > 0 || children.isEmpty else { return 2 }
      return children.reduce(1) { $0 + $1.lines(limit: limit - 1) }
    }
  }

  package func document() -> Document {
    var seen: Set<ObjectIdentifier> = []
    var budget = 2000
    let root = tree(ancestry.root, &seen, &budget)
    // As deep as the screen is high.
    let limit = (0...root.depth).last { root.lines(limit: $0) <= 22 } ?? 0
    var rows: [Row] = []
    append(root, head: "", rest: "", limit: limit, to: &rows)
    if rows.count > 23 {
      let more = rows.count - 22
      rows = Array(rows.prefix(22)) + [Row(label: style.glyph("…", "...") + " \(more) more", margin: "")]
    }
    let most = style.width - 34
    let label = max(30, min(most, rows.map { $0.label.displayWidth }.max() ?? 0)) + 2
    let counts = rows.filter(\.isCount).map { $0.count.count }.max() ?? 0
    var document = Document()
    for (index, row) in rows.enumerated() {
      var line = Line(row.label.cut(to: index == 0 ? style.width - row.margin.count - 2 : label - 2, style: style))
      if !row.line.isEmpty {
        line.pad(to: label)
        line.append(row.line, .dim)
        let remark =
          row.isCount ? row.count.leftPadded(to: counts) + " number\(row.count == "1" ? "" : "s")" : row.count
        if !row.count.isEmpty { line.append("   " + remark, .dim) }
      }
      document.append(line, margin: row.margin.isEmpty ? nil : row.margin)
    }
    if ancestry.isIncomplete {
      document.append(Line("  what earlier passes of a loop used is not remembered", .dim))
    }
    return document
  }

  private func tree(_ version: Version, _ seen: inout Set<ObjectIdentifier>, _ budget: inout Int) -> Node {
    let node = Node(version)
    guard seen.insert(ObjectIdentifier(version)).inserted else {
      node.isRepeated = !Ancestry.isLeaf(version)
      return node
    }
    guard let origin = version.origin, budget > 0 else { return node }
    for input in Ancestry.inputs(of: origin) {
      budget -= 1
      node.children.append(tree(input, &seen, &budget))
    }
    return node
  }

  private struct Row {
    var label: String
    var line = ""
    var count = ""
    var isCount = false
    var margin: String
  }

  private func append(_ node: Node, head: String, rest: String, limit: Int, to rows: inout [Row]) {
    rows.append(row(node, head))
    guard !node.children.isEmpty else { return }
    guard limit > 0 else {
      let dots = style.glyph("…", "...")
      rows.append(Row(label: rest + style.glyph("└─ ", "`- ") + dots + " \(node.count - 1) more", margin: ""))
      return
    }
    for (index, child) in node.children.enumerated() {
      let isLast = index == node.children.count - 1
      append(
        child, head: rest + (isLast ? style.glyph("└─ ", "`- ") : style.glyph("├─ ", "|- ")),
        rest: rest + (isLast ? "   " : style.glyph("│  ", "|  ")), limit: limit - 1, to: &rows)
    }
  }

  private func row(_ node: Node, _ head: String) -> Row {
    let version = node.version
    var row = Row(label: head + version.name.shown(style), margin: outline(version.value))
    if !head.isEmpty, let origin = version.origin, origin.line > 0 { row.line = "line \(origin.line)" }
    guard !Ancestry.isLeaf(version), let origin = version.origin else {
      let kind = LeafKind.of(version, in: ancestry)
      let numbers = version.value.tensors.reduce(0) { $0 + $1.count }
      row.isCount = kind == .parameter && numbers > 0
      row.count = kind == .labels ? "labels" : row.isCount ? NumberFormat.count(numbers) : ""
      return row
    }
    let text = origin.text.shown(style)
    row.label = head + (text.hasPrefix(version.name.shown(style)) ? text : "\(version.name.shown(style)) from \(text)")
    if node.isRepeated { row.count = "as above" }
    return row
  }

  /// `[2, 3]`, a number itself, else what it is.
  private func outline(_ value: Value) -> String {
    if let shape = value.shape, shape != .scalar { return shape.description }
    if let tensor = value.asTensor(.float64), tensor.count == 1 { return NumberFormat(style).text(tensor.item) }
    return value.kind
  }
}

extension Interpreter {
  /// The number that was bound last by a line that computed it from others.
  var lastNumber: String? {
    let numbers = names.filter { $0.name != "ans" && value(named: $0.name)?.shape == .scalar }
    return numbers.filter { name in ancestry(of: name.name).map { !Ancestry.isLeaf($0.root) } == true }.max {
      $0.line < $1.line
    }?.name
  }
}
