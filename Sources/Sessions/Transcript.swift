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
package struct Transcript: Equatable {
  /// What the file says about itself between `---` lines at its top.
  package var header = Header()
  /// Prose and cells in the order of the file.
  package var blocks: [Block] = []

  package enum Block: Equatable {
    /// Lines that are shown and not run.
    case prose([String])
    case cell(Cell)
  }

  /// A fenced block of inputs and outputs.
  package struct Cell: Equatable {
    /// The line that opens the fence, as written.
    package var opening: String
    /// The line of the file on which the fence opens, from 1.
    package var line: Int
    package var words: BlockWords
    /// Lines before the first prompt; shown, not run.
    package var preamble: [String] = []
    package var entries: [Entry] = []
    /// The line that closes the fence; nil if the file ends first.
    package var closing: String?
  }

  /// One input and what it is expected to give.
  package struct Entry: Equatable {
    /// The line of the file with the prompt, from 1.
    package var line: Int
    /// The input as typed, without prompts, one string a row.
    package var input: [String]
    /// The prompt before each row, as written.
    package var prompts: [String]
    package var output: [String]

    /// Whether it is the prompt of a stepper at which a cell ends: where the reader stands, and nothing typed. With an answer below
    /// it, a bare prompt is Enter.
    package var isOpen: Bool { prompts[0].hasPrefix("step ") && input.allSatisfy(\.isEmpty) && output.isEmpty }

    /// The input as one text.
    package var text: String { input.joined(separator: "\n") }
  }
}

extension Transcript {
  /// The settings of a session.
  package struct Header: Equatable {
    /// The lines as written, with the `---` around them; empty if the file has none.
    package var lines: [String] = []
    package var version = 1
    package var seed: UInt64?
    package var precision: String?
    package var digits: Int?
    /// The relative difference allowed; nil compares at the digits printed.
    package var tolerance: Double?
  }

  /// What the words after ` ```nabla ` ask for.
  package struct BlockWords: Equatable {
    /// Run, and show nothing to the reader.
    package var isHidden = false
    /// Neither run nor checked.
    package var isSkipped = false
    /// Left out of a check that is not told to run slow cells too.
    package var isSlow = false
    /// The error an input of this cell must end in.
    package var error: String?
    package var tolerance: Double?
    package var check = Check.numbers
    /// The words of a quiz, as written.
    package var quiz: [String: String]?

    package enum Check: String { case numbers, shape, exact, none }
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
