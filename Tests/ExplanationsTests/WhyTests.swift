import Display
import Language
import Shell
import Testing

@testable import Explanations

@Suite("Where a number comes from")
struct WhyTests {
  /// A screen of 80 columns and five digits, with what it shows of each input.
  static func console(ascii: Bool = false) -> Console { Console(settings: Settings(ascii: ascii)) }

  static func type(_ text: String, into console: Console) -> String {
    var shown = ""
    for input in Interpreter.inputs(of: text) {
      let (lines, _) = console.respond(to: input.text)
      shown += lines.map { $0 + "\n" }.joined()
    }
    return shown
  }

  @Test("the screens are as they were designed", arguments: WhyScreen.all)
  func screens(screen: WhyScreen) {
    let console = Self.console(ascii: screen.name == "ascii")
    _ = Self.type(screen.before, into: console)
    var inputs: [(input: String, output: [String])] = []
    for line in screen.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix(">>> ") {
        inputs.append((String(line.dropFirst(4)), []))
      } else if !inputs.isEmpty {
        inputs[inputs.count - 1].output.append(line.withoutEnd)
      }
    }
    for (input, expected) in inputs {
      var lines = console.respond(to: input).lines.map(\.withoutEnd)
      // The ASCII screen stops behind the ladder.
      if screen.name == "ascii" { lines = Array(lines.prefix(expected.count)) }
      #expect(lines.joined(separator: "\n") == expected.joined(separator: "\n"))
    }
  }

  @Test("every built-in that gives numbers is explained by rungs, every other one says what it is")
  func everyBuiltin() {
    for builtin in BuiltinCatalogue.all where !["print", "save", "load"].contains(builtin.name) {
      let console = Self.console()
      let lines = builtin.example.input.split(separator: "\n").map(String.init)
      guard let last = lines.last, !builtin.example.input.contains("\"/") else { continue }
      for line in lines.dropLast() { _ = console.respond(to: line) }
      let (_, failure) = console.respond(to: "answer = \(last);")
      guard failure == nil, let value = console.interpreter.value(named: "answer") else { continue }
      let isNumbers = value.numbers(.float64).map { $0.count > 0 } ?? false
      let (shown, error) = console.respond(to: ":why answer")
      if isNumbers {
        #expect(error == nil, "\(builtin.name): \(shown.joined(separator: "\n"))")
        #expect(shown.contains { $0.contains("=") }, "\(builtin.name): \(shown.joined(separator: "\n"))")
      } else {
        #expect(error == "E0811", "\(builtin.name): \(shown.joined(separator: "\n"))")
      }
      #expect(shown.allSatisfy { $0.displayWidth <= 80 }, "\(builtin.name): \(shown.joined(separator: "\n"))")
      #expect(shown.count <= 24, "\(builtin.name) has \(shown.count) lines")
    }
  }

  @Test("every law is of a built-in")
  func lawsAreOfBuiltins() {
    for law in LawCatalogue.all {
      for name in law.names { #expect(BuiltinCatalogue.builtin(named: name) != nil, "\(name)") }
    }
  }

  @Test("what cannot be answered says why")
  func errors() {
    let console = Self.console()
    _ = Self.type(WhyScreen.flowers, into: console)
    func code(_ input: String) -> String? { console.respond(to: input).error }
    #expect(code(":why nothing[0]") == "E0101")
    #expect(code(":why h[0,7]") == "E0812")
    #expect(code(":why h[0,1,2]") == "E0812")
    #expect(code(":why relu") == "E0811")
    #expect(code(":why") == "E0804")
    #expect(code(":why q = 3") == "E0804")
    #expect(code(":why h[") != nil)
    #expect(console.respond(to: ":why h[0,7]").lines.contains { $0.contains(":why h[0,2]") })
  }

  @Test("a layer's element names its letters, and the network of a document answers within its screen")
  func layers() {
    let console = Self.console()
    _ = Self.type(
      """
      net = Conv2d(1, 32, 3) >> relu >> Conv2d(32, 64, 3) >> MaxPool2d(2) >> Flatten() >> Dense(9216, 128) >> relu;
      picture = rand(1, 1, 28, 28);
      a = net(picture);
      """, into: console)
    for question in [":why a[0,3]", ":why net[0](picture)[0,2,5,6]", ":why net[0..<3](picture)[0,2,5,6]"] {
      let (lines, error) = console.respond(to: question)
      #expect(error == nil, "\(lines)")
      #expect(lines.count <= 24 && lines.allSatisfy { $0.displayWidth <= 80 })
      #expect(lines.contains { $0.contains("where x = ") }, "\(lines.joined(separator: "\n"))")
    }
  }
}

extension String {
  fileprivate var withoutEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
