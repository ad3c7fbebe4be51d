import Display

/// Turns a text, its highlights and a cursor into coloured pieces.
struct Highlighter {
  let scalars: [Unicode.Scalar]
  private(set) var roles: [Role]
  /// Brackets that belong together, one of them at the cursor.
  private(set) var matched: [Int] = []
  /// Scalars to show as found by a search.
  var found: Range<Int> = 0..<0

  init(scalars: [Unicode.Scalar], highlights: [Highlight], cursor: Int?) {
    self.scalars = scalars
    roles = Array(repeating: .plain, count: scalars.count)
    if !highlights.isEmpty {
      var offsets: [Int] = []
      offsets.reserveCapacity(scalars.count + 1)
      var offset = 0
      for scalar in scalars {
        offsets.append(offset)
        offset += UTF8.width(scalar)
      }
      var index = 0
      for highlight in highlights.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
        while index < offsets.count, offsets[index] < highlight.range.lowerBound { index += 1 }
        while index < offsets.count, offsets[index] < highlight.range.upperBound {
          roles[index] = highlight.role
          index += 1
        }
      }
    }
    if let cursor { matched = brackets(at: cursor) }
  }

  private static let opening: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]
  private static let closing: [Unicode.Scalar: Unicode.Scalar] = [")": "(", "]": "[", "}": "{"]

  private func isBracket(_ index: Int) -> Bool {
    guard scalars.indices.contains(index), roles[index] != .string, roles[index] != .comment else { return false }
    return Self.opening[scalars[index]] != nil || Self.closing[scalars[index]] != nil
  }

  /// The bracket before the cursor, or under it, with its partner; nothing when it has none.
  private func brackets(at cursor: Int) -> [Int] {
    for start in [cursor - 1, cursor] where isBracket(start) {
      let step = Self.opening[scalars[start]] == nil ? -1 : 1
      var expected: [Unicode.Scalar] = []
      var index = start
      while scalars.indices.contains(index) {
        if isBracket(index) {
          let scalar = scalars[index]
          if let partner = step > 0 ? Self.opening[scalar] : Self.closing[scalar] {
            expected.append(partner)
          } else {
            guard expected.popLast() == scalar else { return [] }
            if expected.isEmpty { return [start, index] }
          }
        }
        index += step
      }
      return []
    }
    return []
  }

  /// The scalars of `range` as text, with escapes when `isColored`; control characters as `^A`.
  func text(_ range: Range<Int>, isColored: Bool) -> String {
    var output = String.UnicodeScalarView()
    var current = ""
    for index in range {
      if isColored {
        let style = matched.contains(index) ? "1;4" : found.contains(index) ? "7" : Self.style(of: roles[index])
        if style != current {
          output.append(contentsOf: (style.isEmpty ? "\u{1B}[0m" : "\u{1B}[0;\(style)m").unicodeScalars)
          current = style
        }
      }
      let scalar = scalars[index]
      switch scalar.value {
      case 0..<0x20: output.append(contentsOf: ["^", Unicode.Scalar(UInt8(scalar.value) + 0x40)])
      case 0x7F: output.append(contentsOf: "^?".unicodeScalars)
      case 0x20..<0x7F: output.append(scalar)
      // What would reorder the line, or show nothing, is shown as its number.
      default: output.append(contentsOf: String(Character(scalar)).visible.unicodeScalars)
      }
    }
    if !current.isEmpty { output.append(contentsOf: "\u{1B}[0m".unicodeScalars) }
    return String(output)
  }

  /// The SGR parameters of a role. Numbers have a colour here, where nothing else sets them off from names.
  static func style(of role: Role) -> String { role == .number ? "36" : role.rendition ?? "" }
}
