import Display
import Language
import Tensors

/// The answer for a number that an algorithm found: the equation that makes it right, with its numbers.
///
/// Nobody inverts a matrix of four rows by hand, but anybody can multiply one row by one column and see that `A @ A⁻¹` is `I`.
///
/// | built-in | equation |
/// |---|---|
/// | `inv` | `(A @ B)[j,j] = 1` |
/// | `solve` | `(A @ x)[i] = b[i]` |
/// | `qr` | `(Q @ R)[i,j] = A[i,j]` |
/// | `eigh` | `(A @ V)[i,j] = λ[j]·V[i,j]` |
/// | `svd` | `(A @ V)[i,j] = s[j]·U[i,j]` |
struct IdentityAnswer {
  let why: Why

  private var style: Style { why.style }

  /// One side of the equation as a calculation, what it must give, and what the letters stand for.
  private struct Identity {
    var law: String
    var subject: String
    var left: Calculation
    /// The other side, where it is a calculation of its own.
    var right: (subject: String, calculation: Calculation)?
    /// `and A[0,1] is 2 too`
    var verdict: String
    var standings: [String]
  }

  static let names: Set<String> = ["inv", "solve", "qr", "eigh", "svd"]

  /// Nil for other built-ins, for operands that are no matrices, and where the numbers do not keep the equation.
  func document(_ question: Why.Question, _ call: LawCall, _ value: Double) throws -> Document? {
    guard Self.names.contains(call.builtin.name), let first = call.operands.first,
      let A = try call.around.tensor(first),
      A.rank == 2, let at = call.at.numbers,
      let identity = try identity(call, question, A.cast(to: .float64), at)
    else { return nil }
    let (left, right) = (identity.left, identity.right?.calculation)
    if let right {
      let scale = max(left.value.magnitude, right.value.magnitude, 1)
      guard (left.value - right.value).magnitude < 1e-3 * scale else { return nil }
    }
    var document = Document()
    document.append(Line("  \(identity.law)".shown(style), .dim, margin: call.builtin.name))
    document.append(contentsOf: why.standings(identity.standings))
    document.append(Line())
    document.append("  \(question.subject.shown(style), .name) = \(style.number(value), .result)")
    document.append(Line())
    document.append(left.ladder(identity.subject, style).document(style))
    if let right = identity.right {
      document.append(right.calculation.ladder(right.subject, style, law: []).document(style))
    }
    document.append(Line())
    document.append("  \(identity.verdict.shown(style))")
    return document
  }

  private func identity(_ call: LawCall, _ question: Why.Question, _ A: Tensor, _ at: [Int]) throws -> Identity? {
    let around = call.around
    guard let first = call.operands.first else { return nil }
    let a = first.name?.text ?? "A"
    var standings = a == first.name?.text ? [] : ["A = \(around.text(first))"]
    let whole = try around.value(call.expression)
    func part(_ index: Int) -> Tensor? {
      guard case .list(let parts) = whole, parts.indices.contains(index) else { return nil }
      return parts[index].numbers(.float64)?.cast(to: .float64)
    }
    func number(_ tensor: Tensor, _ places: [Int]) -> Double {
      tensor[flat: zip(places, tensor.shape.dimensions).reduce(0) { $0 * $1.1 + $1.0 }]
    }
    func text(_ name: String, _ places: [Int]) -> String { name + places.map { Coordinate($0) }.text }
    func read(_ name: String, _ tensor: Tensor, _ places: [Int]) -> Calculation {
      .read(text(name, places), number(tensor, places))
    }
    /// Row `i` of one times column `j` of the other.
    func product(_ x: (String, Tensor), _ y: (String, Tensor), _ i: Int, _ j: Int?) -> Calculation {
      let column = j.map { ",\($0)" } ?? ""
      return .series(
        .init(
          "k", count: x.1.shape[1], body: .product([.read("\(x.0)[\(i),k]", .nan), .read("\(y.0)[k\(column)]", .nan)]),
          term: { k in .product([read(x.0, x.1, [i, k]), read(y.0, y.1, [k] + (j.map { [$0] } ?? []))]) }))
    }
    switch call.builtin.name {
    case "inv":
      guard at.count == 2, let B = whole.numbers(.float64)?.cast(to: .float64) else { return nil }
      let j = at[1]
      return Identity(
        law: "\(a) @ B = I:  (\(a) @ B)[i,j] = ∑[k] \(a)[i,k]·B[k,j] is 1 if i = j, else 0",
        subject: "(\(a) @ B)[\(j),\(j)]", left: product((a, A), ("B", B), j, j),
        verdict: "it stands in column \(j) of B, and row \(j) of \(a) times that column is 1",
        standings: standings + ["B = \(around.text(call.expression))"])
    case "solve":
      guard let second = call.operands.dropFirst().first, let b = try around.tensor(second)?.cast(to: .float64),
        let x = whole.numbers(.float64)?.cast(to: .float64), b.rank == at.count, b.rank <= 2
      else { return nil }
      let right = second.name?.text ?? "b"
      if second.name == nil { standings.append("b = \(around.text(second))") }
      let (i, column) = (at[0], at.dropFirst().first)
      let places = [i] + (column.map { [$0] } ?? [])
      return Identity(
        law: "x = solve(\(a), \(right)) is what solves \(a) @ x = \(right)",
        subject: "(\(a) @ x)\(places.map { Coordinate($0) }.text)",
        left: product((a, A), ("x", x), i, column),
        verdict: "and \(text(right, places)) is \(style.number(number(b, places)))",
        standings: standings + ["x = \(around.text(call.expression))"])
    case "qr":
      guard at.count == 3, let Q = part(0), let R = part(1), at[2] < A.shape[1] else { return nil }
      let (i, j) = (at[1], at[2])
      return Identity(
        law: "Q @ R = \(a);  the columns of Q are orthonormal, R is 0 below its diagonal",
        subject: "(Q @ R)[\(i),\(j)]", left: product(("Q", Q), ("R", R), i, j),
        verdict: "and \(text(a, [i, j])) is \(style.number(number(A, [i, j])))",
        standings: standings + ["(Q, R) = \(around.text(call.expression))"])
    case "eigh":
      guard let values = part(0), let V = part(1), A.shape[0] == A.shape[1] else { return nil }
      let j = at[0] == 0 ? at[1] : at[2]
      let i = at[0] == 0 ? largest(V, j) : at[1]
      return Identity(
        law: "\(a) @ v = λ·v:  \(a) only stretches its eigenvectors, the columns of V",
        subject: "(\(a) @ V)[\(i),\(j)]", left: product((a, A), ("V", V), i, j),
        right: ("λ[\(j)]·V[\(i),\(j)]", .product([read("λ", values, [j]), read("V", V, [i, j])])),
        verdict: "both are the same: the eigenvector times \(style.number(number(values, [j])))",
        standings: standings + ["(λ, V) = \(around.text(call.expression))"])
    case "svd":
      guard let U = part(0), let s = part(1), let V = part(2) else { return nil }
      let j = at[0] == 1 ? at[1] : at[2]
      let i = at[0] == 0 ? at[1] : largest(U, j)
      return Identity(
        law: "\(a) @ V = U ⊙ s:  a column of V becomes that of U, stretched by s",
        subject: "(\(a) @ V)[\(i),\(j)]", left: product((a, A), ("V", V), i, j),
        right: ("s[\(j)]·U[\(i),\(j)]", .product([read("s", s, [j]), read("U", U, [i, j])])),
        verdict: "both are the same: column \(j) of U times \(style.number(number(s, [j])))",
        standings: standings + ["(U, s, V) = \(around.text(call.expression))"])
    default: return nil
    }
  }

  /// The row in which a column has its largest number.
  private func largest(_ tensor: Tensor, _ column: Int) -> Int {
    let columns = tensor.shape[1]
    return (0..<tensor.shape[0]).max {
      tensor[flat: $0 * columns + column].magnitude < tensor[flat: $1 * columns + column].magnitude
    } ?? 0
  }
}
