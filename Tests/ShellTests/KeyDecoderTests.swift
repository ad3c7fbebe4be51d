import Testing

@testable import Shell

@Suite("What the terminal sends")
struct KeyDecoderTests {
  private func keys(_ text: String, isVi: Bool = false) -> [KeyDecoder.Key] {
    var decoder = KeyDecoder()
    decoder.isVi = isVi
    decoder.feed(text.utf8)
    var keys: [KeyDecoder.Key] = []
    while let key = decoder.next(isFinal: true) { keys.append(key) }
    return keys
  }

  @Test("Arrows, Home, End and Delete in all their spellings")
  func named() {
    #expect(keys("\u{1B}[A\u{1B}OA") == [.named(.up), .named(.up)])
    #expect(keys("\u{1B}[H\u{1B}[1~\u{1B}[7~\u{1B}OH") == Array(repeating: .named(.home), count: 4))
    #expect(keys("\u{1B}[F\u{1B}[4~\u{1B}[8~") == Array(repeating: .named(.end), count: 3))
    #expect(keys("\u{1B}[3~\u{1B}[3;5~") == [.named(.delete), .named(.deleteWordRight)])
    #expect(keys("\u{1B}[1;5C\u{1B}[1;3D\u{1B}[1;2C") == [.named(.wordRight), .named(.wordLeft), .named(.right)])
    #expect(keys("\u{1B}\r\u{1B}[13;2u\u{1B}[27;2;13~") == Array(repeating: .named(.newline), count: 3))
  }

  @Test("Alt with a letter is one key, in vi two")
  func meta() {
    #expect(keys("\u{1B}b\u{1B}∇") == [.meta("b"), .meta("∇")])
    #expect(keys("\u{1B}b", isVi: true) == [.escape, .scalar("b")])
    #expect(keys("\u{1B}") == [.escape])
  }

  @Test(
    "Sequences that mean nothing are taken whole", arguments: ["[15~", "[1;5P", "OP", "[I", "[?1;2c", "[[A", "[38;5u"])
  func unknown(sequence: String) {
    #expect(keys("\u{1B}" + sequence + "x") == [.unknown, .scalar("x")])
  }

  @Test("A paste is one key, whatever is in it")
  func paste() {
    #expect(keys("\u{1B}[200~a\r\u{1B}[Ab\u{1B}[201~c") == [.paste("a\r\u{1B}[Ab"), .scalar("c")])
  }

  @Test("Bytes that are no UTF-8 are one replacement each and cost nothing around them")
  func badBytes() {
    var decoder = KeyDecoder()
    decoder.feed([0x61, 0xFF, 0xC3, 0x28, 0xE2, 0x88, 0x62, 0xC0, 0xAF])
    var scalars = String.UnicodeScalarView()
    while case .scalar(let scalar)? = decoder.next(isFinal: true) { scalars.append(scalar) }
    #expect(String(scalars) == "a\u{FFFD}\u{FFFD}(\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD}")
  }

  @Test("However the bytes arrive, the keys are the same", arguments: 1...5)
  func pieces(length: Int) {
    let text = "a∇\u{1B}[1;5C深\u{1B}[200~x\ny\u{1B}[201~\u{1B}[A\u{1B}f👍"
    var decoder = KeyDecoder()
    var found: [KeyDecoder.Key] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      decoder.feed(rest.prefix(length))
      rest = rest.dropFirst(length)
      while let key = decoder.next() { found.append(key) }
    }
    #expect(found == keys(text))
    #expect(decoder.isEmpty)
  }
}
