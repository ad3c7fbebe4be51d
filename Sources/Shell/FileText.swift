#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files and folders of text, with what is wrong with them in a sentence.
enum FileText {
  struct Problem: Error {
    let message: String
  }

  /// The text of a file; bytes that are no UTF-8 become `�`.
  static func read(_ path: String) throws(Problem) -> String {
    guard let file = fopen(path, "r") else { throw Problem(message: "cannot read \(path): \(reason)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    if ferror(file) != 0 { throw Problem(message: "cannot read \(path): \(reason)") }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The files below a path whose names end in `suffix`, in the order of their names; the path itself if it is a file.
  static func files(at path: String, suffix: String) throws(Problem) -> [String] {
    guard let folder = opendir(path) else {
      if errno == ENOTDIR { return [path] }
      throw Problem(message: "cannot read \(path): \(reason)")
    }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    closedir(folder)
    var files: [String] = []
    for name in names.sorted() {
      let child = path.hasSuffix("/") ? path + name : path + "/" + name
      if name.hasSuffix(suffix) {
        files.append(child)
      } else if let inner = opendir(child) {
        closedir(inner)
        files += try Self.files(at: child, suffix: suffix)
      }
    }
    return files
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
