import Display
import Language
import Sessions
import Testing

@testable import Shell

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file somebody sent, in a folder with something to lose and a secret beside it.
private final class SentFile {
  let root: String
  var folder: String { root + "/sent" }

  init() throws {
    var template = Array("/tmp/nabla-sent-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try #require(mkdir(folder, 0o700) == 0 && mkdir(folder + "/inner", 0o700) == 0)
    try write("secret\n", "secret.txt")
    try write("1,2\n3,4\n", "sent/data.csv")
    try write("# Other\n```nabla\n>>> stolen = 1\n```\n", "other.md")
    try write("# Inner\n```nabla\n>>> inner = 1\n```\n", "sent/inner.md")
    try #require(symlink("../secret.txt", folder + "/link.txt") == 0)
    try #require(symlink("..", folder + "/up") == 0)
    try #require(symlink("../new.txt", folder + "/hanging.txt") == 0)
  }

  private func write(_ text: String, _ name: String) throws {
    let file = try #require(fopen("\(root)/\(name)", "w"))
    fputs(text, file)
    fclose(file)
  }

  /// Every file and link below, with what is in it.
  func contents() throws -> [String: String] {
    var found: [String: String] = [:]
    func look(_ path: String) throws {
      let directory = try #require(opendir(path))
      defer { closedir(directory) }
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let child = "\(path)/\(name)"
        var status = stat()
        lstat(child, &status)
        switch status.st_mode & S_IFMT {
        case S_IFDIR: try look(child)
        case S_IFLNK: found[child] = "link"
        default: found[child] = try FileText.read(child)
        }
      }
    }
    try look(root)
    return found
  }

  /// Plays one line as `nabla check` does.
  func check(_ line: String) throws -> Player.Result {
    let transcript = try Transcript("```nabla\n>>> \(line)\nx\n```\n")
    return try #require(
      Shell.check(transcript, at: folder + "/file.md", slow: true, options: ShellOptions()).results.first)
  }

  /// Plays one line as `:replay` does; gives what is shown.
  func replay(_ line: String) throws -> [String] {
    let console = Console(settings: Settings())
    console.keepRecord()
    let mode = ReplayMode(
      try Transcript("```nabla\n>>> \(line)\n```\n"), path: folder + "/file.md", host: console)
    console.mode = mode
    return console.respond(to: "").lines
  }
}

@Suite("A file somebody sent")
struct SafetyTests {
  @Test(
    "reads nothing outside its folder, however the path is written",
    arguments: [
      "text(\"../secret.txt\")", "text(\"inner/../../secret.txt\")", "text(\"link.txt\")", "text(\"up/secret.txt\")",
      "text(\"/etc/passwd\")", "text(\"~/x\")", "csv(\"../secret.txt\")", "load(\"../secret.txt\")",
      "png(\"up/secret.txt\")",
      "wav(\"/etc/passwd\")", "idx(\"link.txt\")", ":load ../other.md", ":load up/other.md", ":replay ../other.md",
      ":load \"/etc/passwd\"", ":load ~/x.nabla",
    ])
  func reading(line: String) throws {
    let sent = try SentFile()
    let result = try sent.check(line)
    #expect(result.error == "E0402", "\(result.lines)")
    #expect(!result.lines.contains { $0.contains("secret\n") || $0.contains("root:") })
    #expect(try sent.replay(line).contains { $0.hasPrefix("error E0402") })
  }

  @Test(
    "writes nothing: what it saves is its own and gone at its end",
    arguments: [
      "save(\"data.csv\", [9, 9])", "save(\"new.nabla\", 1)", "save(\"picture.png\", zeros(4, 4))",
      "save(\"sound.wav\", zeros(100), rate: 8000)", "save(\"inner/x.csv\", [1])", "save(\"../secret.txt\", \"x\")",
      "save(\"link.txt\", \"x\")", "save(\"hanging.txt\", \"x\")", "save(\"up/x.csv\", [1])", ":save mine.md", ":save",
      ":record mine.md", ":record ../mine.md", ":export mine.html", ":export ../mine", ":tutorial", ":history",
    ])
  func writing(line: String) throws {
    let sent = try SentFile()
    let before = try sent.contents()
    _ = try sent.check(line)
    _ = try sent.replay(line)
    #expect(try sent.contents() == before)
  }

  @Test("finds again what it has saved itself")
  func ownFiles() throws {
    let sent = try SentFile()
    let before = try sent.contents()
    let result = try sent.check("save(\"data.csv\", [9, 9]); sum(csv(\"data.csv\"))")
    #expect(result.lines.last == "ans = 18", "\(result.lines)")
    #expect(try sent.contents() == before)
  }

  @Test("cannot raise the limits that the user set", arguments: [":set memory 900G", ":set threads 200"])
  func limits(line: String) throws {
    #expect(try SentFile().check(line).error == "E0805")
  }

  @Test("leaves the names, the settings and the record of whoever plays it alone")
  func apart() throws {
    let sent = try SentFile()
    let console = Console(settings: Settings())
    console.keepRecord()
    _ = console.answer("mine = 1")
    let transcript = try Transcript("```nabla\n>>> mine = 2\n>>> :set digits 9\n>>> :clear\n>>> quit = 1\n```\n")
    console.mode = ReplayMode(transcript, path: sent.folder + "/file.md", host: console)
    for _ in 0..<4 { _ = console.answer("") }
    _ = console.answer(":quit")
    #expect(console.mode == nil && console.settings.digits == 5)
    #expect(console.respond(to: "mine").lines == ["mine = 1"])
    #expect(console.record?.entries.map(\.text) == ["mine = 1", "mine"])
  }

  /// Everything that could speak to a terminal: escapes, C1 controls, bells, returns, zeros, directions.
  private static let evil = "\u{1B}[2J\u{1B}]0;x\u{7}\u{9B}31m\r\u{8}\u{7F}\u{202E}\u{2066}\u{0}"

  @Test("is shown and not obeyed: no control character of its prose, its inputs, its answers or its errors gets out")
  func controlCharacters() throws {
    let evil = Self.evil
    let text = """
      ---
      title: T \(evil)
      ---
      # H \(evil)

      Prose \(evil) `code \(evil)` **bold \(evil)** $x \(evil)$

      $$
      x \(evil)
      $$

      | a \(evil) |

      - point \(evil)

      ## Chapter \(evil)

      ```nabla
      before \(evil)
      >>> print("a \(evil)")
      >>> s = "a \(evil)"
      >>> nope\(evil)
      >>> bars([1, 2], ("a\(evil)", "b"))
      >>> :help \(evil)
      >>> :set digits \(evil)
      >>> :load \(evil)
      >>> text("\(evil)")
      >>> (a: "\(evil)", b: 2)
      >>> :vars
      ```
      ```nabla quiz wrong="1" hint="wrong \(evil)" hint="hint \(evil)"
      What \(evil)?
      >>> 2
      ```
      """
    let transcript = try Transcript(text)
    let console = Console(settings: Settings())
    console.keepRecord()
    var shown = Document()
    console.show = { shown.append($0) }
    let replay = ReplayMode(transcript, path: "/nowhere/a\(evil).md", host: console)
    console.mode = replay
    replay.begin()
    for _ in 0..<15 { _ = console.answer("") }
    let lesson = LessonMode(
      Lesson(transcript, name: "x\(evil)", style: console.style),
      Tutorials.Entry(number: 1, name: "x", path: "/nowhere/x.md"), host: console)
    console.mode = lesson
    lesson.begin(at: 0)
    for line in ["", "1", "3", ":hint", ":answer", "", "", ""] { _ = console.answer(line) }
    #expect(shown.lines.count > 60)
    let plain = PlainWriter(console.style).write(shown)
    #expect(!plain.unicodeScalars.contains(where: Self.speaks))
    var style = console.style
    style.color = true
    // A terminal gets colours, `ESC [ … m`, and no other sequence.
    var rest = TerminalWriter(style).write(shown)[...]
    while let escape = rest.unicodeScalars.firstIndex(of: "\u{1B}") {
      #expect(!rest[..<escape].unicodeScalars.contains(where: Self.speaks))
      let after = rest[escape...].dropFirst()
      let sequence = after.prefix { "[0123456789;".contains($0) }
      #expect(after.first == "[" && after.dropFirst(sequence.count).first == "m")
      rest = after.dropFirst(sequence.count + 1)
    }
    #expect(!rest.unicodeScalars.contains(where: Self.speaks))
    let report = CheckReport(
      files: [Shell.check(transcript, at: "/nowhere/a\(evil).md", slow: true, options: ShellOptions())])
    #expect(!report.lines.joined(separator: "\n").unicodeScalars.contains(where: Self.speaks))
  }

  /// Whether a terminal could take a character for a word to itself.
  private static func speaks(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0A: false
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
