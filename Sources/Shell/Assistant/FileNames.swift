#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files that a path could become.
enum FileNames {
  /// Folders larger than this are not read to their end.
  private static let limit = 2_000

  /// What stands behind the last slash of `path`: the part that is completed.
  static func last(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// The names in the folder of `path` that begin like its last part, folders with a slash; the only one, if a file, with
  /// `closing` behind it.
  static func candidates(for path: String, closing: String) -> [Candidate] {
    let prefix = last(of: path)
    let folder = String(path.utf8.dropLast(prefix.utf8.count)) ?? ""
    guard let stream = opendir(expanded(folder)) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(stream) {
      guard let name = name(of: entry), name != ".", name != "..", name.hasPrefix(prefix) else { continue }
      // Names that cannot be typed into a string, and hidden ones unless asked for.
      if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 == 0x7F }) { continue }
      if name.hasPrefix("."), !prefix.hasPrefix(".") { continue }
      names.append(name)
    }
    let isOnly = names.count == 1
    return names.sorted().map { name in
      if isFolder(expanded(folder) + "/" + name) { return Candidate(name + "/") }
      return Candidate(isOnly ? name + closing : name, label: name)
    }
  }

  /// The folder to open: the current one for none, the user's own for `~`.
  private static func expanded(_ folder: String) -> String {
    if folder.isEmpty { return "." }
    guard folder.hasPrefix("~/"), let home = Terminal.variable("HOME") else { return folder }
    return home + folder.dropFirst()
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> String? {
    withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
        String(validatingCString: $0)
      }
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
