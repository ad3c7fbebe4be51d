#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writing a file so that whoever reads it, even after a power cut, finds the old text or the new one and nothing between.
package enum AtomicFile {
  /// Why a file could not be written, as a sentence.
  package struct Problem: Error, Equatable {
    package let message: String
  }

  /// Writes beside the file, waits until it is on disk, and gives it the name; permissions stay.
  package static func write(_ text: String, to path: String) throws(Problem) {
    // A link is followed, so that the link stays one.
    let target =
      realpath(path, nil).map { pointer in
        defer { free(pointer) }
        return String(cString: pointer)
      } ?? path
    let temporary = "\(target).\(getpid())~"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw problem(path) }
    var failure: Problem?
    if !writeAll(Array(text.utf8), descriptor) || fsync(descriptor) != 0 { failure = problem(path) }
    var status = stat()
    if failure == nil, stat(target, &status) == 0 { _ = fchmod(descriptor, status.st_mode & 0o7777) }
    close(descriptor)
    if failure == nil, rename(temporary, target) != 0 { failure = problem(path) }
    if let failure {
      unlink(temporary)
      throw failure
    }
    syncFolder(of: target)
  }

  /// Writes every byte; false with `errno` if that fails.
  package static func writeAll(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { pointer in
        #if canImport(Glibc)
          Glibc.write(descriptor, pointer.baseAddress, pointer.count)
        #else
          Darwin.write(descriptor, pointer.baseAddress, pointer.count)
        #endif
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// A new name is on disk only when its folder is.
  package static func syncFolder(of path: String) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }

  /// Makes the folders above a path, for the user alone.
  package static func makeFolders(above path: String) {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
    var folder = path.hasPrefix("/") ? "" : "."
    while let part = parts.popFirst() {
      folder += "/" + part
      _ = mkdir(folder, 0o700)
    }
  }

  private static func problem(_ path: String) -> Problem {
    Problem(message: "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
