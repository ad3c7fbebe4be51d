import Language
import Tensors

/// A determinant by its first row: each number times the determinant of what is left without its row and column, the signs in turn.
struct DeterminantLaw: Law {
  let names = ["det"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let operand = call["A"] ?? call.operands.first, let A = try call.around.tensor(operand), A.rank == 2,
      A.shape[0] == A.shape[1], (2...6).contains(A.shape[0]), call.at.isEmpty
    else { return nil }
    let name = operand.name?.text ?? "A"
    if operand.name == nil { call.elements.reads.standings.append("A = \(call.around.text(operand))") }
    let known = Known(name, .tensor(A), .given)
    func read(_ i: Int, _ j: Int) throws -> Calculation {
      try call.elements.read(known, [Coordinate(i), Coordinate(j)], call.around)
    }
    func expanded(_ rows: [Int], _ columns: [Int]) throws -> Calculation {
      if rows.count == 1 { return try read(rows[0], columns[0]) }
      let terms = try columns.enumerated().map { index, column -> Calculation in
        let rest = try expanded(Array(rows.dropFirst()), columns.filter { $0 != column })
        let term = try read(rows[0], column) * rest
        return index % 2 == 0 ? term : .negative(term)
      }
      return .sum(terms)
    }
    let all = Array(0..<A.shape[0])
    guard all.count > 3 else { return try expanded(all, all) }
    // Larger minors are numbers of their own.
    let terms = try all.map { column -> Calculation in
      let rest = self.minor(A, without: 0, column)
      let term = try read(0, column) * .read("M[0,\(column)]", rest)
      return column % 2 == 0 ? term : .negative(term)
    }
    call.elements.reads.standings.append("M[0,j] = det of \(name) without row 0 and column j")
    return .sum(terms)
  }

  private func minor(_ A: Tensor, without row: Int, _ column: Int) -> Double {
    let count = A.shape[0]
    let rows = (0..<count).filter { $0 != row }.map { i in
      (0..<count).filter { $0 != column }.map { A[flat: i * count + $0] }
    }
    return Self.determinant(rows)
  }

  private static func determinant(_ rows: [[Double]]) -> Double {
    if rows.count == 1 { return rows[0][0] }
    return Calculation.added(
      rows[0].indices.map { column in
        let rest = rows.dropFirst().map { row in row.indices.filter { $0 != column }.map { row[$0] } }
        return (column % 2 == 0 ? 1 : -1) * rows[0][column] * determinant(rest)
      })
  }
}

/// The Cholesky factor, row by row: `L[i,j] = (A[i,j] - ∑[k<j] L[i,k]·L[j,k]) / L[j,j]`, on the diagonal a root.
struct CholeskyLaw: Law {
  let names = ["cholesky"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard let operand = call["A"] ?? call.operands.first, let A = try call.around.tensor(operand), A.rank == 2,
      let at = call.at.numbers, at.count == 2, let found = try call.around.tensor(call.expression)
    else { return nil }
    guard at[1] <= at[0] else { return .number(0) }
    let name = operand.name?.text ?? "A"
    let (i, j) = (at[0], at[1])
    let matrix = Known(name, .tensor(A), .given)
    let factor = Known(
      "L", .tensor(found), .expression(call.expression, call.around), asked: "(\(call.around.text(call.expression)))")
    func read(_ known: Known, _ i: Int, _ j: Int) throws -> Calculation {
      try call.elements.read(known, [Coordinate(i), Coordinate(j)], call.around)
    }
    call.elements.reads.standings.append("L = \(call.around.text(call.expression)), L @ Lᵀ = \(name)")
    var sum = try read(matrix, i, j)
    for k in 0..<j {
      sum = try sum - (i == j ? .power(read(factor, i, k), .number(2)) : read(factor, i, k) * read(factor, j, k))
    }
    return i == j ? .root(sum) : try sum / read(factor, j, j)
  }
}

/// The share of rows whose largest number stands at their class.
struct AccuracyLaw: Law {
  let names = ["accuracy"]

  func element(_ call: LawCall) throws -> Calculation? {
    guard call.operands.count == 2, call.at.isEmpty, let p = try call.around.tensor(call.operands[0]),
      let t = try call.around.tensor(call.operands[1]), p.rank == 2, t.rank == 1, t.count == p.shape[0], t.count > 0
    else { return nil }
    let classes = p.shape[1]
    func best(_ row: Int) -> Int {
      (0..<classes).reduce(0) { p[flat: row * classes + $1] > p[flat: row * classes + $0] ? $1 : $0 }
    }
    let name = call.operands[0].isPathText ? call.around.text(call.operands[0]) : "p"
    if name == "p" { call.elements.reads.standings.append("p = \(call.around.text(call.operands[0]))") }
    let target = call.operands[1].name?.text ?? "t"
    if target == "t" { call.elements.reads.standings.append("t = \(call.around.text(call.operands[1]))") }
    let hits = Calculation.Series(
      "n", count: t.count, body: .read("(argmax(\(name)[n]) == \(target)[n])", .nan),
      term: { row in
        .named("(\(best(row)) == \(Int(t[flat: row])))", .number(Double(best(row)) == t[flat: row] ? 1 : 0))
      })
    return .series(hits) / .number(Double(t.count))
  }
}
