import Tensors

/// What lies between two names.
struct Lineage {
  /// The statements that lead from `x` to `y`, in the order in which they ran.
  private(set) var path: [Origin] = []
  /// Whether what `y` was computed from is bound by the statement that binds `x`, a loop, or with other values of a sequence.
  private(set) var isInside = false
  /// Whether `y` was computed from something of an earlier pass of a loop that was computed from `x`.
  private(set) var isCut = false

  /// - Parameter isSequence: whether `x` is a value of a sequence, which other values of it may be computed from.
  init(from y: Version, to x: Version, isSequence: Bool = false) {
    let bindsMore = x.cell != nil && x.origin?.code != nil && (isSequence || x.origin?.isCompound == true)
    guard y !== x || isSequence else { return }
    // What ran before `x` was bound cannot have used it.
    let origins = Self.origins(behind: y, since: x.serial, upTo: isSequence ? nil : x).origins
    var leading: Set<ObjectIdentifier> = []
    for origin in origins.sorted(by: { $0.serial < $1.serial }) {
      guard
        bindsMore && origin === x.origin
          || origin.uses.contains(where: { use in
            guard let version = use.version else { return false }
            return version === x || version.origin.map { leading.contains(ObjectIdentifier($0)) } == true
          })
      else { continue }
      leading.insert(ObjectIdentifier(origin))
      path.append(origin)
    }
    isInside = path.first.map { $0 === x.origin } ?? false
    isCut = origins.contains { origin in
      origin.isForgotten && origin !== x.origin
        && origin.ancestors.contains { $0 === x || !Lineage(from: $0, to: x, isSequence: false).path.isEmpty }
    }
  }

  /// The statements that `y` came from and the versions they used, the nearest first.
  ///
  /// - Parameters:
  ///   - serial: statements that ran before are left out.
  ///   - end: a version that is not gone behind.
  ///   - place: neither are those of this place.
  static func origins(
    behind y: Version, since serial: Int = 0, upTo end: Version? = nil, at place: Location? = nil
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
        if version === end || version.place == place { continue }
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
    for origin in origins(behind: y, at: x.place).origins.sorted(by: { $0.serial < $1.serial }) {
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

  /// The version of a sequence in which one of its values was given or computed: later ones only added others.
  static func source(of number: Int, in version: Version) -> Version {
    var current = version
    while let origin = current.origin, let before = origin.uses.first(where: { $0.place == current.place })?.version,
      case .sequence(let old) = before.value, case .sequence(let new) = current.value, old[number] != nil,
      !origin.gives(current.name)
    {
      let isKept = old.firstNumbers.contains(number) && new.firstNumbers.contains(number)
      let isBehind = origin.isInner && !origin.isCompound && new.numbers.count == old.numbers.count + 1
      guard isKept || isBehind else { break }
      current = before
    }
    return current
  }
}

extension Origin {
  /// Whether it gives a first value: `h[0] = …`.
  fileprivate func gives(_ name: String) -> Bool {
    guard case .bind(let targets, _, _) = statement.kind else { return false }
    return targets.contains { target in
      guard case .indexed(let other, let places, _) = target, other.text == name, let first = places.first else {
        return false
      }
      if case .index = first.kind { return false }
      return true
    }
  }
}

extension Version {
  var cell: Cell? { if case .cell(let cell) = place { cell } else { nil } }
}
