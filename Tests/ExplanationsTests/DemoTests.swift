import Display
import Formulary
import Testing

@testable import Explanations
@testable import Shell

@Suite("Demos")
struct DemoTests {
  @Test("Each runs, fits the screen, and all it offers works", arguments: Demo.all.map(\.name))
  func runs(_ name: String) {
    let session = Session("")
    let answer = session.answer("demo(\"\(name)\")").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(answer.count <= 24)
    #expect(!answer.contains { $0.contains("…") })
    #expect(answer.allSatisfy { String($0).displayWidth <= 80 }, "\(answer)")
    let demo = Demo.named(name)!
    #expect(demo.source.isEmpty || Formulary.all.contains { $0.id.hasPrefix(demo.source) })
    let commands = Set(CommandCatalogue.all.map { ":" + $0.name })
    for offer in demo.next where commands.contains(String(offer.prefix { $0 != " " })) {
      #expect(session.error(offer) == nil, "\(offer)")
    }
  }

  @Test("Sizes are at most 4, so that every number is seen", arguments: Demo.all.map(\.name))
  func small(_ name: String) {
    let session = Session("demo(\"\(name)\")")
    for bound in session.console.interpreter.names {
      for tensor in session.console.interpreter.value(named: bound.name)?.tensors ?? [] {
        #expect(tensor.shape.dimensions.allSatisfy { $0 <= 4 }, "\(bound.name)")
      }
    }
  }

  @Test("A demo takes the place of names that stand in its way, and says so")
  func replaces() {
    let session = Session("h = [1, 2];  C = 3;")
    #expect(session.answer(":demo lstm").contains("in place of your"))
    #expect(session.answer("h").hasPrefix("h : [2, 2]"))
    #expect(session.answer(":demo lstm").contains("0.27187, -0.28587"))
  }

  @Test("They are listed, an unknown one is answered with the nearest, a name of the user's comes first")
  func list() {
    let session = Session("")
    #expect(session.answer("demo()").split(separator: "\n").count == Demo.all.count + 1)
    #expect(session.answer(":demo").contains("lstm"))
    #expect(session.error("demo(\"lstn\")") == "E0836")
    _ = session.answer("demo(x) = x + 1")
    #expect(session.answer("demo(2)") == "ans = 3")
  }
}
