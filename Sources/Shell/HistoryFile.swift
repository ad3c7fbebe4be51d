import Sessions

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The file behind a history: UTF-8, one escaped entry a line, appended to by every shell that runs.
///
/// An entry is written by one `write` to a file opened for appending, so entries of several shells stand beside each other
/// whole. When the file has grown past twice its limit it is rewritten by a temporary file and a rename, under a lock that
/// appending takes too (shared), so that nothing is lost between the two.
package struct HistoryFile: Sendable {
  package let path: String
  package let limit: Int

  package init(path: String, limit: Int = 5_000) {
    self.path = path
    self.limit = limit
  }

  /// `$NABLA_HISTORY`, else `$XDG_STATE_HOME/nabla/history`, else `~/.local/state/nabla/history`; an empty `NABLA_HISTORY`
  /// means none.
  package static func standard(_ variable: (String) -> String? = Terminal.variable) -> HistoryFile? {
    if let path = variable("NABLA_HISTORY") { return path.isEmpty ? nil : HistoryFile(path: path) }
    if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") {
      return HistoryFile(path: state + "/nabla/history")
    }
    guard let home = variable("HOME"), !home.isEmpty else { return nil }
    return HistoryFile(path: home + "/.local/state/nabla/history")
  }

  // MARK: Entries

  /// The entries of the file, the oldest first, at most `limit`; none when it cannot be read.
  func read() -> [String] {
    guard let bytes = contents() else { return [] }
    var entries = Self.entries(of: bytes)
    if entries.count > 2 * limit { entries = trim() ?? entries }
    return entries.suffix(limit)
  }

  /// Appends `entry`; returns the system's reason when that fails.
  func append(_ entry: String) -> String? {
    makeFolder()
    while true {
      let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { return String(cString: strerror(errno)) }
      defer { close(descriptor) }
      // A file system without locks is no reason to keep nothing.
      _ = flock(descriptor, LOCK_SH)
      guard isCurrent(descriptor) else { continue }
      var line = Array(Self.escape(entry).utf8) + [0x0A]
      if !endsWithNewline(descriptor) { line.insert(0x0A, at: 0) }
      let count = write(descriptor, line, line.count)
      return count == line.count ? nil : String(cString: strerror(count < 0 ? errno : ENOSPC))
    }
  }

  /// Keeps the newest `limit` entries of the file as it is now; nil when it cannot be rewritten.
  private func trim() -> [String]? {
    let lock = open(path, O_RDWR | O_CLOEXEC)
    guard lock >= 0 else { return nil }
    defer { close(lock) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0, isCurrent(lock), let bytes = contents() else { return nil }
    let kept = Array(Self.entries(of: bytes).suffix(limit))
    let temporary = path + ".\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    var text: [UInt8] = []
    for entry in kept { text += Array(Self.escape(entry).utf8) + [0x0A] }
    let isWritten = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
    close(descriptor)
    guard isWritten, rename(temporary, path) == 0 else {
      unlink(temporary)
      return nil
    }
    return kept
  }

  // MARK: Entries as lines

  package static func escape(_ entry: String) -> String { EscapedLine.escape(entry) }
  package static func unescape(_ line: String) -> String { EscapedLine.unescape(line) }

  private static func entries(of bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0x0A).map { unescape(String(decoding: $0, as: UTF8.self)) }
  }

  // MARK: The file

  private func contents() -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Self.read(descriptor, buffer.baseAddress! + count, size - count)
        if got <= 0 { break }
        count += got
      }
    }
  }

  private static func read(_ descriptor: Int32, _ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, target, count)
    #else
      Darwin.read(descriptor, target, count)
    #endif
  }

  /// Whether the open file is still the one at the path: another shell may have replaced it while we waited for the lock.
  private func isCurrent(_ descriptor: Int32) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0 && opened.st_ino == named.st_ino
  }

  private func endsWithNewline(_ descriptor: Int32) -> Bool {
    let end = lseek(descriptor, 0, SEEK_END)
    var last: UInt8 = 0x0A
    if end > 0 { _ = pread(descriptor, &last, 1, end - 1) }
    return last == 0x0A
  }

  /// Makes the folders above the file, for the user alone.
  private func makeFolder() {
    for slash in path.indices.dropFirst() where path[slash] == "/" {
      _ = mkdir(String(path[..<slash]), 0o700)
    }
  }
}
