import Tensors

extension BuiltinCatalogue {
  /// Text as lists of words, and words as numbers.
  static let words: [Builtin] = [
    Builtin(
      "tokens(text, by: \"word\")", .data,
      "The words of a text, what stands between blanks, or its letters, as a list.",
      shapes: "by: \"word\" or \"letter\" → a list of strings",
      derivative: "none: words go in steps",
      example: ("size(tokens(\"the cat sat\"))", "3")
    ) { call in
      let text = try call.string(0)
      switch try call.word("by", of: ["word", "letter"]) {
      case "letter": return .list(text.map { .string(String($0)) })
      default: return .list(text.split(whereSeparator: \.isWhitespace).map { .string(String($0)) })
      }
    },
    Builtin(
      "encode(tokens, vocabulary)", .data, "The number of each word: its place in the vocabulary, a list of words.",
      shapes: "a list of n words → [n], one word → a number; vocabulary[numbers] gives the words back",
      derivative: "none: words go in steps",
      example: ("encode(tokens(\"the cat the\"), (\"cat\", \"the\"))", "[1, 0, 1]")
    ) { call in
      var places: [String: Int] = [:]
      for (place, word) in try call.strings(1).enumerated() where places[word] == nil { places[word] = place }
      func number(_ word: String) throws -> Double {
        guard let place = places[word] else {
          throw call.fail(
            "E0303", "the vocabulary has no \"\(word.firstLine)\"",
            notes: [.init("see", "unique(tokens) makes a vocabulary of all words there are")])
        }
        return Double(place)
      }
      if case .string(let word) = call[0] { return .number(try number(word)) }
      return .init(tensor: Tensor(try call.strings(0).map(number), call.type))
    },
    Builtin(
      "join(parts, between: \" \")", .data, "The strings of a list as one string.",
      shapes: "a list of strings → a string",
      derivative: "none: words go in steps",
      example: ("size(join((\"ab\", \"c\"), between: \"-\"))", "4")
    ) { call in .string(try call.strings(0).joined(separator: try call.string("between"))) },
  ]
}

extension BuiltinCall {
  /// The strings of a list.
  func strings(_ index: Int) throws -> [String] {
    guard case .list(let items) = self[index] else { throw wrong(index, "a list of strings") }
    return try items.map { item in
      guard case .string(let text) = item else { throw wrong(index, "a list of strings") }
      return text
    }
  }
}
