#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files of a session that is played: what it writes goes to a temporary folder, where it finds it again, and not to the user's.
final class ScratchFiles {
  private var folder: String?
  private var files: [String: String] = [:]

  /// Where a file that was written stands; nil if it was not.
  func existing(_ name: String) -> String? { files[name].flatMap { access($0, R_OK) == 0 ? $0 : nil } }

  /// Where a file of this name is to be written; nil without a temporary folder.
  func place(for name: String) -> String? {
    if let known = files[name] { return known }
    if folder == nil {
      var template = Array("/tmp/nabla-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { return nil }
      folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    guard let folder else { return nil }
    // The end of a name says what is in the file.
    let end = name.split(separator: "/").last ?? ""
    let path = "\(folder)/\(files.count)-\(end)"
    files[name] = path
    return path
  }

  deinit {
    for path in files.values { unlink(path) }
    if let folder { rmdir(folder) }
  }
}
