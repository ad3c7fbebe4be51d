#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What went wrong with a file, in the user's words: which one, why, and where in it.
public struct FileProblem: Error, Sendable, Equatable {
  public enum Reason: Sendable, Equatable {
    /// There is no such file or folder.
    case notFound
    /// It is a folder, and a file was wanted.
    case isFolder
    /// The operating system refuses, for this reason.
    case refused(String)
    /// The file ends before it should; both counts are bytes after decompression, if it is compressed.
    case truncated(found: Int, expected: Int?)
    /// What is in the file contradicts itself or its checksum.
    case corrupt(String)
    /// The file is of another kind.
    case wrongFormat(expected: String, found: String)
    /// Its contents would take more memory than the session allows.
    case tooLarge(bytes: Int, limit: Int)
    /// Something is wrong at a place of a text file; both counted from 1, and the column in characters.
    case text(line: Int, column: Int, String)
    /// A folder without the files that were looked for.
    case missing([String])
  }

  public let path: String
  public let reason: Reason

  public init(_ path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// What the reason is, as a phrase that can follow the path.
  public var explanation: String {
    switch reason {
    case .notFound: "there is no such file or folder"
    case .isFolder: "this is a folder, a file was expected"
    case .refused(let why): why
    case .truncated(let found, let expected?):
      "the file is cut short: \(found) bytes of \(expected)"
    case .truncated(let found, nil): "the file is cut short after \(found) bytes"
    case .corrupt(let why): "the file is damaged: \(why)"
    case .wrongFormat(let expected, let found): "\(expected) was expected, this is \(found)"
    case .tooLarge(let bytes, let limit): "it would take \(bytes) bytes, the session allows \(limit)"
    case .text(let line, let column, let what): "line \(line), column \(column): \(what)"
    case .missing(let names): "the folder has none of \(names.joined(separator: ", "))"
    }
  }

  /// From the C library's error number.
  static func system(_ path: String, _ code: Int32) -> FileProblem {
    switch code {
    case ENOENT, ENOTDIR: FileProblem(path, .notFound)
    case EISDIR: FileProblem(path, .isFolder)
    default: FileProblem(path, .refused(String(cString: strerror(code)).lowercased()))
    }
  }
}

extension FileProblem: CustomStringConvertible {
  public var description: String { "\(path): \(explanation)" }
}
