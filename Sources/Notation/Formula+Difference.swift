extension Formula {
  /// Both formulas, with the smallest parts marked in which they differ.
  ///
  /// Rows are compared from both ends, so that a part put in or left out marks no more than itself.
  package static func differing(_ left: Formula, _ right: Formula) -> (Formula, Formula) {
    if left == right { return (left, right) }
    switch (left, right) {
    case (.row, _), (_, .row):
      let (a, b) = (left.parts, right.parts)
      let head = zip(a, b).prefix { $0 == $1 }.count
      let tail = min(zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.count, min(a.count, b.count) - head)
      let (middleA, middleB) = (Array(a[head..<(a.count - tail)]), Array(b[head..<(b.count - tail)]))
      func around(_ middle: [Formula], _ whole: [Formula]) -> Formula {
        .joined(whole[..<head] + middle + whole[(whole.count - tail)...])
      }
      if middleA.count == middleB.count {
        let pairs = zip(middleA, middleB).map { differing($0, $1) }
        return (around(pairs.map(\.0), a), around(pairs.map(\.1), b))
      }
      func marked(_ parts: [Formula]) -> [Formula] { parts.isEmpty ? [] : [.marked(.joined(parts))] }
      return (around(marked(middleA), a), around(marked(middleB), b))
    case (.fraction(let upperA, let lowerA), .fraction(let upperB, let lowerB)):
      let (upper, lower) = (differing(upperA, upperB), differing(lowerA, lowerB))
      return (.fraction(upper.0, lower.0), .fraction(upper.1, lower.1))
    case (.root(let a, let degreeA), .root(let b, let degreeB)) where degreeA == degreeB:
      let inner = differing(a, b)
      return (.root(inner.0, degree: degreeA), .root(inner.1, degree: degreeB))
    case (.fenced(let openA, let a, let closeA), .fenced(let openB, let b, let closeB))
    where openA == openB && closeA == closeB:
      let inner = differing(a, b)
      return (.fenced(openA, inner.0, closeA), .fenced(openB, inner.1, closeB))
    case (.grid(let a, let kindA), .grid(let b, let kindB)) where kindA == kindB && a.map(\.count) == b.map(\.count):
      let cells = zip(a, b).map { zip($0, $1).map { differing($0, $1) } }
      return (.grid(cells.map { $0.map(\.0) }, kindA), .grid(cells.map { $0.map(\.1) }, kindB))
    default:
      return (.marked(left), .marked(right))
    }
  }
}
