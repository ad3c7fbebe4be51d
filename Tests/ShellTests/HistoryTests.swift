import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Suites that must not run beside each other: a terminal's session is forked, and until it runs its program the fork holds the
/// locks of every file that is open.
@Suite(.serialized)
enum Alone {}

extension Alone {
  @Suite("The history and its file")
  struct HistoryTests {
    private func path() throws -> String {
      var template = Array("/tmp/nabla-history-XXXXXX".utf8CString)
      try #require(mkdtemp(&template) != nil)
      return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/deep/er/history"
    }

    private func write(_ text: String, to path: String) throws {
      let file = try #require(fopen(path, "w"))
      fputs(text, file)
      fclose(file)
    }

    @Test(
      "An escaped entry is one line and comes back the same",
      arguments: [
        "", "a = 1", "A = [1,\n  2]", "\\alpha \\n \\x1b \\\\", "tab\t nul\0 esc\u{1B}[31m del\u{7F}\r\n",
        "∇深👍e\u{301}",
        "\\",
        "\\x", "\\xzz\\", "\u{85}\u{2028}",
      ])
    func escapes(entry: String) {
      let line = HistoryFile.escape(entry)
      #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
      #expect(Array(HistoryFile.unescape(line).unicodeScalars) == Array(entry.unicodeScalars))
    }

    @Test("What is no escape stands for itself")
    func notEscapes() {
      #expect(HistoryFile.unescape("a\\qb\\x4") == "a\\qb\\x4")
    }

    @Test("Folders are made, entries appended, and another shell reads them")
    func appending() throws {
      let path = try path()
      var first = History(file: HistoryFile(path: path))
      #expect(first.add("a") == nil)
      #expect(first.add("b\nc") == nil)
      var second = History(file: HistoryFile(path: path))
      #expect(second.entries == ["a", "b\nc"])
      #expect(second.add("d") == nil)
      #expect(first.add("e") == nil)
      #expect(HistoryFile(path: path).read() == ["a", "b\nc", "d", "e"])
    }

    @Test("Blank entries and repetitions are not kept")
    func notKept() {
      var history = History()
      for entry in ["a", "a", "  ", "", "b", "a"] { _ = history.add(entry) }
      #expect(history.entries == ["a", "b", "a"])
    }

    @Test("A last line that was cut off does not swallow the next entry")
    func cutOff() throws {
      let path = try path()
      #expect(HistoryFile(path: path).append("whole") == nil)
      try write("whole\ncut", to: path)
      #expect(HistoryFile(path: path).append("next") == nil)
      #expect(HistoryFile(path: path).read() == ["whole", "cut", "next"])
    }

    @Test("A file that has grown past twice its limit is cut to the newest")
    func trimming() throws {
      let path = try path()
      let file = HistoryFile(path: path, limit: 10)
      for number in 0..<21 { #expect(file.append("x\(number)") == nil) }
      #expect(file.read() == (11..<21).map { "x\($0)" })
      #expect(HistoryFile(path: path, limit: 1_000).read().count == 10)
      #expect(file.append("more") == nil)
      #expect(file.read().last == "more")
    }

    @Test("A place that cannot be written is told once")
    func unwritable() {
      var history = History(file: HistoryFile(path: "/proc/nowhere/history"))
      #expect(history.add("a")?.contains("/proc/nowhere/history") == true)
      #expect(history.add("b") == nil)
      #expect(history.entries == ["a", "b"])
    }

    @Test("The newest entry that goes on like the text is offered")
    func suggestion() {
      var history = History()
      for entry in ["density = 1", "density = 2", "den"] { _ = history.add(entry) }
      #expect(history.suggestion(for: "dens") == "ity = 2")
      #expect(history.suggestion(for: "den") == "sity = 2")
      #expect(history.suggestion(for: "x") == nil)
      #expect(history.suggestion(for: "") == nil)
    }
  }
}
