import Display
import Formulary
import Language
import Notation
import Tensors
import Testing

@Suite("The catalogue of formulas")
struct EntryTests {
  /// The ids of FORMULAS.md with their verdicts, in its order: c correct, a ambiguous, w wrong, n not printed.
  static let verdicts = """
    D1.linreg c, D1.logistic c, D1.conv w, D1.rnn c, D1.attn c, D1.mse n, D1.ce n, D1.code.data c, D1.code.linreg c,
    D1.code.logistic c, D1.code.scale w, D1.code.cnn c, D1.code.rnn w, D1.code.attn w, D2.gd c, D2.chain a, D2.pool w,
    D2.rnn c, D2.code.gd c, D2.code.backprop w, D2.code.cnn c, D2.code.rnn w, D3.dense a, D3.rnn c, D3.attn w,
    D3.code.prep w, D3.code.model c, D3.code.eval c, D4.layers c, D4.net c, D4.compose a, D4.delta w, D4.relu c,
    D4.drelu a, D4.sigmoid n, D4.tanh n, D4.conv a, D4.rnn c, D4.lstm.f c, D4.lstm.i c, D4.lstm.Ctilde c, D4.lstm.C c,
    D4.lstm.o c, D4.lstm.h c, D4.code.net w, D4.code.lm c, D4.code.speech w, D5.gd c, D5.sgd n, D5.adam.m c,
    D5.adam.v c, D5.adam.mhat w, D5.adam.vhat w, D5.adam.w w, D5.code.data c, D5.code.forward c, D5.code.loss c,
    D5.code.gd w, D5.code.sgd w, D5.code.adam w, D5.code.train w
    """

  @Test("has the 61 entries of the documents, in their order, with their verdicts")
  func complete() {
    let letters: [Verdict: String] = [.correct: "c", .ambiguous: "a", .wrong: "w", .supplied: "n"]
    let all = Formulary.all.map { "\($0.id) \(letters[$0.verdict]!)" }
    #expect(all == Self.verdicts.split { $0 == "," || $0 == "\n" }.map { $0.trimmed }.filter { !$0.isEmpty })
    #expect(all.count == 61 && Set(all).count == 61)
  }

  @Test("has each entry whole", arguments: Formulary.all)
  func whole(entry: Entry) throws {
    #expect(entry.verdict == .supplied ? entry.printed == nil : entry.printed != nil)
    #expect((entry.right != nil) == (entry.verdict != .correct))
    #expect(!entry.title.isEmpty && !entry.gist.isEmpty && !entry.themes.isEmpty && !entry.symbols.isEmpty)
    #expect(entry.verdict != .wrong && entry.verdict != .ambiguous || !entry.remark.isEmpty)
    for form in [entry.printed, entry.right].compactMap({ $0 }) {
      let formula = try Formula(tex: form.tex)
      #expect(formula.drawing(width: 66).width <= 66)
      #expect(formula.drawing(Style(ascii: true), width: 66).width <= 66)
    }
  }

  /// A line in ASCII alone: `β₁ ⊙ x²` as `beta_1 * x^2`.
  private static func twin(_ line: String) -> String {
    let twin = Printer(.ascii).text(Parser.parse(SourceText(line)).statements)
    #expect(twin.utf8.allSatisfy { $0 < 0x80 })
    return twin
  }

  @Test(
    "gives the numbers of FORMULAS.md as printed and as corrected, with its symbols and in ASCII",
    arguments: Formulary.all, [false, true])
  func numbers(entry: Entry, inASCII: Bool) throws {
    func spelled(_ line: String) -> String { inASCII ? Self.twin(line) : line }
    for form in [entry.printed, entry.right].compactMap({ $0 }) {
      let interpreter = Interpreter()
      for line in entry.inputs.map(\.line) + form.program { try evaluate(spelled(line), on: interpreter) }
      #expect(!form.quantities.isEmpty || form.failing != nil)
      for quantity in form.quantities {
        try evaluate(spelled("quantityAsked = \(quantity.expression);"), on: interpreter)
        let numbers = try #require(Self.numbers(interpreter.value(named: "quantityAsked")))
        #expect(numbers.count == quantity.expected.count)
        for (got, expected) in zip(numbers, quantity.expected) {
          // FORMULAS.md has six digits.
          #expect(abs(got - expected) <= 6e-6 * abs(expected) + 1e-9, "\(entry.id) \(quantity.label): \(numbers)")
        }
      }
      if let line = form.failing {
        guard case .failed = interpreter.evaluate(spelled(line)) else {
          Issue.record("\(entry.id): \(line) was to fail")
          continue
        }
      }
    }
  }

  @Test("offers lines that can be typed", arguments: Formulary.all)
  func typed(entry: Entry) throws {
    let form = try #require(entry.right ?? entry.printed)
    let line = entry.typeIt.line
    // A line of a loop's body is one of the program's own lines.
    if form.program.contains(where: { $0.contains(line) }) { return }
    let interpreter = Interpreter()
    for line in entry.inputs.map(\.line) + form.program { try evaluate(line, on: interpreter) }
    try evaluate(line, on: interpreter)
  }

  @Test("is found by document, theme, verdict and word")
  func search() {
    #expect(Formulary.entry(named: "d5.ADAM.w")?.title == "Adam: the new weights")
    #expect(Formulary.entry(named: "D5.adam") == nil)
    #expect(Formulary.entries(about: "D5").count == 14)
    #expect(Formulary.entries(about: "wrong").count == 19)
    #expect(Formulary.entries(about: "attention").map(\.id) == ["D1.attn", "D1.code.attn", "D3.attn"])
    #expect(Formulary.entries(about: "lstm").count == 7)
    #expect(Formulary.entries(about: "code").count == Formulary.all.count { $0.id.contains(".code.") })
    #expect(Formulary.entries(about: "zebra").isEmpty)
    for theme in Theme.allCases { #expect(!Formulary.entries(about: theme.rawValue).isEmpty) }
  }

  private func evaluate(_ line: String, on interpreter: Interpreter) throws {
    switch interpreter.evaluate(line) {
    case .done: break
    case .failed(let diagnostic, _): throw Failure(line: line, message: "\(diagnostic.code): \(diagnostic.message)")
    default: throw Failure(line: line, message: "not a whole line")
    }
  }

  private struct Failure: Error {
    let line, message: String
  }

  private static func numbers(_ value: Value?) -> [Double]? {
    switch value {
    case .number(let number): return [number]
    case .tensor(let tensor):
      let tensor = tensor.detached
      return (0..<tensor.count).map { tensor[flat: $0] }
    default: return nil
    }
  }
}

extension Substring {
  fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
