import Language

extension Expression {
  /// Where a name is read: with the subscripts behind it, or as it is; each form once.
  func occurrences(of name: String) -> [Expression] {
    var found: [Expression] = []
    func search(_ part: Expression) {
      switch part.kind {
      case .index(let base, let items) where base.name?.text == name:
        if !found.contains(part) { found.append(part) }
        for item in items.compactMap(\.value) { search(item) }
      case .name(name): if !found.contains(part) { found.append(part) }
      default: for child in part.children { search(child) }
      }
    }
    search(self)
    return found
  }

  /// `2` of `t+2`; nil for what is no letter with a number added.
  func shift(of letter: String) -> Int? {
    switch kind {
    case .name(letter): return 0
    case .binary(let op, let left, let right):
      guard case .name(letter) = left.kind, case .number(let number) = right.kind, let whole = Int(exactly: number)
      else {
        return nil
      }
      return op.kind == .add ? whole : op.kind == .subtract ? -whole : nil
    default: return nil
    }
  }

  /// The expression with a letter moved: of `z[t-1]` by 2, called `s`, `z[s+1]`.
  func shifting(_ letter: String, by distance: Int, to other: String) -> Expression {
    replacing { part in
      guard let own = part.shift(of: letter) else { return nil }
      let name = Expression(.name(other), part.range)
      let moved = own + distance
      if moved == 0 { return .name(other) }
      let op = Why.parsed("a \(moved > 0 ? "+" : "-") 1")
      guard case .binary(let sign, _, _)? = op?.kind else { return nil }
      return .binary(sign, name, Expression(.number(Double(moved.magnitude)), part.range))
    }
  }
}
