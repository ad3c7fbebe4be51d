import Language
import Tensors

/// Subscripts of an expression at one element: where `x[i+1, :]` leads.
extension Elements {
  func index(
    _ base: Expression, _ items: [Subscript], _ whole: Expression, _ at: [Coordinate], _ around: Meanings
  ) throws -> Calculation {
    var rest = at
    var places: [Coordinate] = []
    let isNetwork: Bool = if case .network? = try? around.value(base) { true } else { false }
    if isNetwork { return try self.whole(whole, at, around) }
    let hasRest = items.contains { if case .rest = $0.kind { true } else { false } }
    let rank = try hasRest || items.contains { $0.value?.isPlainIndex == false } ? extents(base, around).count : nil
    for item in items {
      switch item.kind {
      case .all:
        guard !rest.isEmpty else { return try self.whole(whole, at, around) }
        places.append(rest.removeFirst())
      case .rest:
        let count = max(0, (rank ?? 0) - (items.count - 1))
        places += rest.prefix(count)
        rest.removeFirst(min(count, rest.count))
      case .new:
        if !rest.isEmpty { rest.removeFirst() }
      case .value(let expression):
        guard let place = try place(expression, &rest, axis: places.count, of: base, around) else {
          return try self.whole(whole, at, around)
        }
        places.append(place)
      }
    }
    return try element(base, places + rest, around)
  }

  /// Where a subscript leads: a number, a letter, a place in a range or in a list of places.
  private func place(
    _ expression: Expression, _ rest: inout [Coordinate], axis: Int, of base: Expression, _ around: Meanings
  ) throws -> Coordinate? {
    if case .name(let name) = expression.kind, let place = around.letters[name] { return place }
    if expression.uses(around.letters), around.letters.contains(where: { $1.number == nil && expression.mentions($0) })
    {
      // With letters in it, a subscript keeps its text; what can be calculated is.
      return Coordinate(around.text(expression.substituting(around.letters)).filter { $0 != " " }, nil)
    }
    if case .binary(let op, let low, _) = expression.kind, op.kind == .rangeUpTo || op.kind == .rangeThrough {
      guard !rest.isEmpty, case .number(let start) = try around.value(low) else { return nil }
      let inner = rest.removeFirst()
      return inner.number.map { Coordinate(Int(start) + $0) }
        ?? Coordinate(start == 0 ? inner.text : "\(Int(start))+\(inner.text)", nil)
    }
    let isEnd = expression.hasEnd
    if isEnd {
      let extents = try extents(base, around)
      guard axis < extents.count else { return nil }
      let replaced = expression.replacing { if case .end = $0.kind { .number(Double(extents[axis] - 1)) } else { nil } }
      return Self.whole(try around.value(replaced.at(SourceRange(-1 - axis, -1 - axis))))
    }
    let value = try around.value(expression)
    if let place = Self.whole(value) { return place }
    guard !expression.isComparison, let tensor = value.numbers(around.interpreter.elementType), tensor.rank == 1,
      let inner = rest.first?.number,
      inner < tensor.count
    else { return nil }
    rest.removeFirst()
    return Coordinate(Int(tensor[flat: inner]))
  }

  private static func whole(_ value: Value) -> Coordinate? {
    guard case .number(let number) = value, let whole = Int(exactly: number) else {
      if case .tensor(let tensor) = value, tensor.rank == 0, let whole = Int(exactly: tensor[flat: 0]) {
        return Coordinate(whole)
      }
      return nil
    }
    return Coordinate(whole)
  }
}

extension Meanings {
  /// The same with 0 for every letter that has no number: for shapes.
  var filled: Meanings {
    with(letters: letters.filter { $0.value.number == nil }.mapValues { _ in Coordinate(0) })
  }

  /// The ranges of the letters of a sum.
  func letterRanges(_ sum: Expression) throws(Diagnostic) -> [Interpreter.LetterRange] {
    let around = filled
    var names: [(name: String, value: Value)] = []
    for (name, known) in locals where around.letters[name] == nil && sum.mentions(name) {
      names.append((name, try known.value()))
    }
    for (name, place) in around.letters where sum.mentions(name) {
      names.append((name, .number(Double(place.number ?? 0))))
    }
    return try interpreter.ranges(of: sum, in: source, letters: [], stated: [], where: names, within: origin)
  }
}
