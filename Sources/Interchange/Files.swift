import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reading and writing whole files through the C library.
public enum Files {
  /// All bytes of a file; `~/` stands for the home folder.
  /// - Throws: `FileProblem`.
  public static func bytes(_ path: String) throws(FileProblem) -> [UInt8] {
    let name = expanded(path)
    if name.utf8.contains(0) { throw FileProblem(path, .refused("a path has no zero byte")) }
    let file = open(name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .system(path, errno) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw .system(path, errno) }
    if facts.st_mode & S_IFMT == S_IFDIR { throw FileProblem(path, .isFolder) }
    let limit = MemoryLimit.bytes
    if Int(facts.st_size) > limit { throw FileProblem(path, .tooLarge(bytes: Int(facts.st_size), limit: limit)) }
    // The size is a hint: pipes and /proc have none.
    var bytes: [UInt8] = []
    var capacity = max(Int(facts.st_size) + 1, 65_536)
    var failure: Int32 = 0
    var isAtEnd = false
    while !isAtEnd && failure == 0 {
      guard bytes.count <= limit else { throw FileProblem(path, .tooLarge(bytes: bytes.count, limit: limit)) }
      let chunk = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        while count < capacity {
          let got = read(file, buffer.baseAddress.unsafelyUnwrapped + count, capacity - count)
          if got < 0 && errno == EINTR { continue }
          if got < 0 { failure = errno }
          if got <= 0 {
            isAtEnd = true
            break
          }
          count += got
        }
      }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      capacity = 1 << 20
    }
    guard failure == 0 else { throw .system(path, failure) }
    return bytes
  }

  /// Writes a file, whole or not at all: first beside it, then in its place.
  /// - Throws: `FileProblem`.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileProblem) {
    let name = expanded(path)
    let beside = name + ".\(getpid()).part"
    let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw .system(path, errno) }
    var failure: Int32 = 0
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let written = Self.write(file, buffer.baseAddress.unsafelyUnwrapped + done, buffer.count - done)
        if written < 0 && errno == EINTR { continue }
        if written < 0 {
          failure = errno
          break
        }
        done += written
      }
    }
    if close(file) != 0 && failure == 0 { failure = errno }
    if failure == 0 && rename(beside, name) != 0 { failure = errno }
    if failure != 0 {
      unlink(beside)
      throw .system(path, failure)
    }
  }

  private static func write(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(file, bytes, count)
    #else
      Darwin.write(file, bytes, count)
    #endif
  }

  /// Whether there is a file or folder of this name.
  public static func exists(_ path: String) -> Bool { access(expanded(path), F_OK) == 0 }

  /// Whether a path, given from a folder, stays in it: no root, home or `..`, and no link that leads out.
  public static func isInside(_ path: String, _ folder: String) -> Bool {
    if path.hasPrefix("/") || path.hasPrefix("~") || path.utf8.contains(0) { return false }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains("..") { return false }
    guard let root = resolved(folder) else { return false }
    let whole = "\(folder)/\(path)"
    let parent = "\(folder)/\(parts.dropLast().joined(separator: "/"))"
    // What is not there yet stands where its folder does; where even that is not, nothing can be read or written.
    guard let place = resolved(whole) ?? resolved(parent) else { return true }
    return place == root || place.hasPrefix(root == "/" ? root : root + "/")
  }

  /// A path without links; nil if there is no such file.
  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  static func expanded(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
  }

  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
