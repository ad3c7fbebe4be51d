/// A letter, a number, a sign or a word, and the part it plays; spacing follows from that.
package struct Symbol: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case variable, number
    /// `exp`, `softmax`: upright, with room before its argument.
    case function
    /// `max`, `lim`: a function whose scripts stand under and over it.
    case limits
    /// `∑`, `∏`.
    case big
    case binary, relation, opening, closing, punctuation
    /// Anything else that stands for itself: `∞`, `|`, `!`.
    case ordinary
  }

  package enum Font: Sendable, Hashable {
    case normal, bold, blackboard, calligraphic
  }

  package var text: String
  package var kind: Kind
  package var font: Font

  package init(_ text: String, _ kind: Kind, _ font: Font = .normal) {
    self.text = text
    self.kind = kind
    self.font = font
  }

  /// A character that stands for itself in a formula; nil if it has no meaning there.
  init?(_ character: Character) {
    switch character {
    case "+", "*", "·", "⊙", "×", "±", "⋆", "∘", "∖", "/": self.init(String(character), .binary)
    case "-", "−": self.init("-", .binary)
    case "=", "<", ">", ":", "≤", "≥", "≠", "≈", "∈", "∼", "→", "←", "↦", "⇒", "∝", "≡":
      self.init(String(character), .relation)
    case "(", "[", "⌊", "⌈": self.init(String(character), .opening)
    case ")", "]", "⌋", "⌉": self.init(String(character), .closing)
    case ",", ";": self.init(String(character), .punctuation)
    case "∑", "∏", "∫": self.init(String(character), .big)
    case "|", "!", "?", ".", "…", "‖", "∞", "∂", "∇", "ᵀ", "@": self.init(String(character), .ordinary)
    default:
      guard character.isLetter else { return nil }
      self.init(String(character), .variable)
    }
  }
}

/// What the commands of TeX stand for.
enum SymbolTable {
  /// The symbol of a command; nil if it names none.
  static func symbol(_ command: String) -> Symbol? {
    if let text = greek[command] { return Symbol(text, .variable) }
    if let symbol = signs[command] { return symbol }
    if functions.contains(command) { return Symbol(command, .function) }
    if limits.contains(command) { return Symbol(command, .limits) }
    return nil
  }

  /// The delimiters that `\left`, `\big` and brackets know by name; `.` is none.
  static func delimiter(_ name: String) -> Character? {
    switch name {
    case "(", ")", "[", "]", "|", "/": Character(name)
    case "{", "lbrace": "{"
    case "}", "rbrace": "}"
    case "lfloor": "⌊"
    case "rfloor": "⌋"
    case "lceil": "⌈"
    case "rceil": "⌉"
    case "langle", "<": "⟨"
    case "rangle", ">": "⟩"
    case "|\\", "Vert", "lVert", "rVert": "‖"
    case "vert", "lvert", "rvert": "|"
    default: nil
    }
  }

  static let spaces: [String: Int] = [
    ",": 1, ":": 1, ";": 1, " ": 1, "~": 1, "!": 0, "quad": 4, "qquad": 8, "enspace": 2, "thinspace": 1,
  ]

  static let accents: [String: Formula.Accent] = [
    "hat": .hat, "widehat": .hat, "tilde": .tilde, "widetilde": .tilde, "bar": .bar, "overline": .bar, "dot": .dot,
    "vec": .vec,
  ]

  /// Commands that change nothing here: sizes and styles.
  static let ignored: Set<String> = [
    "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag",
  ]

  /// Delimiters after one of these are as tall as what they hold, as all delimiters are here.
  static let sizes: Set<String> = [
    "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr", "bigm", "Bigm",
  ]

  private static let greek: [String: String] = {
    let names = [
      "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
      "omicron", "pi", "rho", "", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ]
    var table = ["varepsilon": "ε", "varphi": "φ", "vartheta": "θ", "varsigma": "ς", "varrho": "ρ", "ell": "l"]
    for (offset, name) in names.enumerated() where !name.isEmpty {
      table[name] = String(Unicode.Scalar(0x3B1 + UInt32(offset))!)
      table[name.prefix(1).uppercased() + name.dropFirst()] = String(Unicode.Scalar(0x391 + UInt32(offset))!)
    }
    return table
  }()

  private static let functions: Set<String> = [
    "exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "det", "dim", "ker", "deg", "arg",
  ]

  private static let limits: Set<String> = ["max", "min", "sup", "inf", "lim", "argmax", "argmin"]

  private static let signs: [String: Symbol] = {
    var table: [String: Symbol] = [:]
    func add(_ kind: Symbol.Kind, _ names: [String: String]) {
      for (name, text) in names { table[name] = Symbol(text, kind) }
    }
    add(
      .binary,
      ["cdot": "·", "odot": "⊙", "times": "×", "star": "⋆", "ast": "*", "circ": "∘", "pm": "±", "setminus": "∖"])
    add(
      .relation,
      [
        "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "equiv": "≡", "sim": "∼",
        "in": "∈", "to": "→", "rightarrow": "→", "leftarrow": "←", "gets": "←", "mapsto": "↦", "Rightarrow": "⇒",
        "implies": "⇒", "propto": "∝", "mid": "|", "lt": "<", "gt": ">", "colon": ":",
      ])
    add(.big, ["sum": "∑", "prod": "∏", "int": "∫"])
    add(
      .ordinary,
      [
        "partial": "∂", "nabla": "∇", "infty": "∞", "forall": "∀", "exists": "∃", "dots": "…", "ldots": "…",
        "cdots": "…", "vdots": "⋮", "ddots": "⋱", "top": "ᵀ", "prime": "'", "|": "‖", "Vert": "‖", "vert": "|",
        "lvert": "|", "rvert": "|", "lVert": "‖", "rVert": "‖", "%": "%", "#": "#", "&": "&", "_": "_", "$": "$",
        "emptyset": "∅",
      ])
    add(.opening, ["lfloor": "⌊", "lceil": "⌈", "{": "{", "lbrace": "{", "langle": "⟨", "lbrack": "["])
    add(.closing, ["rfloor": "⌋", "rceil": "⌉", "}": "}", "rbrace": "}", "rangle": "⟩", "rbrack": "]"])
    return table
  }()
}
