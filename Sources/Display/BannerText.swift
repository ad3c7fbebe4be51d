/// The first screen: what this is, how the session is set, and three lines to type.
package struct BannerText: Sendable {
  package var version: String
  package var seed: UInt64

  package init(version: String, seed: UInt64) {
    self.version = version
    self.seed = seed
  }

  package func document(_ style: Style = .plain) -> Document {
    let settings = "\(style.precision.rawValue), \(style.digits) digits, seed \(seed)"
    var result = Document([
      Line("nabla \(version) \(style.glyph("·", "-")) formula, numbers, result", .dim, margin: settings)
    ])
    for (what, typed, rest) in [
      ("compute", "A = [1, 2; 3, 4]", ""),
      ("ask why", ":why (A @ A)[0,1]", ""),
      ("learn", ":tutorial", "              :help for everything else, Ctrl-D to leave"),
    ] {
      result.append("  \(what.padded(to: 11), .dim)\(typed, .builtin)\(rest, .dim)")
    }
    return result
  }
}
