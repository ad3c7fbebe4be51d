/// What the terminal sends, as keys: UTF-8, escape sequences, pasted text.
///
/// All escape sequences that ECMA-48 allows are taken whole, so that an unknown key does nothing instead of typing `[15~`. Escape
/// alone cannot be told from the beginning of a sequence: ``next(isFinal:)`` answers nil until more arrives or the caller has
/// waited long enough.
struct KeyDecoder {
  enum Key: Equatable {
    case scalar(Unicode.Scalar)
    /// Alt with a character.
    case meta(Unicode.Scalar)
    case named(Name)
    case escape
    /// Text between the marks of a bracketed paste, as sent.
    case paste(String)
    /// A sequence that means nothing here.
    case unknown
  }
  enum Name: Equatable {
    case up, down, left, right, home, end, delete, wordLeft, wordRight, newline, deleteWordLeft, deleteWordRight
    case pageUp, pageDown
  }

  /// In vi's keys, Escape followed by a character is two keys.
  var isVi = false
  private var bytes: [UInt8] = []
  private var start = 0

  var isEmpty: Bool { start == bytes.count }

  /// Whether a paste has begun and not ended: no time-out ends it.
  var isPasting: Bool { bytes[start...].starts(with: "\u{1B}[200~".utf8) }

  mutating func feed(_ more: some Sequence<UInt8>) {
    if start > 0 {
      bytes.removeFirst(start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  mutating func clear() {
    bytes = []
    start = 0
  }

  /// The next key; nil when there is none yet. `isFinal`: nothing more is coming soon.
  mutating func next(isFinal: Bool = false) -> Key? {
    guard start < bytes.count else { return nil }
    let result = bytes[start] == 0x1B ? escaped(bytes[(start + 1)...], isFinal) : plain(bytes[start...], isFinal)
    guard let (key, count) = result else { return nil }
    start += count
    return key
  }

  // MARK: Characters

  /// One scalar of UTF-8; bytes that are none become U+FFFD, one each.
  private func plain(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> (Key, Int)? {
    guard let first = rest.first else { return nil }
    let count =
      switch first {
      case 0..<0x80: 1
      case 0xC2..<0xE0: 2
      case 0xE0..<0xF0: 3
      case 0xF0..<0xF5: 4
      default: 0
      }
    let sequence = rest.prefix(max(1, count))
    if count > sequence.count, sequence.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }), !isFinal { return nil }
    let scalars = String(decoding: sequence, as: UTF8.self).unicodeScalars
    guard count > 0, sequence.count == count, scalars.count == 1, let scalar = scalars.first else {
      return (.scalar("\u{FFFD}"), 1)
    }
    return (.scalar(scalar), count)
  }

  // MARK: Escape sequences

  private func escaped(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> (Key, Int)? {
    guard let first = rest.first else { return isFinal ? (.escape, 1) : nil }
    switch first {
    case UInt8(ascii: "["):
      if rest.count == 1 { return isFinal ? (isVi ? .escape : .meta("["), isVi ? 1 : 2) : nil }
      return control(rest.dropFirst(), isFinal)
    case UInt8(ascii: "O"):
      guard let final = rest.dropFirst().first else {
        return isFinal ? (isVi ? .escape : .meta("O"), isVi ? 1 : 2) : nil
      }
      return (Self.key(final: final, parameters: []), 3)
    case 0x1B: return (.escape, 1)
    default:
      if isVi { return (.escape, 1) }
      guard let (key, count) = plain(rest, isFinal) else { return nil }
      guard case .scalar(let scalar) = key else { return (.unknown, 1 + count) }
      switch scalar {
      case "\r", "\n": return (.named(.newline), 1 + count)
      case "\u{7F}", "\u{8}": return (.named(.deleteWordLeft), 1 + count)
      default: return (.meta(scalar), 1 + count)
      }
    }
  }

  /// What follows `ESC [`: parameters, intermediates, a final byte.
  private func control(_ rest: ArraySlice<UInt8>, _ isFinal: Bool) -> (Key, Int)? {
    // The Linux console sends F1 to F5 as ESC [ [ A.
    if rest.first == UInt8(ascii: "[") { return rest.count > 1 ? (.unknown, 4) : isFinal ? (.unknown, 3) : nil }
    guard let end = rest.firstIndex(where: { !(0x20..<0x40).contains($0) }) else {
      return isFinal || rest.count > 64 ? (.unknown, 2 + rest.count) : nil
    }
    let count = end - rest.startIndex + 3
    // Not a final byte: the sequence was cut short, the byte is a key of its own.
    guard (0x40..<0x7F).contains(rest[end]) else { return (.unknown, count - 1) }
    let parameters = rest[..<end].split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
      .map { Int(String(decoding: $0, as: UTF8.self)) ?? 0 }
    if rest[end] == UInt8(ascii: "~"), parameters.first == 200 { return pasted(rest[(end + 1)...], count, isFinal) }
    return (Self.key(final: rest[end], parameters: parameters), count)
  }

  private func pasted(_ rest: ArraySlice<UInt8>, _ before: Int, _ isFinal: Bool) -> (Key, Int)? {
    let mark = Array("\u{1B}[201~".utf8)
    var search = rest
    while let escape = search.firstIndex(of: 0x1B) {
      if rest[escape...].starts(with: mark) {
        return (
          .paste(String(decoding: rest[..<escape], as: UTF8.self)), before + (escape - rest.startIndex) + mark.count
        )
      }
      search = rest[(escape + 1)...]
    }
    return nil
  }

  private static func key(final: UInt8, parameters: [Int]) -> Key {
    let first = parameters.first ?? 0
    // 1 and a sum of 1 Shift, 2 Alt, 4 Control.
    let modifiers = max(0, (parameters.count > 1 ? parameters[1] : 1) - 1)
    let isByWord = modifiers & 6 != 0
    switch final {
    case UInt8(ascii: "A"): return .named(.up)
    case UInt8(ascii: "B"): return .named(.down)
    case UInt8(ascii: "C"): return .named(isByWord ? .wordRight : .right)
    case UInt8(ascii: "D"): return .named(isByWord ? .wordLeft : .left)
    case UInt8(ascii: "H"): return .named(.home)
    case UInt8(ascii: "F"): return .named(.end)
    case UInt8(ascii: "M") where parameters.isEmpty: return .scalar("\r")
    case UInt8(ascii: "u") where first == 13: return modifiers == 0 ? .scalar("\r") : .named(.newline)
    case UInt8(ascii: "~"):
      switch first {
      case 1, 7: return .named(.home)
      case 4, 8: return .named(.end)
      case 3: return .named(isByWord ? .deleteWordRight : .delete)
      case 5: return .named(.pageUp)
      case 6: return .named(.pageDown)
      case 27 where parameters.count == 3 && parameters[2] == 13:
        return modifiers == 0 ? .scalar("\r") : .named(.newline)
      default: return .unknown
      }
    default: return .unknown
    }
  }
}
