import Display
import Language
import Testing

@testable import Shell

@Suite(":shape")
struct ShapeCommandTests {
  private func answer(_ inputs: String...) -> (text: String, error: String?) {
    let console = Console(settings: Settings())
    for input in inputs.dropLast() { _ = console.respond(to: input) }
    let answer = console.respond(to: inputs.last!)
    return (answer.lines.joined(separator: "\n"), answer.error)
  }

  @Test("shows the shape of every part of a line")
  func parts() {
    #expect(
      answer("X = randn(4, 2); W = randn(2, 3); b = zeros(3);", ":shape h = relu(X @ W + b)").text == """
          relu(X @ W + b)   [4, 3]
            X @ W + b       [4, 3]
              X @ W         [4, 3]
                X           [4, 2]
                W           [2, 3]
              b             [3]
        """)
  }

  @Test("tells of the innermost part that fails, and of no other")
  func failing() {
    #expect(
      answer("X = randn(4, 2); W = randn(2, 3);", ":shape relu(X @ W.T) * 2").text == """
          relu(X @ Wᵀ) * 2   —
            relu(X @ Wᵀ)     —
              X @ Wᵀ         the inner sizes of @ differ, 2 and 3
                X            [4, 2]
                Wᵀ           [3, 2]
                  W          [2, 3]
        """)
  }

  @Test("binds nothing and draws nothing")
  func noEffect() {
    let console = Console(settings: Settings())
    let other = Console(settings: Settings())
    _ = console.respond(to: ":shape y = randn(3) + 1")
    #expect(console.respond(to: "y").error == "E0101")
    #expect(console.respond(to: "rand(2)").lines == other.respond(to: "rand(2)").lines)
  }

  @Test("is for expressions")
  func statements() {
    #expect(answer(":shape for i in 0..<3 { i }").error == "E0804")
    #expect(answer(":shape X @").error != nil)
  }
}
