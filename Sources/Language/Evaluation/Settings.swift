import Display
import Interchange

/// What a session is set to.
package struct Settings: Equatable {
  package var precision: Precision = .f64
  package var seed: UInt64 = 7
  package var digits = 5
  package var width = 80
  package var ascii = false
  /// The most bytes one tensor may take; nil leaves the engine's limit.
  package var memoryLimit: Int?
  /// The folder from which paths are read; the current one if nil.
  package var folder: String?
  /// Whether files outside the folder are refused: while a session of somebody else is played.
  package var isConfined = false
  /// How far apart `≈` allows two numbers to be, relative to the larger.
  package var tolerance: Double

  package init(
    precision: Precision = .f64, seed: UInt64 = 7, digits: Int = 5, width: Int = 80, ascii: Bool = false,
    memoryLimit: Int? = nil, folder: String? = nil, tolerance: Double? = nil
  ) {
    self.precision = precision
    self.seed = seed
    self.digits = digits
    self.width = width
    self.ascii = ascii
    self.memoryLimit = memoryLimit
    self.folder = folder
    self.tolerance = tolerance ?? (precision == .f64 ? 1e-6 : 1e-4)
  }

  package var style: Style {
    Style(width: width, digits: digits, ascii: ascii, color: false, precision: precision)
  }

  /// Whether two numbers are the same within the tolerance.
  func isNear(_ a: Double, _ b: Double) -> Bool {
    a == b || abs(a - b) <= max(tolerance * max(abs(a), abs(b)), 1e-12)
  }

  /// Whether a path may be read: anything may, unless the session is that of somebody else.
  package func mayRead(_ path: String) -> Bool { !isConfined || Files.isInside(path, folder ?? ".") }

  /// A path as the system sees it, given from the session's folder.
  package func path(_ path: String) -> String {
    guard let folder, !path.hasPrefix("/") else { return path }
    return folder.hasSuffix("/") ? folder + path : folder + "/" + path
  }
}
