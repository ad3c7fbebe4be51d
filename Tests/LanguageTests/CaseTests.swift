import Display
import Interchange
import Language
import Sessions
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The transcripts in `Cases/`: what the language answers, line by line.
@Suite("The language's cases")
struct CaseTests {
  static let names = [
    "numbers", "tensors", "functions", "derivatives", "partial", "networks", "layers", "training", "errors",
    "index-equations", "sequences", "partial-sequences", "wrong-programs", "partial-parts",
    "text", "habits",
  ]

  @Test("answer as written", arguments: names)
  func answers(name: String) throws {
    let path = #filePath.replacingLast("CaseTests.swift", by: "Cases/\(name).md")
    let text = String(decoding: try Files.bytes(path), as: UTF8.self)
    let transcript = try Transcript(text)
    let responder = LanguageResponder(seed: transcript.header.seed ?? 7)
    var results: [Player.Result] = []
    Interpreter.onLargeStack { results = Player().play(transcript, on: responder) }
    #expect(!results.isEmpty)
    if Self.isUpdating {
      try update(transcript, results, at: path)
      return
    }
    for result in results where result.outcome != .agrees {
      Issue.record("\(name).md:\(result.entry.line) \(result.entry.text): \(result.outcome) now \(result.lines)")
    }
  }

  /// With NABLA_UPDATE=1 the answers are written into the files instead, to be read before they are committed.
  static let isUpdating = getenv("NABLA_UPDATE") != nil

  private func update(_ transcript: Transcript, _ results: [Player.Result], at path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(transcript.updated(with: results.filter(\.isDifferent)).text, file)
    fclose(file)
  }
}

/// An interpreter that answers inputs as lines of plain text.
final class LanguageResponder: Responder {
  let interpreter: Interpreter
  private var lines: [String] = []

  init(seed: UInt64 = 7) {
    interpreter = Interpreter(settings: Settings(seed: seed))
    interpreter.output = { [unowned self] in lines += Self.lines(of: $0) }
  }

  static func lines(of document: Document) -> [String] {
    PlainWriter(.plain).write(document).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
  }

  func respond(to input: String) -> (lines: [String], error: String?) {
    lines = []
    switch interpreter.evaluate(input) {
    case .done: return (lines, nil)
    case .failed(let diagnostic, let source):
      return (lines + Self.lines(of: diagnostic.document(in: source)), diagnostic.code)
    case .incomplete: return (lines, "incomplete")
    case .command(let text): return (lines, text)
    }
  }
}

extension String {
  fileprivate func replacingLast(_ ending: String, by other: String) -> String {
    hasSuffix(ending) ? String(dropLast(ending.count)) + other : self
  }
}
