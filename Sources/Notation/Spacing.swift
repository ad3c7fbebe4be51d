import Display

/// How much room stands between two neighbours in a row.
///
/// | between | columns |
/// |---|---|
/// | a relation, or a sign between terms, and its neighbours | 1; 0 in scripts and for a `·` between short factors |
/// | a quotient and what multiplies it | 1 |
/// | a word and its argument | 1; 0 before a bracket |
/// | a big operator with limits and what follows | 2, so that its limits stay apart from the subscripts there |
/// | a comma and what follows | 1 |
/// | two names, in ASCII, where one of them is a word | 1 |
struct Spacing {
  /// The part something plays between its neighbours.
  enum Role: Equatable {
    case ordinary, function, binary, relation, punctuation, quotient
    /// A big operator; wide if its limits are.
    case big(isWide: Bool)
    case opening, closing, fence
    /// A sign before a term.
    case prefix
    case words, space
  }

  /// One part of a row, laid out.
  struct Item {
    var role: Role
    var drawing: Drawing
    var isTall: Bool
    /// A `·` or `/`, which stands without spaces between short factors.
    var isDot = false
    /// It ends in a lowered subscript that has spaces of its own.
    var endsInList = false

    /// A name of more than a letter, which needs room beside another name.
    var isWord: Bool { drawing.height == 1 && drawing.width > 1 }
  }

  let style: Style
  let isScript: Bool

  /// Items in which a sign before a term, as in `= -x`, is no sign between terms.
  static func settled(_ items: [Item]) -> [Item] {
    var result = items
    var before: Role?
    for index in result.indices {
      defer { if result[index].role != .space { before = result[index].role } }
      guard result[index].role == .binary else { continue }
      switch before {
      case nil, .binary, .relation, .opening, .punctuation, .function, .big, .prefix: result[index].role = .prefix
      default: break
      }
    }
    if let last = result.indices.last, result[last].role == .binary { result[last].role = .ordinary }
    return result
  }

  func columns(_ left: Item, _ right: Item) -> Int {
    switch (left.role, right.role) {
    case (.space, _), (_, .space), (_, .punctuation): return 0
    case (.punctuation, .words): return right.drawing.lines.first?.text.hasPrefix(" ") == true ? 0 : 1
    case (.punctuation, _): return 1
    case (.opening, _), (_, .closing): return 0
    case (.relation, _): return isScript && !left.isWord ? 0 : 1
    case (_, .relation): return isScript && !right.isWord ? 0 : 1
    case (.binary, _): return isScript || left.isDot && !right.isTall ? 0 : 1
    case (_, .binary): return isScript || right.isDot && !left.isTall ? 0 : 1
    case (.prefix, .quotient), (.prefix, .big): return 1
    case (.prefix, _), (.words, _), (_, .words): return 0
    case (.big(let isWide), _): return isWide ? 2 : 1
    case (_, .big): return isScript ? 0 : 1
    case (.function, .fence), (.function, .opening): return 0
    case (.function, _), (_, .function), (.quotient, _), (_, .quotient): return 1
    default:
      if left.endsInList { return 2 }
      return style.ascii && (left.isWord || right.isWord) && right.role != .fence && right.role != .opening ? 1 : 0
    }
  }
}
