import Testing

@testable import Display

@Suite("Text width")
struct TextWidthTests {
  @Test(
    "A combining mark takes no column, East Asian wide and fullwidth take two, all else one",
    arguments: [
      ("", 0), ("abc", 3), ("∑σ·√", 4), ("C̃", 1), ("m̂", 1), ("e\u{301}", 1), ("é", 1), ("日本", 4), ("ＡＢ", 4), ("한글", 4),
      ("ﾊﾝ", 2), ("👍", 2), ("─│┌", 3), ("█▁", 2), ("→↓✓✗", 4), ("W₁hₜ", 4), ("👩\u{200D}👧", 4), ("\u{1B}[31m", 5),
      ("\u{202E}x", 9), ("a\tb", 3), ("𝛿", 1), ("ä", 1), ("\u{FEFF}", 8),
    ])
  func widths(text: String, width: Int) {
    #expect(text.displayWidth == width)
    #expect(text.visible.displayWidth == width)
  }

  @Test("Padding reaches the width and never cuts")
  func padding() {
    #expect("σ".padded(to: 3) == "σ  ")
    #expect("日".leftPadded(to: 3) == " 日")
    #expect("ab".centered(in: 5) == " ab  ")
    #expect("abcdef".padded(to: 3) == "abcdef")
  }

  @Test("Cutting leaves what fits and says that something is missing")
  func cutting() {
    #expect("abcdef".cut(to: 6) == "abcdef")
    #expect("abcdef".cut(to: 5) == "abcd…")
    #expect("日本語".cut(to: 4) == "日…")
    #expect("abcdef".cut(to: 5, style: Style(ascii: true)) == "ab...")
    #expect("abcdef".cut(to: 1) == "…")
    #expect("abcdef".cut(to: 0) == "")
  }

  @Test("Wrapping breaks at spaces, keeps paragraphs, and breaks a word only if it must")
  func wrapping() {
    #expect("one two three".wrapped(to: 7) == ["one two", "three"])
    #expect("a\n\nb".wrapped(to: 7) == ["a", "", "b"])
    #expect("abcdefgh".wrapped(to: 3) == ["abc", "def", "gh"])
    #expect("日本語 x".wrapped(to: 4) == ["日本", "語 x"])
    #expect("".wrapped(to: 3) == [""])
  }

  @Test("Any text is cut and wrapped within its width", arguments: 1...200)
  func anyText(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    let alphabet: [Character] = ["a", " ", "日", "é", "\u{1B}", "σ", "👍", "\n", "\u{202E}", "C̃", "\u{0}"]
    let text = String((0..<40).map { _ in alphabet.randomElement(using: &random)! })
    for columns in [8, 13, 40] {
      #expect(text.cut(to: columns).displayWidth <= columns)
      #expect(text.wrapped(to: columns).allSatisfy { $0.displayWidth <= columns })
    }
    #expect(!text.visible.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
  }

  @Test("Control characters are shown, never obeyed")
  func visible() {
    #expect("\u{1B}[31mred".visible == "␛[31mred")
    #expect("a\u{7F}\u{9B}\u{0}".visible == "a␡\\u{9b}␀")
    #expect("\u{202E}abc\u{200B}".visible == "\\u{202e}abc\\u{200b}")
    #expect("plain σ".visible == "plain σ")
  }
}
