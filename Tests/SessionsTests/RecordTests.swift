import Display
import Language
import Sessions
import Testing

@testable import Shell

/// Sessions nobody planned: names, errors, draws, plots, blocks, commands, whatever comes.
struct SessionDice {
  private var dice: Dice
  init(_ seed: UInt64) { dice = Dice(seed) }

  mutating func width() -> Int? { dice.below(12) == 0 ? dice.pick([60, 80, 100, 132]) : nil }

  private mutating func number() -> String {
    dice.pick(["0", "1", "2.5", "-3", "1e-3", "1/3", "\(dice.below(100))", "π"])
  }

  private mutating func value() -> String {
    dice.pick([
      number(), "[\(number()), \(number())]", "randn(\(1 + dice.below(3)), 2)", "rand(3)", "W @ Wᵀ", "x + \(number())",
      "x * x", "zeros(2, 3)", "sum(W)", "softmax(x)", "iris().x[0..<3]", "(a: x, b: \(number()))", "\"te  xt\"",
      "0..<5",
      "W[\(dice.below(4)), 0]", "f(\(number()))", "∇(u -> sum(u²))(x)", "permutation(4)", "y", "nope",
    ])
  }

  private mutating func name() -> String { dice.pick(["x", "y", "W", "z", "sum", "θ"]) }

  mutating func line() -> String {
    switch dice.below(26) {
    case 0..<9: "\(name()) = \(value())\(dice.pick(["", "", ";"]))"
    case 9..<13: value()
    case 13: "f(a, b: 2) = {\n  c = a * \(number())\n  c + b\n}"
    case 14:
      "print(\(dice.pick(["\">>> 1\"", "\"```\"", "\"..> x\"", "\"…\"", "\"error E0101: no\"", "\"a\\n```\\nb\"", "x"])))"
    case 15: dice.pick(["plot(x)", "hist(randn(50))", "bars([1, 2, 3])", "heatmap(W)"])
    case 16: "for i in 0..<3 {\n  x = x + i * randn(2)\n}"
    case 17: "z[i,j] = W[i,j] + \(number())"
    case 18: "∂z/∂W"
    case 19: dice.pick([":vars", ":history", ":set", ":explain E0205", ":shape W @ x", ":tree 1 + 2", ":help relu"])
    case 20: dice.pick([":set digits \(3 + dice.below(5))", ":set precision f32", ":set seed \(dice.below(9))"])
    case 21: dice.pick([":undo", ":undo 2", ":clear", ":clear x", ":nothing", ":", "?sum"])
    case 22: ":time \(value())"
    case 23: dice.pick(["(1 + ", "1 +* 2", "x = = 2", "[1, 2", "a b", "@", "\"open"])
    case 24: "net = Dense(2, 3) >> relu"
    default: "x = [1, 2]; y = [3, 4];\nx + y"
    }
  }
}

@Suite("A session that is saved")
struct RecordTests {
  /// What `nabla check` finds in a file of this text.
  private func check(_ text: String) throws -> FileCheck {
    Shell.check(try Transcript(text), at: "folder/session.md", slow: true, options: ShellOptions())
  }

  @Test("passes the check at once, whatever was typed", arguments: 0..<120 as Range<UInt64>)
  func passes(seed: UInt64) throws {
    var result: Result<FileCheck, any Error>?
    var text = ""
    Interpreter.onLargeStack {
      var dice = SessionDice(seed)
      let options = ShellOptions(
        precision: seed % 5 == 0 ? .f32 : .f64, seed: seed, digits: seed % 3 == 0 ? 7 : 5, ascii: seed % 7 == 0)
      let console = Console(settings: options.settings(width: seed % 4 == 0 ? 100 : 80))
      console.keepRecord()
      for line in ["x = [1, 2]", "W = randn(3, 2)"] + (0..<25).map({ _ in dice.line() }) {
        if let width = dice.width() { console.settings.width = width }
        _ = console.answer(line)
      }
      text = console.record?.transcript(title: "session").text ?? ""
      result = Result { try self.check(text) }
    }
    let found = try #require(result).get()
    #expect(found.inputs == 27)
    for result in found.results where result.isDifferent {
      Issue.record("\(result.entry.text): \(result.outcome)\n\(text)")
    }
  }

  @Test("What was stopped by hand is kept, and not run again from there on")
  func stopped() throws {
    let console = Console(settings: Settings())
    console.keepRecord()
    _ = console.answer("x = 1")
    var stopped = SessionRecord.Entry(prompt: ">>> ", text: "while 1 { x = x + 1 }", style: console.style)
    stopped.isStopped = true
    console.record?.entries.append(stopped)
    _ = console.answer("x + 1")
    let text = try #require(console.record).transcript(title: "t").text
    #expect(text.contains("Stopped by Ctrl-C"))
    let results = try check(text).results
    #expect(results.map(\.outcome) == [.agrees, .skipped, .skipped])
  }
}

@Suite("Taking back")
struct UndoTests {
  private func session() -> (Console, (String) -> [String]) {
    let console = Console(settings: Settings())
    console.keepRecord()
    return (console, { console.respond(to: $0).lines })
  }

  @Test("Names, draws, settings and the count of lines are as before")
  func everything() {
    let (console, type) = session()
    _ = type("x = randn(2)")
    let first = type("x")
    let moment = console.interpreter.line
    _ = type("x = randn(2); y = randn(3);")
    _ = type(":set digits 8")
    #expect(type(":undo").first?.contains(":set digits 8") == true)
    #expect(console.settings.digits == 5)
    #expect(type(":undo").contains { $0.contains("y is not bound") })
    #expect(type("x") == first)
    #expect(console.interpreter.line == moment + 1)
    // The same draws come again.
    let again = type("randn(2)")
    _ = type(":undo")
    #expect(type("randn(2)") == again)
  }

  @Test("What is taken back has not been, for all that follows", arguments: 0..<40 as Range<UInt64>)
  func property(seed: UInt64) {
    Interpreter.onLargeStack {
      var dice = SessionDice(seed &+ 1000)
      let (console, type) = session()
      let (_, other) = session()
      /// Types a line and takes it back, if there is something to take back.
      func inVain(_ line: String) {
        let (known, before) = (console.steps.count, console.interpreter.moment)
        _ = type(line)
        if console.steps.count > known { _ = type(":undo") } else { console.interpreter.goBack(to: before) }
      }
      for line in ["x = [1, 2]", "W = randn(3, 2)"] { #expect(type(line) == other(line)) }
      for _ in 0..<15 {
        let line = dice.line()
        guard !line.hasPrefix(":") else { continue }
        inVain("gone = randn(2); x = 7; W = \"w\"; θ = 3;")
        inVain(dice.line())
        #expect(type(line) == other(line), "\(line)")
      }
    }
  }

  @Test("A derivative through names goes on to work")
  func derivatives() {
    let (_, type) = session()
    for line in ["w = [1, 2]", "L = sum(w²)", "w = [5, 5]", ":undo"] { _ = type(line) }
    #expect(type("∂L/∂w") == ["ans : [2] = [2, 4]"])
  }

  @Test("With nothing to take back it says so")
  func nothing() {
    let (_, type) = session()
    #expect(type(":undo") == ["  nothing to take back"])
    _ = type(":vars")
    #expect(type(":undo") == ["  nothing to take back"])
  }
}
