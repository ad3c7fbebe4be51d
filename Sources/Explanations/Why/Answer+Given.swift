import Display
import Language

/// Values that no line computed, and lines that no longer say how.
extension Why {
  /// The line that a weight of a network is from.
  func weight(_ question: Question, _ path: Path) -> Given? {
    guard case .read = path.calculation, question.base.isPathText, let root = question.base.rootName,
      case .network? = interpreter.value(named: root), let version = interpreter.version(of: root),
      let origin = version.origin, !origin.isForgotten
    else { return nil }
    let line = origin.line(of: origin.statement.range)
    guard case .bind(_, let values, _) = origin.statement.kind, let value = values.last else {
      return .loaded(line: line, text: origin.text)
    }
    return .loaded(line: line, text: origin.source.text(value.range))
  }

  /// A value that was given.
  func plain(_ question: Question, _ given: Given?) throws -> Document {
    let value = try Elements.number(
      in: value(of: question), question.places.numbers ?? [], question.subject, interpreter.elementType)
    let words: String
    switch given {
    case .typed(let line): words = "given in your line \(line)"
    case .drawn(let line, let text): words = "drawn by \(text) in your line \(line)"
    case .loaded(let line, let text): words = "from \(text.cut(to: 36, style: style)), your line \(line)"
    case .weight: words = "a weight: no line computed it"
    case .forgotten(let name):
      throw Diagnostic(
        "E0813", "what \(name) was computed from is no longer remembered",
        suggestions: [.init(.see, ":explain E0813", remark: "what is remembered")])
    case nil: words = isLetter(question.base.name?.text ?? "") ? "from all that follows it" : "built in"
    }
    let line: Line = "  \(question.subject, .name) = \(style.number(value), .result)"
    return Document([line.with(margin: words)])
  }

  /// The calculation is not what the value was made by: its names have other values by now.
  func stale(_ question: Question, _ path: Path, _ value: Double) throws -> Document {
    let line = path.steps.first?.line
    throw Diagnostic(
      "E0814", "\(question.subject) is \(style.number(value)), and its line as remembered no longer gives that",
      notes: [.init(line.map { "line \($0)" } ?? "law", path.steps.first?.law ?? "")])
  }
}
