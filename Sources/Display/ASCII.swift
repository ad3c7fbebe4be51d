extension String {
  /// The text as a screen of this style can show it: control characters as text, and in ASCII every other character by
  /// its twin (R15). Functions that align columns call it before they measure.
  package func shown(_ style: Style) -> String {
    let text = visible
    return style.ascii ? text.asciiTwin : text
  }

  /// The ASCII spelling of the language's and the screens' symbols; what has none is written `\u{…}`.
  package var asciiTwin: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return self }
    let characters = Array(self)
    var result = ""
    var index = 0
    while index < characters.count {
      let character = characters[index]
      index += 1
      if character.isASCII {
        result.append(character)
      } else if character == "·", characters.isSpaced(index - 1) {
        // Between spaces it is the language's matrix product, `W · x`; in calculations, `3·x`, a product of numbers.
        result += "@"
      } else if character == "√", let end = characters.endOfOperand(from: index), characters[index] != "(" {
        result += "sqrt(" + String(characters[index..<end]).asciiTwin + ")"
        index = end
      } else if character == "∂", let middle = characters.endOfValue(from: index),
        characters[middle...].starts(with: "/∂"), let end = characters.endOfPath(from: middle + 2)
      {
        let (of, by) = (String(characters[index..<middle]), String(characters[middle + 2..<end]))
        result += "partial(\(of.asciiTwin), \(by.asciiTwin))"
        index = end
      } else {
        result += asciiTwins[character] ?? character.spelledOut
      }
    }
    return result
  }
}

extension [Character] {
  /// Whether one space stands on each side, and something behind it.
  fileprivate func isSpaced(_ place: Int) -> Bool {
    place >= 2 && place + 2 < count && self[place - 1] == " " && self[place + 1] == " " && self[place - 2] != " "
      && self[place + 2] != " "
  }

  /// Where the number or the path after a `√` ends; `nil` if neither stands there.
  fileprivate func endOfOperand(from start: Int) -> Int? {
    guard start < count else { return nil }
    if self[start].isNumber {
      return self[start...].firstIndex { !$0.isNumber && $0 != "." } ?? count
    }
    return endOfPath(from: start)
  }

  /// Where `L`, `θ.W`, `net[0].W` or `net(X)` ends; an index at the end is no part of it, since `∂L/∂W[0,2]` is an element of
  /// `∂L/∂W`.
  fileprivate func endOfPath(from start: Int) -> Int? {
    func endOfName(_ start: Int) -> Int? {
      guard start < count, self[start].isLetter || self[start] == "_" else { return nil }
      return self[start...].firstIndex { !($0.isLetter || $0.isNumber || $0 == "_") || $0 == "ᵀ" } ?? count
    }
    guard var end = endOfName(start) else { return nil }
    while end < count {
      var next = end
      if self[next] == "[", let close = self[next...].firstIndex(of: "]") { next = close + 1 }
      // What a network gives is a path too: `net[0..<2](X)`.
      if next < count, self[next] == "(", let close = endOfParentheses(from: next) {
        end = close
        continue
      }
      guard next < count, self[next] == ".", let field = endOfName(next + 1) else { break }
      end = field
    }
    return end
  }

  /// Where what a derivative is of ends: before a `/∂` an index belongs to it, `∂y[0]/∂x`.
  fileprivate func endOfValue(from start: Int) -> Int? {
    guard let end = endOfPath(from: start) else { return nil }
    guard end < count, self[end] == "[", let close = self[end...].firstIndex(of: "]") else { return end }
    return self[(close + 1)...].starts(with: "/∂") ? close + 1 : end
  }

  private func endOfParentheses(from start: Int) -> Int? {
    var depth = 0
    for index in start..<count {
      if self[index] == "(" { depth += 1 }
      if self[index] == ")" { depth -= 1 }
      if depth == 0 { return index + 1 }
    }
    return nil
  }
}

extension Character {
  /// A letter with marks by its parts (`m̂` is `m_hat`), anything else by its number.
  fileprivate var spelledOut: String {
    let scalars = Array(unicodeScalars)
    var result = ""
    for scalar in scalars {
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else if let mark = markNames[scalar] {
        result += mark
      } else if let twin = asciiTwins[Character(scalar)] {
        result += twin
      } else if (0x2400...0x241F).contains(scalar.value) {
        result += "^" + String(Character(Unicode.Scalar(scalar.value - 0x2400 + 0x40)!))
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return result
  }
}

private let markNames: [Unicode.Scalar: String] = [
  "\u{302}": "_hat", "\u{303}": "_tilde", "\u{304}": "_bar", "\u{305}": "_bar", "\u{307}": "_dot", "\u{308}": "_ddot",
  "\u{20D7}": "_vec", "\u{FE0F}": "",
]

private let asciiTwins: [Character: String] = {
  var twins: [Character: String] = [
    "∑": "sum", "∏": "prod", "∇": "grad", "∂": "d", "√": "sqrt", "∞": "inf", "⊙": "*", "·": "*", "⋅": "*", "×": "x",
    "−": "-",
    "→": "->", "←": "<-", "↦": "->", "⇒": "=>", "↓": "v", "↑": "^", "‖": "|", "≤": "<=", "≥": ">=", "≠": "!=",
    "≈": "~~",
    "ᵀ": ".T", "′": "'", "…": "...", "–": "-", "—": "-", "“": "\"", "”": "\"", "‘": "'", "’": "'", "∈": "in", "±": "+-",
    "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "┬": "+", "┴": "+", "┼": "+",
    "⎡": "[", "⎢": "[", "⎣": "[", "⎤": "]", "⎥": "]", "⎦": "]", "▸": ">", "▶": ">", "✓": "ok", "✗": "NO", "•": "*",
    "━": "=", "╸": ">", "▁": ".", "▂": ":", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "#", "█": "@", "␡": "^?",
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "°": "deg", "½": "1/2", "ϵ": "epsilon", "ϕ": "phi", "µ": "mu",
    "∆": "Delta", "σ": "sigmoid", "ς": "sigma", "ₜ": "[t]", "ᵗ": "^t", "ⁿ": "^n", "⁻": "^-", "ℝ": "R", "§": "S",
    "⋆": "*", "∘": "o", "∼": "~", "∝": "~", "≡": "==", "⟨": "<", "⟩": ">", "⌊": "[", "⌋": "]", "⌈": "[", "⌉": "]",
    "∅": "{}", "∫": "int", "∀": "all", "∃": "some", "⋮": ":", "⋱": "...", "∖": "\\",
  ]
  let letters = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
  ]
  for (offset, name) in letters.enumerated() where !name.isEmpty {
    let small = Character(Unicode.Scalar(0x3B1 + UInt32(offset))!)
    let capital = Character(Unicode.Scalar(0x391 + UInt32(offset))!)
    if twins[small] == nil { twins[small] = name }
    twins[capital] = name.prefix(1).uppercased() + name.dropFirst()
  }
  // A letter with a mark is one character, however it is composed: ŷ is y_hat.
  for value in Array(0x41...0x5A) + Array(0x61...0x7A) {
    for (mark, name) in markNames where !name.isEmpty {
      let letter = Character(Unicode.Scalar(UInt8(value)))
      let marked = Character(String(letter) + String(Character(mark)))
      if twins[marked] == nil { twins[marked] = String(letter) + name }
    }
  }
  for (digit, (raised, lowered)) in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉").enumerated() {
    twins[raised] = "^\(digit)"
    twins[lowered] = "\(digit)"
  }
  return twins
}()
