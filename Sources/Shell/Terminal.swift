#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is known of the terminal the program talks to.
package struct Terminal: Sendable {
  /// Whether both ends are a terminal; otherwise no prompt, no colour, no line editor.
  package var isInteractive: Bool
  /// Whether it understands nothing but text, carriage return and backspace.
  package var isDumb: Bool
  /// Whether colour is wanted and possible (`NO_COLOR`, `TERM`).
  package var hasColor: Bool
  /// Whether the user's locale is UTF-8; ``prepareLocale()`` makes the C library's so in any case.
  package var isUTF8: Bool

  package init(isInteractive: Bool, isDumb: Bool = false, hasColor: Bool = true, isUTF8: Bool = true) {
    self.isInteractive = isInteractive
    self.isDumb = isDumb
    self.hasColor = hasColor
    self.isUTF8 = isUTF8
  }

  /// The terminal on standard input and output.
  package static func standard() -> Terminal {
    let isUTF8 = prepareLocale()
    let name = variable("TERM") ?? ""
    let isDumb = name.isEmpty || name == "dumb" || name == "emacs"
    return Terminal(
      // An Emacs shell buffer edits its lines itself.
      isInteractive: isatty(0) == 1 && isatty(1) == 1, isDumb: isDumb,
      hasColor: !isDumb && (variable("NO_COLOR") ?? "").isEmpty, isUTF8: isUTF8)
  }

  /// Whether what is written goes to a terminal.
  package static var writesToTerminal: Bool { isatty(1) == 1 }

  /// An environment variable.
  package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Makes the C library read and measure characters as UTF-8, and nothing else: numbers keep their point.
  ///
  /// Returns whether the user's own locale was UTF-8.
  @discardableResult
  package static func prepareLocale() -> Bool {
    setlocale(LC_CTYPE, "")
    if let codes = nl_langinfo(nl_item(CODESET)), String(cString: codes) == "UTF-8" { return true }
    for name in ["C.UTF-8", "en_US.UTF-8", "UTF-8"] where setlocale(LC_CTYPE, name) != nil { break }
    return false
  }

  /// Rows and columns now; 24 by 80 when the terminal does not say.
  package var size: (rows: Int, columns: Int) {
    var window = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return (24, 80) }
    return (max(2, Int(window.ws_row)), max(8, Int(window.ws_col)))
  }

  /// Writes all of `text` to standard output, past stdio.
  package static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard var next = bytes.baseAddress else { return }
      let end = next + bytes.count
      while next < end {
        #if canImport(Glibc)
          let count = Glibc.write(1, next, end - next)
        #else
          let count = Darwin.write(1, next, end - next)
        #endif
        if count > 0 {
          next += count
        } else if count < 0, errno == EAGAIN {
          var ready = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, -1)
        } else if count < 0, errno == EINTR {
          continue
        } else {
          return
        }
      }
    }
  }
}
