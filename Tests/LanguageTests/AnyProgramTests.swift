import Tensors
import Testing

@testable import Language

/// Programs nobody would write, run: an answer or an error that says what is wrong, never a trap.
@Suite("Any program")
struct AnyProgramTests {
  /// Names with a value of every kind; the generator draws names from these and from the built-ins.
  static let bound = [
    "x = [1, 2, 3]", "W = [1, 2; 3, 4]", "t = 2", "n = ones(2, 1, 3)", "f(a, b: 2) = a * b", "r = (W: [1, 2], b: 3)",
    "net = Dense(3, 2) >> relu", "s = \"word\"", "l = (1, [2, 3])", "d = iris()", "g = a -> sum(a^2)", "k = 0..<3",
  ]
  static let names = ["x", "W", "t", "n", "f", "r", "net", "s", "l", "d", "g", "k", "sum", "max", "exp", "relu", "end"]

  @Test("is answered", arguments: 0..<60 as Range<UInt64>)
  func answered(seed: UInt64) {
    let interpreter = Interpreter(settings: Settings())
    for line in Self.bound { interpreter.evaluate(line + ";") }
    var generator = SyntaxGenerator(seed: seed &* 77 &+ 5, names: Self.names.filter { $0 != "end" })
    for _ in 0..<50 {
      let statement = generator.statement(3)
      // Tried, not run: time is short there, and every binding is taken back.
      _ = interpreter.machine.outline(ofTrying: Printer().text(statement))
    }
    guard case .done = interpreter.evaluate("x + 1") else {
      Issue.record("the session goes on")
      return
    }
  }
}
