import Tensors

/// Why there is no `∂y/∂x`, and what to do about it.
extension PartialNode {
  private func note(_ origin: Origin) -> String { "line \(origin.line): \(origin.text)" }

  func noNumbers(_ value: Value) -> Fault {
    var notes: [Diagnostic.Note] = []
    if let name = value.fieldNames.first {
      notes = [.init("hint", "one field at a time: ∂\(valueText).\(name)/∂\(variableText)")]
    }
    return machine.failure(
      "E0703", "∂ is of numbers and tensors, \(valueText) is \(value.article)",
      at: Fault.Site(source: source, range: self.value.range), notes: notes)
  }

  func noNumbers(by value: Value) -> Fault {
    machine.failure(
      "E0702", "no derivative by \(value.article)", at: Fault.Site(source: source, range: variable.range))
  }

  func cut(_ y: Version) -> Fault {
    machine.failure(
      "E0707", "\(y.name) was computed from \(x.name) in an earlier pass of the loop", at: site,
      notes: [.init("hint", "in a loop ∂ sees the current pass; after it, every pass")])
  }

  func indicesMissing(_ shape: Shape) -> Fault {
    machine.failure(
      "E0703", "\(y.name), \(shape), wants an index for each axis",
      at: Fault.Site(source: source, range: value.range))
  }

  func jacobianOfNetwork(_ value: Value) -> Fault {
    machine.failure(
      "E0703", "∂ of \(value.outline) by a whole network", at: site,
      notes: [.init("hint", "make one number of \(valueText), or take one weight: ∂\(valueText)/∂\(variableText)[0].W")]
    )
  }

  /// `y` was not computed from the `x` that is bound now.
  func independent(_ y: Version, _ x: Version) -> Fault {
    if let lines = Lineage.stale(behind: y, x) {
      var notes: [Diagnostic.Note] = []
      if let origin = x.origin { notes.append(.init("\(x.name) now", note(origin))) }
      for line in lines.prefix(3) { notes.append(.init("run again", note(line))) }
      if lines.count > 3 { notes.append(.init("", "and \(lines.count - 3) more, in this order")) }
      return machine.failure("E0705", "\(y.name) was computed with another \(x.name)", at: site, notes: notes)
    }
    let (origins, versions) = Lineage.origins(behind: y)
    if y.isForgotten || versions.contains(where: \.isForgotten) || origins.contains(where: \.isForgotten) {
      let isPass = !y.isForgotten && y.origin?.isForgotten == true
      return machine.failure(
        "E0707",
        isPass
          ? "\(y.name) was computed in an earlier pass of the loop" : "not all that led to \(y.name) is remembered",
        at: site,
        notes: isPass
          ? [.init("hint", "in a loop ∂ sees the current pass; after it, every pass")]
          : [Machine.forgottenHint])
    }
    var notes: [Diagnostic.Note] = []
    guard let origin = y.origin else {
      return machine.failure(
        "E0701", "\(y.name) does not depend on \(x.name): it comes from outside this function", at: site,
        notes: [.init("hint", "give \(y.name) and \(x.name) as arguments, or take ∇ of a function of \(x.name)")])
    }
    var names: [String] = []
    for version in versions where version.value.leaves(machine.elementType) != nil && version.name != y.name {
      let line = version.origin.map { " (line \($0.line))" } ?? ""
      if !names.contains(where: { $0 == version.name || $0.hasPrefix(version.name + " (") }) {
        names.append(version.name + line)
      }
    }
    notes.append(.init(y.name, note(origin)))
    if names.isEmpty {
      notes.append(.init("depends on", "no other name"))
    } else {
      let more = names.count > 6 ? "  and \(names.count - 6) more" : ""
      notes.append(.init("depends on", names.prefix(6).joined(separator: "  ") + more))
    }
    return machine.failure("E0701", "\(y.name) does not depend on \(x.name)", at: site, notes: notes)
  }

  /// The statement that used what depends on `x` and gave what does not.
  func end(_ y: Version, _ lineage: Lineage, _ replay: Replay, _ variables: [Tensor]) -> Origin? {
    func lives(_ version: Version) -> Bool {
      let leaves = replay.value(of: version)?.leaves(machine.elementType) ?? []
      return leaves.contains { leaf in leaf.isTracked && variables.contains { leaf.depends(on: $0) } }
    }
    let path = Set(lineage.path.map { ObjectIdentifier($0) })
    var pending = [y]
    var seen: Set<ObjectIdentifier> = []
    while let version = pending.popLast() {
      guard let origin = version.origin, path.contains(ObjectIdentifier(origin)),
        seen.insert(ObjectIdentifier(origin)).inserted
      else { continue }
      let used = origin.uses.compactMap(\.version)
      if used.contains(where: lives) { return origin }
      pending += used
    }
    return nil
  }

  /// The lines ran again, but nothing flows from `y` to `x`.
  func noDerivative(_ y: Version, _ x: Version, _ lineage: Lineage, _ replay: Replay, _ end: Origin?) -> Fault {
    if let end {
      return machine.failure(
        "E0706", "the derivative of \(valueText) by \(variableText) ends in line \(end.line)", at: site,
        notes: [
          .init("line \(end.line)", end.text),
          .init("hint", "comparisons, argmax, rounding, counts and indices have no derivative"),
        ])
    }
    if lineage.isInside, case .sequence? = replay.value(of: x) {
      return machine.failure(
        "E0701", "\(valueText) does not depend on \(variableText)", at: site,
        notes: x.origin.map { [.init("line \($0.line)", $0.text)] } ?? [])
    }
    if lineage.isInside {
      return machine.failure(
        "E0705", "\(y.name) was not computed from the last \(x.name) of the loop", at: site,
        notes: (x.origin.map { [.init("line \($0.line)", $0.text)] } ?? []) + [
          .init("hint", "∂ is by the \(x.name) of the last pass, or of before the loop")
        ])
    }
    return independent(y, x)
  }

  /// A failure while a line ran again.
  func inside(_ origin: Origin, _ failure: Fault) -> Fault {
    if failure.isStop { return failure }
    var failure = failure.at(site)
    if failure.diagnostic.notes.count < 3 {
      failure.diagnostic.notes.append(
        .init("for", "\(source.text(whole.range)), which runs line \(origin.line) again"))
    }
    return failure
  }
}
