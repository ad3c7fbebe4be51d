import Testing

@testable import Sessions

@Suite("A transcript")
struct TranscriptTests {
  static let file = """
    ---
    nabla: 1            # format version
    seed: 7
    tolerance: 1e-4
    ---
    # A title
    Prose with $x$.

    ```nabla hide
    >>> f(x) = {
    ..>   x
    ..> }
    ```
    ```swift
    >>> not ours
    ```
    ```nabla error=E0101 tolerance=1e-3
    >>> 1 + 2
    ans = 3

    >>> y
    error E0101: no name y
    ```

    """

  @Test("is printed as it was read")
  func roundTrip() throws {
    let transcript = try Transcript(Self.file)
    #expect(transcript.text == Self.file)
    #expect(transcript.header.seed == 7)
    #expect(transcript.header.tolerance == 1e-4)
    let cells = transcript.blocks.compactMap { block in if case .cell(let cell) = block { cell } else { nil } }
    #expect(cells.count == 2)
    #expect(cells[0].words.isHidden && cells[0].entries[0].text == "f(x) = {\n  x\n}")
    #expect(cells[1].words.errors == ["E0101"] && cells[1].words.tolerance == 1e-3)
    #expect(cells[1].entries.map(\.line) == [18, 21])
    #expect(cells[1].entries[0].output == ["ans = 3", ""])
  }

  @Test(
    "says what is wrong and on which line",
    arguments: [
      ("---\nseed: 7\n", 1), ("---\nseed: x\n---\n", 2), ("---\ncolour: red\n---\n", 2), ("a\n```nabla\n>>> 1\n", 2),
      ("```nabla loud\n```\n", 1), ("```nabla error=all\n```\n", 1), ("```nabla quiz hint=\"a\n```\n", 1),
    ])
  func problems(text: String, line: Int) {
    do throws(TranscriptProblem) {
      _ = try Transcript(text)
      Issue.record("accepted \(text)")
    } catch {
      #expect(error.line == line)
    }
  }
}

@Suite("Comparing answers")
struct ComparisonTests {
  func agree(_ expected: String, _ got: String, tolerance: Double? = nil) -> Bool {
    func lines(_ text: String) -> [String] {
      text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
    return Comparison(tolerance: tolerance).difference(expected: lines(expected), got: lines(got)) == nil
  }

  @Test("takes numbers at the digits written")
  func digits() {
    #expect(agree("x = 3.14", "x = 3.1416"))
    #expect(agree("x = 3.1416", "x = 3.1416"))
    #expect(!agree("x = 3.1417", "x = 3.1416"))
    #expect(!agree("x = 3", "x = 4"))
    #expect(agree("W : [2, 3]", "W : [2, 3]"))
    #expect(!agree("W : [2, 3]", "W : [2, 4]"))
    #expect(agree("1,179,776 in all", "1,179,776 in all"))
    #expect(!agree("E0203", "E0204"))
    #expect(agree("[ 1,  -2.5]", "[1, -2.5]") == false)
    #expect(agree("a  1.0", "a 1"))
  }

  @Test("takes a relative tolerance where there is one")
  func tolerance() {
    #expect(agree("L = 0.92798", "L = 0.92799", tolerance: 1e-4))
    #expect(!agree("L = 0.92898", "L = 0.92798", tolerance: 1e-4))
  }

  @Test("lets … stand for lines, for the rest and for digits")
  func elision() {
    #expect(agree("a\n…\nd", "a\nb\nc\nd"))
    #expect(agree("a\n…", "a"))
    #expect(!agree("a\n…\nd", "a\nb\nc"))
    #expect(agree("W : [4, 3] …", "W : [4, 3]\n [1, 2;\n  3, 4]"))
    #expect(agree("W : [4, 3] …\nend", "W : [4, 3]\n [1, 2;\n  3, 4]\nend"))
    #expect(!agree("W : [4, 3] …", "W : [4, 2]\n [1, 2]"))
    #expect(agree("x = 0.84…", "x = 0.8415"))
    #expect(!agree("x = 0.85…", "x = 0.8415"))
  }

  @Test("names the first difference")
  func difference() {
    let found = Comparison(tolerance: 1e-4).difference(expected: ["a", "L = 0.92898"], got: ["a", "L = 0.92798"])
    #expect(found?.index == 1 && found?.numbers?.got == 0.92798)
    let short = Comparison().difference(expected: ["a", "b"], got: ["a"])
    #expect(short?.expected == "b" && short?.got == nil)
  }
}

@Suite("Playing a transcript")
struct PlayerTests {
  final class Parrot: Responder {
    func respond(to input: String) -> (lines: [String], error: String?) {
      input == "bad" ? (["error E0101: no name bad"], "E0101") : (["ans = \(input)"], nil)
    }
  }

  @Test("finds answers that differ and errors that do not come")
  func play() throws {
    let transcript = try Transcript(
      "```nabla error=E0101\n>>> 1\nans = 1\n>>> 2\nans = 3\n>>> bad\n>>> bad\nerror E0101: no name bad\n```\n"
        + "```nabla error=E0101\n>>> 5\n```\n```nabla skip\n>>> 1\nans = 7\n```\n")
    let results = Player().play(transcript, on: Parrot())
    #expect(results.map(\.isDifferent) == [false, true, true, false, true, false])
    let report = CheckReport(files: [FileCheck(path: "a.md", results: results)])
    #expect(report.differences == 3)
    #expect(report.lines.contains { $0.contains("a.md:4") })
  }

  @Test(
    "An error is an answer only where its block declares it, and is declared only where it comes",
    arguments: [
      ("```nabla\n>>> bad\nerror E0101: no name bad\n```\n", true),
      ("```nabla error=E0101\n>>> bad\nerror E0101: no name bad\n```\n", false),
      ("```nabla error=E0101\n>>> bad\n```\n", false),
      ("```nabla error=E0101\n>>> bad\nerror E0101: no name bad\n>>> 1\nans = 1\n```\n", false),
      ("```nabla error=E0101\n>>> bad\n>>> 1\nans = 1\n```\n", true),
      ("```nabla error=E0205\n>>> bad\nerror E0101: no name bad\n```\n", true),
      ("```nabla error=E0101,E0205\n>>> bad\n```\n", true),
      ("```nabla hide\n>>> bad\n```\n", true),
    ])
  func errors(text: String, differs: Bool) throws {
    let results = Player().play(try Transcript(text), on: Parrot())
    #expect(results.contains(where: \.isDifferent) == differs)
  }

  @Test("An error that is taken over is declared, one that is gone is declared no more")
  func declared() throws {
    func updated(_ text: String) throws -> String {
      let transcript = try Transcript(text)
      let results = Player().play(transcript, on: Parrot()).filter(\.isDifferent)
      let now = transcript.updated(with: results)
      #expect(Player().play(now, on: Parrot()).allSatisfy { !$0.isDifferent }, "\(now.text)")
      return now.text
    }
    let shown = "error E0101: no name bad\n"
    #expect(
      try updated("```nabla tolerance=1e-3\n>>> 1\nans = 1\n>>> bad\nans = 2\n```\n")
        == "```nabla error=E0101 tolerance=1e-3\n>>> 1\nans = 1\n>>> bad\n\(shown)```\n")
    #expect(
      try updated("```nabla error=E0205\n>>> bad\n\(shown)```\n") == "```nabla error=E0101\n>>> bad\n\(shown)```\n")
    #expect(try updated("```nabla error=E0101\n>>> 1\n```\n") == "```nabla\n>>> 1\nans = 1\n```\n")
    #expect(try updated("```nabla\r\n>>> bad\r\n```\r\n").hasPrefix("```nabla error=E0101\r\n"))
  }

  @Test("leaves slow cells out and says so, unless they are asked for")
  func slow() throws {
    let transcript = try Transcript("```nabla\n>>> 1\nans = 1\n```\n```nabla slow\n>>> 2\nans = 3\n```\n")
    var player = Player()
    let results = player.play(transcript, on: Parrot())
    #expect(results.map(\.outcome) == [.agrees, .leftOut])
    let report = CheckReport(files: [FileCheck(path: "a.md", results: results)])
    #expect(report.lines.first?.contains("1 input    ✓    1 slow, left out") == true)
    #expect(report.lines.last == "  1 file, 1 input, all as written")
    player.runsSlowCells = true
    #expect(player.play(transcript, on: Parrot()).map(\.isDifferent) == [false, true])
  }
}

@Suite("A stepper in a transcript")
struct StepperTranscriptTests {
  private let text = """
    ```nabla
    >>> :step z
      frame 1
    step 1/2> into
      frame inside
    step 1/2, 3/6>
      frame after Enter
    step 1/2, 4/6>
      Enter again
    step 2/2>
    >>> 1
    ans = 1
    ```

    """

  /// Answers with where it stands, one step further each time.
  final class Walker: Responder {
    var prompts = [">>> ", "step 1/2> ", "step 1/2, 3/6> ", "step 1/2, 4/6> ", "step 2/2> "][...]
    var heard: [String] = []

    func respond(to input: String) -> (lines: [String], error: String?) {
      heard.append(input)
      prompts = prompts.dropFirst()
      return ([], nil)
    }

    func stand(at prompt: String) -> String { prompts.first ?? ">>> " }
  }

  @Test("is read with its prompts and printed as it was read")
  func reads() throws {
    let transcript = try Transcript(text)
    #expect(transcript.text == text)
    guard case .cell(let cell) = transcript.blocks[0] else {
      Issue.record("no cell")
      return
    }
    #expect(cell.entries.map(\.text) == [":step z", "into", "", "", "", "1"])
    #expect(cell.entries.indices.map(cell.isOpen) == [false, false, false, false, true, false])
  }

  @Test("a bare prompt with an answer below is Enter, one without is where the reader stands")
  func enters() throws {
    let walker = Walker()
    _ = Player().play(try Transcript(text), on: walker)
    #expect(walker.heard == [":step z", "into", "", "", "1"])
  }

  @Test("a prompt that differs from where the stepper stands is a difference")
  func differs() throws {
    let wrong = text.split(separator: "step 1/2> into").joined(separator: "step 2/2> into")
    let results = Player().play(try Transcript(wrong), on: Walker())
    #expect(results[1].outcome == .differs(.init(expected: "step 2/2>", got: "step 1/2>", index: 0)))
  }

  @Test("prose that begins with step is no prompt")
  func prose() {
    for line in ["step by step> x", "step > x", "steps 1/2> x", "step 1/2>x", "  step 1/2> x"] {
      #expect(Transcript.prompt(of: line) == nil, "\(line)")
    }
  }
}
