/// Finds the word that was probably meant.
package enum Spelling {
  /// The nearest of the candidates, if one is near enough: about one slip for every three letters.
  package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    let allowed = max(1, min(3, letters.count / 3))
    var best: (word: String, distance: Int, exact: Int)?
    for candidate in candidates where candidate != word {
      let other = Array(candidate.lowercased())
      guard abs(other.count - letters.count) <= allowed else { continue }
      // One letter for another one is no slip but another name.
      guard letters.count > 1 || candidate.lowercased() == word.lowercased() else { continue }
      let found = distance(letters, other)
      guard found <= allowed, found <= best?.distance ?? .max else { continue }
      // Of two as near, the one whose capitals agree, then the first by its letters.
      let exact = distance(Array(word), Array(candidate))
      if found < best?.distance ?? .max || (exact, candidate) < (best!.exact, best!.word) {
        best = (candidate, found, exact)
      }
    }
    return best?.word
  }

  /// The fewest insertions, deletions, substitutions and swaps of neighbours from one word to the other.
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var current = [i]
      for j in 1...b.count {
        var least = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { least = min(least, before[j - 2] + 1) }
        current.append(least)
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }
}

extension Machine {
  /// The error for a name that means nothing, with the name that was probably meant if the line works with it.
  func unknownName(_ name: String, at site: Fault.Site) -> Fault {
    if let cell = cells[name], cell.origin != nil {
      return failure("E0102", "\(name) has no value yet", at: site)
    }
    var failure = failure("E0101", "no name \(name)", at: site)
    if isTrial { return failure }
    let known = cells.values.filter { !$0.value.isNothing }.map(\.name)
    let near = [indexed(name), Spelling.nearest(to: name, in: known + BuiltinCatalogue.names)].compactMap { $0 }
    let changes = changes(ofNameElsewhere: name, at: site) + near.map { [(site.range, $0)] }
    failure.diagnostic.suggestions = first(of: changes, in: site.source)
    return failure
  }

  /// `w[i]` for `wᵢ`, where there is a `w`.
  private func indexed(_ name: String) -> String? {
    let digits: [Character: Character] = [
      "₀": "0", "₁": "1", "₂": "2", "₃": "3", "₄": "4", "₅": "5", "₆": "6", "₇": "7", "₈": "8", "₉": "9",
      "ᵢ": "i", "ⱼ": "j", "ₖ": "k", "ₗ": "l", "ₘ": "m", "ₙ": "n", "ₚ": "p", "ₜ": "t",
    ]
    guard let last = name.last, let digit = digits[last], let cell = cells[String(name.dropLast())],
      !cell.value.isNothing
    else { return nil }
    return "\(cell.name)[\(digit)]"
  }
}
