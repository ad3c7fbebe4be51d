import KernelInterface

/// The read–answer–print loop: reads statements from a terminal or a pipe and hands each to whoever answers.
package struct Shell: ~Copyable {
  /// Answers one statement, in text to print; nil ends the session.
  package typealias Responder = (_ text: String) -> String?

  private let terminal: Terminal
  private let assistant: LineAssistant
  private let respond: Responder

  package init(terminal: Terminal = .standard(), assistant: LineAssistant, respond: @escaping Responder) {
    self.terminal = terminal
    self.assistant = assistant
    self.respond = respond
  }

  /// Runs until the input ends; gives the exit status.
  package func run() -> Int32 {
    Signals.install()
    guard terminal.isInteractive,
      let editor = LineEditor(
        terminal: terminal, assistant: assistant, history: History(file: HistoryFile.standard()))
    else { return runScript() }
    while true {
      switch editor.read() {
      case .interrupted: continue
      case .end: return Signals.isTerminating ? 143 : 0
      case .text(let text):
        if let notice = editor.history.add(text) { Terminal.write(notice + "\n") }
        if text.isEmpty { continue }
        guard let answer = respond(text) else { return 0 }
        Terminal.write(answer)
        Interrupt.clear()
      }
    }
  }

  /// Standard input is no terminal: no prompt, no colour.
  private func runScript() -> Int32 {
    var source = LineSource()
    var pending = ""
    while let line = source.next() {
      pending += (pending.isEmpty ? "" : "\n") + String(decoding: line, as: UTF8.self)
      if assistant.isIncomplete(pending) { continue }
      guard let answer = respond(pending) else { return 0 }
      Terminal.write(answer)
      pending = ""
    }
    if !pending.isEmpty, let answer = respond(pending) { Terminal.write(answer) }
    return Signals.isTerminating ? 143 : Interrupt.isRequested ? 130 : 0
  }
}
