import Sessions
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Numbers from a seed, the same on every machine.
struct Dice: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &self)]
  }
  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
}

@Suite("The format")
struct FormatTests {
  private static let pieces = [
    "---", "nabla: 1", "seed: 7", "tolerance: 1e-4", "title: x", "", " ", "# A title", "prose with $x$", "```", "````",
    "```nabla", "```nabla hide", "```nabla error=E0101 tolerance=1e-3", "```nabla quiz wrong=\"a b\" hint=\"c\"",
    "```swift", ">>> x = 1", ">>>", ">>>  ", "..> 2", "..>", "lesson> y", "step 3/7> next", "step 1/2, 1/6> ",
    "ans = 3",
    " [1, 2;", "…", "\t", "é深👍", "e\u{301}", "\u{301}", "a\r", "\r", "```\r", ">>> x\r", "\u{0}", "\u{1B}[31m",
    "\u{2028}",
  ]

  @Test("Whatever can be read is printed as it was", arguments: 0..<400 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var dice = Dice(seed)
    let lines = (0..<dice.below(25)).map { _ in dice.pick(Self.pieces) }
    let text = lines.joined(separator: dice.below(4) == 0 ? "\r\n" : "\n") + dice.pick(["", "\n", "\n\n", "\r\n"])
    guard let transcript = try? Transcript(text) else { return }
    #expect(Array(transcript.text.utf8) == Array(text.utf8), "\(text.debugDescription)")
  }

  @Test("A file without a last newline, an empty file and one from Windows come back byte by byte")
  func endings() throws {
    for text in ["", "\n", "a", "a\n", "```nabla\r\n>>> 1\r\nans = 1\r\n```\r\n", "---\r\nseed: 7\r\n---\r\n"] {
      #expect(Array(try Transcript(text).text.utf8) == Array(text.utf8))
    }
    let windows = try Transcript("```nabla hide\r\n>>> f(x) = {\r\n..> x }\r\nok\r\n```\r\n")
    guard case .cell(let cell)? = windows.blocks.first else {
      Issue.record("no cell")
      return
    }
    #expect(cell.words.isHidden && cell.entries[0].text == "f(x) = {\nx }")
  }

  @Test("Every session, lesson and case of the source is read and printed as it stands")
  func everyFile() throws {
    let root = String(#filePath.dropLast("/Tests/SessionsTests/FormatTests.swift".count))
    var count = 0
    for folder in ["sessions", "tutorials", "Tests/LanguageTests/Cases"] {
      for name in Self.names(in: "\(root)/\(folder)") where name.hasSuffix(".md") {
        let bytes = Self.bytes("\(root)/\(folder)/\(name)")
        let transcript = try Transcript(String(decoding: bytes, as: UTF8.self))
        #expect(Array(transcript.text.utf8) == bytes, "\(folder)/\(name)")
        count += 1
      }
    }
    #expect(count > 10)
    let readme = Self.bytes(root + "/README.md")
    #expect(Array(try Transcript(String(decoding: readme, as: UTF8.self)).text.utf8) == readme)
  }

  @Test("A quiz holds its mistakes with what is the matter, and its hints in order")
  func quiz() throws {
    let text = """
      ```nabla quiz hint="first" wrong="σ(-z)" hint="the sign" hint="second" wrong="z"
      What is it?
      >>> σ(z)
      ans = 0.8
      ```

      """
    guard case .cell(let cell)? = try Transcript(text).blocks.first, let quiz = cell.words.quiz else {
      Issue.record("no quiz")
      return
    }
    #expect(quiz.hints == ["first", "second"])
    #expect(quiz.mistakes.map(\.expression) == ["σ(-z)", "z"] && quiz.mistakes.map(\.remark) == ["the sign", nil])
    #expect(cell.preamble == ["What is it?"])
  }

  @Test(
    "Words that cannot be are refused on their line",
    arguments: [
      ("```nabla wrong=\"x\"\n```\n", 1), ("\n```nabla check=some\n```\n", 2), ("---\nwidth: 7\n---\n", 2),
      ("---\nascii: maybe\n---\n", 2), ("---\nabsolute: -1\n---\n", 2), ("---\nnabla: 2\n---\n", 2),
      ("```nabla tolerance=x\n```\n", 1), ("```nabla width=wide\n```\n", 1),
    ])
  func refused(text: String, line: Int) {
    do throws(TranscriptProblem) {
      _ = try Transcript(text)
      Issue.record("accepted \(text)")
    } catch {
      #expect(error.line == line && !error.message.isEmpty)
    }
  }

  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.sorted()
  }

  static func bytes(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
  }
}

@Suite("Elision, tolerance and places")
struct ComparisonDetailTests {
  @Test("Digits left out are any digits, and the tolerance holds for them too")
  func elidedDigits() {
    func agree(_ a: String, _ b: String, _ tolerance: Double? = nil) -> Bool {
      Comparison(tolerance: tolerance).difference(expected: [a], got: [b]) == nil
    }
    #expect(agree("x = 0.84…", "x = 0.8415") && !agree("x = 0.84…", "x = 0.8399"))
    #expect(agree("x = 0.84…", "x = 0.8399", 1e-3) && agree("x = 0.84…", "x = 0.8501", 1e-3))
    #expect(agree("x = -0.84…", "x = -0.8501", 1e-3) && !agree("x = -0.84…", "x = -0.86", 1e-3))
  }

  @Test("Beside the relative tolerance there is an absolute one, for what is nearly 0")
  func absolute() {
    let comparison = Comparison(tolerance: 1e-6, absolute: 1e-9)
    #expect(comparison.difference(expected: ["x = 0"], got: ["x = 3.0e-10"]) == nil)
    #expect(comparison.difference(expected: ["x = 0"], got: ["x = 3.0e-8"]) != nil)
  }

  @Test("The place of a difference begins at the first character that differs")
  func places() {
    func place(_ a: String, _ b: String) -> Range<Int>? { Comparison().difference(expected: [a], got: [b])?.place }
    #expect(place("L = 0.92898", "L = 0.92798") == 8..<11)
    #expect(place("a b c", "a x c") == 2..<5)
    #expect(place("n = 12", "n = 12 more") == 6..<11)
  }
}

@Suite("The report of a check")
struct ReportTests {
  final class Answers: Responder {
    var answers: [String]
    init(_ answers: [String]) { self.answers = answers }
    func respond(to input: String) -> (lines: [String], error: String?) { ([answers.removeFirst()], nil) }
  }

  private func check(_ path: String, _ text: String, _ answers: [String]) throws -> FileCheck {
    let transcript = try Transcript(text)
    return FileCheck(
      path: path, results: Player().play(transcript, on: Answers(answers)), quizzes: transcript.quizCount)
  }

  @Test("is a line a file when all is as written")
  func pass() throws {
    let dense = "```nabla\n>>> a\n1\n```\n"
    let report = CheckReport(files: [
      try check("sessions/dense-layer.md", dense, ["1"]),
      try check("tutorials/02-neuron.md", dense + "```nabla quiz\n>>> b\n2\n```\n", ["1", "2"]),
    ])
    #expect(
      report.lines == [
        "  sessions/dense-layer.md             1 input    ✓",
        "  tutorials/02-neuron.md              2 inputs   ✓    1 quiz",
        "  2 files, 3 inputs, all as written",
      ])
  }

  @Test("shows what is written, what comes now, how far apart, and what to do")
  func fail() throws {
    let text = "---\ntolerance: 1e-4\n---\n```nabla\n>>> L = cross_entropy(y, t)\nL = 0.92898\n```\n"
    let report = CheckReport(files: [try check("sessions/dense-layer.md", text, ["L = 0.92798"])])
    #expect(
      report.lines == [
        "  sessions/dense-layer.md             1 input    ✗ 1 differs",
        "",
        "  sessions/dense-layer.md:5          after  >>> L = cross_entropy(y, t)",
        "    written   L = 0.92898",
        "    now       L = 0.92798",
        "                      ───      off by 0.0010, relative 0.0011; allowed 1e-4",
        "",
        "  1 file, 1 input, 1 difference.   nabla update sessions/dense-layer.md",
      ])
  }

  @Test("tells a word from a number, and shows control characters instead of obeying them")
  func words() throws {
    let report = CheckReport(files: [try check("a.md", "```nabla\n>>> x\na b\u{1B}[2J\n```\n", ["a c"])])
    #expect(report.lines.contains { $0.contains("␛[2J") })
    #expect(!report.lines.joined().unicodeScalars.contains("\u{1B}"))
    #expect(!report.lines.contains { $0.contains("off by") })
  }

  @Test("An update takes over the answers that were accepted and leaves the rest of the file alone")
  func update() throws {
    let text = "# T\n```nabla\n>>> a\n1\n\n>>> b\n2\n```\n```nabla error=E0101\n>>> c\n```\nend"
    let transcript = try Transcript(text)
    let results = Player().play(transcript, on: Answers(["1.5", "3", "4"]))
    #expect(results.map(\.isDifferent) == [true, true, true])
    #expect(transcript.updated(with: [results[0]]).text == text.replacing("1\n\n", "1.5\n\n"))
    #expect(
      transcript.updated(with: results).text
        == "# T\n```nabla\n>>> a\n1.5\n\n>>> b\n3\n```\n```nabla\n>>> c\n4\n```\nend")
  }
}

extension String {
  fileprivate func replacing(_ part: String, _ other: String) -> String {
    guard let range = firstRange(of: part) else { return self }
    return self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
