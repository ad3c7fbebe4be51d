import Networks
import Tensors

/// The names that a piece of code reads, found while it is lowered: nothing is recorded when they are read.
final class Reads {
  /// Global names, read by the code itself.
  private(set) var cells = CellSet()
  /// Global names read by functions written in it, when those are called.
  private(set) var cellsOfFunctions = CellSet()
  /// Local names.
  private(set) var slots: [Int: String] = [:]

  func read(_ cell: Cell) { cells.insert(cell) }

  func read(_ name: String, at slot: Int) {
    // Places without a name, such as that of `end`, are filled where they are read.
    if !name.contains("\u{0}") { slots[slot] = name }
  }

  /// A name that is local, or global where nothing is bound there.
  func read(_ cell: Cell, or slot: Int?, _ name: String) {
    if let slot { read(name, at: slot) }
    read(cell)
  }

  /// What a statement inside reads is read.
  func merge(_ inner: Reads) {
    cells.insert(inner.cells.all)
    cellsOfFunctions.insert(inner.cellsOfFunctions.all)
    slots.merge(inner.slots) { $1 }
  }

  /// What a function inside reads is read when it is called; what it takes from around it is read now.
  func merge(function: Reads, captures: [(name: String, slot: Int)]) {
    cellsOfFunctions.insert(function.all)
    for (name, slot) in captures { slots[slot] = name }
  }

  var all: [Cell] { cells.all + cellsOfFunctions.all }
}

/// Cells, each once, in the order in which they came.
struct CellSet {
  private(set) var all: [Cell] = []
  /// Built when there are many: a line reads a few names, and looking at them is faster than hashing.
  private var seen: Set<ObjectIdentifier> = []

  mutating func insert(_ cell: Cell) {
    if all.count < 16 {
      if !all.contains(where: { $0 === cell }) { all.append(cell) }
      return
    }
    if seen.isEmpty { seen = Set(all.map { ObjectIdentifier($0) }) }
    if seen.insert(ObjectIdentifier(cell)).inserted { all.append(cell) }
  }

  mutating func insert(_ cells: [Cell]) {
    for cell in cells { insert(cell) }
  }
}

/// What is known of the local names of one call: which statement of the current pass bound each.
final class Recorder {
  private var versions: [Int: Version] = [:]
  /// Names that a loop or choice is binding: what they are bound to meanwhile is not recorded.
  private var busy: Set<Int> = []
  private var origins: [Origin] = []

  var count: Int { origins.count }

  func add(_ origin: Origin) { origins.append(origin) }

  /// Forgets what a pass has done: its values stay, where they came from does not.
  func forget(from count: Int, slots: [Int]) {
    for origin in origins[count...] { origin.forgetPass(slots) }
    origins.removeSubrange(count...)
    for slot in slots { versions[slot] = nil }
  }

  /// What a local name is bound to, as something that is used.
  func version(_ name: String, at slot: Int, _ value: Value, on machine: Machine) -> Version? {
    if let version = versions[slot] { return version }
    if busy.contains(slot) { return nil }
    let version = Version(name, at: .slot(slot), value, nil, serial: machine.nextSerial())
    versions[slot] = version
    return version
  }

  func begin(_ slot: Int) {
    versions[slot] = nil
    busy.insert(slot)
  }

  func end(_ slot: Int, _ version: Version?) {
    versions[slot] = version
    busy.remove(slot)
  }
}

extension Machine {
  /// The recorder of the running call.
  var recorder: Recorder {
    if let last = recorders.last { return last }
    let first = Recorder()
    recorders = [first]
    return first
  }

  /// Lowers something and tells what it reads; what is around it reads that too.
  func reading<Result>(_ body: () throws -> Result) rethrows -> (Result, Reads) {
    let reads = Reads()
    readers.append(reads)
    defer {
      readers.removeLast()
      readers.last?.merge(reads)
    }
    return (try body(), reads)
  }

  /// The versions of the names that code reads, as they are now; a function that is read reads what it will read when called.
  func uses(_ reads: Reads, _ frame: Frame, literalsToo: Bool) -> [Origin.Use] {
    var uses: [Origin.Use] = []
    var pending = reads.cells
    if literalsToo { pending.insert(reads.cellsOfFunctions.all) }
    for (slot, name) in reads.slots where !frame[slot].isNothing {
      let value = frame[slot]
      uses.append(
        Origin.Use(
          place: .slot(slot),
          version: recorder.version(name, at: slot, value, on: self) ?? passing(name, .slot(slot), value)))
      value.forEachFunction { pending.insert($0.globals) }
    }
    var next = 0
    while next < pending.all.count {
      let cell = pending.all[next]
      next += 1
      let isKnown = cell.origin != nil && !cell.value.isNothing
      let version = isKnown ? version(of: cell) ?? passing(cell.name, .cell(cell), cell.value) : nil
      uses.append(Origin.Use(place: .cell(cell), version: version))
      if isKnown { cell.value.forEachFunction { pending.insert($0.globals) } }
    }
    return uses
  }

  /// A value that a name has in passing, of which nothing more is known.
  private func passing(_ name: String, _ place: Location, _ value: Value) -> Version {
    Version(name, at: place, value, nil, serial: 0)
  }

  /// Notes what a statement uses before it is run.
  func begin(_ origin: Origin, _ reads: Reads, _ code: @escaping Code, _ scope: Scope, _ frame: Frame) {
    let uses = uses(reads, frame, literalsToo: !origin.statement.onlyMakesFunction)
    origin.remember(uses, code, scope, serial: nextSerial())
  }
}

extension Lowering {
  /// The code of a statement in a block that has a `∂` in it: what it uses is remembered, until the block begins again.
  func recorded(_ statement: Statement, _ scope: Scope) throws -> Code {
    let (code, reads) = try machine.reading { try self.statement(statement, scope) }
    let (machine, source) = (machine, source)
    let line = source.lineNumber(at: statement.range.start)
    let bound: [(name: String, place: Location)] = Block([statement]).boundNames.map { name in
      (name, scope.place(name).map { .slot($0) } ?? .cell(machine.cell(name)))
    }
    if bound.isEmpty { return code }
    return { frame in
      let origin = Origin(line: line, source: source, statement: statement, random: machine.random)
      origin.isInner = true
      machine.begin(origin, reads, code, scope, frame)
      let recorder = machine.recorder
      if origin.isCompound {
        for (_, place) in bound {
          switch place {
          case .cell(let cell): machine.setVersion(of: cell, to: nil)
          case .slot(let slot): recorder.begin(slot)
          }
        }
      }
      let value = try code(frame)
      for (name, place) in bound {
        func version(_ value: Value) -> Version? {
          value.isNothing ? nil : Version(name, at: place, value, origin, serial: origin.serial)
        }
        switch place {
        case .cell(let cell): machine.setVersion(of: cell, to: version(cell.value))
        case .slot(let slot): recorder.end(slot, version(frame[slot]))
        }
      }
      recorder.add(origin)
      return value
    }
  }

  /// The body of a loop: what a pass has done is forgotten when the next begins, so that memory stays flat.
  func pass(_ block: Block, _ slots: [Int], _ scope: Scope) throws -> Code {
    let body = try self.block(block, scope)
    guard block.mentionsPartial else { return body }
    let machine = machine
    return { frame in
      let recorder = machine.recorder
      let count = recorder.count
      recorder.forget(from: count, slots: slots)
      defer { recorder.forget(from: count, slots: slots) }
      return try body(frame)
    }
  }
}

extension Block {
  /// Whether a `∂` stands somewhere in it.
  var mentionsPartial: Bool { statements.contains { $0.mentionsPartial } }
}

extension Statement {
  var mentionsPartial: Bool {
    switch kind {
    case .expression(let expression): expression.mentionsPartial
    case .bind(_, let values, let indices):
      values.contains { $0.mentionsPartial } || indices.contains { $0.range?.mentionsPartial == true }
    case .define(let function): function.body.mentionsPartial
    case .forLoop(_, let expression, let block), .whileLoop(let expression, let block),
      .repeatLoop(let expression, let block):
      expression.mentionsPartial || block.mentionsPartial
    case .conditional(let conditional):
      conditional.arms.contains { $0.condition.mentionsPartial || $0.block.mentionsPartial }
        || conditional.otherwise?.mentionsPartial == true
    case .command: false
    }
  }

  /// Whether a derivative stands in it, itself or in one of its blocks.
  var mentionsDerivative: Bool {
    switch kind {
    case .expression(let expression): expression.mentionsDerivative
    case .bind(_, let values, _): values.contains { $0.mentionsDerivative }
    default: mentionsPartial
    }
  }

  /// Whether it does nothing but make a function, which reads global names when it is called and not now.
  var onlyMakesFunction: Bool {
    switch kind {
    case .define: true
    case .bind(_, let values, _): values.allSatisfy { if case .lambda = $0.kind { true } else { false } }
    default: false
    }
  }
}

extension Body {
  var mentionsPartial: Bool {
    switch self {
    case .expression(let expression): expression.mentionsPartial
    case .block(let block): block.mentionsPartial
    }
  }
}

extension Expression {
  var mentionsDerivative: Bool {
    switch kind {
    case .partial, .gradient, .derivative: true
    case .call(let callee, let arguments):
      ["jacobian", "hessian"].contains(callee.name?.text) || callee.mentionsDerivative
        || arguments.contains { $0.value.mentionsDerivative }
    default: children.contains { $0.mentionsDerivative }
    }
  }

  var mentionsPartial: Bool {
    switch kind {
    case .partial: true
    case .lambda(_, let body): body.mentionsPartial
    default: children.contains { $0.mentionsPartial }
    }
  }
}

extension Value {
  /// Calls `visit` for every function of the user in the value, those that other functions are made of included.
  func forEachFunction(_ visit: (UserFunction) -> Void) {
    switch self {
    case .function(let function): function.forEachFunction(visit)
    case .list(let items): for item in items { item.forEachFunction(visit) }
    case .record(let record): for item in record.values { item.forEachFunction(visit) }
    case .network(let network): network.network.layers.forEachFunction(visit)
    default: break
    }
  }
}

extension [any Layer] {
  fileprivate func forEachFunction(_ visit: (UserFunction) -> Void) {
    for layer in self {
      switch layer {
      case let layer as FunctionLayer: (layer.origin as? Caller)?.function.forEachFunction(visit)
      case let layer as Network: layer.layers.forEachFunction(visit)
      case let layer as any CompositeLayer: layer.parts.map(\.layer).forEachFunction(visit)
      default: break
      }
    }
  }
}

extension Function {
  fileprivate func forEachFunction(_ visit: (UserFunction) -> Void) {
    switch kind {
    case .user(let user):
      visit(user)
      for (_, _, value) in user.captures { value.forEachFunction(visit) }
    case .builtin, .schedule: break
    case .composed(let parts): for part in parts { part.forEachFunction(visit) }
    case .gradient(let inner, _), .derivative(let inner): inner.forEachFunction(visit)
    }
  }
}
