/// A session as a document: Markdown with prose, and cells of inputs with the output they are expected to give.
///
/// One format serves sessions, tutorials, the language's own tests and the README: what is typed stands after `>>> ` (and `..> `
/// for the lines that continue it), everything up to the next prompt is what the shell answered. The file stays readable on any
/// forge, and `Player` can run it again and compare. Parsing and printing lose nothing: `Transcript(text).text == text`.
///
///     ---
///     nabla: 1
///     seed: 7
///     ---
///     # A dense layer
///     ```nabla
///     >>> 1 + 2
///     ans = 3
///     ```
package struct Transcript: Equatable, Sendable {
  /// What the file says about itself between `---` lines at its top.
  package var header = Header()
  /// Prose and cells in the order of the file.
  package var blocks: [Block] = []
  /// Whether the last line of the file has an end, as it should.
  package var endsWithNewline = true

  package init() {}

  package enum Block: Equatable, Sendable {
    /// Lines that are shown and not run.
    case prose([String])
    case cell(Cell)
  }

  /// A fenced block of inputs and outputs.
  package struct Cell: Equatable, Sendable {
    /// The line that opens the fence, as written.
    package var opening: String
    /// The line of the file on which the fence opens, from 1.
    package var line: Int
    package var words: BlockWords
    /// Lines before the first prompt; shown, not run.
    package var preamble: [String] = []
    package var entries: [Entry] = []
    /// The line that closes the fence.
    package var closing = "```"

    /// Whether an entry is only the prompt at which the reader stands: a stepper's, with nothing typed or answered, and no more
    /// lines for the stepper. Elsewhere a bare prompt is Enter.
    package func isOpen(_ index: Int) -> Bool {
      let entry = entries[index]
      guard entry.prompts[0].hasPrefix("step "), entry.text.isEmpty, entry.output.isEmpty else { return false }
      return index + 1 == entries.count || !entries[index + 1].prompts[0].hasPrefix("step ")
    }
  }

  /// One input and what it is expected to give.
  package struct Entry: Equatable, Sendable {
    /// The line of the file with the prompt, from 1.
    package var line: Int
    /// The input as typed, without prompts, one string a row.
    package var input: [String]
    /// The prompt before each row, as written.
    package var prompts: [String]
    package var output: [String]

    /// The input as one text, without the returns of a file from Windows.
    package var text: String { input.map(withoutReturn).joined(separator: "\n") }
  }
}

extension Transcript {
  /// The settings of a session.
  package struct Header: Equatable, Sendable {
    /// The lines as written, with the `---` around them; empty if the file has none.
    package var lines: [String] = []
    package var version = 1
    package var seed: UInt64?
    package var precision: String?
    package var digits: Int?
    /// The relative difference allowed; nil compares at the digits printed.
    package var tolerance: Double?
    /// The absolute difference allowed beside it, for numbers that are nearly 0.
    package var absolute: Double?
    /// The columns of the screen on which the answers were written; nil means 80.
    package var width: Int?
    /// Whether the answers are drawn with ASCII only.
    package var ascii: Bool?
    package var title: String?

    package init() {}
  }

  /// What the words after ` ```nabla ` ask for.
  package struct BlockWords: Equatable, Sendable {
    /// Run, and show nothing to the reader.
    package var isHidden = false
    /// Neither run nor checked.
    package var isSkipped = false
    /// Left out of a check that is not told to run slow cells too.
    package var isSlow = false
    /// The errors that inputs of this cell end in: each comes, and no other.
    package var errors: [String] = []
    package var tolerance: Double?
    package var check = Check.numbers
    /// The columns of the screen on which these answers were written, if not those of the header.
    package var width: Int?
    package var quiz: Quiz?

    package enum Check: String, Sendable { case numbers, shape, exact, none }

    package init() {}
  }

  /// A question whose answer is the value of the cell's last input.
  package struct Quiz: Equatable, Sendable {
    /// Wrong answers that can be foreseen: an expression with the same value, and what is the matter with it.
    package var mistakes: [Mistake] = []
    /// What helps, the first hint first.
    package var hints: [String] = []

    package struct Mistake: Equatable, Sendable {
      package var expression: String
      package var remark: String?
    }

    package init() {}
  }
}

/// What is wrong with the text of a session file, and where.
package struct TranscriptProblem: Error, Equatable {
  package let line: Int
  package let message: String

  package init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}
