import Sessions

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The lessons that ship with the program: files `01-….md` in a folder `tutorials`.
package struct Tutorials {
  package struct Entry {
    package let number: Int
    /// What progress is kept under: the file's name without its end.
    package let name: String
    package let path: String
  }

  package let entries: [Entry]

  /// The lessons of a folder, by their numbers.
  package init(folder: String?) {
    guard let folder, let files = try? FileText.files(at: folder, suffix: ".md") else {
      entries = []
      return
    }
    entries = files.compactMap { path in
      let name = String((path.split(separator: "/").last ?? "").dropLast(3))
      return Int(name.prefix { $0.isNumber }).map { Entry(number: $0, name: name, path: path) }
    }.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
  }

  /// `$NABLA_TUTORIALS`; else `tutorials` in a folder above the program, as in a clone; else `share/nabla/tutorials` beside its `bin`.
  package static func standardFolder(_ variable: (String) -> String? = Terminal.variable) -> String? {
    if let folder = variable("NABLA_TUTORIALS") { return folder.isEmpty ? nil : folder }
    guard var folder = programPath() else { return nil }
    while let slash = folder.lastIndex(of: "/") {
      folder = String(folder[..<slash])
      for place in ["/tutorials", "/share/nabla/tutorials"] where access(folder + place, R_OK) == 0 {
        return folder + place
      }
    }
    return nil
  }

  /// Where the running program stands.
  private static func programPath() -> String? {
    #if canImport(Glibc)
      guard let real = realpath("/proc/self/exe", nil) else { return nil }
    #else
      var size: UInt32 = 4096
      var buffer = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&buffer, &size) == 0, let real = realpath(buffer, nil) else { return nil }
    #endif
    defer { free(real) }
    return String(cString: real)
  }
}
