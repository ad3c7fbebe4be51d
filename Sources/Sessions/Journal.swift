#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The accepted lines of a running session, on disk before they run: what `nabla --resume` brings back after a crash.
///
/// A file for each session, in a folder of the user's, held by a lock as long as the session lives. A line says how the session was set;
/// then each input is a line `> …`, written and synchronised before it runs, and behind it a line `.` when it is done or `!` when
/// it was stopped by hand. A session that ends as it should takes its file away; a file that nobody holds was left behind.
package final class Journal {
  /// How a session was set when it began.
  package struct Setting: Equatable, Sendable {
    package var words: [String: String]

    package init(_ words: [String: String]) { self.words = words }
  }

  /// An accepted line, and what is known of its end.
  package struct Entry: Equatable, Sendable {
    package enum End: Equatable, Sendable { case done, stopped, none }
    package var text: String
    package var end: End

    package init(text: String, end: End) { (self.text, self.end) = (text, end) }
  }

  package let path: String
  private let setting: Setting
  private var descriptor: Int32 = -1
  /// What is not on disk yet, because the disk refused it.
  private var missing: [UInt8] = []
  private var hasComplained = false

  /// What writes bytes to a descriptor, false with `errno` if that fails.
  private let writeAll: ([UInt8], Int32) -> Bool

  /// A journal in a folder; the file is made when the first line is accepted.
  ///
  /// - Parameter writeAll: writes bytes to a descriptor; a test has a disk that is full.
  package init(
    folder: String, setting: Setting, writeAll: @escaping ([UInt8], Int32) -> Bool = AtomicFile.writeAll
  ) {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    path = "\(folder)/\(now.tv_sec)-\(now.tv_nsec / 1000)-\(getpid()).journal"
    self.setting = setting
    self.writeAll = writeAll
  }

  private init(path: String, setting: Setting, descriptor: Int32) {
    (self.path, self.setting, self.descriptor) = (path, setting, descriptor)
    writeAll = AtomicFile.writeAll
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// `$NABLA_JOURNAL`, else `nabla/journal` below `$XDG_STATE_HOME` or `~/.local/state`; nil if the variable is empty, or there is no
  /// home.
  package static func standardFolder(_ variable: (String) -> String?) -> String? {
    if let folder = variable("NABLA_JOURNAL") { return folder.isEmpty ? nil : folder }
    return stateFolder(variable).map { $0 + "/journal" }
  }

  /// Where the program keeps what it remembers between sessions.
  package static func stateFolder(_ variable: (String) -> String?) -> String? {
    if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/nabla" }
    guard let home = variable("HOME"), !home.isEmpty else { return nil }
    return home + "/.local/state/nabla"
  }

  // MARK: Writing

  /// Puts a line on disk; returns what to tell the user, the first time that fails. It is tried again with the next line.
  package func append(_ text: String) -> String? {
    if descriptor < 0, let problem = begin() { return complaint(problem) }
    missing += Array("> \(EscapedLine.escape(text))\n".utf8)
    return write(isUrgent: true)
  }

  /// Notes that the last line is done.
  package func finish(isStopped: Bool) {
    guard descriptor >= 0 else { return }
    missing += Array((isStopped ? "!\n" : ".\n").utf8)
    _ = write(isUrgent: false)
  }

  /// The session ended as it should: nothing is left behind.
  package func discard() {
    guard descriptor >= 0 else { return }
    unlink(path)
    close(descriptor)
    descriptor = -1
  }

  private func begin() -> String? {
    AtomicFile.makeFolders(above: path)
    let opened = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard opened >= 0 else { return String(cString: strerror(errno)) }
    // A file system without locks is no reason to keep nothing.
    _ = flock(opened, LOCK_EX | LOCK_NB)
    descriptor = opened
    AtomicFile.syncFolder(of: path)
    let words = setting.words.sorted { $0.key < $1.key }.map { "\($0.key)=\(EscapedLine.escape($0.value))" }
    missing = Array((["nabla-journal 1"] + words).joined(separator: "\t").utf8) + [0x0A]
    return nil
  }

  private func write(isUrgent: Bool) -> String? {
    let end = lseek(descriptor, 0, SEEK_END)
    if writeAll(missing, descriptor) && (!isUrgent || Self.synchronize(descriptor)) {
      missing = []
      return nil
    }
    let problem = String(cString: strerror(errno))
    // Half a line is worse than none: the whole is written again later.
    if end >= 0 { _ = ftruncate(descriptor, end) }
    return complaint(problem)
  }

  private static func synchronize(_ descriptor: Int32) -> Bool {
    #if canImport(Darwin)
      return fsync(descriptor) == 0
    #else
      // What cannot be synchronised, a pipe or a device, is as safe as it gets.
      return fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS
    #endif
  }

  private func complaint(_ problem: String) -> String? {
    if hasComplained { return nil }
    hasComplained = true
    return "no journal of this session: cannot write \(path): \(problem); nothing is lost here"
  }

  // MARK: Reading

  /// A session that ended without taking its journal away.
  package struct LeftBehind {
    package let entries: [Entry]
    package let setting: Setting
    /// The journal, held by this process from now on: the session goes on in it.
    package let journal: Journal
    /// When its last line was written, in seconds.
    package let time: Int
  }

  /// The newest session of a folder that was left behind; nil if there is none. Those that hold no line, and all but the twenty
  /// newest, are taken away.
  package static func newestLeftBehind(in folder: String) -> LeftBehind? {
    var found: LeftBehind?
    var kept = 0
    for (path, _) in files(in: folder) {
      if kept >= 20 {
        if let journal = take(path) { journal.journal.discard() }
        continue
      }
      guard found == nil else {
        kept += 1
        continue
      }
      guard let session = take(path) else { continue }
      if session.entries.isEmpty { session.journal.discard() } else { found = session }
      kept += 1
    }
    return found
  }

  /// The journals of a folder, the newest first.
  private static func files(in folder: String) -> [(path: String, time: Int)] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var files: [(path: String, time: Int)] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasSuffix(".journal") else { continue }
      let path = "\(folder)/\(name)"
      var status = stat()
      guard stat(path, &status) == 0 else { continue }
      #if canImport(Darwin)
        files.append((path, status.st_mtimespec.tv_sec))
      #else
        files.append((path, status.st_mtim.tv_sec))
      #endif
    }
    return files.sorted { ($0.time, $0.path) > ($1.time, $1.path) }
  }

  /// Takes over a journal that nobody holds.
  private static func take(_ path: String) -> LeftBehind? {
    let descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var opened = stat()
    var named = stat()
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &opened) == 0, stat(path, &named) == 0,
      opened.st_ino == named.st_ino, let bytes = contents(descriptor),
      let (setting, entries, end) = parse(bytes)
    else {
      close(descriptor)
      return nil
    }
    // A last line that was cut off was not accepted.
    if end < bytes.count { _ = ftruncate(descriptor, off_t(end)) }
    #if canImport(Darwin)
      let time = opened.st_mtimespec.tv_sec
    #else
      let time = opened.st_mtim.tv_sec
    #endif
    return LeftBehind(
      entries: entries, setting: setting, journal: Journal(path: path, setting: setting, descriptor: descriptor),
      time: time)
  }

  private static func contents(_ descriptor: Int32) -> [UInt8]? {
    lseek(descriptor, 0, SEEK_SET)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// What stands in a journal, and where its last whole line ends; nil if it is none.
  package static func parse(_ bytes: [UInt8]) -> (setting: Setting, entries: [Entry], end: Int)? {
    guard let last = bytes.lastIndex(of: 0x0A) else { return bytes.isEmpty ? (Setting([:]), [], 0) : nil }
    var lines = bytes[..<last].split(separator: 0x0A, omittingEmptySubsequences: false)[...]
    guard let first = lines.popFirst().map({ String(decoding: $0, as: UTF8.self) }), first.hasPrefix("nabla-journal 1")
    else { return nil }
    var words: [String: String] = [:]
    for word in first.split(separator: "\t").dropFirst() {
      let parts = word.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { words[String(parts[0])] = EscapedLine.unescape(String(parts[1])) }
    }
    var entries: [Entry] = []
    for line in lines {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("> ") {
        entries.append(Entry(text: EscapedLine.unescape(String(text.dropFirst(2))), end: .none))
      } else if let index = entries.indices.last {
        entries[index].end = text == "!" ? .stopped : .done
      }
    }
    return (Setting(words), entries, last + 1)
  }
}
