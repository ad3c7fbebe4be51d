import Tensors

/// Everything that a name was computed from: the statements behind it, and the values that they used.
package struct Ancestry {
  package let root: Version
  /// The statements, in the order in which they ran; that of the name itself is the last.
  package let origins: [Origin]

  fileprivate init(_ root: Version) {
    self.root = root
    origins = Lineage.origins(behind: root).origins.sorted { $0.serial < $1.serial }
  }

  /// The names of the session that a statement used, in the order in which it reads them; functions and what is built in left aside.
  package static func inputs(of origin: Origin) -> [Version] {
    var seen: Set<ObjectIdentifier> = []
    return origin.uses.compactMap(\.version).filter { version in
      guard version.cell != nil, seen.insert(ObjectIdentifier(version)).inserted else { return false }
      if case .function = version.value { return false }
      return true
    }
  }

  /// Every name that a statement used, functions too, and what it was then.
  package static func everything(of origin: Origin) -> [String: Value] {
    var values: [String: Value] = [:]
    for version in origin.uses.compactMap(\.version) where version.cell != nil { values[version.name] = version.value }
    return values
  }

  /// Values that no other value of the session led to: what was typed, drawn or read. In the order in which they were bound.
  package var leaves: [Version] {
    var seen: Set<ObjectIdentifier> = []
    var leaves: [Version] = []
    for version in origins.flatMap(Self.inputs) + [root]
    where seen.insert(ObjectIdentifier(version)).inserted && Self.isLeaf(version) { leaves.append(version) }
    return leaves.sorted { $0.serial < $1.serial }
  }

  package static func isLeaf(_ version: Version) -> Bool {
    version.origin.map { $0.isForgotten || inputs(of: $0).isEmpty } ?? true
  }

  /// Whether some of what is behind the name is no longer remembered.
  package var isIncomplete: Bool { origins.contains(where: \.isForgotten) }

  /// The statements that a change of some values reaches, in the order in which they ran.
  package func path(from changed: [Version]) -> [Origin] {
    var reached = Set(changed.map { ObjectIdentifier($0) })
    var path: [Origin] = []
    for origin in origins where !changed.contains(where: { $0.origin === origin }) {
      let isReached = origin.uses.contains { use in
        guard let version = use.version else { return false }
        return reached.contains(ObjectIdentifier(version))
          || version.origin.map { reached.contains(ObjectIdentifier($0)) } == true
      }
      guard isReached else { continue }
      reached.insert(ObjectIdentifier(origin))
      path.append(origin)
    }
    return path
  }

  /// The values that the statements of a path bound and that others used, and the name itself, by the statement that bound them.
  package func versions(along path: [Origin]) -> [(origin: Origin, versions: [Version])] {
    var bound: [ObjectIdentifier: [Version]] = [:]
    for version in origins.flatMap({ $0.uses.compactMap(\.version) }) + [root] {
      guard let origin = version.origin else { continue }
      if bound[ObjectIdentifier(origin), default: []].contains(where: { $0 === version }) { continue }
      bound[ObjectIdentifier(origin), default: []].append(version)
    }
    return path.map { ($0, bound[ObjectIdentifier($0)] ?? []) }
  }
}

extension Version {
  /// Larger than that of everything it was computed from.
  package var order: Int { serial }
}

/// What some values would be if others were changed.
package struct Rerun {
  private let replay: Replay

  fileprivate init(_ replay: Replay) { self.replay = replay }

  /// The value in this run; that of the session where the change did not reach it.
  package subscript(version: Version) -> Value { replay.value(of: version) ?? version.value }
}

extension Interpreter {
  /// The value that a name has now, as something that has a past; nil for what is built in.
  package func version(of name: String) -> Version? {
    guard let cell = machine.cells[name] else { return nil }
    // Asked between two statements: the last one is over, so what it bound has a past.
    return try? machine.answering { machine.version(of: cell) }
  }

  /// What a name was computed from; nil for what is built in.
  package func ancestry(of name: String) -> Ancestry? { version(of: name).map { Ancestry($0) } }

  /// What an expression gives, without any effect on the session.
  package func value(of text: String) throws(Diagnostic) -> Value {
    let source = SourceText(text)
    let program = Parser.parse(source)
    if let diagnostic = program.diagnostics.first { throw diagnostic }
    guard program.statements.count == 1, case .expression(let expression) = program.statements[0].kind else {
      throw Diagnostic("E0804", "\(text) is no expression")
    }
    return try value(of: expression, in: source)
  }

  /// What an expression gives, without any effect on the session.
  package func value(of expression: Expression, in source: SourceText) throws(Diagnostic) -> Value {
    try machine.answering { try machine.evaluate(expression, in: source) }
  }

  /// What a part of a remembered statement gave, computed again from what the statement used.
  package func value(of expression: Expression, within origin: Origin) throws(Diagnostic) -> Value {
    try machine.answering {
      var cells: [(cell: Cell, value: Value, version: Version?)] = []
      for use in origin.uses {
        if let cell = use.version?.cell { cells.append((cell, try machine.value(of: use.version!), use.version)) }
      }
      machine.random = origin.random
      return try machine.with(cells, of: origin) { try machine.evaluate(expression, in: origin.source) }
    }
  }

  /// Runs again what a change of some values reaches; the session stays as it is.
  package func rerun(_ ancestry: Ancestry, changing changes: [(version: Version, value: Value)]) throws(Diagnostic)
    -> Rerun
  {
    try machine.answering {
      let replay = Replay()
      try machine.run(ancestry, changes, in: replay)
      return Rerun(replay)
    }
  }

  /// What a name would be if one value of a sequence were another as soon as it is bound, and all that follows it were computed again.
  package func rerun(_ ancestry: Ancestry, changing sequence: Version, at number: Int, to value: Value)
    throws(Diagnostic) -> Value
  {
    try machine.answering { try machine.rerun(ancestry.root, changing: sequence, at: number, to: value) }
  }

  /// The derivatives of a number by some of the values it was computed from, each of the shape of the value: a list where it has parts.
  ///
  /// - Parameter change: what is done to the values first.
  package func gradients(
    of ancestry: Ancestry, by versions: [Version], changing change: (Tensor) -> Tensor = { $0 }
  ) throws(Diagnostic) -> [[Tensor]] {
    try machine.answering {
      let replay = Replay()
      return try machine.differentiating {
        var variables: [[Tensor]] = []
        var changes: [(version: Version, value: Value)] = []
        for version in versions {
          let leaves = (version.value.leaves(machine.elementType) ?? []).map { change($0.detached).variable() }
          variables.append(leaves)
          var rest = leaves[...]
          changes.append((version, version.value.replacingLeaves(&rest)))
        }
        try machine.run(ancestry, changes, in: replay)
        guard let y = try machine.value(of: ancestry.root, in: replay).tensor(machine.elementType), y.count == 1 else {
          throw Fault(Diagnostic("E0703", "\(ancestry.root.name) is not one number"))
        }
        let all = variables.flatMap { $0 }
        var flows =
          (y.isTracked ? Tensors.gradients(of: y, withRespectTo: all) : all.map { .zeros($0.shape, $0.elementType) })[
            ...]
        return variables.map { own in
          defer { flows = flows.dropFirst(own.count) }
          return Array(flows.prefix(own.count))
        }
      }
    }
  }
}

extension Machine {
  /// Evaluates an expression outside of any statement.
  func evaluate(_ expression: Expression, in source: SourceText) throws -> Value {
    let scope = Scope(outer: nil, isFunction: false)
    let code = try Lowering(machine: self, source: source).expression(expression, scope)
    return try Frame.with(scope.slotCount, code)
  }

  fileprivate func value(of version: Version, in replay: Replay) throws -> Value {
    try replay.value(of: version) ?? value(of: version)
  }

  fileprivate func rerun(_ root: Version, changing sequence: Version, at number: Int, to value: Value) throws -> Value {
    let source = Lineage.source(of: number, in: sequence)
    let lineage = Lineage(from: root, to: source, isSequence: true)
    let watch = SequenceWatch(number) { _ in (value, []) }
    let replay = Replay()
    if !lineage.isInside { replay.set(source, watch.changing(source.value)) }
    replays.append(replay)
    defer { replays.removeLast() }
    let versions = lineage.path.flatMap { $0.uses.compactMap(\.version) } + [source, root]
    for origin in lineage.path {
      if lineage.isInside, origin === source.origin, case .cell(let cell) = source.place {
        replay.watch = Replay.Watch(cell) { watch.changing($0) }
      }
      var wanted: [Version] = []
      for version in versions where version.origin === origin && !wanted.contains(where: { $0 === version }) {
        wanted.append(version)
      }
      try rerun(origin, for: wanted, in: replay)
      replay.watch = nil
    }
    return replay.value(of: root) ?? root.value
  }

  /// Runs the statements that the changes reach, and keeps what they give.
  fileprivate func run(_ ancestry: Ancestry, _ changes: [(version: Version, value: Value)], in replay: Replay) throws {
    for (version, value) in changes { replay.set(version, value) }
    replays.append(replay)
    defer { replays.removeLast() }
    for (origin, versions) in ancestry.versions(along: ancestry.path(from: changes.map(\.version))) {
      try rerun(origin, for: versions, in: replay)
    }
  }
}
