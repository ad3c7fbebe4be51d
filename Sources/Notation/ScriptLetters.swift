/// The letters and signs that Unicode has as subscripts and superscripts.
enum ScriptLetters {
  /// The text as a subscript; nil if a character has none.
  static func lowered(_ text: String) -> String? { mapped(text, lower) }

  /// The text as a superscript; nil if a character has none.
  static func raised(_ text: String) -> String? { mapped(text, upper) }

  private static func mapped(_ text: String, _ table: [Character: Character]) -> String? {
    var result = ""
    for character in text {
      guard let script = table[character] else { return nil }
      result.append(script)
    }
    return result
  }

  private static let lower = Dictionary(
    uniqueKeysWithValues: zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"))

  private static let upper = Dictionary(
    uniqueKeysWithValues: zip(
      "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ'ᵀ",
      "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ'ᵀ"))
}

extension Formula {
  /// What it reads as on one line of symbols, without spaces; nil if it has scripts, fractions or words of its own.
  var plainText: String? {
    switch self {
    case .symbol(let symbol): symbol.text
    case .row(let parts):
      parts.reduce("" as String?) { text, part in text.flatMap { text in part.plainText.map { text + $0 } } }
    case .fenced(let left?, let inner, let right?): inner.plainText.map { "\(left)\($0)\(right)" }
    case .marked(let inner): inner.plainText
    default: nil
    }
  }

  /// Whether every subscript in it, or every superscript, is one that Unicode has.
  func scriptsFit(_ isLower: Bool) -> Bool {
    func fits(_ script: Formula?) -> Bool {
      guard let script else { return true }
      return script.plainText.flatMap(isLower ? ScriptLetters.lowered : ScriptLetters.raised) != nil
    }
    switch self {
    case .symbol, .text, .space: return true
    case .row(let parts): return parts.allSatisfy { $0.scriptsFit(isLower) }
    case .fraction(let upper, let lower): return upper.scriptsFit(isLower) && lower.scriptsFit(isLower)
    case .root(let radicand, _): return radicand.scriptsFit(isLower)
    case .accented(let base, _), .fenced(_, let base, _), .marked(let base): return base.scriptsFit(isLower)
    case .grid(let rows, _): return rows.joined().allSatisfy { $0.scriptsFit(isLower) }
    case .scripts(let base, let lower, let upper):
      guard base.scriptsFit(isLower) else { return false }
      // Limits are rows of their own; what scripts they hold counts.
      if base.takesLimits {
        return lower?.scriptsFit(isLower) != false && upper?.scriptsFit(isLower) != false
      }
      if isLower { return fits(lower) && upper?.scriptsFit(true) != false }
      return fits(upper) && lower?.scriptsFit(false) != false
    }
  }
}
