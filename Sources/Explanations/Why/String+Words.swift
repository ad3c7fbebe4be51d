extension String {
  /// The text with one word replaced wherever it stands alone.
  func replacingWord(_ word: String, with new: String) -> String {
    var (result, current) = ("", "")
    func flush() {
      result += current == word ? new : current
      current = ""
    }
    for character in self {
      if character.isLetter || character.isNumber || character == "_" {
        current.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }

  func replacingAll(_ old: String, with new: String) -> String {
    var (result, rest) = ("", self[...])
    while !rest.isEmpty {
      if rest.hasPrefix(old) {
        result += new
        rest = rest.dropFirst(old.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }
}
