import Tensors

/// A statement that has run: the line that bound a name, what it used, and where the random numbers stood, so that it can be run again.
///
/// `∂y/∂x` goes from `y` back through the origins of what it used, until it finds the version of `x` that is bound now.
package final class Origin {
  package let line: Int
  package let source: SourceText
  package let statement: Statement
  package let random: RandomGenerator
  /// What it read: each name, and the version of it that it found.
  fileprivate(set) var uses: [Use] = []
  /// What runs it, and the scope that says how large its frame is.
  fileprivate(set) var code: (run: Code, scope: Scope)?
  /// Whether it is a statement inside a loop, a choice or a function, and not a line.
  var isInner = false
  /// Larger than that of everything it used.
  fileprivate(set) var serial = 0
  /// Whether it belongs to an earlier pass of a loop, or is too long ago: what it used is not remembered.
  package fileprivate(set) var isForgotten = false
  /// If it belongs to an earlier pass of a loop: what it was computed from that was there before the loop.
  private(set) var ancestors: [Version] = []

  init(line: Int, source: SourceText, statement: Statement, random: RandomGenerator) {
    self.line = line
    self.source = source
    self.statement = statement
    self.random = random
  }

  /// A name as the statement found it; without a version it was built in, or not bound.
  struct Use {
    let place: Location
    let version: Version?
  }

  /// Whether it is a loop or a choice: it may use what it binds itself.
  package var isCompound: Bool {
    switch statement.kind {
    case .forLoop, .whileLoop, .repeatLoop, .conditional: true
    default: false
    }
  }

  /// The first line of its text.
  package var text: String { source.text(statement.range).firstLine }

  func remember(_ uses: [Use], _ code: @escaping Code, _ scope: Scope, serial: Int) {
    self.uses = uses
    self.code = (code, scope)
    self.serial = serial
  }

  /// Forgets what an earlier pass of a loop used, but not what it was computed from.
  ///
  /// - Parameter slots: the places of the loop's variables, which each pass binds anew.
  func forgetPass(_ slots: [Int]) {
    var known: [ObjectIdentifier: Version] = [:]
    for version in uses.compactMap(\.version) {
      if let origin = version.origin, origin.isForgotten {
        for ancestor in origin.ancestors { known[ObjectIdentifier(ancestor)] = ancestor }
      } else if version.origin != nil || !version.isPassing(slots) {
        known[ObjectIdentifier(version)] = version
      }
    }
    ancestors = Array(known.values)
    forget()
  }

  func forget() {
    var released = uses.compactMap(\.version)
    uses = []
    code = nil
    isForgotten = true
    Version.release(&released)
  }

  deinit {
    var released = uses.compactMap(\.version)
    uses = []
    Version.release(&released)
  }
}

/// Where a name stands: a cell if it is global, a slot of the frame if it is local.
enum Location: Hashable {
  case cell(Cell)
  case slot(Int)

  static func == (left: Location, right: Location) -> Bool {
    switch (left, right) {
    case (.cell(let a), .cell(let b)): a === b
    case (.slot(let a), .slot(let b)): a == b
    default: false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .cell(let cell): hasher.combine(ObjectIdentifier(cell))
    case .slot(let slot): hasher.combine(slot)
    }
  }
}

/// One value that a name had, kept while something that was computed from it is kept.
package final class Version {
  package let name: String
  let place: Location
  /// `.nothing` if it is forgotten.
  package private(set) var value: Value
  /// The statement that bound it; nil for an argument, a variable of a loop, a name taken from around a function.
  package fileprivate(set) var origin: Origin?
  /// A statement that used it has a larger number.
  let serial: Int
  package private(set) var isForgotten = false

  init(_ name: String, at place: Location, _ value: Value, _ origin: Origin?, serial: Int) {
    self.name = name
    self.place = place
    self.value = value
    self.origin = origin
    self.serial = serial
  }

  /// Whether it is a loop's variable, or was made for one use only.
  fileprivate func isPassing(_ slots: [Int]) -> Bool {
    if case .slot(let slot) = place, slots.contains(slot) { true } else { serial == 0 }
  }

  func forget() {
    value = .nothing
    isForgotten = true
    origin?.forget()
  }

  /// Releases versions, and what their origins used, without recursion: a name bound again a thousand times is a long chain.
  static func release(_ versions: inout [Version]) {
    while var version = versions.popLast() {
      guard isKnownUniquelyReferenced(&version), version.origin != nil,
        isKnownUniquelyReferenced(&version.origin!)
      else { continue }
      versions += version.origin!.uses.compactMap(\.version)
      version.origin!.uses = []
    }
  }
}

/// Versions whose names are bound to something else by now: the oldest are forgotten when there are too many.
///
/// Without a limit, `w = w - 0.1 * g` typed again and again would keep every `w` there ever was.
struct RetiredVersions {
  private struct Entry {
    weak var version: Version?
    let byteCount: Int
  }

  static let countLimit = 10_000
  static let byteLimit = 1 << 30

  private var entries: [Entry] = []
  private var byteCount = 0

  var count: Int { entries.count }

  mutating func retire(_ version: Version) {
    entries.append(Entry(version: version, byteCount: version.value.byteCount))
    byteCount += entries[entries.count - 1].byteCount
    if entries.count > Self.countLimit || byteCount > Self.byteLimit { shrink() }
  }

  /// Drops what nothing uses any more, and if that is not enough forgets the oldest until a quarter of the room is free.
  private mutating func shrink() {
    entries.removeAll { $0.version == nil }
    byteCount = entries.reduce(0) { $0 + $1.byteCount }
    guard entries.count > Self.countLimit * 3 / 4 || byteCount > Self.byteLimit / 4 * 3 else { return }
    var end = 0
    while entries.count - end > Self.countLimit * 3 / 4 || byteCount > Self.byteLimit / 4 * 3, end < entries.count {
      byteCount -= entries[end].byteCount
      entries[end].version?.forget()
      end += 1
    }
    entries.removeFirst(end)
  }

  mutating func removeAll() { self = RetiredVersions() }
}
