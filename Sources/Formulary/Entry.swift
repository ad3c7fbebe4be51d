import Notation

/// One formula of the documents: as printed, as it should be, and as programs that give both numbers.
///
/// # The catalogue
///
/// Five documents teach deep learning with 61 formulas, named, printed or hidden in code, and a third of them is wrong as
/// printed. Each is one value of this type: where it stands, how it is printed, what is wrong, what is right, what the symbols
/// are, and programs in the nabla language for the printed and the right form, with the numbers both give on one example.
///
/// Nothing is evaluated in this room. A test runs every program of every entry and holds it to the numbers written here;
/// `:formula` runs the same programs before the reader's eyes, on the reader's own numbers if there are any.
///
/// ```swift
/// Formulary.entry(named: "D5.adam.w")?.right?.tex     // \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}
/// Formulary.entries(about: "attention").map(\.id)     // D1.attn, D1.code.attn, D3.attn
/// ```
///
/// | file | what |
/// |---|---|
/// | `Form`, `Quantity`, `Verdict`, `Theme` | the parts of an entry |
/// | `Formulary` | all entries; those of a document, a theme, a word, a verdict |
/// | `Entries/` | the entries, a document's formulas a file, its code another |
package struct Entry: Sendable {
  /// `D5.adam.w`: the document, and a name within it.
  package let id: String
  /// What it is, as a heading: `Adam: the new weights`.
  package let title: String
  /// Its heading in lists, where the card's is too long.
  package var brief: String?
  /// What it says in a few characters of the language; the right one, if the print is wrong.
  package let gist: String
  package let themes: [Theme]
  /// Where in the document: `§3.3`.
  package let section: String
  package let verdict: Verdict
  /// As the document has it; nil if it names the formula without printing it.
  package var printed: Form?
  /// As it should be; nil if the print is right.
  package var right: Form?
  /// What is wrong, or what to know where nothing is.
  package var remark = ""
  /// What the symbols are, with shapes: a line each.
  package var symbols: [String] = []
  /// A line that can be typed, and what there is to say about it.
  package var typeIt: (line: String, remark: String) = ("", "")
  /// The numbers of the example, in the order in which they are bound.
  package var inputs: [Input] = []
  /// What the example's numbers are, where the list of inputs does not say it well.
  package var example: String?
  /// What gives the mistake away in the example's numbers.
  package var symptom: String?
  /// Numbers of the reader's own to try: `g: [2, -1], η: 0.1`.
  package var offer: String?
  /// The matrix beside the results of both forms.
  package var shownInput: String?

  /// A number, tensor or function the programs use.
  package struct Input: Sendable {
    package let name: String
    /// An expression; for a function with its parameters in the name, `J(w)`.
    package let value: String
    /// What to say of it beside its value: `each time`.
    package var remark = ""
    /// Whether the example's line names it.
    package var isShown = true

    init(_ name: String, _ value: String, remark: String = "", isShown: Bool = true) {
      self.name = name
      self.value = value
      self.remark = remark
      self.isShown = isShown
    }

    /// The line that binds it.
    package var line: String { "\(name) = \(value);" }
  }

  /// `D5`
  package var document: String { String(id.prefix { $0 != "." }) }

  /// Whether it is read from code rather than printed as a formula.
  package var isCode: Bool { id.contains(".code.") }
}

/// What is to be said of a formula as printed.
package enum Verdict: Sendable, CaseIterable {
  case correct
  /// Two readings give different numbers, or the label does not fit.
  case ambiguous
  /// It cannot be evaluated, or does not give what the text says.
  case wrong
  /// Named and used without being printed; the formula is ours.
  case supplied

  /// The mark in lists.
  package var mark: String {
    switch self {
    case .correct: "✓"
    case .ambiguous: "~"
    case .wrong: "✗"
    case .supplied: "+"
    }
  }

  package var word: String {
    switch self {
    case .correct: "correct"
    case .ambiguous: "ambiguous"
    case .wrong: "wrong"
    case .supplied: "supplied"
    }
  }

  /// As a card's margin says it.
  package var remark: String {
    switch self {
    case .correct: "correct as printed"
    case .ambiguous: "ambiguous as printed"
    case .wrong: "wrong as printed"
    case .supplied: "named there, the formula is ours"
    }
  }
}

/// What a formula is about.
package enum Theme: String, Sendable, CaseIterable {
  case regression, networks, activations, convolution, pooling, recurrence, attention, losses, backpropagation
  case optimizers, data, evaluation
}

/// A formula in one of its two forms: how it looks, how it is typed, what it gives.
package struct Form: Sendable {
  package let tex: String
  /// Lines of the language, after the inputs.
  package let program: [String]
  /// A line that cannot be evaluated, after the program: the mistake itself.
  package let failing: String?
  package let quantities: [Quantity]

  init(_ tex: String, _ program: [String] = [], failing: String? = nil, gives quantities: [Quantity] = []) {
    self.tex = tex
    self.program = program
    self.failing = failing
    self.quantities = quantities
  }
}

/// A result of a program, and what it is on the example.
package struct Quantity: Sendable {
  /// How it is named to the reader.
  package let label: String
  package let expression: String
  /// The numbers on the example, row by row.
  package let expected: [Double]
  /// Whether a card shows it; the others are only tested.
  package var isShown = true
  /// What follows the number: `·η`, for a number of three digits counted in η.
  package var unit = ""

  init(_ label: String, _ expression: String, _ expected: [Double], isShown: Bool = true, unit: String = "") {
    self.label = label
    self.expression = expression
    self.expected = expected
    self.isShown = isShown
    self.unit = unit
  }

  /// A result whose expression is its name.
  init(_ expression: String, _ expected: [Double], isShown: Bool = true) {
    self.init(expression, expression, expected, isShown: isShown)
  }

  /// A result that is tested and not shown.
  static func hidden(_ expression: String, _ expected: [Double]) -> Quantity {
    Quantity(expression, expression, expected, isShown: false)
  }
}
