import Testing

@testable import Shell

extension Alone {
  /// `nabla update` with somebody at the terminal, and without.
  @Suite("Updating a transcript", .serialized)
  struct UpdateTests {
    private static let file = """
      # Sums
      ```nabla
      >>> 1 + 1
      ans = 1
      >>> 2 + 2
      ans = 5
      ```
      ```nabla
      >>> 3 + 3
      ans = 7
      >>> nope
      ans = 8
      ```

      """

    /// Starts `nabla update` on the file.
    private func update(_ options: String...) throws -> PseudoTerminal {
      try PseudoTerminal(arguments: ["update", "--no-color", "sums.md"] + options, files: ["sums.md": Self.file])
    }

    /// The answers of the file as it stands now.
    private func answers(_ terminal: PseudoTerminal) throws -> [String] {
      try FileText.read(terminal.folder + "/sums.md").split(separator: "\n").map(String.init).filter {
        $0.hasPrefix("ans") || $0.hasPrefix("error") || $0.hasPrefix("```nabla")
      }
    }

    private let question = "take it over?  y(es)  n(o)  a(ll)  q(uit)  "

    @Test("Each difference is shown and asked for: yes takes it, no leaves it")
    func asking() throws {
      let terminal = try update()
      try terminal.expect("written   ans = 1\r\n    now       ans = 2", fromStart: true)
      for key in ["y", "no", "", "what", "Y", "n"] {
        try terminal.expect(question)
        try terminal.send(key + "\r")
      }
      #expect(terminal.status() == 0)
      #expect(terminal.shown.contains("2 answers taken over, 2 left as written"))
      #expect(try answers(terminal) == ["```nabla", "ans = 2", "ans = 5", "```nabla", "ans = 6", "ans = 8"])
    }

    @Test("All takes what follows, and still asks for an error that no block declares")
    func all() throws {
      let terminal = try update()
      try terminal.expect(question)
      try terminal.send("a\r")
      try terminal.expect("no error declared")
      try terminal.expect(question)
      try terminal.send("y\r")
      #expect(terminal.status() == 0)
      #expect(
        try answers(terminal) == [
          "```nabla", "ans = 2", "ans = 4", "```nabla error=E0101", "ans = 6", "error E0101: no name nope",
        ])
    }

    @Test("Quit, or the end of input, leaves the rest; what was said yes to is kept", arguments: ["q\r", "\u{4}"])
    func quitting(key: String) throws {
      let terminal = try update()
      try terminal.expect(question)
      try terminal.send("y\r")
      try terminal.expect(question)
      try terminal.send(key)
      #expect(terminal.status() == 0)
      #expect(terminal.shown.contains("1 answer taken over, 3 left as written"))
      #expect(try answers(terminal) == ["```nabla", "ans = 2", "ans = 5", "```nabla", "ans = 7", "ans = 8"])
    }

    @Test("Ctrl-C changes nothing")
    func interrupted() throws {
      let terminal = try update()
      try terminal.expect(question)
      try terminal.send(PseudoTerminal.control("C"))
      #expect(terminal.status() != 0)
      #expect(try FileText.read(terminal.folder + "/sums.md") == Self.file)
    }

    @Test("--all asks nobody, takes every answer and no error that a block does not declare, and says so")
    func allAtOnce() throws {
      let terminal = try update("--all")
      #expect(terminal.status() == 1)
      #expect(terminal.shown.contains("--all takes no error over"))
      #expect(terminal.shown.contains("3 answers taken over, 1 left as written"))
      #expect(try answers(terminal) == ["```nabla", "ans = 2", "ans = 4", "```nabla", "ans = 6", "ans = 8"])
    }
  }
}
