import Display
import Testing

@testable import Language

/// Whatever a built-in is called with, it answers or says what is wrong: no trap, no Swift name, no error of nobody's.
@Suite("Any arguments")
struct AnyArgumentTests {
  /// Values of every kind, and numbers at the edges.
  static let values = [
    "0", "1", "2", "3", "-1", "0.5", "nan", "inf", "[1, 2, 3]", "[1, 2; 3, 4]", "[0, 0, 0]", "zeros(0)", "zeros(2, 0)",
    "ones(1, 2, 3, 4)", "f32([1, 2])", "[nan, 1]", "[1, 0, 1]", "0..<3", "\"a\"", "\"same\"", "\"mean\"", "(1, 2)",
    "()",
    "(W: [1, 2])", "x -> x", "relu", "(x, y) -> sum(x)", "Dense(2, 2)", "Dense(2, 2) >> relu", "SGD(0.1)", "iris()",
    "cosine(0.1, steps: 3)", "ones(2, 3, 4)", "[[1, 2; 3, 4]]", "true",
  ]
  static let extremes = ["1e18", "-1e18", "9007199254740993", "4294967296", "1e308"]
  /// What would run for as long as it is told to.
  static let patient: Set<String> = ["train", "minimize"]

  @Test("are answered by every built-in", arguments: BuiltinCatalogue.all.map(\.name).filter { $0 != "save" })
  func answered(name: String) throws {
    let builtin = try #require(BuiltinCatalogue.builtin(named: name))
    var numbers = SeededNumbers(seed: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    let pool = Self.values + (Self.patient.contains(name) ? [] : Self.extremes)
    let interpreter = Interpreter(settings: Settings())
    for _ in 0..<60 {
      var parts: [String] = []
      let count = Int.random(in: 0...max(2, builtin.parameters.count), using: &numbers)
      for index in 0..<count {
        let value = pool[Int.random(in: 0..<pool.count, using: &numbers)]
        let parameter = builtin.parameters.indices.contains(index) ? builtin.parameters[index] : nil
        let isNamed = Int.random(in: 0..<3, using: &numbers) == 0
        parts.append(isNamed ? parameter.map { "\($0.name): \(value)" } ?? value : value)
      }
      let text = "\(name)(\(parts.joined(separator: ", ")))"
      switch interpreter.evaluate(text + ";") {
      case .failed(let diagnostic, let source):
        #expect(diagnostic.code != "E0999", "\(text): \(diagnostic.message)")
        #expect(DiagnosticCode.named(diagnostic.code) != nil, "\(text): \(diagnostic.code)")
        let lines = diagnostic.document(in: source).lines
        #expect(lines.count <= Diagnostic.lineLimit, "\(text)")
        for line in lines { #expect(!line.text.contains("Optional(") && !line.text.contains("Swift"), "\(text)") }
      case .done: break
      case .incomplete, .command: Issue.record("\(text) is a whole line")
      }
    }
  }
}
