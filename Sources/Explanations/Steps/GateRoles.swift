import Language

/// What the gates of a recurrent cell are for, seen from the shape of its equations.
struct GateRoles {
  private(set) var jobs: [String: String] = [:]
  private(set) var cell: String?
  private(set) var output: String?
  private(set) var candidate: String?

  init(_ equations: [(name: String, value: Expression)]) {
    for (name, value) in equations {
      guard case .binary(let plus, let left, let right) = value.kind, plus.kind == .add, let a = Self.factors(left),
        let b = Self.factors(right)
      else { continue }
      // One product holds the value before: what it is multiplied with is what is kept.
      let (kept, written) = [a.0, a.1].contains { Self.base($0) == name } ? (a, b) : (b, a)
      guard let share = [kept.0, kept.1].first(where: { Self.base($0) != name }),
        [kept.0, kept.1].contains(where: { Self.base($0) == name })
      else { continue }
      let names = equations.map(\.name)
      let (keep, write, new) = (Self.base(share), Self.base(written.0), Self.base(written.1))
      if let keep, names.contains(keep) { jobs[keep] = "keep this share of it" }
      if let new, names.contains(new) {
        jobs[new] = write.map(names.contains) == true ? "of this candidate" : "this candidate"
        candidate = new
      }
      if let write, names.contains(write), write != keep { jobs[write] = "write this share" }
      jobs[name] = "the cell after"
      cell = name
    }
    for (name, value) in equations where name != cell {
      guard let (left, right) = Self.factors(value), let cell else { continue }
      for (gate, shown) in [(left, right), (right, left)] {
        guard case .call(_, let arguments) = shown.kind, arguments.first.flatMap({ Self.base($0.value) }) == cell,
          let gate = Self.base(gate)
        else { continue }
        jobs[gate] = "show this share"
        jobs[name] = "the output"
        output = name
      }
    }
    // What a candidate takes of the state before.
    for (name, value) in equations where name == candidate {
      value.walk { part in
        guard let (left, right) = Self.factors(part) else { return }
        for gate in [left, right].compactMap(Self.base)
        where jobs[gate] == nil && equations.contains(where: { $0.name == gate }) {
          jobs[gate] = "use this share of it"
        }
      }
    }
    if output == nil, let cell { jobs[cell] = "the output" }
    if jobs.isEmpty, let last = equations.last { jobs[last.name] = "the output" }
  }

  private static func factors(_ expression: Expression) -> (Expression, Expression)? {
    guard case .binary(let op, let left, let right) = expression.kind, op.kind == .multiply else { return nil }
    return (left, right)
  }

  /// The sequence that an element is of.
  private static func base(_ expression: Expression) -> String? {
    switch expression.kind {
    case .name(let name): name
    case .index(let base, _): base.name?.text
    default: nil
    }
  }
}
