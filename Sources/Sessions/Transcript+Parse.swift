extension Transcript {
  /// Reads the text of a session file.
  /// - Throws: `TranscriptProblem` with the line, if the header, the words of a block or a fence are wrong.
  package init(_ text: String) throws(TranscriptProblem) {
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String(Substring($0)) }
    // A file ends with a newline: the empty piece behind it is not a line.
    endsWithNewline = lines.last == ""
    if endsWithNewline { lines.removeLast() }
    var next = 0
    if lines.first.map(withoutReturn) == "---" {
      guard let end = lines.dropFirst().firstIndex(where: { withoutReturn($0) == "---" }) else {
        throw TranscriptProblem(line: 1, message: "the header that begins with --- has no closing ---")
      }
      header = try Header(lines: Array(lines[0...end]))
      next = end + 1
    }
    var prose: [String] = []
    while next < lines.count {
      guard let words = Self.words(ofFence: lines[next]) else {
        prose.append(lines[next])
        next += 1
        continue
      }
      if !prose.isEmpty { blocks.append(.prose(prose)) }
      prose = []
      blocks.append(.cell(try Self.cell(lines, at: &next, words: words)))
    }
    if !prose.isEmpty { blocks.append(.prose(prose)) }
  }

  /// The words after ` ```nabla ` if the line opens a cell.
  private static func words(ofFence line: String) -> Substring? {
    guard line.hasPrefix("```nabla") else { return nil }
    let rest = withoutReturn(line).dropFirst("```nabla".count)
    return rest.isEmpty || rest.first == " " ? rest : nil
  }

  private static func cell(_ lines: [String], at next: inout Int, words: Substring) throws(TranscriptProblem) -> Cell {
    var cell = Cell(opening: lines[next], line: next + 1, words: try BlockWords(words, line: next + 1))
    next += 1
    while next < lines.count {
      let line = lines[next]
      next += 1
      if trimmedEnd(line) == "```" {
        cell.closing = line
        return cell
      }
      if let prompt = prompt(of: line) {
        let input = String(Substring(line.utf8.dropFirst(prompt.utf8.count)))
        cell.entries.append(Entry(line: next, input: [input], prompts: [prompt], output: []))
      } else if !cell.entries.isEmpty, cell.entries[cell.entries.count - 1].output.isEmpty,
        let (prompt, input) = split(line, after: ["..> ", "..>"])
      {
        cell.entries[cell.entries.count - 1].input.append(input)
        cell.entries[cell.entries.count - 1].prompts.append(prompt)
      } else if cell.entries.isEmpty {
        cell.preamble.append(line)
      } else {
        cell.entries[cell.entries.count - 1].output.append(line)
      }
    }
    throw TranscriptProblem(line: cell.line, message: "the block that begins here has no closing ```")
  }

  /// The prompt a line begins with: `>>> `, that of a lesson, or that of a stepper, such as `step 1/2, 1/6> `.
  static func prompt(of line: String) -> String? {
    if let (prompt, _) = split(line, after: [">>> ", ">>>", "lesson> ", "lesson>"]) { return prompt }
    guard line.hasPrefix("step "), let end = line.firstIndex(of: ">") else { return nil }
    let inner = line[..<end].dropFirst(5)
    guard !inner.isEmpty, inner.allSatisfy({ $0.isASCII && ($0.isNumber || "/, ".contains($0)) }) else { return nil }
    let rest = line[line.index(after: end)...]
    guard rest.isEmpty || rest.first == " " else { return nil }
    return String(line[...end]) + (rest.isEmpty ? "" : " ")
  }

  private static func split(_ line: String, after prompts: [String]) -> (prompt: String, input: String)? {
    for prompt in prompts where line.utf8.starts(with: prompt.utf8) {
      // A bare prompt is one with nothing behind it.
      if !prompt.hasSuffix(" ") && withoutReturn(line) != prompt { continue }
      return (prompt, String(Substring(line.utf8.dropFirst(prompt.utf8.count))))
    }
    return nil
  }

  /// The file, as it was read.
  package var text: String {
    var lines = header.lines
    for block in blocks {
      switch block {
      case .prose(let prose): lines += prose
      case .cell(let cell):
        lines.append(cell.opening)
        lines += cell.preamble
        for entry in cell.entries {
          lines += zip(entry.prompts, entry.input).map { $0 + $1 }
          lines += entry.output
        }
        lines.append(cell.closing)
      }
    }
    return lines.joined(separator: "\n") + (endsWithNewline && !lines.isEmpty ? "\n" : "")
  }
}

extension Transcript.Header {
  init(lines: [String]) throws(TranscriptProblem) {
    self.lines = lines
    for (index, line) in lines.map(withoutReturn).enumerated().dropFirst().dropLast() {
      let bare = line.prefix { $0 != "#" }
      guard bare.contains(where: { $0 != " " }) else { continue }
      let parts = bare.split(separator: ":", maxSplits: 1).map(trimmed)
      func wrong(_ expected: String) -> TranscriptProblem {
        TranscriptProblem(line: index + 1, message: "\(line): \(expected)")
      }
      guard parts.count == 2 else { throw wrong("a header line is a word, a colon and a value") }
      switch parts[0] {
      case "nabla":
        guard parts[1] == "1" else { throw wrong("this program reads format version 1") }
      case "seed":
        guard let seed = UInt64(parts[1]) else { throw wrong("a seed is a whole number from 0") }
        self.seed = seed
      case "precision":
        guard parts[1] == "f64" || parts[1] == "f32" else { throw wrong("the precision is f64 or f32") }
        precision = parts[1]
      case "digits":
        guard let digits = Int(parts[1]), (1...17).contains(digits) else { throw wrong("digits are 1 to 17") }
        self.digits = digits
      case "tolerance":
        guard let tolerance = Double(parts[1]), tolerance >= 0 else {
          throw wrong("a tolerance is a number such as 1e-4")
        }
        self.tolerance = tolerance
      case "absolute":
        guard let absolute = Double(parts[1]), absolute >= 0 else {
          throw wrong("a difference is a number such as 1e-9")
        }
        self.absolute = absolute
      case "width":
        guard let width = Int(parts[1]), (40...500).contains(width) else { throw wrong("a width is 40 to 500 columns") }
        self.width = width
      case "ascii":
        guard parts[1] == "on" || parts[1] == "off" else { throw wrong("ascii is on or off") }
        ascii = parts[1] == "on"
      case "title": title = parts[1]
      case "author", "license", "about": break
      default:
        throw wrong(
          "no header word \(parts[0]); there are nabla, seed, precision, digits, tolerance, absolute, width, ascii, "
            + "title, author, license, about")
      }
    }
  }
}

extension Transcript.BlockWords {
  init(_ text: Substring, line: Int) throws(TranscriptProblem) {
    func wrong(_ message: String) -> TranscriptProblem { TranscriptProblem(line: line, message: message) }
    var followsMistake = false
    for word in try Self.split(text, line: line) {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let value = parts.count == 2 ? parts[1] : nil
      switch (parts[0], value) {
      case ("hide", nil): isHidden = true
      case ("skip", nil): isSkipped = true
      case ("slow", nil): isSlow = true
      case ("error", let codes?):
        errors = codes.split(separator: ",").map(String.init)
        guard !errors.isEmpty,
          errors.allSatisfy({ $0.first == "E" && $0.count == 5 && $0.dropFirst().allSatisfy(\.isNumber) })
        else { throw wrong("error=\(codes) is no code such as E0205, nor several with commas between") }
      case ("tolerance", let number?):
        guard let tolerance = Double(number), tolerance >= 0 else { throw wrong("tolerance=\(number) is no number") }
        self.tolerance = tolerance
      case ("check", let kind?):
        guard let check = Check(rawValue: kind) else { throw wrong("check is shape, exact or none, not \(kind)") }
        self.check = check
      case ("width", let number?):
        guard let width = Int(number), (40...500).contains(width) else { throw wrong("width is 40 to 500 columns") }
        self.width = width
      case ("quiz", nil): quiz = quiz ?? Transcript.Quiz()
      case ("wrong", let expression?) where quiz != nil:
        quiz?.mistakes.append(Transcript.Quiz.Mistake(expression: expression))
        followsMistake = true
        continue
      case ("hint", let hint?) where quiz != nil:
        // Right behind a mistake it says what is the matter with it.
        if followsMistake, let last = quiz?.mistakes.indices.last {
          quiz?.mistakes[last].remark = hint
        } else {
          quiz?.hints.append(hint)
        }
      case ("wrong", _), ("hint", _): throw wrong("\(parts[0])= stands behind quiz, with text in quotes")
      default:
        throw wrong(
          "no block word \(word); there are hide, skip, slow, error=, tolerance=, check=, width=, quiz wrong= hint=")
      }
      followsMistake = false
    }
  }

  /// Words separated by spaces; a value in double quotes may hold some.
  private static func split(_ text: Substring, line: Int) throws(TranscriptProblem) -> [String] {
    var words: [String] = []
    var word = ""
    var quoted = false
    for character in text {
      if character == "\"" {
        quoted.toggle()
      } else if character == " " && !quoted {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    if quoted { throw TranscriptProblem(line: line, message: "a quote is not closed") }
    if !word.isEmpty { words.append(word) }
    return words
  }
}

/// A line without the return that a file from Windows has before each newline.
func withoutReturn(_ line: String) -> String {
  line.utf8.last == 0x0D ? String(Substring(line.utf8.dropLast())) : line
}

/// The text without spaces at its ends.
func trimmed(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
  return trimmedEnd(rest)
}

/// The text without spaces at its end.
func trimmedEnd(_ text: some StringProtocol) -> String {
  var rest = Substring(text)
  while let last = rest.last, [" ", "\t", "\r", "\r\n"].contains(last) { rest.removeLast() }
  return String(rest)
}
