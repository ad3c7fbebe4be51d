import Display
import Language
import Tensors

/// The answer for a loss over alignments of one sample: the recursion, all its numbers or a window of them, and the loss.
struct AlignmentAnswer {
  let why: Why

  private var style: Style { why.style }

  /// Nil for several samples, which have one such answer each.
  func document(_ question: Why.Question, _ path: Why.Path, _ call: LawCall) throws -> Document? {
    guard let letters = try AlignmentLetters(call), !letters.trace.hasSamples, let sample = letters.trace.samples.first
    else { return nil }
    var document = Document()
    let length = sample.length == 1 ? "" : " / \(sample.length)"
    let line = path.steps.first?.line.map { "your line \($0) · ctc" } ?? "ctc"
    let p = letters.p
    document.append(
      Line(
        "  \(question.subject) = -ln(P)\(length),  P = ∑[ways that spell it] ∏[t] \(p.label)[t, label at t]".shown(
          style), .dim, margin: line))
    var meanings = [letters.states(0)]
    if p.isLetter, case .expression(let expression, let around) = p.how {
      meanings.insert("p = \(around.text(expression))", at: 0)
    }
    document.append(contentsOf: why.standings(meanings))
    document.append(
      Line(
        "  α[t,s] = \(p.label)[t,l[s]]·(α[t-1,s] + α[t-1,s-1] + α[t-1,s-2]), all ways at s after t".shown(style), .dim))
    document.append(Line("  (the last term only if l[s] is no blank and not l[s-2])".shown(style), .dim))
    document.append(Line())
    document.append(try table(letters, sample))
    document.append(Line())
    document.append(path.calculation.ladder(question.subject, style).document(style))
    document.append(Line())
    let count = style.number(sample.count)
    document.append("  \(count) \(sample.count == 1 ? "way spells" : "ways spell") it in \(sample.steps) frames")
    let last = sample.ends[0]
    document.append("  \("next", .hint)  \(":why α[\(sample.steps - 1),\(last)]".shown(style), .name)")
    why.remember(path.reads.letters)
    return document
  }

  /// `α`, a row a state and a column a frame, folded in the middle where it is larger than the screen.
  private func table(_ letters: AlignmentLetters, _ sample: Alignments.Sample) throws -> Document {
    let cells = (0..<sample.steps).map { step in
      sample.forward[step].map { style.number(elementaryFunction("exp")?([$0]) ?? .nan) }
    }
    let width = cells.flatMap { $0 }.map(\.displayWidth).max() ?? 1
    let most = max(3, (style.width - 14) / (width + 2))
    let steps = sample.steps <= most ? Array(0..<sample.steps) : Array(0..<(most - 2)) + [-1, sample.steps - 1]
    var columns: [Table.Column] = [.init("s", .right, gap: 2, least: 3), .init("l[s]", .center, gap: 2)]
    for (place, step) in steps.enumerated() {
      columns.append(.init(step < 0 ? "…" : place == 0 ? "α at t=\(step)" : "\(step)", .right, gap: 2))
    }
    var table = Table(columns, fold: (first: 3, last: 2, most: 7))
    for (state, label) in sample.states.enumerated() {
      let row = steps.map { $0 < 0 ? "…" : cells[$0][state] }
      table.append([String(state), label == letters.trace.blank ? "_" : String(label)] + row)
    }
    return table.document(style)
  }
}
