/// Whether a text is one well-formed XML element: tags that nest, attributes in quotes, no stray `&`, `<` or control character.
enum XML {
  /// What is wrong; nil if nothing is.
  static func problem(_ text: String) -> String? {
    var open: [String] = []
    var count = 0
    var rest = Substring(text)
    while let character = rest.first {
      switch character {
      case "<":
        guard let end = rest.firstIndex(of: ">") else { return "a < without its >" }
        var tag = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        if tag.hasPrefix("/") {
          guard open.popLast() == String(tag.dropFirst()) else { return "<\(tag)> ends nothing open" }
          continue
        }
        if open.isEmpty {
          count += 1
          if count > 1 { return "a second root <\(tag)>" }
        }
        let isEmpty = tag.hasSuffix("/")
        if isEmpty { tag = tag.dropLast() }
        let name = tag.prefix { $0.isLetter }
        if name.isEmpty { return "no name in <\(tag)>" }
        if let problem = attributes(tag.dropFirst(name.count)) { return problem }
        if !isEmpty { open.append(String(name)) }
      case "&":
        let entity = rest.prefix { $0 != ";" }.dropFirst()
        guard ["amp", "lt", "gt", "quot"].contains(entity) else { return "no entity &\(entity.prefix(8))" }
        rest = rest.dropFirst(entity.count + 2)
      case ">": return "a stray >"
      default:
        if open.isEmpty { return "text outside the root" }
        if character.unicodeScalars.contains(where: { $0.value < 0x20 && !$0.properties.isWhitespace }) {
          return "a control character"
        }
        rest = rest.dropFirst()
      }
    }
    return open.isEmpty ? count == 1 ? nil : "no root" : "<\(open.joined(separator: "><"))> not ended"
  }

  private static func attributes(_ text: Substring) -> String? {
    var rest = text
    var seen: Set<String> = []
    while !rest.isEmpty {
      guard rest.first == " " else { return "no space before \(rest)" }
      rest = rest.dropFirst()
      let name = rest.prefix { $0.isLetter || $0 == "-" }
      if name.isEmpty || !seen.insert(String(name)).inserted { return "a bad attribute in \(text)" }
      rest = rest.dropFirst(name.count)
      guard rest.hasPrefix("=\"") else { return "no value for \(name)" }
      let value = rest.dropFirst(2).prefix { $0 != "\"" }
      if value.contains("<") { return "a < in a value" }
      rest = rest.dropFirst(2 + value.count)
      guard rest.first == "\"" else { return "a value without its end" }
      rest = rest.dropFirst()
    }
    return nil
  }
}
