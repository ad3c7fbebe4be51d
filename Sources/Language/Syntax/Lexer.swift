/// Cuts a text into tokens, from any bytes and in one pass.
///
/// Nothing is an error here: what cannot be read is a token too, and the parser says so when it comes to it.
package struct Lexer {
  private let source: SourceText
  private let bytes: [UInt8]
  private var position = 0
  private var tokens: [Token] = []
  private var startsLine = true
  private var touches = false
  /// Open brackets: a `:` at the beginning of a line is a command only outside of them.
  private var depth = 0

  private init(_ source: SourceText) { (self.source, bytes) = (source, source.bytes) }

  /// The tokens of a text; the last one is `end`.
  ///
  /// - Complexity: linear in the number of bytes.
  package static func tokens(of source: SourceText) -> [Token] {
    var lexer = Lexer(source)
    lexer.tokens.reserveCapacity(min(source.bytes.count, 1 << 16) / 2 + 4)
    lexer.run()
    return lexer.tokens
  }

  private mutating func run() {
    while position < bytes.count { step() }
    touches = false
    add(.end, from: position)
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    let place = position + offset
    return place < bytes.count ? bytes[place] : 0
  }

  private mutating func add(_ kind: Token.Kind, from start: Int) {
    tokens.append(Token(kind: kind, range: SourceRange(start, position), startsLine: startsLine, touches: touches))
    startsLine = false
    touches = true
  }

  private mutating func step() {
    let start = position
    let first = byte()
    switch first {
    case 0x20, 0x09:
      position += 1
      touches = false
    case 0x0A, 0x0D:
      position += 1
      startsLine = true
      touches = false
    case 0x23:  // #
      while position < bytes.count, byte() != 0x0A { position += 1 }
      touches = false
    case 0x22:  // "
      string()
    case 0x30...0x39:
      number()
    case 0x2E where isDigit(byte(1)) && !touches:
      number()
    case 0x41...0x5A, 0x61...0x7A, 0x5F:
      word()
    case 0x3A, 0x3F:  // : ?
      if startsLine, depth == 0 { command() } else { sign() }
    case 0x21...0x7E:
      sign()
    default:
      guard let scalar = source.scalar(at: position) else {
        while position < bytes.count, source.scalar(at: position) == nil { position += 1 }
        add(.unreadable(.invalidUTF8), from: start)
        return
      }
      other(scalar)
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  // MARK: Numbers, words, strings

  private mutating func number() {
    let start = position
    if byte() == 0x30, byte(1) | 0x20 == 0x78, isHexadecimal(byte(2)) {
      position += 2
      while isHexadecimal(byte()) { position += 1 }
      return add(.unreadable(.hexadecimal), from: start)
    }
    digits()
    if byte() == 0x2E, isDigit(byte(1)) {
      position += 1
      digits()
    }
    if byte() | 0x20 == 0x65 {  // e E
      let sign = byte(1) == 0x2B || byte(1) == 0x2D ? 1 : 0
      if isDigit(byte(1 + sign)) {
        position += 1 + sign
        digits()
      }
    }
    add(.number, from: start)
  }

  private mutating func digits() {
    while isDigit(byte()) || byte() == 0x5F && isDigit(byte(1)) { position += 1 }
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte | 0x20)
  }

  private mutating func word() {
    let start = position
    while position < bytes.count {
      let next = byte()
      if next < 0x80 {
        guard isDigit(next) || next == 0x5F || (0x61...0x7A).contains(next | 0x20) else { break }
        position += 1
      } else if let scalar = source.scalar(at: position), scalar.continuesName {
        position += UTF8.width(scalar)
      } else {
        break
      }
    }
    if let keyword = Keyword.spelled(bytes[start..<position]) {
      add(.keyword(keyword), from: start)
    } else {
      add(.name, from: start)
    }
  }

  private mutating func string() {
    let start = position
    position += 1
    while position < bytes.count {
      let next = byte()
      if next == 0x22 {
        position += 1
        return add(.string, from: start)
      }
      if next == 0x5C, position + 1 < bytes.count, byte(1) < 0x80 {
        position += 2
      } else if next < 0x80 {
        position += 1
      } else if let scalar = source.scalar(at: position) {
        position += UTF8.width(scalar)
      } else {
        let bad = position
        position += 1
        return add(.unreadable(.invalidUTF8), from: bad)
      }
    }
    position = bytes.count
    add(.unreadable(.openString), from: start)
  }

  private mutating func command() {
    let start = position
    var isValid = true
    while position < bytes.count, byte() != 0x0A {
      if byte() < 0x80 {
        position += 1
      } else if let scalar = source.scalar(at: position) {
        position += UTF8.width(scalar)
      } else {
        isValid = false
        position += 1
      }
    }
    add(isValid ? .command : .unreadable(.invalidUTF8), from: start)
  }

  // MARK: Signs

  private mutating func sign() {
    let start = position
    if byte() == 0x3D, source.scalar(at: position + 1)?.value == 0x338 {  // = with a stroke, decomposed
      position += 3
      return add(.sign(.notEqual), from: start)
    }
    guard let (sign, length) = Sign.match(byte(), byte(1), byte(2)) else {
      position += 1
      return add(.unreadable(.unknown(UInt32(bytes[start]))), from: start)
    }
    if sign.isOpening { depth += 1 }
    if sign.isClosing { depth = max(0, depth - 1) }
    position += length
    add(.sign(sign), from: start)
  }

  private mutating func other(_ scalar: Unicode.Scalar) {
    let start = position
    let width = UTF8.width(scalar)
    if let sign = Sign.folded(scalar) {
      position += width
      add(.sign(sign), from: start)
      return
    }
    switch scalar.value {
    case 0x2208:  // ∈
      position += width
      add(.keyword(.in), from: start)
    case 0x2033:  // ″ is two primes
      position += width
      add(.sign(.prime), from: start)
      add(.sign(.prime), from: start)
    case 0x221E:  // ∞
      position += width
      add(.name, from: start)
    case 0x85, 0x2028, 0x2029:
      position += width
      (startsLine, touches) = (true, false)
    case 0xFEFF where start == 0:
      position += width
    case _ where scalar.isRaised:
      superscript()
    case _ where scalar.startsName:
      word()
    case _ where scalar.properties.generalCategory == .spaceSeparator:
      position += width
      touches = false
    case 0...0x9F:
      position += width
      add(.unreadable(.control(scalar.value)), from: start)
    default:
      position += width
      add(.unreadable(.unknown(scalar.value)), from: start)
    }
  }

  private mutating func superscript() {
    let start = position
    var text = ""
    while position < bytes.count, let scalar = source.scalar(at: position), scalar.isRaised {
      text.append(Symbols.raisedText[Character(scalar)] ?? "?")
      position += UTF8.width(scalar)
    }
    let body = text.first == "-" ? text.dropFirst() : text[...]
    let isNumber = !body.isEmpty && body.allSatisfy { $0.isNumber }
    let isLetter = body.count == 1 && body.first?.isLetter == true
    add(isNumber || isLetter ? .superscript : .unreadable(.badExponent), from: start)
  }
}

extension Sign {
  /// The longest sign these bytes begin with.
  fileprivate static func match(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> (Sign, Int)? {
    switch (Unicode.Scalar(first), Unicode.Scalar(second), Unicode.Scalar(third)) {
    case (".", ".", "<"): return (.upTo, 3)
    case (".", ".", "."): return (.through, 3)
    case ("|", ">", _): return (.pipe, 2)
    case (">", ">", _): return (.compose, 2)
    case ("-", ">", _): return (.arrow, 2)
    case ("+", "+", _): return (.join, 2)
    case ("=", "=", _): return (.equal, 2)
    case ("!", "=", _): return (.notEqual, 2)
    case ("<", "=", _): return (.lessOrEqual, 2)
    case (">", "=", _): return (.greaterOrEqual, 2)
    case ("~", "~", _): return (.approximate, 2)
    case ("=", _, _): return (.bind, 1)
    case ("<", _, _): return (.less, 1)
    case (">", _, _): return (.greater, 1)
    case ("+", _, _): return (.plus, 1)
    case ("-", _, _): return (.minus, 1)
    case ("*", _, _): return (.star, 1)
    case ("/", _, _): return (.slash, 1)
    case ("@", _, _): return (.at, 1)
    case ("%", _, _): return (.percent, 1)
    case ("^", _, _): return (.caret, 1)
    case ("(", _, _): return (.openParenthesis, 1)
    case (")", _, _): return (.closeParenthesis, 1)
    case ("[", _, _): return (.openBracket, 1)
    case ("]", _, _): return (.closeBracket, 1)
    case ("{", _, _): return (.openBrace, 1)
    case ("}", _, _): return (.closeBrace, 1)
    case (",", _, _): return (.comma, 1)
    case (";", _, _): return (.semicolon, 1)
    case (":", _, _): return (.colon, 1)
    case (".", _, _): return (.period, 1)
    case ("'", _, _): return (.prime, 1)
    case ("?", _, _): return (.question, 1)
    default: return nil
    }
  }

  /// The sign one character beyond ASCII stands for, its look-alikes included.
  fileprivate static func folded(_ scalar: Unicode.Scalar) -> Sign? {
    switch scalar.value {
    case 0x2211: .sum
    case 0x220F: .product
    case 0x2207: .nabla
    case 0x2202: .partial
    case 0x221A: .root
    case 0x2299: .odot
    case 0xB7, 0x22C5, 0x387, 0x2219: .dot
    case 0xD7, 0x2217: .star
    case 0x2215: .slash
    case 0x2212: .minus
    case 0x1D40, 0x22A4: .transpose
    case 0x2264: .lessOrEqual
    case 0x2265: .greaterOrEqual
    case 0x2260: .notEqual
    case 0x2248: .approximate
    case 0x2192: .arrow
    case 0x2026: .through
    case 0x2032, 0x2019, 0x2B9: .prime
    case 0x37E: .semicolon
    default: nil
    }
  }
}
