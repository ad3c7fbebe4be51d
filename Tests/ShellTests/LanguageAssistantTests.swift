import Display
import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("What the language tells the line editor")
struct LanguageAssistantTests {
  private let assistant = LanguageAssistant(
    names: { [("weights", "[4, 3]"), ("bias", "[3]")] },
    commands: [("why", "how a value came about"), ("what", "if a number were another"), ("load", "a session")],
    fields: { $0 == "net[0]" ? [("W", "[4, 3]"), ("b", "[3]")] : [] },
    parameters: { $0 == "f" ? [("η", "η: 0.1")] : [] },
    arguments: { $0 == "formula" ? [("D5-3", "the chain rule")] : nil })

  /// What the candidates would turn the text into, the cursor being at its end.
  private func completions(_ text: String) -> [String] {
    let completion = assistant.completion(text, cursor: text.utf8.count)
    let kept = String(decoding: text.utf8.prefix(completion.range.lowerBound), as: UTF8.self)
    return completion.candidates.map { kept + $0.text }
  }

  @Test(
    "Tab knows names, built-ins, commands, fields, named arguments and symbols",
    arguments: [
      ("2 * wei", ["2 * weights"]), ("softm", ["softmax"]), (":wh", [":why", ":what"]), (":lo", [":load "]),
      (":why we", [":why weights"]), (":w", [":why", ":what"]), ("net[0].", ["net[0].W", "net[0].b"]),
      ("2 + net[0].W", ["2 + net[0].W"]), ("f(1, ", ["f(1, η: "]), ("softmax(weights, ax", ["softmax(weights, axis: "]),
      ("\\alpha", ["α"]), ("\\alp", ["α"]), ("x\\hat", ["x\u{302}"]), ("W\\_1", ["W₁"]),
      (":formula D5", [":formula D5-3"]),
      ("?weig", ["?weights"]), ("# wei", []), ("dens", ["Dense"]), ("", []), ("wh", ["while", "where"]),
    ] as [(String, [String])])
  func completion(_ text: String, _ expected: [String]) { #expect(completions(text) == expected) }

  @Test("Inside a string, and behind a command that takes a file, Tab completes the names of files")
  func files() throws {
    var template = Array("/tmp/nabla-files-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&template)))
    let file = folder + "/measured.csv"
    close(open(file, O_CREAT | O_WRONLY, 0o600))
    defer {
      unlink(file)
      rmdir(folder)
    }
    #expect(completions("csv(\"\(folder)/me") == ["csv(\"\(file)\""])
    #expect(completions(":load \(folder)/me") == [":load \(file)"])
  }

  @Test("Each part of a line has the role it plays")
  func colours() {
    let text = #"α = softmax(2.5) + "s" )  # note"#
    let parts = assistant.highlights(text, cursor: 0).map { highlight in
      (String(decoding: Array(text.utf8)[highlight.range], as: UTF8.self), highlight.role)
    }
    let expected: [(String, Role)] = [
      ("softmax", .builtin), ("2.5", .number), (#""s""#, .string), (")", .error), ("# note", .comment),
    ]
    #expect(parts.map(\.0) == expected.map(\.0))
    #expect(parts.map(\.1) == expected.map(\.1))
    #expect(assistant.highlights(":zzz 1", cursor: 0).first?.role == .error)
    #expect(assistant.highlights(":why 1", cursor: 0).map(\.role) == [.keyword, .number])
  }

  @Test("Any text can be coloured and completed at any place", arguments: 0..<200 as Range<UInt64>)
  func anyText(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    let pool = Array("abn\\x0 1.:?\"#()[]{}=\u{1B}\n\u{0}αé深∇\u{301}👍".unicodeScalars)
    var view = String.UnicodeScalarView()
    for _ in 0..<20 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      view.append(pool[Int(state >> 33) % pool.count])
    }
    let text = String(view)
    for highlight in assistant.highlights(text, cursor: -1) {
      #expect(highlight.range.lowerBound >= 0 && highlight.range.upperBound <= text.utf8.count)
    }
    for cursor in 0...text.utf8.count {
      let range = assistant.completion(text, cursor: cursor).range
      #expect(range.upperBound == cursor && range.lowerBound >= 0)
    }
  }

  @Test(
    "Enter goes on where something is open",
    arguments: [
      ("f(x) = {", true), ("f(x) = x", false), ("[1, 2", true), ("1 +", true), (":why f(", false), ("", false),
      ("# {", false),
    ])
  func incomplete(_ text: String, _ isIncomplete: Bool) {
    #expect(LanguageAssistant.isIncomplete(text) == isIncomplete)
  }
}
