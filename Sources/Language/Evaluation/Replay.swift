import Tensors

/// One derivative `∂y/∂x` being taken: lines run again with `x` as a variable, and what they give.
final class Replay {
  /// What versions are in this run.
  private(set) var values: [ObjectIdentifier: Value] = [:]
  /// A name that a line which is run again binds itself: each value it gets is made the variable anew.
  var watch: Watch?

  final class Watch {
    let cell: Cell
    let change: (Value) -> Value
    /// Set when the line begins: binding the name in anything nested is none of ours.
    var epoch = 0
    var isBound = false

    init(_ cell: Cell, _ change: @escaping (Value) -> Value) {
      self.cell = cell
      self.change = change
    }
  }

  func set(_ version: Version, _ value: Value) { values[ObjectIdentifier(version)] = value }
  func value(of version: Version) -> Value? { values[ObjectIdentifier(version)] }
}

extension Machine {
  /// The value of a version, in the derivatives that are being taken.
  func value(of version: Version) throws -> Value {
    for replay in replays.reversed() {
      if let value = replay.value(of: version) { return value }
    }
    guard !version.isForgotten else {
      throw Fault(
        Diagnostic("E0707", "\(version.name) as it was then is no longer remembered", notes: [Self.forgottenHint]))
    }
    return version.value
  }

  static let forgottenHint = Diagnostic.Note(
    "hint",
    "of names bound again the last \(RetiredVersions.countLimit) values are kept; ∇f takes a derivative without them")

  /// Runs a statement again as it ran, with what it used as it is in the innermost derivative, and without any effect; what it gives
  /// for each of `wanted` is kept there.
  func rerun(_ origin: Origin, for wanted: [Version], in replay: Replay) throws {
    guard let (code, scope) = origin.code else {
      throw Fault(
        Diagnostic("E0707", "what line \(origin.line) used is no longer remembered", notes: [Self.forgottenHint]))
    }
    try poll()
    var cells: [(cell: Cell, value: Value, version: Version?)] = []
    var locals: [(slot: Int, value: Value)] = []
    for use in origin.uses {
      let value = try use.version.map { try self.value(of: $0) }
      switch use.place {
      case .cell(let cell): cells.append((cell, value ?? cell.builtin, use.version))
      case .slot(let slot): if let value { locals.append((slot, value)) }
      }
    }
    try with(cells, of: origin) {
      try isolated {
        random = origin.random
        replay.watch.map(begin)
        _ = try Frame.with(scope.slotCount) { frame in
          for (slot, value) in locals { frame[slot] = value }
          let value = try code(frame)
          if case .expression = origin.statement.kind, !value.isNothing { bind(cell("ans"), value) }
          for version in wanted {
            switch version.place {
            case .cell(let cell): replay.set(version, cell.value)
            case .slot(let slot): replay.set(version, frame[slot])
            }
          }
          return .nothing
        }
      }
    }
  }
}
