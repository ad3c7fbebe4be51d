import Tensors

/// A subscript that is affine in indices, with its numbers: `2i + k - 1`.
struct AffineForm: Equatable {
  /// The factor of each index that stands in it; none is 0.
  var coefficients: [Int: Int] = [:]
  var constant = 0

  /// The smallest and largest value over the ranges; nil if a range is missing or empty.
  func reach(_ ranges: [Int: Range<Int>]) -> ClosedRange<Int>? {
    var (low, high) = (constant, constant)
    for (index, factor) in coefficients {
      guard let range = ranges[index], !range.isEmpty else { return nil }
      let (a, b) = (factor * range.lowerBound, factor * (range.upperBound - 1))
      low += min(a, b)
      high += max(a, b)
    }
    return low...high
  }

  func adding(_ other: AffineForm, times factor: Int) -> AffineForm {
    var result = self
    result.constant += factor * other.constant
    for (index, coefficient) in other.coefficients {
      let sum = (result.coefficients[index] ?? 0) + factor * coefficient
      result.coefficients[index] = sum == 0 ? nil : sum
    }
    return result
  }
}

/// What one subscript says about the indices in it: the value must be a place of an axis.
struct IndexConstraint {
  /// From the first place of the axis on.
  var form: AffineForm
  /// Whether the subscript is an index and nothing else.
  let isBare: Bool
  let extent: Int
  let axis: Int
  let read: IndexedRead
  let shape: Shape?

  var isGuarded: Bool { read.isGuarded }

  /// The index, if the subscript is nothing but one.
  var bare: Int? { isBare ? form.coefficients.first?.key : nil }
}

/// The ranges of the indices of an equation, found from what its subscripts say.
///
/// A bare index has the extent of its axis, everywhere the same. An index that stands alone in a subscript but shifted or scaled is
/// cut to what stays inside, and has that range if it had none. Where several stand in a subscript, the one without a range gets the
/// largest that stays inside. What was stated is kept. What is left must be said.
struct IndexRanges {
  private(set) var ranges: [Int: Range<Int>] = [:]
  /// Whether a range is not simply the extent of an axis: the echo shows them.
  private(set) var isShown = false
  private var stated: Set<Int>
  private var bare: [Int: IndexConstraint] = [:]
  private let machine: Machine
  private let source: SourceText
  private let table: IndexTable

  init(table: IndexTable, machine: Machine, source: SourceText) {
    stated = Set(table.entries.filter { $0.range != nil }.map(\.id))
    self.table = table
    self.machine = machine
    self.source = source
  }

  mutating func state(_ index: Int, _ range: Range<Int>) {
    ranges[index] = range
    isShown = true
  }

  private func name(_ index: Int) -> String { table.entry(index)?.name.text ?? "?" }

  /// Uses what bare and shifted indices say.
  /// - Throws: E0203 if a bare index has two sizes.
  mutating func infer(_ constraints: [IndexConstraint]) throws {
    for constraint in constraints {
      guard let index = constraint.bare, !stated.contains(index) else { continue }
      if let earlier = bare[index] {
        if earlier.extent != constraint.extent { throw twoSizes(index, earlier, constraint) }
        continue
      }
      bare[index] = constraint
      ranges[index] = 0..<constraint.extent
    }
    for constraint in constraints where constraint.bare == nil && !constraint.isGuarded {
      guard constraint.form.coefficients.count == 1, let index = constraint.form.coefficients.keys.first,
        !stated.contains(index)
      else { continue }
      try cut(index, by: [constraint])
    }
  }

  /// Gives one more index, of those that stand with others, the largest range that stays inside; false if there is none.
  mutating func inferOneMore(_ constraints: [IndexConstraint]) throws -> Bool {
    for entry in table.entries where ranges[entry.id] == nil && !stated.contains(entry.id) {
      let own = constraints.filter { !$0.isGuarded && $0.form.coefficients[entry.id] != nil }
      guard !own.isEmpty,
        own.allSatisfy({ $0.form.coefficients.keys.allSatisfy { $0 == entry.id || ranges[$0] != nil } })
      else { continue }
      try cut(entry.id, by: own)
      return true
    }
    return false
  }

  /// Cuts the range of an index to the values for which all these subscripts stay inside.
  private mutating func cut(_ index: Int, by constraints: [IndexConstraint]) throws {
    let before = ranges[index]
    var (low, high) = before.map { ($0.lowerBound, $0.upperBound - 1) } ?? (Int.min / 4, Int.max / 4)
    for constraint in constraints {
      var rest = constraint.form
      let factor = rest.coefficients.removeValue(forKey: index)!
      guard let reach = rest.reach(ranges) else {
        (low, high) = (0, -1)
        break
      }
      // 0 <= factor·i + reach and factor·i + reach <= extent - 1
      let (from, to) = (-reach.lowerBound, constraint.extent - 1 - reach.upperBound)
      if factor > 0 {
        low = max(low, from.ceilingDivided(by: factor))
        high = min(high, to.floorDivided(by: factor))
      } else {
        low = max(low, to.ceilingDivided(by: factor))
        high = min(high, from.floorDivided(by: factor))
      }
    }
    if high < low, let constraint = constraints.first(where: { $0.extent > 0 }), before?.isEmpty != true {
      let text = source.text(constraint.read.expression.range)
      let others = constraint.form.coefficients.keys.filter { $0 != index }.compactMap { other in
        ranges[other].map { "\(name(other)) in \($0.lowerBound)..<\($0.upperBound)" }
      }
      throw machine.failure(
        "E0222", "no \(name(index)) keeps \(text) inside", at: site(constraint.read.expression.range),
        labels: [label(constraint, "axis \(constraint.axis) has \(constraint.extent)")],
        notes: others.isEmpty ? [] : [.init("for", others.joined(separator: ", "))])
    }
    let cut = low..<max(low, high + 1)
    if cut != before { isShown = true }
    ranges[index] = cut
  }

  /// Every index must have a range.
  /// - Throws: E0222 for one that is not known.
  func check(only: Int?) throws {
    for entry in table.entries where ranges[entry.id] == nil && (only == nil || only == entry.id) {
      let said = entry.isOnLeft ? "where \(entry.name) in 0..<n" : "∑[\(entry.name) in 0..<n]"
      throw machine.failure(
        "E0222", "the range of index \(entry.name) cannot be told from what it indexes", at: site(entry.name.range),
        notes: [.init("say it", said)])
    }
    if only == nil { try checkLeft() }
  }

  /// The indices on the left begin at 0; the first may begin elsewhere if that was said.
  /// - Throws: E0223.
  private func checkLeft() throws {
    for (position, entry) in table.entries.filter(\.isOnLeft).enumerated() {
      guard let range = ranges[entry.id], range.lowerBound != 0, !range.isEmpty else { continue }
      if position == 0 && stated.contains(entry.id) { continue }
      throw machine.failure(
        "E0223", "\(entry.name) would begin at \(range.lowerBound); an index on the left begins at 0",
        at: site(entry.name.range), suggestions: [shifted(entry, by: range.lowerBound)].compactMap { $0 },
        notes: [.init("inside", "\(entry.name) in \(range.lowerBound)..<\(range.upperBound)")])
    }
  }

  /// The equation with the index counted from 0.
  private func shifted(_ entry: IndexTable.Entry, by shift: Int) -> Diagnostic.Suggestion? {
    func sum(_ offset: Int) -> String {
      offset == 0 ? entry.name.text : "\(entry.name)\(offset > 0 ? "+" : "-")\(abs(offset))"
    }
    var parts: [(range: SourceRange, text: String)] = []
    for use in table.uses where use.id == entry.id {
      if let expression = use.subscriptExpression, let offset = expression.offset(from: entry.name.text) {
        parts.append((expression.range, sum(offset + shift)))
      } else {
        parts.append((use.range, use.subscriptExpression == nil ? "(\(sum(shift)))" : sum(shift)))
      }
    }
    return machine.suggestion(replacing: parts, in: source)
  }

  private func label(_ constraint: IndexConstraint, _ text: String) -> Diagnostic.Label {
    let shape = constraint.shape.map { " : \($0)" } ?? ""
    return .init(
      constraint.read.expression.range, "\(source.text(constraint.read.baseExpression.range))\(shape)      \(text)")
  }

  private func twoSizes(_ index: Int, _ a: IndexConstraint, _ b: IndexConstraint) -> Fault {
    let rows = [a, b].map { constraint in
      let shape = constraint.shape.map { " : \($0)" } ?? ""
      var columns = [
        "\(source.text(constraint.read.baseExpression.range))\(shape)", "",
        "axis \(constraint.axis) gives \(name(index)) = \(constraint.extent)",
      ]
      if machine.depth == 0, let root = constraint.read.baseExpression.rootName,
        let origin = machine.cells[root]?.origin, origin.line > 0
      {
        columns[1] = "line \(origin.line)"
      }
      return (range: constraint.read.expression.range, columns: columns)
    }
    let suggestions = [b, a].lazy.compactMap { swapped($0) }
    return machine.failure(
      "E0203", "index \(name(index)) has two sizes", at: site(b.read.expression.range),
      labels: a.read === b.read ? [] : Diagnostic.labels(rows, in: source),
      suggestions: suggestions.first.map { [$0] } ?? [],
      notes: a.read === b.read
        ? [
          .init(
            "in",
            "\(source.text(a.read.expression.range)): axis \(a.axis) has \(a.extent), axis \(b.axis) has \(b.extent)")
        ]
        : [])
  }

  /// The line with the two subscripts of a read exchanged, if that works.
  private func swapped(_ constraint: IndexConstraint) -> Diagnostic.Suggestion? {
    let items = constraint.read.items
    guard items.count == 2 else { return nil }
    let (first, second) = (source.text(items[0].range), source.text(items[1].range))
    return machine.suggestion(replacing: [(items[0].range, second), (items[1].range, first)], in: source)
  }

  private func site(_ range: SourceRange) -> Fault.Site { Fault.Site(source: source, range: range) }
}

extension Expression {
  /// The number added to a name, where the expression is nothing but such a sum: 1 for `i+1`, 0 for `i`.
  func offset(from name: String) -> Int? {
    switch kind {
    case .name(name): return 0
    case .binary(let op, let left, let right) where op.kind == .add || op.kind == .subtract:
      guard case .name(name) = left.kind, case .number(let number) = right.kind, let whole = Int(exactly: number) else {
        return nil
      }
      return op.kind == .add ? whole : -whole
    default: return nil
    }
  }
}

extension Int {
  /// The quotient rounded down.
  func floorDivided(by divisor: Int) -> Int {
    let quotient = self / divisor
    return quotient * divisor != self && (self < 0) != (divisor < 0) ? quotient - 1 : quotient
  }

  /// The quotient rounded up.
  func ceilingDivided(by divisor: Int) -> Int {
    let quotient = self / divisor
    return quotient * divisor != self && (self < 0) == (divisor < 0) ? quotient + 1 : quotient
  }
}
