/// What a layout depends on: the screen's width and abilities, and the session's digits and precision.
package struct Style: Sendable, Hashable {
  /// The columns of the screen; 80 where nobody says otherwise.
  package var width: Int
  /// The significant digits of a printed number (`:set digits`).
  package var digits: Int
  /// Only ASCII is drawn (`--ascii`, `LC_ALL=C`, `TERM=dumb`).
  package var ascii: Bool
  /// Roles become colours (not with `NO_COLOR`, `TERM=dumb`, or where the output is no terminal).
  package var color: Bool
  /// The session's precision; an echo names a precision only where it differs.
  package var precision: Precision

  package init(
    width: Int = 80, digits: Int = 5, ascii: Bool = false, color: Bool = false, precision: Precision = .f64
  ) {
    self.width = width
    self.digits = digits
    self.ascii = ascii
    self.color = color
    self.precision = precision
  }

  /// 80 columns, 5 digits, UTF-8, no colour: what tests and transcripts use.
  package static let plain = Style()

  /// The same with other significant digits.
  package func with(digits: Int) -> Style {
    var style = self
    style.digits = digits
    return style
  }

  /// `unicode` where the screen can draw it, else its ASCII twin.
  package func glyph(_ unicode: String, _ twin: String) -> String { ascii ? twin : unicode }

  /// What stands between things that are only listed: not the sign of a product.
  package var separator: String { glyph(" · ", " | ") }
}

/// The precision of the numbers of a tensor or of a session.
package enum Precision: String, Sendable, Hashable {
  case f64, f32

  /// The relative error below which a number is taken to be the short decimal next to it (R2).
  package var exactness: Double { self == .f64 ? 1e-12 : 1e-6 }
}
