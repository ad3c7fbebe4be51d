import Display
import Formulary
import Language
import Tensors

/// A catalogue entry's programs, run: each form in a session of its own, on the same numbers.
struct FormulaRun {
  /// What one form came to.
  struct Outcome {
    var results: [Result] = []
    /// What a program that does not run to its end stopped with.
    var failure: (line: String, diagnostic: Diagnostic)?
  }

  /// A quantity that was asked for, and its value.
  struct Result {
    let quantity: Quantity
    let numbers: Numbers?
    /// The value under its label, as the session would echo it.
    let echo: Document
  }

  let printed: Outcome?
  let right: Outcome?
  /// The numbers of the input that is shown beside the results.
  let input: Numbers?

  /// Numbers row by row, and their axes.
  typealias Numbers = (values: [Double], shape: [Int])

  /// Runs both forms; `inputs` are lines that bind the entry's numbers.
  init(_ entry: Entry, inputs: [String], settings: Settings) {
    printed = entry.printed.map { Self.run($0, inputs, settings) }
    right = entry.right.map { Self.run($0, inputs, settings) }
    input = entry.shownInput.flatMap { name in
      let interpreter = Interpreter(settings: settings)
      for line in inputs { interpreter.evaluate(line) }
      return interpreter.value(named: name)?.numbers
    }
  }

  private static func run(_ form: Form, _ inputs: [String], _ settings: Settings) -> Outcome {
    let interpreter = Interpreter(settings: settings)
    var outcome = Outcome()
    for line in inputs + form.program {
      if case .failed(let diagnostic, _) = interpreter.evaluate(line) {
        outcome.failure = (line, diagnostic)
        return outcome
      }
    }
    for quantity in form.quantities where quantity.isShown {
      switch interpreter.evaluate("\(Self.name) = \(quantity.expression);") {
      case .failed(let diagnostic, _):
        outcome.failure = (quantity.expression, diagnostic)
        return outcome
      default:
        guard let value = interpreter.value(named: Self.name) else { continue }
        let echo = interpreter.echo(value, named: quantity.label)
        outcome.results.append(Result(quantity: quantity, numbers: value.numbers, echo: echo))
      }
    }
    if let line = form.failing, case .failed(let diagnostic, _) = interpreter.evaluate(line) {
      outcome.failure = (line, diagnostic)
    }
    return outcome
  }

  /// The name a quantity has while it is asked for; no program uses it.
  private static let name = "quantityAsked"
}

extension Value {
  /// Its numbers; nil for what is no number and no tensor.
  fileprivate var numbers: FormulaRun.Numbers? {
    switch self {
    case .number(let number): return ([number], [])
    case .tensor(let tensor):
      let tensor = tensor.detached
      return ((0..<tensor.count).map { tensor[flat: $0] }, tensor.shape.dimensions)
    default: return nil
    }
  }
}
