/// A sign of mathematics: how it looks, how ASCII says it, and the names that `\name<TAB>` turns into it.
package struct Symbol: Sendable, Equatable {
  package enum Family: Sendable { case `operator`, letter, mark, raised, lowered, drawing }

  /// What `\name<TAB>` types; a mark stands after its letter.
  package let text: String
  /// The same in ASCII; nil where the language has no other spelling.
  package let ascii: String?
  /// Without the backslash; the first is the one to show.
  package let names: [String]
  package let family: Family

  init(_ text: String, _ ascii: String?, _ names: String, _ family: Family) {
    self.text = text
    self.ascii = ascii
    self.names = names.split(separator: " ").map(String.init)
    self.family = family
  }
}

/// The one table of symbols, their ASCII twins and their names.
package enum Symbols {
  package static let all: [Symbol] = operators + letters + marks + raised + lowered

  private static let operators: [Symbol] = [
    ("∑", "sum", "sum"), ("∏", "prod", "prod product"), ("∇", "grad", "nabla grad del"),
    ("∂", "partial", "partial"), ("√", "sqrt", "sqrt root"), ("⊙", "*", "odot hadamard"), ("·", "@", "cdot dot"),
    ("×", "*", "times"), ("ᵀ", ".T", "T transpose top"), ("≤", "<=", "le leq"), ("≥", ">=", "ge geq"),
    ("≠", "!=", "ne neq"), ("≈", "~~", "approx"), ("∈", "in", "in"), ("→", "->", "to rightarrow"),
    ("∞", "inf", "infty inf"), ("−", "-", "minus"), ("…", "...", "ldots dots"), ("′", "'", "prime"),
  ].map { Symbol($0.0, $0.1, $0.2, .operator) }

  private static let letters: [Symbol] = {
    let greek = [
      ("α", "alpha"), ("β", "beta"), ("γ", "gamma"), ("δ", "delta"), ("ε", "epsilon varepsilon eps"), ("ζ", "zeta"),
      ("η", "eta"), ("θ", "theta"), ("ϑ", "vartheta"), ("ι", "iota"), ("κ", "kappa"), ("λ", "lambda"), ("μ", "mu"),
      ("ν", "nu"), ("ξ", "xi"), ("ο", "omicron"), ("π", "pi"), ("ρ", "rho"), ("ς", "varsigma"), ("σ", "sigma"),
      ("τ", "tau"), ("υ", "upsilon"), ("φ", "phi varphi"), ("χ", "chi"), ("ψ", "psi"), ("ω", "omega"),
    ]
    let capitals = [
      ("Α", "Alpha"), ("Β", "Beta"), ("Γ", "Gamma"), ("Δ", "Delta"), ("Ε", "Epsilon"), ("Ζ", "Zeta"), ("Η", "Eta"),
      ("Θ", "Theta"), ("Ι", "Iota"), ("Κ", "Kappa"), ("Λ", "Lambda"), ("Μ", "Mu"), ("Ν", "Nu"), ("Ξ", "Xi"),
      ("Ο", "Omicron"), ("Π", "Pi"), ("Ρ", "Rho"), ("Σ", "Sigma"), ("Τ", "Tau"), ("Υ", "Upsilon"), ("Φ", "Phi"),
      ("Χ", "Chi"), ("Ψ", "Psi"), ("Ω", "Omega"),
    ]
    let other = [
      ("ℓ", "ell"), ("ℒ", "scrL"), ("ℝ", "R"), ("ℕ", "N"), ("ℤ", "Z"), ("𝔼", "E"), ("ℏ", "hbar"), ("ı", "imath"),
    ]
    let named = (greek + capitals).map { Symbol($0.0, firstWord($0.1), $0.1, .letter) }
    return named + other.map { Symbol($0.0, nil, $0.1, .letter) }
  }()

  private static let marks: [Symbol] = [
    ("\u{302}", "_hat", "hat"), ("\u{303}", "_tilde", "tilde"), ("\u{304}", "_bar", "bar overline"),
    ("\u{307}", "_dot", "dot1 overdot"), ("\u{308}", "_ddot", "ddot"), ("\u{20D7}", "_vec", "vec"),
    ("\u{30C}", "_check", "check"), ("\u{306}", "_breve", "breve"),
  ].map { Symbol($0.0, $0.1, $0.2, .mark) }

  /// Raised signs and letters that are read as an exponent, and what they say.
  static let raisedText: [Character: Character] = Dictionary(
    uniqueKeysWithValues: zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", "0123456789+-abcdefghijklmnoprstuvwxyz"))

  private static let raisedSigns: [Character: Character] = Dictionary(
    uniqueKeysWithValues: raisedText.map { ($0.value, $0.key) })

  /// The raised sign for a digit or letter, where there is one.
  package static func raised(_ plain: Character) -> Character? { raisedSigns[plain] }

  static let loweredText: [Character: Character] = Dictionary(
    uniqueKeysWithValues: zip("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", "0123456789aehijklmnoprstuvxβγρφχ"))

  private static let raised: [Symbol] = raisedText.sorted { $0.value < $1.value }
    .map { Symbol(String($0.key), "^" + String($0.value), "^" + String($0.value), .raised) }

  private static let lowered: [Symbol] = loweredText.sorted { $0.value < $1.value }
    .map { Symbol(String($0.key), "_" + String($0.value), "_" + String($0.value), .lowered) }

  private static func firstWord(_ text: String) -> String { String(text.prefix { $0 != " " }) }

  private static let byName: [String: Symbol] = {
    var table: [String: Symbol] = [:]
    for symbol in all {
      for name in symbol.names where table[name] == nil { table[name] = symbol }
    }
    return table
  }()

  private static let byText: [String: Symbol] = {
    var table: [String: Symbol] = [:]
    for symbol in all where table[symbol.text] == nil { table[symbol.text] = symbol }
    return table
  }()

  /// What `\name` types: `α` for `alpha`, `₃` for `_3`, a mark to stand after its letter for `hat`.
  package static func text(named name: String) -> String? { byName[name]?.text }

  /// The symbols with a name that begins so, each with that name, in the order of the names.
  package static func completions(of prefix: String) -> [(name: String, symbol: Symbol)] {
    byName.filter { $0.key.hasPrefix(prefix) }.map { (name: $0.key, symbol: $0.value) }.sorted { $0.name < $1.name }
  }

  /// A name in ASCII: `m̂` is `m_hat`, `W₁` is `W1`, `hₜ` is `h_t`, `σ` is `sigmoid`.
  ///
  /// It is a name again, if not always one the session knows.
  package static func asciiName(of name: String) -> String {
    if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
    if name == "σ" { return "sigmoid" }
    var result = ""
    for scalar in name.decomposed {
      let character = Character(scalar)
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else if let digit = loweredText[character], digit.isNumber {
        result.append(digit)
      } else if let letter = loweredText[character] {
        result += "_" + asciiName(of: String(letter))
      } else if let twin = byText[String(character)]?.ascii {
        result += twin
      } else {
        result += "u" + String(scalar.value, radix: 16)
      }
    }
    return result
  }
}

extension String {
  /// The scalars, each common letter with a mark taken apart: `ŷ` is `y` and a hat.
  fileprivate var decomposed: [Unicode.Scalar] {
    unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
      if scalar.isASCII || scalar.value > 0x1EFF || scalar.value < 0xC0 { return [scalar] }
      // A precomposed letter equals its parts, so the parts are found by comparing.
      for mark in ["\u{302}", "\u{303}", "\u{304}", "\u{307}", "\u{308}", "\u{30C}", "\u{306}"] as [Unicode.Scalar] {
        for letter in "aAeEiIoOuUyYcCgGhHjJsSwWzZnNvVxXdDrRtT".unicodeScalars {
          var pair = String.UnicodeScalarView()
          pair.append(letter)
          pair.append(mark)
          if String(pair) == String(Character(scalar)) { return [letter, mark] }
        }
      }
      return [scalar]
    }
  }
}
