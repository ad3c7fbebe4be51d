/// Mathematics as a value: what a formula is, before how it is drawn.
///
/// # Formulas
///
/// A formula is read from the notation people already write, TeX, into a tree; the tree is drawn in a terminal, or written
/// as MathML for a page. Nothing is evaluated here: programs in the language stand beside formulas in `Formulary`, and a
/// test holds the two together.
///
/// ```swift
/// let formula = try Formula(tex: #"w_{t+1} = w_t - \eta\frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}"#)
/// formula.drawing()          //                m̂ₜ
///                            // wₜ₊₁ = wₜ - η ───────
///                            //               √v̂ₜ + ε
/// formula.mathML             // <math …><mrow><msub>…
/// ```
///
/// | file | what |
/// |---|---|
/// | `TeXParser`, `TeXError` | text to tree; what is wrong with a text, and where |
/// | `Symbol`, `SymbolTable` | the letters and signs, and the commands that name them |
/// | `FormulaLayout` | tree to `Drawing`, the box that all of nabla's two-dimensional screens are made of |
/// | `Spacing` | how much room stands between two parts of a row |
/// | `FormulaWrapping` | rows wider than the screen, broken at relation signs |
/// | `ScriptLetters` | the letters Unicode has as subscripts and superscripts |
/// | `MathMLWriter` | tree to MathML |
/// | `Formula+Difference` | the parts in which two formulas differ, marked |
///
/// A formula has Unicode subscripts where *all* its subscripts have them; else all are lowered to a row of their own, and so
/// with superscripts. A screen that can only show ASCII gets `w[t+1]`, `x^2`, `sqrt(x)` and brackets made of `/ | \`.
package indirect enum Formula: Sendable, Hashable {
  /// A letter, a number, a sign, or a word such as `exp`.
  case symbol(Symbol)
  /// Parts one after the other.
  case row([Formula])
  case fraction(Formula, Formula)
  /// A root with its degree, if it is not the square root.
  case root(Formula, degree: Formula?)
  /// A part with what stands lower and upper at its right, or under and over a big operator.
  case scripts(Formula, lower: Formula?, upper: Formula?)
  case accented(Formula, Accent)
  /// A part between delimiters; a side may have none.
  case fenced(Character?, Formula, Character?)
  /// Rows of cells: a matrix, cases, aligned lines.
  case grid([[Formula]], Grid)
  /// Words.
  case text(String)
  /// Room, in columns of a terminal.
  case space(Int)
  /// A part to be seen: where it differs from another formula.
  case marked(Formula)

  package enum Accent: String, Sendable, Hashable, CaseIterable {
    case hat, tilde, bar, dot, vec
  }

  /// What a grid is for; that decides how its cells stand.
  package enum Grid: Sendable, Hashable {
    /// Centred cells; delimiters, if any, are a `fenced` around it.
    case matrix
    /// Left-aligned cells behind a brace, which is a `fenced` around it.
    case cases
    /// Lines whose cells alternate right- and left-aligned, so that signs stand under each other.
    case aligned
  }
}

extension Formula {
  /// A row, or its only part.
  static func joined(_ parts: [Formula]) -> Formula { parts.count == 1 ? parts[0] : .row(parts) }

  /// The parts of a row, or the formula itself.
  var parts: [Formula] { if case .row(let parts) = self { parts } else { [self] } }

  /// Whether it takes more than a line even where scripts do not count: what makes delimiters around it grow.
  var isTall: Bool {
    switch self {
    case .symbol, .text, .space: false
    case .fraction: true
    case .grid(let rows, _): rows.count > 1 || rows.joined().contains(where: \.isTall)
    case .row(let parts): parts.contains(where: \.isTall)
    case .root(let radicand, _): radicand.isTall
    case .scripts(let base, _, _): base.isTall || base.takesLimits
    case .accented(let base, _), .fenced(_, let base, _), .marked(let base): base.isTall
    }
  }

  /// Whether scripts stand under and over it.
  var takesLimits: Bool {
    switch self {
    case .symbol(let symbol): symbol.kind == .big || symbol.kind == .limits
    case .marked(let base): base.takesLimits
    default: false
    }
  }
}
