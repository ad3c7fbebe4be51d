import Tensors

/// What lies between two names.
struct Lineage {
  /// The statements that lead from `x` to `y`, in the order in which they ran.
  private(set) var path: [Origin] = []
  /// Whether `x` is bound inside a loop that also binds what `y` was computed from.
  private(set) var isInside = false

  init(from y: Version, to x: Version) {
    guard y !== x else { return }
    // What ran before `x` was bound cannot have used it.
    let origins = Self.origins(behind: y, since: x.serial).origins
    var leading: Set<ObjectIdentifier> = []
    for origin in origins.sorted(by: { $0.serial < $1.serial }) {
      let bindsBoth = origin === x.origin && origin.isCompound && x.cell != nil
      guard
        bindsBoth
          || origin.uses.contains(where: { use in
            guard let version = use.version else { return false }
            return version === x || version.origin.map { leading.contains(ObjectIdentifier($0)) } == true
          })
      else { continue }
      leading.insert(ObjectIdentifier(origin))
      path.append(origin)
    }
    isInside = path.first.map { $0 === x.origin } ?? false
  }

  /// The statements that `y` came from and the versions they used, the nearest first.
  ///
  /// - Parameter end: a place whose versions are not gone behind.
  static func origins(
    behind y: Version, since serial: Int = 0, upTo end: Location? = nil
  ) -> (origins: [Origin], versions: [Version]) {
    guard let first = y.origin, first.serial >= serial else { return ([], []) }
    var seen: Set<ObjectIdentifier> = [ObjectIdentifier(first)]
    var origins = [first]
    var versions: [Version] = []
    var next = 0
    while next < origins.count {
      for version in origins[next].uses.compactMap(\.version)
      where seen.insert(ObjectIdentifier(version)).inserted {
        versions.append(version)
        if version.place == end { continue }
        if let inner = version.origin, inner.serial >= serial, seen.insert(ObjectIdentifier(inner)).inserted {
          origins.append(inner)
        }
      }
      next += 1
    }
    return (origins, versions)
  }

  /// The statements that lead from any earlier `x` to `y`: those to run again after `x` was bound anew. Nil if there is none.
  static func stale(behind y: Version, _ x: Version) -> [Origin]? {
    var leading: Set<ObjectIdentifier> = []
    var lines: [Origin] = []
    for origin in origins(behind: y, upTo: x.place).origins.sorted(by: { $0.serial < $1.serial }) {
      let leads = origin.uses.contains { use in
        guard let version = use.version else { return false }
        return version.place == x.place || version.origin.map { leading.contains(ObjectIdentifier($0)) } == true
      }
      guard leads else { continue }
      leading.insert(ObjectIdentifier(origin))
      lines.append(origin)
    }
    return lines.isEmpty ? nil : lines
  }
}

extension Version {
  var cell: Cell? { if case .cell(let cell) = place { cell } else { nil } }
}
