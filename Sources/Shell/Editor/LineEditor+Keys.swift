import CEditLine

extension LineEditor {
  /// Keys that have no character of their own travel through libedit as C1 codes, which no keyboard sends in UTF-8.
  enum Code {
    static let tab: wchar_t = 0x09
    static let insert: wchar_t = 0x81
    static let escape: wchar_t = 0x82
    static let ignore: wchar_t = 0x83
    static let killRow: wchar_t = 0x84
    static let restoreTail: wchar_t = 0x85
    static let enter: wchar_t = 0x86

    static func of(_ name: KeyDecoder.Name) -> wchar_t {
      switch name {
      case .up: 0x87
      case .down: 0x88
      case .left: 0x89
      case .right: 0x8A
      case .home: 0x8B
      case .end: 0x8C
      case .delete: 0x8D
      case .wordLeft: 0x8E
      case .wordRight: 0x8F
      case .newline: 0x90
      case .deleteWordLeft: 0x91
      case .deleteWordRight: 0x92
      case .pageUp: 0x93
      case .pageDown: 0x94
      }
    }
  }

  private static let done = UInt8(CC_REFRESH)

  /// Our own functions, by names that `~/.editrc` may bind.
  func addFunctions() {
    func add(_ name: String, _ help: String, _ function: @escaping el_edit_function) {
      _ = editline_add_function(editLine, "nabla-" + name, help, function)
    }
    add("enter", "Accept the text, or go on while a bracket is open") { line, _ in
      LineEditor.of(line).enter() ? UInt8(CC_NEWLINE) : LineEditor.done
    }
    add("newline", "Begin a new line") { line, _ in
      LineEditor.of(line).beginLine()
      return LineEditor.done
    }
    add("complete", "Complete, or list what could be meant") { line, _ in
      LineEditor.of(line).complete()
      return LineEditor.done
    }
    add("search", "Search the history") { line, _ in
      switch LineEditor.of(line).searchHistory() {
      case .edit: LineEditor.done
      case .accept: UInt8(CC_NEWLINE)
      case .end: UInt8(CC_NORM)
      }
    }
    add("up", "Line above, or the entry before that begins like this") { line, _ in
      LineEditor.of(line).moveVertically(-1)
      return LineEditor.done
    }
    add("down", "Line below, or the entry after") { line, _ in
      LineEditor.of(line).moveVertically(1)
      return LineEditor.done
    }
    add("right", "Next character, or take the hint") { line, _ in
      LineEditor.of(line).moveRight()
      return LineEditor.done
    }
    add("next-word", "Next word, or take one of the hint") { line, _ in
      LineEditor.of(line).moveWordRight()
      return LineEditor.done
    }
    add("line-start", "Start of the line") { line, _ in
      LineEditor.of(line).moveToLineStart()
      return LineEditor.done
    }
    add("line-end", "End of the line, or take the hint") { line, _ in
      LineEditor.of(line).moveToLineEnd()
      return LineEditor.done
    }
    add("kill-line", "Cut to the end of the line") { line, _ in
      LineEditor.of(line).killLine()
      return LineEditor.done
    }
    add("restore", "Put back what kill-line set aside") { line, _ in
      LineEditor.of(line).restoreTail()
      return LineEditor.done
    }
    add("insert", "Insert what was pasted") { line, _ in
      LineEditor.of(line).insertPending()
      return LineEditor.done
    }
    add("close", "Type a closing bracket, at a line's beginning as far left as its line began") { line, character in
      LineEditor.of(line).typeClosing(Unicode.Scalar(UInt32(character)) ?? "}")
      return LineEditor.done
    }
    add("delete", "Delete a character, or end the session on an empty line") { line, _ in
      LineEditor.of(line).deleteOrEnd() ? UInt8(CC_EOF) : LineEditor.done
    }
    add("undo", "Undo") { line, _ in
      LineEditor.of(line).undoChange()
      return LineEditor.done
    }
    add("clear", "Clear the screen") { line, _ in
      LineEditor.of(line).clearScreen()
      return LineEditor.done
    }
    add("nothing", "Nothing") { _, _ in UInt8(CC_NORM) }
  }

  /// Binds the keys in both maps; the alternative one is vi's command mode.
  func bindKeys() {
    func bind(_ key: String, _ command: String) { _ = editline_bind(editLine, key, command) }
    func bindAlternative(_ key: String, _ command: String) { _ = editline_bind_alternative(editLine, key, command) }
    func octal(_ code: wchar_t) -> String { "\\" + String(code, radix: 8) }
    let shared: [(String, String)] = [
      (octal(Code.insert), "nabla-insert"), (octal(Code.ignore), "nabla-nothing"),
      (octal(Code.killRow), "ed-kill-line"), (octal(Code.restoreTail), "nabla-restore"),
      (octal(Code.enter), "nabla-enter"),
      (octal(Code.of(.up)), "nabla-up"), (octal(Code.of(.down)), "nabla-down"),
      (octal(Code.of(.left)), "ed-prev-char"), (octal(Code.of(.right)), "nabla-right"),
      (octal(Code.of(.home)), "nabla-line-start"), (octal(Code.of(.end)), "nabla-line-end"),
      (octal(Code.of(.delete)), "ed-delete-next-char"), (octal(Code.of(.wordLeft)), "ed-prev-word"),
      (octal(Code.of(.wordRight)), "nabla-next-word"), (octal(Code.of(.newline)), "nabla-newline"),
      (octal(Code.of(.deleteWordLeft)), "ed-delete-prev-word"),
      (octal(Code.of(.deleteWordRight)), "em-delete-next-word"),
      (octal(Code.of(.pageUp)), "nabla-up"), (octal(Code.of(.pageDown)), "nabla-down"),
      ("^J", "nabla-enter"), ("^M", "nabla-enter"), ("^D", "nabla-delete"), ("^R", "nabla-search"),
      ("^L", "nabla-clear"), ("^N", "nabla-down"), ("^P", "nabla-up"),
    ]
    for (key, command) in shared {
      bind(key, command)
      bindAlternative(key, command)
    }
    for bracket in [")", "]", "}"] { bind(bracket, "nabla-close") }
    bind("^I", "nabla-complete")
    bind("^W", "ed-delete-prev-word")
    bind("^_", "nabla-undo")
    guard isVi else {
      bind("^A", "nabla-line-start")
      bind("^E", "nabla-line-end")
      bind("^F", "nabla-right")
      bind("^K", "nabla-kill-line")
      bind("^Xu", "nabla-undo")
      bind("^X^U", "nabla-undo")
      bind("\\ef", "nabla-next-word")
      bind("\\ep", "nabla-up")
      bind("\\en", "nabla-down")
      return
    }
    bind(octal(Code.escape), "vi-command-mode")
    bindAlternative(octal(Code.escape), "nabla-nothing")
    bindAlternative("k", "nabla-up")
    bindAlternative("j", "nabla-down")
    bindAlternative("/", "nabla-search")
    bindAlternative("?", "nabla-search")
  }
}
