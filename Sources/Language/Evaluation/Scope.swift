/// The names a piece of code can see while it is lowered, and the places they have in its frame.
final class Scope {
  /// The scope around a function, from which it takes values when it is made; nil at the top level.
  let outer: Scope?
  /// Whether names bound here are local: true in a function, false for the blocks of the top level.
  let isFunction: Bool
  private(set) var slotCount = 0
  private var places: [String: Int] = [:]
  /// The variables of the loops around what is being lowered.
  private var loops: [String: Int] = [:]
  /// Places that always hold a value: parameters and loop variables.
  private var filled: Set<Int> = []
  /// What the function takes from around it when it is made.
  private(set) var captures: [(name: String, from: Int, to: Int)] = []
  /// Where the function finds itself, if it is local and calls itself.
  private(set) var ownSlot: Int?
  var ownName: String?

  init(outer: Scope?, isFunction: Bool) {
    self.outer = outer
    self.isFunction = isFunction
  }

  /// A new place for a name; the name means it from now on.
  @discardableResult
  func declare(_ name: String, isFilled: Bool = false) -> Int {
    let slot = slotCount
    slotCount += 1
    places[name] = slot
    if isFilled { filled.insert(slot) }
    return slot
  }

  /// Makes a name mean a place that is there already and always holds a value.
  func alias(_ name: String, at slot: Int) {
    places[name] = slot
    filled.insert(slot)
  }

  /// Runs `body` where a name is the variable of a loop.
  func inLoop<Result>(over name: String, at slot: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = loops[name]
    loops[name] = slot
    defer { loops[name] = before }
    return try body()
  }

  /// The place of a loop's variable; nil if no loop around here has it.
  func loopSlot(_ name: String) -> Int? { loops[name].flatMap { places[name] == $0 ? $0 : nil } }

  /// A place without a name.
  func reserve() -> Int {
    slotCount += 1
    return slotCount - 1
  }

  /// Runs `body` with more names, and takes them away again.
  func with<Result>(_ names: [String], _ body: ([Int]) throws -> Result) rethrows -> Result {
    let before = names.map { places[$0] }
    let slots = names.map { declare($0, isFilled: true) }
    defer {
      for (name, slot) in zip(names, before) { places[name] = slot }
    }
    return try body(slots)
  }

  /// Runs `body` with names that mean places which are there already, and takes them away again.
  func aliasing<Result>(_ names: [(name: String, slot: Int)], _ body: () throws -> Result) rethrows -> Result {
    let before = names.map { places[$0.name] }
    for (name, slot) in names { alias(name, at: slot) }
    defer {
      for (entry, slot) in zip(names, before) { places[entry.name] = slot }
    }
    return try body()
  }

  /// The place of a name in this frame; nil if the name is global.
  func place(_ name: String) -> Int? {
    if let slot = places[name] { return slot }
    guard isFunction, let outer else { return nil }
    if name == ownName, outer.isFunction {
      let slot = declare(name, isFilled: true)
      ownSlot = slot
      return slot
    }
    guard let from = outer.place(name) else { return nil }
    let slot = declare(name)
    captures.append((name, from, slot))
    return slot
  }

  /// The place of a name that this scope itself declared.
  func place(ownLocal name: String) -> Int? { places[name] }

  func isFilled(_ slot: Int) -> Bool { filled.contains(slot) }
}

extension Block {
  /// The names that its statements bind, functions inside not entered.
  package var names: [String] { boundNames }

  /// The names that its statements bind, functions inside not entered.
  var boundNames: [String] {
    statements.flatMap { statement -> [String] in
      switch statement.kind {
      case .expression, .command: []
      case .bind(let targets, _, _): targets.map(\.rootName)
      case .define(let function): [function.name.text + (function.isDerivative ? "'" : "")]
      case .forLoop(_, _, let block), .whileLoop(_, let block), .repeatLoop(_, let block): block.boundNames
      case .conditional(let conditional):
        conditional.arms.flatMap(\.block.boundNames) + (conditional.otherwise?.boundNames ?? [])
      }
    }
  }
}

extension Target {
  /// The name that is bound.
  var rootName: String {
    switch self {
    case .name(let name), .indexed(let name, _, _): name.text
    case .field(let path, _): path.rootName ?? ""
    }
  }
}

extension Expression {
  /// The name at the start of a path such as `net[0].W`; nil if it is none.
  package var rootName: String? {
    switch kind {
    case .name(let name): name
    case .index(let base, _), .field(let base, _): base.rootName
    default: nil
    }
  }
}
