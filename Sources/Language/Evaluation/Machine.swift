import Display
import KernelInterface
import Tensors

/// An expression or statement ready to run: the tree is walked once, when it is lowered, and names have become places.
typealias Code = (Frame) throws -> Value

/// The local values of one call: a stretch of memory as long as the call lasts.
struct Frame {
  let slots: UnsafeMutablePointer<Value>

  @inline(__always)
  subscript(slot: Int) -> Value {
    get { slots[slot] }
    nonmutating set { slots[slot] = newValue }
  }

  /// Lends a frame of `count` empty places.
  @inline(__always)
  static func with(_ count: Int, _ body: (Frame) throws -> Value) throws -> Value {
    try withUnsafeTemporaryAllocation(of: Value.self, capacity: max(count, 1)) { memory in
      let slots = memory.baseAddress.unsafelyUnwrapped
      slots.initialize(repeating: .nothing, count: count)
      defer { slots.deinitialize(count: count) }
      return try body(Frame(slots: slots))
    }
  }
}

/// A global name and what it is bound to. Code holds the cell, so that using a name costs no search.
package final class Cell {
  package let name: String
  /// `.nothing` while the name is not bound.
  package fileprivate(set) var value: Value = .nothing
  /// The line that bound it; nil for what is built in.
  package fileprivate(set) var origin: Origin?
  /// What the name means if nobody binds it.
  let builtin: Value
  /// The statement that last remembered what the cell held before it.
  fileprivate var epoch = 0

  init(name: String, builtin: Value) {
    self.name = name
    self.builtin = builtin
    value = builtin
  }

  package var isBuiltin: Bool { origin == nil && !builtin.isNothing }
}

/// The line that bound a name: what it was, and where the random numbers stood, so that it can be run again.
package final class Origin {
  package let line: Int
  package let source: SourceText
  package let statement: Statement
  package let random: RandomGenerator

  init(line: Int, source: SourceText, statement: Statement, random: RandomGenerator) {
    self.line = line
    self.source = source
    self.statement = statement
    self.random = random
  }
}

/// What everything that runs shares: the names, the random numbers, the settings, and how deep we are.
final class Machine {
  var settings: Settings
  var random: RandomGenerator
  var output: (Document) -> Void = { _ in }
  var progress: (TrainingProgress) -> Void = { _ in }
  /// What the end of a training shows in place of the echo, under the name it is bound to.
  var report: ((_ name: String, _ style: Style) -> Document)?
  /// What the echo says of the ranges of an equation, by the name it defines, and of a loop, by its variable.
  var notes: [String: String] = [:]
  /// The number at which a first value was given last.
  var lastPlace = 0
  /// What the name of a failed statement is bound to all the same: a network as it was before the step that failed.
  var kept: Value?
  /// Calls not yet returned.
  var depth = 0
  /// Derivatives being taken: inside one, gradients keep their graph.
  var gradientDepth = 0
  /// Whether a suggestion is tried out: nothing is shown, written or trained, and time is short.
  var isTrial = false
  private var trialSteps = 0
  /// Calls deeper than this are taken for recursion without end.
  static let depthLimit = 10_000

  private(set) var cells: [String: Cell] = [:]
  private var epoch = 0
  private var undo: [(cell: Cell, value: Value, origin: Origin?)] = []
  private var current: Origin?
  private var stackEnd: UInt = 0

  init(settings: Settings) {
    self.settings = settings
    random = RandomGenerator(seed: settings.seed)
  }

  var elementType: ElementType { settings.precision == .f64 ? .float64 : .float32 }
  var style: Style { settings.style }

  /// The one name that the running statement binds.
  var currentTarget: String? {
    guard case .bind(let targets, _, _)? = current?.statement.kind, targets.count == 1,
      case .name(let name) = targets[0]
    else { return nil }
    return name.text
  }

  // MARK: Names

  /// The cell of a name, made if there is none yet.
  func cell(_ name: String) -> Cell {
    if let cell = cells[name] { return cell }
    let cell = Cell(name: name, builtin: BuiltinCatalogue.value(named: name) ?? .nothing)
    cells[name] = cell
    return cell
  }

  @inline(__always)
  func bind(_ cell: Cell, _ value: Value) {
    if cell.epoch != epoch { remember(cell) }
    cell.value = value
  }

  @inline(never)
  private func remember(_ cell: Cell) {
    undo.append((cell, cell.value, cell.origin))
    cell.epoch = epoch
    if cell.isBuiltin && !isTrial { note(cell) }
    cell.origin = current
    if let derivative = cells[cell.name + "'"], !derivative.value.isNothing, derivative.epoch != epoch {
      bind(derivative, .nothing)
    }
  }

  private func note(_ cell: Cell) {
    if cell.name == "ans" { return }
    output(
      Document([
        Line("  \(cell.name) was built in; :clear \(cell.name) gives it back", .dim)
      ]))
  }

  /// Takes a name's binding away; a built-in gets its meaning back.
  func clear(_ name: String) -> Bool {
    guard let cell = cells[name], cell.origin != nil else { return false }
    cell.value = cell.builtin
    cell.origin = nil
    cells[name + "'"]?.value = .nothing
    return true
  }

  /// Forgets every value, so that functions and the machine do not hold each other.
  func clearAll() {
    for cell in cells.values { cell.value = .nothing }
    cells = [:]
    undo = []
  }

  /// How many names the running statement, or the last one, could give back.
  var remembered: Int { undo.count }

  // MARK: Statements

  /// Runs one statement of the top level: if it fails, every name is as it was and its random draws are given back.
  func transaction(_ origin: Origin, _ body: () throws -> Value) throws -> Value {
    epoch += 1
    undo.removeAll(keepingCapacity: true)
    current = origin
    report = nil
    kept = nil
    if !notes.isEmpty { notes = [:] }
    let drawn = random
    depth = 0
    gradientDepth = 0
    stackEnd = Stack.end
    defer { current = nil }
    do {
      let value = try body()
      undo.removeAll(keepingCapacity: true)
      return value
    } catch let failure as Fault where failure.isStop {
      undo.removeAll(keepingCapacity: true)
      throw failure
    } catch {
      rollBack()
      random = drawn
      throw error
    }
  }

  /// Runs something whose every effect is taken back: a suggestion, before it is shown. Nil if it fails or takes long.
  func trial<Result>(_ body: () throws -> Result) -> Result? {
    if isTrial { return nil }
    let (savedEpoch, savedUndo, savedCurrent, savedDepth, savedGradientDepth) =
      (epoch, undo, current, depth, gradientDepth)
    let drawn = random
    epoch += 1
    undo = []
    isTrial = true
    trialSteps = 0
    current =
      current ?? Origin(line: 0, source: SourceText(""), statement: Statement(.command("")), random: drawn)
    defer {
      rollBack()
      (undo, current, depth, gradientDepth) = (savedUndo, savedCurrent, savedDepth, savedGradientDepth)
      // Cells remembered before the trial keep their mark; those touched in it get a new one when bound again.
      epoch += 1
      for entry in undo { entry.cell.epoch = epoch }
      _ = savedEpoch
      random = drawn
      isTrial = false
    }
    return try? body()
  }

  private func rollBack() {
    for entry in undo.reversed() {
      entry.cell.value = entry.value
      entry.cell.origin = entry.origin
    }
    undo.removeAll(keepingCapacity: true)
  }

  // MARK: Limits

  /// Looks whether somebody asked to stop.
  /// - Throws: the failure "stopped".
  @inline(__always)
  func poll() throws {
    if Interrupt.isRequested || isTrial { try slowPoll() }
  }

  @inline(never)
  private func slowPoll() throws {
    if isTrial {
      trialSteps += 1
      if trialSteps > 20_000 { throw Fault.stopped }
    }
    if Interrupt.isRequested { throw Fault.stopped }
  }

  /// Enters a call, or finds that there are too many.
  @inline(__always)
  func enter(_ function: Function) throws {
    if depth >= Self.depthLimit || Stack.position < stackEnd { throw tooDeep(function) }
    try poll()
    depth += 1
  }

  @inline(__always)
  func leave() { depth -= 1 }

  @inline(never)
  private func tooDeep(_ function: Function) -> Fault {
    let name = function.name.isEmpty ? "the function" : function.name
    return Fault(
      Diagnostic(
        "E0501", "\(name) calls itself without end: \(depth) calls deep",
        notes: [.init("hint", "a recursion needs a case that stops: if n < 2 then 1 else n * \(name)(n - 1)")]))
  }
}
