import Language
import Sessions
import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Alone {
  @Suite("The journal")
  struct JournalTests {
    private func folder() throws -> String {
      var template = Array("/tmp/nabla-journal-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/deep/journal"
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
      let file = try #require(fopen(path, "w"))
      fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }

    @Test("holds each line as it was accepted, and how it ended")
    func lines() throws {
      let folder = try folder()
      do {
        let journal = Journal(folder: folder, setting: .init(["seed": "7", "folder": "/a b\tc"]))
        for text in ["x = 1", "f(a) = {\n  a\n}", "", "\u{1B}[2J\\n", "last"] {
          #expect(journal.append(text) == nil)
          if text != "last" { journal.finish(isStopped: text.isEmpty) }
        }
        // A session that lives is nobody's to take.
        #expect(Journal.newestLeftBehind(in: folder) == nil)
      }
      let left = try #require(Journal.newestLeftBehind(in: folder))
      #expect(left.entries.map(\.text) == ["x = 1", "f(a) = {\n  a\n}", "", "\u{1B}[2J\\n", "last"])
      #expect(left.entries.map(\.end) == [.done, .done, .stopped, .done, .none])
      #expect(left.setting == .init(["seed": "7", "folder": "/a b\tc"]))
      #expect(left.journal.append("more") == nil)
      left.journal.discard()
      #expect(Journal.newestLeftBehind(in: folder) == nil)
    }

    @Test("A line that was cut off was not accepted; what comes after it is whole")
    func cutOff() throws {
      let folder = try folder()
      let path: String
      do {
        let journal = Journal(folder: folder, setting: .init([:]))
        #expect(journal.append("whole") == nil)
        path = journal.path
      }
      try write(Array("nabla-journal 1\n> whole\n.\n> cu".utf8), to: path)
      do {
        let left = try #require(Journal.newestLeftBehind(in: folder))
        #expect(left.entries == [.init(text: "whole", end: .done)])
        #expect(left.journal.append("next") == nil)
      }
      #expect(Journal.newestLeftBehind(in: folder)?.entries.map(\.text) == ["whole", "next"])
    }

    @Test("Any bytes are read without a trap", arguments: 0..<50 as Range<UInt64>)
    func anyBytes(seed: UInt64) {
      var state = seed &+ 99
      let bytes = (0..<200).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return seed % 2 == 0
          ? UInt8(truncatingIfNeeded: state >> 40) : Array("> .!\n\\x1a=\tnabla-journal 1".utf8)[Int(state >> 60)]
      }
      _ = Journal.parse(bytes)
      let parsed = Journal.parse(Array("nabla-journal 1\n".utf8) + bytes)
      #expect(parsed != nil)
    }

    @Test("A place that cannot be written is told once, and the session goes on")
    func unwritable() {
      let journal = Journal(folder: "/proc/nowhere", setting: .init([:]))
      #expect(journal.append("a")?.contains("/proc/nowhere") == true)
      #expect(journal.append("b") == nil)
      journal.finish(isStopped: false)
    }

    @Test("What a full disk refused is written when there is room again")
    func fullDisk() throws {
      let folder = try folder()
      do {
        var room = 60
        let journal = Journal(folder: folder, setting: .init([:])) { bytes, descriptor in
          let fitting = bytes.prefix(room)
          room -= fitting.count
          guard AtomicFile.writeAll(Array(fitting), descriptor) else { return false }
          errno = ENOSPC
          return fitting.count == bytes.count
        }
        #expect(journal.append("first") == nil)
        room = 5
        #expect(journal.append("second, longer than the room")?.contains("cannot write") == true)
        #expect(journal.append("third") == nil)
        room = 1000
        #expect(journal.append("fourth") == nil)
      }
      let left = try #require(Journal.newestLeftBehind(in: folder))
      #expect(left.entries.map(\.text) == ["first", "second, longer than the room", "third", "fourth"])
    }

    @Test("The newest that was left behind comes first, and empty ones are taken away")
    func several() throws {
      let folder = try folder()
      do {
        let old = Journal(folder: folder, setting: .init([:]))
        #expect(old.append("old") == nil)
        let new = Journal(folder: folder, setting: .init([:]))
        #expect(new.append("new") == nil)
        var times = [timeval(tv_sec: 1_000, tv_usec: 0), timeval(tv_sec: 1_000, tv_usec: 0)]
        #expect(utimes(old.path, &times) == 0)
        try write(Array("nabla-journal 1\n".utf8), to: folder + "/9-9-9.journal")
      }
      let left = try #require(Journal.newestLeftBehind(in: folder))
      #expect(left.entries.map(\.text) == ["new"])
      #expect(access(folder + "/9-9-9.journal", F_OK) != 0)
    }
  }

  /// A real session, killed at moments nobody chose: what it had answered is there again. `NABLA_KILLS=200` kills more often.
  @Suite("A session that is killed", .serialized)
  struct KillTests {
    /// All that a session of these tests holds, and the next draw.
    private static let state = "(n, w, net[0].W, net[2].b, rand())"

    /// What a session answers that was never killed, after the lines of the journal that was left behind; and how many there are.
    private func answer(of folder: String) throws -> (lines: [String], count: Int) {
      let name = try #require(FileText.files(at: folder, suffix: ".journal").max())
      let (_, entries, _) = try #require(Journal.parse(Array(try FileText.read(name).utf8)))
      var lines: [String] = []
      Interpreter.onLargeStack {
        let console = Console(settings: Settings())
        for entry in entries where entry.end != .stopped { _ = console.answer(entry.text) }
        lines = console.respond(to: Self.state).lines
      }
      return (lines, entries.count)
    }

    @Test(
      "loses nothing that was accepted: every value, every weight and the next draw are those of one that was not killed"
    )
    func kills() throws {
      let count = getenv("NABLA_KILLS").flatMap { Int(String(cString: $0)) } ?? 6
      var random = SystemRandomNumberGenerator()
      var template = Array("/tmp/nabla-kill-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let environment = ["NABLA_JOURNAL": folder]
      let typed = [
        "n = n + 1", "n = n + 1", "n = n + 1", "f(a) = {\r  a + n\r}", "w = randn(20) + w;",
        "net = train(net, iris(), optimizer: Adam(0.01), epochs: 20, batch: 30);",
      ]
      // What the screen has shown last, and what has to be there again.
      var shown = -1
      var expected: (lines: [String], count: Int) = ([], 0)
      for round in 0..<count {
        let isFirst = round % 10 == 0
        let terminal = try PseudoTerminal(
          environment, arguments: isFirst ? ["--no-color"] : ["--resume", "--no-color"], columns: 200)
        try terminal.ready()
        if isFirst {
          try terminal.enter("n = 0; w = zeros(20); net = Dense(4, 8) >> relu >> Dense(8, 3);")
          shown = 0
        } else {
          try terminal.expect("\(expected.count) inputs of ", seconds: 60, fromStart: true)
          try terminal.send("\(Self.state)\r")
          let line = try #require(expected.lines.first)
          try terminal.expect(line, seconds: 60)
          try terminal.ready()
          try terminal.send("n + 0\r")
          try terminal.expect("ans = ")
          try terminal.ready()
          let now = try #require(terminal.numbers(after: "ans = ").last)
          #expect(now >= shown, "round \(round)")
          shown = max(shown, now)
        }
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          try terminal.send(typed[Int.random(in: 0..<typed.count, using: &random)] + "\r")
        }
        // Now and then in the middle of a line.
        if Bool.random(using: &random) { try terminal.send("half = ") }
        terminal.watch(milliseconds: Int32.random(in: 0...80, using: &random))
        terminal.signal(SIGKILL)
        _ = terminal.status()
        shown = max(shown, terminal.numbers(after: "\nn = ").max() ?? shown)
        expected = try answer(of: folder)
        if round % 10 == 9 || round == count - 1 {
          // A session that ends as it should leaves nothing behind.
          let last = try PseudoTerminal(environment, arguments: ["--resume", "--no-color"])
          try last.ready()
          _ = try last.finish()
          #expect(Journal.newestLeftBehind(in: folder) == nil)
        }
      }
    }

    @Test("is offered by the next one, and brought back with its draws")
    func offered() throws {
      var template = Array("/tmp/nabla-kill-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let environment = ["NABLA_JOURNAL": folder]
      let first = try PseudoTerminal(environment)
      try first.ready()
      try first.enter("x = randn(2)")
      try first.enter("save_me = 7")
      first.signal(SIGKILL)
      _ = first.status()
      let other = try PseudoTerminal(environment, arguments: ["--no-color"])
      try other.expect("2 inputs left behind, the last  save_me = 7   nabla --resume")
      try other.ready()
      _ = try other.finish()
      let resumed = try PseudoTerminal(environment, arguments: ["--resume", "--no-color"])
      try resumed.expect("2 inputs of ")
      try resumed.ready()
      try resumed.send("(x, save_me, rand())\r")
      try resumed.expect("([0.6750, -1.3680], 7, ")
      try resumed.ready()
      _ = try resumed.finish()
      #expect(Journal.newestLeftBehind(in: folder) == nil)
    }
  }
}
