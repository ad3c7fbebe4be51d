import Tensors

extension Machine {
  /// The line with some of its parts replaced, as something to type, if it works: what it gives is told beside it.
  func suggestion(
    replacing parts: [(range: SourceRange, text: String)], in source: SourceText,
    kind: Diagnostic.Suggestion.Kind = .try, remark: (String) -> String = { "gives " + $0 }
  ) -> Diagnostic.Suggestion? {
    guard !isTrial else { return nil }
    let start = parts.map(\.range.start).min() ?? 0
    let line = source.lineRange(source.lineIndex(at: start))
    guard parts.allSatisfy({ $0.range.start >= line.start && $0.range.end <= line.end }), source.bytes.count < 4096
    else { return nil }
    let program = Parser.parse(source)
    guard let statement = program.statements.first(where: { $0.range.start <= start && start < $0.range.end }) else {
      return nil
    }
    var text = Array(source.bytes[..<statement.range.end])
    for part in parts.sorted(by: { $0.range.start > $1.range.start }) {
      text.replaceSubrange(part.range.start..<part.range.end, with: Array(part.text.utf8))
    }
    let changed = String(decoding: text[statement.range.start...], as: UTF8.self)
    guard let outline = outline(ofTrying: changed) else { return nil }
    return .init(kind, changed, remark: outline.isEmpty ? "" : remark(outline))
  }

  /// The first of several changes after which the line works, as something to type.
  func first(
    of changes: [[(range: SourceRange, text: String)]], in source: SourceText
  ) -> [Diagnostic.Suggestion] {
    for parts in changes {
      if let works = suggestion(replacing: parts, in: source) { return [works] }
    }
    return []
  }

  /// What a statement gives, tried out without any effect: its shape, or nil if it fails or cannot be tried.
  func outline(ofTrying text: String) -> String? {
    let source = SourceText(text)
    let program = Parser.parse(source)
    guard program.diagnostics.isEmpty, program.statements.count == 1 else { return nil }
    let statement = program.statements[0]
    switch statement.kind {
    case .expression, .bind: break
    default: return nil
    }
    return trial {
      let scope = Scope(outer: nil, isFunction: false)
      let code = try Lowering(machine: self, source: source).statement(statement, scope)
      return try Frame.with(scope.slotCount, code).outline
    }
  }
}
