/// The first screen: what this is, how the session is set, and three lines to type.
package struct BannerText: Sendable {
  package var version: String
  package var seed: UInt64

  /// What a newcomer may type first, each after a word that says what for.
  package var offers: [(what: String, typed: String)]

  package init(
    version: String, seed: UInt64,
    offers: [(what: String, typed: String)] = [
      ("compute", "A = [1, 2; 3, 4]"), ("ask why", ":why (A @ A)[0,1]"), ("learn", ":tutorial"),
    ]
  ) {
    self.version = version
    self.seed = seed
    self.offers = offers
  }

  package func document(_ style: Style = .plain) -> Document {
    let settings = "\(style.precision.rawValue), \(style.digits) digits, seed \(seed)"
    var result = Document([
      Line("nabla \(version)\(style.separator)formula, numbers, result", .dim, margin: settings)
    ])
    for (position, offer) in offers.enumerated() {
      let isLast = position == offers.count - 1
      let typed = isLast ? offer.typed.padded(to: 23) : offer.typed
      let rest = isLast ? ":help for everything else, Ctrl-D to leave" : ""
      result.append("  \(offer.what.padded(to: 11), .dim)\(typed, .builtin)\(rest, .dim)")
    }
    return result
  }
}
