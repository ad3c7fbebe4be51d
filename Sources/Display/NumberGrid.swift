/// Numbers in rows and columns, read where they are shown: a matrix of any size costs what is seen of it.
package struct NumberGrid: Sendable {
  package let rows: Int
  package let columns: Int
  package let element: @Sendable (Int, Int) -> Double

  package init(rows: Int, columns: Int, element: @escaping @Sendable (Int, Int) -> Double) {
    self.rows = rows
    self.columns = columns
    self.element = element
  }

  /// A grid of numbers given row by row.
  package init(_ numbers: [[Double]]) {
    self.init(rows: numbers.count, columns: numbers.first?.count ?? 0) { numbers[$0][$1] }
  }

  /// The places of an axis that are shown: all, or the first ones, `nil` for what is left out, and the last.
  ///
  /// Up to `limit` places are shown whole; more of them as corners, three at the beginning unless `limit` leaves less room.
  static func places(_ extent: Int, limit: Int) -> [Int?] {
    if extent <= limit { return Array(0..<extent) }
    return (0..<min(3, max(1, limit - 2))).map { $0 } + [nil, extent - 1]
  }
}
