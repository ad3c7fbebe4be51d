#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The built program under a terminal of its own, driven by keys.
///
/// What was accepted is read from the session's history file, so these tests know nothing of what the language answers. Before each
/// block the editor turns bracketed paste on, once: that is how a test knows that it reads.
final class PseudoTerminal {
  private let descriptor: Int32
  private let process: pid_t
  private var isReaped = false
  private(set) var output: [UInt8] = []
  private var seen = 0
  let folder: String

  static let up = "\u{1B}[A"
  static let down = "\u{1B}[B"
  static let left = "\u{1B}[D"
  static let right = "\u{1B}[C"
  static let home = "\u{1B}[H"
  static func paste(_ text: String) -> String { "\u{1B}[200~\(text)\u{1B}[201~" }
  static func control(_ letter: Character) -> String {
    String(Character(Unicode.Scalar((letter.asciiValue ?? 0x40) & 0x1F)))
  }

  /// Starts the program in an empty home folder; `files` are written there first.
  init(
    _ environment: [String: String] = [:], arguments options: [String] = [], files: [String: String] = [:],
    rows: UInt16 = 24, columns: UInt16 = 80
  ) throws {
    var template = Array("/tmp/nabla-shell-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure.system("mkdtemp") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for (name, text) in files { try Self.write(text, to: folder + "/" + name) }
    var variables = [
      "HOME": folder, "NABLA_HISTORY": folder + "/history", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color",
      "PATH": "/usr/bin:/bin",
    ]
    variables.merge(environment) { $1 }
    // All memory the child needs is made before the fork.
    let program = try Self.program()
    let path = strdup(program)!
    var arguments: [UnsafeMutablePointer<CChar>?] = [path] + options.map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in arguments + settings { free(pointer) } }
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var terminal: Int32 = -1
    let child = forkpty(&terminal, nil, nil, &size)
    if child == 0 {
      var none = sigset_t()
      sigemptyset(&none)
      sigprocmask(SIG_SETMASK, &none, nil)
      for signal in [SIGINT, SIGQUIT, SIGTSTP, SIGPIPE, SIGHUP, SIGTERM] { _ = Self.setDefault(signal) }
      chdir(folder)
      execve(path, &arguments, &settings)
      _exit(127)
    }
    guard child > 0 else { throw Failure.system("forkpty") }
    _ = fcntl(terminal, F_SETFD, FD_CLOEXEC)
    descriptor = terminal
    process = child
  }

  deinit {
    close(descriptor)
    if !isReaped {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
  }

  enum Failure: Error {
    case system(String)
    case missing(String, output: String)
  }

  private static func setDefault(_ signal: Int32) -> Int32 {
    var action = sigaction()
    return sigaction(signal, &action, nil)
  }

  // MARK: Keys and what is seen

  /// Sends keys; reads meanwhile, since both directions have short queues.
  func send(_ keys: String) throws {
    var rest = Array(keys.utf8)[...]
    while !rest.isEmpty {
      let chunk = Array(rest.prefix(512))
      let count = Self.write(descriptor, chunk)
      guard count > 0 else { throw Failure.system("write") }
      rest = rest.dropFirst(count)
      while read(milliseconds: 0) {}
    }
  }

  /// Waits until `text` appears after what was waited for before.
  func expect(_ text: String, seconds: Int32 = 20, fromStart: Bool = false) throws {
    let wanted = Array(text.utf8)
    if fromStart { seen = 0 }
    var patience = seconds * 10
    var start = seen
    while true {
      if let end = Self.end(of: wanted, in: output, from: start) {
        seen = end
        return
      }
      let before = output.count
      start = max(seen, before - wanted.count)
      if !read(milliseconds: 100), output.count == before {
        patience -= 1
        if patience <= 0 || isAtEnd { throw Failure.missing(text, output: shown) }
      }
    }
  }

  /// Waits until the editor reads a block.
  func ready() throws { try expect("\u{1B}[?2004h") }

  /// Sends `keys` and Enter and waits for the next block; a key that ends a reading must come last.
  func enter(_ keys: String) throws {
    try send(keys + "\r")
    try ready()
  }

  /// Reads what comes for so long.
  func watch(milliseconds: Int32) {
    var start = timespec()
    clock_gettime(CLOCK_MONOTONIC, &start)
    var passed: Int32 = 0
    while passed < milliseconds {
      _ = read(milliseconds: milliseconds - passed)
      if isAtEnd { return }
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      passed = Int32((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1_000_000)
    }
  }

  /// The whole numbers that were shown behind a word, in order.
  func numbers(after word: String) -> [Int] {
    var numbers: [Int] = []
    var rest = shown[...]
    while let range = rest.firstRange(of: word) {
      rest = rest[range.upperBound...]
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      // Digits at the very end may be cut off.
      if let number = Int(digits), digits.endIndex < rest.endIndex { numbers.append(number) }
    }
    return numbers
  }

  var shown: String { String(decoding: output, as: UTF8.self) }

  func resize(rows: UInt16, columns: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
  }

  func signal(_ signal: Int32) { kill(process, signal) }

  /// Waits for the program's end: its exit status, or the negated signal.
  func status() -> Int32 {
    while read(milliseconds: 20_000) {}
    var status: Int32 = 0
    waitpid(process, &status, 0)
    isReaped = true
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
  }

  /// Ends the session by Ctrl-D and gives the blocks that it accepted.
  func finish() throws -> [String] {
    try send(Self.control("D"))
    guard status() == 0 else { throw Failure.missing("exit status 0", output: shown) }
    return try history()
  }

  /// The lines of the history file as they stand there.
  func history() throws -> [String] {
    guard let file = fopen(folder + "/history", "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  // MARK: Bytes

  private var isAtEnd = false

  private func read(milliseconds: Int32) -> Bool {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard !isAtEnd, poll(&ready, 1, milliseconds) > 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 4096)
    #if canImport(Glibc)
      let count = Glibc.read(descriptor, &bytes, bytes.count)
    #else
      let count = Darwin.read(descriptor, &bytes, bytes.count)
    #endif
    // EIO: the other end is closed.
    guard count > 0 else {
      isAtEnd = true
      return false
    }
    output += bytes[..<count]
    return true
  }

  private static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes, bytes.count)
    #else
      Darwin.write(descriptor, bytes, bytes.count)
    #endif
  }

  private static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Failure.system(path) }
    fputs(text, file)
    fclose(file)
  }

  private static func end(of wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index + wanted.count <= bytes.count {
      if bytes[index...].starts(with: wanted) { return index + wanted.count }
      index += 1
    }
    return nil
  }

  /// The program stands beside the test bundle.
  private static func program() throws -> String {
    var path = CommandLine.arguments[0]
    while let slash = path.lastIndex(of: "/") {
      path = String(path[..<slash])
      if access(path + "/nabla", X_OK) == 0 { return path + "/nabla" }
    }
    throw Failure.system("no nabla above " + CommandLine.arguments[0])
  }
}
