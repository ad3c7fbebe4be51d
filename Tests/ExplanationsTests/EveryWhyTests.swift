import Display
import Explanations
import Language
import Testing

@testable import Shell

/// `:why` asked of everything: the values of every preset, every built-in's example, many small programs; forward and backward.
@Suite(":why of everything has a formula")
struct EveryWhyTests {
  static let demos = Demo.all.map(\.name)

  /// What a preset bound, and its loss.
  private static func bound(_ session: Session, _ demo: String) -> [String] {
    guard let demo = Demo.named(demo) else { return [] }
    var names: [String] = []
    for line in demo.lines {
      let program = Parser.parse(SourceText(line))
      func add(_ statements: [Statement]) {
        for statement in statements {
          switch statement.kind {
          case .bind(let targets, _, _):
            for target in targets where !names.contains(target.name) { names.append(target.name) }
          case .forLoop(_, _, let block): add(block.statements)
          default: break
          }
        }
      }
      add(program.statements)
    }
    return names
  }

  @Test("What footers offer over every preset works and has a law, in both alphabets", arguments: demos)
  func presets(_ demo: String) {
    for ascii in [false, true] {
      let session = Session("demo(\"\(demo)\")", ascii: ascii)
      let names = Self.bound(session, demo)
      let loss = ["L", "E", "J"].first { names.contains($0) }
      var questions = Demo.named(demo)?.next.filter { $0.hasPrefix(":why ") }.map { String($0.dropFirst(5)) } ?? []
      for name in names where session.error(":shape \(name)") == nil {
        guard !session.answer(":why \(name)").contains("E0811") else { continue }
        questions.append(name)
        if let loss, name != loss, session.error("∂\(loss)/∂\(name)") == nil { questions.append("∂\(loss)/∂\(name)") }
      }
      for question in questions {
        var walk = WhyWalk(session, demo)
        walk.follow(question, most: ascii ? 2 : 5)
      }
    }
  }

  @Test("Every built-in's example has a formula, and so has what it offers")
  func builtins() {
    for builtin in BuiltinCatalogue.all {
      let session = Session("")
      let input = builtin.example.input
      guard session.error(input) == nil else { continue }
      let text = session.answer(":why \(input)")
      // What is no number has no why, and says so.
      if text.contains("error E0811") || text.contains("error E0804") { continue }
      if Self.numberOnly.contains(builtin.name) { continue }
      var walk = WhyWalk(session, builtin.name)
      walk.follow(input, most: 5)
    }
  }

  /// What only says which of two numbers stands at a place.
  static let numberOnly: Set<String> = ["eye", "one_hot"]
}

extension Target {
  fileprivate var name: String {
    switch self {
    case .name(let name), .indexed(let name, _, _): name.text
    case .field(let path, let field): path.name?.text ?? field.text
    }
  }
}
