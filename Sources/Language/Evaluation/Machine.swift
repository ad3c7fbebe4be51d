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
  /// What it is bound to, as something that was used; nil until a statement uses it.
  fileprivate(set) var version: Version?
  /// The cell of `f'`, where a derivative by hand of `f` is bound.
  fileprivate weak var derivative: Cell?
  /// The statement that last remembered what the cell held before it.
  fileprivate var epoch = 0

  init(name: String, builtin: Value) {
    self.name = name
    self.builtin = builtin
    value = builtin
  }

  package var isBuiltin: Bool { origin == nil && !builtin.isNothing }
}

/// What everything that runs shares: the names, the random numbers, the settings, and how deep we are.
final class Machine {
  var settings: Settings
  var random: RandomGenerator
  var output: (Document) -> Void = { _ in }
  var progress: (TrainingProgress) -> Void = { _ in }
  /// What the end of a training shows in place of the echo, under the name it is bound to.
  var report: ((_ name: String, _ style: Style) -> Document)?
  /// What the echo begins with where the user stopped a statement that gives what it had reached.
  var stopped: String?
  /// What the echo says of the ranges of an equation, by the name it defines, and of a loop, by its variable.
  var notes: [String: String] = [:]
  /// The number at which a first value was given last.
  var lastPlace = 0
  /// What the name of a failed statement is bound to all the same: a network as it was before the step that failed.
  var kept: Value?
  /// By name the optimiser's step that made its value, and the name of the last; a loop's stands under none.
  var keptSteps: [String: KeptStep] = [:]
  var lastOptimized: String?
  /// Calls not yet returned.
  var depth = 0
  /// Derivatives being taken: inside one, gradients keep their graph.
  var gradientDepth = 0
  /// Whether a suggestion is tried out: nothing is shown, written or trained, and time is short.
  var isTrial = false { didSet { watch() } }
  /// When what runs is to be stopped; nil for never.
  var deadline: ContinuousClock.Instant? { didSet { watch() } }
  /// Whether more than the wish to stop has to be looked at while code runs.
  private var isWatched = false
  private var watchSteps = 0
  /// What a session that is played writes.
  let scratch = ScratchFiles()
  /// Whether nothing is to be shown: what runs now is a suggestion, or ran before.
  var isQuiet: Bool { isTrial || !replays.isEmpty }
  private var trialSteps = 0
  /// Calls deeper than this are taken for recursion without end.
  static let depthLimit = 10_000

  private(set) var cells: [String: Cell] = [:]
  private var epoch = 0
  private var undo: [Before] = []
  /// What finished statements have changed, if that is kept.
  var changes = Changes()
  private var current: Origin?
  /// What is read by the code that is being lowered.
  var readers: [Reads] = []
  /// The local names of the functions that are running, as far as a derivative needs them.
  var recorders: [Recorder] = []
  /// The derivatives `∂y/∂x` being taken, the innermost last.
  var replays: [Replay] = []
  private var retired = RetiredVersions()
  private var serial = 0
  private var stackEnd: UInt = 0

  init(settings: Settings) {
    self.settings = settings
    random = RandomGenerator(seed: settings.seed)
    watch()
  }

  var elementType: ElementType { settings.precision == .f64 ? .float64 : .float32 }
  var style: Style { settings.style }

  /// The statement of the top level that is running.
  var running: Origin? { current }

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
    if name.last == "'" { self.cell(String(name.dropLast())).derivative = cell }
    return cell
  }

  @inline(__always)
  func bind(_ cell: Cell, _ value: Value) {
    if cell.epoch != epoch { return bindFirst(cell, value) }
    cell.value = value
  }

  /// Binds a cell for the first time in a statement, or one that is watched.
  @inline(never)
  private func bindFirst(_ cell: Cell, _ value: Value) {
    if let watch = replays.last?.watch, watch.cell === cell, watch.epoch == epoch {
      if !watch.isBound { remember(cell) }
      watch.isBound = true
      cell.epoch = -1
      cell.value = watch.change(value)
      return
    }
    remember(cell)
    cell.value = value
  }

  private func remember(_ cell: Cell) {
    undo.append(Before(cell))
    cell.epoch = epoch
    if cell.isBuiltin && !isQuiet { note(cell) }
    cell.origin = current
    cell.version = nil
    if let derivative = cell.derivative, !derivative.value.isNothing, derivative.epoch != epoch {
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
    if changes.isKept {
      changes.append(Before(cell))
      if let derivative = cells[name + "'"] { changes.append(Before(derivative)) }
    }
    cell.value = cell.builtin
    cell.origin = nil
    if let version = cell.version { retired.retire(version) }
    cell.version = nil
    cell.derivative?.value = .nothing
    return true
  }

  /// Forgets every value, so that functions and the machine do not hold each other.
  func clearAll() {
    for cell in cells.values {
      cell.value = .nothing
      cell.origin = nil
      cell.version = nil
    }
    cells = [:]
    keptSteps = [:]
    undo = []
    changes.removeAll()
    retired.removeAll()
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
    stopped = nil
    kept = nil
    if !notes.isEmpty { notes = [:] }
    let drawn = random
    depth = 0
    gradientDepth = 0
    stackEnd = Stack.end
    recorders = []
    replays = []
    defer { current = nil }
    do {
      let value = try body()
      commit()
      return value
    } catch let failure as Fault where failure.isStop {
      // Run again it would run to its end, or for ever: what it bound has no past.
      current?.forget()
      commit()
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
    isTrial = true
    trialSteps = 0
    let before = current
    current =
      current ?? Origin(line: 0, source: SourceText(""), statement: Statement(.command("")), random: random)
    defer {
      isTrial = false
      current = before
    }
    return try? isolated(body)
  }

  /// Runs something and takes its every effect back; fails as it fails.
  func isolated<Result>(_ body: () throws -> Result) rethrows -> Result {
    let (savedUndo, savedDepth, savedGradientDepth, savedRecorders) = (undo, depth, gradientDepth, recorders)
    let (savedReport, savedKept, drawn) = (report, kept, random)
    epoch += 1
    undo = []
    recorders = []
    defer {
      rollBack()
      (undo, depth, gradientDepth, recorders) = (savedUndo, savedDepth, savedGradientDepth, savedRecorders)
      (report, kept, random) = (savedReport, savedKept, drawn)
      // Cells remembered before keep their mark; those touched here get a new one when bound again.
      epoch += 1
      for entry in undo { entry.cell.epoch = epoch }
    }
    return try body()
  }

  /// Runs something that is asked between two statements, and takes its every effect back.
  func answering<Result>(_ body: () throws -> Result) throws(Diagnostic) -> Result {
    let (before, shown) = (current, output)
    current = Origin(line: 0, source: SourceText(""), statement: Statement(.command("")), random: random)
    output = { _ in }
    depth = 0
    gradientDepth = 0
    stackEnd = Stack.end
    recorders = []
    replays = []
    defer { (current, output) = (before, shown) }
    do {
      return try isolated(body)
    } catch let fault as Fault {
      if fault.isStop { Interrupt.clear() }
      throw fault.diagnostic
    } catch {
      throw Diagnostic("E0999", "\(error)")
    }
  }

  /// Takes back what finished statements did since a moment; false if that is not remembered any more.
  func goBack(to step: Int) -> Bool { changes.goBack(to: step) }

  /// What a cell was before the running statement.
  struct Before {
    let cell: Cell
    let value: Value
    let origin: Origin?
    let version: Version?

    init(_ cell: Cell) { (self.cell, value, origin, version) = (cell, cell.value, cell.origin, cell.version) }

    func restore() { (cell.value, cell.origin, cell.version) = (value, origin, version) }
  }

  /// What statements have changed, the newest last: each name as it was before.
  struct Changes {
    /// More than this is not kept alive only to be brought back.
    static let byteLimit = 512 << 20
    static let countLimit = 10_000

    var isKept = false
    private var entries: [Before] = []
    /// How many of the oldest are given up.
    private var dropped = 0
    private var byteCount = 0

    /// The number of the next change.
    var end: Int { dropped + entries.count }

    mutating func append(_ entry: Before) {
      entries.append(entry)
      byteCount += entry.value.byteCount
      guard byteCount > Self.byteLimit || entries.count > Self.countLimit else { return }
      var count = 0
      while count < entries.count - 1, byteCount > Self.byteLimit / 2 || entries.count - count > Self.countLimit / 2 {
        byteCount -= entries[count].value.byteCount
        count += 1
      }
      entries.removeFirst(count)
      dropped += count
    }

    mutating func goBack(to step: Int) -> Bool {
      guard step >= dropped, step <= end else { return false }
      while end > step, let entry = entries.popLast() {
        byteCount -= entry.value.byteCount
        entry.restore()
      }
      return true
    }

    /// Gives up what is kept, and goes on to keep what changes from now on.
    mutating func forget() {
      dropped = end
      entries = []
      byteCount = 0
    }

    func names(since step: Int) -> [String] {
      var names: [String] = []
      for entry in entries.dropFirst(max(0, step - dropped))
      where entry.cell.name != "ans" && !names.contains(entry.cell.name) {
        names.append(entry.cell.name)
      }
      return names
    }

    mutating func removeAll() { self = Changes() }
  }

  private func rollBack() {
    for entry in undo.reversed() { entry.restore() }
    undo.removeAll(keepingCapacity: true)
  }

  /// Keeps what a statement did: its names have new versions, the ones before are retired.
  private func commit() {
    if changes.isKept { for entry in undo { changes.append(entry) } }
    for entry in undo {
      entry.cell.version = nil
      if let version = entry.version { retired.retire(version) }
    }
    undo.removeAll(keepingCapacity: true)
    recorders = []
  }

  // MARK: Versions

  /// How many values of names that are bound anew by now are remembered at most.
  var retiredCount: Int { retired.count }

  func nextSerial() -> Int {
    serial += 1
    return serial
  }

  /// Whether the running statement has bound this cell.
  func isBoundNow(_ cell: Cell) -> Bool { cell.epoch == epoch }

  /// What a cell is bound to, as something that is used; nil for what is built in, and for what the running statement binds and
  /// nothing records.
  func version(of cell: Cell) -> Version? {
    if let version = cell.version { return version }
    guard let origin = cell.origin, !isBoundNow(cell), !cell.value.isNothing else { return nil }
    let version = Version(cell.name, at: .cell(cell), cell.value, origin, serial: origin.serial)
    cell.version = version
    return version
  }

  /// Notes that a statement inside the running one has bound this cell, or with nil that it is about to.
  func setVersion(of cell: Cell, to version: Version?) {
    if isBoundNow(cell) { cell.version = version }
  }

  /// From now on in the running statement, each value its cell is bound to is changed first.
  func begin(_ watch: Replay.Watch) {
    watch.epoch = epoch
    watch.isBound = false
    watch.cell.epoch = -1
  }

  /// Runs `body` with cells as they were at another time.
  func with<Result>(
    _ cells: [(cell: Cell, value: Value, version: Version?)], of origin: Origin?, _ body: () throws -> Result
  ) rethrows -> Result {
    let before = cells.map { Before($0.cell) }
    let running = current
    for (cell, value, version) in cells {
      cell.value = value
      cell.version = version
      cell.origin = version.flatMap { $0.origin ?? running }
    }
    if let origin { current = origin }
    defer {
      for entry in before.reversed() { entry.restore() }
      current = running
    }
    return try body()
  }

  // MARK: Limits

  /// Looks whether somebody asked to stop.
  /// - Throws: the failure "stopped".
  @inline(__always)
  func poll() throws {
    if Interrupt.isRequested || isWatched { try slowPoll() }
  }

  @inline(never)
  private func slowPoll() throws {
    if isTrial {
      trialSteps += 1
      if trialSteps > 20_000 { throw Fault.stopped }
    }
    if Interrupt.isRequested { throw Fault.stopped }
    watchSteps &+= 1
    if watchSteps & 63 == 0 && isOverdue { throw Self.overdue }
    if watchSteps & 255 == 0, let (held, limit) = MemoryLimit.excess() {
      throw Fault(
        Diagnostic(
          "E0216", "the session takes \(NumberText.bytes(held)), its limit is \(NumberText.bytes(limit))",
          notes: [.init("limit", "nabla --memory SIZE sets it; what the line had made is let go")]))
    }
  }

  /// Looks anew at what has to be watched.
  func watch() { isWatched = isTrial || deadline != nil || MemoryLimit.hasWhole }

  /// Whether the time that was given is used up.
  var isOverdue: Bool { deadline.map { ContinuousClock.now >= $0 } ?? false }

  static var overdue: Fault { Fault(Diagnostic("E0603", "the time that was given is used up")) }

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
        notes: [.init("hint", "a case that stops: if n < 2 then 1 else n * \(name)(n - 1)")]))
  }
}
