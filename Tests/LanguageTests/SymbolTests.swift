import Interchange
import Language
import Testing

@Suite("What the documents write can be typed")
struct SymbolTests {
  /// Every sign past ASCII in LANGUAGE.md and in the programs and texts of FORMULAS.md, but those of prose and drawings (§ ─ │).
  static let used = "²·¹Δβδεημπσθφᵀᵗᵢₜⁿₙₖₗⱼₘₐₚₛₒᵣᵤᵥₓₑₕᵦᵧᵨᵩᵪ⁻₁…∂∇∏∑√∞≈≠≤≥⊙∈→"
  /// Signs that are read as others, from LANGUAGE.md.
  static let folded = ["−": "-", "⋅": "·", "×": "*", "′": "'", "µ": "μ", "ϵ": "ε", "ϕ": "φ", "∆": "Δ"]

  @Test("Every sign has a name") func signs() {
    let texts = Set(Symbols.all.map(\.text))
    for sign in Self.used.unicodeScalars { #expect(texts.contains(String(sign)), "\(sign)") }
    for (sign, other) in Self.folded {
      #expect(texts.contains(sign) || texts.contains(other) || other.utf8.allSatisfy { $0 < 0x80 }, "\(sign)")
    }
    for mark in ["\u{302}", "\u{303}", "\u{304}", "\u{307}"] { #expect(texts.contains(mark)) }
  }

  @Test("Every Greek letter has the name TeX gives it, small and capital") func greek() {
    let names = [
      "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
      "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ]
    let small = Array("αβγδεζηθικλμνξοπρστυφχψω"), large = Array("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ")
    for (index, name) in names.enumerated() {
      #expect(Symbols.text(named: name) == String(small[index]), "\(name)")
      #expect(Symbols.text(named: name.prefix(1).uppercased() + name.dropFirst()) == String(large[index]), "\(name)")
    }
  }

  @Test("Raised and lowered digits and letters are typed with ^ and _") func raised() {
    for digit in "0123456789" {
      #expect(Symbols.text(named: "^\(digit)") != nil && Symbols.text(named: "_\(digit)") != nil)
    }
    for letter in "abcdefghijklmnoprstuvwxyz" { #expect(Symbols.text(named: "^\(letter)") != nil, "\(letter)") }
    for letter in "aehijklmnoprstuvxβγρφχ" { #expect(Symbols.text(named: "_\(letter)") != nil, "\(letter)") }
    #expect(Symbols.text(named: "^-") == "⁻")
  }

  @Test("Every name gives one sign, and what it types is read again as it is") func names() {
    var seen: [String: String] = [:]
    for symbol in Symbols.all {
      for name in symbol.names {
        #expect(seen[name] == nil || seen[name] == symbol.text, "\(name) is \(symbol.text) and \(seen[name] ?? "")")
        seen[name] = symbol.text
      }
      #expect(symbol.names.contains { Symbols.text(named: $0) == symbol.text }, "\(symbol.text)")
    }
  }
}
