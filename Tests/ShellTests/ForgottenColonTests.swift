import Language
import Testing

@testable import Shell

@Suite("A command without its colon")
struct ForgottenColonTests {
  private func suggestion(_ line: String) -> String? {
    Console(settings: Settings()).respond(to: line).lines.last { $0.contains("  try  ") }
  }

  @Test(
    "is told with it",
    arguments: [
      ("quit", "try   :quit"), ("exit()", "try   :quit"), ("help", "try   :help"), ("help(sum)", "try   :help sum"),
      ("why A[0,1]", "try   :why A[0,1]"), ("tutorial 3", "try   :tutorial 3"),
    ])
  func told(_ line: String, _ wanted: String) { #expect(suggestion(line)?.contains(wanted) == true) }

  @Test("is no guess where the word is a name, or stands elsewhere")
  func others() {
    let console = Console(settings: Settings())
    _ = console.respond(to: "help = 3")
    #expect(console.respond(to: "help").lines == ["help = 3"])
    #expect(suggestion("1 + quit")?.contains(":quit") != true)
    #expect(suggestion("quitter")?.contains(":quit") != true)
  }
}
