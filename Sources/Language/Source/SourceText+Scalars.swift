extension SourceText {
  /// The character whose bytes begin at `offset`; nil where they are not UTF-8 or the text ends.
  package func scalar(at offset: Int) -> Unicode.Scalar? {
    guard offset < bytes.count else { return nil }
    let first = bytes[offset]
    if first < 0x80 { return Unicode.Scalar(first) }
    let (length, least): (Int, UInt32) =
      switch first {
      case 0xC2...0xDF: (2, 0x80)
      case 0xE0...0xEF: (3, 0x800)
      case 0xF0...0xF4: (4, 0x10000)
      default: (0, 0)
      }
    guard length > 0, offset + length <= bytes.count else { return nil }
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for place in offset + 1..<offset + length {
      guard bytes[place] & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(bytes[place] & 0x3F)
    }
    return value >= least ? Unicode.Scalar(value) : nil
  }
}

extension Unicode.Scalar {
  /// Whether a name may begin with it: a letter of any script, `_`, but nothing raised.
  var startsName: Bool {
    if value < 0x80 { return value == 0x5F || (0x61...0x7A).contains(value | 0x20) }
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .otherLetter: return !isRaised
    case .modifierLetter: return !isRaised && value != 0x1D40 && value != 0x2B9
    // ∆, the increment sign, is read as the letter Δ.
    default: return value == 0x2206
    }
  }

  /// Whether a name may go on with it: also a digit, a lowered digit, a combining mark.
  var continuesName: Bool {
    if startsName { return true }
    switch properties.generalCategory {
    case .decimalNumber, .nonspacingMark, .spacingMark: return true
    default: return (0x2080...0x2089).contains(value)
    }
  }

  /// Whether it is a raised digit, sign or letter: never part of a name.
  var isRaised: Bool {
    switch value {
    case 0xAA, 0xB2, 0xB3, 0xB9, 0xBA, 0x2B0...0x2B8, 0x2E0...0x2E4, 0x2070...0x207F: true
    case 0x1D2C...0x1D61: value != 0x1D40
    case 0x1D78, 0x1D9B...0x1DBF, 0x2C7D: true
    default: false
    }
  }

  /// The letter a name is spelled with where this one is typed: `µ ϵ ϕ ∆` are read as `μ ε φ Δ`.
  var foldedInName: Unicode.Scalar {
    switch value {
    case 0xB5: "\u{3BC}"
    case 0x3F5: "\u{3B5}"
    case 0x3D5: "\u{3C6}"
    case 0x2206: "\u{394}"
    default: self
    }
  }
}
