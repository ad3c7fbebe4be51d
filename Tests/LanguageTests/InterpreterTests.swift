import Display
import KernelInterface
import Tensors
import Testing

@testable import Language

@Suite("The interpreter")
struct InterpreterTests {
  let interpreter = Interpreter(settings: Settings())

  /// The number that an input gives.
  private func number(_ text: String) -> Double? {
    guard case .done = interpreter.evaluate(text), case .number(let number)? = interpreter.value(named: "ans") else {
      return nil
    }
    return number
  }

  private func code(_ text: String) -> String? {
    if case .failed(let diagnostic, _) = interpreter.evaluate(text) { diagnostic.code } else { nil }
  }

  @Test("leaves every name as it was when a statement fails, and gives its draws back")
  func rollBack() {
    _ = interpreter.evaluate("x = 1; s = 0")
    #expect(code("for i in 0..<3 { x = x + 1; s = randn(2); if i == 2 { y } }") == "E0101")
    #expect(number("x") == 1)
    #expect(number("s") == 0)
    let other = Interpreter(settings: Settings())
    _ = other.evaluate("a = rand(1)[0]")
    _ = interpreter.evaluate("a = rand(1)[0]")
    guard case .number(let p)? = interpreter.value(named: "a"), case .number(let q)? = other.value(named: "a") else {
      Issue.record("a is a number")
      return
    }
    #expect(p == q)
  }

  @Test("keeps the statements of a line that came before the one that failed")
  func partOfALine() {
    #expect(code("u = 5; v = nowhere") == "E0101")
    #expect(number("u") == 5)
    #expect(interpreter.value(named: "v") == nil)
  }

  @Test("counts accepted inputs")
  func lines() {
    _ = interpreter.evaluate("p = 1")
    _ = interpreter.evaluate("nowhere")
    _ = interpreter.evaluate("q = 2")
    #expect(interpreter.names.map(\.name) == ["p", "q"])
    #expect(interpreter.names.map(\.line) == [1, 2])
  }

  @Test("gives a built-in back after :clear")
  func clear() {
    _ = interpreter.evaluate("exp = 3")
    #expect(number("exp + 1") == 4)
    #expect(interpreter.clear("exp"))
    #expect(number("exp(0)") == 1)
  }

  @Test("says that a recursion has no end and goes on with all names", .timeLimit(.minutes(1)))
  func recursion() {
    _ = interpreter.evaluate("f(n) = f(n + 1); x = 3")
    #expect(code("f(0)") == "E0501")
    #expect(number("x") == 3)
  }

  @Test("runs deep recursion on a large stack")
  func deepRecursion() {
    Interpreter.onLargeStack {
      let interpreter = Interpreter(settings: Settings())
      _ = interpreter.evaluate("f(n) = if n == 0 then 0 else 1 + f(n - 1)")
      _ = interpreter.evaluate("f(9000)")
      if case .number(let depth)? = interpreter.value(named: "ans") {
        #expect(depth == 9000)
      } else {
        Issue.record("f(9000) is a number")
      }
    }
  }

  @Test("tells an open bracket from a finished input")
  func incomplete() {
    #expect(interpreter.isIncomplete("x = [1, 2;"))
    #expect(!interpreter.isIncomplete("x = [1, 2]"))
  }

  @Test("divides a text into inputs with the numbers of their first lines")
  func inputs() {
    let inputs = Interpreter.inputs(of: "a = 1\n\nf(x) = {\n  x\n}\nf(2)\n")
    #expect(inputs.map(\.line) == [1, 3, 6])
    #expect(inputs[1].text == "f(x) = {\n  x\n}")
  }

  @Test("hands a command to the shell")
  func command() {
    if case .command(let text) = interpreter.evaluate(":vars") {
      #expect(text == ":vars")
    } else {
      Issue.record("a command")
    }
  }

  @Test("refuses a tensor past the limit before it is allocated")
  func memory() {
    #expect(code("zeros(1000000, 1000000)") == "E0215")
  }

  @Test("echoes the precision only where it is not the session's")
  func precision() {
    let responder = LanguageResponder()
    #expect(responder.respond(to: "f32([1, 2])").lines == ["ans : [2] f32 = [1, 2]"])
  }

  @Test("keeps memory flat while a loop binds a tensor again")
  func flatMemory() {
    _ = interpreter.evaluate("x = zeros(100)")
    _ = interpreter.evaluate("for i in 0..<100000 { x = x + 1 }")
    #expect(number("x[99]") == 100_000)
    // What is kept of a statement is what each name held before it, once.
    #expect(interpreter.machine.remembered <= 2)
  }
}
