import Tensors

extension Lowering {
  /// `∂y/∂x`: the derivative of what one name is bound to by what another is, through the lines that led from one to the other.
  ///
  /// - Parameter rank: how many axes `y` must have, where its elements are told apart by indices.
  func partial(
    _ value: Expression, by variable: Expression, _ whole: Expression, _ scope: Scope, rank: Int? = nil
  ) throws -> Code {
    guard let y = value.rootName, let x = variable.rootName else {
      throw failure("E0007", "∂ stands before names", at: whole.range)
    }
    let yCode = try expression(value, scope)
    let xCode = try expression(variable, scope)
    let node = PartialNode(
      machine: machine, source: source, whole: whole, value: value, variable: variable,
      y: (y, place(y, scope)), x: (x, place(x, scope)), valueCode: yCode, variableCode: xCode,
      path: try PartPath(variable, self, scope), rank: rank)
    return { frame in try node.derivative(frame) }
  }

  private func place(_ name: String, _ scope: Scope) -> Location {
    scope.place(name).map { .slot($0) } ?? .cell(machine.cell(name))
  }
}

/// `∂y/∂x` in a text: what takes the derivative, and what its errors need to say.
///
/// The statements that lead from `x` to `y` are run again, each with the values it used when it ran, except that `x` is a variable and
/// what depends on it is tracked; then the engine's gradients give the derivative. So the cost is that of those lines once forward
/// and once backward, for each element of `y`.
struct PartialNode {
  let machine: Machine
  let source: SourceText
  let whole: Expression
  let value: Expression
  let variable: Expression
  let y: (name: String, place: Location)
  let x: (name: String, place: Location)
  let valueCode: Code
  let variableCode: Code
  let path: PartPath
  let rank: Int?

  var site: Fault.Site { Fault.Site(source: source, range: whole.range) }
  var valueText: String { source.text(value.range) }
  var variableText: String { source.text(variable.range) }

  func derivative(_ frame: Frame) throws -> Value {
    // As they are: a name or an index that is wrong is found here.
    let now = try valueCode(frame)
    let by = try variableCode(frame)
    guard by.leaves(machine.elementType) != nil else { throw noNumbers(by: by) }
    guard now.tensor(machine.elementType) != nil else { throw noNumbers(now) }
    if let rank, let shape = now.shape, shape.rank != rank { throw indicesMissing(shape) }
    let (yVersion, xVersion) = (try version(y, value, frame), try version(x, variable, frame))
    if case .sequence(let sequence) = try machine.value(of: xVersion) {
      return try derivative(by: sequence, yVersion, xVersion, frame)
    }
    let lineage = Lineage(from: yVersion, to: xVersion)
    if lineage.isCut { throw cut(yVersion) }
    guard yVersion === xVersion || !lineage.path.isEmpty else { throw independent(yVersion, xVersion) }
    let part = try path.resolve(try machine.value(of: xVersion), frame, self)
    if now.shape?.rank != 0, case .network = part.value { throw jacobianOfNetwork(now) }
    let replay = Replay()
    let isOutermost = machine.gradientDepth == 0
    let (result, variables) = try machine.differentiating {
      machine.replays.append(replay)
      defer { machine.replays.removeLast() }
      var variables: [Tensor] = []
      if !lineage.isInside { replay.set(xVersion, try part.with(&variables, on: machine)) }
      try run(lineage, yVersion, xVersion, replay) { value in
        variables = []
        let changed = try? part.again(value, on: machine).with(&variables, on: machine)
        return changed ?? value
      }
      return (try valueNow(yVersion, frame), variables)
    }
    guard let y = result.tensor(machine.elementType) else { throw noNumbers(result) }
    guard y.isTracked, isOutermost && !lineage.isInside || variables.contains(where: { y.depends(on: $0) }) else {
      // A derivative that does not change has the derivative 0.
      let end = end(yVersion, lineage, replay, variables)
      guard end?.statement.mentionsDerivative == true else {
        throw noDerivative(yVersion, xVersion, lineage, replay, end)
      }
      return try part.derivative(of: y.detached, by: variables, on: machine, keepingGraph: false)
    }
    do {
      return try part.derivative(of: y, by: variables, on: machine, keepingGraph: !isOutermost)
    } catch let error as ShapeError {
      throw machine.shapeFault(error, [], doing: source.text(whole.range), at: site)
    }
  }

  /// Runs the lines of the path again; where one binds `x` itself, `change` makes variables of what it binds.
  func run(
    _ lineage: Lineage, _ y: Version, _ x: Version, _ replay: Replay, changing change: @escaping (Value) -> Value
  ) throws {
    var wanted: [ObjectIdentifier: [Version]] = [:]
    for version in lineage.path.flatMap({ $0.uses.compactMap(\.version) }) + [x, y] {
      guard let origin = version.origin else { continue }
      let known = wanted[ObjectIdentifier(origin), default: []]
      if !known.contains(where: { $0 === version }) { wanted[ObjectIdentifier(origin)] = known + [version] }
    }
    for origin in lineage.path {
      if lineage.isInside, origin === x.origin, case .cell(let cell) = x.place {
        replay.watch = Replay.Watch(cell, change)
      }
      do {
        try machine.rerun(origin, for: wanted[ObjectIdentifier(origin)] ?? [], in: replay)
      } catch let failure as Fault {
        throw inside(origin, failure)
      }
      replay.watch = nil
    }
  }

  /// `y` with its subscripts, as the lines that ran again gave it.
  func valueNow(_ version: Version, _ frame: Frame) throws -> Value {
    let root = try machine.value(of: version)
    switch y.place {
    case .cell(let cell): return try machine.with([(cell, root, version)], of: nil) { try valueCode(frame) }
    case .slot(let slot):
      let before = frame[slot]
      frame[slot] = root
      defer { frame[slot] = before }
      return try valueCode(frame)
    }
  }

  private func version(_ name: (name: String, place: Location), _ expression: Expression, _ frame: Frame) throws
    -> Version
  {
    let found: Version?
    switch name.place {
    case .cell(let cell):
      guard cell.origin != nil else {
        throw machine.failure(
          "E0702", "\(name.name) is built in, not bound by a line",
          at: Fault.Site(source: source, range: expression.range))
      }
      found = machine.version(of: cell)
    case .slot(let slot):
      // A name that is local and not yet bound there is the global one.
      if frame[slot].isNothing {
        return try version((name.name, .cell(machine.cell(name.name))), expression, frame)
      }
      found = machine.recorder.version(name.name, at: slot, frame[slot], on: machine)
    }
    guard let found else {
      throw machine.failure(
        "E0708", "\(name.name) is bound by the line that is running",
        at: Fault.Site(source: source, range: expression.range),
        notes: [.init("hint", "write ∂ in the loop that binds \(name.name), not in a function it calls")])
    }
    return found
  }
}
