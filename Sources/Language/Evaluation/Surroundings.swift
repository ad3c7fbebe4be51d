import Tensors

extension Interpreter {
  /// What an expression gives where some names mean other values than in the session, which stays as it is.
  ///
  /// - Parameters:
  ///   - names: names and what they mean.
  ///   - origin: a remembered statement, whose names mean what they meant when it ran.
  package func value(
    of expression: Expression, in source: SourceText, with names: [(name: String, value: Value)],
    within origin: Origin? = nil, random: RandomGenerator? = nil, movedTo moved: inout RandomGenerator?
  ) throws(Diagnostic) -> Value {
    var end: RandomGenerator?
    defer { moved = end ?? moved }
    return try machine.answering {
      var cells: [(cell: Cell, value: Value, version: Version?)] = []
      for use in origin?.uses ?? [] {
        if let cell = use.version?.cell { cells.append((cell, try machine.value(of: use.version!), use.version)) }
      }
      for (name, value) in names {
        let cell = machine.cell(name)
        cells.append((cell, value, Version(name, at: .cell(cell), value, nil, serial: 0)))
      }
      if let start = random ?? origin?.random { machine.random = start }
      let value = try machine.with(cells, of: origin) { try machine.evaluate(expression, in: source) }
      end = machine.random
      return value
    }
  }

  /// The same, what it draws aside.
  package func value(
    of expression: Expression, in source: SourceText, with names: [(name: String, value: Value)],
    within origin: Origin? = nil
  ) throws(Diagnostic) -> Value {
    var moved: RandomGenerator?
    return try value(of: expression, in: source, with: names, within: origin, movedTo: &moved)
  }
}
