import Language

extension Why {
  /// Puts what the numbers of a calculation are made of in their place, so many sums deep (`:why y[0,1] 2`).
  ///
  /// False, and the path as it was, where nothing stands below or the numbers would fill more lines than can be read.
  func inline(_ depth: Int, into path: inout Path) -> Bool {
    var deeper = path
    for _ in 0..<depth {
      let reads = Elements.Reads()
      guard let calculation = try? inlined(deeper.calculation, deeper.reads, Elements(reads)),
        calculation.text() != deeper.calculation.text()
      else { break }
      let width = calculation.equation(style).left.displayWidth
      guard width < 4 * (style.width - 20) else { break }
      deeper.calculation = calculation
      deeper.rungs.append(calculation.text())
      reads.laws = deeper.reads.laws
      deeper.reads.descend(reads)
    }
    guard deeper.rungs.count > path.rungs.count else { return false }
    path = deeper
    return true
  }

  private func inlined(_ calculation: Calculation, _ reads: Elements.Reads, _ elements: Elements) throws -> Calculation
  {
    switch calculation {
    case .read(let label, _):
      guard let open = label.lastIndex(of: "["), label.last == "]" else { return calculation }
      let base = String(label[..<open])
      guard let known = reads.all.first(where: { $0.known.label == base })?.known else { return calculation }
      let places = label[label.index(after: open)...].dropLast().split(separator: ",").map { text -> Coordinate in
        let text = String(text).spaceless
        return Int(text).map { Coordinate($0) } ?? Coordinate(text, nil)
      }
      guard isComputed(known, places.map { Coordinate($0.number ?? 0) }) else { return calculation }
      return try elements.derivation(known, places, interpreter)?.calculation ?? calculation
    case .series(let series):
      let inner = elements.taking(series.letters.split(separator: ",").map(String.init))
      return .series(
        .init(
          series.letters, count: series.count, body: try inlined(series.body, reads, inner), total: series.total,
          place: series.place
        ) { (try? inlined(series.term($0), reads, inner)) ?? series.term($0) })
    default:
      var failure: (any Error)?
      let result = calculation.mapChildren { child in
        do { return try inlined(child, reads, elements) } catch {
          failure = error
          return child
        }
      }
      if let failure { throw failure }
      return result
    }
  }
}
