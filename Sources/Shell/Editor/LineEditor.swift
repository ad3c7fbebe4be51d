import CEditLine
import KernelInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads what the user types at a terminal: one block of one or more lines at a time.
///
/// libedit keeps the text, the key maps of Emacs and vi, the kill ring, words, counts and `~/.editrc`. It neither reads nor
/// draws. Three hooks make that possible, in Debian's libedit as in Apple's old one:
///
/// - Its reader is ours (`EL_GETCFN`). It polls the terminal beside the signal pipe, decodes UTF-8 and escape sequences, and
///   gives libedit characters, or, for keys without one, private codes 0x81 to 0x9F that both key maps bind.
/// - Just before the reader waits it paints the text (`paint()`): prompt and continuation prompts, colours, the hint, the list of
///   candidates. libedit's own drawing goes to `/dev/null`, so nothing has to agree with it about the width of a character.
/// - Keys that need more than libedit has (Enter, Tab, arrows, search, undo) are functions added with `EL_ADDFN`.
///
/// One thread owns it.
package final class LineEditor {
  /// What a call of ``read(_:)`` came back with.
  package enum Reading: Equatable, Sendable {
    case text(String)
    /// Ctrl-C: the text is dropped, the session goes on.
    case interrupted
    /// Ctrl-D on an empty line, a closed terminal, SIGTERM or SIGHUP.
    case end
  }

  /// What stands before the first line and before the others.
  package struct Prompt: Equatable, Sendable {
    package var first: String
    package var rest: String
    package init(_ first: String = ">>> ", rest: String = "..> ") {
      self.first = first
      self.rest = rest
    }
  }

  package let terminal: Terminal
  package var assistant: LineAssistant
  package var history: History

  let editLine: OpaquePointer
  var decoder = KeyDecoder()
  /// Characters to hand to libedit before any key is read.
  var queue: [wchar_t] = []
  var prompt = Prompt()
  var screen = Screen()
  var dumbScreen = DumbScreen()
  var firstVisibleRow = 0

  /// How the current reading ended, as far as it is known.
  var accepted: String?
  var isInterrupted = false
  /// Text that a private code inserts: a mark, or what was pasted.
  var insertion = ""
  /// The rest of a suggested line, shown behind the text.
  var hint = ""
  var listing: Listing?
  var search: Search?
  var walk: HistoryWalk?
  var undo = UndoStack()
  /// Where the cursor was when the reader last waited, to see which way it went.
  var lastCursor = 0

  /// Takes over the terminal's line editing; nil when libedit cannot start.
  package init?(terminal: Terminal, assistant: LineAssistant = LineAssistant(), history: History = History()) {
    // Both streams live as long as the program: libedit keeps them.
    guard let nowhere = fopen("/dev/null", "w"), let editLine = editline_init("nabla", nowhere) else { return nil }
    self.terminal = terminal
    self.assistant = assistant
    self.history = history
    self.editLine = editLine
    // The only unmanaged reference: libedit hands it back to the C functions below, only while a call of read(_:) is running
    // and so while this object is alive.
    _ = editline_set_client(editLine, Unmanaged.passUnretained(self).toOpaque())
    _ = editline_set_output(editLine, nowhere)
    _ = editline_set_terminal(editLine, "dumb")
    _ = editline_set_editor(editLine, "emacs")
    _ = editline_set_prompt(editLine) { _ in LineEditor.noPrompt }
    addFunctions()
    bindKeys()
    _ = el_source(editLine, nil)
    // `bind -v` in ~/.editrc has replaced the whole key map.
    if isVi { bindKeys() }
    _ = editline_set_reader(editLine) { editLine, character in LineEditor.of(editLine).readCharacter(character) }
  }

  deinit { el_end(editLine) }

  /// The editor behind libedit's handle.
  static func of(_ editLine: OpaquePointer) -> LineEditor {
    Unmanaged<LineEditor>.fromOpaque(editline_client(editLine)!).takeUnretainedValue()
  }

  /// An empty prompt that lives for ever, since libedit keeps the pointer.
  private nonisolated(unsafe) static let noPrompt: UnsafeMutablePointer<wchar_t>? = {
    let empty = UnsafeMutablePointer<wchar_t>.allocate(capacity: 1)
    empty.initialize(to: 0)
    return empty
  }()

  /// Whether vi's keys are on (`bind -v` in ~/.editrc).
  var isVi: Bool { editline_editor(editLine).map { String(cString: $0) } == "vi" }

  /// Reads one block. The terminal is as before when this returns.
  package func read(_ prompt: Prompt = Prompt()) -> Reading {
    if Signals.isTerminating { return .end }
    begin(prompt)
    Signals.holdSuspension()
    // Raw before the prompt is seen: a Ctrl-D in between would be lost.
    prepareTerminal(true)
    if !terminal.isDumb { Terminal.write("\u{1B}[?2004h") }
    var count: Int32 = 0
    let line = el_wgets(editLine, &count)
    if !terminal.isDumb { Terminal.write("\u{1B}[?2004l") }
    prepareTerminal(false)
    Signals.releaseSuspension()

    if isInterrupted {
      Interrupt.clear()
      return .interrupted
    }
    if let accepted { return .text(accepted) }
    // A key bound to libedit's own ed-newline.
    if let line, count > 0 {
      finishPainting(Array(UnsafeBufferPointer(start: line, count: Int(count)).map(Self.scalar).prefix { $0 != "\n" }))
      return .text(
        Self.string(UnsafeBufferPointer(start: line, count: Int(count)).map(Self.scalar).prefix { $0 != "\n" }))
    }
    if !Signals.isTerminating { Terminal.write("\r\n") }
    return .end
  }

  /// Everything a reading begins without.
  private func begin(_ prompt: Prompt) {
    self.prompt = prompt
    decoder.isVi = isVi
    queue = []
    accepted = nil
    isInterrupted = false
    insertion = ""
    hint = ""
    listing = nil
    search = nil
    walk = nil
    undo = UndoStack()
    lastCursor = 0
    screen.forget()
    dumbScreen = DumbScreen()
    firstVisibleRow = 0
  }

  /// Switches the terminal to editing and back.
  func prepareTerminal(_ isEditing: Bool) { _ = editline_set_int(editLine, EL_PREP_TERM, isEditing ? 1 : 0) }
}
