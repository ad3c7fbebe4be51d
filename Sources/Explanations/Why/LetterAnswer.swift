import Display
import Language
import Tensors

/// The answer for a number whose law is in the letters of a card: the law, what its letters are, the ladder, its check.
struct LetterAnswer {
  let why: Why
  /// What the number is found to be by moving what it depends on; nil where that cannot be done.
  var difference: CentralDifference?
  /// What the number means: `raise W[0,0] by 0.001 and L rises by about 0.002`.
  var meaning: ((Double) -> String?)?

  private var style: Style { why.style }

  /// Nil where the law does not give the number.
  func document(_ question: Why.Question, _ law: LetterLaw, _ result: Double) throws -> Document? {
    let reads = Elements.Reads()
    guard let calculation = try law.element(question.places, Elements(reads)) as Calculation?,
      calculation.agrees(result, why.interpreter.elementType)
    else { return nil }
    // What cancels to less than rounding is 0.
    let result = calculation.value == 0 ? 0 : result
    let difference = difference ?? question.places.numbers.flatMap { law.check($0) }
    var document = Document()
    let base = Printer().text(question.base)
    let special = question.places.numbers.flatMap { law.formulaAt($0) }
    let symbols = law.isWhole ? [] : law.places.map { Coordinate(letter: $0) }
    let head = "  \(base)\(special == nil ? symbols.text : question.places.text) = \(special ?? law.formula)".shown(
      style)
    // The layer and the card stand behind the law, or where there is room below it.
    let isRoomy = head.displayWidth + 4 + law.margin.displayWidth <= style.width
    document.append(Line(head, .dim, margin: isRoomy ? law.margin : ""))
    var lines = law.standings.isEmpty ? [] : why.standings(law.standings)
    if !isRoomy {
      let fitting = lines.lastIndex { $0.width + 4 + law.margin.displayWidth <= style.width }
      if let fitting {
        lines[fitting] = lines[fitting].with(margin: law.margin)
      } else {
        lines.append(Line("", margin: law.margin))
      }
    }
    document.append(contentsOf: lines)
    document.append(Line())
    let path = Why.Path(steps: [], rungs: [calculation.text()], calculation: calculation, reads: reads)
    let room = style.width - 4 - question.subject.shown(style).displayWidth - 5
    if calculation.longSeries(room: room, style) != nil {
      document.append(why.calculation(question, path))
      if let difference { document.append(Line("", margin: Self.check(result, difference, why))) }
    } else {
      let ladder = calculation.ladder(question.subject, style)
      document.append(contentsOf: Self.document(ladder, difference.map { Self.check(result, $0, why) }, style))
    }
    why.remember(letters: law.letters, after: question)
    why.remember(reads)
    let next = why.offers(reads)
    let remark = question.places.numbers.flatMap { law.remark($0, result) } ?? meaning?(result)
    if remark != nil || !next.isEmpty { document.append(Line()) }
    if let remark { document.append("  \(remark)") }
    if !next.isEmpty {
      document.append("  \("next", .hint)  \(next.map { ":why \($0)" }.joined(separator: "   "), .name)")
    }
    return document
  }

  /// A ladder with its check beside the result, or below it where there is no room.
  static func document(_ ladder: Ladder, _ check: String?, _ style: Style) -> [Line] {
    var ladder = ladder
    guard let check, let result = ladder.rungs.last else { return ladder.document(style).lines }
    let width = 5 + ladder.subject.shown(style).width + result.value.width
    if width + 2 + check.displayWidth > style.width {
      return ladder.document(style).lines + [Line("", margin: check)]
    }
    ladder.rungs[ladder.rungs.count - 1].remark = check
    let column = style.ascii ? 51 : 49
    ladder.remarkColumn = column + check.displayWidth <= style.width ? column : nil
    return ladder.document(style).lines
  }

  /// `central difference 2.0267 ✓`
  static func check(_ result: Double, _ difference: CentralDifference, _ why: Why) -> String {
    if difference.isBent { return "a bend: no central difference" }
    let mean = difference.mean.magnitude < 1e-9 && result == 0 ? 0 : difference.mean
    let scale = max(result.magnitude, mean.magnitude)
    let tolerance = why.interpreter.elementType == .float64 ? 1e-5 : 2e-2
    let isRight = (result - mean).magnitude <= tolerance * max(scale, 1e-3)
    let shown = isRight ? result : mean
    return "central difference \(why.style.number(shown)) \(isRight ? "✓" : "✗")".shown(why.style)
  }
}

extension Why {
  /// What of the numbers read can be asked for next, each as it is typed, one of a kind and two at most.
  func offers(_ reads: Elements.Reads) -> [String] {
    var found: [(known: Known, text: String)] = []
    /// How many places of each were looked at: one that a dozen places say nothing of is not asked at its thousandth.
    var looks: [String: Int] = [:]
    for read in reads.all where found.count < 2 {
      guard !found.contains(where: { $0.known === read.known || $0.known.label == read.known.label }) else { continue }
      looks[read.known.label, default: 0] += 1
      guard looks[read.known.label, default: 0] <= 12 else { continue }
      guard isComputed(read.known, read.at) else { continue }
      switch Elements().given(read.known, read.at) {
      case .typed, .drawn: continue
      default: break
      }
      found.append((read.known, read.known.asked + read.at.text))
    }
    return found.map(\.text)
  }

  /// Lets letters be asked for until another answer brings others; one who asks for a letter keeps those that led to it.
  func remember(letters: [Known], after question: Question) {
    guard !letters.isEmpty else { return }
    if let name = question.base.name?.text, isLetter(name) {
      for letter in letters { memory.add(letter, interpreter) }
    } else {
      memory.replace(Dictionary(letters.map { ($0.label, $0) }) { first, _ in first }, interpreter)
    }
  }
}
