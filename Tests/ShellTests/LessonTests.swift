import Display
import Language
import Sessions
import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files in a folder of their own.
private final class LessonFolder {
  let path: String

  init(_ files: [String: String]) throws {
    var template = Array("/tmp/nabla-lessons-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for (name, text) in files {
      let file = try #require(fopen(path + "/" + name, "w"))
      fputs(text, file)
      fclose(file)
    }
  }
}

private let neuron = """
  # 2 a neuron by hand

  ```nabla hide
  >>> secret = 5
  ```

  A neuron weighs its inputs, adds a bias, and squeezes the sum with **σ**:

  $y = \\sigma(w \\cdot x + b) \\qquad \\sigma(z) = \\frac{1}{1 + \\exp(-z)}$

  ```nabla
  >>> x = [2, 0.5];  w = [1.5, -4];  b = 0.25;
  >>> z = w · x + b
  z = 1.25
  ```

  ```nabla quiz wrong="σ(-z)" hint="look at the sign in exp(-z)" hint="σ is 1 over 1 + exp(-z)" hint="type 1/(1 + exp(-z))"
  What is y for this z?  A number, or any expression.
  >>> 1/(1 + exp(-z))
  ans = 0.77730
  ```

  The draws come as in the file.

  ```nabla
  >>> randn(2)
  ans : [2] = [0.6750, -1.3680]
  ```

  ## The end

  Try `σ(0)`.

  """

@Suite("A lesson")
struct LessonTests {
  private func session() throws -> (Console, (String) -> [String]) {
    let folder = try LessonFolder([
      "01-a-number.md": "# 1 a number, a vector, a matrix\n```nabla\n>>> 1\nans = 1\n```\nEnd.\n",
      "02-neuron.md": neuron, "03-layer.md": "# 3. a layer is a matrix product\nText.\n", "notes.md": "# no lesson\n",
    ])
    let console = Console(settings: Settings())
    console.keepRecord()
    console.tutorials = Tutorials(folder: folder.path)
    return (console, { console.respond(to: $0).lines })
  }

  @Test("is listed with how far the reader is")
  func list() throws {
    let (console, type) = try session()
    console.note(.init(step: 1, isDone: true), of: "01-a-number")
    console.note(.init(step: 1), of: "02-neuron")
    #expect(
      type(":tutorial") == [
        "   1  a number, a vector, a matrix            1 step    ✓ done",
        "   2  a neuron by hand                        3 steps   ▸ at step 2",
        "   3  a layer is a matrix product             1 step",
        "  go on with  :tutorial 2      start one with  :tutorial 3",
      ])
  }

  @Test("shows prose, a drawn formula, lines that really run, and a question")
  func screen() throws {
    let (console, type) = try session()
    #expect(
      type(":tutorial 2") == [
        "── 2 a neuron by hand ─────────────────────────────────────────── step 1 of 3 ──",
        "",
        "  A neuron weighs its inputs, adds a bias, and squeezes the sum with σ:",
        "",
        "                                       1",
        "     y = σ(w·x + b)        σ(z) = ───────────",
        "                                  1 + exp(-z)",
        "",
        ">>> x = [2, 0.5];  w = [1.5, -4];  b = 0.25;",
        ">>> z = w · x + b",
        "z = 1.25",
        "",
        "  Quiz  What is y for this z? A number, or any expression.",
      ])
    #expect(console.prompt == "lesson> ")
  }

  @Test("grades the value: a foreseen mistake is named, a hint helps, any expression counts")
  func quiz() throws {
    let (_, type) = try session()
    _ = type(":tutorial 2")
    #expect(
      type("0.22270") == [
        "  ✗ not yet. 0.22270 is σ(-z): look at the sign in exp(-z).", "    again, or  :hint   :answer",
      ])
    #expect(type("1 - 0.5").first == "  ✗ not yet: σ is 1 over 1 + exp(-z)")
    #expect(type(":hint") == ["  type 1/(1 + exp(-z))"])
    #expect(type(":hint").first?.contains("no more hints") == true)
    #expect(type("").first?.contains("the quiz first") == true)
    // What binds a name is tried, and is no answer.
    #expect(type("u = σ(z)") == ["u = 0.77730"])
    #expect(type("nope").first == "error E0101: no name nope")
    #expect(type("exp(z)/(1 + exp(z))").first == "  ✓ 0.77730. Yes.")
    #expect(type("u").first == "error E0101: no name u")
  }

  @Test(
    "takes a number that is rounded to the digits typed, and no other",
    arguments: [
      ("0.777", true), ("0.78", true), ("0.8", false), ("0.77", false), ("1", false), ("0.7773", true),
      ("[0.7773]", false),
    ])
  func rounded(answer: String, isRight: Bool) throws {
    let (_, type) = try session()
    _ = type(":tutorial 2")
    #expect(type(answer).first?.hasPrefix("  ✓") == isRight)
  }

  @Test("gives its answer to who asks")
  func answer() throws {
    let (_, type) = try session()
    _ = type(":tutorial 2")
    let lines = type(":answer")
    #expect(lines.prefix(2) == [">>> 1/(1 + exp(-z))", "ans = 0.77730"])
    #expect(type("").contains { $0.contains("step 2 of 3") })
  }

  @Test("What is only looked at is shown and not graded, and after :play nothing is")
  func looking() throws {
    let (_, type) = try session()
    _ = type(":tutorial 2")
    #expect(type("sum(x)") == ["ans = 2.5", "    not the answer yet; again, or  :hint   :answer"])
    #expect(type(":vars").contains { $0.contains("w") })
    #expect(type(":play") == ["  try anything, nothing is graded; :done brings the lesson back"])
    #expect(type("σ(z)") == ["ans = 0.77730"])
    #expect(type("0.2227") == ["ans = 0.2227"])
    #expect(
      type(":done") == [
        "  the lesson is as it was", "  Quiz  What is y for this z? A number, or any expression.",
      ])
    #expect(type("σ(z)").first == "  ✓ 0.77730. Yes.")
  }

  /// A session with a lesson 1 of this text, opened.
  private func lesson(_ text: String, ascii: Bool = false) throws -> (Console, [String], (String) -> [String]) {
    let console = Console(settings: Settings(ascii: ascii))
    console.tutorials = Tutorials(folder: try LessonFolder(["01-one.md": text]).path)
    let type = { console.respond(to: $0).lines }
    return (console, type(":tutorial 1"), type)
  }

  @Test("What takes long is shown, said, and run when it is asked for")
  func slow() throws {
    let (_, first, type) = try lesson("Text.\n```nabla slow\n>>> k = 2\nk = 2\n```\n## More\n```nabla\n>>> 1\n```\n")
    #expect(
      first.suffix(4).prefix(3) == [
        ">>> k = 2", "", "  this takes long and was not run:  :run runs it, Enter goes on without it",
      ])
    #expect(type("k").first == "error E0101: no name k")
    #expect(type(":run") == [">>> k = 2", "k = 2"])
    #expect(type("k") == ["k = 2"])
    _ = type("")
    #expect(type(":run").first?.contains("nothing is left to run") == true)
  }

  @Test("A wrong answer that takes several lines is called by its expression, and a remark keeps its own end")
  func matrices() throws {
    let (_, _, type) = try lesson(
      "```nabla\n>>> A = [1, 2; 3, 4];\n```\n```nabla quiz wrong=\"2 * A\" hint=\"why twice?\" wrong=\"A\"\nWhat is 3A?\n>>> 3 * A\n```\n"
    )
    #expect(type("A + A").first == "  ✗ not yet. That is 2 * A: why twice?")
    #expect(type("A").first == "  ✗ not yet.")
    #expect(type("A * 3").first == "  ✓ Yes.")
  }

  @Test("A calculation that only repeats the answer is not shown")
  func trivial() throws {
    let (_, _, type) = try lesson("```nabla quiz\nFive times five?\n>>> 25\n```\n")
    #expect(type("25").prefix(2) == ["  ✓ 25. Yes.", ""])
    let (_, _, third) = try lesson("```nabla\n>>> x = [1, 2];\n```\n```nabla quiz\nIts sum?\n>>> sum(x)\n```\n")
    #expect(third("3").contains { $0.contains("= 1 + 2") })
  }

  @Test("Last words of a chapter and a question about what is seen stand below it; what leads on begins a page")
  func pages() throws {
    let text = """
      Before.
      ```nabla
      >>> 1
      ```
      Leads on:
      ```nabla
      >>> 2
      ```
      Asks.
      ```nabla quiz
      What?
      >>> 2
      ```
      ```nabla
      >>> 3
      ```
      Last words.

      ## End
      ```nabla
      >>> 4
      ```

      """
    let steps = Lesson(try Transcript(text), name: "x", style: .plain).steps
    let shown = steps.map { step in
      step.items.map { item in
        switch item {
        case .prose(let lines): lines.joined()
        case .cell(let cell): cell.entries[0].text
        }
      }
    }
    #expect(shown == [["Before.", "1"], ["Leads on:", "2", "Asks.", "2"], ["3", "Last words."], ["4"]])
  }

  @Test("A question keeps its margin on every line, in any width", arguments: [40, 60, 80])
  func margins(width: Int) throws {
    let console = Console(settings: Settings(width: width))
    let words = Array(repeating: "word", count: 40).joined(separator: " ")
    console.tutorials = Tutorials(
      folder: try LessonFolder(["01-one.md": "Text.\n```nabla quiz\n\(words)\n>>> 2\n```\n"]).path)
    let lines = console.respond(to: ":tutorial 1", width: width).lines
    let start = try #require(lines.firstIndex { $0.hasPrefix("  Quiz  word") })
    #expect(
      lines[start...].allSatisfy { $0.count <= width - 1 && ($0.hasPrefix("  Quiz  ") || $0.hasPrefix("        word")) }
    )
  }

  @Test("goes on with its own names and draws, whatever was tried, and leaves the user's alone")
  func play() throws {
    let (console, type) = try session()
    _ = type("z = 77")
    let before = console.record?.entries.count
    _ = type(":tutorial 2")
    _ = type("0.7773")
    #expect(type("z = 3; randn(5);") == [])
    #expect(type("z") == ["z = 3"])
    #expect(type(":done").first?.contains("as it was") == true)
    #expect(type("z") == ["z = 1.25"])
    _ = type("z = 4; secret = 1; rand(3)")
    #expect(type(":next").contains("ans : [2] = [0.6750, -1.3680]"))
    #expect(type("(z, secret)") == ["ans : list = (1.25, 5)"])
    _ = type(":back")
    #expect(type("randn(2)").last?.contains("not the answer yet") == true)
    #expect(type(":quit").first?.contains(":tutorial 2") == true)
    #expect(console.prompt == ">>> ")
    #expect(type("z") == ["z = 77"])
    #expect(console.record?.entries.count == (before ?? 0) + 1)
  }

  @Test("is taken up where it was left, and is done at its end")
  func places() throws {
    let (console, type) = try session()
    _ = type(":tutorial 2")
    _ = type("0.7773")
    _ = type("")
    _ = type(":quit")
    #expect(console.progress(of: "02-neuron") == .init(step: 1))
    #expect(type(":tutorial 2").contains("ans : [2] = [0.6750, -1.3680]"))
    #expect(type("").contains { $0.contains("the lesson ends here") })
    #expect(console.progress(of: "02-neuron") == .init(step: 2, isDone: true))
    #expect(type("").first?.contains("this was the last step") == true)
    _ = type(":quit")
    #expect(type(":tutorial 2").first?.contains("step 1 of 3") == true)
  }

  @Test("that is not there, and steps outside of one, are told")
  func errors() throws {
    let (console, type) = try session()
    #expect(console.respond(to: ":tutorial 9").error == "E0846")
    #expect(console.respond(to: ":tutorial 2 7").error == "E0846")
    for command in [":next", ":back", ":play", ":done", ":hint", ":answer"] {
      #expect(console.respond(to: command).error == "E0847")
    }
    console.tutorials = Tutorials(folder: "/nowhere")
    #expect(console.respond(to: ":tutorial").error == "E0846")
    _ = type("1")
  }

  @Test(
    "Every lesson shipped fits a screen of 24 lines, its quizzes have answers, and no foreseen mistake is right",
    arguments: Tutorials.shipped.entries.map(\.number).filter { $0 < 10 || allLessons })
  func shipped(number: Int) throws {
    let entry = try #require(Tutorials.shipped.entries.first { $0.number == number })
    let lesson = Lesson(try Transcript(try FileText.read(entry.path)), name: entry.name, style: .plain)
    Interpreter.onLargeStack {
      let console = Console(settings: Settings())
      console.tutorials = Tutorials.shipped
      var shown = console.respond(to: ":tutorial \(number) 1").lines
      for (index, step) in lesson.steps.enumerated() {
        #expect(shown.count <= 23, "\(entry.name) step \(index + 1) takes \(shown.count) lines")
        // A long input is broken by the terminal, as when it is typed.
        for line in shown where !line.hasPrefix(">>> ") && !line.hasPrefix("..> ") {
          #expect(line.count <= 80, "\(entry.name) step \(index + 1): \(line)")
        }
        if let quiz = step.quiz, let words = quiz.words.quiz {
          for mistake in words.mistakes {
            let graded = console.respond(to: mistake.expression).lines
            #expect(graded.first?.hasPrefix("  ✗ not yet") == true, "\(entry.name): \(mistake.expression): \(graded)")
          }
          let answer = quiz.entries.last?.text ?? ""
          let graded = console.respond(to: Guest.isExpression(answer) ? answer : ":answer").lines
          #expect(graded.first?.hasPrefix("  ✓") == Guest.isExpression(answer), "\(entry.name): \(answer): \(graded)")
        }
        if index + 1 < lesson.steps.count { shown = console.respond(to: "").lines }
      }
    }
  }
}

/// Whether the lessons are walked too that train for long: a debug build takes minutes for them.
private let allLessons = getenv("NABLA_LESSONS") != nil

extension Tutorials {
  /// Those of this repository.
  fileprivate static let shipped = Tutorials(
    folder: String(#filePath.dropLast("/Tests/ShellTests/LessonTests.swift".count)) + "/tutorials")
}
