/// Why a statement could not be run: a diagnostic, and the text its ranges are in.
package struct Fault: Error {
  package var diagnostic: Diagnostic
  /// The text that failed; nil until the place is known.
  package var source: SourceText?
  /// Whether the user asked to stop: what was done so far stays done.
  package var isStop = false

  package init(_ diagnostic: Diagnostic, in source: SourceText? = nil) {
    self.diagnostic = diagnostic
    self.source = source
  }

  static var stopped: Fault {
    var failure = Fault(Diagnostic("E0601", "stopped"))
    failure.isStop = true
    return failure
  }

  /// The failure with its place, unless it has one.
  func at(_ place: Site) -> Fault {
    if source != nil { return self }
    var failure = self
    failure.source = place.source
    if failure.diagnostic.range == nil { failure.diagnostic.range = place.range }
    return failure
  }

  /// A part of a text, as code remembers it for its errors.
  struct Site {
    let source: SourceText
    let range: SourceRange
  }
}

/// What a built-in finds wrong with an argument; the call adds where it stands.
struct BuiltinProblem: Error {
  var code = "E0303"
  var message: String
  /// Which parameter, if one.
  var parameter: Int?
  var suggestions: [Diagnostic.Suggestion] = []
  var notes: [Diagnostic.Note] = []

  init(_ message: String, code: String = "E0303", parameter: Int? = nil) {
    self.code = code
    self.message = message
    self.parameter = parameter
  }
}
