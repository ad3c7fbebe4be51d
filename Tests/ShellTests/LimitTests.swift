import Sessions
import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Alone {
  /// What a session may take, in the real program: it stops clearly, and what was there before is still there.
  @Suite("Limits", .serialized)
  struct LimitTests {
    /// The program at a terminal with a limit.
    private func session(_ limit: String...) throws -> PseudoTerminal {
      let terminal = try PseudoTerminal(["NABLA_JOURNAL": ""], arguments: ["--no-color"] + limit)
      try terminal.ready()
      return terminal
    }

    private func expect(_ terminal: PseudoTerminal, _ line: String, _ answer: String) throws {
      try terminal.send(line + "\r")
      try terminal.expect(answer)
      try terminal.ready()
    }

    @Test("Memory is what all tensors take together; a name that is let go gives it back")
    func tensors() throws {
      let terminal = try session("--memory", "30M")
      try expect(terminal, "a = zeros(1000, 1000);", "")
      try expect(terminal, "b = zeros(1000, 1000);", "")
      try expect(
        terminal, "c = zeros(1000, 1000); d = zeros(1000, 1000);", "error E0216: [1000, 1000] would take 8 MB, and ")
      try expect(terminal, "size(a) + size(b)", "ans = 2000000")
      try expect(terminal, ":clear a", "")
      try expect(terminal, "c = 1", "c = 1")
      try expect(terminal, "d = zeros(1000, 1000); size(d)", "error E0216")
      try expect(terminal, "d = zeros(1000, 1000); size(d)", "ans = 1000000")
      try expect(terminal, "net = Dense(2000, 2000); net(d)", "error E0216")
      try expect(terminal, "sum(b)", "ans = 0")
      _ = try terminal.finish()
    }

    @Test("Small values that pile up are stopped too, and their line has changed nothing")
    func smallValues() throws {
      let terminal = try session("--memory", "40M")
      try expect(terminal, "x = 1", "x = 1")
      try expect(terminal, "while 1 { x = (x, 1, \"abc\") }", "error E0216: the session takes ")
      try expect(terminal, "x", "x = 1")
      try expect(terminal, ":set memory 50M", "52.4 MB, the most for all together")
      _ = try terminal.finish()
    }

    @Test("Time is that of each line; a training that it ends keeps what was learned so far")
    func time() throws {
      let terminal = try session("--time", "0.5")
      try expect(terminal, "w = 3", "w = 3")
      try expect(terminal, "while 1 { w = w + 1 }", "error E0603: the time that was given is used up")
      try expect(terminal, "w", "w = 3")
      try expect(terminal, "net = Dense(64, 10); before = net[0].W;", "")
      try expect(terminal, "net = train(net, digits(), epochs: 1000000);", "error E0603")
      try expect(terminal, "all(net[0].W == before)", "ans = 0")
      try expect(terminal, "u = minimize(x -> x², 9, optimizer: SGD(1e-9), steps: 1000000000)", "error E0603")
      try expect(terminal, "u < 9", "ans = 1")
      _ = try terminal.finish()
    }

    @Test(
      "Ctrl-C inside what is minimised, or inside a loss, keeps what the steps before reached", .timeLimit(.minutes(2)))
    func stopping() throws {
      let terminal = try session()
      try expect(terminal, "J(w) = { s = 0; for k in 0..<300 { s = s + w^2 }; s }", "")
      try terminal.send("w = minimize(J, 9, optimizer: SGD(1e-9), steps: 4000)\r")
      try terminal.expect("step ")
      try terminal.send(PseudoTerminal.control("C"))
      try terminal.expect("stopped after step ")
      try terminal.ready()
      try expect(terminal, "w < 9", "ans = 1")
      try expect(terminal, "loss(y, t) = { s = 0; for k in 0..<300 { s = s + mse(y, t) }; s }", "")
      try expect(terminal, "net = Dense(1, 1); before = net[0].W;", "")
      try terminal.send("net = train(net, ([1; 2], [2; 4]), loss: loss, optimizer: SGD(1e-7), epochs: 100000000)\r")
      try terminal.expect("epoch ")
      try terminal.send(PseudoTerminal.control("C"))
      try terminal.expect("net keeps what it learned")
      try terminal.ready()
      try expect(terminal, "all(net[0].W == before)", "ans = 0")
      _ = try terminal.finish()
    }

    @Test("Recursion without end is an error, and the session goes on")
    func recursion() throws {
      let terminal = try session()
      try expect(terminal, "f(x) = f(x) + 1; f(1)", "error E0501: f calls itself without end")
      try expect(terminal, "1 + 1", "ans = 2")
      _ = try terminal.finish()
    }

    @Test("A script, a line and a file that is played have the time they were given")
    func scripts() throws {
      let file = "# A\n```nabla\n>>> while 1 {}\n>>> 1 + 1\n```\n"
      let files = ["a.md": file, "a.nabla": "x = 1\nwhile 1 {}\n"]
      for arguments in [["-e", "while 1 {}"], ["a.nabla"], ["a.md"], ["check", "a.md"]] {
        let terminal = try PseudoTerminal(arguments: arguments + ["--time", "0.3"], files: files)
        #expect(terminal.status() == 1, "\(arguments)")
        #expect(terminal.shown.contains("E0603"), "\(arguments): \(terminal.shown)")
      }
      let terminal = try PseudoTerminal(arguments: ["replay", "a.md", "--time", "0.3", "--no-color"], files: files)
      try terminal.ready()
      try terminal.send("\r")
      try terminal.expect("E0603")
      try terminal.ready()
      try terminal.send("\r")
      try terminal.expect("ans = 2")
    }
  }
}
