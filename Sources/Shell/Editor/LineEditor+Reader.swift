import CEditLine
import KernelInterface

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The reader that libedit calls for each character.
extension LineEditor {
  /// Milliseconds after which a lone Escape is a key.
  private static let escapeTime: Int32 = 40

  /// Gives libedit the next character: 1, or 0 at the end of the input, or -1 when a signal ends the reading.
  func readCharacter(_ target: UnsafeMutablePointer<wchar_t>) -> Int32 {
    if !queue.isEmpty {
      target.pointee = queue.removeFirst()
      return 1
    }
    snapCursor()
    undo.note(scalars, cursor: cursor)
    lastCursor = cursor
    if decoder.isEmpty { paint() }
    var isFinal = false
    while true {
      while let key = decoder.next(isFinal: isFinal) {
        guard let code = code(of: key) else { continue }
        if listing != nil, code != Code.tab { listing = nil }
        target.pointee = code
        return 1
      }
      switch wait(milliseconds: decoder.isEmpty || decoder.isPasting ? -1 : Self.escapeTime) {
      case .input: isFinal = false
      case .silence: isFinal = true
      case .end: return 0
      case .stop: return -1
      }
    }
  }

  private enum Event { case input, silence, end, stop }

  /// Waits for bytes or a signal, and answers the signals that do not end the reading.
  private func wait(milliseconds: Int32) -> Event {
    while true {
      var sources = [
        pollfd(fd: 0, events: Int16(POLLIN), revents: 0),
        pollfd(fd: Signals.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&sources, 2, milliseconds)
      if count < 0, errno != EINTR { return .end }
      if answerSignals() { return .stop }
      if count == 0 { return .silence }
      guard count > 0, sources[0].revents != 0 else { continue }
      var bytes = [UInt8](repeating: 0, count: 4096)
      let length = Self.read(&bytes)
      if length > 0 {
        decoder.feed(bytes[..<length])
        return .input
      }
      if length < 0, errno == EINTR || errno == EAGAIN { continue }
      return .end
    }
  }

  private static func read(_ bytes: inout [UInt8]) -> Int {
    #if canImport(Glibc)
      Glibc.read(0, &bytes, bytes.count)
    #else
      Darwin.read(0, &bytes, bytes.count)
    #endif
  }

  /// Does what the signals that arrived ask for; true when the reading is over.
  private func answerSignals() -> Bool {
    let pending = Signals.take()
    if pending.contains(.terminate) {
      leavePainting(mark: "")
      isInterrupted = false
      return true
    }
    if pending.contains(.interrupt) {
      leavePainting(mark: "^C")
      isInterrupted = true
      return true
    }
    if pending.contains(.suspend) {
      leavePainting(mark: "")
      if !terminal.isDumb { Terminal.write("\u{1B}[?2004l") }
      prepareTerminal(false)
      Signals.suspend()
      resume()
    } else if pending.contains(.resume) {
      resume()
    }
    if pending.contains(.resize) {
      el_resize(editLine)
      if !terminal.isDumb { Terminal.write(screen.eraseAfterResize(columns: terminal.size.columns)) }
      paint()
    }
    return false
  }

  /// The terminal may have been used by others: set it up again and paint afresh.
  private func resume() {
    prepareTerminal(false)
    prepareTerminal(true)
    if !terminal.isDumb { Terminal.write("\u{1B}[?2004h") }
    screen.forget()
    dumbScreen = DumbScreen()
    paint()
  }

  /// Keeps the cursor off the middle of a character: it goes on in the direction in which it came.
  private func snapCursor() {
    let scalars = scalars
    var position = cursor
    guard position != lastCursor else { return }
    let step = position < lastCursor ? -1 : 1
    while position > 0, position < scalars.count, scalars[position] != "\n", Layout.width(of: scalars[position]) == 0 {
      position += step
    }
    if position != cursor { cursor = position }
  }

  /// The character that stands for `key` in libedit's key maps; nil when the key means nothing.
  private func code(of key: KeyDecoder.Key) -> wchar_t? {
    switch key {
    case .scalar(let scalar):
      // libedit's quick way of typing a character miscounts marks; C1 codes are ours.
      if (0x80..<0xA0).contains(scalar.value) { return nil }
      if scalar.value > 0x7F {
        insertion = String(Character(scalar))
        return isVi ? wchar_t(bitPattern: scalar.value) : Code.insert
      }
      return wchar_t(bitPattern: scalar.value)
    case .meta(let scalar):
      queue.append(wchar_t(bitPattern: scalar.value))
      return 0x1B
    case .escape: return isVi ? Code.escape : Code.ignore
    case .paste(let text):
      insertion = Self.pasted(text)
      return insertion.isEmpty ? nil : Code.insert
    case .named(let name): return Code.of(name)
    case .unknown: return nil
    }
  }
}
