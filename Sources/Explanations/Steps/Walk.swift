import Display
import Language

/// A computation as a row of steps, each of which can be shown, and some of which have steps inside.
///
/// Steps are made when they are first seen and kept, so that going back shows what was shown before.
package final class Walk {
  /// What a step is called in the footer: `step`, `window`, `equation`.
  let noun: String
  let count: Int
  /// The step at which `goto` of some words leads, if it is one of this walk.
  let place: (String) -> Int?
  private let make: (Int) -> Step
  private var made: [Int: Step] = [:]

  init(
    _ noun: String = "step", count: Int, place: @escaping (String) -> Int? = { _ in nil },
    _ make: @escaping (Int) -> Step
  ) {
    self.noun = noun
    self.count = count
    self.place = place
    self.make = make
  }

  convenience init(_ noun: String = "step", _ steps: [Step]) {
    self.init(noun, count: steps.count) { steps[$0] }
  }

  subscript(index: Int) -> Step {
    if let step = made[index] { return step }
    let step = make(index)
    made[index] = step
    return step
  }
}

extension Walk {
  /// The step for one element, window or row: what is offered there is what it shows.
  fileprivate func step(called words: String) -> Step? {
    guard noun != "step", noun != "equation" else { return nil }
    // `z[0][1]` is `z[0,1]`.
    func plain(_ text: String) -> String { text.filter { $0 != " " }.replacing("][", with: ",") }
    let asked = plain(words)
    return (0..<min(count, 400)).lazy.map { self[$0] }.first { $0.example.map(plain) == asked }
  }
}

/// One step of a walk: what it is, what it shows, what is inside.
package struct Step {
  /// What stands left on the first line behind `step 1 of 3`: a path, the present value in brackets, or words.
  var title: Title
  /// Replaces `step 1 of 3`, where a step is called otherwise: `window 6 of 9`.
  var ordinal: String?
  /// The statement, flush right.
  var statement: String
  /// The drawing, without the frame.
  var drawing: (Style) -> Document
  /// One remark on what it means.
  var remark: (Style) -> [String] = { _ in [] }
  /// One of its values, for the footer: `z[0,2]`.
  var example: String?
  /// More that the footer offers: `goto t=1`.
  var offers: [String] = []
  /// The names that can be used while this step is open.
  var names: [(name: String, value: Value)] = []
  /// The steps inside, if there are any: those of the step itself, or of parts that have names.
  var inners: [(name: String, walk: () -> Walk?)] = []
  /// Whether the footer offers to go inside: not where `why` says the same.
  var offersInner = true
  /// The part that the footer offers: `into C̃`.
  var offeredInner = ""

  init(
    _ title: Title, _ statement: String, drawing: @escaping (Style) -> Document
  ) {
    self.title = title
    self.statement = statement
    self.drawing = drawing
  }
}

extension Step {
  /// The step inside that shows one element with its terms: `y[0,2]`.
  fileprivate func element(_ words: String) -> Step? {
    guard let open = words.firstIndex(of: "["), let example, example.hasPrefix(words[..<open] + "["),
      let walk = inners.first(where: \.name.isEmpty)?.walk(), walk.noun == "element",
      let index = walk.place(String(words[open...]))
    else { return nil }
    return walk[index]
  }

  /// A step of the walks inside that shows this.
  fileprivate func inside(called words: String, depth: Int) -> Step? {
    for inner in inners {
      guard let walk = inner.walk() else { continue }
      if let found = walk.step(called: words) { return found }
      if depth > 0, walk.noun == "equation", let found = walk[0].inside(called: words, depth: depth - 1) {
        return found
      }
    }
    return nil
  }

  /// Whether it knows what `why` asks of its example.
  var answersItself: Bool { example.map { element($0) != nil } ?? false }
}

/// Where a step stands.
enum Title {
  case words(String)
  /// Names, and which of them is the present one.
  case path([String], Int)

  /// The names with arrows between them; where they are too long only those around the present one.
  func line(room: Int, _ style: Style) -> Line {
    switch self {
    case .words(let text): return Line(text.shown(style))
    case .path(let names, let here):
      let arrow = style.glyph(" → ", " -> ")
      let dots = style.glyph("…", "...")
      func line(_ low: Int, _ high: Int) -> Line {
        var line = Line(low > 0 ? dots + arrow : "")
        for index in low...high {
          if index > low { line.append(arrow) }
          let name = names[index].shown(style)
          if index == here { line.append("[\(name, .result)]") } else { line.append(name) }
        }
        if high + 1 < names.count { line.append(arrow + dots) }
        return line
      }
      // At the end of the path nothing is bracketed.
      let middle = names.indices.contains(here) ? here : max(0, names.count - 1)
      guard !names.isEmpty else { return Line() }
      var (low, high) = (middle, middle)
      var shown = line(low, high)
      var isGrowing = true
      while isGrowing {
        isGrowing = false
        for (first, last) in [(low - 1, high), (low, high + 1)] where first >= 0 && last < names.count {
          let wider = line(first, last)
          guard wider.width <= room else { continue }
          (low, high, shown, isGrowing) = (first, last, wider, true)
          break
        }
      }
      return shown
    }
  }
}

/// Where somebody stands in a walk and in the walks inside its steps; it goes by words.
package final class Walker {
  private var places: [(walk: Walk, index: Int)]

  package init(_ walk: Walk) { places = [(walk, 0)] }

  private var walk: Walk { places[places.count - 1].walk }
  private var index: Int { places[places.count - 1].index }
  package var step: Step { walk[index] }
  private func inner(_ name: String) -> Walk? {
    let inners = step.inners
    return (name.isEmpty ? inners.first { $0.name.isEmpty } ?? inners.first : inners.first { $0.name == name })?.walk()
  }

  /// `step 1/2, 1/6> `
  package var prompt: String {
    "step " + places.map { "\($0.index + 1)/\($0.walk.count)" }.joined(separator: ", ") + "> "
  }

  /// The names that mean something here, those of outer steps first.
  package var names: [(name: String, value: Value)] { places.flatMap { $0.walk[$0.index].names } }

  /// What came of a line.
  package enum Outcome {
    /// There is something to show.
    case moved
    case ended
    /// `why x[i,j]`.
    case why(String)
    /// No word of the stepper: an expression, perhaps.
    case other
  }

  /// Goes where a line says.
  /// - Throws: E0820 to E0823.
  package func obey(_ line: String) throws(Diagnostic) -> Outcome {
    let words = line.split(separator: " ").map(String.init)
    let rest = words.dropFirst().joined(separator: " ")
    switch words.first {
    case nil: return try obey("next")
    case "next" where rest.isEmpty:
      if index + 1 < walk.count {
        places[places.count - 1].index += 1
        return .moved
      }
      if places.count == 1 { return .ended }
      // Behind the last one inside comes the step after the one it is inside of.
      places.removeLast()
      return try obey("next")
    case "back" where rest.isEmpty:
      if index > 0 {
        places[places.count - 1].index -= 1
      } else if places.count > 1 {
        places.removeLast()
      } else {
        throw Diagnostic("E0821", "this is the first step", suggestions: [.init(.try, "next")])
      }
      return .moved
    case "into":
      guard let inner = inner(rest), inner.count > 0 else {
        throw Diagnostic(
          "E0822", "there is nothing inside this step",
          suggestions: [.init(.try, step.example.map { "why " + $0 } ?? "next")])
      }
      places.append((inner, 0))
      return .moved
    case "out" where rest.isEmpty:
      guard places.count > 1 else {
        throw Diagnostic("E0822", "this step is inside no other", suggestions: [.init(.try, "quit", remark: "leaves")])
      }
      places.removeLast()
      return .moved
    case "goto" where words.count > 1: return try go(to: rest)
    case "goto":
      throw Diagnostic("E0821", "goto wants a number", suggestions: [.init(.try, "goto \(walk.count)")])
    case "why" where words.count > 1: return .why(rest)
    case "quit" where rest.isEmpty: return .ended
    default: return .other
    }
  }

  private func go(to words: String) throws(Diagnostic) -> Outcome {
    // What is not a place here may be one around here.
    for level in places.indices.reversed() {
      let walk = places[level].walk
      let number = Int(words).flatMap { (1...max(1, walk.count)).contains($0) ? $0 - 1 : nil }
      guard let index = walk.place(words) ?? (level == places.count - 1 ? number : nil) else { continue }
      let depth = places.count
      places.removeLast(places.count - 1 - level)
      places[level].index = index
      // From inside one time step into the same place of another.
      if depth > places.count, let inner = self.inner("") { places.append((inner, 0)) }
      return .moved
    }
    throw Diagnostic(
      "E0821", "there is no \(walk.noun) \(words): there are 1 to \(walk.count)",
      suggestions: [.init(.try, "goto \(walk.count)")])
  }

  /// One element of this step with its terms, where the step itself knows them: `y[0,2]` of a layer.
  package func element(_ words: String, _ style: Style) -> Document? {
    if let own = step.element(words) { return own.drawing(style) }
    // Inside a time step of a layer no name is the session's: what is asked for is among what can be gone into.
    for (walk, index) in places.reversed() {
      if let found = walk.step(called: words) ?? walk[index].inside(called: words, depth: 2) {
        return found.drawing(style)
      }
    }
    return nil
  }

  /// What is to be seen here: path and statement, drawing, remark, what can be typed.
  package func frame(_ style: Style) -> Document {
    let step = step
    var document = Document()
    let ordinal = step.ordinal ?? "\(walk.noun) \(index + 1) of \(walk.count)"
    let room = style.width - 6 - ordinal.count
    var statement = step.statement
    let least = step.title.line(room: 0, style).width
    if statement.displayWidth > room - least - 2 {
      statement = statement.cut(to: max(12, room - least - 2), style: style)
    }
    var line: Line = "  \(ordinal)"
    let title = step.title.line(room: room - statement.displayWidth - 2, style)
    if title.width > 0 {
      line.append("    ")
      line.append(title)
    }
    document.append(line, margin: statement)
    document.append(Line())
    document.append(step.drawing(style))
    let remark = step.remark(style)
    if !remark.isEmpty {
      document.append(Line())
      for text in remark {
        let shown = text.shown(style)
        let fits = shown.displayWidth <= style.width - 2
        for part in fits ? [shown] : shown.wrapped(to: style.width - 4) { document.append(Line("  " + part)) }
      }
    }
    document.append(Line())
    document.append(Line("  " + footer(style), .dim))
    return document
  }

  private func footer(_ style: Style) -> String {
    let step = step
    let isLast = index + 1 == walk.count
    let isInside = places.count > 1
    let what = walk.noun == "step" ? "" : " \(walk.noun)"
    var parts = [isLast && !isInside ? "Enter ends" : isLast ? "Enter goes on" : "Enter next\(what)"]
    let hasInner = !step.inners.isEmpty && step.offersInner
    if hasInner && !isInside { parts.append("into") }
    parts.append("back")
    if hasInner && isInside { parts.append("into" + (step.offeredInner.isEmpty ? "" : " " + step.offeredInner)) }
    if isInside && !step.offers.contains(where: { $0.contains("[") }) { parts.append("out") }
    parts += step.offers
    if isInside && step.offers.contains(where: { $0.contains("[") }) { parts.append("out") }
    if !isInside && step.offers.isEmpty { parts.append("goto N") }
    if let example = step.example { parts.append("why " + example) }
    if !isInside { parts.append("any expression") }
    parts.append("quit")
    let separator = style.separator
    while parts.joined(separator: separator).shown(style).displayWidth > style.width - 4, parts.count > 4 {
      parts.remove(at: parts.count - 2)
    }
    return parts.joined(separator: separator)
  }
}

extension String {
  /// The text between the separators.
  func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var rest = Substring(self)
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
