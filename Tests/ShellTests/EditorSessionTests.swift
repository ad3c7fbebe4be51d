import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Alone {
  /// The real program, real terminals, real keys.
  @Suite("A session at a terminal", .serialized)
  struct EditorSessionTests {
    @Test("Lines are kept as typed, in any script")
    func lines() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter("x1 = ∇α + 深度")
      try terminal.enter("é = e\u{301}")
      #expect(try terminal.finish() == ["x1 = ∇α + 深度", "é = e\u{301}"])
    }

    @Test("Every key of a line can be typed, moved to, cut, put back and undone")
    func editing() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter("bc" + PseudoTerminal.home + "a" + PseudoTerminal.control("E") + "d")
      try terminal.enter("one two" + PseudoTerminal.control("W") + "2")
      try terminal.enter(
        "cut me" + PseudoTerminal.control("A") + PseudoTerminal.control("K") + "(" + PseudoTerminal.control("Y") + ")")
      try terminal.enter("word word" + PseudoTerminal.control("_"))
      try terminal.enter("ab" + PseudoTerminal.left + "\u{7F}" + PseudoTerminal.control("D") + "z")
      #expect(try terminal.finish() == ["abcd", "one 2", "(cut me)", "word ", "z"])
    }

    @Test("A key nobody knows types nothing")
    func unknownKeys() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter("a\u{1B}[15~b\u{1B}[1;5Pc\u{1B}OPd\u{1B}[Ie")
      #expect(try terminal.finish() == ["abcde"])
    }

    @Test("An accent typed after its letter moves, deletes and wraps with it")
    func combiningMarks() throws {
      let terminal = try PseudoTerminal(columns: 20)
      try terminal.ready()
      try terminal.enter("e\u{301}x" + PseudoTerminal.left + PseudoTerminal.left + "a")
      try terminal.enter(String(repeating: "深", count: 30) + PseudoTerminal.home + "v = ")
      #expect(try terminal.finish() == ["ae\u{301}x", "v = " + String(repeating: "深", count: 30)])
    }

    @Test("An open bracket goes on, and a block is one entry that comes back whole")
    func blocks() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.send("A = [1, 2;\r")
      try terminal.expect("..> ")
      try terminal.enter("3, 4]")
      try terminal.enter(PseudoTerminal.up + " + 1")
      #expect(try terminal.finish() == ["A = [1, 2;\\n  3, 4]", "A = [1, 2;\\n  3, 4] + 1"])
    }

    @Test("In a block the arrows move by line and Ctrl-K cuts to the end of the line")
    func movingInBlocks() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.send("f(1,\r2,\r3")
      try terminal.send(
        PseudoTerminal.up + PseudoTerminal.control("A") + PseudoTerminal.control("K") + PseudoTerminal.control("Y"))
      try terminal.enter(PseudoTerminal.down + PseudoTerminal.control("E") + ")")
      #expect(try terminal.finish() == ["f(1,\\n  2,\\n  3)"])
    }

    @Test("What is pasted loses its prompts and its answers, and is one block")
    func pasting() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter(PseudoTerminal.paste("a = 1\rb = 2\r\n"))
      try terminal.enter(PseudoTerminal.paste(">>> c = [1,\n..>  2]\nc : [2]\n>>> d = 3\nd = 3\n"))
      try terminal.enter(PseudoTerminal.paste("tab\tand \u{7}bell\u{1B}"))
      #expect(try terminal.finish() == ["a = 1\\nb = 2", "c = [1,\\n 2]\\nd = 3", "tab    and bell"])
    }

    @Test("A hundred thousand characters can be pasted")
    func largePaste() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      let lines = (0..<5_000).map { "x\($0) = \($0) + 1" }
      try terminal.enter(PseudoTerminal.paste(lines.joined(separator: "\n")))
      #expect(try terminal.finish() == [lines.joined(separator: "\\n")])
    }

    @Test("Up finds what begins like the text, Down comes back to it")
    func prefixSearch() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      for line in ["alpha = 1", "beta = 2", "alpha = 3"] { try terminal.enter(line) }
      try terminal.enter("al" + PseudoTerminal.up + PseudoTerminal.up + "0")
      try terminal.enter("be" + PseudoTerminal.up + PseudoTerminal.down + "ta")
      #expect(try terminal.finish().suffix(2) == ["alpha = 10", "beta"])
    }

    @Test("Ctrl-R finds any part of an entry; Ctrl-G gives the draft back")
    func search() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      for line in ["∇f = grad(f)", "a[2] = 1", "last"] { try terminal.enter(line) }
      try terminal.enter(PseudoTerminal.control("R") + "∇")
      try terminal.enter(PseudoTerminal.control("R") + "[2]" + PseudoTerminal.control("E") + " + 2")
      try terminal.enter("draft" + PseudoTerminal.control("R") + "last" + PseudoTerminal.control("G"))
      #expect(try terminal.finish().suffix(3) == ["∇f = grad(f)", "a[2] = 1 + 2", "draft"])
    }

    @Test("The rest of an earlier line is offered and taken by the right arrow")
    func hints() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter("density = 3")
      try terminal.send("den")
      try terminal.expect("\u{1B}[2msity = 3")
      try terminal.enter(PseudoTerminal.right + "0")
      #expect(try terminal.finish().last == "density = 30")
    }

    @Test("Ctrl-C drops the line and never the session")
    func interrupt() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.send("dropped (")
      try terminal.expect("dropped")
      try terminal.send(PseudoTerminal.control("C"))
      try terminal.expect("^C")
      try terminal.ready()
      try terminal.enter("kept")
      #expect(try terminal.finish() == ["kept"])
    }

    @Test("A resize in the middle of a line loses nothing")
    func resize() throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.send("before ")
      try terminal.expect("before")
      terminal.resize(rows: 10, columns: 30)
      terminal.signal(SIGWINCH)
      try terminal.expect("before")
      try terminal.enter("after")
      #expect(try terminal.finish() == ["before after"])
    }

    @Test("SIGTERM and SIGHUP end the session with the history on disk", arguments: [SIGTERM, SIGHUP])
    func termination(signal: Int32) throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter("kept")
      terminal.signal(signal)
      #expect(terminal.status() == 143)
      #expect(try terminal.history() == ["kept"])
      #expect(terminal.shown.contains("\u{1B}[?2004l"))
    }

    @Test("vi's keys work when ~/.editrc asks for them")
    func viKeys() throws {
      let terminal = try PseudoTerminal(files: [".editrc": "bind -v\n"])
      try terminal.ready()
      try terminal.enter("word one\u{1B}bcwtwo\u{1B}0xi∇")
      try terminal.enter("\u{1B}kA!")
      #expect(try terminal.finish() == ["∇ord two", "∇ord two!"])
    }

    @Test("~/.editrc binds keys to the editor's own functions")
    func editrc() throws {
      let terminal = try PseudoTerminal(files: [".editrc": "nabla:bind ^T nabla-line-start\n"])
      try terminal.ready()
      try terminal.enter("bc" + PseudoTerminal.control("T") + "a")
      #expect(try terminal.finish() == ["abc"])
    }

    @Test("A terminal nobody has heard of is a terminal", arguments: ["xterm-kitty", "no-such-terminal"])
    func unknownTerminal(name: String) throws {
      let terminal = try PseudoTerminal(["TERM": name])
      try terminal.ready()
      try terminal.enter("b" + PseudoTerminal.home + "a")
      #expect(try terminal.finish() == ["ab"])
      #expect(!terminal.shown.contains("terminfo") && !terminal.shown.contains(name))
    }

    @Test("A dumb terminal gets no escape, and edits all the same", arguments: ["dumb", ""])
    func dumbTerminal(name: String) throws {
      let terminal = try PseudoTerminal(["TERM": name])
      try terminal.expect(">>> ")
      try terminal.send("bc" + PseudoTerminal.home + "a\r")
      try terminal.expect("\n")
      try terminal.expect(">>> ")
      #expect(try terminal.finish() == ["abc"])
      #expect(!terminal.output.contains(0x1B))
    }

    @Test("NO_COLOR leaves no colour and no hint that could be taken for text")
    func noColor() throws {
      let terminal = try PseudoTerminal(["NO_COLOR": "1"])
      try terminal.ready()
      try terminal.enter("x = 1 + 2")
      try terminal.enter("x")
      _ = try terminal.finish()
      #expect(terminal.shown.firstMatch(of: /\u{1B}\[[0-9;]*m/) == nil)
    }

    @Test("In the C locale letters of other scripts are typed and kept")
    func cLocale() throws {
      let terminal = try PseudoTerminal(["LC_ALL": "C"])
      try terminal.ready()
      try terminal.enter("ρ = 深")
      try terminal.enter(PseudoTerminal.up + "!")
      #expect(try terminal.finish() == ["ρ = 深", "ρ = 深!"])
    }

    @Test("A history that cannot be written is said once, and lasts for the session")
    func unwritableHistory() throws {
      let terminal = try PseudoTerminal(["NABLA_HISTORY": "/proc/nowhere/history"])
      try terminal.ready()
      try terminal.enter("one")
      try terminal.enter("two")
      try terminal.enter(PseudoTerminal.up + PseudoTerminal.up)
      #expect(try terminal.finish() == [])
      #expect(terminal.shown.split(separator: "history is kept for this session only").count == 2)
    }

    @Test("The history of the last session is there in the next")
    func oldHistory() throws {
      let terminal = try PseudoTerminal(files: ["history": "first\nA = [1,\\n  2]\n"])
      try terminal.ready()
      try terminal.enter(PseudoTerminal.up)
      #expect(try terminal.history() == ["first", "A = [1,\\n  2]"])
      try terminal.enter(PseudoTerminal.up + PseudoTerminal.up)
      #expect(try terminal.finish() == ["first", "A = [1,\\n  2]", "first"])
    }

    @Test("Many sessions in a row start, answer and end", arguments: 0..<20)
    func many(number: Int) throws {
      let terminal = try PseudoTerminal()
      try terminal.ready()
      try terminal.enter("v\(number)")
      #expect(try terminal.finish() == ["v\(number)"])
    }
  }
}
